//! What a flow remembers of how it began: how often it was tried, whether the answer was confirmed,
//! and who refused it.

use crate::support::packet::{ip, ipv4, unreachable, unreachable_by};
use portscribe::Transport::{Sctp, Tcp, Udp};
use portscribe::capture::{LinkType, Packet};
use portscribe::decode::Decoder;
use portscribe::flow::{Flow, FlowOptions, FlowTable, Side};

const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;
const RST: u8 = 0x04;

fn table(packets: &[Vec<u8>]) -> FlowTable {
    let (mut table, mut decoder) = (FlowTable::new(FlowOptions::default()), Decoder::new());
    for bytes in packets {
        let link_type = Some(LinkType::RAW);
        let packet = Packet::new(1, link_type, bytes);
        table.fold(&packet, decoder.decode(link_type, bytes));
    }
    table
}

/// Packets before the first of the other side, whether each confirmed, whether each was
/// prohibited.
type Said = ([u32; 2], [bool; 2], [bool; 2]);

fn said(packets: &[Vec<u8>]) -> Vec<Said> {
    let of = |flow: &Flow| {
        (
            Side::BOTH.map(|side| flow.packets_before_reply(side)),
            Side::BOTH.map(|side| flow.has_confirmed(side)),
            Side::BOTH.map(|side| flow.is_prohibited(side)),
        )
    };
    table(packets).flows().map(of).collect()
}

const NO: [bool; 2] = [false, false];

fn tcp(from: u8, flags: u8, sequence: u32) -> Vec<u8> {
    let (source, to, destination) = if from == 1 { (40_000, 2, 80) } else { (80, 1, 40_000) };
    ipv4(Tcp, from, source, to, destination, flags, sequence, 101)
}

#[test]
fn an_opening_sent_again_counts_until_it_is_answered() {
    let mut packets = vec![tcp(1, SYN, 100); 3];
    assert_eq!(said(&packets), [([3, 0], NO, NO)]);
    packets.push(tcp(2, SYN_ACK, 7));
    assert_eq!(said(&packets), [([3, 0], NO, NO)]);
    packets.push(tcp(1, SYN, 100));
    assert_eq!(said(&packets), [([3, 0], NO, NO)], "sent again behind the answer");
    packets.push(tcp(1, ACK, 101));
    assert_eq!(said(&packets), [([3, 0], [true, false], NO)]);
}

#[test]
fn a_reset_confirms_nothing() {
    let half_open = [tcp(1, SYN, 100), tcp(2, SYN_ACK, 7), tcp(1, RST, 101), tcp(1, RST | ACK, 101)];
    assert_eq!(said(&half_open), [([1, 0], NO, NO)]);
}

#[test]
fn another_opening_is_another_try() {
    assert_eq!(said(&[tcp(1, SYN, 100), tcp(1, SYN, 900)]), [([1, 0], NO, NO), ([1, 0], NO, NO)]);
}

#[test]
fn who_answers_an_opening_that_was_not_seen_has_none() {
    let answered = [tcp(2, SYN_ACK, 7), tcp(1, ACK, 101)];
    assert_eq!(said(&answered), [([1, 0], [false, true], NO)], "the first side is the server's");
}

#[test]
fn a_filter_is_told_from_a_host_without_the_service() {
    let datagram = ipv4(Udp, 1, 40_000, 2, 9999, 0, 0, 0);
    assert_eq!(said(&[datagram.clone(), unreachable(&datagram)]), [([1, 0], NO, NO)]);
    let prohibited = [datagram.clone(), unreachable_by(13, &datagram)];
    assert_eq!(said(&prohibited), [([1, 0], NO, [true, false])]);
    assert_eq!(
        table(&prohibited).flows().map(|flow| flow.is_refused(Side::First)).collect::<Vec<_>>(),
        [true]
    );
}

#[test]
fn the_cookies_of_sctp_confirm() {
    let sctp = |from: u8, kind: u8| {
        let (source, to, destination) = if from == 1 { (40_000, 2, 3868) } else { (3868_u16, 1, 40_000_u16) };
        let chunk = [kind, 0, 0, 20, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let tag = if from == 1 { 0_u32 } else { 9 };
        let header =
            [&u16::to_be_bytes(source)[..], &u16::to_be_bytes(destination), &tag.to_be_bytes(), &[0; 4]];
        ip(
            [192, 0, 2, from].into(),
            [192, 0, 2, to].into(),
            Sctp.ip_protocol(),
            &[&header.concat()[..], &chunk].concat(),
        )
    };
    let mut packets = vec![sctp(1, 1), sctp(2, 2)];
    assert_eq!(said(&packets), [([1, 0], NO, NO)]);
    packets.push(sctp(1, 10));
    assert_eq!(said(&packets), [([1, 0], [true, false], NO)]);
    packets.push(sctp(2, 11));
    assert_eq!(said(&packets), [([1, 0], [true, true], NO)]);
}

#[test]
fn a_flow_stays_small() {
    assert!(size_of::<Flow>() <= 136, "{} octets", size_of::<Flow>());
}
