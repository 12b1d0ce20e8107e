//! Chains of rules, and those of them at which the kernel begins.

use serde::Serialize;

use super::hook::{ChainHook, ChainKind, TableFamily};
use super::index::RuleIndex;
use super::rule::RuleId;
use crate::net::Family;

/// A chain at which the kernel begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BaseChain {
    /// `inet/fw/forward`, `ip/filter/FORWARD`, `sg-1a2b/ingress`.
    pub name: String,
    /// What it is for.
    pub kind: ChainKind,
    /// Where the kernel calls it.
    pub hook: ChainHook,
    /// Where it stands among the chains of its hook; lower is earlier.
    pub priority: i64,
    /// Its policy as a rule.
    pub policy: RuleId,
}

/// A list of rules.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub name: String,
    /// Whether it sees packets that are bridged.
    pub bridges: bool,
    /// The families whose packets it sees.
    pub families: Vec<Family>,
    pub base: Option<BaseChain>,
    pub rules: Vec<RuleId>,
    /// Its rules only allow, and have no order.
    pub unordered: bool,
    /// For IPv4 and IPv6.
    pub index: [RuleIndex; 2],
}

impl Chain {
    pub fn hook(&self) -> Option<&ChainHook> {
        self.base.as_ref().map(|base| &base.hook)
    }

    /// An empty chain of a table.
    pub fn new(name: String, table: &TableFamily) -> Chain {
        Chain {
            name,
            bridges: *table == TableFamily::Bridge,
            families: table.versions().to_vec(),
            base: None,
            rules: Vec::new(),
            unordered: false,
            index: [RuleIndex::default(), RuleIndex::default()],
        }
    }
}
