//! The trees of scripts: each text is read once by the rules of a shell, however many containers run it and however
//! often it is asked for.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::shell::Dialect;
use crate::shell::Script;
use crate::shell::read;

/// How many bytes of texts are kept with their trees. Then all are forgotten, because those that are alike mostly
/// follow each other.
const ROOM: usize = 256 * 1024;

/// Scripts that have been read.
#[derive(Default)]
pub(super) struct Scripts(RefCell<Kept>);

#[derive(Default)]
struct Kept {
    trees: HashMap<Dialect, HashMap<Box<str>, Rc<Script>>>,
    bytes: usize,
}

impl Scripts {
    /// The tree of a text.
    pub(super) fn read(&self, text: &str, dialect: Dialect) -> Rc<Script> {
        let known = self.0.borrow().trees.get(&dialect).and_then(|trees| trees.get(text)).cloned();
        known.unwrap_or_else(|| {
            let tree = Rc::new(read(text, dialect));
            let mut kept = self.0.borrow_mut();
            kept.bytes += text.len();
            if kept.bytes > ROOM {
                *kept = Kept { bytes: text.len(), ..Kept::default() };
            }
            kept.trees.entry(dialect).or_default().insert(text.into(), Rc::clone(&tree));
            tree
        })
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::ROOM;
    use super::Scripts;
    use crate::shell::Dialect;

    #[test]
    fn a_text_is_read_once_for_each_shell() {
        let scripts = Scripts::default();
        let one = scripts.read("echo {1..3}", Dialect::Bash);
        assert!(Rc::ptr_eq(&one, &scripts.read("echo {1..3}", Dialect::Bash)));
        assert_ne!(one, scripts.read("echo {1..3}", Dialect::Posix));
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let scripts = Scripts::default();
        for number in 0..100 {
            scripts.read(&format!("{number:010000}"), Dialect::Posix);
        }
        assert!(scripts.0.borrow().bytes <= ROOM);
    }
}
