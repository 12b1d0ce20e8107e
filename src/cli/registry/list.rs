//! `portscribe registry list` and `search`

use super::super::args::{Common, RowFilter};
use super::super::output::{self, Output};
use super::super::registry_choice;
use super::super::{Failure, say};
use crate::registry::Registry;
use crate::report::{Format, Head, RowWriter, Rows, Table, registry::list as report};

pub(super) fn run(typed: &str, filter: &RowFilter, common: &Common) -> Result<(), Failure> {
    let registry = registry_choice::registry(common)?;
    let mut out = Output::open(common, &registry)?;
    let format = out.format();
    let mut found = 0_u64;
    let wanted = filter.of_words(typed);
    let rows = registry.rows().filter(|&row| wanted.has(row)).inspect(|_| found += 1);
    match format {
        Format::Table | Format::Markdown => {
            let mut table = Table::new(report::PEOPLE);
            for row in rows {
                table.row(report::people(row));
            }
            table.below(output::note(&registry));
            let style = out.style();
            table.write(format, style, &mut out)?;
        }
        _ => {
            // IANA's own file has no dates, and names that are none of columns.
            let with_dates = !matches!(format, Format::Csv | Format::Tsv);
            let columns = if with_dates { report::KEYS } else { report::COLUMNS };
            let mut writer = RowWriter::new(format, &mut out, columns, &Head::of_registry(&registry))?;
            for row in rows {
                writer.row(&report::values(row, with_dates))?;
            }
            writer.finish()?;
        }
    }
    out.finish()?;
    if found == 0 {
        return nothing_found(typed, filter, common, &registry);
    }
    if wanted.asks_for_details() || matches!(format, Format::Csv | Format::Tsv) {
        say_how_old_details_are(common, &registry);
    }
    Ok(())
}

/// Says that there are no such rows, and what to try. A search that finds nothing is answered by the
/// status; a list may be empty.
fn nothing_found(
    words: &str,
    filter: &RowFilter,
    common: &Common,
    registry: &Registry,
) -> Result<(), Failure> {
    let edition = output::edition(registry);
    if words.is_empty() {
        if !common.quiet {
            say(format_args!("no row of the {edition} passes all filters"));
        }
        return Ok(());
    }
    let filters = if *filter == RowFilter::default() { "" } else { " and passes all filters" };
    let several = words.split_whitespace().nth(1).is_some();
    let hint = if several {
        "; fewer words find more".into()
    } else {
        registry_choice::nearest_spellings(words, registry)
    };
    let what = if several { "all of the words" } else { "the word" };
    say(format_args!("no row of the {edition} has {what} `{words}` in any of its columns{filters}{hint}"));
    Err(Failure::Something)
}

/// IANA's columns have no place for the date that the bundled details stand at.
pub(super) fn say_how_old_details_are(common: &Common, registry: &Registry) {
    if let Some(date) = registry.details_as_of()
        && !common.quiet
    {
        say(format_args!(
            "assignee, contact, dates, unauthorized use and notes stand at {date} in most rows and are \
             missing in others; `--format json` says it of each row"
        ));
    }
}
