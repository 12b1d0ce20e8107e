//! The registry as IANA's plain text: columns of fixed width, in which a cell may go on for
//! several lines, and a cell of fewer lines than its row stands in the middle of the row.
//!
//! No rule is drawn between the rows. Where one ends is found by what fits together: every cell
//! in the middle of its row, and lines broken only where the next word did not fit.

use std::ops::Range;

use super::draft::Draft;
use super::error::{Error, Fault, excerpt};
use super::settle::{is_port, is_transport};

/// The longest row there is has some thirty lines.
const MOST_LINES: usize = 60;

const REGISTRY: Table = Table { columns: 12, marks: &[1, 2] };
const CONTACTS: Table = Table { columns: 5, marks: &[0] };

/// What is known of a table before it is read.
struct Table {
    columns: usize,
    /// Columns that have one line in every row, and of which every row has one at least; names
    /// without a port and a transport stand on a line of their own.
    marks: &'static [usize],
}

pub(super) fn is_heading(line: &str) -> bool {
    line.trim_start().starts_with("Service Name  ") && line.contains(" Port Number ")
}

pub(super) fn read<'t>(text: &'t str, mut draft: Draft<'t>) -> Result<Draft<'t>, Error> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        lines.push((at, line.trim_end()));
        at += line.len() + 1;
    }
    let find = |from: usize, fits: &dyn Fn(&str) -> bool| {
        lines[from..].iter().position(|(_, line)| fits(line)).map(|n| from + n)
    };
    let heading = find(0, &is_heading).unwrap_or_default();
    head(&lines[..heading], &mut draft);
    let end = lines.len();
    let people = find(heading, &|line| line.trim() == "People").unwrap_or(end);
    let footnote = find(heading, &|line| line.trim() == "Footnote").unwrap_or(end);
    let first = find(heading + 1, &|line| {
        let mut words = line.split_whitespace().take(3);
        words.any(|word| is_port(word) || is_transport(word))
    });
    let Some(first) = first.filter(|&first| first < people) else {
        return Err(Error::at(text, lines[heading].0, Fault::NoRows));
    };
    for row in rows(text, &lines[first..people.min(footnote)], &REGISTRY)? {
        let Ok(cells) = <[String; 12]>::try_from(row.cells) else { continue };
        draft.row(cells, row.at, |_| row.at)?;
    }
    if people < end {
        let first = find(people, &|line| line.starts_with('[')).unwrap_or(end).min(footnote);
        for row in rows(text, &lines[first..footnote.max(first)], &CONTACTS)? {
            draft.contacts.extend(row.cells.try_into());
        }
    }
    let footnotes: Vec<&str> =
        lines[footnote.min(end)..].iter().skip(1).map(|(_, line)| line.trim()).collect();
    footnotes.join("\n").trim().clone_into(&mut draft.edition.footnotes);
    Ok(draft)
}

fn head(lines: &[(usize, &str)], draft: &mut Draft) {
    let mut under = "";
    for (_, line) in lines {
        let line = line.trim();
        if matches!(
            line,
            "Last Updated" | "Expert(s)" | "Reference" | "Note" | "Alternative Formats" | "Available Formats"
        ) {
            under = line;
            continue;
        }
        // The first of the three lines of column names.
        if line == "Transport" || line.starts_with("Transport  ") {
            break;
        }
        let edition = &mut draft.edition;
        let text = match under {
            "" if edition.title.is_empty() => &mut edition.title,
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
    draft.edition.trim();
}

/// A row taken out of its lines.
struct Row {
    at: usize,
    cells: Vec<String>,
}

fn rows(text: &str, lines: &[(usize, &str)], table: &Table) -> Result<Vec<Row>, Error> {
    let start = lines.first().map_or(text.len(), |&(at, _)| at);
    let columns = columns(lines);
    if columns.len() != table.columns {
        let why = "the blank stretches that all lines share do not make the registry's columns";
        let found = format!("{} columns in place of {}", columns.len(), table.columns);
        return Err(Error::at(text, start, Fault::Row { why, found }));
    }
    let mut grid = Vec::with_capacity(lines.len());
    for &(at, line) in lines {
        let mut cells = Vec::with_capacity(columns.len());
        for column in &columns {
            let end = column.end.min(line.len());
            let Some(cell) = line.get(column.start.min(end)..end) else {
                let why = "a letter crosses two columns";
                return Err(Error::at(text, at, Fault::Row { why, found: excerpt(line) }));
            };
            cells.push(cell.trim());
        }
        grid.push(cells);
    }
    let widths: Vec<usize> = columns.iter().map(ExactSizeIterator::len).collect();

    // The cheapest way to cut the lines up to each into rows: its cost, and where its last row
    // begins.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; grid.len() + 1];
    best[0] = Some((0, 0));
    for from in 0..grid.len() {
        let Some((before, _)) = best[from] else { continue };
        if grid[from].iter().all(|cell| cell.is_empty()) {
            // A blank line between two rows.
            keep_cheaper(&mut best[from + 1], before, from);
        }
        let mut marks = 0;
        for to in from + 1..=grid.len().min(from + MOST_LINES) {
            marks += usize::from(is_marked(&grid[to - 1], table));
            if marks > 1 {
                break;
            }
            if let Some(cost) = cost(&grid[from..to], &widths, table) {
                keep_cheaper(&mut best[to], before + cost, from);
            }
        }
    }
    let mut cuts = Vec::new();
    let mut to = grid.len();
    while to > 0 {
        let Some((_, from)) = best[to] else {
            let stuck = best.iter().rposition(Option::is_some).unwrap_or_default();
            let why = "its cells do not stand in the middle of a row";
            let (at, line) = lines[stuck.min(lines.len() - 1)];
            return Err(Error::at(text, at, Fault::Row { why, found: excerpt(line) }));
        };
        cuts.push(from..to);
        to = from;
    }
    Ok(cuts
        .into_iter()
        .rev()
        .filter(|cut| grid[cut.clone()].iter().flatten().any(|cell| !cell.is_empty()))
        .map(|cut| Row { at: lines[cut.start].0, cells: joined(&grid[cut], &widths) })
        .collect())
}

fn keep_cheaper(best: &mut Option<(usize, usize)>, cost: usize, from: usize) {
    if best.is_none_or(|(known, _)| cost < known) {
        *best = Some((cost, from));
    }
}

/// The columns: stretches of bytes that are blank in all lines divide them. The text counts bytes
/// where letters take several.
fn columns(lines: &[(usize, &str)]) -> Vec<Range<usize>> {
    let width = lines.iter().map(|(_, line)| line.len()).max().unwrap_or_default();
    let mut filled = vec![false; width + 1];
    for (_, line) in lines {
        for (place, byte) in line.bytes().enumerate() {
            filled[place] |= byte != b' ';
        }
    }
    let mut columns = Vec::new();
    let mut start = None;
    for (place, filled) in filled.into_iter().enumerate() {
        match (start, filled) {
            (None, true) => start = Some(place),
            (Some(from), false) => {
                columns.push(from..place);
                start = None;
            }
            _ => {}
        }
    }
    columns
}

fn is_marked(cells: &[&str], table: &Table) -> bool {
    table.marks.iter().any(|&column| !cells[column].is_empty())
}

/// What speaks against these lines being one row; `None` where they cannot be.
fn cost(lines: &[Vec<&str>], widths: &[usize], table: &Table) -> Option<usize> {
    let mut cost = 0;
    if !lines.iter().any(|cells| is_marked(cells, table)) {
        // A name without a port and a transport.
        lines.iter().find(|cells| !cells[0].is_empty())?;
        cost += 1;
    }
    for (column, &width) in widths.iter().enumerate() {
        let filled = |line: &Vec<&str>| !line[column].is_empty();
        let Some(first) = lines.iter().position(filled) else { continue };
        let last = lines.iter().rposition(filled).unwrap_or(first);
        if first != (lines.len() - (last - first + 1)) / 2 {
            return None;
        }
        for pair in lines[first..=last].windows(2) {
            let (upper, lower) = (pair[0][column], pair[1][column]);
            cost += 4 * usize::from(!is_wrapped(upper, lower, width));
            // The registry says so at the beginning of a note.
            cost += 3 * usize::from(lower.starts_with("Defined TXT keys"));
        }
        // What begins in the middle of a sentence or ends within brackets is of another row.
        let cell = || lines[first..=last].iter().map(|line| line[column]);
        cost += usize::from(lines[first][column].starts_with(char::is_lowercase));
        for (open, close) in [('(', ')'), ('[', ']'), ('<', '>')] {
            let count = |bracket| cell().map(|line| line.matches(bracket).count()).sum::<usize>();
            cost += 3 * usize::from(count(open) != count(close));
        }
    }
    Some(cost)
}

/// Whether a line was broken because the next word did not fit.
fn is_wrapped(upper: &str, lower: &str, width: usize) -> bool {
    let word = lower.split(' ').next().unwrap_or_default();
    !upper.is_empty() && !word.is_empty() && upper.len() + 1 + word.len() > width
}

fn joined(lines: &[Vec<&str>], widths: &[usize]) -> Vec<String> {
    widths
        .iter()
        .enumerate()
        .map(|(column, &width)| {
            let mut text = String::new();
            let mut upper = "";
            for cell in lines.iter().map(|line| line[column]).filter(|cell| !cell.is_empty()) {
                if !text.is_empty() {
                    // References and people follow each other without a space.
                    let close = upper.ends_with(']') && cell.starts_with('[');
                    text.push_str(match (close, is_wrapped(upper, cell, width)) {
                        (true, _) => "",
                        (false, true) => " ",
                        (false, false) => "\n",
                    });
                }
                text.push_str(cell);
                upper = cell;
            }
            text
        })
        .collect()
}
