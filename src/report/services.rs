//! What is known of services beyond their registration: one row a statement, a transport and a range of ports.

use super::field::columns;
use super::{Holds, Value};
use crate::Transport;
use crate::net::Ports;
use crate::services::{Statement, Subject};
use crate::text::words;

columns! {
    /// The values of a statement about these ports on a transport.
    pub fn values<'a>(statement: Statement, transport: Transport, ports: Ports) {
        let Statement { subject, fact } = statement;
    }
    "service": always Holds::Text, "the name that people know" => Value::text(Some(fact.service));
    "registered_as": always Holds::Text, "the registry's name or status for the ports" => Value::text(Some(fact.registered_as));
    "transport": always Holds::Word(words!(Transport)), "transport protocol" => Value::text(Some(transport.name()));
    "first_port": always Holds::PORT, "lowest port" => Value::Number(ports.first.into());
    "last_port": always Holds::PORT, "highest port" => Value::Number(ports.last.into());
    "fact": always Holds::Word(Subject::WORDS), "what is said of it" => Value::text(Some(subject.name()));
    "value": always Holds::Texts, "of `in-the-clear` what is sent, and until when; of `begins-with` and `usual-port` the protocols" => Value::List(subject.value());
    "why": maybe Holds::Text, "the reason" => Value::filled(fact.why);
    "alternative": maybe Holds::Text, "what to use instead of an insecure service" => Value::filled(fact.alternative);
    "source": always Holds::Text, "who says so" => Value::text(Some(fact.source));
    "source_date": always Holds::Text, "when: a year, a month, a day, or `undated`" => Value::text(Some(fact.source_date));
}
