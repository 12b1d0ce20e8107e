//! What has been judged: a part of a review with its findings.

use std::ops::{Deref, DerefMut};

use serde::Serialize;

use super::FindingKind;

// The schema describes each by what was judged.
#[cfg_attr(not(test), doc = "A row, rule or scan together with the findings on it.")]
#[cfg_attr(test, allow(missing_docs))]
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "{T}"))]
pub struct Judged<T> {
    /// What was judged.
    #[serde(flatten)]
    pub of: T,
    /// The identifiers of its findings.
    pub findings: Vec<FindingKind>,
}

/// Who reads a row or a rule rarely asks for its findings.
impl<T> Deref for Judged<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.of
    }
}

impl<T> DerefMut for Judged<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.of
    }
}
