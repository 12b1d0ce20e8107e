//! `packets`: one row a transport header.

use super::{Align, Value};
use crate::analysis::LabelledFlow;
use crate::capture::Packet;
use crate::decode::Header;
use crate::flow::Side;

/// The columns, in order; the JSON keys are the same.
///
/// | column | meaning |
/// |---|---|
/// | `capture`, `frame` | file, and number of the packet there from 1 |
/// | `time` | RFC 3339, UTC |
/// | `layer` | which transport header of the packet, from 0, the outermost |
/// | `transport` … `dst_port` | as the header has them |
/// | `flow` | number of the flow; empty for a header that is in none (quoted, or not of the chosen layer) |
/// | `to_server` | whether the packet goes to the server |
/// | `service`, `status`, `port_range` | of the flow's server port |
/// | `quoted` | whether the header is only quoted inside an ICMP error |
/// | `length` | length of the header's IP packet on the wire, as it says, but no longer than the packet was |
pub const COLUMNS: &[&str] = &[
    "capture",
    "frame",
    "time",
    "layer",
    "transport",
    "src_address",
    "src_port",
    "dst_address",
    "dst_port",
    "flow",
    "to_server",
    "service",
    "status",
    "port_range",
    "quoted",
    "length",
];

/// The values of one header. `flow` is the flow it was counted in, and the side that sent it.
pub fn values<'a>(
    capture: &'a str,
    packet: &Packet,
    layer: usize,
    header: &Header,
    flow: Option<(&LabelledFlow<'a>, Side)>,
) -> [Value<'a>; 16] {
    let label = flow.map(|(row, _)| row.label);
    [
        Value::text(Some(capture)),
        Value::Number(packet.frame),
        Value::time(packet.time),
        Value::Number(layer as u64),
        Value::text(Some(header.transport.name())),
        Value::Address(header.source),
        Value::Number(header.source_port.into()),
        Value::Address(header.destination),
        Value::Number(header.destination_port.into()),
        flow.map_or(Value::Unknown, |(row, _)| Value::Number(row.number)),
        flow.map_or(Value::Unknown, |(row, sender)| Value::Bool(sender != row.label.direction.server)),
        Value::text(label.and_then(|label| label.service())),
        Value::text(label.map(|label| label.status().name())),
        Value::text(label.map(|label| label.port_range().name())),
        Value::Bool(header.quoted.is_some()),
        Value::Number(packet.at_most(header.ip_length).into()),
    ]
}

/// The table for people.
pub const PEOPLE: &[(&str, Align)] = &[
    ("frame", Align::Right),
    ("time", Align::Left),
    ("source", Align::Left),
    ("destination", Align::Left),
    ("flow", Align::Right),
    ("registered as", Align::Left),
    ("status", Align::Left),
    ("length", Align::Right),
];

/// The table's cells of one header.
pub fn people(
    packet: &Packet,
    layer: usize,
    header: &Header,
    flow: Option<(&LabelledFlow, Side)>,
) -> Vec<String> {
    use crate::flow::End;
    let source = End { address: header.source, port: header.source_port };
    let destination = End { address: header.destination, port: header.destination_port };
    let side = |end: End, is_server: bool| {
        let text = super::flows::end(end);
        if is_server { format!("{text}/{}", header.transport) } else { text }
    };
    let server = flow.map(|(row, sender)| sender == row.label.direction.server);
    let frame = if layer == 0 { packet.frame.to_string() } else { format!("{}.{layer}", packet.frame) };
    vec![
        frame,
        packet.time.map_or("-".into(), |time| time.to_string()),
        side(source, server == Some(true)),
        side(destination, server == Some(false)),
        flow.map_or("-".into(), |(row, _)| row.number.to_string()),
        flow.and_then(|(row, _)| row.label.service()).unwrap_or("-").to_owned(),
        match flow {
            Some((row, _)) => row.label.status().to_string(),
            None if header.quoted.is_some() => "(quoted)".into(),
            None => "-".into(),
        },
        packet.at_most(header.ip_length).to_string(),
    ]
}
