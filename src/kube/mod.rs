//! What Kubernetes knows, as tables and lookups: ids of resources, where a kind keeps its pods,
//! which lists merge by which key. No reading, no judging.

mod field_spec;
mod default_specs;
mod default_references;
mod kustomize_scope;
mod id;
mod kinds;
mod merge_schema;
mod quantity;
mod version;

pub use default_references::name_references;
pub use default_specs::common_annotation_specs;
pub use default_specs::common_label_specs;
pub use default_specs::image_specs;
pub use default_specs::image_volume_specs;
pub use default_specs::name_specs;
pub use default_specs::namespace_specs;
pub use default_specs::replica_specs;
pub use default_specs::template_label_specs;
pub use default_specs::var_reference_specs;
pub use field_spec::FieldSpec;
pub use field_spec::NameReference;
pub use field_spec::Segment;
pub use id::ResourceId;
pub use kinds::PodPath;
pub use kinds::is_cluster_scoped;
pub use kinds::job_path;
pub use kinds::pod_path;
pub use kustomize_scope::is_cluster_scoped_for_kustomize;
pub use kustomize_scope::is_known_to_kustomize;
pub use merge_schema::Builtins;
pub use merge_schema::MergePlace;
pub use merge_schema::MergeSchema;
pub use quantity::quantity;
pub use version::Version;
pub use version::VersionRange;
