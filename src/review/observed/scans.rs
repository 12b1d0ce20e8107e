//! Clients that try many services and use few or none.

use std::net::IpAddr;

use super::super::model::{Grade, InUse};
use super::port_uses::{FlowGroup, PortUses};
use crate::flow::FlowTable;

/// A client that tried many services, and used few of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scanner {
    pub(super) client: IpAddr,
    /// Different servers and ports that it tried, and did not use.
    pub(super) targets: u64,
    pub(super) flows: u64,
    /// Places of its groups.
    pub(super) groups: Vec<usize>,
    /// Services that it used.
    pub(super) used: u64,
    /// Services that it perhaps used.
    pub(super) perhaps_used: u64,
}

/// Tries at this many different servers and ports look like a scan.
const SCAN: usize = 10;

/// A client that uses services tries at least this many others for each of them, where it scans: a
/// scanner also reads what it finds open.
const PER_USE: usize = 20;

/// The clients that tried ten services or more and used few of them or none, sorted by address. Marks
/// their groups, and grades what only answered a scan.
pub(super) fn find_scanners(uses: &mut PortUses, table: &FlowTable) -> Vec<Scanner> {
    let found = scanners(&uses.groups);
    for &n in found.iter().flat_map(|scanner| &scanner.groups) {
        uses.mark_scan(n, |sample| {
            table.flow(sample.flow).map(|flow| flow.end(sample.server.other()).address)
        });
    }
    found
}

/// Each group comes with its use of a port.
fn scanners(groups: &[(u32, FlowGroup)]) -> Vec<Scanner> {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&n| (groups[n].1.client, groups[n].0, n));
    order
        .chunk_by(|&a, &b| groups[a].1.client == groups[b].1.client)
        .filter_map(|own| {
            let mut scanner = Scanner {
                client: groups[own[0]].1.client,
                targets: 0,
                flows: 0,
                groups: Vec::new(),
                used: 0,
                perhaps_used: 0,
            };
            for of_one in own.chunk_by(|&a, &b| groups[a].0 == groups[b].0) {
                match use_of(of_one.iter().map(|&n| groups[n].1.grade)) {
                    Some(InUse::Yes) => scanner.used += 1,
                    Some(InUse::Maybe) => scanner.perhaps_used += 1,
                    Some(InUse::No) => {
                        scanner.targets += 1;
                        scanner.flows += of_one.iter().map(|&n| groups[n].1.flows).sum::<u64>();
                        scanner.groups.extend(of_one);
                    }
                    None => {}
                }
            }
            let used = (scanner.used + scanner.perhaps_used) as usize;
            let least = SCAN.max(used.saturating_mul(PER_USE));
            (scanner.targets as usize >= least).then_some(scanner)
        })
        .collect()
}

/// Whether a client uses a service, by the grades of its flows to it. An opening that was answered and
/// not gone on with is a try. None of what is sent to groups.
fn use_of(grades: impl Iterator<Item = Grade>) -> Option<InUse> {
    let of = |grade: Grade| match grade {
        Grade::HalfOpen => InUse::No,
        grade => grade.in_use(),
    };
    grades.filter(|&grade| grade != Grade::Group).map(of).max()
}
