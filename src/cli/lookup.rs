//! `portscribe lookup`

use super::registry_choice;

use super::args::Lookup;
use super::output::Output;
use super::{Failure, say};
use crate::report::lookup::{self, Found};
use crate::report::{Head, RowWriter, Rows, wrapped};

pub(super) fn run(command: &Lookup) -> Result<(), Failure> {
    let registry = registry_choice::registry(&command.common)?;
    let mut out = Output::open(&command.common, &registry)?;
    let mut answers: Vec<(&str, Vec<Found>)> =
        command.queries.iter().map(|(text, query)| (text.as_str(), query.ask(&registry))).collect();
    for words in &command.search {
        answers.push((words, registry.search(words).map(Found::Row).collect()));
    }
    let missing: Vec<&str> =
        answers.iter().filter(|(_, found)| found.is_empty()).map(|&(text, _)| text).collect();

    if out.format().is_for_people() {
        let width = out.style().width;
        let mut out = out.lines();
        for (n, (_, found)) in answers.iter().filter(|(_, found)| !found.is_empty()).enumerate() {
            if n > 0 {
                out.blank()?;
            }
            for line in lookup::people(found, &registry, width) {
                out.line(line)?;
            }
        }
        if answers.len() > missing.len() {
            out.blank()?;
            for line in wrapped(&super::output::note(&registry), width) {
                out.line(line)?;
            }
        }
    } else {
        let head = Head::of_registry(&registry);
        let mut rows = RowWriter::new(out.format(), &mut out, lookup::COLUMNS, &head)?;
        for (text, found) in &answers {
            for one in found {
                rows.row(&lookup::values(text, *one))?;
            }
        }
        rows.finish()?;
    }
    out.finish()?;
    for text in &missing {
        if command.search.iter().any(|words| words == text) {
            say(format_args!("no row of the registry has all of the words `{text}`"));
            continue;
        }
        say(format_args!("{}", registry_choice::unknown_name(text, &registry)));
    }
    if missing.is_empty() { Ok(()) } else { Err(Failure::Something) }
}
