//! Says for every flow of a packet capture which service IANA has registered for the server's
//! port and transport, and what the registry does not say.
//!
//! Data flows one way through the modules, in this order:
//!
//! | module | does |
//! |---|---|
//! | [`capture`] | files, pipes and compressed files become packets |
//! | [`decode`] | the bytes of one packet become its transport headers |
//! | [`flow`] | packets become flows; which side is the server |
//! | [`payload`] | when asked: which protocol the first payload of a flow shows |
//! | [`registry`] | IANA's registry: rows, look-up, status |
//! | [`label`] | a flow and the registry become a label with its status, flags and reason |
//! | [`report`] | labelled flows become tables, CSV and JSON |
//! | [`review`] | labelled flows, approvals and firewall rules become a review |
//! | [`annotate`] | a capture and its labels become an annotated pcapng file |
//!
//! ```
//! use portscribe::analysis::{Analysis, Settings};
//! use portscribe::registry::Registry;
//!
//! let mut analysis = Analysis::new(Settings::default());
//! analysis.read_file("samples/http.pcap")?;
//! let traffic = analysis.finish();
//! let registry = Registry::bundled();
//! for row in traffic.label(&registry).rows() {
//!     println!("{} {} {}", row.flow.transport(), row.server().port, row.label.service().unwrap_or("-"));
//! }
//! # Ok::<(), portscribe::capture::Error>(())
//! ```
//!
//! A registration does not make traffic legitimate, nor does it prove that the traffic is that
//! service.
//!
//! What it does not do: it looks at no payload unless a review asks for that, reassembles nothing, verifies no checksum, and
//! passes no verdict.

pub mod analysis;
pub mod annotate;
pub mod capture;
#[doc(hidden)]
pub mod cli;
pub mod decode;
pub mod flow;
pub mod label;
pub mod payload;
pub mod registry;
pub mod report;
pub mod review;
mod transport;

pub use transport::{Transport, UnknownTransport};
