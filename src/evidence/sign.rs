//! The signs that the beginning of a payload can bear.

use serde::{Deserialize, Serialize};

use super::hello::Said;
use super::{Alpn, Spoken, TlsVersion};

/// What a payload was recognized by, and often which side says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Sign {
    pub(super) says: Says,
    about: About,
}

/// Who sends what bears a sign, and what its hello says where that is TLS or DTLS, in one octet: flows keep two of them.
///
/// 0 for one that both send. Then come clients, one value for each protocol that they may name, or none; then servers
/// that may name it, too, one for each version, or none, and protocol; then servers of the other versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct About(u8);

/// A sign as it is written: by names, which stay when a protocol is added.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    says: Says,
    role: Option<Role>,
    version: Option<TlsVersion>,
    alpn: Option<Alpn>,
}

impl From<Sign> for Written {
    fn from(sign: Sign) -> Written {
        let Said { version, alpn } = sign.said();
        Written { says: sign.says, role: sign.role(), version, alpn }
    }
}

impl From<Written> for Sign {
    fn from(written: Written) -> Sign {
        let Written { says, role, version, alpn } = written;
        Sign { says, about: About::new(role, Said { version, alpn }) }
    }
}

impl About {
    /// Every protocol, and none.
    const PROTOCOLS: u8 = 1 + Alpn::ALL.len() as u8;
    const CLIENT: u8 = 1;
    const SERVER: u8 = Self::CLIENT + Self::PROTOCOLS;
    /// Versions in which a server names the protocol. A place before them is for one that is not known.
    const SAYS_PROTOCOL: [TlsVersion; 4] =
        [TlsVersion::Tls10, TlsVersion::Tls11, TlsVersion::Tls12, TlsVersion::Dtls12];
    const OTHER: u8 = Self::SERVER + 5 * Self::PROTOCOLS;
    /// Versions in which a server hides it, and those that are older than it (RFC 7301).
    const HIDES_PROTOCOL: [TlsVersion; 4] =
        [TlsVersion::Ssl3, TlsVersion::Tls13, TlsVersion::Dtls10, TlsVersion::Dtls13];

    fn new(role: Option<Role>, said: Said) -> About {
        let protocol = said.alpn.map_or(0, |alpn| 1 + alpn as u8);
        let place = |versions: &[TlsVersion]| versions.iter().position(|&one| Some(one) == said.version);
        About(match role {
            None => 0,
            Some(Role::Client) => Self::CLIENT + protocol,
            Some(Role::Server) => {
                let version = place(&Self::SAYS_PROTOCOL).map_or(0, |place| 1 + place as u8);
                place(&Self::HIDES_PROTOCOL)
                    .map_or(Self::SERVER + version * Self::PROTOCOLS + protocol, |place| {
                        Self::OTHER + place as u8
                    })
            }
        })
    }

    const fn role(self) -> Option<Role> {
        match self.0 {
            0 => None,
            Self::CLIENT..Self::SERVER => Some(Role::Client),
            Self::SERVER.. => Some(Role::Server),
        }
    }

    fn said(self) -> Said {
        let alpn = |protocol: u8| Some(*Alpn::ALL.get(usize::from(protocol.checked_sub(1)?))?);
        let version = |versions: &[TlsVersion], place: u8| versions.get(usize::from(place)).copied();
        match self.0 {
            0 => Said::default(),
            client @ Self::CLIENT..Self::SERVER => Said { version: None, alpn: alpn(client - Self::CLIENT) },
            server @ Self::SERVER..Self::OTHER => {
                let place = (server - Self::SERVER) / Self::PROTOCOLS;
                let version = place.checked_sub(1).and_then(|place| version(&Self::SAYS_PROTOCOL, place));
                Said { version, alpn: alpn((server - Self::SERVER) % Self::PROTOCOLS) }
            }
            other @ Self::OTHER.. => {
                Said { version: version(&Self::HIDES_PROTOCOL, other - Self::OTHER), alpn: None }
            }
        }
    }
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
    /// The head of a record of TLS, of which a hello is expected.
    HeadOfTls,
}

impl Says {
    /// The protocol, where one alone says so.
    pub(super) const fn spoken(self) -> Option<Spoken> {
        match self {
            Says::Protocol(spoken) => Some(spoken),
            Says::HeadOfTls => Some(Spoken::Tls),
            Says::Greeting | Says::User | Says::Ok => None,
        }
    }
}

/// Who sends what bears a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// A client alone sends it.
    Client,
    /// A server alone sends it.
    Server,
}

impl Role {
    /// Both roles.
    pub const ALL: [Role; 2] = [Role::Client, Role::Server];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Server => "server",
        }
    }
}

impl Sign {
    /// What a client of a protocol alone sends.
    pub(super) const fn client(spoken: Spoken) -> Sign {
        Sign { says: Says::Protocol(spoken), about: About(About::CLIENT) }
    }

    /// What a server of a protocol alone sends.
    pub(super) const fn server(spoken: Spoken) -> Sign {
        Sign { says: Says::Protocol(spoken), about: About(About::SERVER) }
    }

    /// What both send.
    pub(super) const fn either(spoken: Spoken) -> Sign {
        Sign { says: Says::Protocol(spoken), about: About(0) }
    }

    /// The head of a record of TLS.
    pub(super) const HEAD_OF_TLS: Sign = Sign { says: Says::HeadOfTls, about: About(0) };

    /// Words that several protocols share, of one of the sides.
    pub(super) const fn shared(says: Says, role: Role) -> Sign {
        let about = match role {
            Role::Client => About::CLIENT,
            Role::Server => About::SERVER,
        };
        Sign { says, about: About(about) }
    }

    /// What a client or a server of a protocol sends, as `asks` says.
    pub(super) const fn asking(spoken: Spoken, asks: bool) -> Sign {
        if asks { Sign::client(spoken) } else { Sign::server(spoken) }
    }

    /// The protocol, where one alone has this sign.
    pub const fn spoken(self) -> Option<Spoken> {
        self.says.spoken()
    }

    /// Who sends it, where that is unmistakable.
    pub const fn role(self) -> Option<Role> {
        self.about.role()
    }

    /// The same sign with what a hello of its sender says.
    pub(super) fn with(self, said: Said) -> Sign {
        Sign { about: About::new(self.role(), said), ..self }
    }

    /// What the hello of its sender says.
    pub(super) fn said(self) -> Said {
        self.about.said()
    }

    /// Whether a later packet may say more: that the client asks for TLS, or what its hello says.
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
            Says::Greeting | Says::User | Says::Ok | Says::HeadOfTls => true,
        }
    }

    /// Whether the octets that follow say more than it.
    pub(super) const fn says_more_with_others(self) -> bool {
        !matches!(self.says, Says::Protocol(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hello_says_is_kept_in_one_octet() {
        assert_eq!((size_of::<About>(), size_of::<Option<Sign>>()), (1, 2));
        let protocols = || [None].into_iter().chain(Alpn::ALL.map(Some));
        for alpn in protocols() {
            let client = Sign::client(Spoken::Tls).with(Said { version: None, alpn });
            assert_eq!((client.role(), client.said()), (Some(Role::Client), Said { version: None, alpn }));
            for version in [None].into_iter().chain(TlsVersion::ALL.map(Some)) {
                let server = Sign::server(Spoken::Tls).with(Said { version, alpn });
                let is_kept = version.is_none_or(|version| About::SAYS_PROTOCOL.contains(&version));
                let kept = Said { version, alpn: alpn.filter(|_| is_kept) };
                assert_eq!((server.role(), server.said()), (Some(Role::Server), kept));
            }
        }
        assert_eq!(Sign::either(Spoken::Tls).with(Said::default()), Sign::either(Spoken::Tls));
    }

    #[test]
    fn a_sign_is_written_by_names() {
        let said = Said { version: Some(TlsVersion::Tls12), alpn: Some(Alpn::H2) };
        let sign = Sign::server(Spoken::Tls).with(said);
        let text = r#"{"says":{"Protocol":"tls"},"role":"Server","version":"Tls12","alpn":"H2"}"#;
        assert_eq!(serde_json::to_string(&sign).expect("JSON"), text);
        assert_eq!(serde_json::from_str::<Sign>(text).expect("a sign"), sign);
    }
}
