//! The times of captures that were read to their ends: a later query need not read those that hold none of the times it asks
//! for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use portscribe::capture::Timestamp;
use portscribe::partial::settings_text;
use portscribe::traffic::ReadSettings;

use crate::captures::Capture;

/// The times of a capture's rows; `None` where it has no row.
pub(crate) type Extent = Option<Span>;

/// The times of some rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The earliest and the latest time; `None` where no row has one.
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    /// Whether a row has no time.
    pub(crate) has_untimed: bool,
}

impl Span {
    /// The times of these rows and one more.
    pub(crate) fn with(extent: Extent, time: Option<Timestamp>) -> Span {
        let span = extent.unwrap_or(Span { times: None, has_untimed: false });
        match (time, span.times) {
            (None, _) => Span { has_untimed: true, ..span },
            (Some(time), None) => Span { times: Some((time, time)), ..span },
            (Some(time), Some((first, last))) => {
                Span { times: Some((first.min(time), last.max(time))), ..span }
            }
        }
    }
}

/// What tells a capture, and how it was read, from all others.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    name: String,
    length: u64,
    stamp: Stamp,
    settings: String,
}

/// By what another content of the same name and length is known.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Stamp {
    /// Of a file: when it was changed.
    Changed(SystemTime),
    /// Of an object: what its store says.
    Tag(String),
}

impl Key {
    fn of(capture: &Capture, settings: &ReadSettings) -> Option<Key> {
        let (length, stamp) = match capture {
            Capture::File(path) => {
                let about = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
                (about.len(), Stamp::Changed(about.modified().ok()?))
            }
            Capture::Object(object) => (object.length(), Stamp::Tag(object.stamp())),
            Capture::Missing(..) => return None,
        };
        Some(Key { name: capture.name(), length, stamp, settings: settings_text(settings) })
    }
}

/// What is known of the times of captures.
#[derive(Debug, Default)]
pub(crate) struct Times(Mutex<HashMap<Key, Extent>>);

impl Times {
    /// The times of a capture's rows, where it was read to its end and is the same still.
    pub(crate) fn of(&self, capture: &Capture, settings: &ReadSettings) -> Option<Extent> {
        let key = Key::of(capture, settings)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
    }

    /// Keeps the times of a capture that was read to its end.
    pub(crate) fn keep(&self, capture: &Capture, settings: &ReadSettings, extent: Extent) {
        if let Some(key) = Key::of(capture, settings) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, extent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_same_file_read_in_the_same_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pcap");
        let capture = Capture::File(path.clone());
        std::fs::write(&path, "one").expect("a file");
        let (times, usual) = (Times::default(), ReadSettings::default());
        let second = |n: i64| Some(Timestamp::from_nanoseconds(n * 1_000_000_000));
        let extent = [second(5), second(3), None, second(4)]
            .into_iter()
            .fold(None, |extent, time| Some(Span::with(extent, time)));
        let span = Span { times: second(3).zip(second(5)), has_untimed: true };
        assert_eq!(extent, Some(span));
        assert_eq!(times.of(&capture, &usual), None);
        times.keep(&capture, &usual, extent);
        assert_eq!(times.of(&capture, &usual), Some(Some(span)));
        let mut other = usual.clone();
        other.flow.since = second(1);
        assert_eq!(times.of(&capture, &other), None);
        std::fs::write(&path, "another").expect("a file");
        assert_eq!(times.of(&capture, &usual), None);
        times.keep(&capture, &usual, None);
        assert_eq!(times.of(&capture, &usual), Some(None));
    }
}
