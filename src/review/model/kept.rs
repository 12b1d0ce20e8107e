//! What people wrote, and the rows of the last worksheet that nothing in the captures belongs to.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::{DateOrder, Extent, Offer, RowId, RowStatus, RulesSay};
use crate::net::{Family, Ports};

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
    /// How dates in it are read.
    #[serde(skip)]
    pub dates: DateOrder,
    /// What copies of the worksheet disagree on. While there is any, nobody has approved the row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement>,
    /// What they approved, or would have if they agreed; none without an approval, and for scans and rules, whose identifiers hold
    /// all that an approval is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extent: Option<Extent>,
}

/// A column that people filled in in several ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Disagreement {
    /// The column; empty where the worksheet no longer says which.
    pub column: String,
    /// Every value with its place: ``approve` in a.csv:7, `reject` in b.csv:7``.
    pub said: String,
}

/// What a row of a worksheet is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellsOf {
    /// A service of a server; none where one of its cells cannot be read.
    Service(Option<CellsOfService>),
    /// A client that tried several ports or several servers; none where it cannot be read.
    Scan(Option<IpAddr>),
    /// A rule: it has networks, and no zone.
    Rule,
}

/// The program's columns of one row of a worksheet, by name, as they stood there. People may have
/// changed them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline))]
#[serde(transparent)]
pub struct Cells {
    texts: Vec<(String, String)>,
    #[serde(skip)]
    of: CellsOf,
    #[serde(skip)]
    sources: Vec<IpNet>,
    /// Those that were refused.
    #[serde(skip)]
    refused: Vec<IpNet>,
    #[serde(skip)]
    a_client: Option<IpAddr>,
    /// What an earlier approval is about, and who approved it when.
    #[serde(skip)]
    approved: Option<(String, Extent)>,
}

/// How the destination of a row begins that is for any server of a zone.
pub(super) const ANY_SERVER: &str = "any of the zone;";

/// What the cells of a service mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellsOfService {
    /// The zone of the clients.
    pub client_zone: String,
    /// The zone of the server.
    pub server_zone: String,
    /// IPv4 or IPv6.
    pub family: Family,
    /// The server; none where the row is for any of its zone.
    pub server: Option<IpAddr>,
    /// What the server is asked for.
    pub offer: Offer,
}

impl Cells {
    /// Reads what stands in each column.
    pub fn new(texts: Vec<(String, String)>) -> Cells {
        let cell = |column: &str| get(&texts, column).trim();
        let sources: Vec<IpNet> =
            networks(cell("sources")).chain(networks(cell("sources_perhaps"))).collect();
        let refused: Vec<IpNet> = networks(cell("sources_refused")).collect();
        let others = refused.iter().copied().chain(networks(cell("sources_scanning")));
        let a_client = sources.iter().copied().chain(others).next().map(|network| network.addr());
        let approved = match cell("approved_as") {
            "" => None,
            mark => {
                let sources = Some(cell("approved_sources")).filter(|text| *text != "any");
                let servers = Some(cell("approved_servers")).filter(|text| *text != "any");
                let servers = servers.map(str::split_whitespace);
                let extent = Extent {
                    sources: sources.map(|text| networks(text).collect()),
                    servers: servers
                        .map(|servers| servers.filter_map(|server| server.parse().ok()).collect()),
                    ports: ports(cell("approved_ports")),
                };
                Some((mark.to_owned(), extent))
            }
        };
        let is_any_server = cell("destination").starts_with(ANY_SERVER);
        let of = if cell("src_zone").is_empty() {
            CellsOf::Rule
        } else if ["proto", "ports", "icmp_type"].into_iter().any(|column| cell(column).contains(' '))
            || cell("destination").contains(' ') && !is_any_server
        {
            CellsOf::Scan(cell("sources").parse().ok())
        } else {
            let service = || {
                let server =
                    if is_any_server { None } else { Some(cell("destination").parse::<IpAddr>().ok()?) };
                Some(CellsOfService {
                    client_zone: cell("src_zone").to_owned(),
                    server_zone: cell("dst_zone").to_owned(),
                    family: match server {
                        Some(server) => Family::of(server),
                        None => Family::ALL.into_iter().find(|family| family.name() == cell("family"))?,
                    },
                    server,
                    offer: Offer::read(cell("proto"), cell("ports"), cell("icmp_type"))?,
                })
            };
            CellsOf::Service(service())
        };
        Cells { texts, of, sources, refused, a_client, approved }
    }

    /// What stands in a column; empty where there is none of this name.
    pub fn get(&self, column: &str) -> &str {
        get(&self.texts, column)
    }

    /// What the row is for.
    pub fn of(&self) -> &CellsOf {
        &self.of
    }

    /// One of the clients, of those that use the service where there are any.
    pub fn a_client(&self) -> Option<IpAddr> {
        self.a_client
    }

    /// The networks of the clients that use the service or perhaps do, those that can be read.
    pub fn sources(&self) -> &[IpNet] {
        &self.sources
    }

    /// What an approval is about: what was approved before where it is the same by its mark, else the row as it stands, with what was approved before. A row without clients is for any
    /// client of its zone.
    pub(in crate::review) fn extent(&self, is_same: impl Fn(&str) -> bool) -> Option<Extent> {
        let CellsOf::Service(Some(service)) = &self.of else { return None };
        let shown = if self.sources.is_empty() { &self.refused } else { &self.sources };
        let now = Extent {
            sources: self.a_client.map(|_| shown.clone()),
            servers: service.server.map(|server| vec![server]),
            ports: service.offer.ports(),
        };
        Some(match &self.approved {
            None => now,
            Some((before, extent)) if is_same(before) => extent.clone(),
            Some((_, before)) => {
                let joined = now.sources.zip(before.sources.clone());
                let sources = joined.map(|(now, before)| {
                    let mut all = [before, now].concat();
                    all.sort_unstable();
                    all.dedup();
                    all
                });
                Extent { sources, ..now }
            }
        })
    }

    /// The same cells with other names of zones.
    pub(in crate::review) fn with_zones(&self, name: impl Fn(&str) -> Option<String>) -> Cells {
        let mut texts = self.texts.clone();
        for (column, text) in &mut texts {
            if (column == "src_zone" || column == "dst_zone")
                && let Some(renamed) = name(text.trim())
            {
                *text = renamed;
            }
        }
        Cells::new(texts)
    }

    /// What an earlier approval is about.
    pub(in crate::review) fn approved(&self) -> Option<&Extent> {
        self.approved.as_ref().map(|(_, extent)| extent)
    }

    /// What the server is asked for, as it stands there: `80/tcp`, `icmp echo-request`, `esp`.
    pub(in crate::review) fn offer_in_words(&self) -> String {
        match (self.get("ports"), self.get("proto"), self.get("icmp_type")) {
            ("", proto, "") => proto.to_owned(),
            ("", proto, icmp_type) => format!("{proto} {icmp_type}"),
            (ports, proto, _) => format!("{ports}/{proto}"),
        }
    }

    /// What the row is about, in words.
    pub(in crate::review) fn in_words(&self) -> String {
        match &self.of {
            CellsOf::Rule => format!("rule {}", self.get("rules")),
            CellsOf::Scan(_) => format!("the scan of {} from {}", self.get("sources"), self.get("src_zone")),
            CellsOf::Service(_) => {
                let service = match self.get("service") {
                    "" => String::new(),
                    name => format!(" (registered as {name})"),
                };
                let (destination, from) = (self.get("destination"), self.get("src_zone"));
                format!("{}{service} at {destination} from {from}", self.offer_in_words())
            }
        }
    }
}

fn get<'a>(texts: &'a [(String, String)], column: &str) -> &'a str {
    texts.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell)
}

/// The networks and addresses of a cell, those that can be read.
fn networks(cell: &str) -> impl Iterator<Item = IpNet> {
    let network =
        |text: &str| text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    cell.split_whitespace().filter_map(network)
}

/// One port, or one range.
fn ports(cell: &str) -> Option<Ports> {
    let (first, last) = cell.split_once('-').unwrap_or((cell, cell));
    let ports = Ports { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? };
    (ports.first <= ports.last).then_some(ports)
}
