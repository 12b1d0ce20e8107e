//! Conditions on flows, and whether a flow meets them.

use std::fmt;

use super::column::Column;
use super::value::Value;
use crate::label::PORTLESS;
use crate::net::Protocol;
use crate::traffic::LabelledFlow;

/// A condition on flows over their columns: what `--where` takes.
///
/// Logic has three values, as in SQL: a comparison with a value that is not known is neither true nor
/// false, and neither is its negation. Only flows for which the whole is true are selected. A column that
/// holds several values, such as `flags` or `port`, is equal to a value that is among them, and not equal
/// to one that is not.
///
/// ```
/// use portscribe::traffic::Expression;
///
/// let expression: Expression = "server in 10.0.0.0/8 and not port in (53, 443)".parse()?;
/// let error = "sevrer = 10.0.0.1".parse::<Expression>().unwrap_err();
/// assert_eq!(error.message, "unknown column `sevrer`; did you mean server?");
/// # Ok::<(), portscribe::traffic::ExpressionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    pub(super) text: String,
    /// What must hold, all of it.
    pub(super) parts: Vec<Part>,
}

/// A part of an expression between `and`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) node: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// One of the column's values is one of these.
    Is(&'static Column, Vec<Value>),
    /// The column's value is known.
    Known(&'static Column),
}

impl Node {
    /// Whether a flow meets it; `None` where that depends on what is not known.
    pub(super) fn holds(&self, row: &LabelledFlow) -> Option<bool> {
        match self {
            Node::All(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match part.holds(row) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => all = None,
                    }
                }
                all
            }
            Node::Any(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match part.holds(row) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Node::Not(part) => part.holds(row).map(|holds| !holds),
            Node::Is(column, values) => column.any(row, |item| values.iter().any(|value| value.is(item))),
            Node::Known(column) => Some(column.is_known(row)),
        }
    }

    fn each_test(&self, is_negated: bool, see: &mut impl FnMut(&'static Column, &[Value], bool)) {
        match self {
            Node::All(parts) | Node::Any(parts) => {
                for part in parts {
                    part.each_test(is_negated, see);
                }
            }
            Node::Not(part) => part.each_test(!is_negated, see),
            Node::Is(column, values) => see(column, values, is_negated),
            Node::Known(column) => see(column, &[], is_negated),
        }
    }
}

impl Expression {
    /// Whether a flow is selected.
    pub fn selects(&self, row: &LabelledFlow) -> bool {
        self.parts.iter().all(|part| part.node.holds(row) == Some(true))
    }

    /// The columns that it asks for, each as often as it does.
    pub fn columns(&self) -> Vec<&'static Column> {
        let mut columns = Vec::new();
        for part in &self.parts {
            part.node.each_test(false, &mut |column, _, _| columns.push(column));
        }
        columns
    }

    /// Whether it asks for flows with this word in a column, not for those without.
    pub fn asks_for(&self, name: &str, word: &str) -> bool {
        let mut asks = false;
        let mut see = |column: &Column, values: &[Value], is_negated: bool| {
            let has_it = values.iter().any(|value| matches!(value, Value::Text(text) if text == word));
            asks |= column.name == name && has_it && !is_negated;
        };
        for part in &self.parts {
            part.node.each_test(false, &mut see);
        }
        asks
    }

    /// Whether it asks for flows of protocols without ports: by their status, their name or their number.
    pub fn asks_for_portless(&self) -> bool {
        let mut asks = false;
        let mut see = |column: &Column, values: &[Value], is_negated: bool| {
            let is_portless = |value: &Value| match value {
                Value::Text(text) => column.name == "status" && text == PORTLESS,
                Value::Numbers(range) if matches!(column.name, "protocol" | "protocol_number") => {
                    (0..=u8::MAX).any(|n| range.contains(&n.into()) && !Protocol(n).has_ports())
                }
                Value::Numbers(_) => matches!(column.name, "icmp_type" | "icmp_code"),
                _ => false,
            };
            asks |= !is_negated && values.iter().any(is_portless);
        };
        for part in &self.parts {
            part.node.each_test(false, &mut see);
        }
        asks
    }

    /// The service names that it compares ports and services with.
    pub fn services(&self) -> Vec<&str> {
        // `each_test` lends its arguments for a call alone.
        fn of<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
            match node {
                Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| of(part, found)),
                Node::Not(part) => of(part, found),
                Node::Is(column, values) => {
                    let is_service = matches!(column.name, "services" | "service");
                    found.extend(values.iter().filter_map(|value| match value {
                        Value::Service(name, _) => Some(name.as_str()),
                        Value::Text(name) if is_service => Some(name.as_str()),
                        _ => None,
                    }));
                }
                Node::Known(_) => {}
            }
        }
        let mut found = Vec::new();
        for part in &self.parts {
            of(&part.node, &mut found);
        }
        found
    }
}

impl fmt::Display for Expression {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
