//! Patterns of file names and of `case`: `*`, `?`, `[…]`, with a backslash before what stands for itself.

/// Whether a pattern fits all of a text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // Where to go on if the last star has to take one more character.
    let mut retry: Option<(usize, usize)> = None;
    let (mut at, mut in_text) = (0, 0);
    loop {
        if at == pattern.len() && in_text == text.len() {
            return true;
        }
        if pattern.get(at) == Some(&'*') {
            retry = Some((at, in_text));
            at += 1;
            continue;
        }
        if let Some(length) = text.get(in_text).and_then(|letter| one(&pattern[at..], *letter)) {
            at += length;
            in_text += 1;
            continue;
        }
        match retry {
            Some((star, start)) if start < text.len() => {
                retry = Some((star, start + 1));
                at = star + 1;
                in_text = start + 1;
            }
            _ => return false,
        }
    }
}

/// How many characters of the pattern fit one character; none if they don't.
fn one(pattern: &[char], letter: char) -> Option<usize> {
    match pattern {
        ['\\', own, ..] => (*own == letter).then_some(2),
        ['?', ..] => Some(1),
        ['[', rest @ ..] => {
            let negated = matches!(rest.first(), Some('!' | '^'));
            let start = usize::from(negated);
            let close = rest.iter().skip(start + 1).position(|own| *own == ']').map(|at| at + start + 1);
            let Some(close) = close else { return (letter == '[').then_some(1) };
            let set = &rest[start..close];
            let mut found = false;
            let mut at = 0;
            while at < set.len() {
                if at + 2 < set.len() && set[at + 1] == '-' {
                    found |= (set[at]..=set[at + 2]).contains(&letter);
                    at += 3;
                } else {
                    found |= set[at] == letter;
                    at += 1;
                }
            }
            (found != negated).then_some(close + 2)
        }
        [own, ..] => (*own == letter).then_some(1),
        [] => None,
    }
}

/// A text as a pattern that fits only itself.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if "*?[]\\".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// A pattern without its backslashes, as a word that fits no file.
pub(super) fn unescaped(pattern: &str) -> String {
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        let fitting = [("*", ""), ("a*c", "abbc"), ("*.conf", "x.conf"), ("[a-c]?", "bz"), ("[!a]", "b"), ("\\*", "*")];
        for (pattern, text) in fitting {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*c", "abb"), ("?", ""), ("[!a]", "a"), ("\\*", "x"), ("*.conf", "conf")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
