//! Flows against the connections that Zeek's own test suite expects.
//!
//! Of 222 TCP and UDP connections outside tunnels all are found, 218 with the same server, 201 with
//! the same state, 190 with the same counts. The rest, and who is right:
//!
//! - `ssh.client-side-half-duplex.pcap` (10 connections), `Teredo.pcap` (11), `modbus-and-non-
//!   modbus-p502.pcap` (2): Zeek forgets an opening that nobody answers after 5 seconds, a DNS
//!   exchange after 10, and a closed connection soon after its close, and calls what follows a new
//!   connection. Here a flow ends after the idle time-out or with a new opening, as the options
//!   say; the packets are the same, in fewer flows.
//! - `vxlan-encapsulated-igmp-v2.pcap` (3): Zeek counts no packets in the outer connection when the
//!   inner packet has no ports. Here the outer datagram is what has ports, and is counted.
//! - `gtp1_gn_normal_incl_fragmentation.pcap`, `gtp2_different_udp_port.pcap` (2): Zeek counts
//!   reassembled datagrams; here every fragment is a packet with its own IP header.
//! - `Teredo.pcap`, `teredo_bubble_with_payload.pcap`: the peer at port 32900 lies where Linux picks
//!   client ports from, and is taken for the client. Zeek takes the sender of the first packet.
//! - `dhcp.pcap`, `pppoe.pcap`: an answer of DHCP to 255.255.255.255:68, and one of DHCPv6 to port 546,
//!   are each alone in their flow. Zeek takes who sends them for the client.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::path::Path;

pub type Row = HashMap<String, String>;

/// The connections that Zeek expects of each capture, those that are wanted.
pub fn connections(shared: &Path, wanted: impl Fn(&Row) -> bool) -> BTreeMap<String, Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .from_path(shared.join("oracle/zeek-conn.tsv"))
        .expect("Zeek's connections");
    let mut expected: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in reader.deserialize::<Row>() {
        let row = row.expect("a row");
        if wanted(&row) {
            expected.entry(row["capture"].clone()).or_default().push(row);
        }
    }
    expected
}

/// The flows of one of Zeek's captures.
pub fn flows_of(shared: &Path, capture: &str) -> Vec<Row> {
    let path = shared.join("captures/zeek").join(capture).display().to_string();
    let arguments = ["flows", "--layers", "all", "-f", "csv", "-q", &path];
    crate::support::rows(&crate::support::portscribe(arguments))
}

/// An end of a row, by the names of its columns.
pub fn end(row: &Row, address: &str, port: &str) -> (IpAddr, String) {
    (row[address].parse().expect("an address"), row[port].clone())
}

#[test]
fn flows_are_the_connections_that_zeek_expects() {
    let Some(shared) = crate::support::shared() else { return };
    let expected = connections(&shared, |row| {
        matches!(row["proto"].as_str(), "tcp" | "udp") && row["tunnel_parents"] == "-"
    });
    let (mut all, mut found, mut server, mut state, mut counts) = (0, 0, 0, 0, 0);
    for (capture, connections) in expected {
        let flows = flows_of(&shared, &capture);
        for connection in connections {
            let client = end(&connection, "orig_h", "orig_p");
            let responder = end(&connection, "resp_h", "resp_p");
            let of_ends: Vec<(bool, &Row)> = flows
                .iter()
                .filter(|flow| flow["transport"] == connection["proto"])
                .filter_map(|flow| {
                    let ends = (
                        end(flow, "client_address", "client_port"),
                        end(flow, "server_address", "server_port"),
                    );
                    let same = ends.0 == client && ends.1 == responder;
                    (same || ends.0 == responder && ends.1 == client).then_some((same, flow))
                })
                .collect();
            let same_server = || of_ends.iter().filter(|(same, _)| *same).map(|(_, flow)| *flow);
            let sizes =
                ["orig_pkts", "resp_pkts", "orig_ip_bytes", "resp_ip_bytes"].map(|key| &connection[key]);
            all += 1;
            found += usize::from(!of_ends.is_empty());
            server += usize::from(same_server().next().is_some());
            state += usize::from(same_server().any(|flow| flow["state"] == connection["conn_state"]));
            counts += usize::from(same_server().any(|flow| {
                ["packets_to_server", "packets_to_client", "bytes_to_server", "bytes_to_client"]
                    .map(|key| &flow[key])
                    == sizes
            }));
        }
    }
    assert_eq!((all, found, server, state, counts), (222, 222, 218, 201, 190));
}
