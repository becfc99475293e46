//! From text to tree, one document after the other, with the events of granit-parser.
//!
//! A document that cannot be parsed is a diagnostic and the others of its file stand. What a file
//! can ask of us is bounded: depth here, aliases in `alias`, size in `source`.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::ErrorKind;
use granit_parser::Event;
use granit_parser::Parser;
use granit_parser::ScalarStyle;
use granit_parser::ScanError;
use granit_parser::StructureStyle;

use crate::diagnostic::Diagnostic;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Comment;
use crate::yaml::Document;
use crate::yaml::Kind;
use crate::yaml::MAX_DEPTH;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::alias::Aliases;
use crate::yaml::found;
use crate::yaml::padding::Padding;
use crate::yaml::padding::most_read_again;
use crate::yaml::problem;
use crate::yaml::raw::Key;
use crate::yaml::scan;
use crate::yaml::tree::Mark;
use crate::yaml::tree::at;

/// A tree with room for more nodes than this gives back what it does not use. For a small one the copy that
/// this takes costs more than it saves.
const WORTH_SHRINKING: usize = 4_096;

/// How long the marker of a document is.
const MARKER: usize = "---".len();

/// One file as a tree, with what stood beside the values.
#[derive(Debug)]
pub struct Parsed {
    /// The file.
    pub source: SourceId,
    /// The nodes of all documents.
    pub tree: Arc<Tree>,
    /// The documents that could be parsed and are not empty.
    pub documents: Vec<Document>,
    /// The comments, in the order written.
    pub comments: Vec<Comment>,
    /// What could not be parsed.
    pub diagnostics: Vec<Diagnostic>,
    /// The merge keys of mappings that have another one before.
    pub(super) merged_twice: Vec<Span>,
}

/// Parses a source. Scalars will be typed by the rules of `reader`.
pub fn parse(sources: &Arc<Sources>, source: SourceId, reader: Reader) -> Parsed {
    parse_with(sources, source, 0..sources.get(source).text().len(), reader, true)
}

/// Parses some lines of a source, as if it had no others.
pub fn parse_lines(sources: &Arc<Sources>, source: SourceId, lines: Range<usize>, reader: Reader) -> Parsed {
    parse_with(sources, source, lines, reader, true)
}

/// Parses a source by the rules of kubectl for scalars, but without the line break that kubectl adds at the end
/// of a file that has none. kustomize reads its own files and JSON patches so.
pub fn parse_as_it_ends(sources: &Arc<Sources>, source: SourceId) -> Parsed {
    let mut parsed = parse(sources, source, Reader::Kustomize);
    if let Some(tree) = Arc::get_mut(&mut parsed.tree) {
        tree.reader = Reader::Kubectl;
    }
    parsed
}

/// Parses a part of a source, and tries the fast reader first if `scans`. What comes out is the same.
pub(super) fn parse_with(
    sources: &Arc<Sources>,
    source: SourceId,
    part: Range<usize>,
    reader: Reader,
    scans: bool,
) -> Parsed {
    let text = &sources.get(source).text()[..part.end];
    let mut tree = Tree::new(Arc::clone(sources), reader);
    // Manifests have a value in every 20 bytes or more; what is too much is given back at the end.
    tree.reserve(part.len() / 20);
    let mut builder = Builder {
        source,
        text,
        base: part.start,
        end: part.end,
        tree,
        open: Vec::new(),
        root: None,
        aliases: Aliases::default(),
        comments: Vec::new(),
        merged_twice: Vec::new(),
        document_start: part.start,
        document_mark: Mark::default(),
        padding: Padding::default(),
        unindented: None,
        read_again: 0,
        scans,
    };
    let mut documents = Vec::new();
    let mut diagnostics = Vec::new();
    loop {
        let next = match builder.read(&mut documents) {
            Ok(()) => Some(builder.end).filter(|&end| end < text.len()),
            Err(_) if builder.indents_lines() => continue,
            Err(problem) if builder.is_next_of_json_stream(&problem) => Some(problem.primary.span.start as usize),
            Err(problem) => {
                // A parser that looks ahead may meet a problem before it starts the document that has
                // it, and then we meet it again.
                if diagnostics.last().is_none_or(|last: &Diagnostic| last.primary.span != problem.primary.span) {
                    diagnostics.push(*problem);
                }
                builder.abandon();
                next_document(text, builder.document_start)
            }
        };
        match next {
            Some(start) => builder.start_at(start),
            None => break,
        }
    }
    let Builder { mut tree, comments, merged_twice, .. } = builder;
    tree.shrink(WORTH_SHRINKING);
    Parsed { source, tree: Arc::new(tree), documents, comments, diagnostics, merged_twice }
}

/// A text in which no document starts with a byte order mark, and everything stands where it stood: kustomize and
/// kubectl read each document by itself, and then it may have one. The spaces go behind the marker.
fn without_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    const MARK: &str = "\n\u{feff}";
    if !text.contains(MARK) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split(MARK).enumerate() {
        let line = &out[out.rfind('\n').map_or(0, |at| at + 1)..];
        if index > 0 && line.starts_with("---") {
            let end = out.trim_end_matches('\r').len();
            let line_break = out.split_off(end) + "\n";
            out.extend(["   ", &line_break]);
        } else if index > 0 {
            out.push_str(MARK);
        }
        out.push_str(part);
    }
    out.into()
}

/// The start of the first line after the one at `from` that opens a document.
fn next_document(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let mut breaks = rest.match_indices(['\n', '\r']).map(|(index, _)| from + index + 1);
    breaks.find(|&start| {
        let after = text[start..].strip_prefix("---");
        after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', '\n', '\r']))
    })
}

/// The state of building the tree of one source.
struct Builder<'a> {
    source: SourceId,
    text: &'a str,
    /// Where in `text` the running parser started: it is started anew behind a broken document.
    base: usize,
    /// Where it stops: before the end of the text for a document that is read with lines indented, and behind
    /// a broken one.
    end: usize,
    tree: Tree,
    /// The collections that are open, and for a mapping the key whose value comes next.
    open: Vec<(NodeId, Option<Key>)>,
    root: Option<NodeId>,
    aliases: Aliases,
    comments: Vec<Comment>,
    merged_twice: Vec<Span>,
    document_start: usize,
    /// How much the tree held before the document.
    document_mark: Mark,
    /// The lines that the running parser sees indented, a byte of the next one that it should, and how
    /// much was read more than once for that.
    padding: Padding,
    unindented: Option<usize>,
    read_again: usize,
    /// Whether the fast reader may try first.
    scans: bool,
}

impl Builder<'_> {
    /// Reads documents until there is something to decide: the end of the text, the first error, or the end
    /// of a document that the fast reader was not sure of.
    fn read(&mut self, documents: &mut Vec<Document>) -> Result<(), Box<Diagnostic>> {
        if self.scans && self.padding.is_empty() {
            let text = (self.source, self.text);
            let start = scan::read(&mut self.tree, text, self.base, documents, &mut self.comments);
            if start == self.text.len() {
                self.end = start;
                return Ok(());
            }
            self.start_at(start);
            // A directive may belong to the document behind the one that it seems to stand in.
            if self.text[start..self.end].lines().any(|line| line.starts_with('%')) {
                self.end = self.text.len();
            }
        }
        self.read_stream(documents)
    }

    /// Reads documents until the end or the first error.
    fn read_stream(&mut self, documents: &mut Vec<Document>) -> Result<(), Box<Diagnostic>> {
        let options = granit_parser::options! {
            max_buffered_comment_events: usize::MAX,
            block_nesting_limit: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
        };
        // The marker of the next document is part of what is read: the end of a text is not quite the same.
        let marker = if self.end < self.text.len() { MARKER } else { 0 };
        let text = without_marks(self.padding.apply(&self.text[..self.end + marker], self.base));
        for event in Parser::new_from_str_with_options(&text, options) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => return Err(self.syntax_error(&error)),
            };
            let span = self.span(span);
            match event {
                Event::Scalar(scalar, style, anchor, tag) => {
                    let node = self.scalar(&scalar, style, tag.as_deref(), span);
                    self.anchored(anchor, node);
                    self.add(node, anchor == 0)?;
                }
                Event::MappingStart(style, anchor, tag) => {
                    self.start(Kind::Mapping, style, anchor, tag.as_deref(), span)?;
                }
                Event::SequenceStart(style, anchor, tag) => {
                    self.start(Kind::Sequence, style, anchor, tag.as_deref(), span)?;
                }
                Event::MappingEnd | Event::SequenceEnd => self.end(span)?,
                Event::Alias(anchor) => {
                    let node = self.aliases.expand(&mut self.tree, anchor, span, &self.open)?;
                    self.add(node, false)?;
                }
                Event::Comment(..) => self.comments.push(Comment { span }),
                Event::DocumentStart(true, _) if span.start as usize >= self.end => break,
                Event::DocumentStart(..) => self.mark_document(span),
                Event::DocumentEnd => {
                    if let Some(root) = self.root.take() {
                        self.aliases.merge_keys(&mut self.tree, root, &mut self.merged_twice)?;
                        if !self.is_empty_document(root) {
                            documents.push(Document { root });
                        }
                    }
                    self.aliases = Aliases::default();
                    self.mark_document(span);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a problem is only that one JSON object follows another without a marker between them: Go's
    /// decoders read a text that starts with `{` as a stream of JSON values.
    fn is_next_of_json_stream(&self, problem: &Diagnostic) -> bool {
        let at = problem.primary.span.start as usize;
        let is_between = self.open.is_empty() && self.root.is_none() && at > self.base;
        is_between && self.text[at..].starts_with('{') && self.text.trim_start().starts_with('{')
    }

    /// Whether there was nothing between two document markers.
    fn is_empty_document(&self, root: NodeId) -> bool {
        self.tree.kind(root) == Kind::Scalar && self.tree.span(root).is_empty()
    }

    /// Remembers where a document starts, or may start, and what the tree holds before it.
    fn mark_document(&mut self, span: Span) {
        self.document_start = span.start as usize;
        self.document_mark = self.tree.mark();
    }

    /// Forgets the document that could not be read to its end.
    fn abandon(&mut self) {
        self.open.clear();
        self.root = None;
        self.aliases = Aliases::default();
        self.tree.cut(self.document_mark);
    }

    /// Has the parser start anew at the line of text that starts at `start`.
    fn start_at(&mut self, start: usize) {
        self.base = start;
        // One document at a time from here on: a new parser looks at all of the text that it is given, which
        // would be quadratic in a file of many broken documents.
        self.end = next_document(self.text, start).unwrap_or(self.text.len());
        self.document_start = start;
        self.document_mark = self.tree.mark();
        self.padding.clear();
    }

    /// Whether a document was left because of a line in quotes that can be indented, and is now to be
    /// read again.
    fn indents_lines(&mut self) -> bool {
        let Some(line) = self.unindented.take() else { return false };
        let start = self.text[..self.document_start].rfind(['\n', '\r']).map_or(0, |index| index + 1);
        self.read_again += self.padding.cost(start, line, self.end);
        if self.read_again > most_read_again(self.text.len()) {
            return false;
        }
        self.abandon();
        if start != self.base {
            self.start_at(start);
        }
        self.end = next_document(self.text, start).unwrap_or(self.text.len());
        self.padding.extend(self.text, line);
        self.comments.retain(|comment| (comment.span.start as usize) < start);
        true
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&granit_parser::Tag>, span: Span) -> NodeId {
        let (style, text) = match style {
            ScalarStyle::Plain => (Style::Plain, text),
            ScalarStyle::SingleQuoted => (Style::SingleQuoted, text),
            ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, text),
            ScalarStyle::Literal => (Style::Literal, self.without_made_up_break(text, span)),
            ScalarStyle::Folded => (Style::Folded, self.without_made_up_break(text, span)),
        };
        let tag = tag_of(tag);
        if !span.is_empty() {
            return found::scalar(&mut self.tree, self.text, text, style, tag, span);
        }
        let start = found::empty_place(self.text, span.start as usize);
        let span = at(self.source, start, start);
        // What the parser gives an empty node as text is its own spelling of null.
        match style {
            Style::Plain => found::nothing(&mut self.tree, tag, span),
            _ => found::scalar(&mut self.tree, self.text, text, style, tag, span),
        }
    }

    fn without_made_up_break<'t>(&self, text: &'t str, span: Span) -> &'t str {
        found::without_made_up_break(self.text, text, span.end as usize, self.tree.reader())
    }

    /// Where a list begins that stands no deeper than its key: at its first dash, which the parser
    /// has read over.
    fn first_dash(&self, span: Span) -> Span {
        let key = self.open.last().and_then(|&(_, key)| key);
        let start = span.start as usize;
        let Some(key) = key else { return span };
        let mut line = self.tree.key_span(key).end as usize;
        while let Some(index) = self.text.get(line..start).and_then(|gap| gap.find(['\n', '\r'])) {
            line += index + 1;
            let dash = start - self.text[line..start].trim_start_matches(' ').len();
            if self.text[dash..start].starts_with('-') {
                return at(self.source, dash, dash);
            }
        }
        span
    }

    fn start(
        &mut self,
        kind: Kind,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&granit_parser::Tag>,
        span: Span,
    ) -> Result<(), Box<Diagnostic>> {
        let style = match style {
            StructureStyle::Block => Style::Block,
            StructureStyle::Flow => Style::Flow,
        };
        let is_list = kind == Kind::Sequence && style == Style::Block;
        let span = if is_list { self.first_dash(span) } else { span };
        let node = self.tree.add(kind, style, tag_of(tag), span);
        self.anchored(anchor, node);
        self.add(node, false)?;
        self.open.push((node, None));
        Ok(())
    }

    /// Closes the innermost collection. A block collection ends where its last child does: the
    /// parser's own end lies at the next token.
    fn end(&mut self, end: Span) -> Result<(), Box<Diagnostic>> {
        let (node, key) = self.open.pop().expect("every end has its start");
        if let Some(key) = key {
            let span = self.tree.key_span(key);
            return Err(Box::new(Diagnostic::error("yaml-syntax", span, "this key has no value")));
        }
        let raw = self.tree.raw(node);
        let children = self.tree.first_child(node).map(|first| (first, NodeId(raw.last)));
        match children.filter(|_| raw.style() == Style::Block) {
            Some((first, last)) => {
                let first = self.tree.key_of(first).unwrap_or(first);
                let start = raw.start.min(self.tree.span(first).start);
                self.tree.set_extent(node, start, raw.end.max(self.tree.span(last).end));
            }
            None if raw.style() == Style::Flow => self.tree.set_extent(node, raw.start, raw.end.max(end.end)),
            None => {}
        }
        Ok(())
    }

    /// Makes a node the next part of what is open. A key that nothing refers to need not stay a node.
    fn add(&mut self, node: NodeId, is_free: bool) -> Result<(), Box<Diagnostic>> {
        let Some((parent, key)) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let parent = *parent;
        if self.tree.kind(parent) == Kind::Sequence {
            self.tree.append(parent, node);
        } else if let Some(key) = key.take() {
            self.tree.append_keyed(parent, key, node);
        } else {
            let span = self.tree.span(node);
            if self.tree.kind(node) != Kind::Scalar {
                let what = "a mapping or list cannot be a key in a manifest";
                return Err(Box::new(
                    Diagnostic::error("yaml-syntax", span, what)
                        .help("if this is a template, render it first; if it is a text with braces, put it in quotes"),
                ));
            }
            // YAML lets a key be nothing, kustomize and kubectl only behind a `?`.
            if span.is_empty() && self.text[..span.start as usize].ends_with(':') {
                let span = at(self.source, span.start as usize - 1, span.start as usize);
                let error = Diagnostic::error("yaml-syntax", span, "there is no key before this `:`");
                return Err(error.help("write the key, or put the value in quotes if it is a text").into());
            }
            if self.tree.raw(node).style() == Style::Plain && self.tree.text_of(node) == "<<" {
                self.aliases.note_merge_key();
            }
            let key = if is_free { self.tree.take_key(node) } else { Key::Node(node) };
            self.open.last_mut().expect("just seen").1 = Some(key);
        }
        Ok(())
    }

    fn anchored(&mut self, anchor: usize, node: NodeId) {
        if anchor != 0 {
            self.aliases.define(anchor, node);
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        at(self.source, self.byte(span.start), self.byte(span.end))
    }

    fn byte(&self, marker: granit_parser::Marker) -> usize {
        self.padding.written(self.base, marker.byte_offset().expect("a parser of a str knows bytes"))
    }

    fn syntax_error(&mut self, error: &ScanError) -> Box<Diagnostic> {
        let byte = self.byte(*error.marker());
        if matches!(error.kind(), ErrorKind::InvalidQuotedScalarIndent) {
            let starts_document = |line: &str| line.is_empty() || line.starts_with("---");
            self.unindented = Some(byte).filter(|&byte| !self.text.get(byte..).is_none_or(starts_document));
        }
        let start = self.text.floor_char_boundary(byte.min(self.text.len()));
        let end = start + self.text[start..].chars().next().filter(|&char| char != '\n').map_or(0, char::len_utf8);
        problem::diagnostic(error, self.text, start, at(self.source, start, end))
    }
}

fn tag_of(tag: Option<&granit_parser::Tag>) -> Tag {
    let Some(tag) = tag else { return Tag::None };
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("str") => Tag::Str,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some("bool") => Tag::Bool,
        Some("null") => Tag::Null,
        Some("binary") => Tag::Binary,
        Some("timestamp") => Tag::Timestamp,
        _ if tag.original() == "!" => Tag::NonSpecific,
        _ => Tag::Other,
    }
}
