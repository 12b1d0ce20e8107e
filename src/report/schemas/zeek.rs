//! Zeek's `conn.log`: <https://docs.zeek.org/en/master/logs/conn.html>. Octets of payload, `history` and `missed_bytes`
//! are not counted here, and are no columns.

use std::borrow::Cow;
use std::fmt::Write;

use super::name::{Name, as_text, spoken};
use crate::report::{Field, Holds, Value};

const SCRIPT: &str = "Conn::Info of base/protocols/conn/main.zeek";

pub(super) const NAMES: &[Name] = &[
    Name::is("ts", &["first_seen"], SCRIPT),
    Name::made("uid", &["flow"], Holds::Text, "the number of the flow behind a C", SCRIPT, |of| {
        match of[0] {
            Value::Number(number) => Value::Text(format!("C{number}").into()),
            _ => Value::Unknown,
        }
    }),
    Name::is("id.orig_h", &["client_address"], "conn_id of base/init-bare.zeek"),
    Name::made(
        "id.orig_p",
        &["client_port", "icmp_type"],
        Holds::PORT,
        "port of the client; the type of ICMP, as Zeek has it",
        "conn_id of base/init-bare.zeek",
        port,
    )
    .whole(),
    Name::is("id.resp_h", &["server_address"], "conn_id of base/init-bare.zeek"),
    Name::made(
        "id.resp_p",
        &["server_port", "icmp_code", "icmp_type", "protocol"],
        Holds::PORT,
        "port of the server; of ICMP the type that answers the client's, or else the code, as Zeek has it",
        "conn_id of base/init-bare.zeek",
        answered,
    )
    .covers(&["server_port"]),
    Name::made(
        "proto",
        &["protocol"],
        Holds::Word(&["tcp", "udp", "icmp", "unknown_transport"]),
        "transport protocol, of those that Zeek names",
        SCRIPT,
        |of| {
            Value::Text(Cow::Borrowed(match as_text(of[0]) {
                Some("tcp") => "tcp",
                Some("udp") => "udp",
                Some("icmp" | "icmpv6") => "icmp",
                _ => "unknown_transport",
            }))
        },
    ),
    Name::made(
        "service",
        &["observed"],
        Holds::Text,
        "protocol that the payload shows, as Zeek writes it",
        SCRIPT,
        |of| match as_text(of[0]) {
            Some("TLS") => Value::Text("ssl".into()),
            _ => spoken(of[0]),
        },
    ),
    Name::is("duration", &["duration"], SCRIPT),
    Name::is("conn_state", &["state"], SCRIPT),
    Name::is("orig_pkts", &["packets_to_server"], SCRIPT),
    Name::is("orig_ip_bytes", &["bytes_to_server"], SCRIPT),
    Name::is("resp_pkts", &["packets_to_client"], SCRIPT),
    Name::is("resp_ip_bytes", &["bytes_to_client"], SCRIPT),
    Name::is("ip_proto", &["protocol_number"], SCRIPT),
    Name::is("community_id", &["community_id"], "policy/protocols/conn/community-id-logging.zeek"),
];

/// A port, or what Zeek has in its place; 0 where there is neither, since the field is always set.
fn port<'a>(of: &[&Value<'a>]) -> Value<'a> {
    match (of[0], of[1]) {
        (Value::Number(number), _) | (_, Value::Number(number)) => Value::Number(*number),
        _ => Value::Number(0),
    }
}

/// A port, or for ICMP the type of the other side where there is one.
fn answered<'a>(of: &[&Value<'a>]) -> Value<'a> {
    /// Types that ask and answer: RFC 792, 950, 1256; RFC 4443, 4861, 4620.
    const V4: &[(u64, u64)] = &[(8, 0), (10, 9), (13, 14), (15, 16), (17, 18)];
    const V6: &[(u64, u64)] = &[(128, 129), (133, 134), (135, 136), (139, 140)];
    let pairs = match as_text(of[3]) {
        Some("icmp") => V4,
        Some("icmpv6") => V6,
        _ => &[],
    };
    let other = |&(ask, answer): &(u64, u64)| match of[2] {
        Value::Number(kind) if *kind == ask => Some(answer),
        Value::Number(kind) if *kind == answer => Some(ask),
        _ => None,
    };
    pairs.iter().find_map(other).map_or_else(|| port(of), Value::Number)
}

/// The lines before the rows of a log in TSV. Times of opening and closing are left out: they say when the log was
/// written.
pub(in crate::report) fn header(fields: &[Field]) -> String {
    let mut text = String::from(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields",
    );
    // Writing to a string does not fail.
    for field in fields {
        let _ = write!(text, "\t{}", field.name);
    }
    text.push_str("\n#types");
    for field in fields {
        let _ = write!(text, "\t{}", type_of(field));
    }
    text.push('\n');
    text
}

fn type_of(field: &Field) -> &'static str {
    match (field.name, field.holds) {
        ("id.orig_p" | "id.resp_p", _) => "port",
        ("proto", _) => "enum",
        (_, Holds::Time) => "time",
        (_, Holds::Duration) => "interval",
        (_, Holds::Address) => "addr",
        (_, Holds::Integer(..)) => "count",
        (_, Holds::Share) => "double",
        (_, Holds::Bool) => "bool",
        (_, Holds::Texts | Holds::Words(_) | Holds::Flags) => "set[string]",
        (_, Holds::Sentences) => "vector[string]",
        _ => "string",
    }
}
