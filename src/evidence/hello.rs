//! What the hellos of TLS and DTLS say in the clear: the version that a server chooses, and the protocol that is
//! spoken within (RFC 8446 section 4.1, RFC 9147 section 5.3, RFC 7301 section 3).

use super::payload::be16;

/// Extensions by number (RFC 6066 section 3, RFC 7301 section 3.1, RFC 8446 section 4.2.1).
pub(super) const SERVER_NAME: u16 = 0;
const APPLICATION_PROTOCOLS: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// An extension, with its content where that is here whole.
pub(super) struct Extension<'a> {
    pub(super) number: u16,
    pub(super) content: Option<&'a [u8]>,
}

/// The extensions of a hello, in their order, as far as they are here.
pub(super) struct Extensions<'a> {
    octets: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// Those in the body of a ClientHello: behind a version, 32 random octets, and lists with their lengths: the session,
    /// in DTLS a cookie, suites of ciphers, ways of compression. `None` where they do not begin within it.
    pub(super) fn of_client(body: &'a [u8], has_cookie: bool) -> Option<Extensions<'a>> {
        let lists: &[bool] = if has_cookie { &[false, false, true, false] } else { &[false, true, false] };
        let mut at = 34;
        for &is_wide in lists {
            at += if is_wide { 2 + usize::from(be16(body, at)?) } else { 1 + usize::from(*body.get(at)?) };
        }
        Some(Extensions { octets: body.get(at + 2..).unwrap_or_default() })
    }

    /// Those in the body of a ServerHello: behind a version, 32 random octets, the session, a suite of ciphers and a way of
    /// compression. Before TLS 1.3 there may be none. `None` where what stands before them is not whole.
    fn of_server(body: &'a [u8]) -> Option<Extensions<'a>> {
        let at = 35 + usize::from(*body.get(34)?) + 3;
        body.get(..at)?;
        Some(Extensions { octets: body.get(at + 2..).unwrap_or_default() })
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Extension<'a>;

    fn next(&mut self) -> Option<Extension<'a>> {
        let (number, length) = (be16(self.octets, 0)?, be16(self.octets, 2)?);
        let rest = &self.octets[4..];
        let content = rest.get(..usize::from(length));
        self.octets = rest.get(usize::from(length)..).unwrap_or_default();
        Some(Extension { number, content })
    }
}

/// Defines the application protocols of TLS: a variant each, with its name in IANA's list.
macro_rules! application_protocols {
    ($($protocol:ident $name:literal)*) => {
        /// A protocol that is spoken within TLS, DTLS or QUIC, as ALPN names it (RFC 7301 section 6).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "named as IANA lists them")]
        pub enum Alpn {
            $($protocol,)*
            /// One that is not known here.
            Other,
        }

        impl Alpn {
            /// Every protocol.
            pub const ALL: [Alpn; [$(Alpn::$protocol,)* Alpn::Other].len()] = [$(Alpn::$protocol,)* Alpn::Other];

            /// The name in IANA's list; `other` for one that is not known here.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Alpn::$protocol => $name,)*
                    Alpn::Other => "other",
                }
            }
        }
    };
}

application_protocols! {
    Http09 "http/0.9"
    Http10 "http/1.0"
    Http11 "http/1.1"
    Spdy1 "spdy/1"
    Spdy2 "spdy/2"
    Spdy3 "spdy/3"
    H2 "h2"
    H2c "h2c"
    H3 "h3"
    Turn "stun.turn"
    NatDiscovery "stun.nat-discovery"
    Webrtc "webrtc"
    ConfidentialWebrtc "c-webrtc"
    Ftp "ftp"
    Imap "imap"
    Pop3 "pop3"
    Managesieve "managesieve"
    Coap "coap"
    CoapOverDtls "co"
    XmppClient "xmpp-client"
    XmppServer "xmpp-server"
    Acme "acme-tls/1"
    Mqtt "mqtt"
    DnsOverTls "dot"
    DnsOverQuic "doq"
    NtsKeyExchange "ntske/1"
    SunRpc "sunrpc"
    Smb "smb"
    Irc "irc"
    Nntp "nntp"
    NntpRead "nnsp"
    Sip "sip/2"
    Tds "tds/8.0"
    Dicom "dicom"
    Postgresql "postgresql"
    Radius10 "radius/1.0"
    Radius11 "radius/1.1"
}

impl Alpn {
    fn of(name: &[u8]) -> Alpn {
        let is_named = |alpn: &&Alpn| alpn.name().as_bytes() == name;
        // The word for the unknown ones is the name of none.
        Alpn::ALL[..Alpn::Other as usize].iter().find(is_named).copied().unwrap_or(Alpn::Other)
    }

    /// The first of a list, but for those that are there to be ignored (RFC 8701 section 2).
    fn first(list: &[u8]) -> Option<Alpn> {
        let mut names = list.get(2..)?;
        loop {
            let (&length, rest) = names.split_first()?;
            let name = rest.get(..usize::from(length))?;
            if !matches!(name, &[a, b] if a == b && a & 0x0f == 0x0a) {
                return Some(Alpn::of(name));
            }
            names = &rest[name.len()..];
        }
    }
}

/// The version of TLS or DTLS that a server chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum TlsVersion {
    /// SSL 3.0 (RFC 6101).
    Ssl3,
    /// TLS 1.0 (RFC 2246).
    Tls10,
    /// TLS 1.1 (RFC 4346).
    Tls11,
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
    /// DTLS 1.0 (RFC 4347).
    Dtls10,
    /// DTLS 1.2 (RFC 6347).
    Dtls12,
    /// DTLS 1.3 (RFC 9147).
    Dtls13,
}

impl TlsVersion {
    /// Every version.
    pub const ALL: [TlsVersion; 8] = [
        TlsVersion::Ssl3,
        TlsVersion::Tls10,
        TlsVersion::Tls11,
        TlsVersion::Tls12,
        TlsVersion::Tls13,
        TlsVersion::Dtls10,
        TlsVersion::Dtls12,
        TlsVersion::Dtls13,
    ];

    /// The usual name.
    pub const fn name(self) -> &'static str {
        match self {
            TlsVersion::Ssl3 => "SSL 3.0",
            TlsVersion::Tls10 => "TLS 1.0",
            TlsVersion::Tls11 => "TLS 1.1",
            TlsVersion::Tls12 => "TLS 1.2",
            TlsVersion::Tls13 => "TLS 1.3",
            TlsVersion::Dtls10 => "DTLS 1.0",
            TlsVersion::Dtls12 => "DTLS 1.2",
            TlsVersion::Dtls13 => "DTLS 1.3",
        }
    }

    /// `None` for drafts and what nobody has specified.
    const fn of(number: u16) -> Option<TlsVersion> {
        Some(match number {
            0x0300 => TlsVersion::Ssl3,
            0x0301 => TlsVersion::Tls10,
            0x0302 => TlsVersion::Tls11,
            0x0303 => TlsVersion::Tls12,
            0x0304 => TlsVersion::Tls13,
            0xfeff => TlsVersion::Dtls10,
            0xfefd => TlsVersion::Dtls12,
            0xfefc => TlsVersion::Dtls13,
            _ => return None,
        })
    }
}

/// What a hello says. Before version 1.3 a server says in the clear which protocol it has chosen, from then on not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) version: Option<TlsVersion>,
    pub(super) alpn: Option<Alpn>,
}

/// What a ClientHello says, as far as its body is here: the protocol that it would rather speak.
pub(super) fn of_client(body: &[u8], has_cookie: bool) -> Said {
    let alpn = Extensions::of_client(body, has_cookie)
        .into_iter()
        .flatten()
        .find(|extension| extension.number == APPLICATION_PROTOCOLS)
        .and_then(|extension| Alpn::first(extension.content?));
    Said { version: None, alpn }
}

/// What a ServerHello says, as far as its body is here; of one that `is_whole` also by what is missing.
pub(super) fn of_server(body: &[u8], is_whole: bool) -> Said {
    let Some(extensions) = Extensions::of_server(body) else { return Said::default() };
    let (mut version, mut alpn) = (None, None);
    for extension in extensions {
        match (extension.number, extension.content) {
            (SUPPORTED_VERSIONS, Some(content)) => version = be16(content, 0),
            (APPLICATION_PROTOCOLS, Some(content)) => alpn = Alpn::first(content),
            _ => {}
        }
    }
    // Versions before 1.3 have it in front alone; 1.3 says there that it is 1.2.
    let in_front = || be16(body, 0).filter(|version| is_whole || !matches!(version, 0x0303 | 0xfefd));
    Said { version: version.or_else(in_front).and_then(TlsVersion::of), alpn }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(number: u16, content: &[u8]) -> Vec<u8> {
        [&number.to_be_bytes()[..], &(content.len() as u16).to_be_bytes(), content].concat()
    }

    /// The body of a ServerHello with a session of a length.
    fn server(version: u16, session: u8, extensions: &[Vec<u8>]) -> Vec<u8> {
        let mut body = [&version.to_be_bytes()[..], &[7; 32], &[session], &vec![9; session.into()]].concat();
        body.extend([0x13, 1, 0]);
        let extensions = extensions.concat();
        if !extensions.is_empty() {
            body.extend((extensions.len() as u16).to_be_bytes());
            body.extend(extensions);
        }
        body
    }

    fn client(has_cookie: bool, extensions: &[Vec<u8>]) -> Vec<u8> {
        let cookie: &[u8] = if has_cookie { &[2, 9, 9] } else { &[] };
        let extensions = extensions.concat();
        let length = (extensions.len() as u16).to_be_bytes();
        [&[3, 3][..], &[7; 32], &[0], cookie, &[0, 2, 0x13, 1, 1, 0], &length, &extensions].concat()
    }

    fn said(version: Option<TlsVersion>, alpn: Option<Alpn>) -> Said {
        Said { version, alpn }
    }

    #[test]
    fn a_server_chooses_a_version() {
        for (front, chosen, expected) in [
            (0x0300, None, Some(TlsVersion::Ssl3)),
            (0x0301, None, Some(TlsVersion::Tls10)),
            (0x0302, None, Some(TlsVersion::Tls11)),
            (0x0303, None, Some(TlsVersion::Tls12)),
            (0x0303, Some(0x0304_u16), Some(TlsVersion::Tls13)),
            // A draft, and a version of one vendor.
            (0x0303, Some(0x7f1c), None),
            (0x0303, Some(0xfb1a), None),
            (0xfeff, None, Some(TlsVersion::Dtls10)),
            (0xfefd, None, Some(TlsVersion::Dtls12)),
            (0xfefd, Some(0xfefc), Some(TlsVersion::Dtls13)),
            (0x0305, None, None),
        ] {
            let key = extension(51, &[0; 36]);
            let extensions: Vec<_> =
                [key].into_iter().chain(chosen.map(|chosen| extension(43, &chosen.to_be_bytes()))).collect();
            let body = server(front, 32, &extensions);
            assert_eq!(of_server(&body, true), said(expected, None), "{front:x} {chosen:x?}");
        }
        assert_eq!(of_server(&server(0x0303, 0, &[]), true), said(Some(TlsVersion::Tls12), None));
        for version in TlsVersion::ALL {
            assert_eq!(TlsVersion::ALL[version as usize], version);
        }
    }

    #[test]
    fn what_is_cut_short_says_no_more_than_is_there() {
        let newest = server(0x0303, 32, &[extension(51, &[0; 36]), extension(43, &[3, 4])]);
        for end in 0..newest.len() {
            assert_eq!(of_server(&newest[..end], false), Said::default(), "{end}");
        }
        let protocol = extension(16, b"\0\x03\x02h2");
        let older = server(0x0302, 32, &[extension(0, b""), protocol.clone()]);
        for end in 0..older.len() {
            let version = (end >= 70).then_some(TlsVersion::Tls11);
            assert_eq!(of_server(&older[..end], false), said(version, None), "{end}");
        }
        assert_eq!(of_server(&older, false), said(Some(TlsVersion::Tls11), Some(Alpn::H2)));
        for has_cookie in [false, true] {
            let hello = client(has_cookie, &[extension(10, b"\0\x02\0\x1d"), protocol.clone()]);
            for end in 0..hello.len() {
                assert_eq!(of_client(&hello[..end], has_cookie), Said::default(), "{end}");
            }
            assert_eq!(of_client(&hello, has_cookie), said(None, Some(Alpn::H2)));
        }
    }

    #[test]
    fn the_first_protocol_of_a_list_counts() {
        for (list, expected) in [
            (&b"\0\x0c\x02h2\x08http/1.1"[..], Some(Alpn::H2)),
            (b"\0\x09\x08http/1.1", Some(Alpn::Http11)),
            (b"\0\x06\x02\x2a\x2a\x02h3", Some(Alpn::H3)),
            (b"\0\x0b\x0aacme-tls/1", Some(Alpn::Acme)),
            (b"\0\x06\x05h3-29", Some(Alpn::Other)),
            (b"\0\x06\x05other", Some(Alpn::Other)),
            (b"\0\x03\x02\x2a\x2a", None),
            (b"\0\x01\0", Some(Alpn::Other)),
            (b"\0\0", None),
            (b"\0", None),
            (b"\0\x05\x09h2", None),
        ] {
            assert_eq!(Alpn::first(list), expected, "{list:x?}");
        }
        for alpn in Alpn::ALL {
            assert_eq!(Alpn::ALL[alpn as usize], alpn);
        }
    }
}
