//! A pcapng file, element by element as `annotate` reads it, and packet by packet: the same packets.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use portscribe::capture::Element;

fuzz_target!(|bytes: &[u8]| {
    let mut file = [0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0].to_vec();
    file.extend([0xff; 8]);
    file.extend([28, 0, 0, 0]);
    file.extend(bytes);
    let (Some(mut by_packet), Some(mut by_element)) = (support::reader(&file), support::reader(&file)) else {
        return;
    };
    loop {
        let element = loop {
            match by_element.next_element() {
                Ok(Some(Element::Packet(packet, _))) => break Some((packet.frame, packet.bytes.to_vec())),
                Ok(Some(Element::Block(_))) => {}
                Ok(None) | Err(_) => break None,
            }
        };
        let packet = by_packet.next().ok().flatten().map(|packet| (packet.frame, packet.bytes.to_vec()));
        assert_eq!(packet, element);
        if packet.is_none() {
            return;
        }
    }
});
