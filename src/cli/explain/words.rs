//! `portscribe explain flag one-way`: what words in results mean.

use std::collections::BTreeSet;

use super::super::output::{self, Output};
use super::super::{Failure, say};
use crate::registry::Registry;
use crate::report::glossary::{self, Entry, WordKind};
use crate::report::{Head, RowWriter, Rows, flows, packets, summary, wrapped};
use crate::review::{FindingKind, Grade, RowStatus};
use crate::text::nearest;
use crate::traffic::words_for_columns;

/// Every word of results.
fn all() -> Vec<Entry> {
    let mut all = glossary::entries();
    let of = |kind, word, meaning: &'static str| Entry {
        kind,
        word,
        meaning: meaning.into(),
        does_not_mean: None,
    };
    all.extend(columns());
    all.extend(RowStatus::ALL.map(|one| of(WordKind::ReviewStatus, one.name(), one.meaning())));
    all.extend(Grade::ALL.map(|one| of(WordKind::Grade, one.name(), one.meaning())));
    all.extend(FindingKind::ALL.iter().map(|one| of(WordKind::Finding, one.name(), one.meaning())));
    all
}

/// The columns of results, and the words that stand for them: among them the headings of tables.
fn columns() -> Vec<Entry> {
    let of = |word, meaning: String| Entry {
        kind: WordKind::Column,
        word,
        meaning: meaning.into(),
        does_not_mean: None,
    };
    let fields = [flows::COLUMNS, flows::ON_REQUEST, packets::COLUMNS, summary::COLUMNS].concat();
    let mut all: Vec<Entry> = Vec::new();
    for field in &fields {
        if !all.iter().any(|entry| entry.word == field.name) {
            all.push(of(field.name, field.meaning.to_owned()));
        }
    }
    for (word, columns) in words_for_columns() {
        if !all.iter().any(|entry| entry.word == word) {
            let meant = |name: &&str| fields.iter().find(|field| field.name == *name);
            let names: Vec<String> = columns
                .first()
                .into_iter()
                .flat_map(|columns| columns.iter())
                .filter_map(meant)
                .map(|field| format!("`{}`: {}", field.name, field.meaning))
                .collect();
            all.push(of(word, format!("stands for {}", names.join("; and for "))));
        }
    }
    all
}

/// What tables for people show in place of a word.
const SHOWN_AS: [(&str, &str); 1] = [("not recognised", "silent")];

/// The entries that are asked for: of a kind, of a kind and a word, or of a word whatever its kind.
pub(super) fn asked(kind: Option<WordKind>, word: Option<&str>) -> Vec<Entry> {
    // Findings are also called by their numbers.
    let number = FindingKind::ALL.iter().find(|one| word.is_some_and(|word| one.to_string() == word));
    let word = number.map(|finding| finding.name()).or(word);
    // Tables have some in brackets.
    let word = word.map(|word| word.trim_matches(['(', ')']));
    let shown = SHOWN_AS.iter().find(|(shown, _)| word.is_some_and(|word| word == *shown));
    let word = shown.map(|(_, word)| *word).or(word);
    let mut all = all();
    all.retain(|entry| {
        kind.is_none_or(|kind| entry.kind == kind)
            && word.is_none_or(|word| entry.word.eq_ignore_ascii_case(word))
    });
    all
}

/// What there is to say of a word that is none of a kind, or of any.
pub(super) fn unknown(kind: Option<WordKind>, word: &str) -> String {
    let all = all();
    let of_kind = all.iter().filter(|entry| kind.is_none_or(|kind| entry.kind == kind));
    let words: BTreeSet<&str> = of_kind.map(|entry| entry.word).collect();
    let near = nearest(word, words.into_iter());
    let what = kind.map_or("word in results".to_owned(), |kind| kind.to_string());
    let near = match near.as_slice() {
        [] => kind.map_or(String::new(), |kind| format!("; `portscribe explain {kind}` lists them all")),
        [near] => format!("; the nearest is {near}"),
        near => format!("; the nearest are {}", near.join(", ")),
    };
    // The word may be one of another kind.
    let elsewhere: Vec<&str> = all
        .iter()
        .filter(|entry| entry.word.eq_ignore_ascii_case(word))
        .map(|entry| entry.kind.name())
        .collect();
    match elsewhere.first() {
        Some(other) => format!("no {what} is called `{word}`; there is a {other} of that name"),
        None => format!("no {what} is called `{word}`{near}"),
    }
}

/// Writes what words mean.
pub(super) fn write(entries: &[Entry], registry: &Registry, mut out: Output) -> Result<(), Failure> {
    if out.format().is_for_people() {
        let width = out.style().width;
        let mut lines = out.lines();
        for entry in entries {
            for line in entry.people(width) {
                lines.line(line)?;
            }
            lines.blank()?;
        }
        for line in wrapped(&output::note(registry), width) {
            lines.line(line)?;
        }
    } else {
        let head = Head::of_registry(registry);
        let mut rows = RowWriter::new(out.format(), &mut out, glossary::COLUMNS, &head)?;
        for entry in entries {
            rows.row(&glossary::values(entry))?;
        }
        rows.finish()?;
    }
    out.finish()
}

/// Says that a word is not known.
pub(super) fn say_unknown(kind: Option<WordKind>, word: &str) -> Failure {
    say(format_args!("{}", unknown(kind, word)));
    Failure::Something
}
