//! The registry in the formats of other programs.
//!
//! Every format but IANA's own says less than the registry does: what a program cannot take is
//! left out and named.

use std::io::{self, Write};

use super::{Answer, Column, NOTE, Registry, Row, Transport};
use crate::foreign::{self, Breaks};
use crate::text::single_spaced;

/// A format that the registry is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// IANA's CSV file: read again, it is the same registry.
    IanaCsv,
    /// One JSON object: the edition, the contacts, the rows with all columns.
    Json,
    /// `/etc/services`.
    Services,
    /// Wireshark's personal `services` file.
    Wireshark,
    /// Nmap's `nmap-services`.
    Nmap,
    /// A script for SQLite.
    Sql,
}

impl Target {
    /// Every format.
    pub const ALL: [Target; 6] =
        [Target::IanaCsv, Target::Json, Target::Services, Target::Wireshark, Target::Nmap, Target::Sql];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Target::IanaCsv => "iana-csv",
            Target::Json => "json",
            Target::Services => "services",
            Target::Wireshark => "wireshark",
            Target::Nmap => "nmap",
            Target::Sql => "sql",
        }
    }
}

/// Writes the registry in a format. The answer names the services that the format has no place
/// for, each once: names with a space in them, names without a port are not among them.
///
/// ```
/// use portscribe::registry::{self, Registry, Target};
///
/// let mut services = Vec::new();
/// registry::export(&Registry::bundled(), Target::Services, &mut services)?;
/// let services = String::from_utf8(services).unwrap();
/// assert!(services.lines().any(|line| line == "http\t80/tcp\twww www-http\t# World Wide Web HTTP"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// When the output cannot be written.
pub fn export(registry: &Registry, target: Target, mut out: impl Write) -> io::Result<Vec<String>> {
    match target {
        Target::IanaCsv => iana_csv(registry, &mut out)?,
        Target::Json => json(registry, &mut out)?,
        Target::Sql => sql(registry, &mut out)?,
        Target::Services | Target::Wireshark | Target::Nmap => return lines(registry, target, &mut out),
    }
    Ok(Vec::new())
}

fn iana_csv(registry: &Registry, out: &mut impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let io_error = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    };
    writer.write_record(Column::ALL.map(Column::name)).map_err(io_error)?;
    for row in registry.rows() {
        let cells = row.cells().map(|cell| foreign::cell(cell, Breaks::Kept));
        writer.write_record(cells.iter().map(AsRef::as_ref)).map_err(io_error)?;
    }
    writer.flush()
}

fn json(registry: &Registry, out: &mut impl Write) -> io::Result<()> {
    let filled = |text| Some(text).filter(|text: &&str| !text.is_empty());
    out.write_all(b"{\"registry\":")?;
    object(
        out,
        [
            ("title", Some(registry.title())),
            ("edition", registry.edition()),
            ("source", Some(registry.source())),
            ("details_as_of", registry.details_as_of()),
            ("note", Some(NOTE)),
        ],
    )?;
    out.write_all(b",\n\"contacts\":[")?;
    for (n, contact) in registry.contacts().enumerate() {
        out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        object(
            out,
            [
                ("id", Some(contact.id)),
                ("name", filled(contact.name)),
                ("organization", filled(contact.organization)),
                ("uri", filled(contact.uri)),
                ("updated", filled(contact.updated)),
            ],
        )?;
    }
    out.write_all(b"],\n\"rows\":[")?;
    for (n, row) in registry.rows().enumerate() {
        out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        let columns = Column::ALL.map(|column| (column.key(), filled(row.cell(column))));
        let further = [
            ("status", Some(row.kind().status().name())),
            ("names_as_of", row.names_as_of()),
            ("details_as_of", row.details_as_of()),
        ];
        object(out, columns.into_iter().chain(further))?;
    }
    out.write_all(b"]}\n")
}

/// Writes a JSON object with its members in this order.
fn object<'a>(
    out: &mut impl Write,
    members: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> io::Result<()> {
    foreign::json_object(out, members)
}

fn sql(registry: &Registry, out: &mut impl Write) -> io::Result<()> {
    let text = |text: &str| {
        if text.is_empty() {
            "NULL".to_owned()
        } else {
            format!("'{}'", foreign::lines(text).replace('\'', "''"))
        }
    };
    out.write_all(
        b"BEGIN;\n\
          CREATE TABLE edition (title TEXT, edition TEXT, source TEXT, details_as_of TEXT, note TEXT);\n\
          CREATE TABLE contact (id TEXT, name TEXT, organization TEXT, uri TEXT, updated TEXT);\n\
          CREATE TABLE service (\n  \
            number INTEGER PRIMARY KEY,\n  \
            service_name TEXT, port_number TEXT, transport_protocol TEXT, description TEXT,\n  \
            assignee TEXT, contact TEXT, registration_date TEXT, modification_date TEXT, reference TEXT,\n  \
            service_code TEXT, unauthorized_use_reported TEXT, assignment_notes TEXT,\n  \
            low_port INTEGER, high_port INTEGER, status TEXT NOT NULL, details_as_of TEXT\n\
          );\n",
    )?;
    writeln!(
        out,
        "INSERT INTO edition VALUES ({}, {}, {}, {}, {});",
        text(registry.title()),
        text(registry.edition().unwrap_or_default()),
        text(registry.source()),
        text(registry.details_as_of().unwrap_or_default()),
        text(NOTE)
    )?;
    for contact in registry.contacts() {
        let cells = [contact.id, contact.name, contact.organization, contact.uri, contact.updated];
        writeln!(out, "INSERT INTO contact VALUES ({});", cells.map(text).join(", "))?;
    }
    for row in registry.rows() {
        let cells = row.cells().map(text);
        let (low, high) = match row.ports() {
            Some((low, high)) => (low.to_string(), high.to_string()),
            None => ("NULL".into(), "NULL".into()),
        };
        writeln!(
            out,
            "INSERT INTO service VALUES ({}, {}, {low}, {high}, '{}', {});",
            row.number(),
            cells.join(", "),
            row.kind().status(),
            text(row.details_as_of().unwrap_or_default())
        )?;
    }
    out.write_all(
        b"CREATE INDEX service_by_port ON service (low_port, high_port);\n\
          CREATE INDEX service_by_name ON service (service_name);\n\
          COMMIT;\n",
    )
}

/// The three formats with a line a port.
fn lines(registry: &Registry, target: Target, out: &mut impl Write) -> io::Result<Vec<String>> {
    let edition = registry.edition().unwrap_or("not known");
    let shown = |text: &str| foreign::line(&single_spaced(text)).into_owned();
    writeln!(out, "# {}", shown(registry.title()))?;
    writeln!(out, "# edition {}, from {}", shown(edition), shown(registry.source()))?;
    writeln!(out, "# {NOTE}")?;
    if target == Target::Nmap {
        writeln!(out, "# The third column, how often a port is open, is not known here: 0 throughout.")?;
    }
    let mut left_out: Vec<String> = Vec::new();
    for port in 0..=u16::MAX {
        for transport in Transport::REGISTERED {
            // Nmap scans TCP, UDP and SCTP.
            if target == Target::Nmap && transport == Transport::Dccp {
                continue;
            }
            let answer = registry.port(transport, port);
            let (names, bad): (Vec<&str>, Vec<&str>) = names(answer).partition(|name| is_word(name));
            for name in bad {
                if !left_out.iter().any(|known| known == name) {
                    left_out.push(name.to_owned());
                }
            }
            let Some((name, aliases)) = names.split_first() else { continue };
            let about = shown(answer.primary().map_or("", Row::description));
            match target {
                Target::Services => {
                    writeln!(out, "{name}\t{port}/{transport}\t{}\t# {about}", aliases.join(" "))?;
                }
                Target::Nmap => writeln!(out, "{name}\t{port}/{transport}\t0.000000\t# {about}")?,
                _ => writeln!(out, "{name}\t{port}/{transport}\t# {about}")?,
            }
        }
    }
    Ok(left_out)
}

fn names(answer: Answer<'_>) -> impl Iterator<Item = &str> {
    answer.service().into_iter().chain(answer.aliases())
}

/// Whether a name is one word of a line: a space ends it, and `#` begins a comment.
fn is_word(name: &str) -> bool {
    !name.contains(|c: char| c.is_whitespace() || foreign::is_hidden(c) || c == '#')
}
