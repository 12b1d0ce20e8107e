//! Flows in memory, and flows with their labels.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

#[cfg(feature = "report")]
use super::Hosts;
use super::host_names::{NamesOfFlows, OfBoth};
use super::{CaptureSummary, HostName, Place, ReadLog, ReadSettings};
#[cfg(feature = "report")]
use crate::anonymize::Anonymizer;
use crate::decode::Step;
use crate::flow::{Contexts, Counters, Flow, FlowTable, Side, WrittenKey};
use crate::foreign::Foreign;
use crate::label::{Label, Labeller};
use crate::net::{End, IcmpMessage, Interface};
use crate::registry::Registry;

/// The flows of all captures that were read, in memory.
#[derive(Debug)]
pub struct Traffic {
    table: FlowTable,
    log: ReadLog,
}

impl Traffic {
    pub(super) fn new(table: FlowTable, log: ReadLog) -> Traffic {
        Traffic { table, log }
    }

    /// Labels the flows with a registry.
    pub fn label<'a>(&'a self, registry: &'a Registry) -> Labelled<'a> {
        let ephemeral = self.log.settings().ephemeral.clone();
        let names =
            NamesOfFlows::new(&self.table, self.log.settings().hosts.as_deref(), self.table.servers());
        Labelled { traffic: self, registry, labeller: Labeller::new(registry, &self.table, ephemeral), names }
    }

    /// Every flow, in the order of first packets.
    pub fn flows(&self) -> impl Iterator<Item = Flow> + '_ {
        self.table.flows().copied()
    }

    /// The flows by their numbers.
    pub fn table(&self) -> &FlowTable {
        &self.table
    }

    /// What was read, and how.
    pub fn log(&self) -> &ReadLog {
        &self.log
    }

    /// The captures, in the order they were read.
    pub fn captures(&self) -> &[CaptureSummary] {
        self.log.captures()
    }

    /// How many packets were read, and why some are in no flow.
    pub fn counters(&self) -> &Counters {
        self.log.counters()
    }

    /// How captures were read.
    pub fn settings(&self) -> &ReadSettings {
        self.log.settings()
    }

    /// The capture that holds a packet, and the packet's number in it from 1, by its number among
    /// all packets from 0.
    pub fn place(&self, packet: u64) -> Place<'_> {
        self.log.place(packet)
    }
}

/// Flows in memory with their labels. A label is made when it is asked for.
pub struct Labelled<'a> {
    traffic: &'a Traffic,
    registry: &'a Registry,
    labeller: Labeller<'a>,
    names: Option<NamesOfFlows<'a>>,
}

impl<'a> Labelled<'a> {
    /// The registry that labels.
    pub fn registry(&self) -> &'a Registry {
        self.registry
    }

    /// The traffic that is labelled.
    pub fn traffic(&self) -> &'a Traffic {
        self.traffic
    }

    /// What makes the labels.
    pub fn labeller(&self) -> &Labeller<'a> {
        &self.labeller
    }

    /// Every flow with its label, in the order of first packets.
    pub fn rows(&self) -> impl Iterator<Item = LabelledFlow<'a>> + '_ {
        self.traffic.flows().enumerate().map(|(n, flow)| self.row(n, flow))
    }

    /// One flow with its label, by its number from 0.
    pub fn flow(&self, number: usize) -> Option<LabelledFlow<'a>> {
        Some(self.row(number, *self.traffic.table.flow(number)?))
    }

    fn row(&self, number: usize, flow: Flow) -> LabelledFlow<'a> {
        let table = &self.traffic.table;
        let connection = table.first_of_connection(number, &flow);
        LabelledFlow::new(number as u64 + 1, flow, self.labeller.label(&flow), table.contexts())
            .of_connection(connection as u64 + 1)
            .named(self.names.as_ref())
    }
}

/// A flow with its label. Serialized with its tunnels and VLANs as text.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct LabelledFlow<'a> {
    /// Number of the flow, from 1 in the order of first packets.
    pub number: u64,
    /// Number of the first flow of the connection; that of this flow unless an earlier one is part of the
    /// same connection.
    pub connection: u64,
    /// The flow.
    pub flow: Flow,
    /// Its label.
    pub label: Label<'a>,
    contexts: &'a Contexts,
    names: OfBoth<'a>,
    /// What has replaced addresses, and replaces names.
    #[cfg(feature = "report")]
    anonymized: Option<&'a Anonymizer>,
}

impl fmt::Debug for LabelledFlow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabelledFlow")
            .field("number", &self.number)
            .field("flow", &self.flow)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl Serialize for LabelledFlow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("LabelledFlow", 6)?;
        out.serialize_field("number", &self.number)?;
        out.serialize_field("connection", &self.connection)?;
        out.serialize_field("tunnel", &self.tunnel())?;
        out.serialize_field("vlan", &self.vlan())?;
        out.serialize_field("flow", &self.flow)?;
        out.serialize_field("label", &self.label)?;
        out.end()
    }
}

impl<'a> LabelledFlow<'a> {
    /// A flow with its label; `contexts` are those of the table that it is in.
    pub fn new(number: u64, flow: Flow, label: Label<'a>, contexts: &'a Contexts) -> LabelledFlow<'a> {
        LabelledFlow {
            number,
            connection: number,
            flow,
            label,
            contexts,
            names: [None; 2],
            #[cfg(feature = "report")]
            anonymized: None,
        }
    }

    /// This flow as part of the connection that began in the flow with another number.
    #[must_use]
    pub fn of_connection(self, connection: u64) -> LabelledFlow<'a> {
        LabelledFlow { connection, ..self }
    }

    /// This flow with the names of its ends.
    #[must_use]
    pub(super) fn named(self, names: Option<&NamesOfFlows<'a>>) -> LabelledFlow<'a> {
        let names = names.map_or([None; 2], |names| names.of(self.number - 1, &self.flow, &self.label));
        LabelledFlow { names, ..self }
    }

    /// This flow with the names of its ends by what was told of them so far; `table` is the one that it is in, and
    /// the only one that it was in.
    #[cfg(feature = "report")]
    pub(crate) fn named_in(self, table: &'a FlowTable, hosts: Option<&'a Hosts>) -> LabelledFlow<'a> {
        LabelledFlow { names: super::host_names::so_far(table, hosts, &self.flow, &self.label), ..self }
    }

    /// From whom to whom its first packet went, and within which tags and tunnels: that never changes, whatever else
    /// comes to be known of the flow.
    pub fn first_ends(&self) -> WrittenKey {
        self.flow.first_ends(self.contexts)
    }

    /// What the client is called, where names are asked for.
    pub fn client_name(&self) -> Option<HostName<'a>> {
        self.names[0]
    }

    /// What the server is called, where names are asked for.
    pub fn server_name(&self) -> Option<HostName<'a>> {
        self.names[1]
    }

    /// This flow with other addresses and names of interfaces, and without names of its ends and local names. Its
    /// label was made by what
    /// it was before.
    #[cfg(feature = "report")]
    #[must_use]
    pub fn anonymized(self, by: &'a Anonymizer) -> LabelledFlow<'a> {
        let flow = self.flow.readdressed(|address| by.address(address));
        LabelledFlow { flow, names: [None; 2], anonymized: Some(by), ..self }
    }

    /// What an overlay calls the server's port on this server; empty without an overlay.
    pub fn local_names(&self) -> Vec<Foreign<&'a str>> {
        #[cfg(feature = "report")]
        if self.anonymized.is_some() {
            return Vec::new();
        }
        let address = self.server().address;
        self.label.server.map_or(Vec::new(), |server| server.local_names(Some(address)))
    }

    fn server_side(&self) -> Side {
        self.label.direction.server
    }

    /// The server's address and port.
    pub fn server(&self) -> End {
        self.flow.end(self.server_side())
    }

    /// The client's address and port.
    pub fn client(&self) -> End {
        self.flow.end(self.server_side().other())
    }

    /// The message that says what an ICMP flow is: the client's first, or the server's where nothing else was
    /// captured.
    pub fn icmp(&self) -> Option<IcmpMessage> {
        self.flow.icmp_between(self.label.direction)
    }

    /// Packets that the client sent.
    pub fn packets_to_server(&self) -> u64 {
        self.flow.packets(self.server_side().other())
    }

    /// Packets that the server sent.
    pub fn packets_to_client(&self) -> u64 {
        self.flow.packets(self.server_side())
    }

    /// IP bytes that the client sent.
    pub fn bytes_to_server(&self) -> u64 {
        self.flow.bytes(self.server_side().other())
    }

    /// IP bytes that the server sent.
    pub fn bytes_to_client(&self) -> u64 {
        self.flow.bytes(self.server_side())
    }

    /// The tunnels around the flow; empty without. Of numbers that differ between the directions,
    /// that of the packets to the server comes first.
    pub fn tunnel(&self) -> String {
        let to_server = self.server_side().other();
        self.contexts.tunnel(self.flow.context_of(to_server), self.flow.context_of(to_server.other()))
    }

    /// The interfaces of the first packet to the server and of the first from it, where they are known.
    pub fn interfaces(&self) -> impl Iterator<Item = &'a Interface<'static>> {
        let contexts = self.contexts;
        let sides = [self.server_side().other(), self.server_side()];
        sides
            .into_iter()
            .filter_map(|side| self.flow.context_of(side))
            .filter_map(|id| contexts.interface(id))
    }

    /// The VLAN identifiers of the first packet of a side, outermost first.
    pub(super) fn vlans_of(&self, side: Side) -> impl Iterator<Item = u64> + use<'a> {
        let contexts = self.contexts;
        self.flow.context_of(side).into_iter().flat_map(|id| contexts.vlans(id))
    }

    /// The tunnels around the first packet of a side with the tags in them, outermost first.
    pub(super) fn tunnels_of(&self, side: Side) -> impl Iterator<Item = Step> + use<'a> {
        let contexts = self.contexts;
        self.flow.context_of(side).into_iter().flat_map(|id| contexts.tunnels(id).iter().copied())
    }

    /// The interface that the flow was captured on, as text; empty where it is unknown. Where the first
    /// packet to the server and the first from it came by different ones: `eth0>eth1`.
    pub fn interface(&self) -> Foreign<String> {
        let to_server = self.server_side().other();
        let sides = (self.flow.context_of(to_server), self.flow.context_of(to_server.other()));
        #[cfg(feature = "report")]
        if let Some(by) = self.anonymized {
            let text =
                |interface: Option<&Interface>| by.interface_or_first(interface).to_text().raw().to_owned();
            return self.contexts.interfaces_as(sides.0, sides.1, text);
        }
        self.contexts.interfaces(sides.0, sides.1)
    }

    /// The VLAN identifiers around the flow; empty without. Where they differ, those of the packets to
    /// the server come first: `34>47`.
    pub fn vlan(&self) -> String {
        let to_server = self.server_side().other();
        self.contexts.vlan(self.flow.context_of(to_server), self.flow.context_of(to_server.other()))
    }
}
