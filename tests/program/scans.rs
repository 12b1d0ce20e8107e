//! Scans are one row in tables of flows, and nothing is lost by that.

use crate::support::{portscribe, rows, stdout};

const SAMPLE: &str = "samples/review/users.pcap";

/// The lines of a table with its headings, and what stands below it.
fn table(arguments: &[&str]) -> (Vec<String>, String) {
    let output = portscribe([&["flows", SAMPLE, "-q", "-f", "table"][..], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    let out = stdout(&output);
    let (table, below) = out.split_once("\n\n").expect("a table");
    (table.lines().map(str::to_owned).collect(), below.to_owned())
}

/// The numbers of a column, where the table has its heading.
fn numbers(table: &[String], heading: &str) -> Vec<u64> {
    let end = table[0].find(heading).expect("a column") + heading.len();
    let number = |line: &String| line[..end].split(' ').next_back().and_then(|word| word.parse().ok());
    table[1..].iter().map(|line| number(line).expect("a number")).collect()
}

#[test]
fn a_table_has_one_row_for_a_scan_and_its_totals_add_up() {
    let all = rows(&portscribe(["flows", SAMPLE, "-q", "-f", "csv"]));
    let sum = |columns: [&str; 2]| -> u64 {
        all.iter().flat_map(|row| columns.map(|column| row[column].parse::<u64>().expect("a number"))).sum()
    };
    let (folded, below) = table(&[]);
    assert_eq!((all.len(), folded.len() - 1), (57, 28));
    assert!(
        below.starts_with(
            "57 flows.\n1 row stands for 30 flows of what looks like a scan; --scans shows each.\n"
        ),
        "{below}"
    );
    let scan: Vec<&String> = folded.iter().filter(|line| line.contains("scan?")).collect();
    assert!(scan[0].contains("  (30 flows)  "), "{scan:?}");
    assert_eq!(
        numbers(&folded, "packets").iter().sum::<u64>(),
        sum(["packets_to_server", "packets_to_client"])
    );
    assert_eq!(numbers(&folded, "  bytes").iter().sum::<u64>(), sum(["bytes_to_server", "bytes_to_client"]));
    let (each, below) = table(&["--scans"]);
    assert_eq!(each.len() - 1, 57);
    assert!(below.starts_with("57 flows.\nTimes"), "{below}");
    // Rows in an order, or of other columns, are flows.
    assert_eq!(table(&["--sort", "bytes"]).0.len() - 1, 57);
    assert_eq!(table(&["--columns", "flow,bytes"]).0.len() - 1, 57);
}

#[test]
fn the_first_rows_of_a_table_count_a_scan_once() {
    let (first, below) = table(&["--head", "20"]);
    assert_eq!(first.len() - 1, 20);
    assert!(below.contains("\nThe first 20 of 28 rows of the result are shown.\n"), "{below}");
    let (each, below) = table(&["--head", "20", "--scans"]);
    assert_eq!(each.len() - 1, 20);
    assert!(below.contains("\nThe first 20 of 57 flows of the result are shown.\n"), "{below}");
}
