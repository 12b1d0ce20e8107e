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
        "parquet" => Format::Parquet,
        "arrow" | "arrows" => Format::Arrow,
        _ => return None,
    })
}

/// Whether a file of this name is a page of HTML.
pub(super) fn is_page(path: &Path) -> bool {
    let inner = if compression(path).is_some() { path.with_extension("") } else { path.to_owned() };
    extension(&inner).is_some_and(|ending| ending == "html" || ending == "htm")
}

/// Endings of compressions that are not written.
const OTHER_COMPRESSIONS: [&str; 10] = ["7z", "br", "bz2", "lz", "lz4", "lzma", "rar", "xz", "z", "zip"];

/// Endings of formats that results are not written in.
const OTHER_FORMATS: [&str; 22] = [
    "avro", "cap", "db", "doc", "docx", "feather", "htm", "html", "ods", "odt", "orc", "pcap", "pcapng",
    "pdf", "sqlite", "toml", "xls", "xlsb", "xlsx", "xml", "yaml", "yml",
];

/// Refuses a name that says that the file is compressed as none is.
pub(super) fn refuse_compression(path: &Path) -> Result<(), String> {
    match extension(path).filter(|ending| OTHER_COMPRESSIONS.contains(&ending.as_str())) {
        Some(ending) => Err(format!(
            "{}: results are not compressed as .{ending}; .gz and .zst are known",
            path.display()
        )),
        None => Ok(()),
    }
}

/// Refuses a name that says that the file has another format than reports have.
pub(super) fn refuse_format(path: &Path) -> Result<(), String> {
    let inner = if compression(path).is_some() { path.with_extension("") } else { path.to_owned() };
    match extension(&inner).filter(|ending| OTHER_FORMATS.contains(&ending.as_str())) {
        Some(ending) => {
            let instead = match ending.as_str() {
                "cap" | "pcap" | "pcapng" => "; `annotate` writes captures",
                "htm" | "html" => "; `report` writes a page",
                "ods" | "xls" | "xlsb" | "xlsx" => "; spreadsheets open .csv",
                _ => "",
            };
            Err(format!(
                "{}: results are not written as .{ending}; .csv, .tsv, .json, .ndjson, .jsonl, .md and .txt are known, \
                 also with .gz or .zst behind, and .parquet and .arrow{instead}. --format gives the format whatever the name",
                path.display()
            ))
        }
        None => Ok(()),
    }
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
            ("week.Parquet", (Some(Format::Parquet), None)),
            ("week.arrows", (Some(Format::Arrow), None)),
            ("week.pcapng.gz", (None, Some(Compression::Gzip))),
            ("week.gz", (None, Some(Compression::Gzip))),
            ("csv", (None, None)),
            (".csv", (None, None)),
            ("json/week", (None, None)),
        ] {
            let path = Path::new(name);
            assert_eq!((format(path), compression(path)), expected, "{name}");
            assert_eq!(refuse_compression(path), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_of_what_is_not_written_are_refused() {
        for (name, what) in [
            ("d.xlsx", "d.xlsx: results are not written as .xlsx; "),
            ("d.ORC.gz", "d.ORC.gz: results are not written as .orc; "),
            ("a/d.pcap", "a/d.pcap: results are not written as .pcap; "),
        ] {
            let refused = refuse_format(Path::new(name)).expect_err(name);
            assert!(refused.starts_with(what), "{refused}");
        }
        for (name, ending) in [("d.csv.bz2", "bz2"), ("d.XZ", "xz"), ("d.json.lz4", "lz4")] {
            assert_eq!(
                refuse_compression(Path::new(name)),
                Err(format!("{name}: results are not compressed as .{ending}; .gz and .zst are known"))
            );
        }
        // Words that name no format are names of files.
        for name in ["week", "week.2026", "host.example.com", "out.log", "d.xlsx.csv"] {
            assert_eq!(refuse_format(Path::new(name)), Ok(()), "{name}");
        }
    }
}
