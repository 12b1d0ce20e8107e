//! `portscribe registry info`

use std::io::Write;

use serde_json::{Map, Value as Json, json};

use super::super::args::Common;
use super::super::output::Output;
use super::super::{Failure, input};
use crate::Transport;
use crate::net::PortRange;
use crate::registry::{Registry, Status};
use crate::report::{Format, Head, RowWriter, Rows, Value};

/// The columns for programs: how many ports of a range have a status on a transport. The
/// transport `all` counts the ports that are unassigned on every one.
const COLUMNS: &[&str] = &["transport", "port_range", "status", "ports"];

/// Ports of one range with one status on one transport.
struct Count {
    transport: Transport,
    range: PortRange,
    status: Status,
    ports: usize,
}

pub(super) fn run(common: &Common) -> Result<(), Failure> {
    let registry = input::registry(common)?;
    let mut out = Output::open(common, &registry)?;
    let counts = count(&registry);
    let free = PortRange::ALL.map(|range| (range, free_everywhere(&registry, range)));
    match out.format() {
        Format::Json => writeln!(out, "{}", json(&registry, &counts, free))?,
        Format::Csv | Format::Tsv | Format::Ndjson => {
            let format = out.format();
            let mut rows = RowWriter::new(format, &mut out, COLUMNS, &Head::of_registry(&registry))?;
            for count in &counts {
                rows.row(&[
                    Value::text(Some(count.transport.name())),
                    Value::text(Some(count.range.name())),
                    Value::text(Some(count.status.name())),
                    Value::Number(count.ports as u64),
                ])?;
            }
            for (range, ports) in free {
                rows.row(&[
                    Value::text(Some("all")),
                    Value::text(Some(range.name())),
                    Value::text(Some(Status::Unassigned.name())),
                    Value::Number(ports as u64),
                ])?;
            }
            rows.finish()?;
        }
        Format::Table | Format::Markdown => text(&registry, &counts, free, &mut out)?,
    }
    out.finish()
}

fn count(registry: &Registry) -> Vec<Count> {
    let mut counts = Vec::new();
    for transport in Transport::REGISTERED {
        for range in PortRange::ALL {
            for status in Status::ALL {
                let ports =
                    range.ports().filter(|&port| registry.port(transport, port).status() == status).count();
                counts.push(Count { transport, range, status, ports });
            }
        }
    }
    counts
}

fn free_everywhere(registry: &Registry, range: PortRange) -> usize {
    let free = |port| {
        Transport::REGISTERED
            .into_iter()
            .all(|transport| registry.port(transport, port).status() == Status::Unassigned)
    };
    range.ports().filter(|&port| free(port)).count()
}

fn sum(counts: &[Count], fits: impl Fn(&Count) -> bool) -> usize {
    counts.iter().filter(|count| fits(count)).map(|count| count.ports).sum()
}

fn json(registry: &Registry, counts: &[Count], free: [(PortRange, usize); 3]) -> Json {
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
    counts: &[Count],
    free: [(PortRange, usize); 3],
    out: &mut impl Write,
) -> Result<(), Failure> {
    writeln!(out, "{}", registry.title())?;
    writeln!(out, "edition   {}", registry.edition().unwrap_or("not known"))?;
    writeln!(out, "source    {}", registry.source())?;
    if let Some(date) = registry.details_as_of() {
        writeln!(out, "details   {date} (assignee, contact, dates, unauthorized use, notes)")?;
    }
    if let Some(reference) = registry.reference() {
        writeln!(out, "reference {reference}")?;
    }
    let without = registry.rows().filter(|row| row.ports().is_none()).count();
    writeln!(out, "rows      {}, {without} of them names without a port", registry.len())?;
    writeln!(out, "contacts  {}", registry.contacts().len())?;
    writeln!(out)?;
    write!(out, "ports           ")?;
    for status in Status::ALL {
        write!(out, " {:>15}", status.name())?;
    }
    writeln!(out)?;
    for transport in Transport::REGISTERED {
        let lines = PortRange::ALL.iter().map(|&range| (range.name(), Some(range)));
        for (name, range) in lines.chain([("all", None)]) {
            write!(out, "  {:5} {name:8}", transport.name())?;
            for status in Status::ALL {
                let ports = sum(counts, |count| {
                    count.transport == transport
                        && count.status == status
                        && range.is_none_or(|range| range == count.range)
                });
                write!(out, " {ports:>15}")?;
            }
            writeln!(out)?;
        }
    }
    writeln!(out)?;
    let free: Vec<String> = free
        .iter()
        .filter(|(range, _)| *range != PortRange::Dynamic)
        .map(|(range, ports)| format!("{ports} {range}"))
        .collect();
    writeln!(out, "free on every transport: {} ports", free.join(", "))?;
    writeln!(out, "\n{}", crate::registry::NOTE)?;
    Ok(())
}
