//! A review in short, for a terminal.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::super::model::{
    Finding, FindingKind, MANY_ROWS, RegistryEdition, Review, Severity, ZoneConflict, percent,
};
use super::standing;
use crate::foreign::Lines;
use crate::rules::CaptureSide;
use crate::text::{count, one_line};

/// Findings that are shown one by one, in all and of a kind.
const SHOWN: usize = 12;
const SHOWN_OF_KIND: usize = 4;
/// Addresses between zones that are shown one by one.
const CONFLICTS: usize = 5;

/// Writes what people want to know first: what was covered, how observed, approved and configured
/// fit, the most severe findings, and where the files are.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn summary(review: &Review, files: &[PathBuf], out: impl io::Write) -> io::Result<()> {
    let out = &mut Lines::new(out);
    coverage(review, out)?;
    out.blank()?;
    rows(review, out)?;
    left_out(review, out)?;
    out.blank()?;
    findings(review, out)?;
    if !files.is_empty() {
        out.blank()?;
        for file in files {
            out.line(format_args!("Written: {}", file.display()))?;
        }
    }
    out.blank()?;
    let registry = match review.registry {
        RegistryEdition::Edition(_) => "IANA registry of",
        RegistryEdition::Source(_) => "registry from",
    };
    out.line(format_args!("{registry} {}. {}", review.registry, review.note))
}

fn coverage(review: &Review, out: &mut Lines<impl io::Write>) -> io::Result<()> {
    let coverage = &review.coverage;
    let packets: u64 = coverage.inputs.iter().map(|input| input.packets).sum();
    let covered = count(packets.saturating_sub(coverage.left_out), "packet");
    let more = match coverage.left_out {
        0 => String::new(),
        more => format!(" ({more} more outside of --since and --until)"),
    };
    out.line(format_args!("Covered: {}; {covered}{more}.", coverage.in_words()))?;
    if let Some((packets, reasons)) = coverage.in_no_flow() {
        out.line(format_args!(
            "Of them {} in flows; {packets} in no flow, and so in no row: {}.",
            coverage.in_flows,
            reasons.join(", ")
        ))?;
    }
    if coverage.joined_legs > 0 {
        out.line(format_args!(
            "Captured before and behind a translation: {}, counted once, as before it.",
            count(coverage.joined_legs, "connection")
        ))?;
    }
    if coverage.captured_again > 0 {
        out.line(format_args!(
            "Captured in several places: {}, counted once.",
            count(coverage.captured_again, "connection")
        ))?;
    }
    let reasons = coverage.no_row.reasons();
    if !reasons.is_empty() {
        out.line(format_args!(
            "{} in flows that need no rule of their own, and so in no row: {}.",
            count(coverage.no_row.packets(), "packet"),
            reasons.join(", ")
        ))?;
    }
    for one in &coverage.not_read {
        out.line(format_args!("  not read: {}: {}", one.name, one.why))?;
    }
    for input in &coverage.inputs {
        if let Some(fault) = &input.fault {
            out.line(format_args!("  not whole: {}: {fault}", input.name))?;
        }
    }
    for names in coverage.doubles() {
        out.line(format_args!(
            "  counted more than once, since they hold the same packets: {}",
            names.join(", ")
        ))?;
    }
    for cut in &coverage.cuts {
        out.line(format_args!(
            "  cut: {} {}, from {} to {}",
            cut.input,
            cut.reason.name(),
            cut.from,
            cut.to
        ))?;
    }
    if coverage.chances.iter().any(|(_, chance)| *chance < 1.0) {
        let shares: Vec<String> = coverage
            .chances
            .iter()
            .map(|(period, chance)| format!("{period} {}", percent(*chance)))
            .collect();
        out.line(format_args!("Chance that a job ran in it: {}.", shares.join(", ")))?;
    }
    if !coverage.never_listened.is_empty() {
        out.line(format_args!("Never listened to (UTC): {}.", coverage.never_listened()))?;
    }
    if let Some(share) = coverage.both_ways_share {
        out.line(format_args!("TCP flows seen both ways: {}.", percent(share)))?;
    }
    for one in &review.zone_interfaces {
        let (name, interface) = (&one.name, one_line(one.interface.raw()));
        let addresses = if one.addresses == 1 { "address" } else { "addresses" };
        out.line(format_args!(
            "Zone {name} by interface {interface}: {} {addresses} in no network of the file.",
            one.addresses
        ))?;
    }
    for conflict in review.zone_conflicts.iter().take(CONFLICTS) {
        let ZoneConflict { address, zones } = conflict;
        out.line(format_args!(
            "  not told by interface: {address} sent by interfaces of {}; it keeps the zone that is built in",
            zones.join(" and ")
        ))?;
    }
    if let more @ 1.. = review.zone_conflicts.len().saturating_sub(CONFLICTS) {
        out.line(format_args!("  and {more} more"))?;
    }
    for ruleset in &review.rulesets {
        out.line(format_args!(
            "Rules: {} ({}, {}), judged by {}.",
            ruleset.name,
            ruleset.format.name(),
            count(ruleset.rules as u64, "rule"),
            ruleset.chain
        ))?;
        if let Some(counted) = &ruleset.counted {
            out.line(format_args!("  with what the kernel counted {counted}"))?;
        }
        for ipset in &ruleset.ipsets {
            out.line(format_args!("  with the sets of {}", ipset.name))?;
        }
        if !ruleset.left_out.is_empty() {
            out.line(format_args!(
                "  --chain leaves out chains that can refuse packets, too: {}",
                ruleset.left_out.join(", ")
            ))?;
        }
        if ruleset.unknown_members.is_some() {
            out.line(format_args!("  for the members of a security group, whose addresses were not given (--group): every flow is held \
                 against it"
            ))?;
        }
        if !ruleset.groups_unknown.is_empty() {
            out.line(format_args!(
                "  rules that name {} cannot be decided, since its addresses were not given (--group)",
                ruleset.groups_unknown.join(" or ")
            ))?;
        }
        for rule in &ruleset.rules_left_out {
            out.line(format_args!("  judges nothing: {rule}"))?;
        }
    }
    for own in review.own_in_words() {
        out.line(format_args!("  addresses of the firewall itself: {own}"))?;
    }
    sides(review, out)?;
    left_open(review, out)?;
    if let Some(approved) = &review.approved {
        let day = review.approvals_on.as_ref().map_or(String::new(), |day| format!(", as of {day}"));
        out.line(format_args!("Approvals: {approved}{day}."))?;
    } else {
        out.line(format_args!("Approvals: no worksheet was given."))?;
    }
    if review.rulesets.is_empty() {
        out.line(format_args!("Rules: no ruleset was given."))?;
    }
    Ok(())
}

/// Where captures tell of rules whose packets the firewall translates.
fn sides(review: &Review, out: &mut Lines<impl io::Write>) -> io::Result<()> {
    let translated = review.rules.iter().filter_map(|rule| rule.judged_from.as_ref());
    let mut sides: BTreeMap<CaptureSide, u64> = BTreeMap::new();
    for from in translated.filter(|from| from.is_translated()) {
        *sides.entry(from.side).or_default() += 1;
    }
    for (side, rules) in sides {
        let how = match side {
            CaptureSide::Both => "judged only by captures of both sides (or --conntrack)",
            CaptureSide::Neither => "judged by no capture",
            CaptureSide::Servers => "judged only by captures of the servers' side",
            CaptureSide::Either | CaptureSide::Clients => "judged only by captures of the clients' side",
        };
        out.line(format_args!("  it translates addresses: {} can be {how}", count(rules, "rule")))?;
    }
    Ok(())
}

/// What can settle the services of which the rules leave open whether they let them through.
fn left_open(review: &Review, out: &mut Lines<impl io::Write>) -> io::Result<()> {
    let mut open = review.findings.iter().filter(|one| one.kind == FindingKind::AmbiguousMatch);
    let Some(first) = open.next() else { return Ok(()) };
    out.line(format_args!(
        "  {} left open (FR303): {}",
        count(1 + open.count() as u64, "service"),
        first.suggestion
    ))
}

fn rows(review: &Review, out: &mut Lines<impl io::Write>) -> io::Result<()> {
    let groups = standing::groups(review);
    if groups.is_empty() {
        let coverage = &review.coverage;
        let packets: u64 = coverage.inputs.iter().map(|input| input.packets).sum();
        return if coverage.left_out > 0 && coverage.left_out == packets {
            out.line(format_args!("No rows: every packet lies outside of --since and --until."))
        } else {
            out.line(format_args!("No rows: nothing that was looked at needs one."))
        };
    }
    out.line(format_args!("Rows by the decision they need:"))?;
    let mut needed = None;
    for group in groups {
        if needed != Some(group.needed) {
            out.line(format_args!("  {}:", group.needed.in_words()))?;
            needed = Some(group.needed);
        }
        out.line(format_args!(
            "  {:>6}  {:<28}  {}",
            group.rows,
            group.status.name(),
            group.status.meaning()
        ))?;
        for note in group.notes() {
            out.line(format_args!("{:40}{note}", ""))?;
        }
    }
    Ok(())
}

/// The counted rows that the worksheet leaves out.
fn left_out(review: &Review, out: &mut Lines<impl io::Write>) -> io::Result<()> {
    if let folded @ 1.. = review.folded_rows() {
        out.line(format_args!(
            "Folded away: {}, which {} in review.json. The worksheet has the {MANY_ROWS} rows that need a decision most, \
             and all that people have written about; the others follow as these are decided.",
            count(folded, "row"),
            if folded == 1 { "is" } else { "are" }
        ))?;
    }
    let left_out = review.rows.iter().filter(|row| !row.wants_worksheet()).count() as u64;
    if left_out == 0 {
        return Ok(());
    }
    let rows = count(left_out, "row");
    out.line(format_args!(
        "Of them in review.json and not in the worksheet: {rows}, tried by scans alone or listed apart."
    ))?;
    if !review.scans.is_empty() {
        let clients = count(review.scans.len() as u64, "client");
        out.line(format_args!("For the scans the worksheet has a row for each client: {clients}."))?;
    }
    Ok(())
}

fn findings(review: &Review, out: &mut Lines<impl io::Write>) -> io::Result<()> {
    if review.findings.is_empty() {
        return out.line(format_args!("No findings."));
    }
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| {
            let n = review.findings.iter().filter(|finding| finding.severity == severity).count();
            format!("{n} {}", severity.name())
        })
        .collect();
    out.line(format_args!("Findings: {}.", counts.join(", ")))?;
    let mut kinds: BTreeMap<(Reverse<Severity>, FindingKind), Vec<&Finding>> = BTreeMap::new();
    for finding in &review.findings {
        kinds.entry((Reverse(finding.severity), finding.kind)).or_default().push(finding);
    }
    let mut shown = 0;
    for ((Reverse(severity), kind), of_kind) in kinds {
        out.line(format_args!("  {:<6}  {kind}  {}", severity.name(), kind.meaning()))?;
        let titles = of_kind.len().min(SHOWN_OF_KIND).min(SHOWN - shown);
        for finding in &of_kind[..titles] {
            out.line(format_args!("            {}", finding.title))?;
        }
        shown += titles;
        if let more @ 1.. = of_kind.len() - titles {
            out.line(format_args!(
                "            {}{more} {}",
                if titles > 0 { "and " } else { "" },
                if titles > 0 { "more" } else { "of them" }
            ))?;
        }
    }
    Ok(())
}
