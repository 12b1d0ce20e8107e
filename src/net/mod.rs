//! The ground that every station stands on: protocols, transports, ports, ends, addresses.

mod address;
mod end;
mod ether_type;
mod family;
pub(crate) mod icmp;
mod interface;
mod network;
mod port_range;
mod ports;
mod protocol;
pub(crate) mod span;
mod transport;

pub use address::{from_number, is_group, number, number_in};
pub use end::End;
pub use ether_type::EtherType;
pub use family::Family;
pub use icmp::IcmpMessage;
pub use interface::{Interface, InterfaceName};
pub use network::network;
pub use port_range::PortRange;
pub use ports::Ports;
pub use protocol::{Protocol, UnknownProtocol};
pub use transport::{Transport, UnknownTransport};
