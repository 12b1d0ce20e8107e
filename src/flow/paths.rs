//! The addresses of multi-homed SCTP ends (RFC 9260 section 5.1.2, RFC 5061).
//!
//! INIT and INIT ACK may name addresses beside the one they come from, and an ASCONF may add more.
//! Packets from and to them, with the association's ports, are counted in its flow, under the
//! address that the INIT or INIT ACK came from. Packets that came before it stay flows of their own.
//! An address that an ASCONF takes back stays joined: what still comes from it is the association's.
//!
//! Where packets are folded in pieces, a path whose INIT is in a piece before is joined when the
//! pieces are merged. Counts, states and times are then what folding at once gives, also where a
//! path falls silent for longer than the idle time-out while others go on: the flows of a piece are
//! joined in the order of their first packets, and each ends where it has no packet for so long, so
//! that the newest packet of all paths before a flow is known when it is joined. What remains are
//! openings with different numbers that alternate between paths of which the piece does not know that
//! they are one association's: each path is divided by its own openings there.

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
    known: HashMap<Path, GoesBy, foldhash::fast::RandomState>,
}

/// The address that an association goes by.
#[derive(Clone, Copy, Debug)]
struct GoesBy {
    address: [u64; 2],
    /// How many paths were learned before this one.
    number: usize,
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
            self.goes_by(&path)
        })
    }

    /// The address that the association of a path goes by.
    fn goes_by(&self, path: &Path) -> [u64; 2] {
        self.known.get(path).map_or(path.address, |known| known.address)
    }

    /// Notes the addresses that an INIT or INIT ACK with this key names. Addresses of the other
    /// version than its own cannot be joined: a flow's addresses are of one version.
    #[cold]
    pub(super) fn learn(&mut self, key: &FlowKey, addresses: &[std::net::IpAddr]) {
        for &address in addresses {
            if address.is_ipv6() == key.kind.is_ipv6() {
                let path = Path { kind: key.kind, address: super::key::words(address), ports: key.ports };
                self.insert(path, key.addresses[0]);
            }
        }
    }

    /// Notes that a path is of the association that goes by an address.
    fn insert(&mut self, path: Path, address: [u64; 2]) {
        let number = self.known.len();
        if path.address != address && number < MAX_PATHS {
            self.known.entry(path).or_insert(GoesBy { address, number }).address = address;
        }
    }

    /// Adds what a later table knows. `rekeyed` tells where its contexts are here.
    pub(super) fn merge(&mut self, later: &Paths, rekeyed: impl Fn(ContextId) -> ContextId) {
        for (path, address) in later.in_order() {
            let path = Path { kind: path.kind.within(rekeyed(path.kind.context())), ..path };
            // What the later table learned, it learned of an address that may go by another here.
            let address = self.goes_by(&Path { address, ..path });
            self.insert(path, address);
        }
    }

    /// All paths with the addresses that they go by, in the order in which they were learned.
    fn in_order(&self) -> impl Iterator<Item = (Path, [u64; 2])> + use<> {
        let mut all: Vec<(usize, Path, [u64; 2])> =
            self.known.iter().map(|(path, known)| (known.number, *path, known.address)).collect();
        all.sort_unstable_by_key(|(number, ..)| *number);
        all.into_iter().map(|(_, path, address)| (path, address))
    }

    /// All paths in the order in which they were learned: from an address to the one that it goes by.
    pub(super) fn keys(&self) -> impl Iterator<Item = FlowKey> + use<> {
        self.in_order().map(|(Path { kind, address, ports }, goes_by)| FlowKey {
            addresses: [address, goes_by],
            ports,
            kind,
        })
    }

    /// Adds one of [`Paths::keys`].
    pub(super) fn put(&mut self, key: &FlowKey) {
        let [address, goes_by] = key.addresses;
        self.insert(Path { kind: key.kind, address, ports: key.ports }, goes_by);
    }
}
