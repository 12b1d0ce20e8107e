//! Traffic over time, stacked by status.

use maud::{Markup, PreEscaped, html};
use svg::Node as _;
use svg::node::element::{Rectangle, SVG};

use super::mark::{Conditions, mark};
use super::words::{bytes, grouped};
use crate::capture::Timestamp;
use crate::label::STATUSES;
use crate::traffic::{LabelledFlow, ReadLog};

/// Bars at most.
const MOST_BARS: i64 = 120;
const MILLISECOND: i64 = 1_000_000;
const SECOND: i64 = 1_000 * MILLISECOND;
/// Spans of a bar, in nanoseconds: those that clocks and calendars have marks for.
const SPANS: [i64; 31] = [
    MILLISECOND,
    2 * MILLISECOND,
    5 * MILLISECOND,
    10 * MILLISECOND,
    20 * MILLISECOND,
    50 * MILLISECOND,
    100 * MILLISECOND,
    200 * MILLISECOND,
    500 * MILLISECOND,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    60 * SECOND,
    120 * SECOND,
    300 * SECOND,
    600 * SECOND,
    900 * SECOND,
    1_800 * SECOND,
    3_600 * SECOND,
    7_200 * SECOND,
    10_800 * SECOND,
    21_600 * SECOND,
    43_200 * SECOND,
    86_400 * SECOND,
    2 * 86_400 * SECOND,
    7 * 86_400 * SECOND,
    14 * 86_400 * SECOND,
    28 * 86_400 * SECOND,
];
/// The chart's own coordinates, which a browser stretches to the room that there is.
const HEIGHT: f64 = 200.0;
const BAR: f64 = 10.0;

/// Flows by the span in which they began.
pub(super) struct Periods {
    /// When the first bar begins, in nanoseconds since 1970.
    begin: i64,
    span: i64,
    bars: Vec<Bar>,
    /// Flows without a time.
    timeless: u64,
}

#[derive(Clone, Default)]
struct Bar {
    flows: u64,
    /// By status, in the order of [`STATUSES`].
    bytes: [u64; STATUSES.len()],
}

impl Bar {
    fn all(&self) -> u64 {
        self.bytes.iter().sum()
    }
}

impl Periods {
    /// Of the time that captures cover.
    pub(super) fn of(log: &ReadLog) -> Periods {
        let first = log.captures().iter().filter_map(|capture| capture.first_seen).min();
        let last = log.captures().iter().filter_map(|capture| capture.last_seen).max();
        let Some((first, last)) = first.zip(last) else {
            return Periods { begin: 0, span: SECOND, bars: Vec::new(), timeless: 0 };
        };
        Periods::between(first.nanoseconds(), last.nanoseconds())
    }

    fn between(first: i64, last: i64) -> Periods {
        let number = |span: i64| last.div_euclid(span).saturating_sub(first.div_euclid(span)) + 1;
        let widest = SPANS[SPANS.len() - 1];
        let span = SPANS.into_iter().find(|&span| number(span) <= MOST_BARS).unwrap_or_else(|| {
            // Of wild times: so many of the widest that the bars suffice.
            widest.saturating_mul(number(widest) / MOST_BARS + 1)
        });
        let bars = number(span).clamp(1, MOST_BARS + 1);
        Periods {
            begin: first.div_euclid(span).saturating_mul(span),
            span,
            bars: vec![Bar::default(); bars as usize],
            timeless: 0,
        }
    }

    pub(super) fn add(&mut self, row: &LabelledFlow, bytes: u64) {
        let place = STATUSES.iter().position(|name| *name == row.label.status_name());
        let bar = row.flow.first_seen().and_then(|time| {
            let number = time.nanoseconds().saturating_sub(self.begin).div_euclid(self.span);
            self.bars.get_mut(usize::try_from(number).ok()?)
        });
        let (Some(bar), Some(place)) = (bar, place) else {
            self.timeless += 1;
            return;
        };
        bar.flows += 1;
        bar.bytes[place] += bytes;
    }

    fn time(&self, bar: usize) -> Timestamp {
        Timestamp::from_nanoseconds(self.begin.saturating_add(self.span.saturating_mul(bar as i64)))
    }

    /// In microseconds, as the data of the table has times.
    fn conditions(&self, bar: usize) -> Conditions {
        let at = |bar| self.time(bar).nanoseconds().div_euclid(1_000);
        Conditions::began(at(bar), at(bar + 1))
    }

    pub(super) fn section(&self) -> Markup {
        let most = self.bars.iter().map(Bar::all).max().unwrap_or(0);
        let statuses: Vec<(usize, &str)> = (STATUSES.iter().enumerate())
            .filter(|(n, _)| self.bars.iter().any(|bar| bar.bytes[*n] > 0))
            .map(|(n, name)| (n, *name))
            .collect();
        html! {
            section #time {
                h2 { "Over time" }
                @if most == 0 {
                    p { "There are no flows with times." }
                } @else {
                    p {
                        "Bytes of flows by when they began, in steps of " (span_in_words(self.span)) " (UTC), stacked by the status of \
                         the server's port. All bytes of a flow count where it began: when each of them came is not kept."
                        @if self.timeless > 0 { " " (crate::text::count(self.timeless, "flow")) " without a time that fits." }
                    }
                    div.chart data-begin=(self.begin.div_euclid(1_000)) data-span=(self.span / 1_000) data-bars=(self.bars.len()) {
                        p.axis aria-hidden="true" { (bytes(most)) }
                        figure { (PreEscaped(self.chart(most).to_string())) }
                        p.axis.ends aria-hidden="true" {
                            span { (in_words(self.time(0))) }
                            span { (in_words(self.time(self.bars.len()))) }
                        }
                    }
                    ul.legend aria-label="Statuses in the chart" {
                        @for (n, name) in &statuses {
                            li { span class=(format!("key status-{n}")) aria-hidden="true" {} (mark(&Conditions::status(name), &format!("status {name}"), name)) }
                        }
                    }
                    form.span hidden[true] {
                        fieldset {
                            legend { "Show flows that began (UTC)" }
                            label { "from " input type="datetime-local" step="1" name="from"; }
                            label { "to " input type="datetime-local" step="1" name="to"; }
                            button type="submit" { "Show" }
                        }
                    }
                    details {
                        summary { "The chart as a table" }
                        table.stack {
                            thead {
                                tr {
                                    th scope="col" { "from" } th scope="col" { "flows" } th scope="col" { "bytes" }
                                    @for (_, name) in &statuses { th scope="col" { (name) } }
                                }
                            }
                            tbody {
                                @for (n, bar) in self.bars.iter().enumerate().filter(|(_, bar)| bar.flows > 0) {
                                    @let from = in_words(self.time(n));
                                    tr {
                                        th scope="row" { (mark(&self.conditions(n), &format!("began from {from}"), &from)) }
                                        td.number data-head="flows" { (grouped(bar.flows)) }
                                        td.number data-head="bytes" { (grouped(bar.all())) }
                                        @for (status, name) in &statuses {
                                            td.number data-head=(name) { (grouped(bar.bytes[*status])) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn chart(&self, most: u64) -> SVG {
        let width = self.bars.len() as f64 * BAR;
        let mut chart = SVG::new()
            .set("viewBox", (0, 0, width, HEIGHT))
            .set("preserveAspectRatio", "none")
            .set("role", "img")
            .set("aria-label", "Bytes over time by status; the table below has the numbers");
        for (n, bar) in self.bars.iter().enumerate() {
            let mut below = HEIGHT;
            for (status, &part) in bar.bytes.iter().enumerate().filter(|(_, part)| **part > 0) {
                let height = part as f64 / most as f64 * HEIGHT;
                below -= height;
                let rectangle = Rectangle::new()
                    .set("x", n as f64 * BAR + 0.5)
                    .set("y", format!("{below:.2}"))
                    .set("width", BAR - 1.0)
                    // What is not nothing is seen.
                    .set("height", format!("{:.2}", height.max(0.5)))
                    .set("class", format!("status-{status}"));
                chart.append(rectangle);
            }
        }
        chart
    }
}

fn in_words(time: Timestamp) -> String {
    let text = time.to_string();
    let text = text.trim_end_matches('Z').replace('T', " ");
    match text.split_once('.') {
        Some((second, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() { second.to_owned() } else { format!("{second}.{fraction}") }
        }
        None => text,
    }
}

fn span_in_words(span: i64) -> String {
    let words = |number: i64, unit: &str| {
        if number == 1 { format!("one {unit}") } else { format!("{number} {unit}s") }
    };
    match span / SECOND {
        0 => words(span / MILLISECOND, "millisecond"),
        seconds @ 1..60 => words(seconds, "second"),
        seconds @ 60..3_600 => words(seconds / 60, "minute"),
        seconds @ 3_600..86_400 => words(seconds / 3_600, "hour"),
        seconds => words(seconds / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_those_that_clocks_have_marks_for() {
        let of = |first: i64, last: i64| {
            let periods = Periods::between(first, last);
            (periods.begin, span_in_words(periods.span), periods.bars.len())
        };
        assert_eq!(of(0, 0), (0, "one millisecond".to_owned(), 1));
        assert_eq!(of(5, 119 * MILLISECOND), (0, "one millisecond".to_owned(), 120));
        assert_eq!(of(0, 120 * MILLISECOND), (0, "2 milliseconds".to_owned(), 61));
        assert_eq!(of(90 * SECOND, 150 * SECOND), (90 * SECOND, "one second".to_owned(), 61));
        assert_eq!(of(0, 86_399 * SECOND), (0, "15 minutes".to_owned(), 96));
        assert_eq!(of(-1, 86_400 * 365 * SECOND), (-7 * 86_400 * SECOND, "7 days".to_owned(), 54));
        // Times that no clock showed.
        let (begin, _, bars) = of(i64::MIN, i64::MAX);
        assert!(begin <= 0 && bars <= 122, "{begin} {bars}");
    }
}
