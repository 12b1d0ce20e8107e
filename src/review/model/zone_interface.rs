//! Zones that a file assigns by interface.

use std::net::IpAddr;

use serde::Serialize;

use super::Trust;
use crate::foreign::Foreign;

/// An interface of the captures that a file of zones assigns to a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ZoneInterface {
    /// Name of the zone.
    pub name: String,
    /// The interface, as the file calls it.
    pub interface: Foreign<String>,
    /// How far the zone is trusted.
    pub trust: Trust,
    /// What the user wrote beside it.
    pub comment: Foreign<String>,
    /// How many addresses lie in the zone by this interface.
    pub addresses: u64,
}

/// An address that no network of the file holds, and that sent by interfaces of several zones. It keeps
/// the zone that is built in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ZoneConflict {
    /// The address.
    #[cfg_attr(test, schemars(with = "String"))]
    pub address: IpAddr,
    /// The names of the zones, sorted.
    pub zones: Vec<String>,
}
