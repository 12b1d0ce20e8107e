//! What catches the eye, ranked.

use super::totals::Overview;
use crate::label::Flag;
use crate::traffic::Scanner;

/// Something that catches the eye, with the flows that a selection lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Catch {
    /// What it is.
    pub kind: CatchKind,
    /// How many flows the selection lists.
    pub flows: u64,
    /// How many of them are tries of scans.
    pub in_scans: u64,
}

/// What catches the eye.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CatchKind {
    /// A flag of flows. `across` are the flows between different networks, of those in the clear.
    Flag {
        /// The flag.
        flag: Flag,
        /// Flows whose ends lie in different networks; counted for what is in the clear.
        across: u64,
    },
    /// A client that scans.
    Scan(Scanner),
}

/// The flags that catch the eye, first what should be looked at first, with a phrase that is shorter than
/// [`Flag::meaning`]. Others explain what is seen.
const RANKED: [(Flag, &str); 13] = [
    (Flag::EvidenceContradicts, "payload contradicts what is registered"),
    (Flag::UnauthorizedUse, "unauthorized use noted by the registry"),
    (Flag::CleartextLogin, "service with logins in the clear"),
    (Flag::OverlappingFragments, "fragments that hold the same octets"),
    (Flag::TinyFragments, "first fragments too small for their header"),
    (Flag::WithdrawnPort, "port no longer registered"),
    (Flag::ReservedPort, "reserved port, no service on any transport"),
    (Flag::UnassignedPort, "port that nobody has registered"),
    (Flag::OtherTransport, "port of another transport"),
    (Flag::DynamicPort, "dynamic port, which is never assigned"),
    (Flag::Refused, "refused or unreachable"),
    (Flag::AmbiguousDirection, "the server is a guess"),
    (Flag::OneWay, "only one side seen"),
];

/// Before which of them scans stand.
const SCANS_BEFORE: Flag = Flag::CleartextLogin;

/// How many scans have a line of their own.
pub(super) const MOST_SCANS: usize = 3;

impl Catch {
    /// In a few words.
    pub fn phrase(&self) -> String {
        let rest = match self.in_scans {
            0 => String::new(),
            scans if scans == self.flows => " (all in scans)".to_owned(),
            scans => format!(" ({scans} in scans)"),
        };
        match &self.kind {
            CatchKind::Flag { flag, across } => {
                let phrase =
                    RANKED.iter().find(|(one, _)| one == flag).map_or(flag.meaning(), |(_, phrase)| phrase);
                let across = if *across > 0 { format!(", {across} across networks") } else { String::new() };
                format!("{phrase}{across}{rest}")
            }
            CatchKind::Scan(scan) => {
                let servers = crate::text::count(scan.servers, "server");
                let used = match scan.used {
                    0 => "none".to_owned(),
                    1 => "1 other".to_owned(),
                    used => format!("{used} others"),
                };
                format!("scan? {} ports of {servers} tried, {used} used", scan.tried)
            }
        }
    }

    /// The option and value that list the flows, as `flows` takes them.
    pub fn option(&self) -> (&'static str, String) {
        match &self.kind {
            CatchKind::Flag { flag, .. } => ("flag", flag.name().to_owned()),
            CatchKind::Scan(scan) => ("host", scan.client.to_string()),
        }
    }
}

impl Overview {
    /// What catches the eye: what should be looked at first comes first, and what scans alone did comes last.
    pub fn catches(&self) -> Vec<Catch> {
        let mut all = Vec::new();
        for (flag, _) in RANKED {
            if flag == SCANS_BEFORE {
                all.extend(self.scanners.iter().take(MOST_SCANS).map(|scan| Catch {
                    kind: CatchKind::Scan(scan.clone()),
                    flows: scan.flows,
                    in_scans: 0,
                }));
            }
            let (flows, in_scans) = (self.flags[flag as usize], self.in_scans[flag as usize]);
            if flows > 0 {
                let across = if flag == Flag::CleartextLogin { self.cleartext_across } else { 0 };
                all.push(Catch { kind: CatchKind::Flag { flag, across }, flows, in_scans });
            }
        }
        // One that scans alone have is told by the line of the scan.
        all.sort_by_key(|one| one.in_scans > 0 && one.in_scans == one.flows);
        all
    }
}
