//! Every range of a tree is one of its script, lies in that of what it is a part of, and holds the text it is said to.

use std::ops::Range;

use plimsoll::shell::Command;
use plimsoll::shell::CommandKind;
use plimsoll::shell::Direction;
use plimsoll::shell::List;
use plimsoll::shell::Part;
use plimsoll::shell::PartKind;
use plimsoll::shell::Script;
use plimsoll::shell::Word;

/// A script whose tree is looked at.
struct Checked<'a> {
    text: &'a str,
}

/// Panics if a range of the script is not as said above.
pub(crate) fn check(text: &str, script: &Script) {
    let checked = Checked { text };
    for problem in &script.problems {
        checked.slice(&problem.range);
    }
    checked.list(&script.body, &(0..text.len()));
}

impl Checked<'_> {
    fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_else(|| panic!("{range:?} is no text of {:?}", self.text))
    }

    fn within(&self, range: &Range<usize>, outer: &Range<usize>) {
        self.slice(range);
        assert!(outer.start <= range.start && range.end <= outer.end, "{range:?} is beyond {outer:?}: {:?}", self.text);
    }

    fn list(&self, list: &List, outer: &Range<usize>) {
        for item in &list.items {
            let rest = item.rest.iter().map(|(_, pipeline)| pipeline);
            for command in std::iter::once(&item.first).chain(rest).flat_map(|pipeline| &pipeline.commands) {
                self.command(command, outer);
            }
        }
    }

    fn command(&self, command: &Command, outer: &Range<usize>) {
        let range = &command.range;
        self.within(range, outer);
        for redirect in &command.redirects {
            self.within(&redirect.range, outer);
            let is_document = redirect.direction == Direction::Document;
            self.word(&redirect.target, if is_document { &redirect.target.range } else { &redirect.range });
        }
        match &command.kind {
            CommandKind::Simple { assignments, words } => {
                for assignment in assignments {
                    self.within(&assignment.range, range);
                    self.word(&assignment.value, &assignment.range);
                }
                self.words(words, range);
            }
            CommandKind::Group(body) | CommandKind::Subshell(body) | CommandKind::Count { body, .. } => {
                self.list(body, range);
            }
            CommandKind::If { branches, otherwise } => {
                let lists = branches.iter().flat_map(|(condition, body)| [condition, body]).chain(otherwise);
                for list in lists {
                    self.list(list, range);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.list(condition, range);
                self.list(body, range);
            }
            CommandKind::For { items, body, .. } => {
                self.words(items.as_deref().unwrap_or_default(), range);
                self.list(body, range);
            }
            CommandKind::Case { subject, arms } => {
                self.word(subject, range);
                for arm in arms {
                    self.words(&arm.patterns, range);
                    self.list(&arm.body, range);
                }
            }
            CommandKind::Function { body, .. } => self.command(body, range),
            CommandKind::Test(words) => self.words(words, range),
            CommandKind::Arithmetic(_) | CommandKind::Unread => {}
        }
    }

    fn words(&self, words: &[Word], outer: &Range<usize>) {
        for word in words {
            self.word(word, outer);
        }
    }

    fn word(&self, word: &Word, outer: &Range<usize>) {
        self.within(&word.range, outer);
        for part in &word.parts {
            self.part(part, &word.range);
        }
    }

    fn part(&self, part: &Part, outer: &Range<usize>) {
        let range = &part.range;
        self.within(range, outer);
        match &part.kind {
            PartKind::Text(text) => {
                // What is escaped, continued, stripped of tabs or cut off is another text.
                let written = self.slice(range);
                assert!(
                    written == text || written.contains(['\\', '\t', '\0']) || written == "|&",
                    "{written:?} is no {text:?}: {:?}",
                    self.text
                );
            }
            PartKind::Substitution(list) | PartKind::Process(list) => self.list(list, range),
            PartKind::Array(words) => self.words(words, range),
            PartKind::Variable { operand: Some(operand), .. } => self.word(operand, range),
            _ => {}
        }
    }
}
