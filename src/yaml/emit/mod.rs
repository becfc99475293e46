//! A tree as the text that `kustomize build` prints, byte for byte: keys sorted, comments, quotes
//! and anchors gone. Not a formatter: nothing of how the input was written survives.
//!
//! What kustomize refuses to write (a number as a key, `.nan`, a key given twice) is an error here.

mod order;
pub(super) mod text;
mod refold;
pub(super) mod value;
mod write;
mod as_written;

use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Style;
use crate::yaml::duplicate_keys;
pub use as_written::emit_as_written;
use value::Value;
use write::Pen;

/// The text of one document.
///
/// # Errors
/// When a key is not a text or stands twice, or a value has no form in JSON.
pub fn emit(root: Node<'_>) -> Result<String, Box<Diagnostic>> {
    if let Some(&(earlier, later)) = duplicate_keys(root).first() {
        return Err(repeated_key(earlier, later));
    }
    let mut pen = Pen::new();
    Emitter { root, pen: &mut pen, values: None }.node(root, Place { after_colon: false, in_flow: false })?;
    Ok(pen.finish())
}

/// The text of one document, and where in it the value of each scalar or empty collection stands, and each
/// collection that something was taken out of.
///
/// # Errors
/// As for [`emit`].
pub fn emit_with_places(root: Node<'_>) -> Result<(String, Vec<Placed<'_>>), Box<Diagnostic>> {
    if let Some(&(earlier, later)) = duplicate_keys(root).first() {
        return Err(repeated_key(earlier, later));
    }
    let (mut pen, mut values) = (Pen::new(), Vec::new());
    let mut emitter = Emitter { root, pen: &mut pen, values: Some(&mut values) };
    emitter.node(root, Place { after_colon: false, in_flow: false })?;
    Ok((pen.finish(), values))
}

/// A value, and the bytes of the text that it was written to.
pub type Placed<'a> = (Node<'a>, Range<usize>);

/// The text of several documents, or nothing for none.
///
/// # Errors
/// As for [`emit`].
pub fn emit_all<'a>(roots: impl IntoIterator<Item = Node<'a>>) -> Result<String, Box<Diagnostic>> {
    let documents: Result<Vec<String>, _> = roots.into_iter().map(emit).collect();
    Ok(documents?.join("---\n"))
}

pub(super) fn repeated_key(earlier: Node<'_>, later: Node<'_>) -> Box<Diagnostic> {
    let [first, second] = [earlier, later].map(|value| value.key().expect("a repeated key is a key"));
    let what = format!("the key `{}` stands twice in this mapping", value::shortened(second.text()));
    let error = value::error(second, &what).help("remove one of the two");
    error.related(first.span(), "it stands here first").into()
}

/// Where a node is written.
#[derive(Clone, Copy)]
struct Place {
    /// Behind a key, where a list stands no deeper than the key.
    after_colon: bool,
    /// Within brackets or braces of the input.
    in_flow: bool,
}

struct Emitter<'a, 'p> {
    root: Node<'a>,
    pen: &'p mut Pen,
    /// Where values stand, if that is asked for.
    values: Option<&'p mut Vec<Placed<'a>>>,
}

impl<'a> Emitter<'a, '_> {
    fn node(&mut self, node: Node<'a>, place: Place) -> Result<(), Box<Diagnostic>> {
        let start = self.pen.written();
        self.content(node, place)?;
        self.note(node, start);
        Ok(())
    }

    /// Remembers where a value was written, or a collection that something was taken out of.
    fn note(&mut self, node: Node<'a>, start: usize) {
        if let Some(values) = &mut self.values
            && (node.children().next().is_none() || !node.deletions().is_empty())
        {
            values.push((node, start..self.pen.written()));
        }
    }

    fn content(&mut self, node: Node<'a>, place: Place) -> Result<(), Box<Diagnostic>> {
        let inside = Place { in_flow: place.in_flow || node.style() == Style::Flow, ..place };
        match node.kind() {
            Kind::Scalar => {
                let value = value::of(node, place.in_flow)?;
                self.value(&value);
            }
            Kind::Sequence if node.children().next().is_none() => self.pen.word("[]"),
            Kind::Sequence => {
                let outer = self.pen.deeper(place.after_colon && !self.pen.is_at_line_start());
                for item in node.items() {
                    self.pen.line();
                    self.pen.item('-');
                    self.node(item, Place { after_colon: false, ..inside })?;
                }
                self.pen.back(outer);
            }
            Kind::Mapping => {
                let fields = self.fields(node)?;
                if fields.is_empty() {
                    self.pen.word("{}");
                    return Ok(());
                }
                let outer = self.pen.deeper(false);
                for (key, value) in fields {
                    self.key(&key);
                    if node == self.root && key == "metadata" && value.kind() == Kind::Mapping {
                        let start = self.pen.written();
                        self.metadata(value, inside)?;
                        self.note(value, start);
                    } else {
                        self.node(value, Place { after_colon: true, ..inside })?;
                    }
                }
                self.pen.back(outer);
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &Value<'_>) {
        match value {
            Value::Word(word) => self.pen.word(word),
            Value::Text(text) => self.pen.text(text, false),
        }
    }

    /// The metadata of the object. kustomize rewrites its annotations: each becomes the text that was
    /// written, whatever it would mean, and what is no text becomes an empty one.
    fn metadata(&mut self, metadata: Node<'a>, place: Place) -> Result<(), Box<Diagnostic>> {
        let in_flow = place.in_flow || metadata.style() == Style::Flow;
        let mut fields = self.fields(metadata)?;
        fields.retain(|(key, value)| key != "annotations" || value.fields().next().is_some());
        if fields.is_empty() {
            self.pen.word("{}");
            return Ok(());
        }
        let outer = self.pen.deeper(false);
        for (key, value) in fields {
            self.key(&key);
            if key == "annotations" {
                let (outer, start) = (self.pen.deeper(false), self.pen.written());
                for (key, annotation) in self.fields(value)? {
                    value::of_annotation_key(annotation.key().expect("a field has a key"))?;
                    self.key(&key);
                    value::check_characters(annotation, annotation.text())?;
                    if text::begins_badly(annotation.text()) {
                        return Err(value::begins_with_tab(annotation).into());
                    }
                    let start = self.pen.written();
                    self.pen.text(&value::through_json(Cow::Borrowed(annotation.text())), false);
                    self.note(annotation, start);
                }
                self.pen.back(outer);
                self.note(value, start);
            } else {
                self.node(value, Place { after_colon: true, in_flow })?;
            }
        }
        self.pen.back(outer);
        Ok(())
    }

    /// Writes a key and its colon. What is too long for one line with its value gets its own.
    fn key(&mut self, key: &str) {
        const LONGEST: usize = 128;
        self.pen.line();
        if key.len() > LONGEST || !text::is_one_line(key) {
            self.pen.item('?');
            self.pen.text(key, false);
            self.pen.line();
            self.pen.item(':');
        } else {
            self.pen.text(key, true);
            self.pen.colon();
        }
    }

    /// The fields of a mapping in the order of the output.
    fn fields(&self, mapping: Node<'a>) -> Result<Vec<(Cow<'a, str>, Node<'a>)>, Box<Diagnostic>> {
        let mut fields = Vec::new();
        for (key, value) in mapping.fields() {
            fields.push((value::of_key(key, mapping == self.root)?, value));
        }
        order::sort(&mut fields, |(key, _)| key);
        Ok(fields)
    }
}

#[cfg(test)]
mod tests;
