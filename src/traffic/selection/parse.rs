//! Expressions read from their text: words with their places, then a descent through the grammar.
//!
//! ```text
//! any     = all *("or" all)
//! all     = not *("and" not)
//! not     = "not" not / "(" any ")" / test
//! test    = column ("=" / "!=" / "<" / "<=" / ">" / ">=" / "~") value
//!         / column ["not"] "in" (value / "(" value *("," value) ")")
//!         / column "is" ["not"] ("known" / "unknown")
//! ```
//!
//! The grammar is small, and most of the code is for errors that name a place and what may have been
//! meant, which a parser library leaves to its user as well.

use std::ops::Range;
use std::str::FromStr;

use super::column::Column;
use super::error::ExpressionError;
use super::expression::{Expression, Node, Part};
use super::item::Kind;
use super::value::{Relation, Value};

/// How deep parentheses and `not` may stand in each other: the descent is as deep, and so is each
/// evaluation.
const MOST_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Mark {
    /// A word, or a text in quotes.
    Word {
        text: String,
        is_quoted: bool,
    },
    Operator(&'static str),
    Open,
    Close,
    Comma,
}

type Placed = (Mark, Range<usize>);

/// The operators; longer ones come first.
const OPERATORS: [&str; 9] = ["<=", ">=", "!=", "==", "<", ">", "=", "~", "!"];

/// The marks of a text, or what is wrong and where.
fn marks(text: &str) -> Result<Vec<Placed>, (String, Range<usize>)> {
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        let (mark, length) = if letter.is_whitespace() {
            at += letter.len_utf8();
            continue;
        } else if let Some(&operator) = OPERATORS.iter().find(|one| rest.starts_with(**one)) {
            (Mark::Operator(operator), operator.len())
        } else if rest.starts_with("&&") || rest.starts_with("||") {
            let word = if letter == '&' { "and" } else { "or" };
            (Mark::Word { text: word.to_owned(), is_quoted: false }, 2)
        } else if letter == '"' || letter == '\'' {
            let Some(length) = rest[1..].find(letter) else {
                return Err((format!("no closing {letter}"), at..text.len()));
            };
            (Mark::Word { text: rest[1..=length].to_owned(), is_quoted: true }, length + 2)
        } else {
            match letter {
                '(' => (Mark::Open, 1),
                ')' => (Mark::Close, 1),
                ',' => (Mark::Comma, 1),
                _ => {
                    let ends = |c: char| c.is_whitespace() || "()=!<>~,\"'".contains(c);
                    let ends = [rest.find(ends), rest.find("&&"), rest.find("||")];
                    let length = ends.into_iter().flatten().min().unwrap_or(rest.len());
                    (Mark::Word { text: rest[..length].to_owned(), is_quoted: false }, length)
                }
            }
        };
        marks.push((mark, at..at + length));
        at += length;
    }
    Ok(marks)
}

struct Parser<'t> {
    text: &'t str,
    marks: Vec<Placed>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, message: impl Into<String>, at: Range<usize>) -> ExpressionError {
        ExpressionError { text: self.text.to_owned(), at, message: message.into() }
    }

    /// An error at the next mark, or at the end.
    fn expected(&self, what: &str) -> ExpressionError {
        if let Some((_, place)) = self.marks.get(self.at) {
            return self.error(format!("expected {what}"), place.clone());
        }
        let end = self.text.trim_end().len();
        self.error(format!("the expression ends where {what} is expected"), end..end)
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(
            self.marks.get(self.at + ahead),
            Some((Mark::Word { text, is_quoted: false }, _)) if text.eq_ignore_ascii_case(word)
        )
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = self.is_word(0, word);
        self.at += usize::from(is_it);
        is_it
    }

    fn takes(&mut self, mark: &Mark) -> bool {
        let is_it = self.marks.get(self.at).is_some_and(|(found, _)| found == mark);
        self.at += usize::from(is_it);
        is_it
    }

    /// One level further down.
    fn within<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(self.expected(&format!("at most {MOST_DEPTH} levels of parentheses and `not`")));
        }
        let parsed = parse(self)?;
        self.depth -= 1;
        Ok(parsed)
    }

    fn any(&mut self) -> Result<Node, ExpressionError> {
        let mut parts = vec![self.all()?];
        while self.takes_word("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Node::Any))
    }

    fn all(&mut self) -> Result<Node, ExpressionError> {
        let mut parts = vec![self.not()?];
        while self.takes_word("and") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Node::All))
    }

    fn not(&mut self) -> Result<Node, ExpressionError> {
        if self.takes_word("not") || self.takes(&Mark::Operator("!")) {
            return Ok(not(self.within(Parser::not)?));
        }
        let opened = self.marks.get(self.at).map(|(_, place)| place.clone());
        if self.takes(&Mark::Open) {
            let inside = self.within(Parser::any)?;
            if self.takes(&Mark::Close) {
                return Ok(inside);
            }
            return match self.marks.get(self.at) {
                Some(_) => Err(self.expected("`and`, `or` or `)`")),
                None => Err(self.error("this parenthesis is not closed", opened.unwrap_or_default())),
            };
        }
        self.test()
    }

    fn test(&mut self) -> Result<Node, ExpressionError> {
        let Some((Mark::Word { text, is_quoted: false }, place)) = self.marks.get(self.at).cloned() else {
            return Err(self.expected("a column"));
        };
        let column =
            Column::of_name(&text).ok_or_else(|| self.error(Column::instead_of(&text), place.clone()))?;
        self.at += 1;
        if self.takes_word("is") {
            let is_negated = self.takes_word("not");
            let is_known = self.takes_word("known");
            if !is_known && !self.takes_word("unknown") {
                return Err(self.expected("`known` or `unknown`"));
            }
            let node = Node::Known(column);
            return Ok(if is_known == is_negated { not(node) } else { node });
        }
        if self.is_word(0, "in") || self.is_word(0, "not") && self.is_word(1, "in") {
            let is_negated = self.takes_word("not");
            self.at += 1;
            let node = Node::Is(column, self.list(column)?);
            return Ok(if is_negated { not(node) } else { node });
        }
        let Some((Mark::Operator(operator), place)) = self.marks.get(self.at).cloned() else {
            let meant = match self.marks.get(self.at) {
                Some((Mark::Word { text, is_quoted: false }, _)) => operator_of_others(text, column.kind),
                _ => None,
            };
            let instead = meant.map_or(String::new(), |operator| format!("; use `{operator}`"));
            return Err(self.expected(&format!(
                "{} or `is` after `{}`{instead}",
                operators(column.kind),
                column.name
            )));
        };
        let relation = match operator {
            "<" => Relation::Less,
            "<=" => Relation::AtMost,
            ">" => Relation::More,
            ">=" => Relation::AtLeast,
            "~" => Relation::Contains,
            "=" | "==" | "!=" => Relation::Is,
            _ => return Err(self.expected(&operators(column.kind))),
        };
        let fits = match relation {
            Relation::Is => true,
            Relation::Contains => column.kind.is_text(),
            _ => column.kind.has_order(),
        };
        if !fits {
            let message = format!(
                "`{}` is {}, which `{operator}` does not compare; use {}",
                column.name,
                column.kind.in_words(),
                operators(column.kind)
            );
            return Err(self.error(message, place));
        }
        self.at += 1;
        if self.marks.get(self.at).is_some_and(|(mark, _)| *mark == Mark::Open) {
            return Err(self.expected("one value; `in` takes a list"));
        }
        let node = Node::Is(column, vec![self.value(column, relation)?]);
        Ok(if operator == "!=" { not(node) } else { node })
    }

    fn list(&mut self, column: &'static Column) -> Result<Vec<Value>, ExpressionError> {
        if !self.takes(&Mark::Open) {
            let value = self.value(column, Relation::Is)?;
            if let Some((Mark::Comma, place)) = self.marks.get(self.at) {
                return Err(self.error("a list stands in parentheses: in (A, B)", place.clone()));
            }
            return Ok(vec![value]);
        }
        let mut values = Vec::new();
        loop {
            values.push(self.value(column, Relation::Is)?);
            if self.takes(&Mark::Close) {
                return Ok(values);
            }
            if !self.takes(&Mark::Comma) {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }

    fn value(&mut self, column: &'static Column, relation: Relation) -> Result<Value, ExpressionError> {
        let Some((Mark::Word { text, is_quoted }, place)) = self.marks.get(self.at).cloned() else {
            return Err(self.expected(&format!("{} ({})", column.kind.in_words(), column.kind.examples())));
        };
        let value = Value::read(column.kind, relation, &text).map_err(|message| {
            let is_nothing = ["nil", "none", "null", "-"].contains(&text.to_ascii_lowercase().as_str());
            let hint = if is_quoted {
                ""
            } else if Column::of_name(&text).is_some() {
                "; a column is compared with a value, not with a column"
            } else if is_nothing {
                "; `is unknown` selects flows without a value"
            } else if text.starts_with(['{', '[']) {
                "; a list stands in parentheses: in (A, B)"
            } else if column.kind == Kind::Time && text.contains(':') {
                "; times of a day, and ago, are for --since and --until"
            } else {
                ""
            };
            self.error(format!("`{}`: {message}{hint}", column.name), place)
        })?;
        self.at += 1;
        Ok(value)
    }
}

/// What stands here for an operator that other programs have as a word.
fn operator_of_others(word: &str, kind: Kind) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "contains" | "like" | "matches" if kind.is_text() => "~",
        "contains" | "eq" | "equals" | "has" | "like" | "matches" => "=",
        "ne" => "!=",
        "gt" if kind.has_order() => ">",
        "ge" if kind.has_order() => ">=",
        "lt" if kind.has_order() => "<",
        "le" if kind.has_order() => "<=",
        _ => return None,
    })
}

/// The operators that compare a kind, in words.
fn operators(kind: Kind) -> String {
    let order = if kind.has_order() { ", `<`, `<=`, `>`, `>=`" } else { "" };
    let part = if kind.is_text() { ", `~`" } else { "" };
    format!("`=`, `!=`{order}{part}, `in`")
}

fn not(node: Node) -> Node {
    Node::Not(Box::new(node))
}

fn one_or(mut parts: Vec<Node>, many: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Expression, ExpressionError> {
        let marks =
            marks(text).map_err(|(message, at)| ExpressionError { text: text.to_owned(), at, message })?;
        let mut parser = Parser { text, marks, at: 0, depth: 0 };
        let mut parts = Vec::new();
        loop {
            let first = parser.at;
            let node = parser.not()?;
            let place =
                |n: usize| parser.marks.get(n).map_or(text.len()..text.len(), |(_, place)| place.clone());
            let place = place(first).start..place(parser.at - 1).end;
            parts.push(Part { text: text[place].to_owned(), node });
            if !parser.takes_word("and") {
                break;
            }
        }
        if parser.is_word(0, "or") {
            // What came before is the first of several, and the whole is one part.
            parser.at = 0;
            parts = vec![Part { text: text.to_owned(), node: parser.any()? }];
        }
        if parser.at < parser.marks.len() {
            return Err(parser.expected("`and`, `or` or the end"));
        }
        Ok(Expression { text: text.to_owned(), parts })
    }
}
