//! What is said of a store's errors.

use std::error::Error as _;

use object_store::Error;

/// What went wrong, without what may be a secret.
pub(crate) fn said(error: &Error) -> String {
    let what = match error {
        Error::NotFound { .. } => "the store has no such object or bucket",
        Error::Precondition { .. } => "it changed while it was read",
        Error::PermissionDenied { .. } => "the store does not allow it with these credentials",
        Error::Unauthenticated { .. } => "the store refuses the credentials",
        Error::NotSupported { .. } => "the store gives no ranges of it",
        _ => "",
    };
    if !what.is_empty() {
        return what.to_owned();
    }
    let mut deepest = error.to_string();
    // The outermost text says what was asked, and has those within; not all do.
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !deepest.contains(&text) {
            deepest = format!("{deepest}: {text}");
        }
        source = inner.source();
    }
    without_queries(&deepest.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text whose URLs have no queries, where signatures are.
pub(crate) fn without_queries(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            made.push(' ');
        }
        match word.find("://").and_then(|start| Some((start, start + word[start..].find('?')?))) {
            Some((_, query)) => {
                made.push_str(&word[..query]);
                // What ends the word is of the sentence.
                made.push_str(&word[word.trim_end_matches([')', ':', ',', '"', '\'', '.']).len()..]);
            }
            None => made.push_str(word),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_of_urls_are_not_said() {
        assert_eq!(
            without_queries("error in GET https://host/a.pcap?sig=abc&x=1: why? (http://b/?y) or http://c/d"),
            "error in GET https://host/a.pcap: why? (http://b/) or http://c/d"
        );
    }
}
