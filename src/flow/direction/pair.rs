//! Services whose clients have a port of their own.

use crate::Transport;
use crate::flow::{Flow, Side};

/// The client's port and the server's: DHCP (RFC 2131 section 4.1) and DHCPv6 (RFC 8415 section 7.2).
const PAIRS: [(u16, u16); 2] = [(68, 67), (546, 547)];

/// Where FTP's server sends and takes data that the client listens for (RFC 959 section 3.2): it opens
/// the connection, to a port that no system reserves.
const FTP_DATA: u16 = 20;
const NOT_RESERVED: u16 = 1024;

/// Services whose clients bind a reserved port to show that they are privileged: rpcbind and NFS (of
/// either transport), and rlogin, rsh and lpd (RFC 1282, RFC 1179 section 3.1).
const ASKED_BY_PRIVILEGED: [(u16, bool); 5] =
    [(111, true), (2049, true), (513, false), (514, false), (515, false)];
/// The ports that `rresvport` gives such clients.
const PRIVILEGED: std::ops::RangeInclusive<u16> = 512..=1023;

/// The server of a flow between the two ports of one service.
pub(super) fn server(flow: &Flow) -> Option<Side> {
    let (ports, transport) = (flow.ports()?, flow.transport()?);
    let is_server = |server: u16, client: u16| match transport {
        Transport::Udp => PAIRS.contains(&(client, server)) || is_asked_by_privileged(server, client, true),
        Transport::Tcp => {
            client == FTP_DATA && server >= NOT_RESERVED || is_asked_by_privileged(server, client, false)
        }
        _ => false,
    };
    super::only([is_server(ports[0], ports[1]), is_server(ports[1], ports[0])])
}

fn is_asked_by_privileged(server: u16, client: u16, datagrams: bool) -> bool {
    let is_one = |port| ASKED_BY_PRIVILEGED.iter().any(|&(one, both)| one == port && (both || !datagrams));
    is_one(server) && PRIVILEGED.contains(&client) && !is_one(client)
}
