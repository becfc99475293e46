//! What Kubernetes' own OpenAPI document calls the built-in types: needed where a document of a project refers to
//! one of them, or puts something in its place.
//!
//! Only types that lead to a list that merges. What a document puts in the place of another built-in type is not
//! reached from built-in kinds.

/// Our types and what they stand for, behind `io.k8s.api.`.
const DEFINITIONS: &[(&str, &[&str])] = &[
    ("CSINodeSpec", &["storage.v1.CSINodeSpec", "storage.v1beta1.CSINodeSpec"]),
    ("Container", &["core.v1.Container"]),
    ("CronJobSpec", &["batch.v1.CronJobSpec", "batch.v1beta1.CronJobSpec"]),
    ("EphemeralContainer", &["core.v1.EphemeralContainer"]),
    ("EphemeralVolumeSource", &["core.v1.EphemeralVolumeSource"]),
    ("JobTemplateSpec", &["batch.v1.JobTemplateSpec", "batch.v1beta1.JobTemplateSpec"]),
    ("NodeSpec", &["core.v1.NodeSpec"]),
    ("NodeStatus", &["core.v1.NodeStatus"]),
    ("Object", &["core.v1.PersistentVolumeClaimTemplate"]),
    ("PodSpec", &["core.v1.PodSpec"]),
    ("PodStatus", &["core.v1.PodStatus"]),
    ("PodTemplateSpec", &["core.v1.PodTemplateSpec"]),
    ("ServiceSpec", &["core.v1.ServiceSpec"]),
    (
        "Status",
        &[
            "apps.v1.DaemonSetStatus",
            "apps.v1.DeploymentStatus",
            "apps.v1.ReplicaSetStatus",
            "apps.v1.StatefulSetStatus",
            "batch.v1.JobStatus",
            "core.v1.NamespaceStatus",
            "core.v1.PersistentVolumeClaimStatus",
            "core.v1.ReplicationControllerStatus",
            "core.v1.ServiceStatus",
            "policy.v1.PodDisruptionBudgetStatus",
            "policy.v1beta1.PodDisruptionBudgetStatus",
        ],
    ),
    (
        "Templated",
        &[
            "apps.v1.DaemonSetSpec",
            "apps.v1.DeploymentSpec",
            "apps.v1.ReplicaSetSpec",
            "apps.v1.StatefulSetSpec",
            "batch.v1.JobSpec",
            "core.v1.ReplicationControllerSpec",
        ],
    ),
    ("Volume", &["core.v1.Volume"]),
];

/// What those names start with.
const PACKAGE: &str = "io.k8s.api.";

/// The one type that is not in that package.
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// Our type for a definition.
pub(super) fn type_of(definition: &str) -> Option<&'static str> {
    if definition == OBJECT_META {
        return Some("ObjectMeta");
    }
    let name = definition.strip_prefix(PACKAGE)?;
    DEFINITIONS.iter().find(|(_, names)| names.contains(&name)).map(|(of, _)| *of)
}

/// The definition that one of our types stands for below an object of a kind.
pub(super) fn definition_of(of: &str, api_version: &str, kind: &str) -> Option<String> {
    if of == "ObjectMeta" {
        return Some(OBJECT_META.to_owned());
    }
    let (_, names) = DEFINITIONS.iter().find(|(name, _)| *name == of)?;
    let package = package(api_version);
    let group = package.split('.').next().unwrap_or_default();
    let prefix = format!("{package}.");
    let in_package = |name: &&&str| name.starts_with(&prefix);
    let of_kind = |name: &&&str| name.strip_prefix(&prefix).is_some_and(|name| name.starts_with(kind));
    let of_group = |name: &&&str| name.split('.').next() == Some(group);
    let found = match names {
        [only] => Some(only),
        names => {
            names.iter().find(of_kind).or_else(|| names.iter().find(in_package)).or_else(|| names.iter().find(of_group))
        }
    };
    found.map(|name| format!("{PACKAGE}{name}"))
}

/// The definition of a kind.
pub(super) fn definition_of_kind(api_version: &str, kind: &str) -> String {
    let package = package(api_version);
    match api_version.split_once('/') {
        Some(("apiextensions.k8s.io", version)) => {
            format!("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{version}.{kind}")
        }
        Some(("apiregistration.k8s.io", version)) => {
            format!("io.k8s.kube-aggregator.pkg.apis.apiregistration.{version}.{kind}")
        }
        _ => format!("{PACKAGE}{package}.{kind}"),
    }
}

/// `rbac.authorization.k8s.io/v1` as `rbac.v1`, `v1` as `core.v1`.
fn package(api_version: &str) -> String {
    match api_version.split_once('/') {
        Some((group, version)) => format!("{}.{version}", group.split('.').next().unwrap_or_default()),
        None => format!("core.{api_version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::definition_of;
    use super::definition_of_kind;
    use super::type_of;

    #[test]
    fn types_have_the_names_of_the_document_of_kubernetes() {
        for (of, api_version, kind, name) in [
            ("Templated", "apps/v1", "StatefulSet", "io.k8s.api.apps.v1.StatefulSetSpec"),
            ("Templated", "batch/v1beta1", "CronJob", "io.k8s.api.batch.v1.JobSpec"),
            ("JobTemplateSpec", "batch/v1beta1", "CronJob", "io.k8s.api.batch.v1beta1.JobTemplateSpec"),
            ("Status", "v1", "Service", "io.k8s.api.core.v1.ServiceStatus"),
            ("PodSpec", "apps/v1", "Deployment", "io.k8s.api.core.v1.PodSpec"),
            ("ObjectMeta", "v1", "Pod", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"),
        ] {
            assert_eq!(definition_of(of, api_version, kind).as_deref(), Some(name));
            assert_eq!(type_of(name), Some(of));
        }
        assert_eq!(definition_of_kind("rbac.authorization.k8s.io/v1", "Role"), "io.k8s.api.rbac.v1.Role");
    }
}
