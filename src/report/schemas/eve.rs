//! Suricata's EVE, event type `flow`: <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>. Why a flow
//! ended, and whether there was an alert, is not known here.

use super::name::{Name, as_text, duration_in, spoken, text};
use crate::report::{Bits, Holds, Value};

const COMMON: &str = "common section of EVE";
const FLOW: &str = "event type flow of EVE";

pub(super) const NAMES: &[Name] =
    &[
        Name::is("timestamp", &["last_seen"], COMMON).again(),
        Name::is("flow_id", &["flow"], COMMON).again(),
        Name::is("in_iface", &["interface"], COMMON),
        Name::fixed("event_type", Holds::Word(&["flow"]), "type of the record", COMMON, |_| text("flow")),
        Name::is("src_ip", &["client_address"], COMMON),
        Name::is("src_port", &["client_port"], COMMON),
        Name::is("dest_ip", &["server_address"], COMMON),
        Name::is("dest_port", &["server_port"], COMMON),
        Name::made("proto", &["protocol"], Holds::Text, "protocol above IP, in capitals", COMMON, |of| {
            match of[0] {
                Value::Text(name) if name == "icmpv6" => text("IPv6-ICMP"),
                Value::Text(name) => Value::Text(name.to_uppercase().into()),
                _ => Value::Unknown,
            }
        })
        .whole(),
        Name::is("icmp_type", &["icmp_type"], COMMON),
        Name::is("icmp_code", &["icmp_code"], COMMON),
        Name::made(
            "app_proto",
            &["observed"],
            Holds::Text,
            "protocol that the payload shows, in lower case and without its version",
            FLOW,
            |of| spoken(of[0]),
        ),
        Name::is("flow.pkts_toserver", &["packets_to_server"], FLOW),
        Name::is("flow.pkts_toclient", &["packets_to_client"], FLOW),
        Name::is(
            "flow.bytes_toserver",
            &["bytes_to_server"],
            "event type flow of EVE, where it counts link headers, too",
        ),
        Name::is(
            "flow.bytes_toclient",
            &["bytes_to_client"],
            "event type flow of EVE, where it counts link headers, too",
        ),
        Name::is("flow.start", &["first_seen"], FLOW).again(),
        Name::is("flow.end", &["last_seen"], FLOW).again(),
        Name::made(
            "flow.age",
            &["duration"],
            Holds::Integer(Bits::B64, Some("seconds")),
            "whole seconds between the first and the latest packet",
            FLOW,
            |of| duration_in(1_000_000_000, of[0]),
        ),
        Name::made(
            "flow.state",
            &["transport", "state", "packets_to_server", "packets_to_client"],
            Holds::Word(&["new", "established", "closed"]),
            "closed or reset; else whether packets of both directions came",
            FLOW,
            state,
        ),
        Name::is("community_id", &["community_id"], COMMON),
    ];

fn state<'a>(of: &[&Value<'a>]) -> Value<'a> {
    let is_closed = as_text(of[0]) == Some("tcp")
        && matches!(as_text(of[1]), Some("SF" | "REJ" | "RSTO" | "RSTR" | "RSTOS0" | "RSTRH"));
    let came = |value: &Value| !matches!(value, Value::Number(0));
    text(match (is_closed, came(of[2]) && came(of[3])) {
        (true, _) => "closed",
        (false, true) => "established",
        (false, false) => "new",
    })
}
