//! What the options of a command say of reading and selecting.

use super::args::{Common, Reading, Selecting};
use super::say;
use crate::decode;
use crate::flow::{Ephemeral, FlowOptions};
use crate::label::Flag;
use crate::traffic::{ReadSettings, Selection};

/// How packets become flows, as the options say.
pub(super) fn settings(reading: &Reading, selecting: &Selecting) -> ReadSettings {
    let mut flow = FlowOptions {
        layers: reading.layers,
        separate_vlans: reading.separate_vlans,
        since: selecting.since,
        until: selecting.until,
        peek: reading.peek,
        ..FlowOptions::default()
    };
    for timeout in &reading.idle_timeout {
        if timeout.connections {
            flow.connection_timeout = timeout.after;
        }
        if timeout.datagrams {
            flow.datagram_timeout = timeout.after;
        }
    }
    let ephemeral = match reading.ephemeral.as_slice() {
        [] => Ephemeral::default(),
        ranges => Ephemeral::new(ranges.to_vec()),
    };
    let mut decode = decode::DecodeOptions::default();
    decode.set_esp_null(reading.esp_null);
    for &(kind, port) in &reading.tunnel {
        decode.add_tunnel(kind, port);
    }
    for &(user, link_type) in &reading.link_type {
        decode.set_user(user, link_type);
    }
    ReadSettings { decode, flow, ephemeral, ..ReadSettings::default() }
}

/// Which flows the options select.
pub(super) fn selection(selecting: &Selecting) -> Selection {
    Selection {
        ports: selecting.port.clone(),
        hosts: selecting.host.clone(),
        services: selecting.service.clone(),
        statuses: selecting.status.clone(),
        flags: selecting.flag.clone(),
        transports: selecting.transport.clone(),
        interfaces: selecting.interface.clone(),
    }
}

/// Says that a flag selects nothing where payload is not looked at, without which it is never set.
pub(super) fn warn_of_flags_without_peek(reading: &Reading, flags: &[Flag], common: &Common) {
    if !reading.peek && !common.quiet && flags.contains(&Flag::EvidenceContradicts) {
        say(format_args!("--flag {} selects no flow without --peek", Flag::EvidenceContradicts));
    }
}
