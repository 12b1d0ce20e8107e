//! Rows on their way to DataFusion.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_plan::PhysicalExpr;
use portscribe::report::{Batches, Field, Value};
use tokio::sync::mpsc::Sender;

use crate::read::{Ended, Sieve, TakeRows};

/// Rows of a batch.
const MOST_ROWS: usize = 8192;
/// Octets of text in a batch, above which it is handed on.
const MOST_OCTETS: usize = 8 << 20;

fn of_engine(error: impl Into<DataFusionError>) -> Ended {
    Ended::Taker(Box::new(error.into()))
}

/// Which rows a condition is true of; it is not true of those of which it is unknown.
fn answers(predicate: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<BooleanArray> {
    let array = predicate.evaluate(batch)?.into_array(batch.num_rows())?;
    let answers = array.as_boolean();
    Ok(if answers.null_count() == 0 {
        answers.clone()
    } else {
        answers.iter().map(|answer| Some(answer == Some(true))).collect()
    })
}

/// Hands rows to DataFusion, many at a time.
pub(super) struct ToEngine {
    batches: Batches,
    /// What is asked of the rows, by the columns of the batches.
    predicate: Option<Arc<dyn PhysicalExpr>>,
    /// How many of the columns are handed on: the first.
    shown: usize,
    /// How many more rows are needed.
    left: usize,
    to: Sender<Result<RecordBatch>>,
}

impl ToEngine {
    /// Takes rows of these columns; the fields at the first `shown` of the places are handed on, of the first `limit`
    /// rows of which the predicate is true.
    pub(super) fn new(
        columns: &[Field],
        (places, shown): (&[usize], usize),
        predicate: Option<Arc<dyn PhysicalExpr>>,
        limit: Option<usize>,
        to: Sender<Result<RecordBatch>>,
    ) -> ToEngine {
        let left = limit.unwrap_or(usize::MAX);
        ToEngine { batches: Batches::of(columns, places), predicate, shown, left, to }
    }

    /// Hands on what is left.
    pub(super) fn finish(mut self) -> Result<(), Ended> {
        if self.batches.rows() > 0 { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> Result<(), Ended> {
        let mut batch = self.batches.take().map_err(of_engine)?;
        if let Some(predicate) = &self.predicate {
            let answers = answers(predicate, &batch).map_err(of_engine)?;
            batch = filter_record_batch(&batch, &answers).map_err(of_engine)?;
            let shown: Vec<usize> = (0..self.shown).collect();
            batch = batch.project(&shown).map_err(of_engine)?;
        }
        let rows = batch.num_rows().min(self.left);
        if rows > 0 {
            self.left -= rows;
            self.to.blocking_send(Ok(batch.slice(0, rows))).map_err(|_| Ended::Stopped)?;
        }
        if self.left == 0 || self.to.is_closed() { Err(Ended::Stopped) } else { Ok(()) }
    }
}

impl TakeRows for ToEngine {
    fn wanted(&self) -> &[usize] {
        self.batches.wanted()
    }

    fn row<'v>(&mut self, value_of: &mut dyn FnMut(usize) -> Value<'v>) -> Result<(), Ended> {
        self.batches.push(value_of).map_err(of_engine)?;
        let rows = self.batches.rows();
        let is_enough = self.predicate.is_none() && rows >= self.left;
        if is_enough || rows >= MOST_ROWS || self.batches.octets() >= MOST_OCTETS {
            self.hand_on()
        } else {
            Ok(())
        }
    }
}

/// Asks a condition of rows by the columns that it is about alone.
pub(super) struct Condition {
    batches: Batches,
    predicate: Arc<dyn PhysicalExpr>,
}

impl Condition {
    /// The condition on the fields at these places.
    pub(super) fn new(columns: &[Field], places: &[usize], predicate: Arc<dyn PhysicalExpr>) -> Condition {
        Condition { batches: Batches::of(columns, places), predicate }
    }
}

impl Sieve for Condition {
    fn row<'v>(&mut self, value_of: &mut dyn FnMut(usize) -> Value<'v>) -> Result<(), Ended> {
        self.batches.push(value_of).map_err(of_engine)
    }

    fn answers(&mut self) -> Result<Vec<bool>, Ended> {
        let batch = self.batches.take().map_err(of_engine)?;
        let answers = answers(&self.predicate, &batch).map_err(of_engine)?;
        Ok(answers.values().iter().collect())
    }
}
