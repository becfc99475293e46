//! A fast reader for the part of YAML that nearly all manifests keep to. It is not a YAML parser: whatever is
//! unusual or wrong it leaves to the one that [`crate::yaml::parse`] has, a document at a time, and so it never
//! reports an error. What it does read is node by node what that parser would have made of it.
//!
//! `None` means "not sure" in all of these files.

mod lines;
mod plain;
mod quoted;
mod folded;
mod flow;
mod block;

use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::Comment;
use crate::yaml::Document;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::found;
use crate::yaml::raw::Key;
use crate::yaml::tree::at;

/// Deeper nesting is left to the parser, which knows the limit and how to tell it.
const MAX_DEPTH: usize = 64;
/// The parser asks for the colon of a key within 1024 characters.
const LONGEST_KEY: usize = 1000;

/// Reads documents from byte `start` of a source on, up to the first that it is not sure of. Gives the place
/// where that one starts, or the end of the text.
pub(super) fn read(
    tree: &mut Tree,
    (source, text): (SourceId, &str),
    start: usize,
    documents: &mut Vec<Document>,
    comments: &mut Vec<Comment>,
) -> usize {
    let mut scan = Scan { source, text, tree, comments, at: start, line: start, depth: 0, buffer: String::new() };
    let mut start = start;
    while start < text.len() {
        let before = (scan.tree.mark(), scan.comments.len(), documents.len());
        let read = scan.document(documents);
        if read.is_none() || !is_ordinary(&text[start..scan.at]) {
            scan.tree.cut(before.0);
            scan.comments.truncate(before.1);
            documents.truncate(before.2);
            break;
        }
        start = scan.at;
    }
    start
}

/// The state of reading one source.
struct Scan<'t, 'a> {
    source: SourceId,
    text: &'t str,
    tree: &'a mut Tree,
    comments: &'a mut Vec<Comment>,
    /// The next byte to read, and where its line starts.
    at: usize,
    line: usize,
    /// How many collections are open.
    depth: usize,
    /// The text of the scalar that was found last, where the source does not hold it as it is.
    buffer: String,
}

/// A scalar that was found: how it is written, and from where to where.
struct Found {
    style: Style,
    start: usize,
    end: usize,
    /// Whether the text is in the buffer, and not the source's between the quotes or from the start on.
    is_made: bool,
}

impl<'t> Scan<'t, '_> {
    /// Reads one document up to the marker of the next.
    fn document(&mut self, documents: &mut Vec<Document>) -> Option<()> {
        self.next_token()?;
        if self.is_marker() {
            self.at += 3;
            let marker = self.at;
            self.line_end()?;
            self.next_token()?;
            if self.is_document_end() {
                found::nothing(self.tree, Tag::None, self.span(marker, marker));
            }
        }
        if self.is_document_end() {
            return Some(());
        }
        let root = self.block_node(0)?;
        documents.push(Document { root });
        self.is_document_end().then_some(())
    }

    /// Adds the scalar that was found last.
    fn scalar(&mut self, found: &Found) -> NodeId {
        let span = self.span(found.start, found.end);
        if found.is_made {
            return found::scalar(self.tree, self.text, &self.buffer, found.style, Tag::None, span);
        }
        found::written_scalar(self.tree, self.written(found), found.style, Tag::None, span)
    }

    /// The key that was found last.
    fn key_from(&mut self, found: &Found) -> Key {
        if found.is_made {
            return Key::Node(self.scalar(found));
        }
        let span = self.span(found.start, found.end);
        found::written_key(self.tree, self.written(found), found.style, span)
    }

    /// The text of a scalar that the source holds as it is.
    fn written(&self, found: &Found) -> &'t str {
        let quote = usize::from(found.style != Style::Plain);
        &self.text[found.start + quote..found.end - quote]
    }

    /// Adds the scalar that stands for nothing, which stands behind byte `place`.
    fn nothing_behind(&mut self, place: usize) -> NodeId {
        found::nothing(self.tree, Tag::None, self.span(place + 1, place + 1))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        at(self.source, start, end)
    }
}

/// Whether the parser would take each character for one that may stand in a text at all. Line breaks other
/// than `\n` are left to it as well.
fn is_ordinary(text: &str) -> bool {
    let is_sign = |byte: u8| byte >= b' ' && byte != 0x7f || matches!(byte, b'\n' | b'\t');
    let is_printable =
        |char: char| !matches!(char, '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    // Without leaving early, so that many bytes are looked at at once.
    let are_signs = text.as_bytes().iter().fold(true, |all, &byte| all & is_sign(byte));
    are_signs && (text.is_ascii() || text.chars().all(is_printable))
}

#[cfg(test)]
mod tests;
