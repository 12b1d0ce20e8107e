//! Definitions and policies for Aerleon, which renders them for many firewalls.
//!
//! Aerleon turns some mistakes into rules that let everything through without a word. So each
//! term holds one row: one server, one service, one address family, and its own token for the
//! clients. Every string is quoted ASCII.

mod policy;
mod quoted;
mod tokens;

use super::super::model::{Offer, Review, Row};
use super::proposal::{Proposal, Proposals, proposals};
use super::{Hook, NOT_APPROVED, WriteOptions};
use policy::{Direction, Policy};
use quoted::quoted;
use tokens::Tokens;

use crate::foreign::rule_line;
use crate::net::{Protocol, Transport};

/// The transports that Aerleon 1.18 renders for every target written here.
const RENDERED: [Transport; 3] = [Transport::Tcp, Transport::Udp, Transport::Sctp];
/// The protocols without ports that it renders for each of them.
const RENDERED_PORTLESS: [Protocol; 3] = [Protocol::GRE, Protocol::ESP, Protocol::AH];

/// Whether Aerleon renders a row for every target. A single type of ICMP ends its nftables target with an
/// error, and for a protocol of IPv6 that target asks for `ip protocol`, which nft does not take.
fn is_rendered(row: &Row) -> bool {
    match row.service.offer {
        Offer::Ports { transport, .. } => RENDERED.contains(&transport),
        Offer::Icmp { .. } => false,
        Offer::Protocol(protocol) => row.service.server.is_ipv4() && RENDERED_PORTLESS.contains(&protocol),
    }
}

/// A file of a result that is several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Below the folder of the result, with `/` between the parts.
    pub path: String,
    /// All of it.
    pub content: String,
}

/// The definitions and policies of the proposed rules: `def/*.yaml` and `pol/*.yaml`.
///
/// | policy | targets | return traffic |
/// |---|---|---|
/// | `nftables` | nftables | by state |
/// | `iptables4`, `iptables6` | speedway (`iptables-restore`) | a term by state |
/// | `zones` | srx, paloalto; not written without a row | by state |
/// | `routers4`, `routers6` | cisco, juniper, `arista_tp` | a term for each row |
///
/// All are for what a firewall forwards. Rows of DCCP and UDP-Lite, of ICMP, and of protocols without ports
/// but ESP, AH and GRE in IPv4 are left out, and named in the head of each file: Aerleon does not render
/// them for all of these targets.
pub fn aerleon(review: &Review, options: WriteOptions) -> Vec<OutputFile> {
    let all = proposals(review, WriteOptions { hook: Hook::Forward, ..options });
    let Proposals { rules, .. } = all.behind_translation(review);
    let (rules, left_out): (Vec<Proposal>, Vec<Proposal>) =
        rules.into_iter().partition(|rule| is_rendered(&rule.row));
    let head = head(review, options, &left_out);
    let tokens = Tokens::of(&rules);
    let family = |ipv4: bool| {
        rules.iter().filter(|rule| rule.row.service.server.is_ipv4() == ipv4).collect::<Vec<_>>()
    };
    let all: Vec<&Proposal> = rules.iter().collect();

    let mut policies = vec![
        Policy::new("nftables").filter(&[("nftables", "mixed forward DROP")], &all, &[]),
        Policy::new("iptables4").filter(
            &[("speedway", "FORWARD DROP inet")],
            &family(true),
            &[policy::ESTABLISHED],
        ),
        Policy::new("iptables6").filter(
            &[("speedway", "FORWARD DROP inet6")],
            &family(false),
            &[policy::ESTABLISHED],
        ),
        Policy::new("routers4").both_ways(
            &[
                ("cisco", "portscribe4 extended"),
                ("juniper", "portscribe4 inet"),
                ("arista_tp", "portscribe4 inet"),
            ],
            &family(true),
            &[policy::ICMP_ERRORS],
        ),
        Policy::new("routers6").both_ways(
            &[
                ("cisco", "portscribe6 inet6"),
                ("juniper", "portscribe6 inet6"),
                ("arista_tp", "portscribe6 inet6"),
            ],
            &family(false),
            &[policy::ICMPV6_ERRORS],
        ),
    ];
    if !all.is_empty() {
        policies.push(by_zones(&all, &tokens));
    }
    let mut files = vec![
        OutputFile {
            path: "def/portscribe_networks.yaml".into(),
            content: format!("{head}{}", tokens.networks()),
        },
        OutputFile {
            path: "def/portscribe_services.yaml".into(),
            content: format!("{head}{}", tokens.services()),
        },
    ];
    files.extend(policies.into_iter().map(|policy| OutputFile {
        path: format!("pol/{}.yaml", policy.name),
        content: format!("{head}{}", policy.text(&tokens)),
    }));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Firewalls that hold rules by pairs of zones: a filter for each pair.
fn by_zones<'r>(rules: &[&'r Proposal<'r>], tokens: &Tokens) -> Policy<'r> {
    let mut pairs: Vec<(&str, &str)> = rules
        .iter()
        .map(|rule| (rule.row.service.client_zone.as_str(), rule.row.service.server_zone.as_str()))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut policy = Policy::new("zones");
    for (from, to) in pairs {
        let of_pair: Vec<&Proposal> = rules
            .iter()
            .copied()
            .filter(|rule| {
                (rule.row.service.client_zone.as_str(), rule.row.service.server_zone.as_str()) == (from, to)
            })
            .collect();
        let options = format!("from-zone {} to-zone {} mixed", tokens.zone(from), tokens.zone(to));
        policy = policy.filter(&[("srx", &options), ("paloalto", &options)], &of_pair, &[]);
    }
    policy
}

/// What stands over every file.
fn head(review: &Review, options: WriteOptions, left_out: &[Proposal]) -> String {
    let mut lines = vec![
        format!("Proposed by portscribe review. {NOT_APPROVED}"),
        format!("Everything that was not seen in use in {} is denied.", review.coverage.in_words()),
    ];
    if options.approved_only {
        lines.push("Rows without an approval in the worksheet are left out.".to_owned());
    }
    lines.push(review.note.clone());
    lines.push(
        "Render with Aerleon 1.18 or newer, in the folder that holds def and pol: aclgen --base_directory . \
         --definitions_directory def --output_directory out"
            .to_owned(),
    );
    for Proposal { row, .. } in left_out {
        lines.push(format!(
            "Left out, as Aerleon renders no {}{}: row {}, {} {}",
            row.service.offer.protocol(),
            if row.service.offer.ports().is_some() { "" } else { " of this kind for each target" },
            row.row_id,
            row.service.server,
            row.service.offer
        ));
    }
    lines.iter().fold(String::new(), |head, line| head + "# " + &rule_line(line) + "\n")
}

impl Direction {
    const fn term_prefix(self) -> &'static str {
        match self {
            Direction::ToServer => "",
            Direction::ToClient => "re-",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn written(review: &Review, approved_only: bool) -> Vec<OutputFile> {
        aerleon(review, WriteOptions { approved_only, ..WriteOptions::of(review) })
    }

    /// The files one after the other, each with its path.
    fn joined(files: &[OutputFile]) -> String {
        files.iter().fold(String::new(), |all, file| all + "=== " + &file.path + "\n" + &file.content)
    }

    #[test]
    fn the_files_are_as_expected() {
        fixture::expect("aerleon.txt", &joined(&written(&fixture::review(), false)));
        fixture::expect("empty-aerleon.txt", &joined(&written(&fixture::empty(), false)));
    }

    #[test]
    fn rows_without_an_approval_can_be_left_out() {
        let files = joined(&written(&fixture::review(), true));
        assert!(files.contains("http-ra00000000001") && !files.contains("telnet"));
        assert!(files.contains("# Rows without an approval in the worksheet are left out.\n"));
    }

    #[test]
    fn texts_from_outside_stay_within_their_strings() {
        let files = written(&fixture::with_texts(fixture::HOSTILE), false);
        fixture::expect("hostile-aerleon.txt", &joined(&files));
        for line in files.iter().flat_map(|file| file.content.lines()) {
            assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line:?}");
            if !line.starts_with('#') {
                assert!(line.matches('"').count() % 2 == 0 && line.len() < 160, "{line}");
            }
        }
    }
}
