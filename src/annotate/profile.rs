//! A Wireshark profile: services, columns, coloring rules and filter buttons made from our flags.

use std::fmt::Write;

use super::wording::filter;
use crate::label::Flag;
use crate::registry::{Registry, Target, export};

/// The files of a profile: name and content.
pub fn profile(registry: &Registry) -> Vec<(&'static str, String)> {
    vec![
        ("preferences", preferences()),
        ("recent", recent()),
        ("colorfilters", color_filters()),
        ("dfilter_buttons", filter_buttons()),
        ("services", services(registry)),
    ]
}

/// Columns with our comment last.
fn preferences() -> String {
    let columns = [
        ("No.", "%m"),
        ("Time", "%t"),
        ("Source", "%s"),
        ("Destination", "%d"),
        ("Protocol", "%p"),
        ("Length", "%L"),
        ("Portscribe", "%Cus:frame.comment:0:R"),
        ("Info", "%i"),
    ];
    let columns: Vec<String> =
        columns.iter().map(|(title, format)| format!("\t\"{title}\", \"{format}\"")).collect();
    format!(
        "# Columns of the portscribe profile.\n\
         gui.column.format: \n{}\n\
         # Names of ports as the file `services` has them.\n\
         nameres.transport_name: TRUE\n",
        columns.join(",\n")
    )
}

/// Room for the comments: Wireshark gives a column that it does not know little.
fn recent() -> String {
    let widths = [
        ("%m", 52),
        ("%t", 80),
        ("%s", 118),
        ("%d", 118),
        ("%p", 70),
        ("%L", 58),
        ("%Cus:frame.comment", 540),
        ("%i", 380),
    ];
    let widths: Vec<String> = widths.iter().map(|(format, width)| format!("{format}, {width}")).collect();
    format!("# Widths of the columns of the portscribe profile.\ncolumn.width: {}\n", widths.join(", "))
}

/// Flags with their color, background and text, in the order in which Wireshark asks.
///
/// Red stands for what contradicts the registry, yellow for ports without a service, violet for
/// what others can read, gray for what is not known well.
const COLORS: [(Flag, [u8; 3], [u8; 3]); Flag::ALL.len()] = [
    (Flag::EvidenceContradicts, [0xf4, 0xb6, 0xb0], [0, 0, 0]),
    (Flag::UnauthorizedUse, [0xf8, 0xc8, 0xc0], [0, 0, 0]),
    (Flag::WithdrawnPort, [0xfb, 0xd8, 0xa8], [0, 0, 0]),
    (Flag::ReservedPort, [0xfb, 0xe0, 0xb4], [0, 0, 0]),
    (Flag::OtherTransport, [0xfc, 0xe8, 0xc0], [0, 0, 0]),
    (Flag::UnassignedPort, [0xfd, 0xf1, 0xa6], [0, 0, 0]),
    (Flag::WidespreadUse, [0xfd, 0xf5, 0xc4], [0, 0, 0]),
    (Flag::CleartextLogin, [0xd8, 0xc0, 0xf0], [0, 0, 0]),
    (Flag::Cleartext, [0xe4, 0xd4, 0xf4], [0, 0, 0]),
    (Flag::Refused, [0xd8, 0xd8, 0xd8], [0x90, 0, 0]),
    (Flag::OverlappingFragments, [0xf0, 0xd0, 0xe0], [0, 0, 0]),
    (Flag::TinyFragments, [0xf4, 0xdc, 0xe8], [0, 0, 0]),
    (Flag::AmbiguousDirection, [0xd4, 0xe8, 0xf4], [0, 0, 0]),
    (Flag::DynamicPort, [0xe4, 0xf0, 0xf8], [0, 0, 0]),
    (Flag::ClientPortRegistered, [0xe8, 0xf4, 0xe8], [0, 0, 0]),
    (Flag::OneWay, [0xe8, 0xe8, 0xe8], [0x40, 0x40, 0x40]),
    (Flag::MidStream, [0xf2, 0xf2, 0xf2], [0x40, 0x40, 0x40]),
];

fn color_filters() -> String {
    let mut text = String::from("# Coloring rules of the portscribe profile, made from its flags.\n");
    for (flag, background, foreground) in COLORS {
        // Wireshark's colors have 16 bits.
        let color = |[r, g, b]: [u8; 3]| {
            let wide = |octet: u8| u32::from(octet) * 0x101;
            format!("[{},{},{}]", wide(r), wide(g), wide(b))
        };
        // Writing to a string does not fail.
        let _ =
            writeln!(text, "@portscribe: {flag}@{}@{}{}", filter(flag), color(background), color(foreground));
    }
    text
}

fn filter_buttons() -> String {
    let mut text = String::from("# Filter buttons of the portscribe profile, made from its flags.\n");
    let mut button = |name: &str, filter: &str, comment: &str| {
        let quoted = |text: &str| text.replace('\\', "\\x5c").replace('"', "\\x22");
        let _ =
            writeln!(text, "\"TRUE\",\"portscribe//{name}\",\"{}\",\"{}\"", quoted(filter), quoted(comment));
    };
    for flag in Flag::ALL {
        button(flag.name(), &filter(flag), flag.meaning());
    }
    button("first packet of each flow", "frame.comment contains \"· client \"", "the full labels");
    button("in no flow", "frame.comment contains \"portscribe: no flow\"", "packets that are in no flow");
    text
}

/// The registered name of every port, as `registry export` writes it for Wireshark.
pub fn services(registry: &Registry) -> String {
    let mut text = Vec::new();
    // Writing to a vector does not fail, and names are UTF-8.
    let _ = export(registry, Target::Wireshark, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_has_a_color() {
        for flag in Flag::ALL {
            assert_eq!(COLORS.iter().filter(|(one, ..)| *one == flag).count(), 1, "{flag}");
        }
    }
}
