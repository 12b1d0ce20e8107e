//! Words that several stations make of numbers and cells.

use std::borrow::Cow;

/// `1 flow`, `2 flows`.
pub(crate) fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// The first `most` words of a list: `a, b and 3 more`.
#[cfg(feature = "review")]
pub(crate) fn at_most(most: usize, words: impl ExactSizeIterator<Item = String>) -> String {
    let more = words.len().saturating_sub(most);
    let list = words.take(most).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// Text without the line breaks that some cells of the registry hold.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) { Cow::Owned(single_spaced(text)) } else { Cow::Borrowed(text) }
}

/// Text with one space between its words, and none around them.
pub(crate) fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Serializes types as the words that `name` has for them, which all outputs use.
macro_rules! serialize_by_name {
    ($($type:ty),+) => {
        $(impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        })+
    };
}
pub(crate) use serialize_by_name;
