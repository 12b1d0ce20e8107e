//! What findings are made from.

use jiff::civil::Date;

use super::super::approved::Worksheet;
use super::super::configured::{Configured, Fit};
use super::super::insecure::InsecureList;
use super::super::model::{
    Approval, Coverage, KeptRow, Row, RuleReview, RulesetFacts, ScanRow, Severity, Trust, Zone, ZoneInterface,
};
use crate::net::span::DAY;
use crate::traffic::Labelled;

/// What findings are made from.
pub(in crate::review) struct Facts<'a> {
    /// The traffic.
    pub(in crate::review) labelled: &'a Labelled<'a>,
    /// What was listened to.
    pub(in crate::review) coverage: &'a Coverage,
    /// The zones.
    pub(in crate::review) zones: &'a [Zone],
    /// The zones by interface.
    pub(in crate::review) zone_interfaces: &'a [ZoneInterface],
    /// The rulesets that were read.
    pub(in crate::review) rulesets: &'a [RulesetFacts],
    /// The rows, joined with approvals and rules.
    pub(in crate::review) rows: &'a [Row],
    /// The rules with their flows.
    pub(in crate::review) rules: &'a [RuleReview],
    /// The clients that look like scanners.
    pub(in crate::review) scans: &'a [ScanRow],
    /// The rows of the worksheet that nothing in the captures belongs to.
    pub(in crate::review) kept: &'a [KeptRow],
    /// The rules that judged; none without a ruleset.
    pub(in crate::review) configured: Option<&'a Configured>,
    /// What the rules do with the flows of each row.
    pub(in crate::review) fits: &'a [Fit],
    /// Flows whose destination may be translated.
    pub(in crate::review) translated: u64,
    /// The last worksheet; none without.
    pub(in crate::review) worksheet: Option<&'a Worksheet>,
    /// The rows of the list of insecure services.
    pub(in crate::review) insecure: &'a InsecureList,
    /// The day that the review was asked for, if any.
    pub(in crate::review) as_of: Option<Date>,
    /// The day on which approvals must hold; none where no packet has a time.
    pub(in crate::review) day: Option<Date>,
}

impl Facts<'_> {
    /// How far the zone of this name is trusted.
    pub(super) fn trust(&self, zone: &str) -> Trust {
        let by_network = self.zones.iter().find(|one| one.name == zone).map(|zone| zone.trust);
        let by_interface = || self.zone_interfaces.iter().find(|one| one.name == zone).map(|zone| zone.trust);
        by_network.or_else(by_interface).unwrap_or(Trust::External)
    }

    /// Whether there is a zone of this name.
    pub(super) fn has_zone(&self, name: &str) -> bool {
        self.zones.iter().any(|zone| zone.name == name)
            || self.zone_interfaces.iter().any(|zone| zone.name == name)
    }

    /// Where all of a row is approved, as `worksheet.csv:7`; none where it is not, or the approval has
    /// expired.
    pub(super) fn approved(&self, row: &Row) -> Option<String> {
        let approval = row.approval.as_ref().filter(|approval| approval.is_approved())?;
        if self.has_expired(approval) || row.exceeds.is_some() {
            return None;
        }
        Some(self.worksheet?.row(approval.row_id)?.place())
    }

    /// Whether an approval ended before the day on which it has to hold.
    pub(super) fn has_expired(&self, approval: &Approval) -> bool {
        matches!((approval.expires_on(), self.day), (Some(expires), Some(day)) if expires < day)
    }

    /// The fixed wording of what was not seen.
    pub(super) fn not_seen(&self) -> String {
        format!("not seen in {}", self.coverage.in_words())
    }

    /// The hours that were never listened to, as a sentence with a blank before it; empty where there are
    /// none.
    pub(super) fn never_listened(&self) -> String {
        match self.coverage.never_listened() {
            none if none.is_empty() => none,
            hours => format!(" Never listened to (UTC): {hours}."),
        }
    }

    /// How much it matters that something was not seen: the less was covered, the less.
    pub(super) fn not_seen_severity(&self) -> Severity {
        match self.coverage.covered_seconds / DAY {
            days if days < 7.0 => Severity::Info,
            days if days < 42.0 => Severity::Low,
            _ => Severity::Medium,
        }
    }

    /// The day on which approvals must hold, in words.
    pub(super) fn day_in_words(&self) -> String {
        match (self.day, self.as_of) {
            (Some(day), Some(_)) => format!("on {day}"),
            (Some(day), None) => format!("on {day}, the day of the last packet"),
            (None, _) => "on the day of the capture".to_owned(),
        }
    }
}
