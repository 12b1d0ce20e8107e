//! Object stores: S3, Google Cloud Storage, Azure Blob Storage and HTTP. What touches the crate `object_store` stands in this
//! folder.
//!
//! | file | does |
//! |---|---|
//! | `address` | what a name says: the store, and the object or pattern in it |
//! | `client` | stores, with the credentials of the environment |
//! | `listing` | the objects that a name stands for |
//! | `stream` | an object's octets, fetched ahead in ranges |
//! | `fault` | what is said of a store's errors |

mod address;
mod client;
mod fault;
mod listing;
mod stream;

pub(crate) use address::{Named, base_of, folder_of, parse};
pub(crate) use client::Stores;
pub(crate) use fault::{said, without_queries};
pub(crate) use listing::{Found, Object, find, first_times};
pub(crate) use stream::ObjectStream;

use std::future::Future;

use tokio::runtime::Handle;
use tokio::task::block_in_place;

/// Waits for what a store gives, on a thread of the runtime.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    block_in_place(|| Handle::current().block_on(future))
}
