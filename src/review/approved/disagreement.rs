//! What copies of a worksheet disagree on, in the worksheet that goes out.
//!
//! The cells of people in question are empty there, and the program's column `disagreement` has every
//! value with its place. It is settled when people have filled in those cells, or emptied that one.

use super::super::model::{Approval, Disagreement};

/// What stands in the column: a line for each of people's columns.
pub(in crate::review) fn cell(approval: &Approval) -> String {
    let line = |one: &Disagreement| match one.column.as_str() {
        "" => one.said.clone(),
        column => format!("{column}: {}", one.said),
    };
    approval.disagreements.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is not settled of that: a column that people have not filled in. Text in which no column can
/// be found stays until it is taken away.
pub(super) fn open(text: &str, cells: &[(String, String)]) -> Vec<Disagreement> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let column_of = |line: &str| {
        let is_of = |column: &str| line.strip_prefix(column).is_some_and(|rest| rest.starts_with(": "));
        // Of `notes` and `notes: mine`, the longer one.
        cells.iter().map(|(column, _)| column.as_str()).filter(|column| is_of(column)).max_by_key(|c| c.len())
    };
    let mut all: Vec<Disagreement> = Vec::new();
    for line in text.split('\n') {
        match (column_of(line), all.last_mut()) {
            (Some(column), _) => {
                let said = line[column.len() + ": ".len()..].to_owned();
                all.push(Disagreement { column: column.to_owned(), said });
            }
            // A value with line ends in it.
            (None, Some(last)) => {
                last.said.push('\n');
                last.said.push_str(line);
            }
            (None, None) => all.push(Disagreement { column: String::new(), said: line.to_owned() }),
        }
    }
    let is_filled_in =
        |column: &str| cells.iter().any(|(name, cell)| name == column && !cell.trim().is_empty());
    all.retain(|one| !is_filled_in(&one.column));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|&(column, cell)| (column.to_owned(), cell.to_owned())).collect()
    }

    #[test]
    fn a_disagreement_comes_back_as_it_was_written_and_stays_until_its_cell_is_filled_in() {
        let of = |column: &str, said: &str| Disagreement { column: column.into(), said: said.into() };
        let disagreements = [
            of("decision", "`approve` in a.csv:7, `reject` in b.csv:9"),
            of("notes", "`two\nlines` in a.csv:7, `x` in b.csv:9"),
            of("", "what nobody can tell"),
        ];
        let approval = Approval { disagreements: disagreements[..2].to_vec(), ..Approval::default() };
        let text = cell(&approval);
        assert_eq!(
            text,
            "decision: `approve` in a.csv:7, `reject` in b.csv:9\nnotes: `two\nlines` in a.csv:7, `x` in b.csv:9"
        );
        let empty = cells(&[("decision", " "), ("notes", "")]);
        assert_eq!(open(&text, &empty), disagreements[..2]);
        assert_eq!(open(&text, &cells(&[("decision", "approve"), ("notes", "")])), disagreements[1..2]);
        assert_eq!(open(&text, &cells(&[("decision", "approve"), ("notes", "x")])), []);
        assert_eq!(open("what nobody can tell", &empty), disagreements[2..]);
        assert_eq!(open(" \n", &empty), []);
        assert_eq!(open(&text.replace('\n', "\r\n"), &empty).len(), 2);
    }
}
