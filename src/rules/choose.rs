//! Which chains judge flows.

use std::net::IpAddr;

use super::address_range::AddressRange;
use super::chain::BaseChain;
use super::hook::{ChainHook, ChainKind};
use super::own::OwnAddresses;
use super::point::{Tri, interface};
use super::rule::Action;
use super::ruleset::Ruleset;
use super::verdict::RuleVerdict;
use crate::net::{Family, number};

/// The chains that judge flows: all that stand in a packet's way, or those that were named. Good for
/// the ruleset that chose them, until that takes in another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Those that judge, for IPv4 and IPv6.
    judging: [Vec<usize>; 2],
    /// And those with chains that make a difference to them: the whole way, by hook and priority.
    way: [Vec<usize>; 2],
    names: Vec<String>,
    left_out: Vec<String>,
    pub(super) own: OwnAddresses,
    routes: Vec<(AddressRange, Option<String>)>,
}

impl Chosen {
    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The chains that also stand in a packet's way and do not judge, since others were named.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// With all addresses of the firewall itself, which else are those that rules show: packets to them come to the hook input, packets
    /// from them to the hook output, and all others are forwarded.
    #[must_use]
    pub fn with_own(mut self, addresses: &[IpAddr]) -> Chosen {
        if !addresses.is_empty() {
            self.own = OwnAddresses::all(addresses);
        }
        self
    }

    /// With an address that is known to be the firewall's own; nothing new where all are known.
    pub fn add_own(&mut self, address: IpAddr) {
        self.own.add(address);
    }

    /// As if no address were the firewall's own.
    #[must_use]
    pub fn without_own(mut self) -> Chosen {
        self.own = OwnAddresses::all(&[]);
        self
    }

    /// The addresses of the firewall itself that are known, and whether there are no others.
    pub fn own(&self) -> (impl Iterator<Item = IpAddr> + '_, bool) {
        (self.own.known(), self.own.is_complete())
    }

    /// Whether an address is known to be the firewall's own.
    pub fn has_own(&self, address: IpAddr) -> bool {
        self.own.has(address) == Tri::Yes
    }

    /// Whether an address is the firewall's own, or rules of translation name it as one before or after it.
    pub fn may_have_own(&self, address: IpAddr) -> bool {
        self.has_own(address) || self.own.suspects(address)
    }

    /// With the interfaces by which addresses are reached, where known, which tell where a packet goes out whose
    /// destination was translated. Of several networks that hold an address the smallest counts; where
    /// that is behind several interfaces, the interface is not known.
    #[must_use]
    pub fn with_routes(mut self, routes: Vec<(AddressRange, Option<String>)>) -> Chosen {
        self.routes = routes;
        self
    }

    /// The interface by which an address is reached, if known.
    pub(super) fn route(&self, address: IpAddr) -> Option<u128> {
        let size = |range: &AddressRange| number(range.last) - number(range.first);
        let holding = self.routes.iter().filter(|(range, _)| range.first <= address && address <= range.last);
        let smallest = holding.clone().map(|(range, _)| size(range)).min()?;
        let mut names = holding.filter(|(range, _)| size(range) == smallest).map(|(_, name)| name);
        let first = names.next()?;
        names.all(|name| name == first).then_some(first.as_deref()?).map(interface)
    }

    /// The chains of a hook that a packet passes, in their order.
    pub(super) fn at(&self, family: Family, hooks: &'static [ChainHook], rules: &Ruleset) -> Vec<usize> {
        let way = self.way[family as usize].iter().copied();
        way.filter(|&chain| rules.chains[chain].hook().is_some_and(|hook| hooks.contains(hook))).collect()
    }

    /// Whether a chain judges, and does not only make a difference to those that do.
    pub(super) fn judges(&self, family: Family, chain: usize) -> bool {
        self.judging[family as usize].contains(&chain)
    }

    /// The chains whose accepting rules let something through: those of the hooks at which packets are
    /// filtered, or where there are none of them, all.
    pub(super) fn chains<'a>(&'a self, rules: &'a Ruleset) -> impl Iterator<Item = (Family, usize)> + 'a {
        Family::ALL.into_iter().flat_map(move |family| {
            let judging = &self.judging[family as usize];
            let is_main =
                |chain: &usize| rules.chains[*chain].hook().is_some_and(|hook| FILTERING.contains(hook));
            let all = !judging.iter().any(is_main);
            judging.iter().filter(move |chain| all || is_main(chain)).map(move |&chain| (family, chain))
        })
    }

    /// Every chain that packets pass.
    pub(super) fn whole_way(&self) -> impl Iterator<Item = usize> + '_ {
        self.way.iter().flatten().copied()
    }
}

/// The hooks at which it is told what becomes of a packet.
const FILTERING: [ChainHook; 3] = [ChainHook::Forward, ChainHook::Input, ChainHook::Output];

/// Why no chain could be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// No base chain of that name.
    #[error("no base chain is called `{name}`; {}", there_are(base_chains))]
    NoSuchChain {
        /// The name that was asked for.
        name: String,
        /// The base chains that there are.
        base_chains: Vec<String>,
    },
    /// No filter base chain of the hook forward, input or output.
    #[error(
        "the ruleset has no base chain that filters forwarded or incoming packets; {}",
        there_are(base_chains)
    )]
    NoBaseChain {
        /// The base chains that there are.
        base_chains: Vec<String>,
    },
    /// Several chains could judge the same packets, and they are not of one way: those of two
    /// firewalls, of a bridge and its host, or of two security groups.
    #[error("several chains could be meant: {}; name one of them", chains.join(", "))]
    Several {
        /// The chains.
        chains: Vec<String>,
    },
}

impl Ruleset {
    /// The chains that judge flows: those that a name means, or all that stand in a packet's way.
    ///
    /// A name is `family/table/chain` or the end of it (`filter/FORWARD`, `FORWARD`). Without a
    /// name they are the filter base chains of all hooks that can refuse a packet; where none can, those
    /// of the hook forward, or if there is none of the hook input.
    ///
    /// # Errors
    ///
    /// When no chain is meant, or chains that are not of one way.
    pub fn choose(&self, name: Option<&str>) -> Result<Chosen, ChoiceError> {
        self.choose_all(name.as_slice())
    }

    /// The chains that judge flows, by several names. Without a name as [`choose`](Ruleset::choose)
    /// does it.
    ///
    /// # Errors
    ///
    /// When a name means no chain, or chains that are not of one way.
    pub fn choose_all(&self, names: &[&str]) -> Result<Chosen, ChoiceError> {
        let base_chains = || self.base_chains().into_iter().map(|base| base.name).collect();
        let bases = (0..self.chains.len()).filter(|&chain| self.chains[chain].base.is_some());
        if !names.is_empty() {
            let is_meant = |chain: &usize, name: &str| is_called(&self.chains[*chain].name, name);
            if let Some(name) = names.iter().find(|name| !bases.clone().any(|chain| is_meant(&chain, name))) {
                let name = (*name).to_owned();
                return Err(ChoiceError::NoSuchChain { name, base_chains: base_chains() });
            }
            let meant: Vec<usize> =
                bases.filter(|chain| names.iter().any(|name| is_meant(chain, name))).collect();
            let mut chosen = self.chosen(&meant)?;
            let others = self.in_the_way().into_iter().filter(|chain| !meant.contains(chain));
            chosen.left_out = others.map(|chain| self.chains[chain].name.clone()).collect();
            return Ok(chosen);
        }
        let meant = self.in_the_way();
        if meant.is_empty() {
            return Err(ChoiceError::NoBaseChain { base_chains: base_chains() });
        }
        self.chosen(&meant)
    }

    /// The filter base chains that can refuse a packet of some hook at which packets are filtered;
    /// where none can, those of the first hook that has any.
    fn in_the_way(&self) -> Vec<usize> {
        let filters: Vec<usize> = (0..self.chains.len())
            .filter(|&chain| {
                let kind = self.chains[chain].base.as_ref().map(|base| &base.kind);
                matches!(kind, Some(ChainKind::Filter | ChainKind::Route | ChainKind::SecurityGroup))
                    && !self.chains[chain].families.is_empty()
            })
            .collect();
        let of = |hook: &ChainHook| {
            let at = filters.iter().copied().filter(|&chain| self.chains[chain].hook() == Some(hook));
            at.collect::<Vec<_>>()
        };
        let is_group = |&chain: &usize| self.chains[chain].unordered;
        // Members of a group are guarded by one list for each direction: what comes in is asked first.
        let groups = of(&ChainHook::Input);
        if !groups.is_empty() && groups.iter().all(is_group) {
            return groups;
        }
        let bridges = |chain: &usize| self.chains[*chain].bridges;
        let only_bridges = !of(&ChainHook::Forward).is_empty() && of(&ChainHook::Forward).iter().all(bridges);
        let is_in_way = |chain: &usize| {
            self.can_refuse(*chain)
                && (!bridges(chain)
                    || only_bridges && self.chains[*chain].hook() == Some(&ChainHook::Forward))
        };
        let refusing: Vec<usize> = filters.iter().copied().filter(is_in_way).collect();
        if !refusing.is_empty() {
            return refusing;
        }
        FILTERING.iter().map(of).find(|chains| !chains.is_empty()).unwrap_or_default()
    }

    fn chosen(&self, chains: &[usize]) -> Result<Chosen, ChoiceError> {
        let mut chains = chains.to_vec();
        chains.sort_by_key(|&chain| (self.place_in_way(chain), chain));
        let names = || chains.iter().map(|&chain| self.chains[chain].name.clone()).collect();
        let is_other = |a: usize, b: usize| {
            let (a, b) = (&self.chains[a], &self.chains[b]);
            let shared = a.families.iter().any(|family| b.families.contains(family));
            shared && (a.name == b.name || a.bridges != b.bridges || a.unordered && b.unordered)
        };
        let mut pairs =
            chains.iter().enumerate().flat_map(|(n, &a)| chains[..n].iter().map(move |&b| (a, b)));
        if pairs.any(|(a, b)| is_other(a, b)) {
            return Err(ChoiceError::Several { chains: names() });
        }
        let mut chosen = Chosen { names: names(), own: self.own_addresses(), ..Chosen::default() };
        for family in Family::ALL {
            let sees = |chain: &usize| self.chains[*chain].families.contains(&family);
            let judging: Vec<usize> = chains.iter().copied().filter(sees).collect();
            if judging.is_empty() {
                continue;
            }
            let mut way: Vec<usize> = self.early_chains().into_iter().filter(sees).collect();
            way.extend(&judging);
            // Of equal priorities the kernel calls the chain first that was added last (Linux,
            // `nf_hook_entries_grow`).
            way.sort_by_key(|&chain| (self.place_in_way(chain), std::cmp::Reverse(chain)));
            way.dedup();
            (chosen.judging[family as usize], chosen.way[family as usize]) = (judging, way);
        }
        Ok(chosen)
    }

    /// Where a chain stands in the way of packets: by hook, then by priority. All that translates stands
    /// at one place of its hook, and only there in the order of its priorities (Linux,
    /// `nf_nat_register_fn`).
    fn place_in_way(&self, chain: usize) -> (usize, i64, i64) {
        let hooks = [
            ChainHook::Ingress,
            ChainHook::Prerouting,
            ChainHook::Forward,
            ChainHook::Input,
            ChainHook::Output,
            ChainHook::Postrouting,
            ChainHook::Egress,
        ];
        let base = self.chains[chain].base.as_ref();
        let hook = hooks.iter().position(|hook| base.is_some_and(|base| base.hook == *hook));
        let priority = base.map_or(0, |base| base.priority);
        let place = match base {
            Some(BaseChain { kind: ChainKind::Nat, hook, .. }) => match hook {
                ChainHook::Prerouting | ChainHook::Output => -100,
                _ => 100,
            },
            _ => priority,
        };
        (hook.unwrap_or(hooks.len()), place, priority)
    }

    /// Whether some packet may not get through a base chain.
    pub(super) fn can_refuse(&self, chain: usize) -> bool {
        let refuses =
            |action: &Action| matches!(action, Action::Drop | Action::Reject | Action::Unknown { .. });
        let policy = self.chains[chain].base.as_ref().map(|base| base.policy);
        self.reachable([chain]).into_iter().flat_map(|chain| &self.chains[chain].rules).chain(&policy).any(
            |id| {
                let rule = &self.rules[id.0];
                rule.verdict == RuleVerdict::Drop || rule.matcher.action.each().into_iter().any(refuses)
            },
        )
    }
}

/// The base chains, in words.
fn there_are(base_chains: &[String]) -> String {
    match base_chains {
        [] => {
            "there is none at all, as in the rules of a host whose tables are empty or not loaded".to_owned()
        }
        names => format!("there are: {}", names.join(", ")),
    }
}

/// Whether a name means a chain: the whole of it, or its end from a slash on.
fn is_called(chain: &str, name: &str) -> bool {
    chain.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}
