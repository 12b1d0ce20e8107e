//! The state of a table, written out: for another process to go on with.
//!
//! It holds no number that has a meaning in one table alone: tags, tunnels and names are written out. It is the same
//! for the same packets, whatever the order of the table's maps is.

mod damaged;
mod flow;
mod key;

use std::collections::BTreeMap;

pub use damaged::Damaged;
pub use flow::{WrittenFlow, WrittenInterface, WrittenInterfaceName, WrittenShown};
pub use key::WrittenKey;

use super::counters::WrittenCounter;
use super::fragments::{Fragments, WrittenDatagram};
use super::host_names::WrittenName;
use super::{Counters, FlowOptions, FlowTable};
use crate::evidence::Announced;

/// All that a table knows which [follows](FlowTable::following) another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenTable {
    /// How many packets were read, and why some are in no flow.
    pub counters: Vec<WrittenCounter>,
    /// The flows, in the order of their first packets.
    pub flows: Vec<WrittenFlow>,
    /// What ICMP errors said of flows that are not in the table, as bits.
    pub marks: Vec<(WrittenKey, u16)>,
    /// Addresses of ends of SCTP associations: one that goes by the destination's address. The ports are its own and
    /// that of the other end.
    pub paths: Vec<WrittenKey>,
    /// The ends of data connections that control connections announced, each with the number of its packet.
    pub announced: Vec<(WrittenKey, u64, Announced)>,
    /// Datagrams of which fragments may still come, or came before.
    pub datagrams: Vec<WrittenDatagram>,
    /// Names of hosts; `None` where they were not asked for.
    pub names: Option<Vec<WrittenName>>,
}

impl FlowTable {
    /// Writes out what the table knows. All of its flows must be in it.
    pub fn write_out(&self) -> WrittenTable {
        let contexts = &self.contexts;
        let mut marks: BTreeMap<WrittenKey, u16> = BTreeMap::new();
        for (key, bits) in self.unclaimed() {
            // All of them are of the newest flow of their ends in the table before: their order says nothing.
            *marks.entry(WrittenKey::of(key, contexts)).or_default() |= bits;
        }
        WrittenTable {
            counters: self.counters.write_out(),
            flows: (0..)
                .zip(self.flows())
                .map(|(id, flow)| WrittenFlow::of(flow, &self.beginnings.of(id), contexts))
                .collect(),
            marks: marks.into_iter().collect(),
            paths: self.paths.keys().map(|key| WrittenKey::of(&key, contexts)).collect(),
            announced: self
                .announced
                .iter()
                .map(|(key, packet, end)| (WrittenKey::of(key, contexts), packet, end))
                .collect(),
            datagrams: self.fragments.write_out(contexts),
            names: self.names.as_ref().map(|names| names.write_out(contexts)),
        }
    }

    /// The table whose state was written out so. It follows another, into which it can be
    /// [merged](FlowTable::merge).
    ///
    /// # Errors
    ///
    /// Where no table has such a state.
    pub fn restored(options: FlowOptions, written: WrittenTable) -> Result<FlowTable, Damaged> {
        let mut table = FlowTable::following(options);
        table.counters = Counters::restored(&written.counters)?;
        let frames = table.counters.frames();
        let mut first = 0;
        for flow in &written.flows {
            if flow.first_packet < first || flow.first_packet >= frames || flow.connection > flow.first_packet
            {
                return Err(Damaged("a flow has a first packet that its capture has not, or not there"));
            }
            first = flow.first_packet;
            let beginnings = flow.restored_beginnings()?;
            let flow = flow.restored(&mut table.contexts)?;
            let id = table.push_newest(flow);
            table.beginnings.put_back(id, beginnings);
        }
        for (key, bits) in &written.marks {
            let key = key.restored(&mut table.contexts)?;
            table.unclaimed.get_or_insert_default().push((key, *bits));
        }
        for key in &written.paths {
            let key = key.restored(&mut table.contexts)?;
            table.paths.put(&key);
        }
        for (key, packet, end) in &written.announced {
            let key = key.restored(&mut table.contexts)?;
            table.announced.announce(key, *packet, *end);
        }
        table.fragments = Fragments::restored(written.datagrams, written.flows.len(), &mut table.contexts)?;
        if let (Some(names), Some(written)) = (&mut table.names, written.names) {
            names.restore(written, &mut table.contexts)?;
        }
        Ok(table)
    }
}
