//! One node changed by another. Works on trees alone: which file a patch is in, and which resource
//! it is meant for, is the renderer's affair.

mod strategic;
mod json;

pub use json::JsonPatch;
pub use json::Notes;
pub use json::json_patch;
pub use json::too_large;
pub use strategic::MergeEvent;
pub use strategic::Merged;
pub use strategic::Oddity;
pub use strategic::is_other_in_1_1;
pub use strategic::strategic_merge;
