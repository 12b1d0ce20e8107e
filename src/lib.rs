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
//! | [`anonymize`] | addresses and names are replaced |
//! | [`evidence`] | what the first payload of a flow shows |
//! | [`flow`] | packets become flows; which side is the server |
//! | [`registry`] | IANA's registry: rows, look-up, status |
//! | [`services`] | what is known of services: insecure, administration, how their payload begins |
//! | [`rules`] | firewall rulesets: read, and flows judged by them |
//! | [`label`] | a flow and the registry become a label with its status, flags and reason |
//! | [`traffic`] | captures are read into traffic, which is labelled and selected |
//! | `partial` | what is known of captures that are read apart becomes a table, and traffic again |
//! | [`report`] | labelled flows become tables, CSV and JSON |
//! | [`annotate`] | a capture and its labels become an annotated pcapng file |
//! | [`review`] | labelled flows, approvals and firewall rules become a review |
//!
//! `report`, `annotate` and `anonymize` need the feature `report`, `report::page` needs `page`; `rules` and `review` need `review`;
//! `partial` needs `tables`. The
//! feature `formats` adds registry files in XML and XHTML and overlays in TOML, and `update` adds
//! `registry::fetch`. `quic` adds names of servers in QUIC. The program needs `cli`. All but `tables` are on by default; without them the library
//! and its dependencies are at most 45 crates.
//!
//! # Start here
//!
//! | type | for |
//! |---|---|
//! | [`traffic::Reading`] | read captures, on one thread or on several, into flows |
//! | [`traffic::Labelled`] | go through flows with their labels |
//! | [`traffic::LabelledFlow`] | one flow: server, client, packets, bytes, [`label::Label`] |
//! | [`registry::Registry`] | look up a port; use another edition, or your own names |
//! | [`traffic::HandOutEnded`] | take flows as they end, in bounded memory |
//! | [`traffic::LabelledPackets`] | go through packets with the labels of their flows |
//!
//! Label the flows of a capture:
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
//!     println!("{} {} {}", row.server(), row.flow.protocol(), row.label.service().unwrap_or("-"));
//! }
//! # Ok::<(), portscribe::capture::Error>(())
//! ```
//!
//! Look up a port:
//!
//! ```
//! use portscribe::Transport;
//! use portscribe::registry::{Registry, Status};
//!
//! let registry = Registry::bundled();
//! let answer = registry.port(Transport::Tcp, 443);
//! assert_eq!((answer.status(), answer.service()), (Status::Registered, Some("https")));
//! assert_eq!(registry.port(Transport::Dccp, 443).status(), Status::OtherTransport);
//! ```
//!
//! Use an edition of your own:
//!
//! ```
//! use portscribe::Transport;
//! use portscribe::registry::{self, ReadOptions, Registry, Target};
//!
//! // The bundled edition in IANA's own columns, with one service more.
//! let mut csv = Vec::new();
//! registry::export(&Registry::bundled(), Target::IanaCsv, &mut csv)?;
//! csv.extend_from_slice(b"ours,43500,tcp,Our service,,,2026-10-01,,,,,\n");
//! let registry = registry::read(&csv, &ReadOptions { source: "ours.csv", ..ReadOptions::default() })?.registry;
//! assert_eq!(registry.port(Transport::Tcp, 43_500).service(), Some("ours"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Take flows as they end, while a capture is read:
//!
//! ```
//! use portscribe::registry::Registry;
//! use portscribe::traffic::{HandOutEnded, ReadSettings, Reading};
//!
//! let registry = Registry::bundled();
//! let mut services = Vec::new();
//! let ended = HandOutEnded::new(&registry, |batch| {
//!     services.extend(batch.map(|(row, _)| row.label.service().unwrap_or("-").to_owned()));
//!     Ok(())
//! });
//! let mut reading = Reading::with_sink(ReadSettings::default(), ended);
//! reading.read_file("samples/http.pcap")?;
//! reading.finish()?;
//! assert_eq!(services, ["http"; 6]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An annotated copy of a capture, as a pcapng file:
//!
#![cfg_attr(feature = "report", doc = "```")]
#![cfg_attr(not(feature = "report"), doc = "```ignore")]
//! use portscribe::annotate::{AnnotateOptions, Pass, Whole};
//! use portscribe::capture::CaptureReader;
//! use portscribe::registry::Registry;
//! use portscribe::traffic::{ReadSettings, Reading};
//!
//! let mut reading = Reading::new(ReadSettings::default());
//! reading.read_file("samples/http.pcap")?;
//! let traffic = reading.finish();
//! let registry = Registry::bundled();
//! let labelled = traffic.label(&registry);
//! // Without a memo of each packet's flow, the first packet of each flow gets a comment.
//! let mut pass = Pass::new(&labelled, None, AnnotateOptions::default());
//! let mut out = Whole::new(Vec::new());
//! pass.capture(&mut CaptureReader::open("samples/http.pcap")?, &mut out)?;
//! pass.finish()?;
//! let annotated: Vec<u8> = out.finish()?;
//! assert_eq!(annotated[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a label does not say
//!
//! A registration does not make traffic legitimate, nor does it prove that the traffic is that
//! service. The library looks at the first payload octets of each flow, unless [`flow::FlowOptions::payload`] is off,
//! reassembles nothing, verifies no checksum, and passes no verdict.

#[cfg(feature = "report")]
pub mod annotate;
#[cfg(feature = "report")]
pub mod anonymize;
pub mod capture;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod decode;
pub mod evidence;
pub mod flow;
mod foreign;
pub mod label;
pub mod net;
#[cfg(feature = "tables")]
pub mod partial;
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

pub use foreign::Foreign;
pub use net::{Transport, UnknownTransport};

/// What integration tests share with tests inside names the crate.
#[cfg(test)]
extern crate self as portscribe;

/// The example of the README is compiled and run like those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So are those of the page on the library.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct PageOnTheLibrary;
