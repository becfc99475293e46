//! What Kubernetes knows, as tables and lookups: ids of resources, where a kind keeps its pods,
//! which lists merge by which key. No reading, no judging.

mod id;
mod kinds;
mod merge_schema;
mod quantity;
mod version;

pub use id::ResourceId;
pub use kinds::PodPath;
pub use kinds::is_cluster_scoped;
pub use kinds::job_path;
pub use kinds::pod_path;
pub use merge_schema::MergePlace;
pub use merge_schema::MergeSchema;
pub use quantity::quantity;
pub use version::Version;
pub use version::VersionRange;
