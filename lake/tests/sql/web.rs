//! A server of the web for tests, with the faults that stores have.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What is wrong with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It has another e-tag whenever it is asked for.
    Changes,
    /// It is there when it is looked for, and then not.
    Vanishes,
    /// Nobody may have it.
    Refused,
    /// Ranges that begin at this octet or behind it fail.
    FailsFrom(usize),
    /// The connection ends in the middle of what is given from this octet on.
    EndsFrom(usize),
}

struct Object {
    octets: Vec<u8>,
    fault: Fault,
}

/// A server that runs as long as the tests.
pub struct Web {
    /// Where it listens.
    pub url: String,
}

impl Web {
    /// Serves these objects.
    pub fn serving(objects: impl IntoIterator<Item = (&'static str, Vec<u8>, Fault)>) -> Web {
        let objects =
            objects.into_iter().map(|(name, octets, fault)| (name.to_owned(), Object { octets, fault }));
        let objects: Arc<HashMap<String, Object>> = Arc::new(objects.collect());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let objects = objects.clone();
                thread::spawn(move || answer(connection, &objects));
            }
        });
        Web { url }
    }
}

/// Answers the requests of a connection.
fn answer(connection: TcpStream, objects: &HashMap<String, Object>) {
    let mut out = connection.try_clone().expect("a connection");
    let mut lines = BufReader::new(connection).lines();
    let mut asked = 0;
    loop {
        let Some(Ok(request)) = lines.next() else { return };
        let mut range = None;
        for line in lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()) {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
                range =
                    value.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
            }
        }
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        asked += 1;
        if !respond(&mut out, method, objects.get(path), range, asked) {
            return;
        }
    }
}

/// Whether the connection goes on.
fn respond(
    out: &mut TcpStream,
    method: &str,
    object: Option<&Object>,
    range: Option<(usize, usize)>,
    asked: u32,
) -> bool {
    let empty = |out: &mut TcpStream, status: &str| {
        write!(out, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").is_ok()
    };
    if !["GET", "HEAD"].contains(&method) {
        return empty(out, "405 Method Not Allowed");
    }
    let is_get = method == "GET";
    let Some(Object { octets, fault }) = object else { return empty(out, "404 Not Found") };
    let (from, to) = range.map_or((0, octets.len()), |(from, to)| (from, (to + 1).min(octets.len())));
    match fault {
        Fault::Refused => return empty(out, "403 Forbidden"),
        Fault::Vanishes if is_get => return empty(out, "404 Not Found"),
        Fault::FailsFrom(place) if is_get && from >= *place => return empty(out, "503 Service Unavailable"),
        _ => {}
    }
    let tag = if *fault == Fault::Changes && is_get { asked + 1 } else { 0 };
    let status = if range.is_some() { "206 Partial Content" } else { "200 OK" };
    let length = to - from;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nETag: \"{tag}\"\r\n\
         Content-Range: bytes {from}-{}/{}\r\n\r\n",
        to.saturating_sub(1),
        octets.len()
    );
    let mut body = if is_get { &octets[from..to] } else { &[] };
    let ends = matches!(fault, Fault::EndsFrom(place) if is_get && from >= *place);
    if ends {
        body = &body[..body.len() / 2];
    }
    out.write_all(head.as_bytes()).is_ok() && out.write_all(body).is_ok() && !ends
}
