//! Tables that are made of captures.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::TreeNode as _;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr, expressions};
use datafusion::physical_plan::stream::{RecordBatchReceiverStreamBuilder, RecordBatchStreamAdapter};
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, PhysicalExpr};
use futures::StreamExt as _;
use portscribe::report::{Batches, Field, flows, packets};

use super::fault;
use super::pruning::may_be_asked_for;
use super::rows::{Condition, ToEngine};
use crate::read::{self, Source};

/// Which rows captures become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Flows,
    Packets,
}

impl Of {
    fn columns(self) -> &'static [Field] {
        match self {
            Of::Flows => flows::COLUMNS,
            Of::Packets => packets::COLUMNS,
        }
    }
}

/// A table that is made of captures whenever it is asked.
#[derive(Debug)]
pub(super) struct OfCaptures {
    of: Of,
    source: Arc<Source>,
    schema: SchemaRef,
}

impl OfCaptures {
    pub(super) fn new(of: Of, source: Source) -> OfCaptures {
        OfCaptures { of, source: Arc::new(source), schema: Batches::schema(of.columns()) }
    }
}

#[async_trait]
impl TableProvider for OfCaptures {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let asks_of_rows = |filter: &&Expr| {
            let asks_of_more = filter.exists(|part| {
                Ok(matches!(
                    part,
                    Expr::ScalarSubquery(_)
                        | Expr::InSubquery(_)
                        | Expr::Exists(_)
                        | Expr::OuterReferenceColumn(..)
                ))
            });
            Ok(if asks_of_more? {
                TableProviderFilterPushDown::Unsupported
            } else {
                TableProviderFilterPushDown::Exact
            })
        };
        filters.iter().map(asks_of_rows).collect()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let places = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&places)?);
        let condition = match conjunction(filters.iter().cloned()) {
            None => None,
            Some(filter) => {
                let of_table = DFSchema::try_from(self.schema.as_ref().clone())?;
                Some(state.create_physical_expr(filter, &of_table)?)
            }
        };
        let ordering = ordering(self.of, &schema);
        let scan = Scan {
            of: self.of,
            source: self.source.clone(),
            schema: schema.clone(),
            places,
            condition,
            limit,
        };
        let plan = StreamingTableExec::try_new(schema, vec![Arc::new(scan)], None, ordering, false, limit)?;
        Ok(Arc::new(plan))
    }
}

/// The order of the rows: flows come by their numbers.
fn ordering(of: Of, schema: &SchemaRef) -> Option<LexOrdering> {
    let place = schema.index_of("flow").ok().filter(|_| of == Of::Flows)?;
    let flow = Arc::new(expressions::Column::new("flow", place));
    LexOrdering::new([PhysicalSortExpr::new_default(flow)])
}

/// What a query asks of captures.
struct Scan {
    of: Of,
    source: Arc<Source>,
    /// The fields that are asked for, and their places among those of the table.
    schema: SchemaRef,
    places: Vec<usize>,
    /// What is asked of the rows, by the fields of the table.
    condition: Option<Arc<dyn PhysicalExpr>>,
    limit: Option<usize>,
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} captures", self.of, self.source.captures.len())
    }
}

/// Ends the reading when nobody takes its rows any more.
struct StopAtEnd(Arc<AtomicBool>);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl PartitionStream for Scan {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let stop = Arc::new(AtomicBool::new(false));
        let mut builder = RecordBatchReceiverStreamBuilder::new(self.schema.clone(), 2);
        let to = builder.tx();
        let read = self.reader(stop.clone());
        builder.spawn_blocking(move || read(to));
        let stop = StopAtEnd(stop);
        let until_dropped = builder.build().inspect(move |_| {
            let _ = &stop;
        });
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), until_dropped))
    }
}

type ToReader = tokio::sync::mpsc::Sender<Result<datafusion::arrow::array::RecordBatch>>;

impl Scan {
    /// What reads the captures on a thread of its own.
    fn reader(&self, stop: Arc<AtomicBool>) -> impl FnOnce(ToReader) -> Result<()> + Send + 'static {
        let (of, source, limit) = (self.of, self.source.clone(), self.limit);
        let (places, condition) = (self.places.clone(), self.condition.clone());
        move |to| {
            let columns = of.columns();
            let table = Batches::schema(columns);
            // A condition is about the fields of batches that have no other fields than these.
            let on = |condition: Arc<dyn PhysicalExpr>, places: &[usize]| {
                let schema: Schema = table.project(places)?;
                reassign_expr_columns(condition, &schema)
            };
            let mut asked: Vec<usize> =
                condition.iter().flat_map(collect_columns).map(|column| column.index()).collect();
            asked.sort_unstable();
            asked.dedup();
            let shown = places.len();
            let read = match of {
                Of::Flows => {
                    let sieve = match condition {
                        Some(condition) => Some(Condition::new(columns, &asked, on(condition, &asked)?)),
                        None => None,
                    };
                    let mut rows = ToEngine::new(columns, (&places, shown), None, limit, to);
                    read::flows(&source, &mut rows, sieve, &stop).and_then(|()| rows.finish())
                }
                Of::Packets => {
                    let mut needed = places.clone();
                    needed.extend(asked.into_iter().filter(|place| !places.contains(place)));
                    let may_be_asked_for = may_be_asked_for(condition.as_ref(), &table);
                    let predicate = condition.map(|condition| on(condition, &needed)).transpose()?;
                    let mut rows = ToEngine::new(columns, (&needed, shown), predicate, limit, to);
                    read::packets(&source, &mut rows, may_be_asked_for, &stop).and_then(|()| rows.finish())
                }
            };
            read.or_else(fault::of_reader)
        }
    }
}
