//! IPFIX information elements, by the names of IANA's registry: <https://www.iana.org/assignments/ipfix>. Those of the
//! server's packets are the reverse ones of RFC 5103.

use super::name::{Name, duration_in, version};
use crate::report::{Bits, Holds, Value};

pub(super) const NAMES: &[Name] = &[
    Name::is("flowId", &["flow"], "IANA 148"),
    Name::is("flowStartNanoseconds", &["first_seen"], "IANA 156"),
    Name::is("flowEndNanoseconds", &["last_seen"], "IANA 157"),
    Name::made(
        "flowDurationMicroseconds",
        &["duration"],
        Holds::Integer(Bits::B64, Some("microseconds")),
        "time between the first and the latest packet",
        "IANA 162",
        |of| duration_in(1000, of[0]),
    ),
    Name::made(
        "ipVersion",
        &["client_address"],
        Holds::Integer(Bits::B8, None),
        "version of IP",
        "IANA 60",
        |of| version(of[0]).map_or(Value::Unknown, |version| Value::Number(version.into())),
    ),
    Name::made(
        "sourceIPv4Address",
        &["client_address"],
        Holds::Address,
        "address of the client",
        "IANA 8",
        |of| of_version(4, of[0]),
    )
    .whole(),
    Name::made(
        "sourceIPv6Address",
        &["client_address"],
        Holds::Address,
        "address of the client",
        "IANA 27",
        |of| of_version(6, of[0]),
    ),
    Name::is("sourceTransportPort", &["client_port"], "IANA 7"),
    Name::made(
        "destinationIPv4Address",
        &["server_address"],
        Holds::Address,
        "address of the server",
        "IANA 12",
        |of| of_version(4, of[0]),
    )
    .whole(),
    Name::made(
        "destinationIPv6Address",
        &["server_address"],
        Holds::Address,
        "address of the server",
        "IANA 28",
        |of| of_version(6, of[0]),
    ),
    Name::is("destinationTransportPort", &["server_port"], "IANA 11"),
    Name::is("protocolIdentifier", &["protocol_number"], "IANA 4"),
    Name::made("icmpTypeIPv4", &["client_address", "icmp_type"], SMALL, "type of ICMP", "IANA 176", |of| {
        icmp(4, of)
    })
    .whole(),
    Name::made("icmpCodeIPv4", &["client_address", "icmp_code"], SMALL, "code of ICMP", "IANA 177", |of| {
        icmp(4, of)
    })
    .whole(),
    Name::made("icmpTypeIPv6", &["client_address", "icmp_type"], SMALL, "type of ICMPv6", "IANA 178", |of| {
        icmp(6, of)
    }),
    Name::made("icmpCodeIPv6", &["client_address", "icmp_code"], SMALL, "code of ICMPv6", "IANA 179", |of| {
        icmp(6, of)
    }),
    Name::is("packetTotalCount", &["packets_to_server"], "IANA 86"),
    Name::is("octetTotalCount", &["bytes_to_server"], "IANA 85"),
    Name::is("reversePacketTotalCount", &["packets_to_client"], "RFC 5103, of IANA 86"),
    Name::is("reverseOctetTotalCount", &["bytes_to_client"], "RFC 5103, of IANA 85"),
    Name::is("applicationName", &["observed"], "IANA 96"),
    Name::is("interfaceName", &["interface"], "IANA 82"),
];

const SMALL: Holds = Holds::Integer(Bits::B8, None);

fn of_version<'a>(wanted: u8, value: &Value<'a>) -> Value<'a> {
    if version(value) == Some(wanted) { value.clone() } else { Value::Unknown }
}

fn icmp<'a>(wanted: u8, of: &[&Value<'a>]) -> Value<'a> {
    if version(of[0]) == Some(wanted) { of[1].clone() } else { Value::Unknown }
}
