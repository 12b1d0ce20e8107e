//! How names are written down: in lower case, since letter case tells no names apart (RFC 4343), and with
//! escapes as in master files (RFC 1035 section 5.1).

use std::fmt::Write;
use std::net::IpAddr;

/// Octets of the longest name (RFC 1035 section 2.3.4).
pub(super) const LONGEST: usize = 255;

/// Appends a label: ASCII in lower case, other characters of UTF-8 as they are; `\032` for an octet that does not
/// show, `\.` for a dot that separates nothing.
pub(super) fn put_label(out: &mut String, label: &[u8]) {
    for chunk in label.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '.' | '\\' => out.extend(['\\', c]),
                c if c.is_ascii_graphic() || !c.is_ascii() => out.push(c.to_ascii_lowercase()),
                c => put_octet(out, c as u8),
            }
        }
        for &octet in chunk.invalid() {
            put_octet(out, octet);
        }
    }
}

fn put_octet(out: &mut String, octet: u8) {
    // Writing to a string does not fail.
    let _ = write!(out, "\\{octet:03}");
}

/// Appends a name whose labels dots separate, without the dot at its end. `false` where it is no name: empty, too
/// long, or an address.
pub(crate) fn put_host(out: &mut String, name: &[u8]) -> bool {
    let name = name.strip_suffix(b".").unwrap_or(name);
    if name.is_empty() || name.len() > LONGEST {
        return false;
    }
    let begun = out.len();
    for (n, label) in name.split(|&octet| octet == b'.').enumerate() {
        if n > 0 {
            out.push('.');
        }
        put_label(out, label);
    }
    out[begun..].parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_lower_case_with_escapes() {
        for (name, expected) in [
            (&b"WWW.Example.COM"[..], Some("www.example.com")),
            (b"www.example.com.", Some("www.example.com")),
            (b"B\xc3\xbcro", Some("b\u{fc}ro")),
            (b"a b\x1b[31m", Some("a\\032b\\027[31m")),
            (b"a\xff\\", Some("a\\255\\\\")),
            (b"192.0.2.1", None),
            (b"2001:db8::1", None),
            (b"", None),
            (b".", None),
            (&[b'a'; 256], None),
        ] {
            let mut out = String::new();
            let text = put_host(&mut out, name).then_some(&*out);
            assert_eq!(text, expected, "{name:?}");
        }
    }
}
