//! `review.json`.

use std::io;

use super::super::model::{MANY_ROWS, Review};
use crate::foreign;

/// Writes the whole review as JSON, as `docs/review.schema.json` describes it; of many rows without white
/// space.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn write_json(review: &Review, out: &mut impl io::Write) -> io::Result<()> {
    if review.rows.len() > MANY_ROWS {
        foreign::json(&mut *out, review)?;
    } else {
        foreign::json_pretty(&mut *out, review)?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::*;
    use crate::review::model::FindingKind;

    impl JsonSchema for FindingKind {
        fn schema_name() -> Cow<'static, str> {
            "FindingKind".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "Identifier of a kind of finding.",
                "type": "string",
                "pattern": "^FR[1-5][0-9]{2}$",
            })
        }
    }

    /// `BLESS=1` rewrites the file.
    #[test]
    fn the_schema_in_the_documentation_is_that_of_the_types() {
        // What is written, not what could be read.
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Review>();
        let made = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review.schema.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &made).expect("a schema");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == made, "docs/review.schema.json is out of date; BLESS=1 writes it anew");
    }
}
