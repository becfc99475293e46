//! The pen: puts indicators and scalars on lines, indents, and folds long ones. It knows the column
//! it is at and nothing of nodes.

use crate::yaml::Style;
use crate::yaml::emit::text;

/// Where a line is folded at the next space.
const BEST_WIDTH: usize = 80;
/// How much deeper each level stands.
const INDENT: usize = 2;
/// So much indentation is written in one go.
const SPACES: &str = "                                ";

/// The text written so far and where on its last line we are.
pub(super) struct Pen {
    out: String,
    column: usize,
    /// The column at which the lines of the open collection start; none before the first.
    indent: Option<usize>,
    /// Whether a space, an indentation or an indicator that needs none was written last.
    after_space: bool,
    /// Whether the line holds nothing but indentation and `-`, `?` or `:`.
    at_line_start: bool,
}

impl Pen {
    pub(super) fn new() -> Self {
        Self { out: String::new(), column: 0, indent: None, after_space: true, at_line_start: true }
    }

    /// How many bytes were written.
    pub(super) fn written(&self) -> usize {
        self.out.len()
    }

    /// Ends the document.
    pub(super) fn end_document(&mut self) {
        self.indent = None;
        self.line();
    }

    /// Writes the line between two documents.
    pub(super) fn separate(&mut self) {
        self.out.push_str("---\n");
    }

    /// Everything that was written.
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Goes one level deeper, unless `stay`, and says what to come back to.
    pub(super) fn deeper(&mut self, stay: bool) -> Option<usize> {
        let next = match self.indent {
            None => 0,
            Some(indent) if stay => indent,
            Some(indent) => indent + INDENT,
        };
        self.indent.replace(next)
    }

    /// Comes back from [`Self::deeper`].
    pub(super) fn back(&mut self, indent: Option<usize>) {
        self.indent = indent;
    }

    pub(super) fn is_at_line_start(&self) -> bool {
        self.at_line_start
    }

    /// Goes to the indentation, on a new line if this one is used.
    pub(super) fn line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.at_line_start || self.column > indent || (self.column == indent && !self.after_space) {
            self.line_break('\n');
        }
        while self.column < indent {
            let spaces = &SPACES[..SPACES.len().min(indent - self.column)];
            self.out.push_str(spaces);
            self.column += spaces.len();
        }
        self.after_space = true;
        self.at_line_start = true;
    }

    /// Writes `-` or `?`, or the `:` of its own line: what follows may stand on the same line.
    pub(super) fn item(&mut self, indicator: char) {
        self.space();
        self.put(indicator);
        self.after_space = false;
    }

    /// Writes the `:` behind a key.
    pub(super) fn colon(&mut self) {
        self.put(':');
        self.after_space = false;
        self.at_line_start = false;
    }

    /// Writes a word that is never quoted or folded: a number, `null`, `{}`, most texts.
    pub(super) fn word(&mut self, word: &str) {
        self.space();
        self.word_at(word);
    }

    /// Writes a text of plain characters as it is.
    fn word_at(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
        self.after_space = false;
        self.at_line_start = false;
    }

    /// Writes a text; the key of a line of its own is not folded.
    pub(super) fn text(&mut self, text: &str, is_key: bool) {
        if text::is_word(text) {
            self.word(text);
            return;
        }
        // A continued line stands one level deeper than the collection, or than the margin.
        let outer = self.indent.replace(self.indent.map_or(INDENT, |indent| indent + INDENT));
        match text::style(text, is_key) {
            Style::Plain => self.plain(text, !is_key),
            Style::SingleQuoted => self.single_quoted(text, !is_key),
            Style::Literal => self.literal(text),
            _ => self.double_quoted(text, !is_key),
        }
        self.indent = outer;
    }

    fn plain(&mut self, text: &str, fold: bool) {
        self.space();
        self.folded(text, fold, 0..text.len());
    }

    fn single_quoted(&mut self, text: &str, fold: bool) {
        self.space();
        self.quote('\'');
        self.folded(text, fold, 1..text.len().saturating_sub(1));
        self.quote('\'');
        self.after_space = false;
        self.at_line_start = false;
    }

    /// Plain and single-quoted text. A single space within `foldable` may become a line break.
    fn folded(&mut self, text: &str, fold: bool, foldable: std::ops::Range<usize>) {
        let quoted = foldable.start == 1;
        let is_short = !fold || self.column + text.len() <= BEST_WIDTH;
        if is_short && !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\'') {
            self.word_at(text);
            return;
        }
        let mut chars = text.char_indices().peekable();
        let (mut after_space, mut after_break) = (false, false);
        while let Some((index, char)) = chars.next() {
            let before_space = chars.peek().is_some_and(|&(_, next)| next == ' ');
            if char == ' ' {
                let breaks = fold && !after_space && self.is_full() && foldable.contains(&index) && !before_space;
                if breaks {
                    self.line();
                } else {
                    self.put(' ');
                }
                after_space = true;
            } else if text::is_break(char) {
                self.line_break(char);
                self.at_line_start = true;
                after_break = true;
            } else {
                if after_break {
                    self.line();
                }
                if quoted && char == '\'' {
                    self.put('\'');
                }
                self.put(char);
                self.at_line_start = false;
                (after_space, after_break) = (false, false);
            }
        }
        self.after_space = false;
        self.at_line_start = false;
    }

    fn double_quoted(&mut self, text: &str, fold: bool) {
        self.space();
        self.quote('"');
        // A slip of kustomize's own writer: behind a byte order mark at the start it escapes everything.
        let escape_all = text.starts_with('\u{FEFF}');
        let mut chars = text.char_indices().peekable();
        let mut after_space = false;
        while let Some((index, char)) = chars.next() {
            if char == ' ' && !escape_all {
                let inside = index > 0 && index < text.len() - 1;
                if fold && !after_space && self.is_full() && inside {
                    self.line();
                    if chars.peek().is_some_and(|&(_, next)| next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                after_space = true;
                continue;
            }
            after_space = false;
            let is_safe = text::is_printable(char) && !text::is_break(char) && !matches!(char, '"' | '\\');
            if is_safe && !escape_all {
                self.put(char);
            } else {
                self.escape(char);
            }
        }
        self.quote('"');
        self.after_space = false;
        self.at_line_start = false;
    }

    fn literal(&mut self, text: &str) {
        self.space();
        self.put('|');
        if text.starts_with(|first| first == ' ' || text::is_break(first)) {
            self.put('2');
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(text::is_break), from_end.next().is_none_or(text::is_break)) {
            (false, _) => self.put('-'),
            (true, true) => self.put('+'),
            (true, false) => {}
        }
        self.line_break('\n');
        self.at_line_start = true;
        self.after_space = true;
        let mut after_break = true;
        for char in text.chars() {
            if text::is_break(char) {
                self.line_break(char);
            } else {
                if after_break {
                    self.line();
                }
                self.put(char);
            }
            after_break = text::is_break(char);
            self.at_line_start = after_break;
        }
    }

    fn escape(&mut self, char: char) {
        let start = self.out.len();
        text::escape(char, &mut self.out);
        self.column += self.out.len() - start;
    }

    fn is_full(&self) -> bool {
        self.column > BEST_WIDTH
    }

    /// A space, unless there is one.
    fn space(&mut self) {
        if !self.after_space {
            self.put(' ');
        }
    }

    fn quote(&mut self, quote: char) {
        self.put(quote);
        self.after_space = false;
        self.at_line_start = false;
    }

    fn put(&mut self, char: char) {
        self.out.push(char);
        self.column += 1;
    }

    fn line_break(&mut self, char: char) {
        self.out.push(char);
        self.column = 0;
    }
}
