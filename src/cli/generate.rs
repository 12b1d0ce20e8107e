//! `portscribe completions`, `portscribe man` and `portscribe schema`

use std::io;

use clap::CommandFactory;

use super::Failure;
use super::args::Args;
use crate::flow::{Basis, State};
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

/// One page: the program, then every command with its options.
pub(super) fn man() -> Result<(), Failure> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    sections(&mut page, &command, env!("CARGO_PKG_NAME"))?;
    conditions(&mut page);
    words(&mut page);
    Ok(io::Write::write_all(&mut io::stdout().lock(), &page)?)
}

/// A section for each command below `command`, and for those below it.
fn sections(page: &mut Vec<u8>, command: &clap::Command, name: &str) -> io::Result<()> {
    for command in
        command.get_subcommands().filter(|command| !["help", "where"].contains(&command.get_name()))
    {
        let name = format!("{name} {}", command.get_name());
        let about = clap_mangen::Man::new(command.clone().display_name(name.as_str()));
        page.extend_from_slice(format!(".SH \"{}\"\n", name.to_uppercase()).as_bytes());
        about.render_synopsis_section(page)?;
        about.render_description_section(page)?;
        about.render_options_section(page)?;
        sections(page, command, &name)?;
    }
    Ok(())
}

/// The page on conditions, as it is laid out.
fn conditions(page: &mut Vec<u8>) {
    page.extend_from_slice(b".SH CONDITIONS\n.nf\n");
    for line in super::where_page::page().lines().skip(2) {
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
