//! Small captures of known faults, each as it should be read. They lie beside the project, where they are.

use std::path::PathBuf;

/// Whole rows of `flows`, in the columns that the cases are about.
const COLUMNS: [&str; 12] = [
    "vlan",
    "transport",
    "client_address",
    "client_port",
    "server_address",
    "server_port",
    "direction_basis",
    "direction_confidence",
    "state",
    "packets_to_server",
    "packets_to_client",
    "connection",
];

fn case(name: &str) -> Option<PathBuf> {
    let path = crate::support::shared()?.join("cases/flows").join(name);
    if path.exists() {
        return Some(path);
    }
    crate::support::skipped("the small captures of known faults are not here");
    None
}

fn flows(path: &std::path::Path) -> Vec<String> {
    let arguments = ["flows", "-q", "-f", "csv", path.to_str().expect("a path")];
    let rows = crate::support::rows(&crate::support::portscribe(arguments));
    rows.iter()
        .map(|row| COLUMNS.map(|column| row[column].as_str()).join(" ").trim_start().to_owned())
        .collect()
}

#[test]
fn each_case_is_read_as_it_should_be() {
    let cases: &[(&str, &[&str])] = &[
        ("asymmetric-vlan.pcap", &["10>20 tcp 192.0.2.10 51000 198.51.100.20 8443 handshake high SF 6 3 1"]),
        (
            "priority-tag-one-direction.pcap",
            &["tcp 192.0.2.10 51000 198.51.100.20 8443 handshake high SF 6 3 1"],
        ),
        (
            "idle-split-443.pcap",
            &[
                "tcp 192.0.2.10 443 198.51.100.20 55000 handshake high S1 4 2 1",
                "tcp 192.0.2.10 443 198.51.100.20 55000 continuation high OTH 2 1 1",
            ],
        ),
        (
            "mountd-idle-905-47123.pcap",
            &[
                "tcp 192.0.2.10 905 198.51.100.20 47123 handshake high S1 4 2 1",
                "tcp 192.0.2.10 905 198.51.100.20 47123 continuation high OTH 2 1 1",
            ],
        ),
        ("time-one-packet-future.pcap", &["tcp 192.0.2.10 51000 198.51.100.20 8443 handshake high SF 6 3 1"]),
        ("tfo-accepted.pcap", &["tcp 192.0.2.10 50010 198.51.100.20 80 handshake high SF 4 3 1"]),
        ("simultaneous-open.pcap", &["tcp 198.51.100.20 51000 192.0.2.10 179 ephemeral medium S1 2 3 1"]),
        ("rst-before-syn.pcap", &["tcp 192.0.2.10 51000 198.51.100.20 9999 handshake high REJ 1 1 1"]),
        (
            "dhcp-broadcast-answers.pcap",
            &[
                "udp 0.0.0.0 68 255.255.255.255 67 multicast high S0 1 0 1",
                "udp 255.255.255.255 68 192.0.2.1 67 pair high SHR 0 1 2",
            ],
        ),
        ("subnet-broadcast-ask.pcap", &["udp 192.0.2.9 54412 192.0.2.127 44818 multicast high S0 3 0 1"]),
        (
            "zeek3235-enip-broadcast.pcap",
            &["udp 255.255.255.255 54412 192.0.2.105 44818 registered low SHR 0 5 1"],
        ),
    ];
    for (name, expected) in cases {
        let Some(path) = case(name) else { return };
        assert_eq!(flows(&path), *expected, "{name}");
    }
}

/// How many flows have each of these ports as their server's, with the basis.
fn servers(path: &std::path::Path) -> Vec<String> {
    let arguments = ["flows", "-q", "-f", "csv", path.to_str().expect("a path")];
    let rows = crate::support::rows(&crate::support::portscribe(arguments));
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for row in &rows {
        let client = format!("{}:{}", row["client_address"], row["client_port"]);
        let server = format!("{}:{}", row["server_address"], row["server_port"]);
        let end = if server.ends_with(":5140") { server } else { client };
        *counts.entry(format!("{end} {}", row["direction_basis"])).or_default() += 1;
    }
    counts.into_iter().map(|(what, flows)| format!("{flows} {what}")).collect()
}

#[test]
fn who_sends_first_to_many_asks() {
    for (name, expected) in [
        ("traceroute-udp-41077.pcap", "30 192.0.2.66:41077 endpoint"),
        ("udpscan-one-host-sport53.pcap", "84 192.0.2.66:53 endpoint"),
        ("syslog-fixed-source-514.pcap", "19 198.51.100.20:5140 endpoint"),
    ] {
        let Some(path) = case(name) else { return };
        assert_eq!(servers(&path), [expected], "{name}");
    }
    let Some(path) = case("200-pairs-51820.pcap") else { return };
    let rows = flows(&path);
    assert_eq!(rows.len(), 200);
    assert!(rows.iter().all(|row| row.contains(" 51820 first-packet low SF ")), "{rows:?}");
}
