//! `summary --by` with several keys, spans of time, flags, interfaces and names.

use std::collections::BTreeMap;

use crate::support::{portscribe, rows, snapshot, stderr, stdout};

const SCAN: &str = "samples/scan.pcap";

fn total(row: &std::collections::HashMap<String, String>, columns: [&str; 3]) -> u64 {
    columns
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| row[*name].parse::<u64>().expect("a number"))
        .sum()
}

/// Flows, packets and bytes of the flows that are alike in these columns of `flows`.
fn of_flows(
    capture: &str,
    key: impl Fn(&str) -> String,
    columns: &[&str],
) -> BTreeMap<Vec<String>, [u64; 3]> {
    let mut totals: BTreeMap<Vec<String>, [u64; 3]> = BTreeMap::new();
    for row in rows(&portscribe(["flows", capture, "-q", "-f", "csv"])) {
        let keys = columns
            .iter()
            .map(|name| if *name == "first_seen" { key(&row[*name]) } else { row[*name].clone() })
            .collect();
        let entry = totals.entry(keys).or_default();
        entry[0] += 1;
        entry[1] += total(&row, ["packets_to_server", "packets_to_client", ""]);
        entry[2] += total(&row, ["bytes_to_server", "bytes_to_client", ""]);
    }
    totals
}

fn of_summary(capture: &str, by: &str, columns: &[&str]) -> BTreeMap<Vec<String>, [u64; 3]> {
    let output = portscribe(["summary", capture, "-q", "-f", "csv", "--by", by]);
    assert_eq!(output.status.code(), Some(0), "{by}: {}", stderr(&output));
    let all = rows(&output);
    let totals: BTreeMap<_, _> = all
        .iter()
        .map(|row| {
            let keys: Vec<String> = columns.iter().map(|name| row[*name].clone()).collect();
            (keys, ["flows", "packets", "bytes"].map(|name| row[name].parse().expect("a number")))
        })
        .collect();
    assert_eq!(totals.len(), all.len(), "{by}: each row has its own keys");
    totals
}

#[test]
fn rows_are_of_flows_that_are_alike_in_all_keys() {
    let whole = |time: &str| time.to_owned();
    for (by, of_rows, of_each) in [
        (
            "server,client",
            &["server_address", "client_address"][..],
            &["server_address", "client_address"][..],
        ),
        ("client,status", &["client_address", "status"], &["client_address", "status"]),
        ("flag", &["flags"], &["flags"]),
        ("range,flag", &["port_range", "flags"], &["port_range", "flags"]),
        ("observed,transport", &["observed", "transport"], &["observed", "transport"]),
    ] {
        for capture in [SCAN, "samples/http.pcap", "samples/ipv6.pcap"] {
            let expected = of_flows(capture, whole, of_each);
            assert_eq!(of_summary(capture, by, of_rows), expected, "{by} {capture}");
        }
    }
}

#[test]
fn a_flow_counts_in_the_span_of_its_first_packet() {
    let minute = |time: &str| format!("{}:00.000000000Z", &time[..16]);
    let day = |time: &str| format!("{}T00:00:00.000000000Z", &time[..10]);
    let ten = |time: &str| format!("{}0.000000000Z", &time[..18]);
    for (by, key) in
        [("minute", &minute as &dyn Fn(&str) -> String), ("day", &day), ("10s", &ten), ("60s", &minute)]
    {
        for capture in [SCAN, "samples/http.pcap"] {
            let expected = of_flows(capture, key, &["first_seen"]);
            assert_eq!(of_summary(capture, by, &["period"]), expected, "{by} {capture}");
            let both = of_flows(capture, key, &["first_seen", "server_address"]);
            assert_eq!(
                of_summary(capture, &format!("{by},server"), &["period", "server_address"]),
                both,
                "{by}"
            );
        }
    }
    // They come in the order of time.
    let periods: Vec<String> = rows(&portscribe(["summary", SCAN, "-q", "-f", "csv", "--by", "1s,server"]))
        .iter()
        .map(|row| row["period"].clone())
        .collect();
    assert!(periods.is_sorted(), "{periods:?}");
    let table = stdout(&portscribe(["summary", SCAN, "-q", "-f", "table", "--by", "minute"]));
    assert!(
        table.contains("A flow counts in the time of its first packet, with all that it carried later.\n"),
        "{table}"
    );
}

#[test]
fn tables_show_the_keys_first_and_list_the_first_of_several() {
    snapshot(
        "by-server-service.md",
        &stdout(&portscribe(["summary", SCAN, "--by", "server,service", "-f", "markdown", "--top", "5"])),
    );
    snapshot("by-client.txt", &stdout(&portscribe(["summary", SCAN, "--by", "client", "-f", "table"])));
    let output = portscribe(["summary", SCAN, "--by", "server,minute", "-f", "json", "-q"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(json["rows"][0]["period"].is_string() && json["rows"][0]["server_address"].is_string(), "{json}");
}

#[test]
fn interfaces_and_names_are_keys() {
    let output = portscribe(["summary", "samples", "-q", "-f", "csv", "--by", "interface"]);
    let interfaces: Vec<String> = rows(&output).iter().map(|row| row["interface"].clone()).collect();
    let flows = rows(&portscribe(["flows", "samples", "-q", "-f", "csv"]));
    let mut expected: Vec<String> = flows.iter().map(|row| row["interface"].clone()).collect();
    expected.sort();
    expected.dedup();
    let mut found = interfaces;
    found.sort();
    assert_eq!(found, expected);
    let named = rows(&portscribe(["summary", "samples", "-q", "-f", "csv", "--by", "name", "--names"]));
    // A name that several sources give stands there once for each.
    let one = |cell: &str| cell.split(' ').next().unwrap_or_default().to_owned();
    let mut called: Vec<String> = named.iter().map(|row| one(&row["server_names"])).collect();
    called.sort();
    let flows = rows(&portscribe(["flows", "samples", "-q", "-f", "csv", "--names"]));
    let mut expected: Vec<String> = flows.iter().map(|row| row["server_name"].clone()).collect();
    expected.sort();
    expected.dedup();
    assert_eq!(called, expected);
}

#[test]
fn keys_that_are_none_are_told() {
    for (by, message) in [
        ("host", "a flow has two addresses: use server, client or pair"),
        ("servr", "unknown key `servr`; did you mean server?"),
        ("0s", "invalid span `0s`; use 10s, 5m, 2h or 7d"),
        ("time", "use minute, hour, day, or a span such as 10s"),
        ("server,server", "--by: a key is named twice"),
        (
            "name",
            "--by: name is known only where names of hosts are asked for: add --names or --hosts-file FILE",
        ),
    ] {
        let output = portscribe(["summary", SCAN, "--by", by]);
        assert_eq!(output.status.code(), Some(2), "{by}");
        assert!(stderr(&output).contains(message), "{by}: {}", stderr(&output));
    }
}
