//! What columns hold, and one value of them.

use std::fmt::{self, Write};
use std::net::IpAddr;

use crate::Transport;
use crate::decode::Step;
use crate::net::Interface;
use crate::registry::Answer;

/// What a column holds: which values it can be compared with, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A whole number.
    Number,
    /// A number of bytes.
    Size,
    /// A length of time.
    Duration,
    /// A point in time.
    Time,
    /// A port of one end, or of either.
    Port,
    /// An address.
    Address,
    /// A protocol above IP, by IANA's name or number.
    Protocol,
    /// A word of a fixed set.
    Word(&'static [&'static str]),
    /// A text.
    Text,
}

/// Words of a kind are listed where there are no more of them.
pub(super) const MOST_LISTED: usize = 24;

impl Kind {
    /// The kind, in words: `a number`.
    pub const fn in_words(self) -> &'static str {
        match self {
            Kind::Number => "a number",
            Kind::Size => "a number of bytes",
            Kind::Duration => "a duration",
            Kind::Time => "a time",
            Kind::Port => "a port",
            Kind::Address => "an address",
            Kind::Protocol => "a protocol",
            Kind::Word(_) => "a word",
            Kind::Text => "a text",
        }
    }

    /// Values that it can be compared with, as examples.
    pub const fn examples(self) -> &'static str {
        match self {
            Kind::Number => "1000, 10k or 10-20",
            Kind::Size => "1500, 10k, 1.5M, 2GiB or 1k-10k",
            Kind::Duration => "0.5, 200ms, 30s, 5m, 2h or 1s..5s",
            Kind::Time => "2026-01-31, 2026-01-31T12:00:00Z, 1769860800 or 2026-01-01..2026-01-31",
            Kind::Port => "443, 8000-8080, 443/tcp or https",
            Kind::Address => "192.0.2.7, 192.0.2.0/24 or 192.0.2.7-192.0.2.20",
            Kind::Protocol => "esp, icmp or 50",
            Kind::Word(_) => "one of its words",
            Kind::Text => "http or \"two words\"",
        }
    }

    /// Its words, where there are few enough to list them.
    pub fn listed(self) -> Option<&'static [&'static str]> {
        match self {
            Kind::Word(words) if words.len() <= MOST_LISTED => Some(words),
            _ => None,
        }
    }

    /// Whether one value is less than another: whether `<` and `>` apply.
    pub const fn has_order(self) -> bool {
        matches!(self, Kind::Number | Kind::Size | Kind::Duration | Kind::Time | Kind::Port)
    }

    /// Whether `~` applies.
    pub const fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Word(_))
    }
}

/// One value of a column.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    /// A number, nanoseconds, or the number of a protocol.
    Number(i128),
    Address(IpAddr),
    Text(&'a str),
    Port(PortAt<'a>),
    Interface(&'a Interface<'static>),
    /// A tunnel, by its kind or with its number.
    Step(Step),
}

/// A port of one end.
#[derive(Clone, Copy)]
pub(super) struct PortAt<'a> {
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) transport: Option<Transport>,
    /// What the registry says of it.
    pub(super) answer: Option<Answer<'a>>,
}

impl PortAt<'_> {
    /// Whether it is one of this transport; of any, where none is asked for.
    pub(super) fn is_over(&self, transport: Option<Transport>) -> bool {
        transport.is_none() || self.transport == transport
    }

    /// Whether it has this name, in any letter case: the registered one, an alias, or one that an overlay
    /// gives on this host.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let is_it = |one: &str| one.eq_ignore_ascii_case(name);
        self.answer.is_some_and(|answer| {
            answer.service().is_some_and(is_it)
                || answer.aliases().any(is_it)
                || answer.local_names(Some(self.address)).iter().any(|name| is_it(name.raw()))
        })
    }
}

impl Item<'_> {
    /// Whether it is this text, in any letter case.
    pub(super) fn is_called(&self, wanted: &str) -> bool {
        match self {
            Item::Text(text) => text.eq_ignore_ascii_case(wanted),
            Item::Interface(interface) => interface.is_called(wanted),
            Item::Step(step) => step.kind.name().eq_ignore_ascii_case(wanted) || is_shown_as(step, wanted),
            Item::Number(_) | Item::Address(_) | Item::Port(..) => false,
        }
    }

    /// Whether it has this part, in any letter case.
    pub(super) fn contains(&self, part: &str) -> bool {
        match self {
            Item::Text(text) => has_part(text, part),
            // The name of an interface is borrowed, unless capture and header name one each.
            Item::Interface(interface) => has_part(interface.to_text().raw(), part),
            Item::Step(step) => has_part(step.kind.name(), part),
            Item::Number(_) | Item::Address(_) | Item::Port(..) => false,
        }
    }
}

/// Whether a text has a part, in any letter case (ASCII).
fn has_part(text: &str, part: &str) -> bool {
    part.is_empty()
        || text.as_bytes().windows(part.len()).any(|piece| piece.eq_ignore_ascii_case(part.as_bytes()))
}

/// Whether a thing is displayed as this text, without making a text of it.
fn is_shown_as(thing: &impl fmt::Display, text: &str) -> bool {
    struct Rest<'a>(&'a str);
    impl Write for Rest<'_> {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(piece).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(text);
    write!(rest, "{thing}").is_ok() && rest.0.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::StepKind;

    #[test]
    fn parts_and_shown_texts_are_found_in_place() {
        assert!(has_part("Internet Printing", "PRINT") && has_part("x", "") && !has_part("ab", "abc"));
        let step = Step { kind: StepKind::Vxlan, id: 5 };
        for (text, expected) in
            [("vxlan", true), ("VXLAN", true), ("vxlan:5", true), ("vxlan:50", false), ("vxlan:", false)]
        {
            assert_eq!(Item::Step(step).is_called(text), expected, "{text}");
        }
    }
}
