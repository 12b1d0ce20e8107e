//! A row as an object, with objects in it where names have points. What is not known is left out, as those who write
//! such records do.

use crate::foreign;
use crate::report::value::TextWriter;
use crate::report::{Field, Value};

/// Appends a row.
pub(in crate::report) fn object(
    out: &mut Vec<u8>,
    text: &mut TextWriter,
    fields: &[Field],
    values: &[Value],
    nests: bool,
) {
    let mut open: Vec<&str> = Vec::new();
    let mut is_first = true;
    out.push(b'{');
    for (field, value) in fields.iter().zip(values).filter(|(_, value)| **value != Value::Unknown) {
        let parts: Vec<&str> = if nests { field.name.split('.').collect() } else { vec![field.name] };
        let (last, objects) = parts.split_last().map_or(("", &[][..]), |(last, objects)| (*last, objects));
        let common = open.iter().zip(objects).take_while(|(one, other)| one == other).count();
        for _ in open.drain(common..) {
            out.push(b'}');
            is_first = false;
        }
        for object in &objects[common..] {
            key(out, object, is_first);
            out.push(b'{');
            open.push(object);
            is_first = true;
        }
        key(out, last, is_first);
        text.append_json(out, value);
        is_first = false;
    }
    out.extend(std::iter::repeat_n(b'}', open.len() + 1));
}

fn key(out: &mut Vec<u8>, name: &str, is_first: bool) {
    if !is_first {
        out.push(b',');
    }
    // Writing to a vector does not fail.
    let _ = foreign::json(&mut *out, name);
    out.push(b':');
}
