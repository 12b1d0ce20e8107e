//! Tables for people: aligned on a terminal, or in Markdown.

use std::borrow::Cow;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::color::painted;
use super::layout::{
    Align, GAP, INDENT, Layout, MARGIN, Placed, TableColumn, WhenNarrow, wrap, wrap_shortened,
};
use super::{Format, Precision, Times};
use crate::capture::Timestamp;
use crate::foreign;

/// How a table is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns of the terminal; `None` for as wide as it takes.
    pub width: Option<u16>,
    /// Whether headings are bold, and what is to be looked at has a colour.
    pub color: bool,
}

/// A table for people, with lines above and below it.
pub struct Table {
    columns: Vec<TableColumn>,
    rows: Vec<Vec<String>>,
    below: Vec<Below>,
}

/// A line below a table.
struct Below {
    line: String,
    /// Where it has something to say.
    with: Shown,
}

/// Where a line below a table has something to say.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Always,
    /// Where this column is shown.
    With(&'static str),
    /// Where this column is hidden.
    Without(&'static str),
}

impl Below {
    /// Whether it is shown where these columns are hidden.
    fn is_shown(&self, hidden: &[&str]) -> bool {
        match self.with {
            Shown::Always => true,
            Shown::With(column) => !hidden.contains(&column),
            Shown::Without(column) => hidden.contains(&column),
        }
    }
}

impl Table {
    /// A table with these columns.
    pub fn new(columns: impl Into<Vec<TableColumn>>) -> Table {
        Table { columns: columns.into(), rows: Vec::new(), below: Vec::new() }
    }

    /// Adds a row, a text for each column.
    pub fn row(&mut self, mut cells: Vec<String>) {
        for cell in &mut cells {
            if let Cow::Owned(safe) = foreign::line(cell) {
                *cell = safe;
            }
        }
        self.rows.push(cells);
    }

    /// Writes the times of the rows into a column of this name, as short as they can be, and says below what they are.
    pub fn put_times(
        &mut self,
        name: &'static str,
        of_rows: &[Option<Timestamp>],
        (times, precision): (&Times, Precision),
    ) {
        let Some(column) = self.columns.iter().position(|column| column.name == name) else { return };
        let (cells, about) = times.column(of_rows, precision);
        for (row, cell) in self.rows.iter_mut().zip(cells) {
            row[column] = cell;
        }
        if let Some(about) = about {
            self.below_about(name, about);
        }
        if let Some(extent) = times.extent(of_rows) {
            self.put_below(format!("Their first packets are of {extent}."), Shown::Without(name));
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Puts other cells into a row, by its number from 0.
    pub fn put_row(&mut self, number: usize, cells: Vec<String>) {
        self.row(cells);
        if number < self.rows.len() {
            self.rows.swap_remove(number);
        }
    }

    /// Adds a line below the table.
    pub fn below(&mut self, line: impl Into<String>) {
        self.put_below(line, Shown::Always);
    }

    fn put_below(&mut self, line: impl Into<String>, with: Shown) {
        self.below.push(Below { line: foreign::line(&line.into()).into_owned(), with });
    }

    /// Adds a line below the table that is about a column, for where that is shown.
    pub fn below_about(&mut self, column: &'static str, line: impl Into<String>) {
        self.put_below(line, Shown::With(column));
    }

    /// Writes the table in one of the formats for people.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn write(self, format: Format, style: Style, mut out: impl Write) -> io::Result<()> {
        if format == Format::Markdown {
            self.markdown(&mut out)?;
        } else {
            self.table(style, &mut out)?;
        }
        out.flush()
    }

    fn markdown(mut self, out: &mut impl Write) -> io::Result<()> {
        for cell in self.rows.iter_mut().flatten() {
            if let Cow::Owned(safe) = foreign::markdown(cell) {
                *cell = safe;
            }
        }
        let layout = Layout::new(&self.columns, &self.rows, None);
        let columns = &layout.lines[0];
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let cells: Vec<String> =
                cells.zip(columns).map(|(cell, placed)| self.padded(cell, *placed)).collect();
            format!("| {} |", cells.join(" | "))
        };
        writeln!(out, "{}", line(&mut self.columns.iter().map(|column| column.name)))?;
        let rule: Vec<String> = columns.iter().map(|placed| "-".repeat(placed.width + 2)).collect();
        writeln!(out, "|{}|", rule.join("|"))?;
        for row in &self.rows {
            writeln!(out, "{}", line(&mut row.iter().map(String::as_str)))?;
        }
        for below in self.below.iter().filter(|below| below.is_shown(&[])) {
            writeln!(out, "\n{}", foreign::paragraph(&below.line))?;
        }
        Ok(())
    }

    fn table(self, style: Style, out: &mut impl Write) -> io::Result<()> {
        let (mut left_out, mut hidden) = (None, Vec::new());
        if !self.rows.is_empty() {
            let layout = Layout::new(&self.columns, &self.rows, style.width.map(usize::from));
            let headings: Vec<String> = self.columns.iter().map(|column| column.name.to_owned()).collect();
            let bold = anstyle::Style::new().bold();
            for line in self.lines(&headings, &layout, false) {
                if style.color {
                    writeln!(out, "{bold}{line}{bold:#}")?;
                } else {
                    writeln!(out, "{line}")?;
                }
            }
            for row in &self.rows {
                for line in self.lines(row, &layout, style.color) {
                    writeln!(out, "{line}")?;
                }
            }
            if !layout.left_out.is_empty() {
                hidden = layout.left_out.iter().map(|&n| self.columns[n].name).collect();
                left_out = Some(format!(
                    "Hidden columns: {} (widen the terminal, or use --format csv).",
                    hidden.join(", ")
                ));
            }
            if !self.below.is_empty() || left_out.is_some() {
                writeln!(out)?;
            }
        }
        let below = self.below.iter().filter(|below| below.is_shown(&hidden)).map(|below| &below.line);
        for text in left_out.iter().chain(below) {
            for line in wrapped(text, style.width) {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    /// The lines of a row. The first is always there, the others where they hold something.
    fn lines(&self, cells: &[String], layout: &Layout, color: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (n, columns) in layout.lines.iter().enumerate() {
            let pieces: Vec<Vec<String>> = columns
                .iter()
                .map(|&Placed { column, width }| {
                    let cell = cells.get(column).map_or("", String::as_str);
                    match self.columns[column].when_narrow {
                        WhenNarrow::Stays | WhenNarrow::Leaves(_) => vec![cell.to_owned()],
                        WhenNarrow::Wraps | WhenNarrow::Below => wrap(cell, width, false),
                        WhenNarrow::Breaks => wrap(cell, width, true),
                        WhenNarrow::Shortens(_) => wrap_shortened(cell, width),
                    }
                })
                .collect();
            let before = " ".repeat(if n == 0 { MARGIN } else { INDENT });
            for at in 0..pieces.iter().map(Vec::len).max().unwrap_or(0) {
                let padded: Vec<String> = columns
                    .iter()
                    .zip(&pieces)
                    .map(|(&placed, pieces)| {
                        let piece = pieces.get(at).map_or("", String::as_str);
                        let padded = self.padded(piece, placed);
                        // Blanks stay outside, and are taken off at the end of a line.
                        if color && !piece.is_empty() {
                            padded.replacen(piece, &painted(self.columns[placed.column].name, piece), 1)
                        } else {
                            padded
                        }
                    })
                    .collect();
                let line = format!("{before}{}", padded.join(&" ".repeat(GAP)));
                let line = line.trim_end();
                if n == 0 || !line.is_empty() {
                    lines.push(line.to_owned());
                }
            }
        }
        lines
    }

    /// A cell as wide as its column.
    fn padded(&self, cell: &str, placed: Placed) -> String {
        let blanks = " ".repeat(placed.width.saturating_sub(cell.width()));
        match self.columns[placed.column].align {
            Align::Left => format!("{cell}{blanks}"),
            Align::Right => format!("{blanks}{cell}"),
        }
    }
}

/// A sentence in lines for a terminal of this width; in one, without.
pub fn wrapped(text: &str, width: Option<u16>) -> Vec<String> {
    match width {
        Some(width) => wrap(text, width.into(), false),
        None => vec![text.to_owned()],
    }
}
