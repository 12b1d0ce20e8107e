//! OCSF 1.1, class Network Activity: <https://schema.ocsf.io/1.1.0/classes/network_activity>. That is the version that
//! Amazon Security Lake takes from sources of its users.

use super::name::{Name, duration_in, sum, text, time_in, version};
use crate::report::{Bits, Holds, Value};

const MILLISECONDS: Holds = Holds::Integer(Bits::B64, Some("milliseconds"));
const NUMBER: Holds = Holds::Integer(Bits::B32, None);
const MILLION: i64 = 1_000_000;

pub(super) const NAMES: &[Name] = &[
    Name::fixed("class_uid", NUMBER, "the class Network Activity", "base event", |_| Value::Number(4001)),
    Name::fixed("class_name", Holds::Text, "the name of the class", "base event", |_| {
        text("Network Activity")
    }),
    Name::fixed("category_uid", NUMBER, "the category Network Activity", "base event", |_| Value::Number(4)),
    Name::fixed("category_name", Holds::Text, "the name of the category", "base event", |_| {
        text("Network Activity")
    }),
    Name::fixed("activity_id", NUMBER, "the activity Traffic", "class network_activity", |_| {
        Value::Number(6)
    }),
    Name::fixed("activity_name", Holds::Text, "the name of the activity", "base event", |_| text("Traffic")),
    Name::fixed("type_uid", Holds::NUMBER, "class and activity", "base event", |_| Value::Number(400_106)),
    Name::fixed("type_name", Holds::Text, "the name of class and activity", "base event", |_| {
        text("Network Activity: Traffic")
    }),
    Name::fixed("severity_id", NUMBER, "the severity Informational", "base event", |_| Value::Number(1)),
    Name::fixed("severity", Holds::Text, "the name of the severity", "base event", |_| text("Informational")),
    Name::made(
        "time",
        &["first_seen"],
        MILLISECONDS,
        "time of the first packet since 1970",
        "base event",
        |of| time_in(MILLION, of[0]),
    ),
    Name::made(
        "start_time",
        &["first_seen"],
        MILLISECONDS,
        "time of the first packet since 1970",
        "base event",
        |of| time_in(MILLION, of[0]),
    ),
    Name::made(
        "end_time",
        &["last_seen"],
        MILLISECONDS,
        "time of the latest packet since 1970",
        "base event",
        |of| time_in(MILLION, of[0]),
    ),
    Name::made(
        "duration",
        &["duration"],
        MILLISECONDS,
        "time between the first and the latest packet",
        "base event",
        |of| duration_in(MILLION, of[0]),
    ),
    Name::fixed("metadata.version", Holds::Text, "version of the schema", "object metadata", |_| {
        text("1.1.0")
    }),
    Name::fixed("metadata.product.name", Holds::Text, "the program", "object product", |_| {
        text(env!("CARGO_PKG_NAME"))
    }),
    Name::fixed(
        "metadata.product.vendor_name",
        Holds::Text,
        "who makes the program",
        "object product",
        |_| text(env!("CARGO_PKG_NAME")),
    ),
    Name::fixed("metadata.product.version", Holds::Text, "version of the program", "object product", |_| {
        text(env!("CARGO_PKG_VERSION"))
    }),
    Name::is("src_endpoint.ip", &["client_address"], "object network_endpoint"),
    Name::is("src_endpoint.port", &["client_port"], "object network_endpoint"),
    Name::is("src_endpoint.hostname", &["client_name"], "object network_endpoint"),
    Name::is("dst_endpoint.ip", &["server_address"], "object network_endpoint"),
    Name::is("dst_endpoint.port", &["server_port"], "object network_endpoint"),
    Name::is("dst_endpoint.hostname", &["server_name"], "object network_endpoint"),
    Name::is("dst_endpoint.svc_name", &["service"], "object network_endpoint"),
    Name::is("connection_info.protocol_num", &["protocol_number"], "object network_connection_info"),
    Name::is("connection_info.protocol_name", &["protocol"], "object network_connection_info"),
    Name::made(
        "connection_info.protocol_ver_id",
        &["client_address"],
        NUMBER,
        "version of IP",
        "object network_connection_info",
        |of| version(of[0]).map_or(Value::Unknown, |version| Value::Number(version.into())),
    ),
    Name::fixed(
        "connection_info.direction_id",
        NUMBER,
        "unknown: what is inside is not known of a capture",
        "object network_connection_info",
        |_| Value::Number(0),
    ),
    Name::made(
        "traffic.packets",
        &["packets_to_server", "packets_to_client"],
        Holds::PACKETS,
        "packets of both directions",
        "object network_traffic",
        sum,
    ),
    Name::is("traffic.packets_out", &["packets_to_server"], "object network_traffic"),
    Name::is("traffic.packets_in", &["packets_to_client"], "object network_traffic"),
    Name::made(
        "traffic.bytes",
        &["bytes_to_server", "bytes_to_client"],
        Holds::BYTES,
        "IP bytes of both directions, as on the wire",
        "object network_traffic",
        sum,
    ),
    Name::is("traffic.bytes_out", &["bytes_to_server"], "object network_traffic"),
    Name::is("traffic.bytes_in", &["bytes_to_client"], "object network_traffic"),
    Name::is("app_name", &["observed"], "class network"),
];
