//! What stands around the rows: the program, the registry, the captures, what was not counted.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use super::times::span;
use super::{Format, Times};
use crate::capture::Timestamp;
use crate::flow::Counters;
use crate::foreign::json_text;
use crate::registry::{NOTE, Registry};
use crate::text::count;
use crate::traffic::{CaptureSummary, CopyChoice, Overlap, ReadLog};

/// What stands around the rows of a report.
#[derive(Clone, Debug, Default)]
pub struct Head {
    before: Map<String, Json>,
    after: Map<String, Json>,
}

impl Head {
    /// The head of a report that stands on a registry alone.
    pub fn of_registry(registry: &Registry) -> Head {
        let mut head = Head::default();
        head.put("program", json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }));
        head.put(
            "registry",
            json!({
                "edition": registry.edition(),
                "source": registry.source(),
                "rows": registry.len(),
                "details_as_of": registry.details_as_of(),
            }),
        );
        head.after.insert("note".to_owned(), NOTE.into());
        head
    }

    /// The head of a report on captures in a format. Only JSON has a place for all of it: for others, nothing is
    /// put together that traffic can make long.
    pub fn of_rows(format: Format, registry: &Registry, log: &ReadLog) -> Head {
        match format {
            Format::Json => Head::of_traffic(registry, log),
            Format::Parquet | Format::Arrow => Head::of_registry(registry),
            _ => Head::default(),
        }
    }

    /// The head of a report on captures.
    pub fn of_traffic(registry: &Registry, log: &ReadLog) -> Head {
        let mut head = Head::of_registry(registry);
        let mut captures: Vec<Json> = log
            .captures()
            .iter()
            .map(|capture| {
                json!({
                    "name": capture.name,
                    "format": capture.format.to_string(),
                    "compression": capture.compression.map(|compression| compression.to_string()),
                    "packets": capture.packets,
                    "first_seen": capture.first_seen.map(|time| time.to_string()),
                    "last_seen": capture.last_seen.map(|time| time.to_string()),
                    "fault": capture.fault,
                    "copies": capture.copies,
                    "same_as": capture.same_as,
                    "overlaps": capture.overlaps,
                })
            })
            .collect();
        captures.extend(log.unopened().iter().map(|capture| {
            json!({
                "name": capture.name,
                "format": null,
                "compression": null,
                "packets": 0,
                "first_seen": null,
                "last_seen": null,
                "fault": capture.fault,
                "copies": 0,
                "same_as": null,
                "overlaps": [],
            })
        }));
        head.put("captures", captures.into());
        head.put("packets_read", log.counters().read().into());
        let uncounted: Map<String, Json> = log
            .counters()
            .reasons()
            .map(|(reason, count)| (reason.name().to_owned(), count.into()))
            .collect();
        head.put("uncounted", uncounted.into());
        head.put("wild_times", log.counters().wild_times().into());
        let hints: Vec<Json> = super::hints(log.counters()).map(|hint| json!(hint)).collect();
        head.put("hints", hints.into());
        let without_ports: Map<String, Json> = log
            .counters()
            .without_ports()
            .map(|(protocol, count)| (protocol.to_string(), count.into()))
            .collect();
        head.put("uncounted_without_ports", without_ports.into());
        head.put("copies", log.copies().into());
        head
    }

    /// Adds a value before the rows.
    pub fn put(&mut self, key: &str, value: Json) {
        self.before.insert(key.to_owned(), value);
    }

    /// What stands around the rows, as metadata of a file by column: keys with the program's name before them.
    #[cfg(feature = "tables")]
    pub fn metadata(&self) -> std::collections::HashMap<String, String> {
        self.entries()
            .map(|(key, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (format!("{}.{key}", env!("CARGO_PKG_NAME")), text)
            })
            .collect()
    }

    /// What stands around the rows, as keys and values.
    #[cfg(feature = "tables")]
    fn entries(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.before.iter().chain(&self.after)
    }

    /// Says how many flows and packets the selection leaves out.
    pub fn put_left_out(&mut self, flows: u64, packets: u64) {
        self.put("left_out_by_selection", json!({ "flows": flows, "packets": packets }));
    }

    /// What stands before the rows of a JSON object, up to and including the bracket.
    pub(super) fn json_before(&self, rows: &str) -> String {
        // Writing to a string does not fail.
        let mut text = String::from("{");
        for (key, value) in &self.before {
            let _ = writeln!(text, "{}:{},", Json::from(key.as_str()), json_text(&value.to_string()));
        }
        let _ = write!(text, "{}:[", Json::from(rows));
        text
    }

    /// A JSON object that is all of the report.
    pub(super) fn whole(&self) -> String {
        let all = self.before.iter().chain(&self.after);
        let all: Vec<String> = all
            .map(|(key, value)| format!("{}:{}", Json::from(key.as_str()), json_text(&value.to_string())))
            .collect();
        format!("{{{}}}\n", all.join(",\n"))
    }

    /// What follows the rows of a JSON object.
    pub(super) fn json_after(&self) -> String {
        let mut text = String::from("]");
        for (key, value) in &self.after {
            let _ = write!(text, ",\n{}:{}", Json::from(key.as_str()), json_text(&value.to_string()));
        }
        text.push_str("}\n");
        text
    }
}

/// What each capture is, in lines for people.
pub fn captures(log: &ReadLog) -> Vec<String> {
    let line = |capture: &CaptureSummary| {
        let mut line = format!("{}: {}", capture.name, capture.format);
        if let Some(compression) = capture.compression {
            line = format!("{line} in {compression}");
        }
        line = format!("{line}, {}", count(capture.packets, "packet"));
        match (capture.first_seen, capture.last_seen) {
            (Some(first), Some(last)) => format!("{line} from {first} to {last}"),
            _ => line,
        }
    };
    log.captures().iter().map(line).collect()
}

/// What was read and what was not counted, in lines for people.
pub fn totals(log: &ReadLog) -> Vec<String> {
    std::iter::once(read(log.counters())).chain(reservations(log)).collect()
}

/// What was not counted or was counted with reservations, in lines for people.
pub fn reservations(log: &ReadLog) -> Vec<String> {
    let counted_twice = (log.settings().copies == CopyChoice::Count).then(|| copies(log.copies())).flatten();
    uncounted(log.counters())
        .into_iter()
        .chain(wild_times(log.counters()))
        .chain(counted_twice)
        .chain(same_captures(log))
        .chain(overlaps(log))
        .chain(names_left_out(log))
        .collect()
}

/// That names were left out, in a line for people; `None` where none were.
pub fn names_left_out(log: &ReadLog) -> Option<String> {
    log.has_names_left_out().then(|| {
        "The table of names of hosts is full: what came after that has no name (--names takes fewer sources).".to_owned()
    })
}

/// How many copies were counted, in a line for people; `None` where there were none.
pub fn copies(copies: u64) -> Option<String> {
    let what = match copies {
        0 => return None,
        1 => "1 packet is a copy of another".to_owned(),
        _ => format!("{copies} packets are copies of others"),
    };
    Some(format!(
        "{what}, the same datagram captured again within milliseconds, and counted; --copies drop counts each \
         datagram once."
    ))
}

/// Which captures hold the same packets, in lines for people. That one was named twice has been said.
pub fn same_captures(log: &ReadLog) -> impl Iterator<Item = String> + '_ {
    log.captures().iter().filter_map(|capture| {
        let first = capture.same_as.as_ref().filter(|first| **first != capture.name)?;
        let name = &capture.name;
        Some(format!(
            "{name} holds the same packets as {first}, and they count twice: leave one of the two out."
        ))
    })
}

/// Which captures hold datagrams of others, in a line for people each: the other with the most of them.
pub fn overlapping_captures(log: &ReadLog) -> impl Iterator<Item = String> + '_ {
    log.captures().iter().filter_map(|capture| {
        let Overlap { name, percent } = capture.overlaps.iter().rev().max_by_key(|one| one.percent)?;
        let more = match capture.overlaps.len() {
            1 => String::new(),
            2 => " and with another capture".to_owned(),
            captures => format!(" and with {} other captures", captures - 1),
        };
        Some(format!(
            "{} has about {percent} % of its datagrams in common with {name}{more}, and they count twice: read one of \
             the two alone, or join them with mergecap and use --copies drop, which finds most copies.",
            capture.name
        ))
    })
}

/// Captures that hold datagrams of others are told one by one up to so many: more would hide the result.
const MOST_OVERLAPS: usize = 3;

/// The first of the captures that hold datagrams of others, and how many more there are.
fn overlaps(log: &ReadLog) -> Vec<String> {
    let mut lines: Vec<String> = overlapping_captures(log).collect();
    let more = lines.len().saturating_sub(MOST_OVERLAPS);
    lines.truncate(MOST_OVERLAPS);
    if more > 0 {
        let hold = if more == 1 { "holds" } else { "hold" };
        lines.push(format!(
            "{} {hold} packets of others, and they count twice (`captures` of --format json has all).",
            count(more as u64, "more capture")
        ));
    }
    lines
}

/// How many packets were read, in a line for people.
pub fn read(counters: &Counters) -> String {
    let read = counters.read();
    format!("{} read, {} in flows.", count(read, "packet"), read.saturating_sub(counters.uncounted()))
}

/// How many packets had a wild time, in a line for people; `None` where none had.
pub fn wild_times(counters: &Counters) -> Option<String> {
    (counters.wild_times() > 0).then(|| {
        format!(
            "{} with a time far from the packets before and after: counted as without a time.",
            count(counters.wild_times(), "packet")
        )
    })
}

/// Which packets are in no flow, in a line for people; `None` where all are in flows.
pub fn uncounted(counters: &Counters) -> Option<String> {
    if counters.uncounted() == 0 {
        return None;
    }
    let mut parts = Vec::new();
    for (reason, packets) in counters.reasons() {
        let mut part = format!("{packets} {reason} ({}", reason.meaning());
        let details: Vec<String> = match reason {
            crate::decode::Reason::Portless => {
                counters.portless().map(|(protocol, packets)| format!("{protocol} {packets}")).collect()
            }
            crate::decode::Reason::UnknownLinkType => counters
                .unknown_link_types()
                .map(|(link_type, packets)| format!("{link_type} {packets}"))
                .collect(),
            crate::decode::Reason::Truncated => {
                counters.truncated().map(|(layer, packets)| format!("{layer} {packets}")).collect()
            }
            crate::decode::Reason::Malformed => {
                counters.malformed().map(|(rule, packets)| format!("{rule} {packets}")).collect()
            }
            _ => Vec::new(),
        };
        if !details.is_empty() {
            part.push_str(": ");
            part.push_str(&details.join(", "));
        }
        part.push(')');
        parts.push(part);
    }
    let mut line = format!("{} in no flow: {}.", count(counters.uncounted(), "packet"), parts.join(", "));
    let portless: u64 = counters.without_ports().map(|(_, packets)| packets).sum();
    if portless > 0 {
        // Those of other reasons have not been named above.
        let said: Vec<_> = counters.portless().collect();
        let others: Vec<String> = counters
            .without_ports()
            .filter(|one| !said.contains(one))
            .map(|(protocol, packets)| format!("{protocol} {packets}"))
            .collect();
        let named =
            if others.is_empty() { String::new() } else { format!(", among them {}", others.join(", ")) };
        // Writing to a string does not fail.
        let _ = write!(
            line,
            " With --protocols all, flows and summary count {portless} of them in flows{named}."
        );
    }
    Some(line)
}

/// When the packets were captured, in words for people; where a part of that time was asked for, that part first.
/// `None` without times.
pub fn extent(log: &ReadLog, times: &Times) -> Option<String> {
    let from_to = |(first, last): (Timestamp, Timestamp)| {
        format!("{} to {}", times.to_the_second(first), times.to_the_second(last))
    };
    let with_span = |(first, last): (Timestamp, Timestamp)| {
        format!("{} ({})", from_to((first, last)), span(last.since(first)))
    };
    let all = log.extent()?;
    Some(match log.window() {
        Some(window) => format!("{}, cut out of {}", with_span(window), from_to(all)),
        None if log.settings().flow.has_window() => {
            format!("nothing of the time that is asked for; the packets are of {}", from_to(all))
        }
        None => with_span(all),
    })
}

/// Which packets would be in flows of protocols without ports, in a line for people; `None` where there are none.
pub fn without_ports(counters: &Counters) -> Option<String> {
    let packets: u64 = counters.without_ports().map(|(_, packets)| packets).sum();
    let protocols: Vec<String> =
        counters.without_ports().map(|(protocol, packets)| format!("{protocol} {packets}")).collect();
    let are = if packets == 1 { "is" } else { "are" };
    (packets > 0).then(|| {
        format!(
            "With --protocols all, {} of protocols without ports {are} in flows: {}.",
            count(packets, "packet"),
            protocols.join(", ")
        )
    })
}

/// `3 flows`, or `3 of 5 flows selected`.
pub fn shown(shown: u64, left_out: u64, what: &str) -> String {
    if left_out == 0 {
        count(shown, what)
    } else {
        format!("{shown} of {} selected", count(shown + left_out, what))
    }
}
