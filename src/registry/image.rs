//! One edition of the registry as a single run of bytes: the bundled edition is made at build
//! time and needs no parsing, an edition read from a file is made the same way when it is read.
//!
//! This file stands alone (only the standard library) because the build script uses it too.
//!
//! Layout, all numbers little-endian:
//!
//! | section | element | count |
//! |---|---|---|
//! | header | `magic`, then one `u32` a count | 10 |
//! | texts of the edition | `u32`: a string, in the order of [`Edition`] | 8 |
//! | string ends | `u32`: end of string *i* in the text | strings |
//! | rows | [`row::SIZE`] bytes | rows |
//! | answers | [`answer::SIZE`] bytes | answers |
//! | lists | `u32`: a row | lists |
//! | index | `u32`: an answer, for transport × port | 4 × 65,536 |
//! | names | `u32`: a row, by name without regard to letter case | names |
//! | slots | `u32` first of the names, `u32` how many of them; a hash table | a power of two |
//! | codes | `u32` service code, `u32` row | codes |
//! | contacts | five `u32`: id, name, organization, address, date (strings) | contacts |
//! | text | UTF-8 | rest |

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A column of the registry, in the order of IANA's CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The service name.
    ServiceName,
    /// The port or range of ports.
    PortNumber,
    /// The transport; empty in rows about all transports, and in names without a port.
    TransportProtocol,
    /// The description.
    Description,
    /// Who the port or name is assigned to, as ids of contacts.
    Assignee,
    /// Who to ask, as ids of contacts.
    Contact,
    /// When the row was registered: a year, a month or a day.
    RegistrationDate,
    /// When the row was last changed: a year, a month or a day.
    ModificationDate,
    /// The documents that define the service, such as `[RFC9110]`.
    Reference,
    /// A DCCP Service Code (RFC 4340 section 8.1.2), as a number.
    ServiceCode,
    /// What IANA knows of unauthorized use.
    UnauthorizedUse,
    /// Notes on the assignment.
    AssignmentNotes,
}

/// How many columns the registry has.
pub const COLUMN_COUNT: usize = 12;

impl Column {
    /// Every column, in the order of IANA's CSV file.
    pub const ALL: [Column; COLUMN_COUNT] = [
        Column::ServiceName,
        Column::PortNumber,
        Column::TransportProtocol,
        Column::Description,
        Column::Assignee,
        Column::Contact,
        Column::RegistrationDate,
        Column::ModificationDate,
        Column::Reference,
        Column::ServiceCode,
        Column::UnauthorizedUse,
        Column::AssignmentNotes,
    ];

    /// The columns whose cells have a syntax that the index is made from.
    pub const OF_THE_INDEX: [Column; 4] =
        [Column::ServiceName, Column::PortNumber, Column::TransportProtocol, Column::ServiceCode];

    /// The name in IANA's CSV file.
    pub const fn name(self) -> &'static str {
        match self {
            Column::ServiceName => "Service Name",
            Column::PortNumber => "Port Number",
            Column::TransportProtocol => "Transport Protocol",
            Column::Description => "Description",
            Column::Assignee => "Assignee",
            Column::Contact => "Contact",
            Column::RegistrationDate => "Registration Date",
            Column::ModificationDate => "Modification Date",
            Column::Reference => "Reference",
            Column::ServiceCode => "Service Code",
            Column::UnauthorizedUse => "Unauthorized Use Reported",
            Column::AssignmentNotes => "Assignment Notes",
        }
    }

    /// The name as one word: the key in JSON, the column in SQL.
    pub const fn key(self) -> &'static str {
        match self {
            Column::ServiceName => "service_name",
            Column::PortNumber => "port_number",
            Column::TransportProtocol => "transport_protocol",
            Column::Description => "description",
            Column::Assignee => "assignee",
            Column::Contact => "contact",
            Column::RegistrationDate => "registration_date",
            Column::ModificationDate => "modification_date",
            Column::Reference => "reference",
            Column::ServiceCode => "service_code",
            Column::UnauthorizedUse => "unauthorized_use_reported",
            Column::AssignmentNotes => "assignment_notes",
        }
    }

    /// What the column holds.
    pub const fn meaning(self) -> &'static str {
        match self {
            Column::ServiceName => "service name",
            Column::PortNumber => "port, or range of ports",
            Column::TransportProtocol => {
                "transport; empty in rows about all transports, and in names without a port"
            }
            Column::Description => "description",
            Column::Assignee => "who the name or port is assigned to, as ids of contacts",
            Column::Contact => "who to ask, as ids of contacts",
            Column::RegistrationDate => "when it was registered: a year, a month or a day",
            Column::ModificationDate => "when the row was last changed: a year, a month or a day",
            Column::Reference => "the documents that define the service, such as `[RFC9110]`",
            Column::ServiceCode => "DCCP Service Code (RFC 4340 section 8.1.2), as a number",
            Column::UnauthorizedUse => "what IANA knows of unauthorized use",
            Column::AssignmentNotes => "notes on the assignment",
        }
    }

    /// Whether the column is one of the details, which stand at a date of their own
    /// ([`crate::registry::Row::details_as_of`]): all but name, ports, transport, description and
    /// reference.
    pub const fn is_detail(self) -> bool {
        !matches!(
            self,
            Column::ServiceName
                | Column::PortNumber
                | Column::TransportProtocol
                | Column::Description
                | Column::Reference
        )
    }

    /// The column's place in a row, from 0.
    #[inline]
    pub const fn place(self) -> usize {
        self as usize
    }
}

const MAGIC: [u8; 8] = *b"psreg\x02\0\0";
const COUNTS: usize = 10;
const HEADER: usize = 8 + COUNTS * 4;
/// Bytes of one contact.
pub const CONTACT_SIZE: usize = 5 * NUMBER;
/// The longest a port range may make the index, over all rows: IANA's registry covers every port
/// of every transport about once, and a file that covers them sixteen times over was made to hurt.
pub const MOST_PORTS_COVERED: usize = 16 * 4 * 65536;
/// Bytes of a number.
pub const NUMBER: usize = 4;

/// Where the parts of a row stand, in bytes from its beginning. Its cells come first.
pub mod row {
    use super::{COLUMN_COUNT, NUMBER};

    /// The date of name, port, transport, description and reference, a string.
    pub const NAMES_AS_OF: usize = COLUMN_COUNT * NUMBER;
    /// The date of the other cells, a string.
    pub const DETAILS_AS_OF: usize = NAMES_AS_OF + NUMBER;
    /// The lowest port, 16 bits, and the highest above it.
    pub const PORTS: usize = DETAILS_AS_OF + NUMBER;
    /// Whether there are ports, 8 bits; above it the transport, above that the kind.
    pub const TRAITS: usize = PORTS + NUMBER;
    /// Bytes of one row.
    pub const SIZE: usize = TRAITS + NUMBER;
}

/// Where the numbers of an answer stand, in bytes from its beginning.
pub mod answer {
    use super::NUMBER;

    /// The status.
    pub const STATUS: usize = 0;
    /// The row that decides the status.
    pub const PRIMARY: usize = STATUS + NUMBER;
    /// The first of the answer's rows in the lists.
    pub const LIST: usize = PRIMARY + NUMBER;
    /// How many rows the answer has.
    pub const LIST_LENGTH: usize = LIST + NUMBER;
    /// The row that notes unauthorized use.
    pub const UNAUTHORIZED_USE: usize = LIST_LENGTH + NUMBER;
    /// The row that notes a widespread use.
    pub const WIDESPREAD_USE: usize = UNAUTHORIZED_USE + NUMBER;
    /// Bytes of one answer.
    pub const SIZE: usize = WIDESPREAD_USE + NUMBER;
}

/// Bytes of one slot: where the rows of a name begin, and how many they are.
pub const SLOT_SIZE: usize = 2 * NUMBER;
/// Bytes of one service code and its row.
pub const CODE_SIZE: usize = 2 * NUMBER;

/// A text on the edition as a whole, in the order of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditionText {
    /// The date of the edition.
    Date,
    /// Where it comes from.
    Source,
    /// The date that details stand at, where it is another.
    DetailsAsOf,
    /// The registry's title.
    Title,
    /// The registry's own note.
    Note,
    /// The experts that review requests.
    Experts,
    /// The documents that define the registry.
    Reference,
    /// Footnotes, each with its anchor in brackets in front.
    Footnotes,
}

/// "No row" where a row number stands.
pub const NO_ROW: u32 = u32::MAX;
/// The first dynamic port (RFC 6335 section 6).
pub const FIRST_DYNAMIC: u16 = 49152;

/// What one row says of its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A service name, or a description of one.
    Registered = 0,
    /// De-registered, removed, deprecated or de-commissioned.
    Withdrawn = 1,
    /// Held back by IANA.
    Reserved = 2,
    /// Free.
    Unassigned = 3,
}

/// What the registry says of one port on one transport; see [`crate::registry::Status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Status {
    /// A service is registered here.
    Registered = 0,
    /// A service was registered here, and is not any more.
    Withdrawn = 1,
    /// IANA holds the port back.
    Reserved = 2,
    /// Nothing for this transport, a service for another.
    OtherTransport = 3,
    /// Nobody has registered it.
    Unassigned = 4,
    /// 49152 and above: never assigned.
    Dynamic = 5,
}

/// One row as it was read, with where its columns come from.
#[derive(Clone, Debug, Default)]
pub struct SourceRow {
    /// The twelve cells, in the order of [`Column::ALL`].
    pub cells: [String; 12],
    /// The date that name, port, description and reference stand at, empty for the edition's own.
    pub names_as_of: String,
    /// The date that the other columns stand at, empty for the edition's own.
    pub details_as_of: String,
}

/// One entry of the registry's contact table: id, name, organization, address, date.
pub type SourceContact = [String; 5];

/// What a file says of the registry as a whole, beside its rows; empty where it says nothing.
#[allow(clippy::struct_field_names, reason = "the date of an edition is called the edition")]
#[derive(Clone, Debug, Default)]
pub struct Edition {
    /// The date of the edition.
    pub edition: String,
    /// Where it comes from.
    pub source: String,
    /// The date that details stand at, where it is another.
    pub details_as_of: String,
    /// The registry's title.
    pub title: String,
    /// The registry's own note.
    pub note: String,
    /// The experts that review requests.
    pub experts: String,
    /// The documents that define the registry.
    pub reference: String,
    /// Footnotes, each with its anchor in brackets in front.
    pub footnotes: String,
}

impl Edition {
    /// The text that stands under a heading of IANA's pages; `None` for other headings.
    pub fn under(&mut self, heading: &str) -> Option<&mut String> {
        match heading {
            "Last Updated" => Some(&mut self.edition),
            "Expert(s)" => Some(&mut self.experts),
            "Reference" => Some(&mut self.reference),
            "Note" => Some(&mut self.note),
            _ => None,
        }
    }

    /// Trims the texts under these headings.
    pub fn trim(&mut self) {
        for text in [&mut self.edition, &mut self.experts, &mut self.reference, &mut self.note] {
            *text = text.trim().to_owned();
        }
    }

    fn texts(&self) -> [&str; 8] {
        [
            &self.edition,
            &self.source,
            &self.details_as_of,
            &self.title,
            &self.note,
            &self.experts,
            &self.reference,
            &self.footnotes,
        ]
    }
}

/// A cell that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// Which row, from 0.
    pub row: usize,
    /// Which column.
    pub column: Column,
    /// What was expected there.
    pub expected: &'static str,
}

/// Reads a port cell: nothing, `443` or `6000-6063`.
pub fn port_range(cell: &str) -> Result<Option<(u16, u16)>, &'static str> {
    const EXPECTED: &str = "a port from 0 to 65535, a range of ports LOW-HIGH, or nothing";
    let number = |text: &str| -> Result<u16, &'static str> {
        // `parse` also takes a leading plus sign.
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(EXPECTED);
        }
        text.parse().map_err(|_| EXPECTED)
    };
    if cell.is_empty() {
        return Ok(None);
    }
    let range = match cell.split_once('-') {
        None => {
            let port = number(cell)?;
            (port, port)
        }
        Some((low, high)) => (number(low)?, number(high)?),
    };
    if range.0 > range.1 {
        return Err(EXPECTED);
    }
    Ok(Some(range))
}

/// Reads a transport cell into the index of the transport.
pub fn transport_index(cell: &str) -> Result<Option<u8>, &'static str> {
    Ok(Some(match cell {
        "" => return Ok(None),
        "tcp" => 0,
        "udp" => 1,
        "sctp" => 2,
        "dccp" => 3,
        _ => return Err("tcp, udp, sctp, dccp or nothing"),
    }))
}

/// Reads a service code.
pub fn service_code(cell: &str) -> Result<Option<u32>, &'static str> {
    const EXPECTED: &str = "a number below 2^32, or nothing";
    if cell.is_empty() {
        return Ok(None);
    }
    if !cell.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EXPECTED);
    }
    cell.parse().map(Some).map_err(|_| EXPECTED)
}

/// How often a row stands in the index: its ports, once for each of its transports.
///
/// # Errors
///
/// The column of a cell that is not a valid port, transport or service code, with what was expected.
pub fn ports_covered(cells: &[String; 12]) -> Result<usize, (Column, &'static str)> {
    let ports = port_range(cells[Column::PortNumber.place()].trim())
        .map_err(|expected| (Column::PortNumber, expected))?;
    let transport = transport_index(cells[Column::TransportProtocol.place()].trim())
        .map_err(|expected| (Column::TransportProtocol, expected))?;
    service_code(cells[Column::ServiceCode.place()].trim())
        .map_err(|expected| (Column::ServiceCode, expected))?;
    let ports = ports.map_or(0, |(low, high)| usize::from(high - low) + 1);
    Ok(ports * if transport.is_some() { 1 } else { 4 })
}

/// The hash of a name, without regard to the case of ASCII letters (FNV-1a).
#[inline]
pub fn name_hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}

/// How the registry says that a service was registered once.
const WITHDRAWN: [&str; 10] = [
    "de-registered",
    "deregistered",
    "removed",
    "deprecated",
    "de-commissioned",
    "decommissioned",
    "decomissioned",
    "de-assigned",
    "deassigned",
    "withdrawn",
];

/// Tells a row's kind from its words.
///
/// The description is asked first: a few withdrawn and reserved rows keep a service name.
pub fn kind(name: &str, description: &str) -> Kind {
    let text = description.trim().trim_start_matches('(').to_ascii_lowercase();
    let says = |word: &str| {
        text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    // `removed` and its like open a description of a real service nowhere; in a row with a name
    // they count only when nothing else is said.
    let alone = |word: &str| text.strip_prefix(word).is_some_and(|rest| rest.trim().is_empty());
    if WITHDRAWN.iter().any(|word| if name.is_empty() { says(word) } else { alone(word) }) {
        Kind::Withdrawn
    } else if says("reserved") {
        Kind::Reserved
    } else if name.is_empty() && (says("unassigned") || text.is_empty()) {
        Kind::Unassigned
    } else {
        Kind::Registered
    }
}

/// Whether a note makes a row a second name beside another.
pub fn is_second_name(notes: &str) -> bool {
    let notes = notes.to_ascii_lowercase();
    ["is an alias", "duplicate of", "is now historic", "no longer in use", "historic, not usable"]
        .iter()
        .any(|words| notes.contains(words))
}

/// What lets another name of the same port lead, what counts most first; of equal rows the first leads.
/// The order was chosen by comparison with the names of other programs (`tests/compare_names.py`).
fn places_behind(cells: &[String; 12]) -> [bool; 5] {
    let cell = |column: Column| cells[column.place()].trim();
    let notes = cell(Column::AssignmentNotes);
    let lower = notes.to_ascii_lowercase();
    [
        is_second_name(notes),
        lower.contains("conflict") || lower.contains("unassigned but widespread"),
        !cell(Column::Reference).contains("[RFC"),
        cell(Column::Description).is_empty(),
        cell(Column::Assignee).is_empty(),
    ]
}

/// The ports within `low..=high` that a note on unauthorized use names; all of them when it
/// names none, or when the row is of one port.
fn ports_noted(note: &str, low: u16, high: u16) -> Vec<(u16, u16)> {
    let mut named = Vec::new();
    if low != high {
        let mut rest = note;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let word_end = rest[start..]
                .find(|c: char| !c.is_ascii_digit() && c != '-')
                .map_or(rest.len(), |n| start + n);
            // "RFC4146" names no port.
            let in_a_word = rest[..start].chars().next_back().is_some_and(char::is_alphanumeric);
            if !in_a_word
                && let Ok(Some((a, b))) = port_range(rest[start..word_end].trim_end_matches('-'))
                && low <= a
                && b <= high
            {
                named.push((a, b));
            }
            rest = &rest[word_end..];
        }
    }
    if named.is_empty() {
        named.push((low, high));
    }
    named
}

/// What is known of one port of one transport while the index is made.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Cell {
    rows: Vec<u32>,
    unauthorized: Option<u32>,
}

/// Makes the image of an edition.
///
/// # Errors
///
/// The first cell that is not a valid port, transport or service code.
pub fn build(rows: &[SourceRow], contacts: &[SourceContact], edition: &Edition) -> Result<Vec<u8>, BadCell> {
    let mut strings = Strings::default();
    let edition: Vec<u32> = edition.texts().iter().map(|text| strings.intern(text)).collect();
    let mut covered = 0;

    let mut row_bytes = Vec::with_capacity(rows.len() * row::SIZE);
    let mut cells: Vec<Cell> = vec![Cell::default(); 4 * 65536];
    let mut kinds = Vec::with_capacity(rows.len());
    let mut names: Vec<u32> = Vec::new();
    let mut codes: Vec<(u32, u32)> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let bad = |column| move |expected| BadCell { row: number, column, expected };
        covered += ports_covered(&row.cells).map_err(|(column, expected)| BadCell {
            row: number,
            column,
            expected,
        })?;
        if covered > MOST_PORTS_COVERED {
            return Err(bad(Column::PortNumber)(
                "a registry that does not cover its ports sixteen times over",
            ));
        }
        let ports =
            port_range(row.cells[Column::PortNumber.place()].trim()).map_err(bad(Column::PortNumber))?;
        let transport = transport_index(row.cells[Column::TransportProtocol.place()].trim())
            .map_err(bad(Column::TransportProtocol))?;
        let kind =
            kind(row.cells[Column::ServiceName.place()].trim(), &row.cells[Column::Description.place()]);
        kinds.push(kind);
        let id = number as u32;
        for text in row.cells.iter().chain([&row.names_as_of, &row.details_as_of]) {
            row_bytes.extend(strings.intern(text).to_le_bytes());
        }
        let (low, high) = ports.unwrap_or((0, 0));
        row_bytes.extend(low.to_le_bytes());
        row_bytes.extend(high.to_le_bytes());
        row_bytes.push(u8::from(ports.is_some()));
        row_bytes.push(transport.unwrap_or(u8::MAX));
        row_bytes.push(kind as u8);
        row_bytes.push(0);
        if !row.cells[Column::ServiceName.place()].trim().is_empty() {
            names.push(id);
        }
        if let Some(code) =
            service_code(row.cells[Column::ServiceCode.place()].trim()).map_err(bad(Column::ServiceCode))?
        {
            codes.push((code, id));
        }
        let Some((low, high)) = ports else { continue };
        let of_transports = match transport {
            Some(transport) => usize::from(transport)..usize::from(transport) + 1,
            None => 0..4,
        };
        let note = &row.cells[Column::UnauthorizedUse.place()];
        let noted = if note.trim().is_empty() { Vec::new() } else { ports_noted(note, low, high) };
        for transport in of_transports {
            for port in low..=high {
                let cell = &mut cells[transport * 65536 + usize::from(port)];
                cell.rows.push(id);
                if noted.iter().any(|&(a, b)| a <= port && port <= b) {
                    cell.unauthorized.get_or_insert(id);
                }
            }
        }
    }

    let mut answers = Answers::default();
    let mut index = Vec::with_capacity(cells.len() * 4);
    for transport in 0..4 {
        for port in 0..=u16::MAX {
            let at = |transport: usize| &cells[transport * 65536 + usize::from(port)];
            let registered =
                |cell: &Cell| cell.rows.iter().any(|&row| kinds[row as usize] == Kind::Registered);
            let elsewhere = (0..4).any(|other| other != transport && registered(at(other)));
            let answer = answers.intern(at(transport), port, elsewhere, rows, &kinds);
            index.extend(answer.to_le_bytes());
        }
    }
    let key = |row: u32| rows[row as usize].cells[Column::ServiceName.place()].trim().to_ascii_lowercase();
    names.sort_by_cached_key(|&row| key(row));
    codes.sort_unstable();
    let slots = slots(&names, key);
    let mut contact_bytes = Vec::with_capacity(contacts.len() * CONTACT_SIZE);
    for text in contacts.iter().flatten() {
        contact_bytes.extend(strings.intern(text).to_le_bytes());
    }

    let counts = [
        strings.ends.len() as u32,
        rows.len() as u32,
        (answers.bytes.len() / answer::SIZE) as u32,
        (answers.lists.len() / 4) as u32,
        names.len() as u32,
        codes.len() as u32,
        strings.text.len() as u32,
        slots.len() as u32,
        contacts.len() as u32,
        edition.len() as u32,
    ];
    let mut image = MAGIC.to_vec();
    for count in counts {
        image.extend(count.to_le_bytes());
    }
    for text in edition {
        image.extend(text.to_le_bytes());
    }
    for end in &strings.ends {
        image.extend(end.to_le_bytes());
    }
    image.extend(row_bytes);
    image.extend(answers.bytes);
    image.extend(answers.lists);
    image.extend(index);
    for row in names {
        image.extend(row.to_le_bytes());
    }
    for (first, count) in slots {
        image.extend(first.to_le_bytes());
        image.extend(count.to_le_bytes());
    }
    for (code, row) in codes {
        image.extend(code.to_le_bytes());
        image.extend(row.to_le_bytes());
    }
    image.extend(contact_bytes);
    image.extend(strings.text);
    Ok(image)
}

/// The hash table of the names: where the rows of a name begin among the sorted names, and how
/// many they are. A slot of none is free.
fn slots(names: &[u32], key: impl Fn(u32) -> String) -> Vec<(u32, u32)> {
    // At most half full, so that a free slot ends every search soon.
    let mut slots = vec![(0, 0); (2 * names.len()).next_power_of_two().max(2)];
    let mut start = 0;
    while start < names.len() {
        let name = key(names[start]);
        let count = names[start..].iter().take_while(|&&row| key(row) == name).count();
        let mut slot = name_hash(&name) as usize % slots.len();
        while slots[slot].1 != 0 {
            slot = (slot + 1) % slots.len();
        }
        slots[slot] = (start as u32, count as u32);
        start += count;
    }
    slots
}

/// Every distinct text once.
#[derive(Default)]
struct Strings {
    known: HashMap<String, u32>,
    ends: Vec<u32>,
    text: Vec<u8>,
}

impl Strings {
    fn intern(&mut self, text: &str) -> u32 {
        if let Some(&id) = self.known.get(text) {
            return id;
        }
        let id = self.ends.len() as u32;
        self.text.extend(text.as_bytes());
        self.ends.push(self.text.len() as u32);
        self.known.insert(text.to_owned(), id);
        id
    }
}

/// Every distinct answer once.
#[derive(Default)]
struct Answers {
    known: HashMap<(Cell, Status), u32>,
    bytes: Vec<u8>,
    lists: Vec<u8>,
}

impl Answers {
    fn intern(&mut self, cell: &Cell, port: u16, elsewhere: bool, rows: &[SourceRow], kinds: &[Kind]) -> u32 {
        let of_kind = |kind: Kind| cell.rows.iter().copied().filter(move |&row| kinds[row as usize] == kind);
        let first = |kind: Kind| of_kind(kind).next();
        let primary = of_kind(Kind::Registered)
            .min_by_key(|&row| places_behind(&rows[row as usize].cells))
            .or_else(|| first(Kind::Withdrawn))
            .or_else(|| first(Kind::Reserved))
            .or_else(|| first(Kind::Unassigned));
        let status = match primary.map(|row| kinds[row as usize]) {
            Some(Kind::Registered) => Status::Registered,
            Some(Kind::Withdrawn) => Status::Withdrawn,
            Some(Kind::Reserved) => Status::Reserved,
            _ if port >= FIRST_DYNAMIC => Status::Dynamic,
            // Port 0 is reserved on every transport (RFC 6335 section 6 assigns from 0 on, RFC
            // 4340 and 9260 forbid it), also where the registry has no row for it.
            None if port == 0 => Status::Reserved,
            None if elsewhere => Status::OtherTransport,
            Some(Kind::Unassigned) | None => Status::Unassigned,
        };
        match self.known.entry((cell.clone(), status)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let id = (self.bytes.len() / answer::SIZE) as u32;
                new.insert(id);
                let widespread = cell.rows.iter().copied().find(|&row| {
                    rows[row as usize].cells[Column::AssignmentNotes.place()]
                        .to_ascii_lowercase()
                        .contains("widespread use")
                });
                let list = (self.lists.len() / 4) as u32;
                for row in &cell.rows {
                    self.lists.extend(row.to_le_bytes());
                }
                for number in [
                    status as u32,
                    primary.unwrap_or(NO_ROW),
                    list,
                    cell.rows.len() as u32,
                    cell.unauthorized.unwrap_or(NO_ROW),
                    widespread.unwrap_or(NO_ROW),
                ] {
                    self.bytes.extend(number.to_le_bytes());
                }
                id
            }
        }
    }
}

/// Where the sections of an image begin.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Texts of the edition (string numbers).
    pub edition: usize,
    /// String ends.
    pub ends: usize,
    /// Rows.
    pub rows: usize,
    /// Number of rows.
    pub row_count: usize,
    /// Answers.
    pub answers: usize,
    /// Lists of rows.
    pub lists: usize,
    /// Transport × port.
    pub index: usize,
    /// Rows by name.
    pub names: usize,
    /// Number of rows with a name.
    pub name_count: usize,
    /// Hash table of the names.
    pub slots: usize,
    /// Number of slots, a power of two.
    pub slot_count: usize,
    /// Service codes.
    pub codes: usize,
    /// Number of service codes.
    pub code_count: usize,
    /// Contacts.
    pub contacts: usize,
    /// Number of contacts.
    pub contact_count: usize,
    /// Text.
    pub text: usize,
}

impl Layout {
    /// Reads where the sections begin. An image is only ever made by [`build`].
    pub fn of(image: &[u8]) -> Layout {
        let count = |n: usize| number(image, 8 + 4 * n) as usize;
        let edition = HEADER;
        let ends = edition + 4 * count(9);
        let rows = ends + 4 * count(0);
        let answers = rows + row::SIZE * count(1);
        let lists = answers + answer::SIZE * count(2);
        let index = lists + 4 * count(3);
        let names = index + 4 * 4 * 65536;
        let slots = names + 4 * count(4);
        let codes = slots + SLOT_SIZE * count(7);
        let contacts = codes + CODE_SIZE * count(5);
        let text = contacts + CONTACT_SIZE * count(8);
        Layout {
            edition,
            ends,
            rows,
            row_count: count(1),
            answers,
            lists,
            index,
            names,
            name_count: count(4),
            slots,
            slot_count: count(7),
            codes,
            code_count: count(5),
            contacts,
            contact_count: count(8),
            text,
        }
    }
}

/// The number at byte `at`.
#[inline]
pub fn number(image: &[u8], at: usize) -> u32 {
    match image.get(at..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => u32::from_le_bytes(*bytes),
        None => 0,
    }
}
