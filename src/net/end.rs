//! One end of a flow.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

/// One end of a flow: address, and port where the protocol has ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct End {
    /// Address.
    pub address: IpAddr,
    /// Port; `None` in a flow of a protocol without ports.
    pub port: Option<u16>,
}

impl fmt::Display for End {
    /// `192.0.2.1:443`, or `[2001:db8::1]:443` (RFC 3986 section 3.2.2); without a port the address alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.address, port).fmt(f),
            None => self.address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ipv6_stand_in_brackets() {
        let shown = |address: &str| {
            End { address: address.parse().expect("an address"), port: Some(443) }.to_string()
        };
        assert_eq!(shown("192.0.2.1"), "192.0.2.1:443");
        assert_eq!(shown("2001:db8::1"), "[2001:db8::1]:443");
        assert_eq!(shown("::ffff:192.0.2.1"), "[::ffff:192.0.2.1]:443");
    }

    #[test]
    fn an_end_without_a_port_is_its_address() {
        let end = |address: &str| End { address: address.parse().expect("an address"), port: None };
        assert_eq!(end("192.0.2.1").to_string(), "192.0.2.1");
        assert_eq!(end("2001:db8::1").to_string(), "2001:db8::1");
    }
}
