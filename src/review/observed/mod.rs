//! What was observed: the rows of a review, before approvals and rules.

mod controls;
mod coverage;
mod flows;
mod hashes;
mod listened;
mod named;
mod port_uses;
mod roles;
mod rows;
mod scans;

pub use hashes::Hashing;
pub use port_uses::FlowGroup;

use self::rows::Rows;
use super::model::{
    Coverage, FlowEnds, FlowSample, Grade, RowId, RowKind, Scan, Service, Usage, Vantage, Zone,
};
use super::zones::Zones;
use crate::evidence::Spoken;
use crate::flow::Side;
use crate::traffic::{Labelled, Place};

/// What an inventory is made by.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The zones.
    pub zones: &'a Zones,
    /// Length of the window in which use should show, in seconds.
    pub window_seconds: f64,
    /// Where the sensor stood, if said.
    pub vantage: Option<Vantage>,
    /// Whether [`FlowGroup`]s tell the ports of clients apart, for rules that look at them.
    pub client_ports: bool,
}

/// What was observed.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// What was listened to, and for how long.
    pub coverage: Coverage,
    /// The zones, of each family the longest prefix first.
    pub zones: Vec<Zone>,
    /// The rows, sorted by zones, server, transport and ports.
    pub rows: Vec<Observed>,
    /// The clients that look like scanners, sorted by address.
    pub scans: Vec<Scan>,
}

/// What was observed of one row, with its flows.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Identifies the row.
    pub row_id: RowId,
    /// What kind of service it is for.
    pub kind: RowKind,
    /// The service.
    pub service: Service,
    /// Its use.
    pub usage: Usage,
    /// Its flows, those that a firewall judges alike as one; sorted by client, its port, server
    /// port and grade.
    pub groups: Vec<FlowGroup>,
    /// What the first payload shows, with the number of flows, sorted; empty where nothing was
    /// recognised, or payload was not looked at.
    pub spoken: Vec<(Spoken, u64)>,
    /// Whether only clients among [`Inventory::scans`] tried it.
    pub only_scanned: bool,
}

impl Inventory {
    /// Makes the inventory of labelled flows.
    pub fn of(labelled: &Labelled, settings: &Settings) -> Inventory {
        let mut uses = flows::count(labelled, settings);
        let scanners = scans::find_scanners(&mut uses.groups);
        let rows = Rows::new(labelled, settings.zones, &uses);
        Inventory {
            coverage: coverage::of(labelled.traffic(), settings.window_seconds, settings.vantage),
            zones: settings.zones.networks().to_vec(),
            rows: rows.observed(),
            scans: scanners.iter().map(|scanner| rows.scan(scanner)).collect(),
        }
    }
}

/// A flow as an example, by its number from 0; `server` is the side that the review takes for the
/// server.
pub fn sample(labelled: &Labelled, (number, server): (usize, Side), grade: Grade) -> Option<FlowSample> {
    let flow = labelled.traffic().table().flow(number)?;
    let Place { capture, frame } = labelled.traffic().place(flow.first_packet());
    let flow =
        FlowEnds { client: flow.end(server.other()), server: flow.end(server), transport: flow.transport() };
    Some(FlowSample { capture: capture.to_owned(), frame, flow, grade })
}
