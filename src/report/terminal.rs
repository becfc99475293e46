//! What may reach a terminal: text from manifests without its control characters, and our own colours.

/// The longest text from outside that is printed as part of a sentence, in characters.
const MAX_CHARS: usize = 1_000;

/// `text` with every character that a terminal would obey or hide replaced by a visible one.
///
/// Line breaks are replaced too, so that a manifest cannot forge a line of the report.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned: String = text.trim_end().chars().take(MAX_CHARS).map(visible).collect();
    if text.trim_end().chars().nth(MAX_CHARS).is_some() {
        cleaned.push('…');
    }
    cleaned
}

/// The character to show for `char`: itself, or a picture of it where it controls more than one cell.
pub(super) fn visible(char: char) -> char {
    match char {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(char)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        _ if is_harmful(char) => char::REPLACEMENT_CHARACTER,
        _ => char,
    }
}

/// Whether a terminal may take `char` for a command, or show text in another order than it is stored:
/// control characters, line separators, and characters that format without being seen.
pub(super) fn is_harmful(char: char) -> bool {
    matches!(char,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// How a piece of our own text stands out.
#[derive(Clone, Copy)]
pub(super) enum Paint {
    Error,
    Warning,
    Note,
    Strong,
    Good,
}

/// `text` in a colour, or as it is when colours are off. `text` must be clean already.
pub(super) fn paint(text: &str, paint: Paint, color: bool) -> String {
    if !color {
        return text.to_owned();
    }
    let code = match paint {
        Paint::Error => "1;31",
        Paint::Warning => "1;33",
        Paint::Note => "1;36",
        Paint::Good => "1;32",
        Paint::Strong => "1",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn escapes_and_line_breaks_are_shown_not_obeyed() {
        assert_eq!(clean("a\u{1b}[31mred\u{7}\nerror: forged"), "a␛[31mred␇␊error: forged");
        assert_eq!(clean("\u{9b}2J right\u{202e}tfel\u{200b}"), "\u{fffd}2J right\u{fffd}tfel\u{fffd}");
        assert_eq!(clean("日本語 é e\u{301}"), "日本語 é e\u{301}");
    }

    #[test]
    fn a_text_without_end_is_cut_visibly() {
        let cleaned = clean(&"x".repeat(200_000));
        assert_eq!(cleaned.chars().count(), 1_001);
        assert!(cleaned.ends_with("x…"));
    }
}
