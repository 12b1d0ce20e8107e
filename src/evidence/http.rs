//! HTTP in the clear (RFC 9112; the preface of RFC 9113 section 3.4).

use super::Sign;

/// The methods that a request line may begin with.
const METHODS: [&[u8]; 10] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"CONNECT ",
    b"TRACE ",
    b"PROPFIND ",
];

/// The sign of a segment that begins with a status line, or with a request line: a method, and a
/// version at the end if that was captured. RTSP and SIP have the same shape with another version.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    if payload.starts_with(b"HTTP/1.") {
        return Some(Sign::HttpStatus);
    }
    if payload.starts_with(b"PRI * HTTP/2.0") {
        return Some(Sign::HttpRequest);
    }
    if !METHODS.iter().any(|method| payload.starts_with(method)) {
        return None;
    }
    let line = payload.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    let has = |text: &[u8]| line.windows(text.len()).any(|window| window == text);
    let is_http = if line.len() < payload.len() { has(b" HTTP/1.") } else { !has(b"rtsp:") && !has(b"sip:") };
    is_http.then_some(Sign::HttpRequest)
}
