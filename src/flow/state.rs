//! How a flow began and ended, in the words of Zeek's `conn_state`.

use std::fmt;

use super::event::seen;
use super::{Flow, Side};
use crate::Transport;

/// Zeek's `conn_state`. For SCTP read INIT, INIT ACK, SHUTDOWN and ABORT for SYN, SYN+ACK, FIN
/// and RST; for DCCP Request, Response, Close and Reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Opening seen, no answer. UDP: only the client sent.
    S0,
    /// Established, not closed.
    S1,
    /// Established and closed by both. UDP: both sent.
    Sf,
    /// Opening refused.
    Rej,
    /// Established, the client closed, the server did not.
    S2,
    /// Established, the server closed, the client did not.
    S3,
    /// Established, the client reset it.
    Rsto,
    /// The server reset it.
    Rstr,
    /// The client reset, and no answer of the server to an opening was seen.
    Rstos0,
    /// The server reset, and no opening by the client was seen.
    Rstrh,
    /// The client closed, and no answer of the server to an opening was seen.
    Sh,
    /// The server closed, and no opening by the client was seen. UDP: only the server sent.
    Shr,
    /// None of these: caught in the middle, and not closed. Protocols without ports always.
    Oth,
}

impl State {
    /// Every state, in the order of Zeek's documentation.
    pub const ALL: [State; 13] = [
        State::S0,
        State::S1,
        State::Sf,
        State::Rej,
        State::S2,
        State::S3,
        State::Rsto,
        State::Rstr,
        State::Rstos0,
        State::Rstrh,
        State::Sh,
        State::Shr,
        State::Oth,
    ];

    /// What the state means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            State::S0 => "opening seen, no answer; datagrams: only the client sent",
            State::S1 => "established, not closed",
            State::Sf => "established and closed by both; datagrams: both sent",
            State::Rej => "opening refused",
            State::S2 => "established, closed by the client alone",
            State::S3 => "established, closed by the server alone",
            State::Rsto => "established, reset by the client",
            State::Rstr => "reset by the server",
            State::Rstos0 => "reset by the client, no answer of the server to an opening was seen",
            State::Rstrh => "reset by the server, no opening by the client was seen",
            State::Sh => "closed by the client, no answer of the server to an opening was seen",
            State::Shr => {
                "closed by the server, no opening by the client was seen; datagrams: only the server sent"
            }
            State::Oth => "caught in the middle, and not closed; protocols without ports: always",
        }
    }

    /// Zeek's word.
    pub const fn name(self) -> &'static str {
        match self {
            State::S0 => "S0",
            State::S1 => "S1",
            State::Sf => "SF",
            State::Rej => "REJ",
            State::S2 => "S2",
            State::S3 => "S3",
            State::Rsto => "RSTO",
            State::Rstr => "RSTR",
            State::Rstos0 => "RSTOS0",
            State::Rstrh => "RSTRH",
            State::Sh => "SH",
            State::Shr => "SHR",
            State::Oth => "OTH",
        }
    }

    /// The state of a flow whose client is `client`.
    pub fn of(flow: &Flow, client: Side) -> State {
        match flow.transport() {
            Some(Transport::Udp | Transport::UdpLite) => of_datagrams(flow, client),
            Some(Transport::Tcp | Transport::Sctp | Transport::Dccp) => of_connection(flow, client),
            None => State::Oth,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn of_datagrams(flow: &Flow, client: Side) -> State {
    match (flow.packets(client) > 0, flow.packets(client.other()) > 0) {
        (true, true) => State::Sf,
        (true, false) => State::S0,
        (false, _) => State::Shr,
    }
}

/// How far one side of a connection has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nothing was seen of it.
    Inactive,
    /// It sent something, and its opening was not seen.
    Partial,
    /// It opened, and was not answered.
    Opened,
    /// It answered an opening that was not seen.
    Answered,
    Established,
    Closed,
    Reset,
}

impl Progress {
    fn of(flow: &Flow, side: Side) -> Progress {
        let peer = side.other();
        // A reset after two orderly closes ends nothing that was still open, and of two resets
        // the first has ended it.
        let closed_by_both = Side::BOTH.iter().all(|&side| flow.has_sent(side, seen::CLOSE));
        if flow.packets(side) == 0 {
            Progress::Inactive
        } else if !closed_by_both && has_reset(flow, side) {
            Progress::Reset
        } else if flow.has_sent(side, seen::CLOSE) {
            Progress::Closed
        } else if flow.has_sent(side, seen::OPEN) {
            // Where both opened, one of them answers and the other confirms.
            let answered = flow.has_sent(peer, seen::OPEN_ANSWER)
                || flow.has_sent(side, seen::OPEN_ANSWER) && flow.has_sent(peer, seen::OPEN);
            if answered { Progress::Established } else { Progress::Opened }
        } else if flow.has_sent(side, seen::OPEN_ANSWER) {
            if flow.packets(peer) > 0 { Progress::Established } else { Progress::Answered }
        } else if flow.has_sent(peer, seen::OPEN_ANSWER) {
            // Its opening was not seen, but the answer was, and what it sent since.
            Progress::Established
        } else {
            Progress::Partial
        }
    }

    fn is_inactive(self) -> bool {
        matches!(self, Progress::Inactive | Progress::Partial)
    }
}

/// Whether one side ended the connection by a reset. Before a connection is there, only a reset that
/// answers the opening ends it (RFC 9293 section 3.10.7.3): another is of an older connection.
fn has_reset(flow: &Flow, side: Side) -> bool {
    let peer = side.other();
    let only_opened = flow.has_sent(peer, seen::OPEN)
        && !flow.has_sent(side, seen::OPEN | seen::OPEN_ANSWER | seen::PAYLOAD)
        && !flow.has_sent(peer, seen::CONFIRM);
    if only_opened { flow.resets_opening(side) } else { flow.has_sent(side, seen::ABORTED_FIRST) }
}

fn of_connection(flow: &Flow, client: Side) -> State {
    let c = Progress::of(flow, client);
    let s = Progress::of(flow, client.other());
    match (c, s) {
        (_, Progress::Reset) => {
            if c == Progress::Opened || c == Progress::Answered || flow.is_refused(client) {
                State::Rej
            } else if c.is_inactive() {
                State::Rstrh
            } else {
                State::Rstr
            }
        }
        (Progress::Reset, _) => {
            if s.is_inactive() {
                State::Rstos0
            } else {
                State::Rsto
            }
        }
        (Progress::Closed, Progress::Closed) => State::Sf,
        (Progress::Closed, _) => {
            if s.is_inactive() {
                State::Sh
            } else {
                State::S2
            }
        }
        (_, Progress::Closed) => {
            if c.is_inactive() {
                State::Shr
            } else {
                State::S3
            }
        }
        (Progress::Opened, Progress::Inactive) => State::S0,
        (Progress::Established, Progress::Established) => State::S1,
        _ => State::Oth,
    }
}

crate::text::serialize_by_name!(State);
