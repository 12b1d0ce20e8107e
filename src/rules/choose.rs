//! Which chains judge flows.

use super::hook::{ChainHook, ChainKind};
use super::rule::Action;
use super::ruleset::Ruleset;
use super::verdict::RuleVerdict;
use crate::net::Family;

/// The chains that judge flows: at most one for each family. Good for the ruleset that chose them,
/// until that takes in another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    chains: [Option<usize>; 2],
    /// Chains of earlier hooks that make a difference to these.
    early: [Vec<usize>; 2],
    names: Vec<String>,
}

impl Chosen {
    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn early(&self, family: Family) -> &[usize] {
        &self.early[family as usize]
    }

    pub(super) fn chain(&self, family: Family) -> Option<usize> {
        self.chains[family as usize]
    }

    pub(super) fn chains(&self) -> impl Iterator<Item = (Family, usize)> {
        Family::ALL.into_iter().zip(self.chains).filter_map(|(f, chain)| Some((f, chain?)))
    }
}

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
    /// No filter base chain of the hook forward or input.
    #[error(
        "the ruleset has no base chain that filters forwarded or incoming packets; {}",
        there_are(base_chains)
    )]
    NoBaseChain {
        /// The base chains that there are.
        base_chains: Vec<String>,
    },
    /// Several chains judge the same family.
    #[error("several chains could be meant: {}; name one of them", chains.join(", "))]
    Several {
        /// The chains.
        chains: Vec<String>,
    },
}

impl Ruleset {
    /// The chains that judge flows: those that a name means, or the only ones that can be meant.
    ///
    /// A name is `family/table/chain` or the end of it (`filter/FORWARD`, `FORWARD`). Without a
    /// name it is the filter base chain of the hook forward, or if there is none of the hook input;
    /// chains that can only accept are left out while others are there. There may be one for
    /// each of IPv4 and IPv6.
    ///
    /// # Errors
    ///
    /// When no chain, or more than one for the same family, is meant.
    pub fn choose(&self, name: Option<&str>) -> Result<Chosen, ChoiceError> {
        self.choose_all(name.as_slice())
    }

    /// The chains that judge flows, by several names: where one does not mean the chains of both
    /// families. Without a name as [`choose`](Ruleset::choose) does it.
    ///
    /// # Errors
    ///
    /// When a name means no chain, or more than one for the same family is meant.
    pub fn choose_all(&self, names: &[&str]) -> Result<Chosen, ChoiceError> {
        let base_chains = || self.base_chains().into_iter().map(|base| base.name).collect();
        let bases = (0..self.chains.len()).filter(|&chain| self.chains[chain].base.is_some());
        if !names.is_empty() {
            let is_meant = |chain: &usize, name: &str| is_called(&self.chains[*chain].name, name);
            if let Some(name) = names.iter().find(|name| !bases.clone().any(|chain| is_meant(&chain, name))) {
                let name = (*name).to_owned();
                return Err(ChoiceError::NoSuchChain { name, base_chains: base_chains() });
            }
            let meant = bases.filter(|chain| names.iter().any(|name| is_meant(chain, name)));
            return self.chosen(&meant.collect::<Vec<_>>());
        }
        let mut bridging = Vec::new();
        for hook in [ChainHook::Forward, ChainHook::Input] {
            let filters: Vec<usize> = bases
                .clone()
                .filter(|&chain| {
                    self.chains[chain].base.as_ref().is_some_and(|base| {
                        base.hook == hook && matches!(base.kind, ChainKind::Filter | ChainKind::SecurityGroup)
                    }) && !self.chains[chain].families.is_empty()
                })
                .collect();
            let refusing: Vec<usize> =
                filters.iter().copied().filter(|&chain| self.can_refuse(chain)).collect();
            let mut meant = if refusing.is_empty() { filters } else { refusing };
            // A bridge and a host in one are two firewalls.
            if hook == ChainHook::Forward && meant.iter().all(|&chain| self.chains[chain].bridges) {
                bridging = meant;
                continue;
            }
            meant.retain(|chain| !self.chains[*chain].bridges);
            meant.splice(0..0, std::mem::take(&mut bridging));
            if !meant.is_empty() {
                return self.chosen(&meant);
            }
        }
        Err(ChoiceError::NoBaseChain { base_chains: base_chains() })
    }

    fn chosen(&self, chains: &[usize]) -> Result<Chosen, ChoiceError> {
        let names = || chains.iter().map(|&chain| self.chains[chain].name.clone()).collect();
        let mut chosen = Chosen { names: names(), ..Chosen::default() };
        for &chain in chains {
            for &family in &self.chains[chain].families {
                if chosen.chains[family as usize].replace(chain).is_some() {
                    return Err(ChoiceError::Several { chains: names() });
                }
                chosen.early[family as usize] = self.early_chains(self.chains[chain].hook());
            }
        }
        Ok(chosen)
    }

    /// Whether some packet may not get through a base chain.
    fn can_refuse(&self, chain: usize) -> bool {
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
