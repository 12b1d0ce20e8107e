//! Later fragments are counted with their first one, however the packets come, and folding them in
//! pieces gives what folding them at once gives. The same for the paths of multi-homed SCTP ends.

use portscribe::capture::{LinkType, Packet, Timestamp};
use portscribe::decode::{Decoder, Reason};
use portscribe::flow::{FlowOptions, FlowTable, LayerChoice, Side};

/// A packet and its time in milliseconds.
type Timed = (i64, Vec<u8>);

/// An IPv4 packet between two hosts.
fn ip4(protocol: u8, identification: u16, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let ([i1, i2], [f1, f2]) = (identification.to_be_bytes(), fragment.to_be_bytes());
    let header =
        [0x45, 0, length[0], length[1], i1, i2, f1, f2, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    [&header[..], payload].concat()
}

const MORE: u16 = 0x2000;

/// First fragment of a UDP datagram, with a header and 16 octets.
fn head(identification: u16, port: u16) -> Vec<u8> {
    let header = [&5000_u16.to_be_bytes()[..], &port.to_be_bytes(), &[0, 48, 0, 0]].concat();
    ip4(17, identification, MORE, &[&header[..], &[1; 16]].concat())
}

/// Fragment at `offset` octets, 24 octets long.
fn later(identification: u16, offset: u16, more: bool) -> Vec<u8> {
    ip4(17, identification, (offset / 8) | if more { MORE } else { 0 }, &[2; 24])
}

fn fold(table: &mut FlowTable, packets: &[Timed]) {
    let mut decoder = Decoder::new();
    for (n, (time, bytes)) in packets.iter().enumerate() {
        let packet = Packet::new(n as u64 + 1, Some(LinkType::RAW), bytes)
            .with_time(Timestamp::from_nanoseconds(time * 1_000_000));
        table.fold(&packet, decoder.decode(packet.link_type, bytes));
    }
}

fn at_once(packets: &[Timed]) -> FlowTable {
    let mut table = FlowTable::new(FlowOptions::default());
    fold(&mut table, packets);
    table
}

/// What a table says, in words.
fn told(table: &FlowTable) -> (Vec<String>, Vec<(Reason, u64)>) {
    let flows = table.flows().map(|flow| {
        let sides = Side::BOTH.map(|side| {
            (
                flow.end(side),
                flow.packets(side),
                flow.bytes(side),
                table.contexts().steps(flow.context_of(side).unwrap_or_default()),
            )
        });
        format!(
            "{sides:?} {:?} {:?} {} {} {}",
            flow.first_seen(),
            flow.last_seen(),
            flow.first_packet(),
            flow.has_overlapping_fragments(),
            flow.has_tiny_fragments(),
        )
    });
    (flows.collect(), table.counters().reasons().collect())
}

fn in_pieces(packets: &[Timed], cuts: &[usize]) -> FlowTable {
    let mut table = FlowTable::new(FlowOptions::default());
    let mut start = 0;
    for &cut in cuts.iter().chain([&packets.len()]) {
        let mut piece = FlowTable::following(FlowOptions::default());
        fold(&mut piece, &packets[start..cut]);
        table.merge(piece);
        start = cut;
    }
    table
}

/// As [`in_pieces`], merging the last two pieces first.
fn in_pieces_from_the_end(packets: &[Timed], a: usize, b: usize) -> FlowTable {
    let mut table = FlowTable::new(FlowOptions::default());
    fold(&mut table, &packets[..a]);
    let mut middle = FlowTable::following(FlowOptions::default());
    fold(&mut middle, &packets[a..b]);
    let mut last = FlowTable::following(FlowOptions::default());
    fold(&mut last, &packets[b..]);
    middle.merge(last);
    table.merge(middle);
    table
}

#[test]
fn later_fragments_are_counted_with_their_head() {
    let table = at_once(&[(0, head(1, 53)), (1, later(1, 24, false)), (2, later(2, 24, false))]);
    let flow = table.flow(0).expect("is there");
    assert_eq!((table.len(), flow.packets(Side::First), flow.bytes(Side::First)), (1, 2, 88));
    assert_eq!(table.counters().of(Reason::LaterFragment), 1, "that of another datagram");
    assert!(!flow.has_overlapping_fragments() && !flow.has_tiny_fragments());
}

#[test]
fn fragments_before_their_head_are_held_for_it() {
    let table = at_once(&[(0, later(1, 48, false)), (1, later(1, 24, true)), (2, head(1, 53))]);
    assert_eq!(table.flow(0).expect("is there").packets(Side::First), 3);
    assert_eq!(table.counters().uncounted(), 0);
    let table = at_once(&[(0, later(1, 24, false)), (60_001, head(1, 53))]);
    assert_eq!(
        table.flow(0).expect("is there").packets(Side::First),
        1,
        "a datagram is forgotten after a minute"
    );
    assert_eq!(table.counters().of(Reason::LaterFragment), 1);
}

/// 1,500 datagrams a second, each complete: more in a minute than are followed.
#[test]
fn whole_datagrams_are_counted_whole_however_many_there_are() {
    let packets: Vec<Timed> = (0..70_000_u32)
        .flat_map(|n| {
            [head(n as u16, 53), later(n as u16, 24, false)].map(|mut packet| {
                packet[15] = (n >> 16) as u8;
                (i64::from(n) * 2 / 3, packet)
            })
        })
        .collect();
    for table in [at_once(&packets), in_pieces(&packets, &[1001, 70_000, 70_001, 139_000])] {
        assert_eq!(table.counters().uncounted(), 0);
        let counts: Vec<_> = table.flows().map(|flow| flow.packets(Side::First)).collect();
        assert_eq!(counts, [131_072, 8928]);
    }
}

#[test]
fn a_new_head_takes_what_comes_after_it() {
    let packets = [(0, head(1, 53)), (1, later(1, 24, false)), (2, head(1, 123)), (3, later(1, 24, false))];
    let table = at_once(&packets);
    let counts: Vec<_> = table.flows().map(|flow| flow.packets(Side::First)).collect();
    assert_eq!(counts, [2, 2]);
}

#[test]
fn overlapping_and_tiny_fragments_are_flagged() {
    let flags = |packets: &[Timed]| {
        let table = at_once(packets);
        let flow = table.flow(0).expect("is there");
        (flow.has_overlapping_fragments(), flow.has_tiny_fragments())
    };
    assert_eq!(flags(&[(0, head(1, 53)), (1, later(1, 16, false))]), (true, false));
    assert_eq!(flags(&[(0, later(1, 16, false)), (1, head(1, 53))]), (true, false));
    let twice = [(0, head(1, 53)), (1, later(1, 24, false)), (2, later(1, 24, false))];
    assert_eq!(flags(&twice), (false, false), "the same fragment twice is no overlap");
    let tiny = ip4(6, 1, MORE, &[0, 80, 0, 90, 0, 0, 0, 1]);
    assert_eq!(flags(&[(0, tiny), (1, ip4(6, 1, 1, &[0; 24]))]), (false, true));
}

#[test]
fn inside_a_tunnel_too() {
    let gre = |packet: Vec<u8>| ip4(47, 9, 0, &[&[0, 0, 8, 0][..], &packet].concat());
    let table = at_once(&[(0, gre(head(1, 53))), (1, gre(later(1, 24, false)))]);
    assert_eq!(table.flow(0).expect("is there").packets(Side::First), 2);
    let table = at_once(&[(0, gre(head(1, 53))), (1, later(1, 24, false))]);
    assert_eq!(table.flow(0).expect("is there").packets(Side::First), 1, "not of the same datagram");
}

#[test]
fn a_packet_is_counted_once_whichever_header_counts() {
    let vxlan = |packet: Vec<u8>| {
        let frame = [&[2; 12][..], &[8, 0], &packet].concat();
        let length = (16 + frame.len() as u16).to_be_bytes();
        let udp = [&[200, 0, 0x12, 0xb5][..], &length, &[0, 0, 8, 0, 0, 0, 0, 0, 7, 0], &frame].concat();
        ip4(17, 9, 0, &udp)
    };
    let packets = [(0, vxlan(later(1, 24, true))), (1, vxlan(head(1, 53))), (2, vxlan(later(1, 48, false)))];
    for (layers, counts) in
        [(LayerChoice::Inner, vec![3]), (LayerChoice::Outer, vec![3]), (LayerChoice::All, vec![3, 3])]
    {
        let mut table = FlowTable::new(FlowOptions { layers, ..FlowOptions::default() });
        fold(&mut table, &packets);
        let found: Vec<_> = table.flows().map(|flow| flow.packets(Side::First)).collect();
        assert_eq!(found, counts, "{layers:?}");
        assert_eq!(table.counters().uncounted(), 0);
    }
}

/// A generator of small numbers, the same on every machine (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn pieces_give_what_the_whole_gives() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..400 {
        let mut time = 0;
        let packets: Vec<Timed> = (0..10)
            .map(|_| {
                time += [1, 10, 20_000, 59_999, 60_001][numbers.below(5) as usize];
                let identification = numbers.below(2) as u16;
                let packet = match numbers.below(5) {
                    0 | 1 => head(identification, if numbers.below(2) == 0 { 53 } else { 123 }),
                    n => later(identification, [8, 16, 24, 48][numbers.below(4) as usize], n == 2),
                };
                (time, packet)
            })
            .collect();
        let whole = at_once(&packets);
        for a in 0..=packets.len() {
            assert_eq!(told(&in_pieces(&packets, &[a])), told(&whole), "cut at {a}: {packets:?}");
            for b in a..=packets.len() {
                assert_eq!(told(&in_pieces(&packets, &[a, b])), told(&whole), "cut at {a}, {b}: {packets:?}");
                let nested = in_pieces_from_the_end(&packets, a, b);
                assert_eq!(told(&nested), told(&whole), "nested at {a}, {b}: {packets:?}");
            }
        }
    }
}

/// An SCTP packet between two of the addresses 192.0.2.n.
fn sctp(from: u8, to: u8, ports: [u16; 2], tag: u32, chunk: &[u8]) -> Vec<u8> {
    let common = [&ports[0].to_be_bytes()[..], &ports[1].to_be_bytes(), &tag.to_be_bytes(), &[0; 4], chunk];
    let mut packet = ip4(132, 0, 0, &common.concat());
    (packet[15], packet[19]) = (from, to);
    packet
}

fn init(kind: u8, tag: u32, address: u8) -> Vec<u8> {
    let fixed = [&[kind, 0, 0, 28][..], &tag.to_be_bytes(), &[0; 12]].concat();
    [&fixed[..], &[0, 5, 0, 8, 192, 0, 2, address]].concat()
}

#[test]
fn the_paths_of_an_association_are_one_flow() {
    const DATA: [u8; 20] = [0, 3, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 46, 1, 2, 3, 4];
    let (there, back) = ([40_000, 3868], [3868, 40_000]);
    let packets: Vec<Timed> = vec![
        (0, sctp(1, 2, there, 0, &init(1, 7, 11))),
        (1, sctp(2, 1, back, 7, &init(2, 8, 12))),
        (2, sctp(11, 2, there, 8, &DATA)),
        (3, sctp(12, 11, back, 7, &DATA)),
        (4, sctp(12, 1, back, 7, &DATA)),
        (5, sctp(11, 2, [40_001, 3868], 9, &DATA)),
    ];
    let whole = at_once(&packets);
    let counts: Vec<_> = whole.flows().map(|flow| Side::BOTH.map(|side| flow.packets(side))).collect();
    assert_eq!(counts, [[2, 3], [1, 0]], "another port is another association");
    for cut in 0..=packets.len() {
        assert_eq!(told(&in_pieces(&packets, &[cut])), told(&whole), "cut at {cut}");
    }
}
