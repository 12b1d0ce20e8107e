//! What can be clicked to see its flows alone.

use maud::{Markup, html};
use serde_json::{Value as Json, json};

use super::super::summary::Key;
use super::places::Places;
use crate::label::Flag;
use crate::net::{PortRange, Protocol};

/// A condition on flows, as the script of the page reads it: a column of the table's data, how it is compared, and
/// with what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Conditions(Vec<Json>);

impl Conditions {
    pub(super) fn status(name: &str) -> Conditions {
        Conditions(vec![json!(["status", "=", name])])
    }

    /// `None` for protocols without ports.
    pub(super) fn range(range: Option<PortRange>) -> Conditions {
        Conditions(vec![json!(["port_range", "=", range.map(PortRange::name)])])
    }

    pub(super) fn flag(flag: Flag) -> Conditions {
        Conditions(vec![json!(["flags", "has", flag.name()])])
    }

    /// Either end of a flow.
    pub(super) fn host(address: &str) -> Conditions {
        Conditions(vec![json!(["host", "=", address])])
    }

    /// Flows that began in a span, in microseconds since 1970; its end belongs to the next one.
    pub(super) fn began(from: i64, to: i64) -> Conditions {
        Conditions(vec![json!(["first_seen", "from", from]), json!(["first_seen", "before", to])])
    }

    /// The service of a row of a summary by service.
    pub(super) fn service(key: &Key) -> Option<Conditions> {
        Some(Conditions(match *key {
            Key::Service(transport, Ok(service)) => {
                vec![json!(["transport", "=", transport.name()]), json!(["service", "=", service])]
            }
            Key::Service(transport, Err(port)) => vec![
                json!(["transport", "=", transport.name()]),
                json!(["service", "=", null]),
                json!(["server_port", "=", port]),
            ],
            Key::Portless(protocol, kind) => portless(protocol, kind),
            _ => return None,
        }))
    }

    pub(super) fn and(mut self, other: Conditions) -> Conditions {
        self.0.extend(other.0);
        self
    }

    pub(super) fn between(places: Places, client: &str, server: &str) -> Conditions {
        let [of_client, of_server] = places.columns();
        Conditions(vec![json!([of_client, "=", client]), json!([of_server, "=", server])])
    }
}

fn portless(protocol: Protocol, kind: Option<u8>) -> Vec<Json> {
    let protocol = super::super::flows::protocol(protocol);
    vec![json!(["transport", "=", null]), json!(["protocol", "=", protocol]), json!(["icmp_type", "=", kind])]
}

/// A button that shows the flows of these conditions alone; `what` names them where they are listed.
pub(super) fn mark(conditions: &Conditions, what: &str, shown: &str) -> Markup {
    let conditions = Json::from(conditions.0.as_slice()).to_string();
    html! {
        button.mark type="button" data-conditions=(conditions) data-what=(what) { (shown) }
    }
}
