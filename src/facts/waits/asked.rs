//! What a script asked of the container around it while it was followed: where all of that is the same, the same
//! script comes to the same.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::facts::runs::Run;
use crate::facts::runs::Symbol;
use crate::facts::runs::Value;

/// How many bytes a text may have that a script makes, or is given.
pub(super) const MAX_BYTES: usize = 8 * 1024;

/// Variables and files that were asked for.
#[derive(Clone, Default, Debug)]
pub(super) struct Asked {
    /// The variables that the container has from outside of the script; none for one that nobody is known to set.
    variables: BTreeMap<String, Option<Value>>,
    /// Paths of which no content was known.
    absent: BTreeSet<String>,
    /// Whether a content was known.
    has_read: bool,
}

impl Asked {
    /// The value of a variable as the container is started with it.
    pub(super) fn variable(&mut self, run: &Run<'_>, name: &str) -> Option<Value> {
        if let Some(known) = self.variables.get(name) {
            return known.clone();
        }
        let value = outside(run, name);
        self.variables.insert(name.to_owned(), value.clone());
        value
    }

    /// Notes whether there is something known at a path.
    pub(super) fn path(&mut self, path: &str, is_known: bool) {
        self.has_read |= is_known;
        if !is_known {
            self.absent.insert(path.to_owned());
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.variables.extend(other.variables);
        self.absent.extend(other.absent);
        self.has_read |= other.has_read;
    }

    /// Whether another container would answer all of it the same way. Of what files hold that is not compared.
    pub(super) fn holds(&self, run: &Run<'_>) -> bool {
        !self.has_read
            && self.variables.iter().all(|(name, value)| outside(run, name) == *value)
            && self.absent.iter().all(|path| run.mounted.content(path).is_none())
    }

    /// Whether it can be compared at all.
    pub(super) fn is_comparable(&self) -> bool {
        !self.has_read
    }
}

fn outside(run: &Run<'_>, name: &str) -> Option<Value> {
    let value = run.environment.get(name).or_else(|| {
        let is_of_image = name.bytes().any(|byte| byte.is_ascii_uppercase());
        let may_be = is_of_image && run.environment.may_set(name);
        may_be.then(|| Value::symbol(Symbol::Variable(name.into())))
    });
    // What is too long to be compared is not compared.
    value.map(|value| if value.len() > MAX_BYTES { Value::symbol(Symbol::Variable(name.into())) } else { value })
}
