//! `--columns`, `--sort`, `--top` and `--head`: the same rows, fewer of them, in another order.

use std::collections::HashMap;
use std::fs;
use std::net::IpAddr;

use crate::support::{portscribe, rows, snapshot, stderr, stdout};

type Row = HashMap<String, String>;

const SCAN: &str = "samples/scan.pcap";

/// The rows of a command as CSV, and what it says.
fn run(arguments: &[&str]) -> (Vec<Row>, String) {
    let output = portscribe([arguments, &["--format", "csv"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    (rows(&output), stderr(&output))
}

fn quietly(arguments: &[&str]) -> Vec<Row> {
    run(&[arguments, &["-q"]].concat()).0
}

fn wrong(arguments: &[&str]) -> String {
    let output = portscribe(arguments);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
    stderr(&output)
}

#[test]
fn columns_are_those_that_are_named_in_their_order() {
    for command in ["flows", "packets", "summary"] {
        let all = quietly(&[command, SCAN]);
        let names = match command {
            "packets" => ["dst_port", "frame"],
            _ => ["status", "service"],
        };
        let chosen = names.join(",");
        for format in ["csv", "tsv"] {
            let output = portscribe([command, SCAN, "-q", "--format", format, "--columns", &chosen]);
            let separator = if format == "csv" { "," } else { "\t" };
            let text = stdout(&output);
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some(names.join(separator).as_str()));
            let expected: Vec<String> =
                all.iter().map(|row| names.map(|name| row[name].as_str()).join(separator)).collect();
            assert_eq!(lines.collect::<Vec<_>>(), expected, "{command} {format}");
        }
        let output = portscribe([command, SCAN, "-q", "--format", "ndjson", "--columns", &chosen]);
        for line in stdout(&output).lines() {
            assert!(line.starts_with(&format!("{{\"{}\":", names[0])), "{line}");
            let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(object.as_object().expect("an object").len(), 2);
        }
        // Without some of them, the others stay as they are.
        let others = quietly(&[command, SCAN, "--columns", &format!("-{},-{}", names[0], names[1])]);
        let mut expected = all;
        for row in &mut expected {
            for name in names {
                row.remove(name).expect("a column");
            }
        }
        assert_eq!(others, expected, "{command}");
    }
}

#[test]
fn a_table_has_the_columns_that_are_named() {
    let output = portscribe([
        "flows",
        SCAN,
        "--format",
        "table",
        "--columns",
        "server_address,server_port,status,duration,service,flags",
        "--top",
        "4",
    ]);
    assert_eq!(output.status.code(), Some(0));
    snapshot("columns-table.txt", &stdout(&output));
    let output =
        portscribe(["summary", SCAN, "--format", "markdown", "--by", "status", "--columns", "status,flows"]);
    snapshot("columns-summary.md", &stdout(&output));
}

#[test]
fn people_name_columns_by_the_same_words_everywhere() {
    let words = quietly(&["flows", SCAN, "--columns", "client,server,port,bytes,packets,time,flag"]);
    let names = quietly(&[
        "flows",
        SCAN,
        "--columns",
        "client_address,server_address,server_port,bytes,packets,first_seen,flags",
    ]);
    assert_eq!(words, names);
    let all = quietly(&["flows", SCAN]);
    assert!(!all[0].contains_key("bytes") && !all[0].contains_key("packets"));
    for (row, whole) in words.iter().zip(&all) {
        for what in ["bytes", "packets"] {
            let number = |name: String| whole[&name].parse::<u64>().expect("a number");
            let both = number(format!("{what}_to_server")) + number(format!("{what}_to_client"));
            assert_eq!(row[what], both.to_string());
        }
    }
    let by_word = quietly(&["flows", SCAN, "--sort", "server"]);
    assert_eq!(by_word, quietly(&["flows", SCAN, "--sort", "server_address"]));
    let selected = quietly(&["flows", SCAN, "--where", "time >= 2000-01-01 and range = system"]);
    assert_eq!(
        selected,
        quietly(&["flows", SCAN, "--where", "first_seen >= 2000-01-01 and port_range = system"])
    );
    assert!(!selected.is_empty());
    let headers = quietly(&["packets", SCAN, "--columns", "time,source,destination"]);
    assert_eq!(headers, quietly(&["packets", SCAN, "--columns", "time,src_address,dst_address"]));
    let output =
        portscribe(["flows", SCAN, "-q", "--format", "json", "--columns", "server,bytes", "--head", "1"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(json["rows"][0]["bytes"].is_u64(), "{json}");
}

/// A cell as the column's values are compared.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Cell {
    Number(f64),
    Address(IpAddr),
    Text(String),
    Unknown,
}

fn cell(column: &str, text: &str) -> Cell {
    if text.is_empty() && column != "flags" {
        return Cell::Unknown;
    }
    if column.ends_with("_address") {
        return Cell::Address(text.parse().expect("an address"));
    }
    text.parse().map_or_else(|_| Cell::Text(text.to_owned()), Cell::Number)
}

#[test]
fn rows_are_sorted_by_any_column() {
    let all = quietly(&["flows", SCAN, "samples/http.pcap", "samples/ipv6.pcap"]);
    for column in
        ["server_port", "client_address", "first_seen", "duration", "service", "status", "packets_to_server"]
    {
        let mut expected = all.clone();
        expected.sort_by(|a, b| {
            let [a, b] = [a, b].map(|row| cell(column, &row[column]));
            a.partial_cmp(&b).expect("comparable")
        });
        let arguments = ["flows", SCAN, "samples/http.pcap", "samples/ipv6.pcap", "--sort"];
        let sorted = quietly(&[&arguments[..], &[column]].concat());
        assert_eq!(sorted, expected, "{column}");
        let first = quietly(&[&arguments[..], &[column, "--head", "3"]].concat());
        assert_eq!(first, expected[..3], "{column}");
        // The greatest first, the unknown last, equal ones in the order of their flows.
        expected.sort_by(|a, b| match [a, b].map(|row| cell(column, &row[column])) {
            [Cell::Unknown, Cell::Unknown] => std::cmp::Ordering::Equal,
            [Cell::Unknown, _] => std::cmp::Ordering::Greater,
            [_, Cell::Unknown] => std::cmp::Ordering::Less,
            [a, b] => b.partial_cmp(&a).expect("comparable"),
        });
        assert_eq!(
            quietly(&[&arguments[..], &[&format!("{column}:desc")]].concat()),
            expected,
            "{column}:desc"
        );
    }
}

#[test]
fn the_top_rows_have_the_most_bytes() {
    let bytes = |row: &Row| -> u64 {
        ["bytes_to_server", "bytes_to_client"]
            .iter()
            .map(|name| row[*name].parse::<u64>().expect("bytes"))
            .sum()
    };
    let mut all = quietly(&["flows", SCAN]);
    all.sort_by_key(|row| std::cmp::Reverse(bytes(row)));
    let (top, said) = run(&["flows", SCAN, "--top", "3"]);
    assert_eq!(top, all[..3]);
    assert!(
        said.contains(&format!("portscribe: The first 3 of {} flows in this order are shown.\n", all.len())),
        "{said}"
    );
    // Flows that do not fit into memory are sorted as well.
    let spilled = quietly(&["flows", SCAN, "--top", "3", "--flows-in-memory", "2"]);
    assert_eq!(spilled, all[..3]);
    let output = portscribe(["flows", SCAN, "--sort", "bytes", "--flows-in-memory", "2"]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        stderr(&output).lines().last(),
        Some(
            format!(
                "portscribe: error: {} flows are too many to be sorted, since at most 2 are in memory (--flows-in-memory): \
                 ask for --top N, for more in memory, or for `summary`",
                quietly(&["flows", SCAN]).len()
            )
            .as_str()
        )
    );

    let all = quietly(&["summary", SCAN, "--by", "server"]);
    assert_eq!(quietly(&["summary", SCAN, "--by", "server", "--top", "1"]), all[..1]);
    let by_flows = quietly(&["summary", SCAN, "--by", "port", "--sort", "flows:desc", "--top", "2"]);
    let mut expected = quietly(&["summary", SCAN, "--by", "port"]);
    expected.sort_by_key(|row| std::cmp::Reverse(row["flows"].parse::<u64>().expect("flows")));
    assert_eq!(by_flows, expected[..2]);
}

#[test]
fn what_is_not_shown_is_counted() {
    let table = stdout(&portscribe(["summary", SCAN, "--by", "port", "--head", "2", "--format", "table"]));
    snapshot("head-summary.txt", &table);
    let all = quietly(&["packets", SCAN]);
    let (head, said) = run(&["packets", SCAN, "--head", "5"]);
    assert_eq!(head, all[..5]);
    assert!(
        said.contains(&format!(
            "portscribe: The first 5 of {} headers of the result are shown.\n",
            all.len()
        ))
    );
    // All of them are no part.
    let (_, said) = run(&["packets", SCAN, "--head", "100000"]);
    assert!(!said.contains("are shown"), "{said}");
    let ending = quietly(&["flows", SCAN, "--order", "end", "--head", "2", "--columns", "flow"]);
    assert_eq!(ending.len(), 2);
}

#[test]
fn anonymized_rows_are_in_the_order_of_what_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    fs::write(&key, [&[7; 16][..], &[9; 16]].concat()).expect("a key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("mine");
    }
    let key = key.to_str().expect("a path");
    let shown = quietly(&[
        "flows",
        SCAN,
        "--anonymize",
        key,
        "--sort",
        "server_address",
        "--columns",
        "server_address",
    ]);
    let addresses: Vec<IpAddr> =
        shown.iter().map(|row| row["server_address"].parse().expect("an address")).collect();
    assert!(addresses.is_sorted(), "{addresses:?}");
}

#[test]
fn colours_are_beside_what_tables_say() {
    for command in [
        &["flows", SCAN][..],
        &["summary", SCAN, "--by", "status"],
        &["flows", SCAN, "--columns", "status,flags"],
    ] {
        let table = |when: &str| stdout(&portscribe([command, &["-f", "table", "--color", when]].concat()));
        let (plain, colored) = (table("never"), table("always"));
        assert!(!plain.contains('\x1b') && table("auto") == plain, "{command:?}");
        let mut text = String::new();
        for (n, part) in colored.split("\x1b[").enumerate() {
            text.push_str(if n == 0 { part } else { part.split_once('m').expect("an end").1 });
        }
        assert_eq!(text, plain, "{command:?}");
        assert!(
            colored.contains("\x1b[1m\x1b[33munassigned\x1b[0m") || command[0] == "summary",
            "{command:?}"
        );
    }
}

#[test]
fn wrong_names_and_orders_are_told_before_anything_is_read() {
    for (arguments, message) in [
        (
            &["flows", "no-such.pcap", "--columns", "servr_port"][..],
            "--columns: unknown column `servr_port`; did you mean server_port?",
        ),
        (
            &["packets", "no-such.pcap", "--columns", "frame,frame"],
            "--columns: column `frame` is named twice",
        ),
        (&["summary", "no-such.pcap", "--columns", "port,-port"], "--columns: no column is left to show"),
        (
            &["summary", "no-such.pcap", "--sort", "byte:desc"],
            "--sort: unknown column `byte`; did you mean bytes or bytes_to_server or bytes_to_client?",
        ),
        (
            &["flows", "no-such.pcap", "--sort", "bytes:down"],
            "--sort: unknown direction `down`; use bytes for the smallest first, bytes:desc for the greatest first",
        ),
        (
            &["flows", "no-such.pcap", "--sort", "host"],
            "--sort: `host` stands for client_address and server_address: name one of them",
        ),
        (
            &["flows", "no-such.pcap", "--columns", "qqq"],
            "--columns: unknown column `qqq`; `portscribe help columns` lists them",
        ),
        (
            &["flows", SCAN, "--order", "end", "--top", "3"],
            "--sort and --top need all flows, and --order end writes each as it ends: leave one of them out",
        ),
    ] {
        assert_eq!(wrong(arguments), format!("portscribe: error: {message}\n"));
    }
    assert!(wrong(&["flows", SCAN, "--top", "3", "--head", "3"]).contains("cannot be used with"));
    for option in ["--top", "--head"] {
        let said = wrong(&["flows", SCAN, option, "0"]);
        assert!(said.contains("no row would be shown; use 1 or more, or `summary` for totals"), "{said}");
        assert!(wrong(&["flows", SCAN, option, "x"]).contains("invalid number of rows `x`; use 1 or more"));
    }
}
