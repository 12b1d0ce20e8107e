//! Columns whose names have points in them: `source.ip` is the field `ip` of the structure `source`.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::{ArrowError, Field, FieldRef, Fields};

/// A column that is to be put in its place: what is left of its name, and its field and cells.
struct Part<'n> {
    name: &'n str,
    field: &'n Field,
    array: Option<ArrayRef>,
}

/// The fields with those of one structure in it, at the place of the first.
pub(super) fn fields(flat: &[Field]) -> Fields {
    let parts = flat.iter().map(|field| Part { name: field.name(), field, array: None }).collect();
    // Without arrays nothing is compared with anything.
    put_together(parts).map(|(fields, _)| fields).unwrap_or_default()
}

/// The arrays of these columns, in the order of [`fields`].
pub(super) fn arrays(flat: &[Field], arrays: Vec<ArrayRef>) -> Result<Vec<ArrayRef>, ArrowError> {
    let parts =
        flat.iter().zip(arrays).map(|(field, array)| Part { name: field.name(), field, array: Some(array) });
    Ok(put_together(parts.collect())?.1)
}

fn put_together(parts: Vec<Part>) -> Result<(Fields, Vec<ArrayRef>), ArrowError> {
    let (mut fields, mut arrays): (Vec<FieldRef>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    let mut rest = parts;
    while !rest.is_empty() {
        let first = rest.remove(0);
        let Some((group, _)) = first.name.split_once('.') else {
            fields.push(Arc::new(first.field.clone().with_name(first.name)));
            arrays.extend(first.array);
            continue;
        };
        let (mut inner, mut others) = (Vec::new(), Vec::new());
        for part in std::iter::once(first).chain(rest) {
            match part.name.split_once('.') {
                Some((of, name)) if of == group => inner.push(Part { name, ..part }),
                _ => others.push(part),
            }
        }
        let (inner_fields, inner_arrays) = put_together(inner)?;
        fields.push(Arc::new(Field::new_struct(group, inner_fields.clone(), false)));
        if let Some(length) = inner_arrays.first().map(Array::len) {
            arrays.push(Arc::new(StructArray::try_new_with_length(
                inner_fields,
                inner_arrays,
                None,
                length,
            )?));
        }
        rest = others;
    }
    Ok((fields.into(), arrays))
}
