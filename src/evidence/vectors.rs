//! Every protocol with octets that show it, and with one of them changed so that they do not.

use super::first_octets::{small_words, words};
use super::{Payload, Signs, Spoken};
use crate::net::Transport;
use Transport::{Sctp, Tcp, Udp};

/// Octets of a length, zero but for what is put in.
fn put(length: usize, parts: &[(usize, &[u8])]) -> Vec<u8> {
    let mut octets = vec![0; length];
    for (at, part) in parts {
        octets[*at..][..part.len()].copy_from_slice(part);
    }
    octets
}

/// Octets that look as encrypted ones do.
fn encrypted(length: u8) -> Vec<u8> {
    (0..length).map(|n| n.wrapping_mul(37) ^ 0xa5).collect()
}

/// A chunk of data with its payload protocol identifier (RFC 9260 section 3.3.1).
fn chunk(identifier: u8, content: &[u8]) -> Vec<u8> {
    let head = [0, 3, 0, 16 + content.len() as u8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, identifier];
    [&head, content].concat()
}

/// The protocol, its transport, what shows it, and which octet changed to what does not; counted from the end
/// where it is negative.
type Vector = (Spoken, Transport, Vec<u8>, (isize, u8));

#[allow(clippy::too_many_lines, reason = "one table")]
fn vectors() -> Vec<Vector> {
    let text = |text: &[u8]| text.to_vec();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let grpc =
        [&preface[..], b"\0\0\0\x04\0\0\0\0\0\0\0\x13\x01\x04\0\0\0\x01\x5f\x10application/grpc"].concat();
    let netbios_name = b"CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let of_names = [&b"\x12\x34\x01\x10\0\x01\0\0\0\0\0\0\x20"[..], netbios_name, b"\0\0\x21\0\x01"].concat();
    let of_datagrams =
        [&b"\x11\x02\x12\x34\xc0\0\x02\x0a\0\x8a\0\xbb\0\0\x20"[..], netbios_name, b"\0"].concat();
    let call = |program: u8| {
        let head =
            [0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, program, 0, 0, 0, 2, 0, 0, 0, 3];
        put(40, &[(0, &head)])
    };
    let message = b"\x01\0\x01\x01\0\0\0\x08";
    vec![
        (Spoken::Ssh, Tcp, text(b"SSH-2.0-OpenSSH_9.2\r\n"), (0, b'X')),
        (Spoken::Ssh1, Tcp, text(b"SSH-1.5-1.2.27\n"), (4, b'2')),
        (Spoken::Tls, Tcp, text(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"), (1, 4)),
        (Spoken::Dtls, Udp, text(b"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x04\x01\0\0\0"), (1, 0xfc)),
        (Spoken::Quic, Udp, put(1200, &[(0, b"\xc3\0\0\0\x01\x08")]), (4, 2)),
        (Spoken::Http, Tcp, text(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), (0, b'S')),
        (Spoken::Http2, Tcp, text(preface), (2, b'J')),
        (Spoken::Grpc, Tcp, grpc, (-4, b'x')),
        (
            Spoken::WebSocket,
            Tcp,
            text(b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"),
            (29, b'X'),
        ),
        (Spoken::Smb1, Tcp, text(b"\0\0\0\x2f\xffSMB\x72\0\0\0\0\x18\x01\x28"), (4, 0xfc)),
        (Spoken::Smb2, Tcp, put(68, &[(0, b"\0\0\0\x40\xfeSMB\x40")]), (5, b's')),
        (Spoken::NetbiosSession, Tcp, text(b"\x82\0\0\0"), (1, 1)),
        (Spoken::NetbiosName, Udp, of_names, (13, b'Z')),
        (Spoken::NetbiosDatagram, Udp, of_datagrams, (14, 33)),
        (Spoken::SnmpV1, Udp, text(b"\x30\x26\x02\x01\0\x04\x06public\xa0\x19\x02\x01\x01"), (4, 9)),
        (Spoken::SnmpV2c, Udp, text(b"\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x01"), (4, 9)),
        (Spoken::SnmpV3, Udp, text(b"\x30\x3e\x02\x01\x03\x30\x11\x02\x04"), (5, 0x31)),
        (Spoken::Ftp, Tcp, text(b"220 ProFTPD Server ready.\r\n"), (7, b'X')),
        (Spoken::Tftp, Udp, text(b"\0\x01rfc1350.txt\0octet\0"), (1, 7)),
        (Spoken::Telnet, Tcp, text(b"\xff\xfd\x18\xff\xfd\x20"), (1, 0xf0)),
        (Spoken::Rsh, Tcp, text(b"1022\0bostic\0kbostic\0ls -l /tmp\0"), (4, b':')),
        (Spoken::Rlogin, Tcp, text(b"\0bostic\0kbostic\0vt100/9600\0"), (0, 1)),
        (Spoken::Vnc, Tcp, text(b"RFB 003.008\n"), (3, b'_')),
        (Spoken::Rdp, Tcp, text(b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"), (5, 0xf1)),
        (Spoken::X11, Tcp, text(b"l\0\x0b\0\0\0\0\0\0\0\0\0"), (2, 10)),
        (Spoken::Smtp, Tcp, text(b"EHLO client.example\r\n"), (1, b'X')),
        (Spoken::Pop3, Tcp, text(b"+OK POP3 server ready\r\n"), (1, b'X')),
        (Spoken::Imap, Tcp, text(b"* OK IMAP4rev2 ready\r\n"), (2, b'N')),
        (Spoken::Nntp, Tcp, text(b"200 news.example InterNetNews NNRP server ready\r\n"), (0, b'5')),
        (Spoken::Irc, Tcp, text(b"NICK wiz\r\n"), (0, b'P')),
        (Spoken::Xmpp, Tcp, text(b"<stream:stream xmlns='jabber:client' version='1.0'>"), (1, b'!')),
        (
            Spoken::Dns,
            Udp,
            text(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01"),
            (2, 0x71),
        ),
        (
            Spoken::Mdns,
            Udp,
            text(b"\0\0\0\0\0\x01\0\0\0\0\0\0\x05_http\x04_tcp\x05local\0\0\x0c\0\x01"),
            (0, 1),
        ),
        (Spoken::Llmnr, Udp, text(b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x04host\0\0\x01\0\x01"), (2, 1)),
        (
            Spoken::Dhcp,
            Udp,
            put(244, &[(0, b"\x01\x01\x06\0"), (236, b"\x63\x82\x53\x63\x35\x01\x01\xff")]),
            (2, 5),
        ),
        (
            Spoken::Dhcpv6,
            Udp,
            text(b"\x01\x10\x08\x74\0\x01\0\x0e\0\x01\0\x01\x1c\x39\xcf\x88\x08\0\x27\xfe\x8f\x95"),
            (9, 9),
        ),
        (Spoken::Ntp, Udp, put(48, &[(0, b"\x23")]), (0, 0x3b)),
        (Spoken::Ptp, Udp, put(44, &[(0, b"\0\x02\0\x2c")]), (1, 1)),
        (
            Spoken::Syslog,
            Udp,
            text(b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - x"),
            (0, b'['),
        ),
        (Spoken::Radius, Udp, put(26, &[(0, b"\x01\0\0\x1a"), (20, b"\x01\x06nemo")]), (3, 0x1b)),
        (Spoken::Tacacs, Tcp, text(b"\xc0\x01\x01\0\x12\x34\x56\x78\0\0\0\x04abcd"), (2, 0)),
        (Spoken::Diameter, Tcp, put(20, &[(0, b"\x01\0\0\x14\x80\0\x01\x01")]), (6, 0x77)),
        (Spoken::Kerberos, Udp, text(b"\x6a\x0e\x30\x0c\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a"), (8, 4)),
        (Spoken::Ldap, Tcp, text(b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0"), (9, 7)),
        (Spoken::OncRpc, Udp, call(0xa0), (11, 3)),
        (Spoken::Nfs, Udp, call(0xa3), (15, 0xa5)),
        (Spoken::DceRpc, Tcp, put(72, &[(0, b"\x05\0\x0b\x03\x10\0\0\0\x48")]), (0, 6)),
        (
            Spoken::Afs,
            Udp,
            put(
                32,
                &[(0, b"\x4a\x50\0\x01\xde\xad\xbe\xe0\0\0\0\x01\0\0\0\x01\0\0\0\x01\x01\x05\0\0\0\0\0\x01")],
            ),
            (20, 14),
        ),
        (Spoken::Sip, Udp, text(b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"), (0, b'X')),
        (Spoken::Rtsp, Tcp, text(b"DESCRIBE rtsp://server.example.com/fizzle/foo RTSP/1.0\r\n"), (0, b'X')),
        (Spoken::H225, Tcp, put(31, &[(0, b"\x03\0\0\x1f\x08\x02\0\x01\x05\x04\x03")]), (4, 9)),
        (Spoken::Mgcp, Udp, text(b"CRCX 1204 aaln/1@rgw-2567.example.net MGCP 1.0\r\n"), (0, b'Z')),
        (Spoken::Sccp, Tcp, put(12, &[(0, b"\x04")]), (4, 1)),
        (Spoken::Rtp, Udp, put(172, &[(0, b"\x80\0\0\x01\0\0\0\xa0\x12\x34\x56\x78")]), (1, 0x30)),
        (Spoken::Rtcp, Udp, text(b"\x80\xc9\0\x01\x12\x34\x56\x78"), (3, 2)),
        (Spoken::Stun, Udp, put(20, &[(0, b"\0\x01\0\0\x21\x12\xa4\x42")]), (4, 0x22)),
        (Spoken::Mysql, Tcp, put(78, &[(0, b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0saltsalt\0")]), (4, 9)),
        (Spoken::Postgresql, Tcp, text(b"\0\0\0\x08\x04\xd2\x16\x2f"), (7, 0x31)),
        (Spoken::Tds, Tcp, put(47, &[(0, b"\x12\x01\0\x2f\0\0\x01\0\0\0\x1a\0\x06")]), (12, 7)),
        (Spoken::Tns, Tcp, put(74, &[(0, b"\0\x4a\0\0\x01\0\0\0\x01\x3a\x01\x2c")]), (8, 5)),
        (Spoken::Drda, Tcp, text(b"\0\x10\xd0\x01\0\x01\0\x0a\x10\x41\0\x06\x11\x5e\0\0"), (2, 0xd1)),
        (Spoken::Mongodb, Tcp, put(36, &[(0, b"\x24\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07")]), (12, 0xde)),
        (Spoken::Redis, Tcp, text(b"*1\r\n$4\r\nPING\r\n"), (0, b'^')),
        (Spoken::Memcached, Tcp, text(b"gets key\r\n"), (0, b'h')),
        (Spoken::Cassandra, Tcp, text(b"\x04\0\0\0\x05\0\0\0\0"), (8, 1)),
        (Spoken::Kafka, Tcp, text(b"\0\0\0\x0f\0\x12\0\x03\0\0\0\x01\0\x05kafka"), (13, 0)),
        (Spoken::Zookeeper, Tcp, text(b"ruok"), (3, b'x')),
        (Spoken::Amqp, Tcp, text(b"AMQP\0\0\x09\x01"), (0, b'B')),
        (Spoken::Mqtt, Tcp, text(b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04test"), (8, 9)),
        (Spoken::Coap, Udp, text(b"\x40\x01\x7d\x34\xbbtemperature"), (1, 0x1f)),
        (Spoken::Nats, Tcp, text(b"INFO {\"server_id\":\"x\"}\r\n"), (0, b'X')),
        (Spoken::Stomp, Tcp, text(b"CONNECT\naccept-version:1.2\nhost:a\n\n\0"), (0, b'D')),
        (Spoken::Bittorrent, Tcp, put(68, &[(0, b"\x13BitTorrent protocol")]), (1, b'x')),
        (
            Spoken::BittorrentDht,
            Udp,
            text(b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
            (0, b'e'),
        ),
        (Spoken::Bitcoin, Tcp, put(24, &[(0, b"\xf9\xbe\xb4\xd9version")]), (0, 0xf8)),
        (Spoken::Minecraft, Tcp, text(b"\x0d\0\xfd\x05\x06mc.com\x63\xdd\x02"), (1, 1)),
        (Spoken::Wireguard, Udp, put(148, &[(0, b"\x01\0\0\0\x12\x34\x56\x78")]), (1, 1)),
        (Spoken::OpenVpn, Udp, text(b"\x38\x11\x22\x33\x44\x55\x66\x77\x88\0\0\0\0\0"), (13, 1)),
        (
            Spoken::Ike,
            Udp,
            put(28, &[(0, b"\x12\x34\x56\x78\x9a\xbc\xde\xf0"), (16, b"\x21\x20\x22\x08\0\0\0\0\0\0\0\x1c")]),
            (17, 0x30),
        ),
        (
            Spoken::EspInUdp,
            Udp,
            put(68, &[(0, b"\xc0\x01\x02\x03\0\0\0\x01"), (8, &encrypted(60))]),
            (7, 0x7f),
        ),
        (Spoken::L2tp, Udp, text(b"\xc8\x02\0\x14\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\x01"), (13, 9)),
        (Spoken::Pptp, Tcp, put(156, &[(0, b"\0\x9c\0\x01\x1a\x2b\x3c\x4d\0\x01")]), (4, 0)),
        (Spoken::Vxlan, Udp, put(42, &[(0, b"\x08\0\0\0\0\0\x7b\0"), (20, b"\x08\0\x45")]), (20, 9)),
        (Spoken::Geneve, Udp, put(42, &[(0, b"\0\0\x65\x58\0\0\x7b\0"), (20, b"\x08\0\x45")]), (2, 0x64)),
        (Spoken::Teredo, Udp, put(40, &[(0, b"\x60\0\0\0\0\0\x3b\x15\xfe\x80")]), (8, 0x20)),
        (Spoken::Ayiya, Udp, put(44, &[(0, b"\x44\x52\x11\x29\x4a\x50\0\x01")]), (1, 0x61)),
        (Spoken::GtpU, Udp, text(b"\x30\xff\0\x04\0\0\0\x01\x45\0\0\0"), (3, 5)),
        (Spoken::GtpC, Udp, text(b"\x40\x01\0\x09\0\0\x01\0\x03\0\x01\0\x07"), (1, 0xf0)),
        (Spoken::Pfcp, Udp, text(b"\x20\x01\0\x0c\0\0\x01\0\0\x60\0\x04\xe4\x7a\x12\x34"), (1, 0x40)),
        (Spoken::M3ua, Sctp, chunk(3, message), (15, 99)),
        (Spoken::M2pa, Sctp, chunk(5, message), (15, 99)),
        (Spoken::Sua, Sctp, chunk(2, message), (15, 99)),
        (Spoken::S1ap, Sctp, chunk(18, message), (15, 99)),
        (Spoken::X2ap, Sctp, chunk(27, message), (15, 99)),
        (Spoken::Ngap, Sctp, chunk(60, message), (15, 99)),
        (Spoken::Xnap, Sctp, chunk(61, message), (15, 99)),
        (Spoken::Sgsap, Sctp, chunk(0, b"\x01\x01\x08\x19\x21\x43\x65\x87"), (17, 9)),
        (Spoken::Bgp, Tcp, put(19, &[(0, &[0xff; 16]), (16, b"\0\x13\x04")]), (15, 0)),
        (Spoken::Ldp, Tcp, text(b"\0\x01\0\x0e\x0a\0\0\x01\0\0\x02\x01\0\x04\0\0\0\x01"), (11, 2)),
        (Spoken::Msdp, Tcp, text(b"\x04\0\x03"), (2, 4)),
        (
            Spoken::Bfd,
            Udp,
            text(b"\x20\x40\x03\x18\0\0\0\x01\0\0\0\0\0\x0f\x42\x40\0\x0f\x42\x40\0\0\0\0"),
            (3, 0x19),
        ),
        (Spoken::Hsrp, Udp, text(b"\0\0\x10\x03\x0a\x64\x01\0cisco\0\0\0\xc0\0\x02\x01"), (3, 0)),
        (Spoken::Rip, Udp, put(24, &[(0, b"\x02\x02\0\0\0\x02\0\0\x0a\0\0\0\xff"), (23, b"\x01")]), (23, 17)),
        (Spoken::Ipfix, Udp, put(20, &[(0, b"\0\x0a\0\x14\x5f"), (16, b"\0\x02\0\x04")]), (1, 11)),
        (Spoken::Netflow5, Udp, put(72, &[(0, b"\0\x05\0\x01\0\0\0\0\x5f")]), (1, 6)),
        (Spoken::Netflow9, Udp, put(28, &[(0, b"\0\x09\0\x01\0\0\0\0\x5f"), (23, b"\x08")]), (1, 8)),
        (
            Spoken::Sflow,
            Udp,
            text(b"\0\0\0\x05\0\0\0\x01\x0a\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01"),
            (3, 7),
        ),
        (Spoken::Modbus, Tcp, text(b"\0\x01\0\0\0\x06\x11\x03\0\x6b\0\x03"), (2, 1)),
        (Spoken::Dnp3, Tcp, text(b"\x05\x64\x05\xc0\x01\0\0\x04\xe9\x21"), (8, 0)),
        (
            Spoken::S7,
            Tcp,
            text(b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02"),
            (16, 9),
        ),
        (Spoken::Mms, Tcp, text(b"\x03\0\0\x0c\x02\xf0\x80\x0d\x03\x05\x01\x13"), (7, 0x0f)),
        (Spoken::IsoTsap, Tcp, text(b"\x03\0\0\x0e\x09\xe0\0\0\0\x01\0\xc0\x01\x0a"), (5, 0xc0)),
        (Spoken::Iec104, Tcp, text(b"\x68\x04\x07\0\0\0"), (2, 0x0f)),
        (Spoken::Bacnet, Udp, text(b"\x81\x0b\0\x0c\x01\x20\xff\xff\0\xff\x10\x08"), (3, 0x0d)),
        (Spoken::Enip, Udp, put(24, &[(0, b"\x63")]), (1, 1)),
        (Spoken::OpcUa, Tcp, put(32, &[(0, b"HELF\x20")]), (0, b'X')),
        (
            Spoken::Profinet,
            Udp,
            put(
                80,
                &[
                    (0, b"\x04\0\x20\0\x10"),
                    (24, b"\x01\0\xa0\xde\x6c\x97\x11\xd1\x82\x71\0\xa0\x24\x42\xdf\x7d"),
                ],
            ),
            (39, 0),
        ),
        (Spoken::Knx, Udp, text(b"\x06\x10\x02\x01\0\x0e\x08\x01\xc0\xa8\x01\x02\x0e\x57"), (5, 0x0f)),
        (Spoken::Ssdp, Udp, text(b"M-SEARCH * HTTP/1.1\r\n"), (0, b'X')),
        (Spoken::Socks4, Tcp, text(b"\x04\x01\0\x50\x42\x66\x07\x63Fred\0"), (1, 3)),
        (Spoken::Socks5, Tcp, text(b"\x05\x01\0"), (1, 2)),
        (Spoken::Rsync, Tcp, text(b"@RSYNCD: 31.0\n"), (1, b'X')),
        (Spoken::Git, Tcp, text(b"003egit-upload-pack /project.git\0host=myserver.com\0"), (4, b'x')),
    ]
}

fn spoken(transport: Transport, octets: &[u8]) -> Option<Spoken> {
    Signs::of(&Payload::new(transport, octets, 0)).sign().and_then(super::Sign::spoken)
}

#[test]
fn octets_of_every_protocol_show_it_and_others_do_not() {
    let all = vectors();
    let mut wrong = Vec::new();
    for (expected, transport, octets, (at, other)) in &all {
        let found = spoken(*transport, octets);
        let mut changed = octets.clone();
        let at = if *at < 0 { octets.len().wrapping_add_signed(*at) } else { at.unsigned_abs() };
        changed[at] = *other;
        let changed = spoken(*transport, &changed);
        if found != Some(*expected) || changed == Some(*expected) {
            wrong.push(format!("{expected:?}: {found:?}, changed {changed:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // FTP with TLS takes two packets.
    let missing: Vec<Spoken> =
        Spoken::ALL.into_iter().filter(|spoken| !all.iter().any(|(known, ..)| known == spoken)).collect();
    assert_eq!(missing, [Spoken::FtpTls]);
}

/// Where ESP has its sequence number, a message of SOME/IP has its length (AUTOSAR, SOME/IP Protocol Specification,
/// section 4.1), and GTP' the rest of its header and its first element (3GPP TS 32.295 section 6.1); many others have a
/// small number there, as text, zeros or counters follow.
#[test]
fn words_that_begin_with_a_small_letter_are_asked_for_all_that_may() {
    let mut shown = 0;
    for (_, transport, octets, _) in vectors() {
        // All of it in small letters, and its first words alone.
        for most in [octets.len(), 4, 1] {
            let mut octets = octets.clone();
            octets.iter_mut().take(most).for_each(|octet| *octet = octet.to_ascii_lowercase());
            if transport != Tcp || !octets[0].is_ascii_lowercase() {
                continue;
            }
            let payload = Payload::new(transport, &octets, octets.len() as u32);
            let of_all = words(&payload);
            shown += usize::from(of_all.is_some());
            assert_eq!(small_words(&payload), of_all, "{octets:x?}");
        }
    }
    assert_eq!(shown, 12);
}

#[test]
fn small_numbers_alone_are_not_esp() {
    let of_some_ip = |content: &[u8]| {
        let head = b"\xff\xff\x81\0\0\0\0\x38\0\0\0\0\x01\x01\x02\0";
        [&head[..], content].concat()
    };
    let behind = |content: &[u8]| [&b"\x0f\xf0\0\x44\0\0\0\x07"[..], content].concat();
    let counters: Vec<u8> = (0..16_u32).flat_map(u32::to_be_bytes).collect();
    assert_eq!(spoken(Udp, &of_some_ip(&encrypted(48))), None);
    assert_eq!(spoken(Udp, &behind(&[0; 64])), None);
    assert_eq!(spoken(Udp, &behind(&counters)), None);
    assert_eq!(
        spoken(Udp, &behind(b"alpha alpha alpha alpha alpha alpha alpha alpha alpha alpha alph")),
        None
    );
    assert_eq!(spoken(Udp, &behind(&encrypted(64))), Some(Spoken::EspInUdp));
    let mut sealed = of_some_ip(&encrypted(48));
    sealed[12] = 0x5a;
    assert_eq!(spoken(Udp, &sealed), Some(Spoken::EspInUdp));
}
