//! What the options of a command say of reading and selecting.

use super::args::{Common, OfProtocols, Protocols, Reading, Selecting};
use super::say;
use crate::decode;
use crate::flow::{Ephemeral, FlowOptions, ProtocolChoice};
use crate::label::Flag;
use crate::traffic::{ReadSettings, Selection};

/// How packets become flows, as the options say.
pub(super) fn settings(reading: &Reading, selecting: &Selecting) -> ReadSettings {
    let mut flow = FlowOptions {
        layers: reading.layers,
        separate_vlans: reading.separate_vlans,
        since: selecting.since,
        until: selecting.until,
        payload: !reading.no_payload,
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
    ReadSettings { decode, flow, ephemeral, copies: reading.copies, ..ReadSettings::default() }
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
        protocols: Vec::new(),
        observed: selecting.observed.clone(),
        agreements: selecting.agreement.clone(),
    }
}

/// How packets of these protocols become flows, and which flows are selected, as the options say.
pub(super) fn of_protocols(
    reading: &Reading,
    selecting: &Selecting,
    (protocols, of): (&Protocols, &OfProtocols),
) -> (ReadSettings, Selection) {
    let mut settings = settings(reading, selecting);
    let is_portless = of.protocol.iter().any(|protocol| !protocol.has_ports());
    settings.flow.protocols = if is_portless || selecting.status.contains(&None) {
        ProtocolChoice::All
    } else {
        protocols.protocols
    };
    (settings, Selection { protocols: of.protocol.clone(), ..selection(selecting) })
}

/// Says what selects nothing where payload is not looked at.
pub(super) fn warn_of_selection_without_payload(reading: &Reading, selection: &Selection, common: &Common) {
    if !reading.no_payload || common.quiet {
        return;
    }
    let by_flag = selection.flags.contains(&Flag::EvidenceContradicts);
    for (is_asked, option) in [
        (by_flag, "--flag evidence-contradicts"),
        (!selection.observed.is_empty(), "--observed"),
        (!selection.agreements.is_empty(), "--agreement"),
    ] {
        if is_asked {
            say(format_args!("{option} selects no flow with --no-payload"));
        }
    }
}
