//! Fetching a registry file over HTTPS: the only place that ever opens a connection, and only
//! when called.

use std::time::Duration;

use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use super::read::MOST_BYTES;

/// IANA's CSV file.
pub const IANA_CSV: &str =
    "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv";

/// What is asked of a server.
#[derive(Clone, Debug, Default)]
pub struct Request<'r> {
    /// The address: HTTPS, or HTTP to this very machine.
    pub url: &'r str,
    /// The mark of the version at hand.
    pub etag: Option<&'r str>,
    /// When the version at hand changed, in the server's words.
    pub last_modified: Option<&'r str>,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// The version at hand is the newest.
    NotModified,
    /// Another version.
    New {
        /// The file.
        bytes: Vec<u8>,
        /// The server's mark of this version.
        etag: Option<String>,
        /// When it changed, in the server's words.
        last_modified: Option<String>,
    },
}

/// Why a file could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// An address that would be fetched unprotected.
    #[error("expected an address that begins with `https://` (or `http://` on this machine); found `{url}`")]
    Unprotected {
        /// The address.
        url: String,
    },
    /// The server has no such file, or does not give it.
    #[error("expected status 200 or 304 from the server; found {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer ended before the length that it announced.
    #[error("the connection was cut after {had} of {announced} bytes")]
    Cut {
        /// How many bytes came.
        had: u64,
        /// How many were announced.
        announced: u64,
    },
    /// Larger than any registry.
    #[error("the answer is larger than {limit} bytes; IANA's file has one million")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// The server sends us round in circles.
    #[error("the server redirected more than {limit} times")]
    Redirects {
        /// The most that are followed.
        limit: u32,
    },
    /// Anything else on the way.
    #[error("the connection failed")]
    Connection(#[source] Box<ureq::Error>),
}

const MOST_REDIRECTS: u32 = 5;

/// Fetches a file. The proxy that the environment names (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`
/// and their like) is used.
///
/// # Errors
///
/// When the address is not protected, the server cannot be reached, gives something else, or
/// stops in the middle.
pub fn fetch(request: &Request) -> Result<Fetched, FetchError> {
    let https = request.url.starts_with("https://");
    if !https && !is_on_this_machine(request.url) {
        return Err(FetchError::Unprotected { url: request.url.to_owned() });
    }
    let agent: Agent = Agent::config_builder()
        .https_only(https)
        .http_status_as_error(false)
        .max_redirects(MOST_REDIRECTS)
        .timeout_global(Some(request.timeout))
        .timeout_connect(Some(request.timeout.min(Duration::from_secs(20))))
        .user_agent(concat!("portscribe/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut call = agent.get(request.url).header(header::ACCEPT, "text/csv");
    if let Some(etag) = request.etag {
        call = call.header(header::IF_NONE_MATCH, etag);
    }
    if let Some(date) = request.last_modified {
        call = call.header(header::IF_MODIFIED_SINCE, date);
    }
    let mut response = call.call().map_err(failed)?;
    match response.status() {
        StatusCode::OK => {}
        // Only an answer to the marks that were sent.
        StatusCode::NOT_MODIFIED if request.etag.is_some() || request.last_modified.is_some() => {
            return Ok(Fetched::NotModified);
        }
        status => return Err(FetchError::Status { status: status.as_u16() }),
    }
    let announced = response.body().content_length();
    let (etag, last_modified) = (text(&response, &header::ETAG), text(&response, &header::LAST_MODIFIED));
    let mut bytes = Vec::new();
    let body = response.body_mut().with_config().limit(MOST_BYTES as u64 + 1).reader();
    let read = std::io::Read::read_to_end(&mut std::io::Read::take(body, MOST_BYTES as u64 + 1), &mut bytes);
    if bytes.len() > MOST_BYTES {
        return Err(FetchError::TooLarge { limit: MOST_BYTES });
    }
    if let Some(announced) = announced
        && (bytes.len() as u64) < announced
    {
        return Err(FetchError::Cut { had: bytes.len() as u64, announced });
    }
    read.map_err(|error| failed(ureq::Error::Io(error)))?;
    Ok(Fetched::New { bytes, etag, last_modified })
}

fn text(response: &Response<Body>, name: &header::HeaderName) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn failed(error: ureq::Error) -> FetchError {
    match error {
        ureq::Error::TooManyRedirects => FetchError::Redirects { limit: MOST_REDIRECTS },
        other => FetchError::Connection(Box::new(other)),
    }
}

/// Whether an address leads to a server on this machine, where nobody can change what comes.
fn is_on_this_machine(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_without_protection() {
        for url in ["http://127.0.0.1:80/a", "http://localhost/a", "http://[::1]:8080", "http://127.9.9.9"] {
            assert!(is_on_this_machine(url), "{url}");
        }
        for url in [
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://user@example.com:127/",
            "http://localhost@example.com/",
            "ftp://127.0.0.1/",
            "127.0.0.1",
        ] {
            assert!(!is_on_this_machine(url), "{url}");
        }
    }
}
