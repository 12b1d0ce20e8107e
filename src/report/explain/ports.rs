//! What the registry says of a port, on every transport.

use crate::foreign::joined;
use crate::registry::{Answer, Column, Kind, Row, Status};
use crate::text::single_spaced;

/// What the registry says of one port on several transports, in sentences: transports of which it says the
/// same stand together.
pub(super) fn lines(answers: &[Answer]) -> Vec<String> {
    let mut said: Vec<(Vec<&str>, String)> = Vec::new();
    for answer in answers {
        let text = of(answer);
        match said.iter_mut().find(|(_, known)| *known == text) {
            Some((transports, _)) => transports.push(answer.transport().name()),
            None => said.push((vec![answer.transport().name()], text)),
        }
    }
    said.into_iter().map(|(transports, text)| format!("{}: {text}", transports.join(", "))).collect()
}

fn of(answer: &Answer) -> String {
    let status = answer.status();
    let mut parts = vec![match (status, answer.names()) {
        (Status::Registered, Some(names)) => format!("registered as {names}"),
        (Status::Registered, None) => "registered without a name".to_owned(),
        (status, _) => format!("{status}, {}", status.meaning()),
    }];
    let aliases: Vec<&str> = answer.aliases().collect();
    if !aliases.is_empty() {
        parts.push(format!("other names {}", aliases.join(" ")));
    }
    let local = answer.local_names(None);
    if !local.is_empty() {
        parts.push(format!("called {} here", joined(&local, " ")));
    }
    if let Some(row) = answer.primary() {
        about(&mut parts, row);
    }
    for row in [answer.unauthorized_use(), answer.widespread_use()].into_iter().flatten() {
        let is_primary = answer.primary().is_some_and(|primary| primary.number() == row.number());
        if !is_primary {
            notes(&mut parts, row);
        }
    }
    format!("{}.", parts.join("; ").trim_end_matches('.'))
}

fn about(parts: &mut Vec<String>, row: Row) {
    let cell = |column: Column| single_spaced(row.cell(column));
    let description = single_spaced(row.description());
    // "Unassigned" and "Reserved" have been said.
    let says_more = row.kind() == Kind::Registered || description.contains(' ');
    if !description.is_empty() && says_more {
        parts.push(format!("described as \"{description}\""));
    }
    let mut dated = false;
    for (column, word) in [
        (Column::Reference, "reference"),
        (Column::RegistrationDate, "registered"),
        (Column::ModificationDate, "changed"),
    ] {
        let text = cell(column);
        if !text.is_empty() {
            parts.push(format!("{word} {text}"));
            dated |= column.is_detail();
        }
    }
    let had = parts.len();
    notes(parts, row);
    if let Some(date) = row.details_as_of()
        && (dated || parts.len() > had)
    {
        parts.push(format!("dates and notes as of {date}"));
    }
}

fn notes(parts: &mut Vec<String>, row: Row) {
    for column in [Column::UnauthorizedUse, Column::AssignmentNotes] {
        let text = single_spaced(row.cell(column));
        if !text.is_empty() {
            parts.push(format!("the registry notes: {text}"));
        }
    }
}
