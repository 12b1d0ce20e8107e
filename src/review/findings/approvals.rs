//! FR101–FR103: what is seen in use against what is approved.

use super::super::approved::{Decision, Worksheet, WorksheetRow};
use super::super::model::{About, Approval, Finding, FindingKind, Grade, Row, Severity};
use super::{Facts, Said};

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    let Some(worksheet) = facts.worksheet else { return };
    undecided(facts, worksheet, all);
    disagreed(facts, worksheet, all);
    for row in facts.rows.iter().filter(|row| row.is_observed()) {
        if let Some(approval) = row.approval.as_ref().filter(|approval| approval.is_approved()) {
            all.extend(beyond(facts, worksheet, row, approval));
            continue;
        }
        let decision = row.approval.as_ref().map(Approval::decision);
        let is_rejected = decision == Some(Decision::Rejected);
        let severity = if row.usage.grade >= Grade::Answered { Severity::High } else { Severity::Medium };
        let why = match &row.approval {
            None => has_no_row(worksheet),
            Some(approval) => {
                let place = worksheet.row(row.row_id).map_or_else(String::new, WorksheetRow::place);
                match (approval.decision(), approval.cell("decision").trim()) {
                    _ if !approval.disagreements.is_empty() => {
                        format!(
                            "People disagree on it in {place} (FR104): while they do, it is not approved."
                        )
                    }
                    (Decision::Rejected, word) => {
                        format!("The decision in {place} is `{word}`, but it is {}.", row.use_in_words())
                    }
                    (_, "") => format!("Its row in {place} has neither a decision nor an approver."),
                    (_, word) => {
                        format!("The decision in {place} is `{word}`, which approves nothing.")
                    }
                }
            }
        };
        all.push(
            Said {
                title: format!("{} is {} and not approved", row.in_words(), row.use_in_words()),
                why,
                limits: format!(
                    "The best evidence is {}. Approval goes by clients, zone, server, transport and port.",
                    row.usage.grade
                ),
                suggestion: if is_rejected {
                    "Find out who uses it still, and whether the decision has been carried out."
                } else {
                    "Find its owner, and have it decided in the worksheet."
                }
                .to_owned(),
                ..Said::of_row(row)
            }
            .find(FindingKind::UnapprovedInUse, severity),
        );
    }
    for row in facts.rows.iter().filter(|row| row.is_unicast()) {
        let Some(approval) = row.approval.as_ref().filter(|approval| approval.is_approved()) else {
            continue;
        };
        let said = Said::of_row(row);
        lacks(facts, &row.in_words(), approval, said, all);
    }
    for kept in facts.kept {
        if kept.approval.is_approved() {
            let said = Said { about: About::Row(kept.row_id), ..Said::default() };
            lacks(facts, &kept.cells.in_words(), &kept.approval, said, all);
        }
    }
    for rule in facts.rules {
        if let Some(approval) = rule.approval.as_ref().filter(|approval| approval.is_approved()) {
            let said = Said { about: About::Rule(rule.reference.clone()), ..Said::default() };
            lacks(facts, &format!("rule {}", rule.reference), approval, said, all);
        }
    }
}

/// What of a row goes beyond its approval.
fn beyond(facts: &Facts, worksheet: &Worksheet, row: &Row, approval: &Approval) -> Option<Finding> {
    let (excess, extent) = (row.exceeds.as_ref()?, approval.extent.as_ref()?);
    let is_certain = row.usage.grade >= Grade::Answered && (excess.in_use || excess.sources.is_empty());
    let place = worksheet.row(approval.row_id).map_or_else(String::new, WorksheetRow::place);
    let ports = extent.ports.map_or_else(String::new, |ports| format!(" port {ports}"));
    let said = Said {
        title: format!(
            "{} is {} beyond its approval, {excess}",
            row.in_words(),
            if is_certain { "in use" } else { "perhaps in use" },
        ),
        why: format!(
            "{place} approves {} to {}{ports} ({}).",
            extent.sources_in_words(),
            extent.servers_in_words(),
            approval.mark(),
        ),
        limits: format!("The best evidence is {}.", row.usage.grade),
        suggestion:
            "Find out who it is. To approve the row as it now stands, write the day into approved_on."
                .to_owned(),
        ..Said::of_row(row)
    };
    let severity = if is_certain { Severity::High } else { Severity::Medium };
    (!facts.has_expired(approval)).then(|| said.find(FindingKind::UnapprovedInUse, severity))
}

/// Decisions in words that decide nothing.
fn undecided(facts: &Facts, worksheet: &Worksheet, all: &mut Vec<Finding>) {
    for row in worksheet.rows.iter().filter(|row| row.approval.disagreements.is_empty()) {
        let word = row.approval.cell("decision").trim();
        if word.is_empty() || row.approval.decision() != Decision::Open {
            continue;
        }
        all.push(
            Said {
                title: format!("Unrecognised decision on {}", row.cells.in_words()),
                about: about(facts, row),
                why: format!("{} says `{word}`, which counts as not decided.", row.place()),
                limits: "The program does not guess what is meant.".to_owned(),
                suggestion: "Write approve or remove; what is still open goes into notes.".to_owned(),
                ..Said::default()
            }
            .find(FindingKind::ApprovalIncomplete, Severity::Medium),
        );
    }
}

/// What copies of the worksheet say in several ways.
fn disagreed(facts: &Facts, worksheet: &Worksheet, all: &mut Vec<Finding>) {
    for row in worksheet.rows.iter().filter(|row| !row.approval.disagreements.is_empty()) {
        let columns: Vec<&str> = row.approval.disagreements.iter().map(|one| one.column.as_str()).collect();
        let columns = match columns.join(" and ") {
            unknown if unknown.is_empty() => "what they wrote".to_owned(),
            columns => columns,
        };
        let said = row.approval.disagreements.iter().map(|one| match one.column.as_str() {
            "" => one.said.clone(),
            column => format!("{column} is {}", one.said),
        });
        all.push(
            Said {
                title: format!("People disagree on {columns} of {}", row.cells.in_words()),
                about: about(facts, row),
                why: format!("{}.", said.collect::<Vec<_>>().join("; ")),
                limits: "Which of them is meant cannot be told, so the row counts as not approved."
                    .to_owned(),
                suggestion: "Agree on one, and write it into the worksheet that this review has written; or \
                             empty its column disagreement."
                    .to_owned(),
                ..Said::default()
            }
            .find(FindingKind::ApprovalsDisagree, Severity::High),
        );
    }
}

/// The row, or the rule that it is for.
fn about(facts: &Facts, row: &WorksheetRow) -> About {
    let rule = facts.rules.iter().find(|rule| rule.row_id == Some(row.row_id));
    rule.map_or(About::Row(row.row_id), |rule| About::Rule(rule.reference.clone()))
}

/// That none of the worksheets has a row.
pub(super) fn has_no_row(worksheet: &Worksheet) -> String {
    format!("{} no row for it.", has(worksheet))
}

/// `a.csv has`, or `a.csv, b.csv have`.
pub(super) fn has(worksheet: &Worksheet) -> String {
    format!("{} {}", worksheet.names(), if worksheet.files.len() > 1 { "have" } else { "has" })
}

/// What an approval lacks.
fn lacks(facts: &Facts, what: &str, approval: &Approval, said: Said, all: &mut Vec<Finding>) {
    let Some(row) = facts.worksheet.and_then(|worksheet| worksheet.row(approval.row_id)) else { return };
    let place = row.place();
    if let Some(expires) = approval.expires_on().filter(|_| facts.has_expired(approval)) {
        all.push(
            Said {
                title: format!("The approval of {what} has expired"),
                why: format!(
                    "{place} says that it ended on {expires}; it had to hold {}.",
                    facts.day_in_words()
                ),
                limits: "A later approval outside of the worksheet is not known.".to_owned(),
                suggestion: "Ask its owner whether it is still needed, and who approves it anew.".to_owned(),
                about: said.about.clone(),
                samples: said.samples.clone(),
                flows: said.flows,
            }
            .find(FindingKind::ApprovalExpired, Severity::High),
        );
    }
    let missing = approval.missing();
    if !missing.is_empty() {
        all.push(
            Said {
                title: format!("The approval of {what} lacks {}", missing.join(" and ")),
                why: format!("{place} approves it and leaves {} empty.", missing.join(", ")),
                limits: "What is written is not checked.".to_owned(),
                suggestion: "Fill in the worksheet.".to_owned(),
                ..said
            }
            .find(FindingKind::ApprovalIncomplete, Severity::Medium),
        );
    }
}
