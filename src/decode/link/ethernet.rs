//! Ethernet II and IEEE 802.3 frames, with any stack of VLAN tags (IEEE 802.1Q-2022 clause 9),
//! and LLC with SNAP (IEEE 802.2).
//!
//! A frame check sequence at the end is not looked for: the network header's own length says
//! where the packet ends.

use etherparse::SingleVlanHeaderSlice;

use super::super::layers::{StepKind, Walk};
use super::super::outcome::Layer;
use super::super::{Outcome, network};

/// Two addresses and the type.
const HEADER: usize = 14;
/// The greatest value of the type field that is a length (IEEE 802.3 clause 3.2.6).
const MAX_LENGTH: u16 = 1500;

/// Decodes a frame from its destination address on.
#[inline]
pub(in super::super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return Outcome::cut(Layer::Link, HEADER, bytes.len());
    };
    ether_type(walk, u16::from_be_bytes([header[12], header[13]]), payload)
}

/// Decodes what stands behind an EtherType, or behind a length where it is one.
#[inline]
pub(in super::super) fn ether_type(walk: &mut Walk, mut ether_type: u16, mut bytes: &[u8]) -> Outcome {
    loop {
        return match ether_type {
            0x0800 => network::ipv4::decode(walk, bytes),
            0x86dd => network::ipv6::decode(walk, bytes),
            0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
                let Ok(tag) = SingleVlanHeaderSlice::from_slice(bytes) else {
                    return Outcome::cut(Layer::Vlan, 4, bytes.len());
                };
                if let Err(outcome) = walk.step(StepKind::Vlan, tag.vlan_identifier().value().into()) {
                    return outcome;
                }
                ether_type = tag.ether_type().0;
                bytes = &bytes[4..];
                continue;
            }
            0..=MAX_LENGTH => {
                // Padding lies behind the length.
                bytes = &bytes[..bytes.len().min(usize::from(ether_type))];
                match snap(bytes) {
                    Some((inner, payload)) => {
                        ether_type = inner;
                        bytes = payload;
                        continue;
                    }
                    None => Outcome::NotIp,
                }
            }
            _ => Outcome::NotIp,
        };
    }
}

/// The EtherType and payload behind an LLC header with SNAP (RFC 1042).
pub(super) fn snap(bytes: &[u8]) -> Option<(u16, &[u8])> {
    match bytes.split_first_chunk()? {
        // A length here would be no EtherType but a frame of its own kind.
        ([0xaa, 0xaa, 0x03, 0, 0, 0 | 0xf8, high @ 0x06..=0xff, low], payload) => {
            Some((u16::from_be_bytes([*high, *low]), payload))
        }
        _ => None,
    }
}
