//! Which rows become rules.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::approved::Decision;
use super::super::model::{
    Approval, FindingKind, InUse, Judged, KeptRow, NotForwarded, Review, Row, RowKind, RowStatus, Service,
};
use super::{Hook, WriteOptions};
use crate::net::{End, Ports};

/// A row that becomes a rule.
#[derive(Clone, Debug)]
pub(super) struct Proposal<'r> {
    pub row: Cow<'r, Judged<Row>>,
    /// The clients, none within another: sets of addresses must not overlap.
    pub clients: Vec<IpNet>,
    /// How clients address what the rule is for, where the firewall translates that: `203.0.113.1:443`.
    pub published: Option<End>,
}

/// Why a row that was seen becomes no rule, though its traffic may be wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldBack {
    /// Its grade says that it may be in use, not that it is.
    MayBe,
    /// A control service handed the port out.
    DynamicData,
    /// Unregistered ports that one client met.
    DynamicRange,
    /// The firewall translates it to several servers.
    SeveralBehind,
    /// It is at an address of the firewall itself, which takes it in and does not pass it on.
    ToFirewall,
    /// Its clients have addresses of the firewall, which sends for itself, or for clients whose addresses it replaces.
    FromFirewall,
    /// The rules may translate it, and to which server cannot be told.
    TranslationUnknown,
    /// A rule for all servers of an external zone would be wider than what was seen.
    ManyServers,
    /// People turned it down.
    TurnedDown,
    /// `--approved-only`, and nobody approved it, or the approval has expired.
    WithoutApproval,
    /// `--approved-only`, and the approval is for others.
    BeyondApproval,
    /// No client has an address of the server's family.
    NoClient,
    /// No firewall forwards it: addresses of the loopback, of one link, or one to itself.
    NotForwarded,
}

impl HeldBack {
    /// Whether the rule that the row would become is a rule for something else.
    pub(super) const fn has_no_rule(self) -> bool {
        matches!(
            self,
            HeldBack::NoClient
                | HeldBack::SeveralBehind
                | HeldBack::ToFirewall
                | HeldBack::FromFirewall
                | HeldBack::TranslationUnknown
        )
    }

    /// As a comment says it, with what to do.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            HeldBack::MayBe => "may be in use, its grade does not show it; decide, and take the # off",
            HeldBack::DynamicData => {
                "a port that a control service handed out; needs a connection tracking helper"
            }
            HeldBack::DynamicRange => {
                "unregistered ports, each met from one port of one client; give the server a fixed range"
            }
            HeldBack::SeveralBehind => {
                "translated to several servers; write a rule for each of those under `behind` in review.json"
            }
            HeldBack::ToFirewall => {
                "at an address of the firewall itself; a chain of the hook input sees it, and forward does not"
            }
            HeldBack::FromFirewall => {
                "from an address of the firewall, for itself or for clients that it hides; capture on their side"
            }
            HeldBack::TranslationUnknown => {
                "the firewall may translate its address, to which server is not known; capture on both sides, or give \
                 --own, --iface or --conntrack"
            }
            HeldBack::ManyServers => {
                "many servers of an external zone; write a rule for the zone, or for those that are needed"
            }
            HeldBack::TurnedDown => "turned down in the worksheet",
            HeldBack::WithoutApproval => "without an approval in the worksheet that holds",
            HeldBack::BeyondApproval => "beyond its approval in the worksheet; find out who it is",
            HeldBack::NoClient => "no client of the server's address family",
            HeldBack::NotForwarded => {
                "loopback, link-local or an address to itself; no firewall forwards that"
            }
        }
    }
}

impl From<NotForwarded> for HeldBack {
    fn from(why: NotForwarded) -> HeldBack {
        match why {
            NotForwarded::ToFirewall => HeldBack::ToFirewall,
            NotForwarded::FromFirewall => HeldBack::FromFirewall,
            NotForwarded::TranslationUnknown => HeldBack::TranslationUnknown,
        }
    }
}

/// The rows of a review that become rules, and those that do not.
pub(super) struct Proposals<'r> {
    /// In the order of the review.
    pub rules: Vec<Proposal<'r>>,
    /// In the order of the review; groups and mere tries are not among them.
    pub held_back: Vec<(Proposal<'r>, HeldBack)>,
    /// Rows of the worksheet that are approved and were not seen.
    pub not_seen: Vec<&'r Judged<KeptRow>>,
}

/// Sorts the rows. A row that may be in use becomes a rule where people approved it.
pub(super) fn proposals(review: &Review, options: WriteOptions) -> Proposals<'_> {
    let mut sorted = Proposals { rules: Vec::new(), held_back: Vec::new(), not_seen: Vec::new() };
    for row in &review.rows {
        let decision = decision(row);
        let Service { clients, clients_perhaps: perhaps, .. } = &row.service;
        // Who is only perhaps a client is for people to let in.
        let (with, apart) = match (decision, &row.exceeds) {
            (Decision::Approved, None) => {
                ([clients.networks.clone(), perhaps.networks.clone()].concat(), None)
            }
            (Decision::Approved, Some(excess)) if options.approved_only => {
                let sources = excess.sources.iter().copied().map(IpNet::from).collect();
                (excess.approved.clone(), Some((sources, HeldBack::BeyondApproval)))
            }
            _ if clients.hosts == 0 => (perhaps.networks.clone(), None),
            _ => {
                let apart = (perhaps.networks.clone(), HeldBack::MayBe);
                (clients.networks.clone(), Some(apart).filter(|_| perhaps.hosts > 0))
            }
        };
        let of = |clients: &[IpNet]| Proposal {
            row: Cow::Borrowed(row),
            clients: disjoint(row, clients),
            published: None,
        };
        let mut proposal = of(&with);
        match why_not(row, decision, &proposal.clients, options) {
            Ok(()) => {
                proposal.clients.retain(|client| comes_by(row, *client, options.hook));
                sorted.rules.push(proposal);
                if let Some((clients, why)) = apart {
                    sorted.held_back.push((of(&clients), why));
                }
            }
            Err(Some(reason)) => {
                if let Some((clients, _)) = apart.filter(|(_, why)| *why == reason) {
                    proposal.clients = disjoint(row, &clients);
                }
                sorted.held_back.push((proposal, reason));
            }
            Err(None) => {}
        }
    }
    let approved = |row: &&Judged<KeptRow>| matches!(row.status, RowStatus::AC | RowStatus::A);
    sorted.not_seen = review.kept.iter().filter(approved).collect();
    sorted
}

impl Proposals<'_> {
    /// As a chain of the hook forward sees them: with the servers behind what translates, which it does before
    /// the packet comes there, and with the clients before.
    pub(super) fn behind_translation(mut self, review: &Review) -> Self {
        let mut apart = Vec::new();
        let rules = std::mem::take(&mut self.rules);
        for mut rule in rules {
            if let Some(why) = rule.row.not_forwarded {
                apart.push((rule, HeldBack::from(why)));
                continue;
            }
            match rule.row.service.behind.as_slice() {
                [] => {}
                [one] => {
                    let server = one.server;
                    rule.move_to(server, review);
                }
                _ => {
                    apart.push((rule, HeldBack::SeveralBehind));
                    continue;
                }
            }
            self.rules.push(rule);
        }
        for (rule, _) in &mut self.held_back {
            if let [one] = rule.row.service.behind.as_slice() {
                let server = one.server;
                rule.move_to(server, review);
            }
        }
        self.held_back.extend(apart);
        self
    }
}

impl Proposal<'_> {
    /// Makes it a rule for another server.
    fn move_to(&mut self, server: End, review: &Review) {
        let Service { server: address, offer, .. } = self.row.service;
        let (port, moved) = match (offer.ports(), server.port) {
            (Some(ports), Some(port)) if ports.count() == 1 => {
                (Some(ports.first), offer.with_ports(Ports::one(port)))
            }
            (Some(_), _) => return,
            (None, _) => (None, offer),
        };
        if (server.address, moved) == (address, offer) {
            return;
        }
        self.published = Some(End { address, port });
        let service = &mut self.row.to_mut().service;
        (service.server, service.offer) = (server.address, moved);
        if let Some(zone) = review.zones.iter().find(|zone| zone.network.contains(&server.address)) {
            service.server_zone.clone_from(&zone.name);
        }
    }
}

/// What people decided on a row; nothing where the approval has expired.
fn decision(row: &Judged<Row>) -> Decision {
    match row.approval.as_ref().map(Approval::decision) {
        Some(Decision::Approved) if row.findings.contains(&FindingKind::ApprovalExpired) => Decision::Open,
        decision => decision.unwrap_or(Decision::Open),
    }
}

/// Whether a row becomes a rule; if not, why, where there is something to say.
fn why_not(
    row: &Judged<Row>,
    decision: Decision,
    clients: &[IpNet],
    options: WriteOptions,
) -> Result<(), Option<HeldBack>> {
    let in_use = row.usage.grade.in_use();
    if in_use == InUse::No {
        return Err(None);
    }
    match row.kind {
        RowKind::Group => return Err(None),
        RowKind::DynamicData { .. } => return Err(Some(HeldBack::DynamicData)),
        RowKind::DynamicRange => return Err(Some(HeldBack::DynamicRange)),
        RowKind::Service if !row.service.servers.is_empty() && decision != Decision::Rejected => {
            return Err(Some(HeldBack::ManyServers));
        }
        RowKind::Service => {}
    }
    match decision {
        Decision::Rejected => Err(Some(HeldBack::TurnedDown)),
        Decision::Approved if row.exceeds.is_some() && options.approved_only && clients.is_empty() => {
            Err(Some(HeldBack::BeyondApproval))
        }
        _ if clients.is_empty() => Err(Some(HeldBack::NoClient)),
        Decision::Open if options.approved_only => Err(Some(HeldBack::WithoutApproval)),
        _ if in_use == InUse::Maybe
            && (decision == Decision::Open || row.exceeds.is_some() && !options.approved_only) =>
        {
            Err(Some(HeldBack::MayBe))
        }
        _ if !clients.iter().any(|client| comes_by(row, *client, options.hook)) => {
            Err(Some(HeldBack::NotForwarded))
        }
        Decision::Approved | Decision::Open => Ok(()),
    }
}

/// Whether packets of a client to the server can come by a hook. Loopback addresses leave no host
/// (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3), link-local ones pass no router (RFC 3927
/// section 7, RFC 4291 section 2.5.6), and what a host sends to itself passes none either.
fn comes_by(row: &Row, client: IpNet, hook: Hook) -> bool {
    let is_link_local = |address: IpAddr| match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    let (from, to) = (client.network(), row.service.server);
    let is_host = client.prefix_len() == client.max_prefix_len();
    !(from.is_loopback()
        || to.is_loopback()
        || is_host && from == to
        || hook == Hook::Forward && (is_link_local(from) || is_link_local(to)))
}

/// The networks of the server's family, sorted, without those that lie within another.
fn disjoint(row: &Row, networks: &[IpNet]) -> Vec<IpNet> {
    let is_ipv4 = |address: IpAddr| address.is_ipv4();
    let mut networks: Vec<IpNet> = networks
        .iter()
        .map(IpNet::trunc)
        .filter(|network| is_ipv4(network.addr()) == is_ipv4(row.service.server))
        .collect();
    // Wider ones first, so that what lies within one follows it.
    networks.sort_by_key(|network| (network.network(), network.prefix_len()));
    let mut kept: Vec<IpNet> = Vec::with_capacity(networks.len());
    for network in networks {
        if !kept.last().is_some_and(|wider| wider.contains(&network)) {
            kept.push(network);
        }
    }
    kept
}

#[cfg(test)]
#[path = "../../../tests/review/within/proposal.rs"]
mod tests;
