//! What the kubelet makes of `$(NAME)` and `$$`.
//!
//! Rule: `third_party/forked/golang/expansion` of Kubernetes, observed with 1.36: `$$` becomes `$`, a name ends
//! at the first `)`, a name that is not known stays with its parentheses, and so does everything else. What was
//! filled in is not expanded again.

use std::ops::Range;

use crate::facts::runs::value::Symbol;
use crate::facts::runs::value::Value;
use crate::yaml::Node;

/// What a part of a text becomes.
pub(super) enum Part {
    /// These bytes of it.
    Copied(Range<usize>),
    /// The value of a variable.
    Value(Value),
}

/// The parts of a scalar as the kubelet expands it if `expands`, and as it is written otherwise. Of one that somebody
/// fills in, `${NAME}` of Flux is a symbol; what else is filled in makes all of it one.
pub(super) fn read(node: Node<'_>, lookup: impl Fn(&str) -> Option<Value>, expands: bool) -> Vec<(Range<usize>, Part)> {
    let text = if node.is_null() { "" } else { node.text() };
    let filled = if node.is_unknown() { placeholders(text) } else { Vec::new() };
    if node.is_unknown() && (filled.is_empty() || text.contains("{{")) {
        return vec![(0..text.len(), Part::Value(Value::symbol(Symbol::Written(node.span()))))];
    }
    let mut parts = Vec::new();
    let known = |range: Range<usize>, parts: &mut Vec<_>| {
        let by = range.start;
        let shifted = |range: Range<usize>| range.start + by..range.end + by;
        if !expands {
            return copy(parts, range);
        }
        parts.extend(expand(&text[range], &lookup).into_iter().map(|(from, part)| match part {
            Part::Copied(range) => (shifted(from), Part::Copied(shifted(range))),
            Part::Value(value) => (shifted(from), Part::Value(value)),
        }));
    };
    let mut start = 0;
    for range in filled {
        known(start..range.start, &mut parts);
        start = range.end;
        let symbol = Symbol::Filled(text[range.clone()].into());
        parts.push((range, Part::Value(Value::symbol(symbol))));
    }
    known(start..text.len(), &mut parts);
    parts
}

/// Where `${NAME}` stands in a text, without those that are escaped.
fn placeholders(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("${").map(|start| at + start) {
        let Some(end) = text[start..].find('}').map(|end| start + end + 1) else { break };
        if !text[..start].ends_with('$') {
            found.push(start..end);
        }
        at = end;
    }
    found
}

/// The parts of a text, each with the bytes that it comes from; `lookup` gives none for what is no variable.
fn expand(text: &str, lookup: impl Fn(&str) -> Option<Value>) -> Vec<(Range<usize>, Part)> {
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
