//! The file of zones: CSV with a head line, or TOML.

use std::fs::File;
use std::io;
use std::path::Path;

use ipnet::IpNet;
use serde::Deserialize;

use super::super::model::{Trust, Zone, ZoneInterface, ZoneSource};
use super::{Zones, builtin};
use crate::foreign::{self, Foreign};
use crate::text::whole;

/// The columns of the CSV file; the last three may be left out.
const COLUMNS: [&str; 5] = ["zone", "cidr", "comment", "trust", "interface"];
/// A file with more names than this is not a list of zones.
const MOST: usize = 60_000;

/// Why a file of zones cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}; {help}", line.map_or(String::new(), |line| format!(", line {line}")))]
pub struct ZonesError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1, where there is one.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// One line of a file.
struct Entry {
    line: u64,
    zone: String,
    cidr: String,
    comment: String,
    trust: String,
    interface: String,
}

impl Zones {
    /// The zones of a file: `.toml`, and CSV by any other name.
    ///
    /// Addresses that no line of the file holds fall to the zones that are built in.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or says what cannot be: the error names file, line, reason and
    /// what to do.
    pub fn read_file(path: impl AsRef<std::path::Path>) -> Result<Zones, ZonesError> {
        file(path.as_ref())
    }

    /// The zones of a text that came from the file `name`.
    ///
    /// # Errors
    ///
    /// As for [`Zones::read_file`].
    pub fn read(text: &str, name: &str) -> Result<Zones, ZonesError> {
        self::text(text, name)
    }
}

/// No list of zones is as large as this; a capture that is named by mistake may be.
const MOST_BYTES: u64 = 16 << 20;

fn file(path: &Path) -> Result<Zones, ZonesError> {
    let name = path.display().to_string();
    let invalid = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    let read = File::open(path)
        .and_then(|file| whole(file, MOST_BYTES))
        .and_then(|octets| String::from_utf8(octets).map_err(invalid));
    let what = match read {
        Ok(content) => return text(&content, &name),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => error.to_string(),
        Err(error) => format!("cannot be read: {error}"),
    };
    let help = "name a CSV file with the columns zone,cidr,comment,trust, or a TOML file".to_owned();
    Err(ZonesError { file: name, line: None, what, help })
}

fn text(text: &str, name: &str) -> Result<Zones, ZonesError> {
    let is_toml = Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let lines = if is_toml { toml(text) } else { csv(text) };
    let error = |(line, what, help): Fault| ZonesError { file: name.to_owned(), line, what, help };
    let (zones, interfaces) = check(&lines.map_err(error)?).map_err(error)?;
    Ok(Zones::new(zones, &interfaces))
}

/// Line, what is wrong, what to do.
type Fault = (Option<u64>, String, String);

fn fault(line: u64, what: impl Into<String>, help: impl Into<String>) -> Fault {
    (Some(line), what.into(), help.into())
}

fn csv(text: &str) -> Result<Vec<Entry>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    // Spreadsheets of many languages write semicolons.
    let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| csv_fault(&error))?.clone();
    let place = |column: &str| head.iter().position(|cell| cell.eq_ignore_ascii_case(column));
    let columns = COLUMNS.map(place);
    let (Some(_), Some(_)) = (columns[0], columns[1]) else {
        return Err(fault(
            1,
            format!("the columns are `{}`", start(&head.iter().collect::<Vec<_>>().join(","))),
            "write `zone,cidr,comment,trust` as the first line",
        ));
    };
    if let Some(cell) = head.iter().find(|cell| !COLUMNS.iter().any(|name| cell.eq_ignore_ascii_case(name))) {
        return Err(fault(
            1,
            format!("a column `{cell}` is not known"),
            "the columns are zone, cidr, comment, trust and interface",
        ));
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| csv_fault(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > head.len() {
            return Err(fault(
                line,
                format!("{} cells where there are {} columns", record.len(), head.len()),
                "put a cell that holds a comma between quotation marks",
            ));
        }
        let [zone, cidr, comment, trust, interface] =
            columns.map(|column| column.and_then(|n| record.get(n)).unwrap_or_default().to_owned());
        lines.push(Entry { line, zone, cidr, comment, trust, interface });
    }
    Ok(lines)
}

/// The beginning of a text: a file that is named by mistake may be one long line.
fn start(text: &str) -> String {
    const MOST: usize = 60;
    let start: String = text.chars().take(MOST).collect();
    if start.len() < text.len() { format!("{start} …") } else { start }
}

fn csv_fault(error: &csv::Error) -> Fault {
    let line = error.position().map(csv::Position::line);
    (line, error.to_string(), "write the file as CSV in UTF-8".to_owned())
}

/// `[[zone]]` tables with `name`, `cidr` and `interface` (one or a list each), `trust` and `comment`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Toml {
    #[serde(default)]
    zone: Vec<toml::Spanned<TomlZone>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlZone {
    name: String,
    cidr: Option<toml::Spanned<Several>>,
    interface: Option<toml::Spanned<Several>>,
    #[serde(default)]
    trust: String,
    #[serde(default)]
    comment: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Several {
    One(String),
    Several(Vec<String>),
}

fn toml(text: &str) -> Result<Vec<Entry>, Fault> {
    let line_of =
        |at: usize| text.as_bytes().iter().take(at).filter(|&&byte| byte == b'\n').count() as u64 + 1;
    let read: Toml = toml::from_str(text).map_err(|error| {
        (
            error.span().map(|span| line_of(span.start)),
            error.message().to_owned(),
            "write a table [[zone]] with name, cidr, trust and comment for each zone".to_owned(),
        )
    })?;
    let mut lines = Vec::new();
    for zone in read.zone {
        let span = zone.span();
        let zone = zone.into_inner();
        let start = span.start;
        let all = |several: Option<toml::Spanned<Several>>| match several {
            Some(several) => {
                let line = line_of(several.span().start);
                match several.into_inner() {
                    Several::One(one) => vec![(line, one)],
                    Several::Several(all) => all.into_iter().map(|one| (line, one)).collect(),
                }
            }
            None => Vec::new(),
        };
        let entry = |(line, cidr, interface)| Entry {
            line,
            zone: zone.name.clone(),
            cidr,
            comment: zone.comment.clone(),
            trust: zone.trust.clone(),
            interface,
        };
        let before = lines.len();
        let networks = all(zone.cidr).into_iter().map(|(line, cidr)| (line, cidr, String::new()));
        lines.extend(networks.map(entry));
        let interfaces = all(zone.interface).into_iter().map(|(line, one)| (line, String::new(), one));
        lines.extend(interfaces.map(entry));
        if lines.len() == before {
            lines.push(entry((line_of(start), String::new(), String::new())));
        }
    }
    Ok(lines)
}

/// The zones of a file, and those built in that it says nothing of; and its interfaces.
fn check(lines: &[Entry]) -> Result<(Vec<Zone>, Vec<ZoneInterface>), Fault> {
    let mut zones: Vec<Zone> = Vec::new();
    let mut interfaces: Vec<ZoneInterface> = Vec::new();
    let mut assigned: std::collections::HashMap<&str, u64> = std::collections::HashMap::new();
    let mut known: std::collections::HashMap<IpNet, u64> = std::collections::HashMap::new();
    let mut trusts: std::collections::HashMap<&str, (Trust, u64)> = std::collections::HashMap::new();
    for line in lines {
        let number = line.line;
        if line.zone.is_empty() {
            return Err(fault(number, "the zone has no name", "write one in the column zone"));
        }
        if let Some(sign) = line.zone.chars().find(|sign| foreign::is_hidden(*sign) || *sign == '|') {
            return Err(fault(
                number,
                format!("the name of the zone holds `{}`", foreign::line(sign.encode_utf8(&mut [0; 4]))),
                "write a name without it",
            ));
        }
        // A line assigns a network, an interface, or both.
        let network = match line.cidr.as_str() {
            "" if !line.interface.is_empty() => None,
            _ => Some(checked_network(line)?),
        };
        if let Some(first) = network.and_then(|network| known.insert(network, number)) {
            return Err(fault(
                number,
                format!("{} has a zone already, by line {first}", line.cidr),
                "keep one of the two: an address lies in one zone",
            ));
        }
        if !line.interface.is_empty()
            && let Some(first) = assigned.insert(&line.interface, number)
        {
            return Err(fault(
                number,
                format!(
                    "the interface {} has a zone already, by line {first}",
                    foreign::line(&line.interface)
                ),
                "keep one of the two: an interface leads to one zone",
            ));
        }
        let trust = match line.trust.to_ascii_lowercase().as_str() {
            "" | "internal" => Trust::Internal,
            "dmz" => Trust::Dmz,
            "cde" => Trust::Cde,
            "external" => Trust::External,
            _ => {
                return Err(fault(
                    number,
                    format!("unknown trust `{}`", line.trust),
                    "write internal, dmz, cde or external",
                ));
            }
        };
        match trusts.insert(&line.zone, (trust, number)) {
            Some((other, first)) if other != trust => {
                return Err(fault(
                    number,
                    format!(
                        "the zone {} is {} here and {} in line {first}",
                        line.zone,
                        trust.name(),
                        other.name()
                    ),
                    "give all networks of a zone the same trust",
                ));
            }
            _ => {}
        }
        if zones.len() + interfaces.len() >= MOST {
            return Err(fault(number, format!("more than {MOST} networks"), "draw larger zones"));
        }
        if !line.interface.is_empty() {
            interfaces.push(ZoneInterface {
                name: line.zone.clone(),
                interface: Foreign::new(line.interface.clone()),
                trust,
                comment: Foreign::new(line.comment.clone()),
                addresses: 0,
            });
        }
        if let Some(network) = network {
            zones.push(Zone {
                name: line.zone.clone(),
                network,
                trust,
                comment: Foreign::new(line.comment.clone()),
                source: ZoneSource::File,
            });
        }
    }
    let mut own_name: Vec<Zone> = builtin::zones();
    own_name.retain(|zone| !known.contains_key(&zone.network));
    for zone in &mut own_name {
        // A user's zone of the same name is another one.
        if trusts.contains_key(zone.name.as_str()) {
            zone.name = format!("builtin {}", zone.name);
        }
    }
    zones.extend(own_name);
    Ok((zones, interfaces))
}

/// The network of a line.
fn checked_network(line: &Entry) -> Result<IpNet, Fault> {
    let network = network(&line.cidr).ok_or_else(|| {
        fault(
            line.line,
            format!("invalid network `{}`", line.cidr),
            "write an address with the length of its prefix, such as 192.0.2.0/24 or 2001:db8::/32",
        )
    })?;
    if network != network.trunc() {
        return Err(fault(
            line.line,
            format!("invalid network `{}`: bits are set after its prefix", line.cidr),
            format!("write {} or {}", network.trunc(), IpNet::from(network.addr())),
        ));
    }
    Ok(network)
}

/// A network, or one host without a length.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address)))
}
