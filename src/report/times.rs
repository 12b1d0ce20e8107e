//! How points in time are written.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::capture::Timestamp;

/// How points in time are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Times {
    /// In UTC.
    #[default]
    Utc,
    /// In a time zone.
    In(TimeZone),
    /// As seconds after a point in time.
    After(Timestamp),
    /// As seconds since 1970-01-01T00:00:00Z.
    Epoch,
    /// In UTC to the microsecond, with an offset without a colon, as Suricata has it.
    Eve,
}

/// Digits of a second in tables for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Three; none where a date stands before them.
    Milliseconds,
    /// Six.
    Microseconds,
}

impl Times {
    /// A time with all its digits: RFC 3339, or seconds.
    pub fn text(&self, time: Timestamp) -> String {
        match self {
            Times::Utc => time.to_string(),
            Times::In(zone) => match in_jiff(time) {
                Some(point) => format!("{:.9}", point.display_with_offset(zone.to_offset(point))),
                None => time.to_string(),
            },
            Times::After(begin) => seconds(time.since(*begin), 9),
            Times::Epoch => seconds(time.nanoseconds(), 9),
            Times::Eve => {
                let text = time.to_string();
                let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
                format!("{whole}.{}+0000", fraction.get(..6).unwrap_or("000000"))
            }
        }
    }

    /// Whether they are numbers.
    pub(super) fn are_numbers(&self) -> bool {
        matches!(self, Times::After(_) | Times::Epoch)
    }

    /// A time to the second, in a sentence.
    pub fn to_the_second(&self, time: Timestamp) -> String {
        let text = match self {
            // A sentence says when something was.
            Times::After(_) => Times::Utc.text(time),
            times => times.text(time),
        };
        let Some((whole, fraction)) = text.split_once('.') else { return text };
        let zone = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
        format!("{whole}{zone}")
    }

    /// The times of a column for people, as short as they can be, and the line that says what they are. Those of one
    /// day have no date.
    pub fn column(&self, times: &[Option<Timestamp>], precision: Precision) -> (Vec<String>, Option<String>) {
        let Some(first) = times.iter().flatten().next() else {
            return (vec!["-".to_owned(); times.len()], None);
        };
        let digits = match precision {
            Precision::Milliseconds => 3,
            Precision::Microseconds => 6,
        };
        let (cell, about): (Box<dyn Fn(Timestamp) -> String>, String) = match self {
            Times::After(begin) => (
                Box::new(move |time| seconds(time.since(*begin), digits)),
                format!("Times are seconds after the first packet, {begin}."),
            ),
            Times::Epoch => (
                Box::new(move |time| seconds(time.nanoseconds(), digits)),
                "Times are seconds since 1970-01-01T00:00:00Z.".to_owned(),
            ),
            Times::Utc | Times::Eve | Times::In(_) => {
                let zone = match self {
                    Times::In(zone) => zone.clone(),
                    _ => TimeZone::UTC,
                };
                let at = move |time: Timestamp| civil(time, &zone);
                let day = at(*first).date();
                let is_one_day = times.iter().flatten().all(|time| at(*time).date() == day);
                let about = match (is_one_day, self.zone_of(*first)) {
                    (true, zone) => format!("Times are of {day}, {zone}."),
                    (false, zone) if times.iter().flatten().all(|time| self.zone_of(*time) == zone) => {
                        format!("Times are in {zone}.")
                    }
                    (false, _) => "Times are local ones.".to_owned(),
                };
                let cell = move |time: Timestamp| {
                    let civil = at(time);
                    let (date, clock) = (civil.date(), civil.time());
                    match (is_one_day, precision) {
                        (true, _) => clock_with(clock, digits),
                        (false, Precision::Milliseconds) => format!("{date} {}", clock_with(clock, 0)),
                        (false, Precision::Microseconds) => format!("{date} {}", clock_with(clock, digits)),
                    }
                };
                (Box::new(cell), about)
            }
        };
        let cells = times.iter().map(|time| time.map_or("-".to_owned(), &cell)).collect();
        (cells, Some(about))
    }

    /// The first and the latest of these times, in a sentence: one of them where they are of one second.
    pub(super) fn extent(&self, times: &[Option<Timestamp>]) -> Option<String> {
        let all = || times.iter().flatten().copied();
        let (first, last) = (self.to_the_second(all().min()?), self.to_the_second(all().max()?));
        Some(if first == last { first } else { format!("{first} to {last}") })
    }

    /// What the clock that shows a time is called.
    fn zone_of(&self, time: Timestamp) -> String {
        match (self, in_jiff(time)) {
            (Times::In(zone), Some(point)) => {
                let offset = zone.to_offset(point).seconds();
                let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs() / 60);
                format!("local time (UTC{sign}{:02}:{:02})", minutes / 60, minutes % 60)
            }
            _ => "UTC".to_owned(),
        }
    }
}

fn in_jiff(time: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_nanosecond(i128::from(time.nanoseconds())).ok()
}

fn civil(time: Timestamp, zone: &TimeZone) -> DateTime {
    in_jiff(time).map_or(DateTime::MIN, |point| zone.to_datetime(point))
}

fn clock_with(clock: jiff::civil::Time, digits: u32) -> String {
    let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
    let whole = format!("{hour:02}:{minute:02}:{second:02}");
    if digits == 0 {
        return whole;
    }
    let fraction = clock.subsec_nanosecond().unsigned_abs() / 10_u32.pow(9 - digits);
    format!("{whole}.{fraction:0width$}", width = digits as usize)
}

/// Nanoseconds as seconds, cut off behind so many digits.
fn seconds(nanoseconds: i64, digits: u32) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let all = nanoseconds.unsigned_abs();
    let fraction = all % 1_000_000_000 / 10_u64.pow(9 - digits);
    format!("{sign}{}.{fraction:0width$}", all / 1_000_000_000, width = digits as usize)
}

/// Nanoseconds in the unit that people would take.
pub fn span(nanoseconds: i64) -> String {
    let seconds = nanoseconds.max(0) as f64 / 1e9;
    match seconds {
        ..1.0 => format!("{seconds:.3} s"),
        ..120.0 => format!("{seconds:.1} s"),
        ..7_200.0 => format!("{:.1} min", seconds / 60.0),
        ..172_800.0 => format!("{:.1} h", seconds / 3_600.0),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Timestamp = Timestamp::from_nanoseconds(1_769_860_800_012_345_678);

    fn india() -> Times {
        Times::In(TimeZone::fixed(jiff::tz::offset(5).saturating_add(jiff::Span::new().minutes(30))))
    }

    #[test]
    fn times_are_written_whole() {
        for (times, expected) in [
            (Times::Utc, "2026-01-31T12:00:00.012345678Z"),
            (india(), "2026-01-31T17:30:00.012345678+05:30"),
            (Times::After(Timestamp::from_nanoseconds(1_769_860_799_000_000_000)), "1.012345678"),
            (Times::After(Timestamp::from_nanoseconds(1_769_860_800_013_000_000)), "-0.000654322"),
            (Times::Epoch, "1769860800.012345678"),
        ] {
            assert_eq!(times.text(TIME), expected);
        }
        assert_eq!(Times::Utc.to_the_second(TIME), "2026-01-31T12:00:00Z");
        assert_eq!(india().to_the_second(TIME), "2026-01-31T17:30:00+05:30");
        assert_eq!(Times::After(TIME).to_the_second(TIME), "2026-01-31T12:00:00Z");
        assert_eq!(Times::Epoch.to_the_second(TIME), "1769860800");
    }

    #[test]
    fn a_column_of_one_day_has_no_dates() {
        let column = |times: &Times, all: &[Option<Timestamp>], precision| {
            let (cells, about) = times.column(all, precision);
            format!("{} | {}", cells.join(" | "), about.unwrap_or_default())
        };
        let evening = Timestamp::from_nanoseconds(TIME.nanoseconds() + 7 * 3_600_000_000_000);
        let (all, milli, micro) =
            ([Some(TIME), None, Some(evening)], Precision::Milliseconds, Precision::Microseconds);
        for (times, precision, expected) in [
            (Times::Utc, milli, "12:00:00.012 | - | 19:00:00.012 | Times are of 2026-01-31, UTC."),
            (
                india(),
                milli,
                "2026-01-31 17:30:00 | - | 2026-02-01 00:30:00 | Times are in local time (UTC+05:30).",
            ),
            (
                india(),
                micro,
                "2026-01-31 17:30:00.012345 | - | 2026-02-01 00:30:00.012345 | Times are in local time (UTC+05:30).",
            ),
            (
                Times::After(TIME),
                milli,
                "0.000 | - | 25200.000 | Times are seconds after the first packet, 2026-01-31T12:00:00.012345678Z.",
            ),
            (
                Times::Epoch,
                micro,
                "1769860800.012345 | - | 1769886000.012345 | Times are seconds since 1970-01-01T00:00:00Z.",
            ),
        ] {
            assert_eq!(column(&times, &all, precision), expected);
        }
        assert_eq!(
            column(&india(), &all[..2], milli),
            "17:30:00.012 | - | Times are of 2026-01-31, local time (UTC+05:30)."
        );
        assert_eq!(column(&Times::Utc, &[None], milli), "- | ");
    }

    #[test]
    fn spans_have_the_unit_that_people_would_take() {
        for (seconds, expected) in [
            (0.25, "0.250 s"),
            (41.0, "41.0 s"),
            (300.0, "5.0 min"),
            (10_800.0, "3.0 h"),
            (604_800.0, "7.0 days"),
        ] {
            assert_eq!(span((seconds * 1e9) as i64), expected);
        }
    }
}
