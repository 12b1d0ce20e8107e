//! `portscribe packets`: two passes, since a flow's server may be known only at its end.

use super::registry_choice;
use super::settings;
use std::io;

use super::Failure;
use super::args::Packets;
use super::input::{self, Sources};
use super::output::Output;
use crate::report::packets;
use crate::report::{self, Head, RowWriter, Rows, Table};
use crate::traffic::{LabelledHeader, LabelledPackets, PacketsError, ReadLog};

pub(super) fn run(command: &Packets) -> Result<(), Failure> {
    let registry = registry_choice::registry(&command.common)?;
    let mut sources = Sources::find(&command.reading, &command.common)?;
    registry_choice::warn_of_unknown_services(&command.selecting.service, &registry, &command.common);
    settings::warn_of_selection_without_payload(
        &command.reading,
        &settings::selection(&command.selecting),
        &command.common,
    );
    let mut out = Output::open(&command.common, &registry)?;
    sources.keep_streams()?;
    let (traffic, whole) = sources.read(settings::settings(&command.reading, &command.selecting))?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let labelled = traffic.label(&registry);
    let selection = settings::selection(&command.selecting);

    let mut pass = LabelledPackets::new(&labelled, selection);
    if out.format().is_for_people() {
        let mut table = Table::new(packets::PEOPLE);
        let mut shown = 0;
        again(&mut pass, &sources, traffic.log(), |one| {
            table.row(packets::people(one));
            shown += 1;
            Ok(())
        })?;
        table.below(format!("{}.", report::shown(shown, pass.left_out(), "header")));
        out.write_table(table, traffic.log(), &registry)?;
    } else {
        let head = Head::of_traffic(&registry, traffic.log());
        let mut rows = RowWriter::new(out.format(), &mut out, packets::COLUMNS, &head)?;
        again(&mut pass, &sources, traffic.log(), |one| rows.row(&packets::values(one)))?;
        rows.finish()?;
    }
    out.finish()?;
    if whole { Ok(()) } else { Err(Failure::Incomplete) }
}

/// Goes through all captures again, as far as the first pass did.
fn again<'r>(
    pass: &mut LabelledPackets<'_, 'r>,
    sources: &Sources,
    log: &ReadLog,
    mut each: impl FnMut(LabelledHeader<'_, 'r>) -> io::Result<()>,
) -> Result<(), Failure> {
    for reader in sources.again(log) {
        pass.capture(&mut reader?, &mut each).map_err(|error| match error {
            PacketsError::Sink(error) => Failure::from(error),
            other => Failure::failed(other),
        })?;
    }
    pass.finish().map_err(Failure::failed)
}
