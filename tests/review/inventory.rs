//! From packets to the lines of a review.

use std::io::Cursor;
use std::net::IpAddr;
use std::time::Duration;

use crate::support::made::{ACK, Made, RAW, RST, SYN, SYN_ACK, address};
use portscribe::capture::{CaptureReader, Timestamp};
use portscribe::evidence::Spoken;
use portscribe::flow::FlowOptions;
use portscribe::net::{Family, Transport, network};
use portscribe::registry::Registry;
use portscribe::review::observed::{Inventory, Settings};
use portscribe::review::zones::Zones;
use portscribe::review::{Clients, Grade, NameBasis, Offer, Period, RowId, RowKind, Service};
use portscribe::traffic::{ReadSettings, Reading, Traffic};

fn read(capture: Vec<u8>, settings: ReadSettings) -> Traffic {
    let mut reading = Reading::new(settings);
    let reader = CaptureReader::from_stream("made", Cursor::new(capture)).expect("a capture");
    reading.read(reader, |_| {}).expect("a whole capture");
    reading.finish()
}

fn peeking(peek: bool) -> ReadSettings {
    ReadSettings { flow: FlowOptions { payload: peek, ..FlowOptions::default() }, ..ReadSettings::default() }
}

fn inventory_of(traffic: &Traffic, zones: &Zones) -> Inventory {
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    Inventory::of(
        &labelled,
        &Settings {
            zones,
            window_seconds: 0.0,
            vantage: None,
            client_ports: false,
            decided: &[],
            legs: None,
        },
    )
}

/// What is made of packets.
trait Inventoried {
    fn inventory_with(&self, zones: &Zones) -> Inventory;

    fn inventory(&self) -> Inventory {
        self.inventory_with(&Zones::builtin())
    }
}

impl Inventoried for Made {
    fn inventory_with(&self, zones: &Zones) -> Inventory {
        inventory_of(&read(self.capture(), ReadSettings::default()), zones)
    }
}

/// `kind zone clients > server:ports/transport grade`, one line a row.
fn said(inventory: &Inventory) -> Vec<String> {
    inventory
        .rows
        .iter()
        .map(|one| {
            let row = one;
            let kind = match &row.kind {
                RowKind::Service => "service".to_owned(),
                RowKind::Group => "group".to_owned(),
                RowKind::DynamicRange => "range".to_owned(),
                RowKind::DynamicData { control, announced } => {
                    let control = inventory.rows.iter().find(|one| one.row_id == *control);
                    let said = if *announced { "announced" } else { "data" };
                    let control = control.expect("the row of the control service").service.offer;
                    format!("{said} of {}", control.ports().expect("its port"))
                }
            };
            let Service { clients, clients_perhaps, clients_refused, clients_scanning, .. } = &row.service;
            let networks = |clients: &Clients| clients.networks.iter().map(network).collect::<Vec<_>>();
            let hosts = |how: &str, hosts: &[IpAddr]| -> Vec<String> {
                hosts.iter().map(|host| format!("{how} {host}")).collect()
            };
            let perhaps = networks(clients_perhaps).into_iter().map(|client| format!("perhaps {client}"));
            let clients: Vec<String> = (networks(clients).into_iter().chain(perhaps))
                .chain(hosts("refused", clients_refused))
                .chain(hosts("scanning", clients_scanning))
                .collect();
            let server = match row.service.offer {
                Offer::Ports { transport, ports } => format!("{}:{ports}/{transport}", row.service.server),
                offer => format!("{} {offer}", row.service.server),
            };
            let (zone, clients, grade) = (&row.service.client_zone, clients.join(" "), row.usage.grade);
            format!("{kind} {zone} {clients} > {server} {grade}")
        })
        .collect()
}

#[test]
fn flows_of_one_zone_to_one_service_are_one_line() {
    let zones =
        Zones::read("zone,cidr\nclients,10.0.1.0/24\nadmins,10.0.2.0/24\n", "zones.csv").expect("zones");
    let mut made = Made::default();
    let server = ("10.9.0.1", 22);
    made.connection(10, ("10.0.1.2", 40_000), server);
    made.connection(86_400, ("10.0.1.1", 40_000), server);
    made.tcp(86_500, ("10.0.1.1", 40_001), server, SYN, b"");
    made.tcp(86_501, ("10.0.1.1", 40_001), server, SYN, b"");
    made.connection(86_510, ("10.0.2.1", 40_000), server);
    let inventory = made.inventory_with(&zones);
    assert_eq!(
        said(&inventory),
        [
            "service admins 10.0.2.1 > 10.9.0.1:22/tcp answered-data",
            "service clients 10.0.1.1 10.0.1.2 > 10.9.0.1:22/tcp answered-data",
        ]
    );
    let row = &inventory.rows[1];
    // printf 'ipv4|clients|10.9.0.1|tcp|22' | sha256sum
    assert_eq!(row.row_id.to_string(), "r88216babc0a2");
    assert_eq!((row.usage.grades.tries, row.usage.grades.packets_before_reply), (3, 4));
    assert_eq!(
        row.usage.grades.by_grade.iter().map(|(grade, flows)| (*grade, *flows)).collect::<Vec<_>>(),
        [(Grade::NoReply, 1), (Grade::AnsweredData, 2)]
    );
    assert_eq!((row.usage.packets, row.usage.bytes, row.usage.active_days), (10, 410, 2));
    let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
    assert_eq!(text(row.usage.first_seen).as_deref(), Some("2026-01-01T00:00:10.000000000Z"));
    assert_eq!(text(row.usage.last_seen).as_deref(), Some("2026-01-02T00:01:41.000000000Z"));
    assert_eq!(
        (row.service.direction_basis.name(), row.service.name_basis),
        ("handshake", NameBasis::PortOnly)
    );
    assert_eq!(
        (row.service.registry.service.as_str(), row.service.registry.status.to_string().as_str()),
        ("ssh", "registered")
    );
    assert_eq!(row.service.server_zone, "private-10");
    let samples: Vec<_> =
        row.usage.samples.iter().map(|one| (one.frame, one.flow.to_string(), one.grade)).collect();
    assert_eq!(
        samples,
        [
            (1, "10.0.1.2:40000 > 10.9.0.1:22/tcp".to_owned(), Grade::AnsweredData),
            (5, "10.0.1.1:40000 > 10.9.0.1:22/tcp".to_owned(), Grade::AnsweredData),
            (9, "10.0.1.1:40001 > 10.9.0.1:22/tcp".to_owned(), Grade::NoReply),
        ]
    );
    let groups: Vec<_> = inventory.rows[1]
        .groups
        .iter()
        .map(|group| (group.client.to_string(), group.grade, group.flows, group.packets_before_reply))
        .collect();
    assert_eq!(
        groups,
        [
            ("10.0.1.1".to_owned(), Grade::NoReply, 1, 2),
            ("10.0.1.1".to_owned(), Grade::AnsweredData, 1, 1),
            ("10.0.1.2".to_owned(), Grade::AnsweredData, 1, 1),
        ]
    );
}

#[test]
fn groups_and_senders_without_an_address_are_listed_apart() {
    let mut made = Made::default();
    made.udp(0, ("10.0.0.5", 5353), ("224.0.0.251", 5353));
    made.udp(0, ("fe80::5", 546), ("ff02::1:2", 547));
    made.udp(0, ("0.0.0.0", 68), ("255.255.255.255", 67));
    // The broadcast address of a subnet never sends, and the sender has the same bits before it.
    made.udp(0, ("10.0.0.5", 137), ("10.0.0.255", 137));
    made.udp(0, ("172.16.1.1", 40_000), ("172.31.255.255", 9999));
    // A host may have that address in a larger subnet.
    made.exchange(0, ("10.0.0.5", 40_000), ("10.0.1.255", 53));
    made.udp(0, ("192.168.7.5", 40_000), ("10.0.2.255", 53));
    // A server of DHCP that is asked directly.
    made.exchange(0, ("10.0.0.5", 68), ("10.0.0.1", 67));
    assert_eq!(
        said(&made.inventory()),
        [
            "group link-local fe80::5 > ff02::1:2:547/udp group",
            "group private-10 10.0.0.5 > 224.0.0.251:5353/udp group",
            "service private-10 10.0.0.5 > 10.0.0.1:67/udp answered-data",
            "group private-10 10.0.0.5 > 10.0.0.255:137/udp group",
            "service private-10 10.0.0.5 > 10.0.1.255:53/udp answered-data",
            "group private-172 172.16.1.1 > 172.31.255.255:9999/udp group",
            "service private-192 refused 192.168.7.5 > 10.0.2.255:53/udp no-reply",
            "group unspecified 0.0.0.0 > 255.255.255.255:67/udp group",
        ]
    );
    let zones = Zones::read("zone,cidr\noffice,10.0.0.0/25\n", "zones.csv").expect("zones");
    let mut drawn = Made::default();
    drawn.udp(0, ("10.0.0.5", 40_000), ("10.0.0.127", 9));
    assert_eq!(said(&drawn.inventory_with(&zones)), ["group office 10.0.0.5 > 10.0.0.127:9/udp group"]);
    assert_eq!(said(&drawn.inventory()), ["service private-10 refused 10.0.0.5 > 10.0.0.127:9/udp no-reply"]);
}

#[test]
fn ports_that_a_control_service_hands_out_are_its_data() {
    let (client, server) = ("10.0.0.1", "10.0.0.2");
    let mut made = Made::default();
    made.connection(0, (client, 40_000), (server, 21));
    made.connection(5, (client, 40_001), (server, 25_685));
    made.connection(6, (client, 40_002), (server, 24_523));
    // Active mode: the server opens to the client.
    made.connection(7, (server, 20), (client, 40_003));
    // A registered service between the same hosts is that service.
    made.connection(8, (client, 40_004), (server, 3389));
    // Too late.
    made.connection(400, (client, 40_005), (server, 24_600));
    assert_eq!(
        said(&made.inventory()),
        [
            "data of 21 private-10 10.0.0.2 > 10.0.0.1:40003/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.2:21/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.2:3389/tcp answered-data",
            "data of 21 private-10 10.0.0.1 > 10.0.0.2:24523-25685/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.2:24600/tcp answered-data",
        ]
    );
}

#[test]
fn a_port_that_is_asked_without_the_control_service_too_is_a_service() {
    let mut made = Made::default();
    made.connection(0, ("10.0.0.1", 40_000), ("10.0.0.2", 21));
    made.connection(5, ("10.0.0.1", 40_001), ("10.0.0.2", 25_685));
    made.connection(5, ("10.0.0.3", 40_001), ("10.0.0.2", 25_685));
    // A control service that refuses hands nothing out.
    made.tcp(0, ("10.0.0.1", 40_000), ("10.0.0.4", 21), SYN, b"");
    made.tcp(0, ("10.0.0.4", 21), ("10.0.0.1", 40_000), RST, b"");
    made.connection(5, ("10.0.0.1", 40_001), ("10.0.0.4", 25_685));
    assert_eq!(
        said(&made.inventory()),
        [
            "service private-10 10.0.0.1 > 10.0.0.2:21/tcp answered-data",
            "service private-10 10.0.0.1 10.0.0.3 > 10.0.0.2:25685/tcp answered-data",
            "service private-10 refused 10.0.0.1 > 10.0.0.4:21/tcp refused",
            "service private-10 10.0.0.1 > 10.0.0.4:25685/tcp answered-data",
        ]
    );
}

#[test]
fn programs_of_rpc_are_data_of_the_port_mapper() {
    let (client, server) = ("10.0.0.1", "10.0.0.2");
    let mut made = Made::default();
    made.exchange(0, (client, 40_000), (server, 111));
    for port in [706, 722, 1022, 1048, 2049, 636] {
        made.exchange(1, (client, 40_001), (server, port));
    }
    assert_eq!(
        said(&made.inventory()),
        [
            "service private-10 10.0.0.1 > 10.0.0.2:111/udp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.2:636/udp answered-data",
            "data of 111 private-10 10.0.0.1 > 10.0.0.2:706-1048/udp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.2:2049/udp answered-data",
        ]
    );
}

#[test]
fn tftp_is_answered_from_another_port() {
    let (client, server) = (("10.0.0.1", 50_618), "10.0.0.2");
    let mut made = Made::default();
    made.udp(0, client, (server, 69));
    made.udp(0, (server, 1069), client);
    made.udp(0, client, (server, 1069));
    // A scanner asks from one port; nothing of that is a transfer.
    made.udp(0, ("10.0.0.3", 40_000), (server, 69));
    made.udp(0, ("10.0.0.3", 40_000), (server, 7777));
    assert_eq!(
        said(&made.inventory()),
        [
            "service private-10 10.0.0.1 refused 10.0.0.3 > 10.0.0.2:69/udp answered-data",
            "data of 69 private-10 10.0.0.1 > 10.0.0.2:1069/udp answered-data",
            "service private-10 refused 10.0.0.3 > 10.0.0.2:7777/udp no-reply",
        ]
    );
}

#[test]
fn ports_of_nobody_that_were_met_once_are_one_range() {
    let server = "10.0.0.2";
    let mut made = Made::default();
    for (n, port) in [50_001, 51_000, 60_000].into_iter().enumerate() {
        made.connection(n as u32, ("10.0.0.1", 40_000), (server, port));
    }
    made.connection(10, ("10.0.0.1", 40_001), (server, 50_051));
    made.connection(11, ("10.0.0.1", 40_002), (server, 50_051));
    made.connection(12, ("10.0.0.1", 40_001), ("10.0.0.3", 49_152));
    made.connection(13, ("10.0.0.1", 40_001), ("10.0.0.3", 32_700));
    let inventory = made.inventory();
    assert_eq!(
        said(&inventory),
        [
            "range private-10 10.0.0.1 > 10.0.0.2:50001-60000/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.2:50051/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.3:32700/tcp answered-data",
            "range private-10 10.0.0.1 > 10.0.0.3:49152/tcp answered-data",
        ]
    );
    assert_eq!(
        inventory.rows[0].groups.iter().map(|group| group.offer.to_string()).collect::<Vec<_>>(),
        ["50001/tcp", "51000/tcp", "60000/tcp"],
        "rules are asked about each port"
    );
}

#[test]
fn a_port_that_is_registered_or_shared_is_no_dynamic_one() {
    let mut made = Made::default();
    // EtherNet/IP, registered.
    made.connection(0, ("10.0.0.1", 40_000), ("10.0.0.2", 44_818));
    // Two servers, and clients of two zones.
    made.connection(1, ("10.0.0.1", 40_001), ("10.0.0.3", 55_001));
    made.connection(2, ("10.0.0.1", 40_002), ("10.0.0.4", 55_001));
    made.connection(3, ("10.0.0.1", 40_003), ("10.0.0.5", 55_002));
    made.connection(4, ("192.168.0.1", 40_004), ("10.0.0.5", 55_002));
    // What was only tried elsewhere says nothing of it.
    made.connection(5, ("10.0.0.1", 40_005), ("10.0.0.6", 55_003));
    made.tcp(6, ("10.0.0.1", 40_006), ("10.0.0.7", 55_003), SYN, b"");
    assert_eq!(
        said(&made.inventory()),
        [
            "service private-10 10.0.0.1 > 10.0.0.2:44818/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.3:55001/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.4:55001/tcp answered-data",
            "service private-10 10.0.0.1 > 10.0.0.5:55002/tcp answered-data",
            "range private-10 10.0.0.1 > 10.0.0.6:55003/tcp answered-data",
            "range private-10 refused 10.0.0.1 > 10.0.0.7:55003/tcp no-reply",
            "service private-192 192.168.0.1 > 10.0.0.5:55002/tcp answered-data",
        ]
    );
}

#[test]
fn a_port_that_is_met_in_two_captures_is_no_dynamic_one() {
    let mut reading = Reading::new(ReadSettings::default());
    for (name, from) in [("a", 0), ("b", 90_000)] {
        let mut made = Made::default();
        made.connection(from, ("10.0.0.1", 40_000), ("10.0.0.2", 55_001));
        let reader = CaptureReader::from_stream(name, Cursor::new(made.capture())).expect("a capture");
        reading.read(reader, |_| {}).expect("a whole capture");
    }
    assert_eq!(
        said(&inventory_of(&reading.finish(), &Zones::builtin())),
        ["service private-10 10.0.0.1 > 10.0.0.2:55001/tcp answered-data"]
    );
}

#[test]
fn many_servers_of_an_external_zone_are_one_row_and_internal_ones_never() {
    let zones = Zones::builtin();
    let with = |servers: u8, decided: &[RowId]| -> (Vec<String>, Inventory) {
        let mut made = Made::default();
        for n in 1..=servers {
            made.connection(0, ("10.0.0.1", 40_000 + u16::from(n)), (&format!("11.0.0.{n}"), 443));
            made.connection(0, ("10.0.0.1", 40_000 + u16::from(n)), (&format!("10.1.0.{n}"), 443));
        }
        made.connection(1, ("10.0.0.1", 50_000), ("11.0.0.7", 443));
        let traffic = read(made.capture(), ReadSettings::default());
        let registry = Registry::bundled();
        let settings = Settings {
            zones: &zones,
            window_seconds: 0.0,
            vantage: None,
            client_ports: false,
            decided,
            legs: None,
        };
        let inventory = Inventory::of(&traffic.label(&registry), &settings);
        let external = inventory.rows.iter().filter(|row| row.service.server.to_string().starts_with("11."));
        let told = external.map(|row| {
            let servers: Vec<String> = row
                .service
                .servers
                .iter()
                .take(2)
                .map(|one| format!("{} {}", one.server, one.flows))
                .collect();
            format!(
                "{} {} {} {}",
                row.row_id,
                row.service.server,
                row.service.servers.len(),
                servers.join(" ")
            )
        });
        (told.collect(), inventory)
    };
    let (each, inventory) = with(8, &[]);
    assert_eq!((each.len(), inventory.rows.len()), (8, 16));
    let zone = RowId::of_zone(Family::Ipv4, "private-10", "internet", Offer::port(Transport::Tcp, 443));
    let (folded, inventory) = with(9, &[]);
    assert_eq!(folded, [format!("{zone} 11.0.0.7 9 11.0.0.7 2 11.0.0.1 1")]);
    assert_eq!(inventory.rows.len(), 10, "internal servers have a row each");
    // What people have written about stays as it is.
    let own = id_of(&each[0]);
    let (kept, _) = with(9, &[own]);
    assert_eq!(kept.len(), 1 + 8, "eight others are not many");
    let (known, _) = with(8, &[zone]);
    assert_eq!(known, [format!("{zone} 11.0.0.7 8 11.0.0.7 2 11.0.0.1 1")]);
}

fn id_of(told: &str) -> RowId {
    told.split(' ').next().and_then(|id| id.parse().ok()).expect("a row")
}

#[test]
fn a_client_that_tries_many_services_and_uses_none_is_a_scan() {
    let scan = |uses: bool, targets: u16| {
        let mut made = Made::default();
        for port in 1..=targets {
            made.tcp(0, ("10.0.0.66", 40_000 + port), ("10.0.0.2", port), SYN, b"");
            if port % 2 == 0 {
                made.tcp(0, ("10.0.0.2", port), ("10.0.0.66", 40_000 + port), RST, b"");
            }
        }
        made.tcp(1, ("10.0.0.7", 40_000), ("10.0.0.2", 1), SYN, b"");
        if uses {
            made.connection(2, ("10.0.0.66", 40_000), ("10.0.0.2", 80));
        }
        made.inventory()
    };
    let found = scan(false, 10);
    assert_eq!(found.scans.len(), 1);
    let one = &found.scans[0];
    assert_eq!(
        (one.client, one.client_zone.as_str(), one.targets, one.flows, one.rows.len()),
        (address("10.0.0.66"), "private-10", 10, 10, 10)
    );
    let samples: Vec<String> = one.samples.iter().map(|one| one.flow.to_string()).collect();
    assert_eq!(
        samples,
        [2, 4, 6, 8, 10].map(|port| format!("10.0.0.66:{} > 10.0.0.2:{port}/tcp", 40_000 + port))
    );
    let apart: Vec<bool> = found.rows.iter().map(|one| one.only_scanned).collect();
    assert_eq!(apart, [false, true, true, true, true, true, true, true, true, true]);
    assert_eq!((one.used, one.perhaps_used), (0, 0));
    // Of a client that uses one service of eleven nobody knows.
    assert!(scan(true, 10).scans.is_empty());
    let found = scan(true, 20);
    let scans: Vec<_> = found.scans.iter().map(|one| (one.targets, one.used, one.perhaps_used)).collect();
    assert_eq!(scans, [(20, 1, 0)]);
    assert_eq!(
        said(&found).last().map(String::as_str),
        Some("service private-10 10.0.0.66 > 10.0.0.2:80/tcp answered-data"),
        "what a scanner uses is a service"
    );
    assert!(scan(false, 9).scans.is_empty());
}

#[test]
fn what_answers_a_scan_half_way_is_not_in_use() {
    let mut made = Made::default();
    for port in 1..=20 {
        made.tcp(0, ("10.0.0.66", 40_000 + port), ("10.0.0.2", port), SYN, b"");
    }
    made.tcp(1, ("10.0.0.2", 9), ("10.0.0.66", 40_009), SYN_ACK, b"");
    // The same from a client that does not scan may be use.
    made.tcp(2, ("10.0.0.7", 40_000), ("10.0.0.2", 10), SYN, b"");
    made.tcp(2, ("10.0.0.2", 10), ("10.0.0.7", 40_000), SYN_ACK, b"");
    let inventory = made.inventory();
    assert_eq!(inventory.scans[0].grades, [(Grade::NoReply, 19), (Grade::ScanAnswered, 1)].into());
    assert_eq!(
        said(&inventory)[8..10],
        [
            "service private-10 scanning 10.0.0.66 > 10.0.0.2:9/tcp scan-answered",
            "service private-10 perhaps 10.0.0.7 scanning 10.0.0.66 > 10.0.0.2:10/tcp half-open",
        ]
    );
    assert_eq!(inventory.rows[8].usage.grades.by_grade, [(Grade::ScanAnswered, 1)].into());
    assert_eq!(inventory.rows[8].usage.samples[0].grade, Grade::ScanAnswered);
}

#[test]
fn coverage_is_without_silence_and_jumps() {
    let mut made = Made::default();
    for at in [0, 100, 1500, 1600, 800, 900] {
        made.udp(at, ("10.0.0.1", 40_000), ("10.0.0.2", 53));
    }
    let coverage = made.inventory().coverage;
    let cuts: Vec<_> = coverage
        .cuts
        .iter()
        .map(|cut| (cut.frame, cut.from.to_string(), cut.to.to_string(), cut.reason.name()))
        .collect();
    assert_eq!(
        cuts,
        [
            (
                3,
                "2026-01-01T00:01:40.000000000Z".to_owned(),
                "2026-01-01T00:25:00.000000000Z".to_owned(),
                "silence"
            ),
            (
                5,
                "2026-01-01T00:26:40.000000000Z".to_owned(),
                "2026-01-01T00:13:20.000000000Z".to_owned(),
                "clock-jump"
            ),
        ]
    );
    assert!((coverage.covered_seconds - 300.0).abs() < 1e-9, "{}", coverage.covered_seconds);
    assert_eq!((coverage.active_days, coverage.both_ways_share, coverage.dropped), (1, None, None));
    let traffic =
        read(made.capture(), ReadSettings { max_gap: Duration::from_secs(2000), ..ReadSettings::default() });
    let coverage = inventory_of(&traffic, &Zones::builtin()).coverage;
    assert_eq!((coverage.cuts.len(), coverage.covered_seconds as u32), (1, 1600));
}

#[test]
fn payload_is_looked_at_when_asked() {
    let mut made = Made::default();
    for (server, port, client_says, server_says) in [
        ("10.0.0.2", 22, &b""[..], &b"SSH-2.0-x\r\n"[..]),
        ("10.0.0.2", 443, b"GET / HTTP/1.1\r\n", b""),
        ("10.0.0.2", 80, b"GET / HTTP/1.1\r\n", b""),
        ("10.0.0.3", 80, b"GET / HTTP/1.1\r\n", b""),
        ("10.0.0.3", 80, b"\x16\x03\x01\x02\x00\x01\x00", b""),
    ] {
        let (client, server) = (("10.0.0.1", 40_000 + made.0.len() as u16), (server, port));
        made.tcp(0, client, server, SYN, b"");
        made.tcp(0, server, client, SYN_ACK, b"");
        made.tcp(0, client, server, ACK, client_says);
        made.tcp(0, server, client, ACK, server_says);
    }
    let of = |peek: bool| {
        let inventory = inventory_of(&read(made.capture(), peeking(peek)), &Zones::builtin());
        inventory
            .rows
            .iter()
            .map(|one| (one.service.offer.to_string(), one.service.name_basis, one.spoken.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(true),
        [
            ("22/tcp".to_owned(), NameBasis::Payload, vec![(Spoken::Ssh, 1)]),
            ("80/tcp".to_owned(), NameBasis::Payload, vec![(Spoken::Http, 1)]),
            ("443/tcp".to_owned(), NameBasis::PortOnly, vec![(Spoken::Http, 1)]),
            ("80/tcp".to_owned(), NameBasis::PortOnly, vec![(Spoken::Tls, 1), (Spoken::Http, 1)]),
        ]
    );
    assert!(of(false).iter().all(|(_, basis, spoken)| *basis == NameBasis::PortOnly && spoken.is_empty()));
}

#[test]
fn looking_at_payload_changes_no_row() {
    for sample in crate::support::sample_captures() {
        let of = |peek: bool| {
            let mut reading = Reading::new(peeking(peek));
            let reader = CaptureReader::open(&sample).expect("a capture");
            // What is wrong with a capture stands in its summary.
            let _ = reading.read_on(reader, 2, |_| {});
            said(&inventory_of(&reading.finish(), &Zones::builtin()))
        };
        // What pairs data with its control connection is another matter.
        let paired = |rows: Vec<String>| -> Vec<String> {
            rows.into_iter().map(|row| row.replace("announced of ", "data of ")).collect()
        };
        assert_eq!(paired(of(true)), of(false), "{}", sample.display());
    }
}

/// A pcapng block, little-endian.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (12 + body.len().next_multiple_of(4)) as u32;
    let mut block = [&kind.to_le_bytes()[..], &length.to_le_bytes(), body].concat();
    block.resize(length as usize - 4, 0);
    block.extend(length.to_le_bytes());
    block
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[test]
fn a_capture_that_says_it_was_listening_is_believed() {
    let mut made = Made::default();
    made.udp(0, ("10.0.0.1", 40_000), ("10.0.0.2", 53));
    let packet = &made.0[0].1;
    let at = |seconds: u32| words(&[0, seconds * 1_000_000]);
    let packet_at = |seconds: u32| {
        let length = packet.len() as u32;
        // One octet more was on the wire.
        let lengths = words(&[length, length + 1]);
        block(6, &[&words(&[0])[..], &at(seconds), &lengths, packet].concat())
    };
    let head = [
        block(0x0a0d_0d0a, &[&words(&[0x1a2b_3c4d, 1])[..], &[0xff; 8]].concat()),
        block(1, &words(&[u32::from(RAW), 0])),
        packet_at(10),
        packet_at(2000),
    ]
    .concat();
    // isb_starttime, isb_endtime and isb_ifdrop.
    let option = |code: u32, value: &[u8]| [&words(&[code | 8 << 16])[..], value].concat();
    let statistics = block(
        5,
        &[words(&[0, 0, 0]), option(2, &at(0)), option(3, &at(2500)), option(5, &words(&[7, 0]))].concat(),
    );
    let within = |capture: &[Vec<u8>], flow: FlowOptions| {
        let traffic = read(capture.concat(), ReadSettings { flow, ..ReadSettings::default() });
        let coverage = inventory_of(&traffic, &Zones::builtin()).coverage;
        (coverage.covered_seconds as u32, coverage.cuts.len(), coverage.dropped, coverage.truncated)
    };
    assert_eq!(within(std::slice::from_ref(&head), FlowOptions::default()), (0, 1, None, 2));
    let whole = [head, statistics];
    assert_eq!(within(&whole, FlowOptions::default()), (2500, 0, Some(7), 2));
    let at = |seconds: i64| Some(Timestamp::from_nanoseconds(seconds * 1_000_000_000));
    let asked = FlowOptions { since: at(1000), until: at(2100), ..FlowOptions::default() };
    assert_eq!(within(&whole, asked), (1100, 0, Some(7), 1), "of the time that was asked for");
}

#[test]
fn captures_of_the_same_time_cover_it_once() {
    let capture = |from: u32| {
        let mut made = Made::default();
        made.connection(from, ("10.0.0.1", 40_000), ("10.0.0.2", 22));
        made.tcp(from + 600, ("10.0.0.1", 40_001), ("10.0.0.2", 22), SYN, b"");
        made.capture()
    };
    let mut reading = Reading::new(ReadSettings::default());
    for (name, from) in [("a", 0), ("b", 300), ("c", 5000)] {
        let reader = CaptureReader::from_stream(name, Cursor::new(capture(from))).expect("a capture");
        reading.read(reader, |_| {}).expect("a whole capture");
    }
    let coverage = inventory_of(&reading.finish(), &Zones::builtin()).coverage;
    let each: Vec<_> =
        coverage.inputs.iter().map(|input| (input.name.as_str(), input.covered_seconds as u32)).collect();
    assert_eq!(each, [("a", 600), ("b", 600), ("c", 600)]);
    assert_eq!((coverage.covered_seconds as u32, coverage.cuts.len()), (1500, 0));
    assert_eq!(coverage.both_ways_share, Some(0.5));
    let daily =
        coverage.chances.iter().find(|(period, _)| *period == Period::Daily).map(|(_, chance)| *chance);
    assert_eq!(daily, Some(1500.0 / 86_400.0));
    assert_eq!(coverage.chances[0], (Period::Hourly, 1500.0 / 3600.0));
}

#[test]
fn office_hours_of_a_week_are_the_same_hours_seven_times() {
    let mut made = Made::default();
    for day in 0..7 {
        // 09:00 to 16:50.
        for packet in 0..=47 {
            made.udp(day * 86_400 + 9 * 3600 + packet * 600, ("10.0.0.1", 40_000), ("10.0.0.2", 53));
        }
    }
    let coverage = made.inventory().coverage;
    let heard = 7.0 * 28_200.0;
    assert_eq!(coverage.covered_seconds as u32, 7 * 28_200);
    assert_eq!(
        coverage.chances,
        [
            (Period::Hourly, 1.0),
            (Period::Daily, 28_200.0 / 86_400.0),
            (Period::Weekly, heard / (7.0 * 86_400.0)),
            (Period::Monthly, heard / (31.0 * 86_400.0)),
            (Period::Quarterly, heard / (92.0 * 86_400.0)),
            (Period::Yearly, heard / (366.0 * 86_400.0)),
        ]
    );
    let never: Vec<String> = coverage.never_listened.iter().map(ToString::to_string).collect();
    assert_eq!(never, ["every day 00:00-09:00 17:00-24:00"]);
}

#[test]
fn ports_that_ftp_announces_belong_to_it_whatever_the_registry_says_of_them() {
    let of = |peek: bool| {
        let mut made = Made::default();
        let (client, server) = (("10.0.0.1", 40_000), ("10.0.0.2", 21));
        made.connection(0, client, server);
        // 3306 is registered: by hosts and time alone it is a service of its own.
        made.tcp(1, server, client, ACK, b"227 Entering Passive Mode (10,0,0,2,12,234).\r\n");
        made.connection(2, ("10.0.0.1", 40_001), ("10.0.0.2", 3306));
        made.tcp(3, client, server, ACK, b"PORT 10,0,0,1,31,144\r\n");
        made.connection(4, ("10.0.0.2", 20_020), ("10.0.0.1", 8080));
        // Nobody announced these.
        made.connection(5, ("10.0.0.1", 40_002), ("10.0.0.2", 5432));
        made.connection(6, ("172.16.0.3", 40_002), ("10.0.0.2", 3306));
        let traffic = read(made.capture(), peeking(peek));
        said(&inventory_of(&traffic, &Zones::builtin()))
    };
    let others = [
        "service private-10 10.0.0.1 > 10.0.0.2:21/tcp answered-data",
        "service private-10 10.0.0.1 > 10.0.0.2:5432/tcp answered-data",
        "service private-172 172.16.0.3 > 10.0.0.2:3306/tcp answered-data",
    ];
    let of_3306 = "private-10 10.0.0.1 > 10.0.0.2:3306/tcp answered-data";
    let of_8080 = "private-10 10.0.0.2 > 10.0.0.1:8080/tcp answered-data";
    let expected = |kind: &str| {
        [
            format!("{kind} {of_8080}"),
            others[0].to_owned(),
            format!("{kind} {of_3306}"),
            others[1].to_owned(),
            others[2].to_owned(),
        ]
    };
    assert_eq!(of(true), expected("announced of 21"));
    assert_eq!(of(false), expected("service"));
}
