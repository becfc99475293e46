//! The text of a JSON patch, read as kustomize reads it: as strict JSON if its first character is `[`, else as
//! the first document of YAML 1.1. Whether the operations make sense is seen when they are applied.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::OriginMap;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::As;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::parse_as_it_ends;

/// The operations of one patch.
#[derive(Clone, Debug)]
pub struct JsonPatch {
    tree: Arc<Tree>,
    operations: Vec<NodeId>,
    is_json: bool,
}

impl JsonPatch {
    /// Reads the text of a patch.
    ///
    /// # Errors
    /// When the text is no list of objects, or cannot be read.
    pub fn parse(sources: &Arc<Sources>, source: SourceId) -> Result<Self, Box<Diagnostic>> {
        let text = sources.get(source).text();
        let is_json = text.starts_with('[');
        let source = if is_json { strict_json(sources, source)? } else { source };
        let parsed = parse_as_it_ends(sources, source);
        let first = parsed.documents.first().map(|document| parsed.tree.node(document.root));
        // What follows the first document is never read.
        let end = if is_json { u32::MAX } else { first.map_or(u32::MAX, |root| root.span().start) };
        if let Some(problem) = parsed.diagnostics.iter().find(|problem| problem.primary.span.start < end) {
            return Err(Box::new(problem.clone()));
        }
        let refused = parsed.refused(As::Settings).filter(|_| !is_json);
        if let Some(problem) = refused.or_else(|| parsed.quoted_merge_key()) {
            return Err(Box::new(problem));
        }
        let Some(root) = first.filter(|root| !root.is_null()) else {
            return Ok(Self { tree: Arc::clone(&parsed.tree), operations: Vec::new(), is_json });
        };
        if root.kind() != Kind::Sequence {
            let what = "a JSON patch is a list of operations, and this is none";
            let help = "begin each operation with `- op: add`, or write `[{\"op\": \"add\", …}]`";
            return Err(Box::new(Diagnostic::error("json-patch-syntax", root.span(), what).help(help)));
        }
        if let Some(item) = root.items().find(|item| item.kind() != Kind::Mapping && !item.is_null()) {
            let what = "an operation of a JSON patch has the fields `op`, `path` and more; this is not a mapping";
            return Err(Box::new(Diagnostic::error("json-patch-syntax", item.span(), what)));
        }
        // kustomize turns the whole patch into JSON before it looks at it.
        Tree::new(Arc::clone(sources), Reader::Kustomize).copy_as_json(root, None)?;
        let operations = root.items().map(Node::id).collect();
        Ok(Self { tree: Arc::clone(&parsed.tree), operations, is_json })
    }

    /// Whether there is no operation, which kustomize refuses in `patchesJson6902`.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The operations, in their order.
    pub fn operations(&self) -> impl Iterator<Item = Node<'_>> {
        self.operations.iter().map(|&id| self.tree.node(id))
    }

    /// Its text, if that is JSON. Then a `test` compares the very spelling of values.
    pub(super) fn json_source(&self) -> Option<SourceId> {
        let first = self.operations().next().filter(|_| self.is_json);
        first.map(|operation| operation.span().source)
    }
}

/// Refuses what is YAML but no JSON, and gives a text that means the same in both: without tabs between values
/// and without pairs of escapes for one character.
fn strict_json(sources: &Sources, source: SourceId) -> Result<SourceId, Box<Diagnostic>> {
    let whole = sources.get(source);
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(whole.text()) {
        let line = whole.lines().range(whole.text(), u32::try_from(error.line()).unwrap_or(1)).unwrap_or(0..0);
        let start = (line.start + error.column().saturating_sub(1)).min(line.end);
        let what = format!("this patch begins with `[`, so it is read as JSON, and it is none: {}", told(&error));
        let problem = Diagnostic::error("json-patch-syntax", at(source, start, start), what);
        return Err(Box::new(problem.help("write JSON, or a YAML list whose items begin with `-`")));
    }
    let made = rewritten(whole.text(), source);
    Ok(made.map_or(source, |(text, origins)| sources.add_made(whole.path(), text, origins)))
}

/// What serde_json says, without its line and column.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}

/// The text without what YAML reads differently, and where each part of it came from.
fn rewritten(text: &str, source: SourceId) -> Option<(String, OriginMap)> {
    let (mut out, mut origins) = (String::new(), OriginMap::default());
    let (mut copied, mut index, mut quoted) = (0, 0, false);
    while index < text.len() {
        let bytes = &text.as_bytes()[index..];
        let (length, instead) = match bytes {
            [b'\\', b'u', ..] if quoted => match pair(&text[index..]) {
                Some(found) => found,
                None => (6, None),
            },
            [b'\\', ..] if quoted => (2, None),
            [b'"', ..] => {
                quoted = !quoted;
                (1, None)
            }
            [b'\t', ..] => (1, Some(' ')),
            _ => (1, None),
        };
        if let Some(char) = instead {
            append(&mut out, &mut origins, &text[copied..index], at(source, copied, index));
            append(&mut out, &mut origins, char.encode_utf8(&mut [0; 4]), at(source, index, index + length));
            copied = index + length;
        }
        index += length;
    }
    if copied == 0 {
        return None;
    }
    append(&mut out, &mut origins, &text[copied..], at(source, copied, text.len()));
    Some((out, origins))
}

fn append(out: &mut String, origins: &mut OriginMap, part: &str, origin: Span) {
    let start = out.len();
    out.push_str(part);
    let offset = |index: usize| u32::try_from(index).expect("a source is shorter than 4 GiB");
    origins.push(offset(start), offset(out.len()), origin);
}

/// The character of two escapes that are one in UTF-16, or the one that Go puts in place of half a pair.
fn pair(text: &str) -> Option<(usize, Option<char>)> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(0)?;
    if !(0xD800..0xE000).contains(&first) {
        return None;
    }
    let both = unit(6).and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    Some(both.map_or((6, Some(char::REPLACEMENT_CHARACTER)), |char| (12, Some(char))))
}

fn at(source: SourceId, start: usize, end: usize) -> Span {
    let offset = |index: usize| u32::try_from(index).expect("a source is shorter than 4 GiB");
    Span { source, start: offset(start), end: offset(end) }
}
