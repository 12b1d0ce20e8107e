//! The clients of a row by what they did.

use std::net::IpAddr;

use super::super::model::{Grade, InUse};
use super::port_uses::FlowGroup;

/// The clients of a row, each once, by their best grade; sorted.
#[derive(Clone, Debug, Default)]
pub struct ClientsByUse {
    /// Those that use it; of a group all that sent to it.
    pub in_use: Vec<IpAddr>,
    /// Those that perhaps use it.
    pub perhaps: Vec<IpAddr>,
    /// Those that were refused, or never answered.
    pub refused: Vec<IpAddr>,
    /// Those that only tried it as part of a scan.
    pub scanning: Vec<IpAddr>,
}

impl ClientsByUse {
    /// `groups` are sorted by client. What a client did besides its scan decides.
    pub(super) fn of(groups: &[FlowGroup]) -> ClientsByUse {
        let mut clients = ClientsByUse::default();
        for own in groups.chunk_by(|a, b| a.client == b.client) {
            let best = own.iter().filter(|group| !group.is_scan).map(|group| group.grade).max();
            let list = match best.map(|grade| (grade, grade.in_use())) {
                None => &mut clients.scanning,
                Some((Grade::Group, _) | (_, InUse::Yes)) => &mut clients.in_use,
                Some((_, InUse::Maybe)) => &mut clients.perhaps,
                Some((_, InUse::No)) => &mut clients.refused,
            };
            list.push(own[0].client);
        }
        clients
    }

    /// Those that use it, and those that perhaps do.
    pub(in crate::review) fn users(&self) -> impl Iterator<Item = IpAddr> {
        self.in_use.iter().chain(&self.perhaps).copied()
    }
}
