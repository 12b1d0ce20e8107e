//! `--overlay`: names of one's own network beside the registered ones, never in their place.

use std::fs;

use crate::support::{portscribe, stderr, stdout};

use portscribe::Transport;
use portscribe::registry::{self, Overlay, Registry};

/// A file that is gone when it is dropped.
fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("written");
    file
}

/// Rows of CSV as the values of some columns.
fn cells(csv: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let places: Vec<usize> =
        columns.iter().map(|name| head.iter().position(|n| n == *name).expect("a column")).collect();
    reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            places.iter().map(|&place| row[place].to_owned()).collect()
        })
        .collect()
}

const TOML: &str = "
[[service]]
name = \"shop-front\"
port = 80
transport = \"tcp\"

[[service]]
name = \"shop-staging\"
port = [80, \"8000-8010\"]
host = [\"198.51.100.0/24\", \"2001:db8:2::20\"]
description = \"The shop before it is let out\"
source = \"the network's own list\"
";

#[test]
fn a_flow_shows_the_registered_name_and_the_local_one() {
    let overlay = file(TOML);
    let path = overlay.path().to_str().expect("UTF-8");
    let output = portscribe(["flows", "samples/http.pcap", "--overlay", path, "-f", "csv", "-q"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let rows = cells(&stdout(&output), &["server_address", "service", "status", "local_name"]);
    let row = |address: &str| {
        [address, "http", "registered", "shop-staging shop-front"].map(str::to_owned).to_vec()
    };
    let mut expected = vec![row("198.51.100.20"); 4];
    expected.extend(vec![row("2001:db8:2::20"); 2]);
    assert_eq!(rows, expected);

    let table = portscribe(["flows", "samples/http.pcap", "--overlay", path, "-f", "table", "-q"]);
    let first = stdout(&table).lines().nth(1).expect("a row").to_owned();
    assert!(first.contains(" http (here shop-staging shop-front) "), "{first}");

    let summary = portscribe(["summary", "samples/http.pcap", "--overlay", path, "-f", "csv", "-q"]);
    let rows = cells(&stdout(&summary), &["service", "status", "flows", "local_name"]);
    assert_eq!(rows, [["http", "registered", "6", "shop-staging shop-front"].map(str::to_owned)]);

    let packets = portscribe(["packets", "samples/http.pcap", "--overlay", path, "-f", "csv", "-q"]);
    let rows = cells(&stdout(&packets), &["service", "local_name"]);
    assert_eq!(rows, vec![["http", "shop-staging shop-front"].map(str::to_owned).to_vec(); 62]);
    let table = portscribe(["packets", "samples/http.pcap", "--overlay", path, "-f", "table", "-q"]);
    let first = stdout(&table).lines().nth(1).expect("a row").to_owned();
    assert!(first.contains(" http (here shop-staging shop-front) "), "{first}");

    let without = portscribe(["flows", "samples/http.pcap", "-f", "csv", "-q"]);
    let rows = cells(&stdout(&without), &["service", "local_name"]);
    assert_eq!(rows, vec![["http", ""].map(str::to_owned).to_vec(); 6]);
}

#[test]
fn lookup_says_on_which_hosts_a_name_holds() {
    let overlay = file(TOML);
    let path = overlay.path().to_str().expect("UTF-8");
    let called = |query: &str| {
        let output = portscribe(["lookup", query, "--overlay", path, "-f", "table"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let lines = stdout(&output);
        lines.lines().filter(|line| line.starts_with("  called here")).map(str::to_owned).collect::<Vec<_>>()
    };
    let on_hosts = "  called here       shop-staging on 198.51.100.0/24 2001:db8:2::20";
    assert_eq!(called("80/tcp"), ["  called here       shop-front", on_hosts]);
    assert_eq!(called("8010/sctp"), [on_hosts]);
    assert_eq!(called("8011/sctp"), [""; 0]);
    assert_eq!(called("shop-staging/udp"), [on_hosts, on_hosts]);
}

#[test]
fn a_local_name_selects_the_flows_that_have_it() {
    let overlay =
        file("[[service]]\nname = \"shop\"\nport = 80\ntransport = \"tcp\"\nhost = \"2001:db8:2::20\"\n");
    let path = overlay.path().to_str().expect("UTF-8");
    let selected = |command: &str, names: &[&str]| {
        let fixed = [command, "samples/http.pcap", "--overlay", path, "-f", "csv", "-q"];
        let names = names.iter().flat_map(|name| ["--service", name]);
        cells(&stdout(&portscribe(fixed.into_iter().chain(names))), &["service"]).len()
    };
    assert_eq!((selected("flows", &["SHOP"]), selected("flows", &["shop", "http"])), (2, 6));
    assert_eq!((selected("packets", &["shop"]), selected("packets", &["http"])), (20, 62));
    assert_eq!((selected("summary", &["shop"]), selected("flows", &["shop-front"])), (1, 0));
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("shop.pcapng");
    let out = out.to_str().expect("UTF-8");
    let only = ["--only", "service=shop", "-o", out, "-q"];
    let annotated = portscribe(["annotate", "samples/http.pcap", "--overlay", path].into_iter().chain(only));
    assert_eq!(annotated.status.code(), Some(0), "{}", stderr(&annotated));
    let packets = portscribe(["packets", out, "-f", "csv", "-q"]);
    assert_eq!(cells(&stdout(&packets), &["service"]).len(), 20);
}

#[test]
fn every_format_names_the_same_ports() {
    let csv = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,\
               Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n\
               ledger,9000-9010,tcp,The ledger,,,,,,,,\n";
    let services = "# ours\nledger\t9005/tcp\tbooks  # The ledger\n";
    let nmap = "ledger\t9005/tcp\t0.000100\t# The ledger\n";
    let toml = "[[service]]\nname = \"ledger\"\nport = \"9000-9010\"\ntransport = [\"tcp\"]\n";
    for (text, names) in
        [(csv, &["ledger"][..]), (services, &["ledger", "books"]), (nmap, &["ledger"]), (toml, &["ledger"])]
    {
        let (overlay, passed_over) = Overlay::read(text.as_bytes(), false).expect(text);
        assert_eq!(passed_over, [], "{text}");
        assert_eq!(overlay.names(Transport::Tcp, 9005, None), names, "{text}");
        assert!(overlay.names(Transport::Udp, 9005, None).is_empty(), "{text}");
        assert!(overlay.names(Transport::Tcp, 9011, None).is_empty(), "{text}");
    }
}

#[test]
fn csv_names_hosts_in_a_column_behind_ianas() {
    let head = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,\
                Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes,Host\n";
    let rows = "everywhere,9000,tcp,,,,,,,,,,\n\
                nameless,,,,,,,,,,,,192.0.2.1\n\
                ledger,9000,tcp,The ledger,,,,,,,,,192.0.2.0/24 2001:db8::7\n";
    let (overlay, passed_over) =
        Overlay::read(format!("{head}{rows}").as_bytes(), false).expect("an overlay");
    assert_eq!(passed_over.len(), 1, "{passed_over:?}");
    let names = |host: &str| overlay.names(Transport::Tcp, 9000, host.parse().ok());
    assert_eq!(names("192.0.2.7"), ["ledger", "everywhere"]);
    assert_eq!(names("2001:db8::7"), ["ledger", "everywhere"]);
    assert_eq!(names("2001:db8::8"), ["everywhere"]);
    assert_eq!(overlay.names(Transport::Tcp, 9000, None), ["everywhere"]);

    let fault = |row: &str| {
        let text = format!("{head}{row}\nlast,9001,tcp,,,,,,,,,,192.0.2.9\n");
        let error = Overlay::read(text.as_bytes(), false).map(|_| ()).expect_err(row);
        let (lenient, passed_over) = Overlay::read(text.as_bytes(), true).expect(row);
        assert_eq!(passed_over, std::slice::from_ref(&error));
        assert_eq!(lenient.names(Transport::Tcp, 9001, "192.0.2.9".parse().ok()), ["last"]);
        error.to_string()
    };
    assert_eq!(
        fault("a,1,tcp,\"b, c\",,,,,,,,,here"),
        "line 2, column 24: Host is `here`; expected an address or a network such as 192.0.2.0/24"
    );
    assert_eq!(
        fault("a,1,tcp,,,,,,,,,"),
        "line 2, column 1: a row of the registry has 13 cells, this one has 12"
    );
    assert_eq!(
        fault("a,70000,tcp,,,,,,,,,,192.0.2.1").split(';').next(),
        Some("line 2, column 3: Port Number is `70000`")
    );
    // A registry has IANA's columns and no other.
    let text = format!("{head}{rows}");
    assert!(registry::read(text.as_bytes(), &registry::ReadOptions::default()).is_err());
}

#[test]
fn a_fault_has_its_line_and_column_and_says_what_was_expected() {
    for (text, message) in [
        (
            "[[service]]\nname = \"a\"\nport = 70000\n",
            "line 3, column 8: `port` is 70000; expected a port or a range of ports \"LOW-HIGH\"",
        ),
        (
            "[[service]]\nname = \"a\"\nport = \"20-10\"\n",
            "line 3, column 8: `port` is 20-10; expected a port or a range of ports \"LOW-HIGH\"",
        ),
        (
            "[[service]]\nname = \"a\"\nport = 1\nhost = \"here\"\n",
            "line 4, column 8: `host` is here; expected an address or a network such as 192.0.2.0/24",
        ),
        (
            "[[service]]\nname = \"a\"\nport = 1\ntransport = \"icmp\"\n",
            "line 4, column 13: `transport` is icmp; expected tcp, udp, sctp, dccp or udplite",
        ),
        (
            "a 1/tcp\nb one/tcp\n",
            "line 2, column 3: expected `NAME PORT/TRANSPORT` with tcp, udp, sctp, dccp or udplite; found `one/tcp`",
        ),
        (
            "hello world\n",
            "line 1, column 1: expected an overlay as TOML (`[[service]]`), CSV in IANA's columns, or lines of `NAME PORT/TRANSPORT`; found `hello world`",
        ),
    ] {
        let error = Overlay::read(text.as_bytes(), false).map(|_| ()).expect_err(text);
        assert_eq!(error.to_string(), message);
    }
    let error =
        Overlay::read(b"[[service]]\nname = \"a\"\nports = 1\n", false).map(|_| ()).expect_err("a key");
    assert!(
        error.to_string().starts_with("line 3, column 1: the overlay cannot be read: unknown field `ports`"),
        "{error}"
    );
}

#[test]
fn lenient_passes_over_what_cannot_be_understood_and_names_it() {
    let overlay = file("a 1/tcp\nb one/tcp\nc 3/udp\n");
    let path = overlay.path().to_str().expect("UTF-8");
    let strict = portscribe(["lookup", "1/tcp", "--overlay", path]);
    assert_eq!(strict.status.code(), Some(4));
    let lenient = portscribe(["lookup", "1/tcp", "3/udp", "--overlay", path, "--lenient", "-f", "csv"]);
    assert_eq!(lenient.status.code(), Some(0));
    assert_eq!(
        stderr(&lenient).lines().next(),
        Some(
            format!(
                "portscribe: {path}: passed over: line 2, column 3: expected `NAME PORT/TRANSPORT` with tcp, \
                 udp, sctp, dccp or udplite; found `one/tcp`"
            )
            .as_str()
        )
    );
    let rows = cells(&stdout(&lenient), &["query", "service", "local_name"]);
    assert_eq!(rows, [["1/tcp", "tcpmux", "a"], ["3/udp", "", "c"]].map(|row| row.map(str::to_owned)));
}

#[test]
fn the_overlay_that_comes_along_has_a_source_for_each_of_its_names() {
    let overlay = Overlay::common();
    assert!(overlay.entries().len() >= 60, "{}", overlay.entries().len());
    let registry = Registry::bundled();
    for entry in overlay.entries() {
        assert!(entry.source.raw().starts_with("https://"), "{:?}", entry.name);
        assert!(!entry.description.is_empty(), "{:?}", entry.name);
        assert_eq!(registry::name_faults(entry.name.raw()), [], "{:?}", entry.name);
        for &transport in &entry.transports {
            for &(low, _) in &entry.ports {
                // What IANA lists under this name needs no overlay.
                let answer = registry.port(transport, low);
                let names: Vec<&str> = answer.service().into_iter().chain(answer.aliases()).collect();
                assert!(!names.contains(&entry.name.raw()), "{:?} is registered", entry.name);
            }
        }
    }
    for (transport, port, name) in [
        (Transport::Udp, 51820, "wireguard"),
        (Transport::Tcp, 9200, "elasticsearch"),
        (Transport::Tcp, 6443, "kube-apiserver"),
        (Transport::Tcp, 10250, "kubelet"),
        (Transport::Tcp, 25565, "minecraft-java"),
        (Transport::Tcp, 32400, "plex-media"),
        (Transport::Tcp, 9100, "node-exporter"),
    ] {
        assert!(overlay.names(transport, port, None).iter().any(|one| *one == name), "{name}");
    }
    let output = portscribe(["lookup", "wireguard", "--overlay", "common", "-f", "csv", "-q"]);
    assert_eq!(output.status.code(), Some(0));
    let rows = cells(&stdout(&output), &["port", "transport", "status", "service", "local_name"]);
    assert_eq!(rows, [["51820", "udp", "dynamic", "", "wireguard"].map(str::to_owned)]);
}

#[test]
fn the_systems_own_services_are_read() {
    let Ok(text) = fs::read("/etc/services") else {
        crate::support::skipped("there is no /etc/services");
        return;
    };
    let (overlay, passed_over) = Overlay::read(&text, false).expect("/etc/services");
    assert!(overlay.names(Transport::Tcp, 22, None).iter().any(|one| *one == "ssh"));
    // AppleTalk's lines are named, and are no fault.
    assert!(passed_over.iter().all(|error| error.to_string().contains("/ddp`")), "{passed_over:?}");
}
