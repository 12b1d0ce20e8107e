//! Numbers as people read them.

/// `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `512 B`, `1.5 kB`, `12.3 MB`: by powers of 1,000.
pub(super) fn bytes(number: u64) -> String {
    let mut scaled = number as f64;
    if number < 1_000 {
        return format!("{number} B");
    }
    for unit in ["kB", "MB", "GB", "TB", "PB"] {
        scaled /= 1_000.0;
        // Before it is rounded to the next unit.
        if scaled < 999.95 {
            return format!("{scaled:.1} {unit}");
        }
    }
    format!("{:.1} EB", scaled / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_bytes_scaled() {
        for (number, digits, scaled) in [
            (0, "0", "0 B"),
            (999, "999", "999 B"),
            (1_000, "1,000", "1.0 kB"),
            (999_949, "999,949", "999.9 kB"),
            (999_950, "999,950", "1.0 MB"),
            (12_345_678, "12,345,678", "12.3 MB"),
            (u64::MAX, "18,446,744,073,709,551,615", "18.4 EB"),
        ] {
            assert_eq!((grouped(number).as_str(), bytes(number).as_str()), (digits, scaled));
        }
    }
}
