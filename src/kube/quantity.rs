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

#[cfg(test)]
mod tests {
    use super::quantity;

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
