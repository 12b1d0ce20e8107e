//! Holds a registry against the rules of RFC 6335.
//!
//! IANA's own registry breaks some: names and assignments that are older than the rules. They
//! are reported, never rejected.

use std::collections::HashMap;

use super::{Column, Kind, Registry, Row, Transport};
use crate::registry::image::FIRST_DYNAMIC;

/// A rule that a row can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A service name has 1 to 15 characters (RFC 6335 section 5.1).
    NameLength,
    /// A service name has letters, digits and hyphens only (section 5.1).
    NameCharacters,
    /// A service name has at least one letter (section 5.1).
    NameLetter,
    /// A service name neither begins nor ends with a hyphen, nor has two in a row (section 5.1).
    NameHyphens,
    /// Rows stand in the order of their ports.
    Order,
    /// Ranges of one transport do not overlap.
    Overlap,
    /// Dynamic ports are not assigned (section 6).
    DynamicAssigned,
    /// A name stands for one port of one transport once.
    Duplicate,
    /// A name has one port (section 8.1: one assignment per service).
    SeveralPorts,
    /// A date is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    Date,
}

impl Rule {
    /// Every rule, in the order of reports.
    pub const ALL: [Rule; 10] = [
        Rule::NameLength,
        Rule::NameCharacters,
        Rule::NameLetter,
        Rule::NameHyphens,
        Rule::Order,
        Rule::Overlap,
        Rule::DynamicAssigned,
        Rule::Duplicate,
        Rule::SeveralPorts,
        Rule::Date,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::NameLength => "name-length",
            Rule::NameCharacters => "name-characters",
            Rule::NameLetter => "name-letter",
            Rule::NameHyphens => "name-hyphens",
            Rule::Order => "order",
            Rule::Overlap => "overlap",
            Rule::DynamicAssigned => "dynamic-assigned",
            Rule::Duplicate => "duplicate",
            Rule::SeveralPorts => "several-ports",
            Rule::Date => "date",
        }
    }
}

/// A row that breaks a rule.
#[derive(Clone, Debug)]
pub struct Finding<'r> {
    /// The rule.
    pub rule: Rule,
    /// The row.
    pub row: Row<'r>,
    /// What is wrong, in words.
    pub message: String,
}

/// Finds the rows that break a rule of RFC 6335, in registry order.
///
/// ```
/// use portscribe::registry::{self, Registry, Rule};
///
/// let registry = Registry::bundled();
/// let findings = registry::check(&registry);
/// let whois = findings.iter().find(|finding| finding.row.service_name() == "whois++").unwrap();
/// assert_eq!(whois.rule, Rule::NameCharacters);
/// assert_eq!(whois.message, "`+` is neither a letter, a digit nor a hyphen");
/// ```
pub fn check(registry: &Registry) -> Vec<Finding<'_>> {
    let mut findings = Vec::new();
    let mut highest = 0;
    let mut portless_seen = false;
    let mut first: HashMap<(&str, &str, &str), Row> = HashMap::new();
    let mut ports_of: HashMap<(String, &str), Vec<&str>> = HashMap::new();
    for row in registry.rows() {
        let mut add = |rule, message: String| findings.push(Finding { rule, row, message });
        let name = row.service_name();
        if !name.is_empty() {
            for (rule, message) in name_faults(name) {
                add(rule, message);
            }
        }
        match row.ports() {
            None => portless_seen = true,
            Some((low, high)) => {
                if std::mem::take(&mut portless_seen) {
                    add(Rule::Order, "a row with a port follows a name without one".into());
                } else if low < highest {
                    add(Rule::Order, format!("port {low} follows port {highest}"));
                }
                highest = highest.max(low);
                if high >= FIRST_DYNAMIC && row.kind() == Kind::Registered && !name.is_empty() {
                    add(Rule::DynamicAssigned, "ports from 49152 on are never assigned".into());
                }
            }
        }
        for column in [Column::RegistrationDate, Column::ModificationDate] {
            let date = row.cell(column);
            if !date.is_empty() && !is_date(date) {
                add(Rule::Date, format!("invalid date `{date}`"));
            }
        }
        let key = (name, row.cell(Column::PortNumber), row.cell(Column::TransportProtocol));
        if let Some(other) = first.get(&key) {
            add(Rule::Duplicate, format!("row {} says the same", other.number()));
        } else {
            first.insert(key, row);
        }
        if !name.is_empty() && row.ports().is_some() && row.kind() == Kind::Registered {
            let ports =
                ports_of.entry((name.to_ascii_lowercase(), row.cell(Column::TransportProtocol))).or_default();
            if !ports.contains(&row.cell(Column::PortNumber)) {
                ports.push(row.cell(Column::PortNumber));
                if ports.len() == 2 {
                    add(Rule::SeveralPorts, format!("the name has port {} as well", ports[0]));
                }
            }
        }
    }
    overlaps(registry, &mut findings);
    findings.sort_by_key(|finding| (finding.row.number(), finding.rule));
    findings
}

/// How a name breaks the syntax of RFC 6335 section 5.1.
pub fn name_faults(name: &str) -> Vec<(Rule, String)> {
    let mut faults = Vec::new();
    let length = name.chars().count();
    if length > 15 {
        faults.push((Rule::NameLength, format!("{length} characters; a service name has 15 at most")));
    }
    if let Some(other) = name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
        faults.push((Rule::NameCharacters, format!("`{other}` is neither a letter, a digit nor a hyphen")));
    }
    if !name.chars().any(|c| c.is_ascii_alphabetic()) {
        faults.push((Rule::NameLetter, "a service name has at least one letter".into()));
    }
    if name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        let message = "a hyphen is first, last or next to another hyphen";
        faults.push((Rule::NameHyphens, message.into()));
    }
    faults
}

/// A range of ports that overlaps another row of the same transport. Rows of the same ports are
/// names beside each other.
fn overlaps<'r>(registry: &'r Registry, findings: &mut Vec<Finding<'r>>) {
    for transport in Transport::REGISTERED {
        let mut rows: Vec<(u16, u16, Row)> = registry
            .rows()
            .filter(|row| row.transport().is_none_or(|of_row| of_row == transport))
            .filter_map(|row| row.ports().map(|(low, high)| (low, high, row)))
            .collect();
        rows.sort_by_key(|&(low, high, row)| (low, high, row.number()));
        let mut widest: Option<(u16, u16, Row)> = None;
        for (low, high, row) in rows {
            if let Some((a, b, other)) = widest
                && low <= b
                && (low, high) != (a, b)
            {
                let message =
                    format!("ports {} of row {} overlap it", other.cell(Column::PortNumber), other.number());
                let known =
                    findings.iter().any(|f| f.rule == Rule::Overlap && f.row.number() == row.number());
                if !known {
                    findings.push(Finding { rule: Rule::Overlap, row, message });
                }
            }
            if widest.is_none_or(|(_, b, _)| high > b) {
                widest = Some((low, high, row));
            }
        }
    }
}

/// Whether a date has one of the registry's forms and could be in a calendar.
fn is_date(text: &str) -> bool {
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let mut parts = text.split('-');
    let year = parts.next().and_then(|part| number(part, 4));
    let month = parts.next().map(|part| number(part, 2));
    let day = parts.next().map(|part| number(part, 2));
    year.is_some()
        && month.is_none_or(|month| month.is_some_and(|month| (1..=12).contains(&month)))
        && day.is_none_or(|day| day.is_some_and(|day| (1..=31).contains(&day)))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_against_the_syntax() {
        for good in ["http", "a", "ab-c", "3gpp-monp", "z39-50", "abcdefghijklmno"] {
            assert_eq!(name_faults(good), [], "{good}");
        }
        let rules = |name| name_faults(name).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
        assert_eq!(rules("abcdefghijklmnop"), [Rule::NameLength]);
        assert_eq!(rules("a_b"), [Rule::NameCharacters]);
        assert_eq!(rules("914"), [Rule::NameLetter]);
        assert_eq!(rules("-a"), [Rule::NameHyphens]);
        assert_eq!(rules("a-"), [Rule::NameHyphens]);
        assert_eq!(rules("a--b"), [Rule::NameHyphens]);
        assert_eq!(rules("914c/g"), [Rule::NameCharacters]);
        assert_eq!(rules("-1--"), [Rule::NameLetter, Rule::NameHyphens]);
    }

    #[test]
    fn dates_have_three_forms() {
        for good in ["1999", "2005-08", "2014-05-09"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["", "05", "2005-13", "2005-8", "2005-08-32", "2005-08-01-1", "May 2005"] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
