//! The registry as IANA's XML file.

use std::fmt::Write;

use super::draft::Draft;
use super::error::{Error, Fault, excerpt};
use super::tree::{Element, Elements, Next, tidy};
use crate::registry::Column;

const ID: &str = "service-names-port-numbers";

pub(super) fn read<'t>(text: &'t str, mut draft: Draft<'t>) -> Result<Draft<'t>, Error> {
    let mut elements = Elements::new(text);
    let mut seen_root = false;
    loop {
        let start = match elements.next()? {
            Next::EndOfFile if seen_root => return Ok(draft),
            Next::EndOfFile => {
                let fault = Fault::Unfinished { element: "registry".into() };
                return Err(Error::at(text, text.len(), fault));
            }
            Next::End => continue,
            Next::Text(stray, at) => {
                let stray = stray.trim();
                if stray.is_empty() || stray == "\u{feff}" {
                    continue;
                }
                let expected = "elements of IANA's registry, with text within them alone";
                return Err(Error::at(text, at, Fault::Element { expected, found: excerpt(stray) }));
            }
            Next::Start(start) => start,
        };
        match (elements.depth(), start.name.as_str()) {
            (1, "registry") if !seen_root && start.attribute("id") == ID => seen_root = true,
            (1, name) => {
                let expected = "one element `registry` with the id `service-names-port-numbers`";
                return Err(Error::at(text, start.at, Fault::Element { expected, found: excerpt(name) }));
            }
            (2, "people") => {}
            (2, "record") => {
                let element = elements.whole(start)?;
                record(text, &element, &mut draft)?;
            }
            (3, "person") => {
                let element = elements.whole(start)?;
                let part = |name: &str| {
                    element.elements().find(|part| part.name == name).map(content).unwrap_or_default()
                };
                draft.contacts.push([
                    format!("[{}]", element.attribute("id")),
                    part("name"),
                    part("org"),
                    part("uri"),
                    part("updated"),
                ]);
            }
            (2, _) => about(text, &elements.whole(start)?, &mut draft)?,
            (_, name) => {
                let fault = Fault::Element { expected: "the element `person`", found: excerpt(name) };
                return Err(Error::at(text, start.at, fault));
            }
        }
    }
}

/// What stands before the records.
fn about(text: &str, element: &Element, draft: &mut Draft) -> Result<(), Error> {
    let edition = &mut draft.edition;
    match element.name.as_str() {
        "title" => edition.title = content(element),
        "updated" => edition.edition = content(element),
        "expert" => element.text(inner).trim().clone_into(&mut edition.experts),
        "xref" => edition.reference.push_str(&reference(element)),
        // A note under a title of its own says how to ask for an assignment.
        "note" if element.attribute("title").is_empty() => {
            element.text(inner).trim().clone_into(&mut edition.note);
        }
        "footnote" => {
            if !edition.footnotes.is_empty() {
                edition.footnotes.push('\n');
            }
            // Writing to a string does not fail.
            let _ = write!(edition.footnotes, "[{}] {}", element.attribute("anchor"), content(element));
        }
        "note" | "category" | "created" | "registration_rule" | "range" => {}
        name => {
            let fault = Fault::Element {
                expected: "title, category, updated, xref, expert, note, record, footnote or people",
                found: excerpt(name),
            };
            return Err(Error::at(text, element.at, fault));
        }
    }
    Ok(())
}

fn record(text: &str, record: &Element, draft: &mut Draft) -> Result<(), Error> {
    let mut cells: [String; 12] = Default::default();
    let mut at = [record.at; 12];
    record.attribute("date").clone_into(&mut cells[Column::RegistrationDate.place()]);
    record.attribute("updated").clone_into(&mut cells[Column::ModificationDate.place()]);
    let mut holder = None;
    for part in record.elements() {
        let column = match part.name.as_str() {
            "name" => Column::ServiceName,
            "number" => Column::PortNumber,
            "protocol" => Column::TransportProtocol,
            "description" => Column::Description,
            "sc" => Column::ServiceCode,
            "unauthorized" => Column::UnauthorizedUse,
            "note" => Column::AssignmentNotes,
            "assignee" => {
                holder = Some(part.elements().map(reference).collect::<String>());
                continue;
            }
            "xref" => {
                // A person is the contact; whatever else is referred to is a reference.
                let column =
                    if part.attribute("type") == "person" { Column::Contact } else { Column::Reference };
                cells[column.place()].push_str(&reference(part));
                continue;
            }
            name => {
                let fault = Fault::Element {
                    expected: "name, protocol, xref, assignee, description, number, sc, unauthorized or note",
                    found: excerpt(name),
                };
                return draft.bad_row(Error::at(text, part.at, fault));
            }
        };
        at[column.place()] = part.at;
        if !cells[column.place()].is_empty() {
            let fault = Fault::Element { expected: "one element of this name", found: part.name.clone() };
            return draft.bad_row(Error::at(text, part.at, fault));
        }
        cells[column.place()] = content(part);
    }
    // Where no one else is named, the contact is the assignee as well.
    cells[Column::Assignee.place()] = holder.unwrap_or_else(|| cells[Column::Contact.place()].clone());
    draft.row(cells, record.at, |column| at[column])?;
    Ok(())
}

fn content(element: &Element) -> String {
    tidy(&element.text(inner))
}

fn inner(element: &Element) -> String {
    match element.name.as_str() {
        "br" => "\n".into(),
        // IANA's CSV indents every paragraph but the first, whose indent is trimmed, by eight.
        "paragraph" => format!("        {}", element.text(inner).trim()),
        "xref" => reference(element),
        _ => element.text(inner),
    }
}

/// An `xref` as IANA's CSV writes it: `[RFC6335]`, `[Jon_Postel]`.
fn reference(element: &Element) -> String {
    let text = element.text(inner);
    let data = element.attribute("data");
    if !text.trim().is_empty() {
        return format!("[{}]", tidy(&text));
    }
    match element.attribute("type") {
        "rfc" => format!("[{}]", data.to_ascii_uppercase()),
        "rfc-errata" => format!("[RFC Errata {data}]"),
        _ => format!("[{data}]"),
    }
}
