//! The kubelet's expansion of `$(NAME)` and `$$` in a text, without any values.
//!
//! Rule: `third_party/forked/golang/expansion` of Kubernetes, observed with 1.36: `$$` becomes `$`, a
//! name ends at the first `)`, everything else stays. `$NAME` and `${NAME}` are for shells.

use std::ops::Range;

/// The names referred to, each with the bytes of its `$(NAME)`.
pub(super) fn references(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|dollar| at + dollar) {
        let rest = &text[dollar + 1..];
        at = dollar + 1;
        if rest.starts_with('$') {
            at += 1;
        } else if let Some(inner) = rest.strip_prefix('(') {
            // What is not closed here is not closed further on either.
            let Some(close) = inner.find(')') else { break };
            at = dollar + 3 + close;
            found.push((&inner[..close], dollar..at));
        }
    }
    found
}

/// Where exactly two dollars stand side by side, and the characters before and after them. Four are
/// two that somebody has escaped.
pub(super) fn double_dollars(text: &str) -> Vec<(Range<usize>, Option<char>, Option<char>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('$').map(|dollar| at + dollar) {
        let rest = &text[start..];
        at = start + rest.len() - rest.trim_start_matches('$').len();
        if at - start == 2 {
            found.push((start..at, text[..start].chars().next_back(), text[at..].chars().next()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::double_dollars;
    use super::references;

    fn names(text: &str) -> Vec<&str> {
        references(text).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_name_ends_at_the_first_parenthesis() {
        assert_eq!(names("redis://$(HOST):$(PORT)"), ["HOST", "PORT"]);
        assert_eq!(names("$(cat $(A))"), ["cat $(A"]);
        assert_eq!(names("$A ${B} $$(C) $(D"), [""; 0]);
        assert_eq!(names("$$$(A)"), ["A"]);
        assert_eq!(references("x$(é)")[0].1, 1..6);
    }

    #[test]
    fn only_pairs_of_dollars_count() {
        let pairs = double_dollars("$$ a$$b $$$$ $ $$$");
        assert_eq!(pairs, [(0..2, None, Some(' ')), (4..6, Some('a'), Some('b'))]);
    }
}
