//! Text that goes into rulesets, and figures that several outputs show.

use super::super::{Coverage, Edge, InUse};

/// The longest comment that nftables takes, in octets.
pub(super) const MOST_COMMENT: usize = 128;

/// Text as every ruleset takes it within quotes: ASCII letters, digits and a few signs that end no
/// string and no comment in any of them, at most [`MOST_COMMENT`] octets. What is left out shows as
/// `?`, line ends as blanks.
pub(super) fn comment(text: &str) -> String {
    let stays = |c: char| c.is_ascii_alphanumeric() || " .,:;/_-()+@%'?".contains(c);
    let mut text: String = plain(text).chars().map(|c| if stays(c) { c } else { '?' }).collect();
    text.truncate(MOST_COMMENT);
    text
}

/// Text for a line that is a comment to its end: printable ASCII, at any length.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' | '`' => '\'',
            ' '..='~' => c,
            c if c.is_whitespace() => ' ',
            _ => '?',
        })
        .collect()
}

/// What a service is called: its registered name, or the status of its port.
pub(super) fn service(edge: &Edge) -> &str {
    if edge.registry.service.is_empty() { &edge.registry.status } else { &edge.registry.service }
}

/// The flows whose grade counts as in use.
pub(super) fn flows_in_use(edge: &Edge) -> u64 {
    edge.evidence
        .grades
        .iter()
        .filter(|(grade, _)| grade.in_use() == InUse::Yes)
        .map(|(_, flows)| flows)
        .sum()
}

/// `1 flow`, `2 flows`.
pub(super) fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// A stretch of time in the largest unit that it fills: `6.7 s`, `2.5 h`, `42 days`.
pub(super) fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 120.0 => (s, "s"),
        s if s < 7200.0 => (s / 60.0, "min"),
        s if s < 172_800.0 => (s / 3600.0, "h"),
        s => (s / 86_400.0, "days"),
    };
    let tenths = (value * 10.0).round() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0} {unit}") } else { format!("{tenths:.1} {unit}") }
}

/// A share in percent with the digits that it needs: `17 %`, `0.7 %`, `0.0002 %`.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 9.95 || percent <= 0.0 {
        return format!("{percent:.0} %");
    }
    // One digit that is not nought, at most six places.
    let places = (1..6).find(|&places| percent * 10_f64.powi(places) >= 0.95).unwrap_or(6);
    format!("{percent:.*} %", places as usize)
}

/// `6.7 s of capture (0.0002 % of the 42-day window)`.
pub(super) fn coverage(coverage: &Coverage) -> String {
    let share = if coverage.window_seconds > 0.0 {
        (coverage.covered_seconds / coverage.window_seconds).min(1.0)
    } else {
        1.0
    };
    let window = duration(coverage.window_seconds).replace(" days", "-day").replace(' ', "-");
    format!("{} of capture ({} of the {window} window)", duration(coverage.covered_seconds), percent(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_ascii_without_quotes_and_fits() {
        assert_eq!(comment("a\"b\\c`d\ne\u{202e}é\u{0}\t~"), "a'b'c'd e??? ?");
        assert_eq!(
            comment("http-alt (8080/tcp), 9 + 1: */ --> <b> $x {y} #"),
            "http-alt (8080/tcp), 9 + 1: ?/ --? ?b? ?x ?y? ?"
        );
        assert_eq!(plain("a\"b\\c`d\ne\u{202e}*/ é~"), "a'b'c'd e?*/ ?~");
        assert_eq!(comment(&"é".repeat(200)), "?".repeat(128));
        assert_eq!(plain(&"x".repeat(200)).len(), 200);
    }

    #[test]
    fn durations_and_shares_have_the_digits_that_matter() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (6.66, "6.7 s"),
            (119.0, "119 s"),
            (600.0, "10 min"),
            (5400.0, "90 min"),
            (90_000.0, "25 h"),
            (604_800.0, "7 days"),
            (3_628_800.0, "42 days"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        for (share, text) in [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.1667, "17 %"),
            (0.0069, "0.7 %"),
            (0.000_002, "0.0002 %"),
            (0.99, "99 %"),
            (0.033, "3.3 %"),
            (1e-12, "0.000000 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }
}
