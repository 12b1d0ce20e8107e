//! Our settings among those of DataFusion: `SET portscribe.layers = 'all'`.

use std::any::Any;

use datafusion::common::config::{ConfigEntry, ConfigExtension, ExtensionOptions};
use datafusion::error::{DataFusionError, Result};

use crate::settings::Settings;

/// Our settings.
#[derive(Clone, Debug, Default)]
pub(super) struct Options(pub(super) Settings);

impl ConfigExtension for Options {
    const PREFIX: &'static str = "portscribe";
}

impl ExtensionOptions for Options {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        self.0.set(key, value).map_err(DataFusionError::Plan)
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        let entry = |(name, value, description)| ConfigEntry {
            key: format!("{}.{name}", Options::PREFIX),
            value: Some(value),
            description,
        };
        self.0.entries().map(entry).collect()
    }
}
