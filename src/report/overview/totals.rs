//! Totals over the whole traffic.

use std::io;
use std::net::IpAddr;

use crate::label::Flag;
use crate::net::PortRange;
use crate::registry::Status;
use crate::traffic::{LabelledFlow, Scanner, Scans};

/// Flows and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amount {
    /// How many flows.
    pub flows: u64,
    /// IP bytes of both directions.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.flows += 1;
        self.bytes += bytes;
    }
}

/// Totals of flows over the whole traffic. Its size does not grow with the traffic, but for the scans, which
/// have a bound.
#[derive(Debug, Default)]
pub struct Overview {
    all: Amount,
    packets: u64,
    /// By status, in the order of the registry; the last is that of protocols without ports.
    statuses: [Amount; Status::ALL.len() + 1],
    /// By range; the last is that of protocols without ports.
    ranges: [Amount; PortRange::ALL.len() + 1],
    pub(super) flags: [u64; Flag::ALL.len()],
    /// Of the flows with a flag, those that scans made.
    pub(super) in_scans: [u64; Flag::ALL.len()],
    /// Flows with a cleartext flag whose ends lie in different networks.
    pub(super) cleartext_across: u64,
    scans: Scans,
    pub(super) scanners: Vec<Scanner>,
}

impl Overview {
    /// Takes in a flow.
    pub fn add(&mut self, row: &LabelledFlow) {
        let bytes = row.bytes_to_server() + row.bytes_to_client();
        self.all.add(bytes);
        self.packets += row.packets_to_server() + row.packets_to_client();
        let label = &row.label;
        let status = label.status().map_or(Status::ALL.len(), place_of_status);
        self.statuses[status].add(bytes);
        let range = label.port_range().map_or(PortRange::ALL.len(), |range| range as usize);
        self.ranges[range].add(bytes);
        for flag in label.flags.iter() {
            self.flags[flag as usize] += 1;
        }
        if label.flags.has(Flag::CleartextLogin) && is_across(row) {
            self.cleartext_across += 1;
        }
        self.scans.add(row);
    }

    /// Looks at all flows a second time, where clients scan: how much of each flag is theirs.
    ///
    /// # Errors
    ///
    /// The first error of `rows`.
    pub fn look_at_scans<'a>(
        &mut self,
        rows: impl Iterator<Item = io::Result<LabelledFlow<'a>>>,
    ) -> io::Result<()> {
        self.scanners = self.scans.scanners();
        if self.scanners.is_empty() {
            return Ok(());
        }
        for row in rows {
            let row = row?;
            if self.scans.is_try_of(&row, &self.scanners) {
                for flag in row.label.flags.iter() {
                    self.in_scans[flag as usize] += 1;
                }
            }
        }
        Ok(())
    }

    /// All flows.
    pub fn all(&self) -> Amount {
        self.all
    }

    /// Packets of all flows.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Whether scans may be missing, since there were too many tries to note them all.
    pub fn has_left_out_scans(&self) -> bool {
        self.scans.is_full()
    }

    /// The clients that scan.
    pub fn scanners(&self) -> &[Scanner] {
        &self.scanners
    }

    /// The statuses that there are, with their amounts; `None` for protocols without ports.
    pub fn statuses(&self) -> impl Iterator<Item = (Option<Status>, Amount)> + '_ {
        let statuses = Status::ALL.into_iter().map(Some).chain([None]);
        statuses.zip(self.statuses).filter(|(_, amount)| amount.flows > 0)
    }

    /// The ranges that there are, with their amounts; `None` for protocols without ports.
    pub fn ranges(&self) -> impl Iterator<Item = (Option<PortRange>, Amount)> + '_ {
        let ranges = PortRange::ALL.into_iter().map(Some).chain([None]);
        ranges.zip(self.ranges).filter(|(_, amount)| amount.flows > 0)
    }
}

fn place_of_status(status: Status) -> usize {
    Status::ALL.into_iter().position(|one| one == status).unwrap_or(Status::ALL.len())
}

/// Whether the ends of a flow lie in different networks, as far as their addresses tell: they differ in their
/// first 24 bits, of IPv6 in the first 64.
fn is_across(row: &LabelledFlow) -> bool {
    match (row.client().address, row.server().address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.to_bits() >> 8 != b.to_bits() >> 8,
        (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() >> 64 != b.to_bits() >> 64,
        _ => true,
    }
}
