//! Times and shares in words, the same in every output.

use std::collections::BTreeMap;

use super::{Coverage, InNoFlow};
use crate::decode::Reason;
use crate::net::span::{DAY, HOUR, MINUTE};

impl Coverage {
    /// The names of captures that hold the same packets, for each such group.
    pub fn doubles(&self) -> Vec<Vec<&str>> {
        let mut by_first: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for input in &self.inputs {
            if let Some(first) = &input.same_as {
                by_first.entry(first).or_insert_with(|| vec![first]).push(&input.name);
            }
        }
        by_first.into_values().collect()
    }

    /// Packets that were asked for and are in no flow, with the reasons: `3 portless (an IP protocol
    /// without ports: icmp 3)`; none where there are none.
    pub(in crate::review) fn in_no_flow(&self) -> Option<(u64, Vec<String>)> {
        // Those that nobody asked for are told as such.
        let asked = || self.in_no_flow.iter().filter(|one| one.reason != Reason::OutsideWindow);
        let reasons: Vec<String> = asked()
            .map(|InNoFlow { reason, meaning, packets, of }| {
                let of: Vec<String> = of.iter().map(ToString::to_string).collect();
                let of = if of.is_empty() { String::new() } else { format!(": {}", of.join(", ")) };
                format!("{packets} {reason} ({meaning}{of})")
            })
            .collect();
        (!reasons.is_empty()).then(|| (asked().map(|one| one.packets).sum(), reasons))
    }

    /// `Mon-Fri 00:00-09:00; Sat-Sun 00:00-24:00`: the hours (UTC) that were never listened to; empty
    /// where there are none.
    pub(in crate::review) fn never_listened(&self) -> String {
        self.never_listened.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// `6.7 s of capture (0.0002 % of the 42-day window)`.
    pub fn in_words(&self) -> String {
        format!(
            "{} of capture ({} of the {} window)",
            span(self.covered_seconds),
            percent(if self.window_seconds > 0.0 { self.covered_seconds / self.window_seconds } else { 1.0 }),
            adjective(self.window_seconds)
        )
    }
}

/// A share from 0 to 1 as a percentage: whole numbers from 10, one decimal from 1,
/// one digit that is not 0 below. What is not all is never shown as 100 %, what is more than
/// nothing never as 0 %.
pub fn percent(share: f64) -> String {
    let value = share.clamp(0.0, 1.0) * 100.0;
    let text = if value == 0.0 || value >= 9.95 {
        format!("{value:.0}")
    } else if value >= 0.95 {
        format!("{value:.1}").trim_end_matches(".0").to_owned()
    } else {
        // The first digit that is not 0, after rounding to it.
        let digits = (-value.log10()).ceil().clamp(1.0, 15.0);
        // 0.0096 is rounded to 0.010.
        format!("{value:.0$}", digits as usize).trim_end_matches('0').to_owned()
    };
    if text == "100" && share < 1.0 { "over 99 %".to_owned() } else { format!("{text} %") }
}

/// A stretch of time in the largest unit that it fills twice: `6.7 s`, `90 min`, `42 days`.
pub fn span(seconds: f64) -> String {
    let (number, unit) = match seconds {
        s if s < 2.0 * MINUTE => (s, "s"),
        s if s < 2.0 * HOUR => (s / MINUTE, "min"),
        s if s < 2.0 * DAY => (s / HOUR, "h"),
        s => (s / DAY, "days"),
    };
    let text = if number < 0.1 { format!("{number:.6}") } else { format!("{number:.1}") };
    format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `42-day`, `12-hour`.
fn adjective(seconds: f64) -> String {
    for (unit, name) in [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")] {
        let number = seconds / unit;
        if number >= 1.0 && number.fract() == 0.0 {
            return format!("{number:.0}-{name}");
        }
    }
    format!("{seconds}-second")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_keep_one_digit_that_says_something() {
        for (share, words) in [
            (0.0, "0 %"),
            (1.85e-6, "0.0002 %"),
            (0.000_096, "0.01 %"),
            (0.000_231, "0.02 %"),
            (0.006_94, "0.7 %"),
            (0.0096, "1 %"),
            (0.010_95, "1.1 %"),
            (0.033, "3.3 %"),
            (0.0997, "10 %"),
            (0.143, "14 %"),
            (0.9999, "over 99 %"),
            (1.0, "100 %"),
            (7.0, "100 %"),
        ] {
            assert_eq!(percent(share), words, "{share}");
        }
    }

    #[test]
    fn stretches_of_time_are_shown_in_the_unit_that_fits() {
        for (seconds, words) in [
            (0.0, "0 s"),
            (0.002, "0.002 s"),
            (6.71, "6.7 s"),
            (119.0, "119 s"),
            (600.0, "10 min"),
            (5_400.0, "90 min"),
            (90_000.0, "25 h"),
            (604_800.0, "7 days"),
            (3_628_800.0, "42 days"),
        ] {
            assert_eq!(span(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn a_window_is_named_in_whole_units() {
        assert_eq!(adjective(3_628_800.0), "42-day");
        assert_eq!(adjective(43_200.0), "12-hour");
        assert_eq!(adjective(90.0 * 60.0), "90-minute");
        assert_eq!(adjective(30.5), "30.5-second");
    }
}
