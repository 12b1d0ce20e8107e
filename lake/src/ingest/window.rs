//! Days in UTC.

use std::fmt;

use portscribe::capture::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Nanoseconds of an hour and of a day.
const HOUR: i64 = 3_600_000_000_000;
const DAY: i64 = 24 * HOUR;

/// How long a window is.
pub(super) const LENGTH: std::time::Duration = std::time::Duration::from_hours(24);

/// A day, by its number from 1970. Shown and serialized as its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Window(pub(crate) i64);

impl Window {
    /// The first one that is not over at a time.
    pub(super) fn of(nanoseconds: i64) -> Window {
        Window(nanoseconds.div_euclid(DAY))
    }
}

impl fmt::Display for Window {
    /// `2026-11-22`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begin = Timestamp::from_nanoseconds(self.0.saturating_mul(DAY)).to_string();
        f.write_str(begin.split('T').next().unwrap_or_default())
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Window, D::Error> {
        let date = String::deserialize(deserializer)?;
        let begin: Timestamp = date.parse().map_err(serde::de::Error::custom)?;
        Ok(Window::of(begin.nanoseconds()))
    }
}

/// The hour of a time, from 0.
pub(super) fn hour(time: Timestamp) -> u8 {
    u8::try_from(time.nanoseconds().rem_euclid(DAY) / HOUR).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_date() {
        let time: Timestamp = "2026-11-22T23:59:59.999999999Z".parse().expect("a time");
        let window = Window::of(time.nanoseconds());
        assert_eq!((window.to_string().as_str(), hour(time)), ("2026-11-22", 23));
        assert_eq!(Window::of(time.nanoseconds() + 1), Window(window.0 + 1));
        let text = serde_json::to_string(&window).expect("text");
        assert_eq!(text, "\"2026-11-22\"");
        assert_eq!(serde_json::from_str::<Window>(&text).expect("a window"), window);
        assert_eq!(Window(-1).to_string(), "1969-12-31");
    }
}
