//! The table of flows, which the script of the page fills.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};

use super::data;
use super::made::{MOST_FLOWS, Made};
use super::places::Places;
use super::words::grouped;
use crate::traffic::{LabelledFlow, ReadLog};

/// The headings of the table, each with the column that it is sorted by.
const HEADINGS: [(&str, &str); 13] = [
    ("flow", "flow"),
    ("began (UTC)", "first_seen"),
    ("lasted", "duration"),
    ("client", "client_address"),
    ("server", "server_address"),
    ("registered as", "service"),
    ("payload", "observed"),
    ("status", "status"),
    ("flags", "flags"),
    ("by", "direction_basis"),
    ("state", "state"),
    ("packets", "packets"),
    ("bytes", "bytes"),
];

/// The flows that the page shows.
pub(super) struct Table<'a> {
    rows: Vec<LabelledFlow<'a>>,
    places: Places<'a>,
}

impl<'a> Table<'a> {
    /// The table of these flows, in the order of their numbers.
    pub(super) fn of(rows: Vec<LabelledFlow<'a>>, places: Places<'a>) -> Table<'a> {
        Table { rows, places }
    }

    /// The table, which the script fills.
    pub(super) fn section(&self, all: u64, made: Made) -> Markup {
        html! {
            section #flows {
                h2 tabindex="-1" { "All flows" }
                @if all > self.rows.len() as u64 {
                    p {
                        "The " (grouped(MOST_FLOWS as u64)) " flows with the most bytes, of " (grouped(all)) ". All of them: "
                        code { (made.command) " --format csv" }
                    }
                }
                noscript { p { "The table needs a script, which is not run here. All else on this page does not." } }
                form.search hidden[true] role="search" {
                    label { "Search " input type="search" name="words" autocomplete="off" spellcheck="false"; }
                    span.quiet { "a row must have all of these words and numbers" }
                }
                ul.chosen aria-label="Conditions" {}
                p.told role="status" {}
                table.stack.flows role="table" hidden[true] {
                    thead role="rowgroup" {
                        tr role="row" {
                            @for (heading, column) in HEADINGS {
                                th scope="col" role="columnheader" {
                                    button type="button" data-sort=(column) { (heading) }
                                }
                            }
                        }
                    }
                    tbody role="rowgroup" {}
                }
                nav.pages aria-label="Pages of the table" hidden[true] {
                    button type="button" data-step="-1" { "Back" }
                    span role="status" {}
                    button type="button" data-step="1" { "On" }
                }
            }
        }
    }

    /// The data, compressed, which no browser takes for a script.
    pub(super) fn data(&self, log: &'a ReadLog) -> io::Result<Markup> {
        let data = STANDARD.encode(data::packed(&self.rows, log, self.places)?);
        Ok(html! { script #data type="application/gzip" { (PreEscaped(data)) } })
    }
}
