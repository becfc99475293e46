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
use crate::yaml::duplicate::Seen;
use crate::yaml::duplicate::repeats_a_key;
use crate::yaml::duplicate_keys;
pub use as_written::emit_as_written;
use value::Value;
pub use value::decode_base64;
use write::Pen;

/// The text of one document.
///
/// # Errors
/// When a key is not a text or stands twice, or a value has no form in JSON.
pub fn emit(root: Node<'_>) -> Result<String, Box<Diagnostic>> {
    emit_all([root])
}

/// The text of one document, and where in it the value of each scalar or empty collection stands, and each
/// collection that something was taken out of.
///
/// # Errors
/// As for [`emit`].
pub fn emit_with_places(root: Node<'_>) -> Result<(String, Vec<Placed<'_>>), Box<Diagnostic>> {
    let mut emitter = Emitter { values: Some(Vec::new()), ..Emitter::new() };
    emitter.document(root)?;
    Ok((emitter.pen.finish(), emitter.values.unwrap_or_default()))
}

/// A value, and the bytes of the text that it was written to.
pub type Placed<'a> = (Node<'a>, Range<usize>);

/// The text of several documents, or nothing for none.
///
/// # Errors
/// As for [`emit`].
pub fn emit_all<'a>(roots: impl IntoIterator<Item = Node<'a>>) -> Result<String, Box<Diagnostic>> {
    let mut emitter = Emitter::new();
    for (index, root) in roots.into_iter().enumerate() {
        if index > 0 {
            emitter.pen.separate();
        }
        emitter.document(root)?;
    }
    Ok(emitter.pen.finish())
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

/// A field on its way out.
#[derive(Clone)]
struct Field<'a> {
    key: Cow<'a, str>,
    /// Whether the key is written as it is.
    is_word: bool,
    value: Node<'a>,
}

struct Emitter<'a> {
    pen: Pen,
    /// The object that is being written.
    root: Option<Node<'a>>,
    /// The fields of the open mappings, the innermost last.
    fields: Vec<Field<'a>>,
    /// Whether a key of the object stands twice in its mapping, or may do so in what is not written.
    may_repeat: bool,
    /// Where values stand, if that is asked for.
    values: Option<Vec<Placed<'a>>>,
}

impl<'a> Emitter<'a> {
    fn new() -> Self {
        Self { pen: Pen::new(), root: None, fields: Vec::new(), may_repeat: false, values: None }
    }

    /// Writes a document. A key that stands twice is what is told of it whatever else is wrong.
    fn document(&mut self, root: Node<'a>) -> Result<(), Box<Diagnostic>> {
        (self.root, self.may_repeat) = (Some(root), false);
        let written = self.node(root, Place { after_colon: false, in_flow: false });
        if (self.may_repeat || written.is_err())
            && let Some(&(earlier, later)) = duplicate_keys(root).first()
        {
            return Err(repeated_key(earlier, later));
        }
        self.pen.end_document();
        written
    }

    fn node(&mut self, node: Node<'a>, place: Place) -> Result<(), Box<Diagnostic>> {
        let start = self.pen.written();
        self.content(node, place)?;
        if self.values.is_some() {
            self.note(node, start);
        }
        Ok(())
    }

    /// Remembers where a value was written, or a collection that something was taken out of, if that is asked for.
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
            Kind::Scalar => match value::as_it_is(node) {
                Some(word) => self.pen.word(word),
                None => match value::of(node, place.in_flow)? {
                    Value::Word(word) => self.pen.word(&word),
                    Value::Text(text) => self.pen.text(&text, false),
                },
            },
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
                let is_root = self.root == Some(node);
                let start = self.open(node)?;
                self.each_field(start, |emitter, key, value| {
                    if is_root && key == "metadata" && value.kind() == Kind::Mapping {
                        emitter.metadata(value, inside)
                    } else {
                        emitter.node(value, Place { after_colon: true, ..inside })
                    }
                })?;
            }
        }
        Ok(())
    }

    /// The metadata of the object. kustomize rewrites its annotations: each becomes the text that was
    /// written, whatever it would mean, and what is no text becomes an empty one.
    fn metadata(&mut self, metadata: Node<'a>, place: Place) -> Result<(), Box<Diagnostic>> {
        let in_flow = place.in_flow || metadata.style() == Style::Flow;
        let start = self.open(metadata)?;
        let has_none = |field: &Field<'_>| field.key == "annotations" && field.value.fields().next().is_none();
        if let Some(index) = self.fields[start..].iter().position(has_none) {
            // What is not written may hold a key twice all the same.
            self.may_repeat |= self.fields.remove(start + index).value.children().next().is_some();
        }
        let from = self.pen.written();
        self.each_field(start, |emitter, key, value| {
            if key == "annotations" {
                emitter.annotations(value)
            } else {
                emitter.node(value, Place { after_colon: true, in_flow })
            }
        })?;
        self.note(metadata, from);
        Ok(())
    }

    fn annotations(&mut self, annotations: Node<'a>) -> Result<(), Box<Diagnostic>> {
        let (start, from) = (self.open(annotations)?, self.pen.written());
        self.each_field(start, |emitter, _, annotation| {
            value::of_annotation_key(annotation.key().expect("a field has a key"))?;
            value::check_characters(annotation, annotation.text())?;
            if text::begins_badly(annotation.text()) {
                return Err(value::begins_with_tab(annotation).into());
            }
            let start = emitter.pen.written();
            emitter.pen.text(&value::through_json(Cow::Borrowed(annotation.text())), false);
            emitter.note(annotation, start);
            emitter.may_repeat |= annotation.kind() != Kind::Scalar;
            Ok(())
        })?;
        self.note(annotations, from);
        Ok(())
    }

    /// Takes in the fields of a mapping in the order of the output, and says where in `self.fields` they start.
    fn open(&mut self, mapping: Node<'a>) -> Result<usize, Box<Diagnostic>> {
        let start = self.fields.len();
        let (mut seen, mut may_repeat) = (Seen::default(), false);
        for (key, value) in mapping.fields() {
            let word = value::word(key);
            may_repeat |= seen.may_repeat(word.unwrap_or_else(|| key.text()));
            let key = match word {
                Some(word) => Cow::Borrowed(word),
                None => value::of_key(key, self.root == Some(mapping))?,
            };
            self.fields.push(Field { key, is_word: word.is_some(), value });
        }
        self.may_repeat |= may_repeat && repeats_a_key(mapping);
        order::sort(&mut self.fields[start..], |field| &field.key);
        Ok(start)
    }

    /// Writes the fields that were taken in last, their values by `write`.
    fn each_field(
        &mut self,
        start: usize,
        write: impl Fn(&mut Self, &str, Node<'a>) -> Result<(), Box<Diagnostic>>,
    ) -> Result<(), Box<Diagnostic>> {
        let end = self.fields.len();
        if start == end {
            self.pen.word("{}");
            return Ok(());
        }
        let outer = self.pen.deeper(false);
        for index in start..end {
            let Field { key, is_word, value } = &mut self.fields[index];
            let (key, is_word, value) = (std::mem::take(key), *is_word, *value);
            self.key(&key, is_word);
            write(self, &key, value)?;
        }
        self.pen.back(outer);
        self.fields.truncate(start);
        Ok(())
    }

    /// Writes a key and its colon. What is too long for one line with its value gets its own.
    fn key(&mut self, key: &str, is_word: bool) {
        const LONGEST: usize = 128;
        self.pen.line();
        if key.len() > LONGEST || !is_word && !text::is_one_line(key) {
            self.pen.item('?');
            self.pen.text(key, false);
            self.pen.line();
            self.pen.item(':');
            return;
        }
        if is_word {
            self.pen.word(key);
        } else {
            self.pen.text(key, true);
        }
        self.pen.colon();
    }
}

#[cfg(test)]
mod tests;
