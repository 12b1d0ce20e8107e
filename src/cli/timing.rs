//! `--time`, `--since` and `--until`: how times are written and read, and which are meant.

use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;

use super::args::{TimeForm, Timing, When};
use super::input::Sources;
use super::{Failure, say};
use crate::capture::Timestamp;
use crate::flow::FlowOptions;
use crate::report::{Format, Times};
use crate::traffic::ReadLog;

/// The clock that times are read by, and the form in which they are written.
pub(super) struct Clock {
    form: TimeForm,
    zone: TimeZone,
}

impl Clock {
    /// UTC.
    pub(super) fn utc() -> Clock {
        Clock { form: TimeForm::Utc, zone: TimeZone::UTC }
    }

    /// What the option asks for, for a result of this format.
    pub(super) fn of(timing: &Timing, format: Format) -> Result<Clock, Failure> {
        let form = timing.time_form;
        let is_number = matches!(form, TimeForm::Relative | TimeForm::Epoch);
        if is_number && matches!(format, Format::Json | Format::Ndjson) {
            return Err(Failure::Usage(format!(
                "--time relative and epoch are for tables and csv: times of --format {} are RFC 3339, as its schema says; \
                 use --time utc or local",
                format.name()
            )));
        }
        if form != TimeForm::Utc && format.is_binary() {
            return Err(Failure::Usage(format!(
                "--time is for text: times of --format {} are points in time, which programs show in any zone",
                format.name()
            )));
        }
        let zone = match form {
            TimeForm::Local => TimeZone::try_system().map_err(|error| {
                Failure::failed(format_args!(
                    "--time local: the time zone is not known ({error}); name it in TZ, such as TZ=Europe/Berlin"
                ))
            })?,
            _ => TimeZone::UTC,
        };
        Ok(Clock { form, zone })
    }

    /// How times are written when these captures have been read.
    pub(super) fn times(&self, log: &ReadLog) -> Times {
        match self.form {
            TimeForm::Utc => Times::Utc,
            TimeForm::Local => Times::In(self.zone.clone()),
            TimeForm::Epoch => Times::Epoch,
            TimeForm::Relative => {
                let first = log.captures().iter().filter_map(|capture| capture.first_seen).min();
                first.map_or(Times::Utc, Times::After)
            }
        }
    }

    /// How times are written while captures are read, of which the first packet is not known then.
    pub(super) fn times_at_once(&self) -> Result<Times, Failure> {
        match self.form {
            TimeForm::Utc => Ok(Times::Utc),
            TimeForm::Local => Ok(Times::In(self.zone.clone())),
            TimeForm::Epoch => Ok(Times::Epoch),
            TimeForm::Relative => Err(Failure::Usage(
                "--time relative needs the first packet of all captures, and --order end writes rows before: use --time \
                 epoch"
                    .to_owned(),
            )),
        }
    }

    /// Cuts out the time that is asked for. Captures are read for that where a time stands to them: after rights have
    /// been given up.
    pub(super) fn cut(
        &self,
        options: &mut FlowOptions,
        (since, until): (Option<When>, Option<When>),
        sources: &Sources,
        is_quiet: bool,
    ) {
        let mut extent = None;
        let mut point = |option: &str, when: Option<When>| {
            let when = when?;
            match when {
                When::At(time) => return Some(time),
                When::Civil(time) => return Some(self.point(time)),
                When::TimeOfDay(_) | When::BeforeEnd(_) | When::AfterBegin(_) => {}
            }
            let needs_end = [since, until].iter().any(|one| matches!(one, Some(When::BeforeEnd(_))));
            let extent = *extent.get_or_insert_with(|| sources.extent(needs_end));
            let is_live = extent.is_none();
            let (first, last) = extent.unwrap_or_else(|| (now(), now()));
            let time = match when {
                When::TimeOfDay(time) => self.point(self.day_of(first).to_datetime(time)),
                When::BeforeEnd(span) => after(last, span, -1),
                When::AfterBegin(span) => after(first, span, 1),
                When::At(time) => time,
                When::Civil(time) => self.point(time),
            };
            if is_live && !is_quiet {
                let times = match self.form {
                    TimeForm::Local => Times::In(self.zone.clone()),
                    _ => Times::Utc,
                };
                say(format_args!(
                    "--{option} {when} is {}: what comes from standard input or a pipe is taken to be live",
                    times.to_the_second(time)
                ));
            }
            Some(time)
        };
        options.since = point("since", since);
        options.until = point("until", until);
    }

    /// A time that this clock shows. One that it shows twice is the first; one that it leaves out, a later one.
    fn point(&self, time: jiff::civil::DateTime) -> Timestamp {
        let zoned = time.to_zoned(self.zone.clone()).map(|zoned| zoned.timestamp());
        let outside = Timestamp::from_nanoseconds(if time.year() < 2000 { i64::MIN } else { i64::MAX });
        zoned.ok().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or(outside)
    }

    fn day_of(&self, time: Timestamp) -> jiff::civil::Date {
        let point = jiff::Timestamp::from_nanosecond(i128::from(time.nanoseconds())).unwrap_or_default();
        self.zone.to_datetime(point).date()
    }
}

fn after(time: Timestamp, span: Duration, sign: i64) -> Timestamp {
    let span = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
    Timestamp::from_nanoseconds(time.nanoseconds().saturating_add(span.saturating_mul(sign)))
}

fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::from_nanoseconds(i64::MAX))
}
