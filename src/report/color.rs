//! Colours of tables: what is to be looked at stands out, guesses stand back.
//!
//! The words say everything; colours only repeat it. Yellow, magenta and cyan differ in lightness, too, so that nobody
//! has to tell red from green.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

use crate::flow::Confidence;
use crate::label::{Agreement, Flag, FlagRank};
use crate::registry::Status;

const LOOK: Style = AnsiColor::Yellow.on_default().bold();
const CONTRADICTION: Style = AnsiColor::Magenta.on_default().bold();
const APART: Style = AnsiColor::Cyan.on_default();
const GUESS: Style = Style::new().dimmed();

/// A cell, or a line of one, in its colours; `heading` is that of its column.
pub(super) fn painted<'c>(heading: &str, cell: &'c str) -> Cow<'c, str> {
    match heading {
        "status" => whole(cell, status(cell)),
        "flags" | "flags=flows" | "flag_flows" | "more" => {
            cell.split(' ').map(flag).collect::<Vec<_>>().join(" ").into()
        }
        "payload" | "agreement" if cell.contains(Agreement::Contradicts.name()) => {
            whole(cell, Some(CONTRADICTION))
        }
        "payload" if cell.starts_with('(') => whole(cell, Some(GUESS)),
        "by" | "direction_confidence" if cell.ends_with(Confidence::Low.name()) => whole(cell, Some(GUESS)),
        _ => cell.into(),
    }
}

fn whole(cell: &str, style: Option<Style>) -> Cow<'_, str> {
    match style.filter(|_| !cell.is_empty()) {
        Some(style) => format!("{style}{cell}{style:#}").into(),
        None => cell.into(),
    }
}

fn status(word: &str) -> Option<Style> {
    match Status::ALL.into_iter().find(|status| status.name() == word)? {
        Status::Unassigned | Status::Reserved | Status::Withdrawn => Some(LOOK),
        Status::Dynamic | Status::OtherTransport => Some(APART),
        Status::Registered => None,
    }
}

/// A flag, with its number of flows where it has one; how many others there are.
fn flag(word: &str) -> String {
    let name = word.split('=').next().unwrap_or(word);
    let style = match Flag::ALL.into_iter().find(|flag| flag.name() == name) {
        Some(Flag::EvidenceContradicts) => Some(CONTRADICTION),
        Some(flag) if flag.rank() == FlagRank::Look => Some(LOOK),
        Some(_) => Some(GUESS),
        None if word.starts_with('+') => Some(GUESS),
        None => None,
    };
    whole(word, style).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_looked_at_stands_out_and_guesses_stand_back() {
        for (heading, cell, expected) in [
            ("status", "unassigned", "\x1b[1m\x1b[33munassigned\x1b[0m"),
            ("status", "registered", "registered"),
            ("status", "dynamic", "\x1b[36mdynamic\x1b[0m"),
            ("status", "", ""),
            ("payload", "TLS, contradicts", "\x1b[1m\x1b[35mTLS, contradicts\x1b[0m"),
            ("payload", "(not recognised)", "\x1b[2m(not recognised)\x1b[0m"),
            ("by", "range, low", "\x1b[2mrange, low\x1b[0m"),
            ("by", "handshake, high", "handshake, high"),
            ("flags", "unassigned-port +2", "\x1b[1m\x1b[33munassigned-port\x1b[0m \x1b[2m+2\x1b[0m"),
            ("flags=flows", "one-way=5", "\x1b[2mone-way=5\x1b[0m"),
            ("server", "unassigned", "unassigned"),
        ] {
            assert_eq!(painted(heading, cell), expected, "{heading}: {cell}");
        }
    }
}
