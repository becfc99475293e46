//! Who set a field, and who set it before; or who deleted it: a line each, with what was written there.

use crate::render::Dropped;
use crate::report::clean;
use crate::report::told::Teller;
use crate::yaml::Deleted;
use crate::yaml::Gone;
use crate::yaml::Kind;
use crate::yaml::Node;

impl Teller<'_> {
    /// Who set a field, and who set it before.
    pub fn blame(&self, title: &str, node: Node<'_>) -> String {
        format!("{}: {}\n{}", clean(title), clean(&shown(node)), self.in_lines(&self.steps(node)))
    }

    /// Who took out a field or an item that is not there.
    pub fn blame_deleted(&self, title: &str, deleted: &Deleted<'_>) -> String {
        let what = match deleted.how {
            Gone::Deleted => "deleted",
            Gone::Moved => "moved away",
            Gone::Replaced => "not in what replaced it",
        };
        format!("{}: {what}\n{}", clean(title), self.in_lines(&Self::steps_out(deleted)))
    }

    /// Who took out a resource that is not there.
    pub fn blame_dropped(&self, dropped: &Dropped) -> String {
        let title = format!("{}/{}", dropped.id.kind, dropped.id.name);
        format!("{}: {}\n{}", clean(&title), dropped.how.told(), self.in_lines(&Self::steps_away(dropped)))
    }
}

/// A value in one line.
fn shown(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Scalar => {
            let mut lines = node.text().lines();
            let first = lines.next().unwrap_or_default();
            if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
        }
        Kind::Sequence => format!("a list of {}", node.items().count()),
        Kind::Mapping => format!("{} fields", node.fields().count()),
    }
}
