//! Packets of IP in tunnels: flows of all layers.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use portscribe::flow::LayerChoice;
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

fuzz_target!(|packets: &[u8]| {
    let file = support::pcap(101, packets);
    for layers in LayerChoice::ALL {
        let mut settings = ReadSettings::default();
        settings.flow.layers = layers;
        let mut reading = Reading::new(settings);
        let Some(reader) = support::reader(&file) else { return };
        let _ = reading.read(reader, |_| {});
        let traffic = reading.finish();
        for row in traffic.label(&Registry::bundled()).rows() {
            let _ = (row.tunnel(), row.vlan());
        }
    }
});
