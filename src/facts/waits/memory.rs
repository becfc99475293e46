//! What scripts were found to wait for, by their content: many containers wait by the same few lines, and what they
//! wait for follows from the text, the shell and what the script asked of its container.

use std::collections::HashMap;

use crate::facts::runs::Flags;
use crate::facts::runs::Release;
use crate::facts::runs::Run;
use crate::facts::runs::Script;
use crate::facts::runs::Shell;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::waits::asked::Asked;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::limits::Limit;
use crate::facts::waits::probe::Seen;
use crate::facts::waits::target::Written;
use crate::model::Role;

/// How many bytes of texts are remembered. Then all are forgotten, because those that are alike mostly follow each
/// other.
const ROOM: usize = 256 * 1024;

/// In how many circumstances one text is remembered.
const MAX_ALIKE: usize = 8;

/// What is remembered of the scripts of one target.
#[derive(Default)]
pub(in crate::facts) struct Memory<'a> {
    known: HashMap<String, Vec<Known<'a>>>,
    bytes: usize,
    /// The names that its Services were written with.
    pub(super) written: Written<'a>,
}

/// One text in one container.
struct Known<'a> {
    given: Given,
    asked: Asked,
    drafts: Vec<Draft<'a>>,
}

/// What a script is started with.
#[derive(PartialEq, Debug)]
pub(super) struct Given {
    shell: Shell,
    flags: Flags,
    arguments: Vec<Value>,
    limit: Option<Limit>,
    /// What `sh` and the programs of the image are.
    image: (Shell, Option<Release>),
    /// Whether it is an init container, of which more counts as a wait.
    is_init: bool,
}

impl Given {
    pub(super) fn of(run: &Run<'_>, script: &Script<'_>, limit: Option<Limit>) -> Self {
        Self {
            shell: script.shell,
            flags: script.flags,
            arguments: script.arguments.iter().map(Text::value).collect(),
            limit,
            image: (run.image.sh, run.image.busybox),
            is_init: run.container.role == Role::Init,
        }
    }
}

impl<'a> Memory<'a> {
    /// What a script waits for, if it is known from another container.
    pub(super) fn recall(&self, run: &Run<'a>, text: &Text<'a>, given: &Given) -> Option<Vec<Draft<'a>>> {
        let known = self.known.get(text.literal()?)?;
        let known = known.iter().find(|known| known.given == *given && known.asked.holds(run))?;
        Some(known.drafts.iter().map(|draft| moved(draft, text)).collect())
    }

    /// Remembers what a script waits for, if all of it is written in the script itself.
    pub(super) fn keep(&mut self, text: &Text<'a>, given: Given, asked: Asked, drafts: &[Draft<'a>]) {
        let (Some(content), Some(node)) = (text.literal(), text.node()) else { return };
        let is_own = |seen: &Seen<'a>| seen.node == Some(node) && seen.span() == text.span(seen.range.clone());
        if !asked.is_comparable() || !drafts.iter().flat_map(|draft| &draft.seen).all(is_own) {
            return;
        }
        self.bytes += content.len();
        if self.bytes > ROOM {
            self.known.clear();
            self.bytes = content.len();
        }
        let known = self.known.entry(content.to_owned()).or_default();
        if known.len() < MAX_ALIKE {
            known.push(Known { given, asked, drafts: drafts.to_vec() });
        }
    }
}

/// A wait of another script with the same text.
fn moved<'a>(draft: &Draft<'a>, text: &Text<'a>) -> Draft<'a> {
    let mut draft = draft.clone();
    for seen in &mut draft.seen {
        seen.node = text.node();
        seen.written = text.span(seen.range.clone());
        seen.text = None;
    }
    draft
}
