//! `portscribe registry`

mod check;
mod diff;
mod export;
mod info;
mod keep;
mod list;

use super::Failure;
use super::args::Registry as Command;

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Info { common } => info::run(common),
        Command::List { filter, common } => list::run("", filter, common),
        Command::Search { words, filter, common } => list::run(&words.join(" "), filter, common),
        Command::Diff { old, new, common } => diff::run(old, new, common),
        Command::Export(command) => export::run(command),
        Command::Import(command) => keep::import(command),
        Command::Update(command) => keep::update(command),
        Command::Check { file, common } => check::run(file.as_deref(), common),
    }
}
