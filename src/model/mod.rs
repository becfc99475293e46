//! Borrowed views of the objects that questions are about: pods wherever they are templated, their
//! containers, and Services. Views only read; what follows from them is computed in `facts`.

mod pod;
mod service;

pub use pod::Container;
pub use pod::Pod;
pub use pod::Role;
pub use pod::is_sidecar;
pub use service::Service;
pub use service::ServicePort;
