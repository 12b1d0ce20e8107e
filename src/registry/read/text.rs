//! The registry as IANA's plain text: columns of fixed width.
use super::draft::Draft;
use super::error::Error;

pub(super) fn is_heading(line: &str) -> bool {
    line.trim_start().starts_with("Service Name ") && line.contains(" Port Number ") && line.contains("  ")
}

pub(super) fn read<'t>(_text: &'t str, draft: Draft<'t>) -> Result<Draft<'t>, Error> {
    Ok(draft)
}
