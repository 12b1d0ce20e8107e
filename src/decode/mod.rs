//! Decoder of packets, from the link layer down to the transport headers.
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
//! Decoding does not allocate, does not panic and does not trust lengths. A packet without ports is
//! not an error: its [`Outcome`] says why it has none.
//!
//! Checksums are not verified (captures on the sending host hold packets whose checksums the network
//! card fills in later), except that of an IPv4 header where nothing else says that it is one. Fragments
//! are not reassembled, and payloads are not interpreted.

mod icmp;
mod layers;
mod link;
mod network;
mod options;
mod outcome;
mod parts;
mod portless;
mod step;
#[cfg(test)]
mod testing;
mod transport;
mod tunnel;

pub(crate) use layers::MAX_STEPS;
pub use layers::{Context, Fragment, Header, Layers, MAX_HEADERS, Quoted};
pub use options::{DecodeOptions, UdpTunnel, UnknownTunnel};
pub use outcome::{Bound, CutShort, Layer, Outcome, Reason};
pub use parts::{Part, Parts};
pub use portless::Portless;
pub use step::{Step, StepKind};
pub use transport::dccp::DccpType;
pub use transport::sctp::Chunks;
pub use transport::{Signal, tcp};

use crate::capture::LinkType;

/// Decoder of packets. It holds the memory of the result, so use one for many packets.
#[derive(Default)]
pub struct Decoder {
    options: DecodeOptions,
    layers: Layers,
    /// Memory for [`DecodeOptions::set_headers_alone`].
    parts: Parts,
}

impl Decoder {
    /// Decoder with the default options.
    pub fn new() -> Decoder {
        Decoder::default()
    }

    /// Decoder with options.
    pub fn with_options(options: DecodeOptions) -> Decoder {
        Decoder { options, ..Decoder::default() }
    }

    /// Decodes one packet that begins with a header of `link_type`; `None` where the capture does not
    /// say.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "it is small, and called once for each packet")]
    pub fn decode(&mut self, link_type: Option<LinkType>, packet: &[u8]) -> &Layers {
        if self.options.is_headers_alone() {
            return self.decode_headers_alone(link_type, packet);
        }
        let mut walk = self.layers.begin(&self.options, packet, None);
        let end = match link_type {
            Some(link_type) => link::decode(&mut walk, link_type, packet),
            None => Outcome::NoInterface,
        };
        self.layers.finish(end);
        &self.layers
    }

    #[cold]
    #[inline(never)]
    fn decode_headers_alone(&mut self, link_type: Option<LinkType>, packet: &[u8]) -> &Layers {
        let mut parts = std::mem::take(&mut self.parts);
        self.decode_in_parts(link_type, packet, &mut parts);
        self.layers.end_payload(parts.end());
        self.parts = parts;
        &self.layers
    }

    /// Decodes one packet as [`Decoder::decode`] does, and tells what its octets are.
    pub fn decode_in_parts(
        &mut self,
        link_type: Option<LinkType>,
        packet: &[u8],
        parts: &mut Parts,
    ) -> &Layers {
        parts.clear();
        let mut walk = self.layers.begin(&self.options, packet, Some(parts));
        let end = match link_type {
            Some(link_type) => link::decode(&mut walk, link_type, packet),
            None => Outcome::NoInterface,
        };
        self.layers.finish(end);
        &self.layers
    }
}
