//! Every packet of many real captures is in a flow or counted under the reason why not.
//!
//! The captures are not part of the project. They are looked for in the folder that the variable
//! `PORTSCRIBE_SHARED` names, or in `../shared`, below `captures`.

use std::path::{Path, PathBuf};

use portscribe::capture::CaptureReader;
use portscribe::flow::{FlowOptions, LayerChoice, Side};
use portscribe::traffic::{ReadSettings, Reading};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

#[test]
fn packets_in_flows_and_packets_in_none_add_up() {
    let mut paths = crate::support::sample_captures();
    if let Some(shared) = crate::support::shared() {
        files(&shared.join("captures"), &mut paths);
    }
    for path in &paths {
        for layers in [LayerChoice::Inner, LayerChoice::Outer] {
            // What is no capture is not meant to be read.
            let Ok(reader) = CaptureReader::open(path) else { continue };
            let flow = FlowOptions { layers, ..FlowOptions::default() };
            let mut reading = Reading::new(ReadSettings { flow, ..ReadSettings::default() });
            // A damaged capture counts up to its damage.
            let _ = reading.read(reader, |_| {});
            let traffic = reading.finish();
            let in_flows: u64 = traffic
                .table()
                .flows()
                .map(|flow| flow.packets(Side::First) + flow.packets(Side::Second))
                .sum();
            let counters = traffic.counters();
            assert_eq!(in_flows + counters.uncounted(), counters.read(), "{} {layers:?}", path.display());
        }
    }
}
