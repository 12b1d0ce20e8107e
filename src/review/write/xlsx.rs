//! The worksheet as a workbook, for people who fill it in with a spreadsheet program.

use std::io;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, IgnoreError, Workbook, Worksheet, XlsxError,
};

use super::super::approved::{Decision, MACHINE};
use super::super::model::{Finding, Review};
use super::worksheet::rows;
use crate::foreign::{self, sheet_cell};

/// The most characters that a cell holds, and the most rows of a sheet, headings included.
const MOST_CHARACTERS: usize = 32_767;
const MOST_ROWS: u32 = 1 << 20;

/// Columns are as wide as their cells, within these numbers of characters.
const NARROWEST: usize = 9;
const WIDEST: usize = 48;

/// Writes the worksheet as a workbook: the same cells as [`worksheet.csv`](fn@super::worksheet), each of
/// them text, with a list of the words that decide; and a second sheet with the findings.
///
/// # Errors
///
/// When `out` cannot be written, or a sheet cannot hold the rows or a cell.
pub fn xlsx(review: &Review, out: &mut impl io::Write) -> io::Result<()> {
    let bytes = workbook(review)?.save_to_buffer().map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn workbook(review: &Review) -> io::Result<Workbook> {
    let mut workbook = Workbook::new();
    // No time of day in what is written: the one that entries of a ZIP archive have without one.
    let made = ExcelDateTime::from_ymd(1980, 1, 1).map_err(io::Error::other)?;
    workbook.set_properties(&DocProperties::new().set_author("portscribe").set_creation_datetime(&made));
    decisions(review, workbook.add_worksheet())?;
    findings(review, workbook.add_worksheet()).map_err(io::Error::other)?;
    Ok(workbook)
}

/// How cells look.
struct Formats {
    /// Text, which is number 49 of the formats that every spreadsheet knows: nothing that is written
    /// into such a cell becomes a number, a date or a formula.
    text: Format,
    people: Format,
    heading: Format,
    peoples_heading: Format,
}

impl Formats {
    fn new() -> Formats {
        let text = Format::new().set_num_format_index(49).set_align(FormatAlign::Top);
        let people = text.clone().set_text_wrap().set_border(FormatBorder::Hair);
        let heading = text.clone().set_bold();
        Formats {
            people: people.set_background_color(Color::RGB(0x00FF_F9E6)),
            peoples_heading: heading.clone().set_background_color(Color::RGB(0x00FF_E699)),
            heading: heading.set_background_color(Color::RGB(0x00E7_EBF0)),
            text,
        }
    }
}

/// The sheet that people fill in.
fn decisions(review: &Review, sheet: &mut Worksheet) -> io::Result<()> {
    let formats = Formats::new();
    sheet.set_name("worksheet").map_err(io::Error::other)?;
    let headings: Vec<&str> =
        MACHINE.into_iter().chain(review.human_columns.iter().map(String::as_str)).collect();
    let mut widths: Vec<usize> = headings.iter().map(|heading| width(heading)).collect();
    let mut line = 0;
    for (n, heading) in headings.iter().enumerate() {
        let format = if n < MACHINE.len() { &formats.heading } else { &formats.peoples_heading };
        put(sheet, 0, n, heading, format).map_err(|error| cannot_hold(&error, "the headings", heading))?;
    }
    rows(review, |cells, people| {
        line += 1;
        let own = cells.iter().map(|cell| (sheet_cell(cell).into_owned(), &formats.text));
        let of_people = people.iter().map(|&cell| (cell.to_owned(), &formats.people));
        for (n, (cell, format)) in own.chain(of_people).enumerate().filter(|(_, (cell, _))| !cell.is_empty())
        {
            widths[n] = widths[n].max(width(&cell));
            let row_id = cells.first().map_or("", String::as_str);
            put(sheet, line, n, &cell, format).map_err(|error| cannot_hold(&error, row_id, headings[n]))?;
        }
        Ok::<(), io::Error>(())
    })?;
    let last = headings.len() - 1;
    let looks = |sheet: &mut Worksheet| -> Result<(), XlsxError> {
        for (n, width) in widths.iter().enumerate() {
            let format = if n < MACHINE.len() { &formats.text } else { &formats.people };
            sheet.set_column_format(n as u16, format)?.set_column_width(n as u16, *width as f64)?;
        }
        frame(sheet, line, last)?;
        if let Some(n) = headings.iter().position(|heading| *heading == "decision") {
            sheet.add_data_validation(1, n as u16, MOST_ROWS - 1, n as u16, &words_that_decide()?)?;
        }
        Ok(())
    };
    looks(sheet).map_err(io::Error::other)
}

/// The list of words to choose from. Others are taken, and decide nothing.
fn words_that_decide() -> Result<DataValidation, XlsxError> {
    DataValidation::new()
        .allow_list_strings(&Decision::WORDS.map(|(word, _)| word))?
        .set_input_title("Decision")?
        .set_input_message(
            "Empty: approved where approved_by names someone, else open. A word that is not in the list decides nothing.",
        )?
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("This word decides nothing")?
        .set_error_message("The row stays open with a word that is not in the list.")
}

/// The sheet with the findings, to read.
fn findings(review: &Review, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    const COLUMNS: [(&str, f64); 8] = [
        ("severity", 10.0),
        ("finding", 9.0),
        ("about", 22.0),
        ("title", 60.0),
        ("why", 60.0),
        ("limits", 40.0),
        ("suggestion", 40.0),
        ("asked_for_by", 30.0),
    ];
    let formats = Formats::new();
    let wrapped = formats.text.clone().set_text_wrap();
    sheet.set_name("findings")?;
    for (n, (heading, width)) in COLUMNS.iter().enumerate() {
        put(sheet, 0, n, heading, &formats.heading)?;
        sheet.set_column_format(n as u16, &formats.text)?.set_column_width(n as u16, *width)?;
    }
    let mut line = 0;
    for finding in review.findings.iter().take(MOST_ROWS as usize - 2) {
        line += 1;
        for (n, cell) in cells(finding).iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            put(sheet, line, n, &cut(&foreign::lines(cell)), &wrapped)?;
        }
    }
    frame(sheet, line, COLUMNS.len() - 1)?;
    let left_out = review.findings.len() - line as usize;
    if left_out > 0 {
        put(sheet, line + 1, 3, &format!("and {left_out} more in review.json"), &wrapped)?;
    }
    Ok(())
}

fn cells(finding: &Finding) -> [String; 8] {
    [
        finding.severity.name().to_owned(),
        finding.kind.to_string(),
        finding.about.to_string(),
        finding.title.clone(),
        finding.why.clone(),
        finding.limits.clone(),
        finding.suggestion.clone(),
        finding.standards.join("; "),
    ]
}

/// Headings that stay in sight, buttons to filter by, and all columns on one page's width.
fn frame(sheet: &mut Worksheet, last_line: u32, last_column: usize) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 1)?;
    sheet.autofilter(0, 0, last_line.max(1), last_column as u16)?;
    // Ports and counts are text on purpose.
    sheet.ignore_error_range(0, 0, last_line.max(1), last_column as u16, IgnoreError::NumberStoredAsText)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn put(sheet: &mut Worksheet, line: u32, n: usize, text: &str, format: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(line, n as u16, text, format).map(|_| ())
}

/// The width of a column that shows a cell.
fn width(cell: &str) -> usize {
    let widest = cell.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    (widest + 2).clamp(NARROWEST, WIDEST)
}

/// A text that fits into a cell.
fn cut(text: &str) -> String {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units >= MOST_CHARACTERS
    });
    end.map_or_else(|| text.to_owned(), |(end, _)| format!("{}\u{2026}", &text[..end]))
}

fn cannot_hold(error: &XlsxError, row: &str, column: &str) -> io::Error {
    let what = match error {
        XlsxError::MaxStringLengthExceeded => {
            format!("column {column} of {row} has more than {MOST_CHARACTERS} characters")
        }
        XlsxError::RowColumnLimitError => format!("it has more than {MOST_ROWS} rows"),
        error => format!("{row}: {error}"),
    };
    io::Error::other(format!(
        "a workbook cannot hold the worksheet: {what}; write it as CSV (--write worksheet)"
    ))
}
