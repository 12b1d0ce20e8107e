//! A flow table is a monoid: cutting the packets anywhere, folding the parts apart and merging
//! them gives the flows of the whole.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::Random;
use crate::support::made::{ACK, Made, SYN, SYN_ACK};
use portscribe::Transport;
use portscribe::capture::{CaptureReader, LinkType, Packet, Timestamp};
use portscribe::decode::Decoder;
use portscribe::evidence::{NameSources, Signs};
use portscribe::flow::{FlowOptions, FlowTable, LayerChoice, ProtocolChoice, Side, Spill, State};

/// A packet kept for several passes.
struct Kept {
    time: Option<Timestamp>,
    link_type: Option<LinkType>,
    interface: Option<u32>,
    bytes: Vec<u8>,
}

fn packets_of(capture: &Path) -> Vec<Kept> {
    let mut packets = Vec::new();
    if let Ok(mut reader) = CaptureReader::open(capture) {
        while let Ok(Some(packet)) = reader.next() {
            packets.push(Kept {
                time: packet.time,
                link_type: packet.link_type,
                interface: None,
                bytes: packet.bytes.to_vec(),
            });
        }
    }
    packets
}

fn fold(mut table: FlowTable, packets: &[Kept]) -> FlowTable {
    let mut decoder = Decoder::new();
    for packet in packets {
        let layers = decoder.decode(packet.link_type, &packet.bytes);
        let packet = Packet::new(1, packet.link_type, &packet.bytes)
            .with_time(packet.time)
            .with_interface(packet.interface);
        table.fold(&packet, layers);
    }
    table
}

/// Everything that a table says of its flows and packets.
fn said(table: &FlowTable) -> Vec<String> {
    let mut lines: Vec<String> = table
        .flows()
        .map(|flow| {
            format!(
                "{} {:?} {:?} {}/{}/{} first {} of {} {:?} {:?} {:?} packets {:?} bytes {:?} opened {:?} states {:?} refused {:?} code {:?} \
                 before reply {:?} prohibited, confirmed {:?} signs {:?} icmp {:?}",
                flow.protocol(),
                flow.end(Side::First),
                flow.end(Side::Second),
                table.contexts().interfaces(flow.context_of(Side::First), flow.context_of(Side::Second)).raw(),
                table.contexts().vlan(flow.context_of(Side::First), flow.context_of(Side::Second)),
                table.contexts().tunnel(flow.context_of(Side::First), flow.context_of(Side::Second)),
                flow.first_packet(),
                flow.connection(),
                flow.opened_before_by(),
                flow.first_seen(),
                flow.last_seen(),
                Side::BOTH.map(|side| flow.packets(side)),
                Side::BOTH.map(|side| flow.bytes(side)),
                flow.opened_by(),
                Side::BOTH.map(|side| State::of(flow, side)),
                Side::BOTH.map(|side| flow.is_refused(side)),
                flow.service_code(),
                Side::BOTH.map(|side| flow.packets_before_reply(side)),
                Side::BOTH.map(|side| (flow.is_prohibited(side), flow.has_confirmed(side))),
                Side::BOTH.map(|side| flow.signs(side)),
                Side::BOTH.map(|side| flow.icmp(side)),
            )
        })
        .collect();
    let announced: BTreeMap<_, _> = table.announced().by_flow(table.flows()).into_iter().collect();
    lines.push(format!("{announced:?}"));
    lines.push(format!("{:?}", table.counters()));
    lines
}

fn hold_for(name: &str, packets: &[Kept], options: &FlowOptions, cuts: &[usize]) {
    let whole = said(&fold(FlowTable::new(options.clone()), packets));
    let mut merged = FlowTable::new(options.clone());
    let mut start = 0;
    for &end in cuts.iter().chain([&packets.len()]) {
        merged.merge(fold(FlowTable::following(options.clone()), &packets[start..end]));
        start = end;
    }
    assert_eq!(said(&merged), whole, "{name} cut at {cuts:?} of {}", packets.len());
    // The last parts are merged first.
    let mut end = packets.len();
    let mut merged = FlowTable::following(options.clone());
    for &start in cuts.iter().rev() {
        let mut before = fold(FlowTable::following(options.clone()), &packets[start..end]);
        before.merge(merged);
        merged = before;
        end = start;
    }
    let mut first = fold(FlowTable::new(options.clone()), &packets[..end]);
    first.merge(merged);
    assert_eq!(said(&first), whole, "{name} cut at {cuts:?} of {}, last parts first", packets.len());
}

fn cuts(random: &mut Random, packets: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> =
        (0..=random.below(4)).map(|_| random.below(packets as u64 + 1) as usize).collect();
    cuts.sort_unstable();
    cuts
}

#[test]
fn merged_parts_of_every_capture_are_the_whole() {
    let mut captures = crate::support::sample_captures();
    if let Some(shared) = crate::support::shared() {
        captures.extend(crate::support::captures_below(&shared.join("captures")));
    }
    let mut random = Random(1);
    for capture in captures {
        let packets = packets_of(&capture);
        for (layers, protocols) in [
            (LayerChoice::Inner, ProtocolChoice::Ports),
            (LayerChoice::All, ProtocolChoice::Ports),
            (LayerChoice::Inner, ProtocolChoice::All),
            (LayerChoice::All, ProtocolChoice::All),
        ] {
            let options = FlowOptions { layers, protocols, ..FlowOptions::default() };
            for _ in 0..3 {
                let cuts = cuts(&mut random, packets.len());
                hold_for(&capture.display().to_string(), &packets, &options, &cuts);
            }
        }
    }
}

/// Tables that are written out and read again are what they were, with names of hosts, fragments and all counters.
#[test]
fn tables_of_every_capture_are_restored_as_they_were_written_out() {
    let mut captures = crate::support::sample_captures();
    if let Some(shared) = crate::support::shared() {
        captures.extend(crate::support::captures_below(&shared.join("captures/zeek/testing/btest/Traces")));
    }
    let options = FlowOptions {
        layers: LayerChoice::All,
        protocols: ProtocolChoice::All,
        names: NameSources::OF_CAPTURES,
        ..FlowOptions::default()
    };
    let mut random = Random(7);
    let mut names = 0;
    for capture in captures {
        let packets = packets_of(&capture);
        let whole = fold(FlowTable::new(options.clone()), &packets);
        let at = random.below(packets.len() as u64 + 1) as usize;
        let [first, last] = [&packets[..at], &packets[at..]].map(|part| {
            let written = fold(FlowTable::following(options.clone()), part).write_out();
            let restored =
                FlowTable::restored(options.clone(), written.clone()).expect("the state of a table");
            assert_eq!(restored.write_out(), written, "{} cut at {at}", capture.display());
            names += written.names.map_or(0, |names| names.len());
            restored
        });
        let mut merged = FlowTable::new(options.clone());
        merged.merge(first);
        merged.merge(last);
        assert_eq!(said(&merged), said(&whole), "{} cut at {at}", capture.display());
    }
    assert!(names > 50, "{names}");
}

/// Few addresses, few ports, many openings, resets, quotes and gaps: every rule about where flows
/// end meets every other, and all cuts are tried.
#[test]
fn merged_parts_of_random_traffic_are_the_whole() {
    let mut random = Random(6);
    let mut shown = Random(4);
    for round in 0..3000 {
        let mut time = 0;
        let packets: Vec<Kept> = (0..24)
            .map(|_| {
                time += [0, 1_000_000_000, 59_000_000_000, 61_000_000_000, 301_000_000_000, -5_000_000_000]
                    [random.below(6) as usize];
                let transport = [Transport::Tcp, Transport::Tcp, Transport::Udp][random.below(3) as usize];
                let (a, b) = if random.below(2) == 0 { (1, 2) } else { (2, 1) };
                let flags = [0x02, 0x12, 0x10, 0x11, 0x04, 0x18, 0x14][random.below(7) as usize];
                let number = random.below(2) as u32;
                let mut bytes =
                    crate::support::packet::ipv4(transport, a, 1000, b, 1000, flags, number, number + 1);
                if random.below(6) == 0 {
                    bytes = crate::support::packet::unreachable_by([3, 13][random.below(2) as usize], &bytes);
                }
                let time = (random.below(12) > 0).then(|| Timestamp::from_nanoseconds(time));
                let interface = [None, Some(0), Some(1)][shown.below(3) as usize];
                // Some in a frame with a VLAN tag.
                let (link_type, bytes) = match shown.below(3) {
                    0 => {
                        let tag = [0x81, 0, 0, shown.below(2) as u8 + 1, 8, 0];
                        (LinkType::ETHERNET, [&[2; 12][..], &tag, &bytes].concat())
                    }
                    _ => (LinkType::RAW, bytes),
                };
                Kept { time, link_type: Some(link_type), interface, bytes }
            })
            .collect();
        for cut in 0..=packets.len() {
            hold_for(&format!("round {round}"), &packets, &FlowOptions::default(), &[cut]);
        }
        let cuts = cuts(&mut shown, packets.len());
        hold_for(&format!("round {round}"), &packets, &FlowOptions::default(), &cuts);
    }
}

/// Questions, answers and errors of ICMP with several codes between two ends, and fragments of them.
#[test]
fn merged_parts_of_random_messages_are_the_whole() {
    let options = FlowOptions { protocols: ProtocolChoice::All, ..FlowOptions::default() };
    let mut random = Random(4);
    let mut flows = 0;
    for round in 0..300 {
        let mut time = 0;
        let packets: Vec<Kept> = (0..20)
            .map(|_| {
                time += [0, 1_000_000_000, 61_000_000_000][usize::from(random.below(8) == 0) * 2];
                let kind = [0, 8, 8, 3, 13, 14][random.below(6) as usize];
                let (a, b) = if random.below(2) == 0 { (1, 2) } else { (2, 1) };
                let mut bytes = crate::support::packet::icmp(a, b, kind, random.below(3) as u8);
                match random.below(5) {
                    // The first fragment of a datagram, and a later one.
                    0 => bytes[6] = 0x20,
                    1 => bytes[7] = 1,
                    _ => {}
                }
                Kept {
                    time: Some(Timestamp::from_nanoseconds(time)),
                    link_type: Some(LinkType::RAW),
                    bytes,
                    interface: None,
                }
            })
            .collect();
        for cut in 0..=packets.len() {
            hold_for(&format!("round {round}"), &packets, &options, &[cut]);
        }
        flows += fold(FlowTable::new(options.clone()), &packets).len();
    }
    assert!(flows > 1500, "{flows}");
}

/// Two ends, few words, many of them beyond the first packets: which of them count, and whose data
/// connections they announce, is the same for every cut.
#[test]
fn merged_parts_of_random_payload_are_the_whole() {
    const WORDS: [&[u8]; 8] = [
        b"",
        b"x",
        b"220 ready\r\n",
        b"USER me\r\n",
        b"AUTH TLS\r\n",
        b"PORT 192,0,2,1,10,0\r\n",
        b"227 (192,0,2,2,20,0)\r\n",
        b"GET / HTTP/1.1\r\n",
    ];
    let options = FlowOptions { ..FlowOptions::default() };
    let mut random = Random(3);
    let mut announced = 0;
    for round in 0..300 {
        let mut time = 0;
        let packets: Vec<Kept> = (0..20)
            .map(|_| {
                time += [0, 1_000_000_000, 301_000_000_000][usize::from(random.below(8) == 0) * 2];
                let mut made = Made::default();
                let (from, to) =
                    [(("192.0.2.1", 1000), ("192.0.2.2", 21)), (("192.0.2.2", 21), ("192.0.2.1", 1000))]
                        [random.below(2) as usize];
                let flags = if random.below(8) == 0 { SYN } else { ACK };
                made.tcp(0, from, to, flags, WORDS[random.below(WORDS.len() as u64) as usize]);
                let bytes = made.0.remove(0).1;
                Kept {
                    time: Some(Timestamp::from_nanoseconds(time)),
                    link_type: Some(LinkType::RAW),
                    interface: None,
                    bytes,
                }
            })
            .collect();
        for cut in 0..=packets.len() {
            hold_for(&format!("round {round}"), &packets, &options, &[cut]);
        }
        let table = fold(FlowTable::new(options.clone()), &packets);
        announced += table.announced().by_flow(table.flows()).len();
    }
    assert!(announced > 300, "{announced}");
}

/// A segment of one of two ends.
fn segment(from_client: bool, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut ends = [("192.0.2.1", 1000), ("192.0.2.2", 4444)];
    if !from_client {
        ends.reverse();
    }
    let numbers = [sequence, 0].map(u32::to_be_bytes).concat();
    let mut made = Made::default();
    made.add(0, Transport::Tcp, ends, &[&numbers, &[0x50, flags, 0, 0, 0, 0, 0, 0][..], payload].concat());
    made.0.remove(0).1
}

/// What the sides of flows show, when tables are written out and read again behind each of these packets.
fn shown_in_parts(packets: &[Kept], options: &FlowOptions, cuts: &[usize]) -> Vec<(u64, [Signs; 2])> {
    let mut merged = FlowTable::new(options.clone());
    let mut start = 0;
    for &end in cuts.iter().chain([&packets.len()]) {
        let written = fold(FlowTable::following(options.clone()), &packets[start..end]).write_out();
        merged.merge(FlowTable::restored(options.clone(), written).expect("the state of a table"));
        start = end;
    }
    merged.flows().map(|flow| (flow.first_packet(), Side::BOTH.map(|side| flow.signs(side)))).collect()
}

/// The shown signs again, where all flows are put into files behind each of these packets.
fn shown_from_files(packets: &[Kept], options: &FlowOptions, cuts: &[usize]) -> Vec<(u64, [Signs; 2])> {
    let mut spill = Spill::new(1).expect("files");
    let mut table = FlowTable::new(options.clone());
    let mut start = 0;
    for &end in cuts.iter().chain([&packets.len()]) {
        table = fold(table, &packets[start..end]);
        spill.take_from(&mut table).expect("room");
        start = end;
    }
    let sorted = spill.finish(&mut table).expect("files");
    let flows = sorted.flows().map(|flow| flow.expect("a flow"));
    flows.map(|flow| (flow.first_packet(), Side::BOTH.map(|side| flow.signs(side)))).collect()
}

/// Two streams in pieces that come in any order, again, and with openings between them.
#[test]
fn merged_parts_of_streams_in_small_segments_are_the_whole() {
    const STREAMS: [&[u8]; 3] = [
        b"GET / HTTP/1.1\r\nHost: a.example, and a header that is much longer than all that is small here\r\n\r\n",
        b"220 mail.example.com ESMTP, and a banner that is much longer than all that is small here\r\n",
        b"\x16\x03\x01\0\x05\x01\0\0\x01\x03AUTH TLS\r\n.............................................................",
    ];
    let options = FlowOptions::default();
    let mut random = Random(5);
    let mut recognised = 0;
    for round in 0..400 {
        let mut time = 0;
        let streams = [0, 1].map(|_| STREAMS[random.below(3) as usize]);
        let mut next = [0, 0];
        let packets: Vec<Kept> = (0..12)
            .map(|_| {
                time += [0, 1_000_000_000, 301_000_000_000][usize::from(random.below(10) == 0) * 2];
                let side = random.below(2) as usize;
                let stream = streams[side];
                let begin = if random.below(3) == 0 { random.below(6) as usize } else { next[side] };
                let end = stream.len().min(begin + [0, 1, 2, 3, 9, 80][random.below(6) as usize]);
                next[side] = if end == stream.len() { 0 } else { end };
                let flags = if random.below(9) == 0 { [SYN, SYN_ACK][side] } else { ACK };
                Kept {
                    time: Some(Timestamp::from_nanoseconds(time)),
                    link_type: Some(LinkType::RAW),
                    interface: None,
                    bytes: segment(side == 0, (begin as u32).wrapping_sub(2), flags, &stream[begin..end]),
                }
            })
            .collect();
        let whole = fold(FlowTable::new(options.clone()), &packets);
        let shown: Vec<(u64, [Signs; 2])> = whole
            .flows()
            .map(|flow| (flow.first_packet(), Side::BOTH.map(|side| flow.signs(side))))
            .collect();
        recognised += whole.flows().filter(|flow| flow.observed(Side::Second).is_some()).count();
        for cut in 0..=packets.len() {
            let mut cuts = vec![cut, random.below(packets.len() as u64 + 1) as usize];
            cuts.sort_unstable();
            hold_for(&format!("round {round}"), &packets, &options, &cuts);
            assert_eq!(shown_in_parts(&packets, &options, &cuts), shown, "round {round} written at {cuts:?}");
            if round % 16 == 0 {
                assert_eq!(
                    shown_from_files(&packets, &options, &cuts),
                    shown,
                    "round {round} files at {cuts:?}"
                );
            }
        }
    }
    assert!(recognised > 400, "{recognised}");
}

#[test]
fn merging_an_empty_part_changes_nothing() {
    let packets = packets_of(&crate::support::sample("http.pcap"));
    hold_for("http.pcap", &packets, &FlowOptions::default(), &[0]);
    hold_for("http.pcap", &packets, &FlowOptions::default(), &[packets.len()]);
}
