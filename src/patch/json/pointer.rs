//! JSON pointers (RFC 6901) as the Go library follows them: the part before the first `/` is ignored, an index
//! may have a sign, and a negative one counts from the end.

use std::ops::Range;

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// A place in a container: a key of a mapping, or an index of a sequence that is not read yet.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The mapping or sequence.
    pub(super) container: NodeId,
    /// The last part of the pointer, unescaped.
    pub(super) key: String,
    /// The bytes of the pointer that the key is.
    pub(super) range: Range<usize>,
}

/// Why a pointer leads nowhere.
#[derive(Debug)]
pub(super) struct Lost {
    /// The last node that it led to.
    pub(super) node: NodeId,
    /// What is wrong there.
    pub(super) problem: String,
}

/// The place that a pointer leads to; its container exists, what it names may not.
pub(super) fn find(tree: &Tree, root: NodeId, pointer: &str) -> Result<Place, Lost> {
    let lost = |node: NodeId, problem: String| Err(Lost { node, problem });
    let Some(slash) = pointer.find('/') else {
        let problem = if pointer.is_empty() {
            "the empty path is the whole object, which can only be replaced or tested".to_owned()
        } else {
            format!("the path `{pointer}` does not begin with `/`")
        };
        return lost(root, problem);
    };
    let mut container = root;
    let mut start = slash + 1;
    while let Some(length) = pointer[start..].find('/') {
        let key = unescaped(&pointer[start..start + length]);
        container = match get(tree.node(container), &key) {
            Ok(Some(next)) if next.kind() != Kind::Scalar => next.id(),
            Ok(Some(next)) if next.is_null() => return lost(next.id(), format!("`{key}` is null")),
            Ok(Some(next)) => return lost(next.id(), format!("`{key}` is neither a mapping nor a list")),
            Ok(None) => return lost(container, format!("there is no `{key}` here")),
            Err(problem) => return lost(container, problem),
        };
        start += length + 1;
    }
    Ok(Place { container, key: unescaped(&pointer[start..]), range: start..pointer.len() })
}

/// The child of a container.
pub(super) fn get<'a>(container: Node<'a>, key: &str) -> Result<Option<Node<'a>>, String> {
    if container.kind() == Kind::Mapping {
        return Ok(container.get(key));
    }
    let length = container.items().count();
    let index = index(key, length)?;
    container.items().nth(index).map(Some).ok_or_else(|| out_of_range(key, length))
}

/// The index that `key` stands for in a list of `length` items, which may be beyond its end.
pub(super) fn index(key: &str, length: usize) -> Result<usize, String> {
    let index: i64 = key.parse().map_err(|_| format!("`{key}` is no index of a list"))?;
    let from_start = if index < 0 { index + i64::try_from(length).unwrap_or(i64::MAX) } else { index };
    usize::try_from(from_start).map_err(|_| out_of_range(key, length))
}

/// What is wrong with an index beyond the end.
pub(super) fn out_of_range(key: &str, length: usize) -> String {
    let items = if length == 1 { "item" } else { "items" };
    format!("index {key} is out of range: this list has {length} {items}")
}

fn unescaped(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(tilde) = rest.find('~') {
        text.push_str(&rest[..tilde]);
        let (char, length) = match rest.as_bytes().get(tilde + 1) {
            Some(b'0') => ('~', 2),
            Some(b'1') => ('/', 2),
            _ => ('~', 1),
        };
        text.push(char);
        rest = &rest[tilde + length..];
    }
    text + rest
}
