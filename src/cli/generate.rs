//! `portscribe completions`, `portscribe man` and `portscribe schema`

use std::io;
use std::path::Path;

use clap::CommandFactory;

use super::Failure;
use super::args::Args;
use super::output::Target;
use super::result_file::Readers;
use crate::flow::{Basis, State};
use crate::foreign;
use crate::label::{Flag, PORTLESS, PORTLESS_MEANING};
use crate::registry::Status;
use crate::report::ResultKind;

pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), env!("CARGO_PKG_NAME"), &mut script);
    Ok(io::Write::write_all(&mut io::stdout().lock(), &script)?)
}

/// The JSON Schema of a result, or of one of its rows.
pub(super) fn schema(result: ResultKind, of_a_row: bool) -> Result<(), Failure> {
    let schema = if of_a_row { result.row_schema() } else { Some(result.schema()) };
    let Some(schema) = schema else {
        let name = result.name();
        return Err(Failure::Usage(format!("{name} has no --format ndjson: leave out --ndjson")));
    };
    let text = format!("{schema:#}\n");
    Ok(io::Write::write_all(&mut io::stdout().lock(), text.as_bytes())?)
}

/// The manual page of a command, or of the program where `words` name none; or all pages, as files of a folder.
pub(super) fn man(words: &[String], folder: Option<&Path>) -> Result<(), Failure> {
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    if let Some(folder) = folder {
        return write_pages(&program, folder);
    }
    let mut command = &program;
    for word in parts(&program, words) {
        let below = || command.get_subcommands().filter(|below| !below.is_hide_set());
        command = below().find(|below| below.get_name() == word).ok_or_else(|| {
            let names = below().map(clap::Command::get_name);
            let name = command.get_bin_name().unwrap_or(env!("CARGO_PKG_NAME"));
            Failure::Usage(match crate::text::nearest(word, names).first() {
                Some(near) => format!("no command `{name} {}`; the nearest is `{near}`", foreign::line(word)),
                None => format!("no command `{name} {}`; `{name} --help` lists them", foreign::line(word)),
            })
        })?;
    }
    Ok(io::Write::write_all(&mut io::stdout().lock(), &page(command)?)?)
}

/// The names of commands that words stand for: pages are called `portscribe-registry-update`, too.
fn parts<'w>(program: &clap::Command, words: &'w [String]) -> Vec<&'w str> {
    let (mut command, mut parts) = (program, Vec::new());
    for word in words {
        let mut rest = match word.strip_prefix(concat!(env!("CARGO_PKG_NAME"), "-")) {
            Some(rest) if parts.is_empty() => rest,
            _ if parts.is_empty() && word == env!("CARGO_PKG_NAME") => continue,
            _ => word,
        };
        while let Some((first, below)) = rest.split_once('-')
            && command.find_subcommand(rest).is_none()
            && let Some(found) = command.find_subcommand(first)
        {
            parts.push(first);
            (command, rest) = (found, below);
        }
        parts.push(rest);
        command = command.find_subcommand(rest).unwrap_or(command);
    }
    parts
}

/// Writes the pages of a command and of those below it. Each file appears when it is complete.
fn write_pages(command: &clap::Command, folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::failed(format_args!("{}: cannot be made: {error}", folder.display())))?;
    let path = folder.join(clap_mangen::Man::new(command.clone()).get_filename());
    let mut target = Target::open(Some(&path), Readers::Usual)?;
    let page = page(command)?;
    io::Write::write_all(&mut target, &page).map_err(|error| target.failure(&error))?;
    target.finish()?;
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
        .try_for_each(|below| write_pages(below, folder))
}

/// The page of a command; that of the program has the conditions and the words in results.
fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    if command.get_name() == env!("CARGO_PKG_NAME") {
        conditions(&mut page);
        words(&mut page);
    }
    Ok(page)
}

/// The page on conditions, as it is laid out.
fn conditions(page: &mut Vec<u8>) {
    page.extend_from_slice(b".SH CONDITIONS\n.nf\n");
    for line in super::where_page::page(super::where_page::WIDEST).lines().skip(2) {
        // A point or an apostrophe at the beginning of a line would be a request to troff.
        let line = format!("\\&{}\n", line.replace('\\', "\\\\").replace('-', "\\-"));
        page.extend_from_slice(line.as_bytes());
    }
    page.extend_from_slice(b".fi\n");
}

/// What the words in results mean.
fn words(page: &mut Vec<u8>) {
    let mut section = |title: &str, words: Vec<(&str, String)>| {
        page.extend_from_slice(format!(".SH {title}\n").as_bytes());
        for (word, meaning) in words {
            let line = format!(".TP\n\\fB{}\\fR\n{meaning}\n", word.replace('-', "\\-"));
            page.extend_from_slice(line.as_bytes());
        }
    };
    let mut statuses = Status::ALL.map(|status| (status.name(), status.meaning().to_owned())).to_vec();
    statuses.push((PORTLESS, PORTLESS_MEANING.to_owned()));
    section("STATUS", statuses);
    section(
        "FLAGS",
        Flag::ALL
            .map(|flag| (flag.name(), format!("{} ({})", flag.meaning(), flag.rank().meaning())))
            .to_vec(),
    );
    section("EVIDENCE", Basis::ALL.map(|basis| (basis.name(), basis.meaning().to_owned())).to_vec());
    section("STATE", State::ALL.map(|state| (state.name(), state.meaning().to_owned())).to_vec());
}
