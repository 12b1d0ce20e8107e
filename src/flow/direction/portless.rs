//! Flows of protocols without ports.

use super::{Basis, group};
use crate::flow::{Flow, Side};

/// Who has the place of the server. A group has it that is sent to, and of ICMP the end that answers. In
/// every other such flow no end is a server as far as can be seen: the one that sent second has the place.
pub(super) fn server(flow: &Flow) -> (Basis, Side) {
    if let Some(group) = group::group(flow) {
        (Basis::Multicast, group)
    } else if let Some(server) = flow.icmp_server() {
        (Basis::IcmpType, server)
    } else {
        (Basis::FirstPacket, Side::Second)
    }
}
