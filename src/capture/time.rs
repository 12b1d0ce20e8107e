//! Capture time: nanoseconds since 1970, and the units that captures count in.

use std::fmt;

/// A point in time, in nanoseconds since 1970-01-01T00:00:00Z (years 1677 to 2262).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A point in time from nanoseconds since 1970.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Timestamp {
        Timestamp(nanoseconds)
    }

    /// Nanoseconds since 1970.
    pub const fn nanoseconds(self) -> i64 {
        self.0
    }

    /// The day (UTC) that this point lies in.
    pub fn date(self) -> Option<jiff::civil::Date> {
        let time = jiff::Timestamp::from_nanosecond(i128::from(self.0)).ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// Nanoseconds from `earlier` to here; negative when `earlier` is later.
    pub const fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, nine digits of a second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every i64 of nanoseconds lies within jiff's years -9999 to 9999.
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(time) => write!(f, "{time:.9}"),
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

/// The unit of an interface's timestamps (`if_tsresol`, pcapng draft section 4.2), with the
/// offset that is added to them (`if_tsoffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeUnit {
    scale: Scale,
    offset_seconds: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// A tick is so many nanoseconds.
    Times(u64),
    /// A nanosecond is so many ticks.
    Divided(u64),
    /// A tick is 2^-n seconds.
    Binary(u32),
}

impl TimeUnit {
    /// Microseconds, what both formats count in where nothing else is said.
    pub const MICROSECONDS: TimeUnit = TimeUnit { scale: Scale::Times(1000), offset_seconds: 0 };
    /// Nanoseconds.
    pub const NANOSECONDS: TimeUnit = TimeUnit { scale: Scale::Times(1), offset_seconds: 0 };

    /// Reads an `if_tsresol` octet: the top bit picks base 2 over base 10, the rest is the
    /// negative exponent. `None` for units finer than a 64-bit count of ticks can hold a second in.
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

    /// The same unit with so many seconds added to every time (`if_tsoffset`).
    #[must_use]
    pub const fn with_offset(self, seconds: i64) -> TimeUnit {
        TimeUnit { offset_seconds: seconds, ..self }
    }

    /// The time that `ticks` stand for, rounded down to nanoseconds; `None` outside the years
    /// that [`Timestamp`] holds.
    #[inline]
    pub fn time(self, ticks: u64) -> Option<Timestamp> {
        let nanoseconds = match self.scale {
            Scale::Times(factor) => i128::from(ticks) * i128::from(factor),
            Scale::Divided(by) => i128::from(ticks / by),
            Scale::Binary(exponent) => (i128::from(ticks) * 1_000_000_000) >> exponent,
        };
        let nanoseconds = nanoseconds + i128::from(self.offset_seconds) * 1_000_000_000;
        i64::try_from(nanoseconds).ok().map(Timestamp)
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
            assert_eq!(unit.time(ticks), Some(Timestamp(nanoseconds)), "{octet:#04x}");
        }
        for octet in [0x14, 0x7f, 0xc0, 0xff] {
            assert_eq!(TimeUnit::from_if_tsresol(octet), None, "{octet:#04x}");
        }
    }

    #[test]
    fn an_offset_is_added_and_may_be_negative() {
        let unit = TimeUnit::MICROSECONDS.with_offset(-2);
        assert_eq!(unit.time(1), Some(Timestamp(-1_999_999_000)));
        assert_eq!(TimeUnit::NANOSECONDS.with_offset(i64::MAX).time(0), None);
        assert_eq!(TimeUnit::from_if_tsresol(0).and_then(|unit| unit.time(u64::MAX)), None);
    }

    #[test]
    fn times_are_written_in_rfc_3339() {
        assert_eq!(Timestamp(1_700_000_000_000_000_001).to_string(), "2023-11-14T22:13:20.000000001Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(Timestamp(i64::MAX).to_string(), "2262-04-11T23:47:16.854775807Z");
    }
}
