//! The objects that a name stands for.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt as _};
use portscribe::capture::{CaptureReader, Timestamp};
use tokio::task::block_in_place;
use url::Url;

use super::address::{Address, base_text};
use super::fault::said;
use super::stream::{ObjectStream, fetch};
use super::{Stores, wait};
use crate::failure::Failure;

/// An object in a store, as it was when it was found.
#[derive(Clone)]
pub(crate) struct Object {
    pub(super) store: Arc<dyn ObjectStore>,
    base: Url,
    pub(super) meta: ObjectMeta,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Object(Object),
    /// It was named, and cannot be had: its name, and why.
    Missing(String, String),
}

/// Octets of an object in which its first packet is looked for.
const FIRST: u64 = 256 * 1024;
/// How many objects are asked for their first packets at a time.
const TOGETHER: usize = 16;

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Object {
    /// Its name.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", base_text(&self.base), self.meta.location)
    }

    /// Its length in octets.
    pub(crate) fn length(&self) -> u64 {
        self.meta.size
    }

    /// What another content of it does not have: its e-tag, or else the time of its last change.
    pub(crate) fn stamp(&self) -> String {
        self.meta.e_tag.clone().unwrap_or_else(|| self.meta.last_modified.to_rfc3339())
    }

    /// Its URL, with what is special in URLs encoded.
    pub(crate) fn url(&self) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(self.meta.location.parts().map(|part| part.as_ref().to_owned()));
        }
        url
    }
}

/// The objects that a name stands for: one, those of a folder, or those that a pattern matches, by name.
pub(crate) fn find(stores: &Stores, address: &Address) -> Result<Vec<Found>, Failure> {
    let store = stores.of(&address.base)?;
    let object = |meta| Found::Object(Object { store: store.clone(), base: address.base.clone(), meta });
    let listed = |error: &Error| match error {
        // A store of the web need not be able to list.
        _ if address.base.scheme().starts_with("http") => Failure::failed(format_args!(
            "{}: cannot be listed (that takes WebDAV): name each capture: {}",
            address.shown(),
            said(error)
        )),
        _ => Failure::failed(format_args!("{}: cannot be listed: {}", address.shown(), said(error))),
    };
    if address.is_pattern() {
        let metas = wait(matching(store.as_ref(), address))?.map_err(|error| listed(&error))?;
        return Ok(metas.into_iter().map(object).collect());
    }
    let path = address.path(&address.key)?;
    let is_folder = address.key.is_empty() || address.key.ends_with('/');
    if !is_folder {
        match wait(store.head(&path)) {
            Ok(meta) => return Ok(vec![object(meta)]),
            Err(error) => {
                // It may be a folder.
                let inner = match &error {
                    Error::NotFound { .. } if !address.base.scheme().starts_with("http") => {
                        wait(inner(store.as_ref(), &path)).unwrap_or_default()
                    }
                    _ => Vec::new(),
                };
                if inner.is_empty() {
                    return Ok(vec![Found::Missing(address.shown(), said(&error))]);
                }
                return Ok(inner.into_iter().map(object).collect());
            }
        }
    }
    let metas = wait(inner(store.as_ref(), &path)).map_err(|error| listed(&error))?;
    Ok(metas.into_iter().map(object).collect())
}

/// The objects of a folder, but for hidden ones, by name.
async fn inner(store: &dyn ObjectStore, folder: &Path) -> object_store::Result<Vec<ObjectMeta>> {
    let mut metas = store.list_with_delimiter(Some(folder)).await?.objects;
    metas.retain(|meta| meta.location.filename().is_some_and(|name| !name.starts_with('.')));
    metas.sort_unstable_by(|one, other| one.location.cmp(&other.location));
    Ok(metas)
}

/// What a pattern matches, by name.
async fn matching(
    store: &dyn ObjectStore,
    address: &Address,
) -> Result<object_store::Result<Vec<ObjectMeta>>, Failure> {
    let pattern = glob::Pattern::new(&address.key).map_err(|error| {
        Failure::Usage(format!("{}: {error}: a pattern has *, ?, [abc] and **", address.shown()))
    })?;
    let folder = address.path(address.fixed())?;
    let is_asked_for =
        |meta: &ObjectMeta| pattern.matches_with(meta.location.as_ref(), crate::captures::MATCHING);
    let listed: object_store::Result<Vec<ObjectMeta>> = store.list(Some(&folder)).try_collect().await;
    Ok(listed.map(|mut metas| {
        metas.retain(is_asked_for);
        metas.sort_unstable_by(|one, other| one.location.cmp(&other.location));
        metas
    }))
}

/// The times of the first packets of objects.
pub(crate) fn first_times(objects: &[&Object]) -> Vec<Option<Timestamp>> {
    let first = |object: Object| async move {
        let range = 0..object.length().min(FIRST);
        let octets = if range.is_empty() { None } else { fetch(&object, range).await.ok() };
        octets.map(|octets| time_of(&object, Cursor::new(octets)))
    };
    // What is borrowed does not go into futures of several threads.
    let all: Vec<Object> = objects.iter().map(|&object| object.clone()).collect();
    let times: Vec<Option<Option<Timestamp>>> =
        wait(stream::iter(all.into_iter().map(first)).buffered(TOGETHER).collect());
    let whole = |(object, time): (&&Object, Option<Option<Timestamp>>)| match time {
        // What comes before its first packet is longer.
        Some(None) if object.length() > FIRST => {
            block_in_place(|| time_of(object, ObjectStream::begin(object)))
        }
        time => time.flatten(),
    };
    objects.iter().zip(times).map(whole).collect()
}

fn time_of(object: &Object, octets: impl std::io::Read + Send + 'static) -> Option<Timestamp> {
    CaptureReader::from_stream(&object.name(), octets).ok()?.next().ok()??.time
}
