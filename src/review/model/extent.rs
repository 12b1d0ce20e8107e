//! What an approval is about, and what goes beyond it.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::words;
use crate::net::{Ports, network};

/// What people approved: the row as it stood when they filled in their columns. It stays so in every
/// later review until somebody approves again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Extent {
    /// The clients; none for any client of the row's zone.
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>"))]
    pub sources: Option<Vec<IpNet>>,
    /// The servers; none for any server of the row's zone.
    pub servers: Option<Vec<IpAddr>>,
    /// The ports.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub ports: Option<Ports>,
}

impl Extent {
    /// The clients in the words of the worksheet.
    pub(in crate::review) fn sources_in_words(&self) -> String {
        match &self.sources {
            None => "any".to_owned(),
            Some(all) => all.iter().map(network).collect::<Vec<_>>().join(" "),
        }
    }

    /// The servers in the words of the worksheet.
    pub(in crate::review) fn servers_in_words(&self) -> String {
        match &self.servers {
            None => "any".to_owned(),
            Some(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        }
    }

    /// Whether a client is one of those.
    pub(in crate::review) fn holds(&self, client: IpAddr) -> bool {
        self.sources.as_ref().is_none_or(|all| all.iter().any(|network| network.contains(&client)))
    }
}

/// What of a row goes beyond its approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Excess {
    /// The clients that use it or perhaps do, and were not approved.
    pub sources: Vec<IpAddr>,
    /// Whether one of them uses it for certain.
    pub in_use: bool,
    /// The server, where it was not approved.
    pub server: Option<IpAddr>,
    /// The ports, where not all of them were approved.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub ports: Option<Ports>,
    /// The approved clients that use it or perhaps do.
    #[serde(skip)]
    pub approved: Vec<IpNet>,
}

impl fmt::Display for Excess {
    /// `by 10.20.0.66, on port 49164`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 10;
        let mut parts = Vec::new();
        if !self.sources.is_empty() {
            let shown: Vec<String> = self.sources.iter().take(MOST).map(ToString::to_string).collect();
            let more = self.sources.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            parts.push(format!("by {}{more}", shown.join(", ")));
        }
        parts.extend(self.server.map(|server| format!("at {server}")));
        parts.extend(self.ports.map(|ports| format!("on port {ports}")));
        f.write_str(&parts.join(", "))
    }
}
