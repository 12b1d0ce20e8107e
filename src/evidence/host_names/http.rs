//! The header `Host` of HTTP/1 (RFC 9112 section 3.2).

use super::super::payload::begins;

/// How many octets of a request are looked at.
const MOST: usize = 4096;

/// Methods of requests (RFC 9110 section 9.3, RFC 5789, RFC 4918 section 9).
const METHODS: [&str; 11] = [
    "GET ",
    "POST ",
    "HEAD ",
    "PUT ",
    "OPTIONS ",
    "DELETE ",
    "PATCH ",
    "PROPFIND ",
    "TRACE ",
    "MKCOL ",
    "REPORT ",
];

/// The host that a request names, without its port. A request to a proxy has the whole address of what it asks for
/// (RFC 9112 section 3.2.2): its `Host` is not the name of the proxy.
pub(crate) fn host(octets: &[u8]) -> Option<&[u8]> {
    // The cheapest question first: most segments begin otherwise.
    let octets = octets
        .get(..octets.len().min(MOST))
        .filter(|octets| octets.first().is_some_and(u8::is_ascii_uppercase))?;
    let method = METHODS.iter().find(|method| octets.starts_with(method.as_bytes()))?;
    if !matches!(octets.get(method.len()), Some(b'/' | b'*')) {
        return None;
    }
    let mut lines = octets.split_inclusive(|&octet| octet == b'\n');
    let first = lines.next()?;
    if !first.trim_ascii_end().windows(8).any(|word| word.starts_with(b" HTTP/1.")) {
        return None;
    }
    for line in lines {
        // A line whose end was not looked at may go on.
        let line = line.strip_suffix(b"\n")?.trim_ascii();
        if line.is_empty() {
            return None;
        }
        if begins(line, "Host:") {
            let value = line["Host:".len()..].trim_ascii();
            let colon = value.iter().rposition(|&octet| octet == b':');
            // An address of IPv6 stands in brackets, and is no name.
            let is_name = !value.is_empty() && value[0] != b'[';
            return is_name.then(|| &value[..colon.unwrap_or(value.len())]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_request() {
        for (octets, expected) in [
            (&b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"[..], Some(&b"www.example.com"[..])),
            (
                b"GET / HTTP/1.1\r\nAccept: */*\r\nhOST:www.example.com:8080 \r\n\r\n",
                Some(b"www.example.com"),
            ),
            (b"GET / HTTP/1.0\nHost: a\n\n", Some(b"a")),
            (b"GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n", None),
            (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", None),
            (b"GET / HTTP/1.1\r\nHost: www.exam", None),
            (b"GET / HTTP/1.1\r\n\r\nHost: www.example.com\r\n", None),
            // To a proxy.
            (b"GET http://www.example.com/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n", None),
            (b"CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com\r\n\r\n", None),
            (b"GET / RTSP/1.0\r\nHost: a\r\n", None),
            (b"HTTP/1.1 200 OK\r\nHost: a\r\n", None),
        ] {
            assert_eq!(host(octets), expected, "{}", octets.escape_ascii());
        }
    }
}
