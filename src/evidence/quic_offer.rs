//! What a client of QUIC offers in its first datagram: the protocol within. That is encrypted with keys which everybody
//! can derive (RFC 9001 section 5.2); who encrypts with them is the client.

use super::hello;
use super::host_names::begun_handshake;
use super::payload::be24;
use super::{Sign, Signs, Spoken};

/// Room for one datagram and its handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offer {
    datagram: Vec<u8>,
    handshake: Vec<u8>,
}

/// Whether the first payload that shows anything is QUIC.
pub(crate) fn is_quic(signs: Signs) -> bool {
    signs.sign().and_then(Sign::spoken) == Some(Spoken::Quic)
}

impl Offer {
    /// What a datagram of QUIC shows that is `signs` by what is not encrypted.
    pub(crate) fn read(&mut self, datagram: &[u8], signs: Signs) -> Signs {
        if begun_handshake(datagram, &mut self.datagram, &mut self.handshake).is_none() {
            return signs;
        }
        let said = match (&self.handshake[..], be24(&self.handshake, 1)) {
            ([1, _, _, _, body @ ..], Some(length)) => {
                hello::of_client(&body[..body.len().min(length as usize)], false)
            }
            _ => hello::Said::default(),
        };
        signs.with_first(Sign::client(Spoken::Quic).with(said))
    }
}
