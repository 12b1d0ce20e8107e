//! `portscribe registry`

use std::io::Write;

use serde_json::json;

use super::args::{Common, Registry as Command};
use super::output::{self, Output};
use super::{Failure, input};
use crate::Transport;
use crate::registry::Status;
use crate::report::{Format, Head, People, RowWriter, Rows, registry as report};

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Info { common } => info(common),
        Command::List { common } => list(common),
    }
}

fn list(common: &Common) -> Result<(), Failure> {
    let registry = input::registry(common)?;
    let mut out = Output::open(common, &registry)?;
    let format = out.format();
    match format {
        Format::Table | Format::Markdown => {
            let mut table = People::new(report::PEOPLE);
            for row in registry.rows() {
                table.row(report::people(row));
            }
            table.below(output::note(&registry));
            let style = out.style();
            table.write(format, style, &mut out)?;
        }
        Format::Csv | Format::Tsv | Format::Json | Format::Ndjson => {
            let with_dates = matches!(format, Format::Json | Format::Ndjson);
            let columns = if with_dates { report::KEYS } else { report::COLUMNS };
            let mut rows = RowWriter::new(format, &mut out, columns, &Head::of_registry(&registry))?;
            for row in registry.rows() {
                rows.row(&report::values(row, with_dates))?;
            }
            rows.finish()?;
        }
    }
    out.finish()
}

fn info(common: &Common) -> Result<(), Failure> {
    let registry = input::registry(common)?;
    let mut out = Output::open(common, &registry)?;
    let counts: Vec<(Transport, Vec<(Status, usize)>)> = Transport::REGISTERED
        .into_iter()
        .map(|transport| {
            let counts = Status::ALL.map(|status| {
                let ports = (0..=u16::MAX).filter(|&port| registry.port(transport, port).status() == status);
                (status, ports.count())
            });
            (transport, counts.to_vec())
        })
        .collect();
    if matches!(out.format(), Format::Json | Format::Ndjson) {
        let ports: serde_json::Map<String, serde_json::Value> = counts
            .iter()
            .map(|(transport, counts)| {
                let counts: serde_json::Map<String, serde_json::Value> =
                    counts.iter().map(|&(status, count)| (status.name().to_owned(), count.into())).collect();
                (transport.name().to_owned(), counts.into())
            })
            .collect();
        let text = json!({
            "title": registry.title(),
            "edition": registry.edition(),
            "source": registry.source(),
            "details_as_of": registry.details_as_of(),
            "rows": registry.len(),
            "ports": ports,
            "note": crate::registry::NOTE,
        });
        writeln!(out, "{text}")?;
    } else {
        writeln!(out, "{}", registry.title())?;
        writeln!(out, "edition  {}", registry.edition().unwrap_or("not known"))?;
        writeln!(out, "source   {}", registry.source())?;
        if let Some(date) = registry.details_as_of() {
            writeln!(out, "details  {date} (assignee, contact, dates, unauthorized use, notes)")?;
        }
        writeln!(out, "rows     {}", registry.len())?;
        writeln!(out)?;
        write!(out, "ports    ")?;
        for status in Status::ALL {
            write!(out, " {:>15}", status.name())?;
        }
        writeln!(out)?;
        for (transport, counts) in &counts {
            write!(out, "  {:7}", transport.name())?;
            for (_, count) in counts {
                write!(out, " {count:>15}")?;
            }
            writeln!(out)?;
        }
        writeln!(out, "\n{}", crate::registry::NOTE)?;
    }
    out.finish()
}
