//! The addresses of multi-homed SCTP ends (RFC 9260 section 5.1.2, RFC 5061).
//!
//! INIT and INIT ACK may name addresses beside the one they come from, and an ASCONF may add more.
//! Packets from and to them, with the association's ports, are counted in its flow, under the
//! address that the INIT or INIT ACK came from. Packets that came before it stay flows of their own.
//! An address that an ASCONF takes back stays joined: what still comes from it is the association's.
//!
//! Where packets are folded in pieces, a path whose INIT is in a piece before is joined when the
//! pieces are merged. Counts, states and times are then what folding at once gives; only where a
//! piece divides one path by the idle time-out, because the packets between were on another path,
//! do two flows remain. SCTP sends HEARTBEATs on idle paths (section 8.3), so that this needs
//! hosts that have turned them off.

use std::collections::HashMap;

use super::{ContextId, FlowKey};
use crate::Transport;

/// How many addresses are kept. It bounds the memory that a flood of INITs can take to some ten
/// megabytes; those beyond stay flows of their own.
const MAX_PATHS: usize = 65_536;

/// One address of one end of an association.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Path {
    context: ContextId,
    is_ipv6: bool,
    address: [u8; 16],
    /// Port of this end, and of the other.
    ports: [u16; 2],
}

/// For every further address of an end the one that its association goes by.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    known: HashMap<Path, [u8; 16], foldhash::fast::RandomState>,
}

impl Paths {
    /// Puts the addresses that an association goes by into the key of a packet.
    #[inline]
    pub(super) fn join(&self, key: FlowKey) -> FlowKey {
        if key.transport == Transport::Sctp && !self.known.is_empty() { self.joined(key) } else { key }
    }

    #[cold]
    fn joined(&self, key: FlowKey) -> FlowKey {
        let of = |n: usize| {
            let path = Path {
                context: key.context,
                is_ipv6: key.is_ipv6,
                address: key.addresses[n],
                ports: [key.ports[n], key.ports[1 - n]],
            };
            self.known.get(&path).copied().unwrap_or(key.addresses[n])
        };
        FlowKey { addresses: [of(0), of(1)], ..key }
    }

    /// Notes the addresses that an INIT or INIT ACK with this key names. Addresses of the other
    /// version than its own cannot be joined: a flow's addresses are of one version.
    #[cold]
    pub(super) fn learn(&mut self, key: &FlowKey, addresses: &[std::net::IpAddr]) {
        for &address in addresses {
            if address.is_ipv6() != key.is_ipv6 || self.known.len() >= MAX_PATHS {
                continue;
            }
            let address = super::key::octets(address);
            if address != key.addresses[0] {
                let path = Path { context: key.context, is_ipv6: key.is_ipv6, address, ports: key.ports };
                self.known.insert(path, key.addresses[0]);
            }
        }
    }

    /// Adds what a later table knows. `rekeyed` tells where its contexts are here.
    pub(super) fn merge(&mut self, later: Paths, rekeyed: impl Fn(ContextId) -> ContextId) {
        for (path, address) in later.known {
            if self.known.len() < MAX_PATHS {
                self.known.insert(Path { context: rekeyed(path.context), ..path }, address);
            }
        }
    }
}
