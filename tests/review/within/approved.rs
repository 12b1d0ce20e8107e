//! Decisions, dates and guarded cells of a worksheet.

use super::super::model::{Disagreement, RowId};
use super::*;
use crate::foreign::{guarded, unguarded};

fn approval(cells: &[(&str, &str)]) -> Approval {
    let cells = cells.iter().map(|&(name, cell)| (name.to_owned(), cell.to_owned())).collect();
    Approval { row_id: RowId::default(), cells, ..Approval::default() }
}

#[test]
fn a_decision_is_read_in_any_letter_case_and_nothing_is_taken_for_one() {
    let of = |decision, by| approval(&[("decision", decision), ("approved_by", by)]).decision();
    assert_eq!(of("Approve ", ""), Decision::Approved);
    assert_eq!(of("keep", ""), Decision::Approved);
    assert_eq!(of("", "Ada"), Decision::Approved);
    assert_eq!(of("", " "), Decision::Open);
    assert_eq!(of("ask Bob", "Ada"), Decision::Open);
    assert_eq!(of("REMOVE", "Ada"), Decision::Rejected);
    assert_eq!(approval(&[]).decision(), Decision::Open);
    let mut both = approval(&[("decision", "approve"), ("approved_by", "Ada")]);
    both.disagreements = vec![Disagreement { column: "owner".into(), said: "`a` in a.csv:2".into() }];
    assert_eq!(both.decision(), Decision::Open);
}

#[test]
fn an_approval_needs_an_owner_a_need_and_someone_who_approved() {
    assert_eq!(approval(&[]).missing(), ["owner", "business_need", "approved_by"]);
    let cells = [("owner", "Web"), ("business_need", "shop"), ("approved_by", " "), ("notes", "x")];
    assert_eq!(approval(&cells).missing(), ["approved_by"]);
    assert!(!approval(&cells).is_empty());
    assert!(approval(&[("owner", " ")]).is_empty());
}

#[test]
fn an_approval_is_the_same_in_whatever_order_its_day_is_read() {
    let mut given = approval(&[("approved_by", "Grace"), ("approved_on", "1/2/2027")]);
    given.dates = DateOrder::DayFirst;
    assert_eq!(given.mark(), "Grace, 2027-02-01");
    given.dates = DateOrder::MonthFirst;
    assert_eq!(given.mark(), "Grace, 2027-01-02");
    for before in ["grace, 2027-02-01", "Grace, 2027-01-02", "Grace, 1/2/2027"] {
        assert!(given.is_marked(before), "{before}");
    }
    assert!(!given.is_marked("Grace, 2027-01-03") && !given.is_marked("Grace"));
}

#[test]
fn a_guard_is_put_before_formulas_and_taken_off_again() {
    for (cell, written) in [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=1", "''=1"),
        ("'s", "''s"),
        ("it's", "it's"),
        ("", ""),
        ("a=1", "a=1"),
    ] {
        assert_eq!(guarded(cell), written);
        assert_eq!(unguarded(written), cell);
    }
    assert_eq!(unguarded("'t"), "'t");
}
