//! What can be typed.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use clap::{Parser, Subcommand, ValueEnum};
use ipnet::IpNet;

use crate::annotate::{Comments, SplitBy};
use crate::capture::{LinkType, Timestamp};
use crate::decode::UdpTunnel;
use crate::flow::LayerChoice;
use crate::label::{Flag, UnknownFlag};
use crate::net::PortRange;
use crate::registry::{Status, Target};
use crate::report::Format;
use crate::report::lookup::Query;
use crate::report::summary::By;
use crate::review::{Severity, Vantage};
use crate::rules::Format as RulesFormat;
use crate::{Transport, UnknownTransport};

const EXIT_STATUS: &str = "\
Exit status:
  0  done
  1  done, and there is something to tell: nothing was found (lookup, registry search), a
     difference (registry diff), a fault (registry check), what --fail-on or --require-coverage
     asks (review)
  2  the command line is wrong; nothing was read or written
  3  done, but some input was damaged, cut short or of an unknown kind
  4  could not do it

A registration does not make traffic legitimate, nor does it prove that the traffic is that
service; IANA says so in the registry itself.";

/// Says for every flow of a packet capture which service IANA has registered for the server's
/// port, and what the registry does not say.
#[derive(Parser, Debug)]
#[command(version, about, after_help = EXIT_STATUS, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Every flow, labelled
    Flows(Flows),
    /// Every packet's transport headers, labelled
    Packets(Packets),
    /// Totals by service, port, host, status …
    Summary(Summary),
    /// The capture again as pcapng, with what is known of each packet in its comment
    Annotate(Annotate),
    /// Input for a firewall review: what was observed, approved and configured, joined line by line
    Review(Review),
    /// Ask the registry for ports and service names
    Lookup(Lookup),
    /// The registry in use: its edition, its rows
    #[command(subcommand)]
    Registry(Registry),
    /// Write a completion script for a shell to standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page (troff) to standard output
    Man,
}

/// Where results go, and which registry is asked.
#[derive(clap::Args, Debug)]
pub(super) struct Common {
    /// How the result is written [default: table on a terminal, csv into a file or pipe]
    #[arg(short, long, value_name = "FORMAT", value_parser = format())]
    pub(super) format: Option<Format>,
    /// Write the result to FILE, which appears when it is complete; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Ask this registry instead of the one in use: IANA's CSV, XML, XHTML or text, a printed page,
    /// or `bundled`
    #[arg(long, value_name = "FILE", help_heading = "Registry")]
    pub(super) registry: Option<PathBuf>,
    /// Show the local names of FILE beside the registered ones: TOML, CSV in IANA's columns (and Host
    /// behind them), /etc/services or Nmap's services; `common` for the names that come with the
    /// program (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Registry")]
    pub(super) overlay: Vec<PathBuf>,
    /// Pass over rows of a registry or overlay file that cannot be understood, and name them
    #[arg(long, help_heading = "Registry")]
    pub(super) lenient: bool,
    /// Color and bold text on a terminal
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Say more on standard error
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

/// Which captures, and how they are read.
#[derive(clap::Args, Debug)]
pub(super) struct Reading {
    /// Capture files (pcap, pcapng; plain, gzip, zstd), folders of them, or `-` for standard input
    #[arg(value_name = "CAPTURE", required = true)]
    pub(super) captures: Vec<PathBuf>,
    /// Read the folders below a folder, too
    #[arg(long)]
    pub(super) recursive: bool,
    /// Read several captures in the order given, not in the order of their first packets
    #[arg(long)]
    pub(super) keep_order: bool,
    /// Which header counts where traffic is tunnelled
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = LayersArg::Inner)]
    pub(super) layers: LayersArg,
    /// End a flow after so long without a packet: SECONDS for all, or tcp=SECONDS (SCTP and DCCP
    /// too), udp=SECONDS [default: tcp=300 udp=60]
    #[arg(long, value_name = "SECONDS", value_parser = IdleTimeout::from_str)]
    pub(super) idle_timeout: Vec<IdleTimeout>,
    /// Ports that clients' systems pick from, in place of 32768-60999 and 49152-65535
    #[arg(long, value_name = "LOW-HIGH", value_parser = port_range)]
    pub(super) ephemeral: Vec<RangeInclusive<u16>>,
    /// Look for a tunnel on a UDP port: vxlan, vxlan-gpe, geneve, gue, fou, gre, mpls, gtp, l2tp,
    /// teredo, capwap, ayiya, lisp, lisp-control, tzsp, sctp, dccp, esp (repeatable; the registered
    /// ports are known)
    #[arg(long, value_name = "KIND=PORT", value_parser = tunnel)]
    pub(super) tunnel: Vec<(UdpTunnel, u16)>,
    /// Take packets of a link type for private use for those of another: USER2=PKTAP (repeatable)
    #[arg(long, value_name = "USERn=NAME", value_parser = link_type)]
    pub(super) link_type: Vec<(LinkType, LinkType)>,
    /// Look into ESP as if it were not encrypted (NULL encryption, RFC 2410)
    #[arg(long)]
    pub(super) esp_null: bool,
    /// Read large captures on so many threads [default: as many as the machine has]
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    /// Show progress on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Progress::Auto)]
    pub(super) progress: Progress,
}

/// Which flows the result is about.
#[derive(clap::Args, Debug, Default)]
#[command(next_help_heading = "Selection (repeatable; one of each kind must match)")]
pub(super) struct Selecting {
    /// Flows whose server port is this, or lies in this range
    #[arg(long, value_name = "PORT", value_parser = port_range)]
    pub(super) port: Vec<RangeInclusive<u16>>,
    /// Flows with an end in this network, or at this address
    #[arg(long, value_name = "CIDR", value_parser = network)]
    pub(super) host: Vec<IpNet>,
    /// Flows whose server port is registered under this name or alias, or called so by an overlay
    #[arg(long, value_name = "NAME")]
    pub(super) service: Vec<String>,
    /// Flows whose server port has this status in the registry
    #[arg(long, value_name = "STATUS", value_parser = status())]
    pub(super) status: Vec<Status>,
    /// Flows with this flag
    #[arg(long, value_name = "FLAG", value_parser = flag())]
    pub(super) flag: Vec<Flag>,
    /// Flows of this transport
    #[arg(long, value_name = "TRANSPORT", value_parser = transport())]
    pub(super) transport: Vec<Transport>,
    /// Only packets at this time or later: RFC 3339, a date, or seconds since 1970 (UTC)
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    pub(super) since: Option<Timestamp>,
    /// Only packets before this time
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    pub(super) until: Option<Timestamp>,
}

/// How many flows are kept at hand.
#[derive(clap::Args, Debug)]
pub(super) struct Keeping {
    /// Keep so many flows in memory, some 150 bytes each; when there are more, temporary files
    /// (in TMPDIR) hold them
    #[arg(long, value_name = "N", default_value = "5000000")]
    pub(super) flows_in_memory: NonZeroUsize,
}

#[derive(clap::Args, Debug)]
pub(super) struct Flows {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    /// The order of the rows
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = Order::Begin)]
    pub(super) order: Order,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) selecting: Selecting,
}

/// In which order flows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Order {
    /// By their first packets, when all is read
    Begin,
    /// As they end by time-out, while the capture is read: only flows that are alive take memory, and
    /// a flow is labelled by what is known then
    End,
}

#[derive(clap::Args, Debug)]
pub(super) struct Packets {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) selecting: Selecting,
}

#[derive(clap::Args, Debug)]
pub(super) struct Summary {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    /// What flows are put together by
    #[arg(long, value_name = "KEY", value_parser = by(), default_value = "service")]
    pub(super) by: By,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) selecting: Selecting,
}

#[derive(clap::Args, Debug)]
#[command(
    mut_arg("captures", |arg| arg.required(false).required_unless_present("wireshark_profile")),
    mut_arg("output", |arg| {
        arg.help("Write the capture to FILE, which appears when it is complete; `-` is standard output; \
                  with --split-by, a folder")
    }),
    mut_arg("format", |arg| arg.hide(true)),
    mut_arg("color", |arg| arg.hide(true)),
)]
pub(super) struct Annotate {
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Which packets get a comment: the first of each flow, all, or all of flows that have flags
    #[arg(long, value_name = "WHICH", value_parser = comments(), default_value = "all")]
    pub(super) comments: Comments,
    /// Write one file for each service, flag or flow, into the folder that --output names
    #[arg(long, value_name = "KEY", value_parser = split_by(), conflicts_with = "delay")]
    pub(super) split_by: Option<SplitBy>,
    /// Add a block with the names of hosts that the overlay knows
    #[arg(long)]
    pub(super) names: bool,
    /// Annotate in one pass: a packet waits so many seconds of capture time for what is learnt later
    /// [default: two passes; from standard input to standard output one pass, 1]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) delay: Option<i64>,
    /// Write a Wireshark profile into this folder: services, columns, colors, filter buttons
    #[arg(long, value_name = "DIR")]
    pub(super) wireshark_profile: Option<PathBuf>,
    /// Write the packets of these flows alone: KIND=VALUE, as in --only flag=unassigned-port, with the
    /// kinds of the selection below (which selects as well)
    #[arg(long, value_name = "SELECTION", value_parser = only)]
    pub(super) only: Vec<Only>,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) selecting: Selecting,
}

const REVIEW_EXAMPLES: &str = "\
Examples:
  portscribe review week.pcapng --out review
      the services in use, for people to fill in: review/worksheet.csv
  portscribe review week.pcapng --zones zones.csv --approved review/worksheet.csv \\
      --rules fw.json --out review --fail-on high
      the same held against approvals and a ruleset (nft -j list ruleset > fw.json)
  portscribe review week.pcapng --approved review/worksheet.csv --approved-only \\
      --out review --write nft,aerleon,oscal
      rules for what is approved and in use
  portscribe review week.pcapng --zones zones.csv --rules fw.json --chain inet/fw/forward \\
      --iface eth1=users --out review
      one chain of several, with the zone behind an interface

Exit status:
  0  done
  1  done, and --fail-on or --require-coverage asks for it; everything is written
  2  the command line is wrong, or --out holds a worksheet that would be lost
  3  done, but a capture was damaged, cut short, of an unknown kind or could not be read
  4  could not do it

Exit status: 1 when --fail-on or --require-coverage asks for it, also where a capture was damaged or
could not be read; else 3 for that; both are said on standard error.

A registration does not make traffic legitimate, nor does it prove that the traffic is that
service; and what was not seen may be needed all the same.";

#[derive(clap::Args, Debug)]
#[command(
    after_help = REVIEW_EXAMPLES,
    mut_arg("layers", |arg| arg.default_value("outer")),
    mut_arg("format", |arg| {
        arg.help("What standard output gets: table (a summary for people), or json (all of review.json) \
                  [default: table]")
            .value_parser(words([Format::Table, Format::Json].map(|format| (format, format.name()))))
    }),
    mut_arg("color", |arg| arg.hide(true)),
    mut_arg("output", |arg| arg.help("Write what standard output gets to FILE instead")),
)]
pub(super) struct Review {
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Networks with their names: CSV with the columns zone, cidr, comment, trust (internal, dmz, cde
    /// or external) [default: private networks internal, all else external]
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) zones: Option<PathBuf>,
    /// The worksheet of the last review, with what people wrote in it
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) approved: Option<PathBuf>,
    /// The rules of the firewall, as it prints them: `nft -j list ruleset`, `iptables-save -c`,
    /// `ip6tables-save -c`, or AWS's security group rules; `-` is standard input (repeatable for the
    /// files of one firewall, IPv4 and IPv6)
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) rules: Vec<PathBuf>,
    /// The format of the rules: nft-json, iptables-save or aws-sgr [default: told by their content]
    #[arg(long, value_name = "FORMAT", value_parser = rules_format(), requires = "rules", help_heading = "Review")]
    pub(super) rules_format: Option<RulesFormat>,
    /// The chain that new flows begin in: inet/fw/forward, or the end of such a name; needed where a
    /// ruleset has several that could be meant (repeatable: one for IPv4 and one for IPv6)
    #[arg(long, value_name = "CHAIN", requires = "rules", help_heading = "Review")]
    pub(super) chain: Vec<String>,
    /// Which zone lies behind an interface of the firewall, for rules that name interfaces (repeatable)
    #[arg(long, value_name = "NAME=ZONE", value_parser = interface, requires = "rules", help_heading = "Review")]
    pub(super) iface: Vec<(String, String)>,
    /// The addresses behind a security group or prefix list of AWS, for rules that are for it or name
    /// it: sg-1a2b=10.0.1.0/24,10.0.2.7 (repeatable)
    #[arg(long, value_name = "ID=NETWORKS", value_parser = group, requires = "rules", help_heading = "Review")]
    pub(super) group: Vec<(String, Networks)>,
    /// Where the capture was taken, seen from the firewall: outside shows what it drops, inside does not
    #[arg(long, value_name = "WHERE", value_parser = vantage(), help_heading = "Review")]
    pub(super) vantage: Option<Vantage>,
    /// More services to call insecure, or to waive: CSV in the columns of the list that comes with the
    /// program (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) insecure: Vec<PathBuf>,
    /// The time in which whatever is needed should show: 42d, 12h, 90m, 30s
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "42d", help_heading = "Review")]
    pub(super) window: f64,
    /// Silence longer than this is no coverage
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "15m", help_heading = "Review")]
    pub(super) max_gap: f64,
    /// The day on which approvals must hold [default: the day of the last packet]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Review")]
    pub(super) as_of: Option<jiff::civil::Date>,
    /// Look at the first octets of payloads, to tell what speaks on a port and which ports FTP announces
    #[arg(long, help_heading = "Review")]
    pub(super) peek: bool,
    /// The folder that the files go to; it is made where it is not there
    #[arg(long, value_name = "DIR", help_heading = "Review")]
    pub(super) out: PathBuf,
    /// What is written there: worksheet, json, html, nft, aerleon, oscal, with commas between
    #[arg(long, value_name = "WHAT", value_parser = written(), value_delimiter = ',',
          default_value = "worksheet,json,html", help_heading = "Review")]
    pub(super) write: Vec<Written>,
    /// Make rules (nft, aerleon, oscal) of approved rows alone
    #[arg(long, requires = "approved", help_heading = "Review")]
    pub(super) approved_only: bool,
    /// End with status 1 when a finding is this severe or more: info, low, medium, high
    #[arg(long, value_name = "SEVERITY", value_parser = severity(), help_heading = "Review")]
    pub(super) fail_on: Option<Severity>,
    /// End with status 1 when less than this was covered: 7d
    #[arg(long, value_name = "TIME", value_parser = span, help_heading = "Review")]
    pub(super) require_coverage: Option<f64>,
    /// Only packets at this time or later: RFC 3339, a date, or seconds since 1970 (UTC)
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    pub(super) since: Option<Timestamp>,
    /// Only packets before this time
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    pub(super) until: Option<Timestamp>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// What a review can write into its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Worksheet,
    Json,
    Html,
    Nft,
    Aerleon,
    Oscal,
}

#[derive(clap::Args, Debug)]
pub(super) struct Lookup {
    /// A port (443), with a transport (443/tcp), a range (6000-6010), or a service name (ipfix)
    #[arg(value_name = "PORT|NAME", required_unless_present = "search", value_parser = query)]
    pub(super) queries: Vec<(String, Query)>,
    /// Rows in which all of these words stand, in any column (repeatable)
    #[arg(long, value_name = "WORDS", value_parser = some_words)]
    pub(super) search: Vec<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Subcommand, Debug)]
pub(super) enum Registry {
    /// Which edition is in use, where it comes from, what it holds, which ports are free
    Info {
        #[command(flatten)]
        common: Common,
    },
    /// The rows, in IANA's own columns
    List {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        filter: RowFilter,
    },
    /// The rows in which all of these words stand; status 1 when there are none
    Search {
        /// Words, in any column and any letter case
        #[arg(required = true, value_parser = some_words)]
        words: Vec<String>,
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        filter: RowFilter,
    },
    /// What changed between two editions, and what it means for labels
    Diff {
        /// A registry file, or `bundled`, or `in-use`
        old: PathBuf,
        /// A registry file, or `bundled`, or `in-use`
        new: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// The registry in the format of another program
    Export(Export),
    /// Take a registry file into use in place of the bundled one, after showing what changes
    Import(Import),
    /// Fetch IANA's newest edition, check it, show what changes, and take it into use
    Update(Update),
    /// Hold a registry against the rules of RFC 6335
    Check {
        /// A registry file [default: the registry in use]
        file: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(clap::Args, Debug)]
pub(super) struct Export {
    /// Which program's format: iana-csv and json hold everything; services is for /etc/services,
    /// wireshark for its personal services file, nmap for its nmap-services, sql for SQLite
    #[arg(short, long, value_name = "FORMAT", value_parser = target())]
    pub(super) format: Target,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(clap::Args, Debug)]
pub(super) struct Import {
    /// IANA's CSV, XML, XHTML or text
    pub(super) file: PathBuf,
    /// The edition's date, for a file that does not carry it (CSV)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(super) edition: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Take it into use even when it has far fewer rows than the registry in use
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(clap::Args, Debug)]
pub(super) struct Update {
    /// Go back to the edition that was in use before
    #[arg(long, conflicts_with_all = ["url", "dry_run", "force"])]
    pub(super) rollback: bool,
    /// Fetch this file instead of IANA's; HTTPS, or HTTP on this machine
    #[arg(long, value_name = "URL", default_value = crate::registry::fetch::IANA_CSV)]
    pub(super) url: String,
    /// Give up after so long
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Take it into use even when it has far fewer rows than the registry in use
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

/// What [`Common`] asks, for commands with a format of their own.
#[derive(clap::Args, Debug)]
pub(super) struct Place {
    /// Write the result to FILE, which appears when it is complete; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Work on this registry instead of the one in use
    #[arg(long, value_name = "FILE", help_heading = "Registry")]
    pub(super) registry: Option<PathBuf>,
    /// Pass over rows of a registry file that cannot be understood, and name them
    #[arg(long, help_heading = "Registry")]
    pub(super) lenient: bool,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl Place {
    pub(super) fn common(&self) -> Common {
        Common {
            format: Some(Format::Csv),
            output: self.output.clone(),
            registry: self.registry.clone(),
            overlay: Vec::new(),
            lenient: self.lenient,
            color: Color::Never,
            quiet: self.quiet,
            verbose: false,
        }
    }
}

/// Which rows of the registry are shown.
#[derive(clap::Args, Debug, Default, PartialEq)]
#[command(next_help_heading = "Filters (repeatable; one of each kind must match)")]
pub(super) struct RowFilter {
    /// Rows under this service name, in any letter case
    #[arg(long, value_name = "NAME")]
    pub(super) name: Vec<String>,
    /// Rows about this port, or a port in this range
    #[arg(long, value_name = "PORT", value_parser = port_range)]
    pub(super) port: Vec<RangeInclusive<u16>>,
    /// Rows about this transport, those without a transport among them
    #[arg(long, value_name = "TRANSPORT", value_parser = transport())]
    pub(super) transport: Vec<Transport>,
    /// Rows that say this of their ports
    #[arg(long, value_name = "STATUS", value_parser = status())]
    pub(super) status: Vec<Status>,
    /// Rows about ports in this range
    #[arg(long, value_name = "RANGE", value_parser = range())]
    pub(super) range: Vec<PortRange>,
    /// Rows registered or modified on this day or later (2024, 2024-03 or 2024-03-18)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) changed_since: Option<String>,
    /// Rows whose cell in COLUMN holds TEXT in any letter case; an empty TEXT finds empty cells.
    /// All must match. Columns: service_name port_number transport_protocol description assignee
    /// contact registration_date modification_date reference service_code
    /// unauthorized_use_reported assignment_notes
    #[arg(long = "where", value_name = "COLUMN=TEXT", value_parser = column_text)]
    pub(super) cells: Vec<(usize, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Progress {
    Auto,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LayersArg {
    /// The innermost that has ports
    Inner,
    /// The outermost that has ports
    Outer,
    /// All of them, each in a flow of its own
    All,
}

impl From<LayersArg> for LayerChoice {
    fn from(layers: LayersArg) -> LayerChoice {
        match layers {
            LayersArg::Inner => LayerChoice::Inner,
            LayersArg::Outer => LayerChoice::Outer,
            LayersArg::All => LayerChoice::All,
        }
    }
}

/// One value of one kind of selection.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Only {
    Port(RangeInclusive<u16>),
    Host(IpNet),
    Service(String),
    Status(Status),
    Flag(Flag),
    Transport(Transport),
}

fn only(text: &str) -> Result<Only, String> {
    let (kind, value) = text.split_once('=').ok_or_else(|| {
        format!("`{text}` is no selection; use flag=unassigned-port, service=telnet, port=8000-8080 …")
    })?;
    Ok(match kind {
        "port" => Only::Port(port_range(value)?),
        "host" => Only::Host(network(value)?),
        "service" => Only::Service(value.to_owned()),
        "status" => Only::Status(
            Status::ALL
                .into_iter()
                .find(|status| status.name() == value)
                .ok_or_else(|| format!("`{value}` is no status"))?,
        ),
        "flag" => Only::Flag(value.parse().map_err(|error: UnknownFlag| error.to_string())?),
        "transport" => Only::Transport(value.parse().map_err(|error: UnknownTransport| error.to_string())?),
        other => {
            return Err(format!(
                "`{other}` is no kind of selection; the kinds are port, host, service, status, flag, transport"
            ));
        }
    })
}

/// Seconds on the command line, nanoseconds inside.
fn seconds(text: &str) -> Result<i64, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("`{text}` is no number of seconds"))?;
    if !(0.0..9.0e9).contains(&seconds) {
        return Err(format!("{seconds} seconds is out of range"));
    }
    Ok((seconds * 1e9) as i64)
}

/// After how many nanoseconds flows end, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IdleTimeout {
    pub(super) connections: bool,
    pub(super) datagrams: bool,
    pub(super) nanoseconds: i64,
}

impl FromStr for IdleTimeout {
    type Err = String;

    fn from_str(text: &str) -> Result<IdleTimeout, String> {
        let (connections, datagrams, seconds) = match text.split_once('=') {
            None => (true, true, text),
            Some(("tcp", seconds)) => (true, false, seconds),
            Some(("udp", seconds)) => (false, true, seconds),
            Some((other, _)) => return Err(format!("`{other}` is neither tcp nor udp")),
        };
        Ok(IdleTimeout { connections, datagrams, nanoseconds: self::seconds(seconds)? })
    }
}

fn words<T: Clone + Send + Sync + 'static>(
    all: impl IntoIterator<Item = (T, &'static str)>,
) -> impl TypedValueParser<Value = T> {
    let all: Vec<(T, &'static str)> = all.into_iter().collect();
    PossibleValuesParser::new(all.iter().map(|(_, word)| *word).collect::<Vec<_>>()).map(move |text| {
        let (value, _) = all.iter().find(|(_, word)| *word == text).unwrap_or(&all[0]);
        value.clone()
    })
}

fn format() -> impl TypedValueParser<Value = Format> {
    words(Format::ALL.map(|format| (format, format.name())))
}

fn status() -> impl TypedValueParser<Value = Status> {
    words(Status::ALL.map(|status| (status, status.name())))
}

fn flag() -> impl TypedValueParser<Value = Flag> {
    words(Flag::ALL.map(|flag| (flag, flag.name())))
}

fn transport() -> impl TypedValueParser<Value = Transport> {
    words(Transport::ALL.map(|transport| (transport, transport.name())))
}

fn target() -> impl TypedValueParser<Value = Target> {
    words(Target::ALL.map(|target| (target, target.name())))
}

fn range() -> impl TypedValueParser<Value = PortRange> {
    words(PortRange::ALL.map(|range| (range, range.name())))
}

/// A date as precise as the registry has them.
fn date(text: &str) -> Result<String, String> {
    let complete = format!("{text}{}", "2000-01-01".get(text.len()..).unwrap_or_default());
    match complete.parse::<jiff::civil::Date>() {
        Ok(_) if matches!(text.len(), 4 | 7 | 10) => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is no date; use 2024, 2024-03 or 2024-03-18")),
    }
}

fn column_text(text: &str) -> Result<(usize, String), String> {
    let (column, text) = text.split_once('=').ok_or("expected COLUMN=TEXT")?;
    let columns = &crate::report::registry::KEYS[..12];
    match columns.iter().position(|name| *name == column) {
        Some(column) => Ok((column, text.to_lowercase())),
        None => Err(format!("`{column}` is no column; use one of {}", columns.join(", "))),
    }
}

fn comments() -> impl TypedValueParser<Value = Comments> {
    words(Comments::ALL.map(|comments| (comments, comments.name())))
}

fn split_by() -> impl TypedValueParser<Value = SplitBy> {
    words(SplitBy::ALL.map(|key| (key, key.name())))
}

fn by() -> impl TypedValueParser<Value = By> {
    words(By::ALL)
}

fn written() -> impl TypedValueParser<Value = Written> {
    words([
        (Written::Worksheet, "worksheet"),
        (Written::Json, "json"),
        (Written::Html, "html"),
        (Written::Nft, "nft"),
        (Written::Aerleon, "aerleon"),
        (Written::Oscal, "oscal"),
    ])
}

fn rules_format() -> impl TypedValueParser<Value = RulesFormat> {
    words([RulesFormat::NftJson, RulesFormat::IptablesSave, RulesFormat::Aws].map(|one| (one, one.name())))
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    words(Severity::ALL.map(|severity| (severity, severity.name())))
}

fn vantage() -> impl TypedValueParser<Value = Vantage> {
    words([Vantage::Outside, Vantage::Inside, Vantage::Host].map(|vantage| (vantage, vantage.name())))
}

fn interface(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, zone)) if !name.is_empty() && !zone.is_empty() => Ok((name.to_owned(), zone.to_owned())),
        _ => Err(format!("`{text}` names no interface and zone; write eth0=clients")),
    }
}

/// Networks behind one name.
#[derive(Clone, Debug)]
pub(super) struct Networks(pub(super) Vec<IpNet>);

fn group(text: &str) -> Result<(String, Networks), String> {
    let wrong = |what: &str| format!("{what}; write sg-1a2b=10.0.1.0/24,10.0.2.7");
    let (id, networks) =
        text.split_once('=').ok_or_else(|| wrong(&format!("`{text}` names no group and networks")))?;
    let networks: Result<Vec<IpNet>, String> = networks
        .split(',')
        .map(|word| network(word).map_err(|_| wrong(&format!("`{word}` is no address and no network"))))
        .collect();
    if id.is_empty() { Err(wrong("the group has no name")) } else { Ok((id.to_owned(), Networks(networks?))) }
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| format!("`{text}` is no day; write 2026-11-22"))
}

/// A span of time, in seconds.
fn span(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no span of time; write 42d, 12h, 15m or 30s");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        'd' => 86_400.0,
        'h' => 3_600.0,
        'm' => 60.0,
        's' => 1.0,
        _ => return Err(wrong()),
    };
    match text[..text.len() - 1].parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number * seconds),
        _ => Err(wrong()),
    }
}

/// Words to search for; without any, every row would have them all.
fn some_words(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("expected a word to search for".into()) } else { Ok(text.to_owned()) }
}

fn query(text: &str) -> Result<(String, Query), String> {
    Ok((text.to_owned(), text.parse()?))
}

fn port_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let port = |text: &str| {
        text.parse::<u16>().map_err(|_| format!("`{text}` is no port; ports go from 0 to 65535"))
    };
    let (low, high) = match text.split_once('-') {
        Some((low, high)) => (port(low)?, port(high)?),
        None => (port(text)?, port(text)?),
    };
    if low > high {
        return Err(format!("{low}-{high} is no range; the lower port comes first"));
    }
    Ok(low..=high)
}

fn tunnel(text: &str) -> Result<(UdpTunnel, u16), String> {
    let (kind, port) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is no tunnel; write vxlan=8472"))?;
    let number = port.parse().map_err(|_| format!("`{port}` is no port; ports go from 0 to 65535"))?;
    Ok((kind.parse()?, number))
}

fn link_type(text: &str) -> Result<(LinkType, LinkType), String> {
    let (user, name) =
        text.split_once('=').ok_or_else(|| format!("`{text}` names no two link types; write USER2=PKTAP"))?;
    let user: LinkType = user.parse()?;
    if user.user().is_none() {
        return Err(format!("{user} is not for private use; those are USER0 to USER15"));
    }
    Ok((user, name.parse()?))
}

fn network(text: &str) -> Result<IpNet, String> {
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Ok(address.into());
    }
    text.parse::<IpNet>()
        .map(|network| network.trunc())
        .map_err(|_| format!("`{text}` is neither an address nor a network such as 192.0.2.0/24"))
}

/// RFC 3339, a date, a date and time in UTC, or seconds since 1970.
fn time(text: &str) -> Result<Timestamp, String> {
    use jiff::civil;
    use jiff::tz::TimeZone;
    let wrong =
        || format!("`{text}` is no time; use 2026-01-31T12:00:00Z, 2026-01-31, or seconds since 1970");
    let civil_time = |time: civil::DateTime| time.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let nanoseconds = if let Ok(seconds) = text.parse::<i64>() {
        i128::from(seconds) * 1_000_000_000
    } else if let Ok(seconds) = text.parse::<f64>() {
        (seconds * 1e9) as i128
    } else if let Ok(time) = text.parse::<jiff::Timestamp>() {
        time.as_nanosecond()
    } else if let Ok(time) = text.parse::<civil::DateTime>() {
        civil_time(time).map_err(|_| wrong())?.as_nanosecond()
    } else if let Ok(date) = text.parse::<civil::Date>() {
        civil_time(date.at(0, 0, 0, 0)).map_err(|_| wrong())?.as_nanosecond()
    } else {
        return Err(wrong());
    };
    i64::try_from(nanoseconds).map(Timestamp::from_nanoseconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_agree_with_each_other() {
        Args::command().debug_assert();
    }

    #[test]
    fn times_are_read_in_every_way_that_help_names() {
        let second = 1_769_860_800;
        for text in ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", "2026-01-31T12:00:00", "1769860800"]
        {
            assert_eq!(time(text), Ok(Timestamp::from_nanoseconds(second * 1_000_000_000)), "{text}");
        }
        assert_eq!(time("2026-01-31"), Ok(Timestamp::from_nanoseconds((second - 43_200) * 1_000_000_000)));
        assert_eq!(time("0.5"), Ok(Timestamp::from_nanoseconds(500_000_000)));
        for text in ["", "noon", "2026-13-01", "99999999999999"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn idle_timeouts_name_what_they_are_for() {
        let both = IdleTimeout { connections: true, datagrams: true, nanoseconds: 1_500_000_000 };
        assert_eq!("1.5".parse(), Ok(both));
        assert_eq!("tcp=1.5".parse(), Ok(IdleTimeout { datagrams: false, ..both }));
        assert_eq!("udp=1.5".parse(), Ok(IdleTimeout { connections: false, ..both }));
        for text in ["", "-1", "icmp=1", "nan", "1e10"] {
            assert!(text.parse::<IdleTimeout>().is_err(), "{text}");
        }
    }

    #[test]
    fn spans_of_time_name_their_unit() {
        assert_eq!(span("42d"), Ok(3_628_800.0));
        assert_eq!(span("1.5h"), Ok(5_400.0));
        assert_eq!(span("15m"), Ok(900.0));
        assert_eq!(span("30s"), Ok(30.0));
        for text in ["", "d", "42", "-1d", "0s", "infd", "nand", "4\u{b5}", "1d2h"] {
            assert!(span(text).is_err(), "{text}");
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
