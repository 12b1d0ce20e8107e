//! The rows of a state.

use std::borrow::Cow;

use serde::Serialize;

use super::Entry;
use super::row::Row;
use super::settings::{hash, settings_text};
use crate::flow::{Side, WrittenFlow, WrittenKey};
use crate::traffic::{ReadSettings, WrittenCapture};

/// The version of the table. Another has other parts or columns, or other meanings.
pub const VERSION: u16 = 2;

/// Words of [`Row::part`].
pub(super) mod part {
    pub const SETTINGS: &str = "settings";
    pub const UNOPENED: &str = "unopened";
    pub const CAPTURE: &str = "capture";
    pub const COUNTER: &str = "counter";
    pub const FLOW: &str = "flow";
    pub const MARK: &str = "mark";
    pub const PATH: &str = "path";
    pub const ANNOUNCED: &str = "announced";
    pub const DATAGRAM: &str = "datagram";
    pub const NAME: &str = "name";
}

/// Each part with what its rows are.
pub const PARTS: &[(&str, &str)] = &[
    (part::SETTINGS, "the first row: version, and how captures were read"),
    (part::CAPTURE, "a capture, and what there is to say of it"),
    (part::UNOPENED, "a capture that could not be opened"),
    (part::COUNTER, "how many packets were read, and why some are in no flow"),
    (part::FLOW, "a flow, or the part of one that is in the capture"),
    (part::MARK, "what ICMP errors say of a flow that is not in the capture"),
    (part::PATH, "a further address of an end of an SCTP association"),
    (part::ANNOUNCED, "the end of a data connection that FTP's control connection announces"),
    (part::DATAGRAM, "a datagram of which fragments may come, or came before the capture"),
    (part::NAME, "what is known of names of hosts, where they are asked for"),
];

pub(super) fn side_word(side: Side) -> &'static str {
    match side {
        Side::First => "first",
        Side::Second => "second",
    }
}

/// What holds text and numbers alone can be written.
fn json(value: &impl Serialize) -> Cow<'static, str> {
    serde_json::to_string(value).unwrap_or_default().into()
}

/// A row with the ends of packets.
fn between(key: &WrittenKey) -> Row {
    Row {
        context: Some(key.context.clone().into()),
        protocol: Some(key.protocol.clone()),
        first_address: Some(key.source.to_string().into()),
        first_port: Some(key.source_port),
        second_address: Some(key.destination.to_string().into()),
        second_port: Some(key.destination_port),
        ..Row::default()
    }
}

fn of_flow(flow: &WrittenFlow) -> Row {
    let [first_shown, second_shown] = flow.shown.each_ref().map(|shown| shown.as_ref().map(json));
    let [first_beginning, second_beginning] =
        flow.beginnings.each_ref().map(|beginning| beginning.as_ref().map(json));
    let [first_signs, second_signs] = flow.signs.map(|signs| Some(json(&signs)));
    let side = |side: Option<Side>| side.map(|side| Cow::Borrowed(side_word(side)));
    Row {
        frame: Some(flow.first_packet + 1),
        connection_frame: (flow.connection != flow.first_packet).then_some(flow.connection + 1),
        opened_before: side(flow.opened_before),
        first_time: flow.first_time,
        last_time: flow.last_time,
        previous_time: flow.previous_time,
        first_packets: Some(flow.packets[0]),
        second_packets: Some(flow.packets[1]),
        first_bytes: Some(flow.bytes[0]),
        second_bytes: Some(flow.bytes[1]),
        before_reply: Some(flow.before_reply),
        service_code: flow.service_code,
        has_untimed: Some(flow.has_untimed),
        opened_by: side(flow.opened_by),
        opening_number: Some(flow.opening_number),
        peer_opening: Some(flow.peer_opening),
        reset: Some(flow.reset),
        first_seen: Some(flow.seen[0]),
        second_seen: Some(flow.seen[1]),
        fragments: Some(flow.fragments),
        first_signs,
        second_signs,
        first_beginning,
        second_beginning,
        first_shown,
        second_shown,
        ..between(&flow.key)
    }
}

/// The rows of a capture, each part in its order; without their places.
fn of_capture(capture: &WrittenCapture) -> impl Iterator<Item = (&'static str, Row)> + '_ {
    let WrittenCapture { name, begins, facts, table } = capture;
    let counters = table.counters.iter().map(|counter| Row {
        what: Some(counter.what.clone()),
        kind: Some(counter.of.clone()),
        count: Some(counter.count),
        ..Row::default()
    });
    let marks = table.marks.iter().map(|(key, bits)| Row { first_seen: Some(*bits), ..between(key) });
    let announced = table.announced.iter().map(|(key, packet, end)| Row {
        frame: Some(packet + 1),
        detail: Some(json(end)),
        ..between(key)
    });
    let detail = |detail: Cow<'static, str>| Row { detail: Some(detail), ..Row::default() };
    let datagrams = table.datagrams.iter().map(move |one| detail(json(one)));
    let names = table.names.iter().flatten().map(move |one| detail(json(one)));
    let count = table.counters.len()
        + table.flows.len()
        + table.marks.len()
        + table.paths.len()
        + table.announced.len()
        + table.datagrams.len()
        + table.names.as_ref().map_or(0, Vec::len);
    let own = Row {
        name: Some(name.clone().into()),
        begins: begins.map(crate::capture::Timestamp::nanoseconds),
        count: Some(count as u64),
        detail: Some(json(facts)),
        ..Row::default()
    };
    let of = |part: &'static str| move |row: Row| (part, row);
    std::iter::once((part::CAPTURE, own))
        .chain(counters.map(of(part::COUNTER)))
        .chain(table.flows.iter().map(of_flow).map(of(part::FLOW)))
        .chain(marks.map(of(part::MARK)))
        .chain(table.paths.iter().map(between).map(of(part::PATH)))
        .chain(announced.map(of(part::ANNOUNCED)))
        .chain(datagrams.map(of(part::DATAGRAM)))
        .chain(names.map(of(part::NAME)))
}

/// The first row.
fn of_settings(settings: &ReadSettings) -> Row {
    let text = settings_text(settings);
    Row {
        part: Some(part::SETTINGS.into()),
        number: Some(0),
        version: Some(VERSION),
        kind: Some(hash(&text).into()),
        detail: Some(text.into()),
        ..Row::default()
    }
}

/// All rows of a state, in their order.
pub(super) fn rows<'s>(settings: &ReadSettings, entries: &'s [Entry]) -> impl Iterator<Item = Row> + 's {
    let of_entry = |(number, entry): (u32, &'s Entry)| {
        let (read, unopened) = match entry {
            Entry::Read(capture) => (Some(of_capture(capture)), None),
            Entry::Unopened { name, fault } => {
                let row =
                    Row { name: Some(name.clone().into()), detail: Some(json(fault)), ..Row::default() };
                (None, Some((part::UNOPENED, row)))
            }
        };
        let (mut before, mut place) = ("", 0);
        read.into_iter().flatten().chain(unopened).map(move |(part, row)| {
            place = if part == before { place + 1 } else { 0 };
            before = part;
            Row { part: Some(part.into()), capture: Some(number), number: Some(place), ..row }
        })
    };
    std::iter::once(of_settings(settings)).chain((1..).zip(entries).flat_map(of_entry))
}
