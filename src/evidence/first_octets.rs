//! What the beginning of one payload shows.

use super::{Sign, desktop, ftp, http, mail, smb, snmp, ssh, tls};
use crate::net::Transport;

impl Sign {
    /// The sign of a payload, by its first octets.
    pub fn of(transport: Transport, payload: &[u8]) -> Option<Sign> {
        match transport {
            Transport::Tcp => ssh::sign(payload)
                .or_else(|| tls::sign(payload))
                .or_else(|| smb::sign(payload))
                .or_else(|| desktop::sign(payload))
                .or_else(|| ftp::sign(payload))
                .or_else(|| mail::sign(payload))
                .or_else(|| http::sign(payload))
                .or_else(|| snmp::sign(payload)),
            Transport::Udp => tls::quic(payload).or_else(|| snmp::sign(payload)),
            Transport::Sctp | Transport::Dccp | Transport::UdpLite => None,
        }
    }
}
