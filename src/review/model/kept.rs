//! What people wrote, and the rows of the last worksheet that nothing in the captures belongs to.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::{RowId, RowStatus, RulesSay};
use crate::net::{Ports, Transport};

/// A row of the last worksheet that nothing in the captures belongs to, as it was.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeptRow {
    /// Row.
    pub row_id: RowId,
    /// Approved-configured, approved-only, config-only for what is not approved.
    pub status: RowStatus,
    /// Whether the rules allow it, as far as they tell.
    pub configured: RulesSay,
    /// The columns that the program filled in last time, with what stood there.
    pub cells: Cells,
    /// What people wrote.
    pub approval: Approval,
}

/// What people wrote in a worksheet about one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Approval {
    /// Row.
    pub row_id: RowId,
    /// The columns that people fill in, as they were: `owner`, `business_need`,
    /// `security_features`, `approved_by`, `approved_on`, `ticket`, `expires_on`, `decision`,
    /// `reviewer`, `reviewed_on`, `notes`, and any other that they added.
    pub cells: Vec<(String, String)>,
}

/// What a row of a worksheet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellsOf {
    /// A service of a server.
    Service,
    /// A client that tried several ports or several servers.
    Scan,
    /// A rule: it has networks, and no zone.
    Rule,
}

/// The program's columns of one row of a worksheet, by name, as they stood there. People may have
/// changed them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline))]
#[serde(transparent)]
pub struct Cells(pub Vec<(String, String)>);

/// What the cells of a service mean, where all of it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellsOfService<'a> {
    /// The zone of the clients.
    pub client_zone: &'a str,
    /// The first of the clients.
    pub client: IpAddr,
    /// The zone of the server.
    pub server_zone: &'a str,
    /// The server.
    pub server: IpAddr,
    /// The transport.
    pub transport: Transport,
    /// The ports.
    pub ports: Ports,
}

impl Cells {
    /// What stands in a column; empty where there is none of this name.
    pub fn get(&self, column: &str) -> &str {
        self.0.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell)
    }

    /// What the row is for.
    pub fn of(&self) -> CellsOf {
        if self.get("src_zone").is_empty() {
            CellsOf::Rule
        } else if self.get("ports").contains(' ') || self.get("destination").contains(' ') {
            CellsOf::Scan
        } else {
            CellsOf::Service
        }
    }

    /// The networks of the clients, those that can be read.
    pub fn sources(&self) -> impl Iterator<Item = IpNet> {
        let network =
            |text: &str| text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        self.get("sources").split_whitespace().filter_map(network)
    }

    /// What a service's cells mean; none where one of them cannot be read, and for other rows.
    pub fn service(&self) -> Option<CellsOfService<'_>> {
        if self.of() != CellsOf::Service {
            return None;
        }
        Some(CellsOfService {
            client_zone: self.get("src_zone"),
            client: self.sources().next()?.addr(),
            server_zone: self.get("dst_zone"),
            server: self.get("destination").parse().ok()?,
            transport: self.get("proto").parse().ok()?,
            ports: self.ports()?,
        })
    }

    /// The ports, where they are one port or one range.
    pub fn ports(&self) -> Option<Ports> {
        let text = self.get("ports");
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let ports = Ports { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? };
        (ports.first <= ports.last).then_some(ports)
    }

    /// What the row is about, in words.
    pub(in crate::review) fn in_words(&self) -> String {
        match self.of() {
            CellsOf::Rule => format!("rule {}", self.get("rules")),
            CellsOf::Scan => format!("the scan of {} from {}", self.get("sources"), self.get("src_zone")),
            CellsOf::Service => {
                let service = match self.get("service") {
                    "" => String::new(),
                    name => format!(" (registered as {name})"),
                };
                format!(
                    "{}/{}{service} at {} from {}",
                    self.get("ports"),
                    self.get("proto"),
                    self.get("destination"),
                    self.get("src_zone")
                )
            }
        }
    }
}
