//! The hours of a week in which nothing was listening.

use std::fmt;

use serde::Serialize;

/// Days of the week with the hours (UTC) in which nothing was listening at any time, on none of these
/// days of the captures. An hour that was listened to in part is not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NeverListened {
    /// `every day`, `Mon-Fri` or `Sun`.
    pub days: String,
    /// `00:00-09:00`: from the first to the end of the last hour.
    pub hours: Vec<String>,
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The hours of a week that something was listening in, if only for a part of the hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::review) struct HoursHeard([u32; 7]);

impl HoursHeard {
    /// Takes in one hour: `day` from 0 for Monday, `hour` from 0.
    pub(in crate::review) fn add(&mut self, day: usize, hour: u32) {
        if let Some(day) = self.0.get_mut(day) {
            *day |= 1 << hour;
        }
    }

    /// The others, days that follow each other and have the same hours together.
    pub(in crate::review) fn never(&self) -> Vec<NeverListened> {
        let mut never = Vec::new();
        let days: Vec<(usize, u32)> = self.0.iter().copied().enumerate().collect();
        for same in days.chunk_by(|a, b| a.1 == b.1) {
            let hours = unheard(same[0].1);
            if hours.is_empty() {
                continue;
            }
            let (first, last) = (DAYS[same[0].0], DAYS[same[same.len() - 1].0]);
            let days = match same.len() {
                7 => "every day".to_owned(),
                1 => first.to_owned(),
                _ => format!("{first}-{last}"),
            };
            never.push(NeverListened { days, hours });
        }
        never
    }
}

/// The hours whose bit is not set, as spans.
fn unheard(heard: u32) -> Vec<String> {
    let hours: Vec<u32> = (0..24).filter(|hour| heard & 1 << hour == 0).collect();
    let spans = hours.chunk_by(|a, b| a + 1 == *b);
    spans.map(|span| format!("{:02}:00-{:02}:00", span[0], span[span.len() - 1] + 1)).collect()
}

impl fmt::Display for NeverListened {
    /// `Mon-Fri 00:00-09:00 17:00-24:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.days, self.hours.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn never(heard: &HoursHeard) -> String {
        heard.never().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn days_with_the_same_hours_are_said_together() {
        let mut heard = HoursHeard::default();
        assert_eq!(never(&heard), "every day 00:00-24:00");
        for day in 0..5 {
            (9..17).for_each(|hour| heard.add(day, hour));
        }
        assert_eq!(never(&heard), "Mon-Fri 00:00-09:00 17:00-24:00; Sat-Sun 00:00-24:00");
        (0..24).for_each(|hour| heard.add(6, hour));
        assert_eq!(never(&heard), "Mon-Fri 00:00-09:00 17:00-24:00; Sat 00:00-24:00");
        for day in 0..7 {
            (0..24).for_each(|hour| heard.add(day, hour));
        }
        assert_eq!(never(&heard), "");
    }
}
