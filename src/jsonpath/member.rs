//! Looking up a field by its name, with what is looked at counted.

use crate::jsonpath::work::Stop;
use crate::jsonpath::work::Work;
use crate::yaml::Kind;
use crate::yaml::Node;

/// The value of a field. Every field that is looked at is a step.
pub(super) fn member<'a>(work: &Work, node: Node<'a>, name: &str) -> Result<Option<Node<'a>>, Stop> {
    if node.kind() != Kind::Mapping {
        return Ok(None);
    }
    let mut steps = 1;
    let found = node.children().inspect(|_| steps += 1).find(|value| value.is_keyed(name));
    work.spend(steps)?;
    Ok(found)
}
