//! How long a look-up takes, and that one by port allocates nothing.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use portscribe::Transport;
use portscribe::registry::Registry;

fn by_port(c: &mut Criterion) {
    let registry = Registry::bundled();
    let mut registered = 0;
    let allocated = allocation_counter::measure(|| {
        registered = (0..=u16::MAX)
            .filter(|&port| {
                registry.port(Transport::Tcp, port).service().is_some_and(|name| !name.is_empty())
            })
            .count();
    });
    assert_eq!(allocated.count_total, 0, "a look-up by port allocated");
    assert!(registered > 6000, "{registered}");

    let mut port = 0_u16;
    c.bench_function("status by (transport, port)", |b| {
        b.iter(|| {
            // A step that visits every port, and no port beside the one before.
            port = port.wrapping_add(40_503);
            black_box(registry.port(black_box(Transport::Tcp), black_box(port)).status())
        });
    });
    c.bench_function("service by (transport, port)", |b| {
        b.iter(|| black_box(registry.port(black_box(Transport::Tcp), black_box(443)).service()));
    });
}

fn by_name(c: &mut Criterion) {
    let registry = Registry::bundled();
    let names: Vec<String> =
        registry.rows().map(|row| row.service_name().to_owned()).filter(|name| !name.is_empty()).collect();
    let mut found = 0;
    let allocated = allocation_counter::measure(|| {
        found = names.iter().filter(|name| registry.named(name).next().is_some()).count();
    });
    assert_eq!(allocated.count_total, 0, "a look-up by name allocated");
    assert_eq!(found, names.len());

    let mut n = 0;
    c.bench_function("rows by name", |b| {
        b.iter(|| {
            n = (n + 7919) % names.len();
            black_box(registry.named(black_box(&names[n])).next())
        });
    });
    c.bench_function("no row by name", |b| {
        b.iter(|| black_box(registry.named(black_box("no-such-service")).next()));
    });
}

criterion_group!(benches, by_port, by_name);
criterion_main!(benches);
