//! What DataFusion says is wrong, as the program says it.

use datafusion::error::DataFusionError;

use crate::failure::Failure;
use crate::read::Ended;
use crate::store::{said, without_queries};

/// What is said of an error, and which status the program ends with.
pub(super) fn failure(error: &DataFusionError) -> Failure {
    let root = error.find_root();
    if let DataFusionError::External(inner) = root {
        match inner.downcast_ref::<Failure>() {
            Some(Failure::Usage(text)) => return Failure::Usage(text.clone()),
            Some(Failure::Failed(text)) => return Failure::Failed(text.clone()),
            Some(Failure::BrokenPipe) | None => {}
        }
    }
    let text = match root {
        DataFusionError::SQL(error, _) => error.to_string(),
        DataFusionError::ObjectStore(error) => said(error),
        other => other.strip_backtrace(),
    };
    // What the engine calls its parts is nothing to people.
    let parts = [
        "Error during planning: ",
        "Execution error: ",
        "External error: ",
        "Schema error: ",
        "Parquet error: ",
    ];
    let mut rest = text.as_str();
    while let Some(behind) = parts.into_iter().find_map(|part| rest.strip_prefix(part)) {
        rest = behind;
    }
    let text = without_queries(rest);
    match root {
        DataFusionError::SQL(..)
        | DataFusionError::Plan(_)
        | DataFusionError::SchemaError(..)
        | DataFusionError::Configuration(_)
        | DataFusionError::NotImplemented(_) => Failure::Usage(text),
        _ => Failure::Failed(text),
    }
}

/// What a reader of captures ends with, as DataFusion hands it on; nothing where no more rows are needed.
pub(super) fn of_reader(ended: Ended) -> Result<(), DataFusionError> {
    match ended {
        Ended::Stopped => Ok(()),
        Ended::Failed(failure) => Err(external(failure)),
        Ended::Taker(error) => Err(match error.downcast::<DataFusionError>() {
            Ok(error) => *error,
            Err(other) => DataFusionError::External(other),
        }),
    }
}

/// A failure of ours, for DataFusion to hand on.
pub(super) fn external(failure: Failure) -> DataFusionError {
    DataFusionError::External(Box::new(failure))
}
