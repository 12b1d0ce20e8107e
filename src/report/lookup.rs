//! `lookup`: what the registry says of a port or a name.

use std::borrow::Cow;
use std::str::FromStr;

use ipnet::IpNet;

use super::field::columns;
use super::layout::wrap;
use super::{Holds, Value};
use crate::foreign::{self, joined};
use crate::net::PortRange;
use crate::registry::{Answer, Column, Overlay, Registry, Row, Status};
use crate::text::words;
use crate::{Transport, UnknownTransport};

columns! {
    /// The values of an answer to `query`.
    pub fn values<'a>(query: &'a str, found: Found<'a>) {
        let row = found.row();
        let cell = |column: Column| row.map_or(Value::Unknown, |row| Value::lines(row.cell(column)));
        let place = found.place();
        let answer = found.answer();
        let free = answer.and_then(Answer::neighbours);
        let beside = |answer: Option<Answer>| {
            answer.map_or(Value::Unknown, |answer| Value::filled(format!("{}={}", answer.port(), in_a_word(answer))))
        };
    }
    "query": always Holds::Text, "what was asked" => Value::text(Some(query));
    "port": maybe Holds::Ports, "port, or range of ports of a row; unknown for a name without a port" => place.ports;
    "transport": maybe Holds::Word(words!(Transport)), "transport protocol; unknown for a row about all of them" => Value::text(place.transport.map(Transport::name));
    "port_range": maybe Holds::Word(words!(PortRange)), "range of the port (RFC 6335 section 6)" => Value::text(place.range.map(PortRange::name));
    "status": always Holds::Word(words!(Status)), "what the registry says of the port" => Value::text(Some(place.status.name()));
    "service": maybe Holds::Text, "registered service name" => place.service.map_or(Value::Unknown, Value::filled);
    "aliases": always Holds::Texts, "other names registered for the port and transport" => Value::List(place.aliases);
    "description": maybe Holds::Text, "the registry's description" => cell(Column::Description);
    "assignee": maybe Holds::Text, "who the name or port is assigned to, as ids of contacts" => cell(Column::Assignee);
    "contact": maybe Holds::Text, "who to ask, as ids of contacts" => cell(Column::Contact);
    "registration_date": maybe Holds::Text, "when it was registered: a year, a month or a day" => cell(Column::RegistrationDate);
    "modification_date": maybe Holds::Text, "when the row was last changed: a year, a month or a day" => cell(Column::ModificationDate);
    "reference": maybe Holds::Text, "the documents that define the service, such as `[RFC9110]`" => cell(Column::Reference);
    "service_code": maybe Holds::Text, "DCCP Service Code (RFC 4340 section 8.1.2), as a number" => cell(Column::ServiceCode);
    "unauthorized_use_reported": maybe Holds::Text, "what IANA knows of unauthorized use" => cell(Column::UnauthorizedUse);
    "assignment_notes": maybe Holds::Text, "notes on the assignment" => cell(Column::AssignmentNotes);
    "names_as_of": maybe Holds::Text, "date of the row's name, port, transport, description and reference" => Value::text(row.and_then(Row::names_as_of));
    "details_as_of": maybe Holds::Text, "date of the row's other columns" => Value::text(row.and_then(Row::details_as_of));
    "contact_details": always Holds::Sentences, "names and addresses of `assignee` and `contact`, where the registry's table of contacts has them" => Value::Sentences(row.map(contacts).unwrap_or_default().into_iter().map(Cow::Owned).collect());
    "transports": maybe Holds::Text, "the port on the four transports side by side: `tcp=https`, or the status where nothing is registered" => answer.map_or(Value::Unknown, |answer| Value::filled(side_by_side(answer).join(" ")));
    "unassigned_range": maybe Holds::Text, "the range of unassigned ports around an unassigned port" => free.map_or(Value::Unknown, |free| Value::filled(stretch(free.low, free.high)));
    "port_below": maybe Holds::Text, "what lies below that range: `43441=ciscocsdb`" => beside(free.and_then(|free| free.below));
    "port_above": maybe Holds::Text, "what lies above that range" => beside(free.and_then(|free| free.above));
    "local_name": always Holds::Texts, "names that an overlay gives the port everywhere" => Value::Names(answer.map_or(Vec::new(), |answer| answer.local_names(None)));
}

/// What an answer says of its port.
struct Place<'a> {
    ports: Value<'a>,
    transport: Option<Transport>,
    range: Option<PortRange>,
    status: Status,
    service: Option<&'a str>,
    aliases: Vec<&'a str>,
}

/// What is asked of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// One port or several, on one transport or on all.
    Ports {
        /// The lowest port.
        low: u16,
        /// The highest port.
        high: u16,
        /// The transport; `None` for all four.
        transport: Option<Transport>,
    },
    /// A service name, on one transport or on all.
    Name {
        /// The name.
        name: String,
        /// The transport; `None` for all.
        transport: Option<Transport>,
    },
}

/// A text that is not a [`Query`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Nothing is asked.
    #[error("expected a port (443), a range (6000-6010) or a service name (https)")]
    Nothing,
    /// A port beside something that is not a transport.
    #[error(transparent)]
    Transport(UnknownTransport),
    /// A number that is not a port.
    #[error("invalid port `{0}`; ports are 0 to 65535")]
    Port(String),
    /// A range whose higher port comes first.
    #[error("invalid range `{low}-{high}`; the lower port comes first")]
    Range {
        /// The first port.
        low: u16,
        /// The second port.
        high: u16,
    },
}

impl FromStr for Query {
    type Err = QueryError;

    /// Reads `443`, `443/tcp`, `tcp/443`, `6000-6010`, `https`, `https/tcp`.
    fn from_str(text: &str) -> Result<Query, QueryError> {
        let text = text.trim();
        let (what, transport) = match text.split_once('/') {
            None => (text, None),
            Some((a, b)) => match (a.parse::<Transport>(), b.parse::<Transport>()) {
                (_, Ok(transport)) => (a, Some(transport)),
                (Ok(transport), _) => (b, Some(transport)),
                (Err(_), Err(wrong)) if a.parse::<u16>().is_ok() => return Err(QueryError::Transport(wrong)),
                // A few old service names hold a slash.
                (Err(_), Err(_)) => (text, None),
            },
        };
        if what.is_empty() {
            return Err(QueryError::Nothing);
        }
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let port = |text: &str| text.parse::<u16>().map_err(|_| QueryError::Port(text.to_owned()));
        if is_number(what) {
            let port = port(what)?;
            return Ok(Query::Ports { low: port, high: port, transport });
        }
        if let Some((low, high)) = what.split_once('-')
            && is_number(low)
            && is_number(high)
        {
            let (low, high) = (port(low)?, port(high)?);
            if low > high {
                return Err(QueryError::Range { low, high });
            }
            return Ok(Query::Ports { low, high, transport });
        }
        Ok(Query::Name { name: what.to_owned(), transport })
    }
}

/// One answer: a port on a transport, or a row found by its name.
#[derive(Clone, Copy, Debug)]
pub enum Found<'r> {
    /// A port on a transport.
    Port(Answer<'r>),
    /// A row.
    Row(Row<'r>),
}

impl Query {
    /// Asks a registry. A name may have no answer; a port always has one for each transport asked
    /// for.
    pub fn ask<'r>(&self, registry: &'r Registry) -> Vec<Found<'r>> {
        match self {
            Query::Ports { low, high, transport } => {
                let mut found = Vec::new();
                for port in *low..=*high {
                    for asked in Transport::REGISTERED {
                        if transport.is_none_or(|only| only.registered_as() == asked) {
                            found.push(Found::Port(registry.port(transport.unwrap_or(asked), port)));
                        }
                    }
                }
                found
            }
            Query::Name { name, transport } => {
                let fits = |row: &Row| match (transport, row.transport()) {
                    (Some(only), Some(of_row)) => only.registered_as() == of_row,
                    _ => true,
                };
                let mut found: Vec<Row> = registry.named(name).filter(fits).collect();
                if found.is_empty() {
                    found = registry.formerly(name).filter(fits).collect();
                }
                if found.is_empty() {
                    return called(name, *transport, registry);
                }
                found.into_iter().map(Found::Row).collect()
            }
        }
    }
}

/// The ports that an overlay gives a name to; of a range the lowest.
fn called<'r>(name: &str, transport: Option<Transport>, registry: &'r Registry) -> Vec<Found<'r>> {
    let entries = registry.overlay().map_or(&[][..], Overlay::entries);
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| entry.name.raw().eq_ignore_ascii_case(name)) {
        let all = if entry.transports.is_empty() { &Transport::REGISTERED[..] } else { &entry.transports };
        for &(port, _) in &entry.ports {
            for &of_entry in all {
                if transport.is_none_or(|only| only.registered_as() == of_entry.registered_as()) {
                    found.push(Found::Port(registry.port(of_entry, port)));
                }
            }
        }
    }
    found
}

impl<'r> Found<'r> {
    /// The row that says most: the one found, or the one that decides the port's status.
    pub fn row(self) -> Option<Row<'r>> {
        match self {
            Found::Port(answer) => answer.primary(),
            Found::Row(row) => Some(row),
        }
    }

    fn place(self) -> Place<'r> {
        match self {
            Found::Port(answer) => Place {
                ports: Value::Number(answer.port().into()),
                transport: Some(answer.transport()),
                range: Some(answer.range()),
                status: answer.status(),
                service: answer.service(),
                aliases: answer.aliases().collect(),
            },
            Found::Row(row) => Place {
                ports: match row.ports() {
                    Some((low, high)) if low == high => Value::Number(low.into()),
                    Some((low, high)) => Value::filled(format!("{low}-{high}")),
                    None => Value::Unknown,
                },
                transport: row.transport(),
                range: row.ports().map(|(low, _)| PortRange::of(low)),
                status: row.kind().status(),
                service: Some(row.service_name()),
                aliases: beside(row),
            },
        }
    }

    /// What the registry says of the port; of a row's lowest where it has several.
    fn answer(self) -> Option<Answer<'r>> {
        match self {
            Found::Port(answer) => Some(answer),
            Found::Row(row) => {
                let (port, _) = row.ports()?;
                Some(row.registry().port(row.transport().unwrap_or(Transport::Tcp), port))
            }
        }
    }
}

/// The other names of a row's port on its transport.
fn beside(row: Row<'_>) -> Vec<&str> {
    let Some(answer) = Found::Row(row).answer() else { return Vec::new() };
    answer
        .service()
        .into_iter()
        .chain(answer.aliases())
        .filter(|name| !name.eq_ignore_ascii_case(row.service_name()))
        .collect()
}

/// The name, or the status where nothing is registered.
fn in_a_word(answer: Answer<'_>) -> &str {
    answer.service().unwrap_or(answer.status().name())
}

fn side_by_side(answer: Answer) -> Vec<String> {
    Transport::REGISTERED
        .into_iter()
        .map(|transport| {
            let answer = answer.registry().port(transport, answer.port());
            format!("{transport}={}", in_a_word(answer))
        })
        .collect()
}

fn stretch(low: u16, high: u16) -> String {
    if low == high { low.to_string() } else { format!("{low}-{high}") }
}

/// Whom the ids in a row's assignee and contact mean: `Jon Postel, mailto:…, 1994-10`.
fn contacts(row: Row) -> Vec<String> {
    let mut ids: Vec<&str> = Vec::new();
    for cell in [row.cell(Column::Assignee), row.cell(Column::Contact)] {
        for id in cell.split_inclusive(']') {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids.into_iter()
        .filter_map(|id| row.registry().contact(id))
        .map(|contact| {
            let parts = [contact.name, contact.organization, contact.uri, contact.updated];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
        })
        .collect()
}

/// The four transports of a port side by side, or a row, in lines for people on a terminal of this
/// width; as long as they take, without.
pub fn people(found: &[Found], registry: &Registry, width: Option<u16>) -> Vec<String> {
    let lines = whole_lines(found, registry);
    let lines = lines.iter().map(|line| foreign::line(line));
    match width {
        Some(width) => lines.flat_map(|line| fitted(&line, width.into())).collect(),
        None => lines.map(Cow::into_owned).collect(),
    }
}

/// A line of [`detail`] in lines of no more than `width`, the others as they are.
fn fitted(line: &str, width: usize) -> Vec<String> {
    match line.split_at_checked(TEXT_AT) {
        Some((name, text)) if name.starts_with("  ") => wrap(text, width.saturating_sub(TEXT_AT), false)
            .iter()
            .enumerate()
            .map(|(n, text)| format!("{}{text}", if n == 0 { name } else { BEFORE_TEXT }))
            .collect(),
        _ => vec![line.to_owned()],
    }
}

fn whole_lines(found: &[Found], registry: &Registry) -> Vec<String> {
    let mut lines = Vec::new();
    for (n, found) in found.iter().enumerate() {
        if n > 0 {
            lines.push(String::new());
        }
        match found {
            Found::Port(answer) => {
                let (port, transport) = (answer.port(), answer.transport());
                let said = match (answer.status(), answer.names()) {
                    (Status::Registered, Some(names)) => format!("registered as {names}"),
                    (Status::Registered, None) => "registered, without a name".into(),
                    (status, _) => status.to_string(),
                };
                lines.push(format!("{port}/{transport}  {said}  ({} port)", answer.range()));
                let aliases: Vec<&str> = answer.aliases().collect();
                if !aliases.is_empty() {
                    lines.push(detail("aliases", &aliases.join(" ")));
                }
                if answer.status() != Status::Registered {
                    let others: Vec<String> = answer
                        .other_transports()
                        .map(|other| {
                            let names =
                                other.names().map_or("(no name)".to_owned(), |names| names.to_string());
                            format!("{names} for {}", other.transport())
                        })
                        .collect();
                    if !others.is_empty() {
                        lines.push(detail("registered as", &others.join(", ")));
                    }
                }
                let local = answer.local_names(None);
                if !local.is_empty() {
                    lines.push(detail("called here", &joined(&local, " ")));
                }
                for entry in registry.overlay().iter().flat_map(|overlay| overlay.on_hosts(transport, port)) {
                    let hosts: Vec<String> = entry.hosts.iter().map(address_or_network).collect();
                    lines.push(detail(
                        "called here",
                        &format!("{} on {}", entry.name.line(), hosts.join(" ")),
                    ));
                }
                lines.push(detail("side by side", &side_by_side(*answer).join(" ")));
                if let Some(free) = answer.neighbours() {
                    let beside = |answer: Option<Answer>| {
                        answer.map_or("nothing".into(), |answer| {
                            format!("{} {}", answer.port(), in_a_word(answer))
                        })
                    };
                    lines.push(detail("unassigned", &stretch(free.low, free.high)));
                    lines.push(detail("below it", &beside(free.below)));
                    lines.push(detail("above it", &beside(free.above)));
                }
                if let Some(row) = answer.unauthorized_use() {
                    lines.push(detail("unauthorized use", row.cell(Column::UnauthorizedUse)));
                    if answer.primary().is_none_or(|primary| primary.number() != row.number()) {
                        as_of(&mut lines, row, true);
                    }
                }
                if let Some(row) = answer.primary() {
                    about(&mut lines, row, registry);
                }
            }
            Found::Row(row) => {
                let place = match row.ports() {
                    Some(_) => format!("port {}", row.cell(Column::PortNumber)),
                    None => "no port".into(),
                };
                let transport = row.transport().map_or("any transport", Transport::name);
                let status = row.kind().status();
                let name = match row.service_name() {
                    "" => "(no name)",
                    name => name,
                };
                lines.push(format!("{name}  {place}, {transport}  {status}"));
                let others = beside(*row);
                if !others.is_empty() {
                    lines.push(detail("same port", &others.join(" ")));
                }
                if let Some(answer) = Found::Row(*row).answer() {
                    lines.push(detail("side by side", &side_by_side(answer).join(" ")));
                }
                if !row.cell(Column::UnauthorizedUse).is_empty() {
                    lines.push(detail("unauthorized use", row.cell(Column::UnauthorizedUse)));
                }
                about(&mut lines, *row, registry);
            }
        }
    }
    lines
}

fn about(lines: &mut Vec<String>, row: Row, registry: &Registry) {
    let mut from_details = false;
    for (column, name) in [
        (Column::Description, "description"),
        (Column::PortNumber, "range of ports"),
        (Column::Reference, "reference"),
        (Column::Assignee, "assignee"),
        (Column::Contact, "contact"),
        (Column::RegistrationDate, "registered"),
        (Column::ModificationDate, "modified"),
        (Column::ServiceCode, "service code"),
        (Column::AssignmentNotes, "notes"),
    ] {
        let text = row.cell(column);
        let is_range = row.ports().is_some_and(|(low, high)| low != high);
        if text.is_empty() || column == Column::PortNumber && !is_range {
            continue;
        }
        from_details |= column.is_detail();
        lines.push(detail(name, text));
        if column == Column::Contact {
            for person in contacts(row) {
                lines.push(detail("", &person));
            }
        }
    }
    as_of(lines, row, from_details || !row.cell(Column::UnauthorizedUse).is_empty());
    if row.details_as_of().is_none() && registry.details_as_of().is_some() {
        lines.push(detail("as of", "assignee, contact, dates and notes of this row are not in this edition"));
    }
}

fn as_of(lines: &mut Vec<String>, row: Row, shows_details: bool) {
    if let Some(date) = row.details_as_of()
        && shows_details
    {
        lines.push(detail("as of", &format!("{date} (assignee, contact, dates, notes)")));
    }
}

fn address_or_network(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// Where the text of a [`detail`] begins.
const TEXT_AT: usize = BEFORE_TEXT.len();
const BEFORE_TEXT: &str = "                    ";

fn detail(name: &str, text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("  {name:17} {text}")
}
