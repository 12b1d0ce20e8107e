//! The ground that every station stands on: transports, ports, ends, addresses.

mod address;
mod end;
mod family;
mod network;
mod port_range;
mod ports;
mod transport;

pub use address::{from_number, number, number_in};
pub use end::End;
pub use family::Family;
pub use network::network;
pub use port_range::PortRange;
pub use ports::Ports;
pub use transport::{Transport, UnknownTransport};
