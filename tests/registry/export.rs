//! `registry export`: each format is read back by the program it is for, where that is installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use portscribe::Transport;
use portscribe::registry::{self, ReadOptions, Registry, Target};

fn exported(target: Target) -> String {
    let mut out = Vec::new();
    let left_out = registry::export(&Registry::bundled(), target, &mut out).expect("memory");
    assert_eq!(left_out, Vec::<String>::new());
    String::from_utf8(out).expect("UTF-8")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn iana_csv_read_again_is_the_same_registry() {
    let csv = exported(Target::IanaCsv);
    let again = registry::read(csv.as_bytes(), &ReadOptions::default()).expect("IANA's columns").registry;
    let bundled = Registry::bundled();
    assert!(registry::diff(&bundled, &again).is_empty());
    assert_eq!(again.len(), bundled.len());
    for (a, b) in bundled.rows().zip(again.rows()) {
        assert_eq!(a.cells(), b.cells(), "row {}", a.number());
    }
    let file = include_str!("../../src/registry/snapshot/service-names-port-numbers.csv");
    assert!(csv == file, "the export is not the file that was bundled");
}

#[test]
fn json_holds_every_row_and_contact() {
    let json: serde_json::Value = serde_json::from_str(&exported(Target::Json)).expect("JSON");
    let registry = Registry::bundled();
    let rows = json["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), registry.len());
    assert_eq!(json["contacts"].as_array().map(Vec::len), Some(registry.contacts().len()));
    let ipfix = rows.iter().find(|row| row["service_name"] == "ipfix").expect("ipfix");
    assert_eq!(
        *ipfix,
        serde_json::json!({
            "service_name": "ipfix", "port_number": "4739", "transport_protocol": "tcp",
            "description": "IP Flow Info Export", "assignee": "[Nevil_Brownlee]", "contact": "[Nevil_Brownlee]",
            "registration_date": "2005-08", "modification_date": null, "reference": null, "service_code": null,
            "unauthorized_use_reported": null, "assignment_notes": null, "status": "registered",
            "names_as_of": "2026-09-12", "details_as_of": "2024-03-18",
        })
    );
}

#[test]
fn the_system_reads_services() {
    if !crate::support::has_program("getent") || !crate::support::has_program("unshare") {
        return;
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), exported(Target::Services)).expect("written");
    let script = "mount --bind \"$1\" /etc/services && getent services ipfix && getent services 80/tcp && \
                  getent services www && getent services 44322/udp && getent services 36412/sctp";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script, "sh"])
        .arg(file.path())
        .output()
        .expect("unshare runs");
    if !output.status.success() {
        crate::support::skipped("a mount namespace cannot be made (this needs root)");
        return;
    }
    let lines: Vec<String> =
        stdout(&output).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "ipfix 4739/tcp",
            "http 80/tcp www www-http",
            "http 80/tcp www www-http",
            "pmproxy 44322/udp",
            "s1-control 36412/sctp"
        ]
    );
}

/// A capture of one TCP segment and one UDP datagram, to these ports.
fn capture(tcp: u16, udp: u16) -> Vec<u8> {
    let mut file = Vec::new();
    for number in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 101] {
        file.extend(number.to_le_bytes());
    }
    for (protocol, port, length) in [(6, tcp, 20_u16), (17, udp, 8)] {
        let mut packet = vec![0x45, 0];
        packet.extend((20 + length).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        packet.extend(60_001_u16.to_be_bytes());
        packet.extend(port.to_be_bytes());
        if protocol == 6 {
            packet.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
        } else {
            packet.extend([0, 8, 0, 0]);
        }
        for number in [0, 0, packet.len() as u32, packet.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

#[test]
fn wireshark_reads_its_personal_file() {
    if !crate::support::has_program("tshark") {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("wireshark");
    fs::create_dir(&folder).expect("a folder");
    // A name that no Wireshark knows shows that it is our file that was read.
    let text = exported(Target::Wireshark).replace("\nipfix\t4739/tcp", "\nportscribe-here\t4739/tcp");
    fs::write(folder.join("services"), text).expect("written");
    let pcap = home.path().join("two.pcap");
    fs::write(&pcap, capture(4739, 44322)).expect("written");
    let output = Command::new("tshark")
        .env("XDG_CONFIG_HOME", home.path())
        .env("HOME", home.path())
        .args(["-N", "t", "-T", "fields", "-e", "_ws.col.Info", "-e", "_ws.col.info", "-r"])
        .arg(&pcap)
        .output()
        .expect("tshark runs");
    let shown = stdout(&output);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 2, "{shown} {}", String::from_utf8_lossy(&output.stderr));
    assert!(lines[0].contains("portscribe-here(4739)"), "{shown}");
    assert!(lines[1].contains("pmproxy(44322)"), "{shown}");
}

#[test]
fn nmap_reads_its_services() {
    if !crate::support::has_program("nmap") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let text = exported(Target::Nmap).replace("\nipfix\t4739/tcp", "\nportscribe-here\t4739/tcp");
    fs::write(folder.path().join("nmap-services"), text).expect("written");
    let output = Command::new("nmap")
        .arg("--datadir")
        .arg(folder.path())
        .args(["-n", "-Pn", "-sT", "-p", "portscribe-here,44322", "-oG", "-", "127.0.0.1"])
        .output()
        .expect("nmap runs");
    let shown = stdout(&output);
    assert!(shown.contains("4739/closed/tcp//portscribe-here///"), "{shown}");
    assert!(shown.contains("44322/closed/tcp//pmproxy///"), "{shown}");
}

#[test]
fn sqlite_runs_the_script() {
    if !crate::support::has_program("sqlite3") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (script, database) = (folder.path().join("registry.sql"), folder.path().join("registry.db"));
    fs::write(&script, exported(Target::Sql)).expect("written");
    let run = |input: &str| {
        let output = Command::new("sqlite3").args(["-bail", "-csv"]).arg(&database).arg(input).output();
        let output = output.expect("sqlite3 runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        stdout(&output).replace("\r\n", "\n")
    };
    run(&format!(".read {}", Path::new(&script).display()));
    let registry = Registry::bundled();
    assert_eq!(run("SELECT count(*) FROM service"), format!("{}\n", registry.len()));
    assert_eq!(run("SELECT count(*) FROM contact"), format!("{}\n", registry.contacts().len()));
    assert_eq!(run("SELECT edition, details_as_of FROM edition"), "2026-09-12,2015-07-30\n");
    assert_eq!(
        run("SELECT service_name, transport_protocol FROM service WHERE 4740 BETWEEN low_port AND high_port"),
        "ipfixs,tcp\nipfixs,udp\nipfixs,sctp\n".replace("ipfixs,udp\nipfixs,sctp", &order_of_4740())
    );
    let columns = "coalesce(service_name,''), coalesce(port_number,''), coalesce(transport_protocol,''), \
                   coalesce(description,''), coalesce(assignee,''), coalesce(contact,''), \
                   coalesce(registration_date,''), coalesce(modification_date,''), coalesce(reference,''), \
                   coalesce(service_code,''), coalesce(unauthorized_use_reported,''), \
                   coalesce(assignment_notes,'')";
    let rows = run(&format!("SELECT {columns} FROM service ORDER BY number"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(rows.as_bytes());
    for (row, record) in registry.rows().zip(reader.records()) {
        let record = record.expect("a row");
        assert_eq!(record.iter().collect::<Vec<_>>(), row.cells());
    }
}

fn order_of_4740() -> String {
    let registry = Registry::bundled();
    let rows: Vec<String> = registry
        .rows()
        .filter(|row| row.ports() == Some((4740, 4740)) && row.transport() != Some(Transport::Tcp))
        .map(|row| format!("ipfixs,{}", row.cell(registry::Column::TransportProtocol)))
        .collect();
    rows.join("\n")
}

#[test]
fn names_that_a_format_has_no_place_for_are_named() {
    let csv = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,\
               Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n\
               Two Words,4321,tcp,A name of two words,,,,,,,,\n\
               one,4321,tcp,,,,,,,,,\n\
               whois++,63,udp,whois++,,,,,,,,\n";
    let registry =
        registry::read(csv.as_bytes(), &ReadOptions { source: "a test", ..ReadOptions::default() })
            .expect("a registry")
            .registry;
    for (target, expected) in [
        (Target::Services, "whois++\t63/udp\t\t# whois++\none\t4321/tcp\t\t# A name of two words\n"),
        (
            Target::Nmap,
            "whois++\t63/udp\t0.000000\t# whois++\none\t4321/tcp\t0.000000\t# A name of two words\n",
        ),
        (Target::Wireshark, "whois++\t63/udp\t# whois++\none\t4321/tcp\t# A name of two words\n"),
    ] {
        let mut out = Vec::new();
        let left_out = registry::export(&registry, target, &mut out).expect("memory");
        assert_eq!(left_out, ["Two Words"]);
        let text = String::from_utf8(out).expect("UTF-8");
        let body: String =
            text.lines().filter(|line| !line.starts_with("# ")).flat_map(|line| [line, "\n"]).collect();
        assert_eq!(body, expected);
    }
}
