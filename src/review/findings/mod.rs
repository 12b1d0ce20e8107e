//! What a reviewer should look at.
//!
//! | numbers | about |
//! |---|---|
//! | FR101–FR118 | services that were seen: approvals, weak services, exposure, the registry |
//! | FR201–FR210 | rules |
//! | FR301–FR303 | services and rules that do not fit together |
//! | FR401–FR406 | what the captures cannot show |
//! | FR501–FR503 | what changed since the last worksheet |

mod approvals;
mod changes;
mod fit;
mod limits;
mod rules;
mod services;
mod width;

use jiff::civil::Date;

use super::approved::Worksheet;
use super::configured::{Configured, Fit};
use super::insecure::InsecureList;
use super::model::{
    Approval, Finding, FindingId, FlowSample, Grade, InUse, Review, Row, RowKind, Severity, Tag, TagUse,
    Trust, Vantage,
};

/// Flows that a finding shows at most.
const SAMPLES: usize = 5;

/// What findings are made from.
pub(super) struct Facts<'a> {
    /// The review so far: coverage, zones, rows, rules and kept rows, joined.
    pub(super) review: &'a Review,
    /// The rules that judged; none without a ruleset.
    pub(super) configured: Option<&'a Configured>,
    /// What the rules do with the flows of each row.
    pub(super) fits: &'a [Fit],
    /// Flows whose destination may be translated.
    pub(super) translated: u64,
    /// The last worksheet; none without.
    pub(super) worksheet: Option<&'a Worksheet>,
    /// The rows of the list of insecure services.
    pub(super) insecure: &'a InsecureList,
    /// The day on which approvals must hold; none where no packet has a time.
    pub(super) day: Option<Date>,
}

impl Facts<'_> {
    /// How far the zone of this name is trusted.
    fn trust(&self, zone: &str) -> Trust {
        self.review.zones.iter().find(|one| one.name == zone).map_or(Trust::External, |zone| zone.trust)
    }

    /// Where a row is approved, as `worksheet.csv:7`; none where it is not, or not any more.
    fn approved(&self, row: &Row) -> Option<String> {
        let approval = row.approval.as_ref().filter(|approval| approval.is_approved())?;
        if self.has_expired(approval) {
            return None;
        }
        let worksheet = self.worksheet?;
        Some(format!("{}:{}", worksheet.name, worksheet.row(&approval.row_id)?.line))
    }

    /// Whether an approval ended before the day on which it has to hold.
    fn has_expired(&self, approval: &Approval) -> bool {
        matches!((approval.expires_on(), self.day), (Some(expires), Some(day)) if expires < day)
    }

    /// The fixed wording of what was not seen.
    fn not_seen(&self) -> String {
        format!("not seen in {}", self.review.coverage.in_words())
    }

    /// How much it matters that something was not seen: the less was covered, the less.
    fn not_seen_severity(&self) -> Severity {
        const DAY: f64 = 86_400.0;
        match self.review.coverage.covered_seconds / DAY {
            days if days < 7.0 => Severity::Info,
            days if days < 42.0 => Severity::Low,
            _ => Severity::Medium,
        }
    }

    /// The day on which approvals must hold, in words.
    fn day_in_words(&self) -> String {
        match (self.day, &self.review.as_of) {
            (Some(day), Some(_)) => format!("on {day}"),
            (Some(day), None) => format!("on {day}, the day of the last packet"),
            (None, _) => "on the day of the capture".to_owned(),
        }
    }
}

impl Row {
    /// `registered as telnet`, or what else there is to say of its port, with the transport.
    fn service_in_words(&self) -> String {
        let port = self.port_in_words();
        if self.registry.service.is_empty() {
            format!("{port} ({})", self.registry.status)
        } else {
            format!("{port} (registered as {})", self.registry.service)
        }
    }

    /// Its port and transport.
    fn port_in_words(&self) -> String {
        format!("{}/{}", self.ports, self.transport)
    }

    /// Its service and its server.
    fn service_at(&self) -> String {
        format!("{} at {}", self.service_in_words(), self.server)
    }

    /// Its service, its server and its clients' zone.
    fn in_words(&self) -> String {
        format!("{} from {}", self.service_at(), self.client_zone)
    }

    /// `in use`, or `perhaps in use`, by its grade.
    fn use_in_words(&self) -> &'static str {
        if self.grade.in_use() == InUse::Yes { "in use" } else { "perhaps in use" }
    }

    /// Whether it is a service of a server, and seen in use or perhaps in use.
    fn is_observed(&self) -> bool {
        self.is_unicast() && self.grade.in_use() != InUse::No
    }

    /// Whether it is one that a rule could be for.
    fn is_unicast(&self) -> bool {
        matches!(self.kind, RowKind::Service | RowKind::DynamicRange)
    }

    /// One step lower where what is spoken is told by the port's number alone.
    fn by_name(&self, severity: Severity) -> Severity {
        if self.spoken.is_empty() { severity.lower() } else { severity }
    }

    /// What it rests on that a service is called by its name.
    fn limits_of_name(&self) -> String {
        if self.spoken.is_empty() {
            "By port number: what is spoken on the port was not told by its payload (--peek looks at it)."
                .to_owned()
        } else {
            format!("The first payload shows {}; more was not looked at.", self.spoken.join(", "))
        }
    }

    /// Flows of all grades.
    fn flows(&self) -> u64 {
        self.grades.by_grade.values().sum()
    }
}

/// What a row of a worksheet is about, from the cells of its last review.
fn row_in_words(cells: &[(String, String)]) -> String {
    let cell = |column: &str| cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell);
    if cell("src_zone").is_empty() {
        return format!("rule {}", cell("rules"));
    }
    // A scan tries several ports or several servers.
    if cell("ports").contains(' ') || cell("destination").contains(' ') {
        return format!("the scan of {} from {}", cell("sources"), cell("src_zone"));
    }
    let service = match cell("service") {
        "" => String::new(),
        name => format!(" (registered as {name})"),
    };
    format!(
        "{}/{}{service} at {} from {}",
        cell("ports"),
        cell("proto"),
        cell("destination"),
        cell("src_zone")
    )
}

/// A kind of finding.
struct Kind {
    id: u16,
    name: &'static str,
    standards: &'static [&'static str],
}

const PCI_LIST: &str = "PCI DSS v4.0.1 1.2.5";
const PCI_FEATURES: &str = "PCI DSS v4.0.1 1.2.6";
const PCI_REVIEW: &str = "PCI DSS v4.0.1 1.2.7";
const PCI_INBOUND: &str = "PCI DSS v4.0.1 1.3.1";
const PCI_OUTBOUND: &str = "PCI DSS v4.0.1 1.3.2";
const NIST: &str = "NIST SP 800-53r5 CM-7(1)";
const CIS: &str = "CIS Controls v8 4.8";
const NERC: &str = "NERC CIP-005 R1.3";

/// Every kind. The clauses are those whose text asks for what the finding shows.
const KINDS: [Kind; 34] = [
    Kind { id: 101, name: "unapproved-in-use", standards: &[PCI_LIST, CIS, NERC] },
    Kind { id: 102, name: "approval-expired", standards: &[PCI_LIST, PCI_REVIEW] },
    Kind { id: 103, name: "approval-incomplete", standards: &[PCI_LIST, NERC] },
    Kind { id: 110, name: "insecure-in-use", standards: &[PCI_FEATURES, NIST] },
    Kind { id: 111, name: "exposed-to-external", standards: &[PCI_INBOUND] },
    Kind { id: 112, name: "amplifier-exposed", standards: &[NIST] },
    Kind { id: 113, name: "admin-service-crosses-zones", standards: &[PCI_LIST] },
    Kind { id: 114, name: "unassigned-or-reserved-port", standards: &[PCI_LIST] },
    Kind { id: 115, name: "unauthorized-use-noted", standards: &[PCI_LIST] },
    Kind { id: 116, name: "dynamic-data", standards: &[] },
    Kind { id: 117, name: "group-traffic", standards: &[] },
    Kind { id: 118, name: "scan-like", standards: &[] },
    Kind { id: 201, name: "rule-not-seen", standards: &[PCI_REVIEW, NIST] },
    Kind { id: 202, name: "rule-hit-not-used", standards: &[PCI_REVIEW, CIS] },
    Kind { id: 203, name: "rule-wider-than-use", standards: &[PCI_REVIEW, PCI_INBOUND] },
    Kind { id: 204, name: "any-any", standards: &[PCI_INBOUND, PCI_OUTBOUND, NERC] },
    Kind { id: 205, name: "default-allow", standards: &[PCI_INBOUND, PCI_OUTBOUND, NERC] },
    Kind { id: 206, name: "shadowed-conflict", standards: &[PCI_REVIEW] },
    Kind { id: 207, name: "redundant", standards: &[PCI_REVIEW] },
    Kind { id: 208, name: "rule-undocumented", standards: &[PCI_LIST, NERC] },
    Kind { id: 209, name: "rule-undecidable", standards: &[] },
    Kind { id: 210, name: "rule-allows-insecure", standards: &[PCI_FEATURES, NIST] },
    Kind { id: 301, name: "in-use-but-denied", standards: &[PCI_REVIEW] },
    Kind { id: 302, name: "denied-demand", standards: &[] },
    Kind { id: 303, name: "ambiguous-match", standards: &[] },
    Kind { id: 401, name: "coverage-short", standards: &[] },
    Kind { id: 402, name: "one-sided", standards: &[] },
    Kind { id: 403, name: "nat-possible", standards: &[] },
    Kind { id: 404, name: "drops-or-truncation", standards: &[] },
    Kind { id: 405, name: "clock-jump", standards: &[] },
    Kind { id: 406, name: "zones-not-met", standards: &[] },
    Kind { id: 501, name: "row-new", standards: &[PCI_REVIEW] },
    Kind { id: 502, name: "row-gone", standards: &[PCI_REVIEW] },
    Kind { id: 503, name: "clients-grew", standards: &[PCI_REVIEW] },
];

/// What a finding says, before it is a [`Finding`].
#[derive(Default)]
struct Said {
    title: String,
    subject: String,
    why: String,
    limits: String,
    suggestion: String,
    samples: Vec<FlowSample>,
    flows: u64,
}

impl Said {
    /// Of a row, with its flows as evidence.
    fn of_row(row: &Row) -> Said {
        Said {
            subject: row.row_id.clone(),
            samples: row.samples.iter().take(SAMPLES).cloned().collect(),
            flows: row.flows(),
            ..Said::default()
        }
    }

    fn find(self, id: u16, severity: Severity) -> Finding {
        let kind = KINDS.iter().find(|kind| kind.id == id);
        Finding {
            id: FindingId(id),
            name: kind.map_or("", |kind| kind.name),
            severity,
            title: self.title,
            subject: self.subject,
            samples: self.samples,
            flows: self.flows,
            why: self.why,
            limits: self.limits,
            suggestion: self.suggestion,
            standards: kind.map_or(&[][..], |kind| kind.standards).to_vec(),
        }
    }
}

/// Every finding, most severe first, then by identifier and in the order of rows and rules.
pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let mut all = Vec::new();
    approvals::find(facts, &mut all);
    services::find(facts, &mut all);
    rules::find(facts, &mut all);
    fit::find(facts, &mut all);
    limits::find(facts, &mut all);
    changes::find(facts, &mut all);
    // Stable: within one kind the order of rows and rules stays.
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.id.cmp(&b.id)));
    all
}
