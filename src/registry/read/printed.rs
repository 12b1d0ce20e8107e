//! The registry's page as a browser prints it: the filled cells of a row one after another, or
//! between bars. The empty cells are lost; see [`settle`].

use std::collections::HashSet;

use super::draft::Draft;
use super::error::{Error, Fault, excerpt};
use super::settle::{self, is_date, is_port, is_transport};
use crate::registry::image::{Edition, SourceContact};

/// The heading of a page whose cells follow one another.
pub(super) const HEADING: &str = "Service Name Port Number Transport Protocol Description ";
/// The heading of a page with bars between the cells.
pub(super) const BARRED_HEADING: &str = "| Service Name | Port Number | Transport Protocol |";

pub(super) fn read<'t>(text: &'t str, mut draft: Draft<'t>) -> Result<Draft<'t>, Error> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        lines.push((at, line.trim_end_matches('\r').trim_start_matches('\u{feff}')));
        at += line.len() + 1;
    }
    let heading = lines
        .iter()
        .position(|(_, line)| line.starts_with(HEADING) || line.starts_with(BARRED_HEADING))
        .unwrap_or(lines.len() - 1);
    let barred = lines[heading].1.starts_with('|');
    draft.edition = head(&lines[..heading]);
    let (rows, contacts) = match lines[heading..].iter().position(|(_, line)| *line == "Contact Information")
    {
        Some(end) => lines[heading + 1..].split_at(end - 1),
        None => lines[heading + 1..].split_at(lines.len() - heading - 1),
    };

    // The contacts come first: they tell which words in brackets are people.
    for &(at, line) in contacts {
        let contact = match line {
            "" | "Contact Information" => continue,
            line if line.starts_with("ID Name ") || line.starts_with("| ID |") || line.starts_with("|--") => {
                continue;
            }
            line if barred => settle::contact(&barred_cells(line)),
            line => spaced_contact(line),
        };
        match contact {
            Ok(contact) => draft.contacts.push(contact),
            Err(why) => {
                draft.bad_row(Error::at(text, at, Fault::Row { why, found: excerpt(line) }))?;
            }
        }
    }
    let people: HashSet<String> = draft.contacts.iter().map(|contact| contact[0].clone()).collect();
    for &(at, line) in rows {
        if line.is_empty() || line.starts_with("|--") {
            continue;
        }
        let row = if barred {
            settle::row(barred_cells(line).into_iter(), &people)
        } else {
            let cells = spaced_cells(line, &people);
            settle::row(cells.iter().copied(), &people)
        };
        match row {
            Ok(row) => {
                draft.row(row, at, |_| at)?;
            }
            Err(why) => {
                draft.bad_row(Error::at(text, at, Fault::Row { why, found: excerpt(line) }))?;
            }
        }
    }
    Ok(draft)
}

/// What stands above the table, under its headings. On a page with bars, list marks stand in
/// front of headings and of some texts.
fn head(lines: &[(usize, &str)]) -> Edition {
    const TITLE_ENDS: &str = " Registry";
    let mut edition = Edition::default();
    let mut under = "";
    for (_, line) in lines {
        let line = line.strip_prefix("- ").unwrap_or(if *line == "-" { "" } else { line });
        match line {
            "Last Updated"
            | "Expert(s)"
            | "Reference"
            | "Note"
            | "Request an Assignment"
            | "Available Formats" => {
                under = line;
                continue;
            }
            _ => {}
        }
        let text = match under {
            "" if edition.title.is_empty() && line.ends_with(TITLE_ENDS) => &mut edition.title,
            heading => match edition.under(heading) {
                Some(text) => text,
                None => continue,
            },
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    edition.trim();
    edition
}

fn barred_cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// The cells of a row with single spaces between them. The description goes up to the first word
/// that is a person or a date.
fn spaced_cells<'l>(line: &'l str, people: &HashSet<String>) -> Vec<&'l str> {
    let mut cells = Vec::new();
    let mut rest = line;
    let word = |text: &'l str| text.split_once(' ').unwrap_or((text, ""));
    let (first, after) = word(rest);
    if !is_port(first) {
        cells.push(first);
        rest = after;
    }
    for fits in [is_port as fn(&str) -> bool, is_transport] {
        let (first, after) = word(rest);
        if fits(first) {
            cells.push(first);
            rest = after;
        }
    }
    let mut end = rest.len();
    let mut at = 0;
    for word in rest.split(' ') {
        if at > 0 && (people.contains(word) || is_date(word) && word.len() > 4) {
            end = at - 1;
            break;
        }
        at += word.len() + 1;
    }
    cells.push(&rest[..end]);
    cells.extend(rest[end..].split(' '));
    cells.retain(|cell| !cell.is_empty());
    cells
}

fn spaced_contact(line: &str) -> Result<SourceContact, &'static str> {
    let mut words: Vec<&str> = line.split(' ').collect();
    let id = words.remove(0);
    if !id.starts_with('[') || !id.ends_with(']') {
        return Err("expected the id of a contact in brackets");
    }
    let mut tail = Vec::new();
    if words.last().is_some_and(|word| is_date(word)) {
        tail.extend(words.pop());
    }
    if words.last().is_some_and(|word| word.contains(':')) {
        tail.extend(words.pop());
    }
    let rest = words.join(" ");
    // An id is the name with underscores, and a number where two people share it.
    let spoken = id.trim_matches(['[', ']']).replace('_', " ");
    let spoken = spoken.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let name = match rest.strip_prefix(spoken) {
        Some(after) if after.is_empty() || after.starts_with(' ') => spoken,
        _ => rest.as_str(),
    };
    let organization = rest[name.len()..].trim();
    let mut cells = vec![id, name, organization];
    cells.extend(tail.into_iter().rev());
    cells.retain(|cell| !cell.is_empty());
    settle::contact(&cells)
}
