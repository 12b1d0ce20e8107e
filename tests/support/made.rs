//! Captures that are made packet by packet.

use std::net::IpAddr;

use portscribe::Transport::{self, Tcp, Udp};

use super::packet::{ip, pcap_at};

pub const SYN: u8 = 0x02;
pub const SYN_ACK: u8 = 0x12;
pub const ACK: u8 = 0x10;
pub const RST: u8 = 0x14;
/// Packets that begin with the IP header.
pub const RAW: u16 = 101;

/// Packets with the seconds at which they came.
#[derive(Default)]
pub struct Made(pub Vec<(u32, Vec<u8>)>);

/// An address in its usual words.
pub fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

impl Made {
    /// A packet of these ends: from, to. Each has its own identification, or flow label: none is a copy of another.
    pub fn add(&mut self, at: u32, transport: Transport, ends: [(&str, u16); 2], rest: &[u8]) {
        let [from, to] = ends;
        let segment = [&from.1.to_be_bytes()[..], &to.1.to_be_bytes(), rest].concat();
        let mut packet = ip(address(from.0), address(to.0), transport.ip_protocol(), &segment);
        let place = if packet[0] >> 4 == 4 { 4 } else { 2 };
        packet[place..place + 2].copy_from_slice(&(self.0.len() as u16 + 1).to_be_bytes());
        self.0.push((at, packet));
    }

    /// A datagram with one octet.
    pub fn udp(&mut self, at: u32, from: (&str, u16), to: (&str, u16)) {
        self.add(at, Udp, [from, to], &[0, 9, 0, 0, 42]);
    }

    /// A question and its answer.
    pub fn exchange(&mut self, at: u32, client: (&str, u16), server: (&str, u16)) {
        self.udp(at, client, server);
        self.udp(at, server, client);
    }

    /// A segment; an opening has its own number, another for each two ends.
    pub fn tcp(&mut self, at: u32, from: (&str, u16), to: (&str, u16), flags: u8, payload: &[u8]) {
        let number = |(address, port): (&str, u16)| {
            address.bytes().fold(u32::from(port), |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
        };
        self.numbered(at, from, to, number(from) ^ number(to), flags, payload);
    }

    /// A segment of a connection that is opened with this number.
    pub fn numbered(
        &mut self,
        at: u32,
        from: (&str, u16),
        to: (&str, u16),
        number: u32,
        flags: u8,
        payload: &[u8],
    ) {
        let numbers: [u32; 2] = if flags == SYN { [number, 0] } else { [7, number.wrapping_add(1)] };
        let header = [&numbers.map(u32::to_be_bytes).concat()[..], &[0x50, flags, 0, 0, 0, 0, 0, 0], payload];
        self.add(at, Tcp, [from, to], &header.concat());
    }

    /// A connection with a banner of the server.
    pub fn connection(&mut self, at: u32, client: (&str, u16), server: (&str, u16)) {
        self.tcp(at, client, server, SYN, b"");
        self.tcp(at, server, client, SYN_ACK, b"");
        self.tcp(at, client, server, ACK, b"");
        self.tcp(at, server, client, ACK, b"hello");
    }

    /// A connection with a banner of the server, as it was seen on both sides of what translates it.
    pub fn translated(&mut self, at: u32, number: u32, legs: [[(&str, u16); 2]; 2]) {
        for (from_client, flags, payload) in
            [(true, SYN, &b""[..]), (false, SYN_ACK, b""), (true, ACK, b""), (false, ACK, b"hello")]
        {
            // What the server sends is seen behind first.
            let mut legs = legs;
            if !from_client {
                legs.reverse();
            }
            for [client, server] in legs {
                let (from, to) = if from_client { (client, server) } else { (server, client) };
                self.numbered(at, from, to, number, flags, payload);
            }
        }
    }

    /// The packets as a pcap file.
    pub fn capture(&self) -> Vec<u8> {
        let packets: Vec<(u32, &[u8])> = self.0.iter().map(|(at, packet)| (*at, &packet[..])).collect();
        pcap_at(RAW, &packets)
    }
}
