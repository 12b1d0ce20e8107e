//! What a reviewer should look at.

use std::fmt;

use serde::Serialize;

use super::{FlowSample, RowId, words};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To know.
    Info,
    /// To tidy.
    Low,
    /// To look at.
    Medium,
    /// To decide on now.
    High,
}

impl Severity {
    /// Every severity, from the least.
    pub const ALL: [Severity; 4] = [Severity::Info, Severity::Low, Severity::Medium, Severity::High];

    /// The word that outputs and the command line use.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }

    /// One step lower; info stays.
    #[must_use]
    pub const fn lower(self) -> Severity {
        match self {
            Severity::High => Severity::Medium,
            Severity::Medium => Severity::Low,
            Severity::Low | Severity::Info => Severity::Info,
        }
    }
}

macro_rules! finding_kinds {
    ($(#[doc = $doc:literal] $kind:ident = $number:literal, $name:literal, [$($standard:ident),*];)+) => {
        /// A kind of finding. Its number is what outputs identify it by: `FR101` and so on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum FindingKind {
            $(#[doc = $doc] $kind = $number,)+
        }

        impl FindingKind {
            /// Every kind, by number.
            pub const ALL: &'static [FindingKind] = &[$(FindingKind::$kind),+];

            /// The word that outputs use: `unapproved-in-use`.
            pub const fn name(self) -> &'static str {
                match self { $(FindingKind::$kind => $name,)+ }
            }

            /// What it means, in a sentence for people who have never seen the program.
            pub const fn meaning(self) -> &'static str {
                match self { $(FindingKind::$kind => $doc.trim_ascii_start(),)+ }
            }

            /// The clauses of standards whose text asks for what the finding shows.
            pub const fn standards(self) -> &'static [&'static str] {
                match self { $(FindingKind::$kind => &[$($standard),*],)+ }
            }
        }
    };
}

const PCI_LIST: &str = "PCI DSS v4.0.1 1.2.5";
const PCI_FEATURES: &str = "PCI DSS v4.0.1 1.2.6";
const PCI_REVIEW: &str = "PCI DSS v4.0.1 1.2.7";
const PCI_INBOUND: &str = "PCI DSS v4.0.1 1.3.1";
const PCI_OUTBOUND: &str = "PCI DSS v4.0.1 1.3.2";
const NIST: &str = "NIST SP 800-53r5 CM-7(1)";
const CIS: &str = "CIS Controls v8 4.8";
const NERC: &str = "NERC CIP-005 R1.3";

finding_kinds! {
    /// A service is in use that nobody has approved.
    UnapprovedInUse = 101, "unapproved-in-use", [PCI_LIST, CIS, NERC];
    /// An approval has run out.
    ApprovalExpired = 102, "approval-expired", [PCI_LIST, PCI_REVIEW];
    /// An approval lacks an owner, a need or an approver, or its decision is unclear.
    ApprovalIncomplete = 103, "approval-incomplete", [PCI_LIST, NERC];
    /// People have written different things about the same row.
    ApprovalsDisagree = 104, "approvals-disagree", [PCI_LIST, NERC];
    /// A service is in use that standards or advisories call insecure.
    InsecureInUse = 110, "insecure-in-use", [PCI_FEATURES, NIST];
    /// A service answered clients of an external zone.
    ExposedToExternal = 111, "exposed-to-external", [PCI_INBOUND];
    /// A service that attackers use to flood others answered clients of an external zone.
    AmplifierExposed = 112, "amplifier-exposed", [NIST];
    /// Hosts are administered from another zone.
    AdminServiceCrossesZones = 113, "admin-service-crosses-zones", [PCI_LIST];
    /// A port is in use for which the registry names no service.
    UnassignedOrReservedPort = 114, "unassigned-or-reserved-port", [PCI_LIST];
    /// A port is in use of which the registry notes that others use it without a registration.
    UnauthorizedUseNoted = 115, "unauthorized-use-noted", [PCI_LIST];
    /// Ports were in use that seem to be handed out for a while, and are no services of their own.
    DynamicData = 116, "dynamic-data", [];
    /// Packets were sent to many hosts at once, by multicast or broadcast.
    GroupTraffic = 117, "group-traffic", [];
    /// A client tried many services and used few of them or none, as a scan does.
    ScanLike = 118, "scan-like", [];
    /// What is spoken on a port is not the service that is registered for it.
    PayloadContradicts = 119, "payload-contradicts", [PCI_LIST, NIST];
    /// No traffic of the captures met the rule, which does not show that nobody needs it.
    RuleNotSeen = 201, "rule-not-seen", [PCI_REVIEW, NIST];
    /// Traffic met the rule, but no service behind it was in use.
    RuleHitNotUsed = 202, "rule-hit-not-used", [PCI_REVIEW, CIS];
    /// The rule allows much more than was used.
    RuleWiderThanUse = 203, "rule-wider-than-use", [PCI_REVIEW, PCI_INBOUND];
    /// The rule allows any source, any destination and any port.
    AnyAny = 204, "any-any", [PCI_INBOUND, PCI_OUTBOUND, NERC];
    /// What no rule names is allowed.
    DefaultAllow = 205, "default-allow", [PCI_INBOUND, PCI_OUTBOUND, NERC];
    /// The rule has no effect, since earlier rules that do otherwise take all of its traffic.
    ShadowedConflict = 206, "shadowed-conflict", [PCI_REVIEW];
    /// The rule has no effect, since earlier rules that do the same take all of its traffic.
    Redundant = 207, "redundant", [PCI_REVIEW];
    /// Neither a comment nor an approval says what the rule is for.
    RuleUndocumented = 208, "rule-undocumented", [PCI_LIST, NERC];
    /// Which traffic the rule takes cannot be told from its text and the captures.
    RuleUndecidable = 209, "rule-undecidable", [];
    /// The rule allows services that standards or advisories call insecure.
    RuleAllowsInsecure = 210, "rule-allows-insecure", [PCI_FEATURES, NIST];
    /// The firewall counted something else than the captures show.
    CounterDiffers = 211, "counter-differs", [PCI_REVIEW];
    /// The rule asks for a set whose elements come and go, and was judged by those that were listed.
    JudgedAsListed = 212, "judged-as-listed", [];
    /// A service is in use although the rules deny it.
    InUseButDenied = 301, "in-use-but-denied", [PCI_REVIEW];
    /// Clients ask for a service that the rules deny.
    DeniedDemand = 302, "denied-demand", [];
    /// Whether the rules let the traffic of a service through cannot be told.
    AmbiguousMatch = 303, "ambiguous-match", [];
    /// The captures cover little of the time that a review should rest on.
    CoverageShort = 401, "coverage-short", [];
    /// Of many connections only one direction was captured.
    OneSided = 402, "one-sided", [];
    /// Addresses may have been translated between the place of the capture and the rules.
    NatPossible = 403, "nat-possible", [];
    /// Packets are missing in the captures, or were cut short.
    DropsOrTruncation = 404, "drops-or-truncation", [];
    /// The clock of a capture jumped.
    ClockJump = 405, "clock-jump", [];
    /// No address of the captures lies in a zone of the file.
    ZonesNotMet = 406, "zones-not-met", [];
    /// Packets were captured several times, and count as often.
    PacketsCountedTwice = 407, "packets-counted-twice", [];
    /// The row is new since the last worksheet.
    RowNew = 501, "row-new", [PCI_REVIEW];
    /// The row of the last worksheet was not seen this time.
    RowGone = 502, "row-gone", [PCI_REVIEW];
    /// A service has clients that the last worksheet does not name.
    ClientsGrew = 503, "clients-grew", [PCI_REVIEW];
    /// A zone of the last worksheet is gone, and its services are seen from another zone.
    ZoneRenamed = 504, "zone-renamed", [PCI_REVIEW];
}

impl fmt::Display for FindingKind {
    /// `FR101`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FR{}", *self as u16)
    }
}

impl Serialize for FindingKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a finding is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// The review as a whole, or several rows.
    #[default]
    Whole,
    /// A row: a service, a scan, or one that is kept from the last worksheet.
    Row(RowId),
    /// A rule, by its reference.
    Rule(String),
}

words::as_text!(About);

impl fmt::Display for About {
    /// The identifier of the row, the reference of the rule, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            About::Whole => Ok(()),
            About::Row(row_id) => row_id.fmt(f),
            About::Rule(reference) => f.write_str(reference),
        }
    }
}

/// Something a reviewer should look at.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Which kind.
    #[serde(rename = "id")]
    pub kind: FindingKind,
    /// Its name: `unapproved-in-use`.
    pub name: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// The row or the rule it is about; empty where it is about the whole.
    #[serde(rename = "subject")]
    pub about: About,
    /// Up to five flows.
    #[serde(rename = "evidence")]
    pub samples: Vec<FlowSample>,
    /// How many flows there are in all.
    pub flows: u64,
    /// Why it is one.
    pub why: String,
    /// What it does not show.
    pub limits: String,
    /// What could be done.
    pub suggestion: String,
    /// Clauses of standards that ask for it.
    pub standards: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_listed_by_number_and_each_has_its_own_name() {
        assert!(FindingKind::ALL.is_sorted());
        let mut names: Vec<&str> = FindingKind::ALL.iter().map(|kind| kind.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FindingKind::ALL.len());
        assert_eq!(FindingKind::ScanLike.to_string(), "FR118");
    }
}
