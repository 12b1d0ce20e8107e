//! Protocols without ports on the command line: `--protocols all`, `--protocol`.

use serde_json::Value as Json;

use crate::support::packet::{icmp, ip, pcap_at};
use crate::support::{captures_below, portscribe, rows, sample_captures, shared, stderr, stdout};

/// One packet from 192.0.2.1 to 192.0.2.2 of each of seventeen protocols, with nothing in it that can be read.
const PORTLESS: &str = "tests/program/protocols/portless.pcap";

#[test]
fn each_protocol_is_a_flow_of_its_own() {
    let output = portscribe(["flows", "-q", "-f", "csv", "--protocols", "all", PORTLESS]);
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/protocols/portless.pcap.csv");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &output.stdout).expect("written");
    }
    assert_eq!(stdout(&output), std::fs::read_to_string(path).expect("the expected result"));
    assert_eq!(stdout(&portscribe(["flows", "-q", "-f", "csv", PORTLESS])).lines().count(), 1);
}

#[test]
fn without_being_asked_for_their_number_is_told() {
    let output = portscribe(["flows", "-f", "json", PORTLESS]);
    assert_eq!(
        stderr(&output),
        "portscribe: 17 packets in no flow: 10 portless (an IP protocol without ports: icmp 1, igmp 1, rsvp 1, \
         icmpv6 1, ipv6-nonxt 1, ipv6-opts 1, eigrp 1, ospf 1, pim 1, vrrp 1), 1 encrypted (encrypted), \
         1 compressed (IPComp (RFC 3173)), 3 truncated (cut off before the ports: authentication header 1, IPv6 1, \
         GRE 1), 1 malformed (a header contradicts itself: IPv4: version is not 4, or the header length is below \
         20 1), 1 ambiguous (nothing tells what follows a header). With --protocols all, flows and summary count \
         17 of them in flows, among them ipv4 1, ipv6 1, gre 1, esp 1, ah 1, ipcomp 1, l2tp 1.\n"
    );
    let whole: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let counted = whole["uncounted_without_ports"].as_object().expect("protocols");
    assert_eq!((counted.len(), &counted["esp"]), (17, &Json::from(1)));
}

#[test]
fn a_protocol_is_selected_by_name_and_by_number() {
    let selected = |protocol: &str| -> Vec<String> {
        rows(&portscribe(["flows", "-q", "-f", "csv", "--protocol", protocol, PORTLESS]))
            .into_iter()
            .map(|row| row["protocol"].clone())
            .collect()
    };
    assert_eq!(selected("esp"), ["esp"]);
    assert_eq!(selected("50"), ["esp"]);
    assert_eq!(selected("tcp"), Vec::<String>::new());
    let wrong = portscribe(["flows", "--protocol", "espresso", PORTLESS]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn flows_without_ports_are_selected_by_their_status() {
    let flows = |more: &[&str]| -> Vec<_> {
        rows(&portscribe([&["flows", "-q", "-f", "csv"], more, &[PORTLESS, "samples/ipv6.pcap"]].concat()))
    };
    let all = flows(&["--protocols", "all"]);
    let has_none = |row: &&std::collections::HashMap<String, String>| row["status"] == "portless";
    let portless: Vec<_> = all.iter().filter(has_none).cloned().collect();
    assert_eq!((portless.len(), all.len()), (20, 25));
    assert_eq!(flows(&["--status", "portless"]), portless);
    // Beside a status of ports.
    let registered: Vec<_> = all
        .iter()
        .filter(|row| ["portless", "registered"].contains(&row["status"].as_str()))
        .cloned()
        .collect();
    assert_eq!(flows(&["--status", "portless", "--status", "registered"]), registered);
    let totals =
        rows(&portscribe(["summary", "-q", "-f", "csv", "--by", "status", "--status", "portless", PORTLESS]));
    assert_eq!(totals.iter().map(|row| row["flows"].as_str()).collect::<Vec<_>>(), ["17"]);
}

/// Every packet that is told as being of a protocol without ports is in a flow when they are asked for, and
/// no other leaves its place.
#[test]
fn totals_add_up_with_all_protocols_over_every_capture() {
    let mut captures = sample_captures();
    if let Some(shared) = shared() {
        captures.extend(captures_below(&shared.join("captures")));
    }
    for capture in captures {
        let path = capture.display().to_string();
        let told = |protocols: &str| -> (u64, u64, u64, u64) {
            let output = portscribe(["summary", "-f", "json", "-q", "--protocols", protocols, &path]);
            let all: Json = serde_json::from_slice(&output.stdout).expect("JSON");
            let sum = |counts: &Json| -> u64 {
                counts.as_object().expect("counts").values().map(|n| n.as_u64().expect("a number")).sum()
            };
            let in_rows = all["rows"].as_array().expect("rows").iter();
            let packets: u64 = in_rows.map(|row| row["packets"].as_u64().expect("a number")).sum();
            let read = all["packets_read"].as_u64().expect("a number");
            (read, packets, sum(&all["uncounted"]), sum(&all["uncounted_without_ports"]))
        };
        let (read, in_flows, uncounted, without_ports) = told("ports");
        let (read_again, all_in_flows, left, none) = told("all");
        assert_eq!((read_again, none), (read, 0), "{path}");
        assert_eq!(in_flows + uncounted, read, "{path}");
        assert_eq!(all_in_flows + left, read, "{path}");
        // Later fragments of such packets find their head as well.
        assert!(all_in_flows >= in_flows + without_ports, "{path}");
    }
}

#[test]
fn the_result_is_the_same_in_pieces_and_in_files() {
    let esp = |n: u8| {
        let (a, b) = ([192, 0, 2, n], [192, 0, 2, 200]);
        ip(a.into(), b.into(), 50, &[1; 24])
    };
    let packets: Vec<(u32, Vec<u8>)> = (0..60_000_u32)
        .map(|n| {
            let host = (n / 7 % 100) as u8 + 1;
            let packet = match n % 5 {
                0 => icmp(host, 201, 8, (n % 3) as u8),
                1 => icmp(201, host, 0, 0),
                2 => icmp(201, host, 3, (n % 16) as u8),
                3 => icmp(host, 202, 13, 0),
                _ => esp(host),
            };
            (n / 40, packet)
        })
        .collect();
    let timed: Vec<(u32, &[u8])> = packets.iter().map(|(time, packet)| (*time, &packet[..])).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.pcap");
    std::fs::write(&path, pcap_at(101, &timed)).expect("written");
    let path = path.display().to_string();
    let run = |more: &[&str]| {
        let output = portscribe(
            [&["flows", "-q", "-f", "csv", "--protocols", "all", "--idle-timeout", "3", &path][..], more]
                .concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let one = run(&["--threads", "1"]);
    assert!(one.lines().count() > 1000, "{}", one.lines().count());
    for more in [
        &["--threads", "3"][..],
        &["--flows-in-memory", "100"],
        &["--flows-in-memory", "50", "--threads", "2"],
    ] {
        assert!(run(more) == one, "{more:?}");
    }
}
