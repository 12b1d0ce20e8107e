//! The ends of packets, written out.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::damaged::Damaged;
use crate::flow::key::{Kind, words};
use crate::flow::{Contexts, Flow, FlowKey};

/// From whom to whom packets go, and within which tags and tunnels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenKey {
    /// The tags and tunnels that are part of what makes packets one flow, outermost first: `vxlan:5/ip`; empty for
    /// none.
    pub context: String,
    /// The transport's name, `icmp`, `icmpv6` or `other`.
    pub protocol: Cow<'static, str>,
    /// Address of the source.
    pub source: IpAddr,
    /// Port of the source. Of ICMP the type that it sends, with 256 added where it is not answered; of other protocols
    /// without ports the protocol's number.
    pub source_port: u16,
    /// Address of the destination.
    pub destination: IpAddr,
    /// Port of the destination. Of ICMP the type that it sends, or the code of a message that is not answered; of other
    /// protocols without ports the protocol's number.
    pub destination_port: u16,
}

/// The words of protocols, by their numbers in a [`Kind`].
const PROTOCOLS: [&str; 8] = ["tcp", "udp", "sctp", "dccp", "udplite", "icmp", "icmpv6", "other"];

impl Flow {
    /// From whom to whom its first packet went, and within which tags and tunnels of those that `contexts` hold: that never
    /// changes, whatever else comes to be known of the flow.
    pub fn first_ends(&self, contexts: &Contexts) -> WrittenKey {
        WrittenKey::of(&self.key, contexts)
    }
}

impl WrittenKey {
    pub(in crate::flow) fn of(key: &FlowKey, contexts: &Contexts) -> WrittenKey {
        let protocol = PROTOCOLS.get(usize::from(key.kind.number())).copied().unwrap_or_default();
        WrittenKey {
            context: contexts.stack_text(key.kind.context()),
            protocol: protocol.into(),
            source: key.end(0).address,
            source_port: key.ports[0],
            destination: key.end(1).address,
            destination_port: key.ports[1],
        }
    }

    pub(in crate::flow) fn restored(&self, contexts: &mut Contexts) -> Result<FlowKey, Damaged> {
        let context = contexts.intern_text(&self.context).ok_or(Damaged::CONTEXT)?;
        let number = PROTOCOLS.iter().position(|name| *name == self.protocol);
        let is_ipv6 = self.source.is_ipv6();
        let kind = number.and_then(|number| Kind::restored(context, number as u8, is_ipv6));
        match kind {
            Some(kind) if is_ipv6 == self.destination.is_ipv6() => Ok(FlowKey {
                addresses: [words(self.source), words(self.destination)],
                ports: [self.source_port, self.destination_port],
                kind,
            }),
            _ => Err(Damaged("the ends are not those of a packet")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transport;

    #[test]
    fn the_words_are_those_of_transports() {
        for transport in Transport::ALL {
            assert_eq!(PROTOCOLS[transport as usize], transport.name());
        }
    }
}
