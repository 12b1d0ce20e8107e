//! What was selected, and where nothing was, what came nearest.

use std::collections::HashMap;
use std::fmt;

use super::Selection;
use super::column::Column;
use super::expression::Node;
use super::value::Value;
use crate::flow::Confidence;
use crate::text::count;
use crate::traffic::LabelledFlow;

/// Counts what a selection takes and leaves out.
pub struct Tally<'s> {
    selection: &'s Selection,
    selected: u64,
    left_out: u64,
    packets_left_out: u64,
    /// For each part of the conditions, and for interfaces last.
    parts: Vec<Missed<'s>>,
    /// Whether ports of either end are asked for.
    either_end: Option<&'s [Value]>,
    of_client: u64,
    of_client_guessed: u64,
    /// Where there is one condition alone: the column that it is about, and how many flows have which value.
    there_are: Option<(&'static Column, HashMap<String, u64>)>,
}

/// The flows that a part of a selection leaves out alone.
struct Missed<'s> {
    text: &'s str,
    node: Option<&'s Node>,
    /// The same question of the other end.
    of_other_end: Option<(&'static Column, &'s [Value])>,
    flows: u64,
    flows_of_other_end: u64,
}

/// Flows that a selection came near to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Near {
    /// So many flows meet every condition but this one.
    AllBut {
        /// The condition, as it was written.
        condition: String,
        /// How many flows.
        flows: u64,
    },
    /// So many flows have at the other end what is asked of one.
    OtherEnd {
        /// The condition, as it was written.
        condition: String,
        /// The column that has it.
        column: &'static str,
        /// How many flows.
        flows: u64,
    },
    /// What flows have, where nobody has what is asked for.
    ThereAre {
        /// The column.
        column: &'static str,
        /// The values that most flows have, with their numbers.
        most: Vec<(String, u64)>,
        /// How many others there are.
        others: usize,
    },
}

impl fmt::Display for Near {
    /// ``3 flows meet all but `--status reserved` ``, ``3 flows have `--server-port 80` as client_port``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Near::AllBut { condition, flows } => {
                let meet = if *flows == 1 { "meets" } else { "meet" };
                write!(f, "{} {meet} all but `{condition}`", count(*flows, "flow"))
            }
            Near::OtherEnd { condition, column, flows } => {
                let have = if *flows == 1 { "has" } else { "have" };
                write!(f, "{} {have} `{condition}` as {column}", count(*flows, "flow"))
            }
            Near::ThereAre { column, most, others } => {
                let most: Vec<String> = most
                    .iter()
                    .map(|(value, flows)| format!("{value} ({})", count(*flows, "flow")))
                    .collect();
                let values = if most.len() + others == 1 { "value" } else { "values" };
                write!(f, "{column} has the {values} {}", most.join(", "))?;
                match others {
                    0 => Ok(()),
                    1 => write!(f, ", and 1 other"),
                    others => write!(f, ", and {others} others"),
                }
            }
        }
    }
}

impl<'s> Tally<'s> {
    /// Counts what this selection takes.
    pub fn new(selection: &'s Selection) -> Tally<'s> {
        let all = || selection.conditions.iter().flat_map(|condition| &condition.parts);
        let mut parts: Vec<Missed> = all()
            .map(|part| Missed {
                text: &part.text,
                node: Some(&part.node),
                of_other_end: other_end(&part.node),
                flows: 0,
                flows_of_other_end: 0,
            })
            .collect();
        if !selection.interfaces.is_empty() {
            let text = "--interface";
            parts.push(Missed { text, node: None, of_other_end: None, flows: 0, flows_of_other_end: 0 });
        }
        let either_end = all().find_map(|part| match &part.node {
            Node::Is(column, values) if column.name == "port" => Some(values.as_slice()),
            _ => None,
        });
        let there_are = match parts.as_slice() {
            [Missed { node: Some(node), .. }] => column_of(node).map(|column| (column, HashMap::new())),
            _ => None,
        };
        let (selected, left_out, packets_left_out) = (0, 0, 0);
        Tally {
            selection,
            selected,
            left_out,
            packets_left_out,
            parts,
            either_end,
            of_client: 0,
            of_client_guessed: 0,
            there_are,
        }
    }

    /// The selection that is counted.
    pub fn selection(&self) -> &'s Selection {
        self.selection
    }

    /// Whether a flow is selected. It is counted.
    pub fn takes(&mut self, row: &LabelledFlow) -> bool {
        if self.selection.has(row) {
            self.selected += 1;
            self.note_end(row);
            return true;
        }
        self.left_out += 1;
        self.packets_left_out += row.packets_to_server() + row.packets_to_client();
        if self.selected == 0 {
            self.note_miss(row);
        }
        false
    }

    /// Notes a flow whose client alone has the port that was asked for at either end.
    fn note_end(&mut self, row: &LabelledFlow) {
        let Some(asked) = self.either_end else { return };
        let has = |name: &str| {
            Column::of_name(name)
                .and_then(|column| column.any(row, |item| asked.iter().any(|one| one.is(item))))
        };
        if has("server_port") == Some(false) {
            self.of_client += 1;
            self.of_client_guessed += u64::from(row.label.direction.confidence == Confidence::Low);
        }
    }

    /// Notes a flow that one part alone leaves out.
    fn note_miss(&mut self, row: &LabelledFlow) {
        if let Some((column, values)) = &mut self.there_are {
            column.words(row, &mut |value| {
                if values.len() < MOST_VALUES || values.contains_key(&value) {
                    *values.entry(value).or_default() += 1;
                }
            });
        }
        let selection = self.selection;
        let is_met = |part: &Missed| match part.node {
            Some(node) => node.holds(row) == Some(true),
            None => selection.is_on_interface(row),
        };
        let mut missed = self.parts.iter_mut().filter(|part| !is_met(part));
        let (Some(only), None) = (missed.next(), missed.next()) else { return };
        only.flows += 1;
        let has_it = only.of_other_end.is_some_and(|(column, values)| {
            column.any(row, |item| values.iter().any(|value| value.is(item))) == Some(true)
        });
        only.flows_of_other_end += u64::from(has_it);
    }

    /// How many flows were selected.
    pub fn selected(&self) -> u64 {
        self.selected
    }

    /// How many flows were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// How many packets those have that were left out.
    pub fn packets_left_out(&self) -> u64 {
        self.packets_left_out
    }

    /// How many of the selected flows have a port that was asked for at the client alone, and in how many
    /// of them it is a guess which end is the server.
    pub fn of_client(&self) -> (u64, u64) {
        (self.of_client, self.of_client_guessed)
    }

    /// What came nearest where nothing was selected, in the order of the conditions. Of a single condition,
    /// only what the other end has.
    pub fn nearest(&self) -> Vec<Near> {
        if self.selected > 0 {
            return Vec::new();
        }
        let is_one_of_many = self.parts.len() > 1;
        let near = |part: &Missed| {
            let condition = part.text.to_owned();
            let other = part.of_other_end.filter(|_| part.flows_of_other_end > 0);
            match other {
                Some((column, _)) => {
                    Some(Near::OtherEnd { condition, column: column.name, flows: part.flows_of_other_end })
                }
                None => (part.flows > 0 && is_one_of_many)
                    .then_some(Near::AllBut { condition, flows: part.flows }),
            }
        };
        let near: Vec<Near> = self.parts.iter().filter_map(near).collect();
        if near.is_empty() { self.there_are().into_iter().collect() } else { near }
    }

    /// The values that most flows have of a single condition's column.
    fn there_are(&self) -> Option<Near> {
        let (column, values) = self.there_are.as_ref().filter(|(_, values)| !values.is_empty())?;
        let mut most: Vec<(String, u64)> =
            values.iter().map(|(value, flows)| (value.clone(), *flows)).collect();
        most.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
        let others = most.len().saturating_sub(SHOWN_VALUES);
        most.truncate(SHOWN_VALUES);
        Some(Near::ThereAre { column: column.name, most, others })
    }
}

/// How many different values are counted where nothing is selected.
const MOST_VALUES: usize = 4096;
/// How many of them are told.
const SHOWN_VALUES: usize = 3;

/// The column that tells what there is where a condition selects nothing: of ports and addresses of either end, the
/// server's.
fn column_of(node: &Node) -> Option<&'static Column> {
    match node {
        Node::Not(node) => column_of(node),
        Node::Is(column, _) => Column::of_name(match column.name {
            "port" => "server_port",
            "host" => "server_address",
            "services" => "service",
            name => name,
        }),
        Node::All(_) | Node::Any(_) | Node::Known(_) => None,
    }
}

/// The same question of the other end.
fn other_end(node: &Node) -> Option<(&'static Column, &[Value])> {
    let Node::Is(column, values) = node else { return None };
    let other = match column.name {
        "server" | "server_address" => "client_address",
        "client" | "client_address" => "server_address",
        "server_port" => "client_port",
        "client_port" => "server_port",
        _ => return None,
    };
    Some((Column::of_name(other)?, values))
}
