//! IANA's Service Name and Transport Protocol Port Number Registry (RFC 6335).
//!
//! ```
//! use portscribe::registry::{Registry, Status};
//! use portscribe::Transport;
//!
//! let registry = Registry::bundled();
//! let answer = registry.port(Transport::Tcp, 443);
//! assert_eq!(answer.status(), Status::Registered);
//! assert_eq!(answer.service(), Some("https"));
//! assert_eq!(registry.port(Transport::Tcp, 43500).status(), Status::Unassigned);
//! ```
//!
//! The bundled edition is part of the program: no file is read, nothing is parsed, and asking for
//! a port is one step into a table. A registration does not say that traffic on the port is that
//! service, nor that it is wanted; see [`NOTE`].
//!
//! | to | use |
//! |---|---|
//! | load an edition | [`Registry::bundled`], [`read()`], [`read_stream`] |
//! | ask for a port, a name, words | [`Registry::port`], [`Registry::named`], [`Registry::search`], [`Registry::nearest`] |
//! | go through the rows and contacts | [`Registry::rows`], [`Registry::contacts`] |
//! | choose rows, count ports | [`RowFilter`], [`Registry::port_counts`] |
//! | compare editions, check one | [`diff()`], [`check()`] |
//! | write one for other programs | [`export()`] |
//! | add names of one's own network | [`Overlay`], [`Registry::with_overlay`] |
//! | keep and fetch editions | [`store`], [`mod@fetch`] |
//!
//! Nothing here reads or writes a file unless it is called for that, and only [`fetch::fetch`]
//! ever opens a connection.
//!
//! ```
//! use portscribe::Transport;
//! use portscribe::registry::{self, Effect, ReadOptions, Registry, Target};
//!
//! // An edition with one service more: the bundled one, written and read again.
//! let old = Registry::bundled();
//! let mut csv = Vec::new();
//! registry::export(&old, Target::IanaCsv, &mut csv)?;
//! csv.extend_from_slice(b"portscribe-demo,43500,tcp,An example,,,2026-10-01,,,,,\n");
//! let options = ReadOptions { source: "an example", edition: Some("2026-10-01"), ..ReadOptions::default() };
//! let new = registry::read(&csv, &options)?.registry;
//!
//! assert_eq!(new.named("PORTSCRIBE-DEMO").map(|row| row.ports()).collect::<Vec<_>>(), [Some((43500, 43500))]);
//! let diff = registry::diff(&old, &new);
//! assert_eq!(diff.added.len(), 1);
//! assert_eq!(diff.ports_with(Effect::Registered), 1);
//! assert_eq!(diff.ports[0].transport, Transport::Tcp);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod counts;
mod diff;
mod export;
#[cfg(feature = "update")]
pub mod fetch;
mod filter;
#[allow(dead_code, reason = "the build script uses the rest of the shared file")]
mod image;
mod names;
mod overlay;
mod read;
mod search;
pub mod store;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::net::PortRange;
pub use check::{Finding, Rule, check, name_faults};
pub use counts::PortCount;
pub use diff::{Change, Diff, Effect, PortChange, diff};
pub use export::{Target, export};
pub use filter::RowFilter;
pub use image::{Column, Kind, Status};
pub use names::Names;
pub use overlay::{LocalService, Overlay, PassedOver};
pub use read::{Error, Fault, Format, MOST_BYTES, ReadOptions, Reading, read, read_stream};
pub use search::Neighbours;

use crate::Transport;
use crate::foreign::Foreign;
use image::{EditionText, Layout};

/// What IANA says of its registry, in one line: part of every report for people.
pub const NOTE: &str = "A registration does not make traffic legitimate, nor does it prove that \
    the traffic is that service; IANA says so in the registry itself.";

static BUNDLED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/registry.image"));

/// One edition of the registry.
#[derive(Clone)]
pub struct Registry {
    image: Cow<'static, [u8]>,
    layout: Layout,
    overlay: Option<Arc<Overlay>>,
    /// Whether it is not told where it comes from.
    hides_source: bool,
}

impl Registry {
    /// The edition that came with the program.
    pub fn bundled() -> Registry {
        Registry {
            layout: Layout::of(BUNDLED),
            image: Cow::Borrowed(BUNDLED),
            overlay: None,
            hides_source: false,
        }
    }

    fn from_image(image: Vec<u8>) -> Registry {
        Registry { layout: Layout::of(&image), image: Cow::Owned(image), overlay: None, hides_source: false }
    }

    /// The same edition with local names beside the registered ones.
    #[must_use]
    pub fn with_overlay(self, overlay: Overlay) -> Registry {
        Registry { overlay: Some(Arc::new(overlay)), ..self }
    }

    /// The same edition, which does not tell the name of the file that it comes from. The bundled one comes
    /// from none.
    #[must_use]
    pub fn without_file_name(self) -> Registry {
        Registry { hides_source: matches!(self.image, Cow::Owned(_)), ..self }
    }

    /// The local names, where some were given.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_deref()
    }

    /// The date of this edition, `YYYY-MM-DD`, where it is known.
    pub fn edition(&self) -> Option<&str> {
        self.text_of_edition(EditionText::Date)
    }

    /// Where this edition comes from.
    pub fn source(&self) -> &str {
        if self.hides_source {
            return "a file";
        }
        self.text_of_edition(EditionText::Source).unwrap_or_default()
    }

    /// The date that the bundled columns on assignees, dates and notes stand at, where it is
    /// another than the edition's.
    pub fn details_as_of(&self) -> Option<&str> {
        self.text_of_edition(EditionText::DetailsAsOf)
    }

    /// The registry's title.
    pub fn title(&self) -> &str {
        self.text_of_edition(EditionText::Title).unwrap_or_default()
    }

    /// The registry's own note: what its ranges and an assignment mean.
    pub fn note(&self) -> Option<&str> {
        self.text_of_edition(EditionText::Note)
    }

    /// The experts that review requests.
    pub fn experts(&self) -> Option<&str> {
        self.text_of_edition(EditionText::Experts)
    }

    /// The documents that define the registry, as `[RFC6335]`.
    pub fn reference(&self) -> Option<&str> {
        self.text_of_edition(EditionText::Reference)
    }

    /// Footnotes that references such as `[1]` point to.
    pub fn footnotes(&self) -> Option<&str> {
        self.text_of_edition(EditionText::Footnotes)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.layout.row_count
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the registry says of `port` on `transport`. UDP-Lite is answered with UDP's rows
    /// (RFC 3828 section 1).
    #[inline]
    pub fn port(&self, transport: Transport, port: u16) -> Answer<'_> {
        let cell = transport.registered_as() as usize * 65536 + usize::from(port);
        let answer = self.number(self.layout.index + image::NUMBER * cell) as usize;
        Answer { registry: self, at: self.layout.answers + image::answer::SIZE * answer, transport, port }
    }

    /// The rows in registry order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.len()).map(|number| self.row(number as u32))
    }

    /// The rows whose service name is `name`, whatever the case of its (ASCII) letters, in
    /// registry order.
    #[inline]
    pub fn named(&self, name: &str) -> Named<'_> {
        let mask = self.layout.slot_count.wrapping_sub(1);
        let mut slot = image::name_hash(name) as usize & mask;
        loop {
            let at = self.layout.slots + image::SLOT_SIZE * slot;
            let (first, count) = (self.number(at), self.number(at + image::NUMBER));
            if count == 0 {
                return Named { registry: self, next: 0, end: 0 };
            }
            let row = self.row(self.number(self.layout.names + image::NUMBER * first as usize));
            if self.bytes(self.number(row.at)).eq_ignore_ascii_case(name.as_bytes()) {
                return Named { registry: self, next: first, end: first + count };
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The contacts that the registry lists, in its order. The bundled edition has those of two
    /// printed pages only.
    pub fn contacts(&self) -> impl ExactSizeIterator<Item = Contact<'_>> {
        (0..self.layout.contact_count).map(|n| {
            let at = self.layout.contacts + image::CONTACT_SIZE * n;
            let [id, name, organization, uri, updated] =
                std::array::from_fn(|cell| self.text(self.number(at + image::NUMBER * cell)));
            Contact { id, name, organization, uri, updated }
        })
    }

    /// The contact of an id, as it appears in the columns `Assignee` and `Contact`: `[Jon_Postel]`.
    pub fn contact(&self, id: &str) -> Option<Contact<'_>> {
        self.contacts().find(|contact| contact.id == id)
    }

    /// The rows that carry a DCCP Service Code (RFC 4340 section 8.1.2).
    pub fn service_code(&self, code: u32) -> impl Iterator<Item = Row<'_>> {
        (0..self.layout.code_count)
            .map(|n| self.layout.codes + image::CODE_SIZE * n)
            .filter(move |&at| self.number(at) == code)
            .map(|at| self.row(self.number(at + image::NUMBER)))
    }

    fn row(&self, number: u32) -> Row<'_> {
        Row { registry: self, number, at: self.layout.rows + image::row::SIZE * number as usize }
    }

    #[inline]
    fn number(&self, at: usize) -> u32 {
        image::number(&self.image, at)
    }

    fn text(&self, id: u32) -> &str {
        std::str::from_utf8(self.bytes(id)).unwrap_or_default()
    }

    #[inline]
    fn bytes(&self, id: u32) -> &[u8] {
        let end = |id: u32| self.number(self.layout.ends + image::NUMBER * id as usize) as usize;
        let start = if id == 0 { 0 } else { end(id - 1) };
        self.image.get(self.layout.text + start..self.layout.text + end(id)).unwrap_or_default()
    }

    fn text_of_edition(&self, which: EditionText) -> Option<&str> {
        Some(self.text(self.number(self.layout.edition + image::NUMBER * which as usize)))
            .filter(|text| !text.is_empty())
    }
}

/// The rows of one service name; see [`Registry::named`].
#[derive(Clone, Debug)]
pub struct Named<'r> {
    registry: &'r Registry,
    next: u32,
    end: u32,
}

impl<'r> Iterator for Named<'r> {
    type Item = Row<'r>;

    #[inline]
    fn next(&mut self) -> Option<Row<'r>> {
        if self.next == self.end {
            return None;
        }
        let registry = self.registry;
        let row = registry.row(registry.number(registry.layout.names + image::NUMBER * self.next as usize));
        self.next += 1;
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.end - self.next) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Named<'_> {}

/// One entry of the registry's contact table. Texts are empty where the table has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Contact<'r> {
    /// The id, in brackets as the rows have it.
    pub id: &'r str,
    /// The person's name.
    pub name: &'r str,
    /// The organization.
    pub organization: &'r str,
    /// The address. The registry has `&` for `@`.
    pub uri: &'r str,
    /// The date of the entry, as precise as the registry has it.
    pub updated: &'r str,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("edition", &self.edition())
            .field("source", &self.source())
            .field("rows", &self.len())
            .finish()
    }
}

crate::text::serialize_by_name!(Status);

impl Status {
    /// Every status, in the order of the documentation.
    pub const ALL: [Status; 6] = [
        Status::Registered,
        Status::Reserved,
        Status::Withdrawn,
        Status::OtherTransport,
        Status::Unassigned,
        Status::Dynamic,
    ];

    /// The word that outputs use; it does not change between versions.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Registered => "registered",
            Status::Reserved => "reserved",
            Status::Withdrawn => "withdrawn",
            Status::OtherTransport => "other-transport",
            Status::Unassigned => "unassigned",
            Status::Dynamic => "dynamic",
        }
    }

    /// What the status means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            Status::Registered => "a service is registered for this port and transport",
            Status::Reserved => "IANA holds the port back on this transport",
            Status::Withdrawn => "a service was registered here, and is not any more",
            Status::OtherTransport => "nothing for this transport, a service for another",
            Status::Unassigned => "nobody has registered the port",
            Status::Dynamic => "49152 and above: never assigned to anyone",
        }
    }

    fn from_number(number: u32) -> Status {
        Status::ALL.into_iter().find(|&status| status as u32 == number).unwrap_or(Status::Unassigned)
    }
}

impl Kind {
    /// The status of a port of which this is all there is to say.
    pub const fn status(self) -> Status {
        match self {
            Kind::Registered => Status::Registered,
            Kind::Withdrawn => Status::Withdrawn,
            Kind::Reserved => Status::Reserved,
            Kind::Unassigned => Status::Unassigned,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What the registry says of one port on one transport.
#[derive(Clone, Copy)]
pub struct Answer<'r> {
    registry: &'r Registry,
    at: usize,
    transport: Transport,
    port: u16,
}

impl<'r> Answer<'r> {
    /// The port asked for.
    pub fn port(self) -> u16 {
        self.port
    }

    /// The transport asked for.
    pub fn transport(self) -> Transport {
        self.transport
    }

    /// The port's range (RFC 6335 section 6).
    pub fn range(self) -> PortRange {
        PortRange::of(self.port)
    }

    /// What the registry says, in one word.
    #[inline]
    pub fn status(self) -> Status {
        Status::from_number(self.registry.number(self.at + image::answer::STATUS))
    }

    /// The row that decides the status: the primary name's where one is registered.
    pub fn primary(self) -> Option<Row<'r>> {
        self.row_at(image::answer::PRIMARY)
    }

    /// The registered service name; of several, the one that leads. `None` where nothing is registered,
    /// or only a description is.
    ///
    /// Last come names that a note calls an alias, a duplicate, historic or no longer in use, and before
    /// them those that it calls a conflict or an unassigned use. Of the others, one with an RFC leads
    /// before one without, then one with a description, then one with an assignee, then the first.
    pub fn service(self) -> Option<&'r str> {
        if self.status() != Status::Registered {
            return None;
        }
        self.primary().map(Row::service_name).filter(|name| !name.is_empty())
    }

    /// The other names registered for the same port and transport, in registry order.
    pub fn aliases(self) -> impl Iterator<Item = &'r str> {
        let primary = self.service();
        let shown = primary.is_some();
        self.rows()
            .filter(move |row| shown && row.kind() == Kind::Registered && Some(row.service_name()) != primary)
            .map(Row::service_name)
            .filter(|name| !name.is_empty())
    }

    /// What the port is called here, on a host, where an overlay says so; see [`Overlay::names`].
    pub fn local_names(self, host: Option<IpAddr>) -> Vec<Foreign<&'r str>> {
        self.registry.overlay().map_or(Vec::new(), |overlay| overlay.names(self.transport, self.port, host))
    }

    /// Every row of this port and transport, those without a transport among them.
    pub fn rows(self) -> impl Iterator<Item = Row<'r>> {
        let registry = self.registry;
        let first = registry.number(self.at + image::answer::LIST) as usize;
        let count = registry.number(self.at + image::answer::LIST_LENGTH) as usize;
        (first..first + count)
            .map(move |n| registry.row(registry.number(registry.layout.lists + image::NUMBER * n)))
    }

    /// The row that notes unauthorized use of this very port.
    pub fn unauthorized_use(self) -> Option<Row<'r>> {
        self.row_at(image::answer::UNAUTHORIZED_USE)
    }

    /// The row that notes a widespread use which was never assigned.
    pub fn widespread_use(self) -> Option<Row<'r>> {
        self.row_at(image::answer::WIDESPREAD_USE)
    }

    /// The other transports on which this port is registered, with what is registered there.
    pub fn other_transports(self) -> impl Iterator<Item = Answer<'r>> {
        let (registry, port, own) = (self.registry, self.port, self.transport.registered_as());
        Transport::REGISTERED
            .into_iter()
            .filter(move |&transport| transport != own)
            .map(move |transport| registry.port(transport, port))
            .filter(|answer| answer.status() == Status::Registered)
    }

    /// The registry that was asked.
    pub fn registry(self) -> &'r Registry {
        self.registry
    }

    fn row_at(self, offset: usize) -> Option<Row<'r>> {
        let row = self.registry.number(self.at + offset);
        (row != image::NO_ROW).then(|| self.registry.row(row))
    }
}

impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("port", &self.port)
            .field("transport", &self.transport)
            .field("status", &self.status())
            .field("service", &self.service())
            .finish()
    }
}

/// One row of the registry. Cells are texts as the registry has them, empty where it has none.
#[derive(Clone, Copy)]
pub struct Row<'r> {
    registry: &'r Registry,
    number: u32,
    at: usize,
}

impl<'r> Row<'r> {
    /// The registry that the row is of.
    pub fn registry(self) -> &'r Registry {
        self.registry
    }

    /// The row's number in the registry, from 1.
    pub fn number(self) -> u32 {
        self.number + 1
    }

    /// The cell of a column.
    pub fn cell(self, column: Column) -> &'r str {
        self.text(image::NUMBER * column.place())
    }

    /// The cells of all columns, in IANA's order.
    pub fn cells(self) -> [&'r str; Column::ALL.len()] {
        Column::ALL.map(|column| self.cell(column))
    }

    /// The text that stands at `offset`.
    fn text(self, offset: usize) -> &'r str {
        self.registry.text(self.registry.number(self.at + offset))
    }

    fn traits(self) -> u32 {
        self.registry.number(self.at + image::row::TRAITS)
    }

    /// The service name, empty in rows that have none.
    pub fn service_name(self) -> &'r str {
        self.cell(Column::ServiceName)
    }

    /// The ports, lowest and highest; `None` for a service without a port.
    pub fn ports(self) -> Option<(u16, u16)> {
        let both = self.registry.number(self.at + image::row::PORTS);
        let has_ports = self.traits() & 0xff == 1;
        has_ports.then_some(((both & 0xffff) as u16, (both >> 16) as u16))
    }

    /// The transport; `None` in rows that count for all four, and in names without a port.
    pub fn transport(self) -> Option<Transport> {
        let index = (self.traits() >> 8) & 0xff;
        Transport::REGISTERED.get(index as usize).copied()
    }

    /// What the row says of its ports.
    pub fn kind(self) -> Kind {
        match (self.traits() >> 16) & 0xff {
            0 => Kind::Registered,
            1 => Kind::Withdrawn,
            2 => Kind::Reserved,
            _ => Kind::Unassigned,
        }
    }

    /// The description.
    pub fn description(self) -> &'r str {
        self.cell(Column::Description)
    }

    /// The date at which assignee, contact, dates, service code, unauthorized use and notes of
    /// this row stand; `None` where no source had them.
    pub fn details_as_of(self) -> Option<&'r str> {
        Some(self.text(image::row::DETAILS_AS_OF)).filter(|text| !text.is_empty())
    }

    /// The date at which name, ports, transport, description and reference of this row stand.
    pub fn names_as_of(self) -> Option<&'r str> {
        Some(self.text(image::row::NAMES_AS_OF)).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.cells()).finish()
    }
}
