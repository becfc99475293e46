//! What becomes of a `>` scalar in kustomize. It writes one out and reads it back on the way, and
//! its writer gets two things wrong: the texts that come out differ, and so must ours.

use std::borrow::Cow;

use crate::yaml::emit::text;

/// The text of a `>` scalar after kustomize has written and read it once.
///
/// 1. A line that starts with a blank gets one more empty line before it.
/// 2. Where the whole text starts with a blank, empty lines are not doubled in writing, and so one
///    is lost in reading between any two lines that start otherwise.
pub(super) fn refold(text: &str) -> Cow<'_, str> {
    let content = text.trim_start_matches('\n');
    if content.is_empty() || !content.contains('\n') || !text::may_be_block_in_between(text) {
        return Cow::Borrowed(text);
    }
    let doubles = !content.starts_with(is_blank);
    let mut out = text[..text.len() - content.len()].to_owned();
    let mut rest = content;
    while let Some(end) = rest.find('\n') {
        let after = rest[end..].trim_start_matches('\n');
        let mut breaks = rest.len() - end - after.len();
        let from_text = !rest.starts_with(is_blank);
        if from_text && doubles && (after.starts_with(is_blank) || (after.is_empty() && breaks > 1)) {
            breaks += 1;
        } else if from_text && !doubles && !after.is_empty() && !after.starts_with(is_blank) {
            breaks -= 1;
        }
        out.push_str(&rest[..end]);
        if breaks == 0 {
            out.push(' ');
        }
        out.extend(std::iter::repeat_n('\n', breaks));
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::refold;

    #[test]
    fn indented_lines_move_away_and_ordinary_ones_stay() {
        assert_eq!(refold("one two\n | three\n | four\n"), "one two\n\n | three\n | four\n");
        assert_eq!(refold("a\n\nb\n"), "a\n\nb\n");
        assert_eq!(refold("\nx y\nz\n\n q\n\nr s\n"), "\nx y\nz\n\n\n q\n\nr s\n");
        assert_eq!(refold("a\n\n"), "a\n\n\n");
    }

    #[test]
    fn behind_a_blank_at_the_start_lines_are_joined() {
        assert_eq!(refold("  x\ny\nz\n"), "  x\ny z\n");
    }

    #[test]
    fn what_is_no_block_in_between_is_left_alone() {
        assert_eq!(refold("a \n b"), "a \n b");
        assert_eq!(refold("\u{1F600}\n b"), "\u{1F600}\n b");
    }
}
