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
use std::hash::{Hash, Hasher};

use super::key::Kind;
use super::{ContextId, FlowKey};
use crate::Transport;

/// How many addresses are kept. It bounds the memory that a flood of INITs can take to some ten
/// megabytes; those beyond stay flows of their own.
const MAX_PATHS: usize = 65_536;

/// One address of one end of an association.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Path {
    kind: Kind,
    address: [u64; 2],
    /// Port of this end, and of the other.
    ports: [u16; 2],
}

/// Three numbers, in place of each field with its length.
impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [high, low] = self.address;
        let [own, other] = self.ports.map(u64::from);
        (high, low, u64::from(self.kind.bits()) << 32 | own << 16 | other).hash(state);
    }
}

/// For every further address of an end the one that its association goes by.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    known: HashMap<Path, [u64; 2], foldhash::fast::RandomState>,
}

impl Paths {
    /// Puts the addresses that an association goes by into the key of a packet.
    #[inline]
    pub(super) fn join(&self, mut key: FlowKey) -> FlowKey {
        if !self.known.is_empty() && key.kind.transport() == Some(Transport::Sctp) {
            // A copy, so that the key itself stays in registers.
            let seen = key;
            key.addresses = self.addresses_of(&seen);
        }
        key
    }

    #[cold]
    fn addresses_of(&self, key: &FlowKey) -> [[u64; 2]; 2] {
        [0, 1].map(|n| {
            let path =
                Path { kind: key.kind, address: key.addresses[n], ports: [key.ports[n], key.ports[1 - n]] };
            self.known.get(&path).copied().unwrap_or(key.addresses[n])
        })
    }

    /// Notes the addresses that an INIT or INIT ACK with this key names. Addresses of the other
    /// version than its own cannot be joined: a flow's addresses are of one version.
    #[cold]
    pub(super) fn learn(&mut self, key: &FlowKey, addresses: &[std::net::IpAddr]) {
        for &address in addresses {
            if address.is_ipv6() != key.kind.is_ipv6() || self.known.len() >= MAX_PATHS {
                continue;
            }
            let address = super::key::words(address);
            if address != key.addresses[0] {
                let path = Path { kind: key.kind, address, ports: key.ports };
                self.known.insert(path, key.addresses[0]);
            }
        }
    }

    /// Adds what a later table knows. `rekeyed` tells where its contexts are here.
    pub(super) fn merge(&mut self, later: Paths, rekeyed: impl Fn(ContextId) -> ContextId) {
        for (path, address) in later.known {
            if self.known.len() < MAX_PATHS {
                self.known
                    .insert(Path { kind: path.kind.within(rekeyed(path.kind.context())), ..path }, address);
            }
        }
    }
}
