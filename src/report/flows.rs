//! `flows`: one row a flow.

use std::borrow::Cow;

use super::{Column, People, Room, Value};
use crate::flow;
use crate::traffic::LabelledFlow;

/// The columns, in order; the JSON keys are the same.
///
/// | column | meaning |
/// |---|---|
/// | `flow` | number from 1, in the order of first packets |
/// | `capture`, `first_frame` | file of the first packet, and its number there from 1 |
/// | `first_seen`, `last_seen` | times of the first and the latest packet, RFC 3339, UTC |
/// | `duration` | seconds between them |
/// | `tunnel`, `vlan` | what is around the flow, outermost first; empty for nothing |
/// | `transport` | tcp, udp, sctp, dccp, udplite |
/// | `client_address` … `server_port` | the two ends |
/// | `service`, `aliases`, `description` | what the server's port is registered as |
/// | `port_range` | system, user, dynamic (RFC 6335 section 6) |
/// | `status` | [`crate::registry::Status`] |
/// | `flags` | [`crate::label::Flag`]s |
/// | `direction_basis`, `direction_confidence` | why the server is the server, and how surely |
/// | `state` | [`flow::State`] |
/// | `packets_to_server` … `bytes_to_client` | packets and IP bytes on the wire, each way |
/// | `community_id` | Community ID version 1, seed 0 |
/// | `client_service` | name registered for the client's port, where a flag speaks of it |
/// | `service_code` | DCCP Service Code (RFC 4340 section 8.1.2) |
/// | `notes` | what each flag means for this flow |
/// | `local_name` | what an overlay calls the server's port, on this server; never in place of `service` |
pub const COLUMNS: &[&str] = &[
    "flow",
    "capture",
    "first_frame",
    "first_seen",
    "last_seen",
    "duration",
    "tunnel",
    "vlan",
    "transport",
    "client_address",
    "client_port",
    "server_address",
    "server_port",
    "service",
    "aliases",
    "description",
    "port_range",
    "status",
    "flags",
    "direction_basis",
    "direction_confidence",
    "state",
    "packets_to_server",
    "packets_to_client",
    "bytes_to_server",
    "bytes_to_client",
    "community_id",
    "client_service",
    "service_code",
    "notes",
    "local_name",
];

/// The values of one flow, whose first packet is this frame of this capture.
pub fn values<'a>(row: &LabelledFlow<'a>, (capture, frame): (&'a str, u64)) -> Vec<Value<'a>> {
    let (flow, label) = (&row.flow, row.label);
    let (client, server) = (row.client(), row.server());
    let duration = match (flow.first_seen(), flow.last_seen()) {
        (Some(first), Some(last)) => Value::Duration(last.since(first)),
        _ => Value::Unknown,
    };
    vec![
        Value::Number(row.number),
        Value::Text(Cow::Borrowed(capture)),
        Value::Number(frame),
        Value::time(flow.first_seen()),
        Value::time(flow.last_seen()),
        duration,
        Value::filled(row.tunnel()),
        Value::filled(row.vlan()),
        Value::text(Some(flow.transport().name())),
        Value::Address(client.address),
        Value::Number(client.port.into()),
        Value::Address(server.address),
        Value::Number(server.port.into()),
        Value::text(label.service()),
        Value::List(label.aliases().collect()),
        label.description().map_or(Value::Unknown, Value::Text),
        Value::text(Some(label.port_range().name())),
        Value::text(Some(label.status().name())),
        Value::List(label.flags.names().collect()),
        Value::text(Some(label.direction.basis.name())),
        Value::text(Some(label.direction.confidence.name())),
        Value::text(Some(label.state.name())),
        Value::Number(row.packets_to_server()),
        Value::Number(row.packets_to_client()),
        Value::Number(row.bytes_to_server()),
        Value::Number(row.bytes_to_client()),
        Value::Text(Cow::Owned(flow::community_id(flow))),
        Value::text(label.client_service()),
        label.service_code().map_or(Value::Unknown, |code| Value::Text(Cow::Owned(code))),
        Value::Sentences(label.notes().map(|(_, note)| note).collect()),
        Value::List(row.local_names()),
    ]
}

/// The table for people.
pub const PEOPLE: &[Column] = &[
    Column::number("flow", Room::Stays),
    Column::text("client", Room::Stays),
    Column::text("server", Room::Wraps),
    Column::text("registered as", Room::Wraps),
    Column::text("status", Room::Leaves(1)),
    Column::text("by", Room::Leaves(4)),
    Column::text("state", Room::Leaves(5)),
    Column::number("packets", Room::Leaves(3)),
    Column::number("bytes", Room::Leaves(2)),
    Column::text("flags", Room::Below),
];

/// The table's cells of one flow.
pub fn people(row: &LabelledFlow) -> Vec<String> {
    let (client, server) = (row.client(), row.server());
    let label = &row.label;
    let mut place = format!("{}/{}", server, row.flow.transport());
    for (word, around) in [("vlan", row.vlan()), ("in", row.tunnel())] {
        if !around.is_empty() {
            place = format!("{place} {word} {around}");
        }
    }
    vec![
        row.number.to_string(),
        client.to_string(),
        place,
        with_local_names(label.service().unwrap_or("-"), &row.local_names()),
        label.status().to_string(),
        format!("{}, {}", label.direction.basis, label.direction.confidence),
        label.state.to_string(),
        (row.packets_to_server() + row.packets_to_client()).to_string(),
        (row.bytes_to_server() + row.bytes_to_client()).to_string(),
        label.flags.names().collect::<Vec<_>>().join(" "),
    ]
}

/// What is registered, and in brackets what it is called here.
pub(super) fn with_local_names(registered: &str, local: &[&str]) -> String {
    if local.is_empty() { registered.to_owned() } else { format!("{registered} (here {})", local.join(" ")) }
}

/// An empty table for people.
pub fn table() -> People {
    People::new(PEOPLE)
}
