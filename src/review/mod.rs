//! Firewall review: what was observed in the traffic, what is approved, what is configured in the
//! rules, joined line by line.
//!
//! A registration does not make traffic legitimate, nor does it prove that the traffic is that
//! service; and that something was not seen does not mean that nobody needs it.

mod grade;
mod insecure;
mod model;
mod row_id;
pub mod worksheet;
pub mod write;

pub use grade::{Grade, InUse};
pub use insecure::{InsecureList, InsecureListError, InsecureService};
pub use model::{
    Approval, Clients, Coverage, Cut, CutReason, Edge, EdgeKind, Evidence, Family, Finding, FindingId,
    FlowSample, InputFacts, KeptRow, NameBasis, Ports, RegistryPart, Review, RowStatus, RuleFlows, RuleMatch,
    RuleReview, RuleState, RuleVerdict, RulesetFacts, Severity, Tag, TagUse, Trust, Vantage, Zone,
    ZoneSource, network,
};
