//! Clients that try many services and use none.

use std::net::IpAddr;

use super::super::model::{Grade, InUse};
use super::port_uses::FlowGroup;

/// A client that tried many services and used none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scanner {
    pub(super) client: IpAddr,
    /// Different servers and ports that it tried.
    pub(super) targets: u64,
    pub(super) flows: u64,
    /// Places of its groups.
    pub(super) groups: Vec<usize>,
}

/// Tries at this many different servers and ports look like a scan.
const SCAN: usize = 10;

/// The clients that tried ten services or more and used none, sorted by address. Marks their
/// groups; each group comes with its use of a port.
pub(super) fn find_scanners(groups: &mut [(u32, FlowGroup)]) -> Vec<Scanner> {
    let found = scanners(groups);
    for &n in found.iter().flat_map(|scanner| &scanner.groups) {
        groups[n].1.is_scan = true;
    }
    found
}

fn scanners(groups: &[(u32, FlowGroup)]) -> Vec<Scanner> {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&n| (groups[n].1.client, groups[n].0, n));
    order
        .chunk_by(|&a, &b| groups[a].1.client == groups[b].1.client)
        .filter_map(|own| {
            let is_try = |grade: Grade| {
                matches!(grade, Grade::NoReply | Grade::Refused | Grade::Unreachable | Grade::HalfOpen)
            };
            let tries: Vec<usize> = own.iter().copied().filter(|&n| is_try(groups[n].1.grade)).collect();
            let uses = own.iter().any(|&n| {
                let grade = groups[n].1.grade;
                grade.in_use() != InUse::No && !is_try(grade)
            });
            let targets = tries.chunk_by(|&a, &b| groups[a].0 == groups[b].0).count();
            (targets >= SCAN && !uses).then(|| Scanner {
                client: groups[own[0]].1.client,
                targets: targets as u64,
                flows: tries.iter().map(|&n| groups[n].1.flows).sum(),
                groups: tries,
            })
        })
        .collect()
}
