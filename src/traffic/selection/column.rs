//! The columns that flows are selected by, each with its kind and where its values come from.

use std::fmt;

use super::item::{Item, Kind, PortAt};
use super::words::{called_here, meant_by};
use crate::evidence::{Alpn, By, NameSource, Role, Spoken, TlsVersion};
use crate::flow::{Basis, Confidence, Side, State};
use crate::foreign::Foreign;
use crate::label::{Agreement, ClearBy, Flag, STATUSES};
use crate::net::PortRange;
use crate::services::Sends;
use crate::text::{nearest, words};
use crate::traffic::LabelledFlow;
use crate::{Transport, label::Label};

/// Hands out the values of a flow; `false` where they are not known.
type Each = fn(&LabelledFlow, &mut dyn FnMut(Item)) -> bool;

/// A column that flows are selected by: one of `flows`, or one that puts several of them together.
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means, where it is no column of `flows`.
    pub about: Option<&'static str>,
    each: Each,
}

impl Column {
    /// The column of a name, or of a word that people use for one.
    pub fn of_name(name: &str) -> Option<&'static Column> {
        let of = |name: &str| COLUMNS.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        // A word of people stands for one column here: those for several have a column of their own.
        let meant = || meant_by(name).iter().find_map(|columns| of(columns.first()?));
        of(name).or_else(meant)
    }

    /// Every column.
    pub fn all() -> impl Iterator<Item = &'static Column> {
        COLUMNS.iter()
    }

    /// The names that a word may have been meant for, or why it cannot be one.
    pub(super) fn instead_of(word: &str) -> String {
        if let Some((_, why)) = NOT_OF_FLOWS.iter().find(|(names, _)| names.contains(&word)) {
            return format!("`{word}` {why}");
        }
        if let Some(instead) = called_here(word) {
            return format!("unknown column `{word}`; {instead}");
        }
        match nearest(word, COLUMNS.iter().map(|column| column.name)).as_slice() {
            [] => format!("unknown column `{word}`"),
            near => format!("unknown column `{word}`; did you mean {}?", near.join(" or ")),
        }
    }

    /// The values of a flow in a few words, where flows have few different ones.
    pub(super) fn words(&self, row: &LabelledFlow, each: &mut dyn FnMut(String)) {
        (self.each)(row, &mut |item| {
            let word = match item {
                Item::Port(PortAt { port, transport: Some(transport), .. }) => format!("{port}/{transport}"),
                Item::Address(address) => address.to_string(),
                Item::Text(text) => text.to_owned(),
                _ => return,
            };
            each(word);
        });
    }

    /// Whether one of the flow's values is like this; `None` where they are not known.
    pub(super) fn any(&self, row: &LabelledFlow, is_it: impl Fn(&Item) -> bool) -> Option<bool> {
        let mut found = false;
        (self.each)(row, &mut |item| found = found || is_it(&item)).then_some(found)
    }

    /// Whether the flow's value is known.
    pub(super) fn is_known(&self, row: &LabelledFlow) -> bool {
        (self.each)(row, &mut |_| {})
    }

    /// Whether it is known only where names of hosts are asked for.
    pub fn is_of_names(&self) -> bool {
        is_of_names(self.name)
    }

    /// Whether it is known only where payload is looked at.
    pub fn is_of_payload(&self) -> bool {
        matches!(self.name, "observed" | "observed_by" | "agreement" | "tls_version" | "alpn" | "alpn_by")
    }
}

/// Whether a column of a result holds names of hosts, which are known only where they are asked for.
pub fn is_of_names(column: &str) -> bool {
    const OF_NAMES: [&str; 9] = [
        "name",
        "client_name",
        "client_name_from",
        "server_name",
        "server_name_from",
        "client_names",
        "client_names_from",
        "server_names",
        "server_names_from",
    ];
    OF_NAMES.contains(&column)
}

/// Columns are the same where their names are.
impl PartialEq for Column {
    fn eq(&self, other: &Column) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Columns of results that are none of flows, and why.
const NOT_OF_FLOWS: &[(&[&str], &str)] = &[
    (&["capture", "first_frame"], "says where a flow begins: name the captures to be read instead"),
    (
        &["client_names", "client_names_from", "server_names", "server_names_from"],
        "is of several flows: select by `client_name` and `server_name`",
    ),
    (&["notes"], "puts flags into sentences: select by `flags`"),
    (
        &[
            "frame",
            "layer",
            "src_address",
            "src_port",
            "dst_address",
            "dst_port",
            "to_server",
            "quoted",
            "length",
        ],
        "is of packets, and flows are selected: see `host`, `port`, `client` and `server`",
    ),
    (
        &["flow_count", "flows", "clients", "servers", "share", "flag_flows", "several", "hour"],
        "is counted over several flows, and each flow is selected before",
    ),
];

/// One value that is always known.
fn always(each: &mut dyn FnMut(Item), item: Item) -> bool {
    each(item);
    true
}

/// One value where there is one.
fn maybe(each: &mut dyn FnMut(Item), item: Option<Item>) -> bool {
    item.map(each).is_some()
}

/// Values of which there may be none, which is not known then.
fn some<'a>(each: &mut dyn FnMut(Item), items: impl Iterator<Item = Item<'a>>) -> bool {
    let mut any = false;
    items.for_each(|item| {
        any = true;
        each(item);
    });
    any
}

fn number(number: impl Into<i128>) -> Item<'static> {
    Item::Number(number.into())
}

/// The port of one end.
fn port<'a>(row: &LabelledFlow<'a>, is_server: bool) -> Option<Item<'a>> {
    let end = if is_server { row.server() } else { row.client() };
    let answer = if is_server { row.label.server } else { row.label.client };
    let transport = row.flow.transport();
    end.port.map(|port| Item::Port(PortAt { address: end.address, port, transport, answer }))
}

/// The names of the server's port that its row has: registered, aliases, local ones.
fn services<'a>(row: &LabelledFlow<'a>) -> impl Iterator<Item = Item<'a>> {
    let label: Label<'a> = row.label;
    let local = row.local_names().into_iter().map(Foreign::into_raw);
    label.service().into_iter().chain(label.aliases()).chain(local).map(Item::Text)
}

fn sides(row: &LabelledFlow) -> [Side; 2] {
    let server = row.label.direction.server;
    [server.other(), server]
}

/// The words of the confidence of a direction.
const CONFIDENCES: &[&str] = &[Confidence::High.name(), Confidence::Medium.name(), Confidence::Low.name()];

/// Defines the columns: name, kind, and what hands out the values of a flow; with what it means where it is
/// no column of `flows`.
macro_rules! columns {
    ($($(#[$on:meta])* $name:literal, $kind:expr, |$row:ident, $each:ident| $body:expr $(, $about:literal)?;)*) => {
        const COLUMNS: &[Column] = &[$($(#[$on])* Column {
            name: $name,
            kind: $kind,
            about: columns!(@ $($about)?),
            each: |$row, $each| $body,
        },)*];
    };
    (@) => { None };
    (@ $about:literal) => { Some($about) };
}

columns! {
    "client", Kind::Address, |row, each| always(each, Item::Address(row.client().address)), "`client_address`";
    "server", Kind::Address, |row, each| always(each, Item::Address(row.server().address)), "`server_address`";
    "host", Kind::Address, |row, each| {
        each(Item::Address(row.client().address));
        always(each, Item::Address(row.server().address))
    }, "address of either end";
    "port", Kind::Port, |row, each| some(each, port(row, false).into_iter().chain(port(row, true))), "port of either end";
    "services", Kind::Text, |row, each| {
        services(row).for_each(each);
        true
    }, "`service`, `aliases` and `local_name` together";
    "packets", Kind::Number, |row, each| always(each, number(row.packets_to_server() + row.packets_to_client())), "packets of both directions";
    "bytes", Kind::Size, |row, each| always(each, number(row.bytes_to_server() + row.bytes_to_client())), "IP bytes of both directions";
    "flag", Kind::Word(words!(Flag)), |row, each| {
        row.label.flags.names().map(Item::Text).for_each(each);
        true
    }, "`flags`";

    "name", Kind::Text, |row, each| {
        some(each, row.client_name().into_iter().chain(row.server_name()).map(|name| Item::Text(name.text.into_raw())))
    }, "name of either end, with --names or --hosts-file";

    "flow", Kind::Number, |row, each| always(each, number(row.number));
    "first_seen", Kind::Time, |row, each| maybe(each, row.flow.first_seen().map(|time| number(time.nanoseconds())));
    "last_seen", Kind::Time, |row, each| maybe(each, row.flow.last_seen().map(|time| number(time.nanoseconds())));
    "duration", Kind::Duration, |row, each| {
        let both = row.flow.first_seen().zip(row.flow.last_seen());
        maybe(each, both.map(|(first, last)| number(last.since(first))))
    };
    "tunnel", Kind::Text, |row, each| some(each, sides(row).into_iter().flat_map(|side| row.tunnels_of(side)).map(Item::Step));
    "vlan", Kind::Number, |row, each| some(each, sides(row).into_iter().flat_map(|side| row.vlans_of(side)).map(number));
    "transport", Kind::Word(words!(Transport)), |row, each| maybe(each, row.flow.transport().map(|one| Item::Text(one.name())));
    "client_address", Kind::Address, |row, each| always(each, Item::Address(row.client().address));
    "client_port", Kind::Port, |row, each| maybe(each, port(row, false));
    "server_address", Kind::Address, |row, each| always(each, Item::Address(row.server().address));
    "server_port", Kind::Port, |row, each| maybe(each, port(row, true));
    "service", Kind::Text, |row, each| maybe(each, row.label.service().map(Item::Text));
    "aliases", Kind::Text, |row, each| {
        row.label.aliases().map(Item::Text).for_each(each);
        true
    };
    // The description of a port without a registration is made for the flow.
    "description", Kind::Text, |row, each| maybe(each, row.label.description().as_deref().map(Item::Text));
    "port_range", Kind::Word(words!(PortRange)), |row, each| maybe(each, row.label.port_range().map(|one| Item::Text(one.name())));
    "status", Kind::Word(STATUSES), |row, each| always(each, Item::Text(row.label.status_name()));
    "flags", Kind::Word(words!(Flag)), |row, each| {
        row.label.flags.names().map(Item::Text).for_each(each);
        true
    };
    "direction_basis", Kind::Word(words!(Basis)), |row, each| always(each, Item::Text(row.label.direction.basis.name()));
    "direction_confidence", Kind::Word(CONFIDENCES), |row, each| always(each, Item::Text(row.label.direction.confidence.name()));
    "state", Kind::Word(words!(State)), |row, each| always(each, Item::Text(row.label.state.name()));
    "packets_to_server", Kind::Number, |row, each| always(each, number(row.packets_to_server()));
    "packets_to_client", Kind::Number, |row, each| always(each, number(row.packets_to_client()));
    "bytes_to_server", Kind::Size, |row, each| always(each, number(row.bytes_to_server()));
    "bytes_to_client", Kind::Size, |row, each| always(each, number(row.bytes_to_client()));
    // It is calculated for the flow.
    #[cfg(feature = "report")]
    "community_id", Kind::Text, |row, each| maybe(each, crate::flow::community_id(&row.flow).as_deref().map(Item::Text));
    "client_service", Kind::Text, |row, each| maybe(each, row.label.client_service().map(Item::Text));
    // A text of DCCP alone.
    "service_code", Kind::Text, |row, each| maybe(each, row.label.service_code().as_deref().map(Item::Text));
    "local_name", Kind::Text, |row, each| {
        row.local_names().into_iter().map(Foreign::into_raw).map(Item::Text).for_each(each);
        true
    };
    "connection", Kind::Number, |row, each| always(each, number(row.connection));
    "in_the_clear", Kind::Word(words!(Sends)), |row, each| maybe(each, row.label.in_the_clear().map(|clear| Item::Text(clear.sends().name())));
    "interface", Kind::Text, |row, each| some(each, row.interfaces().map(Item::Interface));
    "protocol", Kind::Protocol, |row, each| always(each, number(row.flow.protocol().0));
    "protocol_number", Kind::Number, |row, each| always(each, number(row.flow.protocol().0));
    "icmp_type", Kind::Number, |row, each| maybe(each, row.icmp().map(|message| number(message.kind)));
    "icmp_code", Kind::Number, |row, each| maybe(each, row.icmp().and_then(|message| message.code).map(number));
    "observed", Kind::Word(words!(Spoken)), |row, each| maybe(each, row.label.observed().map(|one| Item::Text(one.spoken.name())));
    "observed_by", Kind::Word(words!(By)), |row, each| maybe(each, row.label.observed().map(|one| Item::Text(one.by.name())));
    "agreement", Kind::Word(words!(Agreement)), |row, each| maybe(each, row.label.agreement.map(|one| Item::Text(one.name())));
    "client_name", Kind::Text, |row, each| maybe(each, row.client_name().map(|name| Item::Text(name.text.into_raw())));
    "client_name_from", Kind::Word(words!(NameSource)), |row, each| maybe(each, row.client_name().map(|name| Item::Text(name.source.name())));
    "server_name", Kind::Text, |row, each| maybe(each, row.server_name().map(|name| Item::Text(name.text.into_raw())));
    "server_name_from", Kind::Word(words!(NameSource)), |row, each| maybe(each, row.server_name().map(|name| Item::Text(name.source.name())));
    "in_the_clear_by", Kind::Word(words!(ClearBy)), |row, each| maybe(each, row.label.in_the_clear().map(|clear| Item::Text(clear.by.name())));
    "tls_version", Kind::Word(words!(TlsVersion)), |row, each| maybe(each, row.label.observed().and_then(|one| one.version).map(|one| Item::Text(one.name())));
    "alpn", Kind::Word(words!(Alpn)), |row, each| maybe(each, row.label.observed().and_then(|one| one.alpn).map(|(one, _)| Item::Text(one.name())));
    "alpn_by", Kind::Word(words!(Role)), |row, each| maybe(each, row.label.observed().and_then(|one| one.alpn).map(|(_, by)| Item::Text(by.name())));
}
