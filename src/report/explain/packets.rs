//! The first packets of a flow.

use crate::capture::Timestamp;
use crate::decode::{Chunks, Header, Signal};
use crate::flow::Side;
use crate::foreign::Foreign;
use crate::report::{TableColumn, WhenNarrow};
use crate::traffic::LabelledHeader;

/// The first packets of one flow, at most a number of them: what a second pass over the captures finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstPackets {
    most: usize,
    seen: Vec<SeenPacket>,
}

/// A packet of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPacket {
    /// The capture that holds it, as it was named.
    pub capture: Foreign<String>,
    /// Its number in the capture, from 1.
    pub frame: u64,
    /// Its time, where the capture has one.
    pub time: Option<Timestamp>,
    /// Whether it goes to the server.
    pub to_server: bool,
    /// What it opens, acknowledges or closes, in the words of its protocol: `SYN ACK`; empty for datagrams.
    pub signal: String,
    /// Octets of payload after the transport header, on the wire.
    pub payload_length: u32,
    /// Length of the IP packet on the wire, in octets.
    pub length: u32,
}

impl FirstPackets {
    /// Room for `most` packets.
    pub fn at_most(most: usize) -> FirstPackets {
        FirstPackets { most, seen: Vec::new() }
    }

    /// Whether there is room for no more.
    pub fn is_full(&self) -> bool {
        self.seen.len() >= self.most
    }

    /// Takes a header of the flow with this number; headers of other flows are passed over.
    pub fn take(&mut self, header: LabelledHeader, flow: u64) {
        let Some((row, sender)) = header.flow.filter(|(row, _)| row.number == flow) else { return };
        if self.is_full() {
            return;
        }
        let server: Side = row.label.direction.server;
        self.seen.push(SeenPacket {
            capture: header.capture.into(),
            frame: header.packet.frame,
            time: header.packet.time,
            to_server: sender != server,
            signal: signal(header.header),
            payload_length: header.header.payload_length,
            length: header.header.ip_length,
        });
    }

    /// The packets, in the order of the captures.
    pub fn seen(&self) -> &[SeenPacket] {
        &self.seen
    }

    /// Whether the packets come from several captures.
    pub(super) fn are_of_several(&self) -> bool {
        self.seen.windows(2).any(|two| two[0].capture != two[1].capture)
    }

    /// The nanoseconds between the first packet and another, where both have a time.
    pub(super) fn after_first(&self, packet: &SeenPacket) -> Option<i64> {
        let first = self.seen.first()?.time?;
        Some(packet.time?.since(first))
    }
}

/// The columns of the list of packets.
pub(super) const COLUMNS: &[TableColumn] = &[
    TableColumn::number("frame", WhenNarrow::Stays),
    TableColumn::number("after", WhenNarrow::Stays),
    TableColumn::text("direction", WhenNarrow::Stays),
    TableColumn::text("signal", WhenNarrow::Stays),
    TableColumn::number("payload", WhenNarrow::Stays),
    TableColumn::number("length", WhenNarrow::Leaves(1)),
    TableColumn::text("capture", WhenNarrow::Below),
];

/// The names of TCP's flags, by their bit (RFC 9293 section 3.1).
const TCP_FLAGS: [&str; 8] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

/// What a packet opens, acknowledges or closes.
fn signal(header: &Header) -> String {
    match header.signal {
        Signal::None => String::new(),
        Signal::Tcp { flags, .. } => {
            let set = TCP_FLAGS.iter().enumerate().filter(|(bit, _)| flags & 1 << bit != 0);
            set.map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
        }
        Signal::Sctp { chunks, .. } => {
            let all = [
                (Chunks::INIT, "INIT"),
                (Chunks::INIT_ACK, "INIT-ACK"),
                (Chunks::COOKIE, "COOKIE"),
                (Chunks::DATA, "DATA"),
                (Chunks::SHUTDOWN, "SHUTDOWN"),
                (Chunks::ABORT, "ABORT"),
            ];
            let set = all.into_iter().filter(|(chunk, _)| chunks.has(*chunk));
            set.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
        }
        Signal::Dccp { kind, .. } => format!("{kind:?}"),
    }
}
