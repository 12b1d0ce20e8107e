//! What the name of a result file says of its content: `week.csv.gz` is CSV, compressed with gzip.

use std::path::Path;

use crate::capture::Compression;
use crate::report::Format;

/// How a file of this name is compressed.
pub(super) fn compression(path: &Path) -> Option<Compression> {
    Some(match extension(path)?.as_str() {
        "gz" => Compression::Gzip,
        "zst" => Compression::Zstd,
        _ => return None,
    })
}

/// The format of a report in a file of this name.
pub(super) fn format(path: &Path) -> Option<Format> {
    let inner = if compression(path).is_some() { path.with_extension("") } else { path.to_owned() };
    Some(match extension(&inner)?.as_str() {
        "txt" => Format::Table,
        "csv" => Format::Csv,
        "tsv" => Format::Tsv,
        "json" => Format::Json,
        "ndjson" | "jsonl" => Format::Ndjson,
        "md" => Format::Markdown,
        _ => return None,
    })
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_hold() {
        for (name, expected) in [
            ("week.csv", (Some(Format::Csv), None)),
            ("a.b/week.json", (Some(Format::Json), None)),
            ("week.JSONL", (Some(Format::Ndjson), None)),
            ("week.ndjson.zst", (Some(Format::Ndjson), Some(Compression::Zstd))),
            ("week.2026.md", (Some(Format::Markdown), None)),
            ("week.tsv.gz", (Some(Format::Tsv), Some(Compression::Gzip))),
            ("week.txt", (Some(Format::Table), None)),
            ("week.pcapng.gz", (None, Some(Compression::Gzip))),
            ("week.gz", (None, Some(Compression::Gzip))),
            ("csv", (None, None)),
            (".csv", (None, None)),
            ("json/week", (None, None)),
        ] {
            let path = Path::new(name);
            assert_eq!((format(path), compression(path)), expected, "{name}");
        }
    }
}
