//! Tables for people: aligned on a terminal, or in Markdown.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table};

use super::Format;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// How a table is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns of the terminal; `None` for as wide as it takes.
    pub width: Option<u16>,
    /// Whether headings are bold.
    pub color: bool,
}

/// A table for people, with lines above and below it.
pub struct People {
    columns: &'static [(&'static str, Align)],
    rows: Vec<Vec<String>>,
    below: Vec<String>,
}

impl People {
    /// A table with these columns.
    pub fn new(columns: &'static [(&'static str, Align)]) -> People {
        People { columns, rows: Vec::new(), below: Vec::new() }
    }

    /// Adds a row, a text for each column.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Adds a line below the table.
    pub fn below(&mut self, line: impl Into<String>) {
        self.below.push(line.into());
    }

    /// Writes the table in one of the formats for people.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn write(self, format: Format, style: Style, mut out: impl Write) -> io::Result<()> {
        if !self.rows.is_empty() || format == Format::Markdown {
            let mut table = Table::new();
            if format == Format::Markdown {
                table.load_style(comfy_table::presets::ASCII_MARKDOWN);
            } else {
                table.load_style(comfy_table::presets::NOTHING);
                if let Some(width) = style.width {
                    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
                }
            }
            let aligned = |text: &str, align: Align| {
                Cell::new(text).set_alignment(match align {
                    Align::Left => CellAlignment::Left,
                    Align::Right => CellAlignment::Right,
                })
            };
            table.set_header(self.columns.iter().map(|&(name, align)| aligned(name, align)));
            for row in &self.rows {
                table.add_row(row.iter().zip(self.columns).map(|(text, &(_, align))| {
                    if format == Format::Markdown {
                        aligned(&text.replace('|', "\\|"), align)
                    } else {
                        aligned(text, align)
                    }
                }));
            }
            // Numbers are never broken over two lines.
            for (n, &(_, align)) in self.columns.iter().enumerate() {
                if align == Align::Right
                    && let Some(column) = table.column_mut(n)
                {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
            let bold = anstyle::Style::new().bold();
            for (n, line) in table.lines().enumerate() {
                let line = line.trim_end();
                if n == 0 && style.color && format == Format::Table {
                    writeln!(out, "{bold}{line}{bold:#}")?;
                } else {
                    writeln!(out, "{line}")?;
                }
            }
            if !self.below.is_empty() {
                writeln!(out)?;
            }
        }
        for line in &self.below {
            writeln!(out, "{line}")?;
            if format == Format::Markdown {
                writeln!(out)?;
            }
        }
        out.flush()
    }
}
