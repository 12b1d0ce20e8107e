//! Columns of results as the library's reports have them.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use datafusion::arrow::datatypes::{DataType, Schema};
use portscribe::Foreign;
use portscribe::report::{Bits, Field, Holds};

/// The places of the columns that text shows: all but the octets of an address that stands before them as text.
pub(super) fn of_text(schema: &Schema) -> Vec<usize> {
    let fields = schema.fields();
    let are_octets = |n: usize| {
        let is_other = |before: &str| fields[n].name().strip_suffix("_octets") == Some(before);
        *fields[n].data_type() == DataType::FixedSizeBinary(16) && n > 0 && is_other(fields[n - 1].name())
    };
    (0..fields.len()).filter(|&n| !are_octets(n)).collect()
}

/// The columns at these places.
pub(super) fn fields(schema: &Schema, places: &[usize]) -> Vec<Field> {
    let field = |&place: &usize| {
        let field = schema.field(place);
        Field { name: kept(field.name()), holds: holds(field.data_type()), may_be_unknown: true, meaning: "" }
    };
    places.iter().map(field).collect()
}

fn holds(of: &DataType) -> Holds {
    match of {
        DataType::Boolean => Holds::Bool,
        of if of.is_integer() => Holds::Integer(Bits::B64, None),
        DataType::Decimal128(19, 9) => Holds::Duration,
        of if of.is_numeric() => Holds::Share,
        DataType::Timestamp(_, Some(_)) => Holds::Time,
        DataType::FixedSizeBinary(16) => Holds::Address,
        DataType::List(item) if super::cells::is_text(item.data_type()) => Holds::Texts,
        _ => Holds::Text,
    }
}

/// Names of columns, each once: reports have names that stay, since nearly all results have the same.
fn kept(name: &str) -> &'static str {
    static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    // A name may be text from a file.
    let name = Foreign::new(name);
    let name = name.line();
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = names.get(&*name) {
        return name;
    }
    let name: &'static str = Box::leak(name.into_owned().into_boxed_str());
    names.insert(name);
    name
}
