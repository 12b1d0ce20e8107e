//! OSCAL component definitions.

use super::super::fixture;
use super::*;

fn written(review: &Review) -> String {
    let mut out = Vec::new();
    oscal(review, WriteOptions::of(review), &mut out).expect("a definition");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_definition_is_as_expected() {
    fixture::expect("oscal-component-definition.json", &written(&fixture::review()));
    fixture::expect("empty-oscal-component-definition.json", &written(&fixture::empty()));
}

#[test]
fn a_service_that_two_zones_use_is_one_component_and_keeps_its_identifier() {
    let mut review = fixture::review();
    let uuids = |review: &Review| -> Vec<String> {
        let definition: Value = serde_json::from_str(&written(review)).expect("JSON");
        let components = definition["component-definition"]["components"].as_array().expect("components");
        components.iter().map(|component| component["uuid"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let before = uuids(&review);
    let mut other =
        review.rows.iter().find(|row| row.row_id == fixture::id(fixture::WEB)).expect("a row").clone();
    other.service.client_zone = "branch".into();
    other.row_id = fixture::id("a00000000011");
    review.rows.push(other);
    assert_eq!(uuids(&review), before);
    assert!(written(&review).contains("18 flows in use from 6 clients in users, branch."));
}

#[test]
fn a_guess_and_a_widened_network_are_said_and_local_services_stay() {
    let mut review = fixture::review();
    review.rows.retain(|row| row.row_id == fixture::id(fixture::WEB));
    let row = &mut review.rows[0];
    row.usage.grade = super::super::super::model::Grade::Midstream;
    (row.service.clients.widened, row.service.clients.hosts) = (true, 219);
    row.service.server = [127, 0, 0, 1].into();
    assert!(written(&review).contains(
        "9 flows in use from 219 clients in users. Which end is the server is guessed. The networks of its row \
         are wider than these clients."
    ));
}

#[test]
fn texts_from_outside_are_on_one_line() {
    let definition: Value =
        serde_json::from_str(&written(&fixture::with_texts(fixture::HOSTILE))).expect("JSON");
    let components = definition["component-definition"]["components"].as_array().expect("components");
    let titles = components.iter().map(|component| component["title"].as_str().expect("a title"));
    let hostile: Vec<&str> = titles.filter(|title| title.contains("<script>")).collect();
    assert_eq!(hostile.len(), 6);
    assert!(hostile.iter().all(|title| !title.contains(char::is_control) && title.trim() == *title));
}
