//! One end of a flow.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

/// One end of a flow: address and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct End {
    /// Address.
    pub address: IpAddr,
    /// Port.
    pub port: u16,
}

impl fmt::Display for End {
    /// `192.0.2.1:443`, or `[2001:db8::1]:443` (RFC 3986 section 3.2.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.address, self.port).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ipv6_stand_in_brackets() {
        let shown =
            |address: &str| End { address: address.parse().expect("an address"), port: 443 }.to_string();
        assert_eq!(shown("192.0.2.1"), "192.0.2.1:443");
        assert_eq!(shown("2001:db8::1"), "[2001:db8::1]:443");
        assert_eq!(shown("::ffff:192.0.2.1"), "[::ffff:192.0.2.1]:443");
    }
}
