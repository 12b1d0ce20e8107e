//! Why a service is called insecure.

use serde::Serialize;

/// Why a service is called insecure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Tag {
    /// Passwords in the clear.
    CleartextLogin,
    /// Data in the clear.
    CleartextData,
    /// A version that has been superseded for its weakness.
    ObsoleteVersion,
    /// Answers are larger than questions, and the source can be forged.
    Amplifier,
    /// Administration of the host.
    RemoteAdmin,
    /// Used to move from host to host.
    LateralMovement,
    /// Asks for no proof of identity.
    NoAuthentication,
}

impl Tag {
    /// Every tag.
    pub const ALL: [Tag; 7] = [
        Tag::CleartextLogin,
        Tag::CleartextData,
        Tag::ObsoleteVersion,
        Tag::Amplifier,
        Tag::RemoteAdmin,
        Tag::LateralMovement,
        Tag::NoAuthentication,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Tag::CleartextLogin => "cleartext-login",
            Tag::CleartextData => "cleartext-data",
            Tag::ObsoleteVersion => "obsolete-version",
            Tag::Amplifier => "amplifier",
            Tag::RemoteAdmin => "remote-admin",
            Tag::LateralMovement => "lateral-movement",
            Tag::NoAuthentication => "no-authentication",
        }
    }
}

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
