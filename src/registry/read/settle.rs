//! Puts the filled cells of a printed row into their columns: a printed page has lost the empty
//! ones, and what a cell looks like tells which column it is of.

use std::collections::HashSet;

use crate::registry::image::{self, Column, SourceContact};

/// Whether a cell can be of a column.
type Fits<'f> = &'f dyn Fn(&str) -> bool;

/// A row from its filled cells, in order. A port is a number or a range, a transport one of four
/// words, an assignee or a contact stands in the page's own table of `people`, a date is a date;
/// one that stands alone is the registration's.
pub(super) fn row<'c>(
    cells: impl Iterator<Item = &'c str>,
    people: &HashSet<String>,
) -> Result<[String; 12], &'static str> {
    let mut row: [String; 12] = Default::default();
    let mut cells = cells.peekable();
    let person = |cell: &str| people.contains(cell);
    let any = |_: &str| true;
    let fits: [(Column, Fits); 12] = [
        (Column::ServiceName, &|cell| !is_port(cell)),
        (Column::PortNumber, &is_port),
        (Column::TransportProtocol, &is_transport),
        (Column::Description, &any),
        (Column::Assignee, &person),
        (Column::Contact, &person),
        (Column::RegistrationDate, &is_date),
        (Column::ModificationDate, &is_date),
        (Column::Reference, &|cell| cell.starts_with('[')),
        (Column::ServiceCode, &|cell| cell.bytes().all(|byte| byte.is_ascii_digit())),
        (Column::UnauthorizedUse, &|cell| cell.to_ascii_lowercase().contains("unauthorized use")),
        (Column::AssignmentNotes, &any),
    ];
    for (column, fits) in fits {
        if let Some(cell) = cells.next_if(|cell| fits(cell)) {
            cell.clone_into(&mut row[column.place()]);
        }
    }
    if cells.next().is_some() { Err("a cell fits no column that is left") } else { Ok(row) }
}

/// A contact from its filled cells: a date ends it, an address stands before that, and of what is
/// left the organization is the one that is often empty.
pub(super) fn contact(cells: &[&str]) -> Result<SourceContact, &'static str> {
    let Some((id, mut cells)) = cells.split_first() else { return Err("expected the id of a contact") };
    let mut contact: SourceContact = Default::default();
    (*id).clone_into(&mut contact[0]);
    for (column, fits) in [(4, is_date as fn(&str) -> bool), (3, is_address)] {
        if let Some((last, rest)) = cells.split_last()
            && fits(last)
        {
            (*last).clone_into(&mut contact[column]);
            cells = rest;
        }
    }
    if cells.len() > 2 {
        return Err("a contact has five cells");
    }
    for (column, cell) in cells.iter().enumerate() {
        (*cell).clone_into(&mut contact[column + 1]);
    }
    Ok(contact)
}

pub(super) fn is_port(cell: &str) -> bool {
    matches!(image::port_range(cell), Ok(Some(_)))
}

pub(super) fn is_transport(cell: &str) -> bool {
    matches!(image::transport_index(cell), Ok(Some(_)))
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn is_date(cell: &str) -> bool {
    let digits = |part: &str, many| part.len() == many && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = cell.split('-');
    parts.next().is_some_and(|year| digits(year, 4))
        && parts.by_ref().take(2).all(|part| digits(part, 2))
        && parts.next().is_none()
}

fn is_address(cell: &str) -> bool {
    cell.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty() && !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
