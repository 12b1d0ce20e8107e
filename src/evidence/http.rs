//! HTTP in the clear (RFC 9112, RFC 9113) and what goes over it: WebSocket (RFC 6455) and gRPC.

use super::payload::holds;
use super::{Sign, Spoken};

/// The methods that a request line may begin with: those of RFC 9110 section 9, of WebDAV (RFC 4918,
/// RFC 3253) and of UPnP's events, which go over TCP.
const METHODS: [&[u8]; 22] = [
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
    b"PROPPATCH ",
    b"MKCOL ",
    b"COPY ",
    b"MOVE ",
    b"LOCK ",
    b"UNLOCK ",
    b"REPORT ",
    b"SEARCH ",
    b"SUBSCRIBE ",
    b"UNSUBSCRIBE ",
    b"RPC_IN_DATA ",
    b"RPC_OUT_DATA ",
];

/// The sign of a segment that begins with a status line, with a request line (a method, and a version
/// at the end if that was captured; RTSP and SIP have the same shape with another version), or with the
/// preface or the settings that begin HTTP/2.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload.first()? {
        b'A'..=b'Z' => {}
        // A server's first frame in HTTP/2 is SETTINGS, without flags, on stream 0 (RFC 9113 section 3.4).
        0 => return settings(payload).then_some(Sign::server(Spoken::Http2)),
        _ => return None,
    }
    if payload.starts_with(b"HTTP/1.") {
        let agrees = payload.starts_with(b"HTTP/1.1 101") && holds(payload, "websocket");
        return Some(Sign::server(if agrees { Spoken::WebSocket } else { Spoken::Http }));
    }
    if payload.starts_with(b"PRI * HTTP/2.0") {
        let is_grpc = holds(payload, "application/grpc");
        return Some(Sign::client(if is_grpc { Spoken::Grpc } else { Spoken::Http2 }));
    }
    if !METHODS.iter().any(|method| payload.starts_with(method)) {
        return None;
    }
    let line = payload.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    let has = |text: &[u8]| line.windows(text.len()).any(|window| window == text);
    let is_http = if line.len() < payload.len() {
        // Version 0.9 had no word for itself, and no more than this line.
        let is_simple = || {
            let target = line.strip_prefix(b"GET /");
            payload.len() <= line.len() + 2 && target.is_some_and(|target| !target.contains(&b' '))
        };
        has(b" HTTP/1.") || is_simple()
    } else {
        !has(b"rtsp:") && !has(b"sip:")
    };
    let asks_for_websocket = || payload.starts_with(b"GET ") && holds(payload, "upgrade: websocket");
    is_http.then(|| Sign::client(if asks_for_websocket() { Spoken::WebSocket } else { Spoken::Http }))
}

/// Whether a segment begins with a frame of settings (RFC 9113 section 6.5), whose first is one that exists.
fn settings(payload: &[u8]) -> bool {
    match payload {
        [0, 0, length, 4, 0, 0, 0, 0, 0, rest @ ..] if length.is_multiple_of(6) && *length <= 60 => {
            *length == 0 || matches!(rest, [] | [0, 1..=8, ..])
        }
        _ => false,
    }
}
