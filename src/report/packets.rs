//! `packets`: one row a transport header.

use super::flows::with_local_names;
use super::{Column, Room, Value};
use crate::capture::Packet;
use crate::decode::Header;
use crate::flow::Side;
use crate::traffic::LabelledFlow;

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
/// | `local_name` | what an overlay calls the server's port of the flow, on this server |
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
    "local_name",
];

/// What the rows of one flow's packets have in common.
#[derive(Clone, Debug)]
pub struct OfFlow<'a> {
    number: u64,
    server: Side,
    service: Option<&'a str>,
    status: &'static str,
    port_range: &'static str,
    local_names: Vec<&'a str>,
}

impl<'a> OfFlow<'a> {
    /// What the packets of `row` have in common.
    pub fn new(row: &LabelledFlow<'a>) -> OfFlow<'a> {
        OfFlow {
            number: row.number,
            server: row.label.direction.server,
            service: row.label.service(),
            status: row.label.status().name(),
            port_range: row.label.port_range().name(),
            local_names: row.local_names(),
        }
    }
}

/// The values of one header. `flow` is the flow it was counted in, and the side that sent it.
pub fn values<'a>(
    capture: &'a str,
    packet: &Packet,
    layer: usize,
    header: &Header,
    flow: Option<(&OfFlow<'a>, Side)>,
) -> [Value<'a>; 17] {
    let of_flow = flow.map(|(of_flow, _)| of_flow);
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
        of_flow.map_or(Value::Unknown, |flow| Value::Number(flow.number)),
        flow.map_or(Value::Unknown, |(flow, sender)| Value::Bool(sender != flow.server)),
        Value::text(of_flow.and_then(|flow| flow.service)),
        Value::text(of_flow.map(|flow| flow.status)),
        Value::text(of_flow.map(|flow| flow.port_range)),
        Value::Bool(header.quoted.is_some()),
        Value::Number(packet.at_most(header.ip_length).into()),
        of_flow.map_or(Value::Unknown, |flow| Value::List(flow.local_names.clone())),
    ]
}

/// The table for people.
pub const PEOPLE: &[Column] = &[
    Column::number("frame", Room::Stays),
    Column::text("time", Room::Leaves(1)),
    Column::text("source", Room::Stays),
    Column::text("destination", Room::Stays),
    Column::number("flow", Room::Leaves(3)),
    Column::text("registered as", Room::Wraps),
    Column::text("status", Room::Leaves(2)),
    Column::number("length", Room::Leaves(4)),
];

/// The table's cells of one header.
pub fn people(packet: &Packet, layer: usize, header: &Header, flow: Option<(&OfFlow, Side)>) -> Vec<String> {
    use crate::net::End;
    let source = End { address: header.source, port: header.source_port };
    let destination = End { address: header.destination, port: header.destination_port };
    let side = |end: End, is_server: bool| {
        if is_server { format!("{end}/{}", header.transport) } else { end.to_string() }
    };
    let server = flow.map(|(flow, sender)| sender == flow.server);
    let frame = if layer == 0 { packet.frame.to_string() } else { format!("{}.{layer}", packet.frame) };
    vec![
        frame,
        packet.time.map_or("-".into(), |time| time.to_string()),
        side(source, server == Some(true)),
        side(destination, server == Some(false)),
        flow.map_or("-".into(), |(flow, _)| flow.number.to_string()),
        flow.map_or("-".into(), |(flow, _)| with_local_names(flow.service.unwrap_or("-"), &flow.local_names)),
        match flow {
            Some((flow, _)) => flow.status.to_owned(),
            None if header.quoted.is_some() => "(quoted)".into(),
            None => "-".into(),
        },
        packet.at_most(header.ip_length).to_string(),
    ]
}
