//! Times as programs are given them.

/// Seconds of `5`, `0.5`, `1m`, rounded up; the largest number for `infinity`.
pub(super) fn duration(text: &str) -> Option<u64> {
    if text == "infinity" || text == "inf" {
        return Some(u64::MAX);
    }
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    if digits.contains(|char: char| char.is_ascii_alphabetic()) {
        return compound(text);
    }
    let factor = match &text[digits.len()..] {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    let number: f64 = digits.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within bounds")]
    (0.0..1e9).contains(&number).then(|| (number * factor).ceil() as u64)
}

/// `1m30s`, as programs in Go take it.
fn compound(text: &str) -> Option<u64> {
    let at = text.find(|char: char| char.is_ascii_alphabetic())?;
    let end = at + text[at..].find(|char: char| !char.is_ascii_alphabetic())?;
    let (first, rest) = text.split_at(end);
    duration(first)?.checked_add(duration(rest)?)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_rounded_up() {
        for (text, seconds) in
            [("5", Some(5)), ("0.5", Some(1)), ("2m", Some(120)), ("1m30s", Some(90)), ("500ms", Some(1)), ("x", None)]
        {
            assert_eq!(duration(text), seconds, "{text}");
        }
    }
}
