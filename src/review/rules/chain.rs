//! Chains, and which of them judges.

/// A chain at which the kernel begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseChain {
    /// `inet/fw/forward`, `ip/filter/FORWARD`, `sg-1a2b/ingress`.
    pub name: String,
    /// `filter`, `nat`, `route`; of AWS `security-group`.
    pub kind: String,
    /// `forward`, `input` and so on.
    pub hook: String,
    /// Where it stands among the chains of its hook; lower is earlier.
    pub priority: i64,
    /// Its policy as a rule.
    pub policy: super::RuleId,
}

/// The chains that judge flows: at most one for each family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub(super) ipv4: Option<usize>,
    pub(super) ipv6: Option<usize>,
}

/// Why no chain could be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// No chain of that name; the base chains that there are.
    #[error("no chain is called `{name}`; the base chains are: {}", base_chains.join(", "))]
    NoSuchChain {
        /// The name that was asked for.
        name: String,
        /// What there is.
        base_chains: Vec<String>,
    },
    /// No filter base chain of the hook forward or input.
    #[error("the ruleset has no base chain that filters forwarded or incoming packets; it has: {}", base_chains.join(", "))]
    NoBaseChain {
        /// What there is.
        base_chains: Vec<String>,
    },
    /// Several chains judge the same family.
    #[error("several chains could be meant: {}; name one", chains.join(", "))]
    Several {
        /// The chains.
        chains: Vec<String>,
    },
}
