//! What is sent in the clear: as the payload shows, or else as the registered service is specified.

use std::io::Cursor;

use portscribe::capture::CaptureReader;
use portscribe::flow::FlowOptions;
use portscribe::label::Flag;
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

use crate::support::made::{ACK, Made, SYN, SYN_ACK};

const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
const ANSWER: &[u8] = b"\x16\x03\x03\x00\x5a\x02\x00\x00\x56\x03\x03";

/// What a client and a server of a port say in turn, the client first unless its first is empty: what is sent in
/// the clear, by what, and why each flag is there that is about it.
fn said(port: u16, payload: bool, turns: &[&[u8]]) -> String {
    let mut made = Made::default();
    let (client, server) = (("192.0.2.1", 50_000), ("198.51.100.2", port));
    made.tcp(0, client, server, SYN, b"");
    made.tcp(0, server, client, SYN_ACK, b"");
    for (n, turn) in turns.iter().enumerate().filter(|(_, turn)| !turn.is_empty()) {
        let (from, to) = if n % 2 == 0 { (client, server) } else { (server, client) };
        made.tcp(1, from, to, ACK, turn);
    }
    let options = FlowOptions { payload, ..FlowOptions::default() };
    let mut reading = Reading::new(ReadSettings { flow: options, ..ReadSettings::default() });
    let reader = CaptureReader::from_stream("made", Cursor::new(made.capture())).expect("a capture");
    reading.read(reader, |_| {}).expect("a whole capture");
    let (traffic, registry) = (reading.finish(), Registry::bundled());
    let labelled = traffic.label(&registry);
    let mut rows = labelled.rows();
    let row = rows.next().expect("a flow");
    assert!(rows.next().is_none(), "one flow");
    let label = row.label;
    let mut line = match label.in_the_clear() {
        Some(clear) => format!("{} by {}", clear.sends().name(), clear.by.name()),
        None => "-".to_owned(),
    };
    for reason in label.flag_reasons() {
        if matches!(reason.flag(), Flag::Cleartext | Flag::CleartextLogin) {
            line = format!("{line}; {}: {reason}", reason.flag());
        }
    }
    line
}

#[test]
fn what_was_seen_comes_before_what_is_registered() {
    for (port, turns, expected) in [
        (23, &[HELLO, ANSWER][..], "nothing by payload"),
        (
            23,
            &[b"", b"\xff\xfd\x18"],
            "credentials-and-content by payload; \
             cleartext: the payload is Telnet, which sends credentials and content in the clear; \
             cleartext-login: the protocol that the payload shows sends credentials in the clear",
        ),
        (
            443,
            &[b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
            "content by payload; cleartext: the payload is HTTP, which sends its content in the clear",
        ),
        (443, &[HELLO, ANSWER], "nothing by payload"),
        (2222, &[b"", b"SSH-2.0-x\r\n"], "nothing by payload"),
        // Nothing is registered that is known of, and what is registered is not what is spoken.
        (
            49_999,
            &[b"", b"220 x ESMTP\r\n"],
            "credentials-and-content by payload; cleartext: the payload is SMTP, which sends credentials and content \
             in the clear until it is upgraded to TLS; \
             cleartext-login: the protocol that the payload shows sends credentials in the clear",
        ),
        (
            23,
            &[b"", b"RFB 003.008\n"],
            "content by payload; cleartext: the payload is VNC, which sends its content in the clear",
        ),
        // The payload says nothing.
        (
            23,
            &[b"\x01\x02\x03"],
            "credentials-and-content by registration; \
             cleartext: telnet, as it is specified, sends credentials and content in the clear; \
             cleartext-login: the registered service sends credentials in the clear",
        ),
        (443, &[b"\x01\x02\x03"], "nothing by registration"),
        (49_999, &[b"\x01\x02\x03"], "-"),
    ] {
        assert_eq!(said(port, true, turns), expected, "{port} {turns:x?}");
    }
    assert_eq!(
        said(23, false, &[HELLO, ANSWER]),
        "credentials-and-content by registration; \
         cleartext: telnet, as it is specified, sends credentials and content in the clear; \
         cleartext-login: the registered service sends credentials in the clear"
    );
}

/// Who proves a password sends none, and who sends one after that does.
#[test]
fn logins_by_a_proof_send_no_credentials_in_the_clear() {
    type Case<'a> = (u16, &'a str, &'a [&'a [u8]], bool);
    const CONTENT: &str = "which sends its content in the clear until it is upgraded to TLS";
    const CREDENTIALS: &str = "which sends credentials and content in the clear until it is upgraded to TLS";
    let by_kerberos = b"\x30\x1a\x02\x01\x01\x60\x15\x02\x01\x03\x04\0\xa3\x0e\x04\x0aGSS-SPNEGO\x04\0";
    let simple = b"\x30\x0f\x02\x01\x02\x60\x0a\x02\x01\x03\x04\x02cn\x80\x01x";
    let root = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0";
    let bound = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";
    let stream = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                   xmlns:stream='http://etherx.jabber.org/streams'>";
    let startup = b"\0\0\0\x10\0\x03\0\0user\0me\0";
    let cases: &[Case] = &[
        (389, "LDAP", &[by_kerberos, bound], true),
        (389, "LDAP", &[root, bound, by_kerberos], true),
        (389, "LDAP", &[simple, bound], false),
        (389, "LDAP", &[by_kerberos, bound, simple], false),
        (389, "LDAP", &[root, bound], false),
        (25, "SMTP", &[b"", b"220 x ESMTP\r\n", b"EHLO me\r\n", b"250 AUTH\r\n", b"AUTH CRAM-MD5\r\n"], true),
        (
            25,
            "SMTP",
            &[b"", b"220 x ESMTP\r\n", b"EHLO me\r\n", b"250 AUTH\r\n", b"AUTH PLAIN AGE=\r\n"],
            false,
        ),
        (110, "POP3", &[b"", b"+OK <1@x>\r\n", b"APOP me 0123\r\n"], true),
        (110, "POP3", &[b"", b"+OK ready\r\n", b"USER me\r\n", b"+OK\r\n", b"PASS x\r\n"], false),
        (143, "IMAP", &[b"", b"* OK ready\r\n", b"a1 AUTHENTICATE GSSAPI\r\n"], true),
        (143, "IMAP", &[b"", b"* OK ready\r\n", b"a1 LOGIN me x\r\n"], false),
        (119, "NNTP", &[b"", b"200 news NNTP\r\n", b"AUTHINFO SASL SCRAM-SHA-1\r\n"], true),
        (21, "FTP", &[b"", b"220 FTP ready\r\n", b"AUTH GSSAPI\r\n"], true),
        (21, "FTP", &[b"", b"220 FTP ready\r\n", b"USER me\r\n", b"331 \r\n", b"PASS x\r\n"], false),
        (5222, "XMPP", &[stream, stream, b"<auth xmlns='x' mechanism='SCRAM-SHA-1'>biws</auth>"], true),
        (5222, "XMPP", &[stream, stream, b"<auth xmlns='x' mechanism='PLAIN'>AGE=</auth>"], false),
        (5432, "PostgreSQL", &[startup, b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"], true),
        (5432, "PostgreSQL", &[startup, b"R\0\0\0\x08\0\0\0\x03"], false),
    ];
    for &(port, name, turns, is_proof) in cases {
        let line = said(port, true, turns);
        let expected = if is_proof {
            format!("content by payload; cleartext: the payload is {name}, {CONTENT}")
        } else {
            format!(
                "credentials-and-content by payload; cleartext: the payload is {name}, {CREDENTIALS}; \
                 cleartext-login: the protocol that the payload shows sends credentials in the clear"
            )
        };
        assert_eq!(line, expected, "{port} {turns:x?}");
    }
}

/// Every protocol with an upgrade: asked for and begun, and asked for and refused.
#[test]
fn tls_that_begins_after_it_was_asked_for_leaves_nothing_in_the_clear() {
    let mut mysql = vec![32, 0, 0, 1, 0x85, 0xae, 0x7f, 0];
    mysql.resize(36, 0);
    let greeting = [&b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0"[..], &[7; 62][..]].concat();
    let ldap = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
    let stream = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                   xmlns:stream='http://etherx.jabber.org/streams'>";
    let cases: [(u16, &str, &[&[u8]]); 9] = [
        (
            25,
            "SMTP",
            &[
                b"",
                b"220 x ESMTP\r\n",
                b"EHLO me\r\n",
                b"250 STARTTLS\r\n",
                b"STARTTLS\r\n",
                b"220 go on\r\n",
            ],
        ),
        (110, "POP3", &[b"", b"+OK ready\r\n", b"STLS\r\n", b"+OK begin\r\n"]),
        (143, "IMAP", &[b"", b"* OK ready\r\n", b"a1 STARTTLS\r\n", b"a1 OK begin\r\n"]),
        (119, "NNTP", &[b"", b"200 news NNTP\r\n", b"STARTTLS\r\n", b"382 go on\r\n"]),
        (21, "FTP with TLS", &[b"", b"220 ready\r\n", b"AUTH TLS\r\n", b"234 go on\r\n"]),
        (389, "LDAP", &[ldap, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"]),
        (5432, "PostgreSQL", &[b"\0\0\0\x08\x04\xd2\x16\x2f", b"S"]),
        (3306, "MySQL", &[b"", &greeting, &mysql]),
        (
            5222,
            "XMPP",
            &[stream, stream, b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b"<proceed/>"],
        ),
    ];
    for (port, name, asked) in cases {
        let pad: &[&[u8]] = if asked.len() % 2 == 0 { &[] } else { &[b""] };
        let begun = [asked, pad, &[HELLO, ANSWER]].concat();
        assert_eq!(said(port, true, &begun), "nothing by payload", "{name}");
        // What comes instead is in the clear, and asking alone says nothing.
        for refused in [[asked, pad, &[b"QUIT\r\n"]].concat(), asked.to_vec()] {
            let line = said(port, true, &refused);
            assert!(
                line.contains(&format!("cleartext: the payload is {name}, which sends ")),
                "{name}: {line}"
            );
            assert!(line.contains("until it is upgraded to TLS"), "{name}: {line}");
        }
    }
}
