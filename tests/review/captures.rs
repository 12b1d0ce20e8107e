//! The lines that a review makes of captures of real programs.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use portscribe::capture::CaptureReader;
use portscribe::flow::FlowOptions;
use portscribe::registry::{Registry, Status};
use portscribe::review::observed::{Inventory, Observed, Settings};
use portscribe::review::zones::Zones;
use portscribe::review::{Grade, Hashing, Offer, PortStatus, RowKind};
use portscribe::traffic::{ReadSettings, Reading};

fn inventory_of(capture: &Path, peek: bool) -> Inventory {
    let mut reading = Reading::new(ReadSettings {
        flow: FlowOptions { payload: peek, ..FlowOptions::default() },
        ..ReadSettings::default()
    });
    if let Ok(reader) = CaptureReader::open(capture) {
        // What is wrong with a capture stands in its summary.
        let _ = reading.read(reader, |_| {});
    }
    let traffic = reading.finish();
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    let zones = Zones::builtin();
    Inventory::of(
        &labelled,
        &Settings {
            zones: &zones,
            window_seconds: 0.0,
            vantage: None,
            client_ports: true,
            decided: &[],
            legs: None,
        },
    )
}

fn is_no_host(address: IpAddr) -> bool {
    address.is_unspecified()
        || address.is_multicast()
        || matches!(address, IpAddr::V4(address) if address.is_broadcast())
}

#[test]
fn no_row_between_hosts_has_an_end_that_is_none() {
    let (mut rows, mut groups) = (0, 0);
    for capture in crate::support::sample_captures() {
        check_rows(&capture, &mut rows, &mut groups);
    }
    assert_eq!((rows, groups), (232, 3), "rows between hosts and rows of groups in the samples");
    let Some(shared) = crate::support::shared() else { return };
    for capture in crate::support::captures_below(&shared.join("captures")) {
        check_rows(&capture, &mut rows, &mut groups);
    }
    assert!(rows > 1000 && groups > 100, "{rows} rows and {groups} groups");
}

/// Checks each row of a capture, and adds up those between hosts and those of groups.
fn check_rows(capture: &Path, rows: &mut u64, groups: &mut u64) {
    let inventory = inventory_of(capture, true);
    let flows: u64 = inventory.rows.iter().map(|one| one.usage.grades.tries).sum();
    let grouped: u64 = inventory.rows.iter().flat_map(|one| &one.groups).map(|group| group.flows).sum();
    assert_eq!(flows, grouped, "{}", capture.display());
    let mut ids: Vec<_> = inventory.rows.iter().map(|one| one.row_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), inventory.rows.len(), "every row has its own identifier: {}", capture.display());
    for one in &inventory.rows {
        let row = one;
        if row.kind == RowKind::Group {
            *groups += 1;
            assert_eq!(row.usage.grade, Grade::Group);
            continue;
        }
        *rows += 1;
        assert!(!is_no_host(row.service.server), "{}: {row:?}", capture.display());
        assert!(!one.groups.iter().any(|group| is_no_host(group.client)), "{}: {row:?}", capture.display());
        if row.kind == RowKind::Service
            && row.service.offer.ports().is_some_and(|ports| ports.first >= 32_768)
        {
            let mut ends: Vec<_> = one.groups.iter().map(|group| (group.client, group.client_port)).collect();
            ends.sort_unstable();
            ends.dedup();
            let is_registered = matches!(row.service.registry.status, PortStatus::Same(Status::Registered));
            let is_same = |other: &&Observed| other.service.offer == row.service.offer;
            let is_shared = inventory.rows.iter().filter(is_same).count() > 1;
            assert!(
                ends.len() > 1 || is_registered || is_shared,
                "proposed though it was met once: {}: {row:?}",
                capture.display()
            );
        }
    }
}

/// Captures of control services, with the ports that no line of a service may have.
#[test]
fn what_control_services_hand_out_is_never_proposed() {
    let Some(shared) = crate::support::shared() else { return };
    let mut met = 0;
    for capture in crate::support::captures_below(&shared.join("captures")) {
        let name = capture.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !["tftp.pcap", "ftp-with-numbers-in-filename.pcap", "rpc-portmap-sadmind.pcap"].contains(&name) {
            continue;
        }
        met += 1;
        let inventory = inventory_of(&capture, false);
        for one in &inventory.rows {
            match &one.kind {
                RowKind::Service => {
                    let ports = one.service.offer.ports().expect("ports");
                    assert!([21, 69, 111].contains(&ports.first), "{name}: {one:?}");
                }
                RowKind::DynamicData { control, .. } => {
                    let row = inventory.rows.iter().find(|other| other.row_id == *control);
                    assert_eq!(row.map(|row| &row.kind), Some(&RowKind::Service), "{name}");
                }
                RowKind::Group | RowKind::DynamicRange => panic!("{name}: {one:?}"),
            }
        }
        assert!(inventory.rows.iter().any(|one| matches!(one.kind, RowKind::DynamicData { .. })), "{name}");
    }
    assert_eq!(met, 3);
}

/// Grade, flows, packets before the first answer.
type Counted = (Grade, u64, u64);

/// A firewall between two networks, recorded with the counters of its kernel: see the README of the
/// folder.
#[test]
fn a_firewall_that_was_recorded_is_graded_as_its_clients_saw_it() {
    let Some(shared) = crate::support::shared() else { return };
    let lab = shared.join("firewall/lab/out");
    let inventory = inventory_of(&lab.join("f0.pcap"), false);
    let mut ports: BTreeMap<(String, u16), Vec<Counted>> = BTreeMap::new();
    let prober = IpAddr::from([10, 77, 1, 66]);
    let mut scanned: BTreeMap<Grade, u64> = BTreeMap::new();
    let mut before_reply = 0;
    for group in inventory.rows.iter().flat_map(|one| &one.groups) {
        before_reply += group.packets_before_reply;
        if group.client == prober {
            *scanned.entry(group.grade).or_default() += group.flows;
            continue;
        }
        let Offer::Ports { transport, ports: port } = group.offer else { continue };
        let of_port = ports.entry((transport.to_string(), port.first)).or_default();
        match of_port.iter_mut().find(|(grade, ..)| *grade == group.grade) {
            Some(known) => {
                known.1 += group.flows;
                known.2 += group.packets_before_reply;
            }
            None => of_port.push((group.grade, group.flows, group.packets_before_reply)),
        }
    }
    let expected = [
        (("tcp", 22), (Grade::AnsweredData, 2, 2)),
        (("tcp", 23), (Grade::AnsweredData, 1, 1)),
        (("tcp", 80), (Grade::AnsweredData, 9, 9)),
        (("tcp", 443), (Grade::Refused, 1, 1)),
        (("tcp", 8080), (Grade::AnsweredData, 1, 1)),
        (("tcp", 8443), (Grade::NoReply, 1, 3)),
        (("udp", 53), (Grade::AnsweredData, 3, 3)),
        (("udp", 123), (Grade::NoReply, 1, 1)),
        (("udp", 9999), (Grade::Unreachable, 1, 1)),
    ];
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|((of, port), said)| ((of.to_owned(), port), vec![said])).collect();
    assert_eq!(ports, expected);
    assert_eq!(scanned.into_iter().collect::<Vec<_>>(), [(Grade::NoReply, 15), (Grade::Refused, 15)]);
    assert_eq!(before_reply, 22 + 30, "what rules for new connections counted");
    let scans: Vec<_> = inventory.scans.iter().map(|scan| (scan.client, scan.targets)).collect();
    assert_eq!(scans, [(prober, 30)]);
    assert!((inventory.coverage.covered_seconds - 6.672).abs() < 1e-6);

    // The kernel's own log of the same minute: each rule that sees new connections counts packets
    // until the first answer.
    let rules: serde_json::Value =
        serde_json::from_slice(&std::fs::read(lab.join("after.json")).expect("a ruleset")).expect("JSON");
    let counted: u64 = rules["nftables"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|object| &object["rule"])
        .filter(|rule| !rule.to_string().contains("established"))
        .filter_map(|rule| rule["expr"].as_array()?.iter().find_map(|one| one["counter"]["packets"].as_u64()))
        .sum();
    assert_eq!(counted, before_reply);
}

#[test]
fn captures_are_hashed() {
    let sample = crate::support::sample("http.pcap");
    let hashing = Hashing::begin(vec![sample.clone(), "no/such/file".into()]);
    let mut inventory = inventory_of(&sample, false);
    assert_eq!(inventory.coverage.inputs[0].sha256, None);
    hashing.finish(&mut inventory.coverage);
    // As `sha256sum` prints it.
    let sum = "b6187e2eb9e0279baf3bc85876942214ca5e5f3e9410d93038474202be34cb1b";
    assert_eq!(inventory.coverage.inputs[0].sha256.map(|hash| hash.to_string()).as_deref(), Some(sum));
}
