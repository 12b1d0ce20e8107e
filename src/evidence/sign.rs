//! The signs that the beginning of a payload can bear.

use serde::{Deserialize, Serialize};

use super::Spoken;

/// What a payload was recognized by, and often which side says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sign {
    pub(super) says: Says,
    pub(super) role: Option<Role>,
}

/// A protocol, or words that several protocols share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Says {
    /// One alone begins so.
    Protocol(Spoken),
    /// "220", of an FTP or SMTP server.
    Greeting,
    /// "USER", of an FTP or POP3 client.
    User,
    /// "+OK" and nothing else, of a POP3 or Redis server.
    Ok,
}

/// Who sends what bears a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// A client alone sends it.
    Client,
    /// A server alone sends it.
    Server,
}

impl Sign {
    /// What a client of a protocol alone sends.
    pub(super) const fn client(spoken: Spoken) -> Sign {
        Sign { says: Says::Protocol(spoken), role: Some(Role::Client) }
    }

    /// What a server of a protocol alone sends.
    pub(super) const fn server(spoken: Spoken) -> Sign {
        Sign { says: Says::Protocol(spoken), role: Some(Role::Server) }
    }

    /// What both send.
    pub(super) const fn either(spoken: Spoken) -> Sign {
        Sign { says: Says::Protocol(spoken), role: None }
    }

    /// What a client or a server of a protocol sends, as `asks` says.
    pub(super) const fn asking(spoken: Spoken, asks: bool) -> Sign {
        if asks { Sign::client(spoken) } else { Sign::server(spoken) }
    }

    /// The protocol, where one alone has this sign.
    pub const fn spoken(self) -> Option<Spoken> {
        match self.says {
            Says::Protocol(spoken) => Some(spoken),
            Says::Greeting | Says::User | Says::Ok => None,
        }
    }

    /// Who sends it, where that is unmistakable.
    pub const fn role(self) -> Option<Role> {
        self.role
    }

    /// Whether a later packet may say more: that the client asks for TLS.
    pub(super) const fn may_be_upgraded(self) -> bool {
        match self.says {
            Says::Protocol(spoken) => matches!(
                spoken,
                Spoken::Ftp
                    | Spoken::Smtp
                    | Spoken::Pop3
                    | Spoken::Imap
                    | Spoken::Nntp
                    | Spoken::Irc
                    | Spoken::Xmpp
                    | Spoken::Ldap
                    | Spoken::Mysql
                    | Spoken::Postgresql
            ),
            Says::Greeting | Says::User | Says::Ok => true,
        }
    }
}
