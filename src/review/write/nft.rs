//! Proposed rules for nftables.

use std::io;

use super::super::model::{Offer, Review, Row};
use super::proposal::{Proposal, Proposals, proposals};
use super::text::{evidence, names};
use super::{Hook, NOT_APPROVED, WriteOptions};
use crate::foreign::{rule_comment, rule_line};
use crate::net::{Protocol, network};

/// The errors without which connections stall (RFC 1812 section 4.3, RFC 4890 section 4.3.1).
const ICMP_ERRORS: [&str; 2] = [
    "icmp type { destination-unreachable, time-exceeded, parameter-problem } counter accept comment \"ICMP errors\"",
    "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } counter accept \
     comment \"ICMPv6 errors\"",
];

/// Without which an IPv6 host finds neither its neighbours nor its router (RFC 4890 section
/// 4.4.1). What comes from another link has a smaller hop limit (RFC 4861 section 11.2).
const NEIGHBOUR_DISCOVERY: &str = "ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-router-advert, \
    nd-neighbor-solicit, nd-neighbor-advert } counter accept comment \"neighbour discovery\"";

/// Writes a table that lets through what was seen in use, row by row, and drops all else. The file
/// replaces a table of the same name when it is loaded, and touches no other.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn nft(review: &Review, options: WriteOptions, out: &mut impl io::Write) -> io::Result<()> {
    let all = proposals(review, options);
    let forwards = options.hook == Hook::Forward;
    let Proposals { rules, held_back, not_seen } =
        if forwards { all.behind_translation(review) } else { all };
    writeln!(out, "# Rules proposed by portscribe review. {NOT_APPROVED}")?;
    writeln!(out, "# Everything that was not seen in use in {} is dropped.", review.coverage.in_words())?;
    if options.approved_only {
        writeln!(out, "# Rows without an approval in the worksheet are left out.")?;
    }
    writeln!(out, "# {}", rule_line(&review.note))?;
    writeln!(out, "# Check: unshare -rn nft -c -f FILE (as root, where it says `Message too long`)")?;
    writeln!(out)?;
    writeln!(out, "table inet portscribe_review")?;
    writeln!(out, "delete table inet portscribe_review")?;
    writeln!(out, "table inet portscribe_review {{")?;
    let hook = options.hook.name();
    writeln!(out, "  chain {hook} {{")?;
    writeln!(out, "    type filter hook {hook} priority filter; policy drop;")?;
    writeln!(out, "    ct state established,related accept")?;
    writeln!(out, "    ct state invalid drop")?;
    if options.hook == Hook::Input {
        writeln!(out, "    iif lo accept")?;
        writeln!(out, "    {NEIGHBOUR_DISCOVERY}")?;
    }
    for errors in ICMP_ERRORS {
        writeln!(out, "    {errors}")?;
    }

    let mut zones = None;
    for Proposal { row, clients, published } in &rules {
        let pair = (row.service.client_zone.as_str(), row.service.server_zone.as_str());
        if zones != Some(pair) {
            zones = Some(pair);
            writeln!(out, "\n    # {} to {}", rule_line(pair.0), rule_line(pair.1))?;
        }
        if let Some(published) = published {
            writeln!(out, "    # published as {published}")?;
        }
        writeln!(out, "    {}", rule(row, clients))?;
    }
    if rules.is_empty() {
        writeln!(out, "\n    # no row is proposed")?;
    }
    if !held_back.is_empty() {
        writeln!(out, "\n    # seen, and not proposed")?;
    }
    for (Proposal { row, clients, .. }, why) in &held_back {
        writeln!(out, "    # row {}: {}", row.row_id, why.meaning())?;
        if !why.has_no_rule() && row.service.servers.is_empty() {
            writeln!(out, "    # {}", rule(row, clients))?;
        }
    }
    if !not_seen.is_empty() {
        writeln!(out, "\n    # approved in the worksheet, and not seen in {}", review.coverage.in_words())?;
    }
    for row in not_seen {
        let cell = |column: &str| row.cells.get(column);
        let line = format!(
            "row {}: {} to {} {} {}",
            row.row_id,
            cell("sources"),
            cell("destination"),
            row.cells.offer_in_words(),
            cell("service")
        );
        writeln!(out, "    # {}", rule_line(&line).trim_end())?;
    }
    writeln!(out, "\n    counter drop comment \"all else\"")?;
    writeln!(out, "  }}\n}}")
}

/// What a packet carries, as nftables asks for it. The protocol's own `dport`, and its own `type`, keep a
/// rule to that protocol. Names of other protocols are those of the host that loads the file, and a host may
/// have none: the number stands everywhere. Extension headers of IPv6 may stand before the protocol.
fn content(row: &Row) -> String {
    match row.service.offer {
        Offer::Ports { transport, ports } => format!("{transport} dport {ports}"),
        offer @ Offer::Icmp { .. } => format!("{} type {}", offer.protocol(), offer.icmp_type_in_words()),
        Offer::Protocol(Protocol(number)) => {
            let word = if row.service.server.is_ipv4() { "ip protocol" } else { "meta l4proto" };
            match Protocol(number) {
                protocol @ (Protocol::ESP | Protocol::AH) => format!("{word} {protocol}"),
                _ => format!("{word} {number}"),
            }
        }
    }
}

/// One row as a rule.
fn rule(row: &Row, clients: &[ipnet::IpNet]) -> String {
    let ip = if row.service.server.is_ipv4() { "ip" } else { "ip6" };
    let clients: Vec<String> = clients.iter().map(network).collect();
    let clients =
        if let [one] = clients.as_slice() { one.clone() } else { format!("{{ {} }}", clients.join(", ")) };
    let told = rule_comment(&format!("row {} {}, {}", row.row_id, names(row).0, evidence(row)));
    format!(
        "{ip} saddr {clients} {ip} daddr {} {} counter accept comment \"{told}\"",
        row.service.server,
        content(row)
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn written(review: &Review, options: WriteOptions) -> String {
        let mut out = Vec::new();
        nft(review, options, &mut out).expect("rules");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn the_rules_are_as_expected() {
        let review = fixture::review();
        let options = WriteOptions::of(&review);
        fixture::expect("review.nft", &written(&review, options));
        let approved_only = WriteOptions { approved_only: true, ..options };
        fixture::expect("approved.nft", &written(&review, approved_only));
        fixture::expect("empty.nft", &written(&fixture::empty(), options));
    }

    #[test]
    fn a_host_gets_rules_for_what_it_receives() {
        let mut review = fixture::review();
        review.coverage.vantage = Some(super::super::super::model::Vantage::Host);
        fixture::expect("host.nft", &written(&review, WriteOptions::of(&review)));
    }

    #[test]
    fn texts_from_outside_stay_within_comments() {
        let options = WriteOptions { approved_only: false, hook: Hook::Forward };
        let hostile = written(&fixture::with_texts(fixture::HOSTILE), options);
        fixture::expect("hostile.nft", &hostile);
        for line in hostile.lines() {
            assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line:?}");
            if let Some((_, comment)) = line.split_once(" comment ") {
                assert!(comment.len() <= 130 && comment.matches('"').count() == 2, "{line}");
            }
        }
    }
}
