//! The registry as IANA's page.

use super::draft::Draft;
use super::error::{Error, Fault, excerpt};
use super::tree::{Element, Elements, Next, tidy};
use crate::registry::image::{COLUMN_COUNT, Column};

const CONTACTS: [&str; 5] = ["ID", "Name", "Organization", "Contact URI", "Last Updated"];

/// Which table of the page is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    None,
    Registry,
    Contacts,
    Other,
}

pub(super) fn read<'t>(text: &'t str, mut draft: Draft<'t>) -> Result<Draft<'t>, Error> {
    let mut elements = Elements::new(text);
    let (mut table, mut seen, mut term) = (Table::None, false, String::new());
    loop {
        let start = match elements.next()? {
            Next::EndOfFile => break,
            Next::End | Next::Text(..) => continue,
            Next::Start(start) => start,
        };
        match start.name.as_str() {
            "table" => table = Table::Other,
            "h1" if draft.edition.title.is_empty() => draft.edition.title = content(&elements.whole(start)?),
            "dt" => term = content(&elements.whole(start)?),
            "dd" => {
                let element = elements.whole(start)?;
                about(&term, &element, &mut draft);
            }
            "thead" => {
                let head = elements.whole(start)?;
                table = kind(&head);
                seen |= table == Table::Registry;
            }
            "tr" => {
                let row = elements.whole(start)?;
                let cells: Vec<String> = row.elements().map(content).collect();
                match table {
                    Table::Registry => match <[String; 12]>::try_from(cells) {
                        Ok(cells) => {
                            let at: Vec<usize> = row.elements().map(|cell| cell.at).collect();
                            draft.row(cells, row.at, |column| at[column])?;
                        }
                        Err(cells) => {
                            let fault = Fault::Cells { expected: COLUMN_COUNT, found: cells.len() };
                            draft.bad_row(Error::at(text, row.at, fault))?;
                        }
                    },
                    Table::Contacts => {
                        if let Ok(contact) = cells.try_into() {
                            draft.contacts.push(contact);
                        } else {
                            let why = "a contact has five cells";
                            let fault = Fault::Row { why, found: excerpt(&content(&row)) };
                            draft.bad_row(Error::at(text, row.at, fault))?;
                        }
                    }
                    Table::None | Table::Other => {}
                }
            }
            _ => {}
        }
    }
    if !seen {
        let fault = Fault::Header { expected: "Service Name, Port Number, …", found: draft.edition.title };
        return Err(Error::at(text, text.len(), fault));
    }
    Ok(draft)
}

/// Tells a table by its headings.
fn kind(head: &Element) -> Table {
    let headings: Vec<String> = head.elements().flat_map(Element::elements).map(content).collect();
    let is_registry = headings.len() == COLUMN_COUNT
        && headings.iter().zip(Column::ALL).all(|(found, column)| {
            found == column.name() || column == Column::UnauthorizedUse && found == "Known Unauthorized Uses"
        });
    if is_registry {
        Table::Registry
    } else if headings.iter().eq(CONTACTS.iter()) {
        Table::Contacts
    } else {
        Table::Other
    }
}

fn about(term: &str, element: &Element, draft: &mut Draft) {
    let raw = element.text(inner).trim().to_owned();
    match term {
        "Last Updated" => draft.edition.edition = raw,
        "Expert(s)" => draft.edition.experts = raw,
        "Reference" => draft.edition.reference = raw,
        "Note" => draft.edition.note = raw,
        _ => {}
    }
}

fn content(element: &Element) -> String {
    tidy(&element.text(inner))
}

fn inner(element: &Element) -> String {
    if element.name == "br" { "\n".into() } else { element.text(inner) }
}
