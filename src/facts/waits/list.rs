//! What a `for` loop goes through, taken apart no further than somebody goes.

use crate::facts::runs::Piece;
use crate::facts::runs::Value;
use crate::facts::waits::machine::Machine;
use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;

/// What is left of a list.
pub(super) enum Items {
    /// Words as they are.
    Values(std::vec::IntoIter<Value>),
    /// The words of a text, and how many bytes of it are done.
    Text(String, usize),
}

impl Items {
    /// The words that are left: how many, and the last one. None if one of them is not known.
    pub(super) fn rest(&self) -> Option<(usize, Option<Value>)> {
        match self {
            Self::Values(values) => {
                let values = values.as_slice();
                let is_known =
                    values.iter().all(|value| value.pieces().iter().all(|piece| matches!(piece, Piece::Text(..))));
                is_known.then(|| (values.len(), values.last().cloned()))
            }
            Self::Text(text, at) => {
                let mut words = words(&text[*at..]);
                let last = words.next_back();
                Some((words.count() + usize::from(last.is_some()), last.map(|word| Value::text(word, None))))
            }
        }
    }
}

impl Iterator for Items {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        match self {
            Self::Values(values) => values.next(),
            Self::Text(text, at) => {
                let word = words(&text[*at..]).next()?;
                let value = Value::text(word, None);
                *at += text[*at..].find(word).unwrap_or(0) + word.len();
                Some(value)
            }
        }
    }
}

/// The words that blanks part, as a shell parts what it has expanded.
fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split([' ', '\t', '\n']).filter(|word| !word.is_empty())
}

impl Machine<'_, '_> {
    /// What words become as those of a loop.
    pub(super) fn items(&mut self, words: &[Word]) -> Items {
        if let [word] = words
            && let [Part { kind: PartKind::Substitution(list), quoted: false, .. }] = &word.parts[..]
            && self.file_read_by_bash(list).is_none()
        {
            let value = self.substitution(list);
            return match value.pieces() {
                [Piece::Text(text, _)] => Items::Text(text.clone(), 0),
                _ => Items::Values(split(&value).into_iter()),
            };
        }
        Items::Values(self.fields(words).into_iter())
    }
}

/// The words of a text that is not known as a whole.
fn split(value: &Value) -> Vec<Value> {
    let (mut fields, mut current) = (Vec::new(), None);
    crate::facts::waits::expand::split(value, &mut current, &mut fields);
    fields.extend(current);
    fields
}

#[cfg(test)]
mod tests {
    use super::Items;
    use crate::facts::runs::Value;

    #[test]
    fn a_text_is_gone_through_word_by_word() {
        let mut items = Items::Text(" a\nbb  a\t".to_owned(), 0);
        let told = |items: &Items| items.rest().map(|(count, last)| (count, last.and_then(|last| last.literal())));
        assert_eq!(told(&items), Some((3, Some("a".to_owned()))));
        let words: Vec<_> = items.by_ref().map(|word| word.literal().unwrap()).collect();
        assert_eq!(words, ["a", "bb", "a"]);
        assert_eq!(told(&items), Some((0, None)));
    }

    #[test]
    fn nothing_is_said_of_the_rest_if_one_of_it_is_not_known() {
        let unknown = Value::symbol(crate::facts::runs::Symbol::Made(0));
        let mut items = Items::Values(vec![unknown, Value::text("b", None)].into_iter());
        assert!(items.rest().is_none());
        items.next();
        assert_eq!(items.rest().map(|(count, _)| count), Some(1));
    }
}
