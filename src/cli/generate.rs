//! `portscribe completions` and `portscribe man`

use std::io;

use clap::CommandFactory;

use super::Failure;
use super::args::Args;

pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), env!("CARGO_PKG_NAME"), &mut script);
    Ok(io::Write::write_all(&mut io::stdout().lock(), &script)?)
}

/// One page: the program, then every command with its options.
pub(super) fn man() -> Result<(), Failure> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let name = subcommand.get_name().to_uppercase();
        let about = clap_mangen::Man::new(
            subcommand.clone().display_name(format!("portscribe {}", subcommand.get_name())),
        );
        page.extend_from_slice(format!(".SH \"PORTSCRIBE {name}\"\n").as_bytes());
        about.render_synopsis_section(&mut page)?;
        about.render_description_section(&mut page)?;
        about.render_options_section(&mut page)?;
    }
    Ok(io::Write::write_all(&mut io::stdout().lock(), &page)?)
}
