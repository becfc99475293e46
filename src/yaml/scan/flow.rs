//! Collections in brackets and braces, on one line or several. Comments, pairs in a list and keys that are no
//! plain or quoted scalars are left to the parser.

use crate::yaml::Kind;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::scan::Found;
use crate::yaml::scan::LONGEST_KEY;
use crate::yaml::scan::MAX_DEPTH;
use crate::yaml::scan::Scan;

impl Scan<'_, '_> {
    /// The collection whose opening bracket comes next.
    pub(super) fn flow(&mut self) -> Option<NodeId> {
        let start = self.at;
        let (kind, close) = if self.peek() == b'[' { (Kind::Sequence, b']') } else { (Kind::Mapping, b'}') };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let span = self.span(start, start);
        let id = self.tree.add(kind, Style::Flow, Tag::None, span);
        self.at += 1;
        self.flow_space()?;
        while self.peek() != close {
            if kind == Kind::Mapping {
                self.flow_field(id)?;
            } else {
                let item = self.flow_value()?;
                self.tree.append(id, item);
            }
            self.flow_space()?;
            match self.peek() {
                b',' => self.at += 1,
                byte if byte == close => break,
                _ => return None,
            }
            self.flow_space()?;
        }
        self.at += 1;
        self.depth -= 1;
        self.end_at(id, self.span(start, self.at));
        Some(id)
    }

    fn flow_field(&mut self, mapping: NodeId) -> Option<()> {
        let (start, line) = (self.at, self.line);
        let found = match self.peek() {
            b'\'' | b'"' => self.quoted(0)?,
            _ => self.plain_in_flow()?,
        };
        self.skip_spaces();
        let colon = self.at;
        if self.peek() != b':' || self.line != line || colon - start > LONGEST_KEY || self.is_merge_key(&found) {
            return None;
        }
        // Behind a plain key a bracket must not follow at once.
        if found.style == Style::Plain && matches!(self.byte(colon + 1), b'[' | b'{') {
            return None;
        }
        let key = self.key_from(&found);
        self.at += 1;
        self.flow_space()?;
        let value = if matches!(self.peek(), b',' | b'}') { self.nothing_behind(colon) } else { self.flow_value()? };
        self.tree.append_keyed(mapping, key, value);
        Some(())
    }

    fn flow_value(&mut self) -> Option<NodeId> {
        let found = match self.peek() {
            b'[' | b'{' => return self.flow(),
            b'\'' | b'"' => self.quoted(0)?,
            _ => self.plain_in_flow()?,
        };
        Some(self.scalar(&found))
    }

    /// Goes to the next token within brackets.
    fn flow_space(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                b' ' => self.at += 1,
                b'\n' => self.skip_break(),
                b'\t' | b'#' => return None,
                _ => break,
            }
        }
        let rest = &self.text[self.at..];
        let is_marker = self.at == self.line && (rest.starts_with("---") || rest.starts_with("..."));
        (!is_marker && !self.is_end()).then_some(())
    }

    /// Whether a key asks for what the parser's side knows how to do.
    pub(super) fn is_merge_key(&self, key: &Found) -> bool {
        key.style == Style::Plain && &self.text[key.start..key.end] == "<<"
    }
}
