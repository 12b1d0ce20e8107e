//! Parquet files as a table.

use std::sync::Arc;

use datafusion::catalog::Session;
use datafusion::datasource::TableProvider;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::{DataFusionError, Result};

use crate::captures::Capture;
use crate::store::wait;

/// One table of all files: a column that some do not have is null there.
pub(super) fn table(files: &[Capture], session: &dyn Session) -> Result<Arc<dyn TableProvider>> {
    // As the session reads files that SQL names.
    let format = ParquetFormat::default().with_options(session.default_table_options().parquet);
    let options = ListingOptions::new(Arc::new(format)).with_file_extension("");
    let url = |file: &Capture| match file {
        Capture::File(path) => {
            let whole = std::path::absolute(path)?;
            let text = whole
                .to_str()
                .ok_or_else(|| DataFusionError::Plan(format!("{}: its name is not UTF-8", path.display())))?;
            ListingTableUrl::parse(text)
        }
        Capture::Object(object) => ListingTableUrl::try_new(object.url(), None),
        Capture::Missing(name, why) => Err(DataFusionError::Plan(format!("{name}: {why}"))),
    };
    let urls = files.iter().map(url).collect::<Result<Vec<_>>>()?;
    // Who asks for a table waits for it; what reads footers does so as a task.
    let schema = wait(async {
        let mut schemas = Vec::new();
        for url in &urls {
            schemas.push(options.infer_schema(session, url).await?.as_ref().clone());
        }
        Ok::<_, DataFusionError>(datafusion::arrow::datatypes::Schema::try_merge(schemas)?)
    })?;
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .with_schema(Arc::new(schema));
    Ok(Arc::new(ListingTable::try_new(config)?))
}
