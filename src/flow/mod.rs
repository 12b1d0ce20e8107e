//! Packets become flows: who talked to whom, how much, how it began and ended.
//!
//! A flow table is a monoid: folding packets 1 to *n* gives the same flows as folding 1 to *k*
//! and *k+1* to *n* apart and [merging](FlowTable::merge) the two, for every *k*. All rules about
//! where one flow ends and the next begins therefore look at neighbouring packets only:
//!
//! - a gap of more than the idle time-out between a packet and the one before it in its flow, or
//! - an opening (TCP SYN or SYN+ACK, SCTP INIT or INIT ACK, DCCP Request or Response) that is not
//!   the one the flow began with
//!
//! starts a new flow on the same addresses and ports.
//!
//! Protocols without ports (ICMP, ESP, OSPF) are in flows where [`FlowOptions::protocols`] asks for them.

mod announced;
mod beginnings;
#[cfg(feature = "report")]
mod community_id;
mod context;
mod counters;
mod direction;
mod event;
mod fragments;
mod host_names;
mod interfaces;
mod key;
mod left;
mod merging;
mod noted;
mod options;
mod paths;
mod portless;
mod portless_packets;
mod recent;
mod record;
mod shown;
mod side;
mod spill;
mod state;
mod store;
mod table;
mod taking;
mod written;

pub use announced::Announcements;
pub use beginnings::{WrittenBeginning, WrittenSegment};
#[cfg(feature = "report")]
pub use community_id::{community_id, community_id_of};
pub use context::{ContextId, Contexts};
pub use counters::{Counters, WrittenCounter};
pub(crate) use direction::group;
pub use direction::{Basis, Confidence, Direction, Endpoints, Ephemeral, KnownPorts, Votes};
pub use fragments::WrittenDatagram;
pub use host_names::{HostNames, WrittenName};
pub(crate) use host_names::{NameId, ServerName};
pub use key::FlowKey;
pub use noted::Noted;
pub use options::{FlowOptions, LayerChoice, ProtocolChoice};
pub(crate) use record::ConnectionKey;
pub use record::Flow;
pub use side::Side;
pub use spill::{Sorted, SortedFlows, Spill};
pub use state::State;

pub use table::{FlowTable, Folded};
pub(crate) use taking::HandedOut;
pub use written::{
    Damaged, WrittenFlow, WrittenInterface, WrittenInterfaceName, WrittenKey, WrittenShown, WrittenTable,
};
