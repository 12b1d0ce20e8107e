//! What a label says: every basis of a direction, every status, every flag, each with the
//! traffic that calls for it.

use std::io::Cursor;

use crate::support::packet::{ip, ipv4, pcap, pcap_at, unreachable};
use portscribe::Transport::{self, Dccp, Sctp, Tcp, Udp, UdpLite};
use portscribe::capture::CaptureReader;
use portscribe::flow::{Ephemeral, FlowOptions, State};
use portscribe::label::Flag;
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading, Traffic};

const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;
const FIN: u8 = 0x11;
const RST: u8 = 0x14;
const RAW: u16 = 101;

fn traffic_with(capture: Vec<u8>, settings: ReadSettings) -> Traffic {
    let mut reading = Reading::new(settings);
    let reader = CaptureReader::from_stream("made", Cursor::new(capture)).expect("a capture");
    reading.read(reader, |_| {}).expect("a whole capture");
    reading.finish()
}

/// One line a flow: `client → server service status basis confidence state flags`.
fn said_with(capture: Vec<u8>, settings: ReadSettings) -> Vec<String> {
    let registry = Registry::bundled();
    let traffic = traffic_with(capture, settings);
    let labelled = traffic.label(&registry);
    labelled
        .rows()
        .map(|row| {
            let label = &row.label;
            let mut line = format!(
                "{}:{} → {}:{}/{} {} {} {} {} {}",
                row.client().address,
                row.client().port.expect("a port"),
                row.server().address,
                row.server().port.expect("a port"),
                row.flow.protocol(),
                label.service().unwrap_or("-"),
                label.status_name(),
                label.direction.basis,
                label.direction.confidence,
                label.state,
            );
            for flag in label.flags.iter() {
                line = format!("{line} {flag}");
            }
            line
        })
        .collect()
}

fn said(packets: &[Vec<u8>]) -> Vec<String> {
    said_with(pcap(RAW, packets), ReadSettings::default())
}

/// A packet without anything to say about direction.
fn plain(transport: Transport, a: u8, source_port: u16, b: u8, destination_port: u16) -> Vec<u8> {
    ipv4(transport, a, source_port, b, destination_port, ACK, 5, 5)
}

/// A TCP opening, its answer and the acknowledgment.
fn opening(client: u8, client_port: u16, server: u8, server_port: u16) -> Vec<Vec<u8>> {
    vec![
        ipv4(Tcp, client, client_port, server, server_port, SYN, 100, 0),
        ipv4(Tcp, server, server_port, client, client_port, SYN_ACK, 200, 101),
        ipv4(Tcp, client, client_port, server, server_port, ACK, 101, 201),
    ]
}

// ---- Which side is the server?

#[test]
fn a_handshake_shows_the_server_whatever_the_ports() {
    assert_eq!(
        said(&opening(1, 443, 2, 50_000)),
        [
            "192.0.2.1:443 → 192.0.2.2:50000/tcp - dynamic handshake high S1 dynamic-port client-port-registered"
        ]
    );
}

#[test]
fn the_answer_to_an_opening_shows_the_server_alone() {
    let answer = ipv4(Tcp, 2, 443, 1, 50_000, SYN_ACK, 200, 101);
    assert_eq!(
        said(&[answer]),
        ["192.0.2.1:50000 → 192.0.2.2:443/tcp https registered handshake high OTH one-way"]
    );
}

#[test]
fn an_answer_captured_before_its_opening_is_of_the_same_flow() {
    let mut packets = opening(1, 50_000, 2, 443);
    packets.swap(0, 1);
    assert_eq!(said(&packets), ["192.0.2.1:50000 → 192.0.2.2:443/tcp https registered handshake high S1"]);
}

#[test]
fn sctp_and_dccp_openings_show_the_server() {
    let init = |flags: [u8; 4], tag: [u8; 4], source: u16, destination: u16| {
        let mut header = Vec::new();
        header.extend(source.to_be_bytes());
        header.extend(destination.to_be_bytes());
        header.extend(flags);
        header.extend([0; 4]);
        header.extend(tag);
        header.extend([0; 16]);
        header
    };
    // INIT (type 1) with Initiate Tag 7 under Verification Tag 0; INIT ACK (type 2) under tag 7.
    let request = init([0, 0, 0, 0], [1, 0, 0, 20], 40_000, 2905);
    let mut request = request;
    request.truncate(16);
    request.extend([0, 0, 0, 7]);
    request.extend([0; 12]);
    let mut answer = init([0, 0, 0, 7], [2, 0, 0, 20], 2905, 40_000);
    answer.truncate(16);
    answer.extend([0, 0, 0, 9]);
    answer.extend([0; 12]);
    let (a, b) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
    assert_eq!(
        said(&[ip(a, b, 132, &request), ip(b, a, 132, &answer)]),
        ["192.0.2.1:40000 → 192.0.2.2:2905/sctp m3ua registered handshake high S1"]
    );
    // A Request (type 0, X=1) with sequence number 9 and Service Code "LTP " … and its Response.
    let mut request = vec![0x9c, 0x40, 0x04, 0x59, 5, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 9];
    request.extend(1_819_571_572_u32.to_be_bytes());
    let mut response = vec![0x04, 0x59, 0x9c, 0x40, 7, 0, 0, 0, 0x03, 0, 0, 0, 0, 0, 0, 1];
    response.extend([0, 0, 0, 0, 0, 0, 0, 9]);
    response.extend(1_819_571_572_u32.to_be_bytes());
    assert_eq!(
        said(&[ip(b, a, 33, &response), ip(a, b, 33, &request)]),
        ["192.0.2.1:40000 → 192.0.2.2:1113/dccp ltp-deepspace registered handshake high S1"]
    );
}

#[test]
fn multicast_and_broadcast_addresses_are_the_server_but_for_answers() {
    let udp = |source_port: u16, destination_port: u16| {
        let mut header = Vec::new();
        header.extend(source_port.to_be_bytes());
        header.extend(destination_port.to_be_bytes());
        header.extend([0, 8, 0, 0]);
        header
    };
    let host = [192, 0, 2, 1].into();
    assert_eq!(
        said(&[
            ip(host, [224, 0, 0, 251].into(), 17, &udp(5353, 5353)),
            ip(host, [255, 255, 255, 255].into(), 17, &udp(67, 68)),
            ip(
                "2001:db8::1".parse().expect("an address"),
                "ff02::1:2".parse().expect("an address"),
                17,
                &udp(546, 547)
            ),
        ]),
        [
            "192.0.2.1:5353 → 224.0.0.251:5353/udp mdns registered multicast high S0 cleartext",
            "255.255.255.255:68 → 192.0.2.1:67/udp bootps registered pair high SHR cleartext",
            "2001:db8::1:546 → ff02::1:2:547/udp dhcpv6-server registered multicast high S0 cleartext",
        ]
    );
}

#[test]
fn an_ephemeral_port_is_the_clients() {
    assert_eq!(
        said(&[plain(Tcp, 2, 443, 1, 50_000)]),
        ["192.0.2.1:50000 → 192.0.2.2:443/tcp https registered ephemeral medium OTH one-way mid-stream"]
    );
}

#[test]
fn other_ephemeral_ranges_can_be_named() {
    let settings =
        ReadSettings { ephemeral: Ephemeral::new(vec![10_000..=19_999]), ..ReadSettings::default() };
    let packets = [plain(Udp, 2, 40_001, 1, 10_001), plain(Udp, 1, 10_001, 2, 40_001)];
    let lines = said_with(pcap(RAW, &packets), settings);
    assert_eq!(
        lines,
        [
            "192.0.2.1:10001 → 192.0.2.2:40001/udp - unassigned ephemeral medium SF unassigned-port client-port-registered"
        ]
    );
}

#[test]
fn an_end_that_several_peers_ask_is_the_server() {
    let lines = said(&[plain(Udp, 1, 4961, 9, 4960), plain(Udp, 2, 4962, 9, 4960)]);
    assert_eq!(lines[0].split(' ').skip(5).take(2).collect::<Vec<_>>(), ["endpoint", "medium"], "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("→ 192.0.2.9:4960/udp")), "{lines:?}");
    // Who sends first to several asks them.
    let lines = said(&[plain(Udp, 9, 4960, 1, 4961), plain(Udp, 9, 4960, 2, 4962)]);
    assert!(lines.iter().all(|line| line.starts_with("192.0.2.9:4960 → ")), "{lines:?}");
    // A collector, whatever is registered at the other end.
    let lines = said(&[plain(Udp, 1, 514, 9, 5140), plain(Udp, 2, 514, 9, 5140)]);
    assert!(
        lines.iter().all(|line| line.contains("→ 192.0.2.9:5140/udp - unassigned endpoint medium")),
        "{lines:?}"
    );
    // Scans from the port of a service.
    let lines = said(&[plain(Udp, 9, 53, 1, 69), plain(Udp, 9, 53, 1, 111), plain(Udp, 9, 53, 1, 60_000)]);
    assert!(lines.iter().all(|line| line.starts_with("192.0.2.9:53 → 192.0.2.1:")), "{lines:?}");
    // Answers of which no question was captured.
    let lines = said(&[plain(Udp, 9, 53, 1, 50_000), plain(Udp, 9, 53, 1, 50_001)]);
    assert!(
        lines.iter().all(|line| line.contains("→ 192.0.2.9:53/udp domain registered registered low")),
        "{lines:?}"
    );
}

#[test]
fn pairs_of_ports_show_the_server_where_the_opening_is_missing() {
    for (server, client) in
        [((2, 50_000), (1, 20)), ((2, 2049), (1, 905)), ((2, 111), (1, 800)), ((2, 513), (1, 1022))]
    {
        for packet in [
            ipv4(Tcp, server.0, server.1, client.0, client.1, ACK, 1, 1),
            ipv4(Tcp, client.0, client.1, server.0, server.1, ACK, 1, 1),
        ] {
            let lines = said(&[packet]);
            let expected =
                format!("192.0.2.{}:{} → 192.0.2.{}:{}/tcp", client.0, client.1, server.0, server.1);
            assert!(lines[0].starts_with(&expected) && lines[0].contains(" pair high "), "{lines:?}");
        }
    }
}

#[test]
fn a_registered_port_among_ephemeral_ones_may_serve_an_old_client() {
    // EtherNet/IP.
    let lines = said(&[plain(Udp, 1, 2222, 2, 44_818), plain(Udp, 2, 44_818, 1, 2222)]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(" low "), "{lines:?}");
    // Both registered, one of them where old systems picked client ports from.
    let lines = said(&[ipv4(Tcp, 2, 20_000, 1, 1433, ACK, 1, 1)]);
    assert!(lines[0].contains("→ 192.0.2.2:20000/tcp dnp registered range low"), "{lines:?}");
    // Both where systems pick client ports from now.
    let lines = said(&[plain(Udp, 1, 35_769, 2, 51_820), plain(Udp, 2, 51_820, 1, 35_769)]);
    assert!(lines[0].contains("→ 192.0.2.2:51820/udp - dynamic first-packet low"), "{lines:?}");
}

#[test]
fn an_end_that_was_a_client_elsewhere_is_the_client_here() {
    // As TFTP does: asked at its port, the server answers from another.
    let lines = said(&[plain(Udp, 1, 50_001, 2, 69), plain(Udp, 2, 50_002, 1, 50_001)]);
    assert_eq!(
        lines[1],
        "192.0.2.1:50001 → 192.0.2.2:50002/udp - dynamic endpoint medium SHR dynamic-port one-way"
    );
}

#[test]
fn a_datagram_client_that_asks_one_port_of_many_is_no_popular_server() {
    let lines = said(&[plain(Udp, 1, 3797, 2, 3544), plain(Udp, 1, 3797, 3, 3544)]);
    assert_eq!(
        lines[1],
        "192.0.2.1:3797 → 192.0.2.3:3544/udp teredo registered endpoint medium S0 client-port-registered one-way"
    );
    // DHCP's server is asked from one port by all its clients, and is the server all the same.
    let lines = said(&[plain(Udp, 9, 67, 1, 68), plain(Udp, 9, 67, 2, 68)]);
    assert!(lines.iter().all(|line| line.contains("→ 192.0.2.9:67/udp bootps")), "{lines:?}");
}

#[test]
fn a_client_of_many_registered_ports_is_no_popular_server() {
    // As AFS clients do: one port, also registered, that asks Kerberos and several AFS servers.
    let lines =
        said(&[plain(Udp, 1, 1799, 2, 7002), plain(Udp, 1, 1799, 3, 88), plain(Udp, 1, 1799, 4, 7002)]);
    assert_eq!(
        lines[..2],
        [
            "192.0.2.1:1799 → 192.0.2.2:7002/udp afs3-prserver registered endpoint medium S0 unauthorized-use \
             client-port-registered one-way",
            "192.0.2.1:1799 → 192.0.2.3:88/udp kerberos registered endpoint medium S0 client-port-registered \
             one-way",
        ]
    );
}

#[test]
fn a_forged_length_counts_no_more_than_the_packet() {
    let mut packet = plain(Udp, 1, 60_000, 2, 53);
    packet[2..4].copy_from_slice(&60_000_u16.to_be_bytes());
    let traffic = traffic_with(pcap(RAW, &[packet]), ReadSettings::default());
    let flow = traffic.table().flow(0).expect("a flow");
    assert_eq!(flow.bytes(portscribe::flow::Side::First), 28);
}

#[test]
fn an_address_that_sends_is_no_group() {
    let udp = [0xea, 0x60, 0, 53, 0, 8, 0, 0];
    let back = [0, 53, 0xea, 0x60, 0, 8, 0, 0];
    let (host, group) = ([192, 0, 2, 1].into(), [239, 1, 1, 1].into());
    let lines = said(&[ip(group, host, 17, &udp), ip(host, group, 17, &back)]);
    assert_eq!(lines, ["239.1.1.1:60000 → 192.0.2.1:53/udp domain registered ephemeral medium SF cleartext"]);
}

#[test]
fn a_registered_port_is_the_servers() {
    assert_eq!(
        said(&[plain(Tcp, 2, 8080, 1, 4315)]),
        [
            "192.0.2.1:4315 → 192.0.2.2:8080/tcp http-alt registered registered low OTH ambiguous-direction cleartext one-way mid-stream"
        ]
    );
}

#[test]
fn a_system_port_comes_before_a_user_port() {
    assert_eq!(
        said(&[plain(Tcp, 2, 80, 1, 3306)]),
        [
            "192.0.2.1:3306 → 192.0.2.2:80/tcp http registered range low OTH ambiguous-direction client-port-registered cleartext one-way mid-stream"
        ]
    );
}

#[test]
fn with_nothing_else_the_first_sender_is_the_client() {
    assert_eq!(
        said(&[plain(Udp, 1, 50_001, 2, 60_001)]),
        [
            "192.0.2.1:50001 → 192.0.2.2:60001/udp - dynamic first-packet low S0 dynamic-port ambiguous-direction one-way"
        ]
    );
}

#[test]
fn the_same_port_at_both_ends_is_no_ambiguity() {
    assert_eq!(
        said(&[plain(Udp, 1, 123, 2, 123), plain(Udp, 2, 123, 1, 123)]),
        ["192.0.2.1:123 → 192.0.2.2:123/udp ntp registered first-packet low SF cleartext"]
    );
}

#[test]
fn clients_with_registered_ports_do_not_give_their_names() {
    let mut packets = Vec::new();
    for port in [33_060, 36_412, 44_321, 47_808] {
        packets.extend(opening(1, port, 2, 443));
    }
    assert_eq!(
        said(&packets),
        [33_060, 36_412, 44_321, 47_808].map(|port| {
            format!("192.0.2.1:{port} → 192.0.2.2:443/tcp https registered handshake high S1")
        })
    );
    // The opening is missing, so that other evidence decides.
    assert_eq!(
        said(&[plain(Tcp, 1, 44_321, 2, 443)]),
        [
            "192.0.2.1:44321 → 192.0.2.2:443/tcp https registered ephemeral medium OTH client-port-registered one-way mid-stream"
        ]
    );
}

#[test]
fn two_registered_ports_are_both_shown() {
    let registry = Registry::bundled();
    let traffic = traffic_with(pcap(RAW, &[plain(Tcp, 1, 3306, 2, 8080)]), ReadSettings::default());
    let labelled = traffic.label(&registry);
    let row = labelled.flow(0).expect("one flow");
    assert!(row.label.flags.has(Flag::AmbiguousDirection));
    assert_eq!((row.label.service(), row.label.client_service()), (Some("http-alt"), Some("mysql")));
    let note = row
        .label
        .flag_reasons()
        .find(|reason| reason.flag() == Flag::AmbiguousDirection)
        .map(|reason| reason.to_string());
    assert_eq!(
        note.as_deref(),
        Some("the server is a guess: 8080/tcp registered as http-alt, or 3306/tcp registered as mysql")
    );
}

// ---- What does the registry say?

#[test]
fn every_status_is_met() {
    let port = |transport, port| said(&[plain(transport, 1, 60_000, 2, port)]).remove(0);
    for (transport, number, expected) in [
        (Tcp, 443, "https registered"),
        (UdpLite, 53, "domain registered"),
        (Dccp, 9, "discard registered"),
        (Sctp, 36_412, "s1-control registered"),
        (Tcp, 6001, "x11 registered"),
        (Tcp, 1109, "- reserved"),
        (Udp, 3300, "- reserved"),
        (Tcp, 0, "- reserved"),
        (Sctp, 0, "- reserved"),
        (Tcp, 585, "- withdrawn"),
        (Tcp, 9006, "- withdrawn"),
        (Udp, 2905, "- withdrawn"),
        (Sctp, 22_222, "- other-transport"),
        (Dccp, 443, "- other-transport"),
        (Tcp, 43_500, "- unassigned"),
        (Tcp, 15, "- unassigned"),
        (Tcp, 2925, "- unassigned"),
    ] {
        let line = port(transport, number);
        assert!(line.contains(&format!("→ 192.0.2.2:{number}/{transport} {expected} ")), "{line}");
    }
    let line = said(&opening(1, 40_000, 2, 49_152)).remove(0);
    assert!(line.contains("→ 192.0.2.2:49152/tcp - dynamic "), "{line}");
}

#[test]
fn the_primary_name_is_the_first_that_is_no_alias() {
    let registry = Registry::bundled();
    let http = registry.port(Tcp, 80);
    assert_eq!(http.service(), Some("http"));
    assert_eq!(http.aliases().collect::<Vec<_>>(), ["www", "www-http"]);
    // `EtherNet/IP-2` is noted as an alias of the name that follows it.
    let industrial = registry.port(Tcp, 44_818);
    assert_eq!(industrial.service(), Some("EtherNet-IP-2"));
    assert_eq!(industrial.aliases().collect::<Vec<_>>(), ["EtherNet/IP-2"]);
}

#[test]
fn a_reserved_transport_names_the_service_of_the_other() {
    let registry = Registry::bundled();
    let traffic = traffic_with(pcap(RAW, &[plain(Udp, 1, 60_000, 2, 3300)]), ReadSettings::default());
    let labelled = traffic.label(&registry);
    let row = labelled.flow(0).expect("one flow");
    assert_eq!(row.label.service(), None);
    assert_eq!(row.label.description().as_deref(), Some("Reserved; registered as ceph for tcp"));
}

#[test]
fn a_service_code_is_looked_up() {
    let registry = Registry::bundled();
    let mut reading = Reading::new(ReadSettings::default());
    reading.read_file(crate::support::sample("dccp.pcap")).expect("a capture");
    let traffic = reading.finish();
    let labelled = traffic.label(&registry);
    let codes: Vec<String> = labelled.rows().filter_map(|row| row.label.service_code()).collect();
    assert!(codes.iter().any(|code| code.contains("registered as ")), "{codes:?}");
}

// ---- What should catch the eye?

/// The flags of the first flow of these packets.
fn flags(packets: &[Vec<u8>]) -> Vec<&'static str> {
    let registry = Registry::bundled();
    let traffic = traffic_with(pcap(RAW, packets), ReadSettings::default());
    let labelled = traffic.label(&registry);
    labelled.flow(0).expect("a flow").label.flags.names().collect()
}

#[test]
fn every_flag_is_met() {
    let open = |port| opening(1, 60_000, 2, port);
    assert_eq!(flags(&open(50_000)), ["dynamic-port"]);
    assert_eq!(flags(&open(43_500)), ["unassigned-port"]);
    assert_eq!(flags(&open(1109)), ["reserved-port"]);
    assert_eq!(flags(&open(585)), ["withdrawn-port"]);
    assert_eq!(flags(&open(9901)), ["other-transport"]);
    assert_eq!(flags(&open(36_412)), ["other-transport"], "reserved, since it is registered for SCTP alone");
    assert_eq!(flags(&open(44_515)), ["unassigned-port", "unauthorized-use"]);
    assert_eq!(flags(&open(44_514)), ["unassigned-port"], "the note names 44515 and 44516 alone");
    assert_eq!(flags(&open(6003)), ["unauthorized-use", "cleartext", "cleartext-login"]);
    assert_eq!(flags(&open(6004)), ["cleartext", "cleartext-login"], "the note names 6003 alone");
    assert_eq!(flags(&open(351)), ["widespread-use"]);
    assert_eq!(flags(&open(23)), ["cleartext", "cleartext-login"]);
    assert_eq!(flags(&open(80)), ["cleartext"]);
    assert_eq!(
        flags(&[plain(Tcp, 1, 3306, 2, 8443)]),
        ["ambiguous-direction", "client-port-registered", "one-way", "mid-stream"]
    );
    let refused = [ipv4(Tcp, 1, 60_000, 2, 443, SYN, 1, 0), ipv4(Tcp, 2, 443, 1, 60_000, RST, 0, 2)];
    assert_eq!(flags(&refused), ["refused"]);
    let datagram = plain(Udp, 1, 60_000, 2, 443);
    assert_eq!(flags(&[datagram.clone(), unreachable(&datagram)]), ["one-way", "refused"]);
}

#[test]
fn one_way_is_said_where_an_answer_was_to_be_expected() {
    let one_way = |a: (u8, u16), b: (u8, u16)| {
        let flags = flags(&[plain(Udp, a.0, a.1, b.0, b.1)]);
        flags.contains(&"one-way")
    };
    assert!(one_way((1, 60_000), (2, 53)));
    for port in [162, 514, 2055, 4739, 4789, 6343, 8125] {
        assert!(!one_way((1, 60_000), (2, port)), "{port}");
    }
    // An exporter's own port, to a collector on one without a service, and to a service.
    assert!(!one_way((1, 514), (2, 5140)));
    assert!(one_way((1, 514), (2, 53)));
    // A directed broadcast is told by the link layer.
    let datagram = plain(Udp, 1, 60_000, 255, 2222);
    let frame = |destination: [u8; 6]| [&destination[..], &[2, 0, 0, 0, 0, 1, 8, 0], &datagram].concat();
    let one_way_in = |frame: Vec<u8>| {
        let registry = Registry::bundled();
        let traffic = traffic_with(pcap(1, &[frame]), ReadSettings::default());
        traffic.label(&registry).flow(0).expect("a flow").label.flags.has(Flag::OneWay)
    };
    assert!(one_way_in(frame([2, 0, 0, 0, 0, 2])));
    assert!(!one_way_in(frame([0xff; 6])));
}

#[test]
fn a_reset_after_the_handshake_is_no_refusal() {
    let mut packets = opening(1, 60_000, 2, 443);
    packets.push(ipv4(Tcp, 2, 443, 1, 60_000, RST, 201, 101));
    assert_eq!(said(&packets), ["192.0.2.1:60000 → 192.0.2.2:443/tcp https registered handshake high RSTR"]);
}

#[test]
fn every_flag_says_what_it_means_for_the_flow() {
    let registry = Registry::bundled();
    let mut packets = opening(1, 20, 2, 44_515);
    packets.extend(opening(1, 60_000, 2, 351));
    let traffic = traffic_with(pcap(RAW, &packets), ReadSettings::default());
    let labelled = traffic.label(&registry);
    let notes: Vec<String> = labelled
        .rows()
        .flat_map(|row| row.label.flag_reasons().map(|reason| reason.to_string()).collect::<Vec<_>>())
        .collect();
    assert_eq!(
        notes,
        [
            "nobody has registered the server's port",
            "the registry notes: Known UNAUTHORIZED USE: Ports 44515 & 44516",
            "the client's port 20 is registered as ftp-data",
            "the registry notes: This entry records an unassigned but widespread use (added 5/21/97)",
        ]
    );
}

// ---- Where does a flow end?

#[test]
fn a_flow_ends_after_the_idle_time_out() {
    let datagram = plain(Udp, 1, 60_000, 2, 53);
    let at = |seconds: &[u32]| {
        let packets: Vec<(u32, &[u8])> = seconds.iter().map(|&second| (second, &datagram[..])).collect();
        said_with(pcap_at(RAW, &packets), ReadSettings::default()).len()
    };
    assert_eq!(at(&[0, 60, 120]), 1, "a gap of exactly the time-out ends nothing");
    assert_eq!(at(&[0, 61]), 2);
    assert_eq!(at(&[100, 0, 50]), 1, "time that runs backwards ends nothing");
    let segment = plain(Tcp, 1, 60_000, 2, 443);
    let at =
        |second| said_with(pcap_at(RAW, &[(0, &segment), (second, &segment)]), ReadSettings::default()).len();
    assert_eq!((at(300), at(301)), (1, 2));
}

#[test]
fn a_new_handshake_on_old_ports_is_a_new_flow() {
    let mut packets = opening(1, 60_000, 2, 443);
    // The same opening sent again is none.
    packets.insert(1, packets[0].clone());
    packets.push(ipv4(Tcp, 1, 60_000, 2, 443, FIN, 101, 201));
    packets.push(ipv4(Tcp, 2, 443, 1, 60_000, FIN, 201, 102));
    packets.push(ipv4(Tcp, 1, 60_000, 2, 443, SYN, 900, 0));
    assert_eq!(
        said(&packets),
        [
            "192.0.2.1:60000 → 192.0.2.2:443/tcp https registered handshake high SF",
            "192.0.2.1:60000 → 192.0.2.2:443/tcp https registered handshake high S0 one-way",
        ]
    );
}

#[test]
fn an_opening_sent_again_after_a_reset_is_another_try() {
    let (syn, reset) = (ipv4(Tcp, 1, 60_000, 2, 443, SYN, 1, 0), ipv4(Tcp, 2, 443, 1, 60_000, RST, 0, 2));
    let lines = said(&[syn.clone(), reset.clone(), syn, reset]);
    assert_eq!(lines, ["192.0.2.1:60000 → 192.0.2.2:443/tcp https registered handshake high REJ refused"; 2]);
}

#[test]
fn vlans_keep_flows_apart_where_that_is_asked() {
    let datagram = plain(Udp, 1, 60_000, 2, 53);
    let tagged = |id: u8| {
        let mut frame = vec![0; 12];
        frame.extend([0x81, 0x00, 0, id, 0x08, 0x00]);
        frame.extend(&datagram);
        frame
    };
    let capture = pcap(1, &[tagged(5), tagged(6), tagged(5)]);
    let around = |separate_vlans| -> Vec<String> {
        let flow = FlowOptions { separate_vlans, ..FlowOptions::default() };
        let traffic = traffic_with(capture.clone(), ReadSettings { flow, ..ReadSettings::default() });
        let registry = Registry::bundled();
        traffic.label(&registry).rows().map(|row| row.vlan()).collect()
    };
    assert_eq!(around(true), ["5", "6"]);
    assert_eq!(around(false), ["5"]);
}

#[test]
fn directions_with_tags_of_their_own_are_one_flow() {
    let tagged = |id: u8, datagram: &[u8]| {
        let mut frame = vec![0; 12];
        if id < 255 {
            frame.extend([0x81, 0x00, 0, id]);
        }
        frame.extend([0x08, 0x00]);
        frame.extend(datagram);
        frame
    };
    let (ask, answer) = (plain(Udp, 1, 60_000, 2, 53), plain(Udp, 2, 53, 1, 60_000));
    let registry = Registry::bundled();
    for (there, back, shown) in [(34, 47, "34>47"), (0, 255, ""), (255, 47, "->47"), (0, 47, "->47")] {
        let capture = pcap(1, &[tagged(there, &ask), tagged(back, &answer)]);
        let traffic = traffic_with(capture, ReadSettings::default());
        let rows: Vec<_> = traffic
            .label(&registry)
            .rows()
            .map(|row| (row.vlan(), row.packets_to_server(), row.packets_to_client()))
            .collect();
        assert_eq!(rows, [(shown.to_owned(), 1, 1)]);
    }
}

// ---- How did it begin and end?

#[test]
fn states_are_zeeks() {
    let c = |flags, sequence, acknowledgment| ipv4(Tcp, 1, 60_000, 2, 443, flags, sequence, acknowledgment);
    let s = |flags, sequence, acknowledgment| ipv4(Tcp, 2, 443, 1, 60_000, flags, sequence, acknowledgment);
    let (syn, answer, ack) = (c(SYN, 100, 0), s(SYN_ACK, 200, 101), c(ACK, 101, 201));
    let (c_fin, s_fin) = (c(FIN, 101, 201), s(FIN, 201, 101));
    let (c_rst, s_rst) = (c(RST, 101, 201), s(RST, 201, 101));
    for (packets, state) in [
        (vec![&syn], State::S0),
        (vec![&syn, &answer, &ack], State::S1),
        (vec![&syn, &answer, &ack, &c_fin, &s_fin], State::Sf),
        (vec![&syn, &s_rst], State::Rej),
        (vec![&syn, &answer, &ack, &c_fin], State::S2),
        (vec![&syn, &answer, &ack, &s_fin], State::S3),
        (vec![&syn, &answer, &ack, &c_rst], State::Rsto),
        (vec![&syn, &answer, &ack, &s_rst], State::Rstr),
        (vec![&syn, &c_rst], State::Rstos0),
        (vec![&answer, &s_rst], State::Rstrh),
        (vec![&syn, &c_fin], State::Sh),
        (vec![&answer, &s_fin], State::Shr),
        (vec![&ack], State::Oth),
        // A reset behind two closes, the first of two resets, an opening that was not captured.
        (vec![&syn, &answer, &ack, &c_fin, &s_fin, &s_rst], State::Sf),
        (vec![&syn, &answer, &ack, &c_rst, &s_rst], State::Rsto),
        (vec![&syn, &answer, &ack, &s_rst, &c_rst], State::Rstr),
        (vec![&answer, &ack], State::S1),
    ] {
        let packets: Vec<Vec<u8>> = packets.into_iter().cloned().collect();
        let registry = Registry::bundled();
        let traffic = traffic_with(pcap(RAW, &packets), ReadSettings::default());
        let labelled = traffic.label(&registry);
        let row = labelled.flow(0).expect("a flow");
        assert_eq!((row.label.state, labelled.rows().count()), (state, 1));
    }
}

// ---- Captures that begin in the middle

#[test]
fn a_sample_cut_in_the_middle_keeps_its_labels_and_loses_its_certainty() {
    let registry = Registry::bundled();
    for name in ["http.pcap", "https.pcap", "ssh.pcap", "postgresql.pcap", "redis.pcap"] {
        let whole = std::fs::read(crate::support::sample(name)).expect("a sample");
        let label = |capture: Vec<u8>| {
            // Payload would say who asks.
            let flow = FlowOptions { payload: false, ..FlowOptions::default() };
            let traffic = traffic_with(capture, ReadSettings { flow, ..ReadSettings::default() });
            let labelled = traffic.label(&registry);
            labelled
                .rows()
                .map(|row| {
                    let label = row.label;
                    (row.server(), label.service().map(str::to_owned), label.direction, label.flags)
                })
                .collect::<Vec<_>>()
        };
        let truth = label(whole.clone());
        // Every packet in turn is the first.
        let mut at = 24;
        while at < whole.len() {
            let mut cut = whole[..24].to_vec();
            cut.extend(&whole[at..]);
            for (server, service, direction, flags) in label(cut) {
                assert!(
                    truth.iter().any(|known| (known.0, &known.1) == (server, &service)),
                    "{name} from byte {at}"
                );
                let opened = !flags.has(Flag::MidStream);
                assert_eq!(
                    opened,
                    direction.confidence == portscribe::flow::Confidence::High,
                    "{name} from {at}"
                );
            }
            let length = u32::from_le_bytes(whole[at + 8..at + 12].try_into().expect("four bytes"));
            at += 16 + length as usize;
        }
    }
}
