//! The start-up graphs of targets in every form: for people, for programs that draw, and drawn.

mod picture;
mod layout;
mod text;
mod dot;
mod mermaid;
mod json;
mod svg;

pub use dot::dot;
pub use json::json;
pub use json::schema;
pub use mermaid::mermaid;
pub use svg::svg;
pub use text::text;
