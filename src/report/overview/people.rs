//! The overview in lines for people.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::bar::{bar, percent, share};
use super::eye::{Catch, CatchKind, MOST_SCANS};
use super::totals::{Amount, Overview};
use crate::foreign;
use crate::label::PORTLESS;
use crate::net::PortRange;
use crate::registry::Status;
use crate::report::head::{
    self, copies, overlapping_captures, same_captures, shown as selected, wild_times, without_ports,
};
use crate::report::summary::Total;
use crate::report::{Style, Times, wrapped};
use crate::text::count;
use crate::traffic::{CopyChoice, ReadLog};

/// The lines of a screen.
const SCREEN: usize = 30;
/// The services that are shown.
const SERVICES: usize = 10;
/// What catches the eye has as many lines at least.
const LEAST_CATCHES: usize = 4;
/// Columns of a bar.
const BAR: usize = 10;
/// Columns of a bar where two blocks stand side by side, the widest first.
const BARS: [usize; 3] = [BAR, 8, 6];
/// Blanks between them.
const GAP: usize = 3;

/// What an overview shows besides its own totals.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The command that lists the flows that the overview is about: `portscribe flows scan.pcap`.
    pub command: &'a str,
    /// Options that it has already: another value of them would select more.
    pub given: &'a [String],
    /// Flows that the selection leaves out.
    pub left_out: u64,
    /// Whether everything that catches the eye is shown, and the services come in a table behind.
    pub all: bool,
    /// How many lines are needed behind: for the note.
    pub behind: usize,
    /// How times are written.
    pub times: &'a Times,
}

/// The overview in lines for a terminal of this style.
pub fn people(overview: &Overview, rows: &[Total], log: &ReadLog, style: Style, shown: Shown) -> Vec<String> {
    let mut page = Page { style, lines: Vec::new() };
    read(&mut page, overview, log, shown);
    page.blank();
    amounts(&mut page, overview);
    if !shown.all && !rows.is_empty() {
        page.blank();
        services(&mut page, overview, rows);
    }
    page.blank();
    catches(&mut page, overview, log, shown);
    page.lines
}

struct Page {
    style: Style,
    lines: Vec<String>,
}

impl Page {
    fn width(&self) -> usize {
        self.style.width.map_or(usize::MAX, usize::from)
    }

    fn blank(&mut self) {
        self.lines.push(String::new());
    }

    fn heading(&mut self, text: &str) {
        self.lines.extend(wrapped(text, self.style.width));
    }

    fn sentence(&mut self, text: &str) {
        self.lines.extend(wrapped(&foreign::line(text), self.style.width));
    }

    fn line(&mut self, line: &str) {
        self.lines.push(foreign::line(line.trim_end()).into_owned());
    }
}

/// What was read, and what of it was not counted.
fn read(page: &mut Page, overview: &Overview, log: &ReadLog, shown: Shown) {
    let captures = log.captures();
    let what = match captures {
        [one] => one.name.clone(),
        _ => count(captures.len() as u64, "capture"),
    };
    page.sentence(&match head::extent(log, shown.times) {
        Some(extent) => format!("{what}: {extent}"),
        None => format!("{what}, without times"),
    });
    let read = log.counters().read();
    page.sentence(&format!(
        "{} read; {}: {}, {}.",
        count(read, "packet"),
        selected(overview.all().flows, shown.left_out, "flow"),
        count(overview.packets(), "packet"),
        count(overview.all().bytes, "byte")
    ));
    if log.counters().uncounted() > 0 {
        let reasons: Vec<String> =
            log.counters().reasons().map(|(reason, packets)| format!("{packets} {reason}")).collect();
        page.sentence(&format!(
            "{} in no flow: {}.",
            count(log.counters().uncounted(), "packet"),
            reasons.join(", ")
        ));
    }
    let faults = captures.iter().filter(|capture| capture.fault.is_some()).count() + log.unopened().len();
    if faults > 0 {
        page.sentence(&format!(
            "{} not read to the end; standard error says why.",
            count(faults as u64, "capture")
        ));
    }
    let counted_twice = (log.settings().copies == CopyChoice::Count).then(|| copies(log.copies())).flatten();
    for line in wild_times(log.counters()).into_iter().chain(counted_twice) {
        page.sentence(&line);
    }
    let same: Vec<String> = same_captures(log).chain(overlapping_captures(log)).collect();
    match same.as_slice() {
        [] => {}
        [one] => page.sentence(one),
        all => page.sentence(&format!(
            "{} captures hold packets of others, and they count twice (--all names them).",
            all.len()
        )),
    }
    if overview.has_left_out_scans() {
        page.sentence(
            "There are too many different addresses and ports to look for scans among all of them.",
        );
    }
}

/// Totals by status and by range, side by side where there is room.
fn amounts(page: &mut Page, overview: &Overview) {
    let all = overview.all();
    let by_status: Vec<(&str, Amount)> =
        overview.statuses().map(|(status, amount)| (status.map_or(PORTLESS, Status::name), amount)).collect();
    let by_range: Vec<(&str, Amount)> =
        overview.ranges().map(|(range, amount)| (range.map_or(PORTLESS, PortRange::name), amount)).collect();
    let widest = |block: &[String]| block.iter().map(|line| line.width()).max().unwrap_or(0);
    let blocks = |most: usize| (block("status", &by_status, all, most), block("range", &by_range, all, most));
    let fits =
        |(left, right): &(Vec<String>, Vec<String>)| widest(left) + GAP + widest(right) <= page.width();
    let side_by_side = BARS.into_iter().map(blocks).find(fits);
    let Some((left, right)) = side_by_side else {
        let (left, right) = blocks(BAR);
        for line in left.iter().chain(&right) {
            page.line(line);
        }
        return;
    };
    let width = widest(&left);
    for n in 0..left.len().max(right.len()) {
        let line = |of: &[String]| of.get(n).cloned().unwrap_or_default();
        page.line(&format!("{}{:GAP$}{}", padded(&line(&left), width), "", line(&right)));
    }
}

fn block(title: &str, rows: &[(&str, Amount)], all: Amount, most: usize) -> Vec<String> {
    let names = rows.iter().map(|(name, _)| name.len()).chain([title.len()]).max().unwrap_or(0);
    let flows = rows.iter().map(|(_, amount)| amount.flows.to_string().len()).chain([5]).max().unwrap_or(0);
    let mut lines = vec![format!(" {title:names$}  {:>flows$}  of bytes", "flows")];
    for (name, amount) in rows {
        let share = share(amount.bytes, all.bytes);
        lines.push(format!(
            " {name:names$}  {:>flows$}  {:>8}  {}",
            amount.flows,
            percent(share),
            bar(share, most)
        ));
    }
    lines
}

/// The services with the most bytes.
fn services(page: &mut Page, overview: &Overview, rows: &[Total]) {
    let all = overview.all();
    let shown: Vec<&Total> = rows.iter().take(SERVICES).collect();
    page.heading(&match rows.len() {
        many if many > SERVICES => {
            format!("The {SERVICES} largest of {many} services and ports (--all has the others):")
        }
        _ => "Services and ports:".to_owned(),
    });
    let cells: Vec<[String; 4]> = shown
        .iter()
        .map(|row| {
            let (key, name) = row.in_brief();
            [key, name, count(row.flows(), "flow"), count(row.bytes(), "byte")]
        })
        .collect();
    let width_of = |n: usize| cells.iter().map(|row| row[n].width()).max().unwrap_or(0);
    // Blanks, the share, and the bar where there is room for it.
    let fixed = 1 + width_of(0) + 2 + 2 + width_of(2) + 2 + width_of(3) + 2 + 7;
    let room = page.width().saturating_sub(fixed);
    let has_bar = room > BAR + 2 + width_of(1).min(12);
    let names = width_of(1).min(room.saturating_sub(if has_bar { BAR + 2 } else { 0 }).max(8));
    for (row, [key, name, flows, bytes]) in shown.iter().zip(&cells) {
        let share = share(row.bytes(), all.bytes);
        let bar = if has_bar { bar(share, BAR) } else { String::new() };
        page.line(&format!(
            " {}  {}  {:>w2$}  {:>w3$}  {:>7}  {bar}",
            padded(key, width_of(0)),
            padded(&shortened(name, names), names),
            flows,
            bytes,
            percent(share),
            w2 = width_of(2),
            w3 = width_of(3),
        ));
    }
}

/// That there are no flows, and what there is in their place.
fn nothing(page: &mut Page, log: &ReadLog, shown: Shown) {
    if shown.left_out > 0 {
        page.sentence("No flow is selected.");
        return;
    }
    match without_ports(log.counters()) {
        Some(line) => page.sentence(&format!("The captures have no flows with ports. {line}")),
        None => page.sentence("The captures have no flows."),
    }
}

/// What catches the eye, with the option that lists it.
fn catches(page: &mut Page, overview: &Overview, log: &ReadLog, shown: Shown) {
    let all = overview.catches();
    if overview.all().flows == 0 {
        nothing(page, log, shown);
        return;
    }
    if all.is_empty() {
        page.sentence(
            "Nothing was found of what is looked for: flags to be looked at, refusals, scans. That does not make the \
             traffic legitimate.",
        );
        return;
    }
    let room = SCREEN.saturating_sub(page.lines.len() + shown.behind + 2).max(LEAST_CATCHES);
    let most = if shown.all { all.len() } else { room.min(all.len()) };
    let more = all.len() - most;
    let more = if more > 0 { format!(" ({more} more with --all)") } else { String::new() };
    page.heading(&format!("What catches the eye{more}, listed by this command and an option:"));
    page.line(&format!("   {}", shown.command));
    let cells: Vec<(String, String, String)> =
        all.iter().take(most).map(|one| (one.flows.to_string(), one.phrase(), option(one, shown))).collect();
    let flows = cells.iter().map(|(flows, ..)| flows.len()).max().unwrap_or(0);
    let phrases = cells.iter().map(|(_, phrase, _)| phrase.width()).max().unwrap_or(0);
    let options = cells.iter().map(|(.., option)| option.width()).max().unwrap_or(0);
    let room = page.width().saturating_sub(1 + flows + 2 + 2 + options).min(phrases);
    for (number, phrase, option) in cells {
        if phrase.width() <= room {
            page.line(&format!(" {number:>flows$}  {}  {option}", padded(&phrase, room)));
        } else {
            let width = page.width().saturating_sub(3 + flows);
            let width = page.style.width.map(|_| u16::try_from(width).unwrap_or(u16::MAX));
            page.line(&format!(" {number:>flows$}  {option}"));
            for line in wrapped(&phrase, width) {
                page.line(&format!("   {:flows$}{line}", ""));
            }
        }
    }
    let scans = overview.scanners().len();
    if scans > MOST_SCANS {
        page.sentence(&format!(
            "{} like a scan; the {MOST_SCANS} that tried most are shown.",
            count(scans as u64, "client")
        ));
    }
}

/// The option that lists what catches the eye; none where the same one selects already.
fn option(one: &Catch, shown: Shown) -> String {
    let (name, value) = one.option();
    let each = if matches!(one.kind, CatchKind::Scan(_)) { " --scans" } else { "" };
    if shown.given.iter().any(|given| given == name) {
        "-".to_owned()
    } else {
        format!("--{name} {value}{each}")
    }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// A text of no more columns than these.
fn shortened(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let (mut short, mut width) = (String::new(), 1);
    for letter in text.chars() {
        width += letter.width().unwrap_or(0);
        if width > most {
            break;
        }
        short.push(letter);
    }
    format!("{short}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_ends_in_a_mark() {
        assert_eq!(shortened("ms-wbt-server", 20), "ms-wbt-server");
        assert_eq!(shortened("ms-wbt-server", 7), "ms-wbt…");
    }
}
