//! Each station by itself, on a capture that is made for it: bytes and packets a second.
//!
//! `cargo bench --bench stations`

#![allow(missing_docs, reason = "criterion makes the items")]

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use portscribe::Transport;
use portscribe::capture::{CaptureReader, LinkType, Packet, Timestamp};
use portscribe::decode::{Decoder, Outcome};
use portscribe::flow::{Ephemeral, FlowOptions, FlowTable};
use portscribe::registry::Registry;
use portscribe::report::summary::{By, Summary};
use portscribe::traffic::{ReadSettings, Reading};

#[allow(dead_code, clippy::pedantic, clippy::unwrap_used, reason = "a program of its own")]
#[path = "make-capture.rs"]
mod make_capture;

const PACKETS: u64 = 200_000;
const FLOWS: u64 = 6_900;

/// A packet: time, link type, length on the wire, bytes.
type Kept = (Option<Timestamp>, Option<LinkType>, u32, Vec<u8>);

/// The capture, and its packets as the first station gives them.
struct Input {
    path: PathBuf,
    bytes: u64,
    packets: Vec<Kept>,
    _folder: tempfile::TempDir,
}

fn input() -> Input {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pcap");
    let (packets, flows) = (PACKETS.to_string(), FLOWS.to_string());
    let arguments = ["--packets", &packets, "--flows", &flows, path.to_str().expect("a path")];
    assert_eq!(make_capture::write(&arguments).expect("a capture"), PACKETS);
    let mut packets = Vec::new();
    let mut reader = CaptureReader::open(&path).expect("a capture");
    while let Some(packet) = reader.next().expect("a whole capture") {
        packets.push((packet.time, packet.link_type, packet.original_length, packet.bytes.to_vec()));
    }
    assert_eq!(packets.len() as u64, PACKETS);
    Input { bytes: std::fs::metadata(&path).expect("a file").len(), path, packets, _folder: folder }
}

fn stations(criterion: &mut Criterion) {
    let input = input();
    let mut group = criterion.benchmark_group("stations");
    group.throughput(Throughput::Bytes(input.bytes));
    group.sample_size(20);

    group.bench_function("capture", |bencher| {
        bencher.iter(|| {
            let mut reader = CaptureReader::open(&input.path).expect("a capture");
            let mut packets = 0;
            while let Some(packet) = reader.next().expect("a whole capture") {
                black_box(packet.bytes);
                packets += 1;
            }
            assert_eq!(packets, PACKETS);
        });
    });

    group.bench_function("decode", |bencher| {
        let mut decoder = Decoder::new();
        bencher.iter(|| {
            let mut ports = 0;
            for (_, link_type, _, bytes) in &input.packets {
                let layers = decoder.decode(*link_type, bytes);
                ports += u64::from(layers.outcome() == Outcome::Ports);
                black_box(layers);
            }
            assert_eq!(ports, PACKETS);
        });
    });

    let fold = || {
        let mut decoder = Decoder::new();
        let mut table = FlowTable::new(FlowOptions::default());
        for (n, (time, link_type, original_length, bytes)) in input.packets.iter().enumerate() {
            let packet = Packet::new(n as u64 + 1, *link_type, bytes)
                .with_time(*time)
                .with_original_length(*original_length);
            table.fold(&packet, decoder.decode(*link_type, bytes));
        }
        table
    };
    group.bench_function("decode and flow", |bencher| {
        bencher.iter(|| assert_eq!(fold().counters().read(), PACKETS));
    });

    group.bench_function("capture to summary", |bencher| {
        let registry = Registry::bundled();
        bencher.iter(|| {
            let mut reading = Reading::new(ReadSettings::default());
            reading.read_file(&input.path).expect("a whole capture");
            let traffic = reading.finish();
            let labelled = traffic.label(&registry);
            let mut summary = Summary::new(&[By::Service]);
            labelled.rows().for_each(|row| summary.add(&row));
            assert_eq!(
                summary
                    .finish()
                    .expect("addresses in memory")
                    .iter()
                    .map(portscribe::report::summary::Total::packets)
                    .sum::<u64>(),
                PACKETS
            );
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("labels");
    let table = fold();
    group.throughput(Throughput::Elements(table.len() as u64));
    group.bench_function("label", |bencher| {
        let registry = Registry::bundled();
        let ephemeral = Ephemeral::default();
        bencher.iter(|| {
            let labeller = portscribe::label::Labeller::new(&registry, &table, ephemeral.clone());
            for flow in table.flows() {
                black_box(labeller.label(flow));
            }
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("registry");
    group.throughput(Throughput::Elements(65_536));
    group.bench_function("every port of a transport", |bencher| {
        let registry = Registry::bundled();
        bencher.iter(|| {
            for port in 0..=u16::MAX {
                black_box(registry.port(Transport::Tcp, black_box(port)).status());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, stations);
criterion_main!(benches);
