//! Small captures of known faults, each with everything that is to be said of it: the whole result of
//! `flows`, what is told on standard error, the exit status.
//!
//! `cases/NAME.csv` is the result for `cases/NAME`. `BLESS=1 cargo test --test flow cases` writes them
//! anew; read the difference before you keep it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{portscribe, rows, stderr, stdout};

/// The folder of the captures and results, from the project's folder on.
const CASES: &str = "tests/flow/cases";

/// What is told of a capture beside its flows, and the exit status. Nothing is told of the others.
const TOLD: [(&str, &str, i32); 5] = [
    ("docker-any-dnat.pcap", COPIES, 0),
    ("span-duplicates.pcap", COPIES, 0),
    (
        "elastiflow7-vxlan8472.pcap",
        "portscribe: 9 packets on 8472/udp look like vxlan; --tunnel vxlan=8472 follows the tunnel\n",
        0,
    ),
    (
        "pcapplusplus1334-interface82.pcapng",
        "portscribe: tests/flow/cases/pcapplusplus1334-interface82.pcapng: damaged: 9 packets of an interface that \
         is not described, the first in frame 1 (interface 82); read with the link type of all other interfaces\n",
        3,
    ),
    (
        "time-one-packet-future.pcap",
        "portscribe: 1 packet with a time far from the packets before and after: counted as without a time.\n",
        0,
    ),
];

const COPIES: &str = "portscribe: 9 packets are copies of others, the same datagram captured again within milliseconds, \
                      and counted; --copies drop counts each datagram once.\n";

/// What every result in CSV has on standard error.
const NOTE: &str = "portscribe: IANA registry of ";

/// The captures, in the order of their names.
fn captures() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(CASES);
    let names = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let names: BTreeSet<String> = names.filter_map(|name| name.into_string().ok()).collect();
    names.into_iter().filter(|name| Path::new(name).extension().is_none_or(|kind| kind != "csv")).collect()
}

#[test]
fn each_case_is_read_as_it_should_be() {
    let captures = captures();
    assert_eq!(captures.len(), 23);
    for name in &captures {
        let output = portscribe(["flows", "-f", "csv", &format!("{CASES}/{name}")]);
        let (_, expected, status) =
            TOLD.iter().find(|(case, ..)| case == name).copied().unwrap_or((name, "", 0));
        let told: String =
            stderr(&output).split_inclusive('\n').filter(|line| !line.starts_with(NOTE)).collect();
        assert_eq!((told.as_str(), output.status.code()), (expected, Some(status)), "{name}");
        let path = PathBuf::from(format!("{}/{CASES}/{name}.csv", env!("CARGO_MANIFEST_DIR")));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &output.stdout).expect("written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stdout(&output) == expected,
            "{name} is another; see what BLESS=1 changes\n{}",
            stdout(&output)
        );
    }
}

/// The cells of some columns, of every flow.
fn cells<const N: usize>(name: &str, more: &[&str], columns: [&str; N]) -> Vec<[String; N]> {
    let path = format!("{CASES}/{name}");
    let output = portscribe([&["flows", "-q", "-f", "csv", &path], more].concat());
    rows(&output).iter().map(|row| columns.map(|column| row[column].clone())).collect()
}

/// What makes these captures cases, said once more where a long result would hide it.
#[test]
fn who_sends_first_to_many_asks() {
    let columns = ["client_address", "client_port", "server_address", "server_port", "direction_basis"];
    let every = |name: &str, count: usize, column: usize, value: &str| {
        let flows = cells(name, &[], columns);
        assert_eq!(flows.len(), count, "{name}");
        assert!(flows.iter().all(|flow| flow[column] == value), "{name}: {flows:?}");
    };
    for (name, flows, client) in [
        ("traceroute-udp-41077.pcap", 30, ["192.0.2.66", "41077"]),
        ("udpscan-one-host-sport53.pcap", 84, ["192.0.2.66", "53"]),
    ] {
        every(name, flows, 0, client[0]);
        every(name, flows, 1, client[1]);
        every(name, flows, 4, "endpoint");
    }
    every("syslog-fixed-source-514.pcap", 19, 2, "198.51.100.20");
    every("syslog-fixed-source-514.pcap", 19, 3, "5140");
    every("200-pairs-51820.pcap", 200, 3, "51820");
    every("200-pairs-51820.pcap", 200, 4, "first-packet");
}

#[test]
fn people_see_names_of_the_same_standing() {
    let path = format!("{CASES}/smtps-465.pcap");
    let other = format!("{CASES}/syslog-fixed-source-514.pcap");
    let table = stdout(&portscribe(["flows", "-q", "-f", "markdown", &path]));
    assert_eq!(
        table.lines().nth(2),
        Some(
            "|    1 | 22:13:20.000 | 192.0.2.10:51000 | 198.51.100.20:465/tcp | submissions (urd) | (not recognised) | registered | handshake, \
             high | SF    |  0.080 s |       9 |   760 |       |      |"
        )
    );
    // Every table, worksheet, page and comment, and how often it names the service.
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("review");
    let out = out.to_str().expect("UTF-8");
    let annotated = folder.path().join("annotated.pcapng");
    let annotated = annotated.to_str().expect("UTF-8");
    portscribe(["annotate", "-q", "--comments", "all", "-o", annotated, &path]);
    portscribe(["review", "-q", "--out", out, "--write", "worksheet,html,nft,aerleon,oscal", &path]);
    let printed = |arguments: &[&str]| stdout(&portscribe(arguments));
    let file = |name: &str| {
        let bytes = std::fs::read(Path::new(out).join(name)).expect(name);
        String::from_utf8_lossy(&bytes).into_owned()
    };
    for (what, text, times) in [
        ("flows", printed(&["flows", "-q", "-f", "table", &path]), 1),
        ("packets", printed(&["packets", "-q", "-f", "table", &path]), 9),
        ("summary", printed(&["summary", "-q", "-f", "table", "--by", "service", &path]), 1),
        ("overview", printed(&["summary", "-q", "-f", "table", &path]), 1),
        ("explain", printed(&["explain", "--flow", "1", &path]), 2),
        ("lookup", printed(&["lookup", "-q", "-f", "table", "465/tcp"]), 1),
        ("lookup of another transport", printed(&["lookup", "-q", "-f", "table", "465/sctp"]), 1),
        ("diff", printed(&["diff", "-q", "-f", "table", &other, &path]), 3),
        ("diff, gone", printed(&["diff", "-q", "-f", "table", &path, &other]), 3),
        ("comments", String::from_utf8_lossy(&std::fs::read(annotated).expect("annotated")).into_owned(), 9),
        ("worksheet", file("worksheet.csv"), 1),
        ("page", file("review.html"), 2),
        ("rules", file("review.nft"), 1),
        ("oscal", file("oscal-component-definition.json"), 2),
    ] {
        // What names the registry's own word: OSCAL's name of a protocol, and `tcp=submissions`.
        let words = |line: &&str| !line.contains("\"name\"") && !line.contains("tcp=");
        let text = text.lines().filter(words).collect::<Vec<_>>().join("\n");
        assert_eq!(
            (text.matches("submissions (urd)").count(), text.matches("submissions").count()),
            (times, times),
            "{what}: {text}"
        );
    }
}

#[test]
fn a_tunnel_on_another_port_is_followed_where_that_is_asked() {
    let columns = ["tunnel", "client_address", "client_port", "server_address", "server_port", "state"];
    assert_eq!(
        cells("elastiflow7-vxlan8472.pcap", &["--tunnel", "vxlan=8472"], columns),
        [["vxlan:1", "192.0.2.10", "51000", "198.51.100.20", "8443", "SF"].map(String::from)]
    );
}

#[test]
fn without_copies_each_datagram_of_a_case_counts_once() {
    // The connection before the address translation, and that behind it, where two interfaces saw it.
    for (name, flows) in [("span-duplicates.pcap", 1), ("docker-any-dnat.pcap", 2)] {
        let columns = ["packets_to_server", "packets_to_client", "bytes_to_server", "bytes_to_client"];
        let counted = cells(name, &["--copies", "drop"], columns);
        assert_eq!(counted, vec![["6", "3", "340", "420"].map(str::to_owned); flows], "{name}");
    }
}
