//! In which of the four styles a text can be written, and which one kustomize takes. The writing
//! itself is done in [`super::write`].

use std::fmt::Write;

use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;

/// How `text` is written. In the place of a key on one line, texts are never blocks.
pub(super) fn style(text: &str, is_key: bool) -> Style {
    let allowed = Allowed::of(text);
    let wanted = if text.contains('\n') {
        Style::Literal
    } else if is_string_when_plain(text) {
        Style::Plain
    } else {
        Style::DoubleQuoted
    };
    match wanted {
        Style::Plain if allowed.plain => Style::Plain,
        Style::Plain if allowed.single_quoted => Style::SingleQuoted,
        Style::Literal if allowed.literal && !is_key => Style::Literal,
        _ => Style::DoubleQuoted,
    }
}

/// Whether a text is seen at once to be plain and a text for every reader, as most are: it begins with a letter or
/// a slash, has no sign that could mean something, and is none of the words that do.
pub(super) fn is_word(text: &str) -> bool {
    let [first, .., last] = text.as_bytes() else { return false };
    (first.is_ascii_alphabetic() || *first == b'/')
        && *last != b':'
        && text.bytes().all(|byte| IN_WORDS[usize::from(byte)])
        && matches!(Reader::Kubectl.resolve(text, Style::Plain, Tag::None), Scalar::String(_))
}

/// Whether a byte means nothing but itself within a word. Every text is asked about, and this is quicker than to
/// compare.
const IN_WORDS: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < u8::MAX {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-'..=b':' | b'_');
        byte += 1;
    }
    table
};

/// Whether a text has no line break.
pub(super) fn is_one_line(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(is_break)
}

/// Whether a reader of YAML 1.1 takes the bare text for a string. Numbers of base 60 are not read
/// as such by anything in this field, and are quoted all the same.
fn is_string_when_plain(text: &str) -> bool {
    matches!(Reader::Kubectl.resolve(text, Style::Plain, Tag::None), Scalar::String(_)) && !is_base_60(text)
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`
fn is_base_60(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !text.starts_with(|char: char| char.is_ascii_digit()) {
        return false;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    !first.is_empty()
        && digits(first)
        && digits(fraction)
        && rest.peek().is_some()
        && rest.all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

/// The styles in which a text could be read back.
struct Allowed {
    plain: bool,
    single_quoted: bool,
    literal: bool,
}

impl Allowed {
    fn of(text: &str) -> Self {
        let (mut space_break, mut break_space, mut breaks, mut special) = (false, false, false, false);
        let mut before = None;
        // Nearly all texts are one line of plain characters, of which the loop would learn nothing.
        let is_ordinary = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        for char in if is_ordinary { "" } else { text }.chars() {
            special |= !is_printable(char);
            breaks |= is_break(char);
            space_break |= before == Some(' ') && is_break(char);
            break_space |= before.is_some_and(is_break) && char == ' ';
            before = Some(char);
        }
        let outer_space = text.starts_with(' ') || text.ends_with(' ');
        let quoted = space_break || special;
        Self {
            plain: !quoted && !breaks && !outer_space && !has_indicator(text),
            single_quoted: !quoted && !break_space,
            literal: !quoted && !text.ends_with(' ') && !text.is_empty(),
        }
    }
}

/// Whether kustomize writes a text with lines as a block on its way, where tabs are allowed.
pub(super) fn may_be_block_in_between(text: &str) -> bool {
    Allowed::of(&text.replace('\t', ".")).literal
}

/// Whether kustomize cannot read what it wrote of a text: as a block of lines, of which the first begins with a tab.
pub(in crate::yaml) fn begins_badly(text: &str) -> bool {
    text.starts_with('\t') && text.contains('\n') && may_be_block_in_between(text)
}

/// Whether some character of a bare text would mean something else than itself.
fn has_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let blank = |char: Option<&u8>| char.is_none_or(|&char| char == b' ' || char == b'\t');
    let bytes = text.as_bytes();
    let at_start = match bytes.first() {
        Some(b'?' | b'-') => blank(bytes.get(1)),
        Some(first) => b"#,[]{}&*!|>'\"%@`".contains(first),
        None => false,
    };
    at_start
        || bytes.iter().enumerate().any(|(index, &byte)| match byte {
            b':' => blank(bytes.get(index + 1)),
            b'#' => index > 0 && blank(bytes.get(index - 1)),
            _ => false,
        })
}

/// In which style a text is written that was written in `wanted`, by the newer of kustomize's two writers: that one
/// if it is possible, else the next best.
pub(super) fn possible(text: &str, wanted: Style, in_flow: bool, is_key: bool) -> Style {
    let has_tab = text.contains('\t');
    let allowed = Allowed::of(&text.replace('\t', "."));
    let plain = allowed.plain && !has_tab && !(in_flow && has_flow_indicator(text));
    let mut style = wanted;
    if is_key && text.contains(is_break) {
        style = Style::DoubleQuoted;
    }
    if style == Style::Plain && (!plain || text.is_empty() && (in_flow || is_key)) {
        style = Style::SingleQuoted;
    }
    match style {
        Style::SingleQuoted if !allowed.single_quoted || has_tab => Style::DoubleQuoted,
        Style::Literal | Style::Folded if !allowed.literal || in_flow || is_key => Style::DoubleQuoted,
        style => style,
    }
}

/// Whether some character of a bare text would mean something else within brackets.
fn has_flow_indicator(text: &str) -> bool {
    text.contains([',', '?', '[', ']', '{', '}', ':'])
}

/// Writes a text in double quotes on one line.
pub(super) fn double_quoted(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        if is_printable(char) && !is_break(char) && !matches!(char, '"' | '\\') {
            out.push(char);
        } else {
            escape(char, out);
        }
    }
    out.push('"');
}

/// Writes a character the way it stands in double quotes.
pub(super) fn escape(char: char, out: &mut String) {
    let short = match char {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0B' => 'v',
        '\x0C' => 'f',
        '\r' => 'r',
        '\x1B' => 'e',
        '"' | '\\' => char,
        '\u{85}' => 'N',
        '\u{A0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => ' ',
    };
    let written = match u32::from(char) {
        _ if short != ' ' => write!(out, "\\{short}"),
        code @ ..=0xFF => write!(out, "\\x{code:02X}"),
        code @ ..=0xFFFF => write!(out, "\\u{code:04X}"),
        code => write!(out, "\\U{code:08X}"),
    };
    written.expect("writing to a String does not fail");
}

/// Whether a character can be written as it is. What can't be is escaped in double quotes.
pub(super) fn is_printable(char: char) -> bool {
    matches!(char, '\n' | ' '..='~' | '\u{A0}'..='\u{FFFD}') && char != '\u{FEFF}'
}

/// Whether a character ends a line in YAML 1.1.
pub(super) fn is_break(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::is_base_60;
    use super::style;
    use crate::yaml::Style;

    fn all_are(wanted: Style, texts: &[&str]) {
        for text in texts {
            assert_eq!(style(text, false), wanted, "{text:?}");
        }
    }

    #[test]
    fn ordinary_texts_are_plain() {
        let texts = ["a", "a:b", "a#b", "1.2.3.4", "0xZZ", "=", "<<", "1e", "2001-01", "a[0]", "a,b", "-a", "?a", ":a"];
        all_are(Style::Plain, &texts);
    }

    #[test]
    fn what_would_be_read_as_something_else_is_double_quoted() {
        let texts = [
            "",
            "~",
            "null",
            "yes",
            "n",
            "Off",
            "TRUE",
            "1",
            "1.20",
            "0o17",
            "0b1",
            "1_000",
            ".inf",
            "1e3",
            "12:30:45",
            "1:30",
            "2001-01-01",
            "+1",
            "-.5",
        ];
        all_are(Style::DoubleQuoted, &texts);
    }

    #[test]
    fn indicators_and_outer_spaces_take_single_quotes() {
        let texts = [
            "a: b", "a:", "*x", "- a", "-", "? a", "a #b", " a", "a ", "---a", "...", "@a", "`a`", "%a", "{a}", "[a]",
            "'a'", "\"a\"", "#a", "!a", "&a", "|", ">", ",a",
        ];
        all_are(Style::SingleQuoted, &texts);
    }

    #[test]
    fn lines_make_a_literal_block_unless_it_could_not_be_read_back() {
        all_are(Style::Literal, &["a\nb", "a\n", "\n", "\n a", "a\n\n", "é\n"]);
        all_are(Style::DoubleQuoted, &["a \nb", "a\nb ", "a\tb\n", "a\r\nb", "\u{1F600}\n", "\u{7F}\n", "a\u{FEFF}"]);
        assert_eq!(style("a\nb", true), Style::DoubleQuoted);
    }

    #[test]
    fn base_60_has_at_least_two_parts() {
        assert!(is_base_60("1:30") && is_base_60("-1_0:5:59.5_"));
        assert!(!is_base_60("1:60") && !is_base_60("1") && !is_base_60("_1:3") && !is_base_60("a:30"));
    }
}
