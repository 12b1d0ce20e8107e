//! `registry info`: what an edition holds, and how many ports have which status.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use crate::Transport;
use crate::foreign::Lines;
use crate::net::PortRange;
use crate::registry::{PortCount, Registry, Status};
use crate::report::field::columns;
use crate::report::{Bits, Holds, Value};
use crate::text::words;

columns! {
    /// The values of a count; a count without a transport is of ports that are unassigned on every
    /// one.
    pub fn values<'a>(count: InfoRow) {
    }
    "transport": always Holds::Word(&["tcp", "udp", "sctp", "dccp", "all"]), "transport protocol; `all` for ports that are unassigned on every one" => Value::text(Some(count.transport.map_or("all", Transport::name)));
    "port_range": always Holds::Word(words!(PortRange)), "range of ports (RFC 6335 section 6)" => Value::text(Some(count.range.name()));
    "status": always Holds::Word(words!(Status)), "what the registry says of the ports" => Value::text(Some(count.status.name()));
    "ports": always Holds::Integer(Bits::B64, Some("ports")), "number of ports" => Value::Number(count.ports as u64);
}

/// A row of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InfoRow {
    /// The transport; `None` for every one.
    pub transport: Option<Transport>,
    /// The range.
    pub range: PortRange,
    /// The status.
    pub status: Status,
    /// The number of ports.
    pub ports: usize,
}

/// What a registry holds.
#[derive(Clone, Debug)]
pub struct Info<'r> {
    registry: &'r Registry,
    counts: Vec<PortCount>,
    free: [(PortRange, usize); 3],
}

impl<'r> Info<'r> {
    /// Counts the ports of a registry.
    pub fn of(registry: &'r Registry) -> Info<'r> {
        let free = PortRange::ALL.map(|range| (range, registry.free_on_every_transport(range)));
        Info { registry, counts: registry.port_counts(), free }
    }

    /// The rows of CSV, TSV and NDJSON.
    pub fn rows(&self) -> impl Iterator<Item = InfoRow> {
        let counts = self.counts.iter().map(|&PortCount { transport, range, status, ports }| InfoRow {
            transport: Some(transport),
            range,
            status,
            ports,
        });
        let free = self.free.iter().map(|&(range, ports)| InfoRow {
            transport: None,
            range,
            status: Status::Unassigned,
            ports,
        });
        counts.chain(free)
    }

    /// The JSON object.
    pub fn json(&self) -> Json {
        json(self.registry, &self.counts, self.free)
    }

    /// Writes the information in lines for people. In Markdown they stand as they are.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn people(&self, format: crate::report::Format, out: impl Write) -> io::Result<()> {
        text(self.registry, &self.counts, self.free, &mut format.lines(out))
    }
}

fn sum(counts: &[PortCount], fits: impl Fn(&PortCount) -> bool) -> usize {
    counts.iter().filter(|count| fits(count)).map(|count| count.ports).sum()
}

fn json(registry: &Registry, counts: &[PortCount], free: [(PortRange, usize); 3]) -> Json {
    let object = |of: &dyn Fn(Status) -> usize| -> Json {
        let counts: Map<String, Json> =
            Status::ALL.iter().map(|&status| (status.name().to_owned(), of(status).into())).collect();
        counts.into()
    };
    let mut ports = Map::new();
    let mut ports_by_range = Map::new();
    for transport in Transport::REGISTERED {
        let of = |status| sum(counts, |count| count.transport == transport && count.status == status);
        ports.insert(transport.name().to_owned(), object(&of));
        let by_range: Map<String, Json> = PortRange::ALL
            .iter()
            .map(|&range| {
                let of = |status| {
                    sum(counts, |count| {
                        count.transport == transport && count.range == range && count.status == status
                    })
                };
                (range.name().to_owned(), object(&of))
            })
            .collect();
        ports_by_range.insert(transport.name().to_owned(), by_range.into());
    }
    let free: Map<String, Json> =
        free.iter().map(|&(range, ports)| (range.name().to_owned(), ports.into())).collect();
    json!({
        "title": registry.title(),
        "edition": registry.edition(),
        "source": registry.source(),
        "details_as_of": registry.details_as_of(),
        "rows": registry.len(),
        "rows_without_a_port": registry.rows().filter(|row| row.ports().is_none()).count(),
        "contacts": registry.contacts().len(),
        "experts": registry.experts(),
        "reference": registry.reference(),
        "registry_note": registry.note(),
        "footnotes": registry.footnotes(),
        "ports": ports,
        "ports_by_range": ports_by_range,
        "free_on_every_transport": free,
        "note": crate::registry::NOTE,
    })
}

fn text(
    registry: &Registry,
    counts: &[PortCount],
    free: [(PortRange, usize); 3],
    out: &mut Lines<impl Write>,
) -> io::Result<()> {
    out.line(format_args!("{}", crate::text::single_spaced(registry.title())))?;
    out.line(format_args!("edition   {}", registry.edition().unwrap_or("not known")))?;
    out.line(format_args!("source    {}", registry.source()))?;
    if let Some(date) = registry.details_as_of() {
        out.line(format_args!("details   {date} (assignee, contact, dates, unauthorized use, notes)"))?;
    }
    if let Some(reference) = registry.reference() {
        out.line(format_args!("reference {}", crate::text::single_spaced(reference)))?;
    }
    let without = registry.rows().filter(|row| row.ports().is_none()).count();
    out.line(format_args!("rows      {}, {without} of them names without a port", registry.len()))?;
    out.line(format_args!("contacts  {}", registry.contacts().len()))?;
    out.blank()?;
    let ports = "ports           ".to_owned();
    out.line(Status::ALL.iter().fold(ports, |line, status| format!("{line} {:>15}", status.name())))?;
    for transport in Transport::REGISTERED {
        let lines = PortRange::ALL.iter().map(|&range| (range.name(), Some(range)));
        for (name, range) in lines.chain([("all", None)]) {
            let mut line = format!("  {:5} {name:8}", transport.name());
            for status in Status::ALL {
                let ports = sum(counts, |count| {
                    count.transport == transport
                        && count.status == status
                        && range.is_none_or(|range| range == count.range)
                });
                line = format!("{line} {ports:>15}");
            }
            out.line(line)?;
        }
    }
    out.blank()?;
    let free: Vec<String> = free
        .iter()
        .filter(|(range, _)| *range != PortRange::Dynamic)
        .map(|(range, ports)| format!("{ports} {range}"))
        .collect();
    out.line(format_args!("free on every transport: {} ports", free.join(", ")))?;
    out.blank()?;
    out.line(crate::registry::NOTE)
}
