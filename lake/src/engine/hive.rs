//! Folders of Parquet files by Hive's names, `TABLE/day=2026-11-22/flows.parquet`, as a table: what stands in the names of folders
//! is a column, and files that a condition on it leaves out are not opened.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::Session;
use datafusion::common::ScalarValue;
use datafusion::datasource::TableProvider;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::Result;
use futures::TryStreamExt as _;
use object_store::path::Path as InStore;

use super::fault::external;
use crate::store::{folder_of, wait};

const ENDING: &str = ".parquet";

/// The table of a folder; `None` for what is no such folder.
pub(super) fn table(name: &str, session: &dyn Session) -> Result<Option<Arc<dyn TableProvider>>> {
    let url = match folder_of(name).map_err(external)? {
        Some(url) => ListingTableUrl::try_new(url, None)?,
        // Patterns, and what is not there, are no folders.
        None if Path::new(name).is_dir() => {
            let whole = std::path::absolute(name)?;
            ListingTableUrl::parse(format!("{}/", whole.to_string_lossy().trim_end_matches('/')))?
        }
        None => return Ok(None),
    };
    let store = session.runtime_env().object_store(&url)?;
    let files: Vec<InStore> = wait(async {
        let listed = url.list_all_files(session, store.as_ref(), ENDING).await?;
        listed.map_ok(|meta| meta.location).try_collect().await
    })?;
    let Some(columns) = columns(&files, &url) else { return Ok(None) };
    let format = ParquetFormat::default().with_options(session.default_table_options().parquet);
    let options =
        ListingOptions::new(Arc::new(format)).with_file_extension(ENDING).with_table_partition_cols(columns);
    // Who asks for a table waits for it; what reads footers does so as a task.
    let schema = wait(options.infer_schema(session, &url))?;
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(schema);
    Ok(Some(Arc::new(ListingTable::try_new(config)?)))
}

/// The columns that the names of folders hold, with their types; `None` where not all files are in the same ones.
fn columns(files: &[InStore], url: &ListingTableUrl) -> Option<Vec<(String, DataType)>> {
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let mut folders: Vec<&str> = url.strip_prefix(file)?.collect();
        folders.pop();
        let pairs: Vec<(&str, &str)> =
            folders.into_iter().map(|folder| folder.split_once('=')).collect::<Option<_>>()?;
        if n == 0 {
            columns = pairs.iter().map(|(name, _)| ((*name).to_owned(), Vec::new())).collect();
        }
        if columns.len() != pairs.len() {
            return None;
        }
        for ((name, values), (own, value)) in columns.iter_mut().zip(pairs) {
            if name != own {
                return None;
            }
            values.push(value.to_owned());
        }
    }
    let of_type = |(name, values): (String, Vec<String>)| (name, type_of(&values));
    (!columns.is_empty()).then(|| columns.into_iter().map(of_type).collect())
}

/// What all values are: dates, numbers, or texts.
fn type_of(values: &[String]) -> DataType {
    let all = |data_type: &DataType| {
        values.iter().all(|value| ScalarValue::try_from_string(value.clone(), data_type).is_ok())
    };
    [DataType::Date32, DataType::Int64].into_iter().find(all).unwrap_or(DataType::Utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_have_columns_with_types() {
        let url = ListingTableUrl::parse("/lake/").expect("a URL");
        let of = |files: &[&str]| {
            columns(&files.iter().map(|&file| InStore::from(file)).collect::<Vec<_>>(), &url)
        };
        let expected = vec![("day".to_owned(), DataType::Date32), ("hour".to_owned(), DataType::Int64)];
        assert_eq!(
            of(&["lake/day=2026-11-22/hour=05/a.parquet", "lake/day=2026-11-23/hour=23/a.parquet"]),
            Some(expected)
        );
        assert_eq!(
            of(&["lake/site=1/a.parquet", "lake/site=b/a.parquet"]),
            Some(vec![("site".to_owned(), DataType::Utf8)])
        );
        for none in [
            &["lake/a.parquet"][..],
            &["lake/b/a.parquet"],
            &["lake/x=1/a.parquet", "lake/y=1/a.parquet"],
            &[],
        ] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}
