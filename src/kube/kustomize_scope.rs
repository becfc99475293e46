//! Which kinds live outside namespaces as far as kustomize knows: what its Kubernetes v1.21.2 schema
//! tells, which is less than [`is_cluster_scoped`](crate::kube::is_cluster_scoped) knows.

/// Kinds by group and version: those outside namespaces, and those inside.
const KINDS: &[(&str, &str, &[&str], &[&str])] = &[
    (
        "",
        "v1",
        &["ComponentStatus", "Namespace", "Node", "NodeProxyOptions", "PersistentVolume"],
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodAttachOptions",
            "PodExecOptions",
            "PodPortForwardOptions",
            "PodProxyOptions",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
            "ServiceProxyOptions",
        ],
    ),
    ("admissionregistration.k8s.io", "v1", &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"], &[]),
    (
        "admissionregistration.k8s.io",
        "v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        &[],
    ),
    ("apiextensions.k8s.io", "v1", &["CustomResourceDefinition"], &[]),
    ("apiextensions.k8s.io", "v1beta1", &["CustomResourceDefinition"], &[]),
    ("apiregistration.k8s.io", "v1", &["APIService"], &[]),
    ("apiregistration.k8s.io", "v1beta1", &["APIService"], &[]),
    ("apps", "v1", &[], &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("autoscaling", "v1", &[], &["HorizontalPodAutoscaler", "Scale"]),
    ("autoscaling", "v2beta1", &[], &["HorizontalPodAutoscaler"]),
    ("autoscaling", "v2beta2", &[], &["HorizontalPodAutoscaler"]),
    ("batch", "v1", &[], &["CronJob", "Job"]),
    ("batch", "v1beta1", &[], &["CronJob"]),
    ("certificates.k8s.io", "v1", &["CertificateSigningRequest"], &[]),
    ("certificates.k8s.io", "v1beta1", &["CertificateSigningRequest"], &[]),
    ("coordination.k8s.io", "v1", &[], &["Lease"]),
    ("coordination.k8s.io", "v1beta1", &[], &["Lease"]),
    ("discovery.k8s.io", "v1", &[], &["EndpointSlice"]),
    ("discovery.k8s.io", "v1beta1", &[], &["EndpointSlice"]),
    ("events.k8s.io", "v1", &[], &["Event"]),
    ("events.k8s.io", "v1beta1", &[], &["Event"]),
    ("extensions", "v1beta1", &[], &["Ingress"]),
    ("flowcontrol.apiserver.k8s.io", "v1beta1", &["FlowSchema", "PriorityLevelConfiguration"], &[]),
    ("networking.k8s.io", "v1", &["IngressClass"], &["Ingress", "NetworkPolicy"]),
    ("networking.k8s.io", "v1beta1", &["IngressClass"], &["Ingress"]),
    ("node.k8s.io", "v1", &["RuntimeClass"], &[]),
    ("node.k8s.io", "v1beta1", &["RuntimeClass"], &[]),
    ("policy", "v1", &[], &["PodDisruptionBudget"]),
    ("policy", "v1beta1", &["PodSecurityPolicy"], &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", "v1", &["ClusterRole", "ClusterRoleBinding"], &["Role", "RoleBinding"]),
    ("rbac.authorization.k8s.io", "v1beta1", &["ClusterRole", "ClusterRoleBinding"], &["Role", "RoleBinding"]),
    ("scheduling.k8s.io", "v1", &["PriorityClass"], &[]),
    ("scheduling.k8s.io", "v1beta1", &["PriorityClass"], &[]),
    ("storage.k8s.io", "v1", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"], &[]),
    (
        "storage.k8s.io",
        "v1beta1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        &["CSIStorageCapacity"],
    ),
];

/// Whether kustomize takes objects of a kind for cluster scoped. A kind that it doesn't know counts as
/// namespaced, and so does a version that it doesn't know of a kind that it does.
pub fn is_cluster_scoped_for_kustomize(group: &str, version: &str, kind: &str) -> bool {
    scope(group, version, kind) == Some(true)
}

/// Whether kustomize knows a kind at all, in this very version.
pub fn is_known_to_kustomize(group: &str, version: &str, kind: &str) -> bool {
    scope(group, version, kind).is_some()
}

/// Whether a kind is cluster scoped; none if it is not in the table.
fn scope(group: &str, version: &str, kind: &str) -> Option<bool> {
    let (_, _, cluster, namespaced) = KINDS.iter().find(|entry| entry.0 == group && entry.1 == version)?;
    if cluster.contains(&kind) {
        return Some(true);
    }
    namespaced.contains(&kind).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::KINDS;
    use super::is_cluster_scoped_for_kustomize;
    use super::is_known_to_kustomize;

    #[test]
    fn kinds_are_known_by_version() {
        assert!(is_cluster_scoped_for_kustomize("", "v1", "Namespace"));
        assert!(!is_cluster_scoped_for_kustomize("", "v1", "Pod") && is_known_to_kustomize("", "v1", "Pod"));
        assert!(is_cluster_scoped_for_kustomize("storage.k8s.io", "v1", "StorageClass"));
        assert!(!is_known_to_kustomize("storage.k8s.io", "v2", "StorageClass"));
        assert!(!is_known_to_kustomize("resource.k8s.io", "v1", "DeviceClass"));
    }

    #[test]
    fn the_table_has_all_82_kinds() {
        assert_eq!(KINDS.iter().map(|entry| entry.2.len()).sum::<usize>(), 36);
        assert_eq!(KINDS.iter().map(|entry| entry.3.len()).sum::<usize>(), 82 - 36);
    }
}
