//! The worksheet as a workbook, and what spreadsheet programs make of it.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::made::Made;
use crate::support::review::{
    approve, findings, folder, office, review, run, same, workbook, worksheet, write_workbook,
    write_worksheet,
};
use crate::support::{has_program, stderr};
use portscribe::review::DateOrder;
use portscribe::review::approved::Worksheet;
use serde_json::Value as Json;

/// What people may write, and what spreadsheets and XML may take for something else.
const HOSTILE: [&str; 18] = [
    "=1+1",
    "+49 30 1234",
    "-",
    "@SUM(A1)",
    "'quoted",
    "'=x",
    "E308",
    "12E5",
    "0012",
    "1/2",
    "TRUE",
    "#N/A",
    " blanks around ",
    "two\nlines",
    "lines of\r\nWindows",
    "_x000D_ & <b> \"x\"",
    "\ttab",
    "é \u{202e} \u{1f600} \u{1}",
];

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// The sample with a worksheet in which people wrote such things, as CSV; gives its path.
fn hostile(out: &Path) -> PathBuf {
    let sheet = out.join("hostile.csv");
    review(out, &office());
    let (mut headings, mut rows) = worksheet(&out.join("worksheet.csv"));
    approve(&headings, &mut rows);
    headings.push("=added".to_owned());
    let notes = headings.iter().position(|heading| heading == "notes").expect("a column");
    for (n, row) in rows.iter_mut().enumerate() {
        row.push(HOSTILE[(n + 7) % HOSTILE.len()].to_owned());
        HOSTILE[n % HOSTILE.len()].clone_into(&mut row[notes]);
    }
    assert!(rows.len() >= HOSTILE.len(), "{}", rows.len());
    rows[0][notes] = "x".repeat(32_767);
    write_worksheet(&sheet, &headings, &rows);
    sheet
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [office(), more.to_vec()].concat()
}

#[test]
fn a_workbook_has_the_cells_of_the_csv_and_is_read_back_as_that_is() {
    let (out, from_csv, from_xlsx) = (folder(), folder(), folder());
    let sheet = hostile(out.path());
    let both = ["--write", "worksheet,xlsx,json", "--approved"];
    let one = review(from_csv.path(), &with(&[&both[..], &[text(&sheet)]].concat()));
    let of = |folder: &tempfile::TempDir, name: &str| folder.path().join(name);
    let csv = worksheet(&of(&from_csv, "worksheet.csv"));
    same(&workbook(&of(&from_csv, "worksheet.xlsx")), &csv);

    let written = of(&from_csv, "worksheet.xlsx");
    let other = review(from_xlsx.path(), &with(&[&both[..], &[text(&written)]].concat()));
    same(&worksheet(&of(&from_xlsx, "worksheet.csv")), &csv);
    assert_eq!(
        fs::read(of(&from_xlsx, "worksheet.csv")).expect("a file"),
        fs::read(of(&from_csv, "worksheet.csv")).expect("a file")
    );
    let before = fs::read(&written).expect("a file");
    review(from_csv.path(), &with(&[&both[..], &[text(&sheet)]].concat()));
    assert!(fs::read(&written).expect("a file") == before);
    for part in ["edges", "rules", "scans", "kept"] {
        assert_eq!(one[part], other[part], "{part}");
    }
    assert_eq!(findings(&one), findings(&other));
}

/// The text of a file within a workbook.
fn part(workbook: &Path, name: &str) -> String {
    let mut archive =
        zip::ZipArchive::new(fs::File::open(workbook).expect("a workbook")).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("a part").read_to_string(&mut text).expect("UTF-8");
    text
}

#[test]
fn a_workbook_is_made_to_be_filled_in() {
    let out = folder();
    let review = review(out.path(), &with(&["--write", "worksheet,xlsx"]));
    let path = out.path().join("worksheet.xlsx");
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    let (headings, rows) = workbook(&path);
    assert_eq!(headings.len(), 45);
    for there in [
        "<pane xSplit=\"1\" ySplit=\"1\" topLeftCell=\"B2\"".to_owned(),
        format!("<autoFilter ref=\"A1:AS{}\"/>", rows.len() + 1),
        "<dataValidation type=\"list\" errorStyle=\"warning\"".to_owned(),
        "<formula1>\"approve,reject,keep,remove,yes,no,accept,deny,revoke,approved,rejected,accepted,denied,revoked\"\
         </formula1>"
            .to_owned(),
        "sqref=\"AP2:AP1048576\"".to_owned(),
    ] {
        assert!(sheet.contains(&there), "{there}");
    }
    // Every cell, and every column, has the format of text, which is number 49.
    let styles = part(&path, "xl/styles.xml");
    let formats = styles.split("<cellXfs").nth(1).and_then(|all| all.split("</cellXfs>").next());
    let formats: Vec<&str> = formats.expect("formats").split("<xf ").skip(1).collect();
    let is_text = |style: &str| {
        let n: usize = style.parse().expect("a number");
        formats[n].contains("numFmtId=\"49\"")
    };
    let styles_of = |element: &str, attribute: &str| -> Vec<String> {
        let elements =
            sheet.split(element).skip(1).map(|rest| rest.split('>').next().expect("a tag").to_owned());
        elements
            .map(|tag| {
                tag.split(attribute).nth(1).expect("a style").split('"').next().expect("a number").to_owned()
            })
            .collect()
    };
    let (cells, columns) = (styles_of("<c ", " s=\""), styles_of("<col ", " style=\""));
    assert!(cells.len() > 300 && !columns.is_empty(), "{} {}", cells.len(), columns.len());
    assert!(cells.iter().chain(&columns).all(|style| is_text(style)));
    assert_eq!(sheet.matches("<c ").count(), sheet.matches(" t=\"s\"><v>").count());
    assert!(!sheet.contains("<f>"));

    // The findings are beside it.
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).expect("a workbook");
    assert_eq!(calamine::Reader::sheet_names(&book), ["worksheet", "findings"]);
    let sheet = calamine::Reader::worksheet_range(&mut book, "findings").expect("a sheet");
    let shown: Vec<[String; 4]> =
        sheet.rows().skip(1).map(|row| [0, 1, 2, 3].map(|column: usize| row[column].to_string())).collect();
    assert_eq!(shown, findings(&review));

    // Nothing in it tells when it was made.
    assert!(part(&path, "docProps/core.xml").contains(">1980-01-01T00:00:00Z<"));
    let mut archive = zip::ZipArchive::new(fs::File::open(&path).expect("a workbook")).expect("an archive");
    for n in 0..archive.len() {
        let made = archive.by_index(n).expect("a part").last_modified().expect("a time");
        assert_eq!(made.year(), 1980);
    }
}

/// A workbook of these cells, put in by `fill`.
fn made_by(path: &Path, fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) {
    let mut book = rust_xlsxwriter::Workbook::new();
    fill(book.add_worksheet());
    book.save(path).expect("a workbook");
}

fn read(path: &Path) -> Result<Worksheet, String> {
    let bytes = fs::read(path).expect("a file");
    Worksheet::read("w.xlsx", &bytes, DateOrder::Unknown).map_err(|error| error.to_string())
}

#[test]
fn numbers_and_dates_that_people_leave_in_a_workbook_are_what_they_say() {
    use rust_xlsxwriter::{ExcelDateTime, Format};
    let out = folder();
    let path = out.path().join("w.xlsx");
    made_by(&path, |sheet| {
        let headings =
            ["row_id", "src_zone", "destination", "proto", "ports", "ticket", "expires_on", "owner", "notes"];
        sheet.write_row(2, 1, headings).expect("headings");
        sheet.write_row(5, 1, ["", "users", "10.0.0.1", "tcp"]).expect("cells");
        sheet.write(5, 5, 22).expect("a number");
        sheet.write(5, 6, 1234.5).expect("a number");
        let day = ExcelDateTime::from_ymd(2027, 1, 31).expect("a day");
        sheet.write_with_format(5, 7, &day, &Format::new().set_num_format("d.m.yy")).expect("a day");
        sheet.write(5, 8, true).expect("a truth");
        let time = ExcelDateTime::from_hms(9, 30, 0).expect("a time");
        sheet.write_with_format(5, 9, &time, &Format::new().set_num_format("hh:mm")).expect("a time");
        sheet.set_row_hidden(5).expect("a row");
    });
    let sheet = read(&path).expect("a worksheet");
    let [row] = sheet.rows.as_slice() else { panic!("{} rows", sheet.rows.len()) };
    // printf 'ipv4|users|10.0.0.1|tcp|22' | sha256sum
    assert_eq!(row.row_id.to_string(), "r2f0c09e5df58");
    assert_eq!(row.place(), "w.xlsx:6");
    let cells = ["ticket", "expires_on", "owner", "notes"].map(|column| row.approval.cell(column));
    assert_eq!(cells, ["1234.5", "2027-01-31", "TRUE", "09:30:00"]);
    assert_eq!(row.approval.expires_on().map(|day| day.to_string()).as_deref(), Some("2027-01-31"));
}

#[test]
fn a_file_that_is_no_worksheet_says_what_to_do() {
    let out = folder();
    let path = out.path().join("w.xlsx");
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a file");
        read(&path).map(|_| ()).expect_err("no worksheet")
    };
    assert_eq!(
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"),
        "w.xlsx:1: is of an Excel before 2007, or has a password; save it as .xlsx without one, or as CSV in UTF-8"
    );
    let cut = refused(b"PK\x03\x04 and nothing more");
    assert!(
        cut.starts_with("w.xlsx:1: not a workbook (.xlsx): ") && cut.ends_with("or as CSV in UTF-8"),
        "{cut}"
    );
    let archive = |entries: &[(&str, usize)]| {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, blocks) in entries {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
            for _ in 0..*blocks {
                archive.write_all(&vec![b' '; 1 << 16]).expect("octets");
            }
        }
        archive.finish().expect("an archive").into_inner()
    };
    let other = refused(&archive(&[("content.xml", 1)]));
    assert!(other.starts_with("w.xlsx:1: not a workbook (.xlsx): "), "{other}");
    assert_eq!(
        refused(&archive(&[("a", (1 << 13) + 1), ("b", 1 << 13)])),
        "w.xlsx:1: unpacks to more than 1024 MiB; name the right file"
    );

    made_by(&path, |sheet| {
        sheet.write_row(0, 0, ["row_id", "owner"]).expect("headings");
        sheet.write(1, 0, "r0123456789ab").expect("a cell");
        sheet
            .write_formula(1, 1, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A"))
            .expect("a formula");
    });
    assert_eq!(
        read(&path).map(|_| ()),
        Err("w.xlsx:2: cell 2: holds the error #N/A of a formula; write what it should say".to_owned())
    );
    made_by(&path, |sheet| {
        sheet.write(0, 0, "row_id").expect("a heading");
        sheet.write(3, 16_383, "far").expect("a cell");
    });
    assert_eq!(
        read(&path).map(|_| ()),
        Err("w.xlsx:4: cell 16384 (`far`) stands beyond column 1024".to_owned())
    );
    made_by(&path, |sheet| {
        sheet.write(0, 0, "owner").expect("a heading");
    });
    assert!(read(&path).map(|_| ()).expect_err("no row_id").starts_with("w.xlsx:1: has no column row_id"));
}

#[test]
fn a_cell_that_no_workbook_holds_is_named_and_nothing_is_written() {
    let (out, other) = (folder(), folder());
    let sheet = hostile(out.path());
    let (headings, mut rows) = worksheet(&sheet);
    let notes = headings.iter().position(|heading| heading == "notes").expect("a column");
    rows[0][notes].push('x');
    write_worksheet(&sheet, &headings, &rows);
    let into = ["--write", "worksheet,xlsx", "--approved", text(&sheet), "--out", text(other.path())];
    let (status, _, said) = run(&with(&into));
    assert_eq!(status, 4);
    let row = &rows[0][0];
    let what = format!(
        "a workbook cannot hold the worksheet: column notes of {row} has more than 32767 characters; write it as CSV \
         (--write worksheet)"
    );
    assert!(said.contains(&what), "{said}");
    assert_eq!(fs::read_dir(other.path()).expect("a folder").count(), 0);
}

#[test]
fn a_workbook_that_people_wrote_in_is_not_written_over() {
    let out = folder();
    let write = ["--write", "worksheet,xlsx,json"];
    review(out.path(), &with(&write));
    let path = out.path().join("worksheet.xlsx");
    // As it was written, it may be.
    review(out.path(), &with(&write));
    let (headings, mut rows) = workbook(&path);
    approve(&headings, &mut rows);
    write_workbook(&path, &headings, &rows);
    let filled_in = fs::read(&path).expect("a file");
    let (status, _, said) = run(&with(&[&write[..], &["--out", text(out.path())]].concat()));
    assert_eq!(status, 2);
    let what = format!("{}: holds what people wrote; give it with --approved", path.display());
    assert!(said.contains(&what), "{said}");
    assert_eq!(fs::read(&path).expect("a file"), filled_in);
    // What is read may be, and so may what the last review wrote of it.
    let read = out.path().join("read.xlsx");
    fs::copy(&path, &read).expect("a copy");
    let again = [&write[..], &["--approved", text(&read)]].concat();
    review(out.path(), &with(&again));
    approve(&headings, &mut rows);
    for row in &mut rows {
        row[headings.iter().position(|heading| heading == "owner").expect("a column")] = "Bob".to_owned();
    }
    write_workbook(&read, &headings, &rows);
    review(out.path(), &with(&again));
    same(&workbook(&path), &worksheet(&out.path().join("worksheet.csv")));
}

/// A night of two services of a server.
fn night(out: &Path, name: &str, clients: &[&str]) -> String {
    let mut made = Made::default();
    for client in clients {
        for port in [22, 80] {
            made.connection(0, (client, 40_000), ("10.0.1.2", port));
        }
    }
    let path = out.join(name);
    fs::write(&path, made.capture()).expect("a capture");
    text(&path).to_owned()
}

fn zones(out: &Path, name: &str) -> String {
    let path = out.join(format!("{name}.csv"));
    let rows = format!("zone,cidr,comment,trust\n{name},10.0.0.0/24,,internal\nservers,10.0.1.0/24,,dmz\n");
    fs::write(&path, rows).expect("zones");
    text(&path).to_owned()
}

/// What people write: port, column and cell.
type Cells<'a> = &'a [(&'a str, &'a str, &'a str)];

/// A copy of a worksheet with these cells filled in, of the same kind.
fn copy(sheet: &Path, name: &str, cells: Cells) -> PathBuf {
    let is_workbook = sheet.extension().is_some_and(|extension| extension == "xlsx");
    let (headings, mut rows) = if is_workbook { workbook(sheet) } else { worksheet(sheet) };
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    for (port, column, cell) in cells {
        let row = rows.iter_mut().find(|row| row[at("ports")] == *port).expect("a row");
        (*cell).clone_into(&mut row[at(column)]);
    }
    let path = sheet.with_file_name(name);
    if is_workbook {
        write_workbook(&path, &headings, &rows);
    } else {
        write_worksheet(&path, &headings, &rows);
    }
    path
}

/// These columns of the rows of both ports, which CSV and workbook must agree on.
fn said(out: &Path, columns: [&str; 5]) -> [[String; 5]; 2] {
    let (headings, rows) = worksheet(&out.join("worksheet.csv"));
    same(&workbook(&out.join("worksheet.xlsx")), &(headings.clone(), rows.clone()));
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    ["22", "80"].map(|port| {
        let row = rows.iter().find(|row| row[at("ports")] == port).expect("a row");
        columns.map(|column| row[at(column)].clone())
    })
}

fn titles(review: &Json, id: &str) -> Vec<String> {
    findings(review).into_iter().filter(|one| one[1] == id).map(|[.., title]| title).collect()
}

#[test]
fn three_nights_two_people_and_a_renamed_zone_lose_nothing_and_approve_nothing() {
    const COLUMNS: [&str; 5] = ["src_zone", "approved_sources", "approved_as", "owner", "notes"];
    let out = folder();
    let (csv, xlsx) = (out.path().join("worksheet.csv"), out.path().join("worksheet.xlsx"));
    let (users, office) = (zones(out.path(), "users"), zones(out.path(), "office"));
    let nights = [
        night(out.path(), "1.pcap", &["10.0.0.10"]),
        night(out.path(), "2.pcap", &["10.0.0.10", "10.0.0.66"]),
        night(out.path(), "3.pcap", &["10.0.0.10", "10.0.0.66", "10.0.0.77"]),
    ];
    let both = ["--write", "worksheet,xlsx,json"];
    review(out.path(), &[&[nights[0].as_str(), "--zones", &users][..], &both].concat());

    // One person approves ssh in the CSV, the other http in the workbook.
    let a = copy(
        &csv,
        "a.csv",
        &[
            ("22", "owner", "Ada"),
            ("22", "business_need", "admin"),
            ("22", "approved_by", "Grace"),
            ("22", "approved_on", "2027-01-02"),
            ("22", "notes", "=1+1"),
        ],
    );
    let b = copy(
        &xlsx,
        "b.xlsx",
        &[
            ("80", "owner", "Bob"),
            ("80", "business_need", "shop"),
            ("80", "approved_by", "Eve"),
            ("80", "notes", "two\nlines"),
        ],
    );
    let approved = ["--approved", text(&a), "--approved", text(&b)];
    let second = [&[nights[1].as_str(), "--zones", &users][..], &both, &approved].concat();
    let now = review(out.path(), &second);
    assert_eq!(
        said(out.path(), COLUMNS),
        [
            ["users", "10.0.0.10", "Grace, 2027-01-02", "Ada", "=1+1"],
            ["users", "10.0.0.10", "Eve", "Bob", "two\nlines"],
        ]
    );
    assert_eq!(
        titles(&now, "FR101"),
        ["22/tcp (registered as ssh)", "80/tcp (registered as http)"].map(|service| format!(
            "{service} at 10.0.1.2 from users is in use beyond its approval, by 10.0.0.66"
        ))
    );

    // The first approves ssh anew in the workbook, the second turns http down in the CSV.
    let a = copy(&xlsx, "a.xlsx", &[("22", "approved_on", "2027-02-03")]);
    let b = copy(&csv, "b.csv", &[("80", "decision", "reject"), ("80", "ticket", "E308")]);
    let approved = ["--approved", text(&a), "--approved", text(&b)];
    let renamed = ["--zones", &office, "--rename-zone", "users=office"];
    let third = [&[nights[2].as_str()][..], &renamed, &both, &approved].concat();
    let now = review(out.path(), &third);
    let columns = ["src_zone", "approved_on", "decision", "ticket", "notes"];
    assert_eq!(
        said(out.path(), columns),
        [["office", "", "", "", "=1+1"], ["office", "", "", "E308", "two\nlines"]]
    );
    let (a, b) = (text(&a), text(&b));
    let disagreements = said(out.path(), ["disagreement"; 5]).map(|[one, ..]| one);
    assert_eq!(
        disagreements,
        [
            format!("approved_on: `2027-02-03` in {a}:2, `2027-01-02` in {b}:2"),
            format!("decision: `approved by Eve` in {a}:3, `reject` in {b}:3"),
        ]
    );
    assert_eq!(titles(&now, "FR104").len(), 2);
    assert_eq!(titles(&now, "FR101").len(), 2);

    // They agree.
    let c = copy(&xlsx, "c.xlsx", &[("22", "approved_on", "2027-02-03"), ("80", "decision", "reject")]);
    let last = [&[nights[2].as_str(), "--zones", &office][..], &both, &["--approved", text(&c)]].concat();
    let now = review(out.path(), &last);
    assert_eq!(titles(&now, "FR104"), Vec::<String>::new());
    let [ssh, http] = said(out.path(), ["src_zone", "approved_sources", "owner", "decision", "status"]);
    assert_eq!(ssh, ["office", "10.0.0.10", "Ada", "", "observed-unjudged"]);
    assert_eq!(http, ["office", "", "Bob", "reject", "observed-unjudged"]);
}

/// Converts a file with LibreOffice; the result lies in `out`.
fn convert(out: &Path, file: &Path, to: &str) -> PathBuf {
    let profile = format!("-env:UserInstallation=file://{}", out.join("profile").display());
    let output = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", to, "--outdir", text(out), text(file)])
        .output()
        .expect("LibreOffice runs");
    let ends = to.split(':').next().expect("a kind");
    let path = out.join(file.file_name().expect("a name")).with_extension(ends);
    assert!(path.exists(), "{}", stderr(&output));
    path
}

/// CSV in UTF-8 with commas, cells as they are shown.
const CSV: &str = "csv:Text - txt - csv (StarCalc):44,34,76,1";

#[test]
fn libreoffice_gives_back_what_it_was_given() {
    if !has_program("soffice") {
        return;
    }
    let (out, office_folder, csv_folder) = (folder(), folder(), folder());
    let sheet = hostile(out.path());
    let (headings, mut rows) = worksheet(&sheet);
    for row in &mut rows {
        for cell in row.iter_mut() {
            // XML 1.0 has no such character (section 2.2), and LibreOffice one kind of line ends in cells.
            *cell = cell.replace('\u{1}', "").replace("\r\n", "\n");
        }
    }
    write_worksheet(&sheet, &headings, &rows);
    let write = ["--write", "worksheet,xlsx,json", "--approved"];
    review(out.path(), &with(&[&write[..], &[text(&sheet)]].concat()));
    let written = (out.path().join("worksheet.csv"), out.path().join("worksheet.xlsx"));

    // A workbook loses nothing, as a workbook and as CSV.
    let of_workbook = convert(office_folder.path(), &written.1, "xlsx");
    let expected = worksheet(&written.0);
    same(&workbook(&of_workbook), &expected);
    let of_csv = convert(office_folder.path(), &of_workbook, CSV);
    same(&worksheet(&of_csv), &expected);
    let again = folder();
    review(again.path(), &with(&[&write[..], &[text(&of_workbook)]].concat()));
    same(&worksheet(&again.path().join("worksheet.csv")), &expected);

    // CSV is opened with numbers, dates and formulas for what looks like them. Without formulas, rows,
    // approvals and decisions stay.
    let plain = out.path().join("plain.csv");
    let written = again.path().join("plain/worksheet.csv");
    review(&again.path().join("plain"), &office());
    let (headings, mut rows) = worksheet(&written);
    approve(&headings, &mut rows);
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    for (n, row) in rows.iter_mut().enumerate() {
        row[at("approved_on")] = "2026-11-20".to_owned();
        row[at("ticket")] = ["E308", "0012", "12E5"][n % 3].to_owned();
        row[at("decision")] = ["", "reject", "keep"][n % 3].to_owned();
    }
    write_worksheet(&plain, &headings, &rows);
    review(&again.path().join("plain"), &with(&["--approved", text(&plain)]));
    let through = convert(csv_folder.path(), &written, "xlsx");
    let back = convert(csv_folder.path(), &through, CSV);
    let kept = |sheet: &Path| {
        let sheet =
            Worksheet::read("w", &fs::read(sheet).expect("a file"), DateOrder::Unknown).expect("a worksheet");
        let of = |row: &portscribe::review::approved::WorksheetRow| {
            (row.row_id, row.approval.is_approved(), row.approval.missing(), row.approval.extent.clone())
        };
        sheet.rows.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(kept(&through), kept(&written));
    assert_eq!(kept(&back), kept(&written));
}
