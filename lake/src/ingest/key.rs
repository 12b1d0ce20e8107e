//! Keys of flows, which take the place of numbers: the number of a flow is that among all flows of a reading, and here there is
//! no such reading.

use std::sync::LazyLock;

use portscribe::flow::WrittenKey;
use portscribe::report::{Field, Holds, flows};

/// The columns of a table: those of `flows` with keys in the place of numbers.
pub(super) static COLUMNS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    flows::COLUMNS
        .iter()
        .map(|field| match field.name {
            "flow" => keyed(
                "flow_key",
                "key of the flow: 16 octets in hexadecimal digits, the same whenever and with what else its capture is read",
            ),
            "connection" => keyed(
                "connection_key",
                "key of the first flow of the connection on that day: several flows have one where it paused for longer \
                 than the idle time-out",
            ),
            _ => *field,
        })
        .collect()
});

const fn keyed(name: &'static str, meaning: &'static str) -> Field {
    Field { name, holds: Holds::Text, may_be_unknown: false, meaning }
}

/// The place of a column among those of `flows`.
pub(super) fn place_of(name: &str) -> Option<usize> {
    flows::COLUMNS.iter().position(|field| field.name == name)
}

/// The key of the flow that begins with a frame, counted from 1, of the capture with this hash: the first 16 octets of the BLAKE3
/// hash of
///
/// - the 64 digits of the capture's hash, and the frame in decimal digits;
/// - the transport, `icmp`, `icmpv6` or `other`;
/// - address and port of both ends, the lower end first (addresses of IPv4 are lower);
/// - the tags and tunnels that are part of what makes packets one flow, outermost first, as in tables of partial flows;
///
/// with a blank between any two of these texts.
pub(super) fn key(capture: &str, frame: u64, ends: &WrittenKey) -> String {
    let mut both = [(ends.source, ends.source_port), (ends.destination, ends.destination_port)];
    both.sort_unstable();
    let [(one, first), (other, second)] = both;
    let text = format!("{capture} {frame} {} {one} {first} {other} {second} {}", ends.protocol, ends.context);
    let mut digits = blake3::hash(text.as_bytes()).to_hex();
    digits.truncate(32);
    digits.to_string()
}
