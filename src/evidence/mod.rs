//! Which protocol the first payload of a flow shows, where one is plain to see.
//!
//! Asked for only when a review wants to know more than a port number. A few octets are looked at,
//! none are kept but the addresses and ports that FTP announces for its data.

mod ftp;

use std::collections::HashMap;

use crate::Transport;
use crate::flow::Side;

pub use ftp::Announced;

/// How many packets with payload of each side are looked at.
const PACKETS: u8 = 4;

/// How many ends of FTP's data connections are kept; those of a capture that announces more are
/// paired as without them.
const MOST_ANNOUNCED: usize = 1 << 16;

/// A protocol, as its first octets show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Spoken {
    /// SSH version 2 (RFC 4253 section 4.2; 1.99 offers 2 as well, section 5.1).
    Ssh = 1,
    /// SSH version 1 alone.
    Ssh1,
    /// TLS: a ClientHello or ServerHello (RFC 8446 section 4.1, in a record of section 5.1).
    Tls,
    /// QUIC version 1 or 2 (RFC 9000 section 17.2, RFC 9369), which is encrypted.
    Quic,
    /// HTTP in the clear (RFC 9112 section 2.1; the preface of RFC 9113 section 3.4).
    Http,
    /// SMB version 1 ([MS-CIFS] section 2.2.3.1).
    Smb1,
    /// SMB version 2 or 3 ([MS-SMB2] section 2.2.1).
    Smb2,
    /// SNMP version 1 (RFC 1157 section 4).
    SnmpV1,
    /// SNMP version 2c (RFC 1901 section 3).
    SnmpV2c,
    /// SNMP version 3 (RFC 3412 section 6).
    SnmpV3,
    /// FTP without TLS, as far as it was looked at (RFC 959).
    Ftp,
    /// FTP of which the client asked for TLS (RFC 4217 section 4).
    FtpTls,
    /// Telnet's negotiation (RFC 854).
    Telnet,
    /// VNC (RFC 6143 section 7.1.1).
    Vnc,
    /// Remote Desktop: an X.224 connection request or confirm ([MS-RDPBCGR] section 2.2.1).
    Rdp,
    /// SMTP (RFC 5321 section 4.1.1.1).
    Smtp,
    /// POP3 (RFC 1939 section 4).
    Pop3,
    /// IMAP (RFC 9051 section 7.1).
    Imap,
}

impl Spoken {
    const ALL: [Spoken; 18] = [
        Spoken::Ssh,
        Spoken::Ssh1,
        Spoken::Tls,
        Spoken::Quic,
        Spoken::Http,
        Spoken::Smb1,
        Spoken::Smb2,
        Spoken::SnmpV1,
        Spoken::SnmpV2c,
        Spoken::SnmpV3,
        Spoken::Ftp,
        Spoken::FtpTls,
        Spoken::Telnet,
        Spoken::Vnc,
        Spoken::Rdp,
        Spoken::Smtp,
        Spoken::Pop3,
        Spoken::Imap,
    ];

    /// The name that people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Spoken::Ssh => "SSH 2",
            Spoken::Ssh1 => "SSH 1",
            Spoken::Tls => "TLS",
            Spoken::Quic => "QUIC",
            Spoken::Http => "HTTP",
            Spoken::Smb1 => "SMB 1",
            Spoken::Smb2 => "SMB 2 or 3",
            Spoken::SnmpV1 => "SNMP v1",
            Spoken::SnmpV2c => "SNMP v2c",
            Spoken::SnmpV3 => "SNMP v3",
            Spoken::Ftp => "FTP",
            Spoken::FtpTls => "FTP with TLS",
            Spoken::Telnet => "Telnet",
            Spoken::Vnc => "VNC",
            Spoken::Rdp => "RDP",
            Spoken::Smtp => "SMTP",
            Spoken::Pop3 => "POP3",
            Spoken::Imap => "IMAP",
        }
    }

    /// Whether this is how the service of a registered name begins.
    pub fn agrees_with(self, service: &str) -> bool {
        let names: &[&str] = match self {
            Spoken::Ssh | Spoken::Ssh1 => &["ssh"],
            Spoken::Tls => &[
                "amqps",
                "domain-s",
                "ftps",
                "ftps-data",
                "https",
                "imaps",
                "ircs-u",
                "ldaps",
                "nntps",
                "pcsync-https",
                "pop3s",
                "radsec",
                "secure-mqtt",
                "sip-tls",
                "submissions",
                "syslog-tls",
                "telnets",
            ],
            Spoken::Quic => &["https", "domain-s"],
            Spoken::Http => &["http", "http-alt", "http-mgmt", "http-rpc-epmap", "ipp"],
            Spoken::Smb1 | Spoken::Smb2 => &["microsoft-ds", "netbios-ssn"],
            Spoken::SnmpV1 | Spoken::SnmpV2c | Spoken::SnmpV3 => &["snmp", "snmptrap"],
            Spoken::Ftp | Spoken::FtpTls => &["ftp"],
            Spoken::Telnet => &["telnet"],
            Spoken::Vnc => &["rfb"],
            Spoken::Rdp => &["ms-wbt-server"],
            Spoken::Smtp => &["smtp", "submission"],
            Spoken::Pop3 => &["pop3"],
            Spoken::Imap => &["imap"],
        };
        names.contains(&service)
    }
}

/// What one side of a flow shows by itself: of several protocols the client's word and the
/// server's together tell which it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plain(Spoken),
    /// "220 ", of FTP and SMTP.
    Greeting,
    /// "USER ", of FTP and POP3.
    User,
}

const GREETING: u8 = 0xf0;
const USER: u8 = 0xf1;

impl Sign {
    fn byte(self) -> u8 {
        match self {
            Sign::Plain(spoken) => spoken as u8,
            Sign::Greeting => GREETING,
            Sign::User => USER,
        }
    }

    fn of_byte(byte: u8) -> Option<Sign> {
        match byte {
            GREETING => Some(Sign::Greeting),
            USER => Some(Sign::User),
            _ => Spoken::ALL.into_iter().find(|&spoken| spoken as u8 == byte).map(Sign::Plain),
        }
    }
}

/// What was seen of the payload of one flow: four octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    signs: [u8; 2],
    packets: [u8; 2],
}

/// What was seen of the payload of every flow, by its number from 0.
#[derive(Clone, Debug, Default)]
pub struct Peeked {
    seen: Vec<Seen>,
    /// What each side announced, in the order of packets.
    announced: HashMap<usize, Vec<(Side, Announced)>>,
    /// How many of them there are in all.
    announcements: usize,
}

impl Peeked {
    /// Looks at the payload of a packet that `side` of a flow sent.
    pub fn add(&mut self, flow: usize, side: Side, transport: Transport, payload: &[u8]) {
        if payload.is_empty() {
            return;
        }
        // Any packet of a control connection may, not the first ones alone.
        if transport == Transport::Tcp
            && self.announcements < MOST_ANNOUNCED
            && let Some(announced) = ftp::announced(payload)
        {
            self.announcements += 1;
            self.announced.entry(flow).or_default().push((side, announced));
        }
        if flow >= self.seen.len() {
            self.seen.resize(flow + 1, Seen::default());
        }
        let Some(seen) = self.seen.get_mut(flow) else { return };
        let n = side as usize;
        if seen.packets[n] >= PACKETS {
            return;
        }
        seen.packets[n] += 1;
        let sign = sign(transport, payload);
        // A client that asks for TLS does so behind its first words.
        if let Some(sign) = sign
            && (seen.signs[n] == 0 || sign == Sign::Plain(Spoken::FtpTls))
        {
            seen.signs[n] = sign.byte();
        }
    }

    /// The ends of data connections that a flow announced, if it is a control connection of FTP, with
    /// the side that did, in the order of packets.
    pub fn announced(&self, flow: usize) -> &[(Side, Announced)] {
        self.announced.get(&flow).map_or(&[], Vec::as_slice)
    }

    /// What is spoken in a flow, where it is plain to see. Of versions that client and server name,
    /// the server's is taken: it chooses.
    pub fn spoken(&self, flow: usize, server: Side) -> Option<Spoken> {
        let seen = self.seen.get(flow)?;
        let of = |side: Side| Sign::of_byte(seen.signs[side as usize]);
        match (of(server.other()), of(server)) {
            (Some(Sign::Plain(Spoken::FtpTls)), _) => Some(Spoken::FtpTls),
            (Some(Sign::User), Some(Sign::Greeting)) => Some(Spoken::Ftp),
            (_, Some(Sign::Plain(spoken))) | (Some(Sign::Plain(spoken)), _) => Some(spoken),
            _ => None,
        }
    }
}

fn sign(transport: Transport, payload: &[u8]) -> Option<Sign> {
    match transport {
        Transport::Tcp => of_stream(payload),
        Transport::Udp => of_datagram(payload).map(Sign::Plain),
        Transport::Sctp | Transport::Dccp | Transport::UdpLite => None,
    }
}

fn of_stream(payload: &[u8]) -> Option<Sign> {
    let begins =
        |text: &str| payload.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes()));
    let spoken = match payload {
        [b'S', b'S', b'H', b'-', b'1', b'.', rest @ ..] if !rest.starts_with(b"99") => Spoken::Ssh1,
        [b'S', b'S', b'H', b'-', ..] => Spoken::Ssh,
        [0x16, 3, 0..=4, _, _, 1 | 2, ..] => Spoken::Tls,
        [0xff, b'S', b'M', b'B', ..] | [0, _, _, _, 0xff, b'S', b'M', b'B', ..] => Spoken::Smb1,
        // What begins with 0xfd is the same, encrypted.
        [0xfe | 0xfd, b'S', b'M', b'B', ..] | [0, _, _, _, 0xfe | 0xfd, b'S', b'M', b'B', ..] => Spoken::Smb2,
        // WILL, WON'T, DO, DON'T.
        [0xff, 0xfb..=0xfe, _, ..] => Spoken::Telnet,
        [b'R', b'F', b'B', b' ', b'0', b'0', ..] => Spoken::Vnc,
        // A TPKT header (RFC 1006 section 6), then X.224's connection request or confirm.
        [3, 0, _, _, _, 0xe0 | 0xd0, ..] => Spoken::Rdp,
        [b'2', b'2', b'0', b' ' | b'-', ..] => return Some(Sign::Greeting),
        _ if begins("AUTH TLS") || begins("AUTH SSL") => Spoken::FtpTls,
        _ if begins("USER ") => return Some(Sign::User),
        _ if begins("EHLO ") || begins("HELO ") => Spoken::Smtp,
        _ if begins("+OK") => Spoken::Pop3,
        _ if begins("* OK") || begins("* PREAUTH") => Spoken::Imap,
        _ if is_http(payload) => Spoken::Http,
        _ => return of_snmp(payload).map(Sign::Plain),
    };
    Some(Sign::Plain(spoken))
}

fn of_datagram(payload: &[u8]) -> Option<Spoken> {
    match payload {
        [0xc0..=0xff, 0, 0, 0, 1, ..] | [0xc0..=0xff, 0x6b, 0x33, 0x43, 0xcf, ..] => Some(Spoken::Quic),
        _ => of_snmp(payload),
    }
}

/// A status line, or a request line: a method, and a version at the end if that was captured. RTSP
/// and SIP have the same shape with another version.
fn is_http(payload: &[u8]) -> bool {
    const METHODS: [&[u8]; 10] = [
        b"GET ",
        b"POST ",
        b"HEAD ",
        b"PUT ",
        b"DELETE ",
        b"OPTIONS ",
        b"PATCH ",
        b"CONNECT ",
        b"TRACE ",
        b"PROPFIND ",
    ];
    if payload.starts_with(b"HTTP/1.") || payload.starts_with(b"PRI * HTTP/2.0") {
        return true;
    }
    if !METHODS.iter().any(|method| payload.starts_with(method)) {
        return false;
    }
    let line = payload.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    let has = |text: &[u8]| line.windows(text.len()).any(|window| window == text);
    if line.len() < payload.len() { has(b" HTTP/1.") } else { !has(b"rtsp:") && !has(b"sip:") }
}

/// A message of SNMP: a sequence of a version, and a community or the header of version 3.
fn of_snmp(payload: &[u8]) -> Option<Spoken> {
    let [0x30, length, rest @ ..] = payload else { return None };
    // The long form of a length says how many octets it has (X.690 section 8.1.3.5).
    let behind = match length {
        0..=0x7f => 0,
        0x81..=0x83 => usize::from(length & 0x7f),
        _ => return None,
    };
    match rest.get(behind..)? {
        [2, 1, 0, 4, ..] => Some(Spoken::SnmpV1),
        [2, 1, 1, 4, ..] => Some(Spoken::SnmpV2c),
        [2, 1, 3, 0x30, ..] => Some(Spoken::SnmpV3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a flow shows whose client and server send these; the client sends first.
    fn spoken(transport: Transport, client: &[&[u8]], server: &[&[u8]]) -> Option<Spoken> {
        let mut peeked = Peeked::default();
        for payload in client {
            peeked.add(3, Side::First, transport, payload);
        }
        for payload in server {
            peeked.add(3, Side::Second, transport, payload);
        }
        peeked.spoken(3, Side::Second)
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
            (&[b"\x16\x03\x01\x02\x00\x0b\x00"], &[], None),
            (&[b"GET / HTTP/1.1\r\n"], &[], Some(Spoken::Http)),
            (&[b"GET /a-long-path-that-was-not-captured-whole"], &[], Some(Spoken::Http)),
            (&[b"OPTIONS rtsp://h/ RTSP/1.0\r\n"], &[], None),
            (&[b"OPTIONS sip:h"], &[], None),
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
            (&[b"hello"], &[b"world"], None),
            (&[b"1", b"2", b"3", b"4", b"GET / HTTP/1.1\r\n"], &[], None),
        ];
        for &(client, server, expected) in cases {
            assert_eq!(spoken(Transport::Tcp, client, server), expected, "{client:?} {server:?}");
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
            assert_eq!(spoken(Transport::Udp, &[payload], &[]), expected, "{payload:x?}");
        }
        assert_eq!(spoken(Transport::Tcp, &[v1], &[]), Some(Spoken::SnmpV1));
        assert_eq!(spoken(Transport::Sctp, &[v1], &[]), None);
    }

    #[test]
    fn every_protocol_agrees_with_a_registered_name() {
        let registry = crate::registry::Registry::bundled();
        for spoken in Spoken::ALL {
            let agreeing = (0..=u16::MAX)
                .filter_map(|port| Transport::ALL.iter().find_map(|&of| registry.port(of, port).service()))
                .filter(|service| spoken.agrees_with(service))
                .count();
            assert!(agreeing > 0, "{}", spoken.name());
            assert_eq!(Sign::of_byte(spoken as u8).map(Sign::byte), Some(spoken as u8));
        }
        assert!(Spoken::Tls.agrees_with("https") && !Spoken::Http.agrees_with("https"));
    }
}
