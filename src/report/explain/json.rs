//! An explanation as one JSON object.

use serde_json::{Value as Json, json};

use super::Explanation;
use crate::report::field::object;
use crate::report::lookup::{self, Found};
use crate::report::{Head, Times, flows, glossary};

/// The explanation as a JSON object, in the head of a report on captures, with times written so.
pub fn json(about: &Explanation, mut head: Head, times: &Times) -> String {
    head.put("flows", about.flows.into());
    head.put("other_flows", json!(about.others));
    let flow = flows::values(&about.row, about.place).map(|value| value.written(times));
    head.put("flow", object(flows::COLUMNS, &flow));
    let evidence: Vec<Json> = about
        .evidence()
        .map(|one| {
            json!({
                "basis": one.basis,
                "server": one.server.map(|end| json!({ "address": end.address, "port": end.port })),
                "agrees": one.server.map(|_| one.agrees),
                "decides": one.basis == about.row.label.direction.basis,
                "meaning": one.basis.meaning(),
            })
        })
        .collect();
    head.put("evidence", evidence.into());
    let ports: Vec<Json> = about
        .ports()
        .into_iter()
        .map(|answer| {
            let query = format!("{}/{}", answer.port(), answer.transport());
            object(lookup::COLUMNS, &lookup::values(&query, Found::Port(answer)))
        })
        .collect();
    head.put("ports", ports.into());
    head.put("flag_reasons", json!(about.flag_reasons()));
    let packets: Vec<Json> = about
        .packets
        .seen()
        .iter()
        .map(|packet| {
            json!({
                "capture": packet.capture,
                "frame": packet.frame,
                "time": packet.time.map(|time| times.text(time)),
                "to_server": packet.to_server,
                "signal": packet.signal.split_whitespace().collect::<Vec<_>>(),
                "payload_length": packet.payload_length,
                "length": packet.length,
            })
        })
        .collect();
    head.put("first_packets", packets.into());
    let words: Vec<Json> =
        about.words().iter().map(|entry| object(glossary::COLUMNS, &glossary::values(entry))).collect();
    head.put("words", words.into());
    head.whole()
}
