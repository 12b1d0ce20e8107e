//! Numbers of packets are those that Wireshark shows, also where pcapng blocks without a packet have numbers.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use portscribe::Transport::Udp;
use portscribe::capture::{BlockType, CaptureFormat, CaptureReader, Element, Held};

use crate::support::{self, Random, packet, pcapng, portscribe};

/// Types of blocks that hold no packet, without numbers and with them.
const UNNUMBERED: [u32; 16] =
    [0, 4, 5, 7, 8, 10, 11, 0x99, 0x201, 0x202, 0x208, 0x217, 0x222, 0x8000_0001, 0xa000_0001, 0xc000_0bad];
const NUMBERED: [u32; 6] = [9, 0x0bad, 0x4000_0bad, 0x204, 0x216, 0x221];

/// The captured length of each frame, as tshark numbers them, up to where it stops.
fn numbered_by_tshark(capture: &Path) -> BTreeMap<u64, usize> {
    let output = Command::new("tshark")
        .args(["-n", "-T", "fields", "-e", "frame.number", "-e", "frame.cap_len", "-r"])
        .arg(capture)
        .output()
        .expect("tshark runs");
    let number = |text: &str| text.parse::<u64>().expect("a number");
    support::stdout(&output)
        .lines()
        .map(|line| line.split_once('\t').expect("two fields"))
        .map(|(frame, length)| (number(frame), number(length) as usize))
        .collect()
}

/// The captured length of each packet by its number, and how many frames there are.
fn numbered(capture: &Path) -> (BTreeMap<u64, usize>, u64) {
    let mut reader = CaptureReader::open(capture).expect("a capture");
    let mut packets = BTreeMap::new();
    while let Ok(Some(packet)) = reader.next() {
        packets.insert(packet.frame, packet.bytes.len());
    }
    assert_eq!(packets.len() as u64, reader.packets(), "{}", capture.display());
    (packets, reader.frames())
}

/// Whether both number the packets of a capture alike, as far as tshark reads it.
fn hold(capture: &Path) {
    let theirs = numbered_by_tshark(capture);
    let (mut ours, frames) = numbered(capture);
    let last = theirs.keys().next_back().copied().unwrap_or_default();
    // It stops at damage that is passed over here.
    let behind = ours.split_off(&(last + 1));
    assert!(behind.is_empty() && last == frames || last < frames, "{}", capture.display());
    let theirs: BTreeMap<u64, usize> =
        theirs.into_iter().filter(|(frame, _)| ours.contains_key(frame)).collect();
    assert_eq!(ours, theirs, "{}", capture.display());
}

/// A packet of a length that no other in its file has.
fn packet_of(length: usize) -> Vec<u8> {
    packet::ip([192, 0, 2, 1].into(), [192, 0, 2, 2].into(), 17, &vec![0; length])
}

/// What a block holds, by its type: what tshark demands of those that it knows.
fn body_of(kind: u32, random: &mut Random) -> Vec<u8> {
    const JOURNAL: &[u8] = b"__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=made\n";
    let enterprise = [32473_u32, 10949, 0, 4_294_967_295][random.below(4) as usize];
    match kind {
        // Netflix's blocks begin with a kind of their own; others hold what they like.
        0x0bad | 0x4000_0bad if enterprise == 10949 => {
            [enterprise, 1 + random.below(2) as u32, 7].map(u32::to_le_bytes).concat()
        }
        0x0bad | 0x4000_0bad => {
            [&enterprise.to_le_bytes()[..], &vec![9; 4 * random.below(9) as usize]].concat()
        }
        4 => vec![0; 4],
        5 => vec![0; 12],
        9 => JOURNAL.to_vec(),
        10 => [&b"KSLT"[..], &4_u32.to_le_bytes(), b"abcd"].concat(),
        // An event of Sysdig: processor, time, thread, length, type.
        0x204 | 0x216 | 0x221 => vec![0; 40],
        _ => vec![1; 4 * random.below(12) as usize],
    }
}

#[test]
fn packets_have_the_numbers_that_tshark_gives_them() {
    if !support::has_program("tshark") {
        return;
    }
    let is_numbered = |kind: &u32| BlockType(*kind).is_numbered_without_packet();
    assert!(NUMBERED.iter().all(is_numbered) && !UNNUMBERED.iter().any(is_numbered));
    let kinds = [&UNNUMBERED[..], &NUMBERED].concat();
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(20_261_127);
    for round in 0..10 {
        let mut blocks = vec![pcapng::section()];
        for n in 0..80 {
            if n == 3 || n > 3 && random.below(40) == 0 {
                blocks.extend((n > 3).then(pcapng::section));
                blocks.push(pcapng::interface(pcapng::RAW));
            }
            blocks.push(match random.below(3) {
                0 if n >= 3 => pcapng::packet_of(0, &packet_of(n)),
                1 if n >= 3 => pcapng::simple(&packet_of(n)),
                _ => {
                    let kind = kinds[random.below(kinds.len() as u64) as usize];
                    pcapng::block(kind, &body_of(kind, &mut random))
                }
            });
        }
        let path = folder.path().join(format!("{round}.pcapng"));
        pcapng::write(&path, &blocks);
        hold(&path);
        let (packets, frames) = numbered(&path);
        assert!((packets.len() as u64) < frames, "some blocks have numbers");
    }
}

#[test]
fn packets_of_other_projects_have_the_numbers_that_tshark_gives_them() {
    if !support::has_program("tshark") {
        return;
    }
    let mut captures = support::sample_captures();
    captures.extend(
        support::shared().iter().flat_map(|shared| support::captures_below(&shared.join("captures"))),
    );
    let captures: Vec<_> = captures
        .into_iter()
        .filter(|path| CaptureReader::open(path).is_ok_and(|one| one.format() == CaptureFormat::Pcapng))
        .collect();
    let (even, odd): (Vec<_>, Vec<_>) = captures.iter().enumerate().partition(|(n, _)| n % 2 == 0);
    std::thread::scope(|scope| {
        for half in [even, odd] {
            scope.spawn(move || half.into_iter().for_each(|(_, capture)| hold(capture)));
        }
    });
}

/// A block of a vendor.
fn custom() -> Vec<u8> {
    pcapng::block(0x0bad, &32473_u32.to_le_bytes())
}

/// A question to a port of its own.
fn question(port: u16) -> Vec<u8> {
    pcapng::packet_of(0, &packet::ipv4(Udp, 1, 40_000, 2, port, 0, 0, 0))
}

#[test]
fn every_result_counts_as_wireshark_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let head = || vec![pcapng::section(), custom(), pcapng::interface(pcapng::RAW)];
    let first =
        [head(), vec![question(53), custom(), custom(), question(123), question(53), custom()]].concat();
    let second = [head(), vec![question(69), custom(), question(4444)]].concat();
    let first = pcapng::write(&folder.path().join("1.pcapng"), &first);
    let second = pcapng::write(&folder.path().join("2.pcapng"), &second);
    let said = |command: &[&str]| {
        let output = portscribe([command, &["--quiet", "--keep-order", &first, &second]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", support::stderr(&output));
        output
    };
    let cells = |command: &[&str], columns: [&str; 2]| -> Vec<String> {
        let rows = support::rows(&said(command));
        rows.iter().map(|row| columns.map(|column| row[column].clone()).join(" ")).collect()
    };
    let flows = cells(&["flows", "-f", "csv"], ["first_frame", "server_port"]);
    assert_eq!(flows, ["2 53", "5 123", "2 69", "4 4444"]);
    let packets = cells(&["packets", "-f", "csv"], ["frame", "dst_port"]);
    assert_eq!(packets, ["2 53", "5 123", "6 53", "2 69", "4 4444"]);
    let summary = cells(&["summary", "-f", "csv"], ["packets", "port"]);
    assert_eq!(summary, ["2 53", "1 69", "1 123", "1 4444"], "blocks are no packets");

    let out = folder.path().join("out.pcapng").display().to_string();
    for comments in ["first", "all"] {
        let arguments = ["annotate", "--quiet", "--keep-order", "--comments", comments, "-o", &out];
        portscribe([&arguments[..], &[&first, &second]].concat());
        // Blocks that can be copied keep their place.
        assert_eq!(commented(&out), [(2, true), (5, true), (6, false), (9, true), (11, true)]);
        std::fs::remove_file(&out).expect("removed");
    }
}

/// The packets of an annotated capture, and whether the comment of each is that of a flow's first packet.
fn commented(capture: &str) -> Vec<(u64, bool)> {
    let mut reader = CaptureReader::open(capture).expect("a capture");
    let mut packets = Vec::new();
    while let Some(element) = reader.next_element().expect("a whole capture") {
        if let Element::Packet(packet, Held::Block { block, .. }) = element {
            let comment = String::from_utf8_lossy(block.bytes);
            packets.push((packet.frame, comment.contains("· client ")));
        }
    }
    packets
}
