//! The keys and values of a generator's entry, from `envs`, `literals` and `files` in this order, each with the
//! place where it is written: the line of the env file, the literal, the data file.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kustomization::field;
use crate::render::kustomize::generator::Result;
use crate::render::kustomize::generator::expect_text;
use crate::render::kustomize::generator::text_field;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::handed_on;
use crate::yaml::span_within;

/// The longest line of an env file. Go's scanner stops at a longer one, and kustomize does not notice.
const LONGEST_LINE: usize = 64 * 1024;

/// One key and its value.
pub(super) struct Pair {
    pub(super) key: String,
    /// Where the key is said.
    pub(super) place: Span,
    pub(super) value: Value,
}

/// The value of a key.
pub(super) enum Value {
    /// A range of a text, letter for letter.
    Range(Span),
    /// All of a file that is no text.
    File(SourceId),
    /// A text that was made from what stands at the span.
    Made(String, Span),
}

impl Value {
    /// Its bytes.
    pub(super) fn bytes<'a>(&'a self, sources: &'a Sources) -> &'a [u8] {
        match self {
            Self::Range(span) => &sources.get(span.source).bytes()[span.start as usize..span.end as usize],
            Self::File(source) => sources.get(*source).bytes(),
            Self::Made(text, _) => text.as_bytes(),
        }
    }

    /// Where it is written letter for letter, if it is.
    pub(super) fn range(&self) -> Option<Span> {
        match self {
            Self::Range(span) => Some(*span),
            Self::File(_) | Self::Made(..) => None,
        }
    }

    /// Where it is written.
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Range(span) | Self::Made(_, span) => *span,
            Self::File(source) => Span::whole(*source),
        }
    }
}

/// The pairs of an entry.
pub(super) fn of(
    entry: Node<'_>,
    sources: &Arc<Sources>,
    read: impl Fn(Node<'_>, &str) -> Result<SourceId>,
) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut envs = texts(entry, "envs")?;
    // The old singular field comes last.
    envs.extend(text_field(entry, "env")?.filter(|env| !env.text().is_empty()));
    for env in envs {
        let path = handed_on(env)?;
        let source = read(env, &path)?;
        env_file(source, sources, &mut pairs)?;
    }
    for literal in texts(entry, "literals")? {
        pairs.push(self::literal(literal)?);
    }
    for file in texts(entry, "files")? {
        pairs.push(data_file(file, sources, &read)?);
    }
    refuse_repetitions(&pairs)?;
    Ok(pairs)
}

/// The items of a list of texts. Nothing as an item is an empty text.
fn texts<'a>(entry: Node<'a>, name: &str) -> Result<Vec<Node<'a>>> {
    let Some(list) = field(entry, name).filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    if list.kind() != Kind::Sequence {
        let what = format!("`{name}` must be a list");
        return Err(Box::new(Diagnostic::error("kustomization-type", list.span(), what)));
    }
    let text = |item: Node<'a>| if item.is_null() { Ok(item) } else { expect_text(item, name) };
    list.items().map(text).collect()
}

/// `key=value`, where one pair of quotes around the value is taken away.
fn literal(node: Node<'_>) -> Result<Pair> {
    let text = handed_on(node)?;
    let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        let what = format!("the literal `{text}` has not the form `key=value`");
        return Err(Box::new(Diagnostic::error("generator", node.span(), what)));
    };
    let bytes = value.as_bytes();
    let quoted = matches!(bytes, [b'"', .., b'"'] | [b'\'', .., b'\'']);
    let (start, end) = if quoted { (1, value.len() - 1) } else { (0, value.len()) };
    let start = key.len() + 1 + start;
    let range = start..key.len() + 1 + end;
    let part = |range: Range<usize>| if text == node.text() { span_within(node, range) } else { node.span() };
    Ok(Pair {
        key: key.to_owned(),
        place: part(0..key.len()),
        value: Value::Made(text[range.clone()].to_owned(), part(range)),
    })
}

/// `path` or `key=path`.
fn data_file(node: Node<'_>, sources: &Sources, read: impl Fn(Node<'_>, &str) -> Result<SourceId>) -> Result<Pair> {
    let text = handed_on(node)?;
    let wrong = |what: String| Err(Box::new(Diagnostic::error("generator", node.span(), what)));
    let (key, path) = match text.split('=').collect::<Vec<_>>()[..] {
        [path] => (base_name(path), path),
        ["", path] => return wrong(format!("the file `{path}` has an empty key before its `=`")),
        [key, ""] => return wrong(format!("the key `{key}` has no path behind its `=`")),
        [key, path] => (key, path),
        _ => return wrong(format!("`{text}` has more than one `=`, which neither key nor path may have")),
    };
    let source = read(node, path)?;
    let length = u32::try_from(sources.get(source).bytes().len()).expect("a file is smaller than its limit");
    let value = if sources.get(source).is_binary() {
        Value::File(source)
    } else {
        Value::Range(Span { source, start: 0, end: length })
    };
    Ok(Pair { key: key.to_owned(), place: node.span(), value })
}

/// The last part of a path, as Go's `path.Base` gives it.
fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match (trimmed, path) {
        ("", "") => ".",
        ("", _) => "/",
        _ => trimmed.rsplit_once('/').map_or(trimmed, |(_, name)| name),
    }
}

/// The lines of an env file: blank before the key is dropped, behind the value it is kept, quotes are part of
/// the value, and a key without `=` has an empty one.
fn env_file(source: SourceId, sources: &Sources, pairs: &mut Vec<Pair>) -> Result<()> {
    let file = sources.get(source);
    let bytes = file.bytes();
    let mut next = 0;
    while next < bytes.len() {
        let start = next;
        let length = bytes[start..].iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len() - start);
        if length >= LONGEST_LINE {
            break;
        }
        next = start + length + 1;
        let line = bytes[start..start + length].strip_suffix(b"\r").unwrap_or(&bytes[start..start + length]);
        let at = |range: Range<usize>| {
            let offset = |index: usize| u32::try_from(index).expect("a file is smaller than its limit");
            Span { source, start: offset(range.start), end: offset(range.end) }
        };
        let Ok(line) = std::str::from_utf8(line) else {
            let what = "this env file has a line that is not UTF-8";
            return Err(Box::new(Diagnostic::error("generator", Span::whole(source), what)));
        };
        let unmarked = if start == 0 { line.strip_prefix('\u{FEFF}').unwrap_or(line) } else { line };
        let content = unmarked.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let begin = start + (line.len() - content.len());
        let (key, value) = content.split_once('=').unwrap_or((content, ""));
        if key.is_empty() {
            continue;
        }
        let end = begin + content.len();
        let (key_span, value_span) = (at(begin..begin + key.len()), at(end - value.len()..end));
        let (place, value) = if file.is_binary() {
            (Span::whole(source), Value::Made(value.to_owned(), Span::whole(source)))
        } else {
            (key_span, Value::Range(value_span))
        };
        pairs.push(Pair { key: key.to_owned(), place, value });
    }
    Ok(())
}

fn refuse_repetitions(pairs: &[Pair]) -> Result<()> {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for pair in pairs {
        if let Some(first) = seen.insert(&pair.key, pair.place) {
            let what = format!("the key `{}` is given twice", pair.key);
            let problem = Diagnostic::error("generator", pair.place, what);
            return Err(Box::new(problem.related(first, "it is given here first")));
        }
    }
    Ok(())
}

/// Base64 as kustomize writes it: what is longer than 70 characters stands in lines of 70, each with its newline.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let padded = [three[0], three.get(1).copied().unwrap_or(0), three.get(2).copied().unwrap_or(0)];
        let bits = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        for index in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * index) & 63) as usize];
            encoded.push(if index > three.len() { '=' } else { char::from(digit) });
        }
    }
    if encoded.len() < LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    for start in (0..encoded.len()).step_by(LINE) {
        lines.push_str(&encoded[start..encoded.len().min(start + LINE)]);
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::base_name;
    use super::base64;

    #[test]
    fn long_base_64_stands_in_lines_that_all_end() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"hell"), "aGVsbA==");
        assert_eq!(base64(b"hello"), "aGVsbG8=");
        assert_eq!(base64(&[0; 51]).len(), 68);
        assert_eq!(
            base64(&[255; 52]),
            format!(
                "{}w
==
",
                "/".repeat(69)
            )
        );
        assert_eq!(base64(&[0; 105]), format!("{0}\n{0}\n", "A".repeat(70)));
    }

    #[test]
    fn the_key_of_a_file_is_the_last_part_of_its_path() {
        for (path, name) in [("a", "a"), ("a/b.c", "b.c"), ("a/", "a"), ("", "."), ("//", "/")] {
            assert_eq!(base_name(path), name);
        }
    }
}
