//! What `{a,b}` and `{1..3}` stand for.

/// How many digits a number of a sequence may have.
const MAX_WIDTH: usize = 20;

/// The words that the inside of braces stands for, at most so many. None where what is within is more than text.
pub fn alternatives(within: &str, most: usize) -> Option<Vec<String>> {
    if let Some(sequence) = sequence(within, most) {
        return Some(sequence);
    }
    if within.contains(['{', '}', '$', '`', '\\', '\'', '"']) {
        return None;
    }
    Some(within.split(',').take(most).map(str::to_owned).collect())
}

/// `1..3`, `03..1`, `a..e`, each with a step perhaps.
fn sequence(within: &str, most: usize) -> Option<Vec<String>> {
    let mut parts = within.split("..");
    let (first, last) = (parts.next()?, parts.next()?);
    let step = parts.next().map_or(Some(1), |step| step.parse::<i64>().ok())?;
    let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX).max(1);
    if parts.next().is_some() {
        return None;
    }
    let letter = |text: &str| match text.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(i64::from(*letter)),
        _ => None,
    };
    let ends = letter(first).zip(letter(last));
    let is_letters = ends.is_some();
    let (from, to): (i64, i64) = ends.or_else(|| first.parse().ok().zip(last.parse().ok()))?;
    // A zero before it says how wide all of them are.
    let digits = |text: &str| text.trim_start_matches(['-', '+']).len();
    let is_wide = |text: &&str| digits(text) > 1 && text.trim_start_matches(['-', '+']).starts_with('0');
    let has_zeros = [first, last].iter().any(is_wide);
    let width = if has_zeros { first.len().max(last.len()).min(MAX_WIDTH) } else { 0 };
    let word = |number: i64| match u8::try_from(number) {
        Ok(letter) if is_letters => char::from(letter).to_string(),
        _ => format!("{number:0width$}"),
    };
    let count = from.abs_diff(to);
    let steps = (0..=count).step_by(step).take(most);
    let at = |offset: u64| {
        if from <= to { from.saturating_add_unsigned(offset) } else { from.saturating_sub_unsigned(offset) }
    };
    Some(steps.map(|offset| word(at(offset))).collect())
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    /// Observed with bash 5.2.
    #[test]
    fn braces_stand_for_words() {
        for (within, words) in [
            ("a,b", "a b"),
            ("a,,b", "a  b"),
            ("1..3", "1 2 3"),
            ("3..1", "3 2 1"),
            ("1..7..3", "1 4 7"),
            ("1..7..-3", "1 4 7"),
            ("08..11", "08 09 10 11"),
            ("-1..1", "-1 0 1"),
            ("a..c", "a b c"),
            ("9223372036854775806..9223372036854775807", "9223372036854775806 9223372036854775807"),
        ] {
            assert_eq!(alternatives(within, 10).unwrap().join(" "), words, "{within}");
        }
        assert_eq!(alternatives("$a,b", 10), None);
        assert_eq!(alternatives("-9223372036854775808..9223372036854775807", 3).unwrap().len(), 3);
    }
}
