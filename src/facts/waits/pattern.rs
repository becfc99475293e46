//! Patterns of a shell: whether a text matches one, and what `${NAME%pattern}` leaves.

/// Whether a text matches a pattern of `*` and `?`; none if the pattern has brackets.
pub(super) fn matches(text: &str, pattern: &str) -> Option<bool> {
    if pattern.contains('[') {
        return None;
    }
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    // The place after the last `*`, and how much of the text it has taken.
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(of) {
            Some('*') => {
                star = Some((of + 1, at));
                of += 1;
            }
            Some(char) if *char == '?' || *char == text[at] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((after, taken)) = star else { return Some(false) };
                star = Some((after, taken + 1));
                (of, at) = (after, taken + 1);
            }
        }
    }
    Some(pattern[of..].iter().all(|char| *char == '*'))
}

/// What an operator such as `%` with its pattern leaves of a text; none if that is not known.
pub(super) fn cut(text: &str, operator: &str, pattern: &str) -> Option<String> {
    if operator.starts_with('/') {
        let (from, to) = pattern.split_once('/').unwrap_or((pattern, ""));
        if from.is_empty() || from.contains(['*', '?', '[', '#', '%']) {
            return None;
        }
        let count = if operator == "//" { usize::MAX } else { 1 };
        return Some(text.replacen(from, to, count));
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // Cubic work is for short texts only.
    if ends.len() > 500 {
        return None;
    }
    let is_long = operator.len() == 2;
    let from_start = operator.starts_with('#');
    let mut order = ends.clone();
    // The shortest prefix ends first, the shortest suffix begins last.
    if from_start == is_long {
        order.reverse();
    }
    for at in order {
        let part = if from_start { &text[..at] } else { &text[at..] };
        if matches(part, pattern)? {
            return Some(if from_start { text[at..].to_owned() } else { text[..at].to_owned() });
        }
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::cut;
    use super::matches;

    #[test]
    fn stars_take_as_much_as_they_must() {
        for (text, pattern, is) in
            [("abc", "a*c", true), ("abc", "*", true), ("abc", "?b?", true), ("abc", "a*b", false), ("", "", true)]
        {
            assert_eq!(matches(text, pattern), Some(is), "{text} {pattern}");
        }
        assert_eq!(matches("a", "[a]"), None);
    }

    #[test]
    fn a_host_is_cut_from_its_port() {
        assert_eq!(cut("db:5432", "%%", ":*").as_deref(), Some("db"));
        assert_eq!(cut("db:5432", "#", "*:").as_deref(), Some("5432"));
        assert_eq!(cut("a:b:c", "##", "*:").as_deref(), Some("c"));
        assert_eq!(cut("a:b:c", "%", ":*").as_deref(), Some("a:b"));
        assert_eq!(cut("a,b,c", "//", ",/ ").as_deref(), Some("a b c"));
        assert_eq!(cut("db", "%", ":*").as_deref(), Some("db"));
    }
}
