//! `portscribe registry export`

use super::super::registry_choice;
use std::io::BufWriter;

use super::super::args::Export;
use super::super::output::Output;
use super::super::{Failure, say};
use crate::registry;

pub(super) fn run(command: &Export) -> Result<(), Failure> {
    let common = &command.place.common();
    let registry = registry_choice::registry(common)?;
    let mut out = Output::open(common, &registry)?;
    let left_out = registry::export(&registry, command.format, BufWriter::new(&mut out))?;
    out.finish()?;
    if !left_out.is_empty() && !common.quiet {
        let shown: Vec<String> = left_out.iter().map(|name| format!("`{name}`")).collect();
        say(format_args!(
            "left out, for the format has no place for a space in a name: {}",
            shown.join(", ")
        ));
    }
    if matches!(command.format, registry::Target::IanaCsv) {
        super::list::say_how_old_details_are(common, &registry);
    }
    Ok(())
}
