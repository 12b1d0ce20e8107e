//! What the words of a review mean, for people who have never seen the program.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{FindingKind, Grade, RowStatus};

/// The words that occur in a review, each with a sentence.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Glossary {
    /// Statuses of rows.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub statuses: BTreeMap<RowStatus, &'static str>,
    /// Grades of evidence.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub grades: BTreeMap<Grade, &'static str>,
    /// Kinds of findings.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub findings: BTreeMap<FindingKind, &'static str>,
}

impl Glossary {
    /// These words.
    pub(super) fn of(
        statuses: impl Iterator<Item = RowStatus>,
        grades: impl Iterator<Item = Grade>,
        findings: impl Iterator<Item = FindingKind>,
    ) -> Glossary {
        Glossary {
            statuses: statuses.map(|word| (word, word.meaning())).collect(),
            grades: grades.map(|word| (word, word.meaning())).collect(),
            findings: findings.map(|word| (word, word.meaning())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_sentence_of_its_own() {
        let mut all: Vec<&str> = RowStatus::ALL.into_iter().map(RowStatus::meaning).collect();
        all.extend(Grade::ALL.into_iter().map(Grade::meaning));
        all.extend(FindingKind::ALL.iter().map(|kind| kind.meaning()));
        for sentence in &all {
            assert!(sentence.starts_with(char::is_uppercase), "{sentence}");
            assert!(sentence.ends_with('.') && sentence.matches(". ").count() == 0, "{sentence}");
            assert!(sentence.len() <= 110, "{sentence}");
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
