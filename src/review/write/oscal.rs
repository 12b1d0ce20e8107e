//! The services as an OSCAL component definition (NIST OSCAL 1.1, model `component-definition`).

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::model::{Grade, Review, Row};
use super::proposal::{HeldBack, Proposal, Proposals, proposals};
use super::text::{flows_in_use, service};
use super::{NOT_APPROVED, WriteOptions};
use crate::net::Ports;
use crate::text::count;

/// The identifiers of this program's objects are made in this name space (RFC 9562 section 5.5),
/// so that the same service keeps its identifier from one review to the next.
const NAME_SPACE: Uuid = Uuid::from_u128(0x6f5c_a5d1_0ff5_5f5b_9d3d_7c51_30b6_8a10);

/// Writes a component of type `service` for every service of a server, with its transport and
/// ports. OSCAL has words for TCP and UDP; of other transports the title tells.
///
/// `last-modified` is the latest time in the captures, or the day of the review where there is
/// none.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn oscal(review: &Review, options: WriteOptions, out: &mut impl io::Write) -> io::Result<()> {
    let Proposals { rules, held_back, .. } = proposals(review, options);
    // A service that no firewall sees is one all the same.
    let local = held_back.iter().filter(|(_, why)| *why == HeldBack::NotForwarded).map(|(row, _)| row);
    let mut services: BTreeMap<(IpAddr, &str, Ports), Vec<&Row>> = BTreeMap::new();
    for Proposal { row, .. } in rules.iter().chain(local) {
        services
            .entry((row.service.server, row.service.transport.name(), row.service.ports))
            .or_default()
            .push(row);
    }
    let components: Vec<Value> = services
        .iter()
        .map(|((server, transport, ports), rows)| component(*server, transport, *ports, rows))
        .collect();
    let last = review.coverage.inputs.iter().filter_map(|input| input.last).max();
    let last_modified = match (last, review.as_of) {
        (Some(last), _) => last.to_string(),
        (None, Some(day)) => format!("{day}T00:00:00Z"),
        (None, None) => "1970-01-01T00:00:00Z".to_owned(),
    };
    let mut definition = json!({
        "metadata": {
            "title": "Services, ports and protocols observed by portscribe review",
            "last-modified": last_modified,
            "version": review.version.to_string(),
            "oscal-version": "1.1.3",
            "remarks": format!("{NOT_APPROVED} Observed in {}. {}", review.coverage.in_words(), review.note),
        },
    });
    // A definition without components has no such key: an empty list is against its schema.
    if !components.is_empty() {
        definition["components"] = components.into();
    }
    let uuid = identifier(&format!("definition {definition}"));
    let mut whole = json!({ "uuid": uuid });
    if let (Value::Object(whole), Value::Object(definition)) = (&mut whole, definition) {
        whole.extend(definition);
    }
    serde_json::to_writer_pretty(&mut *out, &json!({ "component-definition": whole }))?;
    writeln!(out)
}

fn component(server: IpAddr, transport: &str, ports: Ports, rows: &[&Row]) -> Value {
    let key = format!("{server} {transport} {ports}");
    let name = rows.first().map_or_else(Default::default, |row| service(row));
    let flows = match rows.iter().map(|row| flows_in_use(row)).sum() {
        0 => "Flows that may be in use".to_owned(),
        in_use => format!("{} in use", count(in_use, "flow")),
    };
    let guessed = rows.iter().any(|row| row.usage.grade == Grade::Midstream);
    let widened = rows.iter().any(|row| row.service.users().widened);
    let clients = rows.iter().map(|row| row.service.users().hosts).sum();
    let mut zones: Vec<&str> = rows.iter().map(|row| row.service.client_zone.as_str()).collect();
    zones.dedup();
    let mut range = json!({ "start": ports.first, "end": ports.last });
    if matches!(transport, "tcp" | "udp") {
        range["transport"] = transport.to_ascii_uppercase().into();
    }
    let props: Vec<Value> = rows
        .iter()
        .flat_map(|row| [("row-id", row.row_id.to_string()), ("grade", row.usage.grade.to_string())])
        .map(|(name, value)| json!({ "name": name, "ns": "urn:portscribe:review", "value": value }))
        .collect();
    json!({
        "uuid": identifier(&format!("component {key}")),
        "type": "service",
        "title": line(&format!("{name} at {server}")),
        "description": line(&format!(
            "{NOT_APPROVED} {flows} from {} in {}.{}{}",
            count(clients, "client"),
            zones.join(", "),
            if guessed { " Which end is the server is guessed." } else { "" },
            if widened { " The networks of its row are wider than these clients." } else { "" },
        )),
        "props": props,
        "protocols": [{
            "uuid": identifier(&format!("protocol {key}")),
            "name": line(&name),
            "title": line(&format!("{name} over {transport}")),
            "port-ranges": [range],
        }],
    })
}

fn identifier(name: &str) -> String {
    Uuid::new_v5(&NAME_SPACE, name.as_bytes()).to_string()
}

/// Text on one line, without blanks around it, which OSCAL does not allow in strings.
fn line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
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
            components
                .iter()
                .map(|component| component["uuid"].as_str().unwrap_or_default().to_owned())
                .collect()
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
        let title = definition["component-definition"]["components"][0]["title"].as_str().expect("a title");
        assert!(title.contains("<script>") && !title.contains(char::is_control) && title.trim() == title);
    }
}
