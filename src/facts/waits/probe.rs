//! What is asked whether something is there: by which words of a script, of whom, and what an answer proves.

use std::ops::Range;
use std::rc::Rc;

use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::waits::place::Key;
use crate::facts::waits::place::Place;
use crate::source::Span;
use crate::yaml::Node;

/// How much an answer proves, the least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Proof {
    /// Nothing at all.
    Nothing,
    /// That a name is known to DNS.
    Name,
    /// That somebody listens on a port.
    Port,
    /// That somebody there speaks the right language.
    Protocol,
    /// That something is done, or ready.
    State,
}

impl Proof {
    const ALL: [Self; 5] = [Self::Nothing, Self::Name, Self::Port, Self::Protocol, Self::State];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Name => "name",
            Self::Port => "port",
            Self::Protocol => "protocol",
            Self::State => "state",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|proof| proof.name() == name)
    }
}

/// How far a program is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Known {
    /// It is in the table.
    Program,
    /// It is a file that somebody has to make.
    File,
    /// Nobody knows what it asks.
    No,
}

/// One question.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    pub(super) key: Key,
    pub(super) method: String,
    pub(super) host: Option<Value>,
    pub(super) port: Option<Value>,
    /// Kind and name of what `kubectl` is asked for.
    pub(super) object: Option<(String, Option<Value>)>,
    /// The namespace that `kubectl` is given.
    pub(super) namespace: Option<Value>,
    /// Whether it asks the API server as somebody else.
    pub(super) is_other: bool,
    pub(super) proves: Proof,
    pub(super) known: Known,
    /// Why its answer is not what it seems to be.
    pub(super) trap: Option<&'static str>,
    /// What else passes for an answer: `http-errors`, `no-auth`, `udp`.
    pub(super) accepts: Option<&'static str>,
    /// The scalar that it is written in; none if the image says it.
    pub(super) node: Option<Node<'a>>,
    /// Where it is written, if that was told; else the text says it. It is asked for in each round of a loop, and where
    /// that is written is told once.
    pub(super) written: Option<Span>,
    pub(super) text: Option<Rc<Text<'a>>>,
    pub(super) range: Range<usize>,
    /// Whether it is asked by the condition of a loop.
    pub(super) asked: bool,
    /// Whether a wait has been made of it.
    pub(super) taken: bool,
}

impl<'a> Seen<'a> {
    /// A question of nobody yet.
    pub(super) fn new(place: &Place<'a>, range: Range<usize>, key: Key, method: String) -> Self {
        Self {
            key,
            method,
            host: None,
            port: None,
            object: None,
            namespace: None,
            is_other: false,
            proves: Proof::Nothing,
            known: Known::Program,
            trap: None,
            accepts: None,
            node: place.text.node(),
            written: None,
            text: Some(Rc::clone(&place.text)),
            range,
            asked: false,
            taken: false,
        }
    }

    /// Where it is written.
    pub(super) fn span(&self) -> Option<Span> {
        self.written.or_else(|| self.text.as_ref()?.span(self.range.clone()))
    }

    /// Whether a file is there.
    pub(super) fn file(place: &Place<'a>, range: Range<usize>, key: Key) -> Self {
        let known = Known::File;
        Self { proves: Proof::State, known, ..Self::new(place, range, key, "file".to_owned()) }
    }
}
