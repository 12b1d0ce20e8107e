//! Says for every flow of a packet capture which service IANA has registered for the server's
//! port and transport, and what the registry does not say.
//!
//! Data flows one way through the modules, in this order:
//!
//! | module | does |
//! |---|---|
//! | [`net`] | the ground: transports, ports, ends, addresses |
//! | [`capture`] | files, pipes and compressed files become packets |
//! | [`decode`] | the bytes of one packet become its transport headers |
//! | [`evidence`] | what the first payload of a flow shows |
//! | [`flow`] | packets become flows; which side is the server |
//! | [`registry`] | IANA's registry: rows, look-up, status |
//! | [`services`] | what is known of services: insecure, administration, how their payload begins |
//! | [`rules`] | firewall rulesets: read, and flows judged by them |
//! | [`label`] | a flow and the registry become a label with its status, flags and reason |
//! | [`traffic`] | captures are read into traffic, which is labelled and selected |
//! | [`report`] | labelled flows become tables, CSV and JSON |
//! | [`annotate`] | a capture and its labels become an annotated pcapng file |
//! | [`review`] | labelled flows, approvals and firewall rules become a review |
//!
//! `report` and `annotate` need the feature `report`; `rules` and `review` need `review`. The
//! feature `formats` adds registry files in XML and XHTML and overlays in TOML, and `update` adds
//! `registry::fetch`. The program needs `cli`. All are on by default; without them the library
//! and its dependencies are at most 45 crates.
//!
//! ```
//! use portscribe::registry::Registry;
//! use portscribe::traffic::{ReadSettings, Reading};
//!
//! let mut reading = Reading::new(ReadSettings::default());
//! reading.read_file("samples/http.pcap")?;
//! let traffic = reading.finish();
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

#[cfg(feature = "report")]
pub mod annotate;
pub mod capture;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod decode;
pub mod evidence;
pub mod flow;
pub mod label;
pub mod net;
pub mod registry;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "review")]
pub mod review;
#[cfg(feature = "review")]
pub mod rules;
pub mod services;
mod text;
pub mod traffic;

pub use net::{Transport, UnknownTransport};

/// What integration tests share with tests inside names the crate.
#[cfg(test)]
extern crate self as portscribe;

/// The example of the README is compiled and run like those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
