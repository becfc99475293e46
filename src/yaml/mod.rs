//! YAML text as a tree in which every node, keys too, knows where it was written.
//!
//! [`Tree`] is a flat vector of small nodes, [`Node`] a borrowed view of one of them. A scalar keeps
//! its source text; what type it has is a question asked with a [`Reader`]'s rules, because
//! kustomize and kubectl disagree. The same tree holds a parsed file, a rendered target, and facts.

mod kind;
mod origin;
mod gone;
mod timestamp;
mod scalar;
mod raw;
mod places;
mod beside;
mod tree;
mod texts;
mod link;
mod node;
mod deletion;
mod copy;
mod change;
mod document;
mod found;
mod scan;
mod problem;
mod alias;
mod padding;
mod parse;
mod refused;
mod duplicate;
mod within;
mod tie;
mod edit;
mod emit;
mod json;
mod files;
mod shape;

pub use deletion::Deleted;
pub use document::Comment;
pub use document::Document;
pub use duplicate::duplicate_keys;
pub use duplicate::keep_last_of_duplicates;
pub use emit::Placed;
pub use emit::decode_base64;
pub use emit::emit;
pub use emit::emit_all;
pub use emit::emit_as_written;
pub use emit::emit_with_places;
pub use files::Files;
pub use gone::Gone;
pub use json::handed_on;
pub use json::json_text;
pub use json::write_json_text;
pub use kind::Kind;
pub use kind::Style;
pub use kind::Tag;
pub use node::Node;
pub use origin::Via;
pub use origin::ViaId;
pub use origin::Writer;
pub use parse::Parsed;
pub use parse::parse;
pub use parse::parse_as_it_ends;
pub use parse::parse_lines;
pub use raw::NodeId;
pub use refused::As;
pub use scalar::Reader;
pub use scalar::Scalar;
pub use shape::Field;
pub use shape::Fields;
pub use shape::Shape;
pub use shape::check;
pub use shape::json_schema;
pub use tie::MAX_TIES;
pub use tree::MAX_DEPTH;
pub use tree::MAX_TREE_BYTES;
pub use tree::Tree;
pub use within::span_within;
pub use within::spans_of_lines;

#[cfg(test)]
mod tests;
