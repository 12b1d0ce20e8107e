//! Which flags a flow has.

use super::{Flag, Flags, Label, contradiction};
use crate::flow::{Confidence, Flow};
use crate::registry::Status;

impl Label<'_> {
    /// The flags of the flow that this is the label of.
    pub(super) fn flags_of(&self, flow: &Flow) -> Flags {
        let mut flags = Flags::default();
        let client_side = self.direction.server.other();
        let status = self.server.status();
        match status {
            Status::Registered => {}
            Status::Dynamic => flags.set(Flag::DynamicPort),
            Status::Unassigned => flags.set(Flag::UnassignedPort),
            Status::Reserved => flags.set(Flag::ReservedPort),
            Status::Withdrawn => flags.set(Flag::WithdrawnPort),
            Status::OtherTransport => flags.set(Flag::OtherTransport),
        }
        let same_port = self.server.port() == self.client.port();
        let elsewhere = matches!(status, Status::Reserved | Status::Withdrawn | Status::Unassigned)
            && self.server.other_transports().next().is_some();
        let guessed = self.direction.confidence == Confidence::Low;
        for (flag, holds) in [
            (Flag::OtherTransport, elsewhere),
            (Flag::UnauthorizedUse, self.server.unauthorized_use().is_some()),
            (Flag::WidespreadUse, self.server.widespread_use().is_some()),
            (Flag::AmbiguousDirection, guessed && !same_port),
            (Flag::ClientPortRegistered, !same_port && self.client.status() == Status::Registered),
            (Flag::EvidenceContradicts, self.is_contradicted()),
            (Flag::Cleartext, self.cleartext().is_some()),
            (Flag::OneWay, flow.is_one_way()),
            (Flag::Refused, flow.is_refused(client_side)),
            (Flag::MidStream, flow.transport().has_handshake() && flow.opened_by().is_none()),
            (Flag::OverlappingFragments, flow.has_overlapping_fragments()),
            (Flag::TinyFragments, flow.has_tiny_fragments()),
        ] {
            if holds {
                flags.set(flag);
            }
        }
        flags
    }

    fn is_contradicted(&self) -> bool {
        self.spoken().is_some_and(|spoken| {
            contradiction::contradicts(spoken, self.service().into_iter().chain(self.aliases()))
        })
    }
}
