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
/// How often something may be made of what was made.
const MAX_DEPTH: u32 = 400;
/// How many bytes the texts may have together that atoms are made of.
const MAX_BYTES: usize = 16 * 1024 * 1024;

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

/// What is in an atom, at whatever depth. It is noted when the atom is made, because what is made of two texts that
/// were made of two texts is soon too much to look through.
#[derive(Clone, Copy, Default)]
struct Within {
    fresh: bool,
    unknown: bool,
    depth: u32,
}

/// The atoms of one analysis.
#[derive(Default)]
pub(super) struct Atoms {
    known: Vec<(Atom, Within)>,
    numbers: HashMap<Atom, u32>,
    count: u32,
    bytes: usize,
}

impl Atoms {
    /// The text that is this atom alone.
    pub(super) fn text(&mut self, atom: Atom) -> Rc<str> {
        let number = if let Some(number) = self.numbers.get(&atom) {
            *number
        } else {
            let within = self.within(&atom);
            self.bytes += atom.text().map_or(0, str::len);
            // Whoever has more of them gets the first one again, which no verdict trusts.
            if self.known.len() >= MOST || self.bytes > MAX_BYTES || within.depth > MAX_DEPTH {
                return Rc::from(letter(0).to_string());
            }
            let number = u32::try_from(self.known.len()).unwrap_or(0);
            self.known.push((atom.clone(), within));
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

    /// How much was made so far that is different each time.
    pub(super) fn made_anew(&self) -> u32 {
        self.count
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
        self.known.get(number(letter)?).map(|(atom, _)| atom)
    }

    fn within(&self, atom: &Atom) -> Within {
        let (fresh, unknown) = (matches!(atom, Atom::Fresh(..)), matches!(atom, Atom::Unknown(..)));
        let own = Within { fresh, unknown, depth: 0 };
        self.parts(atom.text().unwrap_or_default()).fold(own, |all, part| Within {
            fresh: all.fresh || part.fresh,
            unknown: all.unknown || part.unknown,
            depth: all.depth.max(part.depth + 1),
        })
    }

    /// What is in each of the atoms of a text.
    fn parts(&self, text: &str) -> impl Iterator<Item = Within> {
        // Most texts are plain, which is seen faster than letter by letter.
        let letters = Some(text).filter(|text| !text.is_ascii()).unwrap_or_default().chars();
        letters.filter_map(|letter| self.known.get(number(letter)?)).map(|(_, within)| *within)
    }

    pub(super) fn has_fresh(&self, text: &str) -> bool {
        self.parts(text).any(|part| part.fresh)
    }

    pub(super) fn has_unknown(&self, text: &str) -> bool {
        self.parts(text).any(|part| part.unknown)
    }

    /// The text with what is fresh numbered anew in the order in which it is met, so that two runs that differ
    /// in nothing else are equal.
    pub(super) fn renumbered(&mut self, text: &str, seen: &mut Renumbered) -> String {
        let mut renumbered = String::new();
        for letter in text.chars() {
            let known = number(letter).and_then(|number| self.known.get(number));
            let Some((atom, _)) = known.filter(|(_, within)| within.fresh) else {
                renumbered.push(letter);
                continue;
            };
            if let Some(done) = seen.done.get(&letter) {
                renumbered.push_str(done);
                continue;
            }
            let atom = match atom.clone() {
                Atom::Fresh(..) => {
                    seen.count += 1;
                    Atom::Fresh(u8::MAX, seen.count)
                }
                Atom::Made(text) => Atom::Made(self.renumbered(&text, seen).into()),
                Atom::Source(text) => Atom::Source(self.renumbered(&text, seen).into()),
                Atom::Partial(text) => Atom::Partial(self.renumbered(&text, seen).into()),
                other => other,
            };
            let done = self.text(atom);
            renumbered.push_str(&done);
            seen.done.insert(letter, done);
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

/// What became of atoms when what is fresh was numbered anew.
#[derive(Default)]
pub(super) struct Renumbered {
    count: u32,
    done: HashMap<char, Rc<str>>,
}

impl Atom {
    /// What it is made of.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Source(text) | Self::Made(text) | Self::Partial(text) => Some(text),
            Self::Symbol(_) | Self::Fresh(..) | Self::Unknown(..) => None,
        }
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

fn number(letter: char) -> Option<usize> {
    u32::from(letter).checked_sub(FIRST).map(|number| number as usize)
}

fn letter(number: u32) -> char {
    char::from_u32(FIRST + number).expect("less than a plane of them")
}
