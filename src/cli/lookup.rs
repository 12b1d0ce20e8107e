//! `portscribe lookup`

use std::io::Write;

use super::args::Lookup;
use super::output::Output;
use super::{Failure, input, say};
use crate::report::{Head, RowWriter, Rows, lookup};

pub(super) fn run(command: &Lookup) -> Result<(), Failure> {
    let registry = input::registry(&command.common)?;
    let mut out = Output::open(&command.common, &registry)?;
    let answers: Vec<_> =
        command.queries.iter().map(|(text, query)| (text.as_str(), query.ask(&registry))).collect();
    let missing: Vec<&str> =
        answers.iter().filter(|(_, found)| found.is_empty()).map(|&(text, _)| text).collect();

    if out.format().is_for_people() {
        for (n, (_, found)) in answers.iter().filter(|(_, found)| !found.is_empty()).enumerate() {
            if n > 0 {
                writeln!(out)?;
            }
            for line in lookup::people(found, &registry) {
                writeln!(out, "{line}")?;
            }
        }
        if answers.len() > missing.len() {
            writeln!(out, "\n{}", super::output::note(&registry))?;
        }
    } else {
        let head = Head::of_registry(&registry);
        let mut rows = RowWriter::new(out.format(), &mut out, lookup::COLUMNS, &head)?;
        for (text, found) in &answers {
            for one in found {
                rows.row(&one.values(text))?;
            }
        }
        rows.finish()?;
    }
    out.finish()?;
    for text in &missing {
        say(format_args!("no service is registered under the name `{text}`"));
    }
    if missing.is_empty() { Ok(()) } else { Err(Failure::Something) }
}
