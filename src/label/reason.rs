//! Why a label says what it says: typed, and put into words here alone.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Clear, ClearBy, Elsewhere, Flag, Label, PORTLESS};
use crate::evidence::Spoken;
use crate::flow::{Direction, Votes};
use crate::net::Transport;
use crate::registry::{Answer, Column, Names, Row, Status};
use crate::services::InTheClear;
use crate::text::one_line;

/// Every reason of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reasons<'r> {
    /// For the name and the status.
    pub registration: Registration<'r>,
    /// For the server.
    pub direction: DirectionReason,
    /// For the flags, in their order.
    pub flags: Vec<FlagReason<'r>>,
}

/// What is registered for the server's port. In words: `registered as submissions (urd)`. All are `None` in
/// a flow of a protocol without ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration<'r> {
    /// The server's port.
    pub port: Option<u16>,
    /// The transport of the flow.
    pub transport: Option<Transport>,
    /// What the registry says of the port.
    pub status: Option<Status>,
    /// The names registered for it.
    pub names: Option<Names<'r>>,
}

impl fmt::Display for Registration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(status), Some(transport)) = (self.status, self.transport) else {
            return f.write_str(PORTLESS);
        };
        match (status, self.names) {
            (Status::Registered, Some(names)) => write!(f, "registered as {names}"),
            (Status::Registered, None) => f.write_str("registered without a name"),
            (Status::OtherTransport, _) => write!(f, "not registered for {transport}"),
            (Status::Dynamic, _) => f.write_str("dynamic, never assigned"),
            (status, _) => write!(f, "{status}"),
        }
    }
}

/// Why a side is the server. In words, those of its [`Direction`]: `by handshake, high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectionReason {
    /// The side, the basis that decided, and how surely.
    pub direction: Direction,
    /// What each basis says.
    pub votes: Votes,
}

impl fmt::Display for DirectionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.direction.fmt(f)
    }
}

/// One of the two ends that may be the server. In words: `443/tcp registered as https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate<'r> {
    /// The port.
    pub port: u16,
    /// The transport.
    pub transport: Transport,
    /// What the registry says of the port.
    pub status: Status,
    /// The name registered for it.
    pub service: Option<&'r str>,
}

impl<'r> Candidate<'r> {
    fn of(answer: &Answer<'r>) -> Candidate<'r> {
        Candidate {
            port: answer.port(),
            transport: answer.transport(),
            status: answer.status(),
            service: answer.service(),
        }
    }
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Candidate { port, transport, status, .. } = self;
        match self.service {
            Some(name) => write!(f, "{port}/{transport} registered as {name}"),
            None => write!(f, "{port}/{transport} {status}"),
        }
    }
}

/// Why a flow has a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlagReason<'r> {
    /// The flag says it all: its [`Flag::meaning`].
    Plain(Flag),
    /// [`Flag::OtherTransport`]
    OtherTransport {
        /// The server's port.
        port: u16,
        /// The transport of the flow.
        transport: Transport,
        /// What is registered instead.
        elsewhere: Elsewhere<'r>,
    },
    /// [`Flag::UnauthorizedUse`], with the registry's note.
    UnauthorizedUse(Cow<'r, str>),
    /// [`Flag::WidespreadUse`], with the registry's note.
    WidespreadUse(Cow<'r, str>),
    /// [`Flag::AmbiguousDirection`]
    AmbiguousDirection {
        /// The end taken for the server.
        server: Candidate<'r>,
        /// The end taken for the client.
        client: Candidate<'r>,
    },
    /// [`Flag::ClientPortRegistered`]
    ClientPortRegistered {
        /// The client's port.
        port: u16,
        /// The name registered for it.
        service: Option<&'r str>,
    },
    /// [`Flag::EvidenceContradicts`]
    EvidenceContradicts {
        /// What the payload shows.
        spoken: Spoken,
        /// The name registered for the server's port.
        service: &'r str,
    },
    /// [`Flag::Cleartext`] by the payload.
    ClearByPayload {
        /// What the payload shows.
        spoken: Spoken,
        /// What that sends.
        clear: InTheClear,
    },
    /// [`Flag::Cleartext`] by what is registered.
    ClearByRegistration {
        /// The name registered for the server's port.
        service: &'r str,
        /// What it sends.
        clear: &'static InTheClear,
    },
    /// [`Flag::CleartextLogin`]
    CleartextLogin(ClearBy),
}

impl FlagReason<'_> {
    /// The flag that this is the reason of.
    pub const fn flag(&self) -> Flag {
        match self {
            FlagReason::Plain(flag) => *flag,
            FlagReason::OtherTransport { .. } => Flag::OtherTransport,
            FlagReason::UnauthorizedUse(_) => Flag::UnauthorizedUse,
            FlagReason::WidespreadUse(_) => Flag::WidespreadUse,
            FlagReason::AmbiguousDirection { .. } => Flag::AmbiguousDirection,
            FlagReason::ClientPortRegistered { .. } => Flag::ClientPortRegistered,
            FlagReason::EvidenceContradicts { .. } => Flag::EvidenceContradicts,
            FlagReason::ClearByPayload { .. } | FlagReason::ClearByRegistration { .. } => Flag::Cleartext,
            FlagReason::CleartextLogin(_) => Flag::CleartextLogin,
        }
    }
}

impl fmt::Display for FlagReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlagReason::Plain(flag) => f.write_str(flag.meaning()),
            FlagReason::OtherTransport { port, transport, elsewhere } => {
                write!(f, "port {port} has no service for {transport}; {elsewhere}")
            }
            FlagReason::UnauthorizedUse(note) | FlagReason::WidespreadUse(note) => {
                write!(f, "the registry notes: {note}")
            }
            FlagReason::AmbiguousDirection { server, client } => {
                write!(f, "the server is a guess: {server}, or {client}")
            }
            FlagReason::ClientPortRegistered { port, service: Some(name) } => {
                write!(f, "the client's port {port} is registered as {name}")
            }
            FlagReason::ClientPortRegistered { port, service: None } => {
                write!(f, "the client's port {port} is registered")
            }
            FlagReason::EvidenceContradicts { spoken, service } => {
                write!(f, "the payload is {}, and the port is registered as {service}", spoken.name())
            }
            FlagReason::ClearByPayload { spoken, clear } => {
                write!(f, "the payload is {}, which {clear}", spoken.name())
            }
            FlagReason::ClearByRegistration { service, clear } => {
                write!(f, "{service}, as it is specified, {clear}")
            }
            FlagReason::CleartextLogin(ClearBy::Payload) => {
                f.write_str("the protocol that the payload shows sends credentials in the clear")
            }
            FlagReason::CleartextLogin(ClearBy::Registration) => {
                f.write_str("the registered service sends credentials in the clear")
            }
        }
    }
}

/// The flag's name as `flag`, and the words as `reason`.
impl Serialize for FlagReason<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("FlagReason", 2)?;
        out.serialize_field("flag", self.flag().name())?;
        out.serialize_field("reason", &self.to_string())?;
        out.end()
    }
}

impl<'r> Label<'r> {
    /// What is registered for the server's port.
    pub fn registration(&self) -> Registration<'r> {
        Registration {
            port: self.server.map(Answer::port),
            transport: self.server.map(Answer::transport),
            status: self.status(),
            names: self.names(),
        }
    }

    /// Why the flow has each of its flags, in the order of the flags.
    pub fn flag_reasons(&self) -> impl Iterator<Item = FlagReason<'r>> + '_ {
        self.flags.iter().map(|flag| self.flag_reason(flag).unwrap_or(FlagReason::Plain(flag)))
    }

    /// What there is to say of a flag beyond its meaning.
    fn flag_reason(&self, flag: Flag) -> Option<FlagReason<'r>> {
        let note = |row: Row<'r>, column: Column| one_line(row.cell(column));
        Some(match flag {
            Flag::OtherTransport => {
                let elsewhere = Elsewhere::of(&self.server?);
                if elsewhere.is_empty() {
                    return None;
                }
                let (port, transport) = (self.server?.port(), self.server?.transport());
                FlagReason::OtherTransport { port, transport, elsewhere }
            }
            Flag::UnauthorizedUse => {
                let row = self.server?.unauthorized_use()?;
                FlagReason::UnauthorizedUse(note(row, Column::UnauthorizedUse))
            }
            Flag::WidespreadUse => {
                FlagReason::WidespreadUse(note(self.server?.widespread_use()?, Column::AssignmentNotes))
            }
            Flag::AmbiguousDirection => FlagReason::AmbiguousDirection {
                server: Candidate::of(&self.server?),
                client: Candidate::of(&self.client?),
            },
            Flag::ClientPortRegistered => FlagReason::ClientPortRegistered {
                port: self.client?.port(),
                service: self.client?.service(),
            },
            Flag::EvidenceContradicts => {
                FlagReason::EvidenceContradicts { spoken: self.observed()?.spoken, service: self.service()? }
            }
            Flag::Cleartext => match self.cleartext()? {
                clear @ Clear { by: ClearBy::Payload, .. } => {
                    FlagReason::ClearByPayload { spoken: self.observed()?.spoken, clear: clear.statement() }
                }
                Clear { by: ClearBy::Registration, specified, .. } => {
                    FlagReason::ClearByRegistration { service: self.service()?, clear: specified }
                }
            },
            Flag::CleartextLogin => FlagReason::CleartextLogin(self.cleartext()?.by),
            Flag::DynamicPort
            | Flag::UnassignedPort
            | Flag::ReservedPort
            | Flag::WithdrawnPort
            | Flag::OneWay
            | Flag::Refused
            | Flag::MidStream
            | Flag::OverlappingFragments
            | Flag::TinyFragments => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_written_with_its_flag() {
        let clear = crate::services::in_the_clear("telnet").expect("a row");
        let reason = FlagReason::ClearByRegistration { service: "telnet", clear };
        assert_eq!(
            serde_json::to_string(&reason).expect("JSON"),
            "{\"flag\":\"cleartext\",\"reason\":\"telnet, as it is specified, sends credentials and content in \
             the clear\"}"
        );
    }
}
