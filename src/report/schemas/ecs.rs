//! Elastic Common Schema 8: <https://www.elastic.co/docs/reference/ecs/ecs-field-reference>.

use super::name::{Name, as_text, duration_in, spoken, sum, text, version};
use crate::report::{Bits, Holds, Value};

/// The version of the schema that the names are of.
const VERSION: &str = "8.17.0";

pub(super) const NAMES: &[Name] = &[
    Name::is("@timestamp", &["first_seen"], "base fields").again(),
    Name::fixed("ecs.version", Holds::Text, "version of the schema", "ECS fields", |_| text(VERSION)),
    Name::fixed("event.kind", Holds::Word(&["event"]), "kind of record", "event fields", |_| text("event")),
    Name::fixed("event.category", Holds::Words(&["network"]), "category of record", "event fields", |_| {
        Value::List(vec!["network"])
    }),
    Name::fixed(
        "event.type",
        Holds::Words(&["connection", "info"]),
        "type of record",
        "event fields",
        |_| Value::List(vec!["connection", "info"]),
    ),
    Name::fixed("event.module", Holds::Text, "the program", "event fields", |_| text(env!("CARGO_PKG_NAME"))),
    Name::fixed("event.dataset", Holds::Text, "the program and its result", "event fields", |_| {
        text(concat!(env!("CARGO_PKG_NAME"), ".flows"))
    }),
    Name::is("event.start", &["first_seen"], "event fields"),
    Name::is("event.end", &["last_seen"], "event fields"),
    Name::made(
        "event.duration",
        &["duration"],
        Holds::Integer(Bits::B64, Some("nanoseconds")),
        "time between the first and the latest packet",
        "event fields",
        |of| duration_in(1, of[0]),
    ),
    Name::is("source.ip", &["client_address"], "source fields"),
    Name::is("source.address", &["client_address"], "source fields").again(),
    Name::is("source.port", &["client_port"], "source fields"),
    Name::is("source.domain", &["client_name"], "source fields"),
    Name::is("source.packets", &["packets_to_server"], "source fields"),
    Name::is("source.bytes", &["bytes_to_server"], "source fields"),
    Name::is("destination.ip", &["server_address"], "destination fields"),
    Name::is("destination.address", &["server_address"], "destination fields").again(),
    Name::is("destination.port", &["server_port"], "destination fields"),
    Name::is("destination.domain", &["server_name"], "destination fields"),
    Name::is("destination.packets", &["packets_to_client"], "destination fields"),
    Name::is("destination.bytes", &["bytes_to_client"], "destination fields"),
    Name::is("client.ip", &["client_address"], "client fields").again(),
    Name::is("client.port", &["client_port"], "client fields").again(),
    Name::is("client.packets", &["packets_to_server"], "client fields").again(),
    Name::is("client.bytes", &["bytes_to_server"], "client fields").again(),
    Name::is("server.ip", &["server_address"], "server fields").again(),
    Name::is("server.port", &["server_port"], "server fields").again(),
    Name::is("server.packets", &["packets_to_client"], "server fields").again(),
    Name::is("server.bytes", &["bytes_to_client"], "server fields").again(),
    Name::made(
        "network.type",
        &["client_address"],
        Holds::Word(&["ipv4", "ipv6"]),
        "version of IP",
        "network fields",
        |of| match version(of[0]) {
            Some(4) => text("ipv4"),
            Some(_) => text("ipv6"),
            None => Value::Unknown,
        },
    ),
    Name::made(
        "network.transport",
        &["protocol"],
        Holds::Text,
        "protocol above IP, by IANA's name in lower case",
        "network fields",
        |of| match as_text(of[0]) {
            Some("icmpv6") => text("ipv6-icmp"),
            _ => of[0].clone(),
        },
    )
    .whole(),
    Name::made(
        "network.iana_number",
        &["protocol_number"],
        Holds::Text,
        "IANA's number of the protocol",
        "network fields, where it is a keyword",
        |of| match of[0] {
            Value::Number(number) => Value::Text(number.to_string().into()),
            _ => Value::Unknown,
        },
    )
    .whole(),
    Name::made(
        "network.protocol",
        &["observed"],
        Holds::Text,
        "protocol that the payload shows, in lower case and without its version",
        "network fields",
        |of| spoken(of[0]),
    ),
    Name::made(
        "network.packets",
        &["packets_to_server", "packets_to_client"],
        Holds::PACKETS,
        "packets of both directions",
        "network fields",
        sum,
    ),
    Name::made(
        "network.bytes",
        &["bytes_to_server", "bytes_to_client"],
        Holds::BYTES,
        "IP bytes of both directions, as on the wire",
        "network fields",
        sum,
    ),
    Name::is("network.community_id", &["community_id"], "network fields"),
    Name::is("log.file.path", &["capture"], "log fields"),
];
