//! A tree as text that looks the way it was written: order, quotes, brackets and blocks stay, two spaces for each
//! level. This is what kustomize makes of YAML that it finds within a text. Comments are not the tree's.

use std::fmt::Write;

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::emit::text;

/// The longest key that stands on one line with its value.
const LONGEST_KEY: usize = 128;

/// The text of one document; none where something has no simple form: a tag that is needed, a key of several lines.
pub fn emit_as_written(root: Node<'_>) -> Option<String> {
    let mut out = String::new();
    Writer { out: &mut out }.node(root, 0, false)?;
    out.push('\n');
    Some(out)
}

struct Writer<'o> {
    out: &'o mut String,
}

impl Writer<'_> {
    /// Writes a node where the pen is, its lines at `indent`.
    fn node(&mut self, node: Node<'_>, indent: usize, in_flow: bool) -> Option<()> {
        if node.tag() == Tag::Other || node.missed_tag().is_some() {
            return None;
        }
        let in_flow = in_flow || node.style() == Style::Flow;
        let is_empty = node.children().next().is_none();
        match node.kind() {
            Kind::Scalar => self.scalar(node, indent, if in_flow { Place::Flow } else { Place::Block }),
            _ if in_flow || is_empty => self.flow(node),
            Kind::Sequence => {
                for (index, item) in node.items().enumerate() {
                    self.line(index > 0, indent);
                    self.out.push('-');
                    self.out.push_str(if is_nothing(item) { "" } else { " " });
                    self.node(item, indent + 2, false)?;
                }
                Some(())
            }
            Kind::Mapping => {
                for (index, (key, value)) in node.fields().enumerate() {
                    self.line(index > 0, indent);
                    self.key(key, false)?;
                    let is_block = value.style() != Style::Flow && value.children().next().is_some();
                    match value.kind() {
                        Kind::Mapping if is_block => {
                            self.line(true, indent + 2);
                            self.node(value, indent + 2, false)?;
                        }
                        Kind::Sequence if is_block => {
                            self.line(true, indent);
                            self.node(value, indent, false)?;
                        }
                        _ => {
                            self.out.push_str(if is_nothing(value) { "" } else { " " });
                            self.node(value, indent + 2, false)?;
                        }
                    }
                }
                Some(())
            }
        }
    }

    fn flow(&mut self, node: Node<'_>) -> Option<()> {
        let [open, close] = if node.kind() == Kind::Mapping { ['{', '}'] } else { ['[', ']'] };
        self.out.push(open);
        for (index, child) in node.children().enumerate() {
            self.out.push_str(if index == 0 { "" } else { ", " });
            if let Some(key) = child.key() {
                self.key(key, true)?;
                self.out.push_str(if is_nothing(child) { "" } else { " " });
            }
            self.node(child, 0, true)?;
        }
        self.out.push(close);
        Some(())
    }

    fn key(&mut self, key: Node<'_>, in_flow: bool) -> Option<()> {
        if key.kind() != Kind::Scalar || key.text().len() > LONGEST_KEY || key.text().contains(text::is_break) {
            return None;
        }
        self.scalar(key, 0, if in_flow { Place::FlowKey } else { Place::Key })?;
        self.out.push(':');
        Some(())
    }

    fn scalar(&mut self, node: Node<'_>, indent: usize, place: Place) -> Option<()> {
        let text = node.text();
        let tag = tag(node)?;
        self.out.push_str(tag);
        match style(node, place) {
            Style::Plain => self.out.push_str(text),
            Style::SingleQuoted if !text.contains(text::is_break) => {
                write!(self.out, "'{}'", text.replace('\'', "''")).ok()?;
            }
            Style::DoubleQuoted => text::double_quoted(text, self.out),
            Style::Literal => self.literal(text, indent),
            _ => return None,
        }
        Some(())
    }

    fn literal(&mut self, text: &str, indent: usize) {
        let indent = indent.max(2);
        self.out.push('|');
        self.out.push_str(if text.starts_with([' ', '\n']) { "2" } else { "" });
        self.out.push_str(match text.strip_suffix('\n') {
            None => "-",
            Some("") => "+",
            Some(rest) if rest.ends_with('\n') => "+",
            Some(_) => "",
        });
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.line(true, if line.is_empty() { 0 } else { indent });
            self.out.push_str(line);
        }
    }

    fn line(&mut self, is_new: bool, indent: usize) {
        if is_new {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', indent));
        }
    }
}

/// Where a scalar stands, which decides how it may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Key,
    Flow,
    FlowKey,
}

/// Whether nothing at all is written for a node.
fn is_nothing(node: Node<'_>) -> bool {
    node.kind() == Kind::Scalar && node.style() == Style::Plain && node.text().is_empty() && node.is_null()
}

/// The tag of a scalar whose text does not look like its type any more.
fn tag(node: Node<'_>) -> Option<&'static str> {
    let resolved = Reader::Kustomize.resolve(node.text(), Style::Plain, Tag::None);
    let (tag, is_its_own) = match node.tag() {
        Tag::None | Tag::NonSpecific | Tag::Str => return Some(""),
        Tag::Binary | Tag::Other => return None,
        _ if node.style() != Style::Plain => return None,
        Tag::Int => ("!!int ", matches!(resolved, Scalar::Int(_))),
        Tag::Float => ("!!float ", matches!(resolved, Scalar::Float(_))),
        Tag::Bool => ("!!bool ", matches!(resolved, Scalar::Bool(_))),
        Tag::Null => ("!!null ", matches!(resolved, Scalar::Null)),
        Tag::Timestamp => ("!!timestamp ", matches!(resolved, Scalar::Timestamp(_))),
    };
    Some(if is_its_own { "" } else { tag })
}

/// In which style a scalar is written: its own where that is possible.
fn style(node: Node<'_>, place: Place) -> Style {
    let text = node.text();
    let is_text = matches!(Reader::Kustomize.resolve(text, Style::Plain, Tag::None), Scalar::String(_));
    let in_flow = matches!(place, Place::Flow | Place::FlowKey);
    let is_key = matches!(place, Place::Key | Place::FlowKey);
    let wanted = match node.style() {
        Style::Plain if text.contains('\n') => Style::Literal,
        Style::Plain if !is_text && node.tag() == Tag::Str => Style::DoubleQuoted,
        style => style,
    };
    text::possible(text, wanted, in_flow, is_key)
}
