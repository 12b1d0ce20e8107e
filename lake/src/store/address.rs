//! What a name says: which store, and which object, folder or pattern in it.

use object_store::path::Path;
use url::Url;

use crate::failure::Failure;

/// A name with a scheme.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// Of a file: its path.
    File(String),
    /// Of something in a store.
    InStore(Address),
}

/// A place in a store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The store: scheme and bucket, container or host.
    pub(super) base: Url,
    /// What stands behind it, without the first slash.
    pub(super) key: String,
}

/// Schemes of stores.
const SCHEMES: [&str; 5] = ["s3", "gs", "az", "https", "http"];

/// What a name with a scheme says; `None` for one without, which is that of a file.
///
/// What may be a secret stands in no message.
pub(crate) fn parse(name: &str) -> Result<Option<Named>, Failure> {
    let Some((scheme, rest)) = name.split_once("://") else { return Ok(None) };
    let scheme = scheme.to_ascii_lowercase();
    if scheme == "file" {
        return file(name, rest).map(|path| Some(Named::File(path)));
    }
    let (authority, key) = rest.split_once('/').unwrap_or((rest, ""));
    let is_web = scheme.starts_with("http");
    let (host, user) =
        authority.rsplit_once('@').map_or((authority, None), |(user, host)| (host, Some(user)));
    let (key, query) = match key.split_once('?') {
        Some((key, _)) if is_web => (key, true),
        _ => (key, false),
    };
    let shown = format!("{scheme}://{host}/{key}");
    let usage = |what: &str| Failure::Usage(format!("{shown}: {what}"));
    if !SCHEMES.contains(&scheme.as_str()) {
        return Err(usage(&format!(
            "unsupported scheme {scheme}://: name files, or objects at {}",
            SCHEMES.map(|scheme| format!("{scheme}://")).join(", ")
        )));
    }
    if user.is_some() {
        return Err(usage(
            "user and password are not allowed in a name: set credentials in the environment, such as AWS_ACCESS_KEY_ID",
        ));
    }
    if query {
        return Err(usage("a query is not allowed in a name: it may be a signature"));
    }
    let base = Url::parse(&format!("{scheme}://{host}"))
        .ok()
        .filter(Url::has_host)
        .ok_or_else(|| usage("missing bucket, container or host"))?;
    Ok(Some(Named::InStore(Address { base, key: key.to_owned() })))
}

/// The store of a name; `None` for a file.
pub(crate) fn base_of(name: &str) -> Result<Option<Url>, Failure> {
    Ok(match parse(name)? {
        Some(Named::InStore(address)) => Some(address.base),
        Some(Named::File(_)) | None => None,
    })
}

/// The URL of a folder in a store, by a name that ends with a slash; `None` for another name.
pub(crate) fn folder_of(name: &str) -> Result<Option<Url>, Failure> {
    let Some(Named::InStore(address)) = parse(name)? else { return Ok(None) };
    let is_folder =
        address.key.ends_with('/') && !address.is_pattern() && !address.base.scheme().starts_with("http");
    if !is_folder {
        return Ok(None);
    }
    let mut url = address.base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().extend(address.key.trim_end_matches('/').split('/')).push("");
    }
    Ok(Some(url))
}

/// The path of `file://`.
fn file(name: &str, rest: &str) -> Result<String, Failure> {
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return Err(Failure::Usage(format!(
            "{name}: invalid file name: write three slashes, as in file:///captures/a.pcap"
        )));
    }
    // A pattern stands in it as it is.
    let decoded = path.contains('%').then(|| Url::parse(name).ok()?.to_file_path().ok()).flatten();
    Ok(decoded.map_or_else(|| path.to_owned(), |path| path.to_string_lossy().into_owned()))
}

impl Address {
    /// Whether it is a pattern.
    pub(super) fn is_pattern(&self) -> bool {
        self.key.contains(['*', '?', '['])
    }

    /// The place in the store; what a key cannot be is told.
    pub(super) fn path(&self, key: &str) -> Result<Path, Failure> {
        // What the web names is encoded.
        let path =
            if self.base.scheme().starts_with("http") { Path::from_url_path(key) } else { Path::parse(key) };
        path.map_err(|error| Failure::Usage(format!("{}: is the name of no object: {error}", self.shown())))
    }

    /// The part before the first folder that a pattern says something of.
    pub(super) fn fixed(&self) -> &str {
        let end = self.key.find(['*', '?', '[']).unwrap_or(self.key.len());
        self.key[..end].rfind('/').map_or("", |slash| &self.key[..slash])
    }

    /// The name.
    pub(super) fn shown(&self) -> String {
        format!("{}/{}", base_text(&self.base), self.key)
    }
}

/// The text of a store's URL, without a slash at the end.
pub(super) fn base_text(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(name: &str) -> Address {
        match parse(name) {
            Ok(Some(Named::InStore(address))) => address,
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn names_say_the_store_and_what_is_in_it() {
        assert_eq!(parse("week.pcap").expect("a name"), None);
        assert_eq!(parse("file:///a/b*.pcap").expect("a name"), Some(Named::File("/a/b*.pcap".into())));
        assert_eq!(parse("file:///a%20b.pcap").expect("a name"), Some(Named::File("/a b.pcap".into())));
        let one = address("S3://bucket/2026/w?ek-*.pcap");
        assert_eq!(
            (one.shown().as_str(), one.fixed(), one.is_pattern()),
            ("s3://bucket/2026/w?ek-*.pcap", "2026", true)
        );
        let two = address("http://127.0.0.1:80/a%20b/c.pcap");
        assert_eq!((two.shown().as_str(), two.is_pattern()), ("http://127.0.0.1/a%20b/c.pcap", false));
        assert_eq!(two.path(&two.key).expect("a path").as_ref(), "a b/c.pcap");
        assert_eq!(address("gs://bucket").key, "");
    }

    #[test]
    fn secrets_in_names_are_refused_and_not_shown() {
        for (name, told) in [
            ("https://me:secret@host/a.pcap", "https://host/a.pcap: user and password are not allowed"),
            ("s3://secret@bucket/a.pcap", "s3://bucket/a.pcap: user and password are not allowed"),
            ("https://host/a.pcap?sig=secret", "https://host/a.pcap: a query is not allowed"),
            ("ftp://me:secret@host/a.pcap", "ftp://host/a.pcap: unsupported scheme ftp://"),
            ("s3:///a.pcap", "s3:///a.pcap: missing bucket"),
            ("file://host/a.pcap", "file://host/a.pcap: invalid file name"),
        ] {
            let said = parse(name).expect_err(name).to_string();
            assert!(said.contains(told) && !said.contains("secret"), "{said}");
        }
    }
}
