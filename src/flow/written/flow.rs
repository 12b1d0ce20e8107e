//! A flow, written out.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::damaged::Damaged;
use super::key::WrittenKey;
use crate::capture::NO_TIME;
use crate::evidence::Signs;
use crate::flow::beginnings::OfFlow;
use crate::flow::shown::Shown;
use crate::flow::{Contexts, Flow, Side, WrittenBeginning};
use crate::foreign::Foreign;
use crate::net::{Interface, InterfaceName};

/// A flow, or the part of one that is in the table. Of pairs the first is of the side that sent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFlow {
    /// The first side is the source.
    pub key: WrittenKey,
    /// The number of the first packet, from 0.
    pub first_packet: u64,
    /// The number of the first packet of its connection.
    pub connection: u64,
    /// The side that opened the connection in an earlier flow of it.
    pub opened_before: Option<Side>,
    /// Time of the first packet, in nanoseconds since 1970.
    pub first_time: Option<i64>,
    /// The latest time.
    pub last_time: Option<i64>,
    /// The latest time since a packet without one, but for later fragments.
    pub previous_time: Option<i64>,
    /// Packets of both sides.
    pub packets: [u64; 2],
    /// IP bytes of both sides.
    pub bytes: [u64; 2],
    /// The DCCP Service Code; of ICMP the first codes of both sides.
    pub service_code: Option<u32>,
    /// Whether a packet had no time.
    pub has_untimed: bool,
    /// The side that opened.
    pub opened_by: Option<Side>,
    /// The number of its opening; 0 without.
    pub opening_number: u32,
    /// The number of the other side's opening, where both opened.
    pub peer_opening: u32,
    /// The number of the opening that the newest reset answers.
    pub reset: u32,
    /// What the sides were seen to send, as bits.
    pub seen: [u16; 2],
    /// Packets of the first side before the first of the other.
    pub before_reply: u32,
    /// What was seen of fragments, as bits.
    pub fragments: u8,
    /// What the first payloads show.
    pub signs: [Signs; 2],
    /// Segments that may be the beginnings of streams, where it takes several to tell.
    pub beginnings: [Option<WrittenBeginning>; 2],
    /// The interface, tags and tunnels of the first packets; `None` for a side of which no packet with ports was seen.
    pub shown: [Option<WrittenShown>; 2],
}

/// The interface of a side's first packet, and the tags and tunnels of its first that has any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenShown {
    /// The interface, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<WrittenInterface>,
    /// Tags and tunnels, outermost first; empty for none.
    pub stack: String,
}

/// What an interface is called: by the capture, and by the packet's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenInterface {
    /// By the capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<WrittenInterfaceName>,
    /// By the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<WrittenInterfaceName>,
}

/// A number, or a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WrittenInterfaceName {
    /// A number.
    Number(u32),
    /// A name.
    Name(String),
}

impl WrittenInterface {
    fn of(interface: &Interface) -> WrittenInterface {
        let [capture, header] = interface.names().map(|name| {
            Some(match name? {
                InterfaceName::Name(name) => WrittenInterfaceName::Name(name.raw().to_owned()),
                InterfaceName::Number(number) => WrittenInterfaceName::Number(*number),
            })
        });
        WrittenInterface { capture, header }
    }

    fn restored(&self) -> Option<Interface<'_>> {
        let name = |name: &Option<WrittenInterfaceName>| -> Option<InterfaceName<'static>> {
            Some(match name.as_ref()? {
                WrittenInterfaceName::Name(name) => {
                    InterfaceName::Name(Foreign::new(Cow::Owned(name.clone())))
                }
                WrittenInterfaceName::Number(number) => InterfaceName::Number(*number),
            })
        };
        Interface::new(name(&self.capture), name(&self.header))
    }
}

fn written(time: i64) -> Option<i64> {
    (time != NO_TIME).then_some(time)
}

fn restored(time: Option<i64>) -> i64 {
    time.unwrap_or(NO_TIME)
}

impl WrittenShown {
    fn of(shown: Shown, contexts: &Contexts) -> Option<WrittenShown> {
        shown.has_begun().then(|| WrittenShown {
            interface: contexts.interface(shown.context()).map(WrittenInterface::of),
            stack: contexts.stack_text(shown.context()),
        })
    }

    fn restored(&self, contexts: &mut Contexts) -> Result<Shown, Damaged> {
        let stack = contexts.intern_text(&self.stack).ok_or(Damaged::CONTEXT)?;
        let interface = match &self.interface {
            Some(one) => Some(one.restored().ok_or(Damaged("an interface has neither name nor number"))?),
            None => None,
        };
        let interface = contexts.intern_interface(interface.as_ref());
        Ok(Shown::new(contexts.on(interface, stack), !self.stack.is_empty()))
    }
}

impl WrittenFlow {
    pub(in crate::flow) fn of(flow: &Flow, beginnings: &OfFlow, contexts: &Contexts) -> WrittenFlow {
        WrittenFlow {
            key: WrittenKey::of(&flow.key, contexts),
            first_packet: flow.first_packet,
            connection: flow.connection,
            opened_before: flow.opened_before,
            first_time: written(flow.first_time),
            last_time: written(flow.last_time),
            previous_time: written(flow.previous_time),
            packets: flow.packets,
            bytes: flow.bytes,
            service_code: flow.has_service_code.then_some(flow.service_code),
            has_untimed: flow.has_untimed,
            opened_by: flow.opening_client,
            opening_number: flow.opening_number,
            peer_opening: flow.peer_opening,
            reset: flow.reset,
            seen: flow.seen,
            before_reply: flow.before_reply,
            fragments: flow.fragments,
            signs: flow.signs,
            beginnings: beginnings.each_ref().map(|one| one.as_ref().map(WrittenBeginning::of)),
            shown: flow.shown.map(|shown| WrittenShown::of(shown, contexts)),
        }
    }

    /// What is kept of the beginnings of its sides.
    pub(in crate::flow) fn restored_beginnings(&self) -> Result<OfFlow, Damaged> {
        let mut both = OfFlow::default();
        for (place, written) in both.iter_mut().zip(&self.beginnings) {
            *place = written.as_ref().map(WrittenBeginning::restored).transpose()?;
        }
        Ok(both)
    }

    /// The flow in a table that follows another.
    pub(in crate::flow) fn restored(&self, contexts: &mut Contexts) -> Result<Flow, Damaged> {
        let mut shown = [Shown::default(); 2];
        for (place, written) in shown.iter_mut().zip(&self.shown) {
            if let Some(written) = written {
                *place = written.restored(contexts)?;
            }
        }
        Ok(Flow {
            key: self.key.restored(contexts)?,
            first_packet: self.first_packet,
            connection: self.connection,
            opened_before: self.opened_before,
            first_time: restored(self.first_time),
            last_time: restored(self.last_time),
            previous_time: restored(self.previous_time),
            packets: self.packets,
            bytes: self.bytes,
            service_code: self.service_code.unwrap_or_default(),
            opening_number: self.opening_number,
            opening_client: self.opened_by,
            peer_opening: self.peer_opening,
            reset: self.reset,
            seen: self.seen,
            before_reply: self.before_reply,
            has_service_code: self.service_code.is_some(),
            has_untimed: self.has_untimed,
            // So it is of every flow in a table that follows another.
            may_go_on_another: true,
            fragments: self.fragments,
            signs: self.signs,
            shown,
        })
    }
}
