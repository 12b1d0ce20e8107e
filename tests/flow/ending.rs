//! Flows that are handed out as they end are the flows of the whole, in the order of their ends.

use std::io::Cursor;
use std::path::Path;

use crate::support::packet::{ipv4, pcap_at};
use portscribe::Transport;
use portscribe::capture::CaptureReader;
use portscribe::flow::Flow;
use portscribe::registry::Registry;
use portscribe::traffic::{HandOutEnded, LabelledFlow, Place, ReadError, ReadSettings, Reading};

/// What is known of a flow, with its number and where it began.
fn said(number: u64, flow: &Flow, place: Place) -> String {
    format!("{number} {place:?} {flow:?}")
}

fn whole(capture: &Path) -> Vec<String> {
    let mut reading = Reading::new(ReadSettings::default());
    // What is wrong with a capture stands elsewhere.
    let _ = reading.read_file(capture);
    let traffic = reading.finish();
    let numbered = (1..).zip(traffic.flows());
    numbered.map(|(number, flow)| said(number, &flow, traffic.place(flow.first_packet()))).collect()
}

/// The flows in the order of their numbers, and the times at which they ended as they came.
fn as_they_end(capture: &Path) -> (Vec<String>, Vec<i64>) {
    let registry = Registry::bundled();
    let (mut flows, mut ends) = (Vec::new(), Vec::new());
    let options = ReadSettings::default().flow;
    let mut ending = Reading::with_sink(
        ReadSettings::default(),
        HandOutEnded::new(&registry, |ended| {
            for (row, place) in ended {
                let LabelledFlow { number, flow, .. } = row;
                flows.push((number, said(number, &flow, place)));
                if let Some(last) = flow.last_seen() {
                    let timeout = options.timeout(flow.transport().expect("a transport"));
                    ends.push(last.nanoseconds() + timeout.as_nanos() as i64);
                }
            }
            Ok(())
        }),
    );
    if let Ok(reader) = CaptureReader::open(capture) {
        // What is wrong with a capture stands elsewhere.
        if let Err(ReadError::Sink(error)) = ending.read(reader, |_| {}) {
            panic!("flows are taken: {error}");
        }
    }
    let traffic = ending.finish().expect("flows are taken");
    assert!(traffic.table().is_empty());
    flows.sort();
    flows.sort_by_key(|(number, _)| *number);
    (flows.into_iter().map(|(_, said)| said).collect(), ends)
}

#[test]
fn the_same_flows_end_as_begin() {
    let mut captures = crate::support::sample_captures();
    if let Some(shared) = crate::support::shared() {
        captures.extend(crate::support::captures_below(&shared.join("captures")));
    }
    let (mut differ, mut out_of_order) = (Vec::new(), Vec::new());
    for capture in &captures {
        let (flows, ends) = as_they_end(capture);
        if flows != whole(capture) {
            differ.push(capture.display().to_string());
        }
        if !ends.is_sorted() {
            out_of_order.extend(capture.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    assert_eq!(differ, Vec::<String>::new());
    // In these time runs backwards, by more than what is waited for.
    out_of_order.retain(|name| {
        !["babel_update_oobr.pcap", "kday4.pcap", "kday7.pcap", "l2tp-avp-overflow.pcap"].contains(&&**name)
    });
    assert_eq!(out_of_order, Vec::<String>::new());
}

#[test]
fn flows_come_while_the_capture_is_read_and_leave_memory() {
    // A question every five seconds, each from another port, for an hour.
    let packets: Vec<(u32, Vec<u8>)> =
        (0..720_u32).map(|n| (5 * n, ipv4(Transport::Udp, 1, 20_000 + n as u16, 2, 53, 0, 0, 0))).collect();
    let timed: Vec<(u32, &[u8])> = packets.iter().map(|(at, packet)| (*at, &packet[..])).collect();
    let capture = pcap_at(101, &timed);
    let registry = Registry::bundled();
    let mut batches = Vec::new();
    let mut ending = Reading::with_sink(
        ReadSettings::default(),
        HandOutEnded::new(&registry, |ended| {
            batches.push(ended.map(|(row, _)| row.number).collect::<Vec<_>>());
            Ok(())
        }),
    );
    let reader = CaptureReader::from_stream("made", Cursor::new(capture)).expect("a capture");
    ending.read(reader, |_| {}).expect("a whole capture, and flows are taken");
    ending.finish().expect("flows are taken");
    let numbers: Vec<u64> = batches.iter().flatten().copied().collect();
    assert_eq!(numbers, (1..=720).collect::<Vec<_>>());
    // Every ten seconds two flows have been idle for a minute; the last fourteen end with the
    // capture.
    assert_eq!(batches.iter().map(Vec::len).max(), Some(14));
    assert_eq!(batches.last().map(Vec::len), Some(14));
    assert_eq!(batches.len(), 354);
}

#[test]
fn who_cannot_take_flows_ends_the_reading() {
    let packet = |n: u16| ipv4(Transport::Udp, 1, n, 2, 53, 0, 0, 0);
    let packets = [packet(1), packet(2), packet(3)];
    let timed: Vec<(u32, &[u8])> = (0..).step_by(1000).zip(packets.iter().map(Vec::as_slice)).collect();
    let registry = Registry::bundled();
    let mut ending = Reading::with_sink(
        ReadSettings::default(),
        HandOutEnded::new(&registry, |_| Err(std::io::Error::other("no more"))),
    );
    let reader = CaptureReader::from_stream("made", Cursor::new(pcap_at(101, &timed))).expect("a capture");
    let error = ending.read(reader, |_| {}).expect_err("it was said so");
    assert_eq!(error.to_string(), "no more");
}
