//! Firewall rulesets: read what a firewall prints, and say what its rules do.
//!
//! The module knows nothing of captures or traffic. It answers four questions:
//!
//! | question | answer |
//! |---|---|
//! | What are the rules? | [`Ruleset::read`], then [`Ruleset::rules`] |
//! | Which rule decides on this new flow? | [`Ruleset::choose`] the chain, then [`Ruleset::judge`] |
//! | What do the rules let through? | [`Ruleset::allowed`] |
//! | Which rules can no packet reach? | [`Ruleset::covered`] |
//!
//! Start with [`Ruleset`], [`RulesetFormat`], [`NewFlow`] with its [`Content`], [`Judgement`], and
//! [`Rule`].
//!
//! **Reads** the output of `nft -j list ruleset`, of `nft list ruleset`, of `iptables-save -c` and `ip6tables-save -c`
//! (with `ipset save` beside them), and of `aws ec2 describe-security-group-rules` and `describe-security-groups`. All become the same
//! conditions, so that one piece of code judges them. A file as a whole may be refused ([`ReadError`]);
//! a single rule never is: what is not understood is kept, and [`Rule::state`] and [`Rule::undecided`]
//! say so.
//!
//! **Walks** from base chain to base chain by hook and priority, and in each through jumps, verdict maps and
//! returns as the kernel does: `drop` is final, `accept` for its chain alone. Packets to the firewall itself
//! and from it are told from forwarded ones by its own addresses ([`Chosen::with_own`]).
//!
//! **Judges** the first packet of a flow, which connection tracking calls `new`. A condition is met, not
//! met, or cannot be decided from a capture (a mark, a rate, the time, an interface that is not known).
//! Where it cannot be decided both ways are followed, so a judgement is a set of rules with what they
//! do; [`Judgement::definite`] is the rule where there is one alone.
//!
//! **Covers**: a rule is covered where earlier rules of its chain take all that it would match.
//!
//! ```
//! use portscribe::Transport;
//! use portscribe::rules::{Content, NewFlow, ReadOptions, RuleVerdict, Ruleset, RulesetFormat};
//!
//! let text = b"*filter\n:FORWARD DROP [0:0]\n[3:180] -A FORWARD -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n";
//! let rules = Ruleset::read(text, RulesetFormat::IptablesSave, "fw.rules", &ReadOptions::default())?;
//! let chain = rules.choose(None)?;
//! let flow = NewFlow::new(
//!     [192, 0, 2, 1].into(),
//!     [198, 51, 100, 1].into(),
//!     Content::Ports { transport: Transport::Tcp, source: 40000, destination: 443 },
//! );
//! let end = rules.judge(&chain, &flow).definite().expect("nothing is undecidable here");
//! assert_eq!(end.verdict, RuleVerdict::Accept);
//! assert_eq!(rules.rule(end.rule).reference, "fw.rules:3");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address_range;
mod allowed;
mod aws;
mod chain;
mod choose;
mod conditions;
mod conntrack;
mod counted;
mod cover;
mod early;
mod error;
mod flow;
mod format;
mod hook;
mod index;
mod ipset;
mod iptables;
mod judge;
mod judgement;
mod legs;
mod names;
mod nat;
mod nft;
mod own;
mod point;
mod ranges;
mod read;
mod rule;
mod ruleset;
mod space;
mod table;
mod translate;
mod vantage;
mod verdict;
mod walk;
mod way;
mod words;

pub use address_range::AddressRange;
pub use allowed::Allowed;
pub use chain::BaseChain;
pub use choose::{ChoiceError, Chosen};
pub use conntrack::Connection;
pub use counted::CountError;
pub use cover::Covered;
pub use error::{NotARuleset, ReadError};
pub use flow::{Captured, Content, NewFlow};
pub use format::RulesetFormat;
pub use hook::{ChainHook, ChainKind, GroupDirection, TableFamily};
pub use ipset::Ipsets;
pub use judgement::{Ended, Judgement, LooksAt, Passed, Translation};
pub use read::ReadOptions;
pub use rule::{Rule, RuleId};
pub use ruleset::{GroupUse, LeftOut, Ruleset};
pub use vantage::{CaptureSide, JudgedFrom, SideReason};
pub use verdict::{RuleState, RuleVerdict};
