//! What the first payloads of one side of a flow show: a small value that can be merged.

use serde::{Deserialize, Serialize};

use super::sign::Says;
use super::{Alpn, Login, Payload, Role, Sign, Spoken, TlsVersion, first_octets};
use crate::Transport;

/// How many packets with payload of each side are looked at.
const PACKETS: u8 = 4;

/// What the first packets with payload of one side of a flow show.
///
/// The value is a monoid: that of packets 1 to *n* is that of 1 to *k*, [appended](Signs::append) by
/// that of *k+1* to *n*. It therefore keeps not only the first sign but also at which packet it
/// stood, since packets that turn out to come later may lie beyond the first four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs {
    first: Option<Sign>,
    /// A number of mixed radix, whose highest digit is how many packets were looked at and one more (0 to 5; all,
    /// once no other can say more; 0 where payload is not looked at), the next the number of the first with a
    /// sign (0 to 3), and the lowest that of the first that asks for TLS (from 1, 0 where none does; 5 to 8 where
    /// the packet after it is TLS).
    places: u8,
    /// A number of mixed radix: the number of the first packet that logs in by a proof (from 1, 0 where none does), and
    /// that of the first which does so in the clear.
    logins: u8,
}

/// What a packet shows by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// Nothing that is recognised.
    #[default]
    Nothing,
    /// The beginning of what several protocols say, or of one that says more behind it.
    Words,
    /// A protocol, or that its sender asks for TLS.
    Enough,
}

impl Shows {
    /// Every value.
    pub const ALL: [Shows; 3] = [Shows::Nothing, Shows::Words, Shows::Enough];
}

/// The sign of a stream that begins with these octets and of which `length` were on the wire, where one protocol alone
/// begins so.
pub(crate) fn sign_of_stream(octets: &[u8], length: u32) -> Option<Sign> {
    let sign = first_octets::sign(&Payload::new(Transport::Tcp, octets, length))?;
    (!sign.says_more_with_others()).then_some(sign)
}

/// How many values the lowest digit of the places has.
const OF_TLS: u8 = 2 * PACKETS + 1;
/// How many values a digit of the logins has.
const OF_LOGINS: u8 = PACKETS + 1;
/// How many the two lower digits have.
const OF_BOTH: u8 = PACKETS * OF_TLS;

impl Signs {
    /// What no packet shows where payload is looked at.
    pub const ASKED: Signs = Signs { first: None, places: places(0, 0, 0, false), logins: 0 };
    /// What a packet shows that shows nothing.
    const NOTHING: Signs = Signs { first: None, places: places(1, 0, 0, false), logins: 0 };

    /// What one packet shows; nothing when it has no payload.
    pub fn of(payload: &Payload) -> Signs {
        if first_octets::is_empty(payload) {
            return Signs::ASKED;
        }
        let first = first_octets::sign(payload);
        let may_ask = payload.transport() == Transport::Tcp && first.is_none_or(Sign::may_be_upgraded);
        let asks_for_tls = u8::from(may_ask && first_octets::asks_for_tls(payload));
        let logins = match may_ask.then(|| first_octets::login(payload)).flatten() {
            Some(Login::ByProof) => OF_LOGINS,
            Some(Login::InTheClear) => 1,
            None => 0,
        };
        // Most payload shows nothing.
        if first.is_none() && asks_for_tls == 0 && logins == 0 {
            return Signs::NOTHING;
        }
        Signs { first, places: places(1, 0, asks_for_tls, false), logins }.settled()
    }

    /// Whether no further packet can say more.
    #[inline]
    pub fn is_settled(self) -> bool {
        self.places >= (PACKETS + 1) * OF_BOTH
    }

    /// Looks at one more packet.
    pub fn look(&mut self, payload: &Payload) {
        if !self.is_settled() {
            self.append(Signs::of(payload));
        }
    }

    /// Adds that the stream up to the packet of a number bears a sign, which says more than the packets by themselves.
    pub(crate) fn put_together(&mut self, at: u8, sign: Sign) {
        // Behind a sign that nothing adds to, no packet is looked at.
        let count = if sign.may_be_upgraded() { PACKETS } else { at + 1 };
        let within = |place: u8| if place <= count { place } else { 0 };
        let tls_at = within(self.tls_at());
        let is_followed = self.is_followed_by_tls() && tls_at > 0 && tls_at < count;
        let [proof_at, clear_at] = [Login::ByProof, Login::InTheClear].map(|how| within(self.login_at(how)));
        self.first = Some(sign);
        self.places = places(self.looked_at(), at.min(PACKETS - 1), tls_at, is_followed);
        self.logins = proof_at * OF_LOGINS + clear_at;
        *self = self.settled();
    }

    /// The same with another first sign.
    #[cfg(feature = "quic")]
    pub(crate) fn with_first(self, sign: Sign) -> Signs {
        Signs { first: Some(sign), ..self }
    }

    /// What the first packet shows.
    pub(crate) fn shows(self) -> Shows {
        match self.first {
            _ if self.asks_for_tls() => Shows::Enough,
            Some(sign) if sign.says_more_with_others() => Shows::Words,
            Some(_) => Shows::Enough,
            None => Shows::Nothing,
        }
    }

    /// Adds what the packets that follow show.
    pub fn append(&mut self, later: Signs) {
        if !later.is_asked() {
            return;
        }
        // Most flows have but a packet or two that are looked at.
        if self.is_asked() && !self.is_any() {
            *self = later;
            return;
        }
        let before = self.looked_at();
        // Most others show nothing.
        if later == Signs::NOTHING && self.is_asked() && self.tls_at() == 0 && before < PACKETS {
            self.places += OF_BOTH;
            return;
        }
        let mut tls_at = self.tls_at();
        let mut is_followed = self.is_followed_by_tls();
        if tls_at > 0 {
            is_followed |= tls_at == before && before < PACKETS && later.begins_with_tls();
        } else if later.tls_at() > 0 && before + later.tls_at() <= PACKETS {
            tls_at = before + later.tls_at();
            is_followed = later.is_followed_by_tls() && tls_at < PACKETS;
        }
        // The packet after the one that asks for TLS is the last that is looked at.
        let last = if tls_at > 0 { (tls_at + 1).min(PACKETS) } else { PACKETS };
        let mut first_at = self.first_at();
        if self.first.is_none() && before + later.first_at() < last {
            self.first = later.first;
            first_at = if later.first.is_some() { before + later.first_at() } else { 0 };
        }
        let [proof_at, clear_at] =
            [Login::ByProof, Login::InTheClear].map(|how| match (self.login_at(how), later.login_at(how)) {
                (0, at @ 1..) if before + at <= last => before + at,
                (own, _) => own,
            });
        self.logins = proof_at * OF_LOGINS + clear_at;
        let looked_at = (before + later.looked_at()).min(PACKETS);
        self.places = places(looked_at, first_at, tls_at, is_followed);
        *self = self.settled();
    }

    /// Counts all packets as looked at where no other can say more.
    fn settled(self) -> Signs {
        let tls_at = self.tls_at();
        let is_final = match tls_at {
            0 => self.first.is_some_and(|sign| !sign.may_be_upgraded()),
            _ => self.looked_at() > tls_at,
        };
        // The highest digit becomes its largest.
        let places = if is_final { self.places % OF_BOTH + (PACKETS + 1) * OF_BOTH } else { self.places };
        Signs { places, ..self }
    }

    const fn login_at(self, how: Login) -> u8 {
        match how {
            Login::ByProof => self.logins / OF_LOGINS,
            Login::InTheClear => self.logins % OF_LOGINS,
        }
    }

    /// How the side logs in, or asks for it: in the clear, where it does so in any of the packets that were looked at.
    pub fn login(self) -> Option<Login> {
        [Login::InTheClear, Login::ByProof].into_iter().find(|&how| self.login_at(how) > 0)
    }

    /// Whether payload is looked at.
    pub fn is_asked(self) -> bool {
        self.places >= OF_BOTH
    }

    /// Whether a packet with payload was looked at.
    pub fn is_any(self) -> bool {
        self.looked_at() > 0
    }

    /// The first sign.
    pub fn sign(self) -> Option<Sign> {
        self.first
    }

    /// Which role the side has, where its first words are unmistakable.
    pub fn role(self) -> Option<Role> {
        self.sign().and_then(Sign::role)
    }

    /// Whether the side asked for TLS.
    pub fn asks_for_tls(self) -> bool {
        self.tls_at() > 0
    }

    fn says(self) -> Option<Says> {
        self.first.map(|sign| sign.says)
    }

    /// Whether the side began with TLS right after it had asked for it.
    pub fn is_upgraded(self) -> bool {
        self.is_followed_by_tls()
    }

    /// Whether the first packet is TLS.
    fn begins_with_tls(self) -> bool {
        self.first_at() == 0 && self.says().and_then(Says::spoken) == Some(Spoken::Tls)
    }

    /// How many packets with payload were looked at; all, once no other can say more.
    pub(crate) const fn looked_at(self) -> u8 {
        (self.places / OF_BOTH).saturating_sub(1)
    }

    const fn first_at(self) -> u8 {
        self.places % OF_BOTH / OF_TLS
    }

    const fn tls_at(self) -> u8 {
        let digit = self.places % OF_TLS;
        if digit > PACKETS { digit - PACKETS } else { digit }
    }

    const fn is_followed_by_tls(self) -> bool {
        self.places % OF_TLS > PACKETS
    }
}

const fn places(looked_at: u8, first_at: u8, tls_at: u8, is_followed_by_tls: bool) -> u8 {
    let of_tls = if is_followed_by_tls { tls_at + PACKETS } else { tls_at };
    (looked_at + 1) * OF_BOTH + first_at * OF_TLS + of_tls
}

/// Which sides show the protocol of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// The client's payload.
    Client,
    /// The server's payload.
    Server,
    /// Both.
    Both,
}

impl By {
    /// Every value.
    pub const ALL: [By; 3] = [By::Client, By::Server, By::Both];

    /// What the word means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            By::Client => "the client's payload alone shows the protocol",
            By::Server => "the server's payload alone shows the protocol",
            By::Both => "the payload of both sides shows the protocol",
        }
    }

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            By::Client => "client",
            By::Server => "server",
            By::Both => "both",
        }
    }
}

/// The protocol that the first payloads of a flow show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The protocol.
    pub spoken: Spoken,
    /// Which sides show it.
    pub by: By,
    /// Whether the client asked for TLS within the protocol. A server may refuse it.
    pub asks_for_tls: bool,
    /// Whether the client began with TLS after it had asked for it, so that what follows is encrypted.
    pub is_upgraded: bool,
    /// The version of TLS or DTLS that the server chose, where its hello was looked at.
    pub version: Option<TlsVersion>,
    /// The protocol within TLS, DTLS or QUIC and who names it: the server, which chooses it, in versions that do not
    /// hide it; or else the client, which would rather speak it than others.
    pub alpn: Option<(Alpn, Role)>,
    /// How the client logs in, where that was looked at.
    pub login: Option<Login>,
}

/// The protocol that a client and a server speak, where it is plain to see. Of two that they name, the
/// server's is taken: it chooses the version.
pub fn observed(client: Signs, server: Signs) -> Option<Observed> {
    let asks_for_tls = client.asks_for_tls();
    let of = |says: Option<Says>| says.and_then(Says::spoken);
    let (spoken, by) = match (client.says(), server.says()) {
        // Words that other protocols share, which the other side settles.
        (Some(Says::User), Some(Says::Greeting)) => (Spoken::Ftp, By::Both),
        (Some(Says::User), Some(Says::Ok)) => (Spoken::Pop3, By::Both),
        (Some(Says::User), Some(Says::Protocol(spoken @ (Spoken::Ftp | Spoken::Pop3)))) => (spoken, By::Both),
        (Some(Says::Protocol(spoken @ (Spoken::Redis | Spoken::Pop3))), Some(Says::Ok)) => (spoken, By::Both),
        (Some(Says::Protocol(spoken @ (Spoken::Ftp | Spoken::Smtp))), Some(Says::Greeting)) => {
            (spoken, By::Both)
        }
        (client, server) => match (of(client), of(server)) {
            // Its answer is that of TLS alone.
            (Some(client), Some(Spoken::Tls)) if asks_for_tls && client != Spoken::Tls => {
                (client, By::Client)
            }
            (Some(client), Some(server)) if client == server || is_one(client, server) => {
                (more_telling(client, server), By::Both)
            }
            // The server's first octets may be those of what it relays, as soon as its answer is short.
            (Some(client @ (Spoken::Socks4 | Spoken::Socks5)), _) => (client, By::Client),
            (_, Some(server)) => (server, By::Server),
            (Some(client), None) => (client, By::Client),
            (None, None) => return None,
        },
    };
    let spoken = if spoken == Spoken::Ftp && asks_for_tls { Spoken::FtpTls } else { spoken };
    let said = |signs: Signs| signs.first.filter(|_| is_tls(spoken)).map(Sign::said).unwrap_or_default();
    let (offered, chosen) = (said(client), said(server));
    let alpn = chosen.alpn.map(|alpn| (alpn, Role::Server));
    Some(Observed {
        spoken,
        by,
        asks_for_tls,
        is_upgraded: client.is_upgraded(),
        version: chosen.version,
        alpn: alpn.or(offered.alpn.map(|alpn| (alpn, Role::Client))),
        login: client.login().or(server.login()),
    })
}

/// Whether a protocol begins with hellos of TLS.
fn is_tls(spoken: Spoken) -> bool {
    matches!(spoken, Spoken::Tls | Spoken::Dtls | Spoken::Quic)
}

/// Whether what the two sides show are parts of one protocol, of which one side shows more.
fn is_one(a: Spoken, b: Spoken) -> bool {
    let is = |one, other| (a, b) == (one, other) || (b, a) == (one, other);
    is(Spoken::OncRpc, Spoken::Nfs)
        || is(Spoken::Http, Spoken::WebSocket)
        || is(Spoken::Http2, Spoken::Grpc)
        || is(Spoken::IsoTsap, Spoken::S7)
        || is(Spoken::IsoTsap, Spoken::Mms)
        || is(Spoken::IsoTsap, Spoken::Rdp)
        || is(Spoken::DceRpc, Spoken::Profinet)
        || is(Spoken::Dns, Spoken::Llmnr)
        || is(Spoken::Smb1, Spoken::Smb2)
        || is(Spoken::Smb1, Spoken::NetbiosSession)
        || is(Spoken::Smb2, Spoken::NetbiosSession)
}

/// Of two parts of one protocol that which says more; for versions and for HTTP, which may refuse to change,
/// what the server says.
fn more_telling(client: Spoken, server: Spoken) -> Spoken {
    match (client, server) {
        (Spoken::Nfs | Spoken::S7 | Spoken::Mms | Spoken::Grpc | Spoken::Profinet | Spoken::Rdp, _) => client,
        (_, Spoken::NetbiosSession) => client,
        _ => server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(transport: Transport, payloads: &[&[u8]]) -> Signs {
        let mut signs = Signs::default();
        for payload in payloads {
            signs.look(&Payload::new(transport, payload, 0));
        }
        signs
    }

    /// What a flow shows whose client and server send these.
    fn of(transport: Transport, client: &[&[u8]], server: &[&[u8]]) -> Option<Spoken> {
        observed(all(transport, client), all(transport, server)).map(|observed| observed.spoken)
    }

    #[test]
    fn streams() {
        const SMB1: &[u8] = b"\0\0\0\x2f\xffSMB\x72";
        const SMB2: &[u8] = b"\0\0\0\x66\xfeSMB\x40";
        type Sent<'a> = &'a [&'a [u8]];
        let cases: &[(Sent, Sent, Option<Spoken>)] = &[
            (&[], &[b"SSH-2.0-OpenSSH_9.2\r\n"], Some(Spoken::Ssh)),
            (&[], &[b"SSH-1.99-x\r\n"], Some(Spoken::Ssh)),
            (&[], &[b"SSH-1.5-x\r\n"], Some(Spoken::Ssh1)),
            (&[b"\x16\x03\x01\x02\x00\x01\x00"], &[], Some(Spoken::Tls)),
            // A record in several segments.
            (&[b"\x16\x03\x01", b"\x02\x00\x01\x00"], &[], Some(Spoken::Tls)),
            (&[b"\x16\x03\x01\x02", b"\x00\x01\x00"], &[], Some(Spoken::Tls)),
            (&[b"\x16\x03", b"\x01\x02\x00\x01\x00"], &[], None),
            // Nothing but the middle of a connection.
            (&[b"\x17\x03\x03\x00\x30\xaa\xbb"], &[], Some(Spoken::Tls)),
            (&[b"\x17\x03\x03\x7f\x30\xaa\xbb"], &[], None),
            (&[b"GET / HTTP/1.1\r\n"], &[], Some(Spoken::Http)),
            (&[b"GET /a-long-path-that-was-not-captured-whole"], &[], Some(Spoken::Http)),
            (&[b"OPTIONS rtsp://h/ RTSP/1.0\r\n"], &[], Some(Spoken::Rtsp)),
            (&[b"OPTIONS sip:h"], &[], Some(Spoken::Sip)),
            (&[b"OPTIONS ftp:h\r\n"], &[], None),
            (&[], &[b"HTTP/1.0 200 OK\r\n"], Some(Spoken::Http)),
            (&[SMB1], &[], Some(Spoken::Smb1)),
            (&[SMB1], &[SMB1], Some(Spoken::Smb1)),
            // A client that offers both dialects begins with version 1; the server chooses.
            (&[SMB1], &[SMB2], Some(Spoken::Smb2)),
            (&[b"USER anonymous\r\n"], &[b"220 ready\r\n"], Some(Spoken::Ftp)),
            (&[b"FEAT\r\n", b"AUTH TLS\r\n"], &[b"220-ready\r\n"], Some(Spoken::FtpTls)),
            (&[b"USER me\r\n"], &[b"+OK ready\r\n"], Some(Spoken::Pop3)),
            (&[b"ehlo me\r\n"], &[b"220 ready ESMTP\r\n"], Some(Spoken::Smtp)),
            (&[], &[b"* OK IMAP4rev1\r\n"], Some(Spoken::Imap)),
            (&[], &[b"220 ready\r\n"], None),
            (&[], &[b"\xff\xfd\x18"], Some(Spoken::Telnet)),
            (&[], &[b"RFB 003.008\n"], Some(Spoken::Vnc)),
            (&[b"\x03\x00\x00\x13\x0e\xe0\x00\x00"], &[], Some(Spoken::Rdp)),
            (
                &[b"\x05\x01\x00", b"GET / HTTP/1.1\r\n"],
                &[b"\x05\x00", b"HTTP/1.1 200 OK\r\n"],
                Some(Spoken::Socks5),
            ),
            (&[b"\x05\x01\x00"], &[b"\x05\x00", b"\x16\x03\x03\x00\x02\x02\x00"], Some(Spoken::Socks5)),
            (&[b"hello"], &[b"world"], None),
            (&[b"get a key\r\n"], &[], None),
            (&[b"gets key\r\n"], &[], Some(Spoken::Memcached)),
            (&[b"1", b"2", b"3", b"4", b"GET / HTTP/1.1\r\n"], &[], None),
        ];
        for &(client, server, expected) in cases {
            assert_eq!(of(Transport::Tcp, client, server), expected, "{client:?} {server:?}");
        }
    }

    #[test]
    fn datagrams() {
        let v1 = b"\x30\x26\x02\x01\x00\x04\x06public";
        for (payload, expected) in [
            (&v1[..], Some(Spoken::SnmpV1)),
            (b"\x30\x81\x90\x02\x01\x01\x04\x06public", Some(Spoken::SnmpV2c)),
            (b"\x30\x82\x01\x00\x02\x01\x03\x30\x0e", Some(Spoken::SnmpV3)),
            (b"\x30\x26\x02\x01\x05\x04", None),
            (b"\xc3\x00\x00\x00\x01\x08", Some(Spoken::Quic)),
            (b"\xc3\x6b\x33\x43\xcf\x08", Some(Spoken::Quic)),
            (b"\x30", None),
        ] {
            assert_eq!(of(Transport::Udp, &[payload], &[]), expected, "{payload:x?}");
        }
        // Remote Desktop over UDP: SYN, and SYN with ACK; data is nothing that is recognised.
        let opening = |acknowledged: u32, flags: u16| {
            let head = [&acknowledged.to_be_bytes()[..], &[0, 64], &flags.to_be_bytes()].concat();
            [&head[..], &[0x1f, 0x2e, 0x3d, 0x4c, 4, 208, 4, 208], &[0; 1216]].concat()
        };
        let role = |payload: &[u8]| all(Transport::Udp, &[payload]).role();
        assert_eq!(of(Transport::Udp, &[&opening(u32::MAX, 1)], &[]), Some(Spoken::Rdp));
        assert_eq!(role(&opening(u32::MAX, 1)), Some(Role::Client));
        assert_eq!(of(Transport::Udp, &[], &[&opening(7, 5)]), Some(Spoken::Rdp));
        assert_eq!(role(&opening(7, 5)), Some(Role::Server));
        assert_eq!(of(Transport::Udp, &[&opening(7, 1)], &[]), None);
        assert_eq!(of(Transport::Udp, &[&opening(7, 4)], &[]), None);
        let block = |length| [&[0, 3, 0, 1][..], &[b'x'; 512][..length]].concat();
        assert_eq!(of(Transport::Udp, &[&block(512)], &[]), Some(Spoken::Tftp));
        assert_eq!(of(Transport::Udp, &[&block(20)], &[]), None);
        assert_eq!(of(Transport::Tcp, &[v1], &[]), Some(Spoken::SnmpV1));
        assert_eq!(of(Transport::Sctp, &[v1], &[]), None);
    }

    #[test]
    fn signs_are_those_of_the_whole_for_every_cut() {
        const WORDS: [&[u8]; 9] = [
            b"",
            b"x",
            b"AUTH TLS\r\n",
            b"GET / HTTP/1.1\r\n",
            b"USER me\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00",
            b"STARTTLS\r\n",
            b"AUTH GSSAPI\r\n",
            b"AUTH PLAIN\r\n",
        ];
        assert_eq!(size_of::<[Signs; 2]>(), 8);
        // Every sequence of six packets of the first words, and of five of all, in every way of cutting it in three.
        for (words, count) in [(6_usize, 6), (9, 5)] {
            for sequence in 0..words.pow(count as u32) {
                let packets: Vec<&[u8]> =
                    (0..count).map(|n| WORDS[sequence / words.pow(n as u32) % words]).collect();
                let whole = all(Transport::Tcp, &packets);
                for first in 0..=count {
                    for second in first..=count {
                        let mut merged = all(Transport::Tcp, &packets[..first]);
                        let mut rest = all(Transport::Tcp, &packets[first..second]);
                        rest.append(all(Transport::Tcp, &packets[second..]));
                        merged.append(rest);
                        assert_eq!(merged, whole, "{packets:?} cut at {first} and {second}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_upgrade_is_tls_right_after_it_was_asked_for() {
        const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00";
        // What a client sends, and whether it asks for TLS and begins with it.
        let cases: &[(&[&[u8]], Spoken, bool, bool)] = &[
            (&[b"EHLO me\r\n", b"STARTTLS\r\n", HELLO], Spoken::Smtp, true, true),
            (&[b"CAPA\r\n", b"STLS\r\n", HELLO], Spoken::Pop3, true, true),
            (&[b"a1 CAPABILITY\r\n", b"a2 STARTTLS\r\n", HELLO], Spoken::Imap, true, true),
            (&[b"AUTH TLS\r\n", HELLO], Spoken::FtpTls, true, true),
            (
                &[b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037", HELLO],
                Spoken::Ldap,
                true,
                true,
            ),
            (&[b"\0\0\0\x08\x04\xd2\x16\x2f", HELLO], Spoken::Postgresql, true, true),
            (
                &[
                    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>",
                    b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
                    HELLO,
                ],
                Spoken::Xmpp,
                true,
                true,
            ),
            // Asked for twice: the packet after the first is not TLS. A record in pieces is.
            (&[b"EHLO me\r\n", b"STARTTLS\r\n", b"STARTTLS\r\n", HELLO], Spoken::Smtp, true, false),
            (&[b"EHLO me\r\n", b"STARTTLS\r\n", b"\x16\x03\x01"], Spoken::Smtp, true, true),
            // Refused, and the end of what was captured.
            (&[b"EHLO me\r\n", b"STARTTLS\r\n", b"MAIL FROM:<a@b>\r\n"], Spoken::Smtp, true, false),
            (&[b"EHLO me\r\n", b"STARTTLS\r\n"], Spoken::Smtp, true, false),
            // Later than it is looked for.
            (&[b"EHLO me\r\n", b"NOOP\r\n", b"NOOP\r\n", b"STARTTLS\r\n", HELLO], Spoken::Smtp, true, false),
            (&[b"EHLO me\r\n", b"QUIT\r\n"], Spoken::Smtp, false, false),
        ];
        for &(client, spoken, asks_for_tls, is_upgraded) in cases {
            let shown = observed(all(Transport::Tcp, client), Signs::ASKED);
            let expected = Observed {
                spoken,
                by: By::Client,
                asks_for_tls,
                is_upgraded,
                version: None,
                alpn: None,
                login: None,
            };
            assert_eq!(shown, Some(expected), "{client:x?}");
        }
        // MySQL's server speaks first (Protocol::SSLRequest has 32 octets).
        let mut asks = vec![32, 0, 0, 1, 0x85, 0xae, 0x7f, 0];
        asks.resize(36, 0);
        let greeting = [&b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0"[..], &[7; 62][..]].concat();
        let shown = observed(all(Transport::Tcp, &[&asks, HELLO]), all(Transport::Tcp, &[&greeting]));
        let expected = Observed {
            spoken: Spoken::Mysql,
            by: By::Client,
            asks_for_tls: true,
            is_upgraded: true,
            version: None,
            alpn: None,
            login: None,
        };
        assert_eq!(shown, Some(expected));
    }

    /// A hello of TLS in a record: its type, a version, the rest of its body, extensions.
    fn hello(kind: u8, version: u16, rest: &[u8], extensions: &[u8]) -> Vec<u8> {
        let length = (extensions.len() as u16).to_be_bytes();
        let body = [&version.to_be_bytes()[..], &[7; 32], rest, &length, extensions].concat();
        let message = [&[kind, 0, 0, body.len() as u8][..], &body].concat();
        [&[0x16, 3, 1, 0, message.len() as u8][..], &message].concat()
    }

    #[test]
    fn hellos_of_tls_say_the_version_and_what_is_within() {
        const OFFER: &[u8] = b"\0\x10\0\x0e\0\x0c\x02h2\x08http/1.1";
        let client = hello(1, 0x0303, b"\0\0\x02\x13\x01\x01\0", OFFER);
        let server = |version, extensions: &[u8]| hello(2, version, b"\0\x13\x01\0", extensions);
        let h2 = Some((Alpn::H2, Role::Client));
        let http = Some((Alpn::Http11, Role::Server));
        for (server, version, alpn) in [
            (server(0x0303, b"\0\x2b\0\x02\x03\x04"), Some(TlsVersion::Tls13), h2),
            (server(0x0303, b"\0\x10\0\x0b\0\x09\x08http/1.1"), Some(TlsVersion::Tls12), http),
            (server(0x0301, b""), Some(TlsVersion::Tls10), h2),
            // An alert in its place.
            (b"\x15\x03\x01\0\x02\x02\x46".to_vec(), None, h2),
            (Vec::new(), None, h2),
        ] {
            let shown = observed(all(Transport::Tcp, &[&client]), all(Transport::Tcp, &[&server]));
            let shown = shown.expect("TLS");
            assert_eq!((shown.spoken, shown.version, shown.alpn), (Spoken::Tls, version, alpn));
        }
        let shown = observed(Signs::ASKED, all(Transport::Tcp, &[&server(0x0302, b"")])).expect("TLS");
        assert_eq!((shown.version, shown.alpn), (Some(TlsVersion::Tls11), None));
        // What is spoken before it is not TLS.
        let shown = observed(all(Transport::Tcp, &[b"EHLO me\r\n", b"STARTTLS\r\n", &client]), Signs::ASKED);
        assert_eq!(shown.map(|shown| (shown.spoken, shown.alpn)), Some((Spoken::Smtp, None)));
    }

    #[test]
    fn roles_are_said_where_they_are_unmistakable() {
        let smb2 = |flags: u8| [&b"\0\0\0\x40\xfeSMB\x40\0\0\0\0\0\0\0\0\0\0\0"[..], &[flags, 0]].concat();
        let snmp = |pdu: u8| [&b"\x30\x26\x02\x01\x01\x04\x06public"[..], &[pdu, 0x19]].concat();
        for (payload, role) in [
            (&b"\x16\x03\x01\x02\x00\x01\x00"[..], Some(Role::Client)),
            (b"\x16\x03\x03\x02\x00\x02\x00", Some(Role::Server)),
            (b"GET / HTTP/1.1\r\n", Some(Role::Client)),
            (b"HTTP/1.1 200 OK\r\n", Some(Role::Server)),
            (b"220 ready\r\n", Some(Role::Server)),
            (b"USER me\r\n", Some(Role::Client)),
            (b"EHLO me\r\n", Some(Role::Client)),
            (b"+OK ready\r\n", Some(Role::Server)),
            (b"* OK ready\r\n", Some(Role::Server)),
            (b"\x03\x00\x00\x13\x0e\xe0\x00\x00", Some(Role::Client)),
            (b"\x03\x00\x00\x13\x0e\xd0\x00\x00", Some(Role::Server)),
            (b"\0\0\0\x2f\xffSMB\x72\0\0\0\0\x18", Some(Role::Client)),
            (b"\0\0\0\x2f\xffSMB\x72\0\0\0\0\x98", Some(Role::Server)),
            // A server that takes back a lock asks, too.
            (b"\0\0\0\x2f\xffSMB\x24\0\0\0\0\x18", None),
            (&smb2(0), Some(Role::Client)),
            (&smb2(1), Some(Role::Server)),
            (&snmp(0xa0), Some(Role::Client)),
            (&snmp(0xa2), Some(Role::Server)),
            (&snmp(0xa7), Some(Role::Client)),
            (b"\x30\x26\x02\x01\x01\x04\x06pub", None),
            // Both sides begin so.
            (b"SSH-2.0-x\r\n", None),
            (b"RFB 003.008\n", None),
            (b"\xff\xfd\x18", None),
            (b"hello", None),
        ] {
            assert_eq!(Signs::of(&Payload::new(Transport::Tcp, payload, 0)).role(), role, "{payload:x?}");
        }
    }
}
