//! The label of one flow, and what can be asked of it.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Agreement, Clear, Elsewhere, Flag, Flags};
use crate::evidence::Observed;
use crate::flow::{Direction, Flow, Side, State};
use crate::net::PortRange;
use crate::registry::{Answer, Names, Registry, Row, Status};
use crate::services::{self, Sends};
use crate::text::one_line;

/// The word for the status of a flow of a protocol without ports: the registry of ports has nothing to say.
pub const PORTLESS: &str = "portless";
/// What that word means, for people; the wording may change.
pub const PORTLESS_MEANING: &str = "the protocol has no ports, so that the registry of ports says nothing";

/// Every status of a flow: the registry's, and the word for a protocol without ports.
pub const STATUSES: &[&str] = &{
    let mut names = [PORTLESS; Status::ALL.len() + 1];
    let mut n = 0;
    while n < Status::ALL.len() {
        names[n] = Status::ALL[n].name();
        n += 1;
    }
    names
};

/// What there is to say about one flow.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Label<'r> {
    /// Which side is the server, and why.
    pub direction: Direction,
    /// How the flow began and ended.
    pub state: State,
    /// What should catch the eye.
    pub flags: Flags,
    /// What the registry says of the server's port; `None` in a flow of a protocol without ports.
    pub server: Option<Answer<'r>>,
    /// What the registry says of the client's port; `None` in a flow of a protocol without ports.
    pub client: Option<Answer<'r>>,
    /// The name registered for the server's port, which is asked for often.
    service: Option<&'r str>,
    /// What is sent in the clear, which is looked up by names.
    in_the_clear: Option<Clear>,
    service_code: Option<u32>,
    /// What the payload shows.
    observed: Option<Observed>,
    /// How that stands to what is registered for the server's port; `None` where nothing is registered, or
    /// payload was not looked at.
    pub agreement: Option<Agreement>,
}

/// A label as a value: the server's side and why, state, service with its aliases, status, flags.
impl Serialize for Label<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Label", 7)?;
        out.serialize_field("direction", &self.direction)?;
        out.serialize_field("state", &self.state)?;
        out.serialize_field("service", &self.service())?;
        out.serialize_field("aliases", &self.aliases().collect::<Vec<_>>())?;
        out.serialize_field("status", self.status_name())?;
        out.serialize_field("port_range", &self.port_range())?;
        out.serialize_field("flags", &self.flags)?;
        out.end()
    }
}

impl<'r> Label<'r> {
    /// The label of a flow whose server is known.
    pub(super) fn new(registry: &'r Registry, flow: &Flow, direction: Direction) -> Label<'r> {
        let client_side = direction.server.other();
        let answer = |side: Side| Some(registry.port(flow.transport()?, flow.port(side)?));
        let server = answer(direction.server);
        let service = server.and_then(Answer::service);
        let mut label = Label {
            direction,
            state: State::of(flow, client_side),
            flags: Flags::default(),
            server,
            client: answer(client_side),
            service,
            in_the_clear: None,
            service_code: flow.service_code(),
            observed: flow.observed(direction.server),
            agreement: None,
        };
        label.agreement = label.agreement_in(flow);
        let registered = || service.and_then(services::in_the_clear);
        label.in_the_clear = Clear::of(label.observed, label.agreement, registered);
        label.flags = label.flags_of(flow);
        label
    }

    /// The protocol that the first payloads show, where they were looked at and it is plain to see.
    pub fn observed(&self) -> Option<Observed> {
        self.observed
    }

    fn agreement_in(&self, flow: &Flow) -> Option<Agreement> {
        self.server?;
        match self.observed {
            Some(Observed { spoken, .. }) => {
                Agreement::of(spoken, self.service().into_iter().chain(self.aliases()))
            }
            None if !flow.is_payload_asked() => None,
            None if flow.has_seen_payload() => Some(Agreement::Silent),
            None => Some(Agreement::NotCaptured),
        }
    }

    /// The name that is registered for the server's port and transport.
    pub fn service(&self) -> Option<&'r str> {
        self.service
    }

    /// The names of the server's port for people: [`Label::service`] with those of the same standing.
    pub fn names(&self) -> Option<Names<'r>> {
        self.server.and_then(Answer::names)
    }

    /// The other names registered for it.
    pub fn aliases(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        self.server.into_iter().flat_map(Answer::aliases)
    }

    /// What the registry says of the server's port and transport, in one word; `None` in a flow of a
    /// protocol without ports.
    pub fn status(&self) -> Option<Status> {
        self.server.map(Answer::status)
    }

    /// The word that outputs use for [`Label::status`].
    pub fn status_name(&self) -> &'static str {
        self.status().map_or(PORTLESS, Status::name)
    }

    /// The range the server's port lies in; `None` in a flow of a protocol without ports.
    pub fn port_range(&self) -> Option<PortRange> {
        self.server.map(Answer::range)
    }

    /// The description of the registered service; where none is registered for this transport,
    /// what the registry says instead, and for which transport it has a service.
    pub fn description(&self) -> Option<Cow<'r, str>> {
        let server = self.server?;
        let own = server.primary().map(Row::description).filter(|text| !text.is_empty());
        if server.status() == Status::Registered {
            return own.map(one_line);
        }
        let elsewhere = Elsewhere::of(&server);
        match own {
            own if elsewhere.is_empty() => own.map(one_line),
            Some(own) => Some(Cow::Owned(format!("{}; {elsewhere}", one_line(own)))),
            None => Some(Cow::Owned(elsewhere.to_string())),
        }
    }

    /// What is sent in the clear: as the protocol is specified that the payload shows, or else the service that
    /// is registered for the server's port; `None` where that is not known.
    pub fn in_the_clear(&self) -> Option<Clear> {
        self.in_the_clear
    }

    /// What everybody on the way can read of it; `None` where nothing is sent in the clear, and where that is
    /// not known.
    pub fn cleartext(&self) -> Option<Clear> {
        self.in_the_clear().filter(|clear| clear.sends() != Sends::Nothing)
    }

    /// The name registered for the client's port, where it is shown beside the server's: the
    /// direction is a guess, or other tools may show that name.
    pub fn client_service(&self) -> Option<&'r str> {
        let shown = self.flags.has(Flag::ClientPortRegistered) || self.flags.has(Flag::AmbiguousDirection);
        self.client.and_then(Answer::service).filter(|_| shown)
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
        let row = self.server?.registry().service_code(code).next();
        Some(match row.map(Row::service_name) {
            Some(name) => format!("{shown} (registered as {name})"),
            None => shown,
        })
    }
}
