//! Collections in indented lines.
//!
//! A function that reads a node ends at the next token, which decides by its column alone to what it belongs.
//! One that belongs to nothing is something for the parser.

use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::scan::Found;
use crate::yaml::scan::LONGEST_KEY;
use crate::yaml::scan::MAX_DEPTH;
use crate::yaml::scan::Scan;
use crate::yaml::scan::lines::is_space;

impl Scan<'_, '_> {
    /// The node that comes next, within a collection that needs it at column `least` or behind it.
    pub(super) fn block_node(&mut self, least: usize) -> Option<NodeId> {
        let column = self.column();
        let found = match self.peek() {
            b'-' if is_space(self.byte(self.at + 1)) => return self.nested(|scan| scan.sequence(column)),
            b'[' | b'{' | b'|' | b'>' => return self.value(least),
            b'\'' | b'"' => {
                let line = self.line;
                let found = self.quoted(least)?;
                self.skip_spaces();
                if self.peek() != b':' {
                    return self.finished(&found, least);
                }
                if self.line != line {
                    return None;
                }
                found
            }
            _ => {
                let found = self.plain_line()?;
                if self.peek() != b':' {
                    let found = self.plain_value(found, least)?;
                    return self.finished(&found, least);
                }
                found
            }
        };
        self.nested(|scan| scan.mapping(column, found))
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<NodeId>) -> Option<NodeId> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let node = read(self)?;
        self.depth -= 1;
        Some(node)
    }

    /// A value that is no collection in lines, and what stands behind it on its line.
    fn value(&mut self, least: usize) -> Option<NodeId> {
        let found = match self.peek() {
            b'|' | b'>' => {
                let found = self.block_scalar(least)?;
                let id = self.scalar(&found);
                self.next_token()?;
                return Some(id);
            }
            b'[' | b'{' => {
                let id = self.flow()?;
                self.line_end()?;
                self.next_token()?;
                return Some(id);
            }
            b'\'' | b'"' => self.quoted(least)?,
            _ => {
                let found = self.plain_line()?;
                self.plain_value(found, least)?
            }
        };
        self.finished(&found, least)
    }

    /// A scalar that was read as a value, and what stands behind it on its line. The top of a document is no
    /// manifest if it is one.
    fn finished(&mut self, found: &Found, least: usize) -> Option<NodeId> {
        if least == 0 {
            return None;
        }
        let id = self.scalar(found);
        self.line_end()?;
        self.next_token()?;
        Some(id)
    }

    /// The mapping at `column` whose first key was read up to its colon.
    fn mapping(&mut self, column: usize, mut key: Found) -> Option<NodeId> {
        let start = key.start;
        let id = self.tree.add(Kind::Mapping, Style::Block, Tag::None, self.span(start, start));
        loop {
            let colon = self.at;
            if !is_space(self.byte(colon + 1)) || colon - key.start > LONGEST_KEY || self.is_merge_key(&key) {
                return None;
            }
            let kept = self.key_from(&key);
            self.at += 1;
            let value = self.field_value(column, colon)?;
            self.tree.append_keyed(id, kept, value);
            if self.is_document_end() || self.column() < column {
                self.end_at(id, self.tree.span(value));
                return Some(id);
            }
            if self.column() > column {
                return None;
            }
            key = self.key()?;
        }
    }

    fn key(&mut self) -> Option<Found> {
        let line = self.line;
        let found = match self.peek() {
            b'\'' | b'"' => self.quoted(0)?,
            _ => self.plain_line()?,
        };
        self.skip_spaces();
        (self.peek() == b':' && self.line == line).then_some(found)
    }

    /// What stands behind the colon of a field of a mapping at `column`: on its line, or below it.
    fn field_value(&mut self, column: usize, colon: usize) -> Option<NodeId> {
        self.skip_spaces();
        if !matches!(self.peek(), b'\n' | b'#') && !self.is_end() {
            return self.value(column + 1);
        }
        self.line_end()?;
        self.next_token()?;
        let is_below = !self.is_document_end() && self.column() >= column;
        let is_item = || self.peek() == b'-' && is_space(self.byte(self.at + 1));
        if is_below && self.column() > column {
            self.block_node(column + 1)
        } else if is_below && is_item() {
            self.nested(|scan| scan.sequence(column))
        } else {
            Some(self.nothing_behind(colon))
        }
    }

    /// The sequence whose first dash comes next.
    fn sequence(&mut self, column: usize) -> Option<NodeId> {
        let start = self.at;
        let id = self.tree.add(Kind::Sequence, Style::Block, Tag::None, self.span(start, start));
        loop {
            let item = self.item(column)?;
            self.tree.append(id, item);
            let is_over = self.is_document_end() || self.column() < column;
            if is_over || self.column() == column && !(self.peek() == b'-' && is_space(self.byte(self.at + 1))) {
                self.end_at(id, self.tree.span(item));
                return Some(id);
            }
            if self.column() > column {
                return None;
            }
        }
    }

    /// What stands behind a dash at `column`.
    fn item(&mut self, column: usize) -> Option<NodeId> {
        let dash = self.at;
        self.at += 1;
        self.skip_spaces();
        match self.peek() {
            b'\t' => return None,
            b'\n' | b'#' => {}
            _ if self.is_end() => {}
            _ => return self.block_node(column + 1),
        }
        let is_commented = self.peek() == b'#';
        self.line_end()?;
        self.next_token()?;
        if !self.is_document_end() && self.column() > column {
            return self.block_node(column + 1);
        }
        // The parser has its own mind about where nothing stands when a comment does.
        (!is_commented).then(|| self.nothing_behind(dash))
    }

    /// Says that a collection ends where `last` does: its last value, or its bracket.
    pub(super) fn end_at(&mut self, collection: NodeId, last: Span) {
        self.tree.raw_mut(collection).end = last.end;
    }
}
