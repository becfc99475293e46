//! What a node becomes on its way through JSON, as Go writes and reads it. kustomize sends a resource that way
//! to patch it and to hash it. Not a JSON reader: what is read here is already a tree.

use std::borrow::Cow;
use std::fmt::Write;

use crate::diagnostic::Diagnostic;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::change::style_of;
use crate::yaml::duplicate::Seen;
use crate::yaml::duplicate::repeats_a_key;
use crate::yaml::duplicate_keys;
use crate::yaml::emit::repeated_key;
use crate::yaml::emit::text::begins_badly;
use crate::yaml::emit::value;
use crate::yaml::emit::value::Value;
use crate::yaml::keep_last_of_duplicates;

impl Tree {
    /// Gives the scalars and keys below `root` the type, and all nodes the style, that they have once they
    /// were JSON. Most scalars stay as they are, and all keep their writers. Says whether all are then known to
    /// be [read alike](Node::is_read_alike).
    ///
    /// # Errors
    /// When something has no form in JSON: a number as a key, a key that stands twice, an infinite number.
    pub fn become_json(&mut self, root: NodeId) -> Result<bool, Box<Diagnostic>> {
        let node = self.node(root);
        let mut json = Json::new(self.reader(), Some(root));
        let read = json.node(node, node, false);
        // A key that stands twice is what is told whatever else is wrong.
        if (json.repeats || read.is_err())
            && let Some(&(earlier, later)) = duplicate_keys(node).first()
        {
            return Err(repeated_key(earlier, later));
        }
        read?;
        self.apply(json.changes);
        Ok(json.is_read_alike)
    }

    /// Copies a node, such as the value of a patch, in the form that it has once it was JSON. Of a key that
    /// stands twice the last one counts, and numbers as keys become texts.
    ///
    /// # Errors
    /// When a value has no form in JSON.
    pub fn copy_as_json(&mut self, from: Node<'_>, via: Option<Via>) -> Result<NodeId, Box<Diagnostic>> {
        let copy = self.copy(from, via);
        let mut json = Json::new(self.reader(), None);
        json.node(from, self.node(copy), false)?;
        self.apply(json.changes);
        keep_last_of_duplicates(self, copy);
        Ok(copy)
    }

    /// Gives the nodes below `root`, which is JSON, the form that they have once kustomize has read them again.
    /// Go reads a number into a float of 64 bits, so whole numbers above 2^53 are rounded, and a million is
    /// spelled `1e+06`.
    ///
    /// # Errors
    /// When kustomize cannot read what it wrote in between: a text of several lines that begins with a tab.
    pub fn read_json_again(&mut self, root: NodeId) -> Result<(), Box<Diagnostic>> {
        let mut changes = Vec::new();
        for node in self.node(root).descendants() {
            match node.scalar() {
                Some(typed) if is_read_alike(typed, node.text()) => {}
                Some(Scalar::Int(_) | Scalar::Float(_)) => {
                    let text = node.text().parse().map_or_else(|_| node.text().to_owned(), value::shortest);
                    if text != node.text() {
                        changes.push(Change { node: node.id(), text: Some(text), style: Style::Plain });
                    }
                }
                Some(Scalar::String(_)) => return Err(value::begins_with_tab(node).into()),
                _ => {}
            }
        }
        self.apply(changes);
        Ok(())
    }

    fn apply(&mut self, changes: Vec<Change>) {
        for Change { node, text, style } in changes {
            if let Some(text) = text {
                let span = self.span(node);
                self.compose(node, &[(&text, span)]);
            }
            self.set_style(node, style);
            self.set_tag(node, Tag::None);
        }
    }
}

impl Node<'_> {
    /// Whether what is below it, and is JSON, stays what it is when kustomize [reads it](Tree::read_json_again).
    pub fn is_read_alike(self) -> bool {
        self.descendants().all(|node| node.scalar().is_none_or(|typed| is_read_alike(typed, node.text())))
    }
}

/// What is to be changed of one node: its text, if that differs, its style and its tag.
struct Change {
    node: NodeId,
    text: Option<String>,
    style: Style,
}

/// A walk along a node and its copy, which may be the same.
struct Json {
    /// The object whose own keys may be something else than texts; for a patch, where all may be, none.
    top: Option<NodeId>,
    reader: Reader,
    changes: Vec<Change>,
    /// Whether a key stands twice in its mapping.
    repeats: bool,
    /// Whether all scalars are known to be read as they are once they are JSON.
    is_read_alike: bool,
}

impl Json {
    fn new(reader: Reader, top: Option<NodeId>) -> Self {
        Self { top, reader, changes: Vec::new(), repeats: false, is_read_alike: true }
    }

    fn node(&mut self, from: Node<'_>, to: Node<'_>, in_flow: bool) -> Result<(), Box<Diagnostic>> {
        let in_flow = in_flow || from.style() == Style::Flow;
        if from.kind() == Kind::Scalar {
            let settled = self.top.and_then(|_| value::settled(from));
            if let Some(typed) = settled {
                self.is_read_alike &= is_read_alike(typed, from.text());
                return Ok(());
            }
            // What becomes something else is looked at once it has.
            self.is_read_alike &= matches!(from.scalar(), Some(Scalar::Null | Scalar::Bool(_)));
            // Only on the way from a resource to its text does kustomize lose what is empty within brackets.
            let value = value::decoded(from, in_flow && self.top.is_some(), value::in_json)?;
            self.scalar(to, &value);
            return Ok(());
        }
        if to.style() != Style::Block || to.tag() != Tag::None {
            self.changes.push(Change { node: to.id(), text: None, style: Style::Block });
        }
        let (mut seen, mut may_repeat) = (Seen::default(), false);
        for (child, copy) in from.children().zip(to.children()) {
            if let Some(key) = child.key() {
                let settled = self.top.and_then(|_| value::settled_key(key));
                may_repeat |= seen.may_repeat(settled.unwrap_or_else(|| key.text()));
                if let Some(copied) = copy.key().filter(|_| settled.is_none()) {
                    let text = match self.top {
                        Some(top) => value::key(key, top == from.id())?,
                        None => key_of_patch(key)?,
                    };
                    self.scalar(copied, &Value::Text(text));
                }
            }
            self.node(child, copy, in_flow)?;
        }
        self.repeats |= may_repeat && repeats_a_key(from);
        Ok(())
    }

    fn scalar(&mut self, to: Node<'_>, value: &Value<'_>) {
        let (text, style) = match value {
            Value::Word(word) => (word, Style::Plain),
            Value::Text(text) if to.style() == Style::Folded => (text, style_of(self.reader, text)),
            Value::Text(text) if self.reader.resolve(text, to.style(), Tag::None) == Scalar::String(text) => {
                (text, to.style())
            }
            Value::Text(text) => (text, Style::DoubleQuoted),
        };
        if text != to.text() {
            self.changes.push(Change { node: to.id(), text: Some(text.clone().into_owned()), style });
        } else if style != to.style() || to.tag() != Tag::None {
            self.changes.push(Change { node: to.id(), text: None, style });
        }
    }
}

/// Whether a scalar that is JSON stays what it is once it is read again: all texts but the oddest, and numbers of few
/// digits.
fn is_read_alike(typed: Scalar<'_>, text: &str) -> bool {
    match typed {
        Scalar::Int(_) => {
            let is_plain = text == "0" || !text.starts_with('0');
            is_plain && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        Scalar::Float(_) => false,
        Scalar::String(text) => !begins_badly(text),
        Scalar::Null | Scalar::Bool(_) | Scalar::Timestamp(_) => true,
    }
}

/// The text of a key in a patch: YAML 1.1 is read with keys of any type, which become texts.
fn key_of_patch(key: Node<'_>) -> Result<Cow<'_, str>, Box<Diagnostic>> {
    Ok(match key.scalar() {
        Some(Scalar::Bool(bool)) => Cow::Borrowed(if bool { "true" } else { "false" }),
        Some(Scalar::Int(int)) if i64::try_from(int).is_ok() => Cow::Owned(int.to_string()),
        Some(Scalar::Float(float)) => Cow::Owned(value::shortest_key(float)),
        Some(Scalar::String(_) | Scalar::Timestamp(_)) => match value::decoded(key, false, value::in_json)? {
            Value::Text(text) | Value::Word(text) => text,
        },
        _ => {
            let what = format!("`{}` cannot be a key: JSON has only texts as keys", value::shortened(key.text()));
            return Err(value::error(key, &what).help("put it in quotes").into());
        }
    })
}

/// A node as one line of JSON with sorted keys, as Go writes it. With `rounded`, numbers have gone through a
/// float of 64 bits.
///
/// # Errors
/// When something has no form in JSON.
pub fn json_text(node: Node<'_>, rounded: bool) -> Result<String, Box<Diagnostic>> {
    let mut out = String::new();
    write_json(node, false, rounded, &mut out)?;
    Ok(out)
}

fn write_json(node: Node<'_>, in_flow: bool, rounded: bool, out: &mut String) -> Result<(), Box<Diagnostic>> {
    let inside = in_flow || node.style() == Style::Flow;
    match node.kind() {
        Kind::Scalar => match value::decoded(node, in_flow, value::in_json)? {
            Value::Word(word) => match (rounded, node.scalar()) {
                (true, Some(Scalar::Int(_) | Scalar::Float(_))) => {
                    let float = word.parse().expect("a number can be read");
                    out.push_str(&value::in_json(float));
                }
                _ => out.push_str(&word),
            },
            Value::Text(text) => write_json_text(&text, out),
        },
        Kind::Sequence => {
            out.push('[');
            for (index, item) in node.items().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write_json(item, inside, rounded, out)?;
            }
            out.push(']');
        }
        Kind::Mapping => {
            let mut fields = Vec::new();
            for (key, child) in node.fields() {
                fields.push((value::key(key, false)?, child));
            }
            fields.sort_by(|(first, _), (second, _)| first.cmp(second));
            out.push('{');
            for (index, (key, child)) in fields.into_iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write_json_text(&key, out);
                out.push(':');
                write_json(child, inside, rounded, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// A text as Go writes it into JSON, which has to be safe within HTML too.
pub fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{C}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{0}'..='\u{1F}' | '\u{2028}' | '\u{2029}' => {
                write!(out, "\\u{:04x}", u32::from(char)).expect("a text can be written to");
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}

/// A text of the kustomization file once kustomize has handed it on to one of its generators or transformers:
/// written as JSON and read as YAML.
///
/// # Errors
/// When the text holds a character that does not survive that.
pub fn handed_on(node: Node<'_>) -> Result<Cow<'_, str>, Box<Diagnostic>> {
    value::check_characters(node, node.text())?;
    Ok(value::through_json(Cow::Borrowed(node.text())))
}
