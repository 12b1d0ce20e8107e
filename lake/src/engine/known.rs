//! Tables of what is known without captures.

use datafusion::arrow::array::RecordBatch;
use datafusion::error::Result;
use portscribe::registry::Registry;
use portscribe::report::registry::list;
use portscribe::report::{Batches, Field, services};
use portscribe::services::statements;

fn all_of(columns: &[Field]) -> Batches {
    let fields = Batches::schema(columns).fields().len();
    Batches::of(columns, &(0..fields).collect::<Vec<_>>())
}

/// The rows of a registry.
pub(super) fn registry(registry: &Registry) -> Result<RecordBatch> {
    let mut batches = all_of(list::KEYS);
    for row in registry.rows() {
        let values = list::values(row, true);
        batches.push(|column| values[column].clone())?;
    }
    Ok(batches.take()?)
}

/// What is known of services beside the registry.
pub(super) fn services() -> Result<RecordBatch> {
    let mut batches = all_of(services::COLUMNS);
    for statement in statements() {
        for &transport in statement.fact.transports {
            for &ports in statement.fact.ports {
                let values = services::values(statement, transport, ports);
                batches.push(|column| values[column].clone())?;
            }
        }
    }
    Ok(batches.take()?)
}
