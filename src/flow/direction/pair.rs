//! Services whose clients have a port of their own.

use crate::Transport;
use crate::flow::{Flow, Side};

/// The client's port and the server's: DHCP (RFC 2131 section 4.1) and DHCPv6 (RFC 8415 section 7.2).
const PAIRS: [(u16, u16); 2] = [(68, 67), (546, 547)];

/// The server of a flow between the two ports of one service.
pub(super) fn server(flow: &Flow) -> Option<Side> {
    if flow.transport() != Transport::Udp {
        return None;
    }
    let ports = Side::BOTH.map(|side| flow.end(side).port);
    PAIRS.iter().find_map(|&(client, server)| match ports {
        [a, b] if (a, b) == (client, server) => Some(Side::Second),
        [a, b] if (b, a) == (client, server) => Some(Side::First),
        _ => None,
    })
}
