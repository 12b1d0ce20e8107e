//! Object stores that SQL names: DataFusion reads Parquet from them.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use object_store::ObjectStore;
use url::Url;

use super::fault::external;
use crate::store::{Stores, base_of};

/// The stores of a session: those of names with a scheme are made when they are asked for.
#[derive(Debug)]
pub(super) struct OfSession {
    stores: Arc<Stores>,
    others: DefaultObjectStoreRegistry,
}

impl OfSession {
    pub(super) fn new(stores: &Arc<Stores>) -> OfSession {
        OfSession { stores: stores.clone(), others: DefaultObjectStoreRegistry::new() }
    }
}

impl ObjectStoreRegistry for OfSession {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.others.register_store(url, store)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        match base_of(url.as_str()).map_err(external)? {
            Some(base) => self.stores.of(&base).map_err(external),
            None => self.others.get_store(url),
        }
    }
}
