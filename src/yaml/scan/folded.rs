//! Block scalars, literal (`|`) and folded (`>`).

use crate::yaml::Style;
use crate::yaml::found;
use crate::yaml::scan::Found;
use crate::yaml::scan::Scan;
use crate::yaml::scan::lines::is_blank;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scan<'_, '_> {
    /// A block scalar whose lines begin at column `least` or behind it. Goes to the first token behind it, or
    /// before a comment.
    pub(super) fn block_scalar(&mut self, least: usize) -> Option<Found> {
        let style = if self.peek() == b'|' { Style::Literal } else { Style::Folded };
        self.at += 1;
        let (chomping, indicated) = self.header();
        self.line_end()?;
        if self.is_end() || least == 0 {
            return None;
        }
        self.skip_break();
        let mut breaks = 0;
        let column = match indicated {
            0 => self.first_column(least, &mut breaks),
            indicated => {
                let column = least - 1 + indicated;
                self.skip_indent(column, &mut breaks);
                column
            }
        };
        // Nothing more in the file, tabs, and lines that are indented too little.
        if self.is_end() || self.peek() == b'\t' || (least..column).contains(&self.column()) {
            return None;
        }
        let start = self.at;
        self.buffer.clear();
        self.block_lines(style == Style::Folded, column, breaks, chomping);
        let end = self.at;
        if start == end {
            // Nothing to read: it is said to stand behind its header.
            let place = found::empty_place(self.text, start);
            return (self.peek() != b':').then_some(Found { style, start: place, end: place, is_made: true });
        }
        let text = found::without_made_up_break(self.text, &self.buffer, end, self.tree.reader());
        self.buffer.truncate(text.len());
        Some(Found { style, start, end, is_made: true })
    }

    /// The signs behind a `|` or `>`: how it ends, and how far it is indented if that is said, else 0.
    fn header(&mut self) -> (Chomping, usize) {
        let (mut chomping, mut indicated) = (Chomping::Clip, 0);
        for _ in 0..2 {
            match self.peek() {
                b'+' if chomping == Chomping::Clip => chomping = Chomping::Keep,
                b'-' if chomping == Chomping::Clip => chomping = Chomping::Strip,
                digit @ b'1'..=b'9' if indicated == 0 => indicated = usize::from(digit - b'0'),
                _ => break,
            }
            self.at += 1;
        }
        (chomping, indicated)
    }

    /// Goes to the first line that is not empty, and gives the column where the text begins.
    fn first_column(&mut self, least: usize, breaks: &mut usize) -> usize {
        let mut column = least;
        loop {
            self.skip_spaces();
            column = column.max(self.column());
            if self.peek() != b'\n' {
                return column;
            }
            self.skip_break();
            *breaks += 1;
        }
    }

    /// Goes to column `column` of the next line that reaches it, or to what ends the text before that.
    fn skip_indent(&mut self, column: usize, breaks: &mut usize) {
        loop {
            while self.column() < column && self.peek() == b' ' {
                self.at += 1;
            }
            if self.peek() != b'\n' {
                return;
            }
            self.skip_break();
            *breaks += 1;
        }
    }

    /// Reads the lines into the buffer. `breaks` empty ones came before the first.
    fn block_lines(&mut self, is_folded: bool, column: usize, mut breaks: usize, chomping: Chomping) {
        let mut is_broken = false;
        let mut was_indented = false;
        while self.column() == column && !self.is_end() {
            let is_indented = is_blank(self.peek());
            let folds = is_folded && is_broken && !was_indented && !is_indented;
            if folds && breaks == 0 {
                self.buffer.push(' ');
            } else {
                let own = usize::from(is_broken && !folds);
                self.buffer.extend(std::iter::repeat_n('\n', own + breaks));
            }
            (breaks, was_indented) = (0, is_indented);
            let end = self.end_of_line();
            self.buffer.push_str(&self.text[self.at..end]);
            self.at = end;
            is_broken = !self.is_end();
            if is_broken {
                self.skip_break();
                self.skip_indent(column, &mut breaks);
            }
        }
        let is_cut = !is_broken && self.is_end();
        if chomping != Chomping::Strip && (is_broken || is_cut) {
            self.buffer.push('\n');
        }
        if chomping == Chomping::Keep {
            self.buffer.extend(std::iter::repeat_n('\n', breaks));
        }
    }
}
