//! What was observed: the rows of a review, before approvals and rules.

mod clients;
mod controls;
mod coverage;
mod flows;
mod hashes;
mod legs;
mod listened;
mod named;
mod observed_row;
mod phases;
mod port_uses;
mod roles;
mod rows;
mod scans;
mod settings;

pub use clients::ClientsByUse;
pub use hashes::Hashing;
pub use legs::{Expected, Leg, Legs, SeenTranslation};
pub use observed_row::{Observed, sample};
pub use port_uses::FlowGroup;
pub use settings::Settings;

use self::rows::Rows;
use super::model::{Coverage, Scan, Zone, ZoneConflict, ZoneInterface};
use crate::traffic::Labelled;

/// What was observed.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// What was listened to, and for how long.
    pub coverage: Coverage,
    /// The zones, of each family the longest prefix first.
    pub zones: Vec<Zone>,
    /// The interfaces that a file of zones assigns.
    pub zone_interfaces: Vec<ZoneInterface>,
    /// The addresses whose zone the interfaces do not tell.
    pub zone_conflicts: Vec<ZoneConflict>,
    /// The rows, sorted by zones, server, transport and ports.
    pub rows: Vec<Observed>,
    /// The clients that look like scanners, sorted by address.
    pub scans: Vec<Scan>,
}

impl Inventory {
    /// Makes the inventory of labelled flows.
    pub fn of(labelled: &Labelled, settings: &Settings) -> Inventory {
        let zones = &settings.zones.seen_in(labelled.traffic().table());
        let settings = &Settings { zones, ..*settings };
        let mut uses = flows::count(labelled, settings);
        let scanners = scans::find_scanners(&mut uses, labelled.traffic().table());
        let rows = Rows::new(labelled, settings.zones, &uses, settings.decided);
        Inventory {
            coverage: coverage::of(labelled.traffic(), uses.no_row, settings),
            zones: zones.networks().to_vec(),
            zone_interfaces: zones.interfaces().cloned().collect(),
            zone_conflicts: zones.conflicts().to_vec(),
            rows: rows.observed(),
            scans: scanners.iter().map(|scanner| rows.scan(scanner)).collect(),
        }
    }
}
