//! Plants and buildings: Modbus/TCP, DNP3, IEC 60870-5-104, EtherNet/IP, OPC UA, BACnet/IP, KNXnet/IP.
//! S7 and MMS stand behind the header of [`desktop`](super::desktop), PROFINET behind that of
//! [`rpc`](super::rpc).

use super::payload::{be16, be32, begins, le16, le32};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with a message.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    dnp3(payload)
        .or_else(|| iec104(payload))
        .or_else(|| modbus(payload))
        // Over TCP a session is registered first: a list alone is little to go by.
        .or_else(|| enip(payload).filter(|_| le16(payload.octets(), 0) >= Some(0x65)))
        .or_else(|| knx(payload))
}

/// The sign of a datagram that is a message.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    bacnet(payload)
        .or_else(|| knx(payload))
        .or_else(|| dnp3(payload))
        .or_else(|| enip(payload))
        .or_else(|| modbus(payload))
}

/// The application header of Modbus: protocol 0, a length that is the message's, and a function that
/// exists with data of a length that it has.
fn modbus(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[_, _, 0, 0, 0, _, _, function, ref data @ ..] = octets else { return None };
    let length = usize::from(be16(octets, 4)?);
    if !(3..=254).contains(&length) || length + 6 != payload.length() {
        return None;
    }
    let data_length = length - 2;
    let count = be16(data, 2);
    match function {
        // Reading: a request has an address and a number, an answer a count of octets.
        1..=4 => {
            let most = if function <= 2 { 2000 } else { 125 };
            let asks = data_length == 4 && count.is_some_and(|count| (1..=most).contains(&count));
            let answers =
                data.first().is_some_and(|&octets| usize::from(octets) + 1 == data_length && octets > 0);
            match (asks, answers) {
                (true, false) => Some(Sign::client(Spoken::Modbus)),
                (false, true) => Some(Sign::server(Spoken::Modbus)),
                (true, true) => Some(Sign::either(Spoken::Modbus)),
                (false, false) => None,
            }
        }
        // Writing of one: the answer is its request.
        5 => {
            (data_length == 4 && matches!(be16(data, 2)?, 0 | 0xff00)).then_some(Sign::either(Spoken::Modbus))
        }
        6 => (data_length == 4).then_some(Sign::either(Spoken::Modbus)),
        // Writing of several.
        15 | 16 if data_length == 4 => Some(Sign::server(Spoken::Modbus)),
        15 | 16 => data
            .get(4)
            .is_some_and(|&octets| usize::from(octets) + 5 == data_length)
            .then_some(Sign::client(Spoken::Modbus)),
        22 if data_length == 6 => Some(Sign::either(Spoken::Modbus)),
        23 => {
            let asks = data.get(8).is_some_and(|&octets| usize::from(octets) + 9 == data_length);
            asks.then_some(Sign::client(Spoken::Modbus))
        }
        43 => (data.first() == Some(&14)).then_some(Sign::asking(Spoken::Modbus, data_length == 3)),
        // An exception.
        0x81..=0x97 | 0xab => {
            (data_length == 1 && matches!(data.first(), Some(1..=11))).then_some(Sign::server(Spoken::Modbus))
        }
        _ => None,
    }
}

/// The link frame of DNP3: its start, a length, and in the control octet who began; its checksum covers the
/// eight octets before it (IEEE 1815 section 9.2.4).
fn dnp3(payload: &Payload) -> Option<Sign> {
    const FROM_MASTER: u8 = 0x80;
    let octets = payload.octets();
    let &[0x05, 0x64, 5..=255, control, ..] = octets else { return None };
    if octets.get(..8).map(dnp3_checksum)? != le16(octets, 8)? {
        return None;
    }
    Some(Sign::asking(Spoken::Dnp3, control & FROM_MASTER != 0))
}

/// The checksum of DNP3: the polynomial 0x3D65, lowest bit first.
fn dnp3_checksum(octets: &[u8]) -> u16 {
    let mut checksum = 0_u16;
    for octet in octets {
        checksum ^= u16::from(*octet);
        for _ in 0..8 {
            checksum = if checksum & 1 == 1 { checksum >> 1 ^ 0xa6bc } else { checksum >> 1 };
        }
    }
    !checksum
}

/// Control information of IEC 60870-5-104 (section 5): its start, its length, and one of three formats. Several
/// may stand in one segment.
fn iec104(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[0x68, length @ 4..=253, first, second, third, fourth, ref rest @ ..] = octets else { return None };
    let size = usize::from(length) + 2;
    let ends = payload.length() == size || octets.get(size) == Some(&0x68);
    if !ends {
        return None;
    }
    match (length, first & 3) {
        // Unnumbered: STARTDT, STOPDT and TESTFR, act or con.
        (4, 3) if second == 0 && third == 0 && fourth == 0 => match first {
            0x07 | 0x13 => Some(Sign::client(Spoken::Iec104)),
            0x0b | 0x23 => Some(Sign::server(Spoken::Iec104)),
            0x43 | 0x83 => Some(Sign::either(Spoken::Iec104)),
            _ => None,
        },
        // Supervisory.
        (4, 1) if first == 1 && second == 0 && third & 1 == 0 => Some(Sign::either(Spoken::Iec104)),
        // Information: a type that exists, and a cause. Commands come from the controlling station.
        (10.., 0 | 2) if third & 1 == 0 => match (*rest.first()?, rest.get(2)? & 0x3f) {
            (45..=51 | 58..=64 | 100..=107, 6 | 8) => Some(Sign::client(Spoken::Iec104)),
            (1..=40 | 70, 1..=5 | 11..=13 | 20..=41) => Some(Sign::server(Spoken::Iec104)),
            (45..=51 | 58..=64 | 100..=107 | 110..=113 | 120..=127, 3..=13 | 44..=47) => {
                Some(Sign::either(Spoken::Iec104))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Encapsulation of EtherNet/IP: a command, the length of what follows, a status, and no options (ODVA,
/// volume 2, section 2-3).
fn enip(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (command, length) = (le16(octets, 0)?, usize::from(le16(octets, 2)?));
    let (session, status, options) = (le32(octets, 4)?, le32(octets, 8)?, le32(octets, 20)?);
    if options != 0 || length + 24 > payload.length() || !matches!(status, 0..=3 | 0x64 | 0x65 | 0x69) {
        return None;
    }
    match (command, length) {
        // ListServices, ListIdentity, ListInterfaces: the request is empty.
        (4 | 0x63 | 0x64, 0) if payload.length() == 24 => Some(Sign::client(Spoken::Enip)),
        (4 | 0x63 | 0x64, 2..=600) => {
            (le16(octets, 24)? <= 16 && status == 0).then_some(Sign::server(Spoken::Enip))
        }
        // RegisterSession: version 1; the client has no session yet.
        (0x65, 4) if le16(octets, 24) == Some(1) => Some(Sign::asking(Spoken::Enip, session == 0)),
        (0x66, 0) if session != 0 => Some(Sign::client(Spoken::Enip)),
        // SendRRData, SendUnitData: the interface is that of CIP.
        (0x6f | 0x70, 6..) => (be32(octets, 24)? == 0 && session != 0).then_some(Sign::either(Spoken::Enip)),
        _ => None,
    }
}

/// OPC UA: a message in three letters, whether it is final, and its length (OPC 10000-6 section 7.1.2).
pub(super) fn opc_ua(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let length = le32(octets, 4)?;
    let is_here = (8..=10_000_000).contains(&length) && length as usize >= payload.length().min(octets.len());
    let sign = match octets.get(..4)? {
        b"HELF" => Sign::client(Spoken::OpcUa),
        b"ACKF" | b"ERRF" | b"RHEF" => Sign::server(Spoken::OpcUa),
        b"OPNF" | b"CLOF" | b"MSGF" | b"MSGC" | b"MSGA" => Sign::either(Spoken::OpcUa),
        _ => return None,
    };
    is_here.then_some(sign)
}

/// BACnet's virtual link (annex J): type 0x81, a function, and the length of the datagram; then the network
/// layer's version 1. Original unicast requests that are confirmed come from a client; broadcasts too.
fn bacnet(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[0x81, function @ 0..=0x0c, ..] = octets else { return None };
    if usize::from(be16(octets, 2)?) != payload.length() {
        return None;
    }
    let network = match function {
        4 => octets.get(10..)?,
        9..=11 => octets.get(4..)?,
        _ => return Some(Sign::either(Spoken::Bacnet)),
    };
    let [1, control, rest @ ..] = network else { return None };
    if control & 0x80 != 0 {
        return Some(Sign::either(Spoken::Bacnet));
    }
    // Addresses of other networks stand before the application's message.
    let mut message = rest;
    if control & 0x20 != 0 {
        message = message.get(3 + usize::from(*message.get(2)?)..)?;
    }
    if control & 0x08 != 0 {
        message = message.get(3 + usize::from(*message.get(2)?)..)?;
    }
    if control & 0x20 != 0 {
        message = message.get(1..)?;
    }
    Some(match message.first()? >> 4 {
        0 => Sign::client(Spoken::Bacnet),
        2 | 3 | 5 | 6 => Sign::server(Spoken::Bacnet),
        // Unconfirmed: who-is and who-has ask, I-am and notifications do not.
        1 if matches!(message.get(1), Some(7 | 8)) => Sign::client(Spoken::Bacnet),
        _ => Sign::either(Spoken::Bacnet),
    })
}

/// KNXnet/IP: a header of six octets, version 1.0 or 2.0, a service, and the length of the whole.
fn knx(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if !begins(octets, "\x06\x10") && !begins(octets, "\x06\x20")
        || usize::from(be16(octets, 4)?) != payload.length()
    {
        return None;
    }
    match be16(octets, 2)? {
        0x0201 | 0x0203 | 0x0205 | 0x0207 | 0x0209 | 0x020b => Some(Sign::client(Spoken::Knx)),
        0x0202 | 0x0204 | 0x0206 | 0x0208 | 0x020a | 0x020c => Some(Sign::server(Spoken::Knx)),
        0x0310 | 0x0311 | 0x0420 | 0x0421 | 0x0530..=0x0533 | 0x0740..=0x0743 | 0x0950..=0x0956 => {
            Some(Sign::either(Spoken::Knx))
        }
        _ => None,
    }
}
