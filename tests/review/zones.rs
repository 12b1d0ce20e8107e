//! Zones: read from a file, asked about addresses, used to sum up clients.

use std::net::IpAddr;

use portscribe::net::network;
use portscribe::review::zones::Zones;
use portscribe::review::{Trust, ZoneSource};

const FILE: &str = "\
# drawn for the test
zone,cidr,comment,trust
office,10.1.0.0/16,,internal
printers,10.1.9.0/24,\"third floor, west\",internal
web,10.2.0.10,,dmz
office,2001:db8:1::/48,,
";

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn zone(zones: &Zones, text: &str) -> (String, Trust) {
    let id = zones.of(address(text));
    (zones.name(id).to_owned(), zones.trust(id))
}

#[test]
fn the_longest_prefix_holds_an_address() {
    let zones = Zones::read(FILE, "zones.csv").expect("zones");
    for (text, name, trust) in [
        ("10.1.0.1", "office", Trust::Internal),
        ("10.1.9.1", "printers", Trust::Internal),
        ("10.2.0.10", "web", Trust::Dmz),
        ("10.2.0.11", "private-10", Trust::Internal),
        ("2001:db8:1::7", "office", Trust::Internal),
        ("2001:db8:2::7", "documentation", Trust::External),
        ("8.8.8.8", "internet", Trust::External),
        ("224.0.0.251", "multicast", Trust::Internal),
    ] {
        assert_eq!(zone(&zones, text), (name.to_owned(), trust), "{text}");
    }
    assert_eq!(zones.trust_of("web"), Some(Trust::Dmz));
    assert_eq!(zones.trust_of("attic"), None);
    let first = &zones.networks()[0];
    assert_eq!((network(&first.network), first.source), ("10.2.0.10".to_owned(), ZoneSource::File));
    let printers = zones.networks().iter().find(|one| one.name == "printers").expect("a zone");
    assert_eq!(printers.comment, "third floor, west");
}

#[test]
fn every_address_lies_in_a_zone_that_is_built_in() {
    let zones = Zones::builtin();
    for (text, name) in [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("10.0.0.1", "private-10"),
        ("172.31.255.254", "private-172"),
        ("172.32.0.1", "internet"),
        ("192.168.0.1", "private-192"),
        ("fd00::1", "unique-local"),
        ("100.64.0.1", "cgnat"),
        ("239.1.2.3", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("198.51.100.1", "documentation"),
        ("2001:db8::1", "documentation"),
        ("1.1.1.1", "internet"),
        ("2606::1", "internet"),
    ] {
        assert_eq!(zone(&zones, text).0, name, "{text}");
    }
    assert!(zones.networks().iter().all(|zone| zone.source == ZoneSource::Builtin));
}

#[test]
fn a_network_that_is_drawn_takes_the_place_of_one_that_is_built_in() {
    let zones =
        Zones::read("zone,cidr,comment,trust\ninternet,10.0.0.0/8,,cde\n", "zones.csv").expect("zones");
    assert_eq!(zone(&zones, "10.0.0.1"), ("internet".to_owned(), Trust::Cde));
    assert_eq!(zone(&zones, "8.8.8.8"), ("builtin internet".to_owned(), Trust::External));
}

#[test]
fn toml_says_the_same() {
    let toml = r#"
[[zone]]
name = "office"
cidr = ["10.1.0.0/16", "2001:db8:1::/48"]

[[zone]]
name = "printers"
cidr = "10.1.9.0/24"
comment = "third floor, west"
trust = "internal"

[[zone]]
name = "web"
cidr = "10.2.0.10"
trust = "dmz"
"#;
    let [csv, toml] = [(FILE, "zones.csv"), (toml, "zones.toml")]
        .map(|(text, name)| Zones::read(text, name).expect("zones"));
    assert_eq!(format!("{:?}", csv.networks()), format!("{:?}", toml.networks()));
}

#[test]
fn what_cannot_be_is_named_with_its_line() {
    let head = "zone,cidr,comment,trust\n";
    for (lines, expected) in [
        (
            "a,10.0.0.0/8,,\nb,10.0.0.0/8,,\n",
            "line 3: 10.0.0.0/8 has a zone already, by line 2; keep one of the two: an address lies in one zone",
        ),
        (
            "a,10.0.0.1/8,,\n",
            "line 2: invalid network `10.0.0.1/8`: bits are set after its prefix; write 10.0.0.0/8 or 10.0.0.1/32",
        ),
        (
            "a,10.0.0/8,,\n",
            "line 2: invalid network `10.0.0/8`; write an address with the length of its prefix, such as 192.0.2.0/24 or 2001:db8::/32",
        ),
        (",10.0.0.0/8,,\n", "line 2: the zone has no name; write one in the column zone"),
        ("a|b,10.0.0.0/8,,\n", "line 2: the name of the zone holds `|`; write a name without it"),
        ("a,10.0.0.0/8,,high\n", "line 2: unknown trust `high`; write internal, dmz, cde or external"),
        (
            "a,10.0.0.0/8,,dmz\na,11.0.0.0/8,,cde\n",
            "line 3: the zone a is cde here and dmz in line 2; give all networks of a zone the same trust",
        ),
        (
            "a,10.0.0.0/8,one, two,dmz\n",
            "line 2: 5 cells where there are 4 columns; put a cell that holds a comma between quotation marks",
        ),
    ] {
        let error = Zones::read(&format!("{head}{lines}"), "zones.csv").expect_err("an error");
        assert_eq!(error.to_string(), format!("zones.csv, {expected}"));
    }
    let error = Zones::read("name,network\n", "zones.csv").expect_err("an error").to_string();
    assert_eq!(
        error,
        "zones.csv, line 1: the columns are `name,network`; write `zone,cidr,comment,trust` as the first line"
    );
    let error = Zones::read("zone,cidr,colour\n", "zones.csv").expect_err("an error").to_string();
    assert_eq!(
        error,
        "zones.csv, line 1: a column `colour` is not known; the columns are zone, cidr, comment, trust and interface"
    );
    let error =
        Zones::read("[[zone]]\nname = \"a\"\ncidr = \"10.0.0.0/33\"\n", "zones.toml").expect_err("an error");
    assert_eq!((error.line, error.what), (Some(3), "invalid network `10.0.0.0/33`".to_owned()));
    let error = Zones::read("[[zone]]\nname = \"a\"\ncolour = 1\n", "zones.toml").expect_err("an error");
    assert_eq!(error.line, Some(3));
    assert!(error.what.starts_with("unknown field `colour`"), "{}", error.what);
    let error = Zones::read_file("no/such/file").expect_err("an error").to_string();
    assert!(error.starts_with("no/such/file: cannot be read: "), "{error}");
}

/// The clients of the zone that holds the first of them.
fn clients(zones: &Zones, hosts: &[IpAddr]) -> (Vec<String>, u64, bool, Option<f64>) {
    let clients = zones.clients(zones.of(hosts[0]), hosts, &[]);
    (clients.networks.iter().map(network).collect(), clients.hosts, clients.widened, clients.share)
}

fn hosts(prefix: &str, last: std::ops::RangeInclusive<u32>) -> Vec<IpAddr> {
    let separator = if prefix.contains(':') { "" } else { "." };
    last.map(|n| address(&format!("{prefix}{separator}{n}"))).collect()
}

#[test]
fn up_to_eight_clients_are_listed() {
    let zones = Zones::builtin();
    let eight = hosts("10.0.0", 1..=8);
    let listed = eight.iter().map(IpAddr::to_string).collect();
    assert_eq!(clients(&zones, &eight), (listed, 8, false, None));
}

#[test]
fn more_clients_are_the_zone_that_was_drawn() {
    let zones = Zones::read(FILE, "zones.csv").expect("zones");
    let many = [hosts("10.1.0", 1..=9), hosts("10.1.3", 1..=9)].concat();
    assert_eq!(clients(&zones, &many), (vec!["10.1.0.0/16".to_owned()], 18, false, None));
}

#[test]
fn without_a_zone_that_was_drawn_they_are_the_smallest_networks_that_hold_them() {
    let zones = Zones::builtin();
    let nine = hosts("10.0.0", 1..=9);
    assert_eq!(clients(&zones, &nine), (vec!["10.0.0.0/28".to_owned()], 9, true, Some(9.0 / 16.0)));
    let sixteen = hosts("10.0.0", 0..=15);
    assert_eq!(clients(&zones, &sixteen), (vec!["10.0.0.0/28".to_owned()], 16, false, None));
    // One network of both would be larger than a /24.
    let apart = [hosts("10.0.0", 1..=9), hosts("10.0.1", 200..=200)].concat();
    assert_eq!(
        clients(&zones, &apart),
        (vec!["10.0.0.0/28".to_owned(), "10.0.1.200".to_owned()], 10, true, Some(10.0 / 17.0))
    );
    // Nobody else is in them.
    let others = hosts("10.0.0", 5..=5);
    let around = zones.clients(
        zones.of(nine[0]),
        &[hosts("10.0.0", 1..=4), hosts("10.0.0", 6..=10)].concat(),
        &others,
    );
    assert_eq!(
        around.networks.iter().map(network).collect::<Vec<_>>(),
        ["10.0.0.0/30", "10.0.0.4", "10.0.0.6/31", "10.0.0.8/29"]
    );
    let v6 = [hosts("2606::", 1..=9), vec![address("2606::ffff:0:0:0")]].concat();
    assert_eq!(clients(&zones, &v6).0, ["2606::/64"]);
}

/// A zone by interface holds addresses that no network of the file holds and that sent by it. An address
/// that sent by interfaces of two zones keeps the zone that is built in, and is told.
#[test]
fn an_interface_tells_the_zone_of_addresses_in_no_network_of_the_file() {
    use crate::support::packet::ip;
    use crate::support::pcapng::{RAW, named, packet_of, section, write};

    let folder = tempfile::tempdir().expect("a folder");
    let datagram = |from: &str, to: &str, ports: [u16; 2]| {
        let udp = [&ports.map(u16::to_be_bytes).concat()[..], &[0, 9, 0, 0, 1]].concat();
        ip(address(from), address(to), portscribe::Transport::Udp.ip_protocol(), &udp)
    };
    let (inside, outside, both) = ("10.1.0.53", "203.0.113.5", "203.0.113.9");
    let capture = write(
        &folder.path().join("x.pcapng"),
        &[
            section(),
            named(RAW, b"eth0"),
            named(RAW, b"eth1"),
            named(RAW, b"eth2"),
            packet_of(1, &datagram(outside, inside, [2000, 53])),
            // A network of the file holds the server, whatever the interface.
            packet_of(2, &datagram(inside, outside, [53, 2000])),
            packet_of(1, &datagram(both, inside, [2001, 53])),
            packet_of(2, &datagram(both, inside, [2002, 53])),
            // No line assigns its interface.
            packet_of(0, &datagram("203.0.113.7", inside, [2003, 53])),
        ],
    );
    let zones = write(
        &folder.path().join("zones.csv"),
        &[b"zone,cidr,comment,trust,interface\n\
            office,10.1.0.0/16,,internal,\n\
            uplink,,to the provider,external,eth1\n\
            partner,,,dmz,eth2\n"
            .to_vec()],
    );
    let run = |format: &str| {
        let out = folder.path().join(format);
        let out = out.to_str().expect("UTF-8");
        let output =
            crate::support::portscribe(["review", &capture, "--zones", &zones, "-f", format, "--out", out]);
        assert_eq!(output.status.code(), Some(0), "{}", crate::support::stderr(&output));
        crate::support::stdout(&output)
    };
    let review: serde_json::Value = serde_json::from_str(&run("json")).expect("JSON");
    let zones_of = |row: &serde_json::Value| {
        let service = &row["service"];
        let text = |name: &str| service[name].as_str().or(row[name].as_str()).unwrap_or_default().to_owned();
        (text("client_zone"), text("server_zone"))
    };
    let mut rows: Vec<_> = review["edges"].as_array().expect("rows").iter().map(zones_of).collect();
    rows.sort();
    assert_eq!(
        rows,
        [("documentation", "office"), ("uplink", "office")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert_eq!(
        review["zone_interfaces"],
        serde_json::json!([
            { "name": "uplink", "interface": "eth1", "trust": "external", "comment": "to the provider", "addresses": 1 },
            { "name": "partner", "interface": "eth2", "trust": "dmz", "comment": "", "addresses": 0 },
        ])
    );
    assert_eq!(
        review["zone_conflicts"],
        serde_json::json!([{ "address": both, "zones": ["partner", "uplink"] }])
    );
    let summary = run("table");
    for told in [
        "Zone uplink by interface eth1: 1 address in no network of the file.\n\
         Zone partner by interface eth2: 0 addresses in no network of the file.\n",
        "  not told by interface: 203.0.113.9 sent by interfaces of partner and uplink; it keeps the zone that is \
         built in\n",
    ] {
        assert!(summary.contains(told), "{summary}");
    }
}

#[test]
fn a_line_assigns_a_network_an_interface_or_both() {
    let csv = "zone,cidr,comment,trust,interface\na,10.0.0.0/8,x,dmz,eth0\na,,x,dmz,eth1\n";
    let toml = "[[zone]]\nname = \"a\"\ncidr = \"10.0.0.0/8\"\ninterface = [\"eth0\", \"eth1\"]\ncomment = \"x\"\ntrust = \"dmz\"\n";
    let [csv, toml] = [(csv, "zones.csv"), (toml, "zones.toml")]
        .map(|(text, name)| Zones::read(text, name).expect("zones"));
    assert_eq!(format!("{:?}", csv.networks()), format!("{:?}", toml.networks()));
    let interfaces = |zones: &Zones| zones.interfaces().cloned().collect::<Vec<_>>();
    assert_eq!(interfaces(&csv), interfaces(&toml));
    assert_eq!(interfaces(&csv).iter().map(|one| one.interface.raw()).collect::<Vec<_>>(), ["eth0", "eth1"]);
    let twice = "zone,cidr,interface\na,,eth0\nb,,eth0\n";
    assert_eq!(
        Zones::read(twice, "zones.csv").expect_err("two zones").to_string(),
        "zones.csv, line 3: the interface eth0 has a zone already, by line 2; keep one of the two: an interface leads \
         to one zone"
    );
    let neither = "[[zone]]\nname = \"a\"\n";
    assert_eq!(
        Zones::read(neither, "zones.toml").expect_err("nothing").to_string(),
        "zones.toml, line 1: invalid network ``; write an address with the length of its prefix, such as 192.0.2.0/24 \
         or 2001:db8::/32"
    );
}
