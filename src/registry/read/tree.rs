//! Elements of XML and XHTML, within bounds: no entities beyond XML's own five, no depth and no
//! number of elements that the registry would never need.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::error::{Error, Fault, excerpt};

/// IANA's elements are nested six deep; every level of a hostile file costs memory.
const MOST_DEPTH: usize = 64;
/// The longest row has a few dozen elements.
const MOST_ELEMENTS: usize = 10_000;

/// One element with all that is in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// The name, without its namespace.
    pub(super) name: String,
    /// The byte at which it begins.
    pub(super) at: usize,
    attributes: Vec<(String, String)>,
    /// What is in it, in order.
    pub(super) children: Vec<Child>,
}

#[derive(Debug)]
pub(super) enum Child {
    Text(String),
    Element(Element),
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// The text of an element, in which `inner` says what stands for the elements in it.
    pub(super) fn text(&self, inner: impl Fn(&Element) -> String + Copy) -> String {
        let mut text = String::new();
        for child in &self.children {
            match child {
                Child::Text(part) => text.push_str(part),
                Child::Element(element) => text.push_str(&inner(element)),
            }
        }
        text
    }
}

/// What comes next in a file.
pub(super) enum Next {
    /// An element begins.
    Start(Element),
    /// An element ends.
    End,
    /// Text, and the byte at which it begins.
    Text(String, usize),
    /// The file ends.
    EndOfFile,
}

/// Reads a file element by element.
pub(super) struct Elements<'t> {
    reader: Reader<&'t [u8]>,
    text: &'t str,
    open: Vec<String>,
}

impl<'t> Elements<'t> {
    pub(super) fn new(text: &'t str) -> Elements<'t> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Elements { reader, text, open: Vec::new() }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Reads on to the next beginning or end of an element, or text.
    pub(super) fn next(&mut self) -> Result<Next, Error> {
        loop {
            let at = self.reader.buffer_position() as usize;
            let event = self.reader.read_event().map_err(|error| {
                let at = self.reader.error_position() as usize;
                Error::at(self.text, at, Fault::Xml(error.to_string()))
            })?;
            let fail = |fault| Err(Error::at(self.text, at, fault));
            return Ok(match event {
                Event::Start(start) | Event::Empty(start) => {
                    let element = element(&start, at).map_err(|fault| Error::at(self.text, at, fault))?;
                    if self.open.len() == MOST_DEPTH {
                        return fail(Fault::TooDeep { limit: MOST_DEPTH });
                    }
                    self.open.push(element.name.clone());
                    Next::Start(element)
                }
                Event::End(_) => {
                    self.open.pop();
                    Next::End
                }
                Event::Text(text) => Next::Text(text.xml10_content().into_owned(), at),
                Event::CData(text) => Next::Text(text.xml10_content().into_owned(), at),
                Event::GeneralRef(name) => {
                    let character = match &*name {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => match name.resolve_char_ref() {
                            Ok(Some(character)) => character,
                            _ => return fail(Fault::Entity { name: excerpt(&name) }),
                        },
                    };
                    Next::Text(character.to_string(), at)
                }
                Event::DocType(definition) if definition.contains('[') => return fail(Fault::Definitions),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
                Event::Eof => {
                    if let Some(element) = self.open.pop() {
                        return fail(Fault::Unfinished { element: excerpt(&element) });
                    }
                    Next::EndOfFile
                }
            });
        }
    }

    /// Reads an element that has begun to its end.
    pub(super) fn whole(&mut self, start: Element) -> Result<Element, Error> {
        let mut stack = vec![start];
        let mut elements = 0;
        loop {
            let next = self.next()?;
            let Some(top) = stack.last_mut() else { return Ok(Element::default()) };
            match next {
                Next::Start(element) => {
                    elements += 1;
                    if elements > MOST_ELEMENTS {
                        let fault = Fault::TooComplex { limit: MOST_ELEMENTS };
                        return Err(Error::at(self.text, element.at, fault));
                    }
                    stack.push(element);
                }
                Next::Text(more, _) => match top.children.last_mut() {
                    Some(Child::Text(text)) => text.push_str(&more),
                    _ => top.children.push(Child::Text(more)),
                },
                Next::End | Next::EndOfFile => {
                    let Some(done) = stack.pop() else { return Ok(Element::default()) };
                    match stack.last_mut() {
                        Some(parent) => parent.children.push(Child::Element(done)),
                        None => return Ok(done),
                    }
                }
            }
        }
    }
}

fn element(start: &BytesStart, at: usize) -> Result<Element, Fault> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| Fault::Xml(error.to_string()))?;
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| Fault::Xml(error.to_string()))?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, at, attributes, children: Vec::new() })
}

/// A cell as IANA's CSV file writes it: without space around it and without blank lines, and
/// with one space where a line ends in a space and the next is indented.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.trim().split_terminator('\n').filter(|line| !line.trim().is_empty()) {
        if out.is_empty() {
            out.push_str(line);
        } else if out.ends_with([' ', '\t']) && line.starts_with([' ', '\t']) {
            out.truncate(out.trim_end_matches([' ', '\t']).len());
            out.push(' ');
            out.push_str(line.trim_start());
        } else {
            out.push('\n');
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_tidied_as_iana_does() {
        for (from, to) in [
            (" a \n", "a"),
            ("a\n\n\nb", "a\nb"),
            ("a \n   b", "a b"),
            ("a \nb", "a \nb"),
            ("a\n   b", "a\n   b"),
            (" \n ", ""),
        ] {
            assert_eq!(tidy(from), to, "{from:?}");
        }
    }
}
