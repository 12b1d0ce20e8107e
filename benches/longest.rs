//! How long the slowest packets take to decode, over a million packets that nobody sends.
//!
//! `cargo bench --bench longest`
//!
//! Every packet is decoded several times and its shortest time counts: what the machine does
//! meanwhile makes a packet look slow at times, and never fast.

#![allow(clippy::print_stdout, reason = "what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use portscribe::capture::LinkType;
use portscribe::decode::Decoder;
use support::Random;
use support::random_packets::{LINK_TYPES, PIECES, change, make, of_samples, options, repeat, stretch};

#[path = "../tests/support/mod.rs"]
mod support;

const PACKETS: usize = 500_000;
const REPEATS: u32 = 5;

/// The times of one kind of packets, and which of them took longest.
struct Times {
    kind: &'static str,
    all: Vec<Duration>,
    longest: (Duration, LinkType, Vec<u8>),
}

impl Times {
    fn new(kind: &'static str) -> Times {
        Times { kind, all: Vec::new(), longest: (Duration::ZERO, LinkType::NULL, Vec::new()) }
    }

    fn add(&mut self, decoder: &mut Decoder, link_type: LinkType, packet: &[u8]) {
        let mut shortest = Duration::MAX;
        for _ in 0..REPEATS {
            let start = Instant::now();
            black_box(decoder.decode(Some(link_type), black_box(packet)));
            shortest = shortest.min(start.elapsed());
        }
        if shortest > self.longest.0 {
            self.longest = (shortest, link_type, packet.to_vec());
        }
        self.all.push(shortest);
    }

    fn say(&mut self) {
        self.all.sort_unstable();
        let nanoseconds = |per_10000: usize| {
            self.all[(self.all.len() * per_10000 / 10_000).min(self.all.len() - 1)].as_nanos()
        };
        println!(
            "{:9} {:>9} {:>9} {:>9} {:>9}   {}, {} octets, {:02x?}",
            self.kind,
            self.all.len(),
            nanoseconds(5_000),
            nanoseconds(9_999),
            nanoseconds(10_000),
            self.longest.1,
            self.longest.2.len(),
            &self.longest.2[..self.longest.2.len().min(64)],
        );
    }
}

fn main() {
    let (mut random, mut decoder) = (Random(1), Decoder::with_options(options()));
    let mut packet = Vec::new();

    let mut made = Times::new("random");
    for _ in 0..PACKETS {
        let link_type = make(&mut random, &mut packet);
        made.add(&mut decoder, link_type, &packet);
    }
    let originals = of_samples();
    let mut changed = Times::new("changed");
    for _ in 0..PACKETS {
        let link_type = change(&mut random, &originals, &mut packet);
        changed.add(&mut decoder, link_type, &packet);
    }
    let mut stretched = Times::new("stretched");
    for _ in 0..PACKETS / 2 {
        let link_type = stretch(&mut random, &originals, &mut packet);
        stretched.add(&mut decoder, link_type, &packet);
    }
    let mut long = Times::new("repeated");
    for piece in PIECES {
        let packet = repeat(piece);
        for link_type in 0..LINK_TYPES {
            long.add(&mut decoder, LinkType(link_type), &packet);
        }
    }

    println!("nanoseconds   packets    median   99.99 %   longest   which");
    for times in [&mut made, &mut changed, &mut stretched, &mut long] {
        times.say();
    }
}
