//! Networks as people write them.

use ipnet::IpNet;

/// A network as people write it: a host without its length.
pub fn network(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}
