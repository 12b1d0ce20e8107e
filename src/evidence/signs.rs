//! What the first payloads of one side of a flow show: two octets that can be merged.

use serde::{Deserialize, Serialize};

use super::{Role, Sign, Spoken};
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
    /// From the lowest bit: how many packets were looked at (three bits), the number of the first with
    /// a sign from 0 (two), and the number of the first that asks for TLS from 1, or 0 (three).
    places: u8,
}

impl Signs {
    /// What one packet shows; nothing when it has no payload.
    pub fn of(transport: Transport, payload: &[u8]) -> Signs {
        if payload.is_empty() {
            return Signs::default();
        }
        let first = Sign::of(transport, payload);
        Signs { first, places: places(1, 0, u8::from(first == Some(Sign::FtpAuthTls))) }
    }

    /// Looks at one more packet. Costs next to nothing once the first packets have passed.
    #[inline]
    pub fn look(&mut self, transport: Transport, payload: &[u8]) {
        if self.looked_at() < PACKETS && !payload.is_empty() {
            self.append(Signs::of(transport, payload));
        }
    }

    /// Adds what the packets that follow show.
    pub fn append(&mut self, later: Signs) {
        let before = self.looked_at();
        let mut first_at = self.first_at();
        if self.first.is_none() && before + later.first_at() < PACKETS {
            self.first = later.first;
            first_at = if later.first.is_some() { before + later.first_at() } else { 0 };
        }
        let mut tls_at = self.tls_at();
        if tls_at == 0 && later.tls_at() > 0 && before + later.tls_at() <= PACKETS {
            tls_at = before + later.tls_at();
        }
        self.places = places((before + later.looked_at()).min(PACKETS), first_at, tls_at);
    }

    /// The sign that counts: the first, unless a client asked for TLS after its first words.
    pub fn sign(self) -> Option<Sign> {
        if self.tls_at() > 0 { Some(Sign::FtpAuthTls) } else { self.first }
    }

    /// Which role the side has, where its first words are unmistakable.
    pub fn role(self) -> Option<Role> {
        self.sign().and_then(Sign::role)
    }

    const fn looked_at(self) -> u8 {
        self.places & 0b111
    }

    const fn first_at(self) -> u8 {
        self.places >> 3 & 0b11
    }

    const fn tls_at(self) -> u8 {
        self.places >> 5
    }
}

const fn places(looked_at: u8, first_at: u8, tls_at: u8) -> u8 {
    looked_at | first_at << 3 | tls_at << 5
}

/// The protocol that a client and a server speak, where it is plain to see. Of versions that both
/// name, the server's is taken: it chooses.
pub fn spoken(client: Signs, server: Signs) -> Option<Spoken> {
    match (client.sign(), server.sign()) {
        (Some(Sign::FtpAuthTls), _) => Some(Spoken::FtpTls),
        (Some(Sign::User), Some(Sign::Greeting)) => Some(Spoken::Ftp),
        (client, server) => server.and_then(Sign::spoken).or_else(|| client.and_then(Sign::spoken)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(transport: Transport, payloads: &[&[u8]]) -> Signs {
        let mut signs = Signs::default();
        for payload in payloads {
            signs.look(transport, payload);
        }
        signs
    }

    /// What a flow shows whose client and server send these.
    fn of(transport: Transport, client: &[&[u8]], server: &[&[u8]]) -> Option<Spoken> {
        spoken(all(transport, client), all(transport, server))
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
        assert_eq!(of(Transport::Tcp, &[v1], &[]), Some(Spoken::SnmpV1));
        assert_eq!(of(Transport::Sctp, &[v1], &[]), None);
    }

    #[test]
    fn signs_are_those_of_the_whole_for_every_cut() {
        const WORDS: [&[u8]; 5] = [b"", b"x", b"AUTH TLS\r\n", b"GET / HTTP/1.1\r\n", b"USER me\r\n"];
        assert_eq!(size_of::<[Signs; 2]>(), 4);
        // Every sequence of six packets, in every way of cutting it in three.
        for sequence in 0..5_usize.pow(6) {
            let packets: Vec<&[u8]> = (0..6).map(|n| WORDS[sequence / 5_usize.pow(n) % 5]).collect();
            let whole = all(Transport::Tcp, &packets);
            for first in 0..=6 {
                for second in first..=6 {
                    let mut merged = all(Transport::Tcp, &packets[..first]);
                    let mut rest = all(Transport::Tcp, &packets[first..second]);
                    rest.append(all(Transport::Tcp, &packets[second..]));
                    merged.append(rest);
                    assert_eq!(merged, whole, "{packets:?} cut at {first} and {second}");
                }
            }
        }
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
            assert_eq!(Signs::of(Transport::Tcp, payload).role(), role, "{payload:x?}");
        }
    }
}
