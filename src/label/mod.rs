//! What the registry says of a flow: a name, a status, flags, each with its reason.
//!
//! A label says "registered as", never "is". Nothing here calls traffic good because its port is
//! registered, nor bad because it is not.

mod contradiction;
mod flags;

use std::borrow::Cow;

pub use flags::{Flag, Flags, UnknownFlag};

use crate::evidence::Spoken;
use crate::flow::{Basis, Confidence, Direction, Endpoints, Ephemeral, Flow, Side, State, Votes};
use crate::net::PortRange;
use crate::registry::{self, Answer, Registry, Row, Status};
use crate::services::{self, Insecure, Sends};

/// What there is to say about one flow.
#[derive(Clone, Copy, Debug)]
pub struct Label<'r> {
    /// Which side is the server, and why.
    pub direction: Direction,
    /// How the flow began and ended.
    pub state: State,
    /// What should catch the eye.
    pub flags: Flags,
    /// What the registry says of the server's port.
    pub server: Answer<'r>,
    /// What the registry says of the client's port.
    pub client: Answer<'r>,
    /// The name registered for the server's port, which is asked for often.
    service: Option<&'r str>,
    service_code: Option<u32>,
    /// What the payload shows.
    spoken: Option<Spoken>,
}

/// Makes labels: the registry, and what is known of the whole traffic.
pub struct Labeller<'r> {
    registry: &'r Registry,
    endpoints: Endpoints,
    ephemeral: Ephemeral,
}

impl<'r> Labeller<'r> {
    /// A labeller for the flows that `endpoints` was made from.
    pub fn new(registry: &'r Registry, endpoints: Endpoints, ephemeral: Ephemeral) -> Labeller<'r> {
        Labeller { registry, endpoints, ephemeral }
    }

    /// What the ends of the flows were seen to do.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What each basis says about which side is the server.
    pub fn votes(&self, flow: &Flow) -> Votes {
        Votes::of(flow, &self.endpoints, &self.ephemeral, |transport, port| {
            self.registry.port(transport, port).status() == Status::Registered
        })
    }

    /// The label of a flow.
    pub fn label(&self, flow: &Flow) -> Label<'r> {
        let direction = self.endpoints.stronger(flow, &self.ephemeral);
        self.label_by(flow, direction.unwrap_or_else(|| self.votes(flow).decide()))
    }

    /// The label of a flow whose server is known.
    pub fn label_by(&self, flow: &Flow, direction: Direction) -> Label<'r> {
        let client_side = direction.server.other();
        let answer = |side: Side| self.registry.port(flow.transport(), flow.end(side).port);
        let server = answer(direction.server);
        let mut label = Label {
            direction,
            state: State::of(flow, client_side),
            flags: Flags::default(),
            server,
            client: answer(client_side),
            service: server.service(),
            service_code: flow.service_code(),
            spoken: flow.spoken(direction.server),
        };
        label.flags = label.flags_of(flow);
        label
    }
}

impl<'r> Label<'r> {
    fn flags_of(&self, flow: &Flow) -> Flags {
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
        let both_registered = status == Status::Registered && self.client.status() == Status::Registered;
        // Low confidence is a guess; between two registered ports an ephemeral range is no proof
        // either.
        let guessed = self.direction.confidence == Confidence::Low
            || self.direction.basis == Basis::Ephemeral && both_registered;
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
        self.spoken.is_some_and(|spoken| {
            contradiction::contradicts(spoken, self.service.into_iter().chain(self.aliases()))
        })
    }

    /// The protocol that the first payload shows, where it was looked at and is plain to see.
    pub fn spoken(&self) -> Option<Spoken> {
        self.spoken
    }

    /// The name that is registered for the server's port and transport.
    pub fn service(&self) -> Option<&'r str> {
        self.service
    }

    /// The other names registered for it.
    pub fn aliases(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        self.server.aliases()
    }

    /// What the registry says of the server's port and transport, in one word.
    pub fn status(&self) -> Status {
        self.server.status()
    }

    /// The range the server's port lies in.
    pub fn port_range(&self) -> PortRange {
        self.server.range()
    }

    /// The description of the registered service; where none is registered for this transport,
    /// what the registry says instead, and for which transport it has a service.
    pub fn description(&self) -> Option<Cow<'r, str>> {
        let own = self.server.primary().map(Row::description).filter(|text| !text.is_empty());
        if self.status() == Status::Registered {
            return own.map(one_line);
        }
        let elsewhere = self.registered_elsewhere();
        match (own, elsewhere) {
            (Some(own), Some(elsewhere)) => Some(Cow::Owned(format!("{}; {elsewhere}", one_line(own)))),
            (Some(own), None) => Some(one_line(own)),
            (None, elsewhere) => elsewhere.map(Cow::Owned),
        }
    }

    /// "registered as ceph for tcp", where the port is registered for another transport.
    fn registered_elsewhere(&self) -> Option<String> {
        let mut text = String::new();
        for answer in self.server.other_transports() {
            let name = answer.service().unwrap_or("(no name)");
            let transport = answer.transport();
            if text.is_empty() {
                text = format!("registered as {name} for {transport}");
            } else if text.contains(&format!("as {name} for")) {
                text = format!("{text} and {transport}");
            } else {
                text = format!("{text}, as {name} for {transport}");
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// Why what is sent to this service can be read by everybody on the way.
    pub fn cleartext(&self) -> Option<&'static Insecure> {
        self.service().and_then(services::cleartext)
    }

    /// The name registered for the client's port, where it is shown beside the server's: the
    /// direction is a guess, or other tools may show that name.
    pub fn client_service(&self) -> Option<&'r str> {
        let shown = self.flags.has(Flag::ClientPortRegistered) || self.flags.has(Flag::AmbiguousDirection);
        self.client.service().filter(|_| shown)
    }

    /// The DCCP Service Code, with the name registered for it where there is one.
    pub fn service_code(&self) -> Option<String> {
        let code = self.service_code?;
        let letters: String = code.to_be_bytes().iter().map(|&b| char::from(b)).collect();
        let shown = if letters.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            format!("SC:{}", letters.trim_end())
        } else {
            format!("SC={code}")
        };
        let row = self.server.registry().service_code(code).next();
        Some(match row.map(Row::service_name) {
            Some(name) => format!("{shown} (registered as {name})"),
            None => shown,
        })
    }

    /// What each flag means for this flow, in the order of the flags.
    pub fn notes(&self) -> impl Iterator<Item = (Flag, Cow<'static, str>)> + '_ {
        self.flags.iter().map(|flag| (flag, self.note(flag)))
    }

    fn note(&self, flag: Flag) -> Cow<'static, str> {
        let (port, transport) = (self.server.port(), self.server.transport());
        let client_port = self.client.port();
        let noted = |row: Option<Row>, column: registry::Column| {
            row.map_or(String::new(), |row| one_line(row.cell(column)).into_owned())
        };
        match flag {
            Flag::OtherTransport => match self.registered_elsewhere() {
                Some(elsewhere) => format!("port {port} has no service for {transport}; {elsewhere}").into(),
                None => flag.meaning().into(),
            },
            Flag::UnauthorizedUse => format!(
                "the registry notes: {}",
                noted(self.server.unauthorized_use(), registry::Column::UnauthorizedUse)
            )
            .into(),
            Flag::WidespreadUse => format!(
                "the registry notes: {}",
                noted(self.server.widespread_use(), registry::Column::AssignmentNotes)
            )
            .into(),
            Flag::AmbiguousDirection => {
                let named = |answer: &Answer| match answer.service() {
                    Some(name) => format!("{}/{transport} registered as {name}", answer.port()),
                    None => format!("{}/{transport} {}", answer.port(), answer.status()),
                };
                format!("the server is a guess: {}, or {}", named(&self.server), named(&self.client)).into()
            }
            Flag::ClientPortRegistered => match self.client.service() {
                Some(name) => format!("the client's port {client_port} is registered as {name}").into(),
                None => format!("the client's port {client_port} is registered").into(),
            },
            Flag::EvidenceContradicts => match (self.spoken, self.service) {
                (Some(spoken), Some(service)) => {
                    format!("the payload is {}, and the port is registered as {service}", spoken.name())
                        .into()
                }
                _ => flag.meaning().into(),
            },
            Flag::Cleartext => match (self.service, self.cleartext()) {
                (Some(service), Some(row)) => {
                    // NFS has the second name of its port.
                    let name = self.aliases().find(|&alias| alias == row.fact.service).unwrap_or(service);
                    let sends = row.sends.map_or("", Sends::in_words);
                    format!("{name}, as it is specified, {sends}").into()
                }
                _ => flag.meaning().into(),
            },
            _ => flag.meaning().into(),
        }
    }
}

/// A cell without the line breaks that the registry has inside some.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    }
}
