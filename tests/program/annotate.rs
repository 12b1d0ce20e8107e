//! An annotated capture is the capture, with comments, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::packet::{ipv4, pcap, pcap_at, unreachable};
use crate::support::{portscribe, rows, sample, sample_captures, stderr};
use portscribe::Transport;
use portscribe::annotate::{
    AnnotateOptions, Comments, HostName, MemoWriter, PREFIX, Pass, Stream, Whole, filter, profile,
};
use portscribe::capture::{BlockType, ByteOrder, CaptureReader, Element, Held, LinkType};
use portscribe::label::Flag;
use portscribe::registry::Registry;
use portscribe::traffic::{FoldAndTell, ReadSettings, Reading};

/// A folder for what a test writes.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Annotates in the program; the status and the result.
fn annotate(captures: &[&Path], more: &[&str]) -> (i32, Vec<u8>) {
    let folder = folder();
    let out = folder.path().join("out.pcapng");
    let mut arguments: Vec<&std::ffi::OsStr> = vec!["annotate".as_ref(), "-o".as_ref(), out.as_os_str()];
    arguments.extend(captures.iter().map(|path| path.as_os_str()));
    arguments.extend(more.iter().map(std::ffi::OsStr::new));
    let output = portscribe(arguments);
    let status = output.status.code().expect("it ends by itself");
    assert_eq!(
        fs::read_dir(folder.path()).expect("a folder").count(),
        usize::from(out.exists()),
        "nothing else"
    );
    (status, fs::read(&out).unwrap_or_default())
}

/// Annotates bytes.
fn annotate_bytes(capture: &[u8], more: &[&str]) -> Vec<u8> {
    let folder = folder();
    let path = folder.path().join("in");
    fs::write(&path, capture).expect("a file");
    let (status, result) = annotate(&[&path], more);
    assert_eq!(status, 0);
    result
}

/// One packet as it was read: time, length on the wire, link type, octets.
type Read = (Option<i64>, u32, Option<LinkType>, Vec<u8>);

fn packets(capture: &[u8]) -> Vec<Read> {
    let mut reader = CaptureReader::from_stream("made", Cursor::new(capture.to_vec())).expect("a capture");
    let mut packets = Vec::new();
    while let Some(packet) = reader.next().expect("a whole capture") {
        packets.push((
            packet.time.map(portscribe::capture::Timestamp::nanoseconds),
            packet.original_length,
            packet.link_type,
            packet.bytes.to_vec(),
        ));
    }
    packets
}

/// The options of a block, from `start` on: code and value.
fn options(block: &[u8], start: usize, big_endian: bool) -> Vec<(u16, Vec<u8>)> {
    let short = |at: usize| {
        let bytes = [block[at], block[at + 1]];
        if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    };
    let (mut at, end) = (start, block.len() - 4);
    let mut found = Vec::new();
    while at + 4 <= end && short(at) != 0 {
        let length = usize::from(short(at + 2));
        if at + 4 + length > end {
            break;
        }
        found.push((short(at), block[at + 4..at + 4 + length].to_vec()));
        at += 4 + length.next_multiple_of(4);
    }
    found
}

/// The comments of each packet.
fn comments(capture: &[u8]) -> Vec<Vec<String>> {
    let mut reader = CaptureReader::from_stream("made", Cursor::new(capture.to_vec())).expect("a capture");
    let mut all = Vec::new();
    while let Some(element) = reader.next_element().expect("a whole capture") {
        if let Element::Packet(_, Held::Block { block, end }) = element {
            let options = if block.kind == BlockType::SIMPLE_PACKET {
                Vec::new()
            } else {
                options(block.bytes, end.next_multiple_of(4), block.order == ByteOrder::Big)
            };
            let texts = options.into_iter().filter(|(code, _)| *code == 1);
            all.push(texts.map(|(_, text)| String::from_utf8(text).expect("UTF-8")).collect());
        }
    }
    all
}

/// Every block as it stands: kind, bytes.
fn blocks(capture: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut reader = CaptureReader::from_stream("made", Cursor::new(capture.to_vec())).expect("a capture");
    let mut all = Vec::new();
    while let Some(element) = reader.next_element().expect("a whole capture") {
        match element {
            Element::Packet(_, Held::Block { block, .. }) | Element::Block(block) => {
                all.push((block.kind.0, block.bytes.to_vec()));
            }
            Element::Packet(..) => panic!("an annotated capture is pcapng"),
        }
    }
    all
}

/// A pcapng block in one of the byte orders.
fn block(big_endian: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let number = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let padding = body.len().next_multiple_of(4) - body.len();
    let length = number((12 + body.len() + padding) as u32);
    [&number(kind)[..], &length, body, &[0; 3][..padding], &length].concat()
}

/// Numbers of 32 bits in one of the byte orders.
fn words(big_endian: bool, numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() }).collect()
}

/// Options in one of the byte orders, with the end of the list where `ended`.
fn option_list(big_endian: bool, list: &[(u16, &[u8])], ended: bool) -> Vec<u8> {
    let short = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let mut bytes = Vec::new();
    for (code, value) in list {
        bytes.extend(short(*code));
        bytes.extend(short(value.len() as u16));
        bytes.extend(*value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes.extend(ended.then_some([0; 4]).into_iter().flatten());
    bytes
}

fn section(big_endian: bool, options: &[u8]) -> Vec<u8> {
    let mut body = words(big_endian, &[0x1a2b_3c4d]);
    body.extend(if big_endian { [0, 1, 0, 0] } else { [1, 0, 0, 0] });
    body.extend([0xff; 8]);
    body.extend(options);
    block(big_endian, 0x0a0d_0d0a, &body)
}

fn interface(big_endian: bool, link_type: u16, options: &[u8]) -> Vec<u8> {
    let mut body = if big_endian { link_type.to_be_bytes() } else { link_type.to_le_bytes() }.to_vec();
    body.extend([0; 6]);
    body.extend(options);
    block(big_endian, 1, &body)
}

fn enhanced(big_endian: bool, interface: u32, ticks: u64, packet: &[u8], options: &[u8]) -> Vec<u8> {
    let length = packet.len() as u32;
    let mut body = words(big_endian, &[interface, (ticks >> 32) as u32, ticks as u32, length, length + 4]);
    body.extend(packet);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(options);
    block(big_endian, 6, &body)
}

fn query(port: u16) -> Vec<u8> {
    ipv4(Transport::Udp, 1, port, 2, 53, 0, 0, 0)
}

/// A pcapng file with everything that has to be kept, in one byte order.
fn rich(big_endian: bool) -> Vec<u8> {
    let short = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
    let text = |text: &'static str| text.as_bytes();
    let names = {
        let mut body = option_list(big_endian, &[(1, b"\xc0\x00\x02\x02dns.example\0")], false);
        body.extend([0; 4]);
        body.extend(option_list(big_endian, &[(1, text("whose names"))], true));
        body
    };
    let secrets = [words(big_endian, &[0x544c_534b, 6]), b"SECRET\0\0".to_vec()].concat();
    let statistics = [
        words(big_endian, &[0, 1, 2]),
        option_list(big_endian, &[(4, &[0; 8]), (1, text("statistics"))], true),
    ]
    .concat();
    let obsolete = {
        let packet = query(40_004);
        let mut body = [short(0), short(7)].concat();
        body.extend(words(big_endian, &[0, 4_000_000, packet.len() as u32, packet.len() as u32]));
        body.extend(&packet);
        body.extend(option_list(big_endian, &[(2, &[0; 4])], true));
        body
    };
    let simple = [words(big_endian, &[28]), query(40_005)].concat();
    [
        section(
            big_endian,
            &option_list(big_endian, &[(1, text("of the section")), (4, text("a writer"))], true),
        ),
        interface(big_endian, 101, &option_list(big_endian, &[(2, text("eth0")), (9, &[12])], true)),
        block(big_endian, 4, &names),
        block(big_endian, 10, &secrets),
        enhanced(
            big_endian,
            0,
            1_000_000_000_001,
            &query(40_001),
            &option_list(big_endian, &[(2, &[1, 0, 0, 0]), (1, text("mine")), (1, text("mine, too"))], true),
        ),
        // A list without its end, and none.
        enhanced(big_endian, 0, 2, &query(40_002), &option_list(big_endian, &[(1, text("open"))], false)),
        enhanced(big_endian, 0, 3, &query(40_003), &[]),
        block(big_endian, 0x0bad, &words(big_endian, &[32_473, 1, 2])),
        block(big_endian, 0x1234, b"unknown!"),
        block(big_endian, 2, &obsolete),
        block(big_endian, 3, &simple),
        block(big_endian, 5, &statistics),
    ]
    .concat()
}

/// What is left of an annotated capture when our comments are taken out, and lists that hold
/// nothing but their end.
fn without_ours(capture: &[u8]) -> Vec<u8> {
    let mut reader = CaptureReader::from_stream("made", Cursor::new(capture.to_vec())).expect("a capture");
    let mut all = Vec::new();
    while let Some(element) = reader.next_element().expect("a whole capture") {
        let (Element::Packet(_, Held::Block { block: held, .. }) | Element::Block(held)) = element else {
            panic!("an annotated capture is pcapng")
        };
        // Our comment is the first option, wherever the list begins.
        let Some(at) = held.bytes.windows(PREFIX.len()).position(|part| part == PREFIX.as_bytes()) else {
            all.extend(held.bytes);
            continue;
        };
        let length = if held.order == ByteOrder::Big {
            u16::from_be_bytes([held.bytes[at - 2], held.bytes[at - 1]])
        } else {
            u16::from_le_bytes([held.bytes[at - 2], held.bytes[at - 1]])
        };
        let rest = &held.bytes[at + usize::from(length).next_multiple_of(4)..held.bytes.len() - 4];
        let body = &held.bytes[8..at - 4];
        let rest = if rest == [0; 4] { &[][..] } else { rest };
        all.extend(block(held.order == ByteOrder::Big, held.kind.0, &[body, rest].concat()));
    }
    all
}

#[test]
fn packets_of_every_sample_are_the_same() {
    for path in sample_captures() {
        let (status, result) = annotate(&[&path], &[]);
        assert_eq!(status, 0, "{}", path.display());
        let before = packets(&fs::read(&path).expect("a sample"));
        assert!(!before.is_empty());
        assert_eq!(packets(&result), before, "{}", path.display());
        assert!(comments(&result).iter().all(|texts| texts.len() == 1 && texts[0].starts_with(PREFIX)));
    }
}

#[test]
fn everything_else_of_pcapng_is_the_same_octet_for_octet() {
    for capture in [
        rich(false),
        rich(true),
        [rich(true), rich(false)].concat(),
        [rich(false), rich(true), rich(true)].concat(),
    ] {
        let result = annotate_bytes(&capture, &[]);
        assert_eq!(without_ours(&result), capture);
        assert_eq!(packets(&result), packets(&capture));
        assert_eq!(annotate_bytes(&result, &[]), result, "annotated again");
        let sections = capture.windows(4).filter(|part| *part == [0x0a, 0x0d, 0x0d, 0x0a]).count();
        assert_eq!(result.windows(12).filter(|part| part == b"annotated by").count(), sections);
    }
}

#[test]
fn comments_of_others_stay_and_stand_behind_ours() {
    let result = annotate_bytes(&rich(true), &[]);
    let texts = comments(&result);
    assert_eq!(texts[0][1..], ["mine", "mine, too"]);
    assert!(texts[0][0].starts_with("portscribe: flow 1 · client 192.0.2.1:40001 → server 192.0.2.2:53/udp"));
    assert_eq!(texts[1][1..], ["open"]);
    // The obsolete Packet Block takes a comment, the Simple Packet Block has no room for one.
    assert!(texts[3][0].starts_with("portscribe: flow 4 · "));
    assert_eq!(texts[4], Vec::<String>::new());
}

#[test]
fn what_must_not_be_copied_is_not_and_that_is_said() {
    let capture = [
        section(false, &option_list(false, &[(19_372, b"\0\0\0\0gone")], true)),
        interface(false, 101, &[]),
        block(false, 0x4000_0bad, &words(false, &[32_473, 1])),
        block(false, 0x0bad, &words(false, &[32_473, 2])),
        enhanced(
            false,
            0,
            0,
            &query(40_000),
            &option_list(false, &[(19_373, b"\0\0\0\0x"), (2988, b"\0\0\0\0y")], true),
        ),
    ]
    .concat();
    let folder = folder();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&input, capture).expect("a file");
    let output = portscribe(["annotate".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str()]);
    assert_eq!(output.status.code(), Some(0));
    let said = stderr(&output);
    assert!(said.contains("1 Custom Blocks were not copied"), "{said}");
    assert!(said.contains("2 Custom Options were not copied"), "{said}");
    let result = fs::read(&out).expect("a result");
    let kinds: Vec<u32> = blocks(&result).iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [0x0a0d_0d0a, 1, 0x0bad, 6]);
    assert!(!result.windows(4).any(|part| part == b"gone"));
    let packet = &blocks(&result)[3].1;
    let codes: Vec<u16> = options(packet, 28 + 28, false).iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [1, 2988]);
    assert_eq!(annotate_bytes(&result, &[]), result);
}

#[test]
fn packets_of_undescribed_interfaces_are_left_out_and_that_is_said() {
    let (one, other) = (query(40_001), query(40_002));
    let described = [section(false, &[]), interface(false, 101, &[])].concat();
    let kept = enhanced(false, 0, 1, &one, &[]);
    let lost = enhanced(false, 7, 2, &other, &[]);
    let folder = folder();
    let path = folder.path().join("in.pcapng");
    let out = folder.path().join("out.pcapng");
    // In a section without interfaces, a Simple Packet Block names one, too.
    let simple = block(false, 3, &[&words(false, &[other.len() as u32])[..], &other].concat());
    let bare = [section(false, &[]), simple].concat();
    for (capture, packets_lost) in [
        ([&described[..], &kept, &lost, &kept].concat(), "1 packet"),
        ([&described[..], &lost, &kept, &lost, &kept, &bare].concat(), "3 packets"),
    ] {
        fs::write(&path, capture).expect("a file");
        for more in [&[][..], &["--delay", "1"], &["--comments", "first"]] {
            let output = portscribe(
                ["annotate", "-q", "-o"]
                    .iter()
                    .map(std::ffi::OsStr::new)
                    .chain([out.as_os_str(), path.as_os_str()])
                    .chain(more.iter().map(std::ffi::OsStr::new)),
            );
            let said = stderr(&output);
            let expected = format!(
                "portscribe: not written: {packets_lost} of an interface that the capture does not describe; programs \
                 refuse a file with such a packet\n"
            );
            assert!(said.contains(&expected), "{said}");
            assert_eq!(output.status.code(), Some(3));
            let result = fs::read(&out).expect("a result");
            assert_eq!(packets(&result).iter().map(|read| &read.3).collect::<Vec<_>>(), [&one, &one]);
            for program in [&["tshark", "-r"][..], &["capinfos"]] {
                if crate::support::has_program(program[0]) {
                    let read =
                        Command::new(program[0]).args(&program[1..]).arg(&out).output().expect("it runs");
                    assert!(read.status.success(), "{program:?}: {}", stderr(&read));
                }
            }
        }
    }
}

/// tshark and capinfos refuse the whole of a file where an option runs past its block.
#[test]
fn options_are_copied_up_to_where_their_list_is_damaged() {
    let one = query(40_001);
    let sound = [&1_u16.to_le_bytes()[..], &4_u16.to_le_bytes(), b"kept"].concat();
    let past = [&2_u16.to_le_bytes()[..], &0xffff_u16.to_le_bytes(), b"lost"].concat();
    let damaged = [&sound[..], &past].concat();
    let capture = [
        section(false, &damaged),
        interface(false, 101, &damaged),
        enhanced(false, 0, 1, &one, &damaged),
        enhanced(false, 0, 2, &one, &sound),
        // The end of a list has no length.
        enhanced(false, 0, 3, &one, &[0, 0, 9, 0]),
    ]
    .concat();
    let folder = folder();
    let [path, out] = ["in.pcapng", "out.pcapng"].map(|name| folder.path().join(name));
    fs::write(&path, capture).expect("a file");
    for more in [&[][..], &["--delay", "1"], &["--comments", "first"]] {
        let names = [path.as_os_str(), std::ffi::OsStr::new("-o"), out.as_os_str()];
        let words = ["annotate", "-q"].iter().chain(more).map(std::ffi::OsStr::new);
        let output = portscribe(words.chain(names));
        assert_eq!(
            (output.status.code(), stderr(&output).as_str()),
            (
                Some(0),
                "portscribe: the options of 4 blocks are damaged, and were copied up to there; programs refuse a file \
                 with such options\n"
            )
        );
        let result = fs::read(&out).expect("a result");
        assert_eq!(packets(&result).len(), 3);
        assert_eq!(result.windows(4).filter(|octets| octets == b"kept").count(), 4);
        assert!(!result.windows(4).any(|octets| octets == b"lost"));
        for program in [&["tshark", "-r"][..], &["capinfos"]] {
            if crate::support::has_program(program[0]) {
                let read = Command::new(program[0]).args(&program[1..]).arg(&out).output().expect("it runs");
                assert!(read.status.success(), "{program:?}: {}", stderr(&read));
            }
        }
    }
}

#[test]
fn a_damaged_section_header_is_written_anew() {
    let (one, other) = (query(40_001), query(40_002));
    let described = [section(false, &[]), interface(false, 101, &[])].concat();
    let mut damaged = described.clone();
    // The second length of the header.
    damaged[24] ^= 0xff;
    let lost = enhanced(false, 0, 1, &other, &[]).repeat(4);
    let capture = [damaged, lost, described, enhanced(false, 0, 2, &one, &[])].concat();
    let folder = folder();
    let [path, out] = ["in.pcapng", "out.pcapng"].map(|name| folder.path().join(name));
    fs::write(&path, capture).expect("a file");
    for more in [&[][..], &["--delay", "1"], &["--comments", "first"]] {
        let names = [path.as_os_str(), std::ffi::OsStr::new("-o"), out.as_os_str()];
        let words = ["annotate", "-q"].iter().chain(more).map(std::ffi::OsStr::new);
        let output = portscribe(words.chain(names));
        assert_eq!(output.status.code(), Some(3));
        let said = stderr(&output);
        assert!(
            said.contains("not written: 4 packets of an interface that the capture does not describe"),
            "{said}"
        );
        let result = fs::read(&out).expect("a result");
        assert_eq!(packets(&result).iter().map(|read| &read.3).collect::<Vec<_>>(), [&one]);
        for program in [&["tshark", "-r"][..], &["capinfos"]] {
            if crate::support::has_program(program[0]) {
                let read = Command::new(program[0]).args(&program[1..]).arg(&out).output().expect("it runs");
                assert!(read.status.success(), "{program:?}: {}", stderr(&read));
            }
        }
    }
}

#[test]
fn a_section_length_becomes_not_known() {
    let mut capture = [section(false, &[]), interface(false, 101, &[])].concat();
    let length = (capture.len() - 28) as u64;
    capture[16..24].copy_from_slice(&length.to_le_bytes());
    assert_eq!(annotate_bytes(&capture, &[])[16..24], [0xff; 8]);
}

#[test]
fn annotating_again_replaces_our_comments() {
    for path in sample_captures() {
        let capture = fs::read(&path).expect("a sample");
        for choice in ["all", "first", "flagged"] {
            let once = annotate_bytes(&capture, &["--comments", choice]);
            assert_eq!(annotate_bytes(&once, &["--comments", choice]), once, "{} {choice}", path.display());
            // Fewer comments take the others away.
            let all = annotate_bytes(&capture, &[]);
            assert_eq!(annotate_bytes(&all, &["--comments", choice]), once, "{} {choice}", path.display());
        }
    }
}

#[test]
fn the_wording_is_this() {
    let registry = Registry::bundled();
    let edition = registry.edition().expect("the bundled registry has one");
    let syn = ipv4(Transport::Tcp, 7, 51_514, 2, 443, 2, 10, 0);
    let answer = ipv4(Transport::Tcp, 2, 443, 7, 51_514, 0x12, 90, 11);
    let unassigned = ipv4(Transport::Udp, 7, 51_515, 2, 28_900, 0, 0, 0);
    let error = unreachable(&unassigned);
    let result = annotate_bytes(&pcap(101, &[syn, answer, unassigned, error, vec![0x45, 0]]), &[]);
    let texts: Vec<String> = comments(&result).into_iter().flatten().collect();
    assert_eq!(
        texts,
        [
            format!(
                "portscribe: flow 1 · client 192.0.2.7:51514 → server 192.0.2.2:443/tcp · registered as https \
                 (IANA {edition}) · by handshake, high\n\"http protocol over TLS/SSL\""
            ),
            "portscribe: flow 1 · https · to client".to_owned(),
            format!(
                "portscribe: flow 2 · client 192.0.2.7:51515 → server 192.0.2.2:28900/udp · unassigned \
                 (IANA {edition}) · by ephemeral, medium\n\
                 flag unassigned-port: nobody has registered the server's port\n\
                 flag one-way: only one side was seen where both were to be expected\n\
                 flag refused: the opening was answered with a reset or an ICMP unreachable"
            ),
            "portscribe: no flow · portless: an IP protocol without ports (icmp)".to_owned(),
            "portscribe: no flow · truncated: cut off before the ports (IPv4 at octet 0 needs at least 20 octets, 2 were captured)"
                .to_owned(),
        ]
    );
}

#[test]
fn a_header_that_a_length_field_cuts_short_names_the_field() {
    let mut packet = ipv4(Transport::Tcp, 7, 51_514, 2, 443, 2, 10, 0);
    packet[2..4].copy_from_slice(&[0, 22]);
    let result = annotate_bytes(&pcap(101, &[packet]), &[]);
    assert_eq!(
        comments(&result).into_iter().flatten().collect::<Vec<_>>(),
        [
            "portscribe: no flow · truncated: cut off before the ports (TCP at octet 20 needs at least 20 octets, \
             the IPv4 total length leaves 2)"
        ]
    );
}

#[test]
fn sections_say_how_they_were_annotated() {
    let registry = Registry::bundled();
    let result =
        annotate_bytes(&pcap(101, &[query(40_000)]), &["--only", "service=domain", "--layers", "outer"]);
    let (_, header) = &blocks(&result)[0];
    let texts = options(header, 24, false);
    assert_eq!(texts[1], (4, format!("portscribe {}", env!("CARGO_PKG_VERSION")).into_bytes()));
    assert_eq!(
        String::from_utf8(texts[0].1.clone()).expect("UTF-8"),
        format!(
            "portscribe: annotated by portscribe {}\n\
             registry: IANA {}, {} rows, from {}\n\
             overlay: none\n\
             options: --comments all --layers outer --service domain\n\
             {}",
            env!("CARGO_PKG_VERSION"),
            registry.edition().expect("an edition"),
            registry.len(),
            registry.source(),
            portscribe::registry::NOTE
        )
    );
}

#[test]
fn a_pcap_header_becomes_an_interface() {
    // Big-endian, nanoseconds, two hours east, frame check sequences of four octets.
    let mut capture = words(true, &[0xa1b2_3c4d, 0x0002_0004, 7200, 0, 96, 0x2400_0065]);
    capture.extend(words(true, &[u32::MAX, 999_999_999, 28, 60]));
    capture.extend(query(40_000));
    let result = annotate_bytes(&capture, &[]);
    let (kind, block) = &blocks(&result)[1];
    assert_eq!(*kind, 1);
    assert_eq!(block[8..16], [101, 0, 0, 0, 96, 0, 0, 0]);
    let expected: [(u16, Vec<u8>); 3] = [(9, vec![9]), (10, 7200_i32.to_le_bytes().to_vec()), (13, vec![4])];
    assert_eq!(options(block, 16, false), expected);
    let read = packets(&result);
    assert_eq!((read[0].0, read[0].1), (Some(i64::from(u32::MAX) * 1_000_000_000 + 999_999_999), 60));
    assert_eq!(read, packets(&capture));
}

#[test]
fn the_kuznetsov_variant_keeps_its_directions() {
    let mut capture = words(false, &[0xa1b2_cd34, 0x0004_0002, 0, 0, 65_535, 101]);
    for packet_type in [0_u8, 4] {
        capture.extend(words(false, &[0, 0, 28, 28, 2]));
        capture.extend([0, 8, packet_type, 0]);
        capture.extend(query(40_000));
    }
    let result = annotate_bytes(&capture, &[]);
    assert_eq!(packets(&result), packets(&capture));
    let flags = |n: usize| options(&blocks(&result)[n].1, 56, false).into_iter().find(|(code, _)| *code == 2);
    // Inbound and for this host; outbound.
    assert_eq!(flags(2), Some((2, vec![5, 0, 0, 0])));
    assert_eq!(flags(3), Some((2, vec![2, 0, 0, 0])));
}

#[test]
fn several_captures_become_one_with_interfaces_apart() {
    let inputs = ["sll.pcap", "raw-ip.pcap", "dns.pcapng"].map(sample);
    let paths: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    let (status, result) = annotate(&paths, &["--keep-order"]);
    assert_eq!(status, 0);
    let apart: Vec<Read> =
        inputs.iter().flat_map(|path| packets(&fs::read(path).expect("a sample"))).collect();
    assert_eq!(packets(&result), apart);
    assert_eq!(blocks(&result).iter().filter(|(kind, _)| *kind == 0x0a0d_0d0a).count(), 3);
    let again = annotate_bytes(&result, &["--keep-order"]);
    assert!(again == result, "annotated again");
}

#[test]
fn filters_find_the_flows_that_have_the_flag() {
    for path in sample_captures() {
        let (_, result) = annotate(&[&path], &[]);
        let texts = comments(&result);
        let flows = rows(&portscribe(["flows".as_ref(), path.as_os_str(), "-f".as_ref(), "csv".as_ref()]));
        for flag in Flag::ALL {
            assert_eq!(filter(flag), format!("frame.comment contains \"{flag}\""));
            let found: BTreeSet<&str> = texts
                .iter()
                .flatten()
                .filter(|text| text.contains(flag.name()))
                .filter_map(|text| text.strip_prefix("portscribe: flow ")?.split(' ').next())
                .collect();
            let listed: BTreeSet<&str> = flows
                .iter()
                .filter(|row| row["flags"].split(' ').any(|word| word == flag.name()))
                .map(|row| row["flow"].as_str())
                .collect();
            assert_eq!(found, listed, "{} {flag}", path.display());
        }
    }
}

#[test]
fn only_selected_flows_are_written() {
    let capture = sample("scan.pcap");
    let (_, everything) = annotate(&[&capture], &[]);
    for selection in [["--only", "flag=refused"], ["--flag", "refused"]] {
        let (status, result) = annotate(&[&capture], &selection);
        assert_eq!(status, 0);
        let expected: Vec<Vec<String>> =
            comments(&everything).into_iter().filter(|texts| texts[0].contains("refused")).collect();
        assert!(!expected.is_empty() && expected.len() < packets(&everything).len());
        assert_eq!(comments(&result), expected);
    }
    let wrong = portscribe(["annotate", "x.pcap", "-o", "y", "--only", "flag=nonsense"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn comments_can_be_fewer() {
    let capture = fs::read(sample("http.pcap")).expect("a sample");
    let first = comments(&annotate_bytes(&capture, &["--comments", "first"]));
    assert!(first.iter().flatten().all(|text| text.contains(" · client ")));
    assert!(first.iter().any(Vec::is_empty));
    let capture = pcap(101, &[query(51_000), ipv4(Transport::Udp, 1, 51_001, 2, 28_900, 0, 0, 0)]);
    let answered = pcap(
        101,
        &[ipv4(Transport::Udp, 1, 51_000, 2, 443, 0, 0, 0), ipv4(Transport::Udp, 2, 443, 1, 51_000, 0, 0, 0)],
    );
    let flagged = comments(&annotate_bytes(&capture, &["--comments", "flagged"]));
    assert!(flagged.iter().all(|texts| texts.len() == 1));
    assert_eq!(
        comments(&annotate_bytes(&answered, &["--comments", "flagged"])),
        vec![Vec::<String>::new(); 2]
    );
}

#[test]
fn a_split_holds_every_packet_with_its_interfaces() {
    let input = [rich(true), rich(false)].concat();
    let whole = packets(&input);
    for (by, files) in [
        ("service", vec!["domain.pcapng"]),
        ("flag", vec!["cleartext.pcapng", "one-way.pcapng"]),
        ("flow", (1..=5).map(|_| "").collect()),
    ] {
        let folder = folder();
        let (path, out) = (folder.path().join("in"), folder.path().join("out"));
        fs::write(&path, &input).expect("a file");
        let output = portscribe([
            "annotate".as_ref(),
            path.as_os_str(),
            "-o".as_ref(),
            out.as_os_str(),
            "--split-by".as_ref(),
            by.as_ref(),
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let mut names: Vec<String> = fs::read_dir(&out)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort();
        if by == "flow" {
            assert_eq!(names.len(), files.len());
        } else {
            assert_eq!(names, files);
        }
        let mut all: Vec<Read> = Vec::new();
        for name in &names {
            let part = fs::read(out.join(name)).expect("a part");
            assert!(blocks(&part).iter().any(|(kind, _)| *kind == 5), "what stands behind packets is there");
            all.extend(packets(&part));
        }
        // Every flow has both flags.
        let mut expected = if by == "flag" { [whole.clone(), whole.clone()].concat() } else { whole.clone() };
        all.sort();
        expected.sort();
        assert_eq!(all, expected, "{by}");
    }
}

#[test]
fn a_split_by_service_tells_the_services_apart() {
    let packets_of = |port| ipv4(Transport::Udp, 1, 40_000, 2, port, 0, 0, 0);
    let capture = pcap(101, &[packets_of(53), packets_of(123), packets_of(28_900), vec![0x45]]);
    let folder = folder();
    let (path, out) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&path, capture).expect("a file");
    let arguments = ["annotate".as_ref(), path.as_os_str(), "-o".as_ref(), out.as_os_str()];
    let output = portscribe(arguments.into_iter().chain(["--split-by".as_ref(), "service".as_ref()]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for name in ["domain", "ntp", "no-service-unassigned", "no-flow"] {
        let part = fs::read(out.join(format!("{name}.pcapng"))).expect(name);
        assert_eq!(packets(&part).len(), 1, "{name}");
    }
}

#[test]
fn a_split_of_a_selection_holds_what_is_selected_alone() {
    let packets_of = |port| ipv4(Transport::Udp, 1, 40_000, 2, port, 0, 0, 0);
    let capture = pcap(101, &[packets_of(53), packets_of(123), packets_of(28_900)]);
    let folder = folder();
    let path = folder.path().join("in");
    fs::write(&path, capture).expect("a file");
    for (by, only, expected) in [
        ("service", "service=ntp", &["ntp.pcapng"][..]),
        ("flow", "port=28900", &["flow-3.pcapng"]),
        // It has all of these flags.
        (
            "flag",
            "flag=unassigned-port",
            &["client-port-registered.pcapng", "one-way.pcapng", "unassigned-port.pcapng"],
        ),
    ] {
        let out = folder.path().join(by);
        let fixed = ["annotate".as_ref(), path.as_os_str(), "-o".as_ref(), out.as_os_str()];
        let output =
            portscribe(fixed.into_iter().chain(["--split-by", by, "--only", only].map(AsRef::as_ref)));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let mut names: Vec<_> =
            out.read_dir().expect("a folder").map(|one| one.expect("a file").file_name()).collect();
        names.sort();
        assert_eq!(names, expected, "{by}");
        for name in expected {
            assert_eq!(packets(&fs::read(out.join(name)).expect("a file")).len(), 1, "{by}");
        }
    }
}

/// Annotates a stream in the program.
fn annotate_stream(capture: &[u8], more: &[&str]) -> (i32, Vec<u8>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["annotate", "-", "-o", "-"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let capture = capture.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&capture));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("everything is read");
    (output.status.code().expect("a status"), output.stdout)
}

#[test]
fn a_stream_gives_the_same_packets() {
    for path in sample_captures() {
        let capture = fs::read(&path).expect("a sample");
        let (status, result) = annotate_stream(&capture, &[]);
        assert_eq!(status, 0, "{}", path.display());
        assert_eq!(packets(&result), packets(&capture), "{}", path.display());
        assert!(comments(&result).iter().all(|texts| texts.len() == 1));
    }
    let (_, result) = annotate_stream(&rich(true), &[]);
    assert_eq!(without_ours(&result), rich(true));
}

#[test]
fn with_time_to_wait_a_stream_says_what_two_passes_say() {
    for name in ["http.pcap", "dns.pcapng", "ssh.pcap"] {
        let capture = fs::read(sample(name)).expect("a sample");
        let (_, result) = annotate_stream(&capture, &["--delay", "100000"]);
        let firsts = |result: &[u8]| -> Vec<String> {
            comments(result).into_iter().flatten().filter(|text| text.contains(" · client ")).collect()
        };
        let whole = firsts(&annotate_bytes(&capture, &[]));
        let by_handshake = |texts: Vec<String>| -> Vec<String> {
            texts
                .iter()
                .filter(|text| text.contains("by handshake"))
                .map(|text| text.lines().next().unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(by_handshake(firsts(&result)), by_handshake(whole), "{name}");
    }
}

#[test]
fn a_direction_learnt_later_is_said_in_a_later_packet() {
    // Both ports are of the user range and unassigned, no opening is seen: the first sender is taken
    // for the client, until it turns out to talk to several.
    let packet = |peer| ipv4(Transport::Tcp, 1, 29_100, peer, 28_900, 0x10, 1, 1);
    let (one, two) = (packet(2), packet(3));
    let capture = pcap_at(101, &[(0, &one), (5, &one), (10, &two), (20, &one)]);
    let (status, result) = annotate_stream(&capture, &[]);
    assert_eq!(status, 0);
    let texts: Vec<String> = comments(&result).into_iter().flatten().collect();
    for (text, start) in texts.iter().zip([
        "portscribe: flow 1 · client 192.0.2.1:29100 → server 192.0.2.2:28900/tcp",
        "portscribe: flow 1 · learnt later · client 192.0.2.2:28900 → server 192.0.2.1:29100/tcp",
        "portscribe: flow 2 · client 192.0.2.3:28900 → server 192.0.2.1:29100/tcp",
        "portscribe: flow 1 · unassigned · to client",
    ]) {
        assert!(text.starts_with(start), "{text}");
    }
    assert_eq!(texts.len(), 4);
}

#[test]
fn a_packet_waits_no_longer_than_the_delay() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["annotate", "-", "-o", "-", "--delay", "2", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    // Three packets a second apart: the first has waited two seconds when the third comes.
    stdin.write_all(&pcap(101, &[query(40_000), query(40_001), query(40_002)])).expect("it reads");
    stdin.flush().expect("it reads");
    let mut read = Vec::new();
    while !read.windows(11).any(|part| part == b"flow 1 \xc2\xb7 c") {
        let mut piece = [0; 4096];
        let n = std::io::Read::read(&mut stdout, &mut piece).expect("it writes");
        assert!(n > 0, "it waits for more");
        read.extend(&piece[..n]);
    }
    assert!(!read.windows(7).any(|part| part == b"flow 2 "));
    drop(stdin);
    std::io::Read::read_to_end(&mut stdout, &mut read).expect("it writes");
    assert_eq!(packets(&read).len(), 3);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_cut_capture_is_written_as_far_as_it_goes() {
    let folder = folder();
    let capture = fs::read(sample("http.pcap")).expect("a sample");
    let path = folder.path().join("cut.pcap");
    fs::write(&path, &capture[..capture.len() - 3]).expect("a file");
    let (status, result) = annotate(&[&path], &[]);
    assert_eq!(status, 3);
    let whole = packets(&capture);
    assert_eq!(packets(&result), whole[..whole.len() - 1]);
    let (status, streamed) = annotate_stream(&capture[..capture.len() - 3], &[]);
    assert_eq!(status, 3);
    assert_eq!(packets(&streamed), whole[..whole.len() - 1]);
    // Nothing can be read: nothing is written.
    fs::write(&path, "no capture").expect("a file");
    assert_eq!(annotate(&[&path], &[]), (4, Vec::new()));
}

/// Waits until the program has read everything that was written to it.
#[cfg(target_os = "linux")]
pub(super) fn wait_until_taken(pipe: &std::process::ChildStdin) {
    while rustix::io::ioctl_fionread(pipe).expect("a pipe") > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_program_leaves_no_half_file() {
    let folder = folder();
    let out = folder.path().join("out.pcapng");
    let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["annotate", "-", "--delay", "0", "-o"])
        .arg(&out)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let capture = pcap(101, &vec![query(40_000); 10_000]);
    stdin.write_all(&capture).expect("it reads");
    stdin.flush().expect("it reads");
    // It has begun when it has taken all of the pipe.
    wait_until_taken(&stdin);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(!out.exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_with_4_and_leaves_no_half_file() {
    let folder = folder();
    let mount = |arguments: &[&str]| {
        Command::new("mount").args(arguments).arg(folder.path()).output().is_ok_and(|it| it.status.success())
    };
    if !mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs"]) {
        crate::support::skipped("a small disk cannot be mounted (this needs root)");
        return;
    }
    let capture = tempfile::NamedTempFile::new().expect("a file");
    fs::write(capture.path(), pcap(101, &vec![query(40_000); 10_000])).expect("a file");
    for more in [&[][..], &["--delay", "1"], &["--split-by", "service"]] {
        let out = folder.path().join("out.pcapng");
        let mut arguments =
            vec!["annotate".as_ref(), capture.path().as_os_str(), "-o".as_ref(), out.as_os_str()];
        arguments.extend(more.iter().map(|one| std::ffi::OsStr::new(*one)));
        let output = portscribe(arguments);
        let said = stderr(&output);
        let left: Vec<_> = walk(folder.path());
        let status = output.status.code();
        if status != Some(4) || !left.is_empty() || !said.contains("out.pcapng: cannot be written: ") {
            let _ = Command::new("umount").arg(folder.path()).status();
            panic!("{more:?}: status {status:?}, left {left:?}, said {said}");
        }
        let _ = fs::remove_dir_all(&out);
    }
    assert!(Command::new("umount").arg(folder.path()).status().is_ok_and(|status| status.success()));
}

#[cfg(target_os = "linux")]
fn walk(folder: &Path) -> Vec<PathBuf> {
    portscribe::capture::list_folder(folder, true).expect("a folder").files
}

#[test]
fn wrong_command_lines_end_with_2_before_anything_is_written() {
    for arguments in [
        &["annotate", "samples/http.pcap"][..],
        &["annotate", "-o", "out.pcapng"],
        &["annotate", "samples/http.pcap", "-o", "out.pcapng", "-f", "csv"],
        &["annotate", "samples/http.pcap", "-o", "-", "--split-by", "flow"],
        &["annotate", "samples/http.pcap", "-o", "out", "--split-by", "flow", "--delay", "1"],
        &["annotate", "samples/http.pcap", "-o", "out.pcapng", "--only", "colour=red"],
    ] {
        let output = portscribe(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
    assert!(!Path::new(env!("CARGO_MANIFEST_DIR")).join("out.pcapng").exists());
}

#[test]
fn names_of_hosts_become_a_block_of_ours() {
    let names = vec![
        HostName { address: IpAddr::from([192, 0, 2, 2]), name: "dns.example".into() },
        HostName { address: "2001:db8::1".parse().expect("an address"), name: "v6.example".into() },
    ];
    let annotate = |capture: &[u8], names: &[HostName]| {
        let registry = Registry::bundled();
        let mut memo = MemoWriter::new();
        let remember = FoldAndTell::new(|flows| memo.packet(flows));
        let mut reading = Reading::with_sink(ReadSettings::default(), remember);
        let open = || CaptureReader::from_stream("made", Cursor::new(capture.to_vec())).expect("a capture");
        reading.read(open(), |_| {}).expect("a whole capture");
        let traffic = reading.finish();
        let labelled = traffic.label(&registry);
        let options = AnnotateOptions { names: names.to_vec(), ..AnnotateOptions::default() };
        let mut pass = Pass::new(&labelled, Some(memo.finish().expect("memory")), options);
        let mut out = Whole::new(Vec::new());
        pass.capture(&mut open(), &mut out).expect("a vector takes everything");
        out.finish().expect("a vector takes everything")
    };
    for capture in [pcap(101, &[query(40_000)]), rich(true)] {
        let result = annotate(&capture, &names);
        let (kind, block) = &blocks(&result)[1];
        assert_eq!(*kind, 4);
        assert!(block.windows(16).any(|part| part == b"\xc0\x00\x02\x02dns.example\0"));
        assert!(block.windows(11).any(|part| part == b"v6.example\0"));
        assert_eq!(annotate(&result, &names), result);
        // Without names the block goes, and that of others stays.
        assert_eq!(annotate(&result, &[]), annotate(&capture, &[]));
    }
}

#[test]
fn a_stream_takes_choices_too() {
    let registry = Registry::bundled();
    let capture = pcap(101, &[query(40_000), query(40_000), ipv4(Transport::Udp, 1, 1, 2, 28_900, 0, 0, 0)]);
    let options = AnnotateOptions { comments: Comments::First, ..AnnotateOptions::default() };
    let mut stream = Stream::new(&registry, ReadSettings::default(), options, Duration::ZERO);
    let mut out = Whole::new(Vec::new());
    let mut reader = CaptureReader::from_stream("made", Cursor::new(capture)).expect("a capture");
    stream.capture(&mut reader, &mut out).expect("a vector takes everything");
    assert_eq!(stream.report().packets, 3);
    let texts = comments(&out.finish().expect("a vector takes everything"));
    assert_eq!(texts.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1]);
}

#[test]
fn a_profile_has_a_button_and_a_color_for_every_flag() {
    let folder = folder();
    let path = folder.path().join("portscribe");
    let output = portscribe(["annotate".as_ref(), "--wireshark-profile".as_ref(), path.as_os_str()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for (name, content) in profile(&Registry::bundled()) {
        assert_eq!(fs::read_to_string(path.join(name)).expect(name), content);
        if matches!(name, "dfilter_buttons" | "colorfilters") {
            for flag in Flag::ALL {
                let lines = content.lines().filter(|line| {
                    line.contains(&format!("portscribe//{flag}\""))
                        || line.contains(&format!("portscribe: {flag}@"))
                });
                assert_eq!(lines.count(), 1, "{name} {flag}");
            }
        }
        if name == "services" {
            assert!(content.lines().any(|line| line.starts_with("https\t443/tcp")));
        }
    }
}

/// Runs the checks with tshark over captures: they read results with a reader of their own.
fn check_with_tshark(captures: &[&std::ffi::OsStr], more: &[&str]) {
    let is_there =
        |program: &str| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    if !is_there("tshark") || !is_there("python3") {
        crate::support::skipped("tshark or python3 is not installed");
        return;
    }
    let output = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_annotated.py"))
        .args(["--portscribe", env!("CARGO_BIN_EXE_portscribe")])
        .args(more)
        .args(captures)
        .output()
        .expect("python3 runs");
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
}

#[test]
fn tshark_reads_what_was_annotated() {
    let captures = ["http.pcap", "scan.pcap", "two-interfaces.pcapng", "nanoseconds.pcap"].map(sample);
    check_with_tshark(&captures.each_ref().map(|path| path.as_os_str()), &["--flags"]);
}

#[test]
fn names_of_an_overlay_go_into_the_capture() {
    let folder = tempfile::tempdir().expect("a folder");
    let overlay = folder.path().join("names.toml");
    fs::write(
        &overlay,
        "[[service]]\nname = \"shop-front\"\nport = 80\ntransport = \"tcp\"\nhost = \"198.51.100.20\"\nsource = \"our own list\"\n",
    )
    .expect("an overlay");
    let out = folder.path().join("out.pcapng");
    let (overlay, out) = (overlay.display().to_string(), out.display().to_string());
    let output = crate::support::portscribe([
        "annotate",
        "samples/http.pcap",
        "-q",
        "--overlay-names",
        "--overlay",
        &overlay,
        "-o",
        &out,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", crate::support::stderr(&output));
    let result = fs::read(&out).expect("a capture");
    let (kind, block) = &blocks(&result)[1];
    assert_eq!(*kind, 4);
    assert!(block.windows(15).any(|part| part == b"\xc6\x33\x64\x14shop-front\0"));
    assert!(result.windows(12).any(|part| part == b"our own list"), "the section names the overlay");
}
