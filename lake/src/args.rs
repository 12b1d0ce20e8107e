//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use portscribe::report::Format;

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
  flows('NAME', ...), packets('NAME', ...)  captures: files, folders, patterns such as 'week-*.pcap'
  parquet('NAME', ...)                      Parquet files
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
