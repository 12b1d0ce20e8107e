//! Lengths of time.

/// Seconds of a minute.
#[cfg(feature = "review")]
pub(crate) const MINUTE: f64 = 60.0;
/// Seconds of an hour.
#[cfg(feature = "review")]
pub(crate) const HOUR: f64 = 60.0 * MINUTE;
/// Seconds of a day.
#[cfg(feature = "review")]
pub(crate) const DAY: f64 = 24.0 * HOUR;
/// Nanoseconds of an hour.
pub(crate) const HOUR_NANOSECONDS: i64 = 3_600_000_000_000;
/// Nanoseconds of a day.
pub(crate) const DAY_NANOSECONDS: i64 = 24 * HOUR_NANOSECONDS;
