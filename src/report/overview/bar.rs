//! Small bars.

/// Blocks by eighths of a column.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar that is as long as `share` of `most` columns; what is not nothing is seen.
pub(super) fn bar(share: f64, most: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * most as f64 * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// How much a part is of all, from 0 to 1.
pub(in crate::report) fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// A share in percent; what is not nothing is not 0.
pub(in crate::report) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.0005 { "< 0.1 %".to_owned() } else { format!("{:.1} %", share * 100.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_nothing_is_seen() {
        for (share, expected) in
            [(0.0, ""), (0.000_01, "▏"), (0.5, "██"), (0.53, "██▏"), (1.0, "████"), (7.0, "████")]
        {
            assert_eq!(bar(share, 4), expected, "{share}");
        }
        for (share, expected) in [(0.0, "0.0 %"), (0.000_1, "< 0.1 %"), (0.001, "0.1 %"), (1.0, "100.0 %")] {
            assert_eq!(percent(share), expected);
        }
    }
}
