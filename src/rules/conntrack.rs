//! Connections that a firewall knows, as `conntrack -L` prints them (conntrack(8)).

use std::net::IpAddr;

use crate::net::{End, Transport};

/// One connection as its two ends see it: what was sent first, and what the answers show of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connection {
    /// The transport.
    pub transport: Transport,
    /// Client and server, as the client sends to it.
    pub before: [End; 2],
    /// Client and server, as the server answers it.
    pub after: [End; 2],
}

impl Connection {
    /// Whether the firewall translates it.
    pub fn is_translated(&self) -> bool {
        self.before != self.after
    }

    /// The connections of a table, in its order; lines of protocols without ports are passed over. `Err` with
    /// the number of the first line that is none.
    ///
    /// # Errors
    ///
    /// When a line names no connection.
    pub fn read(text: &str) -> Result<Vec<Connection>, usize> {
        let mut all = Vec::new();
        for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            // What the program says of itself, where both outputs were kept.
            if line.is_empty() || line.starts_with('#') || line.starts_with("conntrack v") {
                continue;
            }
            match of_line(line) {
                Some(Line::Connection(connection)) => all.push(connection),
                Some(Line::Portless) => {}
                None => return Err(n + 1),
            }
        }
        Ok(all)
    }
}

/// What a line tells of.
enum Line {
    Connection(Connection),
    /// Something whose protocol has no ports.
    Portless,
}

/// What a line tells of; none where it tells of no connection.
fn of_line(line: &str) -> Option<Line> {
    let transport = line
        .split_whitespace()
        .take_while(|word| !word.contains('='))
        .find_map(|word| Transport::ALL.into_iter().find(|transport| transport.name() == word));
    let (mut addresses, mut ports): (Vec<IpAddr>, Vec<u16>) = (Vec::new(), Vec::new());
    for (key, value) in line.split_whitespace().filter_map(|word| word.split_once('=')) {
        match key {
            "src" | "dst" => addresses.push(value.parse().ok()?),
            "sport" | "dport" => ports.push(value.parse().ok()?),
            _ => {}
        }
    }
    let [client, server, answering, answered] = addresses[..] else { return None };
    let Some(transport) = transport else { return Some(Line::Portless) };
    let [client_port, server_port, answering_port, answered_port] = ports[..] else { return None };
    let end = |address, port| End { address, port: Some(port) };
    Some(Line::Connection(Connection {
        transport,
        before: [end(client, client_port), end(server, server_port)],
        after: [end(answered, answered_port), end(answering, answering_port)],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> End {
        let end: std::net::SocketAddr = text.parse().expect("an end");
        End { address: end.ip(), port: Some(end.port()) }
    }

    #[test]
    fn what_is_translated_shows_in_the_answers() {
        let text = "\
tcp      6 118 TIME_WAIT src=203.0.113.10 dst=203.0.113.1 sport=40000 dport=443 src=10.20.1.10 dst=203.0.113.10 sport=8443 dport=40000 [ASSURED] mark=0 use=1
ipv4     2 udp      17 28 src=10.20.0.20 dst=203.0.113.80 sport=5353 dport=53 [UNREPLIED] src=203.0.113.80 dst=203.0.113.1 sport=53 dport=1024 mark=0 use=1
icmp     1 29 src=10.20.0.20 dst=203.0.113.80 type=8 code=0 id=1 src=203.0.113.80 dst=203.0.113.1 type=0 code=0 id=1 mark=0 use=1
conntrack v1.4.7 (conntrack-tools): 4 flow entries have been shown.
ipv6     10 tcp      6 300 ESTABLISHED src=2001:db8::1 dst=2001:db8::2 sport=1 dport=22 src=2001:db8::2 dst=2001:db8::1 sport=22 dport=1 [OFFLOAD] mark=0 use=2
";
        let connection = |transport, before: [&str; 2], after: [&str; 2]| Connection {
            transport,
            before: before.map(end),
            after: after.map(end),
        };
        let all = [
            connection(
                Transport::Tcp,
                ["203.0.113.10:40000", "203.0.113.1:443"],
                ["203.0.113.10:40000", "10.20.1.10:8443"],
            ),
            connection(
                Transport::Udp,
                ["10.20.0.20:5353", "203.0.113.80:53"],
                ["203.0.113.1:1024", "203.0.113.80:53"],
            ),
            connection(
                Transport::Tcp,
                ["[2001:db8::1]:1", "[2001:db8::2]:22"],
                ["[2001:db8::1]:1", "[2001:db8::2]:22"],
            ),
        ];
        assert_eq!(Connection::read(text), Ok(all.to_vec()));
        assert_eq!(all.map(|one| one.is_translated()), [true, true, false]);
    }

    #[test]
    fn what_is_no_connection_is_named_by_its_line() {
        assert_eq!(Connection::read(""), Ok(Vec::new()));
        assert_eq!(Connection::read("\n*filter\n"), Err(2));
        assert_eq!(Connection::read("tcp 6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2"), Err(1));
    }
}
