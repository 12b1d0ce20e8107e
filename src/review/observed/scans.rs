//! Clients that try many services and use few or none.

use std::net::IpAddr;

use super::super::model::InUse;
use super::port_uses::{FlowGroup, PortUses};
use crate::flow::FlowTable;
use crate::traffic;

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
                match traffic::use_of(of_one.iter().map(|&n| groups[n].1.grade)) {
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
            traffic::is_scan(scanner.targets, scanner.used + scanner.perhaps_used).then_some(scanner)
        })
        .collect()
}
