//! One packet of any link type.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::capture::LinkType;
use portscribe::decode::Decoder;

fuzz_target!(|input: (u16, &[u8])| {
    let (link_type, packet) = input;
    let mut decoder = Decoder::new();
    let layers = decoder.decode(Some(LinkType(link_type)), packet);
    for header in layers.headers() {
        assert!(header.payload_of(packet).len() <= packet.len());
        let _ = layers.context(header);
    }
});
