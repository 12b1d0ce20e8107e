//! Whether a condition may be true of rows of some times.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, TimestampNanosecondArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::PhysicalExpr;
use portscribe::capture::Timestamp;

use crate::read::Span;

/// The column that holds the times of packets.
const TIME: &str = "time";

/// Answers whether rows of some times may be asked for.
pub(super) fn may_be_asked_for(
    condition: Option<&Arc<dyn PhysicalExpr>>,
    schema: &SchemaRef,
) -> impl Fn(Span) -> bool + Send + 'static {
    // Where nothing can be told, all are.
    let of_schema = || PruningPredicateBuilder::new().with_file_schema(schema.clone());
    let predicate = condition.and_then(|condition| of_schema().try_build(condition.clone()).ok());
    move |span| match (&predicate, span.times) {
        (Some(predicate), Some((first, last))) if !span.has_untimed => {
            predicate.prune(&OfRows { first, last }).map_or(true, |answers| answers != [false])
        }
        _ => true,
    }
}

/// What is known of the rows of one capture.
struct OfRows {
    first: Timestamp,
    last: Timestamp,
}

impl OfRows {
    fn of(column: &Column, time: Timestamp) -> Option<ArrayRef> {
        let times = || TimestampNanosecondArray::from(vec![time.nanoseconds()]).with_timezone("UTC");
        (column.name == TIME).then(|| Arc::new(times()) as ArrayRef)
    }
}

impl PruningStatistics for OfRows {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        OfRows::of(column, self.first)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        OfRows::of(column, self.last)
    }

    fn num_containers(&self) -> usize {
        1
    }

    fn null_counts(&self, _: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

#[cfg(test)]
mod tests {
    use datafusion::common::DFSchema;
    use datafusion::prelude::{SessionContext, col, lit};
    use portscribe::report::{Batches, packets};

    use super::*;

    #[test]
    fn conditions_on_times_tell_which_captures_are_needed() {
        let schema = Batches::schema(packets::COLUMNS);
        let of_table = DFSchema::try_from(schema.as_ref().clone()).expect("a schema");
        let context = SessionContext::new();
        let second = |n: i64| Timestamp::from_nanoseconds(n * 1_000_000_000);
        let span = Span { times: Some((second(10), second(20))), has_untimed: false };
        let time =
            |n: i64| lit(ScalarValue::TimestampNanosecond(Some(second(n).nanoseconds()), Some("UTC".into())));
        for (condition, is_needed) in [
            (col("time").lt(time(10)), false),
            (col("time").lt_eq(time(10)), true),
            (col("time").gt(time(20)), false),
            (col("time").gt_eq(time(20)).and(col("dst_port").eq(lit(53_u16))), true),
            (col("time").gt(time(20)).and(col("dst_port").eq(lit(53_u16))), false),
            (col("time").gt(time(20)).or(col("dst_port").eq(lit(53_u16))), true),
            (col("dst_port").eq(lit(53_u16)), true),
        ] {
            let text = condition.to_string();
            let condition = context.create_physical_expr(condition, &of_table).expect("a condition");
            let may_be = may_be_asked_for(Some(&condition), &schema);
            assert_eq!(may_be(span), is_needed, "{text}");
            assert!(may_be(Span { has_untimed: true, ..span }), "{text}");
        }
        assert!(may_be_asked_for(None, &schema)(span));
    }
}
