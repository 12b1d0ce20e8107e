//! Decisions, dates and guarded cells of a worksheet.

use super::super::model::RowId;
use super::*;

fn approval(cells: &[(&str, &str)]) -> Approval {
    let cells = cells.iter().map(|&(name, cell)| (name.to_owned(), cell.to_owned())).collect();
    Approval { row_id: RowId::default(), cells, extent: None }
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
fn dates_are_read_where_day_and_month_cannot_be_mixed_up() {
    let day = Date::new(2027, 1, 31).ok();
    for text in
        ["2027-01-31", " 2027-1-31", "2027/01/31", "31.01.2027", "31.1.2027", "1/31/2027", "31/1/2027"]
    {
        assert_eq!(date(text), Ok(day), "{text}");
    }
    assert_eq!(date(" "), Ok(None));
    for text in [
        "1/2/2027",
        "31/13/2027",
        "0/31/2027",
        "1/31/27",
        "2027",
        "2027-02-30",
        "31.01.27",
        "soon",
        "2027-01-31-1",
        "x.y.2027",
    ] {
        assert_eq!(date(text), Err(()), "{text}");
    }
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
