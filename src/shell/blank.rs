//! What stands between words: blanks, comments, and line ends.

use crate::shell::reader::Reader;

impl Reader {
    /// Goes past blanks, and past a comment, which can only begin where a word can.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.input.peek() {
                Some(b' ' | b'\t') => self.input.at += 1,
                Some(b'\\') if self.input.starts_with("\\\n") => self.input.at += 2,
                Some(b'#') => self.input.skip_until(|byte| byte == b'\n'),
                _ => return,
            }
        }
    }

    /// Goes past line ends as well, and past the here-documents that begin there.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            if self.input.peek() != Some(b'\n') {
                return;
            }
            self.input.at += 1;
            self.input.lines += 1;
            self.skip_documents();
        }
    }
}
