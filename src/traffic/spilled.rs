//! Flows that need not fit into memory.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;

use super::host_names::NamesOfFlows;
use super::{Labelled, LabelledFlow, MergingSink, ReadLog, Sink, SoFar, Traffic};
use crate::capture::Packet;
use crate::flow::{Announcements, ConnectionKey, Contexts, Flow, FlowTable, Folded, Sorted, Spill};
use crate::label::Labeller;
use crate::registry::Registry;

/// Keeps at most a number of flows in memory, and spills the rest to temporary files.
#[derive(Debug)]
pub struct FoldWithin {
    flows_in_memory: usize,
    /// How many flows there must be for some to be taken out: more than may be, where few could be taken,
    /// since going through all of them for each packet would take too long.
    many: usize,
    spill: Option<Spill>,
    cannot_spill: Option<io::Error>,
}

impl FoldWithin {
    /// A sink that spills when there are `flows_in_memory` flows.
    pub fn new(flows_in_memory: usize) -> FoldWithin {
        FoldWithin { flows_in_memory, many: flows_in_memory, spill: None, cannot_spill: None }
    }

    #[cold]
    fn relieve(&mut self, table: &mut FlowTable) {
        if self.cannot_spill.is_some() {
            return;
        }
        let spilled = match &mut self.spill {
            Some(spill) => spill.take_from(table),
            none => Spill::new(self.flows_in_memory).and_then(|spill| none.insert(spill).take_from(table)),
        };
        // The flows stay in memory then.
        self.cannot_spill = spilled.err();
        self.many = self.flows_in_memory.max(2 * table.len());
    }
}

impl Sink for FoldWithin {
    type Error = Infallible;
    type Output = io::Result<AnyTraffic>;

    #[inline]
    fn packet(&mut self, _: &Packet, _: &[Folded], so_far: &mut SoFar<'_>) -> Result<(), Infallible> {
        if so_far.table.held() >= self.many {
            self.relieve(so_far.table);
        }
        Ok(())
    }

    /// # Errors
    ///
    /// When a temporary file cannot be written or read.
    fn finish(self, mut table: FlowTable, log: ReadLog) -> io::Result<AnyTraffic> {
        let FoldWithin { spill, cannot_spill, .. } = self;
        let Some(mut spill) = spill else {
            return Ok(AnyTraffic::InMemory { traffic: Traffic::new(table, log), cannot_spill });
        };
        table.forget_fragments();
        spill.take_from(&mut table)?;
        let sorted = spill.finish(&mut table)?;
        Ok(AnyTraffic::Spilled(SpilledTraffic { table, sorted, log, cannot_spill }))
    }
}

impl MergingSink for FoldWithin {
    fn merged(&mut self, so_far: &mut SoFar<'_>) -> Result<(), Infallible> {
        if so_far.table.held() >= self.many {
            self.relieve(so_far.table);
        }
        Ok(())
    }
}

/// The flows of all captures that were read, in temporary files.
#[derive(Debug)]
pub struct SpilledTraffic {
    /// Without flows: it knows their tunnels and VLANs.
    table: FlowTable,
    sorted: Sorted,
    log: ReadLog,
    cannot_spill: Option<io::Error>,
}

impl SpilledTraffic {
    /// Labels the flows with a registry.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be read.
    pub fn label<'a>(&'a self, registry: &'a Registry) -> io::Result<LabelledSpilled<'a>> {
        let ephemeral = self.log.settings().ephemeral.clone();
        let fault = Cell::new(None);
        let continued = RefCell::new(HashMap::new());
        let flows = || {
            self.sorted.flows().map_while(|flow| {
                let flow = flow.map_err(|error| fault.set(Some(error))).ok()?;
                if flow.continues() {
                    continued.borrow_mut().insert(flow.connection_key(), 0);
                }
                Some(flow)
            })
        };
        let labeller = Labeller::of_many(registry, flows, ephemeral);
        let servers = self.table.servers_of((0..).zip(flows()));
        let names = NamesOfFlows::new(&self.table, self.log.settings().hosts.as_deref(), servers);
        if let Some(error) = fault.into_inner() {
            return Err(error);
        }
        Ok(LabelledSpilled { traffic: self, labeller, continued: continued.into_inner(), names })
    }

    /// Every flow, in the order of first packets. After an error there are no more.
    pub fn flows(&self) -> impl Iterator<Item = io::Result<Flow>> + '_ {
        self.sorted.flows()
    }

    /// How many flows there are.
    pub fn len(&self) -> u64 {
        self.sorted.len()
    }

    /// Whether there are no flows.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// What was read, and how.
    pub fn log(&self) -> &ReadLog {
        &self.log
    }

    fn contexts(&self) -> &Contexts {
        self.table.contexts()
    }
}

/// Flows in temporary files with their labels. A label is made when it is asked for.
pub struct LabelledSpilled<'a> {
    traffic: &'a SpilledTraffic,
    labeller: Labeller<'a>,
    /// The connections that go on in a second flow.
    continued: HashMap<ConnectionKey, u64>,
    names: Option<NamesOfFlows<'a>>,
}

impl<'a> LabelledSpilled<'a> {
    /// Every flow with its label, in the order of first packets. After an error there are no more.
    pub fn rows(&self) -> impl Iterator<Item = io::Result<LabelledFlow<'a>>> + '_ {
        // Numbers of their first flows.
        let mut connections = self.continued.clone();
        self.traffic.flows().zip(1..).map(move |(flow, number)| {
            let flow = flow?;
            let row = LabelledFlow::new(number, flow, self.labeller.label(&flow), self.traffic.contexts())
                .named(self.names.as_ref());
            Ok(match connections.get_mut(&flow.connection_key()) {
                Some(first) if flow.continues() => row.of_connection(*first),
                Some(first) => {
                    *first = number;
                    row
                }
                None => row,
            })
        })
    }
}

/// Traffic wherever it had room. For reports that go through the flows in their order.
#[derive(Debug)]
pub enum AnyTraffic {
    /// All flows are in memory.
    InMemory {
        /// The flows.
        traffic: Traffic,
        /// Why flows that were too many for memory are in memory.
        cannot_spill: Option<io::Error>,
    },
    /// All flows are in temporary files.
    Spilled(SpilledTraffic),
}

impl AnyTraffic {
    /// Labels the flows with a registry.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be read.
    pub fn label<'a>(&'a self, registry: &'a Registry) -> io::Result<AnyLabelled<'a>> {
        Ok(match self {
            AnyTraffic::InMemory { traffic, .. } => AnyLabelled::InMemory(traffic.label(registry)),
            AnyTraffic::Spilled(traffic) => AnyLabelled::Spilled(traffic.label(registry)?),
        })
    }

    /// What was read, and how.
    pub fn log(&self) -> &ReadLog {
        match self {
            AnyTraffic::InMemory { traffic, .. } => traffic.log(),
            AnyTraffic::Spilled(traffic) => traffic.log(),
        }
    }

    /// What control connections announced of data connections, where payload is looked at.
    pub fn announced(&self) -> &Announcements {
        match self {
            AnyTraffic::InMemory { traffic, .. } => traffic.table().announced(),
            AnyTraffic::Spilled(traffic) => traffic.table.announced(),
        }
    }

    /// How many flows are in temporary files.
    pub fn flows_in_files(&self) -> u64 {
        match self {
            AnyTraffic::InMemory { .. } => 0,
            AnyTraffic::Spilled(traffic) => traffic.len(),
        }
    }

    /// Why flows beyond the limit were kept in memory while captures were read.
    pub fn cannot_spill(&self) -> Option<&io::Error> {
        match self {
            AnyTraffic::InMemory { cannot_spill, .. } => cannot_spill.as_ref(),
            AnyTraffic::Spilled(traffic) => traffic.cannot_spill.as_ref(),
        }
    }
}

/// Flows with their labels, wherever the flows had room.
pub enum AnyLabelled<'a> {
    /// All flows are in memory.
    InMemory(Labelled<'a>),
    /// All flows are in temporary files.
    Spilled(LabelledSpilled<'a>),
}

impl<'a> AnyLabelled<'a> {
    /// Every flow with its label, in the order of first packets. After an error there are no more.
    pub fn rows(&self) -> impl Iterator<Item = io::Result<LabelledFlow<'a>>> + '_ {
        let (in_memory, spilled) = match self {
            AnyLabelled::InMemory(labelled) => (Some(labelled.rows().map(Ok)), None),
            AnyLabelled::Spilled(labelled) => (None, Some(labelled.rows())),
        };
        in_memory.into_iter().flatten().chain(spilled.into_iter().flatten())
    }
}
