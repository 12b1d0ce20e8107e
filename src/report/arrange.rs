//! Which columns of a result are shown, and in which order its rows: the same for every result of rows.

use std::cmp::Ordering;

use super::value::TextWriter;
use super::{Field, Holds, Table, TableColumn, Times, Value, WhenNarrow};
use crate::text::nearest;
use crate::traffic::{called_here, meant_by};

/// A name that is no column of the result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArrangeError {
    /// A name that no column has; the text names the nearest.
    #[error("unknown column `{name}`{near}")]
    Unknown {
        /// The name.
        name: String,
        /// What may have been meant.
        near: String,
    },
    /// A column named twice.
    #[error("column `{0}` is named twice")]
    Twice(String),
    /// Every column is left out.
    #[error("no column is left to show")]
    NoneLeft,
    /// A word for several columns, where rows are sorted by one.
    #[error("`{word}` stands for {columns}: name one of them")]
    Several {
        /// The word.
        word: String,
        /// The columns.
        columns: String,
    },
    /// What follows the column is no direction.
    #[error(
        "unknown direction `{direction}`; use {column} for the smallest first, {column}:desc for the greatest first"
    )]
    Direction {
        /// The column.
        column: String,
        /// What follows it.
        direction: String,
    },
}

impl ArrangeError {
    fn unknown(name: &str, fields: &[Field], on_request: &[Field]) -> ArrangeError {
        let names = fields.iter().chain(on_request).map(|field| field.name);
        let near = match (called_here(name), nearest(name, names).as_slice()) {
            (Some(instead), _) => format!("; {instead}"),
            (None, []) => "; `portscribe help columns` lists them".to_owned(),
            (None, near) => format!("; did you mean {}?", near.join(" or ")),
        };
        ArrangeError::Unknown { name: name.to_owned(), near }
    }
}

/// The places of the columns that a name or a word of people stands for: its own, or the first of those that the
/// word may mean.
fn places_of(name: &str, fields: &[Field], on_request: &[Field]) -> Result<Vec<usize>, ArrangeError> {
    let place =
        |name: &str| fields.iter().chain(on_request).position(|field| field.name.eq_ignore_ascii_case(name));
    if let Some(place) = place(name) {
        return Ok(vec![place]);
    }
    let meant =
        meant_by(name).iter().map(|columns| columns.iter().copied().filter_map(place).collect::<Vec<_>>());
    meant
        .into_iter()
        .find(|places| !places.is_empty())
        .ok_or_else(|| ArrangeError::unknown(name, fields, on_request))
}

/// The columns of a result that are shown, in their order.
///
/// ```
/// use portscribe::report::{Columns, flows};
///
/// let columns = Columns::of(flows::COLUMNS, flows::ON_REQUEST, &["server", "port", "bytes"])?;
/// let names: Vec<_> = columns.fields().iter().map(|field| field.name).collect();
/// assert_eq!(names, ["server_address", "server_port", "bytes"]);
/// let most = Columns::of(flows::COLUMNS, flows::ON_REQUEST, &["-notes", "-flow"])?;
/// assert_eq!(most.fields().len(), flows::COLUMNS.len() - 2);
/// # Ok::<(), portscribe::report::ArrangeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    fields: Vec<Field>,
    /// The places of their values in a row; `None` where all are shown as they come.
    places: Option<Vec<usize>>,
    /// The columns that were asked for.
    named: Vec<&'static str>,
}

impl Columns {
    /// All columns.
    pub fn all(fields: &[Field]) -> Columns {
        Columns { fields: fields.to_vec(), places: None, named: Vec::new() }
    }

    /// The columns of these names, in this order; those after a `-` are left out. Where all are left out so, the
    /// others are shown; without a name all are. Those `on_request` are shown only where they are named. Words that
    /// people use for columns ([`meant_by`]) stand for them.
    ///
    /// # Errors
    ///
    /// A name that no column has, or that stands twice, and when no column is left.
    pub fn of<N: AsRef<str>>(
        fields: &[Field],
        on_request: &[Field],
        names: &[N],
    ) -> Result<Columns, ArrangeError> {
        if names.is_empty() {
            return Ok(Columns::all(fields));
        }
        let all: Vec<Field> = [fields, on_request].concat();
        let (mut shown, mut left_out) = (Vec::new(), Vec::new());
        for name in names {
            let name = name.as_ref();
            let (list, name) = match name.strip_prefix('-') {
                Some(name) => (&mut left_out, name),
                None => (&mut shown, name),
            };
            for place in places_of(name, fields, on_request)? {
                if list.contains(&place) {
                    return Err(ArrangeError::Twice(all[place].name.to_owned()));
                }
                list.push(place);
            }
        }
        let wanted = if shown.is_empty() { (0..fields.len()).collect() } else { shown.clone() };
        let places: Vec<usize> = wanted.into_iter().filter(|place| !left_out.contains(place)).collect();
        if places.is_empty() {
            return Err(ArrangeError::NoneLeft);
        }
        Ok(Columns {
            fields: places.iter().map(|&place| all[place]).collect(),
            named: shown.iter().map(|&place| all[place].name).collect(),
            places: Some(places),
        })
    }

    /// The names of the columns that were asked for.
    pub fn named(&self) -> &[&'static str] {
        &self.named
    }

    /// The columns that are shown.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Whether the result has other columns than it has without being asked.
    pub fn is_chosen(&self) -> bool {
        self.places.is_some()
    }

    /// The values of a row that are shown.
    pub(super) fn shown<'v, 'a>(&self, values: &'v [Value<'a>]) -> impl Iterator<Item = &'v Value<'a>> {
        (0..self.fields.len()).map(|n| &values[self.places.as_ref().map_or(n, |places| places[n])])
    }

    /// A table for people with these columns, by their names.
    pub fn table(&self) -> Table {
        let column = |field: &Field| match field.holds {
            Holds::Integer(..) | Holds::Share | Holds::Duration | Holds::Ports => {
                TableColumn::number(field.name, WhenNarrow::Stays)
            }
            Holds::Time | Holds::Address | Holds::Word(_) | Holds::Bool => {
                TableColumn::text(field.name, WhenNarrow::Stays)
            }
            _ => TableColumn::text(field.name, WhenNarrow::Wraps),
        };
        Table::new(self.fields.iter().map(column).collect::<Vec<_>>())
    }

    /// The cells of a row of that table, with times written so: `-` for what is not known.
    pub fn cells(&self, values: &[Value], times: &Times) -> Vec<String> {
        let mut writer = TextWriter::with(times);
        self.shown(values)
            .map(|value| match value {
                Value::Unknown => "-".to_owned(),
                value => writer.text(value),
            })
            .collect()
    }
}

/// A column that rows are in the order of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The place of the column's value in a row.
    pub column: usize,
    /// Whether the greatest value comes first.
    pub descends: bool,
    /// The column's name.
    pub name: &'static str,
}

impl Order {
    /// The order that `KEY`, `KEY:asc`, `KEY:desc` or `-KEY` (the greatest first) asks for, by a column of these names.
    ///
    /// # Errors
    ///
    /// A name that none of the columns has, a word for several of them, and another direction.
    pub fn of(fields: &[Field], on_request: &[Field], text: &str) -> Result<Order, ArrangeError> {
        let (name, descends) = match text.rsplit_once(':') {
            Some((name, "desc")) => (name, true),
            Some((name, "asc")) => (name, false),
            Some((name, direction)) if places_of(name, fields, on_request).is_ok() => {
                let (column, direction) = (name.to_owned(), direction.to_owned());
                return Err(ArrangeError::Direction { column, direction });
            }
            _ => (text.trim_start_matches('-'), text.starts_with('-')),
        };
        let all = || fields.iter().chain(on_request).map(|field| field.name);
        match places_of(name, fields, on_request)?.as_slice() {
            &[column] => Ok(Order { column, descends, name: all().nth(column).unwrap_or_default() }),
            several => {
                let columns: Vec<&str> = several.iter().filter_map(|&place| all().nth(place)).collect();
                Err(ArrangeError::Several { word: name.to_owned(), columns: columns.join(" and ") })
            }
        }
    }

    /// Compares the values of two rows; what is not known comes last.
    pub fn compare(&self, a: &Value, b: &Value) -> Ordering {
        match (a, b) {
            (Value::Unknown, Value::Unknown) => Ordering::Equal,
            (Value::Unknown, _) => Ordering::Greater,
            (_, Value::Unknown) => Ordering::Less,
            _ if self.descends => compare(b, a),
            _ => compare(a, b),
        }
    }
}

/// Compares two known values of one column.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Share(a), Value::Share(b)) => a.total_cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Address(a), Value::Address(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => a.cmp(b),
        (Value::Counts(a), Value::Counts(b)) => a.cmp(b),
        (Value::Sentences(a), Value::Sentences(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Foreign(a), Value::Foreign(b)) => a.cmp(b),
        (Value::Names(a), Value::Names(b)) => a.cmp(b),
        (Value::Lines(a), Value::Lines(b)) => a.cmp(b),
        // A column of ports holds numbers and ranges.
        (Value::Number(_), _) => Ordering::Less,
        (_, Value::Number(_)) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// Rows in the order of a column, or the first of them. Of those with equal values the first one added comes first.
pub struct Sorted<'a, R> {
    order: Order,
    most: usize,
    rows: Vec<(Value<'a>, R)>,
}

impl<'a, R> Sorted<'a, R> {
    /// No row yet; at most `most` are kept.
    pub fn new(order: Order, most: usize) -> Sorted<'a, R> {
        Sorted { order, most, rows: Vec::new() }
    }

    /// Adds a row by its value of the column.
    pub fn add(&mut self, value: Value<'a>, row: R) {
        self.rows.push((value, row));
        if self.rows.len() >= self.most.saturating_mul(2).max(1024) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let order = &self.order;
        self.rows.sort_by(|(a, _), (b, _)| order.compare(a, b));
        self.rows.truncate(self.most);
    }

    /// The rows in order.
    pub fn finish(mut self) -> impl Iterator<Item = R> {
        self.cut();
        self.rows.into_iter().map(|(_, row)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{flows, packets};

    fn names(columns: &Columns) -> Vec<&'static str> {
        columns.fields().iter().map(|field| field.name).collect()
    }

    #[test]
    fn columns_come_in_the_order_of_their_names() {
        let columns =
            Columns::of(flows::COLUMNS, flows::ON_REQUEST, &["Server_Port", "flow"]).expect("columns");
        assert_eq!(names(&columns), ["server_port", "flow"]);
        let mut values = vec![Value::Unknown; flows::COLUMNS.len()];
        values[0] = Value::Number(7);
        assert_eq!(columns.cells(&values, &Times::Utc), ["-", "7"]);
        assert!(!Columns::of::<&str>(flows::COLUMNS, flows::ON_REQUEST, &[]).expect("columns").is_chosen());
        // One that is named and left out is left out.
        assert_eq!(
            names(
                &Columns::of(flows::COLUMNS, flows::ON_REQUEST, &["flow", "status", "-flow"])
                    .expect("columns")
            ),
            ["status"]
        );
        let all = names(&Columns::all(flows::COLUMNS));
        assert_eq!(
            names(&Columns::of(flows::COLUMNS, flows::ON_REQUEST, &["-flow"]).expect("columns")),
            all[1..]
        );
    }

    #[test]
    fn wrong_names_are_told() {
        let error = |names: &[&str]| {
            Columns::of(flows::COLUMNS, flows::ON_REQUEST, names).expect_err("an error").to_string()
        };
        assert_eq!(error(&["servr_port"]), "unknown column `servr_port`; did you mean server_port?");
        assert_eq!(
            error(&["flow", "xyzzyxyzzy"]),
            "unknown column `xyzzyxyzzy`; `portscribe help columns` lists them"
        );
        assert_eq!(error(&["flow", "status", "flow"]), "column `flow` is named twice");
        assert_eq!(error(&["flow", "-flow"]), "no column is left to show");
    }

    #[test]
    fn words_of_people_stand_for_columns() {
        let of =
            |asked: &[&str]| names(&Columns::of(flows::COLUMNS, flows::ON_REQUEST, asked).expect("columns"));
        assert_eq!(of(&["server", "port", "bytes"]), ["server_address", "server_port", "bytes"]);
        assert_eq!(
            of(&["Time", "host", "flag"]),
            ["first_seen", "client_address", "server_address", "flags"]
        );
        // What is shown on request alone is not among those that are left.
        assert_eq!(of(&["-client"]).len(), flows::COLUMNS.len() - 1);
        assert_eq!(
            Columns::of(packets::COLUMNS, &[], &["source", "time"]).expect("columns").named(),
            ["src_address", "time"]
        );
        let order = |text: &str| Order::of(flows::COLUMNS, flows::ON_REQUEST, text);
        assert_eq!(order("port:desc").map(|order| (order.name, order.descends)), Ok(("server_port", true)));
        for (text, message) in [
            ("host", "`host` stands for client_address and server_address: name one of them"),
            (
                "bytes:down",
                "unknown direction `down`; use bytes for the smallest first, bytes:desc for the greatest first",
            ),
            ("nope:down", "unknown column `nope:down`; `portscribe help columns` lists them"),
        ] {
            assert_eq!(order(text).expect_err(text).to_string(), message);
        }
    }

    #[test]
    fn rows_are_sorted_and_the_unknown_come_last() {
        let field = |name| Field { name, ..flows::COLUMNS[0] };
        let fields = [field("a"), field("b")];
        for (key, most, expected) in [
            ("b", 9, &[1, 4, 0, 3, 2][..]),
            ("b:asc", 2, &[1, 4]),
            ("b:desc", 9, &[0, 3, 1, 4, 2]),
            ("B:desc", 1, &[0]),
            ("b", 0, &[]),
        ] {
            let order = Order::of(&fields, &[], key).expect("an order");
            let mut sorted = Sorted::new(order, most);
            let numbers = [Some(5), Some(2), None, Some(5), Some(2)];
            for (row, number) in numbers.into_iter().enumerate() {
                sorted.add(number.map_or(Value::Unknown, Value::Number), row);
            }
            assert_eq!(sorted.finish().collect::<Vec<_>>(), expected, "{key} {most}");
        }
        let error = Order::of(&fields, &[], "aa:desc").expect_err("an error");
        assert_eq!(error.to_string(), "unknown column `aa`; did you mean a?");
    }

    #[test]
    fn the_first_of_many_rows_are_kept() {
        let order = Order { column: 0, descends: true, name: "flow" };
        let mut sorted = Sorted::new(order, 3);
        for n in 0..10_000_u64 {
            sorted.add(Value::Number(n * 7919 % 10_007), n);
            assert!(sorted.rows.len() < 1024);
        }
        let mut all: Vec<u64> = (0..10_000).collect();
        all.sort_by_key(|n| std::cmp::Reverse(n * 7919 % 10_007));
        assert_eq!(sorted.finish().collect::<Vec<_>>(), all[..3]);
    }
}
