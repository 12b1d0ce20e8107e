//! Every way a capture can be written, and every way it can be broken.

use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::packet::{ipv4, pcap};
use portscribe::capture::{CaptureFormat, CaptureReader, Compression, LinkType};

/// One packet as it was read: time, length on the wire, link type, bytes.
type Read = (Option<i64>, u32, Option<LinkType>, Vec<u8>);

/// Every packet and the fault at the end; a thread that reads ahead changes neither.
fn read(capture: &[u8]) -> (Vec<Read>, Option<String>) {
    let all = read_from(Cursor::new(capture.to_vec()), false);
    assert_eq!(read_from(Cursor::new(capture.to_vec()), true), all, "read ahead");
    all
}

fn read_from(stream: impl std::io::Read + Send + 'static, ahead: bool) -> (Vec<Read>, Option<String>) {
    let mut packets = Vec::new();
    let mut reader = match CaptureReader::from_stream("made", stream) {
        Ok(reader) => reader,
        Err(error) => return (packets, Some(error.with_cause())),
    };
    if ahead {
        reader.read_ahead();
    }
    loop {
        match reader.next() {
            Ok(Some(packet)) => packets.push((
                packet.time.map(portscribe::capture::Timestamp::nanoseconds),
                packet.original_length,
                packet.link_type,
                packet.bytes.to_vec(),
            )),
            Ok(None) => return (packets, None),
            Err(error) => {
                assert!(matches!(reader.next(), Ok(None)), "a reader is finished after an error");
                return (packets, Some(error.with_cause()));
            }
        }
    }
}

/// A stream that gives now one byte and now many, and a fault at its end if told.
struct Trickle {
    left: Cursor<Vec<u8>>,
    step: usize,
    fails: bool,
}

impl std::io::Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.step = (self.step * 75 + 74) % 65_537;
        if self.step.is_multiple_of(5) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(1 + self.step);
        match self.left.read(&mut buffer[..most])? {
            0 if self.fails => Err(std::io::Error::other("the line is down")),
            n => Ok(n),
        }
    }
}

#[test]
fn streams_are_read_alike_however_they_come() {
    // Packets of every size: longer than what is read at a time, too.
    let sizes = [0_u32, 1, 60, 1500, 65_535, 66_000, 262_144, 5, 300_000, 9];
    let mut capture = pcap(1, &[]);
    for (n, size) in (1_u32..).zip(sizes.into_iter().cycle().take(50)) {
        for field in [n, 0, size, size] {
            capture.extend_from_slice(&field.to_le_bytes());
        }
        capture.extend((0..size).map(|i| (i * n) as u8));
    }
    let whole = read(&capture);
    assert_eq!((whole.0.len(), &whole.1), (50, &None));
    for ahead in [false, true] {
        for fails in [false, true] {
            let trickle = Trickle { left: Cursor::new(capture.clone()), step: 1, fails };
            let (packets, fault) = read_from(trickle, ahead);
            assert!(packets == whole.0, "the same packets");
            let said = fails.then(|| {
                format!("made: reading failed at byte {}, after 50 packets: the line is down", capture.len())
            });
            assert_eq!(fault, said);
        }
    }
}

/// Writes numbers in one byte order.
struct Bytes {
    big_endian: bool,
    bytes: Vec<u8>,
}

impl Bytes {
    fn new(big_endian: bool) -> Bytes {
        Bytes { big_endian, bytes: Vec::new() }
    }

    fn u32(&mut self, number: u32) -> &mut Bytes {
        self.bytes.extend(if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() });
        self
    }

    fn u16(&mut self, number: u16) -> &mut Bytes {
        self.bytes.extend(if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() });
        self
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Bytes {
        self.bytes.extend(bytes);
        self
    }

    /// A pcapng block around `body`.
    fn block(&mut self, kind: u32, body: &[u8]) -> &mut Bytes {
        let length = 12 + body.len().next_multiple_of(4);
        self.u32(kind)
            .u32(length as u32)
            .raw(body)
            .raw(&vec![0; body.len().next_multiple_of(4) - body.len()]);
        self.u32(length as u32)
    }

    /// A body made with the same byte order.
    fn body(&self, make: impl FnOnce(&mut Bytes)) -> Vec<u8> {
        let mut body = Bytes::new(self.big_endian);
        make(&mut body);
        body.bytes
    }

    fn section(&mut self) -> &mut Bytes {
        let body = self.body(|body| {
            body.u32(0x1a2b_3c4d).u16(1).u16(0).raw(&[0xff; 8]);
        });
        self.block(0x0a0d_0d0a, &body)
    }

    /// An Interface Description Block with options as code and value, and no end mark unless
    /// asked for.
    fn interface(&mut self, link_type: u16, snap_length: u32, options: &[(u16, &[u8])]) -> &mut Bytes {
        let body = self.body(|body| {
            body.u16(link_type).u16(0).u32(snap_length);
            for (code, value) in options {
                body.u16(*code).u16(value.len() as u16).raw(value);
                body.raw(&vec![0; value.len().next_multiple_of(4) - value.len()]);
            }
        });
        self.block(1, &body)
    }

    fn enhanced(&mut self, interface: u32, ticks: u64, original: u32, packet: &[u8]) -> &mut Bytes {
        let body = self.body(|body| {
            body.u32(interface).u32((ticks >> 32) as u32).u32(ticks as u32);
            body.u32(packet.len() as u32).u32(original).raw(packet);
        });
        self.block(6, &body)
    }
}

const PACKET: [u8; 5] = [0x45, 1, 2, 3, 4];

#[test]
fn pcap_in_every_byte_order_and_resolution() {
    for big_endian in [false, true] {
        for (magic, fraction, nanoseconds) in [
            (0xa1b2_c3d4, 500_000, 7_500_000_000),
            (0xa1b2_3c4d, 500_000_001, 7_500_000_001),
            (0xa1b2_cd34, 500_000, 7_500_000_000),
        ] {
            let mut file = Bytes::new(big_endian);
            file.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(113);
            for _ in 0..2 {
                file.u32(7).u32(fraction).u32(5).u32(60);
                if magic == 0xa1b2_cd34 {
                    // Interface index, protocol, packet type, padding.
                    file.u32(3).u16(0x0800).raw(&[0, 0]);
                }
                file.raw(&PACKET);
            }
            let expected = (Some(nanoseconds), 60, Some(LinkType::LINUX_SLL), PACKET.to_vec());
            assert_eq!(
                read(&file.bytes),
                (vec![expected.clone(), expected], None),
                "{magic:#x} {big_endian}"
            );
        }
    }
}

#[test]
fn pcap_of_old_versions_has_its_lengths_the_other_way_round() {
    let mut file = Bytes::new(false);
    file.u32(0xa1b2_c3d4).u16(2).u16(2).u32(0).u32(0).u32(65_535).u32(1);
    file.u32(0).u32(0).u32(60).u32(5).raw(&PACKET);
    assert_eq!(read(&file.bytes), (vec![(Some(0), 60, Some(LinkType::ETHERNET), PACKET.to_vec())], None));
}

#[test]
fn a_fraction_of_more_than_a_second_is_added_as_it_stands() {
    let mut file = Bytes::new(false);
    file.u32(0xa1b2_c3d4).u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(1);
    file.u32(1).u32(3_000_000).u32(0).u32(0);
    assert_eq!(read(&file.bytes).0[0].0, Some(4_000_000_000));
}

#[test]
fn an_original_length_below_the_captured_one_is_read() {
    let mut file = Bytes::new(false);
    file.u32(0xa1b2_c3d4).u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(1);
    file.u32(0).u32(0).u32(5).u32(2).raw(&PACKET);
    assert_eq!(read(&file.bytes), (vec![(Some(0), 2, Some(LinkType::ETHERNET), PACKET.to_vec())], None));
}

#[test]
fn pcapng_with_several_sections_interfaces_and_units() {
    let mut file = Bytes::new(false);
    file.section();
    file.interface(1, 0, &[]);
    // Nanoseconds with an offset of ten seconds; options without an end mark.
    file.interface(101, 0, &[(9, &[9]), (14, &10_i64.to_le_bytes())]);
    // 2^-10 seconds; a comment that is no UTF-8.
    file.interface(276, 0, &[(1, &[0xff, 0xfe]), (9, &[0x8a]), (0, &[])]);
    file.enhanced(0, 1_500_000, 60, &PACKET).enhanced(1, 1, 5, &PACKET).enhanced(2, 1536, 5, &PACKET);
    let mut second = Bytes::new(true);
    second.section();
    second.block(0x0bad, &[1, 2, 3]).interface(113, 4, &[]);
    second.enhanced(0, 1_000_000, 5, &PACKET);
    // The obsolete Packet Block: interface and drops, then as the enhanced one.
    let obsolete = second.body(|body| {
        body.u16(0).u16(7).u32(0).u32(2_000_000).u32(5).u32(9).raw(&PACKET);
    });
    second.block(2, &obsolete);
    // Simple Packet Block: no time, and no more than the snap length.
    let simple = second.body(|body| {
        body.u32(5).raw(&PACKET[..4]);
    });
    second.block(3, &simple);
    file.raw(&second.bytes);
    let packet =
        |time, original, link_type, bytes: &[u8]| (time, original, Some(LinkType(link_type)), bytes.to_vec());
    assert_eq!(
        read(&file.bytes),
        (
            vec![
                packet(Some(1_500_000_000), 60, 1, &PACKET),
                packet(Some(10_000_000_001), 5, 101, &PACKET),
                packet(Some(1_500_000_000), 5, 276, &PACKET),
                packet(Some(1_000_000_000), 5, 113, &PACKET),
                packet(Some(2_000_000_000), 9, 113, &PACKET),
                packet(None, 5, 113, &PACKET[..4]),
            ],
            None
        )
    );
}

#[test]
fn a_packet_of_an_interface_that_is_not_described_has_no_link_type() {
    let mut file = Bytes::new(false);
    file.section().enhanced(3, 0, 5, &PACKET);
    let fault = "made: damaged: 1 packet of an interface that is not described, the first in frame 1 \
                 (interface 3); the link type is unknown";
    assert_eq!(read(&file.bytes), (vec![(None, 5, None, PACKET.to_vec())], Some(fault.to_owned())));
}

#[test]
fn every_cut_of_a_capture_gives_what_came_before_and_says_where() {
    let packets = [ipv4(portscribe::Transport::Udp, 1, 1, 2, 2, 0, 0, 0), PACKET.to_vec()];
    let plain = pcap(101, &packets);
    let mut blocks = Bytes::new(false);
    blocks.section().interface(101, 0, &[]);
    let ends_of_header = blocks.bytes.len();
    blocks.enhanced(0, 0, 28, &packets[0]).enhanced(0, 0, 5, &packets[1]);
    for (whole, header, first_end) in
        [(&plain, 24, 24 + 16 + 28), (&blocks.bytes, ends_of_header, ends_of_header + 60)]
    {
        for length in header..whole.len() {
            let (packets, error) = read(&whole[..length]);
            assert_eq!(packets.len(), usize::from(length >= first_end), "{length} bytes");
            let start = if length >= first_end { first_end } else { header };
            if length == start {
                assert_eq!(error, None, "{length} bytes");
            } else {
                let error = error.unwrap_or_else(|| panic!("{length} bytes: no error"));
                let packets = if packets.len() == 1 { "1 packet" } else { "0 packets" };
                let place = format!("made: cut short at byte {start}, after {packets}: ");
                assert!(error.starts_with(&place), "{error}");
            }
        }
    }
}

#[test]
fn damage_is_named_with_its_place() {
    let mut file = pcap(101, &[PACKET.to_vec(), PACKET.to_vec()]);
    let second = 24 + 16 + 5;
    file[second + 8..second + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let (packets, error) = read(&file);
    assert_eq!(packets.len(), 1);
    assert_eq!(
        error.as_deref(),
        Some(
            "made: damaged at byte 45, after 1 packet: a packet of 4294967295 bytes exceeds the \
             longest valid one (134217728); what came before is reported"
        )
    );

    let mut blocks = Bytes::new(false);
    blocks.section().interface(101, 0, &[]).enhanced(0, 0, 5, &PACKET);
    let at = blocks.bytes.len();
    blocks.u32(6).u32(13).raw(&[0; 64]);
    let (packets, error) = read(&blocks.bytes);
    assert_eq!(packets.len(), 1);
    let error = error.expect("an error");
    assert!(error.starts_with(&format!("made: damaged at byte {at}, after 1 packet: ")), "{error}");
}

#[test]
fn a_second_file_behind_the_first_is_told() {
    let one = pcap(101, &[PACKET.to_vec(), PACKET.to_vec()]);
    let (packets, error) = read(&[&one[..], &one[..]].concat());
    assert_eq!(packets.len(), 2);
    assert_eq!(
        error.as_deref(),
        Some(
            "made: damaged at byte 66, after 2 packets: another pcap file begins here; read concatenated \
             files one by one, or join them with mergecap; what came before is reported"
        )
    );
}

/// Reading goes on to where the file ends now: nothing but a message comes of it.
#[test]
fn a_file_that_is_shortened_meanwhile_is_cut_short() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shrinking.pcap");
    let packet = vec![0; 984];
    std::fs::write(&path, pcap(101, &vec![packet; 1000])).expect("a file");
    let mut reader = CaptureReader::open(&path).expect("a capture");
    assert!(reader.next().expect("a packet").is_some());
    let file = std::fs::File::options().write(true).open(&path).expect("the file");
    file.set_len(24 + 1000 * 600 + 7).expect("shorter");
    let mut packets = 1;
    let error = loop {
        match reader.next() {
            Ok(Some(_)) => packets += 1,
            Ok(None) => panic!("ended as if it were whole"),
            Err(error) => break error.with_cause(),
        }
    };
    assert_eq!(packets, 600);
    let place =
        "cut short at byte 600024, after 600 packets: a record header needs 16 bytes, the file has 7 more";
    assert!(error.contains(place), "{error}");
}

#[test]
fn compressed_captures_are_told_by_content() {
    // Random bytes, which no compression makes smaller.
    let mut random = crate::support::Random(3);
    let packets: Vec<Vec<u8>> = (0..1000).map(|_| (0..100).map(|_| random.next() as u8).collect()).collect();
    let whole = pcap(101, &packets);
    // Two members, two frames: one content.
    let (a, b) = whole.split_at(whole.len() / 2);
    let gzip = |part: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(part).expect("memory");
        encoder.finish().expect("memory")
    };
    let zstd = |part: &[u8]| zstd::encode_all(part, 1).expect("memory");
    for (compression, file) in [
        (None, whole.clone()),
        (Some(Compression::Gzip), [gzip(a), gzip(b)].concat()),
        (Some(Compression::Zstd), [zstd(a), zstd(b)].concat()),
    ] {
        let mut named = tempfile::Builder::new().suffix(".wrong").tempfile().expect("a file");
        named.write_all(&file).expect("a file");
        let mut reader = CaptureReader::open(named.path()).expect("a capture");
        assert_eq!((reader.compression(), reader.format()), (compression, CaptureFormat::Pcap));
        let mut packets = 0;
        while reader.next().expect("a whole capture").is_some() {
            packets += 1;
        }
        assert_eq!(packets, 1000, "{compression:?}");
        assert_eq!(read(&file).0.len(), 1000, "{compression:?} as a stream");
        if compression.is_some() {
            let (packets, error) = read(&file[..file.len() * 3 / 4]);
            assert!(packets.len() >= 499 && packets.len() < 1000, "{compression:?} cut");
            assert!(error.expect("an error").contains("after"), "{compression:?} cut");
        }
    }
}

#[test]
fn what_is_no_capture_is_told_for_what_it_looks_like() {
    for (bytes, looks_like) in [
        (&b""[..], "an empty file"),
        (b"PK\x03\x04abcdefgh", "a zip archive; unpack it first"),
        (b"hello, world", "text (`hello, world`)"),
        (b"\xfd7zXZ\0\0\0\0\0", "an xz file; unpack it first (xz -dc FILE | portscribe … -)"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "the first 6 bytes of a capture cut off in its header"),
        (b"\x01\x02\x03\xff", "unknown data (it begins with 01 02 03 ff)"),
        (
            b"\xd4\xc3\xb2\xa1\x03\x00\x01\x00\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0",
            "pcap of version 3.1; version 2 is read",
        ),
        (
            b"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d\0\x02\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x1c",
            "pcapng of version 2.0; version 1 is read",
        ),
    ] {
        let error = read(bytes).1.expect("an error");
        assert_eq!(
            error,
            format!("made: is not a capture in pcap or pcapng format: it looks like {looks_like}")
        );
    }
}

// ---- The program on broken and on several captures

fn temporary(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path.display().to_string()
}

#[test]
fn exit_status_tells_damaged_from_unusable() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = pcap(101, &[ipv4(portscribe::Transport::Udp, 1, 40_000, 2, 53, 0, 0, 0), PACKET.to_vec()]);
    let cut = temporary(folder.path(), "cut.pcap", &whole[..whole.len() - 1]);
    let text = temporary(folder.path(), "text", b"hello, world, this is no capture");
    let good = temporary(folder.path(), "good.pcap", &whole);
    let missing = folder.path().join("missing").display().to_string();

    let run = |captures: &[&str]| {
        let arguments = ["flows", "-q", "-f", "csv"].into_iter().chain(captures.iter().copied());
        let output = crate::support::portscribe(arguments);
        (
            output.status.code().expect("a status"),
            crate::support::rows(&output).len(),
            crate::support::stderr(&output),
        )
    };
    assert_eq!(run(&[&good]), (0, 1, String::new()));
    let (status, flows, said) = run(&[&cut]);
    assert_eq!((status, flows), (3, 1));
    assert_eq!(
        said,
        format!(
            "portscribe: {cut}: cut short at byte 68, after 1 packet: a packet with its record header needs 21 \
             bytes, the file has 20 more; what came before is reported\n"
        )
    );
    let output = crate::support::portscribe(["flows", "-q", "-f", "csv", &text]);
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stdout.is_empty(), "nothing is printed when nothing was read");
    assert!(
        crate::support::stderr(&output).contains("it looks like text"),
        "{}",
        crate::support::stderr(&output)
    );
    let output = crate::support::portscribe(["flows", "-q", &missing]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        crate::support::stderr(&output).contains("missing: cannot be opened: No such file"),
        "{}",
        crate::support::stderr(&output)
    );
    let (status, flows, said) = run(&[&text, &good]);
    assert_eq!((status, flows), (3, 1), "{said}");
    assert_eq!(crate::support::portscribe(["flows"]).status.code(), Some(2));
    assert_eq!(crate::support::portscribe(["flows", "-", "-"]).status.code(), Some(2));
    assert_eq!(crate::support::portscribe(["flows", &good, "--port", "70000"]).status.code(), Some(2));
}

#[test]
fn several_captures_are_one_traffic_in_order_of_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read(crate::support::sample("http.pcap")).expect("a sample");
    // The second half is named to come first.
    let mut at = 24;
    for _ in 0..15 {
        let length = u32::from_le_bytes(whole[at + 8..at + 12].try_into().expect("four bytes"));
        at += 16 + length as usize;
    }
    temporary(folder.path(), "b.pcap", &whole[..at]);
    temporary(folder.path(), "a.pcap", &[&whole[..24], &whole[at..]].concat());
    let flows = |arguments: &[&str]| {
        let fixed = ["flows", "-q", "-f", "csv"].into_iter().chain(arguments.iter().copied());
        crate::support::rows(&crate::support::portscribe(fixed))
    };
    let strip = |rows: Vec<std::collections::HashMap<String, String>>| {
        rows.into_iter()
            .map(|mut row| {
                row.remove("capture");
                row.remove("first_frame");
                let mut cells: Vec<_> = row.into_iter().collect();
                cells.sort();
                cells
            })
            .collect::<Vec<_>>()
    };
    let one = strip(flows(&["samples/http.pcap"]));
    let path = folder.path().display().to_string();
    assert_eq!(strip(flows(&[&path])), one);
    assert_ne!(strip(flows(&[&path, "--keep-order"])), one);
    let places: Vec<(String, String)> =
        flows(&[&path]).into_iter().map(|row| (row["capture"].clone(), row["first_frame"].clone())).collect();
    assert!(places[0].0.ends_with("/b.pcap") && places[0].1 == "4", "{places:?}");
    assert!(places.last().is_some_and(|(capture, _)| capture.ends_with("/a.pcap")), "{places:?}");
}

#[test]
fn standard_input_is_read_like_a_file() {
    let whole = std::fs::read(crate::support::sample("dns.pcapng")).expect("a sample");
    for command in ["flows", "packets", "summary"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .args([command, "-q", "-f", "ndjson", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        child.stdin.take().expect("a pipe").write_all(&whole).expect("a pipe");
        let output = child.wait_with_output().expect("an end");
        let file = crate::support::portscribe([command, "-q", "-f", "ndjson", "samples/dns.pcapng"]);
        let named = crate::support::stdout(&file).replace("samples/dns.pcapng", "-");
        assert_eq!(crate::support::stdout(&output), named, "{command}");
    }
}

#[test]
fn statistics_of_interfaces_say_what_was_dropped_and_when_was_listened() {
    for big_endian in [false, true] {
        let mut file = Bytes::new(big_endian);
        let count = |file: &Bytes, number: u64| {
            if file.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
        };
        let time = |file: &Bytes, ticks: u64| {
            file.body(|body| {
                body.u32((ticks >> 32) as u32).u32(ticks as u32);
            })
        };
        let statistics = |file: &mut Bytes, interface: u32, options: &[(u16, &[u8])]| {
            let body = file.body(|body| {
                body.u32(interface).u32(0).u32(0);
                for (code, value) in options {
                    body.u16(*code).u16(value.len() as u16).raw(value);
                }
            });
            file.block(5, &body);
        };
        file.section().interface(1, 0, &[]).interface(1, 0, &[(9, &[9])]);
        let (start, end) = (time(&file, 5_000_000), time(&file, 9_000_000));
        let [three, four, seven, unknown] = [3, 4, 7, u64::MAX].map(|number| count(&file, number));
        // The last block of an interface counts for the ones before it.
        statistics(&mut file, 0, &[(5, &three)]);
        statistics(&mut file, 0, &[(2, &start), (3, &end), (5, &four), (7, &seven)]);
        statistics(&mut file, 1, &[(2, &start), (5, &unknown), (7, &three)]);
        // No such interface.
        statistics(&mut file, 2, &[(5, &seven)]);
        // What begins anew in another section adds up.
        file.section().interface(1, 0, &[]);
        statistics(&mut file, 0, &[(5, &three)]);
        let mut reader = CaptureReader::from_stream("made", Cursor::new(file.bytes)).expect("a capture");
        assert!(reader.next().expect("a whole capture").is_none());
        let said = reader.statistics();
        assert_eq!(said.dropped(), Some(4 + 7 + 3 + 3));
        let listened: Vec<(i64, i64)> =
            said.listened().iter().map(|(from, to)| (from.nanoseconds(), to.nanoseconds())).collect();
        assert_eq!(listened, [(5_000_000_000, 9_000_000_000)]);
    }
}
