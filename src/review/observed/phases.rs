//! Which times of a period something was listening at.

use super::super::model::{HoursHeard, Period};
use super::listened::Span;
use crate::net::span::{DAY_NANOSECONDS, HOUR_NANOSECONDS};

const WEEK: i64 = 7 * DAY_NANOSECONDS;

/// The chance that a job of each period ran while something was listening: the share of the times of
/// its period that the spans touch. A job keeps its time, so that the same hours of many days are no
/// more than these hours of one.
pub(super) fn chances(spans: &[Span]) -> Vec<(Period, f64)> {
    Period::ALL.map(|period| (period, share(spans, (period.seconds() * 1e9) as i64))).to_vec()
}

/// The share of the times of a period, in nanoseconds, that lie in a span.
fn share(spans: &[Span], period: i64) -> f64 {
    let mut known: Vec<(i64, i64)> = Vec::new();
    let mut least = 0_i64;
    for &(from, to, silence) in spans {
        let length = to.saturating_sub(from);
        if silence > 0 {
            // Where in it something was heard is not known: at worst at the same times of each period.
            let periods = to.div_euclid(period).saturating_sub(from.div_euclid(period)).saturating_add(1);
            least = least.max((length.saturating_sub(silence).max(0) / periods).min(period));
            continue;
        }
        if length >= period {
            return 1.0;
        }
        let begin = from.rem_euclid(period);
        let end = begin + length;
        known.push((begin, end.min(period)));
        if end > period {
            known.push((0, end - period));
        }
    }
    known.sort_unstable();
    let (mut heard, mut reached) = (0_i64, 0_i64);
    for (from, to) in known {
        heard += (to - from.max(reached)).max(0);
        reached = reached.max(to);
    }
    heard.max(least) as f64 / period as f64
}

/// The hours of the week that a span touches; where in it something was heard may be unknown.
pub(super) fn hours(spans: &[Span]) -> HoursHeard {
    let mut heard = HoursHeard::default();
    for &(from, to, _) in spans {
        let to = to.min(from.saturating_add(WEEK));
        for hour in from.div_euclid(HOUR_NANOSECONDS)..=to.div_euclid(HOUR_NANOSECONDS) {
            let day = hour.div_euclid(24);
            // 1970 began on a Thursday.
            heard.add((day + 3).rem_euclid(7) as usize, hour.rem_euclid(24) as u32);
        }
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = HOUR_NANOSECONDS;

    fn of(spans: &[Span], wanted: Period) -> Option<f64> {
        chances(spans).into_iter().find(|(period, _)| *period == wanted).map(|(_, chance)| chance)
    }

    #[test]
    fn the_same_hours_of_many_days_are_those_of_one() {
        let days: Vec<Span> =
            (0..42).map(|day| (day * 24 * HOUR + 9 * HOUR, day * 24 * HOUR + 17 * HOUR, 0)).collect();
        assert_eq!(of(&days, Period::Hourly), Some(1.0));
        for period in [Period::Daily, Period::Weekly, Period::Monthly] {
            assert_eq!(of(&days, period), Some(8.0 / 24.0), "{period}");
        }
        assert_eq!(of(&days[..7], Period::Monthly), Some(7.0 * 8.0 / (31.0 * 24.0)));
        assert_eq!(of(&days[..1], Period::Weekly), Some(8.0 / 168.0));
    }

    #[test]
    fn a_span_over_the_end_of_a_period_is_in_two_places_of_it() {
        assert_eq!(
            of(&[(23 * HOUR, 25 * HOUR, 0), (24 * HOUR, 26 * HOUR, 0)], Period::Daily),
            Some(3.0 / 24.0)
        );
        assert_eq!(of(&[(-HOUR, HOUR, 0)], Period::Daily), Some(2.0 / 24.0));
        assert_eq!(of(&[(5, 5, 0)], Period::Hourly), Some(0.0));
        assert_eq!(of(&[], Period::Hourly), Some(0.0));
        assert_eq!(of(&[(7, 7 + 24 * HOUR, 0)], Period::Daily), Some(1.0));
    }

    #[test]
    fn silence_that_cannot_be_placed_counts_at_worst() {
        // Ten hours were heard in two days, perhaps the same five of each.
        assert_eq!(of(&[(0, 48 * HOUR - 1, 38 * HOUR - 1)], Period::Daily), Some(5.0 / 24.0));
    }

    #[test]
    fn an_hour_that_is_touched_was_listened_to() {
        // Thursday.
        let never = hours(&[(9 * HOUR + 1, 10 * HOUR + 1, 0)]).never();
        let said: Vec<String> = never.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["Mon-Wed 00:00-24:00", "Thu 00:00-09:00 11:00-24:00", "Fri-Sun 00:00-24:00"]);
        assert_eq!(hours(&[(-HOUR, i64::MAX, 0)]).never(), []);
        assert_eq!(hours(&[(i64::MIN, i64::MAX, 0)]).never(), []);
    }
}
