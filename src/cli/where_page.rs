//! `portscribe help where`: the page on conditions.

use std::fmt::Write as _;
use std::io;

use super::Failure;
use super::help_text;
use crate::report::{flows, wrapped};
use crate::traffic::{Column, Kind};

/// The widest lines.
pub(super) const WIDEST: u16 = 78;

const BEFORE: &str = "\
Conditions on flows: --where EXPRESSION

  portscribe flows trace.pcap --where 'server in 10.0.0.0/8 and bytes > 1M'
  portscribe summary trace.pcap --where 'not port in (53, 443)'
  portscribe packets trace.pcap --where 'host = 192.0.2.7 and state = REJ'
  portscribe annotate trace.pcap -o odd.pcapng --where 'status = unassigned'

A condition is over the columns of `flows` and selects flows: `summary` totals the flows that are selected, \
`packets` and `annotate` take their packets, `diff` and `report` are about them. `review` has no --where, since it is about all flows. Several --where, \
and options such as --port, must all hold.

  COLUMN = VALUE      equal
  COLUMN != VALUE     not equal
  COLUMN < VALUE      less; also > (more), <= (at most), >= (at least)
  COLUMN in (A, B)    one of these
  COLUMN not in (A)   none of these
  COLUMN ~ TEXT       has TEXT in it
  COLUMN is unknown   has no value; `is known`: has one
  A and B, A or B     `not A` comes first, then `and`, then `or`; (A) before all

Values
  address   192.0.2.7, 192.0.2.0/24, 192.0.2.7-192.0.2.20
  port      443, 8000-8080, 443/tcp; https: the ports registered by that name
  number    1000, 10k, 1.5M, 10-20 (k M G T: powers of 1000; Ki Mi Gi Ti: 1024)
  bytes     as a number; also 10kB, 2MiB
  duration  0.5 (seconds), 200ms, 30s, 5m, 2h, 1d, 1s..5s
  time      2026-01-31 (the whole day, UTC), 2026-01-31T12:00:00Z, A..B
  text      any letter case; in quotes where it has blanks or marks: \"SSH 2\"

What is not known (an empty cell) is neither equal nor unequal to anything, as in SQL: `observed = TLS`, \
`observed != TLS` and `not observed = TLS` leave out the flows whose payload shows nothing; `observed is unknown` \
selects them, and `observed is known` the others.

A column of several values (flag, port, host, vlan, tunnel) is equal to each of them, and unequal to what is not among \
them: `flag != one-way` selects flows without that flag, `port != 53` flows with 53 at neither end.

Columns
";

/// The page for a terminal of this width.
pub(super) fn page(width: u16) -> String {
    let width = width.min(WIDEST);
    let mut page = help_text::lay_out(BEFORE, width);
    page.push('\n');
    for column in Column::all() {
        let field = flows::COLUMNS.iter().find(|field| field.name == column.name);
        let about = column.about.or(field.map(|field| field.meaning)).unwrap_or_default();
        let kind = match column.kind {
            Kind::Size => "bytes".to_owned(),
            kind => kind.in_words().trim_start_matches("a ").trim_start_matches("an ").to_owned(),
        };
        let mut about = format!("{kind}: {about}");
        if let Some(words) = column.kind.listed() {
            about = format!("{about} ({})", words.join(", "));
        }
        let mut before = format!("  {:<22}", column.name);
        for line in wrapped(&about, Some(width - 24)) {
            // Writing to a string does not fail.
            let _ = writeln!(page, "{}{line}", std::mem::replace(&mut before, " ".repeat(24)));
        }
    }
    page
}

/// Prints the page.
pub(super) fn print() -> Result<(), Failure> {
    Ok(io::Write::write_all(&mut io::stdout().lock(), page(help_text::width()).as_bytes())?)
}
