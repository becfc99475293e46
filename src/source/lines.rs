//! From a byte of a text to its line and column. Not a line iterator: it only answers questions.

use std::ops::Range;

/// The byte at which each line of a text starts.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines of `text`, which end at `\n`, at `\r\n` or at a lone `\r` as YAML has it.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n')) {
                starts.push(offset(index + 1));
            }
        }
        Self { starts }
    }

    /// The line and column of a byte, both counted from 1, the column in Unicode characters.
    pub fn position(&self, text: &str, byte: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= byte);
        let start = self.starts[line - 1] as usize;
        let end = text.floor_char_boundary(byte as usize);
        let column = text[start.min(end)..end].chars().count() + 1;
        (offset(line), offset(column))
    }

    /// How many lines there are; a text that ends in a newline has an empty last one.
    pub fn count(&self) -> u32 {
        offset(self.starts.len())
    }

    /// The bytes of a line counted from 1, without its line break.
    pub fn range(&self, text: &str, line: u32) -> Option<Range<usize>> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)? as usize;
        let end = self.starts.get(index + 1).map_or(text.len(), |&next| next as usize);
        let content = text[start..end].trim_end_matches(['\n', '\r']).len();
        Some(start..start + content)
    }
}

fn offset(index: usize) -> u32 {
    u32::try_from(index).expect("a source is shorter than 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "a: é\nключ: 😀 b\n";
        let lines = LineIndex::new(text);
        let at = |needle: &str| lines.position(text, u32::try_from(text.find(needle).unwrap()).unwrap());
        assert_eq!(at("é"), (1, 4));
        assert_eq!(at("ключ"), (2, 1));
        assert_eq!(at("b"), (2, 9));
    }

    #[test]
    fn crlf_and_lone_cr_end_a_line() {
        let text = "a\r\nb\rc\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.position(text, 3), (2, 1));
        assert_eq!(lines.position(text, 5), (3, 1));
        assert_eq!(lines.range(text, 1), Some(0..1));
        assert_eq!(lines.range(text, 4), Some(7..7));
        assert_eq!(lines.range(text, 5), None);
    }
}
