//! Flags for people: those to be looked at, and how many others there are.

use std::fmt::Display;

use crate::label::{Flag, FlagRank};

/// What a table says below, where a cell counts flags that it does not name.
pub const OTHER_FLAGS: &str =
    "+N counts further flags, which explain or are for the record; --format csv has all of them.";

/// The flags to be looked at, as `words` has them.
pub(super) fn look<F: Copy, W: Display>(
    flags: impl Iterator<Item = F>,
    flag: impl Fn(F) -> Flag,
    words: impl Fn(F) -> W,
) -> String {
    let flags = flags.filter(|&one| flag(one).rank() == FlagRank::Look);
    flags.map(|one| words(one).to_string()).collect::<Vec<_>>().join(" ")
}

/// The number of other flags, as `+2`.
pub(super) fn others(flags: impl Iterator<Item = Flag>) -> String {
    match flags.filter(|flag| flag.rank() != FlagRank::Look).count() {
        0 => String::new(),
        others => format!("+{others}"),
    }
}

/// The flags to be looked at as `words` has them, then the number of others as `+2`.
pub(super) fn for_people<F: Copy, W: Display>(
    flags: impl Iterator<Item = F>,
    flag: impl Fn(F) -> Flag,
    words: impl Fn(F) -> W,
) -> String {
    let mut cell = String::new();
    let mut others = 0;
    for one in flags {
        if flag(one).rank() != FlagRank::Look {
            others += 1;
        } else if cell.is_empty() {
            cell = words(one).to_string();
        } else {
            cell = format!("{cell} {}", words(one));
        }
    }
    match others {
        0 => cell,
        _ if cell.is_empty() => format!("+{others}"),
        _ => format!("{cell} +{others}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_to_be_looked_at_are_named_and_the_others_counted() {
        let cell = |flags: &[Flag]| for_people(flags.iter(), |flag| *flag, |flag| flag.name());
        for (flags, expected) in [
            (&[][..], ""),
            (&[Flag::UnassignedPort, Flag::UnauthorizedUse], "unassigned-port unauthorized-use"),
            (&[Flag::CleartextLogin, Flag::OneWay, Flag::MidStream], "cleartext-login +2"),
            (&[Flag::Cleartext], "+1"),
        ] {
            assert_eq!(cell(flags), expected);
        }
    }
}
