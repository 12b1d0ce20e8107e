//! Words that several outputs share.

use std::borrow::Cow;

use super::super::model::{Grade, InUse, Offer, RegistryPart, Row, Service};
use crate::text::count;

/// What a service is called where one word has to do: its leading registered name, or the status of its port;
/// without a port the type of ICMP, or the protocol.
pub(super) fn service(row: &Row) -> Cow<'_, str> {
    let registry = &row.service.registry;
    if row.service.offer.ports().is_none() {
        row.service.offer.to_string().into()
    } else if registry.service.is_empty() {
        registry.status.to_string().into()
    } else {
        registry.service.as_str().into()
    }
}

/// What a service is called for people: its registered names, or the status of its port, with the port;
/// without a port the type of ICMP, or the protocol.
pub(super) fn names(row: &Row) -> (String, String) {
    let Service { registry, offer, .. } = &row.service;
    match offer {
        Offer::Ports { .. } if registry.service.is_empty() => {
            (registry.status.to_string(), format!(" {offer}"))
        }
        Offer::Ports { .. } => (registry.names(), format!(" {offer}")),
        Offer::Icmp { .. } | Offer::Protocol(_) => (offer.to_string(), String::new()),
    }
}

/// Where else the registry has the port.
pub(super) fn other_transports(registry: &RegistryPart) -> String {
    registry.other_transports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The flows whose grade counts as in use.
pub(super) fn flows_in_use(row: &Row) -> u64 {
    row.usage
        .grades
        .by_grade
        .iter()
        .filter(|(grade, _)| grade.in_use() == InUse::Yes)
        .map(|(_, flows)| flows)
        .sum()
}

/// How well a row is known to be in use: `9 flows in use`, or `4 flows, oneway-ok`; that its ends
/// may be the other way round, and that its rule lets in more clients than were seen.
pub(super) fn evidence(row: &Row) -> String {
    let mut said = match flows_in_use(row) {
        0 => format!("{}, {}", count(row.usage.grades.by_grade.values().sum(), "flow"), row.usage.grade),
        in_use => format!("{} in use", count(in_use, "flow")),
    };
    if row.usage.grade == Grade::Midstream {
        said.push_str(", direction guessed");
    }
    let users = row.service.users();
    if users.widened {
        said = format!("{said}, widened from {}", count(users.hosts, "client"));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_guessed_direction_and_clients_that_were_not_seen_are_said() {
        let mut row = fixture::review()
            .rows
            .into_iter()
            .find(|row| row.row_id == fixture::id(fixture::WEB))
            .expect("the row of the web server");
        assert_eq!(evidence(&row), "9 flows in use");
        row.usage.grade = Grade::Midstream;
        assert_eq!(evidence(&row), "9 flows in use, direction guessed");
        (row.service.clients.widened, row.service.clients.hosts) = (true, 219);
        assert_eq!(evidence(&row), "9 flows in use, direction guessed, widened from 219 clients");
    }
}
