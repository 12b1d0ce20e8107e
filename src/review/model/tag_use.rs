//! Why a row's service is called insecure, and by whom.

use serde::Serialize;

use crate::services::Tag;

/// A tag with its reason and its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TagUse {
    /// The tag.
    pub tag: Tag,
    /// The row of the list of insecure services.
    pub service: String,
    /// Why.
    pub reason: String,
    /// What to use instead.
    pub alternative: String,
    /// Who says so.
    pub source: String,
    /// What the row says when it was waived by the user; empty where it was not.
    pub waived: String,
}
