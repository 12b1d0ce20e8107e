//! What a flow remembers of how it began: how often it was tried, whether the answer was confirmed,
//! and who refused it.

use crate::support::packet::{ip, ipv4, unreachable, unreachable_by};
use portscribe::Transport::{Sctp, Tcp, Udp};
use portscribe::capture::{LinkType, Packet};
use portscribe::decode::Decoder;
use portscribe::flow::{Flow, FlowOptions, FlowTable, Side, State};

const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;
const RST: u8 = 0x04;
const FIN: u8 = 0x01;

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

/// One line a flow: which side opened, and the state with that side, or the first, as the client.
fn flows(packets: &[Vec<u8>]) -> Vec<String> {
    let table = table(packets);
    let of = |flow: &Flow| {
        let client = flow.opened_by().unwrap_or(Side::First);
        let state = State::of(flow, client);
        let refused = if flow.is_refused(client) { " refused" } else { "" };
        let packets = Side::BOTH.map(|side| flow.packets(side));
        format!("{:?} {packets:?} {state}{refused}", flow.opened_by())
    };
    table.flows().map(of).collect()
}

/// Probes send SYN with FIN, and whatever else: by itself that opens nothing, and tells of no client. Answered, it is
/// the opening that the answer shows.
#[test]
fn a_syn_with_fin_opens_nothing_by_itself() {
    const ALL: u8 = FIN | SYN | 0x08 | 0x20;
    for flags in [SYN | FIN, ALL] {
        assert_eq!(flows(&[tcp(1, flags, 100)]), ["None [1, 0] SH"]);
        assert_eq!(flows(&vec![tcp(1, flags, 100); 3]), ["None [3, 0] SH"]);
        assert_eq!(
            flows(&[tcp(1, flags, 100), tcp(2, RST | ACK, 0)]),
            ["None [1, 1] RSTR"],
            "a reset of what was no opening refuses none"
        );
        assert_eq!(flows(&[tcp(1, flags, 100), tcp(2, SYN_ACK, 7)]), ["Some(First) [1, 1] S2"]);
    }
    assert_eq!(flows(&[tcp(2, SYN_ACK | FIN, 7)]), ["None [1, 0] SH"]);
    // Another number is another try.
    assert_eq!(
        flows(&[tcp(1, SYN | FIN, 100), tcp(1, SYN, 900)]),
        ["None [1, 0] SH", "Some(First) [1, 0] S0"]
    );
}

/// A segment with data between port 40000 of the first host and port 80 of the second.
fn segment(from: u8, flags: u8, sequence: u32, acknowledgment: u32, data: usize) -> Vec<u8> {
    let (source, to, destination) = if from == 1 { (40_000_u16, 2, 80_u16) } else { (80, 1, 40_000) };
    let mut header = [&source.to_be_bytes()[..], &destination.to_be_bytes()].concat();
    header.extend(sequence.to_be_bytes());
    header.extend(acknowledgment.to_be_bytes());
    header.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    header.extend(vec![b'x'; data]);
    ip([192, 0, 2, from].into(), [192, 0, 2, to].into(), Tcp.ip_protocol(), &header)
}

/// RFC 7413: data on the SYN is acknowledged by the SYN+ACK, or is not and is sent again.
#[test]
fn an_answer_to_a_fast_open_acknowledges_its_data() {
    for (acknowledged, again) in [(111, 0), (101, 10)] {
        let packets = [
            segment(1, SYN, 100, 0, 10),
            segment(2, SYN_ACK, 700, acknowledged, 0),
            segment(1, ACK, acknowledged, 701, again),
            segment(2, ACK | FIN, 701, 111, 5),
            segment(1, ACK | FIN, 111, 707, 0),
        ];
        assert_eq!(flows(&packets), ["Some(First) [3, 2] SF"]);
    }
    // It acknowledges more than was sent: it answers another opening.
    let other = [segment(1, SYN, 100, 0, 10), segment(2, SYN_ACK, 700, 201, 0)];
    assert_eq!(flows(&other), ["Some(First) [1, 0] S0", "Some(Second) [1, 0] OTH"]);
}

/// RFC 9293 section 3.5, figure 7; and openings that are split in four and five segments.
#[test]
fn where_both_sides_open_there_is_one_flow_and_no_client() {
    let simultaneous = [
        segment(1, SYN, 100, 0, 0),
        segment(2, SYN, 300, 0, 0),
        segment(1, SYN_ACK, 100, 301, 0),
        segment(2, SYN_ACK, 300, 101, 0),
        segment(1, SYN, 100, 0, 0),
        segment(2, SYN, 300, 0, 0),
        segment(1, ACK, 101, 301, 5),
    ];
    assert_eq!(flows(&simultaneous), ["None [4, 3] S1"]);
    let in_four = [
        segment(1, SYN, 100, 0, 0),
        segment(2, SYN, 300, 0, 0),
        segment(1, SYN_ACK, 100, 301, 0),
        segment(2, ACK, 301, 101, 0),
    ];
    assert_eq!(flows(&in_four), ["None [2, 2] S1"]);
    let in_five = [
        segment(1, SYN, 100, 0, 0),
        segment(2, ACK, 300, 101, 0),
        segment(2, SYN, 300, 0, 0),
        segment(1, SYN_ACK, 100, 301, 0),
        segment(2, ACK, 301, 101, 0),
    ];
    assert_eq!(flows(&in_five), ["None [2, 3] S1"]);
    // An established connection whose port opens another one is two.
    let reused = [
        segment(1, SYN, 100, 0, 0),
        segment(2, SYN_ACK, 300, 101, 0),
        segment(1, ACK, 101, 301, 0),
        segment(2, SYN, 900, 0, 0),
    ];
    assert_eq!(flows(&reused), ["Some(First) [2, 1] S1", "Some(First) [1, 0] S0"]);
}

#[test]
fn a_reset_that_was_captured_before_its_opening_refuses_it() {
    let packets = [segment(2, RST | ACK, 0, 101, 0), segment(1, SYN, 100, 0, 0)];
    assert_eq!(flows(&packets), ["Some(Second) [1, 1] REJ refused"]);
    // One that answers another opening, or none, is of another connection.
    for reset in [segment(2, RST | ACK, 0, 77, 0), segment(2, RST, 101, 101, 0)] {
        assert_eq!(flows(&[reset, segment(1, SYN, 100, 0, 0)]).len(), 2);
    }
}

/// RFC 9293 section 3.10.7.3: a reset without ACK refuses no SYN. RFC 5961: the answer to a SYN of a
/// connection that is still known is an ACK, which the client resets before it tries again.
#[test]
fn what_is_left_of_an_older_connection_ends_no_new_one() {
    let stale = [
        segment(1, SYN, 100, 0, 0),
        segment(2, RST, 5000, 0, 0),
        segment(2, SYN_ACK, 300, 101, 0),
        segment(1, ACK, 101, 301, 0),
    ];
    assert_eq!(flows(&stale[..2]), ["Some(First) [1, 1] OTH"]);
    assert_eq!(flows(&stale), ["Some(First) [2, 2] S1"]);
    let challenged = [
        segment(1, SYN, 100, 0, 0),
        segment(2, ACK, 5000, 9000, 0),
        segment(1, RST, 9000, 0, 0),
        segment(1, SYN, 100, 0, 0),
        segment(2, SYN_ACK, 300, 101, 0),
        segment(1, ACK, 101, 301, 0),
    ];
    assert_eq!(flows(&challenged), ["Some(First) [4, 2] S1"]);
}

/// RFC 9260 section 5.2.1: both ends send an INIT, and answer that of the other.
#[test]
fn inits_that_collide_are_one_association() {
    let sctp = |from: u8, kind: u8, tag: u32, initiate: u32| {
        let (source, to, destination) = if from == 1 { (3869_u16, 2, 3868) } else { (3868_u16, 1, 3869_u16) };
        let mut chunk = vec![kind, 0, 0, 20];
        chunk.extend(initiate.to_be_bytes());
        chunk.extend([0; 12]);
        let header =
            [&u16::to_be_bytes(source)[..], &u16::to_be_bytes(destination), &tag.to_be_bytes(), &[0; 4]];
        ip(
            [192, 0, 2, from].into(),
            [192, 0, 2, to].into(),
            Sctp.ip_protocol(),
            &[&header.concat()[..], &chunk].concat(),
        )
    };
    let packets = [sctp(1, 1, 0, 7), sctp(2, 1, 0, 9), sctp(1, 2, 9, 7), sctp(2, 2, 7, 9)];
    assert_eq!(flows(&packets), ["None [2, 2] S1"]);
}

#[test]
fn a_flow_stays_small() {
    assert!(size_of::<Flow>() <= 160, "{} octets", size_of::<Flow>());
}
