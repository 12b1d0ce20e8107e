//! A name of a schema, and what is under it.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::report::{Holds, Value};

/// A line of a schema's table.
pub(super) struct Name {
    /// The name, with points where it leads into objects.
    pub(super) text: &'static str,
    /// The columns of `flows` that it is made from.
    pub(super) of: &'static [&'static str],
    pub(super) from: From,
    /// Those of them that are wholly in it, and need not be shown as our own.
    pub(super) covers: &'static [&'static str],
    /// Where the name is from: the field set, record or document that defines it.
    pub(super) source: &'static str,
}

/// What stands under a name.
pub(super) enum From {
    /// A column as it is.
    Column,
    /// What is made of the values of these columns.
    Made { holds: Holds, may_be_unknown: bool, meaning: &'static str, value: Make },
}

/// Makes a value of others.
pub(super) type Make = for<'a> fn(&[&Value<'a>]) -> Value<'a>;

impl Name {
    /// A column under another name.
    pub(super) const fn is(name: &'static str, of: &'static [&'static str; 1], source: &'static str) -> Name {
        Name { text: name, of, from: From::Column, covers: of, source }
    }

    /// What is made of columns, of which it may leave something out.
    pub(super) const fn made(
        name: &'static str,
        of: &'static [&'static str],
        holds: Holds,
        meaning: &'static str,
        source: &'static str,
        value: Make,
    ) -> Name {
        Name {
            text: name,
            of,
            from: From::Made { holds, may_be_unknown: true, meaning, value },
            covers: &[],
            source,
        }
    }

    /// What is the same of every flow.
    pub(super) const fn fixed(
        name: &'static str,
        holds: Holds,
        meaning: &'static str,
        source: &'static str,
        value: Make,
    ) -> Name {
        Name {
            text: name,
            of: &[],
            from: From::Made { holds, may_be_unknown: false, meaning, value },
            covers: &[],
            source,
        }
    }

    /// The columns are wholly in it.
    pub(super) const fn whole(self) -> Name {
        Name { covers: self.of, ..self }
    }

    /// These of the columns are wholly in it.
    pub(super) const fn covers(self, columns: &'static [&'static str]) -> Name {
        Name { covers: columns, ..self }
    }

    /// The columns stand under other names, too.
    pub(super) const fn again(self) -> Name {
        Name { covers: &[], ..self }
    }
}

/// A fixed text.
pub(super) fn text(text: &'static str) -> Value<'static> {
    Value::Text(Cow::Borrowed(text))
}

/// The number of nanoseconds since 1970 in units of so many; nothing before 1970.
pub(super) fn time_in(nanoseconds: i64, value: &Value) -> Value<'static> {
    match value {
        Value::Time(time) => {
            u64::try_from(time.nanoseconds().div_euclid(nanoseconds)).map_or(Value::Unknown, Value::Number)
        }
        _ => Value::Unknown,
    }
}

/// A duration in units of so many nanoseconds; nothing where the latest packet has an earlier time.
pub(super) fn duration_in(nanoseconds: i64, value: &Value) -> Value<'static> {
    match value {
        Value::Duration(duration) => {
            u64::try_from(duration / nanoseconds).map_or(Value::Unknown, Value::Number)
        }
        _ => Value::Unknown,
    }
}

/// The sum of numbers.
pub(super) fn sum(values: &[&Value]) -> Value<'static> {
    let number = |value: &&Value| match value {
        Value::Number(number) => *number,
        _ => 0,
    };
    Value::Number(values.iter().map(number).sum())
}

/// The version of IP of an address.
pub(super) fn version(value: &Value) -> Option<u8> {
    match value {
        Value::Address(IpAddr::V4(_)) => Some(4),
        Value::Address(IpAddr::V6(_)) => Some(6),
        _ => None,
    }
}

/// A protocol that the payload shows, as most programs write such names: in lower case, without a version, in one word.
pub(super) fn spoken<'a>(value: &Value<'a>) -> Value<'a> {
    let Some(name) = as_text(value).map(str::to_lowercase) else { return Value::Unknown };
    let is_version = |text: &str| text.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    Value::Text(Cow::Owned(match name.split_once(' ') {
        // The number of a standard is none of a version.
        Some((protocol, version)) if is_version(version) && protocol != "iec" => protocol.to_owned(),
        _ => name.replace(' ', "_"),
    }))
}

/// The text of a value.
pub(super) fn as_text<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_protocols_are_plain_words() {
        for (name, expected) in [
            ("SSH 2", "ssh"),
            ("SNMP v2c", "snmp"),
            ("SMB 2 or 3", "smb"),
            ("DCE RPC", "dce_rpc"),
            ("IEC 104", "iec_104"),
            ("HTTP/2", "http/2"),
        ] {
            assert_eq!(spoken(&text(name)), text(expected));
        }
    }
}
