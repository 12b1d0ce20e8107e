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
        ("tfo-accepted.pcap", &["tcp 192.0.2.10 50010 198.51.100.20 80 handshake high SF 4 3 1"]),
        ("simultaneous-open.pcap", &["tcp 198.51.100.20 51000 192.0.2.10 179 ephemeral medium S1 2 3 1"]),
        ("rst-before-syn.pcap", &["tcp 192.0.2.10 51000 198.51.100.20 9999 handshake high REJ 1 1 1"]),
    ];
    for (name, expected) in cases {
        let Some(path) = case(name) else { return };
        assert_eq!(flows(&path), *expected, "{name}");
    }
}
