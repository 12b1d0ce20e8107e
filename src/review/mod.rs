//! Firewall review: what was observed in the traffic, what is approved, what is configured in the
//! rules, joined line by line.
//!
//! A registration does not make traffic legitimate, nor does it prove that the traffic is that
//! service; and that something was not seen does not mean that nobody needs it.

mod assemble;
mod coverage;
mod dynamic;
mod edges;
mod evidence;
mod findings;
mod grade;
mod hashes;
mod insecure;
pub mod inventory;
mod join;
mod json;
mod listened;
mod model;
mod roles;
mod row_id;
mod scope;
mod standing;
mod summary;
mod tags;
mod wording;
pub mod worksheet;
pub mod write;
pub mod zones;

pub use assemble::{Rules, Settings};
pub use edges::FlowGroup;
pub use evidence::{ONE_WAY_BY_DESIGN, is_one_way_by_design};
pub use grade::{Grade, InUse};
pub use hashes::Hashing;
pub use insecure::{InsecureList, InsecureListError, InsecureService};
pub use json::write_json;
pub use model::{
    Approval, Clients, Coverage, Cut, CutReason, Edge, EdgeKind, Evidence, Finding, FindingId, FlowSample,
    InNoFlow, InputFacts, KeptRow, NameBasis, NotRead, RegistryPart, Review, RowStatus, RuleFlows, RuleMatch,
    RuleReview, RuleScope, RulesSay, RulesetFacts, Scan, Severity, Tag, TagUse, Trust, Vantage, Zone,
    ZoneSource,
};
pub(crate) use row_id::sha256;
pub use summary::summary;
