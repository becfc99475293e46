//! Where in which text something is written that a script says.

use std::ops::Range;
use std::rc::Rc;

use crate::facts::runs::Text;

/// What tells one question from another: where it stands, and whom it asks.
pub(super) type Key = (usize, usize, String);

/// A place in a text that is followed.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) text: Rc<Text<'a>>,
    /// Which text it is.
    pub(super) number: usize,
    /// Where the script begins in the text; none if its bytes are not those of the text.
    pub(super) offset: Option<usize>,
    /// The bytes of the text that the script comes from.
    pub(super) whole: Range<usize>,
}

impl Place<'_> {
    /// The bytes of the text for bytes of the script.
    pub(super) fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.offset.map_or(self.whole.clone(), |offset| range.start + offset..range.end + offset)
    }
}
