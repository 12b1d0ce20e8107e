//! Which end of datagrams asks, by fields of requests and responses, and by messages that are known to
//! open what follows.
//!
//! This is truth to measure with. It stands apart from what the program knows of payloads, and uses a port
//! only to choose which fields to read.

use portscribe::decode::Header;

/// Who sent a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Client,
    Server,
}

use Sender::{Client, Server};

/// What a datagram says of its sender. `is_first` says that none was seen between its ends before.
pub fn sender(header: &Header, bytes: &[u8], is_first: bool) -> Option<Sender> {
    let has = |ports: &[u16]| ports.contains(&header.source_port) || ports.contains(&header.destination_port);
    let to = |ports: &[u16]| ports.contains(&header.destination_port);
    let said = match () {
        () if has(&[53, 137, 5353, 5355]) => names(bytes),
        () if has(&[67]) => bootp(bytes),
        () if has(&[547]) => dhcpv6(bytes),
        () if has(&[123]) => ntp(bytes),
        () if has(&[161]) => snmp(bytes),
        () if to(&[162]) => snmp(bytes).map(|_| Client),
        () if to(&[69]) => tftp(bytes),
        () if has(&[1645, 1646, 1812, 1813]) => radius(bytes),
        () if has(&[88]) => kerberos(bytes),
        () if has(&[500, 4500]) => ike(bytes),
        () if has(&[5683]) => coap(bytes),
        () if has(&[5060]) => sip(bytes, is_first),
        () if has(&[1900]) => discovery(bytes),
        () if has(&[1194]) => openvpn(bytes),
        () if to(&[514]) => bytes.starts_with(b"<").then_some(Client),
        () if to(&[2055, 4739, 9995, 9996]) => flow_export(bytes),
        () => None,
    };
    said.or_else(|| stun(bytes))
        .or_else(|| call(bytes))
        .or_else(|| dtls(bytes))
        .or_else(|| wireguard(bytes))
        .or_else(|| quic(bytes).filter(|_| is_first))
        // Who answers a group is heard by all: its answer is not one to who asked.
        .filter(|sender| *sender == Client || !header.destination.is_multicast())
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The bit QR of DNS and what is built like it (RFC 1035 section 4.1.1).
fn names(bytes: &[u8]) -> Option<Sender> {
    let flags = number(bytes, 2)?;
    let questions = number(bytes, 4)?;
    (bytes.len() >= 12 && (flags >> 11 & 0x0f) <= 8 && questions <= 8).then_some(())?;
    Some(if flags & 0x8000 == 0 { Client } else { Server })
}

/// BOOTREQUEST and BOOTREPLY (RFC 951), with DHCP's cookie.
fn bootp(bytes: &[u8]) -> Option<Sender> {
    (word(bytes, 236)? == 0x6382_5363).then_some(())?;
    match bytes[0] {
        1 => Some(Client),
        2 => Some(Server),
        _ => None,
    }
}

/// Message types (RFC 8415 section 7.3).
fn dhcpv6(bytes: &[u8]) -> Option<Sender> {
    match bytes.first()? {
        1 | 3..=6 | 8 | 9 | 11 => Some(Client),
        2 | 7 | 10 => Some(Server),
        _ => None,
    }
}

/// Modes (RFC 5905 section 7.3).
fn ntp(bytes: &[u8]) -> Option<Sender> {
    match bytes.first()? & 0x07 {
        3 if bytes.len() >= 48 => Some(Client),
        4 if bytes.len() >= 48 => Some(Server),
        _ => None,
    }
}

/// PDUs after version and community (RFC 1157 section 4, RFC 3416 section 3).
fn snmp(bytes: &[u8]) -> Option<Sender> {
    let &[0x30, length, ..] = bytes else { return None };
    let at = if length & 0x80 == 0 { 2 } else { 2 + usize::from(length & 0x7f) };
    let &[2, 1, 0 | 1, 4, community, ..] = bytes.get(at..)? else { return None };
    match bytes.get(at + 5 + usize::from(community))? {
        0xa0 | 0xa1 | 0xa3 | 0xa4..=0xa7 => Some(Client),
        0xa2 => Some(Server),
        _ => None,
    }
}

/// Requests (RFC 1350 section 5).
fn tftp(bytes: &[u8]) -> Option<Sender> {
    matches!(bytes, [0, 1 | 2, b' '..=b'~', ..]).then_some(Client)
}

/// Codes (RFC 2865 section 4), where the length is that of the datagram.
fn radius(bytes: &[u8]) -> Option<Sender> {
    (usize::from(number(bytes, 2)?) <= bytes.len()).then_some(())?;
    match bytes[0] {
        1 | 4 => Some(Client),
        2 | 3 | 5 | 11 => Some(Server),
        _ => None,
    }
}

/// Application tags of messages (RFC 4120 section 5.10).
fn kerberos(bytes: &[u8]) -> Option<Sender> {
    match bytes.first()? {
        0x6a | 0x6c => Some(Client),
        0x6b | 0x6d | 0x7e => Some(Server),
        _ => None,
    }
}

/// The first message of an initiator has no SPI of a responder (RFC 2408 section 3.1, RFC 7296 section 3.1).
fn ike(bytes: &[u8]) -> Option<Sender> {
    let bytes = bytes.strip_prefix(&[0; 4]).unwrap_or(bytes);
    let is_first = word(bytes, 8)? == 0 && word(bytes, 12)? == 0 && word(bytes, 0)? != 0;
    (is_first && matches!(bytes.get(17)?, 0x10 | 0x20)).then_some(Client)
}

/// Classes of codes (RFC 7252 section 3).
fn coap(bytes: &[u8]) -> Option<Sender> {
    let &[first, code, ..] = bytes else { return None };
    (first >> 6 == 1).then_some(())?;
    match (code >> 5, code & 0x1f) {
        (0, 1..=4) => Some(Client),
        (2 | 4 | 5, _) => Some(Server),
        _ => None,
    }
}

/// The first request between two ends (RFC 3261 section 7); later ones go both ways.
fn sip(bytes: &[u8], is_first: bool) -> Option<Sender> {
    let methods: [&[u8]; 4] = [b"INVITE sip", b"REGISTER sip", b"OPTIONS sip", b"SUBSCRIBE sip"];
    (is_first && methods.iter().any(|method| bytes.starts_with(method))).then_some(Client)
}

/// SSDP's search and its answers.
fn discovery(bytes: &[u8]) -> Option<Sender> {
    if bytes.starts_with(b"M-SEARCH ") {
        Some(Client)
    } else {
        bytes.starts_with(b"HTTP/1.1 200").then_some(Server)
    }
}

/// Hard resets of version 2, by the opcode.
fn openvpn(bytes: &[u8]) -> Option<Sender> {
    match bytes.first()? {
        0x38 if bytes.len() >= 14 => Some(Client),
        0x40 if bytes.len() >= 14 => Some(Server),
        _ => None,
    }
}

/// NetFlow 5 and 9, IPFIX: exporters send, and collectors never answer.
fn flow_export(bytes: &[u8]) -> Option<Sender> {
    (bytes.len() >= 16 && matches!(number(bytes, 0)?, 5 | 9 | 10)).then_some(Client)
}

/// Classes of STUN (RFC 8489 section 5).
fn stun(bytes: &[u8]) -> Option<Sender> {
    let kind = number(bytes, 0)?;
    (kind >> 14 == 0 && word(bytes, 4)? == 0x2112_a442).then_some(())?;
    match kind & 0x0110 {
        0 => Some(Client),
        0x0100 | 0x0110 => Some(Server),
        _ => None,
    }
}

/// Calls of ONC RPC version 2 (RFC 5531 section 9) of the programs that have numbers by registration.
fn call(bytes: &[u8]) -> Option<Sender> {
    let is_call = word(bytes, 4)? == 0 && word(bytes, 8)? == 2;
    (is_call && (100_000..=200_000).contains(&word(bytes, 12)?)).then_some(Client)
}

/// Hellos of DTLS (RFC 6347 section 4.3.2).
fn dtls(bytes: &[u8]) -> Option<Sender> {
    let &[22, 0xfe, 0xff | 0xfd, 0, 0, ..] = bytes else { return None };
    match bytes.get(13)? {
        1 => Some(Client),
        2 | 3 => Some(Server),
        _ => None,
    }
}

/// Handshake messages, by type and length.
fn wireguard(bytes: &[u8]) -> Option<Sender> {
    match (bytes.first_chunk()?, bytes.len()) {
        ([1, 0, 0, 0], 148) => Some(Client),
        ([2, 0, 0, 0], 92) => Some(Server),
        _ => None,
    }
}

/// The Initial packet of a client fills a datagram of 1,200 octets, and names a destination of eight octets
/// or more (RFC 9000 sections 7.2 and 14.1).
fn quic(bytes: &[u8]) -> Option<Sender> {
    let is_initial = bytes.len() >= 1200 && bytes[0] & 0xf0 == 0xc0 && bytes[5] >= 8;
    (is_initial && matches!(word(bytes, 1)?, 1 | 0xff00_001b..=0xff00_0022)).then_some(Client)
}
