//! The bytes of one packet, taken apart down to its transport headers.
//!
//! ```
//! use portscribe::capture::LinkType;
//! use portscribe::decode::{Decoder, Outcome};
//!
//! let packet = [
//!     0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 53, // IPv4
//!     0xa0, 0x12, 0, 53, 0, 8, 0, 0, // UDP
//! ];
//! let mut decoder = Decoder::new();
//! let layers = decoder.decode(Some(LinkType::RAW), &packet);
//! assert_eq!(layers.outcome(), Outcome::Ports);
//! assert_eq!(layers.headers()[0].destination_port, 53);
//! ```
//!
//! Decoding never allocates, never panics and never trusts a length. A packet without ports is an
//! answer, not an error: its [`Outcome`] says why.
//!
//! What is not done: no checksum is verified (captures of the sending host hold packets whose
//! checksums the network card fills in later), nothing is reassembled, no payload is interpreted.

mod icmp;
mod layers;
mod link;
mod network;
mod options;
mod outcome;
mod step;
#[cfg(test)]
mod testing;
mod transport;
mod tunnel;

pub use layers::{Context, Fragment, Header, Layers, MAX_HEADERS, Quoted};
pub use options::{Options, UdpTunnel, UnknownTunnel};
pub use outcome::{Bound, CutShort, Layer, Outcome, Reason};
pub use step::{Step, StepKind};
pub use transport::dccp::DccpType;
pub use transport::sctp::Chunks;
pub use transport::{Signal, tcp};

use crate::capture::LinkType;

/// Takes packets apart. Keep one for many packets: it holds the place the answer is written to.
#[derive(Default)]
pub struct Decoder {
    options: Options,
    layers: Layers,
}

impl Decoder {
    /// A decoder.
    pub fn new() -> Decoder {
        Decoder::default()
    }

    /// A decoder that is told what packets do not tell of themselves.
    pub fn with_options(options: Options) -> Decoder {
        Decoder { options, layers: Layers::default() }
    }

    /// Takes one packet apart. `link_type` is what it begins with, where that is known.
    #[inline]
    pub fn decode(&mut self, link_type: Option<LinkType>, packet: &[u8]) -> &Layers {
        let mut walk = self.layers.begin(&self.options, packet);
        let end = match link_type {
            Some(link_type) => link::decode(&mut walk, link_type, packet),
            None => Outcome::NoInterface,
        };
        self.layers.finish(end);
        &self.layers
    }
}
