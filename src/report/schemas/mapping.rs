//! From a row of `flows` to one under other names.

use super::name::{From, Make};
use super::schema::Schema;
use crate::report::{Field, Holds, Value, flows};

/// The columns of a schema, and how their values are got.
pub(in crate::report) struct Mapping {
    schema: Schema,
    fields: Vec<Field>,
    values: Vec<Get>,
}

/// How a value is got from those of a row of `flows`.
#[derive(Clone)]
enum Get {
    /// It is the one in this place.
    Place(usize),
    /// It is made of those in these places.
    Made(Vec<usize>, Make),
}

impl Mapping {
    /// The columns of a schema: its names, then our own columns without a counterpart.
    pub(in crate::report) fn of(schema: Schema) -> Mapping {
        let place = |name: &str| flows::COLUMNS.iter().position(|field| field.name == name);
        let mut columns: Vec<(Field, Get)> = Vec::new();
        for name in schema.names() {
            let places: Vec<usize> = name.of.iter().filter_map(|of| place(of)).collect();
            match name.from {
                From::Column => {
                    for place in places {
                        let own = flows::COLUMNS[place];
                        // Who defines the name defines it as a text.
                        let holds = if own.holds == Holds::CommunityId { Holds::Text } else { own.holds };
                        columns.push((Field { name: name.text, holds, ..own }, Get::Place(place)));
                    }
                }
                From::Made { holds, may_be_unknown, meaning, value } => {
                    columns.push((
                        Field { name: name.text, holds, may_be_unknown, meaning },
                        Get::Made(places, value),
                    ));
                }
            }
        }
        let covered = |field: &Field| schema.names().iter().any(|name| name.covers.contains(&field.name));
        for (place, (field, own)) in flows::COLUMNS.iter().zip(flows::OWN_NAMES).enumerate() {
            if !covered(field) {
                columns.push((Field { name: own, ..*field }, Get::Place(place)));
            }
        }
        if schema.nests() {
            gather(&mut columns);
        }
        let (fields, values) = columns.into_iter().unzip();
        Mapping { schema, fields, values }
    }

    /// The schema.
    pub(in crate::report) fn schema(&self) -> Schema {
        self.schema
    }

    /// The columns.
    pub(in crate::report) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The values of a row of `flows` under these columns.
    pub(in crate::report) fn values<'a>(&self, row: &[Value<'a>]) -> Vec<Value<'a>> {
        let get = |get: &Get| match get {
            Get::Place(place) => row[*place].clone(),
            Get::Made(places, make) => {
                let of: Vec<&Value> = places.iter().map(|&place| &row[place]).collect();
                make(&of)
            }
        };
        self.values.iter().map(get).collect()
    }
}

/// Puts the names of one object together, at the place of the first.
fn gather<T>(columns: &mut [(Field, T)]) {
    let names: Vec<&'static str> = columns.iter().map(|(field, _)| field.name).collect();
    let begins: Vec<Vec<usize>> = names
        .iter()
        .map(|name| {
            let ends = name.match_indices('.').map(|(end, _)| end + 1).chain([name.len()]);
            ends.map(|end| names.iter().position(|one| one.starts_with(&name[..end])).unwrap_or_default())
                .collect()
        })
        .collect();
    let key = |name: &str| names.iter().position(|one| *one == name).map(|place| begins[place].clone());
    columns.sort_by_cached_key(|(field, _)| key(field.name));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_made_of_columns_that_there_are() {
        for schema in Schema::ALL {
            let mut seen = std::collections::HashSet::new();
            for name in schema.names() {
                for of in name.of {
                    assert!(flows::COLUMNS.iter().any(|field| field.name == *of), "{schema}: {of}");
                }
                assert!(!name.source.is_empty(), "{schema}: {}", name.text);
                assert!(seen.insert(name.text), "{schema}: {} twice", name.text);
            }
        }
    }

    #[test]
    fn every_column_is_somewhere() {
        for schema in Schema::ALL {
            let mapping = Mapping::of(schema);
            for (place, field) in flows::COLUMNS.iter().enumerate() {
                let own = format!("portscribe.{}", field.name);
                let is_own = mapping.fields().iter().any(|field| field.name == own);
                let is_whole =
                    schema.names().iter().any(|name| name.covers.contains(&flows::COLUMNS[place].name));
                assert!(is_own != is_whole, "{schema}: {}", field.name);
            }
        }
    }

    #[test]
    fn names_of_one_object_stand_together() {
        for schema in Schema::ALL.into_iter().filter(|schema| schema.nests()) {
            let mapping = Mapping::of(schema);
            let mut objects: Vec<&str> = mapping
                .fields()
                .iter()
                .map(|field| field.name.split('.').next().unwrap_or_default())
                .collect();
            objects.dedup();
            let several = objects.len();
            objects.sort_unstable();
            objects.dedup();
            assert_eq!(objects.len(), several, "{schema}");
        }
    }
}
