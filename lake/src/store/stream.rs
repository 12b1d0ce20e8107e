//! An object's octets as a stream. Ranges are fetched ahead, several at a time, and handed on in their order.
//!
//! Memory: [`IN_FLIGHT`] ranges that are fetched or have come, one that waits to be taken, one that is offered, and one that is
//! read: at most (4 + 3) · 8 MiB = 56 MiB for each object that is read.

use std::io::{self, Read};
use std::ops::Range;

use bytes::{Buf as _, Bytes};
use futures::{StreamExt as _, stream};
use object_store::{GetOptions, ObjectStore as _};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, channel};

use super::Object;
use super::fault::said;

/// Octets of a range.
const RANGE: u64 = 8 << 20;
/// How many ranges are fetched at a time.
const IN_FLIGHT: usize = 4;

/// An object being read.
pub(crate) struct ObjectStream {
    from: Receiver<io::Result<Bytes>>,
    /// What has come and is not read.
    octets: Bytes,
    /// How many octets are to come.
    left: u64,
    /// Why nothing more comes.
    failed: Option<String>,
}

impl ObjectStream {
    /// Begins to fetch an object; on a thread of a runtime, which does it.
    pub(crate) fn begin(object: &Object) -> ObjectStream {
        let (to, from) = channel(1);
        let (object, left) = (object.clone(), object.length());
        Handle::current().spawn(async move {
            let ranges = (0..left.div_ceil(RANGE)).map(|n| n * RANGE..((n + 1) * RANGE).min(left));
            let mut all = stream::iter(ranges.map(|range| fetch(&object, range))).buffered(IN_FLIGHT);
            while let Some(fetched) = all.next().await {
                let is_end = fetched.is_err();
                // Whoever reads may need no more.
                if to.send(fetched).await.is_err() || is_end {
                    break;
                }
            }
        });
        ObjectStream { from, octets: Bytes::new(), left, failed: None }
    }
}

impl Read for ObjectStream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(failed) = &self.failed {
            return Err(io::Error::other(failed.clone()));
        }
        while self.octets.is_empty() && self.left > 0 {
            let next = self.from.blocking_recv();
            match next.unwrap_or_else(|| Err(io::Error::other("fetching was stopped"))) {
                Ok(octets) => {
                    self.left = self.left.saturating_sub(octets.len() as u64);
                    self.octets = octets;
                }
                Err(error) => {
                    // Who asks once more is told once more: the end of what has come is not that of the object.
                    self.failed = Some(error.to_string());
                    return Err(error);
                }
            }
        }
        let n = out.len().min(self.octets.len());
        self.octets.copy_to_slice(&mut out[..n]);
        Ok(n)
    }
}

/// Fetches octets of an object, which must be the one that was found.
pub(super) async fn fetch(object: &Object, range: Range<u64>) -> io::Result<Bytes> {
    let meta = &object.meta;
    // A weak e-tag matches nothing (RFC 9110 section 13.1.1).
    let is_strong = |tag: &&String| !tag.starts_with("W/");
    let options = GetOptions {
        if_match: meta.e_tag.as_ref().filter(is_strong).cloned(),
        range: Some(range.clone().into()),
        ..GetOptions::default()
    };
    let of_range = |what: &str| {
        io::Error::other(format!("bytes {} to {} of the object: {what}", range.start, range.end - 1))
    };
    let failed = |error: &object_store::Error| of_range(&said(error));
    let got = object.store.get_opts(&meta.location, options).await.map_err(|error| failed(&error))?;
    let is_other_tag = meta.e_tag.is_some() && got.meta.e_tag.is_some() && meta.e_tag != got.meta.e_tag;
    let is_newer = meta.e_tag.is_none() && meta.last_modified != got.meta.last_modified;
    if is_other_tag || is_newer || got.meta.size != meta.size {
        return Err(of_range("it changed while it was read"));
    }
    let octets = got.bytes().await.map_err(|error| failed(&error))?;
    let expected = range.end - range.start;
    if octets.len() as u64 != expected {
        return Err(of_range(&format!("the store gave {} of {expected} bytes", octets.len())));
    }
    Ok(octets)
}
