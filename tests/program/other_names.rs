//! `flows --schema`: rows under the names of other programs.

use std::fmt::Write as _;

use portscribe::report::schemas_page;
use serde_json::Value as Json;

use crate::support::{portscribe, sample, snapshot, stderr, stdout};

fn flows(capture: &str, options: &[&str]) -> std::process::Output {
    let capture = sample(capture);
    portscribe([&["flows", capture.to_str().expect("UTF-8"), "--quiet"], options].concat())
}

/// A capture's path is another on every machine.
fn without_path(text: &str) -> String {
    let samples = crate::support::samples();
    text.replace(&format!("{}/", samples.display()), "")
}

#[test]
fn the_page_on_schemas_lists_their_names() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/other-names.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&page, schemas_page()).expect("docs/other-names.md");
    }
    let found = std::fs::read_to_string(page).expect("docs/other-names.md");
    assert!(found == schemas_page(), "docs/other-names.md is out of date: run this test with BLESS=1");
}

#[test]
fn records_are_those_of_each_schema() {
    let mut all = String::new();
    for schema in ["ecs", "ocsf", "zeek", "eve", "ipfix"] {
        let output = flows("unauthorized-use.pcap", &["--schema", schema, "--head", "1"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let line: Json = serde_json::from_str(&stdout(&output)).expect("a line of JSON");
        let _ = write!(all, "{schema}\n{}\n\n", serde_json::to_string_pretty(&line).expect("JSON"));
    }
    for (schema, format) in [("zeek", "tsv"), ("ecs", "csv")] {
        let output = flows("ipv6.pcap", &["--schema", schema, "--format", format, "--protocols", "all"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let _ = write!(all, "{schema} as {format}\n{}\n", stdout(&output));
    }
    snapshot("other-names.txt", without_path(&all).replace(env!("CARGO_PKG_VERSION"), "VERSION").trim_end());
}

#[test]
fn what_a_schema_is_not_for_is_refused() {
    for (options, said) in [
        (
            &["--schema", "ecs", "--format", "table"][..],
            "--schema ecs is for --format csv, ndjson, parquet, arrow",
        ),
        (
            &["--schema", "zeek", "--format", "json"],
            "--schema zeek is for --format csv, tsv, ndjson, parquet, arrow",
        ),
        (&["--schema", "eve", "--time", "epoch"], "--time does not apply to --schema eve"),
        (&["--schema", "eve", "--columns", "client"], "cannot be used with"),
        (&["--schema", "cef"], "[possible values: ecs, ocsf, zeek, eve, ipfix]"),
    ] {
        let output = flows("http.pcap", options);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(stderr(&output).contains(said), "{options:?}: {}", stderr(&output));
    }
}
