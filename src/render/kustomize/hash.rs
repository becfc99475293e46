//! stub
use crate::render::kustomize::Result;
use crate::yaml::Node;
pub(super) fn of(_node: Node<'_>) -> Result<String> {
    Ok("hash".to_owned())
}
