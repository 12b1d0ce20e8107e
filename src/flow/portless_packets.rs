//! Packets of protocols without ports become flows.

use super::event::Event;
use super::fragments::Head;
use super::record::stored;
use super::table::{FlowTable, Folded};
use super::{FlowKey, LayerChoice, Side};
use crate::capture::Packet;
use crate::decode::{Layers, Portless};

impl FlowTable {
    /// Counts a packet that ends in a protocol without ports, where that is of the layer that counts. Says
    /// whether it is: otherwise the packet's headers with ports count, or it is a fragment without its head.
    #[cold]
    pub(super) fn fold_portless(
        &mut self,
        packet: &Packet,
        layers: &Layers,
        portless: &Portless,
        tell: &mut impl FnMut(Folded),
    ) -> bool {
        let own = layers.headers().iter().filter(|header| header.quoted.is_none()).count();
        let around = usize::from(portless.headers_around);
        let (counts, is_head) = match self.options().layers {
            LayerChoice::Inner => (own <= around, true),
            LayerChoice::Outer => (around == 0, true),
            LayerChoice::All => (true, own == around),
        };
        let fragment = layers.fragment();
        if !counts || fragment.is_some_and(|fragment| fragment.offset > 0) {
            return false;
        }
        // The flow that later fragments of the datagram are in: that of its first header.
        let mut head = None;
        if self.options().layers == LayerChoice::All {
            for (n, header) in
                layers.headers().iter().enumerate().filter(|(_, header)| header.quoted.is_none())
            {
                let (flow, sender) = self.add(layers, header, packet);
                tell(Folded { header: n, flow, sender });
                if fragment.is_some_and(|fragment| usize::from(fragment.headers_around) == n) {
                    head = Some((flow as u32, sender));
                }
            }
        }
        let counted = self.count_portless(packet, layers, portless);
        self.counters.in_a_flow();
        if let Some((kind, port)) = layers.resemblance() {
            self.counters.resembles(kind, port);
        }
        self.mark_quoted(layers);
        if let Some(fragment) = fragment {
            let is_around = fragment.headers_around > 0 && self.options().layers == LayerChoice::Outer;
            let found = head.or((is_head && !is_around).then_some(counted));
            if let Some((flow, side)) = found {
                let key = self.datagram(layers, fragment);
                let range = (fragment.offset, fragment.offset.saturating_add(fragment.length));
                let time = stored(packet.believed_time());
                if let Some(given) = self.fragments.head(key, Head { flow, side, range, time }) {
                    self.give(&given);
                }
            }
        }
        true
    }

    fn count_portless(&mut self, packet: &Packet, layers: &Layers, portless: &Portless) -> (u32, Side) {
        let stack = layers.context_of_portless(portless);
        let key = FlowKey::of_portless(portless, self.contexts.key(stack));
        let event = Event::of_portless(portless);
        let (flow, side, _) = self.count_as(key, stack, &event, portless.ip_length, layers, packet);
        if let Some((_, code)) = portless.icmp
            && key.icmp_code().is_none()
            && let Some(flow) = self.flows.get_mut(flow)
        {
            flow.note_icmp_code(side, code);
        }
        (flow, side)
    }
}
