//! What stands last: where people sign, and what the words mean.

use maud::{Markup, html as markup};

use super::super::super::model::Review;

/// Who signs.
const SIGN: [&str; 3] = ["Prepared by", "Reviewed by", "Approved by"];

/// Lines to sign on, on paper.
pub(super) fn sign() -> Markup {
    markup! {
        section #sign aria-labelledby="sign-title" {
            h2 #sign-title { "Signatures" }
            ul.signatures {
                @for who in SIGN {
                    li {
                        h3 { (who) }
                        dl { @for line in ["name", "role", "date", "signature"] { dt { (line) } dd { "\u{a0}" } } }
                    }
                }
            }
        }
    }
}

/// The words that occur, each with a sentence; those of findings stand with them.
pub(super) fn words(review: &Review) -> Markup {
    let glossary = &review.glossary;
    markup! {
        section #words aria-labelledby="words-title" {
            h2 #words-title { "What the words mean" }
            @if !glossary.statuses.is_empty() {
                h3 { "Statuses of rows" }
                (list(glossary.statuses.iter().map(|(word, meaning)| (word.name(), *meaning))))
            }
            @if !glossary.grades.is_empty() {
                h3 { "Grades of evidence" }
                (list(glossary.grades.iter().map(|(word, meaning)| (word.name(), *meaning))))
            }
        }
    }
}

fn list(words: impl Iterator<Item = (&'static str, &'static str)>) -> Markup {
    markup! {
        dl.said { @for (word, meaning) in words { dt { code { (word) } } dd { (meaning) } } }
    }
}
