//! Values of one column in a list, as the options of single columns take them.

use super::column::Column;
use super::error::ExpressionError;
use super::expression::{Expression, Node, Part};
use super::value::{Relation, Value};

/// Values of a column, one of which a flow has, or none of which it has: `80,443`, `!53`.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    column: &'static Column,
    text: String,
    /// Whether they are left out.
    is_left_out: bool,
    list: Vec<Value>,
}

impl Values {
    /// Reads values with commas between them, each behind `!` where they are left out.
    ///
    /// # Errors
    ///
    /// When a value is none of the column's kind, and when only some of them have the `!`.
    pub fn read(column: &'static Column, text: &str) -> Result<Values, ExpressionError> {
        let mut values = Vec::new();
        let mut left_out = 0;
        let mut at = 0;
        for part in text.split(',') {
            let place = at..at + part.len();
            at = place.end + 1;
            let error = |message| ExpressionError { text: text.to_owned(), at: place.clone(), message };
            let word = part.trim();
            let word = match word.strip_prefix('!') {
                Some(word) => {
                    left_out += 1;
                    word
                }
                None => word,
            };
            if word.is_empty() {
                return Err(error(format!("expected {}", column.kind.in_words())));
            }
            values.push(Value::read(column.kind, Relation::Is, word).map_err(error)?);
        }
        if left_out != 0 && left_out != values.len() {
            return Err(ExpressionError {
                text: text.to_owned(),
                at: 0..text.len(),
                message: "`!` leaves out one value: write it before all of them, or give the option twice"
                    .into(),
            });
        }
        Ok(Values { column, text: text.to_owned(), is_left_out: left_out != 0, list: values })
    }

    /// The text they were read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether flows with these values are left out.
    pub fn is_exclusion(&self) -> bool {
        self.is_left_out
    }
}

impl Expression {
    /// The condition that a flow has one of the values, and none of those that are left out. The text is that
    /// of an option: `--port 80,443`.
    ///
    /// `None` without values.
    pub fn of_option(option: &str, all: &[Values]) -> Option<Expression> {
        let column = all.first()?.column;
        let of = |is_left_out: bool| -> Vec<Value> {
            let some = all.iter().filter(|one| one.is_left_out == is_left_out);
            some.flat_map(|one| one.list.iter().cloned()).collect()
        };
        let mut parts = Vec::new();
        let (asked, left_out) = (of(false), of(true));
        if !asked.is_empty() {
            parts.push(Node::Is(column, asked));
        }
        if !left_out.is_empty() {
            parts.push(Node::Not(Box::new(Node::Is(column, left_out))));
        }
        let text: Vec<String> = all.iter().map(|one| format!("{option} {}", one.text)).collect();
        let text = text.join(" ");
        let node = match <[Node; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Node::All(parts),
        };
        Some(Expression { parts: vec![Part { text: text.clone(), node }], text })
    }
}
