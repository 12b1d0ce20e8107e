//! Which protocol the first payload of a flow shows, where one is plain to see, and who asks.
//!
//! Looked at only when asked for ([`crate::flow::FlowOptions::peek`]). A few octets are looked at, and none
//! are kept: what they show is one small value for each side of a flow ([`Signs`]), which can be merged
//! as flows can. A file for each family of protocols says how its first octets look.

mod desktop;
mod first_octets;
mod ftp;
mod http;
mod mail;
mod protocol;
mod sign;
mod signs;
mod smb;
mod snmp;
mod ssh;
mod tls;

pub use ftp::{Announced, announced};
pub use protocol::Spoken;
pub use sign::{Role, Sign};
pub use signs::{Signs, spoken};

/// Whether a payload begins with a word, in any letter case.
fn begins(payload: &[u8], word: &str) -> bool {
    payload.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
}
