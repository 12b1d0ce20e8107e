//! The grade of a flow: how well it shows a service in use.

use std::net::IpAddr;

use crate::support::packet::{ip, unreachable, unreachable_by};
use portscribe::Transport::{self, Dccp, Sctp, Tcp, Udp};
use portscribe::capture::{LinkType, Packet};
use portscribe::decode::Decoder;
use portscribe::flow::{FlowOptions, FlowTable, Side};
use portscribe::review::Grade::{
    Answered, AnsweredData, HalfOpen, Midstream, NoReply, OneSided, OnewayOk, Refused, Unreachable,
};
use portscribe::review::{Grade, InUse};
use portscribe::services::ONE_WAY;

const CLIENT: u8 = 1;
const SERVER: u8 = 2;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;
const URGENT: u8 = 0x20;

/// A packet of the client's port 40,000 and the server's, from one of the two.
fn packet(from: u8, port: u16, transport: Transport, behind_ports: &[u8]) -> Vec<u8> {
    let (source, destination) = if from == CLIENT { (40_000, port) } else { (port, 40_000) };
    let header = [&u16::to_be_bytes(source)[..], &u16::to_be_bytes(destination), behind_ports].concat();
    let address = |host: u8| IpAddr::from([192, 0, 2, host]);
    ip(address(from), address(CLIENT + SERVER - from), transport.ip_protocol(), &header)
}

fn tcp(from: u8, flags: u8, payload: &str) -> Vec<u8> {
    // The server answers the number that the client opened with.
    let numbers = if from == CLIENT { [100, 0] } else { [7, 101] }.map(u32::to_be_bytes).concat();
    packet(from, 80, Tcp, &[&numbers[..], &[0x50, flags, 0, 0, 0, 0, 0, 0], payload.as_bytes()].concat())
}

fn udp(from: u8, port: u16) -> Vec<u8> {
    packet(from, port, Udp, &[0, 9, 0, 0, 42])
}

/// A packet with one chunk.
fn sctp(from: u8, kind: u8) -> Vec<u8> {
    let tag = if from == CLIENT { 0_u32 } else { 9 };
    let chunk = [kind, 3, 0, 20, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    packet(from, 3868, Sctp, &[&tag.to_be_bytes()[..], &[0; 4], &chunk].concat())
}

/// A packet with long sequence numbers; `kind` is its type.
fn dccp(from: u8, kind: u8) -> Vec<u8> {
    let behind = [6, 0, 0, 0, kind << 1 | 1, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0];
    packet(from, 5001, Dccp, &behind)
}

/// The grade of the one flow of these packets, whose server is the host [`SERVER`].
fn grade(packets: &[Vec<u8>]) -> Grade {
    let (mut table, mut decoder) = (FlowTable::new(FlowOptions::default()), Decoder::new());
    for bytes in packets {
        let link_type = Some(LinkType::RAW);
        let packet = Packet::new(1, link_type, bytes);
        table.fold(&packet, decoder.decode(link_type, bytes));
    }
    assert_eq!(table.len(), 1, "one flow");
    let flow = table.flow(0).expect("a flow");
    let server = IpAddr::from([192, 0, 2, SERVER]);
    let side = Side::BOTH.into_iter().find(|&side| flow.end(side).address == server).expect("a server");
    Grade::of(flow, side)
}

#[test]
fn of_tcp() {
    let syn = || tcp(CLIENT, SYN, "");
    let syn_ack = || tcp(SERVER, SYN | ACK, "");
    let ack = || tcp(CLIENT, ACK, "");
    let opened = || vec![syn(), syn_ack(), ack()];
    let and = |mut packets: Vec<Vec<u8>>, more: Vec<u8>| {
        packets.push(more);
        packets
    };
    for (packets, expected) in [
        (vec![syn()], NoReply),
        (vec![syn(), syn()], NoReply),
        (vec![syn(), tcp(CLIENT, RST, "")], NoReply),
        (vec![tcp(CLIENT, SYN, "early data")], NoReply),
        (vec![tcp(CLIENT, FIN | PUSH | URGENT, "")], NoReply),
        (vec![syn(), tcp(SERVER, RST | ACK, "")], Refused),
        (vec![syn(), tcp(SERVER, RST | ACK, "no socket")], Refused),
        // A scan with another packet than an opening.
        (vec![ack(), tcp(SERVER, RST, "")], Refused),
        (vec![tcp(SERVER, RST, "")], Refused),
        (vec![syn(), unreachable(&syn())], Unreachable),
        (vec![syn(), unreachable_by(13, &syn())], Unreachable),
        (vec![syn(), syn_ack()], HalfOpen),
        (vec![syn(), syn_ack(), tcp(CLIENT, RST, "")], HalfOpen),
        (vec![syn_ack()], OneSided),
        (vec![tcp(SERVER, ACK, "data")], OneSided),
        (vec![syn(), ack(), tcp(CLIENT, ACK, "GET /")], OneSided),
        (vec![ack(), tcp(SERVER, ACK, "data")], Midstream),
        (vec![tcp(SERVER, ACK, "data"), ack()], Midstream),
        (opened(), Answered),
        (and(opened(), tcp(CLIENT, ACK, "GET /")), Answered),
        (and(opened(), tcp(SERVER, RST, "")), Answered),
        (and(opened(), tcp(SERVER, ACK, "200 OK")), AnsweredData),
        // Its opening was not captured, and the answer says that there was one.
        (vec![syn_ack(), ack(), tcp(SERVER, ACK, "SSH-2.0")], AnsweredData),
    ] {
        assert_eq!(grade(&packets), expected, "{packets:x?}");
    }
}

#[test]
fn of_udp() {
    let (ask, answer) = (udp(CLIENT, 53), udp(SERVER, 53));
    for (packets, expected) in [
        (vec![ask.clone()], NoReply),
        (vec![ask.clone(), unreachable(&ask)], Unreachable),
        (vec![answer.clone()], OneSided),
        (vec![ask.clone(), answer.clone()], AnsweredData),
        // The client has closed its port before the answer came.
        (vec![ask.clone(), answer.clone(), unreachable(&answer)], AnsweredData),
        (vec![udp(CLIENT, 514)], OnewayOk),
        (vec![udp(CLIENT, 514), unreachable(&udp(CLIENT, 514))], Unreachable),
        (vec![udp(CLIENT, 162), udp(SERVER, 162)], AnsweredData),
    ] {
        assert_eq!(grade(&packets), expected, "{packets:x?}");
    }
    let ports: Vec<u16> = ONE_WAY.iter().map(|fact| fact.ports[0].first).collect();
    assert_eq!(ports, [162, 514, 2055, 4341, 4739, 4789, 6081, 6343, 6635, 8125, 12_201, 25_826]);
    assert!(ports.iter().all(|&port| grade(&[udp(CLIENT, port)]) == OnewayOk));
}

#[test]
fn of_sctp() {
    const DATA: u8 = 0;
    const INIT: u8 = 1;
    const INIT_ACK: u8 = 2;
    const ABORT: u8 = 6;
    const ECHO: u8 = 10;
    const COOKIE_ACK: u8 = 11;
    let opened = [sctp(CLIENT, INIT), sctp(SERVER, INIT_ACK)];
    let echoed = [&opened[..], &[sctp(CLIENT, ECHO)]].concat();
    for (packets, expected) in [
        (vec![sctp(CLIENT, INIT)], NoReply),
        (vec![sctp(CLIENT, INIT), sctp(SERVER, ABORT)], Refused),
        (opened.to_vec(), HalfOpen),
        (echoed.clone(), HalfOpen),
        ([&echoed[..], &[sctp(SERVER, COOKIE_ACK)]].concat(), AnsweredData),
        (vec![sctp(CLIENT, DATA), sctp(SERVER, DATA)], Midstream),
    ] {
        assert_eq!(grade(&packets), expected, "{packets:x?}");
    }
}

#[test]
fn of_dccp() {
    const REQUEST: u8 = 0;
    const RESPONSE: u8 = 1;
    const RESET: u8 = 7;
    for (packets, expected) in [
        (vec![dccp(CLIENT, REQUEST)], NoReply),
        (vec![dccp(CLIENT, REQUEST), dccp(SERVER, RESET)], Refused),
        (vec![dccp(CLIENT, REQUEST), dccp(SERVER, RESPONSE)], AnsweredData),
    ] {
        assert_eq!(grade(&packets), expected, "{packets:x?}");
    }
}

#[test]
fn what_counts_as_in_use() {
    let by = |wanted: InUse| -> Vec<&str> {
        Grade::ALL.iter().filter(|grade| grade.in_use() == wanted).map(|grade| grade.name()).collect()
    };
    assert_eq!(by(InUse::No), ["no-reply", "refused", "unreachable", "scan-answered", "group"]);
    assert_eq!(by(InUse::Maybe), ["half-open", "one-sided", "oneway-ok"]);
    assert_eq!(by(InUse::Yes), ["midstream", "answered", "answered-data"]);
}
