//! What goes wrong with writing by column.

use std::io;

use arrow_schema::ArrowError;

/// What went wrong with writing, as the system says it where it was the system.
pub(super) fn failed(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}
