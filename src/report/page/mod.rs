//! One page to read and to hand on: what was captured, what catches the eye, how much of what, over time, between
//! whom, and all flows in a table that can be searched.
//!
//! The page is one file that loads nothing. Its one script is named by its hash in the Content Security Policy; texts
//! from captures are data to it, and are shown as text alone.

mod amounts;
mod catches;
mod data;
mod flows;
mod largest;
mod made;
mod mark;
mod networks;
mod periods;
mod places;
mod read;
mod shell;
mod words;

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use sha2::Digest as _;

use super::overview::Overview;
use super::summary::{By, Summary};
use crate::foreign;
use crate::registry::{NOTE, Registry};
use crate::traffic::{LabelledFlow, ReadLog};
use made::registry_in_words;
pub use made::{MOST_FLOWS, Made};
pub use places::Places;
pub(crate) use shell::{Script, Shell};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a page is made from, taken in flow by flow.
pub struct Facts<'a> {
    overview: Overview,
    services: Summary<'a>,
    periods: periods::Periods,
    places: Places<'a>,
    networks: networks::Networks<'a>,
    kept: largest::Largest<'a>,
}

impl<'a> Facts<'a> {
    /// Nothing yet, of captures that were read so, whose ends lie in these places.
    pub fn new(log: &ReadLog, places: Places<'a>) -> Facts<'a> {
        Facts {
            overview: Overview::default(),
            services: Summary::new(&[By::Service]),
            periods: periods::Periods::of(log),
            places,
            networks: networks::Networks::between(places),
            kept: largest::Largest::of_at_most(MOST_FLOWS),
        }
    }

    /// Takes in a flow.
    pub fn add(&mut self, row: &LabelledFlow<'a>) {
        let bytes = row.bytes_to_server() + row.bytes_to_client();
        self.overview.add(row);
        self.services.add(row);
        self.periods.add(row, bytes);
        self.networks.add(row, bytes);
        self.kept.add(bytes, row);
    }

    /// Looks at all flows a second time, where clients scan ([`Overview::look_at_scans`]).
    ///
    /// # Errors
    ///
    /// The first error of `rows`.
    pub fn look_at_scans<'b>(
        &mut self,
        rows: impl Iterator<Item = io::Result<LabelledFlow<'b>>>,
    ) -> io::Result<()> {
        self.overview.look_at_scans(rows)
    }
}

/// Writes the page.
///
/// # Errors
///
/// When `out` cannot be written, or a temporary file that addresses are counted in cannot be used.
pub fn write<'a>(
    facts: Facts<'a>,
    log: &'a ReadLog,
    registry: &Registry,
    made: Made,
    mut out: impl io::Write,
) -> io::Result<()> {
    let Facts { overview, services, periods, places, networks, kept } = facts;
    let services = services.finish()?;
    let all = overview.all();
    let table = flows::Table::of(kept.finish(), places);
    let name = read::name(log);
    let title = format!("Traffic of {name}");
    let body = html! {
        a.skip href="#flows" { "Go to the table of flows" }
        header {
            h1 { "Traffic of " span.whole { (name) } }
            p.notice role="note" { (NOTE) }
        }
        main {
            (read::section(&overview, log, made))
            nav aria-label="Contents" {
                ul {
                    li { a href="#eye" { "What catches the eye" } }
                    li { a href="#amounts" { "Status, ranges and services" } }
                    li { a href="#time" { "Over time" } }
                    li { a href="#networks" { (networks.title()) } }
                    li { a href="#flows" { "All flows" } }
                    li { a href="#made" { "How this was made" } }
                }
            }
            (catches::section(&overview, made))
            (amounts::section(&overview, &services))
            (periods.section())
            (networks.section(all.bytes))
            (table.section(all.flows, made))
            (read::made(log, registry, made))
        }
        footer {
            p { (registry_in_words(registry)) ". " (NOTE) }
            p { "Made by portscribe " (env!("CARGO_PKG_VERSION")) "." }
        }
        (table.data(log)?)
    };
    let page = page(&title, &body).into_string();
    out.write_all(foreign::page(&page).as_bytes())?;
    out.write_all(b"\n")
}

fn page(title: &str, body: &Markup) -> Markup {
    let sha256 = STANDARD.encode(sha2::Sha256::digest(SCRIPT));
    Shell { title, style: STYLE, script: Some(Script { text: SCRIPT, sha256 }) }.around(body)
}
