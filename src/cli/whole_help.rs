//! What `--help` shows: all options, and the pages on conditions and columns.

use clap::{Command, CommandFactory};

use super::args::Args;
use super::{columns_page, help_text, where_page};

/// The program, whose help is laid out for the terminal.
pub(super) fn command() -> Command {
    let width = help_text::width();
    help_text::laid_out(Args::command(), width)
        .mut_subcommand("where", |command| command.long_about(where_page::page(width)))
        .mut_subcommand("columns", |command| command.long_about(columns_page::page(width)))
}
