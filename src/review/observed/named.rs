//! What the registry says of a row's ports.

use std::net::IpAddr;

use super::super::model::{Offer, OtherTransport, PortStatus, RegistryPart};
use crate::foreign::Foreign;
use crate::registry::{Answer, Column, Registry, Status};
use crate::text::single_spaced;

/// What the registry says of what a server is asked for; `server` is the host that overlays may name ports
/// for.
pub(super) fn of(registry: &Registry, offer: Offer, server: Option<IpAddr>) -> RegistryPart {
    let Offer::Ports { transport, ports } = offer else { return no_name(PortStatus::Portless) };
    let answer = |port: u16| registry.port(transport, port);
    if ports.first == ports.last {
        return of_port(answer(ports.first), server);
    }
    let first = answer(ports.first).status();
    let is_same =
        (ports.first..=ports.last).map(|port| answer(port).status()).all(|status: Status| status == first);
    no_name(if is_same { PortStatus::Same(first) } else { PortStatus::Several })
}

/// Nothing but a status.
fn no_name(status: PortStatus) -> RegistryPart {
    RegistryPart {
        service: String::new(),
        names_beside: Vec::new(),
        status,
        note: String::new(),
        unauthorized: false,
        other_transports: Vec::new(),
        local_names: Vec::new(),
    }
}

/// A note without the keys of DNS TXT records that it defines: `u=<username> p=<password>` says nothing
/// of the traffic, and reads as if a password had been found.
fn without_txt_keys(note: &str) -> &str {
    let begins = ["Defined TXT keys", "u=<username>"].into_iter().filter_map(|keys| note.find(keys)).min();
    begins.map_or(note, |begin| note[..begin].trim_end())
}

/// What the registry says of one port; `server` is the host that overlays may name it for.
fn of_port(answer: Answer, server: Option<IpAddr>) -> RegistryPart {
    let mut notes: Vec<String> = Vec::new();
    let mut note = |text: String| {
        let text = without_txt_keys(&text).to_owned();
        if !text.is_empty() && !notes.contains(&text) {
            notes.push(text);
        }
    };
    if let Some(row) = answer.unauthorized_use() {
        note(single_spaced(row.cell(Column::UnauthorizedUse)));
    }
    if let Some(row) = answer.widespread_use() {
        note(single_spaced(row.cell(Column::AssignmentNotes)));
    }
    if let Some(row) = answer.primary() {
        note(single_spaced(row.cell(Column::AssignmentNotes)));
    }
    RegistryPart {
        service: answer.service().unwrap_or_default().to_owned(),
        names_beside: answer
            .names()
            .into_iter()
            .flat_map(|names| names.beside().map(str::to_owned).collect::<Vec<_>>())
            .collect(),
        status: PortStatus::Same(answer.status()),
        note: notes.join("; "),
        unauthorized: answer.unauthorized_use().is_some(),
        other_transports: answer
            .other_transports()
            .map(|other| OtherTransport {
                transport: other.transport(),
                service: other.service().map(str::to_owned),
            })
            .collect(),
        local_names: answer.local_names(server).into_iter().map(Foreign::into).collect(),
    }
}
