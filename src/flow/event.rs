//! What one packet does to its flow.

use serde::{Deserialize, Serialize};

use super::Side;
use crate::decode::{Chunks, DccpType, Header, Portless, Signal, tcp};
use crate::evidence::Role;

/// What one side was seen to send, as a set of bits.
pub(crate) mod seen {
    /// An opening: TCP SYN, SCTP INIT, DCCP Request.
    pub const OPEN: u16 = 0x01;
    /// The answer to an opening: SYN+ACK, INIT ACK, Response.
    pub const OPEN_ANSWER: u16 = 0x02;
    /// An orderly close: FIN, SHUTDOWN, Close, a Reset that answers a Close.
    pub const CLOSE: u16 = 0x04;
    /// An abortive close: RST, ABORT, another Reset.
    pub const ABORT: u16 = 0x08;
    /// Octets of payload.
    pub const PAYLOAD: u16 = 0x10;
    /// An ICMP error says that what this side sent could not be delivered.
    pub const UNREACHABLE: u16 = 0x20;
    /// An ICMP error says that what this side sent was too big.
    pub const TOO_BIG: u16 = 0x40;
    /// The first abortive close of the flow was this side's.
    pub const ABORTED_FIRST: u16 = 0x80;
    /// What follows an opening and its answer, from either side: a TCP ACK without SYN and RST,
    /// SCTP COOKIE ECHO or COOKIE ACK, a DCCP acknowledgement that is no Response.
    pub const CONFIRM: u16 = 0x100;
    /// An ICMP error says that a filter refused what this side sent.
    pub const PROHIBITED: u16 = 0x200;
    /// A datagram in a frame to the broadcast address of the link.
    pub const BROADCAST: u16 = 0x400;
    /// A reset that says which opening it answers: TCP RST with ACK, SCTP ABORT, DCCP Reset.
    pub const RESET_ANSWER: u16 = 0x800;

    /// [`RESET_ANSWER`] since the newest opening or its answer.
    pub const REFUSAL: u16 = 0x1000;

    /// What an opening or its answer puts an end to: resets before it were of something else.
    pub const ABORTS: u16 = ABORT | ABORTED_FIRST | REFUSAL;
}

/// What was seen of a flow's fragments, as a set of bits.
pub(crate) mod fragment_bits {
    /// Two fragments of one datagram hold the same octets.
    pub const OVERLAPPING: u8 = 0x01;
    /// A first fragment that does not hold the whole transport header, or a second one that
    /// begins inside where that must be (RFC 1858 section 3).
    pub const TINY: u8 = 0x02;
}

/// An opening of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Opening {
    /// The side that opened.
    pub(super) client: Side,
    /// What tells this opening from another: the client's initial sequence number (TCP, DCCP) or
    /// its Initiate Tag (SCTP).
    pub(super) number: u32,
}

/// A packet that opens a connection, or answers an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpeningPacket {
    /// What its sender is.
    pub(super) sender: Role,
    /// As [`Opening::number`].
    pub(super) number: u32,
}

impl OpeningPacket {
    const fn ask(number: u32) -> OpeningPacket {
        OpeningPacket { sender: Role::Client, number }
    }

    const fn answer(number: u32) -> OpeningPacket {
        OpeningPacket { sender: Role::Server, number }
    }

    /// The opening that a packet of `side` is part of.
    #[inline]
    pub(super) const fn from(self, side: Side) -> Opening {
        let client = match self.sender {
            Role::Client => side,
            Role::Server => side.other(),
        };
        Opening { client, number: self.number }
    }
}

/// What one packet does to its flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// Bits of [`seen`] for the sender.
    pub(super) seen: u16,
    /// An opening or its answer.
    pub(super) opening: Option<OpeningPacket>,
    /// For [`seen::RESET_ANSWER`]: the number of the opening that the reset answers.
    pub(super) reset: u32,
    /// A DCCP Service Code.
    pub(super) service_code: Option<u32>,
}

impl Event {
    /// What a packet of a protocol without ports says.
    pub(super) fn of_portless(portless: &Portless) -> Event {
        let broadcast = u16::from(portless.is_link_broadcast) * seen::BROADCAST;
        Event { seen: broadcast, ..Event::default() }
    }

    /// What the header of a packet says.
    #[inline]
    pub(super) fn of(header: &Header) -> Event {
        let payload = if header.payload_length > 0 { seen::PAYLOAD } else { 0 };
        match header.signal {
            Signal::Tcp { flags, sequence, acknowledgment } => {
                let bits = payload | (u16::from(flags & tcp::FIN != 0) * seen::CLOSE);
                let opening = match flags & (tcp::SYN | tcp::ACK | tcp::RST) {
                    // Most packets.
                    tcp::ACK => return Event { seen: bits | seen::CONFIRM, ..Event::default() },
                    tcp::SYN => Some(OpeningPacket::ask(sequence)),
                    SYN_ACK => Some(OpeningPacket::answer(acknowledgment.wrapping_sub(1))),
                    // A reset with SYN is a reset: it opens nothing.
                    _ => None,
                };
                let reset = match flags & (tcp::RST | tcp::ACK) {
                    RST_ACK => ANSWERING_RESET,
                    // Without ACK a reset acknowledges no SYN, and refuses none (RFC 9293 section
                    // 3.10.7.3).
                    tcp::RST => seen::ABORT,
                    _ => 0,
                };
                // What opens and closes at once is a probe, since T/TCP is historic (RFC 6247 section 4): it begins a
                // flow, and tells of no client by itself.
                let opens = if flags & tcp::FIN == 0 { opening_bits(opening) } else { 0 };
                let seen = bits | opens | reset;
                Event { seen, opening, reset: acknowledgment.wrapping_sub(1), service_code: None }
            }
            Signal::None => {
                let broadcast = u16::from(header.is_link_broadcast) * seen::BROADCAST;
                Event { seen: payload | broadcast, ..Event::default() }
            }
            Signal::Sctp { chunks, verification_tag, initiate_tag, .. } => {
                let opening = if chunks.has(Chunks::INIT) {
                    Some(OpeningPacket::ask(initiate_tag))
                } else if chunks.has(Chunks::INIT_ACK) {
                    // The answer goes to the client under the tag that the client chose.
                    Some(OpeningPacket::answer(verification_tag))
                } else {
                    None
                };
                let mut bits = opening_bits(opening);
                for (chunk, bit) in [
                    (Chunks::DATA, seen::PAYLOAD),
                    (Chunks::SHUTDOWN, seen::CLOSE),
                    (Chunks::ABORT, ANSWERING_RESET),
                    (Chunks::COOKIE, seen::CONFIRM),
                ] {
                    if chunks.has(chunk) {
                        bits |= bit;
                    }
                }
                // An ABORT that answers an INIT bears its Initiate Tag (RFC 9260 section 8.4).
                Event { seen: bits, opening, reset: verification_tag, service_code: None }
            }
            Signal::Dccp { kind, sequence, acknowledgement, service_code, reset_code } => {
                /// Reset Code "Closed", the regular answer to a Close (RFC 4340 section 5.6).
                const CLOSED: u8 = 1;
                let opening = match kind {
                    DccpType::Request => Some(OpeningPacket::ask(sequence)),
                    DccpType::Response => Some(OpeningPacket::answer(acknowledgement)),
                    _ => None,
                };
                let bits = match kind {
                    DccpType::CloseReq | DccpType::Close => seen::CLOSE,
                    DccpType::Reset if reset_code == CLOSED => seen::CLOSE,
                    DccpType::Reset => ANSWERING_RESET,
                    DccpType::Data => payload,
                    DccpType::DataAck => payload | seen::CONFIRM,
                    DccpType::Ack => seen::CONFIRM,
                    _ => 0,
                };
                let seen = bits | opening_bits(opening);
                Event { seen, opening, reset: acknowledgement, service_code }
            }
        }
    }
}

const SYN_ACK: u8 = tcp::SYN | tcp::ACK;
const RST_ACK: u8 = tcp::RST | tcp::ACK;
const ANSWERING_RESET: u16 = seen::ABORT | seen::RESET_ANSWER | seen::REFUSAL;

const fn opening_bits(opening: Option<OpeningPacket>) -> u16 {
    match opening {
        Some(OpeningPacket { sender: Role::Client, .. }) => seen::OPEN,
        Some(OpeningPacket { sender: Role::Server, .. }) => seen::OPEN_ANSWER,
        None => 0,
    }
}
