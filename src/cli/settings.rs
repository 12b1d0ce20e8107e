//! What the options of a command say of reading and selecting.

use super::args::{Common, KINDS, OfProtocols, Protocols, Reading, Selecting, WhenEmpty};
use super::registry_choice;
use super::{Failure, say};
use crate::anonymize::Anonymizer;
use crate::decode;
use crate::flow::{Ephemeral, FlowOptions, ProtocolChoice};
use crate::label::Flag;
use crate::registry::Registry;
use crate::text::count;
use crate::traffic::{Expression, ReadSettings, Selection, Tally};

/// How packets become flows, as the options say.
pub(super) fn settings(reading: &Reading) -> ReadSettings {
    let mut flow = FlowOptions {
        layers: reading.layers,
        separate_vlans: reading.separate_vlans,
        payload: !reading.no_payload,
        ..FlowOptions::default()
    };
    for timeout in &reading.idle_timeout {
        if timeout.connections {
            flow.connection_timeout = timeout.after;
        }
        if timeout.datagrams {
            flow.datagram_timeout = timeout.after;
        }
    }
    let ephemeral = match reading.ephemeral.as_slice() {
        [] => Ephemeral::default(),
        ranges => Ephemeral::new(ranges.to_vec()),
    };
    let mut decode = decode::DecodeOptions::default();
    decode.set_esp_null(reading.esp_null);
    for &(kind, port) in &reading.tunnel {
        decode.add_tunnel(kind, port);
    }
    for &(user, link_type) in &reading.link_type {
        decode.set_user(user, link_type);
    }
    ReadSettings { decode, flow, ephemeral, copies: reading.copies, ..ReadSettings::default() }
}

/// The conditions of the options that ask for values of one column, in the order of the help.
pub(super) fn conditions(selecting: &Selecting) -> Vec<Expression> {
    let of =
        |(option, _): (&str, &str)| Expression::of_option(&format!("--{option}"), selecting.values(option));
    KINDS.into_iter().filter_map(of).collect()
}

/// Which flows the options select.
pub(super) fn selection(selecting: &Selecting) -> Selection {
    let conditions = selecting.wheres.iter().cloned().chain(conditions(selecting));
    Selection::of(conditions).on_interfaces(selecting.interface.clone())
}

/// Which flows are selected, with those of protocols.
pub(super) fn selection_of_protocols(selecting: &Selecting, of: &OfProtocols) -> Selection {
    let of_protocol = Expression::of_option("--protocol", &of.protocol);
    let conditions = selecting.wheres.iter().cloned().chain(conditions(selecting)).chain(of_protocol);
    Selection::of(conditions).on_interfaces(selecting.interface.clone())
}

/// How packets of these protocols become flows, and which flows are selected, as the options say.
pub(super) fn of_protocols(
    reading: &Reading,
    selecting: &Selecting,
    (protocols, of): (&Protocols, &OfProtocols),
) -> (ReadSettings, Selection) {
    let mut settings = settings(reading);
    let selection = selection_of_protocols(selecting, of);
    let is_portless = selection.conditions().iter().any(Expression::asks_for_portless);
    settings.flow.protocols = if is_portless { ProtocolChoice::All } else { protocols.protocols };
    (settings, selection)
}

/// The option that a condition was given by.
fn option_of(condition: &Expression) -> String {
    let text = condition.to_string();
    let option = text.strip_prefix("--").and_then(|rest| rest.split(' ').next());
    option.map_or("--where".to_owned(), |option| format!("--{option}"))
}

/// The option by which payload is not looked at.
pub(super) fn without_payload(reading: &Reading, by: Option<&Anonymizer>) -> Option<&'static str> {
    let option = by.map(|_| "--anonymize, which does not look at payload");
    option.or(reading.no_payload.then_some("--no-payload"))
}

/// Says what selects nothing where payload is not looked at, with the option that says so, and which services of a selection have names
/// that nobody has registered, and no overlay gives: a misspelt one selects nothing.
pub(super) fn warn_of_selection(
    without_payload: Option<&str>,
    selection: &Selection,
    registry: &Registry,
    common: &Common,
) {
    if common.quiet {
        return;
    }
    for condition in selection.conditions() {
        let option = option_of(condition);
        let is_alone = option != "--where" && !condition.to_string().contains('!');
        for name in condition.services() {
            if let Some(unknown) = registry_choice::unknown_service(name, registry) {
                let selects = if is_alone { " selects no flow" } else { "" };
                say(format_args!("{option}{selects}: {unknown}"));
            }
        }
        let Some(without) = without_payload else { continue };
        let flag = Flag::EvidenceContradicts.name();
        if ["flag", "flags"].iter().any(|column| condition.asks_for(column, flag)) {
            say(format_args!("{option} {flag} selects no flow with {without}"));
        }
        if let Some(column) = condition.columns().into_iter().find(|column| column.is_of_payload()) {
            if option == "--where" {
                say(format_args!("--where: {} is unknown with {without}", column.name));
            } else {
                say(format_args!("{option} selects no flow with {without}"));
            }
        }
    }
}

/// Says what came nearest where nothing is selected, and that a port was found at the client's end.
pub(super) fn say_what_was_selected(selection: &Selection, tally: &Tally, common: &Common) {
    say_what_was_selected_as("", selection, tally, common);
}

/// The same where a command reads twice: `of` says which it is, with a colon and a blank.
pub(super) fn say_what_was_selected_as(of: &str, selection: &Selection, tally: &Tally, common: &Common) {
    if common.quiet || selection.is_everything() {
        return;
    }
    if tally.selected() == 0 {
        let near: Vec<String> = tally.nearest().iter().map(ToString::to_string).collect();
        let near = if near.is_empty() { String::new() } else { format!("; {}", near.join("; ")) };
        say(format_args!("{of}no flow is selected{near}"));
    }
    let (of_client, guesses) = tally.of_client();
    if of_client > 0 {
        let have = if of_client == 1 { "has" } else { "have" };
        let guess = match guesses {
            0 => String::new(),
            1 => "; in 1 of them the server is a guess".to_owned(),
            n => format!("; in {n} of them the server is a guess"),
        };
        say(format_args!(
            "{of}{} {have} the port at the client{guess} (--server-port asks for the server's)",
            count(of_client, "flow")
        ));
    }
}

/// How a command ends that has written its result of so many flows or packets: whether all captures were
/// whole, and whether anything was selected where that is asked for.
pub(super) fn end(whole: bool, selected: u64, when_empty: &WhenEmpty) -> Result<(), Failure> {
    match (whole, when_empty.fail_if_empty && selected == 0) {
        (false, _) => Err(Failure::Incomplete),
        (true, true) => Err(Failure::Something),
        (true, false) => Ok(()),
    }
}
