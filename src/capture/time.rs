//! Times of packets, and the units that captures count in.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// "No time" where nanoseconds since 1970 are stored as a number.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// A span in nanoseconds, as times are compared: at most 292 years.
pub(crate) fn nanoseconds(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

/// A point in time, in nanoseconds since 1970-01-01T00:00:00Z (years 1677 to 2262). Serialized as
/// RFC 3339 text, as it is displayed.
///
/// Held as nanoseconds since the lowest `i64`, which is none: so an `Option` of it is one number, in the
/// order of time, and goes through registers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NonZeroU64);

impl Timestamp {
    /// The point in time this many nanoseconds after 1970-01-01T00:00:00Z; the nanosecond after
    /// `i64::MIN` for that.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Timestamp {
        Timestamp(match NonZeroU64::new(nanoseconds.cast_unsigned() ^ NO_TIME.cast_unsigned()) {
            Some(since) => since,
            None => NonZeroU64::MIN,
        })
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn nanoseconds(self) -> i64 {
        self.0.get().cast_signed() ^ NO_TIME
    }

    /// Day of this point in UTC.
    pub fn date(self) -> Option<jiff::civil::Date> {
        let time = jiff::Timestamp::from_nanosecond(i128::from(self.nanoseconds())).ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// Nanoseconds from `earlier` to this point; negative where `earlier` is later.
    pub const fn since(self, earlier: Timestamp) -> i64 {
        self.nanoseconds().saturating_sub(earlier.nanoseconds())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timestamp").field(&self.nanoseconds()).finish()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A time outside the years 1677 to 2262, which nanoseconds in 64 bits cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("time outside the years 1677 to 2262")]
pub struct TimeOutOfRange;

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimeOutOfRange;

    fn try_from(time: SystemTime) -> Result<Timestamp, TimeOutOfRange> {
        let nanoseconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i128::try_from(since.as_nanos()),
            Err(before) => i128::try_from(before.duration().as_nanos()).map(|nanoseconds| -nanoseconds),
        };
        let nanoseconds = nanoseconds.map_err(|_| TimeOutOfRange)?;
        i64::try_from(nanoseconds).map(Timestamp::from_nanoseconds).map_err(|_| TimeOutOfRange)
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> SystemTime {
        let since = Duration::from_nanos(time.nanoseconds().unsigned_abs());
        if time.nanoseconds() < 0 { SystemTime::UNIX_EPOCH - since } else { SystemTime::UNIX_EPOCH + since }
    }
}

impl TryFrom<jiff::Timestamp> for Timestamp {
    type Error = TimeOutOfRange;

    fn try_from(time: jiff::Timestamp) -> Result<Timestamp, TimeOutOfRange> {
        i64::try_from(time.as_nanosecond()).map(Timestamp::from_nanoseconds).map_err(|_| TimeOutOfRange)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with nine digits of a second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every i64 of nanoseconds lies within jiff's years -9999 to 9999.
        match jiff::Timestamp::from_nanosecond(i128::from(self.nanoseconds())) {
            Ok(time) => write!(f, "{time:.9}"),
            Err(_) => write!(f, "{} ns", self.nanoseconds()),
        }
    }
}

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid time `{0}`; use 2026-01-31T12:00:00Z, 2026-01-31, or seconds since 1970")]
pub struct UnknownTime(pub String);

impl FromStr for Timestamp {
    type Err = UnknownTime;

    /// RFC 3339, a date, a date and time in UTC, or seconds since 1970.
    fn from_str(text: &str) -> Result<Timestamp, UnknownTime> {
        use jiff::civil;
        use jiff::tz::TimeZone;
        let wrong = || UnknownTime(text.to_owned());
        let civil_time = |time: civil::DateTime| time.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
        let nanoseconds = if let Ok(seconds) = text.parse::<i64>() {
            i128::from(seconds) * 1_000_000_000
        } else if let Some(seconds) = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite()) {
            (seconds * 1e9) as i128
        } else if let Ok(time) = text.parse::<jiff::Timestamp>() {
            time.as_nanosecond()
        } else if let Ok(time) = text.parse::<civil::DateTime>() {
            civil_time(time).map_err(|_| wrong())?.as_nanosecond()
        } else if let Ok(date) = text.parse::<civil::Date>() {
            civil_time(date.at(0, 0, 0, 0)).map_err(|_| wrong())?.as_nanosecond()
        } else {
            return Err(wrong());
        };
        i64::try_from(nanoseconds).map(Timestamp::from_nanoseconds).map_err(|_| wrong())
    }
}

/// Unit of the times of an interface (`if_tsresol`, draft-ietf-opsawg-pcapng section 4.2), with the
/// offset added to them (`if_tsoffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeUnit {
    scale: Scale,
    offset_seconds: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// Nanoseconds per tick.
    Times(u64),
    /// Ticks per nanosecond.
    Divided(u64),
    /// A tick is 2^-n seconds.
    Binary(u32),
}

impl TimeUnit {
    /// Microseconds, the default of both formats.
    pub const MICROSECONDS: TimeUnit = TimeUnit { scale: Scale::Times(1000), offset_seconds: 0 };
    /// Nanoseconds.
    pub const NANOSECONDS: TimeUnit = TimeUnit { scale: Scale::Times(1), offset_seconds: 0 };

    /// Unit of an `if_tsresol` octet: the top bit chooses base 2 over base 10, the rest is the
    /// negative exponent. `None` for a unit of which 64 bits cannot count a second.
    pub fn from_if_tsresol(octet: u8) -> Option<TimeUnit> {
        let exponent = u32::from(octet & 0x7f);
        let scale = if octet & 0x80 == 0 {
            match exponent {
                0..=9 => Scale::Times(10_u64.pow(9 - exponent)),
                10..=19 => Scale::Divided(10_u64.pow(exponent - 9)),
                _ => return None,
            }
        } else if exponent < 64 {
            Scale::Binary(exponent)
        } else {
            return None;
        };
        Some(TimeUnit { scale, offset_seconds: 0 })
    }

    /// This unit with a number of seconds added to every time (`if_tsoffset`).
    #[must_use]
    pub const fn with_offset(self, seconds: i64) -> TimeUnit {
        TimeUnit { offset_seconds: seconds, ..self }
    }

    /// Time of a count of ticks, rounded down to nanoseconds; `None` outside the years of
    /// [`Timestamp`].
    #[inline]
    pub fn time(self, ticks: u64) -> Option<Timestamp> {
        let nanoseconds = match self.scale {
            Scale::Times(factor) => i128::from(ticks) * i128::from(factor),
            Scale::Divided(by) => i128::from(ticks / by),
            Scale::Binary(exponent) => (i128::from(ticks) * 1_000_000_000) >> exponent,
        };
        let nanoseconds = nanoseconds + i128::from(self.offset_seconds) * 1_000_000_000;
        i64::try_from(nanoseconds).ok().map(Timestamp::from_nanoseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_tsresol_reads_both_bases() {
        for (octet, ticks, nanoseconds) in [
            (0x00, 3, 3_000_000_000),
            (0x03, 1_500, 1_500_000_000),
            (0x06, 1_500_000, 1_500_000_000),
            (0x09, 1_500_000_000, 1_500_000_000),
            (0x0c, 1_500_000_000_999, 1_500_000_000),
            (0x13, 10_u64.pow(19), 1_000_000_000),
            (0x80, 3, 3_000_000_000),
            (0x8a, 1_536, 1_500_000_000),
            (0xa0, 3 << 31, 1_500_000_000),
            (0xbf, 1 << 63, 1_000_000_000),
        ] {
            let unit = TimeUnit::from_if_tsresol(octet).expect("a valid unit");
            assert_eq!(unit.time(ticks), Some(Timestamp::from_nanoseconds(nanoseconds)), "{octet:#04x}");
        }
        for octet in [0x14, 0x7f, 0xc0, 0xff] {
            assert_eq!(TimeUnit::from_if_tsresol(octet), None, "{octet:#04x}");
        }
    }

    #[test]
    fn an_offset_is_added_and_may_be_negative() {
        let unit = TimeUnit::MICROSECONDS.with_offset(-2);
        assert_eq!(unit.time(1), Some(Timestamp::from_nanoseconds(-1_999_999_000)));
        assert_eq!(TimeUnit::NANOSECONDS.with_offset(i64::MAX).time(0), None);
        assert_eq!(TimeUnit::from_if_tsresol(0).and_then(|unit| unit.time(u64::MAX)), None);
    }

    #[test]
    fn times_of_the_system_and_of_jiff_are_converted_to_the_nanosecond() {
        for nanoseconds in [i64::MIN, -1, 0, 1_700_000_000_000_000_001, i64::MAX] {
            let time = Timestamp::from_nanoseconds(nanoseconds);
            assert_eq!(SystemTime::from(time).try_into(), Ok(time));
            let of_jiff = jiff::Timestamp::from_nanosecond(nanoseconds.into()).expect("in range");
            assert_eq!(of_jiff.try_into(), Ok(time));
        }
        let late = SystemTime::from(Timestamp::from_nanoseconds(i64::MAX)) + Duration::from_nanos(1);
        assert_eq!(Timestamp::try_from(late), Err(TimeOutOfRange));
    }

    #[test]
    fn a_time_that_may_be_none_is_one_number_in_the_order_of_time() {
        assert_eq!(size_of::<Option<Timestamp>>(), 8);
        let at = |nanoseconds| Some(Timestamp::from_nanoseconds(nanoseconds));
        assert!(None < at(i64::MIN) && at(i64::MIN) < at(-1) && at(-1) < at(0) && at(0) < at(i64::MAX));
        assert_eq!(at(i64::MIN).map(Timestamp::nanoseconds), Some(i64::MIN + 1));
    }

    #[test]
    fn times_are_read_in_every_way_that_help_names() {
        let second = 1_769_860_800;
        for text in ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", "2026-01-31T12:00:00", "1769860800"]
        {
            assert_eq!(text.parse(), Ok(Timestamp::from_nanoseconds(second * 1_000_000_000)), "{text}");
        }
        assert_eq!("2026-01-31".parse(), Ok(Timestamp::from_nanoseconds((second - 43_200) * 1_000_000_000)));
        assert_eq!("0.5".parse(), Ok(Timestamp::from_nanoseconds(500_000_000)));
        for text in ["", "noon", "2026-13-01", "99999999999999", "nan", "inf"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_written_in_rfc_3339() {
        assert_eq!(
            Timestamp::from_nanoseconds(1_700_000_000_000_000_001).to_string(),
            "2023-11-14T22:13:20.000000001Z"
        );
        assert_eq!(Timestamp::from_nanoseconds(-1).to_string(), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(Timestamp::from_nanoseconds(i64::MAX).to_string(), "2262-04-11T23:47:16.854775807Z");
    }
}
