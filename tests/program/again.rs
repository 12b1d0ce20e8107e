//! Captures that change between the pass that labels and the pass that writes.

use std::io::{self, Cursor};

use crate::support::made::{ACK, Made};
use portscribe::annotate::{self, Pass, Whole};
use portscribe::capture::CaptureReader;
use portscribe::registry::Registry;
use portscribe::traffic::{LabelledPackets, PacketsError, ReadSettings, Reading, Selection, Traffic};

const CLIENT: (&str, u16) = ("192.0.2.1", 50_000);
const SERVER: (&str, u16) = ("192.0.2.2", 443);

fn made(seconds: std::ops::Range<u32>) -> Vec<u8> {
    let mut made = Made::default();
    for at in seconds {
        made.tcp(at, CLIENT, SERVER, ACK, b"x");
    }
    made.capture()
}

fn reader(capture: Vec<u8>) -> CaptureReader {
    CaptureReader::from_stream("made.pcap", Cursor::new(capture)).expect("a capture")
}

fn traffic() -> Traffic {
    let mut reading = Reading::new(ReadSettings::default());
    reading.read(reader(made(10..20)), |_| {}).expect("a whole capture");
    reading.finish()
}

const CHANGED: &str = "made.pcap changed while it was read: the first time 10 packets from \
    2026-01-01T00:00:10.000000000Z to 2026-01-01T00:00:19.000000000Z, the second time ";

#[test]
fn packets_of_a_capture_that_changed_are_an_error() {
    let (traffic, registry) = (traffic(), Registry::bundled());
    let labelled = traffic.label(&registry);
    let again = |capture: Vec<u8>| {
        let mut packets = LabelledPackets::new(&labelled, Selection::default());
        let mut rows = 0;
        let read = packets.capture(&mut reader(capture), |one| {
            let (flow, _) = one.flow.expect("a flow");
            assert_eq!((one.capture.raw(), flow.server().port), ("made.pcap", Some(443)));
            rows += 1;
            Ok::<(), io::Error>(())
        });
        (rows, read.err().map(|error| error.to_string()))
    };
    assert_eq!(again(made(10..20)), (10, None));
    // One that goes on growing is read as far as before.
    assert_eq!(again(made(10..30)), (10, None));
    for (other, found) in [
        (10..15, "5 packets from 2026-01-01T00:00:10.000000000Z to 2026-01-01T00:00:14.000000000Z"),
        (11..21, "10 packets from 2026-01-01T00:00:11.000000000Z to 2026-01-01T00:00:20.000000000Z"),
        (0..0, "0 packets"),
    ] {
        assert_eq!(again(made(other)).1, Some(format!("{CHANGED}{found}")));
    }
    let never_read = LabelledPackets::new(&labelled, Selection::default()).finish();
    assert_eq!(never_read.map_err(|error| error.to_string()), Err(format!("{CHANGED}0 packets")));
}

#[test]
fn what_the_function_for_headers_returns_ends_the_pass() {
    let (traffic, registry) = (traffic(), Registry::bundled());
    let labelled = traffic.label(&registry);
    let mut packets = LabelledPackets::new(&labelled, Selection::default());
    let stopped = packets.capture(&mut reader(made(10..20)), |_| Err(io::Error::other("enough")));
    assert!(matches!(stopped, Err(PacketsError::Sink(error)) if error.to_string() == "enough"));
}

#[test]
fn a_capture_that_changed_is_not_annotated_as_if_it_had_not() {
    let (traffic, registry) = (traffic(), Registry::bundled());
    let labelled = traffic.label(&registry);
    let mut pass = Pass::new(&labelled, None, annotate::AnnotateOptions::default());
    let mut out = Whole::new(Vec::new());
    let error = pass.capture(&mut reader(made(10..12)), &mut out).expect_err("it is shorter");
    let found = "2 packets from 2026-01-01T00:00:10.000000000Z to 2026-01-01T00:00:11.000000000Z";
    assert_eq!(error.to_string(), format!("{CHANGED}{found}"));
}
