//! `explain`: one flow in plain sentences. Why its label says what it says, what speaks against it, and what
//! its words do not mean.

mod json;
mod packets;
mod ports;
mod sentences;

use crate::evidence::Observed;
use crate::flow::{Basis, Votes};
use crate::label::FlagReason;
use crate::net::End;
use crate::registry::{Answer, Registry};
use crate::traffic::{LabelledFlow, Place};
use crate::{Transport, net::Protocol};

use super::glossary::Entry;

pub use json::json;
pub use packets::{FirstPackets, SeenPacket};
pub use sentences::people;

/// Everything that is known of one flow.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The flow with its label.
    pub row: LabelledFlow<'a>,
    /// Where its first packet is.
    pub place: Place<'a>,
    /// How many flows there are.
    pub flows: u64,
    /// What each basis says of the server.
    pub votes: Votes,
    /// The numbers of other flows that were asked for with it.
    pub others: Vec<u64>,
    /// Its first packets.
    pub packets: FirstPackets,
    /// The registry that was asked.
    pub registry: &'a Registry,
}

/// What a basis says of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The basis.
    pub basis: Basis,
    /// The end that it takes for the server; `None` where it says nothing.
    pub server: Option<End>,
    /// Whether that is the end that the label takes for the server.
    pub agrees: bool,
}

impl<'a> Explanation<'a> {
    /// What each basis says, strongest first. The first that says something decides, unless a later one of the
    /// label is stronger than what was asked again.
    pub fn evidence(&self) -> impl Iterator<Item = Evidence> + '_ {
        Basis::ALL.into_iter().map(|basis| {
            let says = self.votes.get(basis);
            Evidence {
                basis,
                server: says.map(|side| self.row.flow.end(side)),
                agrees: says == Some(self.row.label.direction.server),
            }
        })
    }

    /// What the registry says of both ports on every transport: first of the server's, on the transport of the
    /// flow before the others. Empty for a protocol without ports.
    pub fn ports(&self) -> Vec<Answer<'a>> {
        let label = &self.row.label;
        let ports = [label.server, label.client].map(|answer| answer.map(|answer| (answer, answer.port())));
        let mut all = Vec::new();
        for (n, (own, port)) in ports.into_iter().flatten().enumerate() {
            if n > 0 && all.iter().any(|answer: &Answer| answer.port() == port) {
                continue;
            }
            all.push(own);
            all.extend(
                Transport::REGISTERED
                    .into_iter()
                    .filter(|transport| *transport != own.transport().registered_as())
                    .map(|transport| self.registry.port(transport, port)),
            );
        }
        all
    }

    /// What the payload shows.
    pub fn observed(&self) -> Option<Observed> {
        self.row.label.observed()
    }

    /// Why the flow has each of its flags.
    pub fn flag_reasons(&self) -> Vec<FlagReason<'a>> {
        self.row.label.flag_reasons().collect()
    }

    /// The words of the label, each with what it means and what it does not.
    pub fn words(&self) -> Vec<Entry> {
        let label = &self.row.label;
        let mut words = vec![Entry::of_status(label.status())];
        words.extend(label.port_range().map(Entry::of_range));
        words.push(Entry::of_state(label.state));
        words.push(Entry::of_basis(label.direction.basis));
        words.push(Entry::of_confidence(label.direction.confidence));
        words.extend(label.observed().map(|observed| Entry::of_observed_by(observed.by)));
        words.extend(label.agreement.map(Entry::of_agreement));
        words.extend(label.in_the_clear().map(|clear| Entry::of_clear_by(clear.by)));
        words.extend(label.flags.iter().map(Entry::of_flag));
        words
    }

    /// The protocol above IP.
    fn protocol(&self) -> Protocol {
        self.row.flow.protocol()
    }
}
