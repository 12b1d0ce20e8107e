//! The policies: filters of terms.

use std::fmt::Write;

use super::super::NOT_APPROVED;
use super::super::proposal::Proposal;
use super::super::text::{evidence, names};
use super::quoted;
use super::tokens::{Tokens, clients_token, server_token, term};
use crate::net::Transport;

/// Return traffic by the state of its connection, and the ICMP errors that belong to one.
pub(super) const ESTABLISHED: &str = "      - name: \"return\"
        option: \"established\"
        action: \"accept\"
";

/// The ICMP errors without which connections stall; never a single type, on which the nftables
/// target of Aerleon 1.18 fails.
pub(super) const ICMP_ERRORS: &str = "      - name: \"icmp-errors\"
        protocol: \"icmp\"
        icmp-type: [\"unreachable\", \"time-exceeded\"]
        action: \"accept\"
";

/// The same for IPv6.
pub(super) const ICMPV6_ERRORS: &str = "      - name: \"icmpv6-errors\"
        protocol: \"icmpv6\"
        icmp-type: [\"destination-unreachable\", \"packet-too-big\", \"time-exceeded\", \"parameter-problem\"]
        action: \"accept\"
";

const DEFAULT_DENY: &str = "      - name: \"default-deny\"
        logging: true
        action: \"deny\"
";

/// Which packets of a row a term is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    ToServer,
    ToClient,
}

struct Filter<'r> {
    /// Target and its options.
    targets: Vec<(String, String)>,
    rules: Vec<&'r Proposal<'r>>,
    directions: &'static [Direction],
    /// Terms before the deny at the end.
    others: Vec<&'static str>,
}

/// One policy file.
pub(super) struct Policy<'r> {
    /// Its name, without the suffix.
    pub name: &'static str,
    filters: Vec<Filter<'r>>,
}

impl<'r> Policy<'r> {
    pub(super) fn new(name: &'static str) -> Policy<'r> {
        Policy { name, filters: Vec::new() }
    }

    /// Adds a filter for targets that know the state of a connection.
    pub(super) fn filter(
        self,
        targets: &[(&str, &str)],
        rules: &[&'r Proposal<'r>],
        others: &[&'static str],
    ) -> Policy<'r> {
        self.with(targets, rules, &[Direction::ToServer], others)
    }

    /// Adds a filter for targets that do not: a term for each direction of each row. Aerleon's
    /// `established` for UDP would open every high port to everybody.
    pub(super) fn both_ways(
        self,
        targets: &[(&str, &str)],
        rules: &[&'r Proposal<'r>],
        others: &[&'static str],
    ) -> Policy<'r> {
        self.with(targets, rules, &[Direction::ToServer, Direction::ToClient], others)
    }

    fn with(
        mut self,
        targets: &[(&str, &str)],
        rules: &[&'r Proposal<'r>],
        directions: &'static [Direction],
        others: &[&'static str],
    ) -> Policy<'r> {
        let targets =
            targets.iter().map(|&(target, options)| (target.to_owned(), options.to_owned())).collect();
        self.filters.push(Filter { targets, rules: rules.to_vec(), directions, others: others.to_vec() });
        self
    }

    pub(super) fn text(&self, tokens: &Tokens) -> String {
        // Writing to a string does not fail.
        let mut text = String::from("filters:\n");
        for filter in &self.filters {
            let _ = writeln!(text, "  - header:\n      comment: {}\n      targets:", quoted(NOT_APPROVED));
            for (target, options) in &filter.targets {
                let _ = writeln!(text, "        {target}: {}", quoted(options));
            }
            text.push_str("    terms:\n");
            for rule in &filter.rules {
                for direction in filter.directions {
                    text.push_str(&term_of(rule, *direction, tokens));
                }
            }
            for other in &filter.others {
                text.push_str(other);
            }
            text.push_str(DEFAULT_DENY);
        }
        text
    }
}

fn term_of(rule: &Proposal, direction: Direction, tokens: &Tokens) -> String {
    let row = &rule.row;
    let (clients, server) = (clients_token(row), server_token(row));
    let (source, destination, port, what) = match direction {
        Direction::ToServer => (&clients, &server, "destination-port", ""),
        Direction::ToClient => (&server, &clients, "source-port", ", answers"),
    };
    let comment = format!("row {} {}, {}{what}", row.row_id, names(row).0, evidence(row));
    let port = match tokens.service(row) {
        Some(token) => format!("        {port}: \"{token}\"\n"),
        None => String::new(),
    };
    let mut text = format!(
        "      - name: {}\n        comment: {}\n        source-address: \"{source}\"\n        \
         destination-address: \"{destination}\"\n{port}        protocol: \"{}\"\n",
        quoted(&term(row, direction.term_prefix())),
        quoted(&comment),
        row.service.offer.protocol(),
    );
    if direction == Direction::ToClient && row.service.offer.transport() == Some(Transport::Tcp) {
        text.push_str("        option: \"tcp-established\"\n");
    }
    text.push_str("        action: \"accept\"\n");
    text
}
