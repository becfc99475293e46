//! Patterns of `case`, `[[`, `${NAME%…}` and of file names: `*`, `?`, `[…]`, with a backslash before what stands for
//! itself. Texts only: no file is looked at.

/// What stands for something else in a pattern.
const SPECIAL: [char; 5] = ['*', '?', '[', ']', '\\'];

/// How much work one comparison is, in bytes of the text times those of the pattern.
const MAX_WORK: usize = 1 << 22;

/// How long a text is that is cut.
const MAX_CUT: usize = 1_000;

/// Whether a pattern fits all of a text; none if both are too long to tell.
pub fn fits(pattern: &str, text: &str) -> Option<bool> {
    (pattern.len().saturating_mul(text.len()) <= MAX_WORK).then(|| is_fit(pattern, text))
}

fn is_fit(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    // Where to go on if the last star has to take one more character.
    let mut retry: Option<(&str, &str)> = None;
    loop {
        if let Some(behind) = pattern.strip_prefix('*') {
            retry = Some((behind, text));
            pattern = behind;
            continue;
        }
        let letter = text.chars().next();
        let taken = letter.and_then(|letter| one(pattern, letter));
        if let (Some(letter), Some(length)) = (letter, taken) {
            pattern = &pattern[length..];
            text = &text[letter.len_utf8()..];
            continue;
        }
        if letter.is_none() && pattern.is_empty() {
            return true;
        }
        let Some((behind, from)) = retry else { return false };
        let Some(skipped) = from.chars().next() else { return false };
        (pattern, text) = (behind, &from[skipped.len_utf8()..]);
        retry = Some((behind, text));
    }
}

/// How many bytes of the pattern fit one character; none if they don't.
fn one(pattern: &str, letter: char) -> Option<usize> {
    let mut letters = pattern.chars();
    match letters.next()? {
        '\\' => match letters.next() {
            Some(own) => (own == letter).then_some(1 + own.len_utf8()),
            None => (letter == '\\').then_some(1),
        },
        '?' => Some(1),
        '[' => match class(&pattern[1..], letter) {
            Some((holds, length)) => holds.then_some(1 + length),
            // Without an end it stands for itself.
            None => (letter == '[').then_some(1),
        },
        own => (own == letter).then_some(own.len_utf8()),
    }
}

/// Whether a letter is in the class that begins behind `[`, and how long that is with its `]`; none if it has no end.
fn class(pattern: &str, letter: char) -> Option<(bool, usize)> {
    let negated = pattern.starts_with(['!', '^']);
    let start = usize::from(negated);
    let mut at = start;
    let mut found = false;
    loop {
        let rest = &pattern[at..];
        if rest.starts_with(']') && at > start {
            return Some((found != negated, at + 1));
        }
        if let Some((name, length)) = named(rest) {
            found |= is_of(name, letter);
            at += length;
            continue;
        }
        let (first, length) = member(rest)?;
        at += length;
        let to = pattern[at..].strip_prefix('-').filter(|behind| !behind.starts_with(']')).and_then(member);
        if let Some((last, length)) = to {
            found |= (first..=last).contains(&letter);
            at += 1 + length;
        } else {
            found |= first == letter;
        }
    }
}

/// One letter of a class, which a backslash may stand before, and its length.
fn member(text: &str) -> Option<(char, usize)> {
    let mut letters = text.chars();
    let first = letters.next()?;
    match letters.next() {
        Some(escaped) if first == '\\' => Some((escaped, 1 + escaped.len_utf8())),
        _ => Some((first, first.len_utf8())),
    }
}

/// The name within `[:…:]` at the start, and the length of it all.
fn named(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix("[:")?;
    let end = rest.find(|letter: char| !letter.is_ascii_lowercase())?;
    rest[end..].starts_with(":]").then(|| (&rest[..end], end + 4))
}

fn is_of(name: &str, letter: char) -> bool {
    match name {
        "alnum" => letter.is_alphanumeric(),
        "alpha" => letter.is_alphabetic(),
        "blank" => matches!(letter, ' ' | '\t'),
        "cntrl" => letter.is_control(),
        "digit" => letter.is_ascii_digit(),
        "graph" => letter.is_ascii_graphic(),
        "lower" => letter.is_lowercase(),
        "print" => letter.is_ascii_graphic() || letter == ' ',
        "punct" => letter.is_ascii_punctuation(),
        "space" => letter.is_ascii_whitespace() || letter == '\u{b}',
        "upper" => letter.is_uppercase(),
        "xdigit" => letter.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Where `${NAME%…}` and its like cut a text: what stands before that place (`#`, `##`) or behind it (`%`, `%%`) goes.
/// None if it is too long to tell, or if the operator is another one.
pub fn cut(text: &str, operator: &str, pattern: &str) -> Option<usize> {
    if text.len() > MAX_CUT || pattern.len() > MAX_CUT {
        return None;
    }
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let head = |at: &usize| is_fit(pattern, &text[..*at]);
    let tail = |at: &usize| is_fit(pattern, &text[*at..]);
    Some(match operator {
        "#" => places.find(head).unwrap_or(0),
        "##" => places.rfind(head).unwrap_or(0),
        "%" => places.rfind(tail).unwrap_or(text.len()),
        "%%" => places.find(tail).unwrap_or(text.len()),
        _ => return None,
    })
}

/// A text as a pattern that fits only itself.
pub fn escaped(text: &str) -> String {
    if !text.contains(SPECIAL) {
        return text.to_owned();
    }
    let mut escaped = String::new();
    for letter in text.chars() {
        if SPECIAL.contains(&letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// A pattern without its backslashes, as a word that fits no file.
pub fn unescaped(pattern: &str) -> String {
    if !pattern.contains('\\') {
        return pattern.to_owned();
    }
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::cut;
    use super::fits;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        let fitting = [
            ("*", ""),
            ("a*c", "abbc"),
            ("*.conf", "x.conf"),
            ("[a-c]?", "bz"),
            ("[!a]", "b"),
            ("\\*", "*"),
            ("[[:digit:]]*", "5432"),
            ("[]a]", "]"),
            ("[", "["),
            ("*[0-9]", "a1"),
            ("?b?", "äbc"),
        ];
        for (pattern, text) in fitting {
            assert_eq!(fits(pattern, text), Some(true), "{pattern} {text}");
        }
        let other = [("a*b", "abc"), ("[a-c]", "d"), ("[!a]", "a"), ("\\*", "x"), ("", "a"), ("[[:digit:]]", "d")];
        for (pattern, text) in other {
            assert_eq!(fits(pattern, text), Some(false), "{pattern} {text}");
        }
    }

    #[test]
    fn a_host_is_cut_from_its_port() {
        for (text, operator, pattern, at) in [
            ("db:5432", "%%", ":*", Some(2)),
            ("db:5432", "#", "*:", Some(3)),
            ("a:b:c", "##", "*:", Some(4)),
            ("a:b:c", "%", ":*", Some(3)),
            ("db", "%", ":*", Some(2)),
            ("db", "#", "*:", Some(0)),
            ("db", "/", "d", None),
        ] {
            assert_eq!(cut(text, operator, pattern), at, "{text} {operator}{pattern}");
        }
    }
}
