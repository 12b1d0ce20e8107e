//! What the rules do with a flow, by every way that it may take through the firewall.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hashbrown::HashMap;

use super::super::model::{Cells, CellsOf, Offer, RowKind, RulesSay, Zone};
use super::super::observed::{Expected, FlowGroup, Leg, Observed};
use super::super::zones::Zones;
use super::{Configured, counters};
use crate::capture::Timestamp;
use crate::net::End;
use crate::rules::{AddressRange, Captured, Chosen, Content, Judgement, NewFlow, Translation};

/// A client's port where none is known.
pub(super) const ANY_CLIENT_PORT: u16 = 40_000;

/// The interfaces of the firewall, by the zone that they lead to.
pub(in crate::review) struct Interfaces<'a> {
    by_zone: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Interfaces<'a> {
    /// `pairs` hold an interface and its zone.
    pub(in crate::review) fn new(pairs: &'a [(String, String)]) -> Interfaces<'a> {
        let mut by_zone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (interface, zone) in pairs {
            by_zone.entry(zone).or_default().push(interface);
        }
        Interfaces { by_zone }
    }

    /// By which interface each network is reached, as far as that is known.
    pub(in crate::review) fn routes(&self, zones: &Zones) -> Vec<(AddressRange, Option<String>)> {
        let of = |zone: &Zone| {
            let range = AddressRange { first: zone.network.network(), last: zone.network.broadcast() };
            let names = self.behind(&zone.name).into_iter();
            names.map(move |name| (range, name.map(str::to_owned)))
        };
        zones.networks().iter().flat_map(of).collect()
    }

    /// The interfaces that may lead to a zone; one that is not known where none was named.
    fn behind(&self, zone: &str) -> Vec<Option<&'a str>> {
        match self.by_zone.get(zone) {
            Some(names) => names.iter().copied().map(Some).collect(),
            None => vec![None],
        }
    }
}

/// What makes a difference to a judgement.
type Known = (IpAddr, IpAddr, Content, Option<u16>, Captured, bool, bool);

/// Judges flows, each kind of flow once.
pub(super) struct Judge<'a> {
    pub(super) configured: &'a Configured,
    interfaces: &'a Interfaces<'a>,
    /// When the time began that the counters are of.
    counted_from: Option<Timestamp>,
    /// What was judged before, by all that can make a difference.
    known: HashMap<Known, usize, foldhash::fast::RandomState>,
    judgements: Vec<Judgement>,
    /// What becomes of destinations, as far as it was asked.
    translations: HashMap<Ends, Translation, foldhash::fast::RandomState>,
}

/// Client, server, and what is carried between them.
type Ends = (IpAddr, IpAddr, Content);

impl<'a> Judge<'a> {
    pub(super) fn new(
        configured: &'a Configured,
        interfaces: &'a Interfaces<'a>,
        counted_from: Option<Timestamp>,
    ) -> Judge<'a> {
        Judge {
            configured,
            interfaces,
            counted_from,
            known: HashMap::default(),
            judgements: Vec::new(),
            translations: HashMap::default(),
        }
    }

    /// Whether the counters of the rules tell of what opened these flows.
    pub(super) fn is_counted(&self, flows: &FlowGroup) -> bool {
        counters::is_counted(self.counted_from, flows)
    }

    /// What the rules make of the destination of flows of a row.
    pub(super) fn translation(&mut self, ends: Ends, captured: Captured, row: &Observed) -> Translation {
        let Judge { configured, interfaces, translations, .. } = self;
        *translations.entry(ends).or_insert_with(|| {
            let mut flow = NewFlow::new(ends.0, ends.1, ends.2);
            flow.captured = captured;
            let zones = (row.service.client_zone.as_str(), row.service.server_zone.as_str());
            by_every_way(configured, &configured.chosen, interfaces, flow, zones).translation
        })
    }

    /// The judgement of flows of a row.
    pub(super) fn judge(&mut self, flows: &FlowGroup, vlan: Option<u16>, row: &Observed) -> &Judgement {
        let source = if self.configured.looks_at.source_port { flows.client_port } else { None };
        let content = content_of(flows.offer, source, flows.icmp_code);
        let is_counted = self.is_counted(flows);
        let captured = flows
            .behind
            .map_or(Captured::Anywhere, |behind| Captured::BothSides(behind.address, behind.port));
        let may_be_related = matches!(row.kind, RowKind::DynamicData { .. });
        let key = (flows.client, flows.server, content, vlan, captured, is_counted, may_be_related);
        let n = if let Some(&n) = self.known.get(&key) {
            n
        } else {
            let mut new = NewFlow::new(flows.client, flows.server, content);
            (new.vlan, new.captured, new.is_counted) = (vlan, captured, is_counted);
            new.may_be_related = may_be_related;
            let zones = (row.service.client_zone.as_str(), row.service.server_zone.as_str());
            let judgement =
                by_every_way(self.configured, &self.configured.chosen, self.interfaces, new, zones);
            self.known.insert(key, self.judgements.len());
            self.judgements.push(judgement);
            self.judgements.len() - 1
        };
        &self.judgements[n]
    }
}

/// What the first packet of a client carries; of several ports the first.
fn content_of(offer: Offer, source: Option<u16>, icmp_code: u8) -> Content {
    match offer {
        Offer::Ports { transport, ports } => {
            Content::Ports { transport, source: source.unwrap_or(ANY_CLIENT_PORT), destination: ports.first }
        }
        Offer::Icmp { kind, .. } => Content::Icmp { kind, code: icmp_code },
        Offer::Protocol(protocol) => Content::Other(protocol),
    }
}

/// The judgement of a flow between two zones; where several interfaces lead to a zone, what may
/// happen by any of them.
pub(super) fn by_every_way<'a>(
    configured: &Configured,
    chosen: &Chosen,
    interfaces: &Interfaces<'a>,
    mut flow: NewFlow<'a>,
    (client_zone, server_zone): (&str, &str),
) -> Judgement {
    let Configured { ruleset, looks_at, .. } = configured;
    if !looks_at.interfaces {
        return ruleset.judge(chosen, &flow);
    }
    let mut all: Option<Judgement> = None;
    for from in interfaces.behind(client_zone) {
        for to in interfaces.behind(server_zone) {
            (flow.in_interface, flow.out_interface) = (from, to);
            let one = ruleset.judge(chosen, &flow);
            all = Some(match all {
                None => one,
                Some(others) => others.or(one),
            });
        }
    }
    all.unwrap_or_default()
}

/// What the rules make of a flow that was captured before the firewall.
pub(in crate::review) fn expected(
    configured: &Configured,
    interfaces: &Interfaces,
    zones: &Zones,
    leg: &Leg,
) -> Expected {
    let [Some(source), Some(destination)] = [leg.client.port, leg.server.port] else {
        return Expected::default();
    };
    let content = Content::Ports { transport: leg.transport, source, destination };
    let mut flow = NewFlow::new(leg.client.address, leg.server.address, content);
    flow.captured = Captured::Before;
    let names = [leg.client, leg.server].map(|end| zones.name(zones.of(end.address)));
    let judgement = by_every_way(configured, &configured.chosen, interfaces, flow, (names[0], names[1]));
    Expected {
        server: match judgement.translation {
            Translation::None => Some(leg.server),
            Translation::To(address, port) => Some(End { address, port: port.or(leg.server.port) }),
            Translation::Uncertain => None,
        },
        sets_source: judgement
            .translated
            .iter()
            .any(|passed| passed.certain && configured.ruleset.is_for_sources(passed.rule)),
    }
}

/// What the rules say of a row of the worksheet, judged by its first client and its first port; none
/// where its cells do not name one service.
pub(in crate::review) fn say_of(configured: &Configured, interfaces: &Interfaces, cells: &Cells) -> RulesSay {
    let (CellsOf::Service(Some(row)), Some(client)) = (cells.of(), cells.a_client()) else {
        return RulesSay::NotJudged;
    };
    // A rule for a type of ICMP is for each of its codes, and a question has none but 0.
    let content = content_of(row.offer, None, 0);
    // Of any server of a zone the rules may let in some.
    let Some(server) = row.server else { return RulesSay::NotJudged };
    let flow = NewFlow::new(client, server, content);
    let judgement =
        by_every_way(configured, &configured.chosen, interfaces, flow, (&row.client_zone, &row.server_zone));
    match judgement.is_let_through() {
        Some(true) => RulesSay::Allowed,
        Some(false) => RulesSay::Denied,
        None if judgement.is_none() => RulesSay::NotJudged,
        None => RulesSay::Ambiguous,
    }
}
