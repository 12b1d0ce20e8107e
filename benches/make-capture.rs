//! Makes a synthetic capture to measure with: the same arguments give the same bytes.
//!
//! ```text
//! cargo run --release --example make-capture -- big.pcap
//! ```
//!
//! The traffic keeps to the shapes that a flow tracker spends its time on: many flows open at
//! once, a few of them large and most of them small, servers that are not equally popular, and
//! packet sizes after the "simple IMIX" (7 packets of 40, 4 of 576 and 1 of 1500 IP bytes), bent
//! so that the file gets the size asked for. Headers are right to the last field: lengths,
//! checksums (but for the outer UDP header of VXLAN, where 0 is the rule), sequence and
//! acknowledgement numbers. Addresses come from blocks that are nobody's: clients
//! 10.0.0.0/8, servers 198.18.0.0/15 (RFC 2544), IPv6 `2001:db8::/32` (RFC 3849).
//!
//! Memory holds the open flows and a port counter a client, never the packets.

// A program of its own, which talks to the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;

const HELP: &str = "\
Make a synthetic packet capture to measure with

Usage: make-capture OUT [OPTIONS]

  OUT                 the file to write; - for standard output

Options:
  --packets N         packets in all [default: 3420000, or what --bytes asks for]
  --bytes N           size of the file with whole packets [default: 336 a packet];
                      met to about a thousandth
  --flows N           flows in all [default: one for every 29 packets]
  --seed N            another seed, another traffic [default: 1]
  --snaplen N         keep at most N bytes of a packet [default: 262144]
  --format FORMAT     pcap or pcapng [default: pcap]
  --ipv6 SHARE        share of the flows over IPv6, 0 to 1 [default: 0.1]
  --udp SHARE         share of the flows over UDP [default: 0.35]
  --sctp SHARE        share of the flows over SCTP [default: 0]; the rest is TCP
  --vlan SHARE        share of the flows with an 802.1Q tag [default: 0]
  --tunnel SHARE      share of the flows inside VXLAN or GRE, half and half [default: 0]
  --one-packet-flows  every packet a flow of its own, from a random address and port: a flood
  -h, --help          this text

Numbers may end in k, M or G (powers of 1000).
";

/// What the default capture has: 3.42 million packets, 118,000 flows, 1.15 GB.
const DEFAULT_PACKETS: u64 = 3_420_000;
const DEFAULT_PACKETS_PER_FLOW: f64 = 3_420_000.0 / 118_000.0;
const DEFAULT_BYTES_PER_PACKET: f64 = 1_150_000_000.0 / 3_420_000.0;

/// Packets a second over the whole capture.
const RATE: f64 = 20_000.0;
const START_SECONDS: u64 = 1_735_732_800; // 2025-01-01T12:00:00Z
const CLIENT_PORTS: std::ops::Range<u16> = 32_768..61_000;
const MAX_IP_LENGTH: usize = 1500;
const IMIX_MEAN: f64 = (7.0 * 40.0 + 4.0 * 576.0 + 1500.0) / 12.0;

const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;
const GRE: u8 = 47;

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const PSH: u8 = 8;
const ACK: u8 = 16;

/// Server ports by popularity; the n-th is used 1/n as often as the first (Zipf). The last ones
/// of each list are unassigned (12800, 17800) and dynamic (50051, 55000) in IANA's registry.
const TCP_SERVICES: &[u16] =
    &[443, 80, 22, 25, 3306, 5432, 993, 8080, 445, 3389, 8443, 5672, 6379, 9092, 12800, 50051];
const UDP_SERVICES: &[u16] = &[53, 443, 123, 514, 4500, 51820, 17800, 55000];
const SCTP_SERVICES: &[u16] = &[2905, 2904, 14001, 17800, 55000];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "-h" || a == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(&arguments) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("make-capture: {message}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match make(&options) {
        Ok(made) => {
            eprintln!(
                "{}: {} packets, {} flows, {} bytes, {:.1} s of traffic",
                options.out, made.packets, made.flows, made.bytes, made.seconds
            );
            ExitCode::SUCCESS
        }
        // Whoever read our standard output has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("make-capture: cannot write {}: {error}", options.out);
            ExitCode::from(4)
        }
    }
}

/// Makes a capture as the command line would, for benches that need one, and says of how many
/// packets.
///
/// # Errors
///
/// What the command line would be refused for, or what the system says.
#[allow(dead_code, reason = "the program itself has no use for it")]
pub fn write(arguments: &[&str]) -> Result<u64, String> {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let made = make(&Options::parse(&arguments)?).map_err(|error| error.to_string())?;
    Ok(made.packets)
}

// ---------------------------------------------------------------------------------------------
// The command line

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Pcap,
    Pcapng,
}

struct Options {
    out: String,
    packets: u64,
    bytes: f64,
    flows: u64,
    seed: u64,
    snaplen: usize,
    format: Format,
    ipv6: f64,
    udp: f64,
    sctp: f64,
    vlan: f64,
    tunnel: f64,
    one_packet_flows: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let (mut out, mut packets, mut bytes, mut flows) = (None, None, None, None);
        let (mut seed, mut snaplen, mut format) = (1, 262_144, Format::Pcap);
        let (mut ipv6, mut udp, mut sctp, mut vlan, mut tunnel) = (0.1, 0.35, 0.0, 0.0, 0.0);
        let mut one_packet_flows = false;

        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value)),
                _ => (argument.as_str(), None),
            };
            if !name.starts_with("--") {
                if name.starts_with('-') && name != "-" {
                    return Err(format!("unknown option {name}"));
                }
                if out.replace(name.to_owned()).is_some() {
                    return Err(format!("one output only; {name} is a second one"));
                }
                continue;
            }
            let mut value = || {
                inline
                    .or_else(|| rest.next().map(String::as_str))
                    .ok_or_else(|| format!("{name} needs a value"))
            };
            match name {
                "--packets" => packets = Some(positive(name, value()?)?),
                "--bytes" => bytes = Some(positive(name, value()?)?),
                "--flows" => flows = Some(positive(name, value()?)?),
                "--seed" => seed = number(name, value()?)?,
                "--snaplen" => {
                    let given = positive(name, value()?)?;
                    snaplen = usize::try_from(given)
                        .ok()
                        .filter(|n| *n <= 262_144)
                        .ok_or_else(|| format!("--snaplen is at most 262144, not {given}"))?;
                }
                "--format" => {
                    format = match value()? {
                        "pcap" => Format::Pcap,
                        "pcapng" => Format::Pcapng,
                        other => return Err(format!("--format is pcap or pcapng, not {other}")),
                    }
                }
                "--ipv6" => ipv6 = share(name, value()?)?,
                "--udp" => udp = share(name, value()?)?,
                "--sctp" => sctp = share(name, value()?)?,
                "--vlan" => vlan = share(name, value()?)?,
                "--tunnel" => tunnel = share(name, value()?)?,
                "--one-packet-flows" if inline.is_none() => one_packet_flows = true,
                _ => return Err(format!("unknown option {argument}")),
            }
        }

        let out = out.ok_or("no output named")?;
        if udp + sctp > 1.0 {
            return Err(format!("--udp {udp} and --sctp {sctp} are more than everything"));
        }
        if one_packet_flows && (bytes.is_some() || flows.is_some()) {
            return Err("--one-packet-flows goes with --packets, not with --bytes or --flows".into());
        }
        let packets = match (packets, bytes) {
            (Some(packets), _) => packets,
            (None, Some(bytes)) => ((bytes as f64 / DEFAULT_BYTES_PER_PACKET) as u64).max(1),
            (None, None) => DEFAULT_PACKETS,
        };
        let flows = if one_packet_flows {
            packets
        } else {
            flows.unwrap_or(((packets as f64 / DEFAULT_PACKETS_PER_FLOW).round() as u64).max(1))
        };
        if flows > packets {
            return Err(format!("{flows} flows need at least as many packets, not {packets}"));
        }
        let bytes = bytes.map_or(packets as f64 * DEFAULT_BYTES_PER_PACKET, |bytes| bytes as f64);
        let mean = bytes / packets as f64;
        if !(80.0..=1200.0).contains(&mean) {
            return Err(format!("{mean:.0} bytes a packet: this program makes 80 to 1200"));
        }
        Ok(Self {
            out,
            packets,
            bytes,
            flows,
            seed,
            snaplen,
            format,
            ipv6,
            udp,
            sctp,
            vlan,
            tunnel,
            one_packet_flows,
        })
    }
}

fn number(name: &str, text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.as_bytes().last() {
        Some(b'k') => (&text[..text.len() - 1], 1_000),
        Some(b'M') => (&text[..text.len() - 1], 1_000_000),
        Some(b'G') => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    let value = digits.replace('_', "").parse::<u64>().ok();
    value.and_then(|n| n.checked_mul(factor)).ok_or_else(|| format!("{name}: {text} is not a number"))
}

fn positive(name: &str, text: &str) -> Result<u64, String> {
    number(name, text)?.checked_sub(1).map(|n| n + 1).ok_or_else(|| format!("{name} is at least 1"))
}

fn share(name: &str, text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    value.ok_or_else(|| format!("{name} is a share from 0 to 1, not {text}"))
}

// ---------------------------------------------------------------------------------------------
// Chance

/// `SplitMix64`: small, fast, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `below` - 1.
    fn below(&mut self, below: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(below)) >> 64) as u64
    }

    /// From 0 up to, but never, 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Log-normal with this mean: mostly small, now and then very large.
    fn log_normal(&mut self, mean: f64, sigma: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.unit()).cos();
        (mean.ln() - sigma * sigma / 2.0 + sigma * normal).exp()
    }

    fn fill(&mut self, target: &mut [u8]) {
        let mut chunks = target.chunks_exact_mut(8);
        for chunk in &mut chunks {
            chunk.copy_from_slice(&self.next().to_le_bytes());
        }
        let last = self.next().to_le_bytes();
        let rest = chunks.into_remainder();
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// Ranks drawn so that the n-th comes 1/n as often as the first.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(ranks: usize) -> Self {
        let total: f64 = (1..=ranks).map(|n| 1.0 / n as f64).sum();
        let mut sum = 0.0;
        Self(
            (1..=ranks)
                .map(|n| {
                    sum += 1.0 / n as f64 / total;
                    sum
                })
                .collect(),
        )
    }

    fn draw(&self, random: &mut Random) -> usize {
        let unit = random.unit();
        self.0.partition_point(|sum| *sum <= unit).min(self.0.len() - 1)
    }
}

// ---------------------------------------------------------------------------------------------
// Flows

#[derive(Clone, Copy, PartialEq)]
enum Tunnel {
    None,
    Vxlan { source_port: u16 },
    Gre,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Client,
    Server,
}

/// One end of a flow.
#[derive(Clone, Copy, Default)]
struct End {
    address: [u8; 16],
    port: u16,
    /// Next sequence number (TCP), next TSN (SCTP).
    sequence: u32,
    /// SCTP: the verification tag that this end wants to see.
    tag: u32,
    stream_sequence: u16,
}

struct Flow {
    transport: u8,
    ipv6: bool,
    vlan: Option<u16>,
    tunnel: Tunnel,
    client: End,
    server: End,
    packets: u64,
    sent: u64,
    /// Mean microseconds from packet to packet.
    gap: f64,
    reset: bool,
    /// Who sent data that the other has not acknowledged yet.
    unacknowledged: Option<Side>,
}

impl Flow {
    fn ends(&self, from: Side) -> (&End, &End) {
        match from {
            Side::Client => (&self.client, &self.server),
            Side::Server => (&self.server, &self.client),
        }
    }

    fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

struct Made {
    packets: u64,
    flows: u64,
    bytes: u64,
    seconds: f64,
}

struct Generator<'a> {
    options: &'a Options,
    random: Random,
    services: [Zipf; 3],
    hosts: Zipf,
    /// Ports already used, a client; a client and port is never given twice while any is left.
    ports_used: Vec<u16>,
    packets_left: u64,
    flows_left: u64,
    flood_key: u64,
    text: Vec<u8>,
    crc32c: Box<[[u32; 256]; 8]>,
    frame: Box<[u8; FRAME_ROOM]>,
    sink: Sink,
}

fn make(options: &Options) -> io::Result<Made> {
    let mut random = Random(options.seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let clients = (options.flows / 20).clamp(50, 65_536) as usize;
    let mut generator = Generator {
        options,
        services: [TCP_SERVICES, UDP_SERVICES, SCTP_SERVICES].map(|list| Zipf::new(list.len())),
        hosts: Zipf::new(60),
        ports_used: if options.one_packet_flows { Vec::new() } else { vec![0; clients] },
        packets_left: options.packets,
        flows_left: options.flows,
        flood_key: random.next(),
        text: text(&mut random),
        crc32c: crc32c_tables(),
        frame: Box::new([0; FRAME_ROOM]),
        sink: Sink::open(options)?,
        random,
    };
    let seconds = if options.one_packet_flows { generator.flood()? } else { generator.run()? };
    let bytes = generator.sink.finish()?;
    Ok(Made { packets: options.packets, flows: options.flows, bytes, seconds })
}

impl Generator<'_> {
    /// Flows begin evenly over the capture and each goes at its own pace.
    fn run(&mut self) -> io::Result<f64> {
        let arrival_gap = self.options.packets as f64 / RATE * 1e6 / self.options.flows as f64;
        let mut next_arrival = 0.0;
        let mut flows: Vec<Flow> = Vec::new();
        let mut free: Vec<u32> = Vec::new();
        let mut due: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
        let mut clock = 0;
        loop {
            let first_due = due.peek().map_or(f64::INFINITY, |entry| entry.0.0 as f64);
            if self.flows_left > 0 && next_arrival <= first_due {
                let flow = self.new_flow();
                let slot = free.pop().unwrap_or(flows.len() as u32);
                if (slot as usize) < flows.len() {
                    flows[slot as usize] = flow;
                } else {
                    flows.push(flow);
                }
                due.push(Reverse((next_arrival as u64, slot)));
                next_arrival += self.random.exponential(arrival_gap);
                continue;
            }
            let Some(mut entry) = due.peek_mut() else {
                break;
            };
            let Reverse((when, slot)) = *entry;
            clock = when.max(clock + 1);
            let flow = &mut flows[slot as usize];
            self.send(flow, clock)?;
            if flow.sent == flow.packets {
                PeekMut::pop(entry);
                free.push(slot);
            } else {
                let gap = self.random.exponential(flow.gap).clamp(1.0, 20e6);
                *entry = Reverse((clock + gap as u64, slot));
            }
        }
        Ok(clock as f64 / 1e6)
    }

    fn flood(&mut self) -> io::Result<f64> {
        let mut clock = 0;
        for index in 0..self.options.packets {
            clock += 1 + self.random.below(9);
            let mut flow = self.new_flow();
            // A permutation of 44 bits: random to look at, yet no source comes twice.
            let mut source = index.wrapping_add(self.flood_key);
            for _ in 0..2 {
                source = source.wrapping_mul(0x9e37_79b9_7f4a_7c15) & ((1 << 44) - 1);
                source ^= source >> 22;
            }
            flow.client.port = 0x8000 | (source & 0x7fff) as u16;
            let host = (0x4000_0000 | (source >> 15) as u32).to_be_bytes(); // 64.0.0.0/3
            let at = if flow.ipv6 { 12 } else { 0 };
            flow.client.address[at..at + 4].copy_from_slice(&host);
            self.send(&mut flow, clock)?;
        }
        Ok(clock as f64 / 1e6)
    }

    fn new_flow(&mut self) -> Flow {
        let kind = self.random.unit();
        let (transport, services, zipf) = if kind < self.options.udp {
            (UDP, UDP_SERVICES, 1)
        } else if kind < self.options.udp + self.options.sctp {
            (SCTP, SCTP_SERVICES, 2)
        } else {
            (TCP, TCP_SERVICES, 0)
        };
        let mut rank = self.services[zipf].draw(&mut self.random);
        if self.flows_left == 1 && Self::is_small(transport, services[rank]) {
            rank = 1; // the last flow takes what is left, and that is nothing for a question
        }
        let port = services[rank];
        let host = self.hosts.draw(&mut self.random) as u8 + 1;
        let ipv6 = self.random.chance(self.options.ipv6);
        let vlan = self.random.chance(self.options.vlan);
        let vlan = vlan.then(|| 10 * (1 + self.random.below(40)) as u16);
        let tunnel = if !self.random.chance(self.options.tunnel) {
            Tunnel::None
        } else if self.random.chance(0.5) {
            Tunnel::Vxlan { source_port: 49_152 + self.random.below(16_384) as u16 }
        } else {
            Tunnel::Gre
        };
        let (client_index, client_port) = self.next_client();
        let mut client = End { port: client_port, ..End::default() };
        let mut server = End { port, ..End::default() };
        let network = zipf as u8 * 32 + rank as u8;
        if ipv6 {
            client.address[..5].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8, 0x0a]);
            client.address[13..].copy_from_slice(&client_index.to_be_bytes()[1..]);
            server.address[..5].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8, 0x5e]);
            server.address[14..].copy_from_slice(&[network, host]);
        } else {
            let [_, high, middle, low] = client_index.to_be_bytes();
            client.address[..4].copy_from_slice(&[10, high, middle, low]);
            server.address[..4].copy_from_slice(&[198, 18, network, host]);
        }
        for end in [&mut client, &mut server] {
            end.sequence = self.random.next() as u32;
            end.tag = self.random.next() as u32 | 1;
        }

        let packets = self.flow_size(transport, port);
        self.packets_left -= packets;
        self.flows_left -= 1;
        Flow {
            transport,
            ipv6,
            vlan,
            tunnel,
            client,
            server,
            packets,
            sent: 0,
            gap: self.gap(transport, port, packets),
            reset: self.random.chance(0.1),
            unacknowledged: None,
        }
    }

    /// Asks and answers once.
    fn is_small(transport: u8, port: u16) -> bool {
        transport == UDP && (port == 53 || port == 123)
    }

    /// How many packets the next flow gets, so that all come out even at the last one.
    fn flow_size(&mut self, transport: u8, port: u16) -> u64 {
        if self.flows_left == 1 {
            return self.packets_left;
        }
        let most = self.packets_left - (self.flows_left - 1);
        let mean = self.packets_left as f64 / self.flows_left as f64;
        if mean < 1.5 {
            return u64::from(self.random.chance(mean - 1.0)) + 1;
        }
        // Two of the UDP services are small; the others make up for them.
        let upto = &self.services[1].0;
        let small_share = self.options.udp * (upto[0] + upto[2] - upto[1]); // 53 and 123
        let wanted = if Self::is_small(transport, port) {
            2.0
        } else if small_share > 0.95 {
            mean
        } else {
            let others = ((mean - 2.0 * small_share) / (1.0 - small_share)).max(1.0);
            self.random.log_normal(others, 1.5).min(300.0 * others)
        };
        (wanted.round() as u64).clamp(1, most)
    }

    fn gap(&mut self, transport: u8, port: u16, packets: u64) -> f64 {
        if Self::is_small(transport, port) {
            return self.random.log_normal(20e3, 0.8);
        }
        let mean = self.options.packets as f64 / self.options.flows as f64;
        let longer = (packets as f64 / mean).sqrt().clamp(0.3, 10.0);
        let lasting = self.random.log_normal(3e6, 0.8) * longer;
        (lasting / packets as f64).max(20.0)
    }

    fn next_client(&mut self) -> (u32, u16) {
        let clients = self.ports_used.len();
        if clients == 0 {
            return (0, 0); // a flood sets its own
        }
        // Squared: some clients are busier than others.
        let mut client = (self.random.unit().powi(2) * clients as f64) as usize;
        let mut tried = 0;
        while self.ports_used[client] as usize == CLIENT_PORTS.len() {
            client = (client + 1) % clients;
            tried += 1;
            if tried == clients {
                self.ports_used.fill(0); // all given: begin again
            }
        }
        // Each client begins somewhere else and goes in steps that reach every port: 28232 is
        // 2^3 * 3529, and 4099 shares no factor with it.
        let nth = self.ports_used[client] as usize;
        self.ports_used[client] += 1;
        let offset = (client * 7919 + nth * 4099) % CLIENT_PORTS.len();
        (client as u32 + 256, CLIENT_PORTS.start + offset as u16)
    }

    /// IP bytes of a packet that carries data: IMIX, bent to where the file size should be by now.
    fn data_length(&mut self) -> usize {
        let share = (self.options.packets - self.sink.packets) as f64 / self.options.packets as f64;
        let behind = self.options.bytes * (1.0 - share) - self.sink.whole_bytes as f64;
        let overhead = (self.sink.record_overhead() + 14) as f64;
        let wanted = self.options.bytes / self.options.packets as f64 - overhead + behind / 300.0;
        if wanted < IMIX_MEAN {
            if self.random.chance((IMIX_MEAN - wanted) / (IMIX_MEAN - 40.0)) {
                return 40;
            }
        } else if self.random.chance((wanted - IMIX_MEAN) / (1500.0 - IMIX_MEAN)) {
            return 1500;
        }
        match self.random.below(12) {
            0..7 => 40,
            7..11 => 576,
            _ => MAX_IP_LENGTH,
        }
    }

    fn send(&mut self, flow: &mut Flow, clock: u64) -> io::Result<()> {
        let (from, length) = match flow.transport {
            TCP => self.tcp(flow),
            UDP => self.udp(flow),
            _ => self.sctp(flow),
        };
        flow.sent += 1;
        let frame = self.wrap(flow, from, length);
        self.sink.packet(clock, &self.frame[frame..TRANSPORT + length])
    }
}

// ---------------------------------------------------------------------------------------------
// Transport: each of these writes header and payload at TRANSPORT and returns who sends and how
// many bytes it wrote.

/// Where the transport header begins; the headers before it are put in front, innermost first.
const TRANSPORT: usize = 160;
const FRAME_ROOM: usize = TRANSPORT + 2048;

impl Generator<'_> {
    fn tcp(&mut self, flow: &mut Flow) -> (Side, usize) {
        let (nth, all) = (flow.sent, flow.packets);
        let left = all - nth;
        let reset = flow.reset || all < 7;
        let server_speaks_first = matches!(flow.server.port, 22 | 25 | 3306);
        match nth {
            0 => return self.tcp_segment(flow, Side::Client, SYN, 0),
            1 if all == 2 => return self.tcp_segment(flow, Side::Server, RST | ACK, 0),
            1 => return self.tcp_segment(flow, Side::Server, SYN | ACK, 0),
            2 if all > 3 => return self.tcp_segment(flow, Side::Client, ACK, 0),
            _ => {}
        }
        match (reset, left) {
            (true, 1) => return self.tcp_segment(flow, Side::Client, RST | ACK, 0),
            (false, 3) => return self.tcp_segment(flow, Side::Client, FIN | ACK, 0),
            (false, 2) => return self.tcp_segment(flow, Side::Server, FIN | ACK, 0),
            (false, 1) => return self.tcp_segment(flow, Side::Client, ACK, 0),
            _ => {}
        }
        let headers = if flow.ipv6 { 60 } else { 40 };
        let length = self.data_length();
        if length == 40
            && let Some(sender) = flow.unacknowledged
        {
            let receiver = if sender == Side::Client { Side::Server } else { Side::Client };
            return self.tcp_segment(flow, receiver, ACK, 0);
        }
        // Nothing to acknowledge: a few bytes, as of a person typing.
        // A TLS record or an SSH packet has more of them.
        let least = if matches!(flow.server.port, 22 | 443 | 993 | 8443) { 29 } else { 1 };
        let small = least + self.random.below(40) as usize;
        let payload = length.saturating_sub(headers).max(small);
        let from = if nth == 3 {
            if server_speaks_first { Side::Server } else { Side::Client }
        } else if self.random.chance(if payload > 1000 { 0.85 } else { 0.5 }) {
            Side::Server
        } else {
            Side::Client
        };
        self.tcp_segment(flow, from, ACK | PSH, payload)
    }

    fn tcp_segment(&mut self, flow: &mut Flow, from: Side, flags: u8, payload: usize) -> (Side, usize) {
        let options: &[u8] = if flags & SYN != 0 { &[2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7, 1, 1] } else { &[] };
        let header = 20 + options.len();
        let (sender, receiver) = flow.ends(from);
        let segment = &mut self.frame[TRANSPORT..TRANSPORT + header + payload];
        put16(segment, 0, sender.port);
        put16(segment, 2, receiver.port);
        put32(segment, 4, sender.sequence);
        put32(segment, 8, if flags & ACK != 0 { receiver.sequence } else { 0 });
        segment[12] = (header as u8 / 4) << 4;
        segment[13] = flags;
        put16(segment, 14, 64_240);
        put32(segment, 16, 0); // checksum, urgent pointer
        segment[20..header].copy_from_slice(options);
        let port = flow.server.port;
        self.payload(TRANSPORT + header, payload, TCP, port);
        if payload > 0 {
            flow.unacknowledged = Some(from);
        } else if flags & ACK != 0 {
            flow.unacknowledged = None;
        }
        let counted = payload as u32 + u32::from(flags & (SYN | FIN) != 0);
        let end = flow.end(from);
        end.sequence = end.sequence.wrapping_add(counted);
        (from, header + payload)
    }

    fn udp(&mut self, flow: &mut Flow) -> (Side, usize) {
        let port = flow.server.port;
        let from = if flow.sent == 0 || port == 514 {
            Side::Client
        } else if flow.sent == 1 || self.random.chance(0.6) {
            Side::Server
        } else {
            Side::Client
        };
        let at = TRANSPORT + 8;
        let payload = match port {
            53 => self.dns(from, flow.client.tag as u16),
            123 => {
                self.random.fill(&mut self.frame[at..at + 48]);
                self.frame[at] = if from == Side::Client { 0x23 } else { 0x24 };
                self.frame[at + 1] = 2;
                48
            }
            _ => {
                let headers = if flow.ipv6 { 48 } else { 28 };
                let least = 32 + self.random.below(20) as usize;
                let wanted = if self.options.one_packet_flows { 0 } else { self.data_length() };
                let payload = wanted.saturating_sub(headers).max(least);
                self.payload(at, payload, UDP, port);
                payload
            }
        };
        let (sender, receiver) = flow.ends(from);
        let header = &mut self.frame[TRANSPORT..at];
        put16(header, 0, sender.port);
        put16(header, 2, receiver.port);
        put16(header, 4, (8 + payload) as u16);
        put16(header, 6, 0);
        (from, 8 + payload)
    }

    /// A question for the address of host-NNNNN.example.com, or the answer to it.
    fn dns(&mut self, from: Side, id: u16) -> usize {
        let message = &mut self.frame[TRANSPORT + 8..];
        let answer = from == Side::Server;
        put16(message, 0, id);
        put16(message, 2, if answer { 0x8180 } else { 0x0100 });
        put16(message, 4, 1);
        put16(message, 6, u16::from(answer));
        put32(message, 8, 0);
        message[12..35].copy_from_slice(b"\x0ahost-00000\x07example\x03com");
        for (place, digit) in format!("{id:05}").bytes().enumerate() {
            message[18 + place] = digit;
        }
        message[35] = 0;
        put32(message, 36, 0x0001_0001); // A, IN
        if !answer {
            return 40;
        }
        put16(message, 40, 0xc00c);
        put32(message, 42, 0x0001_0001);
        put32(message, 46, 300);
        put16(message, 50, 4);
        message[52..56].copy_from_slice(&[198, 18, (id >> 8) as u8, id as u8]);
        56
    }

    fn sctp(&mut self, flow: &mut Flow) -> (Side, usize) {
        let (nth, all) = (flow.sent, flow.packets);
        let left = all - nth;
        let aborts = all == 2 || all == 3 || (5..8).contains(&all) || (all >= 8 && flow.reset);
        match (nth, left) {
            (1.., 1) if aborts => {
                let from = if all == 2 { Side::Server } else { Side::Client };
                return self.sctp_chunk(flow, from, 6, 0, &[]);
            }
            (0, _) => return self.sctp_init(flow, Side::Client, 1),
            (1, _) => return self.sctp_init(flow, Side::Server, 2),
            (2, _) => return self.sctp_chunk(flow, Side::Client, 10, 0, &[0x5c; 64]),
            (3, _) => return self.sctp_chunk(flow, Side::Server, 11, 0, &[]),
            (_, 3) if !aborts => {
                let seen = flow.server.sequence.wrapping_sub(1).to_be_bytes();
                return self.sctp_chunk(flow, Side::Client, 7, 0, &seen);
            }
            (_, 2) if !aborts => return self.sctp_chunk(flow, Side::Server, 8, 0, &[]),
            (_, 1) if !aborts => return self.sctp_chunk(flow, Side::Client, 14, 0, &[]),
            _ => {}
        }
        let length = self.data_length();
        if length == 40
            && let Some(sender) = flow.unacknowledged.take()
        {
            let receiver = if sender == Side::Client { Side::Server } else { Side::Client };
            let mut sack = [0; 12];
            put32(&mut sack, 0, flow.end(sender).sequence.wrapping_sub(1));
            put32(&mut sack, 4, 106_496);
            return self.sctp_chunk(flow, receiver, 3, 0, &sack);
        }
        let from = if nth > 4 && self.random.chance(0.5) { Side::Server } else { Side::Client };
        let headers = if flow.ipv6 { 40 } else { 20 } + 12 + 16;
        // The user data of these ports is M3UA, M2UA or SUA: here a BEAT with that much heartbeat
        // data. Whole words, so that no chunk needs padding.
        let user_data = (length.saturating_sub(headers).max(24)) & !3;
        let mut chunk = [0; MAX_IP_LENGTH];
        let end = flow.end(from);
        put32(&mut chunk, 0, end.sequence);
        put16(&mut chunk, 6, end.stream_sequence);
        end.sequence = end.sequence.wrapping_add(1);
        end.stream_sequence = end.stream_sequence.wrapping_add(1);
        let message = &mut chunk[12..12 + user_data];
        self.random.fill(&mut message[12..]);
        put32(message, 0, 0x0100_0303);
        put32(message, 4, user_data as u32);
        put16(message, 8, 9);
        put16(message, 10, user_data as u16 - 8);
        flow.unacknowledged = Some(from);
        self.sctp_chunk(flow, from, 0, 3, &chunk[..12 + user_data])
    }

    fn sctp_init(&mut self, flow: &mut Flow, from: Side, kind: u8) -> (Side, usize) {
        let end = *flow.end(from);
        let mut body = [0; 16 + 36];
        put32(&mut body, 0, end.tag);
        put32(&mut body, 4, 106_496);
        put16(&mut body, 8, 10);
        put16(&mut body, 10, 10);
        put32(&mut body, 12, end.sequence);
        put16(&mut body, 16, 7); // INIT ACK carries the state cookie
        put16(&mut body, 18, 36);
        let used = if kind == 2 { body.len() } else { 16 };
        self.sctp_chunk(flow, from, kind, 0, &body[..used])
    }

    fn sctp_chunk(&mut self, flow: &Flow, from: Side, kind: u8, flags: u8, body: &[u8]) -> (Side, usize) {
        let length = 12 + 4 + body.len();
        let (sender, receiver) = flow.ends(from);
        let packet = &mut self.frame[TRANSPORT..TRANSPORT + length];
        put16(packet, 0, sender.port);
        put16(packet, 2, receiver.port);
        put32(packet, 4, if kind == 1 { 0 } else { receiver.tag });
        put32(packet, 8, 0);
        packet[12] = kind;
        packet[13] = flags;
        put16(packet, 14, 4 + body.len() as u16);
        packet[16..].copy_from_slice(body);
        let checksum = crc32c(&self.crc32c, packet);
        packet[8..12].copy_from_slice(&checksum.to_le_bytes());
        (from, length)
    }

    /// Bytes as the service would have them as far as size and compression go: text where it
    /// talks in clear, noise where it is encrypted.
    fn payload(&mut self, at: usize, length: usize, transport: u8, port: u16) {
        if length == 0 {
            return;
        }
        let payload = &mut self.frame[at..at + length];
        match (transport, port) {
            (TCP, 443 | 993 | 8443) => {
                self.random.fill(payload);
                payload[..3].copy_from_slice(&[23, 3, 3]); // a TLS record of application data
                put16(payload, 3, length as u16 - 5);
            }
            (TCP, 22) => {
                self.random.fill(payload);
                put32(payload, 0, length as u32 - 4); // an SSH packet of channel data
                payload[4..6].copy_from_slice(&[4, 94]);
            }
            (UDP, 443) => {
                self.random.fill(payload);
                payload[0] = 0x40 | (payload[0] & 0x3f); // QUIC, short header
            }
            (UDP, 4500) => {
                self.random.fill(payload);
                payload[0] |= 1; // ESP: the SPI is not 0
            }
            (UDP, 51820) => {
                self.random.fill(payload);
                payload[..4].copy_from_slice(&[4, 0, 0, 0]); // WireGuard, transport data
            }
            (TCP, 445 | 3389 | 50051) => self.random.fill(payload),
            _ => {
                let start = self.random.below((self.text.len() - MAX_IP_LENGTH) as u64) as usize;
                payload.copy_from_slice(&self.text[start..start + length]);
                if transport == UDP {
                    payload[..8].copy_from_slice(b"<14>host"); // as syslog begins
                }
            }
        }
    }
}

/// 64 KiB of words for the services that talk in clear.
fn text(random: &mut Random) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "host", "client", "server", "service", "port", "address", "the", "of", "and", "to", "name", "value",
        "status", "length", "content", "type", "accept", "language", "begin", "commit", "select", "from",
        "where", "order", "insert", "into", "user", "session", "message", "date",
    ];
    let mut text = Vec::with_capacity(1 << 16);
    while text.len() < (1 << 16) - 16 {
        match random.below(8) {
            0 => text.extend_from_slice(format!("{}\r\n", random.below(1_000_000)).as_bytes()),
            1 => text.extend_from_slice(format!("{:x} ", random.next() as u32).as_bytes()),
            _ => {
                text.extend_from_slice(WORDS[random.below(WORDS.len() as u64) as usize].as_bytes());
                text.push(b' ');
            }
        }
    }
    text
}

// ---------------------------------------------------------------------------------------------
// Network and link

impl Generator<'_> {
    /// Puts the headers in front of the transport's `length` bytes; returns where the frame begins.
    fn wrap(&mut self, flow: &Flow, from: Side, length: usize) -> usize {
        let (sender, receiver) = flow.ends(from);
        let end = TRANSPORT + length;
        let mut at = TRANSPORT;
        let checksum = match flow.transport {
            TCP => Some(TRANSPORT + 16),
            UDP => Some(TRANSPORT + 6),
            _ => None, // SCTP sums without the addresses
        };
        if let Some(place) = checksum {
            let width = if flow.ipv6 { 16 } else { 4 };
            let mut sum = ones_sum(&sender.address[..width]) + ones_sum(&receiver.address[..width]);
            sum += ones_sum(&[0, flow.transport]) + ones_sum(&(length as u16).to_be_bytes());
            sum += ones_sum(&self.frame[TRANSPORT..end]);
            let mut value = !fold(sum);
            if value == 0 && flow.transport == UDP {
                value = 0xffff;
            }
            self.frame[place..place + 2].copy_from_slice(&value.to_ne_bytes());
        }

        let ethertype = if flow.ipv6 { 0x86dd } else { 0x0800 };
        let ttl = if from == Side::Client { 64 } else { 57 };
        if flow.ipv6 {
            at -= 40;
            let header = &mut self.frame[at..at + 40];
            put32(header, 0, 0x6000_0000);
            put16(header, 4, length as u16);
            header[6] = flow.transport;
            header[7] = ttl;
            header[8..24].copy_from_slice(&sender.address);
            header[24..40].copy_from_slice(&receiver.address);
        } else {
            at -= 20;
            let (source, target) = (first4(&sender.address), first4(&receiver.address));
            self.ipv4(at, end, flow.transport, ttl, source, target);
        }

        let mut outer_type = ethertype;
        if flow.tunnel != Tunnel::None {
            let (source, target) = match from {
                Side::Client => ([172, 16, 0, 1 + flow.client.address[3] % 8], [172, 16, 1, 1]),
                Side::Server => ([172, 16, 1, 1], [172, 16, 0, 1 + flow.client.address[3] % 8]),
            };
            let protocol = if let Tunnel::Vxlan { source_port } = flow.tunnel {
                at = self.ethernet(at, from, None, ethertype);
                at -= 16;
                let header = &mut self.frame[at..at + 16];
                put16(header, 0, source_port);
                put16(header, 2, 4789);
                put16(header, 4, (end - at) as u16);
                put16(header, 6, 0);
                put32(header, 8, 0x0800_0000);
                put32(header, 12, (5000 + u32::from(flow.client.address[3] % 8)) << 8);
                UDP
            } else {
                at -= 4;
                put16(&mut self.frame[at..], 0, 0);
                put16(&mut self.frame[at..], 2, ethertype);
                GRE
            };
            at -= 20;
            self.ipv4(at, end, protocol, 64, source, target);
            outer_type = 0x0800;
        }
        self.ethernet(at, from, flow.vlan, outer_type)
    }

    fn ipv4(&mut self, at: usize, end: usize, protocol: u8, ttl: u8, source: [u8; 4], target: [u8; 4]) {
        let id = self.random.next() as u16;
        let header = &mut self.frame[at..at + 20];
        put16(header, 0, 0x4500);
        put16(header, 2, (end - at) as u16);
        put16(header, 4, id);
        put16(header, 6, 0x4000); // do not fragment
        header[8] = ttl;
        header[9] = protocol;
        put16(header, 10, 0);
        header[12..16].copy_from_slice(&source);
        header[16..20].copy_from_slice(&target);
        let checksum = !fold(ones_sum(header));
        header[10..12].copy_from_slice(&checksum.to_ne_bytes());
    }

    fn ethernet(&mut self, mut at: usize, from: Side, vlan: Option<u16>, ethertype: u16) -> usize {
        const CLIENTS: [u8; 6] = [2, 0, 0, 0, 0, 1];
        const SERVERS: [u8; 6] = [2, 0, 0, 0, 0, 2];
        at -= 2;
        put16(&mut self.frame[at..], 0, ethertype);
        if let Some(vlan) = vlan {
            at -= 4;
            put16(&mut self.frame[at..], 0, 0x8100);
            put16(&mut self.frame[at..], 2, vlan);
        }
        at -= 12;
        let (target, source) = if from == Side::Client { (SERVERS, CLIENTS) } else { (CLIENTS, SERVERS) };
        self.frame[at..at + 6].copy_from_slice(&target);
        self.frame[at + 6..at + 12].copy_from_slice(&source);
        at
    }
}

fn put16(target: &mut [u8], at: usize, value: u16) {
    target[at..at + 2].copy_from_slice(&value.to_be_bytes());
}

fn put32(target: &mut [u8], at: usize, value: u32) {
    target[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

fn first4(address: &[u8; 16]) -> [u8; 4] {
    [address[0], address[1], address[2], address[3]]
}

/// The sum of the Internet checksum (RFC 1071), in the machine's own byte order: the order of the
/// bytes in a word does not matter as long as the result is stored the same way.
fn ones_sum(bytes: &[u8]) -> u64 {
    let mut chunks = bytes.chunks_exact(4);
    let mut sum = 0;
    for chunk in &mut chunks {
        sum += u64::from(u32::from_ne_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]));
    }
    let mut last = [0; 4];
    let rest = chunks.remainder();
    last[..rest.len()].copy_from_slice(rest);
    sum + u64::from(u32::from_ne_bytes(last))
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// CRC-32C, eight bytes a step.
fn crc32c_tables() -> Box<[[u32; 256]; 8]> {
    let mut tables = Box::new([[0u32; 256]; 8]);
    for byte in 0..256 {
        let mut value = byte as u32;
        for _ in 0..8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0x82f6_3b78 } else { value >> 1 };
        }
        tables[0][byte] = value;
    }
    for byte in 0..256 {
        for step in 1..8 {
            let before = tables[step - 1][byte];
            tables[step][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
        }
    }
    tables
}

fn crc32c(tables: &[[u32; 256]; 8], bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut next = 0;
        for (place, byte) in chunk.iter().enumerate() {
            let mixed = if place < 4 { byte ^ (crc >> (8 * place)) as u8 } else { *byte };
            next ^= tables[7 - place][mixed as usize];
        }
        crc = next;
    }
    for byte in chunks.remainder() {
        crc = (crc >> 8) ^ tables[0][((crc as u8) ^ byte) as usize];
    }
    !crc
}

// ---------------------------------------------------------------------------------------------
// The file

const BUFFER: usize = 1 << 20;

struct Sink {
    out: Box<dyn Write>,
    buffer: Vec<u8>,
    format: Format,
    snaplen: usize,
    packets: u64,
    written: u64,
    /// What the file would have by now if no packet were cut.
    whole_bytes: u64,
}

impl Sink {
    fn open(options: &Options) -> io::Result<Self> {
        let out: Box<dyn Write> = if options.out == "-" {
            Box::new(io::stdout().lock())
        } else {
            Box::new(File::create(&options.out)?)
        };
        let mut buffer = Vec::with_capacity(BUFFER + FRAME_ROOM);
        let snaplen = (options.snaplen as u32).to_le_bytes();
        match options.format {
            Format::Pcap => {
                buffer.extend_from_slice(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]);
                buffer.extend_from_slice(&[0; 8]); // offset from UTC, accuracy
                buffer.extend_from_slice(&snaplen);
                buffer.extend_from_slice(&[1, 0, 0, 0]); // Ethernet
            }
            Format::Pcapng => {
                buffer.extend_from_slice(&[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0]);
                buffer.extend_from_slice(&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0]);
                buffer.extend_from_slice(&[0xff; 8]); // length of the section: not told
                buffer.extend_from_slice(&[28, 0, 0, 0]);
                buffer.extend_from_slice(&[1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0]); // Ethernet
                buffer.extend_from_slice(&snaplen);
                buffer.extend_from_slice(&[20, 0, 0, 0]);
            }
        }
        Ok(Self {
            out,
            whole_bytes: buffer.len() as u64,
            buffer,
            format: options.format,
            snaplen: options.snaplen,
            packets: 0,
            written: 0,
        })
    }

    fn record_overhead(&self) -> u64 {
        match self.format {
            Format::Pcap => 16,
            Format::Pcapng => 33, // with the padding, on average
        }
    }

    fn packet(&mut self, clock: u64, frame: &[u8]) -> io::Result<()> {
        let kept = &frame[..frame.len().min(self.snaplen)];
        let (kept_length, length) = (kept.len() as u32, frame.len() as u32);
        match self.format {
            Format::Pcap => {
                let seconds = (START_SECONDS + clock / 1_000_000) as u32;
                let micros = (clock % 1_000_000) as u32;
                for field in [seconds, micros, kept_length, length] {
                    self.buffer.extend_from_slice(&field.to_le_bytes());
                }
                self.buffer.extend_from_slice(kept);
                self.whole_bytes += 16 + frame.len() as u64;
            }
            Format::Pcapng => {
                let time = START_SECONDS * 1_000_000 + clock;
                let block = 32 + kept_length.next_multiple_of(4);
                let (high, low) = ((time >> 32) as u32, time as u32);
                for field in [6, block, 0, high, low, kept_length, length] {
                    self.buffer.extend_from_slice(&field.to_le_bytes());
                }
                self.buffer.extend_from_slice(kept);
                let padding = kept.len().next_multiple_of(4) - kept.len();
                self.buffer.extend_from_slice(&[0; 3][..padding]);
                self.buffer.extend_from_slice(&block.to_le_bytes());
                self.whole_bytes += 32 + frame.len().next_multiple_of(4) as u64;
            }
        }
        self.packets += 1;
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn finish(&mut self) -> io::Result<u64> {
        self.flush()?;
        self.out.flush()?;
        Ok(self.written)
    }
}
