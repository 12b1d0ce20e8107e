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

    /// Whether it says that something can be read by everybody on the way.
    pub const fn is_cleartext(self) -> bool {
        matches!(self, Tag::CleartextLogin | Tag::CleartextData)
    }
}
