//! The fields that kustomize's transformers set unless a kustomization says more (v5.5.0; v5.8 adds
//! [`image_volume_specs`]). Names that refer to other objects stand in `default_references`.

use std::borrow::Cow;

use crate::kube::FieldSpec;

/// Where labels of a pod's affinity rules and spread constraints are matched, below the pod.
const POD_SELECTORS: &[&str] = &[
    "spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/topologySpreadConstraints/labelSelector/matchLabels",
];

/// Where variables of the old kind are filled in, below the pod.
const POD_VARIABLES: &[&str] = &[
    "spec/containers/args",
    "spec/containers/command",
    "spec/containers/env/value",
    "spec/containers/volumeMounts/mountPath",
    "spec/initContainers/args",
    "spec/initContainers/command",
    "spec/initContainers/env/value",
    "spec/initContainers/volumeMounts/mountPath",
];

/// A field that is made where it is missing.
const fn made(group: &'static str, version: &'static str, kind: &'static str, path: &'static str) -> FieldSpec {
    FieldSpec::new(group, version, kind, path, true)
}

/// A field that is left alone where it is missing.
const fn found(group: &'static str, kind: &'static str, path: &'static str) -> FieldSpec {
    FieldSpec::new(group, "", kind, path, false)
}

/// Each of `paths` below the pod of a kind.
pub(super) fn in_pod<'a>(
    [group, version, kind, pod]: [&'static str; 4],
    paths: &'a [&'static str],
) -> impl Iterator<Item = FieldSpec> + use<'a> {
    paths.iter().map(move |path| FieldSpec {
        path: Cow::Owned(format!("{pod}{path}")),
        ..FieldSpec::new(group, version, kind, "", false)
    })
}

/// `namePrefix` and `nameSuffix`.
pub fn name_specs() -> Vec<FieldSpec> {
    vec![found("", "", "metadata/name")]
}

/// `namespace`, beside `metadata/namespace` and the subjects of role bindings.
pub fn namespace_specs() -> Vec<FieldSpec> {
    vec![
        made("", "", "Namespace", "metadata/name"),
        made("apiregistration.k8s.io", "", "APIService", "spec/service/namespace"),
        found(
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            "spec/conversion/webhook/clientConfig/service/namespace",
        ),
    ]
}

/// `labels` with `includeTemplates`.
pub fn template_label_specs() -> Vec<FieldSpec> {
    vec![
        made("", "", "", "metadata/labels"),
        made("", "v1", "ReplicationController", "spec/template/metadata/labels"),
        made("", "", "Deployment", "spec/template/metadata/labels"),
        made("", "", "ReplicaSet", "spec/template/metadata/labels"),
        made("", "", "DaemonSet", "spec/template/metadata/labels"),
        made("apps", "", "StatefulSet", "spec/template/metadata/labels"),
        made("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels"),
        made("batch", "", "Job", "spec/template/metadata/labels"),
        made("batch", "", "CronJob", "spec/jobTemplate/metadata/labels"),
        made("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels"),
    ]
}

/// `commonLabels`, and `labels` with `includeSelectors`.
pub fn common_label_specs() -> Vec<FieldSpec> {
    let mut specs = template_label_specs();
    specs.extend([
        made("", "v1", "Service", "spec/selector"),
        made("", "v1", "ReplicationController", "spec/selector"),
        made("", "", "Deployment", "spec/selector/matchLabels"),
        made("", "", "ReplicaSet", "spec/selector/matchLabels"),
        made("", "", "DaemonSet", "spec/selector/matchLabels"),
        made("apps", "", "StatefulSet", "spec/selector/matchLabels"),
        found("batch", "Job", "spec/selector/matchLabels"),
        found("batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels"),
        found("policy", "PodDisruptionBudget", "spec/selector/matchLabels"),
        found("networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels"),
        found("networking.k8s.io", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels"),
        found("networking.k8s.io", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels"),
    ]);
    for kind in ["Deployment", "StatefulSet"] {
        specs.extend(in_pod(["apps", "", kind, "spec/template/"], POD_SELECTORS));
    }
    specs
}

/// `commonAnnotations`.
pub fn common_annotation_specs() -> Vec<FieldSpec> {
    vec![
        made("", "", "", "metadata/annotations"),
        made("", "v1", "ReplicationController", "spec/template/metadata/annotations"),
        made("", "", "Deployment", "spec/template/metadata/annotations"),
        made("", "", "ReplicaSet", "spec/template/metadata/annotations"),
        made("", "", "DaemonSet", "spec/template/metadata/annotations"),
        made("", "", "StatefulSet", "spec/template/metadata/annotations"),
        made("batch", "", "Job", "spec/template/metadata/annotations"),
        made("batch", "", "CronJob", "spec/jobTemplate/metadata/annotations"),
        made("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations"),
    ]
}

/// `images`.
pub fn image_specs() -> Vec<FieldSpec> {
    vec![
        made("", "", "", "spec/containers[]/image"),
        made("", "", "", "spec/initContainers[]/image"),
        made("", "", "", "spec/template/spec/containers[]/image"),
        made("", "", "", "spec/template/spec/initContainers[]/image"),
    ]
}

/// What `images` also sets from v5.7.0 on: volumes that are images.
pub fn image_volume_specs() -> Vec<FieldSpec> {
    vec![
        made("", "", "", "spec/volumes[]/image/reference"),
        made("", "", "", "spec/template/spec/volumes[]/image/reference"),
    ]
}

/// `replicas`.
pub fn replica_specs() -> Vec<FieldSpec> {
    ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
        .map(|kind| made("", "", kind, "spec/replicas"))
        .into()
}

/// Where `vars` are filled in.
pub fn var_reference_specs() -> Vec<FieldSpec> {
    const PODS: [[&str; 4]; 7] = [
        ["", "", "CronJob", "spec/jobTemplate/spec/template/"],
        ["", "", "DaemonSet", "spec/template/"],
        ["", "", "Deployment", "spec/template/"],
        ["", "", "Job", "spec/template/"],
        ["", "", "Pod", ""],
        ["", "", "ReplicaSet", "spec/template/"],
        ["", "", "StatefulSet", "spec/template/"],
    ];
    let mut specs: Vec<_> = PODS.into_iter().flat_map(|pod| in_pod(pod, POD_VARIABLES)).collect();
    specs.extend([
        // Not where a CronJob has its volumes: a slip of kustomize.
        found("", "CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server"),
        found("", "DaemonSet", "spec/template/spec/volumes/nfs/server"),
        found("", "Deployment", "spec/template/spec/volumes/nfs/server"),
        found("", "Deployment", "spec/template/metadata/annotations"),
        found("", "Job", "spec/template/spec/volumes/nfs/server"),
        found("", "Pod", "spec/volumes/nfs/server"),
        found("", "ReplicaSet", "spec/template/spec/volumes/nfs/server"),
        found("", "StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
        found("", "PersistentVolume", "spec/nfs/server"),
        found("", "Ingress", "spec/rules/host"),
        found("", "Ingress", "spec/tls/hosts"),
        found("", "Ingress", "spec/tls/secretName"),
        found("", "Service", "spec/ports/port"),
        found("", "Service", "spec/ports/targetPort"),
        found("", "", "metadata/labels"),
        found("", "", "metadata/annotations"),
    ]);
    specs
}
