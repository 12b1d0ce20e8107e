//! Reading on behind damage: planted in captures of every kind, and in what they are compressed with.

use std::collections::HashMap;
use std::fmt;
use std::io::{Cursor, Write};
use std::path::Path;

use portscribe::capture::{CaptureReader, Element, Fault, Held, Timestamp};

use crate::pieces::make_capture;
use crate::support::packet::{ipv4, pcap, pcap_at};
use crate::support::{Random, pcapng, portscribe, rows, sample_captures, stderr};

/// Time and octets.
type Content = (Option<i64>, Vec<u8>);

/// A packet, and the place of its record in the content.
#[derive(Clone)]
struct Packet {
    start: u64,
    end: u64,
    content: Content,
}

/// Every packet, and what is told at the end.
fn read(capture: &[u8]) -> (Vec<Packet>, Option<Fault>) {
    let mut packets = Vec::new();
    let mut reader = match CaptureReader::from_stream("made", Cursor::new(capture.to_vec())) {
        Ok(reader) => reader,
        Err(error) => return (packets, Some(error.fault)),
    };
    loop {
        let (length, content) = match reader.next_element() {
            Ok(Some(Element::Packet(packet, held))) => {
                let length = match held {
                    Held::Record { extra, .. } => 16 + extra.len() + packet.bytes.len(),
                    Held::Block { block, .. } => block.bytes.len(),
                };
                (length as u64, (packet.time.map(Timestamp::nanoseconds), packet.bytes.to_vec()))
            }
            Ok(Some(_)) => continue,
            Ok(None) => return (packets, None),
            Err(error) => return (packets, Some(error.fault)),
        };
        let end = reader.position();
        packets.push(Packet { start: end - length, end, content });
    }
}

/// Damage: octets of the whole, and what takes their place.
struct Damage {
    start: usize,
    end: usize,
    instead: Vec<u8>,
}

const KINDS: [&str; 6] = ["header", "data", "cut", "insert", "zero", "length"];

fn damage(random: &mut Random, kind: &str, packets: &[Packet], length: usize) -> Damage {
    let packet = &packets[random.below(packets.len() as u64) as usize];
    let (start, end) = (packet.start as usize, packet.end as usize);
    let inside = |random: &mut Random| start + random.below((end - start) as u64) as usize;
    let octets = |random: &mut Random, most: u64| -> Vec<u8> {
        (0..=random.below(most)).map(|_| random.next() as u8).collect()
    };
    let (at, removed, instead) = match kind {
        "header" => {
            let instead = octets(random, 16);
            (start + random.below(8) as usize, instead.len(), instead)
        }
        "data" => {
            let instead = octets(random, 60);
            (inside(random), instead.len(), instead)
        }
        "cut" => (inside(random), 1 + random.below(300) as usize, Vec::new()),
        "insert" => (inside(random), 0, octets(random, 300)),
        "zero" => {
            let many = 16 + random.below(2000) as usize;
            (inside(random), many, vec![0; many])
        }
        // The captured length of pcap, or one of the times of a block.
        _ => (start + 8, 4, octets(random, 0).repeat(4)),
    };
    let end = (at + removed).min(length);
    let instead =
        if instead.len() > end - at && removed > 0 { instead[..end - at].to_vec() } else { instead };
    Damage { start: at, end, instead }
}

/// What came of captures with damage.
#[derive(Default)]
struct Tally {
    inputs: u64,
    outside: u64,
    lost: u64,
    changed: u64,
    invented: u64,
    untold: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { inputs, outside, lost, changed, invented, untold } = self;
        write!(
            f,
            "{inputs} inputs, {outside} packets outside the damage: {lost} lost, {invented} invented; {changed} \
             with damage in their octets or times; {untold} inputs with lost packets and no word"
        )
    }
}

/// How often each packet is there.
fn counts(packets: &[Packet]) -> HashMap<&Content, i64> {
    let mut counts = HashMap::new();
    for packet in packets {
        *counts.entry(&packet.content).or_default() += 1;
    }
    counts
}

impl Tally {
    /// Plants damage in a capture and reads it. `packets` are those of the whole.
    fn take(&mut self, whole: &[u8], packets: &[Packet], damages: &mut Vec<Damage>) {
        damages.sort_by_key(|damage| damage.start);
        // Two at one place are one.
        let mut free_from = 0;
        damages.retain(|damage| {
            let is_apart = damage.start >= free_from;
            if is_apart {
                free_from = damage.end.max(damage.start + 1);
            }
            is_apart
        });
        let mut planted = Vec::new();
        let mut at = 0;
        // Where octets of the whole are in the damaged capture.
        let mut shifts = vec![(0, 0_i64)];
        for damage in &*damages {
            planted.extend_from_slice(&whole[at..damage.start]);
            planted.extend_from_slice(&damage.instead);
            at = damage.end;
            shifts.push((damage.end as u64, planted.len() as i64 - damage.end as i64));
        }
        planted.extend_from_slice(&whole[at..]);
        let moved = |place: u64| {
            let (_, by) = shifts.iter().rev().find(|(from, _)| *from <= place).expect("a move");
            place.checked_add_signed(*by).expect("a place")
        };
        let is_hit = |packet: &Packet| {
            damages.iter().any(|damage| {
                (damage.start as u64) < packet.end && damage.end.max(damage.start + 1) as u64 > packet.start
            })
        };
        let (read, fault) = read(&planted);
        let there = counts(&read);
        let (mut outside, mut hit): (Vec<&Packet>, Vec<&Packet>) = (Vec::new(), Vec::new());
        for packet in packets {
            if is_hit(packet) { hit.push(packet) } else { outside.push(packet) }
        }
        let sound: Vec<Packet> = outside.iter().map(|&packet| packet.clone()).collect();
        let mut lost = 0;
        for (content, count) in counts(&sound) {
            lost += (count - there.get(content).copied().unwrap_or_default()).max(0);
        }
        let known = counts(packets);
        // Damage within the octets or the time of a packet shows in nothing that pcap holds. Such a packet
        // is where it was, and as long.
        let changed: Vec<[u64; 3]> = hit
            .iter()
            .map(|packet| [moved(packet.start), moved(packet.end), packet.end - packet.start])
            .collect();
        for packet in &read {
            if known.contains_key(&packet.content) {
                continue;
            }
            let is_changed = |&[start, end, length]: &[u64; 3]| {
                (start == packet.start || end == packet.end) && length == packet.end - packet.start
            };
            if changed.iter().any(is_changed) {
                self.changed += 1;
            } else {
                self.invented += 1;
            }
        }
        self.inputs += 1;
        self.outside += outside.len() as u64;
        self.lost += lost as u64;
        self.untold += u64::from(read.len() < packets.len() && fault.is_none());
    }

    fn hold(&self) {
        assert_eq!(self.invented, 0, "{self}");
        assert!(self.lost * 100 <= self.outside, "{self}");
    }
}

/// The samples, and captures that are made: large ones.
fn captures() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let made = ["pcap", "pcapng"].map(|format| {
        let path = folder.path().join(format);
        let out = path.to_str().expect("a path");
        make_capture::write(&[out, "--packets", "3000", "--format", format]).expect("a capture");
        std::fs::read(path).expect("a capture")
    });
    let samples = sample_captures().into_iter().map(|path| std::fs::read(path).expect("a sample"));
    samples.chain(made).collect()
}

#[test]
#[allow(clippy::print_stderr, reason = "the figures are what is asked for")]
fn packets_outside_planted_damage_come_back_and_none_is_invented() {
    let mut random = Random(20_261);
    let mut all: Vec<(&str, &str, Tally)> = Vec::new();
    for whole in captures() {
        let (packets, fault) = read(&whole);
        assert!(fault.is_none(), "a sound capture");
        let format = if whole.starts_with(&[0x0a, 0x0d]) { "pcapng" } else { "pcap" };
        for kind in KINDS {
            let rounds = if packets.len() > 1000 { 40 } else { 10 };
            for round in 0..rounds {
                let mut damages: Vec<Damage> =
                    (0..=round % 5).map(|_| damage(&mut random, kind, &packets, whole.len())).collect();
                let place = all.iter().position(|(of, by, _)| (*of, *by) == (format, kind));
                let place = place.unwrap_or_else(|| {
                    all.push((format, kind, Tally::default()));
                    all.len() - 1
                });
                all[place].2.take(&whole, &packets, &mut damages);
            }
        }
    }
    let mut sum = Tally::default();
    for (format, kind, tally) in &all {
        eprintln!("{format}, {kind}: {tally}");
        sum.inputs += tally.inputs;
        sum.outside += tally.outside;
        sum.lost += tally.lost;
        sum.changed += tally.changed;
        sum.invented += tally.invented;
        sum.untold += tally.untold;
    }
    eprintln!("all: {sum}");
    sum.hold();
}

fn gzip(part: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(part).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(part: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("memory");
    encoder.include_checksum(true).expect("a checksum");
    encoder.write_all(part).expect("memory");
    encoder.finish().expect("memory")
}

/// A gzip member and a zstd frame is sound as a whole or not at all.
#[test]
#[allow(clippy::print_stderr, reason = "the figures are what is asked for")]
fn members_and_frames_behind_a_damaged_one_are_read() {
    const PARTS: usize = 40;
    let mut random = Random(7);
    for (name, compress) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("zstd", zstd)] {
        let mut tally = Tally::default();
        for whole in captures().iter().rev().take(2) {
            let (packets, _) = read(whole);
            let size = whole.len().div_ceil(PARTS);
            let parts: Vec<Vec<u8>> = whole.chunks(size).map(compress).collect();
            for round in 0..60 {
                let mut damaged = parts.clone();
                let mut hit = Vec::new();
                for _ in 0..=round % 3 {
                    // The first holds the header of the file.
                    let part = 1 + random.below(parts.len() as u64 - 1) as usize;
                    if hit.contains(&part) {
                        continue;
                    }
                    hit.push(part);
                    let octets = &mut damaged[part];
                    let at = random.below(octets.len() as u64 - 40) as usize;
                    let many = 1 + random.below(30) as usize;
                    match round % 4 {
                        0 => octets[at..at + many].iter_mut().for_each(|octet| *octet = random.next() as u8),
                        1 => octets[at..at + many].fill(0),
                        2 => drop(octets.drain(at..at + many)),
                        _ => octets[at] ^= 0x10,
                    }
                }
                let (read, _) = read(&damaged.concat());
                let known = counts(&packets);
                let there = counts(&read);
                let is_outside = |packet: &&Packet| {
                    let parts = packet.start as usize / size..=(packet.end as usize - 1) / size;
                    !hit.iter().any(|part| parts.contains(part))
                };
                let outside: Vec<Packet> = packets.iter().filter(is_outside).cloned().collect();
                tally.inputs += 1;
                tally.outside += outside.len() as u64;
                for (content, count) in counts(&outside) {
                    tally.lost += (count - there.get(content).copied().unwrap_or_default()).max(0) as u64;
                }
                tally.invented += read.iter().filter(|one| !known.contains_key(&one.content)).count() as u64;
            }
        }
        eprintln!("{name}: {tally}");
        tally.hold();
    }
}

/// Three packets of 28 octets; the second is damaged.
fn three() -> (Vec<u8>, [Vec<u8>; 3]) {
    let packets = [1, 2, 3].map(|n| ipv4(portscribe::Transport::Udp, n, 40_000, 9, 53, 0, 0, 0));
    let mut seconds = 0;
    let timed: Vec<(u32, &[u8])> = packets
        .iter()
        .map(|packet| {
            seconds += 1;
            (1_700_000_000 + seconds, &packet[..])
        })
        .collect();
    (pcap_at(101, &timed), packets)
}

fn told(capture: &[u8]) -> (Vec<Vec<u8>>, Option<String>) {
    let (packets, fault) = read(capture);
    (packets.into_iter().map(|packet| packet.content.1).collect(), fault.map(|fault| fault.with_cause()))
}

/// gzip passes over zeros behind the last member, with which programs fill blocks.
#[test]
fn zeros_behind_the_last_member_are_no_damage() {
    let (capture, packets) = three();
    let (first, second) = capture.split_at(60);
    let zeros = vec![0; 100_000];
    for padded in [
        [gzip(&capture), zeros.clone()].concat(),
        [gzip(first), vec![0], gzip(second), vec![0; 511]].concat(),
    ] {
        assert_eq!(told(&padded), (packets.to_vec(), None));
    }
    let (read, fault) = told(&[gzip(&capture), zeros, b"more".to_vec()].concat());
    assert_eq!(read, packets);
    assert!(fault.is_some());
}

/// A member that is all there is, or a long one, is read though its checksum does not hold, and that is told.
#[test]
fn what_no_checksum_confirms_is_told() {
    let (capture, packets) = three();
    let mut damaged = gzip(&capture);
    let place = damaged.len() - 8;
    damaged[place] ^= 1;
    let (read, fault) = told(&damaged);
    assert_eq!(read, packets);
    assert_eq!(
        fault.as_deref(),
        Some(
            "reading failed at byte 156, after 3 packets: corrupt gzip stream does not have a matching checksum; no \
             checksum confirms what was read of the gzip member at byte 0 of the compressed file"
        )
    );
    let long: Vec<Vec<u8>> =
        (0..5000).map(|n: u32| [&packets[0][..], &n.to_be_bytes(), &[7; 1100]].concat()).collect();
    for (compress, from_end, name) in
        [(gzip as fn(&[u8]) -> Vec<u8>, 8, "gzip member"), (zstd, 1, "zstd frame")]
    {
        let mut damaged = compress(&pcap(101, &long));
        let place = damaged.len() - from_end;
        damaged[place] ^= 1;
        let (read, fault) = told(&damaged);
        assert!(read.len() > 4000 && read[..] == long[..read.len()], "{} packets of {name}", read.len());
        let end =
            format!("; no checksum confirms what was read of the {name} at byte 0 of the compressed file");
        assert!(fault.as_ref().is_some_and(|fault| fault.ends_with(&end)), "{fault:?}");
    }
}

#[test]
fn a_wrong_length_is_a_gap_and_not_the_end() {
    let (mut capture, packets) = three();
    let second = 24 + 44;
    capture[second + 8..second + 12].copy_from_slice(&60_000_u32.to_le_bytes());
    assert_eq!(
        told(&capture),
        (
            vec![packets[0].clone(), packets[2].clone()],
            Some(
                "damaged, and read on behind it: bytes 68 to 111, about 1 packet lost: a packet with its record header \
                 claims 60016 bytes, where 88 follow"
                    .to_owned()
            )
        )
    );
    capture[second + 8..second + 12].copy_from_slice(&30_u32.to_le_bytes());
    assert_eq!(
        told(&capture),
        (
            vec![packets[0].clone(), packets[2].clone()],
            Some(
                "damaged, and read on behind it: bytes 68 to 111, about 1 packet lost: a packet of 30 bytes is followed \
                 by no other"
                    .to_owned()
            )
        )
    );
}

/// Original lengths that are smaller than what was captured contradict nothing, also where all are.
#[test]
fn records_with_original_lengths_that_cannot_be_are_read() {
    let packets: Vec<Vec<u8>> = (0..100).map(|n| vec![n; 60]).collect();
    for original in [0_u32, 1, 59] {
        let mut capture = pcap(101, &packets);
        for record in capture[24..].chunks_mut(16 + 60) {
            record[12..16].copy_from_slice(&original.to_le_bytes());
        }
        assert_eq!(told(&capture), (packets.clone(), None), "{original}");
        // Captured lengths say where damage is.
        capture[24 + 30 * 76 + 9] ^= 1;
        let (read, fault) = told(&capture);
        assert!(read.len() < 40 && read[..] == packets[..read.len()], "{} of {original}", read.len());
        assert!(fault.is_some());
    }
}

#[test]
fn octets_that_were_cut_out_or_came_in_cost_their_packet() {
    let (whole, packets) = three();
    let expected = vec![packets[0].clone(), packets[2].clone()];
    for at in 24 + 44 + 17..24 + 88 {
        let cut = [&whole[..at], &whole[at + 1..]].concat();
        assert_eq!(told(&cut).0, expected, "cut out at {at}");
        let more = [&whole[..at], &[0xaa, 0xbb], &whole[at..]].concat();
        assert_eq!(told(&more).0, expected, "came in at {at}");
    }
}

#[test]
fn blocks_are_read_on_with_the_interfaces_of_their_section() {
    let packet = |n: u8| pcapng::packet_of(0, &[n; 40]);
    let head = [pcapng::section(), pcapng::interface(pcapng::RAW)].concat();
    let mut broken = packet(2);
    broken[4] ^= 0xff;
    let capture = [&head[..], &packet(1), &broken, &packet(3), &packet(4)].concat();
    let (read, fault) = told(&capture);
    assert_eq!(read, [1, 3, 4].map(|n| vec![n; 40]));
    let fault = fault.expect("a fault");
    assert!(
        fault.starts_with("damaged, and read on behind it: bytes 120 to 191, about 1 packet lost: "),
        "{fault}"
    );
}

/// What a section header said cannot be known where it is damaged.
#[test]
fn behind_a_damaged_section_header_the_link_type_is_unknown() {
    let packet = |n: u8| pcapng::packet_of(0, &[n; 40]);
    let head = [pcapng::section(), pcapng::interface(pcapng::RAW)].concat();
    let mut other = pcapng::section();
    other[4] ^= 0xff;
    let capture =
        [&head[..], &packet(1), &other, &pcapng::interface(1), &packet(2), &packet(3), &head, &packet(4)]
            .concat();
    let mut reader = CaptureReader::from_stream("made", Cursor::new(capture)).expect("a capture");
    let mut link_types = Vec::new();
    let fault = loop {
        match reader.next() {
            Ok(Some(packet)) => link_types.push(packet.link_type.map(|link_type| link_type.0)),
            Ok(None) => panic!("the damage is not reported"),
            Err(error) => break error.to_string(),
        }
    };
    assert_eq!(link_types, [Some(101), None, None, Some(101)]);
    assert!(fault.contains("about 1 packet lost"), "{fault}");
    assert!(fault.contains("2 packets of an interface that is not described"), "{fault}");
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path.display().to_string()
}

#[test]
fn the_program_reads_on_tells_and_ends_with_3_and_strict_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut capture, _) = three();
    capture[24 + 44 + 8] = 200;
    let name = write(folder.path(), "x.pcap", &capture);
    for threads in ["1", "2"] {
        let output = portscribe(["flows", "-q", "-f", "csv", "--threads", threads, &name]);
        assert_eq!((output.status.code(), rows(&output).len()), (Some(3), 2), "{}", stderr(&output));
        assert_eq!(
            stderr(&output),
            format!(
                "portscribe: {name}: damaged, and read on behind it: bytes 68 to 111, about 1 packet lost: a packet with \
                 its record header claims 216 bytes, where 88 follow\n"
            )
        );
        let output = portscribe(["flows", "-q", "-f", "csv", "--strict", "--threads", threads, &name]);
        assert_eq!((output.status.code(), rows(&output).len()), (Some(3), 1));
        assert_eq!(
            stderr(&output),
            format!(
                "portscribe: {name}: cut short at byte 68, after 1 packet: a packet with its record header needs 216 bytes, \
                 the file has 88 more; what came before is reported\n"
            )
        );
    }
    // What is annotated is what can be read.
    let out = folder.path().join("out.pcapng");
    let out = out.to_str().expect("a path");
    let output = portscribe(["annotate", "-q", &name, "-o", out]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let (packets, fault) = told(&std::fs::read(out).expect("a result"));
    assert_eq!((packets.len(), fault), (2, None));
}

/// What looking through damage costs is measured in `benches/floods.py`.
#[test]
fn nothing_is_read_of_a_capture_of_nothing_but_damage() {
    let mut random = Random(1);
    let mut capture = pcap(1, &[]);
    while capture.len() < 4 << 20 {
        capture.extend_from_slice(&random.next().to_le_bytes());
    }
    let (packets, fault) = read(&capture);
    assert_eq!(packets.len(), 0);
    assert!(fault.is_some());
}

/// A packet can hold a capture: one whole length of its record leads out of it.
#[test]
fn a_capture_in_a_damaged_packet_is_not_read() {
    let time = 1_700_000_000;
    let inner: Vec<Vec<u8>> = (0..20).map(|n| vec![n; 60]).collect();
    let timed: Vec<(u32, &[u8])> = inner.iter().map(|packet| (time, &packet[..])).collect();
    let mut packets: Vec<Vec<u8>> = (100..106).map(|n| vec![n; 80]).collect();
    // The last of them is cut off.
    packets[1] = [&[0; 28], &pcap_at(101, &timed)[24..1500]].concat();
    let timed: Vec<(u32, &[u8])> = packets.iter().map(|packet| (time + 9, &packet[..])).collect();
    let mut capture = pcap_at(101, &timed);
    let second = 24 + 16 + packets[0].len();
    capture[second + 8..second + 12].fill(0x41);
    let sound = [&packets[..1], &packets[2..]].concat();
    assert_eq!(told(&capture).0, sound);

    let blocks: Vec<Vec<u8>> = inner.iter().map(|packet| pcapng::packet_of(0, packet)).collect();
    packets[1] = [&[0; 28], &blocks.concat()[..1500]].concat();
    let blocks: Vec<Vec<u8>> = packets.iter().map(|packet| pcapng::packet_of(0, packet)).collect();
    let head = [pcapng::section(), pcapng::interface(pcapng::RAW)].concat();
    let mut capture = [head.clone(), blocks.concat()].concat();
    capture[head.len() + blocks[0].len() + 4] ^= 0xff;
    assert_eq!(told(&capture).0, sound);
}

/// Packets that hold captures, which were taken before they were sent: `ago` seconds.
fn nested(random: &mut Random, count: u32, ago: u32) -> Vec<u8> {
    let made: Vec<(u32, Vec<u8>)> = (0..count)
        .map(|n| {
            let time = 1_700_000_000 + n;
            let inner: Vec<(u32, Vec<u8>)> = (0..16)
                .map(|_| {
                    let octets = (0..20 + random.below(60)).map(|_| random.next() as u8).collect();
                    (time - ago, octets)
                })
                .collect();
            let timed: Vec<(u32, &[u8])> = inner.iter().map(|(time, packet)| (*time, &packet[..])).collect();
            let inner = &pcap_at(101, &timed)[24..];
            // Of some the last is cut off.
            let length = inner.len() - random.below(2) as usize * random.below(30) as usize;
            (time, [&[0x45; 28], &inner[..length]].concat())
        })
        .collect();
    let timed: Vec<(u32, &[u8])> = made.iter().map(|(time, packet)| (*time, &packet[..])).collect();
    pcap_at(101, &timed)
}

/// A capture in a packet was taken before the packet was sent: where no length of a damaged record is whole, its times
/// tell it from the packets that follow.
#[test]
#[allow(clippy::print_stderr, reason = "the figures are what is asked for")]
fn captures_in_packets_are_hardly_taken_for_packets_however_these_are_damaged() {
    let mut random = Random(661);
    let mut tally = Tally::default();
    for round in 0..60 {
        let whole = nested(&mut random, 60, [60, 3_600, 50_000][round % 3]);
        let (packets, fault) = read(&whole);
        assert!(fault.is_none(), "a sound capture");
        for kind in KINDS {
            let mut damages: Vec<Damage> =
                // Of the first packets nobody knows what came before.
                (0..=round % 5).map(|_| damage(&mut random, kind, &packets[3..], whole.len())).collect();
            tally.take(&whole, &packets, &mut damages);
        }
    }
    eprintln!("{tally}");
    // What several damages leave of a packet may still look like packets.
    assert!(tally.invented * 500 <= tally.outside, "{tally}");
    assert!(tally.lost * 50 <= tally.outside, "{tally}");
}
