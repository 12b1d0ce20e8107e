//! The page that lists every schema's names.

use std::fmt::Write;

use super::mapping::Mapping;
use super::schema::Schema;

const INTRODUCTION: &str = "\
# Names of other programs

`portscribe flows --schema NAME` shows flows under the names that other programs use: in NDJSON, CSV, Parquet and Arrow,
Zeek's log also in TSV with its header lines. Each table says which column of [`flows`](columns.md#flows) a name is made
of, and which field set, record or document defines the name. All columns without a counterpart follow as
`portscribe.NAME`, with the type and meaning that they have in `flows`.

In `ecs`, `ocsf` and `eve` a point leads into an object in JSON and into a structure in Parquet and Arrow; in `zeek`
and `ipfix` it is part of the name. What is not known is left out of JSON. Times are as each schema has them: RFC 3339,
milliseconds since 1970 (`ocsf`), seconds since 1970 (`zeek`), microseconds with `+0000` (`eve`); in Parquet and Arrow
those of all but `ocsf` are timestamps. A Community ID under a name of others is a text there, too.

What is shown is what a capture shows. It is no more an event that Zeek or Suricata logged than a registered service
is the one that was spoken.
";

/// The page that documents every name, in Markdown.
pub fn schemas_page() -> String {
    // Writing to a string does not fail.
    let mut page = String::from(INTRODUCTION);
    for schema in Schema::ALL {
        let mapping = Mapping::of(schema);
        let _ = write!(
            page,
            "\n## {schema}\n\n{}.\n\n| name | of | type | unit | meaning | defined in |\n|---|---|---|---|---|---|\n",
            schema.about()
        );
        for field in mapping.fields() {
            let Some(name) = schema.names().iter().find(|name| name.text == field.name) else { continue };
            let of: Vec<String> = name.of.iter().map(|of| format!("`{of}`")).collect();
            let (holds, unit) = (field.holds.name(), field.holds.unit().unwrap_or_default());
            let _ = writeln!(
                page,
                "| `{}` | {} | {holds} | {unit} | {} | {} |",
                field.name,
                of.join(", "),
                field.meaning,
                name.source
            );
        }
        let own: Vec<String> = mapping
            .fields()
            .iter()
            .filter(|field| schema.names().iter().all(|name| name.text != field.name))
            .map(|field| format!("`{}`", field.name))
            .collect();
        let _ = write!(page, "\nOur own: {}.\n", own.join(", "));
    }
    page
}
