//! Queries over YAML nodes: JSONPath as RFC 9535 has it, with named roots, and with an answer for
//! what cannot be known.
//!
//! It works on [`Node`] itself: nothing is converted, what is selected are nodes with their spans.
//! It goes beyond the RFC in four ways:
//!
//! - A query starts at `$` or at a named root such as `$pod`, whichever the caller offers, and its
//!   filters may look at the others: `$pod.initContainers[?@.restartPolicy != $param.policy]`.
//! - Filters are three-valued. A comparison or function of a scalar whose value is unknown is
//!   itself unknown, and so is what a filter selects by it; see [`Selected::certain`]. That the
//!   scalar exists is known.
//! - A pattern written in the query that is no regular expression is an error, where the RFC lets
//!   it match nothing. Patterns may use all of the `regex` crate's syntax, not only I-Regexp.
//! - Work is bounded: [`MAX_STEPS`], [`MAX_NESTING`], [`MAX_PATTERN_BYTES`].
//!
//! Scalars have the types that the reader of their tree gives them, and timestamps are texts. Of
//! duplicate keys the first one is found by name; rendered trees have none.

mod error;
mod work;
mod pattern;
mod ast;
mod truth;
mod cursor;
mod parse;
mod member;
mod compare;
mod evaluate;
mod fields;
mod path;

mod names;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::OnceLock;

pub use error::QueryError;
pub use fields::FieldNames;
pub use parse::MAX_NESTING;
pub use path::display_path;
pub use path::path_of;
pub use pattern::LazyPattern;
pub use pattern::MAX_PATTERN_BYTES;
pub use work::Exhausted;
pub use work::MAX_STEPS;
pub use work::Work;

use crate::jsonpath::ast::Segment;
use crate::jsonpath::ast::Selector;
use crate::jsonpath::evaluate::Evaluation;
use crate::jsonpath::fields::Place;
use crate::jsonpath::work::Stop;
use crate::yaml::Node;

/// A parsed query.
#[derive(Clone, Debug)]
pub struct Query {
    text: String,
    root: String,
    segments: Vec<Segment>,
    /// The names of fields without which it selects nothing, found out when first asked for.
    needed: OnceLock<Vec<Vec<Place>>>,
}

/// One node that a query selected.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Selected<'a> {
    /// The node.
    pub node: Node<'a>,
    /// Whether it is selected whatever the unknown values turn out to be.
    pub certain: bool,
}

/// How far a query gets before it selects nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Reached<'q, 'a> {
    /// What the longest beginning of the query that selects anything selects. Empty only if the
    /// root has no node.
    pub nodes: Vec<Selected<'a>>,
    /// The rest of the query as written, from the segment that selects nothing on.
    pub missing: &'q str,
    /// The field that is missing, if that segment asks for one by its name.
    pub missing_name: Option<&'q str>,
}

impl Query {
    /// Parses a query. `roots` are the names it may use behind a `$`, the empty one for `$` alone.
    ///
    /// # Errors
    /// When the text is not a query, or names a root that is not among `roots`.
    pub fn parse(text: &str, roots: &[&str]) -> Result<Self, QueryError> {
        let (root, segments) = parse::parse(text, roots)?;
        Ok(Self { text: text.to_owned(), root, segments, needed: OnceLock::new() })
    }

    /// The name of the root that it starts at; empty for `$`.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The field that it asks for: the last name, unless other than indexes, filters and wildcards
    /// of one selector follow it. `$.spec.containers[*]` asks for `containers`.
    pub fn last_name(&self) -> Option<&str> {
        for segment in self.segments.iter().rev() {
            match segment.selectors.as_slice() {
                [Selector::Name(name)] => return Some(name),
                [_] if !segment.descendant => {}
                _ => return None,
            }
        }
        None
    }

    /// All nodes that it selects, in the order of the RFC. A root without a node selects nothing.
    ///
    /// # Errors
    /// When that takes more than [`MAX_STEPS`].
    pub fn select<'a>(&self, roots: &[(&str, Node<'a>)]) -> Result<Vec<Selected<'a>>, Exhausted> {
        self.select_within(roots, &Work::new())
    }

    /// The same, as part of work that several queries share.
    ///
    /// # Errors
    /// When no work is left.
    pub fn select_within<'a>(&self, roots: &[(&str, Node<'a>)], work: &Work) -> Result<Vec<Selected<'a>>, Exhausted> {
        self.select_first(self.segments.len(), &Evaluation::new(roots, work))
    }

    /// Hands each node that it selects to `sink` until that says `false`, as part of work that several queries share.
    ///
    /// # Errors
    /// When no work is left.
    pub fn visit_within<'a>(
        &self,
        roots: &[(&str, Node<'a>)],
        work: &Work,
        mut sink: impl FnMut(Selected<'a>) -> bool,
    ) -> Result<(), Exhausted> {
        let evaluation = Evaluation::new(roots, work);
        let Some(root) = evaluation.root(&self.root) else { return Ok(()) };
        let walked = evaluation.walk(&self.segments, root, true, &mut |node, certain| {
            if sink(Selected { node, certain }) { Ok(()) } else { Err(Stop::Enough) }
        });
        match walked {
            Ok(()) | Err(Stop::Enough) => Ok(()),
            Err(Stop::Exhausted) => Err(Exhausted),
        }
    }

    /// The nearest nodes to what is missing, for a query that selects nothing: those that its
    /// longest beginning selects.
    ///
    /// # Errors
    /// When that takes more than [`MAX_STEPS`].
    pub fn longest_prefix<'a>(&self, roots: &[(&str, Node<'a>)]) -> Result<Reached<'_, 'a>, Exhausted> {
        let work = Work::new();
        let evaluation = Evaluation::new(roots, &work);
        let mut length = self.segments.len();
        loop {
            let nodes = self.select_first(length, &evaluation)?;
            if !nodes.is_empty() || length == 0 {
                let segment = self.segments.get(length);
                let missing = segment.map_or("", |segment| &self.text[segment.at..]);
                let missing_name = segment.and_then(Segment::single).and_then(|selector| match selector {
                    Selector::Name(name) => Some(name.as_str()),
                    _ => None,
                });
                return Ok(Reached { nodes, missing, missing_name });
            }
            length -= 1;
        }
    }

    /// What the first segments select.
    fn select_first<'a>(&self, length: usize, evaluation: &Evaluation<'_, 'a>) -> Result<Vec<Selected<'a>>, Exhausted> {
        let mut selected = Vec::new();
        if let Some(root) = evaluation.root(&self.root) {
            evaluation
                .walk(&self.segments[..length], root, true, &mut |node, certain| {
                    selected.push(Selected { node, certain });
                    Ok(())
                })
                .map_err(|_| Exhausted)?;
        }
        Ok(selected)
    }
}

impl fmt::Display for Query {
    /// The text that it was parsed from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
