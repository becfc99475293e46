//! Patterns of `match` and `search`: I-Regexp (RFC 9485), written for the `regex` crate.
//!
//! What the crate knows beyond I-Regexp (`\d`, `(?i)`, `^` and `$` as anchors) is let through.
//! Matching takes time linear in the text, so a pattern can be slow to read but not to run.

use std::fmt::Write as _;
use std::sync::OnceLock;

use regex::Regex;
use regex::RegexBuilder;

use crate::jsonpath::Exhausted;

/// How many bytes a compiled pattern may take.
pub const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A regular expression that was checked when it was read and is compiled when it is first used: a run
/// starts with many, uses few, and compiling one takes longer than reading the whole policy.
#[derive(Clone, Debug)]
pub struct LazyPattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl LazyPattern {
    /// Checks a pattern in the syntax of the `regex` crate.
    ///
    /// # Errors
    /// When it is no regular expression: why not, in a line.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        match regex_syntax::Parser::new().parse(&text) {
            Ok(_) => Ok(Self { text, compiled: OnceLock::new() }),
            Err(error) => Err(reason(&error.to_string())),
        }
    }

    /// A pattern that others have checked, as the tests do those of built-in policies. One that is no regular
    /// expression matches nothing, and says so when it is used.
    pub fn checked_before(text: impl Into<String>) -> Self {
        Self { text: text.into(), compiled: OnceLock::new() }
    }

    /// The compiled pattern.
    ///
    /// # Errors
    /// When it takes more than [`MAX_PATTERN_BYTES`].
    pub fn regex(&self) -> Result<&Regex, Exhausted> {
        self.compiled.get_or_init(|| build(&self.text).ok()).as_ref().ok_or(Exhausted)
    }
}

/// Reads a pattern that must match all of a text, or any part of it.
pub(super) fn lazy(pattern: &str, whole: bool) -> Result<LazyPattern, String> {
    LazyPattern::new(enveloped(pattern, whole)?)
}

/// Compiles a pattern that must match all of a text, or any part of it; None if it is none, or too large.
pub(super) fn compile(pattern: &str, whole: bool) -> Option<Regex> {
    build(&enveloped(pattern, whole).ok()?).ok()
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build()
}

fn enveloped(pattern: &str, whole: bool) -> Result<String, String> {
    let translated = translate(pattern)?;
    Ok(if whole { format!(r"\A(?:{translated})\z") } else { translated })
}

/// The crate draws the pattern with a caret; its last line is the reason.
fn reason(error: &str) -> String {
    let reason = error.lines().last().unwrap_or(error);
    format!("the pattern is no regular expression: {}", reason.trim_start_matches("error: "))
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
    use super::lazy;

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
        let error = |pattern| lazy(pattern, true).unwrap_err();
        assert_eq!(error("a)|(b"), "the pattern closes a group that it never opened");
        assert_eq!(error("(a"), "the pattern is no regular expression: unclosed group");
    }

    #[test]
    fn a_pattern_that_takes_too_much_is_given_up_when_it_is_used() {
        let pattern = lazy(r"(\p{L}{1000}){1000}", true).unwrap();
        assert!(pattern.regex().is_err());
        assert!(lazy("a{3}", true).unwrap().regex().unwrap().is_match("aaa"));
    }
}
