//! Services that standards and advisories call insecure.
//!
//! No standard gives one complete list. The bundled one is made of what [`crate::services`] knows; the
//! user's own list comes after it, as CSV:
//!
//! | column | holds |
//! |---|---|
//! | `service` | name of the row; other than the registry's where another is better known |
//! | `proto` | transports, separated by spaces: `tcp`, `udp`, `sctp`, `dccp`, `udplite` |
//! | `ports` | ports and ranges, separated by spaces: `6881-6887 6889` |
//! | `tag` | one of [`Tag`] |
//! | `reason`, `alternative` | why, and what to use instead |
//! | `source`, `source_date` | who says so, and when: `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `undated` |
//! | `registered_as` | the registry's name or status for the port, where it is another than `service` |
//! | `waived` | why the row does not count here |

mod read;
pub(super) mod tags;

use crate::Transport;

use super::model::TagUse;
use crate::net::Ports;
use crate::services::{self, Insecure, Tag};

pub use read::InsecureListError;

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsecureService {
    /// Name of the row.
    pub service: String,
    /// Transports, in the order of the row.
    pub transports: Vec<Transport>,
    /// Ports, in the order of the row.
    pub ports: Vec<Ports>,
    /// The tag.
    pub tag: Tag,
    /// Why.
    pub reason: String,
    /// What to use instead.
    pub alternative: String,
    /// Who says so.
    pub source: String,
    /// When, or `undated`.
    pub source_date: String,
    /// The registry's name or status for the port, where it is another than `service`.
    pub registered_as: String,
}

impl InsecureService {
    /// Whether the row speaks of a port. UDP-Lite goes by UDP's rows (RFC 3828 section 1).
    pub fn covers(&self, transport: Transport, port: u16) -> bool {
        let on = |row: &Transport| *row == transport || *row == transport.registered_as();
        self.transports.iter().any(on) && self.ports.iter().any(|p| (p.first..=p.last).contains(&port))
    }
}

impl From<&Insecure> for InsecureService {
    fn from(row: &Insecure) -> InsecureService {
        let fact = &row.fact;
        let registered_as = if fact.registered_as == fact.service { "" } else { fact.registered_as };
        InsecureService {
            service: fact.service.to_owned(),
            transports: fact.transports.to_vec(),
            ports: fact.ports.to_vec(),
            tag: row.tag,
            reason: fact.why.to_owned(),
            alternative: fact.alternative.to_owned(),
            source: fact.source.to_owned(),
            source_date: fact.source_date.to_owned(),
            registered_as: registered_as.to_owned(),
        }
    }
}

/// What the user says does not count: every cell that is given narrows it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiver {
    service: String,
    transports: Vec<Transport>,
    ports: Vec<Ports>,
    tag: Option<Tag>,
    reason: String,
}

impl Waiver {
    fn holds_for(&self, row: &InsecureService, transport: Transport, port: u16) -> bool {
        self.service.eq_ignore_ascii_case(&row.service)
            && self.tag.is_none_or(|tag| tag == row.tag)
            && (self.transports.is_empty() || self.transports.contains(&transport))
            && (self.ports.is_empty() || self.ports.iter().any(|p| (p.first..=p.last).contains(&port)))
    }
}

/// The list of insecure services: the bundled rows, then the user's own, and what the user waives.
#[derive(Clone, Debug, Default)]
pub struct InsecureList {
    rows: Vec<InsecureService>,
    waivers: Vec<Waiver>,
}

impl InsecureList {
    /// The list that came with the program.
    pub fn bundled() -> InsecureList {
        let rows = services::INSECURE.iter().map(InsecureService::from).collect();
        InsecureList { rows, waivers: Vec::new() }
    }

    /// Adds the rows of a list of one's own, and its waivers: rows with a `waived` cell, which take
    /// back every row of the same `service`, or only those for the `proto`, `ports` and `tag` that
    /// they give. `service`, `proto`, `ports`, `tag`, `reason` and `source` are needed in a row
    /// that adds, `service` and `waived` in one that waives.
    ///
    /// # Errors
    ///
    /// When the table is damaged or lacks a column, a cell cannot be read, or a waiver names a
    /// service that the list does not have. The list is then as it was.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), InsecureListError> {
        let read::Table { rows, waivers } = read::read(name, bytes)?;
        for (line, waiver) in &waivers {
            let known = |row: &InsecureService| row.service.eq_ignore_ascii_case(&waiver.service);
            if !self.rows.iter().chain(&rows).any(known) {
                return Err(InsecureListError {
                    file: name.to_owned(),
                    line: *line,
                    column: Some("service".to_owned()),
                    what: format!(
                        "`{}` is waived, but no row has this service; {}",
                        waiver.service,
                        self.names()
                    ),
                });
            }
        }
        self.rows.extend(rows);
        self.waivers.extend(waivers.into_iter().map(|(_, waiver)| waiver));
        Ok(())
    }

    /// The rows, in the order of the list, waived or not.
    pub fn rows(&self) -> &[InsecureService] {
        &self.rows
    }

    /// Why a service on this port is called insecure, sorted by tag, service and source; empty
    /// where no row speaks of the port.
    pub fn tags(&self, transport: Transport, port: u16) -> Vec<TagUse> {
        let mut tags: Vec<TagUse> = self
            .rows
            .iter()
            .filter(|row| row.covers(transport, port))
            .map(|row| TagUse {
                tag: row.tag,
                service: row.service.clone(),
                reason: row.reason.clone(),
                alternative: row.alternative.clone(),
                source: format!("{} ({})", row.source, row.source_date),
                waived: self
                    .waivers
                    .iter()
                    .find(|waiver| waiver.holds_for(row, transport, port))
                    .map_or_else(String::new, |waiver| waiver.reason.clone()),
            })
            .collect();
        tags.sort_by(|a, b| (a.tag, &a.service, &a.source).cmp(&(b.tag, &b.service, &b.source)));
        tags
    }

    fn names(&self) -> String {
        let names: std::collections::BTreeSet<&str> =
            self.rows.iter().map(|row| row.service.as_str()).collect();
        format!("there are {}", names.into_iter().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(list: &InsecureList, transport: Transport, port: u16) -> Vec<(&'static str, String, String)> {
        list.tags(transport, port).into_iter().map(|t| (t.tag.name(), t.service, t.waived)).collect()
    }

    #[test]
    fn the_transport_decides() {
        let list = InsecureList::bundled();
        assert_eq!(
            tags(&list, Transport::Tcp, 514),
            ["cleartext-login", "no-authentication"].map(|tag| (tag, "rsh".to_owned(), String::new()))
        );
        assert_eq!(
            tags(&list, Transport::Udp, 514),
            ["cleartext-data", "no-authentication"].map(|tag| (tag, "syslog".to_owned(), String::new()))
        );
        assert_eq!(tags(&list, Transport::UdpLite, 514), tags(&list, Transport::Udp, 514));
        assert_eq!(tags(&list, Transport::Sctp, 514), []);
        assert_eq!(tags(&list, Transport::Tcp, 22), []);
    }

    #[test]
    fn a_tag_comes_with_its_reason_and_its_dated_source() {
        let of_telnet = InsecureList::bundled().tags(Transport::Tcp, 23);
        assert_eq!(
            of_telnet,
            [
                TagUse {
                    tag: Tag::CleartextLogin,
                    service: "telnet".into(),
                    reason: "Everything that is typed goes over the network as text, passwords too".into(),
                    alternative: "SSH".into(),
                    source:
                        "PCI DSS v4.0.1, requirement 1.2.5, purpose: Telnet and FTP as insecure services \
                             (2024-06)"
                            .into(),
                    waived: String::new(),
                },
                TagUse {
                    tag: Tag::RemoteAdmin,
                    service: "telnet".into(),
                    reason: "It gives a command line on the host".into(),
                    alternative: "SSH from administrators' hosts only".into(),
                    source: "CISA, Misconfigurations and Weaknesses Known to be Used in Ransomware \
                             Campaigns: Telnet (2023-10)"
                        .into(),
                    waived: String::new(),
                },
            ]
        );
    }

    #[test]
    fn own_rows_come_after_the_bundled_and_a_range_covers_both_its_ends() {
        let mut list = InsecureList::bundled();
        let own = "service,proto,ports,tag,reason,source,source_date\n\
                   plc,tcp udp,4000-4002 4010,no-authentication,Takes any command,Our policy 7,2026-01\n\
                   telnet-2,tcp,23,obsolete-version,Old daemon,Our policy 8,\n";
        list.add("own.csv", own.as_bytes()).expect("a list");
        for (port, covered) in
            [(3999, false), (4000, true), (4002, true), (4003, false), (4010, true), (4011, false)]
        {
            assert_eq!(!list.tags(Transport::Udp, port).is_empty(), covered, "{port}");
        }
        let names: Vec<_> = tags(&list, Transport::Tcp, 23).into_iter().map(|t| t.0).collect();
        assert_eq!(names, ["cleartext-login", "obsolete-version", "remote-admin"]);
        assert_eq!(list.tags(Transport::Tcp, 4010)[0].source, "Our policy 7 (2026-01)");
        assert_eq!(list.tags(Transport::Tcp, 23)[1].source, "Our policy 8 (undated)");
    }

    #[test]
    fn a_waiver_takes_back_what_it_names_and_keeps_its_reason() {
        let waived = |text: &str| {
            let mut list = InsecureList::bundled();
            list.add("own.csv", text.as_bytes()).expect("a list");
            [(Transport::Tcp, 161), (Transport::Udp, 161)].map(|(transport, port)| {
                tags(&list, transport, port).into_iter().map(|t| (t.0, t.2)).collect::<Vec<_>>()
            })
        };
        let why = || "behind a VPN".to_owned();
        assert_eq!(
            waived("service,waived\nSNMP,behind a VPN\n"),
            [
                vec![("cleartext-login", why()), ("obsolete-version", why())],
                vec![("cleartext-login", why()), ("obsolete-version", why()), ("amplifier", why())]
            ]
        );
        assert_eq!(
            waived("service,proto,ports,tag,waived\nsnmp,udp,161,obsolete-version,behind a VPN\n"),
            [
                vec![("cleartext-login", String::new()), ("obsolete-version", String::new())],
                vec![
                    ("cleartext-login", String::new()),
                    ("obsolete-version", why()),
                    ("amplifier", String::new())
                ]
            ]
        );
        assert_eq!(
            waived("service,ports,waived\nsnmp,162,behind a VPN\n")[0],
            [("cleartext-login", String::new()), ("obsolete-version", String::new())]
        );
    }

    #[test]
    fn a_waiver_of_nothing_is_an_error_and_changes_nothing() {
        let mut list = InsecureList::default();
        list.add("own.csv", b"service,proto,ports,tag,reason,source\nplc,tcp,1,amplifier,x,y\n")
            .expect("rows");
        let error = list.add("more.csv", b"service,waived\ntelent,x\n").err().map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            Some(
                "more.csv:2: column service: `telent` is waived, but no row has this service; there are plc"
            )
        );
        assert_eq!(list.rows().len(), 1);
    }
}
