//! Quantities of resources, such as `250m`, `1Gi` or `2e3` (apimachinery `resource.Quantity`).

/// What a quantity stands for, in billionths and without loss, rounded up as Kubernetes does; none for what
/// is no quantity or too large for anyone to mean it.
pub fn quantity(text: &str) -> Option<i128> {
    let split = text.find(|char: char| !matches!(char, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let unsigned = number.strip_prefix(['+', '-']).unwrap_or(number);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if unsigned.contains(['+', '-']) {
        return None;
    }
    if whole.len() + fraction.len() > 24 || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let (binary, decimal) = match suffix {
        "" => (0, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        _ => (0, i32::from(suffix.strip_prefix(['e', 'E'])?.parse::<i8>().ok()?)),
    };
    let power = 9 + decimal - i32::try_from(fraction.len()).ok()?;
    let scaled = digits.checked_mul(1 << binary)?;
    let scale = 10_i128.checked_pow(power.unsigned_abs())?;
    let nanos: i128 = if power >= 0 { scaled.checked_mul(scale)? } else { scaled.checked_add(scale - 1)? / scale };
    // Far above any machine, and far below what sums of it could overflow.
    (nanos < 1 << 100).then_some(if number.starts_with('-') { -nanos } else { nanos })
}

#[cfg(test)]
mod tests {
    use super::quantity;

    #[test]
    fn billionths_are_exact_and_rounded_up() {
        assert_eq!(quantity("9m"), quantity("0.009"));
        assert_eq!(quantity("1Gi"), Some(1_073_741_824_000_000_000));
        assert_eq!(quantity("1.5e3"), Some(1_500_000_000_000));
        assert_eq!(quantity("0.1n"), Some(1));
        assert_eq!(quantity("-1"), Some(-1_000_000_000));
        for text in
            ["", ".", "1GB", "1e99", "1e29", "1e2147483647", "1e-2147483648", "1e", "--1", "99999999999999999999E"]
        {
            assert_eq!(quantity(text), None, "{text}");
        }
    }

    #[test]
    fn suffixes_are_powers_of_ten_or_two() {
        assert_eq!(quantity("250m"), Some(250_000_000));
        assert_eq!(quantity("1.5k"), Some(1_500_000_000_000));
        assert_eq!(quantity("1Ki"), Some(1_024_000_000_000));
    }
}
