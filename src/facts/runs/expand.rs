//! What the kubelet makes of `$(NAME)` and `$$`.
//!
//! Rule: `third_party/forked/golang/expansion` of Kubernetes, observed with 1.36: `$$` becomes `$`, a name ends
//! at the first `)`, a name that is not known stays with its parentheses, and so does everything else. What was
//! filled in is not expanded again.

use std::ops::Range;

use crate::facts::runs::value::Value;

/// What a part of a text becomes.
pub(super) enum Part {
    /// These bytes of it.
    Copied(Range<usize>),
    /// The value of a variable.
    Value(Value),
}

/// The parts of a text, each with the bytes that it comes from; `lookup` gives none for what is no variable.
pub(super) fn expand(text: &str, lookup: impl Fn(&str) -> Option<Value>) -> Vec<(Range<usize>, Part)> {
    let mut parts = Vec::new();
    // What is before this is done.
    let mut start = 0;
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|dollar| at + dollar) {
        let rest = &text[dollar + 1..];
        at = dollar + 1;
        if rest.starts_with('$') {
            // The first one goes; what follows the second one is as if it were not there.
            copy(&mut parts, start..at);
            start = at + 1;
            at = start;
        } else if let Some(inner) = rest.strip_prefix('(') {
            // What is not closed here is not closed further on either.
            let Some(close) = inner.find(')') else { break };
            let end = dollar + 3 + close;
            if let Some(value) = lookup(&inner[..close]) {
                copy(&mut parts, start..dollar);
                parts.push((dollar..end, Part::Value(value)));
                start = end;
            }
            at = end;
        }
    }
    copy(&mut parts, start..text.len());
    parts
}

fn copy(parts: &mut Vec<(Range<usize>, Part)>, range: Range<usize>) {
    if !range.is_empty() {
        parts.push((range.clone(), Part::Copied(range)));
    }
}

#[cfg(test)]
mod tests {
    use super::Part;
    use super::expand;
    use crate::facts::runs::value::Value;

    fn expanded(text: &str) -> String {
        let value = |name: &str| match name {
            "A" => Some("a"),
            "B" => Some("$(A)"),
            "E" => Some(""),
            _ => None,
        };
        let parts = expand(text, |name| value(name).map(|value| Value::text(value, None)));
        let part = |part| match part {
            Part::Copied(range) => text[range].to_owned(),
            Part::Value(value) => value.literal().unwrap(),
        };
        parts.into_iter().map(|(_, made)| part(made)).collect()
    }

    /// Observed with the expansion code of Kubernetes 1.36.
    #[test]
    fn the_kubelet_expands_so() {
        let observed = [
            ("$(A)", "a"),
            ("x$(A)y$(A)", "xaya"),
            ("$(B)", "$(A)"),
            ("$(E)", ""),
            ("$(X)", "$(X)"),
            ("$()", "$()"),
            ("$$", "$"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$a"),
            ("$$$$(A)", "$$(A)"),
            ("$$$$", "$$"),
            ("$$$", "$$"),
            ("echo $$; $(A)", "echo $; a"),
            ("$(cat $(A))", "$(cat $(A))"),
            ("$(cat x) $(A)", "$(cat x) a"),
            ("$A ${A} $", "$A ${A} $"),
            ("$(A", "$(A"),
            ("$(A $(A) $(A)", "$(A $(A) a"),
            ("é$(A)é$", "éaé$"),
            ("$", "$"),
            ("", ""),
        ];
        for (text, expected) in observed {
            assert_eq!(expanded(text), expected, "{text}");
        }
    }
}
