//! Quantities of resources, such as `250m`, `1Gi` or `2e3` (apimachinery `resource.Quantity`).

/// The number that a quantity stands for, if the text is one.
pub fn quantity(text: &str) -> Option<f64> {
    let split = text.find(|char: char| !matches!(char, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    if suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| exponent.parse::<i32>().is_ok()) {
        return text.parse().ok();
    }
    let number: f64 = number.parse().ok()?;
    let (base, power): (f64, i32) = match suffix {
        "" => (10.0, 0),
        "n" => (10.0, -9),
        "u" => (10.0, -6),
        "m" => (10.0, -3),
        "k" => (10.0, 3),
        "M" => (10.0, 6),
        "G" => (10.0, 9),
        "T" => (10.0, 12),
        "P" => (10.0, 15),
        "E" => (10.0, 18),
        "Ki" => (2.0, 10),
        "Mi" => (2.0, 20),
        "Gi" => (2.0, 30),
        "Ti" => (2.0, 40),
        "Pi" => (2.0, 50),
        "Ei" => (2.0, 60),
        _ => return None,
    };
    Some(number * base.powi(power))
}

/// The same in billionths and without loss, rounded up as Kubernetes does; none for what is no quantity
/// or too large for anyone to mean it.
pub fn nano_quantity(text: &str) -> Option<i128> {
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
    use super::nano_quantity;
    use super::quantity;

    #[test]
    fn billionths_are_exact_and_rounded_up() {
        assert_eq!(nano_quantity("9m"), nano_quantity("0.009"));
        assert_eq!(nano_quantity("1Gi"), Some(1_073_741_824_000_000_000));
        assert_eq!(nano_quantity("1.5e3"), Some(1_500_000_000_000));
        assert_eq!(nano_quantity("0.1n"), Some(1));
        assert_eq!(nano_quantity("-1"), Some(-1_000_000_000));
        for text in
            ["", ".", "1GB", "1e99", "1e29", "1e2147483647", "1e-2147483648", "1e", "--1", "99999999999999999999E"]
        {
            assert_eq!(nano_quantity(text), None, "{text}");
        }
    }

    #[test]
    fn suffixes_are_powers_of_ten_or_two() {
        assert_eq!(quantity("250m"), Some(0.25));
        assert_eq!(quantity("1Gi"), Some(1_073_741_824.0));
        assert_eq!(quantity("2e3"), Some(2000.0));
        assert_eq!(quantity("1.5k"), Some(1500.0));
        assert_eq!(quantity("1GB"), None);
        assert_eq!(quantity(""), None);
    }
}
