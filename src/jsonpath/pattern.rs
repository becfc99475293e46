//! Patterns of `match` and `search`: I-Regexp (RFC 9485), written for the `regex` crate.
//!
//! What the crate knows beyond I-Regexp (`\d`, `(?i)`, `^` and `$` as anchors) is let through.
//! Matching takes time linear in the text, so a pattern can be slow to read but not to run.

use std::fmt::Write as _;

use regex::Regex;
use regex::RegexBuilder;

/// How many bytes a compiled pattern may take.
pub const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Compiles a pattern that must match all of a text, or any part of it.
pub(super) fn compile(pattern: &str, whole: bool) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    let translated = if whole { format!(r"\A(?:{translated})\z") } else { translated };
    let built = RegexBuilder::new(&translated).size_limit(MAX_PATTERN_BYTES).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            format!("the pattern takes more than {MAX_PATTERN_BYTES} bytes when compiled")
        }
        error => {
            // The crate draws the pattern with a caret; its last line is the reason.
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or(&text);
            format!("the pattern is no regular expression: {}", reason.trim_start_matches("error: "))
        }
    })
}

/// Rewrites the few things that the `regex` crate reads differently.
fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut in_class = false;
    let mut groups = 0_usize;
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                out.push(char);
                out.extend(chars.next());
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => groups += 1,
            // The envelope of `compile` would otherwise close what the pattern never opened.
            ')' if !in_class => {
                groups = groups.checked_sub(1).ok_or("the pattern closes a group that it never opened")?;
            }
            '.' if !in_class => {
                out.push_str(r"[^\n\r]");
                continue;
            }
            // `&&` and `~~` are set operations of the crate.
            '&' | '~' if in_class => {
                write!(out, "\\{char}").expect("a String takes all that is written to it");
                continue;
            }
            _ => {}
        }
        out.push(char);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::compile;

    fn is_match(pattern: &str, text: &str) -> bool {
        compile(pattern, true).unwrap().is_match(text)
    }

    #[test]
    fn a_dot_is_any_character_but_a_line_break() {
        assert!(is_match("a.c", "a\u{2028}c"));
        assert!(!is_match("a.c", "a\rc"));
        assert!(!is_match("a.c", "a\nc"));
        assert!(is_match("[.]", "."));
        assert!(!is_match("[.]", "x"));
        assert!(is_match(r"\.\\.", ".\\x"));
    }

    #[test]
    fn all_of_the_text_must_match_every_alternative() {
        assert!(is_match("nginx|redis", "redis"));
        assert!(!is_match("nginx|redis", "nginx:1"));
        assert!(!is_match("nginx", "nginx\n"));
        assert!(compile("nginx", false).unwrap().is_match("docker.io/nginx:1"));
    }

    #[test]
    fn a_class_holds_its_characters_and_no_set_operations() {
        assert!(is_match("[a&&b]+", "a&b"));
        assert!(is_match("[a~~b]+", "~"));
        assert!(is_match(r"\p{Lu}[^\p{Lu}]", "Ab"));
    }

    #[test]
    fn what_is_no_pattern_is_said_in_one_line() {
        let error = |pattern| compile(pattern, true).unwrap_err();
        assert_eq!(error("a)|(b"), "the pattern closes a group that it never opened");
        assert_eq!(error("(a"), "the pattern is no regular expression: unclosed group");
        assert_eq!(error(r"(\p{L}{1000}){1000}"), "the pattern takes more than 1048576 bytes when compiled");
    }
}
