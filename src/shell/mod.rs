//! Shell scripts as trees of commands: what a POSIX shell reads, and what bash adds.
//!
//! A reader, no shell: nothing is expanded and nothing is run. It is tolerant, because one odd line must not hide
//! the others: what it cannot follow is [`CommandKind::Unread`], with a problem that says why. Every part knows its
//! bytes of the script, so that a finding can stand on a word.
//!
//! Beside it, the parts of a shell that are about texts alone: [`arithmetic`], [`pattern`]s, braces, and what `[` asks.

mod ast;
mod input;
mod reader;
mod builder;
mod word;
mod escape;
mod expansion;
mod blank;
mod grammar;
mod here;
mod redirect;
mod simple;
mod test;
mod compound;
pub mod arithmetic;
mod braces;
mod condition;
pub mod pattern;

pub use ast::Arm;
pub use ast::Assignment;
pub use ast::Command;
pub use ast::CommandKind;
pub use ast::Dialect;
pub use ast::Direction;
pub use ast::Item;
pub use ast::Join;
pub use ast::List;
pub use ast::Part;
pub use ast::PartKind;
pub use ast::Pipeline;
pub use ast::Problem;
pub use ast::Redirect;
pub use ast::Script;
pub use ast::Word;
pub use braces::alternatives;
pub use condition::Comparison;
pub use condition::Condition;
pub use condition::Operator;

use crate::shell::reader::Reader;
use crate::shell::word::TEMPLATE;

/// The longest script that is read.
pub const MAX_LENGTH: usize = 64 * 1024;

/// Reads a script by the rules of a shell.
///
/// What cannot be read is passed over: it has a problem and is [`CommandKind::Unread`] in the tree. A text longer
/// than [`MAX_LENGTH`] is that as a whole.
pub fn read(text: &str, dialect: Dialect) -> Script {
    if text.len() > MAX_LENGTH {
        let problem = Problem { range: 0..text.len(), what: "a script of more than 64 KiB is not read" };
        return Script { body: List { items: vec![grammar::unread(0..text.len())] }, problems: vec![problem] };
    }
    let script = read_with(text, dialect, false);
    if script.problems.is_empty() || !(text.contains("{{") && text.contains("}}")) {
        return script;
    }
    // What a template writes is not known, but where it ends is.
    let replaced = read_with(text, dialect, true);
    let unread = |script: &Script| script.problems.iter().filter(|problem| problem.what != TEMPLATE).count();
    if unread(&replaced) < unread(&script) { replaced } else { script }
}

fn read_with(text: &str, dialect: Dialect, has_templates: bool) -> Script {
    let mut reader = Reader::new(text, dialect);
    reader.has_templates = has_templates;
    let mut body = reader.script();
    if !reader.documents.is_empty() {
        let documents = std::mem::take(&mut reader.documents);
        reader = Reader::new(text, dialect);
        reader.has_templates = has_templates;
        reader.documents = documents;
        reader.knows_documents = true;
        body = reader.script();
    }
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| (problem.range.start, problem.range.end));
    problems.dedup();
    Script { body, problems }
}
