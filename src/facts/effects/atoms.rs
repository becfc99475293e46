//! Texts of which parts are not known: what variables hold, what programs print and what files contain.
//!
//! One string stands for all of them. Where something is not known there is one character of the plane before the
//! last, an atom, that stands for it: two texts are equal whatever they turn out to be if the strings are. So a
//! path, a word and the content of a file are cut, joined and compared like any other string.

use std::collections::HashMap;
use std::rc::Rc;

use crate::facts::runs::Piece;
use crate::facts::runs::Symbol;
use crate::facts::runs::Value;

const FIRST: u32 = 0xF_0000;
const MOST: usize = 0xFFF0;

/// What a character stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Atom {
    /// Something that the manifests do not tell.
    Symbol(Symbol),
    /// The content of something outside of the volumes, which is the same in every run.
    Source(Rc<str>),
    /// What a program makes of the texts it is given, the same for the same texts.
    Made(Rc<str>),
    /// What comes out different each time: the time, an identity, a key. The run, and a number.
    Fresh(u8, u32),
    /// Nobody knows, and it may be different each time.
    Unknown(u8, u32),
    /// The beginning of a text whose writing was broken off.
    Partial(Rc<str>),
}

/// The atoms of one analysis.
#[derive(Default)]
pub(super) struct Atoms {
    known: Vec<Atom>,
    numbers: HashMap<Atom, u32>,
    count: u32,
}

impl Atoms {
    /// The text that is this atom alone.
    pub(super) fn text(&mut self, atom: Atom) -> Rc<str> {
        let number = if let Some(number) = self.numbers.get(&atom) {
            *number
        } else {
            // Whoever has more of them gets the last one again, which no verdict trusts.
            if self.known.len() >= MOST {
                return Rc::from(letter(0).to_string());
            }
            let number = u32::try_from(self.known.len()).unwrap_or(0);
            self.known.push(atom.clone());
            self.numbers.insert(atom, number);
            number
        };
        let mut room = [0; 4];
        Rc::from(&*letter(number).encode_utf8(&mut room))
    }

    /// Atoms whose first one is that of what is not known.
    pub(super) fn new() -> Self {
        let mut atoms = Self::default();
        atoms.text(Atom::Unknown(0, 0));
        atoms
    }

    pub(super) fn fresh(&mut self, run: u8) -> Rc<str> {
        self.count += 1;
        self.text(Atom::Fresh(run, self.count))
    }

    pub(super) fn unknown(&mut self, run: u8) -> Rc<str> {
        self.count += 1;
        self.text(Atom::Unknown(run, self.count))
    }

    pub(super) fn source(&mut self, name: &str) -> Rc<str> {
        self.text(Atom::Source(name.into()))
    }

    /// What a program makes of its words and of what it reads.
    pub(super) fn made(&mut self, how: &str, of: &str) -> Rc<str> {
        self.text(Atom::Made(format!("{how}\n{of}").into()))
    }

    /// A value of the manifests.
    pub(super) fn value(&mut self, value: &Value) -> String {
        let mut text = String::new();
        for piece in value.pieces() {
            match piece {
                Piece::Text(known, _) if known.contains(is_atom) => text.push_str(&known.replace(is_atom, "\u{FFFD}")),
                Piece::Text(known, _) => text.push_str(known),
                Piece::Symbol(symbol) => text.push_str(&self.text(Atom::Symbol(symbol.clone()))),
            }
        }
        text
    }

    pub(super) fn get(&self, letter: char) -> Option<&Atom> {
        u32::from(letter).checked_sub(FIRST).and_then(|number| self.known.get(number as usize))
    }

    /// Whether something of this kind is in a text, at whatever depth.
    pub(super) fn has(&self, text: &str, is_it: fn(&Atom) -> bool) -> bool {
        if !text.contains(is_atom) {
            return false;
        }
        let within = |atom: &Atom| match atom {
            Atom::Source(text) | Atom::Made(text) | Atom::Partial(text) => self.has(text, is_it),
            Atom::Symbol(_) | Atom::Fresh(..) | Atom::Unknown(..) => false,
        };
        text.chars().filter_map(|letter| self.get(letter)).any(|atom| is_it(atom) || within(atom))
    }

    pub(super) fn has_fresh(&self, text: &str) -> bool {
        self.has(text, |atom| matches!(atom, Atom::Fresh(..)))
    }

    pub(super) fn has_unknown(&self, text: &str) -> bool {
        self.has(text, |atom| matches!(atom, Atom::Unknown(..)))
    }

    /// The text with what is fresh numbered anew in the order in which it is met, so that two runs that differ
    /// in nothing else are equal.
    pub(super) fn renumbered(&mut self, text: &str, seen: &mut Vec<(u8, u32)>) -> String {
        let mut renumbered = String::new();
        for letter in text.chars() {
            let atom = match self.get(letter).cloned() {
                Some(Atom::Fresh(run, number)) => {
                    let at = seen.iter().position(|known| *known == (run, number)).unwrap_or_else(|| {
                        seen.push((run, number));
                        seen.len() - 1
                    });
                    Atom::Fresh(u8::MAX, u32::try_from(at).unwrap_or(u32::MAX))
                }
                Some(Atom::Made(text)) => Atom::Made(self.renumbered(&text, seen).into()),
                Some(Atom::Source(text)) => Atom::Source(self.renumbered(&text, seen).into()),
                Some(Atom::Partial(text)) => Atom::Partial(self.renumbered(&text, seen).into()),
                _ => {
                    renumbered.push(letter);
                    continue;
                }
            };
            renumbered.push_str(&self.text(atom));
        }
        renumbered
    }

    /// A text to show, with a sign for what is not known.
    pub(super) fn shown(&self, text: &str) -> String {
        let name = |letter: char| match self.get(letter) {
            Some(Atom::Symbol(Symbol::Variable(name))) => format!("${name}"),
            Some(Atom::Symbol(Symbol::Field(name))) => format!("$({name})"),
            Some(_) => "…".to_owned(),
            None => letter.to_string(),
        };
        text.chars().map(name).collect()
    }
}

/// Whether a character stands for something else.
pub(super) fn is_atom(letter: char) -> bool {
    (FIRST..0x10_0000).contains(&u32::from(letter))
}

/// Whether all of a text is known.
pub(super) fn is_known(text: &str) -> bool {
    text.is_ascii() || !text.contains(is_atom)
}

fn letter(number: u32) -> char {
    char::from_u32(FIRST + number).expect("less than a plane of them")
}
