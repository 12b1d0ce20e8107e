//! What can be typed: commands and their options.

mod values;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use clap::{Parser, Subcommand};
pub(super) use values::{
    Color, FailOn, IdleTimeout, KINDS, Networks, Only, Order, Paging, Progress, ReviewFailOn, TimeForm, When,
    Written,
};
use values::{
    KeyOf, ListOf, column_text, comments, date, date_order, day, expression, factor, flow_number, format,
    group, interface, link_type, name_source, no_expression, no_order, number_of_rows, only, partition,
    port_range, query, range, renamed_zone, result, review_fail_on, rules_format, schema, seconds,
    some_words, span, split_by, status, target, time, transport, tunnel, tunnel_kinds, vantage, when, words,
    written,
};

use crate::Transport;
use crate::annotate::{Comments, SplitBy};
use crate::capture::{LinkType, Timestamp};
use crate::decode::UdpTunnel;
use crate::evidence::NameSource;
use crate::flow::{LayerChoice, ProtocolChoice};
use crate::net::PortRange;
use crate::registry::{Column, Status, Target};
use crate::report::lookup::Query;
use crate::report::summary::By;
use crate::report::{Format, ResultKind, Schema};
use crate::review::{DateOrder, Vantage};
use crate::rules::RulesetFormat;
use crate::traffic::{CopyChoice, Expression, Values};

/// The exit statuses of a command; what 1 says is its own.
macro_rules! exit_status {
    ($one:literal) => {
        exit_status!($one, "the command line is wrong; nothing was read or written")
    };
    ($one:literal, $two:literal) => {
        concat!(
            "Exit status:\n  0  done\n  1  done, ",
            $one,
            "\n  2  ",
            $two,
            "\n  3  done, but some input was damaged, cut short, of an unknown kind, or not read to its end because of a \
             signal\n  4  failed: the message names the file, the place and what to do"
        )
    };
}

/// What a registration does not say, below the help of commands.
macro_rules! note {
    () => {
        "A registration does not make traffic legitimate, nor does it prove that the traffic is that service; IANA says \
         so in the registry itself."
    };
}

/// Where the words in results are explained.
macro_rules! words_in_results {
    () => {
        "What the words in results mean: portscribe explain flag, portscribe explain state, portscribe explain status. \
         Columns: portscribe help columns. Conditions: portscribe help where."
    };
}

/// What stands behind the options of the program's help.
pub(super) const EXIT_STATUS: &str = concat!(
    exit_status!(
        "with a finding: no match (lookup, registry search, explain), a difference (registry diff), a fault (registry \
         check), what --fail-on or --require-coverage asks for (diff, review), or no flow with --fail-if-empty"
    ),
    "\n\n`portscribe help where` explains the conditions that select flows, `portscribe help columns` the columns of \
     results.\n\n",
    note!()
);

const FLOWS_EXAMPLES: &str = concat!(
    "Examples:
  portscribe flows week.pcapng
      every flow with its label, in the order of first packets
  portscribe flows week.pcapng --status unassigned,dynamic --host 10.0.0.0/8
      flows to ports that nobody registered, of one network
  portscribe flows captures/ --where 'port = 8443 and bytes > 1M' --columns client,server,port,bytes -o odd.csv
      some columns of large flows of one port, of all captures of a folder
  portscribe flows week.pcapng --names --top 20
      the twenty largest, with the names of hosts that the capture holds
  portscribe flows --partial week1.pcapng -o week1.arrow
      what is known of a capture, for `portscribe merge` with others
  tcpdump -U -w - | portscribe flows - --order end --format ndjson
      flows as they end, while they are captured

",
    exit_status!("and no flow was selected (--fail-if-empty)"),
    "\n\n",
    words_in_results!(),
    "\n\n",
    note!()
);

const PACKETS_EXAMPLES: &str = concat!(
    "Examples:
  portscribe packets week.pcapng --port 53 --since 2026-11-27T10:00:00Z
      the headers of packets of one port, with the labels of their flows
  portscribe packets week.pcapng --flag one-way -o one-way.csv.gz
      packets of flows that nobody answered
  tcpdump -U -w - | portscribe packets - --format ndjson
      packets while they are captured, labelled by what is known of their flows then

",
    exit_status!("and no flow was selected (--fail-if-empty)"),
    "\n\n",
    words_in_results!(),
    "\n\n",
    note!()
);

const ANNOTATE_EXAMPLES: &str = concat!(
    "Examples:
  portscribe annotate week.pcapng -o labelled.pcapng
      the capture again, with a comment on each packet
  portscribe annotate week.pcapng -o odd.pcapng --status unassigned,dynamic --comments first
      some flows alone, with a comment on the first packet of each
  portscribe annotate week.pcapng -o shared.pcapng.gz --anonymize key
      without addresses, names and payload
  portscribe annotate --wireshark-profile profile
      colors, columns and filter buttons for Wireshark

",
    exit_status!("never"),
    "\n\n",
    words_in_results!(),
    "\n\n",
    note!()
);

const LOOKUP_EXAMPLES: &str = concat!(
    "Examples:
  portscribe lookup 8443
      what is registered for a port, on every transport
  portscribe lookup 443/tcp ipfix 6000-6010
      ports, names and ranges
  portscribe lookup --search 'unauthorized use'
      rows that have these words in any column

",
    exit_status!("and something was not found"),
    "\n\n",
    note!()
);

const REGISTRY_EXAMPLES: &str = concat!(
    "Examples:
  portscribe registry info
      the edition in use
  portscribe registry list --port 8000-8100 --status assigned
      its rows
  portscribe registry update
      download the current edition, show what changes, and use it

",
    exit_status!("with a finding: no match (search), a difference (diff), a fault (check)"),
);

/// Label every flow of a packet capture with the service that IANA has registered for the server's
/// port, and say what the registry does not say
#[derive(Parser, Debug)]
#[command(version, after_help = EXIT_STATUS, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// List every flow with its label
    Flows(Flows),
    /// List the flows of captures that were read apart (flows --partial)
    Merge(Merge),
    /// List every packet's headers with the label of their flow
    Packets(Packets),
    /// Total flows, packets and bytes by service, port, host, status …
    Summary(Summary),
    /// Explain one flow in sentences, or what a word in results means
    Explain(Explain),
    /// Compare captures or saved results: what came, went or changed
    Diff(Diff),
    /// Ask captures in SQL (by portscribe-lake, a program of its own)
    #[command(disable_help_flag = true)]
    Sql {
        /// What `portscribe-lake sql` takes; see `portscribe sql --help`
        #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Write one page of HTML to read and to hand on
    Report(Report),
    /// Copy a capture to pcapng with the labels as packet comments
    Annotate(Annotate),
    /// Prepare a firewall review of services in use, approvals and rules
    Review(Review),
    /// Look up ports and service names in the registry
    Lookup(Lookup),
    /// Show, search, compare, check, export and update the registry
    #[command(subcommand, after_help = REGISTRY_EXAMPLES)]
    Registry(Registry),
    /// Print the JSON Schema of a JSON result
    Schema {
        /// Result to describe
        #[arg(value_parser = result())]
        result: ResultKind,
        /// Describe one line of --format ndjson
        #[arg(long)]
        ndjson: bool,
    },
    /// Print the configuration file that is in force, and what is in it
    Config,
    /// Explain the conditions of --where
    #[command(hide = true, help_template = "{about}")]
    Where,
    /// Explain the columns of results
    #[command(hide = true, help_template = "{about}")]
    Columns,
    /// Try what a fault in a reader could be used for, and say what the system lets happen
    #[command(hide = true)]
    Hostile(Hostile),
    /// Print a shell completion script
    Completions {
        /// Shell to complete for
        shell: clap_complete::Shell,
    },
    /// Print a manual page (troff), or write the pages of all commands
    Man {
        /// Command whose page is printed: `flows`, `registry list` [default: the program's]
        command: Vec<String>,
        /// Write every page to DIR: portscribe.1, portscribe-flows.1 …
        #[arg(long, value_name = "DIR", conflicts_with = "command")]
        out: Option<PathBuf>,
    },
}

impl Command {
    /// Whether the command goes through captures, which may take long.
    pub(super) fn reads_captures(&self) -> bool {
        matches!(
            self,
            Command::Flows(_)
                | Command::Merge(_)
                | Command::Packets(_)
                | Command::Summary(_)
                | Command::Explain(_)
                | Command::Diff(_)
                | Command::Report(_)
                | Command::Annotate(_)
                | Command::Review(_)
                | Command::Hostile(_)
        )
    }
}

/// Where results go, and which registry is asked.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Common {
    /// Output format [default: by the name of --output: .csv, .tsv, .json, .ndjson, .md, .txt, .parquet or .arrow; else table on a
    /// terminal, csv otherwise]
    #[arg(short, long, value_name = "FORMAT", value_parser = format())]
    pub(super) format: Option<Format>,
    /// Write to FILE instead of standard output; FILE appears when it is complete, compressed if its name
    /// ends in .gz or .zst
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Use this registry: a file in one of IANA's formats (CSV, XML, XHTML, text, a printed page), or
    /// `bundled` [default: the imported registry, or else the bundled one]
    #[arg(long, value_name = "FILE", help_heading = "Registry")]
    pub(super) registry: Option<PathBuf>,
    /// Show local names from FILE beside the registered ones: TOML, CSV (IANA's columns, then
    /// optionally Host), /etc/services or nmap-services; `common` for the bundled list (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Registry")]
    pub(super) overlay: Vec<PathBuf>,
    /// Skip rows of registry and overlay files that cannot be parsed, and list them
    #[arg(long, help_heading = "Registry")]
    pub(super) lenient: bool,
    /// When to use color; auto: on a terminal, unless NO_COLOR is set. What is to be looked at stands out, guesses
    /// stand back
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// When to show a table in a pager: the one that PORTSCRIBE_PAGER or PAGER names, or else less
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Paging::Auto)]
    pub(super) paging: Paging,
    /// Print only errors to standard error
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Print details of what was read to standard error
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

/// Which captures, and how they are read.
#[derive(clap::Args, Debug)]
pub(super) struct Reading {
    /// Capture files (pcap or pcapng; plain, gzip or zstd), folders, or `-` for standard input
    #[arg(value_name = "CAPTURE", required = true)]
    pub(super) captures: Vec<PathBuf>,
    /// Read folders recursively
    #[arg(long)]
    pub(super) recursive: bool,
    /// Read captures in the order given [default: by the time of their first packets]
    #[arg(long)]
    pub(super) keep_order: bool,
    /// Which transport header to use in tunnelled traffic
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = LayerChoice::Inner)]
    pub(super) layers: LayerChoice,
    /// End a flow after this much idle time: SECONDS for all transports, tcp=SECONDS (also SCTP and
    /// DCCP) or udp=SECONDS [default: tcp=300 udp=60]
    #[arg(long, value_name = "SECONDS", value_parser = IdleTimeout::from_str)]
    pub(super) idle_timeout: Vec<IdleTimeout>,
    /// What to do with copies of packets, as mirror ports and captures on all interfaces make them
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = CopyChoice::Count)]
    pub(super) copies: CopyChoice,
    /// Keep flows of different VLANs apart, for networks with overlapping addresses
    #[arg(long)]
    pub(super) separate_vlans: bool,
    /// Treat LOW-HIGH as client ports, instead of 32768-60999 and 49152-65535 (repeatable)
    #[arg(long, value_name = "LOW-HIGH", value_parser = port_range)]
    pub(super) ephemeral: Vec<RangeInclusive<u16>>,
    #[arg(long, value_name = "KIND=PORT", value_parser = tunnel, help = tunnel_kinds())]
    pub(super) tunnel: Vec<(UdpTunnel, u16)>,
    /// Decode a private-use link type as another one: USER2=PKTAP (repeatable)
    #[arg(long, value_name = "USERn=NAME", value_parser = link_type)]
    pub(super) link_type: Vec<(LinkType, LinkType)>,
    /// Decode ESP as unencrypted (NULL encryption, RFC 2410)
    #[arg(long)]
    pub(super) esp_null: bool,
    /// Read headers alone: do not look at the first payload octets of each flow, which show its protocol
    /// and its server
    #[arg(long)]
    pub(super) no_payload: bool,
    /// Does nothing: payload is looked at unless --no-payload is given
    #[arg(long, hide = true, conflicts_with = "no_payload")]
    pub(super) peek: bool,
    /// Stop reading a capture at its first damage [default: pass over it and read on]
    #[arg(long)]
    pub(super) strict: bool,
    /// Number of threads for large captures [default: number of cores]
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    /// When to show progress on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Progress::Auto)]
    pub(super) progress: Progress,
    /// Keep all rights while captures are read [default: give up those to other files, to networks and to
    /// processes, where the system has Landlock and seccomp]
    #[arg(long)]
    pub(super) no_sandbox: bool,
}

/// Which flows the result is about.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = SELECTION)]
pub(super) struct Selecting {
    /// Flows that meet a condition, such as 'server in 10.0.0.0/8 and not port in (53, 443) and bytes > 1M'; see
    /// `portscribe help where`
    #[arg(long = "where", value_name = "EXPRESSION", value_parser = expression)]
    pub(super) wheres: Vec<Expression>,
    /// Port of either end: number, range, 443/tcp, or registered name
    #[arg(long, value_name = "PORT", value_parser = ListOf("port"))]
    pub(super) port: Vec<Values>,
    /// Port of the server
    #[arg(long, value_name = "PORT", value_parser = ListOf("server_port"))]
    pub(super) server_port: Vec<Values>,
    /// Address, network or range of addresses of either end
    #[arg(long, value_name = "CIDR", value_parser = ListOf("host"))]
    pub(super) host: Vec<Values>,
    /// Address, network or range of addresses of the client
    #[arg(long, value_name = "CIDR", value_parser = ListOf("client"))]
    pub(super) client: Vec<Values>,
    /// Address, network or range of addresses of the server
    #[arg(long, value_name = "CIDR", value_parser = ListOf("server"))]
    pub(super) server: Vec<Values>,
    /// Service name of the server port: registered name, alias, or local name from an overlay
    #[arg(long, value_name = "NAME", value_parser = ListOf("services"))]
    pub(super) service: Vec<Values>,
    /// Registry status of the server port; portless implies --protocols all
    #[arg(long, value_name = "STATUS", value_parser = ListOf("status"))]
    pub(super) status: Vec<Values>,
    /// Flag of the flow
    #[arg(long, value_name = "FLAG", value_parser = ListOf("flag"))]
    pub(super) flag: Vec<Values>,
    /// Transport protocol
    #[arg(long, value_name = "TRANSPORT", value_parser = ListOf("transport"))]
    pub(super) transport: Vec<Values>,
    /// Protocol that the payload shows, such as TLS or `SSH 2`
    #[arg(long, value_name = "PROTOCOL", value_parser = ListOf("observed"), hide_possible_values = true)]
    pub(super) observed: Vec<Values>,
    /// How the payload stands to the registered service
    #[arg(long, value_name = "HOW", value_parser = ListOf("agreement"))]
    pub(super) agreement: Vec<Values>,
    /// Interface of the capture, by name or number: of either direction's first packet; for `packets` of
    /// the packet
    #[arg(long, value_name = "NAME|INDEX")]
    pub(super) interface: Vec<String>,
    /// Packets at or after TIME: 10:00 (on the day of the first packet), -1h (before the last packet; of a pipe,
    /// before now), +10m (after the first), RFC 3339, a date, or seconds since 1970; UTC, unless --time local is given
    #[arg(long, value_name = "TIME", value_parser = when, allow_hyphen_values = true)]
    pub(super) since: Option<When>,
    /// Packets before TIME
    #[arg(long, value_name = "TIME", value_parser = when, allow_hyphen_values = true)]
    pub(super) until: Option<When>,
}

impl Selecting {
    /// The values of the option of this name.
    pub(super) fn values(&self, option: &str) -> &[Values] {
        match option {
            "port" => &self.port,
            "server-port" => &self.server_port,
            "host" => &self.host,
            "client" => &self.client,
            "server" => &self.server,
            "service" => &self.service,
            "status" => &self.status,
            "flag" => &self.flag,
            "transport" => &self.transport,
            "observed" => &self.observed,
            "agreement" => &self.agreement,
            _ => &[],
        }
    }

    /// The selection with values of `--only` added to those of the options.
    pub(super) fn with(&self, only: &[Only]) -> Selecting {
        let mut all = self.clone();
        for one in only {
            match one {
                Only::Interface(name) => all.interface.push(name.clone()),
                Only::Values(option, values) => {
                    let list = match *option {
                        "port" => &mut all.port,
                        "server-port" => &mut all.server_port,
                        "host" => &mut all.host,
                        "client" => &mut all.client,
                        "server" => &mut all.server,
                        "service" => &mut all.service,
                        "status" => &mut all.status,
                        "flag" => &mut all.flag,
                        "transport" => &mut all.transport,
                        "observed" => &mut all.observed,
                        _ => &mut all.agreement,
                    };
                    list.push(values.clone());
                }
            }
        }
        all
    }
}

/// What becomes of a result without rows.
#[derive(clap::Args, Debug)]
pub(super) struct WhenEmpty {
    /// Exit with status 1 if no flow is selected
    #[arg(long, help_heading = SELECTION)]
    pub(super) fail_if_empty: bool,
}

/// Which protocols are in flows.
#[derive(clap::Args, Debug)]
pub(super) struct Protocols {
    /// Which protocols to put into flows
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = ProtocolChoice::Ports)]
    pub(super) protocols: ProtocolChoice,
}

/// Which of them the result is about.
#[derive(clap::Args, Debug)]
pub(super) struct OfProtocols {
    /// Protocol above IP, by IANA's name or number: esp, 50; one without ports implies --protocols all
    #[arg(long, value_name = "PROTOCOL", value_parser = ListOf("protocol"), help_heading = SELECTION)]
    pub(super) protocol: Vec<Values>,
}

const SELECTION: &str = "Selection (A,B: one of them; '!A': not A; all must match)";

/// How many flows are in memory, unless asked otherwise.
const MOST_FLOWS: usize = 5_000_000;

/// How many flows are kept at hand.
#[derive(clap::Args, Debug)]
pub(super) struct Keeping {
    /// Keep at most N flows in memory (about 150 bytes each); spill the rest to temporary files in
    /// $TMPDIR [default: 5000000]
    #[arg(long, value_name = "N")]
    flows_in_memory: Option<NonZeroUsize>,
}

impl Keeping {
    pub(super) fn flows_in_memory(&self) -> usize {
        self.flows_in_memory.map_or(MOST_FLOWS, NonZeroUsize::get)
    }

    /// Whether a number was asked for.
    pub(super) fn is_given(&self) -> bool {
        self.flows_in_memory.is_some()
    }
}

/// How many flows are held by what needs all of them.
#[derive(clap::Args, Debug)]
pub(super) struct Holding {
    /// Hold at most N flows in memory (about 600 bytes each), and fail where there are more [default: 5000000]
    #[arg(long, value_name = "N")]
    flows_in_memory: Option<NonZeroUsize>,
}

impl Holding {
    pub(super) fn flows_in_memory(&self) -> usize {
        self.flows_in_memory.map_or(MOST_FLOWS, NonZeroUsize::get)
    }
}

/// Which names of hosts the result shows.
#[derive(clap::Args, Debug)]
pub(super) struct Naming {
    /// Show names of hosts that the captures hold: answers of DNS (also mDNS, LLMNR, NBNS), SNI of TLS and QUIC,
    /// Host of HTTP, DHCP, name resolution blocks. Names are personal data, and text that others chose [default
    /// SOURCES: dns,sni,host,dhcp,nrb]
    #[arg(long, value_name = "SOURCES", num_args = 0..=1, require_equals = true, value_delimiter = ',',
          default_missing_value = "dns,sni,host,dhcp,nrb", value_parser = name_source(), hide_possible_values = true)]
    pub(super) names: Option<Vec<NameSource>>,
    /// Show names from FILE, an address and its names a line, as in /etc/hosts; they come before others
    #[arg(long, value_name = "FILE")]
    pub(super) hosts_file: Option<PathBuf>,
}

/// What is hidden in the result.
#[derive(clap::Args, Debug)]
pub(super) struct Anonymizing {
    /// Replace addresses and names by the secret in KEYFILE, and leave out payload: 32 random octets or 64
    /// hexadecimal digits. The same key gives the same addresses
    #[arg(long, value_name = "KEYFILE")]
    pub(super) anonymize: Option<PathBuf>,
}

/// Which part of the rows is shown.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = ROWS)]
pub(super) struct Arranging {
    /// Columns to show, in this order: A,B; or all but some: -A,-B; see `portscribe help columns`
    #[arg(long, value_name = "A,B,-C", value_delimiter = ',', allow_hyphen_values = true)]
    pub(super) columns: Vec<String>,
    /// Show the first N rows
    #[arg(long, value_name = "N", value_parser = number_of_rows)]
    pub(super) head: Option<NonZeroUsize>,
}

/// Which part of the rows is shown, and in which order.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = ROWS)]
pub(super) struct Sorting {
    #[command(flatten)]
    pub(super) arranging: Arranging,
    /// Sort rows by column KEY, the smallest value first; KEY:desc for the greatest first
    #[arg(long, value_name = "KEY[:desc]", allow_hyphen_values = true)]
    pub(super) sort: Option<String>,
    /// Show the N rows with the most bytes, or the first N of --sort
    #[arg(long, value_name = "N", value_parser = number_of_rows, conflicts_with = "head")]
    pub(super) top: Option<NonZeroUsize>,
}

const ROWS: &str = "Rows and columns";

/// How times are written.
#[derive(clap::Args, Debug)]
pub(super) struct Timing {
    /// How to write times, and to read those of --since and --until that name no time zone. Formats for programs
    /// have RFC 3339 in UTC unless this is given: local adds the zone's offset; relative and epoch are for text, not
    /// for json and ndjson
    #[arg(long = "time", value_name = "FORM", value_enum, default_value_t = TimeForm::Utc, help_heading = ROWS)]
    pub(super) time_form: TimeForm,
}

#[derive(clap::Args, Debug)]
#[command(after_help = FLOWS_EXAMPLES)]
pub(super) struct Flows {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) protocols: Protocols,
    #[command(flatten)]
    pub(super) naming: Naming,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    /// Order of the rows
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = Order::Begin)]
    pub(super) order: Order,
    /// Write what is known of each capture, read alone, as a table for `portscribe merge`: Arrow, or Parquet where the
    /// name of --output ends in .parquet
    #[arg(long)]
    pub(super) partial: bool,
    /// Show each flow of a scan in tables, which have one line for a client that tries many ports and uses few
    /// [default: also with --columns, --sort and --top, and in formats for programs]
    #[arg(long, help_heading = ROWS)]
    pub(super) scans: bool,
    /// Name columns as others do: ecs (Elastic Common Schema), ocsf (Network Activity), zeek (conn.log), eve
    /// (Suricata), ipfix; for ndjson, csv, parquet and arrow, zeek for tsv, too
    #[arg(long, value_name = "SCHEMA", value_parser = schema(), conflicts_with = "columns", help_heading = ROWS)]
    pub(super) schema: Option<Schema>,
    /// Write Parquet files by day into the folder that --output names, below folders of these keys, as Hive's
    /// partitions: region=eu-west-1,accountId=123456789012 (comma-separated; the last, eventDay, is the day of the
    /// first packet)
    #[arg(long, value_name = "KEY=VALUE", value_parser = partition, value_delimiter = ',', requires = "output",
          help_heading = ROWS)]
    pub(super) partition: Vec<(String, String)>,
    #[command(flatten)]
    pub(super) anonymizing: Anonymizing,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) sorting: Sorting,
    #[command(flatten)]
    pub(super) timing: Timing,
    #[command(flatten)]
    pub(super) selecting: Selecting,
    #[command(flatten)]
    pub(super) of_protocols: OfProtocols,
    #[command(flatten)]
    pub(super) when_empty: WhenEmpty,
}

const MERGE_EXAMPLES: &str = concat!(
    "Examples:
  portscribe flows --partial monday.pcapng -o monday.arrow
      what is known of one capture, read alone: on any machine, at any time
  portscribe merge monday.arrow tuesday.arrow
      the flows of all, as `portscribe flows monday.pcapng tuesday.pcapng` lists them
  portscribe merge --partial *.arrow -o week.parquet
      one table of several

",
    exit_status!("and no flow was selected (--fail-if-empty)"),
    "\n\n",
    words_in_results!(),
    "\n\n",
    note!()
);

#[derive(clap::Args, Debug)]
#[command(after_help = MERGE_EXAMPLES)]
pub(super) struct Merge {
    /// Tables that `portscribe flows --partial` wrote, or this command; - for standard input
    #[arg(value_name = "TABLE", required = true)]
    pub(super) tables: Vec<PathBuf>,
    /// Write one table of all instead of the flows: Arrow, or Parquet where the name of --output ends in .parquet
    #[arg(long)]
    pub(super) partial: bool,
    /// Take captures in the order of the tables [default: by the time of their first packets, then by name]
    #[arg(long)]
    pub(super) keep_order: bool,
    /// Show names from FILE, an address and its names a line, as in /etc/hosts; they come before others
    #[arg(long, value_name = "FILE")]
    pub(super) hosts_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    #[command(flatten)]
    pub(super) anonymizing: Anonymizing,
    /// Show each flow of a scan in tables, which have one line for a client that tries many ports and uses few
    /// [default: also with --columns, --sort and --top, and in formats for programs]
    #[arg(long, help_heading = ROWS)]
    pub(super) scans: bool,
    /// Keep all rights while tables are read [default: give up those to other files, to networks and to processes,
    /// where the system has Landlock and seccomp]
    #[arg(long)]
    pub(super) no_sandbox: bool,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) sorting: Sorting,
    #[command(flatten)]
    pub(super) timing: Timing,
    #[command(flatten)]
    pub(super) selecting: Selecting,
    #[command(flatten)]
    pub(super) of_protocols: OfProtocols,
    #[command(flatten)]
    pub(super) when_empty: WhenEmpty,
}

#[derive(clap::Args, Debug)]
#[command(after_help = PACKETS_EXAMPLES)]
pub(super) struct Packets {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) holding: Holding,
    #[command(flatten)]
    pub(super) anonymizing: Anonymizing,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) arranging: Arranging,
    #[arg(long = "sort", alias = "top", value_name = "KEY", value_parser = no_order, hide = true)]
    pub(super) no_order: Option<()>,
    #[command(flatten)]
    pub(super) timing: Timing,
    #[command(flatten)]
    pub(super) selecting: Selecting,
    #[command(flatten)]
    pub(super) when_empty: WhenEmpty,
}

const SUMMARY_EXAMPLES: &str = concat!(
    "Examples:
  portscribe summary week.pcapng
      what is in it, on one screen: how much has which status, the largest services, and what catches the eye, each with \
      the option that lists its flows (formats for programs have rows alone)
  portscribe summary week.pcapng --all
      all that catches the eye, and all services
  portscribe summary week.pcapng --by server,service --host 10.0.0.0/8
      a table of totals by server and service
  portscribe summary week.pcapng --by 10m --columns period,flows,bytes
      traffic over time: each flow counts in the ten minutes of its first packet

",
    exit_status!("and no flow was selected (--fail-if-empty)"),
    "\n\n",
    words_in_results!(),
    "\n\n",
    note!()
);

#[derive(clap::Args, Debug)]
#[command(after_help = SUMMARY_EXAMPLES)]
pub(super) struct Summary {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) protocols: Protocols,
    #[command(flatten)]
    pub(super) naming: Naming,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    /// Total flows by KEY, or by several: KEY,KEY; in a table without the overview. A span of time such as 10s or 5m
    /// is a key, too; a flow counts in that of its first packet [default: service]
    #[arg(long, value_name = "KEYS", value_parser = KeyOf, value_delimiter = ',')]
    pub(super) by: Vec<By>,
    /// Show all that catches the eye and all services below the overview, not what fits one screen
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) anonymizing: Anonymizing,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) sorting: Sorting,
    #[command(flatten)]
    pub(super) timing: Timing,
    #[command(flatten)]
    pub(super) selecting: Selecting,
    #[command(flatten)]
    pub(super) of_protocols: OfProtocols,
    #[command(flatten)]
    pub(super) when_empty: WhenEmpty,
}

#[derive(clap::Args, Debug)]
#[command(
    after_help = ANNOTATE_EXAMPLES,
    mut_arg("captures", |arg| arg.required(false).required_unless_present("wireshark_profile")),
    mut_arg("output", |arg| {
        arg.help("Write to FILE, which appears when it is complete, compressed if its name ends in .gz or .zst; `-` \
                  is standard output; with --split-by, a folder")
    }),
    mut_arg("format", |arg| arg.hide(true)),
    mut_arg("color", |arg| arg.hide(true)),
    mut_arg("paging", |arg| arg.hide(true)),
)]
pub(super) struct Annotate {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) holding: Holding,
    /// Packets to comment: the first of each flow, all, or all of flagged flows
    #[arg(long, value_name = "WHICH", value_parser = comments(), default_value = "all")]
    pub(super) comments: Comments,
    /// Write one file per service, flag or flow into the folder --output
    #[arg(long, value_name = "KEY", value_parser = split_by(), conflicts_with = "delay")]
    pub(super) split_by: Option<SplitBy>,
    #[command(flatten)]
    pub(super) naming: Naming,
    /// Add the overlay's host names as a name resolution block
    #[arg(long, conflicts_with = "anonymize")]
    pub(super) overlay_names: bool,
    /// Annotate in one pass, and hold each packet back for SECONDS of capture time to label it
    /// better [default: two passes; 1 from standard input to standard output]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) delay: Option<Duration>,
    /// Write a Wireshark profile to DIR: services, columns, colors, filter buttons
    #[arg(long, value_name = "DIR")]
    pub(super) wireshark_profile: Option<PathBuf>,
    /// Write only packets of these flows: KIND=VALUE, such as flag=unassigned-port; kinds are the
    /// selection options below
    #[arg(long, value_name = "SELECTION", value_parser = only)]
    pub(super) only: Vec<Only>,
    #[command(flatten)]
    pub(super) anonymizing: Anonymizing,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) selecting: Selecting,
}

const REPORT_EXAMPLES: &str = concat!(
    "Examples:
  portscribe report week.pcapng -o week.html
      one page: what catches the eye, how much of what, over time, between networks, and all flows to search
  portscribe report monday/ --names --where 'not server in 10.0.0.0/8' -o outside.html
      of the flows to servers elsewhere alone, with names of hosts
  portscribe report week.pcapng --zones zones.csv -o week.html
      with your zones in place of networks: who serves what to whom
  portscribe report week.pcapng --anonymize key -o week.html
      with addresses that only who has the key can trace

The page is one file that loads nothing from anywhere; a table of more than 100,000 flows holds those with the most bytes.

",
    exit_status!("and no flow was selected (--fail-if-empty)"),
    "\n\n",
    note!()
);

#[derive(clap::Args, Debug)]
#[command(
    after_help = REPORT_EXAMPLES,
    mut_arg("output", |arg| {
        arg.help("Write the page to FILE, which appears when it is complete, compressed if its name ends in .gz or \
                  .zst; `-` is standard output")
    }),
    mut_arg("format", |arg| arg.hide(true)),
    mut_arg("color", |arg| arg.hide(true)),
)]
pub(super) struct Report {
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Show who serves what between zones, not networks: CSV with columns zone, cidr, comment, trust, as for `review`
    #[arg(long, value_name = "FILE", conflicts_with = "anonymize")]
    pub(super) zones: Option<PathBuf>,
    #[command(flatten)]
    pub(super) protocols: Protocols,
    #[command(flatten)]
    pub(super) naming: Naming,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    #[command(flatten)]
    pub(super) anonymizing: Anonymizing,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) selecting: Selecting,
    #[command(flatten)]
    pub(super) of_protocols: OfProtocols,
    #[command(flatten)]
    pub(super) when_empty: WhenEmpty,
}

const REVIEW_EXAMPLES: &str = concat!(
    "Examples:
  portscribe review week.pcapng --out review
      list the services in use, to be filled in: review/worksheet.csv
  portscribe review week.pcapng --zones zones.csv --approved review/worksheet.csv --rules fw.json --out review --fail-on high
      compare them with approvals and a ruleset (nft -j list ruleset > fw.json)
  portscribe review week.pcapng --approved review/worksheet.csv --approved-only --out review --write nft,aerleon,oscal
      propose rules for what is approved and in use
  portscribe review week.pcapng --zones zones.csv --rules fw.json --chain inet/fw/forward --iface eth1=users --out review
      judge by one chain alone, and say which zone an interface leads to

",
    exit_status!(
        "and --fail-on or --require-coverage was met; every file is written, and captures that could not be read \
         completely are listed on standard error",
        "the command line is wrong, or --out holds a worksheet that would be lost"
    ),
    "\n\nA registration does not make traffic legitimate, nor does it prove that the traffic is that service; and a \
     service that was not seen may still be needed."
);

#[derive(clap::Args, Debug)]
#[command(
    after_help = REVIEW_EXAMPLES,
    mut_arg("layers", |arg| arg.default_value("outer")),
    mut_arg("no_payload", |arg| {
        arg.help("Read headers alone: do not look at the first payload octets, which show protocols and the \
                  ports that FTP announces")
            .help_heading("Review")
    }),
    mut_arg("format", |arg| {
        arg.help("Format of standard output: table (a summary), or json (the same as review.json) \
                  [default: by the name of --output, or table]")
            .value_parser(words([Format::Table, Format::Json].map(|format| (format, format.name()))))
    }),
    mut_arg("color", |arg| arg.hide(true)),
    mut_arg("paging", |arg| arg.hide(true)),
    mut_arg("output", |arg| arg.help("Write the summary to FILE instead of standard output")),
)]
pub(super) struct Review {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) holding: Holding,
    #[command(flatten)]
    pub(super) naming: Naming,
    /// Named networks: CSV with columns zone, cidr, comment, trust (internal, dmz, cde, external)
    /// [default: private networks are internal, the rest external]
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) zones: Option<PathBuf>,
    /// Worksheet of the last review, filled in, CSV or .xlsx (repeatable for copies that several people filled in)
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) approved: Vec<PathBuf>,
    /// Read dates such as 1/2/2027 in worksheets: mdy (2 January) or dmy (1 February) [default: they are
    /// refused]
    #[arg(long, value_name = "ORDER", value_parser = date_order(), requires = "approved", help_heading = "Review")]
    pub(super) dates: Option<DateOrder>,
    /// Zone of the worksheet that is now called NEW in --zones (repeatable)
    #[arg(long, value_name = "OLD=NEW", value_parser = renamed_zone, requires = "approved", help_heading = "Review")]
    pub(super) rename_zone: Vec<(String, String)>,
    /// Ruleset of the firewall: output of `nft -j list ruleset` or `nft list ruleset`, `iptables-save -c`,
    /// `ip6tables-save -c`, or AWS security group rules; `-` is standard input (repeatable for the
    /// IPv4 and IPv6 files of one firewall)
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) rules: Vec<PathBuf>,
    /// Format of the rules: nft-json, nft, iptables-save or aws-sgr [default: detected]
    #[arg(long, value_name = "FORMAT", value_parser = rules_format(), requires = "rules", help_heading = "Review")]
    pub(super) rules_format: Option<RulesetFormat>,
    /// The same rules as --rules, printed after the last packet, with counters; --rules was printed before
    /// the first: what the kernel counted settles and contradicts what captures show (once for each --rules)
    #[arg(long, value_name = "FILE", requires = "rules", help_heading = "Review")]
    pub(super) rules_after: Vec<PathBuf>,
    /// When the counters of --rules stood at zero, if they were printed after the last packet; with
    /// --rules-after, when --rules was printed
    #[arg(long, value_name = "TIME", value_parser = time, requires = "rules", allow_hyphen_values = true, help_heading = "Review")]
    pub(super) counters_since: Option<Timestamp>,
    /// Judge by this chain alone: inet/fw/forward, or the end of such a name [default: every chain
    /// that a packet passes] (repeatable)
    #[arg(long, value_name = "CHAIN", requires = "rules", help_heading = "Review")]
    pub(super) chain: Vec<String>,
    /// Zone that a firewall interface leads to, for rules that match interfaces (repeatable)
    #[arg(long, value_name = "NAME=ZONE", value_parser = interface, requires = "rules", help_heading = "Review")]
    pub(super) iface: Vec<(String, String)>,
    /// All addresses of the firewall: input chains judge traffic to them, output chains traffic
    /// from them, forward chains all other traffic (repeatable, or separated by commas)
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',', requires = "rules", help_heading = "Review")]
    pub(super) own: Vec<std::net::IpAddr>,
    /// Members of an AWS security group or prefix list: sg-1a2b=10.0.1.0/24,10.0.2.7 (repeatable)
    #[arg(long, value_name = "ID=NETWORKS", value_parser = group, requires = "rules", help_heading = "Review")]
    pub(super) group: Vec<(String, Networks)>,
    /// Connections that the firewall knew: output of `conntrack -L`, to tell what it translated (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) conntrack: Vec<PathBuf>,
    /// Sets that iptables rules ask for (`-m set`): output of `ipset save`, judged as they stand there (repeatable)
    #[arg(long, value_name = "FILE", requires = "rules", help_heading = "Review")]
    pub(super) ipset: Vec<PathBuf>,
    /// Where the capture was taken: outside shows what the firewall drops, inside does not
    #[arg(long, value_name = "WHERE", value_parser = vantage(), help_heading = "Review")]
    pub(super) vantage: Option<Vantage>,
    /// Additional insecure services, or waivers: CSV with the columns service, proto, ports,
    /// tag, reason, source, waived (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Review")]
    pub(super) insecure: Vec<PathBuf>,
    /// Length of observation after which each needed service should have shown: 42d, 12h, 90m, 30s
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "42d", help_heading = "Review")]
    pub(super) window: Duration,
    /// Do not count longer gaps without packets as covered
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "15m", help_heading = "Review")]
    pub(super) max_gap: Duration,
    /// Day on which approvals must be valid [default: day of the last packet]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Review")]
    pub(super) as_of: Option<jiff::civil::Date>,
    /// Output folder; created if missing
    #[arg(long, value_name = "DIR", help_heading = "Review")]
    pub(super) out: PathBuf,
    /// Files to write: worksheet (CSV), xlsx (the worksheet as a workbook), json, html, nft, aerleon,
    /// oscal, parquet, arrow (rows of the worksheet for programs; comma-separated)
    #[arg(long, value_name = "WHAT", value_parser = written(), value_delimiter = ',',
          default_value = "worksheet,json,html", help_heading = "Review")]
    pub(super) write: Vec<Written>,
    /// Propose rules (nft, aerleon, oscal) only for approved rows
    #[arg(long, requires = "approved", help_heading = "Review")]
    pub(super) approved_only: bool,
    /// Exit with status 1 on a finding of at least this severity (info, low, medium, high), or where the
    /// last worksheet differs: new-service, new-client, gone (comma-separated)
    #[arg(long, value_name = "WHAT", value_parser = review_fail_on(), value_delimiter = ',', help_heading = "Review")]
    pub(super) fail_on: Vec<ReviewFailOn>,
    /// Exit with status 1 if less than TIME was covered: 7d
    #[arg(long, value_name = "TIME", value_parser = span, help_heading = "Review")]
    pub(super) require_coverage: Option<Duration>,
    /// Packets at or after TIME: 10:00 (on the day of the first packet), -1h (before the last packet; of a pipe,
    /// before now), +10m (after the first), RFC 3339, a date, or seconds since 1970 (UTC)
    #[arg(long, value_name = "TIME", value_parser = when, allow_hyphen_values = true)]
    pub(super) since: Option<When>,
    /// Packets before TIME
    #[arg(long, value_name = "TIME", value_parser = when, allow_hyphen_values = true)]
    pub(super) until: Option<When>,
    #[arg(long = "where", value_name = "EXPRESSION", value_parser = no_expression, hide = true)]
    pub(super) no_where: Option<()>,
    #[command(flatten)]
    pub(super) common: Common,
}

const EXPLAIN_EXAMPLES: &str = concat!(
    "Examples:
  portscribe explain week.pcapng --flow 7
      the flow that `flows week.pcapng` numbers 7: who is the server and why, what the registry and the payload say, its \
      first packets, and what its flags mean
  portscribe explain week.pcapng 192.0.2.7:8443
      the first flow with that end, and the numbers of the others
  portscribe explain flag one-way
  portscribe explain state S1
  portscribe explain basis
      what a word in results means, and what it does not; all words of a kind

Kinds of words:
  flag, status, range, state, agreement, observed-by, in-the-clear-by, basis, confidence, uncounted (packets in no flow), column, \
  review-status, grade, finding

",
    exit_status!("and there is no such flow or word; what is nearest is named")
);

#[derive(clap::Args, Debug)]
#[command(
    after_help = EXPLAIN_EXAMPLES,
    override_usage = "portscribe explain [OPTIONS] CAPTURE... --flow N\n       \
                      portscribe explain [OPTIONS] CAPTURE... --community-id ID\n       \
                      portscribe explain [OPTIONS] CAPTURE... N|ID|ADDRESS:PORT\n       \
                      portscribe explain [OPTIONS] KIND [WORD]",
    mut_arg("captures", |arg| {
        arg.value_name("CAPTURE|KIND").help(
            "Captures as for `flows`, then the flow where no option names it: its number, its Community ID or \
             ADDRESS:PORT; or a kind of words, and a word",
        )
    }),
    mut_arg("format", |arg| arg.help("table (sentences) or json; for words every format [default: table]")),
)]
pub(super) struct Explain {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) holding: Holding,
    #[command(flatten)]
    pub(super) protocols: Protocols,
    #[command(flatten)]
    pub(super) naming: Naming,
    /// Number of the flow, as `flows` has it for the same captures and options
    #[arg(long, value_name = "N", value_parser = flow_number, help_heading = "Flow")]
    pub(super) flow: Option<u64>,
    /// Community ID of the flow (version 1, seed 0)
    #[arg(long, value_name = "ID", conflicts_with = "flow", help_heading = "Flow")]
    pub(super) community_id: Option<String>,
    /// List the first N packets of the flow
    #[arg(long, value_name = "N", default_value_t = 12, help_heading = "Flow")]
    pub(super) packets: u16,
    /// Packets at or after TIME, as for `flows`
    #[arg(long, value_name = "TIME", value_parser = when, allow_hyphen_values = true, help_heading = "Flow")]
    pub(super) since: Option<When>,
    /// Packets before TIME
    #[arg(long, value_name = "TIME", value_parser = when, allow_hyphen_values = true, help_heading = "Flow")]
    pub(super) until: Option<When>,
    #[command(flatten)]
    pub(super) timing: Timing,
    #[command(flatten)]
    pub(super) common: Common,
}

const DIFF_EXAMPLES: &str = concat!(
    "Examples:
  portscribe diff monday.pcap tuesday.pcap
      services, servers, clients and statuses that came, went or changed
  portscribe flows monday.pcap -o monday.csv
  portscribe diff monday.csv tuesday.pcap --fail-on new-service,new-server
      against a saved result of `flows` or `summary` (CSV, TSV, JSON, NDJSON), as a check
  portscribe diff --baseline captures/ today.pcap
      what no capture of a folder has

OLD and NEW are captures, folders of captures, or saved results of `flows`, or of `summary` by service or port. What a \
saved result does not hold (a summary has no clients) is told as unknown, not as gone.

",
    exit_status!("and --fail-on was met; without it, differences are no failure"),
    "\n\nA registration does not make traffic legitimate, nor does a service that is not new."
);

#[derive(clap::Args, Debug)]
#[command(
    after_help = DIFF_EXAMPLES,
    override_usage = "portscribe diff [OPTIONS] OLD NEW\n       \
                      portscribe diff [OPTIONS] --baseline FOLDER NEW...",
    mut_arg("captures", |arg| {
        arg.value_name("OLD NEW").help("Captures, folders, or saved results of `flows` or `summary`")
    }),
)]
pub(super) struct Diff {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) holding: Holding,
    #[command(flatten)]
    pub(super) protocols: Protocols,
    /// Compare with everything in FOLDER: captures and saved results (repeatable)
    #[arg(long, value_name = "FOLDER", help_heading = "Comparison")]
    pub(super) baseline: Vec<PathBuf>,
    /// Tell of amounts that grew or fell by this factor or more, in bytes
    #[arg(long, value_name = "FACTOR", default_value_t = 10.0, value_parser = factor, help_heading = "Comparison")]
    pub(super) factor: f64,
    /// Exit with status 1 where one of these is found (comma-separated)
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',', help_heading = "Comparison")]
    pub(super) fail_on: Vec<FailOn>,
    #[command(flatten)]
    pub(super) selecting: Selecting,
    #[command(flatten)]
    pub(super) of_protocols: OfProtocols,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(clap::Args, Debug)]
pub(super) struct Hostile {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(clap::Args, Debug)]
#[command(after_help = LOOKUP_EXAMPLES)]
pub(super) struct Lookup {
    /// Port (443), port and transport (443/tcp), range (6000-6010), or service name (ipfix)
    #[arg(value_name = "PORT|NAME", required_unless_present = "search", value_parser = query)]
    pub(super) queries: Vec<(String, Query)>,
    /// Search for rows that contain all of these words, in any column (repeatable)
    #[arg(long, value_name = "WORDS", value_parser = some_words)]
    pub(super) search: Vec<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Subcommand, Debug)]
pub(super) enum Registry {
    /// Show the edition in use, its source, counts by status, and the number of free ports
    Info {
        #[command(flatten)]
        common: Common,
    },
    /// List rows in IANA's columns
    List {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        filter: RowFilter,
    },
    /// List rows that contain all of these words; exit status 1 if none do
    Search {
        /// Words to find, in any column and letter case
        #[arg(required = true, value_parser = some_words)]
        words: Vec<String>,
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        filter: RowFilter,
    },
    /// Compare two editions, and show what changes in labels
    Diff {
        /// Registry file, `bundled` or `in-use`
        old: PathBuf,
        /// Registry file, `bundled` or `in-use`
        new: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Export the registry in the format of another program
    Export(Export),
    /// Use a registry file instead of the bundled one, after showing what changes
    Import(Import),
    /// Download IANA's current edition, check it, show what changes, and use it
    Update(Update),
    /// Check a registry against the rules of RFC 6335
    Check {
        /// Registry file [default: the registry in use]
        file: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(clap::Args, Debug)]
pub(super) struct Export {
    /// Format: iana-csv and json are complete; services is for /etc/services, wireshark for its
    /// personal services file, nmap for nmap-services, sql for SQLite
    #[arg(short, long, value_name = "FORMAT", value_parser = target())]
    pub(super) format: Target,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(clap::Args, Debug)]
pub(super) struct Import {
    /// Registry file: CSV, XML, XHTML or text
    pub(super) file: PathBuf,
    /// Date of the edition, for files without one (CSV)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(super) edition: Option<String>,
    /// Only show what would change
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Use it even if it has far fewer rows than the registry in use
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(clap::Args, Debug)]
pub(super) struct Update {
    /// Return to the previous edition
    #[arg(long, conflicts_with_all = ["url", "dry_run", "force"])]
    pub(super) rollback: bool,
    /// Download from URL: HTTPS, or HTTP to this machine
    #[arg(long, value_name = "URL", default_value = crate::registry::fetch::IANA_CSV)]
    pub(super) url: String,
    /// Time limit for the download
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    /// Only show what would change
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Use it even if it has far fewer rows than the registry in use
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

/// What [`Common`] asks, for commands with a format of their own.
#[derive(clap::Args, Debug)]
pub(super) struct Place {
    /// Write to FILE instead of standard output; FILE appears when it is complete, compressed if its name
    /// ends in .gz or .zst
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Use this registry instead of the one in use
    #[arg(long, value_name = "FILE", help_heading = "Registry")]
    pub(super) registry: Option<PathBuf>,
    /// Skip rows of the registry file that cannot be parsed, and list them
    #[arg(long, help_heading = "Registry")]
    pub(super) lenient: bool,
    /// Print only errors to standard error
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
            paging: Paging::Never,
            quiet: self.quiet,
            verbose: false,
        }
    }
}

/// Which rows of the registry are shown.
#[derive(clap::Args, Debug, Default, PartialEq)]
#[command(next_help_heading = "Filters (repeated: one of them; all options must match)")]
pub(super) struct RowFilter {
    /// Service name, in any letter case
    #[arg(long, value_name = "NAME")]
    pub(super) name: Vec<String>,
    /// Port, or range of ports
    #[arg(long, value_name = "PORT", value_parser = port_range)]
    pub(super) port: Vec<RangeInclusive<u16>>,
    /// Transport; also matches rows without a transport
    #[arg(long, value_name = "TRANSPORT", value_parser = transport())]
    pub(super) transport: Vec<Transport>,
    /// Status of the row
    #[arg(long, value_name = "STATUS", value_parser = status())]
    pub(super) status: Vec<Status>,
    /// Port range
    #[arg(long, value_name = "RANGE", value_parser = range())]
    pub(super) range: Vec<PortRange>,
    /// Registered or modified on or after DATE (2024, 2024-03 or 2024-03-18)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) changed_since: Option<String>,
    /// Cell in COLUMN contains TEXT, in any letter case; an empty TEXT matches empty cells. All
    /// must match. Columns: service_name port_number transport_protocol description assignee
    /// contact registration_date modification_date reference service_code
    /// unauthorized_use_reported assignment_notes
    #[arg(long = "where", value_name = "COLUMN=TEXT", value_parser = column_text)]
    pub(super) cells: Vec<(Column, String)>,
}

impl RowFilter {
    /// The rows asked for, with these words in them.
    pub(super) fn of_words(&self, words: &str) -> crate::registry::RowFilter {
        crate::registry::RowFilter {
            words: words.split_whitespace().map(str::to_lowercase).collect(),
            names: self.name.clone(),
            ports: self.port.clone(),
            transports: self.transport.clone(),
            statuses: self.status.clone(),
            ranges: self.range.clone(),
            changed_since: self.changed_since.clone(),
            cells: self.cells.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_agree_with_each_other() {
        Args::command().debug_assert();
    }
}
