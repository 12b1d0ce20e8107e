//! SSDP: HTTP's lines in datagrams (UPnP Device Architecture 2.0, section 1).

use super::payload::begins;
use super::{Sign, Spoken};

/// The sign of a datagram that is a search, an announcement or an answer.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    if begins(payload, "M-SEARCH * HTTP/1.") || begins(payload, "NOTIFY * HTTP/1.") {
        Some(Sign::client(Spoken::Ssdp))
    } else if begins(payload, "HTTP/1.1 200 OK") {
        Some(Sign::server(Spoken::Ssdp))
    } else {
        None
    }
}
