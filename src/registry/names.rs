//! The names of a port for people.

use std::fmt;

use super::{Answer, Column, Kind, Row, image};

/// The names registered for a port and transport that stand side by side: none is noted as an alias, a
/// duplicate or historic. In words, the leading name and in brackets the others: `submissions (urd)`.
#[derive(Clone, Copy)]
pub struct Names<'r> {
    leading: &'r str,
    answer: Answer<'r>,
}

impl<'r> Answer<'r> {
    /// The names for people: [`Answer::service`] with those of the same standing.
    pub fn names(self) -> Option<Names<'r>> {
        Some(Names { leading: self.service()?, answer: self })
    }
}

impl<'r> Names<'r> {
    /// The name that leads: [`Answer::service`].
    pub fn leading(self) -> &'r str {
        self.leading
    }

    /// The other names, in registry order.
    pub fn beside(self) -> impl Iterator<Item = &'r str> {
        self.answer
            .rows()
            .filter(|row| {
                row.kind() == Kind::Registered && !image::is_second_name(row.cell(Column::AssignmentNotes))
            })
            .map(Row::service_name)
            .filter(move |&name| !name.is_empty() && name != self.leading)
    }
}

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.leading)?;
        let mut before = " (";
        for name in self.beside() {
            write!(f, "{before}{name}")?;
            before = " ";
        }
        if before == " " { f.write_str(")") } else { Ok(()) }
    }
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl PartialEq for Names<'_> {
    fn eq(&self, other: &Names<'_>) -> bool {
        self.leading == other.leading && self.beside().eq(other.beside())
    }
}

impl Eq for Names<'_> {}
