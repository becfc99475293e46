//! A message with places for values: `{name}` of the subject, `{key}` and `{value}` of the node found,
//! `{match}` for the part of it that matched, `{@.field}` of it, and `{$query}` for anything else. `{{` is a brace.

use std::ops::Range;

use crate::jsonpath::Query;
use crate::jsonpath::QueryError;
use crate::policy::condition::Roots;
use crate::yaml::Kind;
use crate::yaml::Node;

/// A message, ready to be filled in.
#[derive(Debug)]
pub(super) struct Message(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    /// The key of the node found.
    Key,
    /// The text of the node found.
    Value,
    /// The part of that text that a regular expression matched.
    Match,
    /// What a query from the subject or another root finds.
    Query(Query),
    /// The same, if that is what something is called.
    Name(Query),
    /// What a query from the node found finds.
    Found(Query),
}

/// What is said in place of a name that is not there.
const NAMELESS: &str = "(without a name)";

/// Values longer than this many characters are cut in messages.
const MAX_VALUE: usize = 80;

impl Message {
    /// A message that says nothing, in place of one that could not be read.
    pub(super) fn empty() -> Self {
        Self(Vec::new())
    }

    /// Reads the template of a message.
    pub(super) fn parse(text: &str, roots: &[&str]) -> Result<Self, QueryError> {
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(open) = text[at..].find('{') {
            let open = at + open;
            if text[open..].starts_with("{{") {
                pieces.push(Piece::Text(text[at..=open].to_owned()));
                at = open + 2;
                continue;
            }
            let Some(close) = text[open..].find('}') else {
                let help = Some("write `{{` for a brace".to_owned());
                return Err(QueryError { at: open..text.len(), message: "this `{` is never closed".to_owned(), help });
            };
            let close = open + close;
            pieces.push(Piece::Text(text[at..open].to_owned()));
            let shift =
                |error: QueryError, by: usize| QueryError { at: error.at.start + by..error.at.end + by, ..error };
            pieces.push(match &text[open + 1..close] {
                "key" => Piece::Key,
                "value" => Piece::Value,
                "match" => Piece::Match,
                name if name.starts_with('$') => {
                    let query = Query::parse(name, roots).map_err(|error| shift(error, open + 1))?;
                    if is_name(name) { Piece::Name(query) } else { Piece::Query(query) }
                }
                name if name.starts_with('@') => {
                    let query = format!("${}", &name[1..]);
                    Piece::Found(Query::parse(&query, &[""]).map_err(|error| shift(error, open + 1))?)
                }
                name => {
                    let query = Query::parse(&format!("$.{name}"), &[""]).map_err(|error| shift(error, open))?;
                    if is_name(name) { Piece::Name(query) } else { Piece::Query(query) }
                }
            });
            at = close + 1;
        }
        pieces.push(Piece::Text(text[at..].to_owned()));
        Ok(Self(pieces))
    }

    /// The queries from the subject or another root.
    pub(super) fn queries(&self) -> impl Iterator<Item = &Query> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Query(query) | Piece::Name(query) => Some(query),
            _ => None,
        })
    }

    /// The message about `found`.
    pub(super) fn fill(&self, found: Node<'_>, part: Option<&Range<usize>>, roots: &Roots<'_>) -> String {
        let mut message = String::new();
        let mut is_nameless = false;
        for piece in &self.0 {
            match piece {
                // What is not there needs no quotes.
                Piece::Text(text) if std::mem::take(&mut is_nameless) => {
                    message.push_str(text.strip_prefix('`').unwrap_or(text));
                }
                Piece::Text(text) => message.push_str(text),
                Piece::Name(query) => match name(query, &roots.bindings) {
                    Some(name) => message.push_str(&name),
                    None if message.ends_with('`') => {
                        message.pop();
                        message.push_str(NAMELESS);
                        is_nameless = true;
                    }
                    None => message.push('?'),
                },
                Piece::Key => message.push_str(found.key().map_or("", Node::text)),
                Piece::Value => message.push_str(&shown(found)),
                Piece::Match => {
                    let matched = part.and_then(|part| found.text().get(part.clone()));
                    message.push_str(&matched.map_or_else(|| shown(found), cut));
                }
                Piece::Query(query) => message.push_str(&listed(query, &roots.bindings)),
                Piece::Found(query) => message.push_str(&listed(query, &[("", found)])),
            }
        }
        message
    }
}

/// Whether a query asks for what something is called.
fn is_name(query: &str) -> bool {
    matches!(query.rsplit('.').next(), Some("name" | "container"))
}

/// What something is called, or what the name begins with that the API server will make up; none if it has none.
fn name(query: &Query, roots: &[(&str, Node<'_>)]) -> Option<String> {
    let selected = query.select(roots).unwrap_or_default();
    let names: Vec<String> = selected.iter().map(|selected| shown(selected.node)).collect();
    if names.iter().any(|name| !name.is_empty()) {
        return Some(names.join(", "));
    }
    let reached = query.longest_prefix(roots).ok()?;
    let generated = reached.nodes.first()?.node.get_str("generateName")?;
    Some(format!("{}…", cut(generated)))
}

fn listed(query: &Query, roots: &[(&str, Node<'_>)]) -> String {
    // A query of a message that takes too long says as little as one that finds nothing.
    let selected = query.select(roots).unwrap_or_default();
    let values: Vec<String> = selected.iter().map(|selected| shown(selected.node)).collect();
    if values.is_empty() { "?".to_owned() } else { values.join(", ") }
}

fn shown(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Scalar => cut(node.text()),
        Kind::Sequence => node.items().map(shown).collect::<Vec<_>>().join(" "),
        Kind::Mapping => "{…}".to_owned(),
    }
}

/// The first line of a text, cut if it is long.
fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.len() < text.trim_end().len() => format!("{line}…"),
        None => line.to_owned(),
    }
}
