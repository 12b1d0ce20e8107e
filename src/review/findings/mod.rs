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
mod subject;
mod width;

use jiff::civil::Date;

use super::approved::Worksheet;
use super::configured::{Configured, Fit};
use super::insecure::InsecureList;
use super::model::{
    About, Approval, Coverage, Finding, FindingKind, FlowSample, Grade, InUse, KeptRow, Row, RowKind,
    RuleReview, RulesetFacts, ScanRow, Severity, Tag, TagUse, Trust, Vantage, Zone, spoken_names,
};

/// Flows that a finding shows at most.
const SAMPLES: usize = 5;

/// What findings are made from.
pub(super) struct Facts<'a> {
    /// What was listened to.
    pub(super) coverage: &'a Coverage,
    /// The zones.
    pub(super) zones: &'a [Zone],
    /// The rulesets that were read.
    pub(super) rulesets: &'a [RulesetFacts],
    /// The rows, joined with approvals and rules.
    pub(super) rows: &'a [Row],
    /// The rules with their flows.
    pub(super) rules: &'a [RuleReview],
    /// The clients that look like scanners.
    pub(super) scans: &'a [ScanRow],
    /// The rows of the worksheet that nothing in the captures belongs to.
    pub(super) kept: &'a [KeptRow],
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
    /// The day that the review was asked for, if any.
    pub(super) as_of: Option<Date>,
    /// The day on which approvals must hold; none where no packet has a time.
    pub(super) day: Option<Date>,
}

impl Facts<'_> {
    /// How far the zone of this name is trusted.
    fn trust(&self, zone: &str) -> Trust {
        self.zones.iter().find(|one| one.name == zone).map_or(Trust::External, |zone| zone.trust)
    }

    /// Where a row is approved, as `worksheet.csv:7`; none where it is not, or the approval has expired.
    fn approved(&self, row: &Row) -> Option<String> {
        let approval = row.approval.as_ref().filter(|approval| approval.is_approved())?;
        if self.has_expired(approval) {
            return None;
        }
        let worksheet = self.worksheet?;
        Some(format!("{}:{}", worksheet.name, worksheet.row(approval.row_id)?.line))
    }

    /// Whether an approval ended before the day on which it has to hold.
    fn has_expired(&self, approval: &Approval) -> bool {
        matches!((approval.expires_on(), self.day), (Some(expires), Some(day)) if expires < day)
    }

    /// The fixed wording of what was not seen.
    fn not_seen(&self) -> String {
        format!("not seen in {}", self.coverage.in_words())
    }

    /// How much it matters that something was not seen: the less was covered, the less.
    fn not_seen_severity(&self) -> Severity {
        const DAY: f64 = 86_400.0;
        match self.coverage.covered_seconds / DAY {
            days if days < 7.0 => Severity::Info,
            days if days < 42.0 => Severity::Low,
            _ => Severity::Medium,
        }
    }

    /// The day on which approvals must hold, in words.
    fn day_in_words(&self) -> String {
        match (self.day, self.as_of) {
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
        if self.service.registry.service.is_empty() {
            format!("{port} ({})", self.service.registry.status)
        } else {
            format!("{port} (registered as {})", self.service.registry.service)
        }
    }

    /// Its port and transport.
    fn port_in_words(&self) -> String {
        format!("{}/{}", self.service.ports, self.service.transport)
    }

    /// Its service and its server.
    fn service_at(&self) -> String {
        format!("{} at {}", self.service_in_words(), self.service.server)
    }

    /// Its service, its server and its clients' zone.
    fn in_words(&self) -> String {
        format!("{} from {}", self.service_at(), self.service.client_zone)
    }

    /// `in use`, or `perhaps in use`, by its grade.
    fn use_in_words(&self) -> &'static str {
        if self.usage.grade.in_use() == InUse::Yes { "in use" } else { "perhaps in use" }
    }

    /// Whether it is a service of a server, and seen in use or perhaps in use.
    fn is_observed(&self) -> bool {
        self.is_unicast() && self.usage.grade.in_use() != InUse::No
    }

    /// Whether it is one that a rule could be for.
    fn is_unicast(&self) -> bool {
        matches!(self.kind, RowKind::Service | RowKind::DynamicRange)
    }

    /// One step lower where what is spoken is told by the port's number alone.
    fn by_name(&self, severity: Severity) -> Severity {
        if self.service.spoken.is_empty() { severity.lower() } else { severity }
    }

    /// What it rests on that a service is called by its name.
    fn limits_of_name(&self) -> String {
        if self.service.spoken.is_empty() {
            "By port number: what is spoken on the port was not told by its payload (--peek looks at it)."
                .to_owned()
        } else {
            format!("The first payload shows {}; more was not looked at.", spoken_names(&self.service.spoken))
        }
    }

    /// Flows of all grades.
    fn flows(&self) -> u64 {
        self.usage.grades.by_grade.values().sum()
    }
}

/// What a finding says, before it is a [`Finding`].
#[derive(Default)]
struct Said {
    title: String,
    about: About,
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
            about: About::Row(row.row_id),
            samples: row.usage.samples.iter().take(SAMPLES).cloned().collect(),
            flows: row.flows(),
            ..Said::default()
        }
    }

    fn find(self, kind: FindingKind, severity: Severity) -> Finding {
        Finding {
            kind,
            name: kind.name(),
            severity,
            title: self.title,
            about: self.about,
            samples: self.samples,
            flows: self.flows,
            why: self.why,
            limits: self.limits,
            suggestion: self.suggestion,
            standards: kind.standards(),
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
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.kind.cmp(&b.kind)));
    all
}
