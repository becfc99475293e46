//! stub
use crate::diagnostic::Diagnostic;
use crate::yaml::*;
/// stub
#[derive(Debug)]
pub struct Operations;
impl Operations {
    /// stub
    pub fn of(parsed: &Parsed, _text: &str) -> Result<Self, Box<Diagnostic>> {
        let root = parsed.documents.first().map(|d| parsed.tree.node(d.root));
        match root {
            Some(root) if root.kind() == Kind::Sequence => Ok(Self),
            _ => Err(Diagnostic::error(
                "bad-patch",
                crate::source::Span::whole(root.map_or_else(|| panic!(), |r| r.span().source)),
                "no list",
            )
            .into()),
        }
    }
    /// stub
    pub fn is_empty(&self) -> bool {
        false
    }
    /// stub
    pub fn apply(&self, tree: &mut Tree, root: NodeId, _via: &Via) -> Result<(), Box<Diagnostic>> {
        Err(Diagnostic::error("not-built", tree.node(root).span(), "json patches are not implemented").into())
    }
}
