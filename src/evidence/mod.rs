//! Which protocol the first payload of a flow shows, where one is plain to see, and who asks.
//!
//! Looked at only when asked for ([`crate::flow::FlowOptions::payload`]). A few octets are looked at, and none
//! are kept: what they show is one small value for each side of a flow ([`Signs`]), which can be merged
//! as flows can. A file for each family of protocols says how its first octets look.

#![allow(
    clippy::match_same_arms,
    clippy::verbose_bit_mask,
    reason = "each arm and each mask is a statement of a specification"
)]

mod chat;
mod databases;
mod desktop;
mod directory;
mod discovery;
mod dns;
mod files;
mod first_octets;
mod ftp;
mod games;
mod hello;
mod host_names;
mod http;
mod logins;
mod mail;
mod media;
mod messages;
mod netbios;
mod payload;
mod peers;
mod plant;
mod protocol;
mod proxies;
#[cfg(feature = "quic")]
mod quic_offer;
mod routing;
mod rpc;
mod sctp;
mod sign;
mod signs;
mod smb;
mod snmp;
mod ssh;
mod telemetry;
mod time;
mod tls;
mod tunnels;
#[cfg(test)]
mod vectors;
mod vpn;

pub use ftp::{Announced, announced, may_announce, may_announce_by_length};
pub use hello::{Alpn, TlsVersion};
#[cfg(feature = "quic")]
pub(crate) use host_names::crypto;
pub(crate) use host_names::{
    Hardware, Hello, answers, answers_in_stream, begins_hello, dhcp, dtls_hello, handshake, host,
    netbios_names, put_host, server_name,
};
pub use host_names::{NameSource, NameSources, UnknownNameSource};
pub use logins::Login;
pub use payload::Payload;
pub use protocol::{Spoken, UnknownProtocol};
#[cfg(feature = "quic")]
pub(crate) use quic_offer::{Offer, is_quic};
pub use sign::{Role, Sign};
pub(crate) use signs::sign_of_stream;
pub use signs::{By, Observed, Shows, Signs, observed};
