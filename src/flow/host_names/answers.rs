//! Which address had which name from when on.

use std::collections::HashMap;
use std::net::IpAddr;

use super::texts::NameId;
use crate::evidence::NameSource;
use crate::flow::ContextId;

/// A statement that an address has a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    /// The tunnels around the packet that says so: addresses in another network are others.
    pub(super) context: ContextId,
    pub(super) address: IpAddr,
    /// To whom it was said, where that is one host.
    pub(super) to: Option<IpAddr>,
    /// The number of the packet that says so, from 0.
    pub(super) packet: u64,
    pub(super) name: NameId,
    pub(super) source: NameSource,
}

/// Whose name is asked for, of whom, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Subject {
    context: ContextId,
    address: IpAddr,
    to: Option<IpAddr>,
    source: NameSource,
}

/// All statements, those that repeat the one before them left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    all: Vec<Answer>,
    /// The packets and the names of each subject, in the order of packets.
    of: HashMap<Subject, Vec<(u64, NameId)>, foldhash::fast::RandomState>,
}

impl Answers {
    /// Adds a statement of the newest packet; `false` where there are `most` already, and it says something new.
    pub(super) fn push(&mut self, answer: Answer, most: usize) -> bool {
        let Answer { context, address, to, packet, name, source } = answer;
        let anyone = Subject { context, address, to: None, source };
        let is_new = |list: &Vec<(u64, NameId)>| {
            let at = list.partition_point(|(other, _)| *other <= packet);
            at.checked_sub(1).and_then(|at| list.get(at)).is_none_or(|(_, known)| *known != name)
        };
        let subjects = [Some(anyone), to.map(|to| Subject { to: Some(to), ..anyone })];
        let is_told = |subject: &Subject| self.of.get(subject).is_none_or(is_new);
        if !subjects.iter().flatten().any(is_told) {
            return true;
        }
        if self.all.len() >= most {
            return false;
        }
        self.all.push(answer);
        for subject in subjects.into_iter().flatten() {
            let list = self.of.entry(subject).or_default();
            if is_new(list) {
                let at = list.partition_point(|(other, _)| *other <= packet);
                list.insert(at, (packet, name));
            }
        }
        true
    }

    /// The name that a source gives an address in the newest statement up to a packet: to a host, where it is told of
    /// one, or else to anyone.
    pub(super) fn in_force(
        &self,
        context: ContextId,
        address: IpAddr,
        to: Option<IpAddr>,
        source: NameSource,
        packet: u64,
    ) -> Option<NameId> {
        let newest = |to| {
            let list = self.of.get(&Subject { context, address, to, source })?;
            let at = list.partition_point(|(other, _)| *other <= packet).checked_sub(1)?;
            list.get(at).map(|(_, name)| *name)
        };
        to.and_then(|to| newest(Some(to))).or_else(|| newest(None))
    }

    /// The statements, in the order in which they were added.
    pub(super) fn all(&self) -> &[Answer] {
        &self.all
    }

    /// Consumes the table and returns the statements, in the order in which they were added.
    pub(super) fn into_all(self) -> Vec<Answer> {
        self.all
    }
}
