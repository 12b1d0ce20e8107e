//! Which row of the review a row of a worksheet is.

use super::super::model::{Cells, CellsOf, CellsOfService, Offer, RowId};
use super::short;
use crate::net::Ports;

/// The ports that clients and servers take as they come.
const DYNAMIC: Ports = Ports { first: 32_768, last: u16::MAX };

/// The identifier of a row. Some spreadsheets take `123456789012` or `12345e678901` for numbers
/// and write them another way: then it is made again from what the row is about.
pub(super) fn identifier(cells: &Cells) -> Result<RowId, String> {
    let cell = |column: &str| cells.get(column).trim();
    let written = cell("row_id");
    if let Ok(row_id) = written.parse() {
        return Ok(match cells.of() {
            // Earlier versions had one identifier for all dynamic ports of a server.
            CellsOf::Service(Some(service))
                if row_id == of_service(service, service.offer.with_ports(DYNAMIC)) =>
            {
                of_service(service, service.offer)
            }
            _ => row_id,
        });
    }
    match cells.of() {
        CellsOf::Service(Some(service)) => Ok(of_service(service, service.offer)),
        _ if written.is_empty() => {
            Err("is empty; a row that was added needs src_zone, destination, proto and ports".into())
        }
        CellsOf::Scan(Some(client)) => Ok(RowId::of_scan(*client)),
        _ => of_rule(written, cell("rules")).ok_or_else(|| {
            format!(
                "`{}` is no row identifier (r with 12 digits from 0-9 and a-f), and neither src_zone, destination, proto \
                 and ports nor rules tell the row; copy it from the worksheet that the review wrote, and import \
                 the column as text: spreadsheets take some identifiers for numbers",
                short(written)
            )
        }),
    }
}

/// The identifier of a rule's row that a spreadsheet took for a number: that of the rule, where it
/// is about as large as the number.
fn of_rule(written: &str, rules: &str) -> Option<RowId> {
    /// Rules of the same text.
    const MOST_ALIKE: usize = 100;
    /// `f64::MAX` with the digits that spreadsheets show.
    const LARGEST: f64 = 1.797_693_134_862_31e308;
    let number: f64 = written.replace(',', ".").parse().ok()?;
    // Behind the name of the rule, which may hold colons itself.
    let texts = rules.match_indices(": ").filter_map(|(at, colon)| rules.get(at + colon.len()..));
    texts
        .take(MOST_ALIKE)
        .flat_map(|text| (0..MOST_ALIKE).map(move |n| RowId::of_rule_in_any_chain(text, n)))
        .find(|row_id| {
            row_id.to_string()[1..].parse::<f64>().is_ok_and(|own| {
                if own.is_finite() {
                    // As many digits as a narrow column shows.
                    (own - number).abs() <= own * 0.05
                } else {
                    // LibreOffice takes what is too large for the largest number there is.
                    number >= LARGEST
                }
            })
        })
}

/// The identifier of a service's row, for this.
fn of_service(service: &CellsOfService, offer: Offer) -> RowId {
    let CellsOfService { client_zone, server_zone, family, server, .. } = service;
    match server {
        Some(server) => RowId::of_service(*family, client_zone, *server, offer),
        None => RowId::of_zone(*family, client_zone, server_zone, offer),
    }
}

/// The identifier of the row with other names of zones, if it is the one that its cells tell.
pub(super) fn in_other_zones(row_id: RowId, cells: &Cells, renamed: &Cells) -> Option<RowId> {
    match (cells.of(), renamed.of()) {
        (CellsOf::Service(Some(service)), CellsOf::Service(Some(now))) => {
            (row_id == of_service(service, service.offer)).then(|| of_service(now, now.offer))
        }
        (CellsOf::Scan(_), CellsOf::Scan(_)) => Some(row_id),
        _ => None,
    }
}
