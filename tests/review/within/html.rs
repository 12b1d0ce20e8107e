//! The page of a review.

use super::super::fixture;
use super::*;

fn written(review: &Review) -> String {
    let mut out = Vec::new();
    html(review, &mut out).expect("a page");
    String::from_utf8(out).expect("UTF-8")
}

/// The names of a page's tags in their order.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|rest| rest.split([' ', '>', '\n']).next().unwrap_or_default()).collect()
}

#[test]
fn the_page_is_as_expected() {
    fixture::expect("review.html", &written(&fixture::review()));
}

#[test]
fn a_review_of_nothing_says_so() {
    fixture::expect("empty.html", &written(&fixture::empty()));
}

#[test]
fn texts_from_outside_make_no_tags() {
    let (hostile, harmless) = (fixture::with_texts(fixture::HOSTILE), fixture::with_texts("text "));
    let (hostile, harmless) = (written(&hostile), written(&harmless));
    assert_eq!(tags(&hostile), tags(&harmless));
    assert!(!hostile.contains("<script"), "a script");
    let quotes = |page: &str| page.matches('"').count();
    assert_eq!(quotes(&hostile), quotes(&harmless), "quotes only where attributes are");
}

#[test]
fn every_link_has_its_place_and_every_place_its_own_name() {
    let page = written(&fixture::review());
    let values = |attribute: &str| -> Vec<String> {
        page.split(attribute)
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
            .collect()
    };
    let mut ids = values(" id=\"");
    for link in values("href=\"#") {
        assert!(ids.contains(&link), "#{link} leads nowhere");
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn headings_go_down_one_step_at_a_time_and_cells_have_headings() {
    let page = written(&fixture::review());
    let levels: Vec<u8> = tags(&page)
        .into_iter()
        .filter_map(|tag| tag.strip_prefix('h').and_then(|level| level.parse().ok()))
        .collect();
    assert_eq!(levels.iter().position(|level| *level == 1), levels.iter().rposition(|level| *level == 1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    assert_eq!(page.matches("<th ").count(), page.matches(" scope=\"").count());
    assert_eq!(page.matches("<th>").count(), 0);
    assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
}
