//! Transfers of TFTP: the server answers from a new port (RFC 1350 section 4), so that what it sends is
//! a flow of its own, in which it speaks first.

use std::net::IpAddr;

use hashbrown::HashMap;

use crate::Transport;
use crate::flow::{ContextId, Flow, Side};
use crate::net::End;

/// Where servers of TFTP are asked.
const TFTP: u16 = 69;
/// The lowest port that a server picks for a transfer.
const LOWEST: u16 = 1024;
/// A transfer may begin this many nanoseconds after the last request.
const WITHIN: i64 = 60_000_000_000;
/// Packets of one time may be out of order by as much.
const EARLY: i64 = 1_000_000_000;

/// The client's end, and the server's address.
type Asked = (End, IpAddr, ContextId);

/// What was asked of servers of TFTP, and when.
#[derive(Default)]
pub(super) struct Transfers(HashMap<Asked, (i64, i64), foldhash::fast::RandomState>);

impl Transfers {
    /// Takes in a flow that asks a server of TFTP; `most` are kept.
    pub(super) fn note(&mut self, flow: &Flow, most: usize) {
        if flow.transport() != Some(Transport::Udp) {
            return;
        }
        let ports = Side::BOTH.map(|side| flow.port(side) == Some(TFTP));
        let Some(server) = super::only(ports) else { return };
        let asked = (flow.end(server.other()), flow.end(server).address, flow.context());
        let (first, last) = flow.nanoseconds();
        if let Some(known) = self.0.get_mut(&asked) {
            *known = (known.0.min(first), known.1.max(last));
        } else if self.0.len() < most {
            self.0.insert(asked, (first, last));
        }
    }

    /// The server of a flow that carries what was asked for: the flow goes from the server to the
    /// client's port, and begins while or soon after the server was asked.
    pub(super) fn server(&self, flow: &Flow) -> Option<Side> {
        if self.0.is_empty() || flow.transport() != Some(Transport::Udp) {
            return None;
        }
        let (server, client) = (flow.end(Side::First), flow.end(Side::Second));
        if server.port.is_none_or(|port| port < LOWEST) {
            return None;
        }
        let &(first, last) = self.0.get(&(client, server.address, flow.context()))?;
        let (begin, _) = flow.nanoseconds();
        (begin >= first.saturating_sub(EARLY) && begin <= last.saturating_add(WITHIN)).then_some(Side::First)
    }
}
