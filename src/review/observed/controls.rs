//! Ports that a control service hands out: FTP and TFTP data, RPC programs, RTSP and SIP media,
//! H.323 calls.
//!
//! A rule for such a port would be a rule for one transfer: what is needed is one for the control
//! service, with a helper of the firewall, a fixed range at the server, or another protocol.

use hashbrown::HashMap;

use crate::Transport;
use crate::evidence::Announced;
use crate::flow::{Flow, Side};
use crate::net::{Family, number};
use crate::registry::Status;
use crate::services;

/// File Transfer Protocol's control connection.
const FTP: u16 = 21;
/// Trivial File Transfer Protocol: the server answers from a new port (RFC 1350 section 4).
const TFTP: u16 = 69;
/// ONC RPC's port mapper (RFC 1833).
const PORT_MAPPER: u16 = 111;
/// DCE/RPC's endpoint mapper.
const ENDPOINT_MAPPER: u16 = 135;
/// The source of FTP data in active mode (RFC 959 section 5.2).
const FTP_DATA: u16 = 20;

/// Data begins at most this many nanoseconds after the last packet of its control connection.
const WITHIN: i64 = 60_000_000_000;
/// Packets may be out of order by this much.
const EARLY: i64 = 1_000_000_000;
/// How many uses of control services between two hosts are compared with a flow.
const NEAREST: usize = 32;
/// Ports from here on may be given to a program for a while, unless they are registered: Linux picks
/// client ports from here, and IANA's dynamic range lies above.
pub(super) const DYNAMIC: u16 = 32_768;
/// Where programs of ONC RPC get their ports: the reserved ones that `bindresvport` picks from 600
/// on, and those that old systems hand out one after another from 1024 on.
const RPC_PROGRAMS: std::ops::RangeInclusive<u16> = 600..=1079;

/// Two hosts, the lower first.
type Pair = (Family, u128, u128);

/// A stretch in which a control service was used.
struct Stretch {
    first: i64,
    last: i64,
    port: u16,
    port_use: u32,
}

/// What was asked of a TFTP server from one port of a client.
struct Request {
    first: i64,
    last: i64,
    port_use: u32,
    is_answered: bool,
}

/// The control service that handed out a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Control {
    /// The use of its port.
    pub(super) port_use: u32,
    /// Whether it was read to announce the port; else hosts and times tell.
    pub(super) announced: bool,
}

/// The end that was announced: family, address, port; and the address of who connects to it.
type AnnouncedKey = (Family, u128, u16, u128);

/// Client, its port, server.
type RequestKey = (Family, u128, Option<u16>, u128);

/// The control services in use, between which hosts and when.
#[derive(Default)]
pub(super) struct Controls {
    uses: HashMap<Pair, Vec<Stretch>, foldhash::fast::RandomState>,
    requests: HashMap<RequestKey, Request, foldhash::fast::RandomState>,
    /// What FTP announced, with the stretches in which each control connection was used.
    announced: HashMap<AnnouncedKey, Vec<Stretch>, foldhash::fast::RandomState>,
}

/// Whether a port is that of a control service.
pub(super) fn is_control(port: u16) -> bool {
    services::hands_out_ports(port)
}

fn times(flow: &Flow) -> (i64, i64) {
    let first = flow.first_seen().map_or(0, crate::capture::Timestamp::nanoseconds);
    let last = flow.last_seen().map_or(first, crate::capture::Timestamp::nanoseconds);
    (first, last.max(first))
}

fn address(flow: &Flow, side: Side) -> u128 {
    number(flow.end(side).address)
}

fn pair(flow: &Flow) -> Pair {
    let (a, b) = (address(flow, Side::First), address(flow, Side::Second));
    (Family::of(flow.end(Side::First).address), a.min(b), a.max(b))
}

fn request(flow: &Flow, server: Side) -> RequestKey {
    let client = flow.end(server.other());
    (Family::of(client.address), address(flow, server.other()), client.port, address(flow, server))
}

/// Whether a flow asks a server of TFTP.
pub(super) fn is_request(flow: &Flow, server: Side) -> bool {
    flow.transport() == Some(Transport::Udp) && flow.port(server) == Some(TFTP)
}

impl Controls {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.uses.is_empty() && self.requests.is_empty()
    }

    /// Whether there are requests of TFTP, which are answered by other flows.
    pub(super) fn has_requests(&self) -> bool {
        !self.requests.is_empty()
    }

    /// Takes in a flow of a control service that is in use, in the order of first packets; `port_use`
    /// is the use of its port.
    pub(super) fn add(&mut self, flow: &Flow, server: Side, port_use: u32) {
        let (first, last) = times(flow);
        if is_request(flow, server) {
            let known = self.requests.entry(request(flow, server)).or_insert(Request {
                first,
                last,
                port_use,
                is_answered: false,
            });
            known.first = known.first.min(first);
            known.last = known.last.max(last);
            return;
        }
        let uses = self.uses.entry(pair(flow)).or_default();
        match uses.iter_mut().rev().find(|one| one.port_use == port_use) {
            Some(one) if first <= one.last.saturating_add(WITHIN) && last >= one.first => {
                one.last = one.last.max(last);
                one.first = one.first.min(first);
            }
            _ => {
                if let Some(port) = flow.port(server) {
                    uses.push(Stretch { first, last, port, port_use });
                }
            }
        }
    }

    /// Notes what a control connection of FTP announced, in the order of first packets; `port_use` is the
    /// use of its port.
    pub(super) fn announce(&mut self, flow: &Flow, server: Side, port_use: u32, all: &[(Side, Announced)]) {
        if flow.port(server) != Some(FTP) {
            return;
        }
        let (first, last) = times(flow);
        for &(side, one) in all {
            let end = one.address.unwrap_or(flow.end(side).address);
            let key = (Family::of(end), number(end), one.port, address(flow, side.other()));
            self.announced.entry(key).or_default().push(Stretch { first, last, port: FTP, port_use });
        }
    }

    /// Notes a flow that carries what a server of TFTP was asked for.
    pub(super) fn note_transfer(&mut self, flow: &Flow, server: Side) {
        if let Some(asked) = self.requests.get_mut(&request(flow, server)) {
            asked.is_answered = true;
        }
    }

    /// Whether a request of TFTP was answered, from whichever port.
    pub(super) fn is_answered(&self, flow: &Flow, server: Side) -> bool {
        is_request(flow, server)
            && self.requests.get(&request(flow, server)).is_some_and(|asked| asked.is_answered)
    }

    /// The port use of the request, for a flow that carries what a server of TFTP was asked for.
    pub(super) fn transfer(&self, flow: &Flow, server: Side) -> Option<u32> {
        self.requests.get(&request(flow, server)).map(|asked| asked.port_use)
    }

    /// The control service that may have handed out the server's port, of which
    /// `status` is what the registry says.
    pub(super) fn data(&self, flow: &Flow, server: Side, status: Status) -> Option<Control> {
        let (port, client_port) = (flow.port(server)?, flow.port(server.other())?);
        if self.uses.is_empty() || is_control(port) {
            return None;
        }
        let latest = times(flow).0.saturating_add(EARLY);
        let end = flow.end(server).address;
        let key = (Family::of(end), number(end), port, address(flow, server.other()));
        if flow.transport() == Some(Transport::Tcp)
            && let Some(uses) = self.announced.get(&key)
        {
            let begun = uses.partition_point(|one| one.first <= latest);
            let one =
                uses[..begun].iter().rev().take(NEAREST).find(|one| is_during(flow, one.first, one.last));
            if let Some(one) = one {
                return Some(Control { port_use: one.port_use, announced: true });
            }
        }
        let may_be = |control: u16| match control {
            PORT_MAPPER if RPC_PROGRAMS.contains(&port) => !services::is_stable(port),
            ENDPOINT_MAPPER if (1024..=*RPC_PROGRAMS.end()).contains(&port) => true,
            FTP if client_port == FTP_DATA => port >= 1024,
            // What is registered below is more likely that service than a port handed out.
            _ => port >= DYNAMIC || port >= 1024 && status != Status::Registered,
        };
        let uses = self.uses.get(&pair(flow))?;
        let begun = uses.partition_point(|one| one.first <= latest);
        // Of the many uses of a long capture those before this one count.
        uses[..begun]
            .iter()
            .rev()
            .take(NEAREST)
            .find(|one| may_be(one.port) && is_during(flow, one.first, one.last))
            .map(|one| Control { port_use: one.port_use, announced: false })
    }
}

/// Whether a flow began while a control service was in use, or soon after it.
fn is_during(flow: &Flow, first: i64, last: i64) -> bool {
    let (begin, _) = times(flow);
    begin >= first.saturating_sub(EARLY) && begin <= last.saturating_add(WITHIN)
}
