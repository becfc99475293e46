//! A text as far as it is known: literal text, and symbols for what the repository does not tell.
//!
//! Two values are equal if they are the same text whatever it turns out to be, so a symbol equals itself and
//! nothing else. Where a literal piece was written does not matter to that.

use std::sync::Arc;

use crate::source::Span;

/// A text in pieces.
#[derive(Clone, Default, Debug)]
pub(in crate::facts) struct Value {
    pieces: Vec<Piece>,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(in crate::facts) enum Piece {
    /// Known, and where it was written if that is known as well. Never empty.
    Text(String, Option<Span>),
    /// Not known.
    Symbol(Symbol),
}

/// Something that has a text nobody here can know. Equal means: the same text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(in crate::facts) enum Symbol {
    /// A variable of this container that the manifest does not set, but something else may.
    Variable(Arc<str>),
    /// A field of this pod or container by its path, as the downward API reads it.
    Field(Arc<str>),
    /// A key of a ConfigMap or a Secret.
    Key(Arc<ObjectKey>),
    /// The cluster IP of a Service.
    Address(Arc<ServiceName>),
    /// `${NAME}`, which Flux or the like fills in for the whole target.
    Filled(Arc<str>),
    /// What somebody else writes at this place of a manifest.
    Written(Span),
    /// A character that `text` needs for itself.
    Letter(char),
    /// What comes about while a script runs, numbered by whoever follows it.
    Made(u32),
}

/// A key of a ConfigMap or a Secret whose value can't be known.
#[derive(PartialEq, Eq, Hash, Debug)]
pub(in crate::facts) struct ObjectKey {
    /// `ConfigMap` or `Secret`.
    pub(in crate::facts) kind: &'static str,
    /// As written; none for that of the target.
    pub(in crate::facts) namespace: Option<String>,
    pub(in crate::facts) name: String,
    pub(in crate::facts) key: String,
}

/// Which Service.
#[derive(PartialEq, Eq, Hash, Debug)]
pub(in crate::facts) struct ServiceName {
    /// As written; none for that of the target.
    pub(in crate::facts) namespace: Option<String>,
    pub(in crate::facts) name: String,
}

impl Value {
    /// A known text, and where it was written.
    pub(in crate::facts) fn text(text: impl Into<String>, span: Option<Span>) -> Self {
        let mut value = Self::default();
        value.push_text(text, span);
        value
    }

    /// Something that is not known.
    pub(in crate::facts) fn symbol(symbol: Symbol) -> Self {
        Self { pieces: vec![Piece::Symbol(symbol)] }
    }

    /// Its pieces. Several of known text may follow each other, written at different places.
    pub(in crate::facts) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text, if all of it is known.
    pub(in crate::facts) fn literal(&self) -> Option<String> {
        let mut literal = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text, _) => literal.push_str(text),
                Piece::Symbol(_) => return None,
            }
        }
        Some(literal)
    }

    /// Whether it is certainly empty.
    pub(in crate::facts) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// How long it is in bytes, where each symbol counts for what it takes here.
    pub(in crate::facts) fn len(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| if let Piece::Text(text, _) = piece { text.len() } else { size_of::<Piece>() })
            .sum()
    }

    pub(in crate::facts) fn push_text(&mut self, text: impl Into<String>, span: Option<Span>) {
        let text = text.into();
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text, span));
        }
    }

    pub(in crate::facts) fn push_symbol(&mut self, symbol: Symbol) {
        self.pieces.push(Piece::Symbol(symbol));
    }

    pub(in crate::facts) fn append(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
    }

    /// The text, with each symbol put as `name` says.
    pub(in crate::facts) fn shown(&self, name: impl Fn(&Symbol) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text, _) => text.clone(),
            Piece::Symbol(symbol) => name(symbol),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// Its pieces with neighbours of known text joined.
    fn joined(&self) -> Vec<Result<String, &Symbol>> {
        let mut joined: Vec<Result<String, &Symbol>> = Vec::new();
        for piece in &self.pieces {
            match (piece, joined.last_mut()) {
                (Piece::Text(text, _), Some(Ok(before))) => before.push_str(text),
                (Piece::Text(text, _), _) => joined.push(Ok(text.clone())),
                (Piece::Symbol(symbol), _) => joined.push(Err(symbol)),
            }
        }
        joined
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (&self.pieces[..], &other.pieces[..]) {
            ([Piece::Text(one, _)], [Piece::Text(two, _)]) => one == two,
            _ => self.joined() == other.joined(),
        }
    }
}

impl Eq for Value {}

#[cfg(test)]
mod tests {
    use super::Symbol;
    use super::Value;

    #[test]
    fn values_are_equal_if_their_texts_are_whatever_they_are() {
        let ip = || Symbol::Field("status.podIP".into());
        let mut one = Value::text("http://", None);
        one.push_symbol(ip());
        let mut two = Value::text("http", None);
        two.push_text("://", None);
        assert_ne!(one, two);
        two.append(Value::symbol(ip()));
        assert_eq!(one, two);
        two.push_symbol(Symbol::Made(1));
        assert_ne!(one, two);
        assert_eq!(Value::text("", None), Value::default());
    }

    #[test]
    fn only_a_text_without_symbols_is_literal() {
        let mut value = Value::text("a", None);
        value.push_text("b", None);
        assert_eq!(value.literal().as_deref(), Some("ab"));
        value.push_symbol(Symbol::Variable("HOME".into()));
        assert_eq!(value.literal(), None);
        assert_eq!(value.shown(|_| "?".to_owned()), "ab?");
    }
}
