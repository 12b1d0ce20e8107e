//! The names under which terms speak of addresses, services and zones.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::super::model::{Offer, Row};
use super::super::proposal::Proposal;
use super::super::text::service;
use super::quoted;
use crate::net::network;

/// The longest name of a zone that the targets take.
const MOST_ZONE: usize = 31;
/// The longest name of a term that the targets take.
pub(super) const MOST_TERM: usize = 24;

/// The definitions that a set of rows needs.
pub(super) struct Tokens {
    /// Token, addresses, comment.
    networks: BTreeMap<String, (Vec<String>, String)>,
    /// Token by transport and ports: names of services alone collide once folded to ASCII.
    services: BTreeMap<Offer, String>,
    /// Name in the rules by name in the review.
    zones: BTreeMap<String, String>,
}

impl Tokens {
    pub(super) fn of(rules: &[Proposal]) -> Tokens {
        let mut tokens =
            Tokens { networks: BTreeMap::new(), services: BTreeMap::new(), zones: BTreeMap::new() };
        for Proposal { row, clients, .. } in rules {
            let addresses = clients.iter().map(ToString::to_string).collect();
            tokens
                .networks
                .insert(clients_token(row), (addresses, format!("zone {}", row.service.client_zone)));
            let host = ipnet::IpNet::from(row.service.server);
            let server = (vec![host.to_string()], format!("zone {}", row.service.server_zone));
            tokens.networks.insert(server_token(row), server);
            if row.service.offer.ports().is_some() {
                tokens
                    .services
                    .entry(row.service.offer)
                    .or_insert_with(|| service_token(&service(row), row.service.offer));
            }
            for zone in [&row.service.client_zone, &row.service.server_zone] {
                tokens.add_zone(zone);
            }
        }
        tokens
    }

    fn add_zone(&mut self, zone: &str) {
        if self.zones.contains_key(zone) {
            return;
        }
        let folded =
            named(zone, "zone-", MOST_ZONE, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'), '-');
        let mut name = folded.clone();
        // Two zones that differ in characters that were folded stay apart.
        for n in 2_u32.. {
            if !self.zones.values().any(|other| *other == name) {
                break;
            }
            let suffix = format!("-{n}");
            name = format!("{}{suffix}", &folded[..folded.len().min(MOST_ZONE - suffix.len())]);
        }
        self.zones.insert(zone.to_owned(), name);
    }

    /// The name of a zone in the rules.
    pub(super) fn zone(&self, zone: &str) -> &str {
        self.zones.get(zone).map_or("zone-", String::as_str)
    }

    /// The token of a row's service; none without ports.
    pub(super) fn service(&self, row: &Row) -> Option<&str> {
        self.services.get(&row.service.offer).map(String::as_str)
    }

    /// The file of networks.
    pub(super) fn networks(&self) -> String {
        if self.networks.is_empty() {
            return "networks: {}\n".to_owned();
        }
        let mut text = String::from("networks:\n");
        for (token, (addresses, comment)) in &self.networks {
            // Writing to a string does not fail.
            let _ = writeln!(text, "  {token}:\n    values:");
            for address in addresses {
                let _ =
                    writeln!(text, "      - address: \"{address}\"\n        comment: {}", quoted(comment));
            }
        }
        text
    }

    /// The file of services.
    pub(super) fn services(&self) -> String {
        if self.services.is_empty() {
            return "services: {}\n".to_owned();
        }
        let mut by_token: Vec<_> = self.services.iter().map(|(offer, token)| (token, offer)).collect();
        by_token.sort_unstable();
        let mut text = String::from("services:\n");
        for (token, offer) in by_token {
            let (ports, protocol) = (offer.ports_in_words(), offer.protocol());
            let _ = writeln!(text, "  {token}:\n    - port: \"{ports}\"\n      protocol: \"{protocol}\"");
        }
        text
    }
}

/// The token of a row's clients.
pub(super) fn clients_token(row: &Row) -> String {
    format!("CLIENTS_{}", folded(&row.row_id.to_string(), usize::MAX))
}

/// The token of a server: `HOST_10_77_2_10`, `HOST_FD77_2__10`.
pub(super) fn server_token(row: &Row) -> String {
    format!("HOST_{}", folded(&network(&row.service.server.into()), 64))
}

/// `HTTP_TCP_80`, `VNC_TCP_5900_5909`.
fn service_token(name: &str, offer: Offer) -> String {
    let name = named(name, "SVC_", 30, |c| c.is_ascii_alphanumeric(), '_').to_ascii_uppercase();
    format!("{name}_{}", folded(&format!("{}_{}", offer.protocol(), offer.ports_in_words()), 20))
}

/// The name of a row's term: the beginning of its service, and the row.
pub(super) fn term(row: &Row, prefix: &str) -> String {
    let row_id = folded(&row.row_id.to_string(), usize::MAX).to_ascii_lowercase();
    let most = MOST_TERM - prefix.len() - 1 - row_id.len();
    let name = named(&service(row), "s-", most, |c| c.is_ascii_alphanumeric(), '-').to_ascii_lowercase();
    format!("{prefix}{name}-{row_id}")
}

/// Text of which only letters and digits stay as they are.
fn folded(text: &str, most: usize) -> String {
    text.chars()
        .take(most)
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect()
}

/// Text as a name that begins with a letter: with `prefix` before it where it does not.
fn named(text: &str, prefix: &str, most: usize, keep: impl Fn(char) -> bool, other: char) -> String {
    let folded: String = text.chars().map(|c| if keep(c) { c } else { other }).collect();
    let name = if folded.starts_with(|c: char| c.is_ascii_alphabetic()) {
        folded
    } else {
        format!("{prefix}{folded}")
    };
    // All of it is ASCII by now.
    name.chars().take(most).collect()
}

#[cfg(test)]
#[path = "../../../../tests/review/within/tokens.rs"]
mod tests;
