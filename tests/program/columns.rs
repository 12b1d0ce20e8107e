//! What results hold: the page on columns, the JSON Schemas, and how a summary says that flows of
//! a row differ.

use std::process::Command;

use portscribe::report::{ResultKind, columns_page};
use serde_json::Value as Json;

use crate::support::{has_program, portscribe, sample, skipped};

fn json_of(args: &[&str]) -> Json {
    let output = portscribe(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_page_on_columns_lists_what_results_hold() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/columns.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&page, columns_page()).expect("docs/columns.md");
    }
    let found = std::fs::read_to_string(page).expect("docs/columns.md");
    assert!(found == columns_page(), "docs/columns.md is out of date: run this test with BLESS=1");
}

#[test]
fn rows_have_the_keys_of_their_schema_in_order() {
    let capture = sample("http.pcap");
    let capture = capture.to_str().expect("UTF-8");
    for (kind, command) in [
        (ResultKind::Flows, &["flows", capture][..]),
        (ResultKind::Packets, &["packets", capture]),
        (ResultKind::Summary, &["summary", capture]),
        (ResultKind::Lookup, &["lookup", "https"]),
        (ResultKind::RegistryList, &["registry", "list", "--port", "443"]),
    ] {
        let result = json_of(&[command, &["-q", "--format", "json"]].concat());
        let row = result["rows"][0].as_object().expect("a row");
        let schema = json_of(&["schema", kind.name(), "--ndjson"]);
        let properties = schema["properties"].as_object().expect("properties");
        assert!(row.keys().eq(properties.keys()), "{}", kind.name());
        let whole = json_of(&["schema", kind.name()]);
        let properties = whole["properties"].as_object().expect("properties");
        assert!(
            result
                .as_object()
                .expect("an object")
                .keys()
                .eq(properties.keys().filter(|key| *key != "left_out_by_selection"))
        );
    }
}

#[test]
fn the_schema_of_a_review_is_the_published_one() {
    let published: Json =
        serde_json::from_str(include_str!("../../docs/review.schema.json")).expect("docs/review.schema.json");
    assert_eq!(json_of(&["schema", "review"]), published);
    let refused = portscribe(["schema", "review", "--ndjson"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn every_result_fits_its_schema() {
    if !has_program("python3") {
        return;
    }
    let jsonschema = Command::new("python3").args(["-c", "import jsonschema"]).output().expect("python3");
    if !jsonschema.status.success() {
        skipped("python3 has no jsonschema");
        return;
    }
    let output = Command::new("python3")
        .args(["tests/check_schemas.py", "--portscribe", env!("CARGO_BIN_EXE_portscribe"), "samples"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("python3");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn a_summary_tells_several_from_none() {
    let capture = sample("scan.pcap");
    let capture = capture.to_str().expect("UTF-8");
    let of = |by: &str| json_of(&["summary", capture, "--by", by, "-q", "--format", "json"])["rows"].clone();
    // Ports of all kinds on one server, over TCP and UDP: nothing is common to all flows.
    let by_server = of("server");
    let row = &by_server[0];
    for column in ["transport", "port", "service", "description", "port_range", "status"] {
        assert_eq!(row[column], Json::Null, "{column}");
    }
    assert_eq!(
        row["several"],
        serde_json::json!([
            "transport",
            "port",
            "service",
            "description",
            "port_range",
            "status",
            "protocol",
            "protocol_number",
            "observed",
            "agreement"
        ])
    );
    // A port of its own: what is empty has no value.
    let by_port = of("port");
    let unregistered: Vec<&Json> =
        by_port.as_array().expect("rows").iter().filter(|row| row["service"].is_null()).collect();
    assert!(!unregistered.is_empty());
    for row in unregistered {
        assert_eq!(row["several"], serde_json::json!([]));
    }
    let csv = portscribe(["summary", capture, "--by", "server", "-q", "--format", "csv"]);
    let csv = String::from_utf8(csv.stdout).expect("UTF-8");
    assert!(csv.lines().next().expect("a header line").ends_with(
        ",flag_flows,several,protocol,protocol_number,icmp_type,icmp_code,observed,agreement,client_names,\
                 client_names_from,server_names,server_names_from,period,interface"
    ));
    assert!(
        csv.lines()
            .nth(1)
            .expect("a row")
            .ends_with(",transport port service description port_range status protocol protocol_number observed agreement,,,,,,,,,,,,")
    );
}
