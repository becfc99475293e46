//! Shell scripts as trees of commands: what a POSIX shell reads, and what bash adds.
//!
//! A reader, no shell: nothing is expanded and nothing is run. It is tolerant, because one odd line must not hide
//! the others: what it cannot follow is [`CommandKind::Unread`], with a problem that says why. Every part knows its
//! bytes of the script, so that a finding can stand on a word.

mod ast;

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
