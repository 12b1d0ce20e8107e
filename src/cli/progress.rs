//! How far a reading has come, in words that fit a terminal of 60 columns.

use std::time::Duration;

/// How much was read, of how much, in what time.
#[derive(Clone, Copy)]
pub(super) struct Speed {
    pub(super) bytes: u64,
    pub(super) of: Option<u64>,
    pub(super) after: Duration,
}

/// Columns for the name of the capture.
const NAME: usize = 12;

/// The name of a capture, shortened in the middle.
pub(super) fn name(text: &str) -> String {
    let text = text.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or(text);
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= NAME {
        return text.to_owned();
    }
    let (before, behind) = (NAME / 2 - 1, NAME / 2);
    let end = &letters[letters.len() - behind..];
    letters[..before].iter().chain(['\u{2026}'].iter()).chain(end).collect()
}

/// Packets, bytes a second, and the time that is left where the length is known.
pub(super) fn in_words(packets: u64, speed: Speed) -> String {
    let seconds = speed.after.as_secs_f64();
    let mut text = format!("{} packets", grouped(packets));
    if seconds < 0.5 || speed.bytes == 0 {
        return text;
    }
    let rate = speed.bytes as f64 / seconds;
    text = format!("{text} {}/s", short(rate));
    if let Some(left) = speed.of.map(|of| of.saturating_sub(speed.bytes) as f64 / rate) {
        text = format!("{text} {}", clock(left as u64));
    }
    text
}

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in three digits.
fn short(bytes: f64) -> String {
    let (mut number, mut unit) = (bytes, "B");
    for larger in ["kB", "MB", "GB", "TB"] {
        if number < 999.5 {
            break;
        }
        (number, unit) = (number / 1000.0, larger);
    }
    if number < 9.95 && unit != "B" { format!("{number:.1} {unit}") } else { format!("{number:.0} {unit}") }
}

/// Minutes and seconds that are left; hours, where there are any.
fn clock(seconds: u64) -> String {
    match seconds / 3600 {
        0 => format!("-{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("-{hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(packets: u64, bytes: u64, of: Option<u64>, seconds: u64) -> String {
        in_words(packets, Speed { bytes, of, after: Duration::from_secs(seconds) })
    }

    #[test]
    fn progress_has_packets_rate_and_time_left() {
        assert_eq!(words(0, 0, Some(100), 0), "0 packets");
        assert_eq!(words(1_234_567, 2_000_000, Some(8_000_000), 2), "1,234,567 packets 1.0 MB/s -0:06");
        assert_eq!(words(999, 500, None, 10), "999 packets 50 B/s");
        assert_eq!(words(1000, 123_456_789, Some(1_000_000_000_000), 1), "1,000 packets 123 MB/s -2 h");
    }

    #[test]
    fn a_line_fits_sixty_columns() {
        let message = words(9_999_999_999, 999_000_000_000, Some(9_000_000_000_000), 999);
        let name = name("/captures/a-very-long-name-of-a-capture.pcapng");
        assert_eq!(name, "a-ver\u{2026}pcapng");
        // The name, six columns of bar, the part of a hundred, and blanks between them.
        let line = format!("{name} {} 100% {message}", "#".repeat(6));
        assert!(line.chars().count() <= 60, "{line}");
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }
}
