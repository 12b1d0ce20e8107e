//! Flows of protocols without ports: what makes packets one flow, which end has the place of the server,
//! what Zeek and the Community ID make of them.

use std::collections::HashMap;

use portscribe::capture::CaptureReader;
use portscribe::flow::{FlowOptions, LayerChoice, ProtocolChoice, community_id};
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

use crate::support::packet::{icmp, ip, pcap, unreachable, unreachable_by};

/// Every flow in a line: client, server, protocol with the ICMP message, what decided, state, packets to the
/// server and to the client, flags.
fn flows_with(options: FlowOptions, packets: &[Vec<u8>]) -> Vec<String> {
    let file = pcap(101, packets);
    let reader = CaptureReader::from_stream("made.pcap", std::io::Cursor::new(file)).expect("a capture");
    let mut reading = Reading::new(ReadSettings { flow: options, ..ReadSettings::default() });
    reading.read(reader, |_| {}).expect("a whole capture");
    let traffic = reading.finish();
    let (counters, registry) = (traffic.counters(), Registry::bundled());
    let labelled = traffic.label(&registry);
    let mut in_flows = 0;
    let lines = labelled
        .rows()
        .map(|row| {
            let label = &row.label;
            in_flows += row.packets_to_server() + row.packets_to_client();
            let mut line = format!("{} > {} {}", row.client(), row.server(), row.flow.protocol());
            if let Some(message) = row.icmp() {
                let code = message.code.map_or("?".to_owned(), |code| code.to_string());
                line = format!("{line} {}/{code} {message}", message.kind);
            }
            let (up, down) = (row.packets_to_server(), row.packets_to_client());
            line = format!("{line} {} {} {up}+{down}", label.direction, label.state);
            if !row.tunnel().is_empty() {
                line = format!("{line} in {}", row.tunnel());
            }
            label.flags.iter().fold(line, |line, flag| format!("{line} {flag}"))
        })
        .collect();
    if row_sums_hold(&traffic.settings().flow) {
        assert_eq!(in_flows + counters.uncounted(), counters.read());
    }
    lines
}

/// With all layers a packet is in several flows.
fn row_sums_hold(options: &FlowOptions) -> bool {
    options.layers != LayerChoice::All
}

fn all() -> FlowOptions {
    FlowOptions { protocols: ProtocolChoice::All, ..FlowOptions::default() }
}

fn flows(packets: &[Vec<u8>]) -> Vec<String> {
    flows_with(all(), packets)
}

fn v4(source: &str, destination: &str, protocol: u8, payload: &[u8]) -> Vec<u8> {
    ip(source.parse().expect("an address"), destination.parse().expect("an address"), protocol, payload)
}

#[test]
fn a_question_and_its_answer_are_one_flow_whoever_comes_first() {
    for packets in [[icmp(1, 2, 8, 0), icmp(2, 1, 0, 0)], [icmp(2, 1, 0, 0), icmp(1, 2, 8, 0)]] {
        assert_eq!(
            flows(&packets),
            ["192.0.2.1 > 192.0.2.2 icmp 8/0 echo-request by icmp-type, high OTH 1+1"]
        );
    }
    // Who asks back is the client of another flow.
    assert_eq!(
        flows(&[icmp(1, 2, 8, 0), icmp(2, 1, 8, 0), icmp(1, 2, 0, 0)]),
        [
            "192.0.2.1 > 192.0.2.2 icmp 8/0 echo-request by icmp-type, high OTH 1+0 one-way",
            "192.0.2.2 > 192.0.2.1 icmp 8/0 echo-request by icmp-type, high OTH 1+1"
        ]
    );
}

#[test]
fn an_answer_alone_is_shown_as_what_was_captured() {
    assert_eq!(
        flows(&[icmp(2, 1, 0, 0)]),
        ["192.0.2.1 > 192.0.2.2 icmp 0/0 echo-reply by icmp-type, high OTH 0+1 one-way"]
    );
}

#[test]
fn codes_are_those_of_each_side_and_of_the_first_message() {
    assert_eq!(
        flows(&[icmp(2, 1, 0, 5), icmp(1, 2, 8, 9), icmp(1, 2, 8, 7)]),
        ["192.0.2.1 > 192.0.2.2 icmp 8/9 echo-request by icmp-type, high OTH 2+1"]
    );
}

#[test]
fn messages_without_an_answer_are_flows_of_one_direction_each_with_its_code() {
    // Type 1 with code 3 and type 3 with code 1 of ICMPv6 are not two sides of one.
    let message = |a: &str, b: &str, kind, code| v4(a, b, 58, &[kind, code, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        flows(&[
            message("2001:db8::1", "2001:db8::2", 3, 1),
            message("2001:db8::2", "2001:db8::1", 1, 3),
            message("2001:db8::1", "2001:db8::2", 3, 0),
            message("2001:db8::2", "2001:db8::1", 3, 1),
            message("2001:db8::1", "2001:db8::2", 3, 1),
        ]),
        [
            "2001:db8::1 > 2001:db8::2 icmpv6 3/1 time-exceeded by first-packet, low OTH 2+0",
            "2001:db8::2 > 2001:db8::1 icmpv6 1/3 destination-unreachable by first-packet, low OTH 1+0",
            "2001:db8::1 > 2001:db8::2 icmpv6 3/0 time-exceeded by first-packet, low OTH 1+0",
            "2001:db8::2 > 2001:db8::1 icmpv6 3/1 time-exceeded by first-packet, low OTH 1+0",
        ]
    );
}

#[test]
fn an_advertisement_without_a_question_is_its_senders() {
    let message = |a: &str, b: &str, kind| v4(a, b, 58, &[kind, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        flows(&[
            message("fe80::1", "ff02::1", 134),
            message("fe80::2", "ff02::1:ff00:3", 135),
            message("fe80::3", "fe80::2", 136),
            message("fe80::2", "fe80::4", 135),
            message("fe80::4", "fe80::2", 136),
        ]),
        [
            "fe80::1 > ff02::1 icmpv6 134/0 nd-router-advert by multicast, high OTH 1+0",
            "fe80::2 > ff02::1:ff00:3 icmpv6 135/0 nd-neighbor-solicit by multicast, high OTH 1+0",
            "fe80::3 > fe80::2 icmpv6 136/0 nd-neighbor-advert by first-packet, low OTH 1+0",
            "fe80::2 > fe80::4 icmpv6 135/0 nd-neighbor-solicit by icmp-type, high OTH 1+1",
        ]
    );
}

#[test]
fn of_other_protocols_no_end_is_the_server_but_a_group() {
    assert_eq!(
        flows(&[
            v4("192.0.2.2", "192.0.2.1", 50, &[1; 24]),
            v4("192.0.2.1", "192.0.2.2", 50, &[1; 24]),
            v4("192.0.2.1", "224.0.0.5", 89, &[2; 24]),
            v4("192.0.2.1", "224.0.0.18", 112, &[2; 8]),
            v4("192.0.2.1", "192.0.2.2", 89, &[2; 24]),
            v4("192.0.2.1", "192.0.2.2", 253, &[]),
        ]),
        [
            "192.0.2.2 > 192.0.2.1 esp by first-packet, low OTH 1+1",
            "192.0.2.1 > 224.0.0.5 ospf by multicast, high OTH 1+0",
            "192.0.2.1 > 224.0.0.18 vrrp by multicast, high OTH 1+0",
            "192.0.2.1 > 192.0.2.2 ospf by first-packet, low OTH 1+0",
            "192.0.2.1 > 192.0.2.2 protocol-253 by first-packet, low OTH 1+0",
        ]
    );
}

#[test]
fn an_error_is_a_flow_and_still_tells_of_the_flow_that_it_quotes() {
    let question = v4("192.0.2.1", "192.0.2.2", 17, &[0x80, 0, 0, 53, 0, 8, 0, 0]);
    let packets = [question.clone(), unreachable(&question)];
    let error = "192.0.2.254 > 192.0.2.1 icmp 3/3 destination-unreachable by first-packet, low OTH 1+0";
    let quoted = "192.0.2.1:32768 > 192.0.2.2:53 udp by ephemeral, medium S0 1+0 client-port-registered \
                  cleartext one-way refused";
    assert_eq!(flows(&packets), [quoted, error]);
    assert_eq!(flows_with(FlowOptions::default(), &packets), [quoted]);
}

#[test]
fn the_layers_choose_among_all_protocols() {
    let ping = icmp(1, 2, 8, 0);
    let vxlan = |inner: &[u8]| {
        let frame = [&[2; 12][..], &[8, 0], inner].concat();
        let length = (16 + frame.len() as u16).to_be_bytes();
        let header = [0xc3, 0x50, 0x12, 0xb5, length[0], length[1], 0, 0, 8, 0, 0, 0, 0, 0, 42, 0];
        v4("198.51.100.1", "198.51.100.2", 17, &[&header[..], &frame].concat())
    };
    let packets =
        [vxlan(&ping), v4("198.51.100.1", "198.51.100.2", 47, &[&[0, 0, 8, 0][..], &ping].concat())];
    let with = |layers| flows_with(FlowOptions { layers, ..all() }, &packets);
    let inner = |tunnel: &str| {
        format!("192.0.2.1 > 192.0.2.2 icmp 8/0 echo-request by icmp-type, high OTH 1+0 in {tunnel} one-way")
    };
    let outer = "198.51.100.1:50000 > 198.51.100.2:4789 udp by payload, high S0 1+0 cleartext";
    assert_eq!(with(LayerChoice::Inner), [inner("vxlan:42"), inner("gre:0")]);
    assert_eq!(with(LayerChoice::Outer), [outer.to_owned(), inner("gre:0")]);
    assert_eq!(with(LayerChoice::All), [outer.to_owned(), inner("vxlan:42"), inner("gre:0")]);
}

#[test]
fn fragments_belong_to_the_message_that_begins_them() {
    let mut head = icmp(1, 2, 8, 0);
    head[6] = 0x20;
    let mut later = v4("192.0.2.1", "192.0.2.2", 1, &[0xff; 40]);
    later[7] = 1;
    for packets in [[head.clone(), later.clone()], [later.clone(), head.clone()]] {
        assert_eq!(
            flows(&packets),
            ["192.0.2.1 > 192.0.2.2 icmp 8/0 echo-request by icmp-type, high OTH 2+0 one-way tiny-fragments"]
        );
    }
    assert_eq!(flows_with(FlowOptions::default(), &[head, later]), Vec::<String>::new());
}

/// The baseline that the specification publishes with its reference implementation (corelight/community-id-spec,
/// `baseline/baseline_deflt.json`): all that it has of protocols without ports.
#[test]
fn community_ids_are_those_of_the_published_examples() {
    let id = |packet: Vec<u8>| {
        let mut reading = Reading::new(ReadSettings { flow: all(), ..ReadSettings::default() });
        let file = pcap(101, &[packet]);
        let reader = CaptureReader::from_stream("made.pcap", std::io::Cursor::new(file)).expect("a capture");
        reading.read(reader, |_| {}).expect("a whole capture");
        let flow = *reading.finish().table().flow(0).expect("a flow");
        community_id(&flow)
    };
    let message =
        |a: &str, b: &str, protocol, kind, code| v4(a, b, protocol, &[kind, code, 0, 0, 0, 0, 0, 0]);
    let (a, b) = ("fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea");
    let (c, d) = ("3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2");
    for (source, destination, protocol, (kind, code), expected) in [
        (a, b, 58, (135, 0), "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="),
        (b, a, 58, (136, 0), "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="),
        (b, a, 58, (135, 0), "1:zavyT/cezQr1fmImYCwYnMXbgck="),
        (a, b, 58, (136, 0), "1:zavyT/cezQr1fmImYCwYnMXbgck="),
        ("3ffe:501:1800:2345::2", c, 58, (3, 0), "1:2ObVBgIn28oZvibYZhZMBgh7WdQ="),
        ("3ffe:501:410:0:2c0:dfff:fe47:33e", c, 58, (1, 4), "1:hLZd0XGWojozrvxqE0dWB1iM6R0="),
        (c, d, 58, (128, 0), "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="),
        (d, c, 58, (129, 0), "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="),
        (a, "ff02::2", 58, (133, 0), "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="),
        (b, "ff02::1", 58, (134, 0), "1:pkvHqCL88/tg1k4cPigmZXUtL00="),
        ("192.168.0.89", "192.168.0.1", 1, (8, 0), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
        ("192.168.0.1", "192.168.0.89", 1, (0, 0), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
        ("10.0.0.1", "10.0.0.2", 1, (11, 0), "1:YHxtAirCG//0OzkcVAukqKQN9xM="),
        ("10.1.12.1", "10.1.12.2", 46, (0x10, 1), "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="),
        ("10.1.12.2", "10.1.12.1", 46, (0x10, 1), "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="),
    ] {
        let found = id(message(source, destination, protocol, kind, code));
        assert_eq!(found.as_deref(), Some(expected), "{source} {destination} {kind}");
    }
    assert_eq!(id(message("192.0.2.1", "192.0.2.2", 58, 128, 0)), None);
}

/// Zeek's test suite expects connections of ICMP: those outside tunnels are the flows of ICMP, with the same
/// end that sent first and the same type, all 27; 25 of them have the same counts. In two captures of Teredo the answer comes back through a relay on
/// a port that is none of Teredo's; Zeek follows the tunnel there.
#[test]
fn flows_of_icmp_are_the_connections_that_zeek_expects() {
    type Row = HashMap<String, String>;
    let Some(shared) = crate::support::shared() else { return };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .from_path(shared.join("oracle/zeek-conn.tsv"))
        .expect("Zeek's connections");
    let (mut all, mut found, mut counts) = (0, 0, 0);
    let mut others = Vec::new();
    for row in reader.deserialize::<Row>() {
        let row = row.expect("a row");
        if row["proto"] != "icmp" {
            continue;
        }
        let path = shared.join("captures/zeek").join(&row["capture"]).display().to_string();
        let flows = crate::support::rows(&crate::support::portscribe([
            "flows",
            "--protocols",
            "all",
            "--layers",
            "all",
            "-f",
            "csv",
            "-q",
            &path,
        ]));
        all += 1;
        let ends = [&row["orig_h"], &row["resp_h"]];
        let same: Vec<&Row> = flows
            .iter()
            .filter(|flow| flow["protocol"].starts_with("icmp"))
            .filter(|flow| ends == [&flow["client_address"], &flow["server_address"]])
            .filter(|flow| flow["icmp_type"] == row["orig_p"])
            .collect();
        found += usize::from(!same.is_empty());
        let sizes = ["orig_pkts", "resp_pkts", "orig_ip_bytes", "resp_ip_bytes"].map(|key| &row[key]);
        let is_same = same.iter().any(|flow| {
            ["packets_to_server", "packets_to_client", "bytes_to_server", "bytes_to_client"]
                .map(|key| &flow[key])
                == sizes
        });
        counts += usize::from(is_same);
        if !is_same {
            others.push(format!("{row:?}\n   {same:?}"));
        }
    }
    assert_eq!((all, found, counts), (27, 27, 25), "not the same: {others:#?}");
}

#[test]
fn an_error_refuses_the_flow_whose_packet_it_quotes() {
    let error = |code: u8, packet: &[u8]| unreachable_by(code, packet);
    let esp = v4("192.0.2.1", "192.0.2.2", 50, &[1; 24]);
    let gre = v4("192.0.2.1", "192.0.2.3", 47, &[0, 0, 0x12, 0x34, 1, 2, 3, 4]);
    let ping = icmp(1, 4, 8, 0);
    let answered = icmp(1, 5, 8, 0);
    let packets = [
        esp.clone(),
        // Protocol unreachable, and cut after eight octets as RFC 792 asks for.
        error(2, &esp[..28]),
        gre.clone(),
        error(13, &gre),
        ping.clone(),
        error(1, &ping),
        answered.clone(),
        icmp(5, 1, 0, 0),
        error(1, &answered),
        // Of a flow that was not captured.
        error(2, &v4("192.0.2.1", "192.0.2.6", 51, &[50, 4, 0, 0])),
    ];
    let errors = [
        "192.0.2.254 > 192.0.2.1 icmp 3/2 destination-unreachable by first-packet, low OTH 2+0",
        "192.0.2.254 > 192.0.2.1 icmp 3/13 destination-unreachable by first-packet, low OTH 1+0",
        "192.0.2.254 > 192.0.2.1 icmp 3/1 destination-unreachable by first-packet, low OTH 2+0",
    ];
    assert_eq!(
        flows(&packets),
        [
            "192.0.2.1 > 192.0.2.2 esp by first-packet, low OTH 1+0 refused",
            errors[0],
            "192.0.2.1 > 192.0.2.3 gre by first-packet, low OTH 1+0 refused",
            errors[1],
            "192.0.2.1 > 192.0.2.4 icmp 8/0 echo-request by icmp-type, high OTH 1+0 one-way refused",
            errors[2],
            "192.0.2.1 > 192.0.2.5 icmp 8/0 echo-request by icmp-type, high OTH 1+1",
        ]
    );
    // Who does not ask for these protocols has none of their flows.
    assert_eq!(flows_with(FlowOptions::default(), &packets), Vec::<String>::new());
}
