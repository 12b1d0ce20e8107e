//! Which flags a flow has.

use super::{Agreement, Flag, Flags, Label};
use crate::flow::{self, Basis, Confidence, Flow};
use crate::net::PortRange;
use crate::registry::{Answer, Status};
use crate::services::{self, Sends};

impl Label<'_> {
    /// The flags of the flow that this is the label of.
    pub(super) fn flags_of(&self, flow: &Flow) -> Flags {
        let mut flags = Flags::default();
        let client_side = self.direction.server.other();
        for (flag, holds) in [
            (Flag::OneWay, self.lacks_an_answer(flow)),
            (Flag::Refused, flow.is_refused(client_side)),
            (Flag::MidStream, flow.has_handshake() && flow.opened_by().is_none()),
            (Flag::OverlappingFragments, flow.has_overlapping_fragments()),
            (Flag::TinyFragments, flow.has_tiny_fragments()),
        ] {
            if holds {
                flags.set(flag);
            }
        }
        if let (Some(server), Some(client)) = (&self.server, &self.client) {
            self.set_flags_of_ports(&mut flags, server, client);
        }
        flags
    }

    /// Sets the flags that are about the two ports. Without ports no end is a server, and none a guess.
    fn set_flags_of_ports(&self, flags: &mut Flags, server: &Answer, client: &Answer) {
        let status = server.status();
        // Most reserved rows hold back the unused transport of a port that has a service on another:
        // that is one fact.
        let elsewhere = || server.other_transports().next().is_some();
        match status {
            Status::Registered => {}
            Status::Dynamic => flags.set(Flag::DynamicPort),
            Status::Reserved | Status::Unassigned if elsewhere() => flags.set(Flag::OtherTransport),
            Status::Unassigned => flags.set(Flag::UnassignedPort),
            Status::Reserved => flags.set(Flag::ReservedPort),
            Status::Withdrawn => flags.set(Flag::WithdrawnPort),
            Status::OtherTransport => flags.set(Flag::OtherTransport),
        }
        let same_port = server.port() == client.port();
        let guessed = self.direction.confidence == Confidence::Low;
        for (flag, holds) in [
            (Flag::OtherTransport, status == Status::Withdrawn && elsewhere()),
            (Flag::UnauthorizedUse, server.unauthorized_use().is_some()),
            (Flag::WidespreadUse, server.widespread_use().is_some()),
            (Flag::AmbiguousDirection, guessed && !same_port),
            (Flag::ClientPortRegistered, !same_port && self.may_mislead_by_client_port(server, client)),
            (Flag::EvidenceContradicts, self.is_contradicted()),
            (Flag::Cleartext, self.cleartext().is_some()),
            (
                Flag::CleartextLogin,
                self.in_the_clear().is_some_and(|clear| clear.sends() == Sends::CredentialsAndContent),
            ),
        ] {
            if holds {
                flags.set(flag);
            }
        }
    }

    /// Whether only one side was seen, and the other was to be expected: not from a group, nor from who
    /// takes what is never answered. Of protocols without ports only a question of ICMP is sure to be
    /// answered, and an answer to have been asked for.
    fn lacks_an_answer(&self, flow: &Flow) -> bool {
        if !flow.is_one_way() || flow::group(flow).is_some() {
            return false;
        }
        let (Some(server), Some(client)) = (&self.server, &self.client) else {
            return self.direction.basis == Basis::IcmpType;
        };
        let is_export = |answer: &Answer| services::is_one_way(answer.transport(), answer.port());
        !is_export(server)
            // From the exporter's own port to a collector on one of its choice.
            && (self.service().is_some() || !is_export(client))
    }

    /// Whether the name of the client's port may be taken for that of the flow: the server is not sure,
    /// or its port has no name and the client's is one that no client is given by chance.
    fn may_mislead_by_client_port(&self, server: &Answer, client: &Answer) -> bool {
        let is_chosen = client.range() == PortRange::System;
        client.status() == Status::Registered
            && (self.direction.confidence != Confidence::High
                || is_chosen && server.status() != Status::Registered)
    }

    fn is_contradicted(&self) -> bool {
        self.agreement == Some(Agreement::Contradicts)
    }
}
