//! Texts in quotes whose lines are indented less than YAML asks. kustomize and kubectl read them and
//! some programs write them; our parser does not. So it is given a text in which such lines are
//! indented, which changes no value, and the places it tells are led back to the text as written.

use std::borrow::Cow;

/// What is put before a line: more than anyone indents.
const BLANKS: usize = 256;

/// How much may be read once more because of lines like these in a source of `length` bytes.
pub(super) fn most_read_again(length: usize) -> usize {
    (1 << 20) + 4 * length
}

/// The lines that were indented, all behind the byte where the parser started.
#[derive(Default)]
pub(super) struct Padding {
    lines: Vec<usize>,
}

impl Padding {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.lines.clear();
    }

    /// What it costs to read once more from `start` to `at`, in bytes. Copying is cheaper than reading.
    pub(super) fn cost(&self, start: usize, at: usize, end: usize) -> usize {
        at - start + self.lines.len() * BLANKS + (end - start) / 16
    }

    /// Indents the line of the byte `at`, which lies within quotes, and those behind it up to one
    /// that may have the closing quote.
    pub(super) fn extend(&mut self, text: &str, at: usize) {
        let mut start = text[..at].rfind(['\n', '\r']).map_or(0, |index| index + 1);
        for line in text[start..].split_inclusive('\n') {
            if line.starts_with("---") || line.starts_with("...") {
                break;
            }
            if self.lines.last().is_none_or(|&last| last < start) {
                self.lines.push(start);
            }
            if line.contains(['\'', '"']) {
                break;
            }
            start += line.len();
        }
    }

    /// The text from `base` on, as the parser shall see it.
    pub(super) fn apply<'t>(&self, text: &'t str, base: usize) -> Cow<'t, str> {
        if self.lines.is_empty() {
            return Cow::Borrowed(&text[base..]);
        }
        let mut padded = String::with_capacity(text.len() - base + self.lines.len() * BLANKS);
        let mut from = base;
        for &line in &self.lines {
            padded.push_str(&text[from..line]);
            padded.extend(std::iter::repeat_n(' ', BLANKS));
            from = line;
        }
        padded.push_str(&text[from..]);
        Cow::Owned(padded)
    }

    /// The byte of the text as written for a byte of what [`Self::apply`] gave.
    pub(super) fn written(&self, base: usize, byte: usize) -> usize {
        let (mut before, mut after) = (0, self.lines.len());
        while before < after {
            let middle = before.midpoint(after);
            if self.lines[middle] - base + middle * BLANKS < byte { before = middle + 1 } else { after = middle }
        }
        match before.checked_sub(1) {
            None => base + byte,
            Some(last) => (base + byte).saturating_sub(before * BLANKS).max(self.lines[last]),
        }
    }
}
