//! What the words in results mean, and what they do not: one sentence each, for people.
//!
//! What a word means stands at its type. What it does not mean stands here, beside those of the other words.

mod cautions;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::Value;
use super::field::columns;
use super::{Holds, wrapped};
use crate::decode::Reason;
use crate::evidence::By;
use crate::flow::{Basis, Confidence, State};
use crate::label::{Agreement, ClearBy, Flag, PORTLESS, PORTLESS_MEANING};
use crate::net::PortRange;
use crate::registry::Status;
use crate::text::words;

/// A kind of words: mostly a column of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WordKind {
    /// Flags of flows.
    Flag,
    /// Statuses of ports.
    Status,
    /// Ranges of ports.
    Range,
    /// States of connections.
    State,
    /// How the payload stands to the registered service.
    Agreement,
    /// Whose payload shows the protocol.
    ObservedBy,
    /// What says that something is sent in the clear.
    ClearBy,
    /// Evidence for which end is the server.
    Basis,
    /// How reliable that evidence is.
    Confidence,
    /// Reasons why packets are in no flow.
    Uncounted,
    /// Columns of results, and words that stand for them.
    Column,
    /// Statuses of the rows of a review.
    ReviewStatus,
    /// Grades of evidence in a review.
    Grade,
    /// Kinds of findings of a review.
    Finding,
}

impl WordKind {
    /// Every kind, in the order of outputs.
    pub const ALL: [WordKind; 14] = [
        WordKind::Flag,
        WordKind::Status,
        WordKind::Range,
        WordKind::State,
        WordKind::Agreement,
        WordKind::ObservedBy,
        WordKind::ClearBy,
        WordKind::Basis,
        WordKind::Confidence,
        WordKind::Uncounted,
        WordKind::Column,
        WordKind::ReviewStatus,
        WordKind::Grade,
        WordKind::Finding,
    ];

    /// The word on the command line and in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            WordKind::Flag => "flag",
            WordKind::Status => "status",
            WordKind::Range => "range",
            WordKind::State => "state",
            WordKind::Agreement => "agreement",
            WordKind::ObservedBy => "observed-by",
            WordKind::ClearBy => "in-the-clear-by",
            WordKind::Basis => "basis",
            WordKind::Confidence => "confidence",
            WordKind::Uncounted => "uncounted",
            WordKind::Column => "column",
            WordKind::ReviewStatus => "review-status",
            WordKind::Grade => "grade",
            WordKind::Finding => "finding",
        }
    }
}

impl fmt::Display for WordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no kind of words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of words is called `{0}`")]
pub struct UnknownKind(pub String);

impl FromStr for WordKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<WordKind, UnknownKind> {
        WordKind::ALL
            .into_iter()
            .find(|kind| {
                // Also several of them: `flags`, `statuses`.
                let rest = text.get(kind.name().len()..);
                let begins =
                    text.get(..kind.name().len()).is_some_and(|word| word.eq_ignore_ascii_case(kind.name()));
                begins && matches!(rest, Some("" | "s" | "es"))
            })
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A word with what it means and what it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What kind of word it is.
    pub kind: WordKind,
    /// The word, as outputs have it.
    pub word: &'static str,
    /// What it means.
    pub meaning: Cow<'static, str>,
    /// What it does not mean, as the end of a sentence: `that nobody answered`. `None` where there is nothing
    /// to be mistaken about.
    pub does_not_mean: Option<&'static str>,
}

columns! {
    /// The values of an entry.
    pub fn values<'a>(entry: &'a Entry) {
    }
    "kind": always Holds::Word(words!(WordKind)), "kind of the word: mostly the column that holds it" => Value::text(Some(entry.kind.name()));
    "word": always Holds::Text, "the word" => Value::text(Some(entry.word));
    "meaning": always Holds::Text, "what it means" => Value::Text(Cow::Borrowed(&entry.meaning));
    "does_not_mean": maybe Holds::Text, "what it does not mean, as the end of a sentence; unknown where there is nothing to be mistaken about" => Value::text(entry.does_not_mean);
}

impl Entry {
    /// The entry of a flag.
    pub fn of_flag(flag: Flag) -> Entry {
        let meaning = format!("{} ({})", flag.meaning(), flag.rank().meaning());
        Entry {
            kind: WordKind::Flag,
            word: flag.name(),
            meaning: meaning.into(),
            does_not_mean: Some(cautions::of_flag(flag)),
        }
    }

    /// The entry of a status; `None` for that of a flow of a protocol without ports.
    pub fn of_status(status: Option<Status>) -> Entry {
        Entry {
            kind: WordKind::Status,
            word: status.map_or(PORTLESS, Status::name),
            meaning: status.map_or(PORTLESS_MEANING, Status::meaning).into(),
            does_not_mean: Some(cautions::of_status(status)),
        }
    }

    /// The entry of a range of ports.
    pub fn of_range(range: PortRange) -> Entry {
        Entry {
            kind: WordKind::Range,
            word: range.name(),
            meaning: range.meaning().into(),
            does_not_mean: Some(cautions::of_range(range)),
        }
    }

    /// The entry of a state.
    pub fn of_state(state: State) -> Entry {
        Entry {
            kind: WordKind::State,
            word: state.name(),
            meaning: state.meaning().into(),
            does_not_mean: Some(cautions::of_state(state)),
        }
    }

    /// The entry of an agreement.
    pub fn of_agreement(agreement: Agreement) -> Entry {
        Entry {
            kind: WordKind::Agreement,
            word: agreement.name(),
            meaning: agreement.meaning().into(),
            does_not_mean: Some(cautions::of_agreement(agreement)),
        }
    }

    /// The entry of who shows a protocol.
    pub fn of_observed_by(by: By) -> Entry {
        Entry {
            kind: WordKind::ObservedBy,
            word: by.name(),
            meaning: by.meaning().into(),
            does_not_mean: Some(cautions::of_observed_by(by)),
        }
    }

    /// The entry of what says that something is sent in the clear.
    pub fn of_clear_by(by: ClearBy) -> Entry {
        Entry {
            kind: WordKind::ClearBy,
            word: by.name(),
            meaning: by.meaning().into(),
            does_not_mean: Some(cautions::of_clear_by(by)),
        }
    }

    /// The entry of a basis.
    pub fn of_basis(basis: Basis) -> Entry {
        Entry {
            kind: WordKind::Basis,
            word: basis.name(),
            meaning: basis.meaning().into(),
            does_not_mean: Some(cautions::of_basis(basis)),
        }
    }

    /// The entry of a confidence.
    pub fn of_confidence(confidence: Confidence) -> Entry {
        Entry {
            kind: WordKind::Confidence,
            word: confidence.name(),
            meaning: confidence.meaning().into(),
            does_not_mean: Some(cautions::of_confidence(confidence)),
        }
    }

    /// The entry of a reason why packets are in no flow.
    pub fn of_reason(reason: Reason) -> Entry {
        Entry {
            kind: WordKind::Uncounted,
            word: reason.name(),
            meaning: reason.meaning().into(),
            does_not_mean: None,
        }
    }

    /// The entry in sentences.
    pub fn sentences(&self) -> String {
        let meaning = sentence(&self.meaning);
        match self.does_not_mean {
            Some(caution) => format!("{meaning} It does not mean {caution}."),
            None => meaning,
        }
    }

    /// The option that selects flows with the word, where there is one.
    pub fn option(&self) -> Option<String> {
        match self.kind {
            WordKind::Flag | WordKind::Status | WordKind::Agreement => {
                Some(format!("--{} {}", self.kind, self.word))
            }
            _ => None,
        }
    }

    /// The entry in lines for people on a terminal of this width; as long as they take, without.
    pub fn people(&self, width: Option<u16>) -> Vec<String> {
        let mut lines = vec![format!("{} {}", self.kind, self.word)];
        let mut say = |text: &str| {
            let width = width.map(|width| width.saturating_sub(2));
            lines.extend(wrapped(text, width).iter().map(|line| format!("  {line}")));
        };
        say(&self.sentences());
        if let Some(option) = self.option() {
            say(&format!("Flows with it: portscribe flows CAPTURE {option}"));
        }
        lines
    }
}

/// A text as a sentence: with a capital, and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

/// The words of labels and of what stands around them, in the order of outputs. Those of reviews stand with
/// the review.
pub fn entries() -> Vec<Entry> {
    let mut all: Vec<Entry> = Flag::ALL.into_iter().map(Entry::of_flag).collect();
    all.extend(Status::ALL.into_iter().map(Some).chain([None]).map(Entry::of_status));
    all.extend(PortRange::ALL.into_iter().map(Entry::of_range));
    all.extend(State::ALL.into_iter().map(Entry::of_state));
    all.extend(Agreement::ALL.into_iter().map(Entry::of_agreement));
    all.extend(By::ALL.into_iter().map(Entry::of_observed_by));
    all.extend(ClearBy::ALL.into_iter().map(Entry::of_clear_by));
    all.extend(Basis::ALL.into_iter().map(Entry::of_basis));
    all.extend(Confidence::ALL.into_iter().map(Entry::of_confidence));
    all.extend(Reason::ALL.into_iter().map(Entry::of_reason));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_kind_is_another_with_a_caution_of_its_own() {
        let all = entries();
        let mut names: Vec<(WordKind, &str)> = all.iter().map(|entry| (entry.kind, entry.word)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        for entry in &all {
            let is_alone = entry.kind == WordKind::Uncounted;
            assert_eq!(entry.does_not_mean.is_none(), is_alone, "{}", entry.word);
            let caution = entry.does_not_mean.unwrap_or("that ");
            assert!(caution.starts_with("that ") && !caution.ends_with('.'), "{caution}");
            // People read two sentences.
            assert!(entry.sentences().chars().count() < 260, "{}", entry.sentences());
        }
    }

    #[test]
    fn a_text_becomes_a_sentence_once() {
        assert_eq!(sentence("a guess"), "A guess.");
        assert_eq!(sentence("A guess."), "A guess.");
        assert_eq!(sentence(""), ".");
    }
}
