//! How a flow, or what an ICMP error said of one, stands in a temporary file.

use std::io::{self, BufRead};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::evidence::Signs;
use crate::flow::beginnings::OfFlow;
use crate::flow::event::Opening;
use crate::flow::key::{Kind, words};
use crate::flow::shown::Shown;
use crate::flow::{ContextId, Flow, FlowKey, Side};

/// More than any record takes: some 200 octets, and up to 320 for the beginning of each side.
const LONGEST: usize = 1023;

/// What is kept of the traffic outside the table.
#[allow(clippy::large_enum_variant, reason = "most are flows, and there is one at a time")]
#[derive(Clone, Debug)]
pub(super) enum Record {
    /// A flow, or a part of one, with its number among those that have been in the table, and what is kept of the
    /// beginnings of its sides.
    Flow(u64, Flow, OfFlow),
    /// What an ICMP error said of the flow with this key that came before.
    Mark(FlowKey, u16),
}

#[allow(clippy::large_enum_variant, reason = "most are flows, and there is one at a time")]
#[derive(Serialize, Deserialize)]
enum Stored {
    Flow(u64, Key, Body, OfFlow),
    Mark(Key, u16),
}

/// Numbers are small where traffic is: written as variable-length integers they take a third.
#[derive(Serialize, Deserialize)]
struct Key {
    addresses: [IpAddr; 2],
    ports: [u16; 2],
    context: u32,
    protocol: u8,
}

#[derive(Serialize, Deserialize)]
struct Body {
    first_packet: u64,
    connection: u64,
    opened_before: Option<Side>,
    first_time: i64,
    /// From `first_time` on.
    last_time: i64,
    /// From `first_time` on.
    previous_time: i64,
    packets: [u64; 2],
    bytes: [u64; 2],
    service_code: Option<u32>,
    has_untimed: bool,
    opening: Option<Opening>,
    peer_opening: u32,
    reset: u32,
    seen: [u16; 2],
    before_reply: u32,
    fragments: u8,
    signs: [Signs; 2],
    shown: [u32; 2],
}

impl Key {
    fn of(key: &FlowKey) -> Key {
        Key {
            addresses: [key.end(0).address, key.end(1).address],
            ports: key.ports,
            context: key.kind.context().0,
            protocol: key.kind.number(),
        }
    }

    fn restored(self) -> Option<FlowKey> {
        Some(FlowKey {
            addresses: self.addresses.map(words),
            ports: self.ports,
            kind: Kind::restored(ContextId(self.context), self.protocol, self.addresses[0].is_ipv6())?,
        })
    }
}

impl Body {
    fn of(flow: &Flow) -> Body {
        Body {
            first_packet: flow.first_packet,
            connection: flow.connection,
            opened_before: flow.opened_before,
            first_time: flow.first_time,
            last_time: flow.last_time.wrapping_sub(flow.first_time),
            previous_time: flow.previous_time.wrapping_sub(flow.first_time),
            packets: flow.packets,
            bytes: flow.bytes,
            service_code: flow.has_service_code.then_some(flow.service_code),
            has_untimed: flow.has_untimed,
            opening: flow.opening(),
            peer_opening: flow.peer_opening,
            reset: flow.reset,
            seen: flow.seen,
            before_reply: flow.before_reply,
            fragments: flow.fragments,
            signs: flow.signs,
            shown: flow.shown.map(|shown| shown.0),
        }
    }

    fn restored(self, key: FlowKey) -> Flow {
        Flow {
            key,
            first_packet: self.first_packet,
            connection: self.connection,
            opened_before: self.opened_before,
            first_time: self.first_time,
            last_time: self.last_time.wrapping_add(self.first_time),
            previous_time: self.previous_time.wrapping_add(self.first_time),
            packets: self.packets,
            bytes: self.bytes,
            service_code: self.service_code.unwrap_or_default(),
            opening_number: self.opening.map_or(0, |opening| opening.number),
            opening_client: self.opening.map(|opening| opening.client),
            peer_opening: self.peer_opening,
            reset: self.reset,
            seen: self.seen,
            before_reply: self.before_reply,
            has_service_code: self.service_code.is_some(),
            has_untimed: self.has_untimed,
            may_go_on_another: true,
            fragments: self.fragments,
            signs: self.signs,
            shown: self.shown.map(Shown),
        }
    }
}

impl Record {
    /// Appends the record.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let stored = match self {
            Record::Flow(number, flow, beginnings) => {
                Stored::Flow(*number, Key::of(&flow.key), Body::of(flow), beginnings.clone())
            }
            Record::Mark(key, bits) => Stored::Mark(Key::of(key), *bits),
        };
        let mut bytes = [0; LONGEST];
        let bytes = postcard::to_slice(&stored, &mut bytes).map_err(io::Error::other)?;
        out.extend_from_slice(&(bytes.len() as u16).to_le_bytes());
        out.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads the next record; `None` at the end.
    pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Record>> {
        if input.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let damaged =
            || io::Error::new(io::ErrorKind::InvalidData, "it does not hold what was written to it");
        let mut length = [0; 2];
        input.read_exact(&mut length)?;
        let mut bytes = [0; LONGEST];
        let bytes = bytes.get_mut(..u16::from_le_bytes(length).into()).ok_or_else(damaged)?;
        input.read_exact(bytes)?;
        let record = match postcard::from_bytes(bytes).map_err(|_| damaged())? {
            Stored::Flow(number, key, body, beginnings) => {
                key.restored().map(|key| Record::Flow(number, body.restored(key), beginnings))
            }
            Stored::Mark(key, bits) => key.restored().map(|key| Record::Mark(key, bits)),
        };
        record.ok_or_else(damaged).map(Some)
    }
}
