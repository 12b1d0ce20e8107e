//! Reading the registry in every format that IANA offers and browsers print, and refusing what is
//! none of them.
//!
//! The real editions are not part of the project: the tests that need them look for a folder
//! `iana` in the folder that `PORTSCRIBE_SHARED` names, or in `../shared`, and say so when there
//! is none.

use std::collections::HashSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use portscribe::Transport;
use portscribe::registry::{self, Effect, ReadOptions, Reading, Registry, Row, Status, Target};

const HEAD: &str = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,\
                    Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n";
const TEXT_PAGE: &str = include_str!("../../src/registry/snapshot/seeds/registry-page-2024-03-18.txt");
const TABLE_PAGE: &str = include_str!("../../src/registry/snapshot/seeds/registry-page-2026-05-11.txt");

fn edition(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = env::var_os("PORTSCRIBE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let path = folder.join("iana").join(name);
    if !path.exists() {
        crate::support::skipped("IANA's files are missing (PORTSCRIBE_SHARED names their folder)");
        return None;
    }
    Some(path)
}

fn read(path: &Path) -> Reading {
    let bytes = fs::read(path).expect("readable");
    registry::read(&bytes, &ReadOptions { source: "a test", ..ReadOptions::default() })
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn cells(row: Row<'_>) -> [&str; 12] {
    row.cells()
}

fn of_text(text: &str) -> Result<Reading, registry::Error> {
    registry::read(text.as_bytes(), &ReadOptions::default())
}

fn fault(bytes: &[u8]) -> String {
    let start = Instant::now();
    let error = registry::read(bytes, &ReadOptions::default()).map(|_| ()).expect_err("a fault");
    assert!(start.elapsed() < Duration::from_secs(30), "too slow: {error}");
    error.to_string()
}

#[test]
fn the_xml_of_2024_agrees_with_the_page_of_the_same_day() {
    let Some(path) = edition("service-names-port-numbers-2024-03-18.xml") else { return };
    let xml = read(&path).registry;
    let printed: HashSet<String> = xml
        .rows()
        .map(|row| cells(row).into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" "))
        .collect();
    let lines: Vec<&str> = TEXT_PAGE
        .lines()
        .skip_while(|line| !line.starts_with("Service Name Port Number "))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect();
    let missing: Vec<&&str> = lines.iter().filter(|line| !printed.contains(**line)).collect();
    assert_eq!((lines.len(), missing), (101, Vec::new()));

    let page = of_text(TEXT_PAGE).expect("the page").registry;
    assert_eq!(page.len(), 101);
    let rows: HashSet<[&str; 12]> = xml.rows().map(cells).collect();
    for row in page.rows() {
        assert!(rows.contains(&cells(row)), "{row:?}");
    }
    // A printed page does not tell a name from an organization where it shows only one.
    let printed = |contact: registry::Contact| {
        [contact.id, contact.name, contact.organization, contact.uri, contact.updated]
            .into_iter()
            .filter(|cell| !cell.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let contacts: HashSet<String> = xml.contacts().map(printed).collect();
    for contact in page.contacts() {
        assert!(contacts.contains(&printed(contact)), "{contact:?}");
    }
    let squeezed =
        |text: Option<&str>| text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(xml.title(), page.title());
    assert_eq!(xml.edition(), page.edition());
    assert_eq!(xml.reference(), page.reference());
    assert_eq!(squeezed(xml.experts()), squeezed(page.experts()));
    assert_eq!(squeezed(xml.note()), squeezed(page.note()));
}

#[test]
fn the_printed_pages_are_read_as_the_bundled_registry_has_them() {
    let bundled = Registry::bundled();
    let rows: HashSet<[&str; 12]> = bundled.rows().map(cells).collect();
    let contacts: HashSet<_> = bundled.contacts().collect();
    assert_eq!(contacts.len(), 44);
    for (page, edition, count, people) in
        [(TEXT_PAGE, "2024-03-18", 101, 38), (TABLE_PAGE, "2026-05-11", 18, 6)]
    {
        let reading = of_text(page).expect("a page");
        assert_eq!(reading.format.name(), "printed");
        let registry = reading.registry;
        assert_eq!((registry.edition(), registry.len()), (Some(edition), count));
        assert_eq!(registry.title(), "Service Name and Transport Protocol Port Number Registry");
        assert_eq!(registry.reference(), Some("[RFC6335]"));
        assert_eq!(registry.contacts().len(), people);
        for row in registry.rows() {
            assert!(rows.contains(&cells(row)), "{row:?}");
        }
        for contact in registry.contacts() {
            assert!(contacts.contains(&contact), "{contact:?}");
        }
    }
}

#[test]
fn every_edition_is_read_with_all_its_rows_and_contacts() {
    for (name, format, date, rows, contacts) in [
        ("service-names-port-numbers-2024-03-18.xml", "xml", Some("2024-03-18"), 14444, 5554),
        ("service-names-port-numbers-2025-12-15.xml", "xml", Some("2025-12-15"), 14496, 5588),
        ("service-names-port-numbers.csv", "csv", None, 14499, 0),
        ("service-names-port-numbers-page-2015.xhtml", "xhtml", Some("2015-03-16"), 100, 11),
        ("service-names-port-numbers-old.txt", "text", Some("2013-06-26"), 13303, 4736),
    ] {
        let Some(path) = edition(name) else { return };
        let reading = read(&path);
        let registry = &reading.registry;
        assert_eq!(
            (reading.format.name(), registry.edition(), registry.len(), registry.contacts().len()),
            (format, date, rows, contacts),
            "{name}"
        );
        assert_eq!(registry.title(), "Service Name and Transport Protocol Port Number Registry");
        if format != "csv" {
            assert!(registry.note().is_some_and(|note| note.contains("PLEASE NOTE THE FOLLOWING")), "{name}");
            assert!(registry.experts().is_some_and(|experts| experts.contains("Joe Touch")), "{name}");
        }
        let answer = registry.port(Transport::Tcp, 7);
        assert_eq!((answer.status(), answer.service()), (Status::Registered, Some("echo")), "{name}");
    }
}

/// The CSV is two months younger than the XML: 23 rows of it differ, all of them changed or
/// renamed since.
#[test]
fn xml_comes_out_as_iana_writes_its_csv() {
    let (Some(xml), Some(csv)) =
        (edition("service-names-port-numbers-2025-12-15.xml"), edition("service-names-port-numbers.csv"))
    else {
        return;
    };
    let (xml, csv) = (read(&xml).registry, read(&csv).registry);
    let diff = registry::diff(&xml, &csv);
    assert_eq!((diff.added.len(), diff.removed.len()), (4, 1));
    let added: Vec<_> =
        diff.added.iter().map(|row| (row.service_name(), row.cell(registry::Column::PortNumber))).collect();
    assert_eq!(added, [("", "11431-11433"), ("ollama", "11434"), ("", "11434"), ("", "11435-11488")]);
    // Ids of 3GPP's entries differ throughout; nothing else does but what was modified in 2026.
    let unexplained: Vec<_> = diff
        .changed
        .iter()
        .filter(|change| !change.new.cell(registry::Column::ModificationDate).starts_with("2026"))
        .filter(|change| !change.new.cell(registry::Column::Assignee).contains("3GPP"))
        .map(|change| (change.new.service_name(), change.columns().collect::<Vec<_>>()))
        .collect();
    assert_eq!(
        unexplained,
        [
            ("dhcpv6-client", vec![registry::Column::Reference]),
            ("dhcpv6-server", vec![registry::Column::Reference])
        ]
    );
}

#[test]
fn what_is_exported_and_read_again_is_the_same_registry() {
    for name in [
        "service-names-port-numbers-2025-12-15.xml",
        "service-names-port-numbers.csv",
        "service-names-port-numbers-old.txt",
    ] {
        let Some(path) = edition(name) else { return };
        let registry = read(&path).registry;
        let mut csv = Vec::new();
        registry::export(&registry, Target::IanaCsv, &mut csv).expect("memory");
        let again = registry::read(&csv, &ReadOptions::default()).expect("a registry").registry;
        assert!(registry.rows().map(cells).eq(again.rows().map(cells)), "{name}");
    }
}

#[test]
fn the_difference_of_two_editions_is_counted_alike_by_a_script_that_knows_nothing_of_us() {
    let (Some(old), Some(new)) = (
        edition("service-names-port-numbers-2024-03-18.xml"),
        edition("service-names-port-numbers-2025-12-15.xml"),
    ) else {
        return;
    };
    let (a, b) = (read(&old).registry, read(&new).registry);
    let diff = registry::diff(&a, &b);
    assert_eq!((diff.added.len(), diff.removed.len(), diff.changed.len()), (88, 36, 39));
    assert_eq!(Effect::ALL.map(|effect| diff.ports_with(effect)), [17, 14, 12, 45]);

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_registry_diff.py");
    let Ok(output) = Command::new("python3").arg(script).arg(&old).arg(&new).output() else {
        crate::support::skipped("python3 is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counted: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let program = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["registry", "diff", "-f", "json"])
        .args([&old, &new])
        .output()
        .expect("the program runs");
    assert_eq!(program.status.code(), Some(1), "a difference");
    let shown: serde_json::Value = serde_json::from_slice(&program.stdout).expect("JSON");
    assert_eq!(shown["counts"], counted);
}

#[test]
fn a_fault_in_csv_has_its_line_and_column() {
    let row = |row: &str| format!("{HEAD}tcpmux,1,tcp,,,,,,,,,\n{row}");
    for (text, message) in [
        (
            row("a,70000,tcp,,,,,,,,,\n"),
            "line 3, column 3: Port Number is `70000`; expected a port from 0 to 65535, a range of ports LOW-HIGH, or nothing",
        ),
        (
            row("\"a \"\"b\"\", c\",9-3,tcp,,,,,,,,,\n"),
            "line 3, column 14: Port Number is `9-3`; expected a port from 0 to 65535, a range of ports LOW-HIGH, or nothing",
        ),
        (
            row("a,1,ip,,,,,,,,,\n"),
            "line 3, column 5: Transport Protocol is `ip`; expected tcp, udp, sctp, dccp or nothing",
        ),
        (
            row("ä,1,dccp,\"two\nlines\",,,,,,-5,,\n"),
            "line 4, column 13: Service Code is `-5`; expected a number below 2^32, or nothing",
        ),
        (row("a,1,tcp\n"), "line 3, column 1: a row of the registry has 12 cells, this one has 3"),
        (
            row("a,1,tcp,\"no end\n,2,tcp,,,,,,,,,\n"),
            "line 3, column 9: expected a closing quotation mark to the cell that begins here; found the end of the file",
        ),
        (
            HEAD.replace("Contact", "Person") + "a,1,tcp,,,,,,,,,\n",
            "line 1, column 1: expected IANA's column names, `Service Name,Port Number,Transport Protocol,…`; found \
             `Service Name,Port Number,Transport Protocol,Description,Assignee,Person,Registra…`",
        ),
        (HEAD.to_owned(), "line 2, column 1: expected registry rows after the column names; found none"),
    ] {
        assert_eq!(fault(text.as_bytes()), message);
    }
    let mut bytes = row("a,1,tcp,").into_bytes();
    bytes.push(0xff);
    assert_eq!(fault(&bytes), "line 3, column 9: expected text in UTF-8; found byte 0xff");
    // A doubled quotation mark, a line break in quotes, CR LF and a byte order mark are no faults.
    let odd =
        format!("\u{feff}{HEAD}\"a\",1,tcp,\"say \"\"x\"\"\",,,,,,,,\"two\nlines\"\n").replace('\n', "\r\n");
    let registry = of_text(&odd).expect("a registry").registry;
    assert_eq!(registry.rows().next().map(|row| row.description().to_owned()), Some("say \"x\"".to_owned()));
}

#[test]
fn lenient_reading_passes_over_a_bad_row_and_names_it() {
    let text = format!("{HEAD}a,1,tcp,,,,,,,,,\nb,x,tcp,,,,,,,,,\nc,3\nd,4,udp,,,,,,,,,\n");
    let reading = registry::read(text.as_bytes(), &ReadOptions { lenient: true, ..ReadOptions::default() })
        .expect("read");
    let names: Vec<_> = reading.registry.rows().map(Row::service_name).collect();
    assert_eq!(names, ["a", "d"]);
    assert_eq!(reading.lines, [2, 5]);
    let said: Vec<String> = reading.passed_over.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "line 3, column 3: Port Number is `x`; expected a port from 0 to 65535, a range of ports LOW-HIGH, or nothing",
            "line 4, column 1: a row of the registry has 12 cells, this one has 2",
        ]
    );
}

fn xml(inside: &str) -> String {
    format!("<?xml version='1.0'?>\n<registry id=\"service-names-port-numbers\">\n{inside}</registry>\n")
}

#[test]
fn a_fault_in_xml_has_its_line_and_column() {
    let record = "<record><name>a</name><protocol>tcp</protocol><number>1</number></record>\n";
    assert_eq!(of_text(&xml(record)).expect("a registry").registry.len(), 1);
    for (text, message) in [
        (
            xml("<record><number>one</number></record>"),
            "line 3, column 9: Port Number is `one`; expected a port from 0 to 65535, a range of ports LOW-HIGH, or nothing",
        ),
        (
            xml("<record><colour>red</colour></record>"),
            "line 3, column 9: expected name, protocol, xref, assignee, description, number, sc, unauthorized or note; \
             found the element `colour`",
        ),
        (
            xml("<record><number>1</number><number>2</number></record>"),
            "line 3, column 27: expected one element of this name; found the element `number`",
        ),
        (
            "<registry id=\"dhcpv6-parameters\"></registry>".to_owned(),
            "line 1, column 1: expected one element `registry` with the id `service-names-port-numbers`; found the \
             element `registry`",
        ),
        (xml("words"), "line 2, column 43: expected elements of IANA's registry, with text within them alone; found the element `words`"),
        (
            xml("<record><name>&company;</name></record>"),
            "line 3, column 15: expected one of XML's own entities (amp, lt, gt, quot, apos); found `&company;`",
        ),
        (
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><registry>&b;</registry>".to_owned(),
            "line 1, column 22: expected a document type without definitions of its own; entities are not expanded",
        ),
        (
            xml(record).replace("</registry>", ""),
            "line 5, column 1: expected the end of `registry`; found the end of the file",
        ),
        (xml(""), "line 4, column 1: expected registry rows after the column names; found none"),
    ] {
        assert_eq!(fault(text.as_bytes()), message, "{text}");
    }
    let crossed = fault(xml("<record><name>a</record></name>").as_bytes());
    assert!(crossed.starts_with("line 3, column 16: the file is not well-formed: "), "{crossed}");
}

#[test]
fn hostile_files_are_refused_in_bounded_memory_and_time() {
    let unknown = "expected IANA's registry as CSV, XML, XHTML, plain text or a printed page; found";
    // Larger than anything IANA has: refused before a byte of it is looked at.
    let mut huge = HEAD.as_bytes().to_vec();
    huge.resize(100 << 20, b'a');
    assert!(
        fault(&huge)
            .ends_with("the file is larger than 33554432 bytes; IANA's largest edition has four million")
    );
    // One line, as long as is read.
    let line = vec![b'a'; registry::MOST_BYTES];
    assert_eq!(fault(&line), format!("line 1, column 1: {unknown} `{}…`", "a".repeat(80)));
    let line = [HEAD.as_bytes(), &vec![b','; registry::MOST_BYTES - HEAD.len()]].concat();
    assert!(fault(&line).starts_with("line 2, column 1: a row of the registry has 12 cells, this one has "));
    // Binary rubbish.
    let rubbish: Vec<u8> =
        (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect();
    assert!(fault(&rubbish).starts_with("line 1, column 1: expected text in UTF-8; found byte 0x"));
    assert_eq!(fault(b"\x1f\x8b\x08\0\0"), "line 1, column 2: expected text in UTF-8; found byte 0x8b");
    assert_eq!(fault(b"a\0b"), "line 1, column 2: expected text in UTF-8; found byte 0x00");
    assert_eq!(fault(b""), format!("line 1, column 1: {unknown} ``"));
    // Nested without end, and wide without end.
    let deep = xml(&"<record>".repeat(3_000_000));
    assert!(
        fault(deep.as_bytes())
            .ends_with("elements are nested more than 64 deep; IANA's are nested six deep at most")
    );
    let wide = xml(&format!("<record>{}</record>", "<name/>".repeat(1_000_000)));
    assert!(
        fault(wide.as_bytes())
            .ends_with("one element holds more than 10000 others; no row of the registry does")
    );
    let page = format!("<html>{}", "<div>".repeat(3_000_000));
    assert!(fault(page.as_bytes()).contains("nested more than 64 deep"));
    // More rows than the registry could have, and rows that cover every port again and again.
    let rows = HEAD.to_owned() + &",,,,,,,,,,,\n".repeat(300_000);
    assert!(
        fault(rows.as_bytes())
            .ends_with("the file has more than 200000 rows; IANA's registry has some fifteen thousand")
    );
    let all = HEAD.to_owned() + &"a,0-65535,,,,,,,,,,\n".repeat(100_000);
    assert_eq!(
        fault(all.as_bytes()),
        "line 18, column 1: the rows cover the ports sixteen times over; IANA's cover them about once"
    );
}

#[test]
fn a_file_that_is_cut_off_never_ends_in_a_panic() {
    let mut samples = vec![
        format!(
            "{HEAD}\"a\",1,tcp,\"say \"\"x\"\"\",[A],[A],2001,2002-03,[RFC1],5,\"Unauthorized\",\"two\nlines\"\n"
        ),
        xml(
            "<title>T</title><record date=\"2001\"><name>a</name><xref type=\"person\" data=\"A\"/><number>1-2</number>\
             <note>x<br/>y &amp; &#65;</note></record><people><person id=\"A\"><name>A B</name></person></people>",
        ),
        TABLE_PAGE[TABLE_PAGE.find("| Service").expect("a table")..].to_owned(),
        TEXT_PAGE[TEXT_PAGE.find("Service Name Port").expect("a table")..].chars().take(2000).collect(),
    ];
    let mut text = String::from("  Service Name   Port Number Transport Description\n");
    let _ = write!(text, "tcpmux 1 tcp Mux\n       2 udp Two\n");
    samples.push(text);
    for sample in samples {
        // What can be read makes a whole index each time, so not at every byte.
        let step = (sample.len() / 25).max(1);
        for end in (0..sample.len()).step_by(step).filter(|&end| sample.is_char_boundary(end)) {
            let _ = registry::read(
                &sample.as_bytes()[..end],
                &ReadOptions { lenient: true, ..ReadOptions::default() },
            );
        }
    }
}
