//! What the words of labels do not mean: the end of a sentence that begins with "It does not mean".

use crate::evidence::By;
use crate::flow::{Basis, Confidence, State};
use crate::label::{Agreement, ClearBy, Flag};
use crate::net::PortRange;
use crate::registry::Status;

pub(super) const fn of_flag(flag: Flag) -> &'static str {
    match flag {
        Flag::DynamicPort => {
            "that the traffic is unwanted: programs agree on such ports among themselves, as FTP and RPC do"
        }
        Flag::UnassignedPort => "that the traffic is unwanted: a port can be used without a registration",
        Flag::ReservedPort => {
            "that the port may not be used: reserved ports are only kept from being assigned"
        }
        Flag::WithdrawnPort => "that the service is gone: programs that used the port may still use it",
        Flag::OtherTransport => {
            "that the traffic is wrong: programs use transports that nobody has registered for them"
        }
        Flag::UnauthorizedUse | Flag::WidespreadUse => {
            "that this traffic is that use: the registry speaks of the port alone"
        }
        Flag::AmbiguousDirection => {
            "that the traffic is odd: what was captured does not suffice to tell the server"
        }
        Flag::ClientPortRegistered => {
            "that the client serves anything there: systems give clients registered ports by chance"
        }
        Flag::EvidenceContradicts => "that the traffic is hostile: any service can be set to any port",
        Flag::Cleartext => "that this flow was in the clear, nor that flows without the flag are encrypted",
        Flag::CleartextLogin => {
            "that a password was sent in this flow: how a client logs in is looked at in its first packets alone"
        }
        Flag::OneWay => "that nobody answered: answers may have taken a way that was not captured",
        Flag::Refused => "that a firewall refused it: a host without the service answers the same",
        Flag::MidStream => "that the connection was never opened: the capture may have begun later",
        Flag::OverlappingFragments => "that it is an attack: faulty devices send such fragments, too",
        Flag::TinyFragments => {
            "that it is an attack: a link for very small packets makes such fragments, too"
        }
    }
}

pub(super) const fn of_status(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Registered) => "that the traffic is that service, nor that it is wanted",
        Some(Status::Reserved) => "that the port may not be used: IANA only does not assign it",
        Some(Status::Withdrawn) => "that nothing uses the port any more",
        Some(Status::OtherTransport) => {
            "that the traffic is wrong: programs use transports that nobody has registered for them"
        }
        Some(Status::Unassigned) => "that the traffic is unwanted: a port can be used without a registration",
        Some(Status::Dynamic) => "that nothing serves there: programs agree on such ports among themselves",
        None => "that the protocol is unknown: it has a number of its own, and no ports to be registered",
    }
}

pub(super) const fn of_range(range: PortRange) -> &'static str {
    match range {
        PortRange::System => "that the service is to be trusted: privileges count on its own host alone",
        PortRange::User => "that a person uses the port: most services have such ports",
        PortRange::Dynamic => "that the port is a client's: services listen on such ports, too",
    }
}

pub(super) const fn of_state(state: State) -> &'static str {
    match state {
        State::S0 => {
            "that the server is down: a filter may have dropped the opening, or the answer was not captured"
        }
        State::S1 => "that the connection is still open: its end may not have been captured",
        State::Sf => "that what was asked was done: it was opened and closed in order, no more",
        State::Rej => "that the service does not run: a filter may have refused in its place",
        State::S2 => "that the server kept it open: its close may not have been captured",
        State::S3 => "that the client kept it open: its close may not have been captured",
        State::Rsto => "that something failed: many clients end their connections with a reset",
        State::Rstr => "that something failed: many servers end their connections with a reset",
        State::Rstos0 => "that the server is down: its answer may not have been captured",
        State::Rstrh => "that nobody opened: the client's packets may have taken another way",
        State::Sh => "that the server is down: its packets may have taken another way",
        State::Shr => "that nobody asked: the client's packets may have taken another way",
        State::Oth => "that the traffic is odd: the capture may hold only a part of it",
    }
}

pub(super) const fn of_agreement(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Confirms => {
            "that it is that service: only the first octets are looked at, and others may begin so"
        }
        Agreement::Compatible => "that the two agree: it is left open",
        Agreement::Contradicts => "that the traffic is hostile: any service can be set to any port",
        Agreement::Silent => "that the registered service is not there: not every protocol is recognised",
        Agreement::NotCaptured => "that none was sent: the capture may be cut short",
    }
}

pub(super) const fn of_clear_by(by: ClearBy) -> &'static str {
    match by {
        ClearBy::Payload => "that all of it is: only the first octets are looked at",
        ClearBy::Registration => "that this flow is that service: any service can be set to any port",
    }
}

pub(super) const fn of_observed_by(by: By) -> &'static str {
    match by {
        By::Client => "that the server speaks it, too: it may have answered otherwise, or not at all",
        By::Server => "that the client speaks it, too: it may have asked for something else",
        By::Both => "that the rest is that protocol: only the first octets are looked at",
    }
}

pub(super) const fn of_basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Handshake => {
            "that the server provides what is registered: it was asked for a connection, no more"
        }
        Basis::Continuation => "that this flow has an opening: an earlier one of the same connection has it",
        Basis::Multicast => "that anybody in the group listens",
        Basis::IcmpType => "that the end provides a service: it was asked, or it answered",
        Basis::Pair => "that it is that service: only the numbers of the two ports were looked at",
        Basis::Payload => "that all payload was read: only the first octets are looked at",
        Basis::Ephemeral => "that the opening was seen: services can be set to such ports, too",
        Basis::Endpoint => "that the opening was seen: it is inferred from other flows",
        Basis::LocalName => "that the name is right: it comes from a file of the network's own names",
        Basis::Registered => {
            "that the registered port is the server's: systems give clients registered ports by chance"
        }
        Basis::Range => "that the lower range is the server's: it is a guess",
        Basis::FirstPacket => "that the sender asked: the capture may begin with an answer",
    }
}

pub(super) const fn of_confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => {
            "that it is always right: it was in at least 99 of 100 flows whose server is known"
        }
        Confidence::Medium => "that the flow itself shows the server",
        Confidence::Low => "that it is wrong: a guess may be right",
    }
}
