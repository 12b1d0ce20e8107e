//! What holds for every flow of every capture, whatever the traffic.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::Path;

use portscribe::capture::CaptureReader;
use portscribe::decode::Decoder;
use portscribe::flow::{Basis, Confidence, ProtocolChoice, Side};
use portscribe::label::Flag;
use portscribe::net::is_group;
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading, Traffic};

use crate::support;

fn captures() -> Vec<std::path::PathBuf> {
    let mut captures = support::sample_captures();
    captures.extend(
        support::shared().iter().flat_map(|shared| support::captures_below(&shared.join("captures"))),
    );
    captures
}

fn read(capture: &Path) -> Traffic {
    let mut settings = ReadSettings::default();
    settings.flow.protocols = ProtocolChoice::All;
    let mut reading = Reading::new(settings);
    // What was read before a fault counts.
    let _ = reading.read_file(capture);
    reading.finish()
}

/// The source addresses of all packets.
fn senders(capture: &Path) -> HashSet<IpAddr> {
    let mut senders = HashSet::new();
    let mut decoder = Decoder::new();
    let Ok(mut reader) = CaptureReader::open(capture) else { return senders };
    while let Ok(Some(packet)) = reader.next() {
        let layers = decoder.decode(packet.link_type, packet.bytes);
        senders.extend(layers.headers().iter().filter(|one| one.quoted.is_none()).map(|one| one.source));
        senders.extend(layers.portless().map(|one| one.source));
        senders.extend(layers.fragment().map(|one| one.source));
    }
    senders
}

#[test]
fn no_group_is_the_sender_of_a_packet() {
    let registry = Registry::bundled();
    let mut groups = 0;
    for capture in captures() {
        let traffic = read(&capture);
        let mut senders = None;
        for row in traffic.label(&registry).rows() {
            let (flow, direction) = (row.flow, row.label.direction);
            let path = capture.display();
            if direction.basis == Basis::Multicast {
                groups += 1;
                assert_eq!(flow.packets(direction.server), 0, "{path}: {}", flow.end(direction.server));
            }
            for side in Side::BOTH {
                let address = flow.end(side).address;
                if is_group(address) && flow.packets(side) > 0 {
                    // Fuzzers, and programs that replace addresses, make packets that come from one.
                    let senders = senders.get_or_insert_with(|| self::senders(&capture));
                    assert!(senders.contains(&address), "{path}: {address} by {}", direction.basis);
                }
            }
        }
    }
    assert!(groups > 0);
}

#[test]
fn no_server_is_a_guess_and_more_than_that() {
    let registry = Registry::bundled();
    for capture in captures() {
        for row in read(&capture).label(&registry).rows() {
            let is_guess = row.label.flags.has(Flag::AmbiguousDirection);
            assert!(
                !is_guess || row.label.direction.confidence == Confidence::Low,
                "{}: {}",
                capture.display(),
                row.label.direction
            );
        }
    }
}
