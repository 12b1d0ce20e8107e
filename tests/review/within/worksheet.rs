//! Worksheets as people and spreadsheets send them back.

use super::*;

fn read(text: &str) -> Result<Worksheet, String> {
    Worksheet::read("w.csv", text.as_bytes(), DateOrder::Unknown).map_err(|error| error.to_string())
}

#[test]
fn cells_of_people_come_back_to_the_octet_and_those_of_the_program_without_the_guard() {
    let text = "row_id,service,owner,notes,Our column\r\n\
                0123456789ab,'=x,\" a \"\"b\"\"\r\nc\",=SUM(A1),'+1\r\n";
    let worksheet = read(text).expect("a worksheet");
    let row = &worksheet.rows[0];
    assert_eq!(
        (row.place().as_str(), row.row_id.to_string().as_str(), row.cells.get("service")),
        ("w.csv:2", "r0123456789ab", "=x")
    );
    assert_eq!(row.approval.cell("owner"), " a \"b\"\r\nc");
    assert_eq!(row.approval.cell("notes"), "=SUM(A1)");
    assert_eq!(row.approval.cell("Our column"), "'+1");
    assert_eq!(worksheet.human_columns.last().map(String::as_str), Some("Our column"));
    assert_eq!(worksheet.human_columns.len(), HUMAN.len() + 1);
}

#[test]
fn what_spreadsheets_do_to_a_table_is_tolerated() {
    for text in [
        "\u{feff}row_id,owner\n0123456789ab,Ada\n",
        "row_id;owner\r\n0123456789ab;Ada\r\n",
        "\"row_id\"\t\"owner\"\r0123456789ab\tAda\r",
        " row_id , owner,,\n0123456789ab,Ada,,\n,,,\n",
        "owner,row_id\n\nAda,0123456789ab",
    ] {
        let worksheet = read(text).expect(text);
        let rows: Vec<_> =
            worksheet.rows.iter().map(|row| (row.row_id.to_string(), row.approval.cell("owner"))).collect();
        assert_eq!(rows, [("r0123456789ab".to_owned(), "Ada")], "{text:?}");
        assert_eq!(worksheet.human_columns.len(), HUMAN.len(), "{text:?}");
    }
}

#[test]
fn an_identifier_that_a_spreadsheet_spoilt_is_made_again() {
    let text = "row_id,src_zone,destination,proto,ports\n1.23E+11,clients,10.77.2.10,tcp,80\n\
                ,clients,10.77.2.10,tcp,5000-5009\n";
    let rows: Vec<_> = read(text).expect("rows").rows.into_iter().map(|row| row.row_id.to_string()).collect();
    assert_eq!(rows, ["rfc40aaa402c7", "r327b61943a77"]);
}

#[test]
fn the_identifier_of_a_rule_that_a_spreadsheet_took_for_a_number_is_made_again() {
    // printf 'rule|tcp dport 185 accept' | sha256sum, and 3216, and 68 with |2 behind; `06179852e955` is too large
    for (written, rule, row_id) in [
        ("2.67513E+11", "inet/fw/forward#9: tcp dport 185 accept", "r267513395813"),
        ("\"2,7E+11\"", "inet/fw/forward#9: tcp dport 185 accept", "r267513395813"),
        ("267513395813.0", "odd: name.nft:7: tcp dport 185 accept", "r267513395813"),
        ("4.54E+78", "inet/fw/forward#9: tcp dport 3216 accept", "r454378077e70"),
        ("1.79769313486232E+308", "\"inet/fw/o2x#31: udp dport { 53, 123, 443 } accept\"", "r06179852e955"),
        ("1.60975E+11", "inet/fw/forward#9: tcp dport 68 accept", "r160975484989"),
    ] {
        let text = format!("row_id,destination,proto,ports,rules,owner\n{written},any,tcp,185,{rule},Ada\n");
        let rows: Vec<_> =
            read(&text).expect("rows").rows.into_iter().map(|row| row.row_id.to_string()).collect();
        assert_eq!(rows, [row_id], "{text}");
    }
    let other = "row_id,rules,owner\n2.5E+11,inet/fw/forward#9: tcp dport 185 accept,Ada\n";
    assert!(read(other).is_err_and(|error| error.contains("`2.5E+11` is no row identifier")));
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
    for (text, message) in [
        ("", "w.csv:1: is empty; a worksheet has a line of headings, with row_id among them"),
        (
            "a,b\n1,2\n",
            "w.csv:1: has no column row_id; take the worksheet that a review wrote, and keep its first line",
        ),
        ("row_id,owner,owner\n", "w.csv:1: column owner: is there twice; remove or rename one"),
        ("row_id\n0123456789ab,x y\n", "w.csv:2: cell 2 (`x y`) stands under no heading; give it one"),
        (
            "row_id,notes\n0123456789ab,\"a\nb\"\n0123456789ab,\n",
            "w.csv:4: column row_id: r0123456789ab is in line 2, too; put both rows into one",
        ),
        (
            "row_id,expires_on\n0123456789ab,1/2/2027\n",
            "w.csv:2: column expires_on: invalid date `1/2/2027`; use YYYY-MM-DD, such as 2027-01-31",
        ),
        (
            "row_id,owner\n,Ada\n",
            "w.csv:2: column row_id: is empty; a row that was added needs src_zone, destination, proto and ports",
        ),
        (
            "row_id,owner\n1E+11,Ada\n",
            "w.csv:2: column row_id: `1E+11` is no row identifier (r with 12 digits from 0-9 and a-f), and neither \
             src_zone, destination, proto and ports nor rules tell the row; copy it from the worksheet that \
             the review wrote, and import the column as text: spreadsheets take some identifiers for numbers",
        ),
        (
            "row_id,expires_on,approved_on\n0123456789ab,1/2/2027,soon\n0123456789ac,2027-01-31,\n\
             0123456789ad,2027-01-32,\n",
            "w.csv:2: column approved_on: invalid date `soon`; use YYYY-MM-DD, such as 2027-01-31; also invalid: \
             line 2, expires_on: `1/2/2027`, line 4, expires_on: `2027-01-32`",
        ),
        ("row_id,owner\n0123456789ab,\"Ada\n", "w.csv:2: a quote is opened and never closed; close it"),
        (
            "row_id,owner\n0123456789ab,\"Ada\"x\n",
            "w.csv:2: text follows the closing quote of a cell; double the quotes inside it",
        ),
    ] {
        assert_eq!(read(text).err().as_deref(), Some(message), "{text:?}");
    }
    let not_utf8 =
        Worksheet::read("w.csv", b"row_id,owner\n0123456789ab,Bj\xf6rn\n", DateOrder::Unknown).err();
    assert_eq!(
        not_utf8.map(|error| error.to_string()).as_deref(),
        Some("w.csv:2: holds a character that is not UTF-8; save the worksheet as CSV in UTF-8")
    );
    let utf_16 = Worksheet::read("w.csv", b"\xff\xfer\0o\0", DateOrder::Unknown).err();
    assert_eq!(
        utf_16.map(|error| error.to_string()).as_deref(),
        Some("w.csv:1: is UTF-16; save it as CSV in UTF-8")
    );
}

#[test]
fn no_text_makes_the_reader_panic() {
    // Pieces in every order and number, from a small generator.
    let pieces = ["row_id", ",", ";", "\"", "\"\"", "\n", "\r\n", "0123456789ab", "=", "é", "\t", " "];
    let mut state = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::from("row_id,owner\n");
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let _ = read(&text);
    }
}

#[test]
fn the_line_of_excel_that_names_the_separator_is_passed_over() {
    let rows = "row_id;owner;expires_on\nr0123456789ab;a, b;1/31/2027\n";
    for first in ["sep=;\n", "sep=;\r\n", "\u{feff}sep=;\n", "\"sep=;\"\n"] {
        let read = read(&format!("{first}{rows}")).expect("a worksheet");
        let row = &read.rows[0];
        assert_eq!(
            (read.rows.len(), row.place().as_str(), row.approval.cell("owner")),
            (1, "w.csv:3", "a, b"),
            "{first:?}"
        );
        assert_eq!(row.approval.expires_on(), Some(jiff::civil::date(2027, 1, 31)));
    }
}

#[test]
fn dates_are_read_in_the_order_that_is_said_and_refused_in_the_other() {
    let text = "row_id,approved_by,expires_on,reviewed_on\nr0123456789ab,Ada,1/2/2027,3/31/27\n";
    let of = |dates| Worksheet::read("w.csv", text.as_bytes(), dates).map_err(|error| error.to_string());
    let sheet = of(DateOrder::MonthFirst).expect("a worksheet");
    let approval = &sheet.rows[0].approval;
    assert_eq!(approval.expires_on(), Some(jiff::civil::date(2027, 1, 2)));
    assert_eq!(approval.cell("expires_on"), "1/2/2027");
    let wrong = |order: &str, also: &str, cell: &str, column: &str| {
        format!(
            "w.csv:2: column {column}: invalid date `{cell}`; use YYYY-MM-DD, such as 2027-01-31{order}{also}"
        )
    };
    assert_eq!(
        of(DateOrder::DayFirst).err(),
        Some(wrong(", or the day before the month, as --dates dmy says", "", "3/31/27", "reviewed_on"))
    );
    assert_eq!(
        of(DateOrder::Unknown).err(),
        Some(wrong("", "; also invalid: line 2, reviewed_on: `3/31/27`", "1/2/2027", "expires_on"))
    );
}
