//! One node changed by another. Works on trees alone: which file a patch is in, and which resource
//! it is meant for, is the renderer's affair.

mod strategic;

pub use strategic::MergeEvent;
pub use strategic::Merged;
pub use strategic::Oddity;
pub use strategic::strategic_merge;
