//! Rows as batches of Arrow: for the writers here, and for engines that ask for some columns of many rows.

use std::borrow::Borrow;
use std::io;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Field as ArrowField, Schema, SchemaRef};

use super::cells::Cells;
use super::error::failed;
use super::types;
use crate::report::{Field, Value};

/// Rows at hand, by column.
pub(super) struct Gathered {
    /// The fields of the arrays that the cells become.
    fields: Vec<ArrowField>,
    cells: Vec<Cells>,
    rows: usize,
    octets: usize,
}

impl Gathered {
    /// No row of these columns yet; addresses stand there also as octets where these are asked for.
    pub(super) fn of(columns: &[Field], with_octets: bool) -> Gathered {
        Gathered {
            fields: columns.iter().flat_map(|column| types::fields(column, with_octets)).collect(),
            cells: columns.iter().map(|column| Cells::of(column.holds, with_octets)).collect(),
            rows: 0,
            octets: 0,
        }
    }

    /// The fields of the arrays.
    pub(super) fn fields(&self) -> &[ArrowField] {
        &self.fields
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many octets of text they have.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// Adds a row, a value for each column.
    pub(super) fn push<'a>(
        &mut self,
        values: impl IntoIterator<Item = impl Borrow<Value<'a>>>,
    ) -> Result<(), ArrowError> {
        for (cells, value) in self.cells.iter_mut().zip(values) {
            self.octets += cells.push(value.borrow())?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Hands out the rows, which are none then.
    pub(super) fn take(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        let mut arrays = Vec::with_capacity(self.fields.len());
        for cells in &mut self.cells {
            cells.finish(&mut arrays)?;
        }
        (self.rows, self.octets) = (0, 0);
        Ok(arrays)
    }
}

/// Makes batches of some of the columns that a result has in Parquet and Arrow.
///
/// ```
/// use portscribe::report::{Batches, Value, flows};
///
/// let schema = Batches::schema(flows::COLUMNS);
/// let place = |name: &str| schema.index_of(name).expect("a column");
/// let mut batches = Batches::of(flows::COLUMNS, &[place("server_address_octets"), place("flow")]);
/// // Two values are asked for.
/// batches.push(|column| match flows::COLUMNS[column].name {
///     "flow" => Value::Number(1),
///     "server_address" => Value::Address([192, 0, 2, 1].into()),
///     _ => Value::Unknown,
/// })?;
/// let batch = batches.take()?;
/// assert_eq!((batch.num_rows(), batch.schema().field(1).name().as_str()), (1, "flow"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Batches {
    schema: SchemaRef,
    wanted: Vec<usize>,
    gathered: Gathered,
    /// The places of the batch's arrays among those that are gathered.
    picked: Vec<usize>,
}

impl Batches {
    /// The fields that these columns have in Parquet and Arrow, in their order: an address has two.
    pub fn schema(columns: &[Field]) -> SchemaRef {
        Arc::new(Schema::new(Gathered::of(columns, true).fields))
    }

    /// Batches of the fields at these places of [`Batches::schema`], in this order.
    pub fn of(columns: &[Field], places: &[usize]) -> Batches {
        // The column that each field is of.
        let owners: Vec<usize> = columns
            .iter()
            .enumerate()
            .flat_map(|(n, column)| types::fields(column, true).into_iter().map(move |_| n))
            .collect();
        let is_wanted = |column: &usize| places.iter().any(|&place| owners.get(place) == Some(column));
        let wanted: Vec<usize> = (0..columns.len()).filter(is_wanted).collect();
        // The places of the fields that those columns have.
        let kept: Vec<usize> = (0..owners.len()).filter(|&place| wanted.contains(&owners[place])).collect();
        let fields: Vec<Field> = wanted.iter().map(|&column| columns[column]).collect();
        let gathered = Gathered::of(&fields, true);
        let picked: Vec<usize> =
            places.iter().filter_map(|place| kept.iter().position(|kept| kept == place)).collect();
        let schema = Schema::new(picked.iter().map(|&n| gathered.fields[n].clone()).collect::<Vec<_>>());
        Batches { schema: Arc::new(schema), wanted, gathered, picked }
    }

    /// The places of the columns whose values are needed.
    pub fn wanted(&self) -> &[usize] {
        &self.wanted
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.gathered.rows()
    }

    /// How many octets of text the rows have.
    pub fn octets(&self) -> usize {
        self.gathered.octets()
    }

    /// Adds a row. `value_of` is asked for the value of each column that is [wanted](Batches::wanted).
    ///
    /// # Errors
    ///
    /// When there are more distinct values than a dictionary can number.
    pub fn push<'v>(&mut self, mut value_of: impl FnMut(usize) -> Value<'v>) -> io::Result<()> {
        self.gathered.push(self.wanted.iter().map(|&column| value_of(column))).map_err(failed)
    }

    /// Hands out the rows as a batch. There are none then.
    ///
    /// # Errors
    ///
    /// When a column that is always known had a value that is not.
    pub fn take(&mut self) -> io::Result<RecordBatch> {
        let rows = RecordBatchOptions::new().with_row_count(Some(self.gathered.rows()));
        let arrays = self.gathered.take().map_err(failed)?;
        let arrays = self.picked.iter().map(|&n| arrays[n].clone()).collect();
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &rows).map_err(failed)
    }
}
