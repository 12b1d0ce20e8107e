//! Addresses of the firewall itself.

use std::net::IpAddr;

use serde::Serialize;

/// An address of the firewall itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OwnAddress {
    /// The address.
    pub address: IpAddr,
    /// What it is known by.
    pub basis: OwnBasis,
}

/// What an address of the firewall is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OwnBasis {
    /// `--own` names it.
    Option,
    /// A rule lets packets in at the hook input that have it as their destination, or out at the hook output
    /// with it as their source.
    Rules,
    /// Connections that were captured on both sides got it by a rule that masquerades, or went where rules
    /// send only what is addressed to the firewall itself.
    Translation,
    /// A service in use, which the rules let clients reach only where it is the firewall's own address.
    Use,
}

impl OwnBasis {
    /// In words, behind the addresses.
    pub(in crate::review) const fn in_words(self) -> &'static str {
        match self {
            OwnBasis::Option => "--own",
            OwnBasis::Rules => "by rules of input and output",
            OwnBasis::Translation => "by what was captured on both sides",
            OwnBasis::Use => "by services in use that the rules publish at it",
        }
    }
}
