//! Stores, with the endpoints and credentials that the environment gives: `AWS_*`, `GOOGLE_*`, `AZURE_*`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use super::address::base_text;
use super::fault::said;
use crate::failure::Failure;

/// How often a request that fails is made again: that takes some five seconds.
const AGAIN: usize = 5;

/// The stores that were asked for, each with its connections.
#[derive(Debug, Default)]
pub(crate) struct Stores(Mutex<HashMap<String, Arc<dyn ObjectStore>>>);

impl Stores {
    /// The store of a URL: scheme and bucket, container or host.
    pub(crate) fn of(&self, base: &Url) -> Result<Arc<dyn ObjectStore>, Failure> {
        let name = base_text(base);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = known.get(name) {
            return Ok(store.clone());
        }
        let store = connect(base)
            .map_err(|error| Failure::failed(format_args!("{name}: cannot be used: {}", said(&error))))?;
        known.insert(name.to_owned(), store.clone());
        Ok(store)
    }
}

fn connect(base: &Url) -> object_store::Result<Arc<dyn ObjectStore>> {
    let retry = RetryConfig { max_retries: AGAIN, ..RetryConfig::default() };
    Ok(match base.scheme() {
        "s3" => Arc::new(AmazonS3Builder::from_env().with_url(base.as_str()).with_retry(retry).build()?),
        "gs" => {
            Arc::new(GoogleCloudStorageBuilder::from_env().with_url(base.as_str()).with_retry(retry).build()?)
        }
        "az" => {
            Arc::new(MicrosoftAzureBuilder::from_env().with_url(base.as_str()).with_retry(retry).build()?)
        }
        _ => {
            let options = ClientOptions::new().with_allow_http(base.scheme() == "http");
            let builder = HttpBuilder::new().with_url(base.as_str()).with_client_options(options);
            Arc::new(builder.with_retry(retry).build()?)
        }
    })
}
