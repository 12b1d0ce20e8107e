//! The services as an OSCAL component definition (NIST OSCAL 1.1, model `component-definition`).

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::model::{Grade, Offer, Review, Row};
use super::proposal::{HeldBack, Proposal, Proposals, proposals};
use super::text::{flows_in_use, names, service};
use super::{NOT_APPROVED, WriteOptions};
use crate::foreign;
use crate::net::Transport;
use crate::text::count;

/// The identifiers of this program's objects are made in this name space (RFC 9562 section 5.5),
/// so that the same service keeps its identifier from one review to the next.
const NAME_SPACE: Uuid = Uuid::from_u128(0x6f5c_a5d1_0ff5_5f5b_9d3d_7c51_30b6_8a10);

/// Writes a component of type `service` for every service of a server, with its transport and
/// ports. OSCAL has words for TCP and UDP; of other transports, and of protocols without ports, the title
/// tells.
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
    let mut services: BTreeMap<(IpAddr, Offer), Vec<&Row>> = BTreeMap::new();
    for Proposal { row, .. } in rules.iter().chain(local) {
        services.entry((row.service.server, row.service.offer)).or_default().push(row);
    }
    let components: Vec<Value> =
        services.iter().map(|(&(server, offer), rows)| component(server, offer, rows)).collect();
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
    foreign::json_pretty(&mut *out, &json!({ "component-definition": whole }))?;
    writeln!(out)
}

fn component(server: IpAddr, offer: Offer, rows: &[&Row]) -> Value {
    let key = format!("{server} {}", offer.identity().replace('|', " "));
    let name = rows.first().map_or_else(Default::default, |row| names(row).0);
    let flows = match rows.iter().map(|row| flows_in_use(row)).sum() {
        0 => "Flows that may be in use".to_owned(),
        in_use => format!("{} in use", count(in_use, "flow")),
    };
    let guessed = rows.iter().any(|row| row.usage.grade == Grade::Midstream);
    let widened = rows.iter().any(|row| row.service.users().widened);
    let clients = rows.iter().map(|row| row.service.users().hosts).sum();
    let mut zones: Vec<&str> = rows.iter().map(|row| row.service.client_zone.as_str()).collect();
    zones.dedup();
    let mut protocol = json!({
        "uuid": identifier(&format!("protocol {key}")),
        "name": line(&rows.first().map_or_else(Default::default, |row| service(row))),
        "title": line(&match offer {
            Offer::Ports { transport, .. } => format!("{name} over {transport}"),
            Offer::Icmp { .. } | Offer::Protocol(_) => format!("{name} over IP"),
        }),
    });
    if let Offer::Ports { transport, ports } = offer {
        let mut range = json!({ "start": ports.first, "end": ports.last });
        if matches!(transport, Transport::Tcp | Transport::Udp) {
            range["transport"] = transport.name().to_ascii_uppercase().into();
        }
        protocol["port-ranges"] = json!([range]);
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
        "protocols": [protocol],
    })
}

fn identifier(name: &str) -> String {
    Uuid::new_v5(&NAME_SPACE, name.as_bytes()).to_string()
}

/// Text on one line, without blanks around it, which OSCAL does not allow in strings.
fn line(text: &str) -> String {
    foreign::line(text).trim().to_owned()
}

#[cfg(test)]
#[path = "../../../tests/review/within/oscal.rs"]
mod tests;
