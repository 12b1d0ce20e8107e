//! Firewall review: what was observed in the traffic, what is approved, what is configured in the
//! rules, joined row by row.
//!
//! | folder | holds |
//! |---|---|
//! | `model` | what a review holds, as every output shows it |
//! | [`zones`] | named networks with a trust |
//! | `insecure` | services that standards and advisories call insecure |
//! | [`observed`] | rows from labelled flows, and what was listened to |
//! | [`approved`] | the worksheet that people filled in |
//! | `configured` | what the firewall's rules do with the rows |
//! | `findings` | what a reviewer should look at |
//! | [`mod@write`] | a review as page, table, JSON and proposed rules |
//!
//! A registration does not make traffic legitimate, nor does it prove that the traffic is that
//! service; and that something was not seen does not mean that nobody needs it.

pub mod approved;
mod assemble;
mod configured;
mod findings;
mod insecure;
mod model;
pub mod observed;
pub mod write;
pub mod zones;

pub use assemble::{Counters, Rules, Settings};
pub use insecure::{InsecureList, InsecureListError, InsecureService};
pub use model::{
    About, Approval, BehindUse, Cells, CellsOf, CellsOfService, Clients, CountedTime, Coverage, Covering,
    Cut, CutReason, DateOrder, Disagreement, Excess, Extent, Finding, FindingKind, FlowEnds, FlowSample,
    Glossary, Grade, GradeCounts, InNoFlow, InNoFlowPart, InUse, InputFacts, InvalidRowId, Judged, KeptRow,
    NameBasis, NeverListened, NoRow, NotLookedAt, NotRead, Offer, OtherTransport, OwnAddress, OwnBasis,
    Period, PortStatus, ReadFile, RegistryEdition, RegistryPart, Review, Row, RowId, RowKind, RowStatus,
    RuleCounter, RuleFlows, RuleLeftOut, RuleMatch, RuleReview, RuleScope, RulesSay, RulesetFacts, Scan,
    ScanRow, ScopePart, ServerName, ServerUse, Service, Severity, Sha256, Tag, TagUse, Trust, Usage,
    UsedPart, Vantage, Zone, ZoneSource,
};
pub use observed::{FlowGroup, Hashing};
pub use write::{summary, write_json};
