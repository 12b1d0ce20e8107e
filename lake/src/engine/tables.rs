//! Functions that are tables.

use std::sync::Arc;

use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl};
use datafusion::common::ScalarValue;
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use portscribe::registry::Registry;

use super::config::Options;
use super::fault::external;
use super::hive;
use super::known;
use super::parquet;
use super::scan::{Of, OfCaptures};
use crate::captures::{self, Capture};
use crate::failure::{Failure, Told};
use crate::read::{Source, Times};
use crate::store::Stores;

/// A function that is a table.
#[derive(Debug)]
pub(super) struct TableFunction {
    name: &'static str,
    kind: Kind,
    registry: Arc<Registry>,
    told: Arc<Told>,
    stores: Arc<Stores>,
    times: Arc<Times>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Captures(Of),
    Parquet,
    Registry,
    Services,
}

impl TableFunction {
    /// All of them, with their names.
    pub(super) fn all(
        registry: &Arc<Registry>,
        told: &Arc<Told>,
        stores: &Arc<Stores>,
    ) -> impl Iterator<Item = (&'static str, TableFunction)> {
        // What one query comes to know, the next one does.
        let times = Arc::new(Times::default());
        [
            ("flows", Kind::Captures(Of::Flows)),
            ("packets", Kind::Captures(Of::Packets)),
            ("parquet", Kind::Parquet),
            ("registry", Kind::Registry),
            ("services", Kind::Services),
        ]
        .map(|(name, kind)| {
            (
                name,
                TableFunction {
                    name,
                    kind,
                    registry: registry.clone(),
                    told: told.clone(),
                    stores: stores.clone(),
                    times: times.clone(),
                },
            )
        })
        .into_iter()
    }

    /// The names that it is given.
    fn names(&self, arguments: &[Expr]) -> Result<Vec<String>> {
        let name = |argument: &Expr| match argument {
            Expr::Literal(ScalarValue::Utf8(Some(name)) | ScalarValue::Utf8View(Some(name)), _) => {
                Ok(name.clone())
            }
            other => {
                let text =
                    format!("{}({other}): name files in quotes, as in {}('week.pcap')", self.name, self.name);
                Err(DataFusionError::Plan(text))
            }
        };
        arguments.iter().map(name).collect()
    }

    /// The files that it is given.
    fn files(&self, arguments: &[Expr]) -> Result<Vec<String>> {
        let names = self.names(arguments)?;
        if names.is_empty() {
            let text = format!(
                "{}(): name files, folders or patterns, as in {}('week-*.pcap')",
                self.name, self.name
            );
            return Err(external(Failure::Usage(text)));
        }
        Ok(names)
    }
}

impl TableFunctionImpl for TableFunction {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let options = args.session().config_options();
        Ok(match self.kind {
            Kind::Captures(of) => {
                let names = self.files(args.exprs())?;
                let source = Source {
                    captures: captures::find(&names, &self.stores, &self.told).map_err(external)?,
                    settings: options.extensions.get::<Options>().cloned().unwrap_or_default().0,
                    registry: self.registry.clone(),
                    told: self.told.clone(),
                    times: self.times.clone(),
                };
                Arc::new(OfCaptures::new(of, source))
            }
            Kind::Parquet => {
                let names = self.files(args.exprs())?;
                for name in &names {
                    match hive::table(name, args.session())? {
                        Some(table) if names.len() == 1 => return Ok(table),
                        Some(_) => {
                            return Err(DataFusionError::Plan(format!(
                                "parquet() takes one folder such as {name} at a time: SELECT * FROM parquet('...') \
                                 UNION ALL SELECT * FROM parquet('...')"
                            )));
                        }
                        None => {}
                    }
                }
                let mut files = Vec::new();
                for name in &names {
                    files.extend(captures::files(name, &self.stores, &self.told).map_err(external)?);
                }
                if let Some(error) = files.iter().find_map(Capture::missing) {
                    return Err(external(Failure::Failed(error.with_cause())));
                }
                parquet::table(&files, args.session())?
            }
            Kind::Registry | Kind::Services if !args.exprs().is_empty() => {
                return Err(DataFusionError::Plan(format!("{}() takes no arguments", self.name)));
            }
            Kind::Registry => in_memory(known::registry(&self.registry)?)?,
            Kind::Services => in_memory(known::services()?)?,
        })
    }
}

fn in_memory(batch: datafusion::arrow::array::RecordBatch) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
}
