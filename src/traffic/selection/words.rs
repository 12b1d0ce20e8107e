//! The words that people use for columns: the same wherever a column is named.

/// A word, and the columns that it may mean: the first alternative that a result has, all columns of it.
type Word = (&'static str, &'static [&'static [&'static str]]);

const WORDS: &[Word] = &[
    ("basis", &[&["direction_basis"]]),
    ("by", &[&["direction_basis", "direction_confidence"]]),
    ("client", &[&["client_address"]]),
    ("confidence", &[&["direction_confidence"]]),
    ("destination", &[&["dst_address"]]),
    ("flag", &[&["flags"]]),
    ("host", &[&["client_address", "server_address"], &["src_address", "dst_address"]]),
    ("more", &[&["flags"]]),
    ("name", &[&["server_name"], &["server_names"]]),
    ("payload", &[&["observed"]]),
    ("port", &[&["server_port"]]),
    ("range", &[&["port_range"]]),
    ("registered", &[&["service"]]),
    ("server", &[&["server_address"]]),
    ("services", &[&["service"]]),
    ("source", &[&["src_address"]]),
    ("time", &[&["first_seen"]]),
];

/// The columns that a word of people may mean, as alternatives: a result has those of the first one.
///
/// ```
/// assert_eq!(portscribe::traffic::meant_by("server"), [["server_address"]]);
/// assert!(portscribe::traffic::meant_by("server_address").is_empty());
/// ```
pub fn meant_by(word: &str) -> &'static [&'static [&'static str]] {
    WORDS.iter().find(|(one, _)| one.eq_ignore_ascii_case(word)).map_or(&[], |(_, columns)| *columns)
}

/// Every word, with the columns that it may mean.
pub fn words_for_columns() -> impl Iterator<Item = (&'static str, &'static [&'static [&'static str]])> {
    WORDS.iter().copied()
}
