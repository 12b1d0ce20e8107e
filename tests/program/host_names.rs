//! `--names` and `--hosts-file`: what hosts are called, and where that is from.

use std::path::Path;

use portscribe::Transport::Udp;
use serde_json::Value as Json;

use crate::support::made::{ACK, Made, SYN, SYN_ACK};
use crate::support::packet::ip;
use crate::support::pcapng;
use crate::support::{portscribe, rows, stderr, stdout};

const CLIENT: &str = "192.0.2.10";
const SERVER: &str = "198.51.100.20";
const RESOLVER: &str = "192.0.2.53";

/// A name in the form of DNS.
fn labels(name: &str) -> Vec<u8> {
    let label = |label: &str| [&[label.len() as u8], label.as_bytes()].concat();
    name.split('.').flat_map(label).chain([0]).collect()
}

/// A record of DNS.
fn record(name: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    [&labels(name)[..], &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &(data.len() as u16).to_be_bytes(), data]
        .concat()
}

/// An answer of DNS with these records.
fn answer(name: &str, records: &[Vec<u8>]) -> Vec<u8> {
    let head = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, records.len() as u8, 0, 0, 0, 0];
    [&head[..], &labels(name), &[0, 1, 0, 1], &records.concat()].concat()
}

/// A datagram with its length.
fn udp(payload: &[u8]) -> Vec<u8> {
    [&(payload.len() as u16 + 8).to_be_bytes()[..], &[0, 0], payload].concat()
}

/// A ClientHello that names a server, in a record of TLS.
fn hello(name: &str) -> Vec<u8> {
    let mut body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat();
    let length = name.len() as u8;
    let extension = [&[0, 0, 0, length + 5, 0, length + 3, 0, 0, length], name.as_bytes()].concat();
    body.extend((extension.len() as u16).to_be_bytes());
    body.extend(extension);
    let handshake = [&[1, 0, 0, body.len() as u8][..], &body].concat();
    [&[0x16, 3, 1, 0, handshake.len() as u8][..], &handshake].concat()
}

/// A message of DHCP.
fn dhcp(operation: u8, yours: [u8; 4], options: &[u8]) -> Vec<u8> {
    let mut octets = vec![0; 236];
    octets[..3].copy_from_slice(&[operation, 1, 6]);
    octets[16..20].copy_from_slice(&yours);
    octets[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 9]);
    [&octets[..], &[0x63, 0x82, 0x53, 0x63], options].concat()
}

/// A segment of a client at a place of its stream.
fn segment(made: &mut Made, at: u32, port: u16, place: u32, payload: &[u8]) {
    let numbers = [1000 + place, 1].map(u32::to_be_bytes).concat();
    let header = [&numbers[..], &[0x50, ACK, 0, 0, 0, 0, 0, 0], payload].concat();
    made.add(at, portscribe::Transport::Tcp, [(CLIENT, port), (SERVER, 443)], &header);
}

/// A client gets its address and its name, asks for a server, and talks to that in several ways.
fn made() -> Made {
    let mut made = Made::default();
    made.add(
        0,
        Udp,
        [("0.0.0.0", 68), ("255.255.255.255", 67)],
        &udp(&dhcp(1, [0; 4], b"\x35\x01\x03\x0c\x06Laptop\xff")),
    );
    made.add(0, Udp, [("192.0.2.1", 67), (CLIENT, 68)], &udp(&dhcp(2, [192, 0, 2, 10], b"\x35\x01\x05\xff")));
    // Before anybody asked for it.
    made.connection(1, (CLIENT, 40_000), (SERVER, 22));
    let chain = [
        record("www.example.com", 5, &labels("cdn.example.net")),
        record("cdn.example.net", 1, &[198, 51, 100, 20]),
        record("cdn.example.net", 28, &[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ];
    made.add(2, Udp, [(RESOLVER, 53), (CLIENT, 40_001)], &udp(&answer("WWW.example.COM", &chain)));
    made.connection(3, (CLIENT, 40_002), (SERVER, 22));
    // Another host was told another name.
    made.add(
        4,
        Udp,
        [(RESOLVER, 53), ("192.0.2.11", 40_001)],
        &udp(&answer("other.example.org", &[record("other.example.org", 1, &[198, 51, 100, 20])])),
    );
    made.connection(5, (CLIENT, 40_003), (SERVER, 22));
    made.connection(5, ("192.0.2.12", 40_003), (SERVER, 22));
    // A ClientHello in three segments, the last before the second.
    let hello = hello("Shop.example.com");
    made.tcp(6, (CLIENT, 40_004), (SERVER, 443), SYN, b"");
    made.tcp(6, (SERVER, 443), (CLIENT, 40_004), SYN_ACK, b"");
    segment(&mut made, 6, 40_004, 0, &hello[..20]);
    segment(&mut made, 6, 40_004, 60, &hello[60..]);
    segment(&mut made, 6, 40_004, 20, &hello[20..60]);
    made.tcp(7, (CLIENT, 40_005), (SERVER, 80), ACK, b"GET / HTTP/1.1\r\nHost: api.example.com:80\r\n\r\n");
    // A proxy, and TLS through it.
    made.tcp(
        8,
        (CLIENT, 40_006),
        (SERVER, 3128),
        ACK,
        b"CONNECT far.example.com:443 HTTP/1.1\r\nHost: far.example.com\r\n\r\n",
    );
    made.tcp(8, (CLIENT, 40_006), (SERVER, 3128), ACK, &hello);
    made
}

fn capture(folder: &Path) -> String {
    let path = folder.join("made.pcap");
    std::fs::write(&path, made().capture()).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

/// Of each flow the ports of client and server, and what both are called.
fn shown(arguments: &[&str]) -> Vec<String> {
    let output = portscribe([&["flows", "-f", "csv", "-q"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let columns =
        ["client_port", "server_port", "client_name", "client_name_from", "server_name", "server_name_from"];
    rows(&output).iter().map(|row| columns.map(|column| row[column].as_str()).join(" ")).collect()
}

#[test]
fn the_most_telling_name_of_each_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = capture(folder.path());
    assert_eq!(
        shown(&[&path, "--names"]),
        [
            "68 67    ",
            "68 67 laptop dhcp  ",
            "40000 22 laptop dhcp  ",
            "40001 53 laptop dhcp  ",
            "40002 22 laptop dhcp www.example.com dns",
            "40001 53    ",
            "40003 22 laptop dhcp www.example.com dns",
            "40003 22   other.example.org dns",
            "40004 443 laptop dhcp shop.example.com sni",
            "40005 80 laptop dhcp api.example.com host",
            "40006 3128 laptop dhcp www.example.com dns",
        ]
    );
    assert!(shown(&[&path]).iter().all(|row| row.ends_with("    ")), "off by default");
    let some = shown(&[&path, "--names=dns,host"]);
    assert_eq!(
        some[8..],
        [
            "40004 443   www.example.com dns",
            "40005 80   api.example.com host",
            "40006 3128   www.example.com dns"
        ]
    );
    // Handed out as they end, kept in files, read on several threads.
    for options in [&["--flows-in-memory", "1"][..], &["--threads", "4"], &["--order", "end"]] {
        let mut all = shown(&[&[&path, "--names"], options].concat());
        all.sort_unstable();
        let mut expected = shown(&[&path, "--names"]);
        expected.sort_unstable();
        assert_eq!(all, expected, "{options:?}");
    }
}

#[test]
fn a_hello_in_small_segments_and_records_names_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.pcap");
    let mut made = Made::default();
    let whole = hello("small.example.com");
    // Two segments, the first with so many octets; then two records, the first with one octet.
    let mut cuts: Vec<(u16, Vec<u8>, usize)> =
        (1..=8).map(|cut| (42_000 + cut as u16, whole.clone(), cut)).collect();
    let rest = &whole[6..];
    let records = [&[0x16, 3, 1, 0, 1, 1, 0x16, 3, 1, 0, rest.len() as u8], rest].concat();
    cuts.extend([(42_009, records.clone(), 6), (42_010, records, 9)]);
    for (port, octets, cut) in &cuts {
        made.tcp(6, (CLIENT, *port), (SERVER, 443), SYN, b"");
        segment(&mut made, 6, *port, 0, &octets[..*cut]);
        segment(&mut made, 6, *port, *cut as u32, &octets[*cut..]);
    }
    // An octet that is nothing.
    made.tcp(6, (CLIENT, 42_020), (SERVER, 443), SYN, b"");
    segment(&mut made, 6, 42_020, 0, b"\x16");
    segment(&mut made, 6, 42_020, 1, b"ls\r\n");
    std::fs::write(&path, made.capture()).expect("a file");
    let mut expected: Vec<String> =
        cuts.iter().map(|(port, ..)| format!("{port} 443   small.example.com sni")).collect();
    expected.push("42020 443    ".to_owned());
    for options in [&["--threads", "1"][..], &["--threads", "4"]] {
        assert_eq!(shown(&[&[path.to_str().expect("UTF-8"), "--names"], options].concat()), expected);
    }
}

/// Who asks a SOCKS proxy for a connection names the server behind it, by Host and by SNI.
#[test]
fn a_socks_proxy_is_not_called_what_it_leads_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socks.pcap");
    let mut made = Made::default();
    let (of_4, of_5) = (&b"\x04\x01\x00\x50\xcb\x00\x71\x07\0"[..], &b"\x05\x01\x00"[..]);
    let request = &b"GET / HTTP/1.1\r\nHost: far.example.com\r\n\r\n"[..];
    let hello = hello("far.example.com");
    let cases: [(u16, &[&[u8]]); 6] = [
        (41_000, &[of_4, request]),
        (41_001, &[of_5, b"\x05\x01\x00\x03\x0ffar.example.com\x00\x50", request]),
        (41_002, &[of_4, &hello]),
        (41_003, &[of_5, b"\x05\x01\x00\x03\x0ffar.example.com\x01\xbb", &hello]),
        // The same without a proxy.
        (41_004, &[request]),
        (41_005, &[&hello]),
    ];
    for (port, sent) in cases {
        made.tcp(1, (CLIENT, port), (SERVER, 1080), SYN, b"");
        made.tcp(1, (SERVER, 1080), (CLIENT, port), SYN_ACK, b"");
        for payload in sent {
            made.tcp(1, (CLIENT, port), (SERVER, 1080), ACK, payload);
        }
    }
    std::fs::write(&path, made.capture()).expect("a file");
    assert_eq!(
        shown(&[path.to_str().expect("UTF-8"), "--names"]),
        [
            "41000 1080    ",
            "41001 1080    ",
            "41002 1080    ",
            "41003 1080    ",
            "41004 1080   far.example.com host",
            "41005 1080   far.example.com sni",
        ]
    );
}

#[test]
fn a_hosts_file_comes_before_all_and_blocks_after_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = capture(folder.path());
    let hosts = folder.path().join("hosts");
    std::fs::write(&hosts, "198.51.100.20 ours www\n").expect("a file");
    let hosts = hosts.to_str().expect("UTF-8");
    let both = shown(&[&path, "--names", "--hosts-file", hosts]);
    assert_eq!(both[2], "40000 22 laptop dhcp ours file");
    assert_eq!(both[8], "40004 443 laptop dhcp ours file");
    assert_eq!(shown(&[&path, "--hosts-file", hosts, "--no-payload"])[8], "40004 443   ours file");

    let datagram = |from: &str, to: &str, ports: [u16; 2]| {
        let rest = [&ports.map(u16::to_be_bytes).concat()[..], &udp(b"x")].concat();
        ip(from.parse().expect("an address"), to.parse().expect("an address"), 17, &rest)
    };
    let packet = pcapng::packet_of(0, &datagram(CLIENT, SERVER, [40_000, 9999]));
    let name = |kind: u16, value: &[u8]| {
        let padding = vec![0; value.len().wrapping_neg() % 4];
        [&kind.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), value, &padding].concat()
    };
    let records = [
        name(1, b"\xc0\0\x02\x0aMe.lan\0me\0"),
        name(2, b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01six\0"),
        name(1, b"\xc6\x33\x64\x14far\0"),
        name(1, b"\xc6\x33\x64\x14further\0"),
        name(0, b""),
    ];
    let blocks =
        [pcapng::section(), pcapng::interface(pcapng::RAW), packet, pcapng::block(4, &records.concat())];
    let path = pcapng::write(&folder.path().join("named.pcapng"), &blocks);
    assert_eq!(shown(&[&path, "--names"]), ["40000 9999 me.lan nrb far nrb"]);
    assert_eq!(shown(&[&path, "--names=nrb", "--no-payload"]), ["40000 9999 me.lan nrb far nrb"]);
    assert_eq!(shown(&[&path, "--names=dns"]), ["40000 9999    "]);
}

#[test]
fn summaries_explanations_captures_and_reviews_show_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = capture(folder.path());
    let run = |arguments: &[&str]| {
        let output = portscribe(arguments.iter().copied());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        output
    };
    let summary = rows(&run(&["summary", &path, "--names", "--by", "server", "-f", "csv", "-q"]));
    let server = summary.iter().find(|row| row["server_address"] == SERVER).expect("the server");
    assert_eq!(server["server_names"], "www.example.com other.example.org shop.example.com api.example.com");
    assert_eq!(server["server_names_from"], "dns dns sni host");
    assert_eq!(server["client_names"], "");
    let table = stdout(&run(&["summary", &path, "--names", "--by", "server", "-f", "table"]));
    assert!(table.contains("198.51.100.20, www.example.com by dns and 3 other names"), "{table}");

    let told = stdout(&run(&["explain", &path, "--flow", "9", "--names"]));
    assert!(
        told.contains("The server is called shop.example.com: the client named the server so in its TLS"),
        "{told}"
    );

    for delay in [&[][..], &["--delay", "1"]] {
        let out = folder.path().join("out.pcapng");
        let out_text = out.to_str().expect("UTF-8");
        run(&[&["annotate", &path, "-o", out_text, "--names"], delay].concat());
        let octets = std::fs::read(&out).expect("a capture");
        let line =
            "client 192.0.2.10:40004, laptop by dhcp → server 198.51.100.20:443/tcp, shop.example.com by sni";
        assert!(octets.windows(line.len()).any(|part| part == line.as_bytes()), "{delay:?}");
    }

    let out = folder.path().join("review");
    let out_text = out.to_str().expect("UTF-8");
    run(&["review", &path, "--names", "--out", out_text, "-q"]);
    let review: Json =
        serde_json::from_str(&std::fs::read_to_string(out.join("review.json")).expect("a file"))
            .expect("JSON");
    let names: Vec<String> = review["edges"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["server"] == SERVER)
        .map(|row| format!("{} {}", row["ports"]["first"], row["server_names"]))
        .collect();
    let one = |name: &str, from: &str| {
        format!("{{\"server\":\"{SERVER}\",\"name\":\"{name}\",\"from\":\"{from}\"}}")
    };
    assert_eq!(
        names,
        [
            format!("22 [{},{}]", one("www.example.com", "dns"), one("other.example.org", "dns")),
            format!("80 [{}]", one("api.example.com", "host")),
            format!("443 [{}]", one("shop.example.com", "sni")),
            format!("3128 [{}]", one("www.example.com", "dns")),
        ]
    );
    let page = std::fs::read_to_string(out.join("review.html")).expect("a page");
    assert!(page.contains("198.51.100.20, shop.example.com by sni"));
}

#[test]
fn names_are_refused_where_they_cannot_be_or_are_to_be_hidden() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = capture(folder.path());
    let refused = |arguments: &[&str]| {
        let output = portscribe([&["flows", &path], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        stderr(&output)
    };
    assert!(refused(&["--names", "--no-payload"]).contains("names of hosts are in payload"));
    assert!(refused(&["--names=file"]).contains("--names=file needs --hosts-file"));
    assert!(refused(&["--names=who"]).contains("invalid value 'who'"));
    let key = folder.path().join("key");
    std::fs::write(&key, "0123456789abcdef".repeat(4)).expect("a file");
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a file");
    let key = key.to_str().expect("UTF-8");
    assert!(refused(&["--names", "--anonymize", key]).contains("names of hosts say what --anonymize hides"));
    assert!(
        refused(&["--hosts-file", &path, "--anonymize", key])
            .contains("names of hosts say what --anonymize hides")
    );
    let output = portscribe(["flows", &path, "--hosts-file", &path]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains("line 1: expected an address and a name"), "{}", stderr(&output));
}
