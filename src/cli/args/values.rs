//! Values of options: how each is read from its text.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use ipnet::IpNet;

use crate::Transport;
use crate::annotate::{Comments, SplitBy};
use crate::capture::{LinkType, Timestamp, UnknownTime};
use crate::decode::{UdpTunnel, UnknownTunnel};
use crate::evidence::NameSource;
use crate::flow::{LayerChoice, ProtocolChoice};
use crate::label::Agreement;
use crate::net::{PortRange, span as length};
use crate::registry::{Column as RegistryColumn, Status, Target};
use crate::report::lookup::{Query, QueryError};
use crate::report::summary::By;
use crate::report::{Format, ResultKind, Schema};
use crate::review::{DateOrder, FindingKind, Severity, Vantage};
use crate::rules::RulesetFormat;
use crate::traffic::{Column, CopyChoice, Expression, ExpressionError, Kind, Values};

/// In which order flows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Order {
    /// By first packet, after everything was read
    Begin,
    /// As flows end, while the capture is read: by idle time, of live captures also five seconds after a
    /// connection was closed. Memory holds only live flows, and a label uses what is known at that time
    End,
}

/// What a review can write into its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Written {
    Worksheet,
    Xlsx,
    Json,
    Html,
    Nft,
    Aerleon,
    Oscal,
    Parquet,
    Arrow,
}

/// What ends the program with status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOn {
    /// A service or port that the old side does not have
    NewService,
    /// A server of a service that the old side does not have
    NewServer,
    /// A client of a service that the old side does not have
    NewClient,
    /// A service, server or client that the new side does not have
    Gone,
}

/// What ends a review with status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ReviewFailOn {
    /// A finding of at least this severity.
    Severity(Severity),
    /// What the last worksheet does not have, or has alone.
    Change(ReviewChange),
}

/// A difference from the last worksheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ReviewChange {
    /// A row that it does not have.
    NewService,
    /// A client that it does not name: of a row that it has, or of a new one.
    NewClient,
    /// A row that was observed then and not now.
    Gone,
}

impl ReviewChange {
    pub(in crate::cli) const ALL: [ReviewChange; 3] =
        [ReviewChange::NewService, ReviewChange::NewClient, ReviewChange::Gone];

    pub(in crate::cli) const fn name(self) -> &'static str {
        match self {
            ReviewChange::NewService => "new-service",
            ReviewChange::NewClient => "new-client",
            ReviewChange::Gone => "gone",
        }
    }

    /// The findings that tell of it.
    pub(in crate::cli) const fn findings(self) -> &'static [FindingKind] {
        match self {
            ReviewChange::NewService => &[FindingKind::RowNew],
            ReviewChange::NewClient => &[FindingKind::RowNew, FindingKind::ClientsGrew],
            ReviewChange::Gone => &[FindingKind::RowGone],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    Auto,
    Always,
    Never,
}

/// When a pager shows a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Paging {
    /// On a terminal that has fewer lines
    Auto,
    /// Also where it fits the terminal, or there is none
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Progress {
    Auto,
    Never,
}

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TimeForm {
    /// In UTC
    Utc,
    /// In the time zone that TZ names, or else that of this machine
    Local,
    /// As seconds after the first packet
    Relative,
    /// As seconds since 1970-01-01T00:00:00Z
    Epoch,
}

/// A time that a capture, a clock or a time zone may be needed for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) enum When {
    /// A point in time.
    At(Timestamp),
    /// A date and time by the clock that times are written by.
    Civil(jiff::civil::DateTime),
    /// A time of the day on which the captures begin.
    TimeOfDay(jiff::civil::Time),
    /// So long before their end.
    BeforeEnd(Duration),
    /// So long after their beginning.
    AfterBegin(Duration),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<When, String> {
        let is_span = text.ends_with(|last: char| last.is_ascii_alphabetic());
        match (text.split_at_checked(1), is_span) {
            (Some(("-", rest)), true) => return span(rest).map(When::BeforeEnd).map_err(|_| no_when(text)),
            (Some(("+", rest)), true) => return span(rest).map(When::AfterBegin).map_err(|_| no_when(text)),
            _ => {}
        }
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Timestamp::try_from(time).map(When::At).map_err(|_| no_when(text));
        }
        if text.contains(':') && !text.contains('-') {
            return text.parse().map(When::TimeOfDay).map_err(|_| no_when(text));
        }
        if let Ok(time) = text.parse::<jiff::civil::DateTime>() {
            return Ok(When::Civil(time));
        }
        text.parse().map(When::At).map_err(|_| no_when(text))
    }
}

fn no_when(text: &str) -> String {
    format!(
        "invalid time `{text}`; use 10:00 (on the day of the first packet), -1h (before the last packet), +10m (after the \
         first), 2026-01-31T12:00:00Z, 2026-01-31, or seconds since 1970"
    )
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            When::At(time) => time.fmt(f),
            When::Civil(time) => time.fmt(f),
            When::TimeOfDay(time) => time.fmt(f),
            When::BeforeEnd(span) => write!(f, "-{}", in_words(*span)),
            When::AfterBegin(span) => write!(f, "+{}", in_words(*span)),
        }
    }
}

/// A span as `span` takes it.
fn in_words(span: Duration) -> String {
    let whole = span.as_secs();
    match (span.subsec_nanos(), whole) {
        (0, 3600..) if whole.is_multiple_of(3600) => format!("{}h", whole / 3600),
        (0, 60..) if whole.is_multiple_of(60) => format!("{}m", whole / 60),
        _ => format!("{}s", span.as_secs_f64()),
    }
}

/// A time, absolute or by the captures.
pub(super) fn when(text: &str) -> Result<When, String> {
    text.parse()
}

impl ValueEnum for LayerChoice {
    fn value_variants<'a>() -> &'a [LayerChoice] {
        &LayerChoice::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            LayerChoice::Inner => "The innermost header with ports",
            LayerChoice::Outer => "The outermost header with ports",
            LayerChoice::All => "All headers, each in its own flow",
        }))
    }
}

impl ValueEnum for CopyChoice {
    fn value_variants<'a>() -> &'a [CopyChoice] {
        &CopyChoice::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            CopyChoice::Count => "Count every packet, and say how many are copies",
            CopyChoice::Drop => "Count each datagram once (on one thread)",
        }))
    }
}

impl ValueEnum for ProtocolChoice {
    fn value_variants<'a>() -> &'a [ProtocolChoice] {
        &ProtocolChoice::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            ProtocolChoice::Ports => "Protocols with ports: TCP, UDP, SCTP, DCCP, UDP-Lite",
            ProtocolChoice::All => "Also protocols without ports: ICMP, ESP, GRE, OSPF",
        }))
    }
}

/// A selection by one of the options below `--only`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) enum Only {
    Values(&'static str, Values),
    Interface(String),
}

/// The kinds of `--only`, which are names of options, and the columns that they are about.
pub(in crate::cli) const KINDS: [(&str, &str); 11] = [
    ("port", "port"),
    ("server-port", "server_port"),
    ("host", "host"),
    ("client", "client"),
    ("server", "server"),
    ("service", "services"),
    ("status", "status"),
    ("flag", "flag"),
    ("transport", "transport"),
    ("observed", "observed"),
    ("agreement", "agreement"),
];

/// A source of names of hosts.
pub(super) fn name_source() -> impl TypedValueParser<Value = NameSource> {
    words(NameSource::ALL.map(|source| (source, source.name())))
}

pub(super) fn only(text: &str) -> Result<Only, String> {
    let (kind, value) = text.split_once('=').ok_or_else(|| {
        format!("invalid selection `{text}`; use flag=unassigned-port, service=telnet, port=8000-8080 …")
    })?;
    if kind == "interface" {
        return Ok(Only::Interface(value.to_owned()));
    }
    match KINDS.iter().find(|(option, _)| *option == kind) {
        Some(&(option, column)) => Ok(Only::Values(option, values(column, value)?)),
        None => Err(format!(
            "unknown selection kind `{kind}`; kinds are {}, interface",
            KINDS.map(|(option, _)| option).join(", ")
        )),
    }
}

/// Values of a column, as the option that selects by it takes them.
fn values(column: &str, text: &str) -> Result<Values, String> {
    let column = Column::of_name(column).ok_or_else(|| format!("no column {column}"))?;
    Values::read(column, text).map_err(|error| match column.name {
        // Words of the neighbouring columns are easily taken for one another.
        "observed" if Agreement::ALL.iter().any(|one| one.name().eq_ignore_ascii_case(text)) => {
            format!("`{text}` is not a protocol, but a value of --agreement: use --agreement {text}")
        }
        // A single value stands before the message already.
        _ if error.at == (0..text.len()) => error.message,
        _ => error.to_string(),
    })
}

/// An option's values of a column: several with commas between them, each behind `!` where flows with it are
/// left out. Help and completion show the words of a column that has a few.
#[derive(Clone, Copy)]
pub(super) struct ListOf(pub(super) &'static str);

impl TypedValueParser for ListOf {
    type Value = Values;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Values, clap::Error> {
        let column = self.0;
        (move |text: &str| values(column, text)).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        match Column::of_name(self.0)?.kind {
            Kind::Word(words) => Some(Box::new(words.iter().map(|word| PossibleValue::new(*word)))),
            _ => None,
        }
    }
}

/// The condition of `--where`.
pub(super) fn expression(text: &str) -> Result<Expression, String> {
    text.parse().map_err(|error: ExpressionError| {
        format!("{error}\n`portscribe help where` lists columns and operators")
    })
}

/// Why `review` takes no `--where`.
pub(super) fn no_expression(_: &str) -> Result<(), String> {
    Err("a review is about all flows: rows would be unused, and rules unneeded, only since flows were left out. \
         Use --since and --until, or `flows --where` to list flows"
        .to_owned())
}

/// Why `packets` takes no `--sort`.
pub(super) fn no_order(_: &str) -> Result<(), String> {
    Err("packets stay in the order in which they were captured, and are not all in memory. Use --head N for the first \
         ones, --where for some, or `flows --sort` for flows"
        .to_owned())
}

/// A number of rows to show.
pub(super) fn number_of_rows(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<usize>() {
        Ok(0) => {
            Err("no row would be shown; use 1 or more, or `summary` for totals without rows of flows"
                .to_owned())
        }
        Ok(number) => NonZeroUsize::new(number).ok_or_else(String::new),
        Err(_) => Err(format!("invalid number of rows `{text}`; use 1 or more, such as 20")),
    }
}

/// The number of a flow.
pub(super) fn flow_number(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(0) => Err("flows are numbered from 1".to_owned()),
        Ok(number) => Ok(number),
        Err(_) if text.parse::<std::net::SocketAddr>().is_ok() => Err(format!(
            "`{text}` is an end of flows: name it behind the captures, without --flow: portscribe explain CAPTURE {text}"
        )),
        Err(_) if text.parse::<IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok() => Err(format!(
            "`{text}` is an address: `portscribe flows CAPTURE --host {text}` lists its flows with their numbers"
        )),
        Err(_) if text.starts_with("1:") => {
            Err(format!("`{text}` looks like a Community ID: use --community-id {text}"))
        }
        Err(_) => Err(format!("invalid number of a flow `{text}`; it stands in the column flow of `flows`")),
    }
}

/// A span of time in seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("invalid number of seconds `{text}`"))?;
    if !(0.0..9.0e9).contains(&seconds) {
        return Err(format!("{seconds} seconds is out of range"));
    }
    Ok(Duration::from_nanos((seconds * 1e9) as u64))
}

/// When flows end without a packet, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct IdleTimeout {
    pub(in crate::cli) connections: bool,
    pub(in crate::cli) datagrams: bool,
    pub(in crate::cli) after: Duration,
}

impl FromStr for IdleTimeout {
    type Err = String;

    fn from_str(text: &str) -> Result<IdleTimeout, String> {
        let (connections, datagrams, seconds) = match text.split_once('=') {
            None => (true, true, text),
            Some(("tcp", seconds)) => (true, false, seconds),
            Some(("udp", seconds)) => (false, true, seconds),
            Some((other, _)) => return Err(format!("unknown time-out `{other}`; use tcp or udp")),
        };
        Ok(IdleTimeout { connections, datagrams, after: self::seconds(seconds)? })
    }
}

pub(super) fn words<T: Clone + Send + Sync + 'static>(
    all: impl IntoIterator<Item = (T, &'static str)>,
) -> impl TypedValueParser<Value = T> {
    let all: Vec<(T, &'static str)> = all.into_iter().collect();
    PossibleValuesParser::new(all.iter().map(|(_, word)| *word).collect::<Vec<_>>()).map(move |text| {
        let (value, _) = all.iter().find(|(_, word)| *word == text).unwrap_or(&all[0]);
        value.clone()
    })
}

pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    let word = |format: Format| PossibleValue::new(format.name()).aliases(format.aliases());
    PossibleValuesParser::new(Format::ALL.map(word)).map(|text| text.parse().unwrap_or(Format::Csv))
}

/// `KEY=VALUE` of a folder that is a partition: plain words, which every system takes for names.
pub(super) fn partition(text: &str) -> Result<(String, String), String> {
    let is_plain =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    match text.split_once('=') {
        Some(("eventDay", _)) => Err("eventDay is the day of the first packet".to_owned()),
        Some((key, value)) if is_plain(key) && is_plain(value) => Ok((key.to_owned(), value.to_owned())),
        _ => {
            Err("use KEY=VALUE of ASCII letters, digits, `.`, `_` and `-`, such as region=eu-west-1"
                .to_owned())
        }
    }
}

pub(super) fn schema() -> impl TypedValueParser<Value = Schema> {
    words(Schema::ALL.map(|schema| (schema, schema.name())))
}

pub(super) fn status() -> impl TypedValueParser<Value = Status> {
    words(Status::ALL.map(|status| (status, status.name())))
}

pub(super) fn transport() -> impl TypedValueParser<Value = Transport> {
    words(Transport::ALL.map(|transport| (transport, transport.name())))
}

pub(super) fn target() -> impl TypedValueParser<Value = Target> {
    words(Target::ALL.map(|target| (target, target.name())))
}

pub(super) fn range() -> impl TypedValueParser<Value = PortRange> {
    words(PortRange::ALL.map(|range| (range, range.name())))
}

/// A date as precise as the registry has them.
pub(super) fn date(text: &str) -> Result<String, String> {
    let complete = format!("{text}{}", "2000-01-01".get(text.len()..).unwrap_or_default());
    match complete.parse::<jiff::civil::Date>() {
        Ok(_) if matches!(text.len(), 4 | 7 | 10) => Ok(text.to_owned()),
        _ => Err(format!("invalid date `{text}`; use 2024, 2024-03 or 2024-03-18")),
    }
}

pub(super) fn column_text(text: &str) -> Result<(RegistryColumn, String), String> {
    let (column, text) = text.split_once('=').ok_or("expected COLUMN=TEXT")?;
    match RegistryColumn::ALL.into_iter().find(|one| one.key() == column) {
        Some(column) => Ok((column, text.to_lowercase())),
        None => Err(format!(
            "unknown column `{column}`; use one of {}",
            RegistryColumn::ALL.map(RegistryColumn::key).join(", ")
        )),
    }
}

pub(super) fn result() -> impl TypedValueParser<Value = ResultKind> {
    words(ResultKind::ALL.map(|result| (result, result.name())))
}

pub(super) fn comments() -> impl TypedValueParser<Value = Comments> {
    words(Comments::ALL.map(|comments| (comments, comments.name())))
}

pub(super) fn split_by() -> impl TypedValueParser<Value = SplitBy> {
    words(SplitBy::ALL.map(|key| (key, key.name())))
}

/// A key of summaries. Help and completion show the words, which are not all that there is.
#[derive(Clone, Copy)]
pub(super) struct KeyOf;

impl TypedValueParser for KeyOf {
    type Value = By;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<By, clap::Error> {
        (|text: &str| text.parse::<By>()).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(By::ALL.iter().map(|(_, word)| PossibleValue::new(*word))))
    }
}

pub(super) fn written() -> impl TypedValueParser<Value = Written> {
    words([
        (Written::Worksheet, "worksheet"),
        (Written::Xlsx, "xlsx"),
        (Written::Json, "json"),
        (Written::Html, "html"),
        (Written::Nft, "nft"),
        (Written::Aerleon, "aerleon"),
        (Written::Oscal, "oscal"),
        (Written::Parquet, "parquet"),
        (Written::Arrow, "arrow"),
    ])
}

pub(super) fn rules_format() -> impl TypedValueParser<Value = RulesetFormat> {
    words(RulesetFormat::ALL.map(|one| (one, one.name())))
}

pub(super) fn review_fail_on() -> impl TypedValueParser<Value = ReviewFailOn> {
    let severities = Severity::ALL.map(|severity| (ReviewFailOn::Severity(severity), severity.name()));
    let changes = ReviewChange::ALL.map(|change| (ReviewFailOn::Change(change), change.name()));
    words([&severities[..], &changes].concat())
}

pub(super) fn vantage() -> impl TypedValueParser<Value = Vantage> {
    words([Vantage::Outside, Vantage::Inside, Vantage::Host].map(|vantage| (vantage, vantage.name())))
}

pub(super) fn date_order() -> impl TypedValueParser<Value = DateOrder> {
    words([DateOrder::MonthFirst, DateOrder::DayFirst].map(|order| (order, order.name().unwrap_or(""))))
}

pub(super) fn renamed_zone(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.to_owned(), new.to_owned())),
        _ => Err(format!("invalid names `{text}`; use OLD=NEW, such as users=office")),
    }
}

pub(super) fn interface(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, zone)) if !name.is_empty() && !zone.is_empty() => Ok((name.to_owned(), zone.to_owned())),
        _ => Err(format!("invalid interface and zone `{text}`; use NAME=ZONE, such as eth0=clients")),
    }
}

/// Networks that one name stands for.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Networks(pub(in crate::cli) Vec<IpNet>);

pub(super) fn group(text: &str) -> Result<(String, Networks), String> {
    let wrong = |what: &str| format!("{what}; use ID=NETWORKS, such as sg-1a2b=10.0.1.0/24,10.0.2.7");
    let (id, networks) = text.split_once('=').ok_or_else(|| wrong(&format!("invalid group `{text}`")))?;
    let networks: Result<Vec<IpNet>, String> = networks
        .split(',')
        .map(|word| network(word).map_err(|_| wrong(&format!("invalid address or network `{word}`"))))
        .collect();
    if id.is_empty() { Err(wrong("missing group name")) } else { Ok((id.to_owned(), Networks(networks?))) }
}

pub(super) fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| format!("invalid date `{text}`; use YYYY-MM-DD, such as 2026-11-22"))
}

/// A span of time, in seconds.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let wrong = || format!("invalid time span `{text}`; use 42d, 12h, 15m or 30s");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        'd' => length::DAY,
        'h' => length::HOUR,
        'm' => length::MINUTE,
        's' => 1.0,
        _ => return Err(wrong()),
    };
    match text[..text.len() - 1].parse::<f64>() {
        Ok(number) if number > 0.0 => Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// Words to search for; without any, every row would have them all.
pub(super) fn some_words(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("expected a word to search for".into()) } else { Ok(text.to_owned()) }
}

pub(super) fn query(text: &str) -> Result<(String, Query), String> {
    Ok((text.to_owned(), text.parse().map_err(|error: QueryError| error.to_string())?))
}

pub(super) fn port_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let port =
        |text: &str| text.parse::<u16>().map_err(|_| format!("invalid port `{text}`; ports are 0 to 65535"));
    let (low, high) = match text.split_once('-') {
        Some((low, high)) => (port(low)?, port(high)?),
        None => (port(text)?, port(text)?),
    };
    if low > high {
        return Err(format!("invalid range `{low}-{high}`; the lower port comes first"));
    }
    Ok(low..=high)
}

/// What `--tunnel` is for.
pub(super) fn tunnel_kinds() -> String {
    let kinds: Vec<&str> = UdpTunnel::ALL.iter().map(|kind| kind.name()).collect();
    format!(
        "Decode a UDP port as a tunnel: {} (repeatable; registered ports need no option)",
        kinds.join(", ")
    )
}

pub(super) fn tunnel(text: &str) -> Result<(UdpTunnel, u16), String> {
    let (kind, port) = text
        .split_once('=')
        .ok_or_else(|| format!("invalid tunnel `{text}`; use KIND=PORT, such as vxlan=8472"))?;
    let number = port.parse().map_err(|_| format!("invalid port `{port}`; ports are 0 to 65535"))?;
    Ok((kind.parse().map_err(|error: UnknownTunnel| error.to_string())?, number))
}

pub(super) fn link_type(text: &str) -> Result<(LinkType, LinkType), String> {
    let (user, name) = text
        .split_once('=')
        .ok_or_else(|| format!("invalid link types `{text}`; use USERn=NAME, such as USER2=PKTAP"))?;
    let read = |text: &str| text.parse::<LinkType>().map_err(|error| error.to_string());
    let user = read(user)?;
    if user.user().is_none() {
        return Err(format!("{user} is not a private-use link type; those are USER0 to USER15"));
    }
    Ok((user, read(name)?))
}

pub(super) fn network(text: &str) -> Result<IpNet, String> {
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Ok(address.into());
    }
    text.parse::<IpNet>()
        .map(|network| network.trunc())
        .map_err(|_| format!("invalid address or network `{text}`; use 192.0.2.7 or 192.0.2.0/24"))
}

/// How many times as much is told.
pub(super) fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor > 1.0 && factor.is_finite() => Ok(factor),
        _ => Err(format!("invalid factor `{text}`; use a number above 1, such as 10")),
    }
}

/// RFC 3339, a date, a date and time in UTC, or seconds since 1970.
pub(super) fn time(text: &str) -> Result<Timestamp, UnknownTime> {
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_timeouts_name_what_they_are_for() {
        let both = IdleTimeout { connections: true, datagrams: true, after: Duration::from_millis(1500) };
        assert_eq!("1.5".parse(), Ok(both));
        assert_eq!("tcp=1.5".parse(), Ok(IdleTimeout { datagrams: false, ..both }));
        assert_eq!("udp=1.5".parse(), Ok(IdleTimeout { connections: false, ..both }));
        for text in ["", "-1", "icmp=1", "nan", "1e10"] {
            assert!(text.parse::<IdleTimeout>().is_err(), "{text}");
        }
    }

    #[test]
    fn spans_of_time_name_their_unit() {
        assert_eq!(span("42d"), Ok(Duration::from_hours(42 * 24)));
        assert_eq!(span("1.5h"), Ok(Duration::from_mins(90)));
        assert_eq!(span("15m"), Ok(Duration::from_mins(15)));
        assert_eq!(span("30s"), Ok(Duration::from_secs(30)));
        for text in ["", "d", "42", "-1d", "0s", "infd", "nand", "4\u{b5}", "1d2h"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_points_or_stand_to_the_captures() {
        let of = |text: &str| when(text).map(|when| when.to_string());
        for (text, expected) in [
            ("10:00", "10:00:00"),
            ("23:59:30.5", "23:59:30.5"),
            ("-1h", "-1h"),
            ("-2d", "-48h"),
            ("-1.5m", "-90s"),
            ("+10s", "+10s"),
            ("2026-01-31", "2026-01-31T00:00:00"),
            ("2026-01-31 12:30", "2026-01-31T12:30:00"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000000Z"),
            ("2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00.000000000Z"),
            ("1769860800", "2026-01-31T12:00:00.000000000Z"),
            ("-1", "1969-12-31T23:59:59.000000000Z"),
        ] {
            assert_eq!(of(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["", "noon", "25:00", "1h", "-h", "--1h", "+", "-", "10:00:00:00", "2026-13-01"] {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_interface_names_its_zone() {
        assert_eq!(interface("eth0.7=dmz"), Ok(("eth0.7".into(), "dmz".into())));
        for text in ["eth0", "=dmz", "eth0="] {
            assert!(interface(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tunnels_and_link_types_name_both_sides() {
        assert_eq!(tunnel("vxlan=8472"), Ok((UdpTunnel::Vxlan, 8472)));
        for text in ["vxlan", "vxlan=", "vxlan=65536", "vlan=8472"] {
            assert!(tunnel(text).is_err(), "{text}");
        }
        assert_eq!(link_type("USER2=PKTAP"), Ok((LinkType(149), LinkType::PKTAP)));
        for text in ["USER2", "USER2=", "ETHERNET=PKTAP", "USER16=PKTAP"] {
            assert!(link_type(text).is_err(), "{text}");
        }
    }
}
