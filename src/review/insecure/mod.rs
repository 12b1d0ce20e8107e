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
mod row;
pub(super) mod tags;

use crate::Transport;

use super::model::TagUse;
use crate::services::{self};

pub use read::InsecureListError;
pub use row::InsecureService;
use row::Waiver;

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
#[path = "../../../tests/review/within/insecure.rs"]
mod tests;
