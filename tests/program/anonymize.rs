//! With `--anonymize` nothing of a capture that says who talked to whom leaves the program, and what it prints of
//! flows is what anybody sees in the capture that it wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::Cursor;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::support::pcapng::{block, simple};
use crate::support::{has_program, portscribe, rows, sample, sample_captures, shared, stderr, stdout};
use portscribe::annotate::{AnnotateOptions, MemoWriter, Pass, Report, Whole};
use portscribe::anonymize::{Anonymizer, Key, Packets};
use portscribe::capture::{CaptureReader, LinkType};
use portscribe::decode::{DecodeOptions, Decoder};
use portscribe::flow::{FlowOptions, LayerChoice, ProtocolChoice};
use portscribe::registry::Registry;
use portscribe::report::flows;
use portscribe::traffic::{FoldAndTell, ReadSettings, Reading};

const KEY: &str = "5bd1b2a9c7f04e3d8a6f1c2e9b7d4a60f3e5c8d7b6a9182736455463728190af";

fn anonymizer() -> Anonymizer {
    Anonymizer::new(&Key::read(KEY.as_bytes()).expect("a key"))
}

/// A folder with a key, which its owner alone can read.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = folder.path().join("key");
    fs::write(&key, KEY).expect("a file");
    only_for_owner(&key);
    (folder, key)
}

#[cfg(unix)]
fn only_for_owner(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it is ours");
}

#[cfg(not(unix))]
fn only_for_owner(_: &Path) {}

/// Runs a command that succeeds; what it prints.
fn run(arguments: &[&OsStr]) -> std::process::Output {
    let output = portscribe(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    output
}

fn settings(headers_alone: bool) -> ReadSettings {
    let flow =
        FlowOptions { protocols: ProtocolChoice::All, layers: LayerChoice::All, ..FlowOptions::default() };
    let mut decode = DecodeOptions::default();
    decode.set_headers_alone(headers_alone);
    ReadSettings { flow, decode, ..ReadSettings::default() }
}

/// The flows of a capture, but for what the capture is called.
fn flows_of(capture: &[u8], settings: ReadSettings, by: Option<&Anonymizer>) -> Vec<String> {
    let mut reading = Reading::new(settings);
    // What is wrong with it is the same before and after.
    let _ = reading
        .read(CaptureReader::from_stream("it", Cursor::new(capture.to_vec())).expect("a capture"), |_| {});
    let traffic = reading.finish();
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    let row = |row: portscribe::traffic::LabelledFlow<'_>| {
        let row = by.map_or(row, |by| row.anonymized(by));
        format!("{:?}", flows::values(&row, traffic.place(row.flow.first_packet())))
    };
    labelled.rows().map(row).collect()
}

/// A capture as `annotate --anonymize` writes it.
fn anonymized(capture: &[u8], by: &Anonymizer) -> (Vec<u8>, Report) {
    let open = || CaptureReader::from_stream("it", Cursor::new(capture.to_vec())).expect("a capture");
    let mut memo = MemoWriter::new();
    let mut reading = Reading::with_sink(settings(true), FoldAndTell::new(|flows| memo.packet(flows)));
    let _ = reading.read(open(), |_| {});
    let traffic = reading.finish();
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    let options = AnnotateOptions { anonymizer: Some(by.clone()), ..AnnotateOptions::default() };
    let mut pass = Pass::new(&labelled, Some(memo.finish().expect("it is in memory")), options);
    let mut out = Whole::new(Vec::new());
    pass.capture(&mut open(), &mut out).expect("it is what it was");
    pass.finish().expect("all was read");
    let report = pass.report();
    (out.finish().expect("memory"), report)
}

#[test]
fn what_is_printed_is_what_the_written_capture_shows() {
    let (folder, key) = folder();
    let key = key.as_os_str();
    let out = folder.path().join("out.pcapng");
    for capture in sample_captures() {
        let path = capture.as_os_str();
        let ends = ["annotate".as_ref(), path, "-o".as_ref(), out.as_os_str(), "--anonymize".as_ref(), key];
        let told = stderr(&run(&ends));
        let is_cut = told.contains("cut off before a header");
        assert_eq!(is_cut, capture.ends_with("sixlowpan.pcap"), "{}: {told}", capture.display());
        if is_cut {
            continue;
        }
        for command in [
            &["flows", "--protocols", "all"][..],
            &["flows", "--layers", "all"],
            &["flows", "--order", "end"],
            &["packets", "--layers", "all"],
            &["summary", "--by", "pair"],
            &["summary"],
        ] {
            let command: Vec<&OsStr> = command.iter().map(OsStr::new).collect();
            let shown = |more: &[&OsStr]| {
                let mut rows = rows(&run(&[&command, more].concat()));
                let names: BTreeSet<_> = rows.iter_mut().filter_map(|row| row.remove("capture")).collect();
                (rows, names)
            };
            let (here, names) = shown(&[path, "--anonymize".as_ref(), key]);
            let (there, _) = shown(&[out.as_os_str()]);
            assert_eq!(here, there, "{command:?} of {}", capture.display());
            assert!(names.iter().all(|name| name.starts_with("capture-")), "{names:?}");
        }
    }
}

/// Captures of others with more octets are not read three times.
const LARGE: u64 = 4 << 20;

#[test]
fn captures_of_others_show_the_same_as_well() {
    let Some(shared) = shared() else { return };
    let by = anonymizer();
    let mut wrong = Vec::new();
    let (mut same, mut like, mut cut, mut packets_cut) = (0, 0, BTreeMap::new(), 0);
    for path in crate::support::captures_below(&shared.join("captures")) {
        if fs::metadata(&path).is_ok_and(|about| about.len() > LARGE) {
            continue;
        }
        let capture = fs::read(&path).expect("a file");
        let (out, report) = anonymized(&capture, &by);
        assert_eq!(report.packets, report.anonymized.whole + report.anonymized.cut);
        if report.anonymized.cut > 0 || report.undescribed > 0 {
            let mut reader = CaptureReader::open(&path).expect("a capture");
            let link_type = reader.next().ok().flatten().and_then(|packet| packet.link_type);
            *cut.entry(format!("{link_type:?}")).or_insert(0) += 1;
            packets_cut += report.anonymized.cut;
            continue;
        }
        let there = flows_of(&out, settings(false), None);
        let here = flows_of(&capture, settings(true), Some(&by));
        assert_eq!(here.len(), there.len(), "{}", path.display());
        let mut is_like = true;
        for (here, there) in here.iter().zip(&there).filter(|(here, there)| here != there) {
            // The broadcast address of a network ends in ones, and its anonymized address in any bits. Of frames
            // side by side the payload of the first becomes zeros, since another follows.
            // A Simple Packet Block cannot be cut, nor a packet whose length is that of the capture.
            let is_simple = report.without_room > 0;
            let is_broadcast = [here, there].iter().any(|row| row.contains("\"multicast\""));
            // Teredo is told by the addresses of IPv6 in it.
            let is_teredo = [here, there].iter().any(|row| row.contains("Text(\"teredo\")"));
            let is_known = is_simple
                || is_broadcast
                || is_teredo
                || path.ends_with("gre-aruba-amsdu.pcap")
                || path.to_string_lossy().contains("/bigtcp-");
            if !is_known {
                wrong.push(format!("{}:\n{here}\n{there}\n", path.display()));
            }
            is_like = false;
        }
        if !is_like {
            like += 1;
            continue;
        }
        same += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
    let captures_cut: i32 = cut.values().sum();
    let told = format!(
        "{same} the same, {like} but for broadcasts, {captures_cut} with {packets_cut} packets cut off early: {cut:?}"
    );
    assert!(same >= 1_591 && like <= 34 && captures_cut <= 31, "{told}");
}

/// Whether some octets stand in others.
fn holds(octets: &[u8], wanted: &[u8]) -> bool {
    octets.windows(wanted.len()).any(|window| window == wanted)
}

/// The octets of an address that is replaced, where they can be no coincidence.
fn telling(by: &Anonymizer, address: IpAddr) -> Option<Vec<u8>> {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        // What says the kind of the address, and zeros, stay.
        IpAddr::V6(address) => address.octets()[2..].to_vec(),
    };
    let different: BTreeSet<_> = octets.iter().filter(|octet| **octet != 0).collect();
    (different.len() >= 3 && by.address(address) != address).then_some(octets)
}

#[test]
fn no_address_of_a_packet_is_left_in_it() {
    let by = anonymizer();
    let mut decoder = Decoder::new();
    let mut packets = Packets::new(by.clone(), &DecodeOptions::default());
    let mut captures = sample_captures();
    if let Some(shared) = shared() {
        captures.extend(crate::support::captures_below(&shared.join("captures")));
    }
    let (mut looked_for, mut left) = (0_u64, Vec::new());
    for path in captures {
        if fs::metadata(&path).is_ok_and(|about| about.len() > LARGE) {
            continue;
        }
        let mut reader = CaptureReader::open(&path).expect("a capture");
        while let Ok(Some(packet)) = reader.next() {
            let layers = decoder.decode(packet.link_type, packet.bytes);
            let mut addresses: BTreeSet<IpAddr> =
                layers.headers().iter().flat_map(|header| [header.source, header.destination]).collect();
            addresses.extend(layers.paths());
            addresses.extend(layers.portless().into_iter().flat_map(|one| [one.source, one.destination]));
            addresses
                .extend(layers.quoted_portless().into_iter().flat_map(|one| [one.source, one.destination]));
            let mut wanted: Vec<Vec<u8>> = addresses.iter().filter_map(|one| telling(&by, *one)).collect();
            if packet.link_type == Some(LinkType::ETHERNET) {
                // The number of a group stands in its address, too, which stays.
                let stations = packet.bytes.as_chunks::<6>().0.iter().take(2);
                wanted.extend(
                    stations
                        .filter(|one| one[0] & 1 == 0 && by.station(**one) != **one)
                        .map(|one| one[2..].to_vec()),
                );
            }
            let out = packets.packet(packet.link_type, packet.bytes);
            let kinds =
                |octets: &[u8]| octets.iter().filter(|octet| **octet != 0).collect::<BTreeSet<_>>().len();
            for octets in wanted.iter().filter(|octets| kinds(octets) > 2) {
                looked_for += 1;
                if holds(out, octets) {
                    left.push(format!("{} frame {}: {octets:x?}\n", path.display(), packet.frame));
                }
            }
        }
    }
    assert_eq!(left.concat(), "");
    assert!(looked_for > 1_000, "{looked_for}");
}

#[test]
fn packets_that_are_cut_short_anywhere_give_nothing_away() {
    let by = anonymizer();
    let mut decoder = Decoder::new();
    let mut packets = Packets::new(by.clone(), &DecodeOptions::default());
    for path in sample_captures() {
        let mut reader = CaptureReader::open(&path).expect("a capture");
        let mut few = 0;
        while let Ok(Some(packet)) = reader.next() {
            few += 1;
            if few > 12 {
                break;
            }
            let layers = decoder.decode(packet.link_type, packet.bytes);
            let addresses: BTreeSet<IpAddr> =
                layers.headers().iter().flat_map(|header| [header.source, header.destination]).collect();
            let wanted: Vec<Vec<u8>> = addresses.iter().filter_map(|one| telling(&by, *one)).collect();
            for length in 0..=packet.bytes.len() {
                let out = packets.packet(packet.link_type, &packet.bytes[..length]);
                assert!(out.len() <= length);
                for octets in &wanted {
                    assert!(!holds(out, octets), "{} frame {} of {length}", path.display(), packet.frame);
                }
            }
        }
    }
}

/// A capture that names everything it can.
fn talkative() -> Vec<u8> {
    let packet = {
        let mut reader = CaptureReader::open(sample("dns.pcapng")).expect("a sample");
        loop {
            let packet = reader.next().expect("it is whole").expect("it has one with a name");
            if holds(packet.bytes, b"example") {
                break packet.bytes.to_vec();
            }
        }
    };
    let section = [
        option(1, b"comment-of-section"),
        option(2, b"hardware-of-section"),
        option(3, b"system-of-section"),
        option(4, b"program-of-section"),
        option(2988, b"\0\0\0\x01custom-of-section"),
    ];
    let interface = [
        option(2, b"name-of-interface"),
        option(3, b"description-of-interface"),
        option(4, &[192, 0, 2, 10, 255, 255, 255, 0]),
        option(6, &[2, 0, 0, 0, 0, 10]),
        option(9, &[9]),
        option(11, b"\0host 192.0.2.10"),
        option(12, b"system-of-interface"),
        option(15, b"hardware-of-interface"),
        option(1, b"comment-of-interface"),
    ];
    let about = [
        option(1, b"comment-of-packet"),
        option(2, &[1, 0, 0, 0]),
        option(3, b"\x02hash-of-it"),
        option(7, b"\x00verdict-of"),
    ];
    let length = packet.len() as u32;
    let padding = vec![0; packet.len().wrapping_neg() % 4];
    let head = [0, 0, 1, length, length].map(u32::to_le_bytes).concat();
    let statistics = [option(1, b"comment-of-statistics"), option(4, &[7; 8])];
    [
        block(
            0x0a0d_0d0a,
            &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8], &section.concat()].concat(),
        ),
        block(1, &[&[1, 0, 0, 0, 0, 0, 0, 0][..], &interface.concat()].concat()),
        block(4, &[&[1, 0, 14, 0, 192, 0, 2, 10][..], b"host-name\0\0\0", &[0; 4]].concat()),
        block(10, b"KSLT\x0c\0\0\0secret-key-s"),
        block(0xbad, b"\0\0\0\x01custom-block"),
        block(9, b"journal-entry___"),
        block(0x7777, b"unknown-block___"),
        block(6, &[&head[..], &packet, &padding, &about.concat()].concat()),
        block(5, &[&[0; 12][..], &statistics.concat()].concat()),
        simple(&packet),
    ]
    .concat()
}

/// An option of a block.
fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let padding = vec![0; value.len().wrapping_neg() % 4];
    [&code.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), value, &padding].concat()
}

#[test]
fn no_name_is_left_in_a_capture() {
    let (folder, key) = folder();
    let (path, out) = (folder.path().join("secret-name.pcapng"), folder.path().join("out.pcapng"));
    fs::write(&path, talkative()).expect("a file");
    for delay in [&[][..], &["--delay", "1"]] {
        let mut arguments = vec!["annotate".as_ref(), path.as_os_str(), "-o".as_ref(), out.as_os_str()];
        arguments.extend(["--anonymize".as_ref(), key.as_os_str()]);
        arguments.extend(delay.iter().map(OsStr::new));
        arguments.extend(["--host", "192.0.2.0/24", "--interface", "name-of-interface"].map(OsStr::new));
        let told = stderr(&run(&arguments));
        let result = fs::read(&out).expect("it was written");
        for word in [
            "of-section",
            "of-interface",
            "host-name",
            "secret",
            "custom",
            "journal",
            "unknown",
            "-of-",
            "example",
        ] {
            // The options that were given do not name what they select.
            assert!(!holds(&result, word.as_bytes()), "{word}");
        }
        for octets in [&[192, 0, 2, 10][..], b"192.0.2", &[2, 0, 0, 0, 0, 10]] {
            assert!(!holds(&result, octets), "{octets:?}");
        }
        assert!(holds(&result, anonymizer().interface_name("name-of-interface").as_bytes()));
        assert!(told.contains("blocks and options that may hold names or addresses were left out"), "{told}");
        let mut reader = CaptureReader::open(&out).expect("a capture");
        let mut lengths = Vec::new();
        while let Some(packet) = reader.next().expect("a whole capture") {
            lengths.push((packet.original_length as usize, packet.bytes.len()));
        }
        let was = lengths[0].0;
        assert_eq!(lengths[0], (was, 42), "headers are left");
        assert!(was > 42);
        // The second has no room to say that less was captured.
        assert_eq!(lengths[1..], [(was, was)]);
    }
}

#[test]
fn no_name_is_left_in_results() {
    let (folder, key) = folder();
    let path = folder.path().join("secret-name.pcapng");
    // The second holds the same as the first, which is told.
    let copy = folder.path().join("secret-copy.pcapng");
    for path in [&path, &copy] {
        fs::write(path, talkative()).expect("a file");
    }
    let overlay = folder.path().join("services");
    fs::write(&overlay, "secret-service 53/udp\n").expect("a file");
    for command in ["flows", "packets", "summary"] {
        for format in ["table", "csv", "json", "ndjson", "markdown"] {
            let arguments = [
                command.as_ref(),
                path.as_os_str(),
                copy.as_os_str(),
                "--anonymize".as_ref(),
                key.as_os_str(),
                "--format".as_ref(),
                format.as_ref(),
                "--overlay".as_ref(),
                overlay.as_os_str(),
                // What is selected are the addresses and names of the capture.
                "--host".as_ref(),
                "192.0.2.10".as_ref(),
                "--interface".as_ref(),
                "name-of-interface".as_ref(),
                "--service".as_ref(),
                "secret-service".as_ref(),
            ];
            let text = stdout(&run(&arguments));
            for word in ["192.0.2", "198.51.100", "secret", "of-interface", "example"] {
                assert!(!text.contains(word), "{command} {format}: {word}\n{text}");
            }
            assert!(text.contains("domain"), "{command} {format} shows the flow: {text}");
        }
    }
}

#[test]
fn the_same_key_gives_the_same_addresses_and_another_others() {
    let (folder, key) = folder();
    let other = folder.path().join("other");
    // 32 octets as they are.
    fs::write(&other, &KEY.as_bytes()[..32]).expect("a file");
    only_for_owner(&other);
    let clients = |capture: &str, key: &Path| -> BTreeSet<String> {
        let capture = sample(capture);
        let output = run(&["flows".as_ref(), capture.as_os_str(), "--anonymize".as_ref(), key.as_os_str()]);
        rows(&output).iter().map(|row| row["client_address"].clone()).collect()
    };
    let here = clients("http.pcap", &key);
    assert!(!here.contains("192.0.2.10"));
    assert_eq!(here, clients("ssh.pcap", &key));
    assert!(here.is_disjoint(&clients("http.pcap", &other)));
}

#[test]
fn a_key_that_protects_nothing_is_refused() {
    let (folder, key) = folder();
    let capture = sample("http.pcap");
    let refused = |key: &Path| {
        let output =
            portscribe(["flows".as_ref(), capture.as_os_str(), "--anonymize".as_ref(), key.as_os_str()]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(4), 0));
        stderr(&output).replace(&key.display().to_string(), "KEY")
    };
    fs::write(&key, "too short").expect("a file");
    assert_eq!(
        refused(&key),
        "portscribe: error: KEY: invalid key: a key is 32 octets, or 64 hexadecimal digits; this is neither (9 octets). Make one \
         with (umask 077; head -c 32 /dev/urandom >KEYFILE)\n"
    );
    assert!(
        refused(&folder.path().join("none")).starts_with("portscribe: error: KEY: the key cannot be read: ")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::write(&key, KEY).expect("a file");
        for mode in [0o640, 0o604, 0o644] {
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("it is ours");
            assert_eq!(
                refused(&key),
                "portscribe: error: KEY: others can read the key, and with it the addresses: take that right away with chmod \
                 600 KEY\n"
            );
        }
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("it is ours");
    }
    for names in ["--overlay-names", "--names"] {
        let key = key.to_str().expect("UTF-8");
        let output = portscribe(["annotate", "samples/http.pcap", "-o", "-", "--anonymize", key, names]);
        assert_eq!(output.status.code(), Some(2), "{names}");
    }
}

#[test]
fn tshark_finds_no_wrong_checksum() {
    if !has_program("tshark") {
        return;
    }
    let (folder, key) = folder();
    let out = folder.path().join("out.pcapng");
    let mut right = 0;
    let names = [
        "http.pcap",
        "dns.pcapng",
        "scan.pcap",
        "ipv6.pcap",
        "fragments.pcap",
        "sctp.pcap",
        "sctp-over-udp.pcap",
        "dccp.pcap",
        "udplite.pcap",
        "vxlan.pcap",
        "gre.pcap",
        "sit.pcap",
        "srv6.pcap",
        "mpls.pcap",
        "sll2.pcap",
    ];
    for capture in names.map(sample) {
        run(&[
            "annotate".as_ref(),
            capture.as_os_str(),
            "-o".as_ref(),
            out.as_os_str(),
            "--anonymize".as_ref(),
            key.as_os_str(),
        ]);
        let fields = ["ip", "tcp", "udp", "icmp", "icmpv6", "sctp", "dccp", "udplite"];
        let mut command = std::process::Command::new("tshark");
        command.args(["-n", "-r"]).arg(&out).args(["-T", "fields"]);
        for protocol in fields {
            if protocol != "icmp" && protocol != "icmpv6" && protocol != "dccp" && protocol != "udplite" {
                let option = if protocol == "sctp" {
                    "sctp.checksum:TRUE".to_owned()
                } else {
                    format!("{protocol}.check_checksum:TRUE")
                };
                command.arg("-o").arg(option);
            }
            if protocol != "udplite" {
                command.arg("-e").arg(format!("{protocol}.checksum.status"));
            }
        }
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{}: {}", capture.display(), stderr(&output));
        for (frame, line) in stdout(&output).lines().enumerate() {
            // 0 is bad, 1 good, 2 not verified.
            let words = || line.split(['\t', ',']);
            assert!(
                !words().any(|word| word == "0" || word == "Bad"),
                "{} frame {}: {line}",
                capture.display(),
                frame + 1
            );
            right += words().filter(|word| *word == "1" || *word == "Good").count();
        }
    }
    assert!(right > 500, "{right}");
}
