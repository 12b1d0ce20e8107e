//! Which addresses are the firewall's own, as far as rules and captures show.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use super::super::model::{InUse, Offer, OwnAddress, OwnBasis};
use super::super::observed::{Legs, Observed, SeenTranslation};
use super::super::zones::Zones;
use super::Configured;
use super::judge::{ANY_CLIENT_PORT, Interfaces, by_every_way};
use crate::rules::{Captured, Chosen, Content, Judgement, NewFlow, RuleId, Translation};

impl Configured {
    /// Finds the firewall's own addresses, unless all were named, and takes them for judging.
    pub(in crate::review) fn find_own(
        &mut self,
        legs: &Legs,
        rows: &[Observed],
        interfaces: &Interfaces,
        zones: &Zones,
    ) -> Vec<OwnAddress> {
        let (known, is_complete) = self.chosen.own();
        let basis = if is_complete { OwnBasis::Option } else { OwnBasis::Rules };
        let mut found: BTreeMap<IpAddr, OwnBasis> = known.map(|address| (address, basis)).collect();
        if !is_complete {
            let finder = Finder { configured: self, interfaces, zones };
            for one in legs.translations() {
                for address in finder.by_translation(one) {
                    found.entry(address).or_insert(OwnBasis::Translation);
                }
            }
            if self.ruleset.asks_for_destination_type(&self.chosen) {
                for address in finder.by_use(rows) {
                    found.entry(address).or_insert(OwnBasis::Use);
                }
            }
            for &address in found.keys() {
                self.chosen.add_own(address);
            }
        }
        found.into_iter().map(|(address, basis)| OwnAddress { address, basis }).collect()
    }
}

struct Finder<'a> {
    configured: &'a Configured,
    interfaces: &'a Interfaces<'a>,
    zones: &'a Zones,
}

impl Finder<'_> {
    fn judge(&self, chosen: &Chosen, client: IpAddr, server: IpAddr, content: Content) -> Judgement {
        let mut flow = NewFlow::new(client, server, content);
        flow.captured = Captured::Before;
        let names = [client, server].map(|address| self.zones.name(self.zones.of(address)));
        by_every_way(self.configured, chosen, self.interfaces, flow, (names[0], names[1]))
    }

    /// The addresses that a translation shows: what the firewall masquerades gets one of its own, and where rules
    /// translate only what is addressed to the firewall itself, it was addressed to it.
    fn by_translation(&self, seen: &SeenTranslation) -> Vec<IpAddr> {
        let Configured { chosen, ruleset, .. } = self.configured;
        let (client, server) = seen.before;
        let Some(port) = server.port else { return Vec::new() };
        let content =
            Content::Ports { transport: seen.transport, source: ANY_CLIENT_PORT, destination: port };
        let mut own = Vec::new();
        if client != seen.behind.0 {
            let judgement = self.judge(chosen, client, server.address, content);
            let translated = judgement.translated.iter().map(|passed| passed.rule);
            let setters: Vec<RuleId> = translated.filter(|rule| ruleset.is_for_sources(*rule)).collect();
            // One of them did it.
            if !setters.is_empty() && setters.iter().all(|rule| ruleset.is_masquerading(*rule)) {
                own.push(seen.behind.0);
            }
        }
        if server != seen.behind.1
            && self.is_translated_only_as_own(client, server.address, content).is_some()
        {
            own.push(server.address);
        }
        own
    }

    /// What becomes of a flow to an address that rules translate where it is the firewall's own, and only then.
    fn is_translated_only_as_own(
        &self,
        client: IpAddr,
        server: IpAddr,
        content: Content,
    ) -> Option<Judgement> {
        let without = self.configured.chosen.clone().without_own();
        let with = self.configured.chosen.clone().with_own(&[server]);
        let otherwise = self.judge(&without, client, server, content);
        let own = self.judge(&with, client, server, content);
        (otherwise.translation == Translation::None && own.translation != Translation::None).then_some(own)
    }

    /// The servers in use that rules let clients reach only where they are addresses of the firewall itself, which
    /// it translates.
    fn by_use(&self, rows: &[Observed]) -> Vec<IpAddr> {
        let mut asked: HashSet<(IpAddr, Offer)> = HashSet::new();
        let mut own = Vec::new();
        let groups = rows.iter().flat_map(|row| &row.groups);
        for group in groups.filter(|group| group.grade.in_use() == InUse::Yes && group.behind.is_none()) {
            let Offer::Ports { transport, ports } = group.offer else { continue };
            if !asked.insert((group.server, group.offer)) {
                continue;
            }
            let content = Content::Ports { transport, source: ANY_CLIENT_PORT, destination: ports.first };
            let without = self.configured.chosen.clone().without_own();
            let otherwise = self.judge(&without, group.client, group.server, content);
            if otherwise.is_let_through() == Some(false)
                && let Some(judgement) = self.is_translated_only_as_own(group.client, group.server, content)
                && judgement.is_let_through() == Some(true)
            {
                own.push(group.server);
            }
        }
        own
    }
}
