//! Words that several stations make of numbers and cells.

use std::borrow::Cow;
#[cfg(feature = "review")]
use std::io::{self, Read};

/// Whether a text that begins so is a result of ours: the first columns of CSV and TSV, the first keys of JSON.
pub(crate) fn begins_result(begin: &[u8]) -> bool {
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let heads: [&[u8]; 10] = [
        b"flow,",
        b"flow\t",
        b"transport,",
        b"transport\t",
        b"capture,frame",
        b"capture\tframe",
        b"{\"program\":",
        b"{\"flow\":",
        b"{\"transport\":",
        b"{\"capture\":",
    ];
    heads.iter().any(|head| begin.starts_with(head))
}

/// `1 flow`, `2 flows`.
pub(crate) fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Octets as hexadecimal digits.
pub(crate) fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(2 * octets.len()), |mut text, octet| {
        for digit in [octet >> 4, octet & 0x0f] {
            text.extend(char::from_digit(digit.into(), 16));
        }
        text
    })
}

/// The octets that hexadecimal digits stand for; `None` where a text is something else.
pub(crate) fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16).map(|digit| digit as u8);
    let octet = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(octet).collect()
}

/// Reads all of an input of no more than `most` octets: what is named by mistake, or has no end, must not fill the
/// memory.
///
/// # Errors
///
/// When it cannot be read, or is larger.
#[cfg(feature = "review")]
pub(crate) fn whole(input: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let what = format!("is larger than {} MiB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
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

/// Letters to add, take out, replace or swap with their neighbour to make one word the other.
pub(crate) fn steps_between(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut steps = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                steps = steps.min(before_last[j - 1] + 1);
            }
            row.push(steps);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// The words of a set that somebody may have meant by another one: those that begin with it or have it in
/// them, or else those that are spelled most like it; at most five.
pub(crate) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
    let wanted: Vec<char> = word.to_lowercase().chars().take(64).collect();
    // A third of the letters may differ, else most short words would be near each other.
    let limit = (wanted.len() / 3).clamp(1, 4);
    let mut near: Vec<(usize, &str)> = Vec::new();
    for one in words {
        let letters: Vec<char> = one.to_lowercase().chars().collect();
        let steps = if wanted.len() >= 3 && letters.windows(wanted.len()).any(|part| part == wanted) {
            usize::from(!letters.starts_with(&wanted))
        } else {
            2 + steps_between(&wanted, &letters)
        };
        if steps <= 2 + limit {
            near.push((steps, one));
        }
    }
    near.sort_by_key(|&(steps, _)| steps);
    // Where some have the word in them, others are not meant.
    let has_it = near.first().is_some_and(|&(steps, _)| steps < 2);
    near.retain(|&(steps, _)| !has_it || steps < 2);
    near.truncate(5);
    near.into_iter().map(|(_, one)| one).collect()
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

/// The words of a type with `ALL` and a constant `name`, as a constant slice.
macro_rules! words {
    ($type:ty) => {{
        const WORDS: [&str; <$type>::ALL.len()] = {
            let mut words = [""; <$type>::ALL.len()];
            let mut n = 0;
            while n < words.len() {
                words[n] = <$type>::ALL[n].name();
                n += 1;
            }
            words
        };
        &WORDS
    }};
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_may_be_meant_begin_alike_or_are_spelled_alike() {
        let near = |word| nearest(word, ["server", "server_port", "service", "status", "state"].into_iter());
        assert_eq!(near("serv"), ["server", "server_port", "service"]);
        assert_eq!(near("sevrer"), ["server"]);
        assert_eq!(near("port"), ["server_port"]);
        assert_eq!(near("statu"), ["status"]);
        assert_eq!(near("x"), Vec::<&str>::new());
    }

    #[test]
    fn steps_are_letters_added_taken_replaced_or_swapped() {
        let steps =
            |a: &str, b: &str| steps_between(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        for (a, b, expected) in [
            ("", "", 0),
            ("http", "http", 0),
            ("http", "https", 1),
            ("https", "http", 1),
            ("hhtp", "http", 1),
            ("htpps", "https", 1),
            ("htpt", "http", 1),
            ("ssh", "smtp", 3),
            ("", "abc", 3),
        ] {
            assert_eq!(steps(a, b), expected, "{a} {b}");
        }
    }
}
