//! The command line.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use portscribe::report::Format;
use serde::{Deserialize, Serialize};

/// Asks of packet captures in SQL.
#[derive(Parser, Debug)]
#[command(name = "portscribe-lake", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run SQL over captures, the registry and Parquet files
    Sql(Sql),
    /// Add the flows of captures to a table of Parquet files by day
    Ingest(Ingest),
}

const EXAMPLES: &str = "\
Examples:
  portscribe-lake sql -c \"SELECT service, count(*) FROM flows('monday/') GROUP BY service\"
      how many flows there are of each service
  portscribe-lake sql -f questions.sql --format ndjson
      the answers to all that a file asks
  portscribe-lake sql -c \"SELECT * FROM flows('week-*.pcapng')\" -o week.parquet
  portscribe-lake sql -c \"SELECT * FROM parquet('week.parquet') WHERE in_network(server_address, '10.0.0.0/8')\"

Tables:
  flows('NAME', ...), packets('NAME', ...)  captures: files, folders, patterns such as 'week-*.pcap', objects
                                            such as 's3://bucket/week-*.pcap'
  parquet('NAME', ...)                      Parquet files, or a folder of them by Hive's names
  registry(), services()                    IANA's registry; what is known of services beside it
Functions:
  service(port, transport)  port_status(port, transport)  port_range(port)
  in_network(address, 'CIDR')  community_id(transport, address, port, address, port)
Settings (SET portscribe.NAME = VALUE; SHOW ALL lists them):
  layers, protocols, payload, names, since, until, threads, flows_in_memory

Exit status:
  0  done
  2  the command line or the SQL is wrong
  3  done, but some captures were damaged or could not be opened
  4  failed: the message names what, and what to do";

/// Run SQL over captures, the registry and Parquet files.
///
/// Without --command and --file, SQL is read from standard input; on a terminal, line by line.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sql {
    /// Run this SQL: statements, separated by semicolons
    #[arg(short, long, value_name = "SQL")]
    pub(crate) command: Vec<String>,
    /// Run the SQL in FILE, behind that of --command; - is standard input
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,
    /// How results are written [default: by the name of the file; table on a terminal, else csv]
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub(crate) format: Option<Format>,
    /// Write the result to FILE, which appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Say nothing but what is wrong
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Ask the registry in FILE, in any of its formats; or `bundled` [default: the one in use]
    #[arg(long, value_name = "FILE")]
    pub(crate) registry: Option<PathBuf>,
    /// Show local names from FILE beside the registered ones, or `common`
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Vec<PathBuf>,
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(|name| name.parse::<Format>())
}

const EXAMPLES_OF_INGEST: &str = "\
Examples:
  portscribe-lake ingest 'captures/*.pcap.zst' -o flows/
      adds what is new among these captures; run it again when there are more
  portscribe-lake ingest 's3://captures/2026-11-*/*.pcap' -o flows/ --by hour
  portscribe-lake sql -c \"SELECT day, count(*) FROM parquet('flows/') GROUP BY day\"

Exit status:
  0  done
  2  the command line is wrong
  3  done, but some captures were damaged, could not be opened, or came too late
  4  failed: the message names what, and what to do";

/// Add the flows of captures to a table of Parquet files by day.
///
/// A capture is recognised by its content, and is not added twice. After an interrupted run, run it again: the table is then as
/// if nothing had happened. Days are those of UTC.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES_OF_INGEST)]
pub(crate) struct Ingest {
    /// Captures: files, folders, patterns such as 'week-*.pcap', objects such as 's3://bucket/*.pcap'
    #[arg(value_name = "CAPTURE", required = true)]
    pub(crate) captures: Vec<String>,
    /// The folder of the table, which is made where there is none
    #[arg(short, long, value_name = "TABLE")]
    pub(crate) output: PathBuf,
    /// Write a file for each day, or for each hour of a day
    #[arg(long, value_name = "PERIOD", value_enum, default_value_t = By::Day)]
    pub(crate) by: By,
    /// When days are final: this long after their end, by the latest packet; captures of final days are not taken in any more
    #[arg(long, value_name = "TIME", default_value = "1d")]
    pub(crate) settle: Span,
    /// How many captures are read at a time [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Say nothing but what is wrong
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Label by the registry in FILE, in any of its formats; or `bundled` [default: the one in use]
    #[arg(long, value_name = "FILE")]
    pub(crate) registry: Option<PathBuf>,
    /// Show local names from FILE beside the registered ones, or `common`
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Vec<PathBuf>,
}

impl Ingest {
    /// How many captures are read at a time.
    pub(crate) fn threads(&self) -> usize {
        self.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

/// Of what a table has a file each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    Day,
    Hour,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            By::Day => "day",
            By::Hour => "hour",
        })
    }
}

/// A span of time: `90m`, `12h`, `2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
        let wrong = || {
            format!("`{text}` is an invalid span of time: give a number with its unit, such as 90m, 12h, 2d")
        };
        let (unit, seconds) = UNITS.into_iter().find(|(unit, _)| text.ends_with(*unit)).ok_or_else(wrong)?;
        let number: u64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
        Ok(Span(Duration::from_secs(number.checked_mul(seconds).ok_or_else(wrong)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_with_a_unit() {
        for (text, seconds) in [
            ("90m", Some(5400)),
            ("2d", Some(172_800)),
            ("0s", Some(0)),
            ("2", None),
            ("d", None),
            ("2w", None),
            ("-1d", None),
        ] {
            assert_eq!(text.parse::<Span>().ok(), seconds.map(|n| Span(Duration::from_secs(n))), "{text}");
        }
    }
}
