//! Which fields hold the name of another object, as kustomize knows it (v5.5.0, and v5.8 alike).

use crate::kube::FieldSpec;
use crate::kube::NameReference;
use crate::kube::default_specs::in_pod;

/// The kinds whose pods are searched for the names of ConfigMaps and Secrets.
const PODS: [[&str; 4]; 8] = [
    ["", "v1", "Pod", ""],
    ["", "", "PodTemplate", "template/"],
    ["", "", "Deployment", "spec/template/"],
    ["", "", "ReplicaSet", "spec/template/"],
    ["", "", "DaemonSet", "spec/template/"],
    ["", "", "StatefulSet", "spec/template/"],
    ["", "", "Job", "spec/template/"],
    ["", "", "CronJob", "spec/jobTemplate/spec/template/"],
];

/// The kinds whose pods are searched for other names: ReplicationController in place of ReplicaSet.
const OTHER_PODS: [[&str; 4]; 7] = [
    ["", "", "Pod", ""],
    ["", "", "StatefulSet", "spec/template/"],
    ["", "", "Deployment", "spec/template/"],
    ["", "", "ReplicationController", "spec/template/"],
    ["", "", "CronJob", "spec/jobTemplate/spec/template/"],
    ["", "", "Job", "spec/template/"],
    ["", "", "DaemonSet", "spec/template/"],
];

const CONFIG_MAP_IN_POD: &[&str] = &[
    "spec/volumes/configMap/name",
    "spec/containers/env/valueFrom/configMapKeyRef/name",
    "spec/initContainers/env/valueFrom/configMapKeyRef/name",
    "spec/containers/envFrom/configMapRef/name",
    "spec/initContainers/envFrom/configMapRef/name",
    "spec/volumes/projected/sources/configMap/name",
];

const SECRET_IN_POD: &[&str] = &[
    "spec/volumes/secret/secretName",
    "spec/containers/env/valueFrom/secretKeyRef/name",
    "spec/initContainers/env/valueFrom/secretKeyRef/name",
    "spec/containers/envFrom/secretRef/name",
    "spec/initContainers/envFrom/secretRef/name",
    "spec/imagePullSecrets/name",
    "spec/volumes/projected/sources/secret/name",
];

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Group, kind and path of fields beside those of pods.
type Fields = &'static [[&'static str; 3]];

/// The rules, in the order in which kustomize applies them.
pub fn name_references() -> Vec<NameReference> {
    const SCALED: Fields = &[["", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"]];
    vec![
        reference(["", "", "Deployment"], none(), SCALED),
        reference(["", "", "ReplicationController"], none(), SCALED),
        reference(["", "", "ReplicaSet"], none(), SCALED),
        reference(["", "", "StatefulSet"], none(), SCALED),
        reference(["", "v1", "ConfigMap"], pods(&PODS, CONFIG_MAP_IN_POD), CONFIG_MAP),
        secret(),
        reference(["", "v1", "Service"], none(), SERVICE),
        reference([RBAC, "", "Role"], none(), &[[RBAC, "RoleBinding", "roleRef/name"]]),
        reference(
            [RBAC, "", "ClusterRole"],
            none(),
            &[[RBAC, "RoleBinding", "roleRef/name"], [RBAC, "ClusterRoleBinding", "roleRef/name"]],
        ),
        reference(
            ["", "v1", "ServiceAccount"],
            pods(&OTHER_PODS, &["spec/serviceAccountName"]),
            &[[RBAC, "RoleBinding", "subjects"], [RBAC, "ClusterRoleBinding", "subjects"]],
        ),
        reference(
            ["", "v1", "PersistentVolumeClaim"],
            pods(&OTHER_PODS, &["spec/volumes/persistentVolumeClaim/claimName"]),
            &[],
        ),
        reference(
            ["", "v1", "PersistentVolume"],
            none(),
            &[["", "PersistentVolumeClaim", "spec/volumeName"], ["", "ClusterRole", "rules/resourceNames"]],
        ),
        reference(["storage.k8s.io", "v1", "StorageClass"], none(), STORAGE_CLASS),
        reference(["scheduling.k8s.io", "v1", "PriorityClass"], pods(&OTHER_PODS, &["spec/priorityClassName"]), &[]),
        // No kind has such a group: a slip of kustomize, by which this rule never holds.
        reference(["networking.k8s.io/v1", "v1", "IngressClass"], none(), &[["", "Ingress", "spec/ingressClassName"]]),
        reference(
            [ADMISSION, "", "ValidatingAdmissionPolicy"],
            none(),
            &[[ADMISSION, "ValidatingAdmissionPolicyBinding", "spec/policyName"]],
        ),
    ]
}

const CONFIG_MAP: Fields = &[
    ["", "Node", "spec/configSource/configMap"],
    ["", "Role", "rules/resourceNames"],
    ["", "ClusterRole", "rules/resourceNames"],
    ["", "Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap"],
];

const SECRET: Fields = &[
    ["", "Ingress", "spec/tls/secretName"],
    ["", "Ingress", r"metadata/annotations/ingress.kubernetes.io\/auth-secret"],
    ["", "Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret"],
    ["", "Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret"],
    ["", "ServiceAccount", "imagePullSecrets/name"],
    ["", "StorageClass", "parameters/secretName"],
    ["", "StorageClass", "parameters/adminSecretName"],
    ["", "StorageClass", "parameters/userSecretName"],
    ["", "StorageClass", "parameters/secretRef"],
    ["", "Role", "rules/resourceNames"],
    ["", "ClusterRole", "rules/resourceNames"],
    ["", "PersistentVolume", "spec/azureFile/secretName"],
];

const SERVICE: Fields = &[
    ["apps", "StatefulSet", "spec/serviceName"],
    ["", "Ingress", "spec/rules/http/paths/backend/serviceName"],
    ["", "Ingress", "spec/backend/serviceName"],
    ["", "Ingress", "spec/rules/http/paths/backend/service/name"],
    ["", "Ingress", "spec/defaultBackend/service/name"],
    ["apiregistration.k8s.io", "APIService", "spec/service/name"],
    [ADMISSION, "ValidatingWebhookConfiguration", "webhooks/clientConfig/service"],
    [ADMISSION, "MutatingWebhookConfiguration", "webhooks/clientConfig/service"],
];

const STORAGE_CLASS: Fields = &[
    ["", "PersistentVolume", "spec/storageClassName"],
    ["", "PersistentVolumeClaim", "spec/storageClassName"],
    ["", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"],
];

/// Secrets are also sought in the one kind of Knative that kustomize knows.
fn secret() -> NameReference {
    let knative = FieldSpec::new(
        "serving.knative.dev",
        "v1",
        "Service",
        "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
        false,
    );
    reference(["", "v1", "Secret"], pods(&PODS, SECRET_IN_POD).chain([knative]), SECRET)
}

fn reference(
    [group, version, kind]: [&'static str; 3],
    in_pods: impl Iterator<Item = FieldSpec>,
    others: Fields,
) -> NameReference {
    let others = others.iter().map(|[group, kind, path]| FieldSpec::new(group, "", kind, path, false));
    NameReference {
        group: group.into(),
        version: version.into(),
        kind: kind.into(),
        referrers: in_pods.chain(others).collect(),
    }
}

fn pods(kinds: &'static [[&'static str; 4]], paths: &'static [&'static str]) -> impl Iterator<Item = FieldSpec> {
    kinds.iter().flat_map(move |pod| in_pod(*pod, paths))
}

fn none() -> impl Iterator<Item = FieldSpec> {
    std::iter::empty()
}

#[cfg(test)]
mod tests {
    use super::name_references;
    use crate::kube;
    use crate::kube::FieldSpec;

    /// Every rule of kustomize in a line, sorted; taken from its own tables.
    const EXPECTED: &str = include_str!("../../testdata/kube/kustomize-field-specs.txt");

    fn ids(parts: [&str; 3]) -> String {
        parts.map(|part| if part.is_empty() { "*" } else { part }).join(",")
    }

    fn line(spec: &FieldSpec) -> String {
        let create = if spec.create { " create" } else { "" };
        format!("{} {}{create}", ids([&spec.group, &spec.version, &spec.kind]), spec.path)
    }

    #[test]
    fn the_tables_are_those_of_kustomize() {
        let lists = [
            ("namePrefix", kube::name_specs()),
            ("nameSuffix", kube::name_specs()),
            ("namespace", kube::namespace_specs()),
            ("commonLabels", kube::common_label_specs()),
            ("templateLabels", kube::template_label_specs()),
            ("commonAnnotations", kube::common_annotation_specs()),
            ("varReference", kube::var_reference_specs()),
            ("images", kube::image_specs()),
            ("5.8 images", kube::image_volume_specs()),
            ("replicas", kube::replica_specs()),
        ];
        let mut lines: Vec<String> = Vec::new();
        for (name, specs) in lists {
            lines.extend(specs.iter().map(|spec| format!("{name} {}", line(spec))));
        }
        for rule in name_references() {
            let to = ids([&rule.group, &rule.version, &rule.kind]);
            lines.extend(rule.referrers.iter().map(|spec| format!("nameReference {to} {}", line(spec))));
        }
        lines.sort();
        let mut expected: Vec<_> = EXPECTED.lines().collect();
        expected.sort_unstable();
        assert_eq!(lines, expected);
    }
}
