//! Rows of the list of insecure services.

use crate::net::{Ports, Transport};
use crate::services::{Insecure, Tag};

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
pub(super) struct Waiver {
    pub(super) service: String,
    pub(super) transports: Vec<Transport>,
    pub(super) ports: Vec<Ports>,
    pub(super) tag: Option<Tag>,
    pub(super) reason: String,
}

impl Waiver {
    pub(super) fn holds_for(&self, row: &InsecureService, transport: Transport, port: u16) -> bool {
        self.service.eq_ignore_ascii_case(&row.service)
            && self.tag.is_none_or(|tag| tag == row.tag)
            && (self.transports.is_empty() || self.transports.contains(&transport))
            && (self.ports.is_empty() || self.ports.iter().any(|p| (p.first..=p.last).contains(&port)))
    }
}
