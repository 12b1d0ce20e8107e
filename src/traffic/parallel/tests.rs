//! The result is the same for every cut of a capture into pieces.

use std::collections::BTreeMap;
use std::path::Path;

use crate::capture::CaptureReader;
use crate::evidence::NameSources;
use crate::flow::FlowOptions;
use crate::registry::Registry;
use crate::traffic::{AnyTraffic, FoldWithin, ReadSettings, Reading};

#[path = "../../../tests/support/captures.rs"]
mod captures;
#[allow(dead_code, clippy::pedantic, clippy::unwrap_used, reason = "a program of its own")]
#[path = "../../../benches/make-capture.rs"]
mod make_capture;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/support/packet.rs"]
mod packet;

use captures::{captures_below, sample_captures, shared};

/// Everything that a result says of a capture.
fn said(traffic: &AnyTraffic) -> Vec<String> {
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry).expect("temporary files");
    let mut lines: Vec<String> = labelled
        .rows()
        .map(|row| {
            let row = row.expect("temporary files");
            let values = crate::report::flows::values(&row, traffic.log().place(row.flow.first_packet()));
            format!("{values:?} {:?}", row.label.observed())
        })
        .collect();
    let flows = labelled.rows().map(|row| row.expect("temporary files").flow);
    let announced: BTreeMap<_, _> = traffic.announced().by_flow(flows).into_iter().collect();
    lines.push(format!("{announced:?}"));
    lines.push(format!("{:?} {:?}", traffic.log().captures(), traffic.log().counters()));
    lines
}

fn in_pieces(capture: &Path, count: usize) -> Vec<String> {
    spilling(capture, count, usize::MAX)
}

/// Flows as above, with at most this number in memory.
fn spilling(capture: &Path, count: usize, flows_in_memory: usize) -> Vec<String> {
    let settings = ReadSettings {
        flow: FlowOptions { names: NameSources::OF_CAPTURES, ..FlowOptions::default() },
        ..ReadSettings::default()
    };
    let mut reading = Reading::with_sink(settings, FoldWithin::new(flows_in_memory));
    if let Ok(reader) = CaptureReader::open(capture) {
        // What is wrong with a capture stands in its summary.
        let _ = reading.read_pieces(reader.into_pieces(count, 1), 2, |_| {});
    }
    let traffic = reading.finish().expect("temporary files");
    let lines = said(&traffic);
    assert!(traffic.cannot_spill().is_none());
    lines
}

fn hold(capture: &Path) {
    let whole = in_pieces(capture, 1);
    for count in [2, 3, 5, 8] {
        assert_eq!(in_pieces(capture, count), whole, "{} in {count} pieces", capture.display());
    }
    // Files for the flows cost time: one number of pieces, one of flows for each capture.
    let (count, kept) = [(1, 1), (1, 3), (1, 16), (2, 2), (3, 8)][whole.len() % 5];
    assert_eq!(
        spilling(capture, count, kept),
        whole,
        "{} in {count} pieces, with {kept} flows in memory",
        capture.display()
    );
}

#[test]
fn every_capture_in_pieces_is_the_whole() {
    let mut captures = sample_captures();
    if let Some(shared) = shared() {
        captures.extend(captures_below(&shared.join("captures")));
    }
    for capture in captures {
        hold(&capture);
    }
}

#[test]
fn a_made_capture_in_pieces_is_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    for (format, pieces) in [("pcap", 8), ("pcapng", 8)] {
        let path = folder.path().join(format);
        let out = path.to_str().expect("a path");
        let arguments = [
            out,
            "--packets",
            "20000",
            "--format",
            format,
            "--sctp",
            "0.1",
            "--vlan",
            "0.2",
            "--tunnel",
            "0.1",
        ];
        make_capture::write(&arguments).expect("a capture");
        assert_eq!(
            CaptureReader::open(&path).expect("a capture").into_pieces(pieces, 1).len(),
            pieces,
            "starts of records are found"
        );
        hold(&path);
        // Cut short, the last piece ends as the whole does.
        let whole = std::fs::read(&path).expect("a capture");
        std::fs::write(&path, &whole[..whole.len() - 7]).expect("a file");
        hold(&path);
        // Damaged in the middle: what follows is read by any number of threads.
        let mut damaged = whole;
        let middle = damaged.len() / 2;
        damaged[middle..middle + 4000].fill(0xff);
        std::fs::write(&path, &damaged).expect("a file");
        hold(&path);
        // Damaged in many places, where pieces meet among them.
        let apart = damaged.len() / 200;
        for place in (1..200).map(|n| n * apart) {
            damaged[place - 20..place + place % 64].fill(place as u8);
        }
        damaged.drain(middle / 2..middle / 2 + 1001);
        std::fs::write(&path, &damaged).expect("a file");
        hold(&path);
    }
}

/// Packets whose payload looks like records: every guess is wrong and must be proved so.
/// Steps of the clock, there and back, at every place where pieces may meet.
#[test]
fn wild_times_are_the_same_in_pieces() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pcap");
    let mut state = 7_u64;
    let mut below = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let mut wild = 0;
    for round in 0..40 {
        let mut now = 1_000_000_u32;
        let packets: Vec<(u32, Vec<u8>)> = (0..120)
            .map(|_| {
                now += below(3) as u32;
                let at = match below(12) {
                    0 => now + 3000,
                    1 => now - 3000,
                    2 => {
                        now += 400;
                        now
                    }
                    _ => now,
                };
                let bytes = packet::ipv4(crate::Transport::Udp, 1, 1000, 2 + below(2) as u8, 53, 0, 0, 0);
                (at, bytes)
            })
            .collect();
        let packets: Vec<(u32, &[u8])> = packets.iter().map(|(at, bytes)| (*at, &bytes[..])).collect();
        std::fs::write(&path, packet::pcap_at(101, &packets)).expect("written");
        let whole = in_pieces(&path, 1);
        for count in 2..12 {
            assert_eq!(in_pieces(&path, count), whole, "round {round} in {count} pieces");
        }
        let mut reader = CaptureReader::open(&path).expect("a capture");
        while let Some(packet) = reader.next().expect("a packet") {
            wild += u32::from(packet.has_wild_time);
        }
    }
    assert!(wild > 300, "{wild}");
}

/// Few datagrams that come again and again, here and there, at times about the bounds: copies are the same
/// whatever is between them and their datagrams.
#[test]
fn copies_are_the_same_in_pieces() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pcap");
    let mut state = 9_u64;
    let mut below = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let mut copies = 0;
    for round in 0..60 {
        let mut now = 1_000_000_000_u64;
        let packets: Vec<(u64, Vec<u8>)> = (0..60)
            .map(|_| {
                now += [0, 1_000, 1_000_000, 2_000_001, 49_000_000, 51_000_000][below(6) as usize];
                let (flags, number) = ([0x10, 0x12][below(2) as usize], below(2) as u8);
                let mut bytes =
                    packet::ipv4(crate::Transport::Tcp, 1, 1000, 2, 53, flags, below(2) as u32, 1);
                (bytes[5], bytes[8]) = (number, 64 - below(2) as u8);
                (now - 1_000_000 * below(2), bytes)
            })
            .collect();
        std::fs::write(&path, packet::pcap_to_the_nanosecond(101, &packets)).expect("written");
        let whole = in_pieces(&path, 1);
        for count in 2..12 {
            assert_eq!(in_pieces(&path, count), whole, "round {round} in {count} pieces");
        }
        let mut reading = Reading::new(ReadSettings::default());
        reading.read_file(&path).expect("a capture");
        copies += reading.finish().log().copies();
    }
    assert!(copies > 400, "{copies}");
}

#[test]
fn a_wrong_guess_is_found_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = packet::pcap(1, &vec![vec![0xaa; 40]; 40]);
    let records = inner[24..].to_vec();
    let capture = packet::pcap(147, &vec![records; 60]);
    let path = folder.path().join("nested.pcap");
    std::fs::write(&path, capture).expect("a file");
    hold(&path);
}

/// Blocks that hold no packet and have numbers all the same, at every place where pieces may meet.
#[test]
fn numbers_of_packets_are_the_same_in_pieces() {
    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32 + 12).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pcapng");
    let mut blocks = vec![
        block(0x0a0d_0d0a, &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat()),
        block(1, &[101, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for n in 0..300_u16 {
        let bytes = packet::ipv4(crate::Transport::Udp, 1, 1000 + n % 97, 2, 53, 0, 0, 0);
        let length = bytes.len() as u32;
        let head = [0, 0, u32::from(n), length, length].map(u32::to_le_bytes).concat();
        blocks.push(block(6, &[&head[..], &bytes].concat()));
        for _ in 0..n % 3 {
            blocks.push(block(0x0bad, &[9, 0, 0, 0, 1, 2, 3, 4]));
        }
    }
    std::fs::write(&path, blocks.concat()).expect("written");
    let whole = in_pieces(&path, 1);
    assert!(whole.iter().any(|line| line.contains("frames_before: 0, packets: 300")), "{:?}", whole.last());
    for count in 2..12 {
        assert_eq!(in_pieces(&path, count), whole, "in {count} pieces");
    }
}
