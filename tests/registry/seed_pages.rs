//! Holds the bundled registry against two pages of IANA's registry, as a browser printed them on
//! 2024-03-18 and 2026-05-11.
//!
//! Both pages lost their empty cells when they were printed. So a row of the registry is printed
//! here the way the page prints it, and the page's line must be among those.

use std::collections::HashMap;

use portscribe::Transport::{self, Dccp, Sctp, Tcp, Udp};
use portscribe::registry::{self, Registry, Row, Status};

const TEXT_PAGE: &str = include_str!("../../src/registry/snapshot/seeds/registry-page-2024-03-18.txt");
const TABLE_PAGE: &str = include_str!("../../src/registry/snapshot/seeds/registry-page-2026-05-11.txt");

fn cells(row: Row<'_>) -> [&str; 12] {
    row.cells()
}

fn filled(row: Row<'_>) -> Vec<&str> {
    cells(row).into_iter().filter(|cell| !cell.is_empty()).collect()
}

/// The rows of the page of 2024: single spaces between the cells that are filled.
fn lines_of_the_text_page() -> Vec<&'static str> {
    TEXT_PAGE
        .lines()
        .skip_while(|line| !line.starts_with("Service Name Port Number "))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect()
}

/// The rows of the page of 2026: bars between the cells that are filled. How many bars stand
/// behind the last one says nothing: the printer left out those at the end of a table.
fn lines_of_the_table_page() -> Vec<&'static str> {
    TABLE_PAGE
        .lines()
        .skip_while(|line| !line.starts_with("| Service Name |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_end_matches(['|', ' ']))
        .collect()
}

fn as_text(row: Row) -> String {
    filled(row).join(" ")
}

fn as_table(row: Row) -> String {
    format!("| {}", filled(row).join(" | "))
}

fn every_line_is_a_row(lines: &[&str], print: fn(Row) -> String, page: &str) {
    let registry = Registry::bundled();
    let mut printed: HashMap<String, Vec<u32>> = HashMap::new();
    for row in registry.rows() {
        printed.entry(print(row)).or_default().push(row.number());
    }
    let missing: Vec<_> = lines.iter().filter(|line| !printed.contains_key(**line)).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "rows of the page of {page} that the registry has not");
    let several: Vec<_> = lines.iter().filter(|line| printed[**line].len() > 1).collect();
    assert_eq!(several, Vec::<&&str>::new(), "rows of the page of {page} that stand there twice");
    for line in lines {
        let row = registry.rows().nth(printed[*line][0] as usize - 1).expect("a row of that number");
        assert_eq!(row.details_as_of(), Some(page), "{line}");
    }
}

#[test]
fn every_row_of_the_page_of_2024_is_in_the_registry_with_all_its_columns() {
    let lines = lines_of_the_text_page();
    assert_eq!(lines.len(), 101);
    every_line_is_a_row(&lines, as_text, "2024-03-18");
}

#[test]
fn every_row_of_the_page_of_2026_is_in_the_registry_with_all_its_columns() {
    let lines = lines_of_the_table_page();
    assert_eq!(lines.len(), 18);
    every_line_is_a_row(&lines, as_table, "2026-05-11");
}

fn rows_of(registry: &Registry, name: &str, port: &str, transport: &str) -> Vec<[String; 12]> {
    registry
        .rows()
        .map(|row| cells(row).map(str::to_owned))
        .filter(|cells| cells[0] == name && cells[1] == port && cells[2] == transport)
        .collect()
}

#[test]
fn rows_whose_columns_a_printed_page_leaves_open_have_them_in_their_places() {
    let registry = Registry::bundled();
    for cells in [
        [
            "eq3-config",
            "43439",
            "udp",
            "EQ3 discovery and configuration",
            "[eQ-3_Entwicklung_GmbH]",
            "[Tido_de_Vries]",
            "2012-02-10",
            "2014-05-09",
            "",
            "",
            "",
            "",
        ],
        ["", "43442-44122", "", "Unassigned", "", "", "", "", "", "", "", ""],
        [
            "",
            "44323",
            "udp",
            "Unassigned",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "\"pcp\" assignment withdrawn, moved to port 5351 per RFC6887",
        ],
        [
            "",
            "44446-44543",
            "",
            "Unassigned",
            "",
            "",
            "",
            "",
            "",
            "",
            "Known UNAUTHORIZED USE: Ports 44515 & 44516",
            "",
        ],
        [
            "netconfsoapbeep",
            "",
            "",
            "NETCONF for SOAP over BEEP",
            "",
            "",
            "",
            "",
            "[RFC4743][RFC9900]",
            "",
            "",
            "",
        ],
        [
            "ipfixs",
            "4740",
            "sctp",
            "ipfix protocol over DTLS",
            "[Nevil_Brownlee]",
            "[Nevil_Brownlee]",
            "2006-10",
            "",
            "",
            "",
            "",
            "",
        ],
        ["", "4726", "tcp", "Reserved", "", "", "", "", "", "", "", ""],
    ] {
        assert_eq!(
            rows_of(&registry, cells[0], cells[1], cells[2]),
            [cells.map(str::to_owned)],
            "{} {}",
            cells[0],
            cells[1]
        );
    }
    for transport in ["tcp", "udp", "sctp"] {
        let expected = [
            "trinity-dist",
            "4711",
            transport,
            "Trinity Trust Network Node Communication",
            "[P3KI_GmbH]",
            "[Gregor_Jehle]",
            "2017-01-12",
            "",
            "",
            "",
            "",
            "",
        ];
        assert_eq!(rows_of(&registry, "trinity-dist", "4711", transport), [expected.map(str::to_owned)]);
    }
}

#[test]
fn the_ports_of_the_pages_are_answered_as_the_pages_say() {
    let registry = Registry::bundled();
    let said = |transport, port| {
        let answer = registry.port(transport, port);
        (answer.status(), answer.service())
    };
    assert_eq!(said(Udp, 43439), (Status::Registered, Some("eq3-config")));
    assert_eq!(said(Tcp, 43439), (Status::Registered, Some("eq3-update")));
    assert_eq!(said(Sctp, 43439), (Status::OtherTransport, None));
    for port in [43442, 44122, 44124, 44320, 44446, 44543] {
        for transport in Transport::REGISTERED {
            assert_eq!(said(transport, port), (Status::Unassigned, None), "{port}/{transport}");
        }
    }
    assert_eq!(said(Tcp, 4726), (Status::Reserved, None));
    assert_eq!(said(Udp, 4726), (Status::Registered, Some("a26-fap-fgw")));
    for transport in [Tcp, Udp, Sctp] {
        assert_eq!(said(transport, 4711), (Status::Registered, Some("trinity-dist")));
        assert_eq!(said(transport, 4740), (Status::Registered, Some("ipfixs")));
    }
    assert_eq!(said(Dccp, 4711), (Status::OtherTransport, None));
    let noted = |port| {
        registry
            .port(Tcp, port)
            .unauthorized_use()
            .map(|row| row.cell(registry::Column::UnauthorizedUse))
            .unwrap_or_default()
            .to_owned()
    };
    for port in [44515, 44516] {
        assert_eq!(noted(port), "Known UNAUTHORIZED USE: Ports 44515 & 44516");
    }
    assert_eq!(noted(44514), "");
    assert_eq!(noted(44517), "");
    let without_a_port: Vec<_> =
        registry.named("netconfsoapbeep").map(|row| (row.ports(), row.kind())).collect();
    assert_eq!(without_a_port, [(None, portscribe::registry::Kind::Registered)]);
}

/// The pages show different parts of the registry; where two ever show the same row, the newer
/// one counts.
#[test]
fn the_two_pages_have_no_row_in_common() {
    let registry = Registry::bundled();
    let (text, table) = (lines_of_the_text_page(), lines_of_the_table_page());
    let both = registry
        .rows()
        .filter(|&row| text.contains(&as_text(row).as_str()) && table.contains(&as_table(row).as_str()))
        .count();
    assert_eq!(both, 0);
}
