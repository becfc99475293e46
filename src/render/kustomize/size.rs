//! How long one text may become. What a whole target may hold is said by [`crate::yaml::MAX_TREE_BYTES`].

use crate::diagnostic::Diagnostic;
use crate::render::kustomize::Result;
use crate::source::Span;

/// The longest text that steps may put together. A cluster takes no object of this size.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// Refuses to make the text at `place` as long as `length`, which is what the step at `by` asks for.
pub(super) fn refuse_long_text(length: usize, by: Span, place: Span) -> Result<()> {
    if length <= MAX_TEXT_BYTES {
        return Ok(());
    }
    let what = format!("with this a text is longer than {} MiB", MAX_TEXT_BYTES >> 20);
    let problem = Diagnostic::error("target-too-large", by, what).help("what copies itself doubles with every step");
    Err(Box::new(if place == by { problem } else { problem.related(place, "this is the text") }))
}
