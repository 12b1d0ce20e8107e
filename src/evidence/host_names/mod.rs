//! Names of hosts in payload: answers of DNS and its kin, the server that a TLS or QUIC client names, the
//! `Host` of HTTP, the names that DHCP gives.
//!
//! Looked at only where asked for ([`crate::flow::FlowOptions::names`]): names are personal data. They are
//! foreign text, shown and never used to decide.

mod dhcp;
mod dns;
mod hello;
mod http;
mod netbios;
#[cfg(feature = "quic")]
mod quic;
mod source;
mod text;

pub(crate) use dhcp::{Hardware, dhcp};
pub(crate) use dns::{answers, answers_in_stream};
pub(crate) use hello::{Hello, begins_hello, dtls_hello, handshake, server_name};
pub(crate) use http::host;
pub(crate) use netbios::netbios_names;
#[cfg(feature = "quic")]
pub(crate) use quic::{begun_handshake, crypto};
pub use source::{NameSource, NameSources, UnknownNameSource};
pub(crate) use text::put_host;
