//! Fetching a registry file over HTTPS: the only place that ever opens a connection, and only
//! when called.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use ureq::http::uri::Scheme;
use ureq::http::{Response, StatusCode, Uri, header};
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
    /// A redirect to an address that would be fetched unprotected, or to none.
    #[error("the server redirected to `{location}`; expected an address with `https://`")]
    Redirected {
        /// Where to.
        location: String,
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
/// When the address or one that the server redirects to is not protected, the server cannot be
/// reached, gives something else, or stops in the middle.
pub fn fetch(request: &Request) -> Result<Fetched, FetchError> {
    let unprotected = || FetchError::Unprotected { url: request.url.to_owned() };
    let mut place: Uri = request.url.parse().ok().filter(is_protected).ok_or_else(unprotected)?;
    let until = Instant::now() + request.timeout;
    let mut redirects = 0;
    let mut response = loop {
        let response = get(&place, request, until.saturating_duration_since(Instant::now()))?;
        let Some(location) = location(&response) else { break response };
        redirects += 1;
        if redirects > MOST_REDIRECTS {
            return Err(FetchError::Redirects { limit: MOST_REDIRECTS });
        }
        let redirected = || FetchError::Redirected { location: location.clone() };
        place = joined(&place, &location).filter(is_protected).ok_or_else(redirected)?;
    };
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

/// Asks for one address. Redirects are answers: each is checked before it is followed.
fn get(place: &Uri, request: &Request, timeout: Duration) -> Result<Response<Body>, FetchError> {
    let agent: Agent = Agent::config_builder()
        .https_only(place.scheme() == Some(&Scheme::HTTPS))
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(timeout))
        .timeout_connect(Some(timeout.min(Duration::from_secs(20))))
        .user_agent(concat!("portscribe/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut call = agent.get(place).header(header::ACCEPT, "text/csv");
    if let Some(etag) = request.etag {
        call = call.header(header::IF_NONE_MATCH, etag);
    }
    if let Some(date) = request.last_modified {
        call = call.header(header::IF_MODIFIED_SINCE, date);
    }
    call.call().map_err(failed)
}

/// Where a redirect leads to (RFC 9110 section 15.4).
fn location(response: &Response<Body>) -> Option<String> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    redirects.then(|| text(response, &header::LOCATION)).flatten()
}

/// An address that a server gave, which may leave out the parts that stay the same (RFC 3986 section
/// 4.2): all but the path, or all but host and path.
fn joined(place: &Uri, location: &str) -> Option<Uri> {
    let scheme = place.scheme_str()?;
    let whole = match location.strip_prefix("//") {
        Some(rest) => format!("{scheme}://{rest}"),
        None if location.starts_with('/') => format!("{scheme}://{}{location}", place.authority()?),
        None => location.to_owned(),
    };
    whole.parse().ok()
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

/// Whether nobody on the way can change what comes from an address: over HTTPS, or from this machine.
fn is_protected(place: &Uri) -> bool {
    let Some(host) = place.host() else { return false };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_here = || host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match place.scheme_str() {
        Some("https") => true,
        Some("http") => is_here(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_without_protection() {
        let is_protected = |url: &str| url.parse().is_ok_and(|place| is_protected(&place));
        for url in [
            "https://example.com/a",
            "http://127.0.0.1:80/a",
            "http://localhost/a",
            "http://[::1]:8080",
            "http://127.9.9.9",
            "HTTP://user@[::1]:1/",
        ] {
            assert!(is_protected(url), "{url}");
        }
        for url in [
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://user@example.com:127/",
            "http://localhost@example.com/",
            "http://[::1]:80@example.com/",
            "http://[::ffff:192.0.2.1]/",
            "http://0/",
            "http:///a",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "127.0.0.1",
            "",
        ] {
            assert!(!is_protected(url), "{url}");
        }
    }

    #[test]
    fn what_a_redirect_leaves_out_stays_as_it_was() {
        let place: Uri = "http://127.0.0.1:80/a/b?c".parse().expect("an address");
        let joined = |location: &str| joined(&place, location).map(|place| place.to_string());
        assert_eq!(joined("/d?e"), Some("http://127.0.0.1:80/d?e".into()));
        assert_eq!(joined("//example.com/d"), Some("http://example.com/d".into()));
        assert_eq!(joined("https://example.com/d"), Some("https://example.com/d".into()));
    }
}
