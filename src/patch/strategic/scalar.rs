//! What a scalar of a patch means in the place of another. kustomize gives it the style of the one
//! before and leaves it its own type: a number in the place of a text in quotes becomes a text, a
//! text in the place of a number stays one.

use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;

/// The tag of a text that stands where a number stood: it is one though nothing of how it is written
/// says so. No tag that somebody wrote means the same but those that nobody knows.
const TEXT: Tag = Tag::Other;

/// The style and tag of `new` once it stands in the place of `old`.
pub(super) fn settled(new: Node<'_>, old: Node<'_>) -> (Style, Tag) {
    let (style, tag) = (old.style(), own_tag(new));
    let tag = match tag {
        // A tag written in the old place is part of the style that is kept, whatever it says then.
        tag if has_written_tag(old) => tag,
        tag if tag == plain_tag(new.text()) => Tag::None,
        Tag::Str if style == Style::Plain => TEXT,
        Tag::Str => Tag::None,
        tag => tag,
    };
    (style, tag)
}

/// Whether putting `new` in the place of `old` changes nothing.
pub(super) fn says_the_same(new: Node<'_>, old: Node<'_>) -> bool {
    let (style, tag) = settled(new, old);
    !new.is_null() && old.is_text(new.text()) && old.scalar() == Some(Reader::Kustomize.resolve(new.text(), style, tag))
}

/// Whether kustomize puts a text in quotes when it sets it: where YAML 1.1 takes it for no text.
pub(super) fn needs_quotes(scalar: Node<'_>) -> bool {
    let is_plain_text = scalar.style() == Style::Plain && matches!(scalar.scalar(), Some(Scalar::String(_)));
    is_plain_text && !has_written_tag(scalar) && is_other_in_1_1(scalar.text())
}

/// Whether a text without quotes is no text by the rules of YAML 1.1.
pub fn is_other_in_1_1(text: &str) -> bool {
    let typed = Reader::Kubectl.resolve(text, Style::Plain, Tag::None);
    !text.is_empty() && !text.contains('\n') && !matches!(typed, Scalar::String(_) | Scalar::Timestamp(_))
}

/// The type of a scalar as a tag.
fn own_tag(scalar: Node<'_>) -> Tag {
    match scalar.tag() {
        Tag::None | Tag::NonSpecific if scalar.style() == Style::Plain => plain_tag(scalar.text()),
        Tag::None | Tag::NonSpecific => Tag::Str,
        tag => tag,
    }
}

/// The type that a text without quotes has.
fn plain_tag(text: &str) -> Tag {
    match Reader::Kustomize.resolve(text, Style::Plain, Tag::None) {
        Scalar::Null => Tag::Null,
        Scalar::Bool(_) => Tag::Bool,
        Scalar::Int(_) => Tag::Int,
        Scalar::Float(_) => Tag::Float,
        Scalar::Timestamp(_) => Tag::Timestamp,
        Scalar::String(_) => Tag::Str,
    }
}

fn has_written_tag(scalar: Node<'_>) -> bool {
    !matches!(scalar.tag(), Tag::None | Tag::NonSpecific) && (scalar.tag(), scalar.style()) != (TEXT, Style::Plain)
}
