//! Flows and labels as values for other programs.

use std::io::Cursor;

use crate::support::made::Made;
use portscribe::capture::CaptureReader;
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

#[test]
fn a_labelled_flow_is_serialized_whole() {
    let mut made = Made::default();
    made.connection(1, ("192.0.2.1", 50_000), ("192.0.2.2", 80));
    let mut reading = Reading::new(ReadSettings::default());
    let reader = CaptureReader::from_stream("made", Cursor::new(made.capture())).expect("a capture");
    reading.read(reader, |_| {}).expect("a whole capture");
    let traffic = reading.finish();
    let registry = Registry::bundled();
    let labelled = traffic.label(&registry);
    let row = labelled.flow(0).expect("a flow");
    let expected = serde_json::json!({
        "number": 1,
        "connection": 1,
        "tunnel": "",
        "vlan": "",
        "flow": {
            "transport": "tcp",
            "protocol": "tcp",
            "ends": [{"address": "192.0.2.1", "port": 50_000}, {"address": "192.0.2.2", "port": 80}],
            "first_packet": 0,
            "connection": 0,
            "first_seen": "2026-01-01T00:00:01.000000000Z",
            "last_seen": "2026-01-01T00:00:01.000000000Z",
            "packets": [2, 2],
            "bytes": [80, 85],
            "opened_by": "first",
            "opened_before_by": null,
            "service_code": null,
        },
        "label": {
            "direction": {"server": "second", "basis": "handshake", "confidence": "high"},
            "state": "S1",
            "service": "http",
            "aliases": ["www", "www-http"],
            "status": "registered",
            "port_range": "system",
            "flags": ["cleartext"],
        },
    });
    assert_eq!(serde_json::to_value(row).expect("a value"), expected);
}
