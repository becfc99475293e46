//! The lists of the built-in kinds that a strategic merge joins item by item, as kustomize knows them:
//! it carries the schema of Kubernetes 1.21.2 and no other. What is not in this table is replaced.
//!
//! Fields are written `name`, then `[keys]` where the list `name` merges by these keys of its items,
//! or `[]` where it is a list of plain values, then `>Type` where the value or its items have such
//! fields in turn. A field that leads to no list that merges is left out.

use crate::kube::merge_schema::definitions::definition_of;
use crate::kube::merge_schema::definitions::definition_of_kind;
use crate::kube::merge_schema::definitions::type_of;

/// API version, kinds, and what their objects have besides `metadata`.
const KINDS: &[(&str, &str, &str)] = &[
    (
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        "webhooks[name]",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        "webhooks[name]",
    ),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", ""),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", ""),
    ("apiregistration.k8s.io/v1", "APIService", "status>Status"),
    ("apiregistration.k8s.io/v1beta1", "APIService", "status>Status"),
    ("apps/v1", "ControllerRevision", "data"),
    ("apps/v1", "DaemonSet Deployment ReplicaSet StatefulSet", "spec>Templated status>Status"),
    ("authentication.k8s.io/v1", "TokenRequest TokenReview", ""),
    ("authentication.k8s.io/v1beta1", "TokenReview", ""),
    (
        "authorization.k8s.io/v1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
        "",
    ),
    (
        "authorization.k8s.io/v1beta1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
        "",
    ),
    ("autoscaling/v1", "HorizontalPodAutoscaler Scale", ""),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", ""),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", ""),
    ("batch/v1", "CronJob", "spec>CronJobSpec"),
    ("batch/v1", "Job", "spec>Templated status>Status"),
    ("batch/v1beta1", "CronJob", "spec>CronJobSpec"),
    ("certificates.k8s.io/v1", "CertificateSigningRequest", ""),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", ""),
    ("coordination.k8s.io/v1", "Lease", ""),
    ("coordination.k8s.io/v1beta1", "Lease", ""),
    ("discovery.k8s.io/v1", "EndpointSlice", ""),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", ""),
    ("events.k8s.io/v1", "Event", ""),
    ("events.k8s.io/v1beta1", "Event", ""),
    ("extensions/v1beta1", "Ingress", ""),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema PriorityLevelConfiguration", ""),
    ("networking.k8s.io/v1", "Ingress IngressClass NetworkPolicy", ""),
    ("networking.k8s.io/v1beta1", "Ingress IngressClass", ""),
    ("node.k8s.io/v1", "RuntimeClass", ""),
    ("node.k8s.io/v1beta1", "RuntimeClass", ""),
    ("policy/v1", "PodDisruptionBudget", "status>Status"),
    ("policy/v1beta1", "Eviction PodSecurityPolicy", ""),
    ("policy/v1beta1", "PodDisruptionBudget", "status>Status"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole ClusterRoleBinding Role RoleBinding", ""),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRole ClusterRoleBinding Role RoleBinding", ""),
    ("scheduling.k8s.io/v1", "PriorityClass", ""),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", ""),
    ("storage.k8s.io/v1", "CSIDriver StorageClass VolumeAttachment", ""),
    ("storage.k8s.io/v1", "CSINode", "spec>CSINodeSpec"),
    ("storage.k8s.io/v1beta1", "CSIDriver CSIStorageCapacity StorageClass VolumeAttachment", ""),
    ("storage.k8s.io/v1beta1", "CSINode", "spec>CSINodeSpec"),
    ("v1", "Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret", ""),
    ("v1", "ComponentStatus", "conditions[type]"),
    ("v1", "Namespace PersistentVolumeClaim", "status>Status"),
    ("v1", "Node", "spec>NodeSpec status>NodeStatus"),
    ("v1", "Pod", "spec>PodSpec status>PodStatus"),
    ("v1", "PodTemplate", "template>PodTemplateSpec"),
    ("v1", "ReplicationController", "spec>Templated status>Status"),
    ("v1", "Service", "spec>ServiceSpec status>Status"),
    ("v1", "ServiceAccount", "secrets[name]"),
];

/// The types that the fields above lead to; those of the same fields are one.
const TYPES: &[(&str, &str)] = &[
    ("CSINodeSpec", "drivers[name]"),
    ("Container", "env[name] ports[containerPort,protocol] volumeDevices[devicePath] volumeMounts[mountPath]"),
    ("CronJobSpec", "jobTemplate>JobTemplateSpec"),
    ("EphemeralContainer", "env[name] volumeDevices[devicePath] volumeMounts[mountPath]"),
    ("EphemeralVolumeSource", "volumeClaimTemplate>Object"),
    ("JobTemplateSpec", "metadata>ObjectMeta spec>Templated"),
    ("NodeSpec", "podCIDRs[]"),
    ("NodeStatus", "addresses[type] conditions[type]"),
    ("Object", "metadata>ObjectMeta"),
    ("ObjectMeta", "finalizers[] ownerReferences[uid]"),
    (
        "PodSpec",
        "containers[name]>Container ephemeralContainers[name]>EphemeralContainer hostAliases[ip] \
         imagePullSecrets[name] initContainers[name]>Container \
         topologySpreadConstraints[topologyKey,whenUnsatisfiable] volumes[name]>Volume",
    ),
    ("PodStatus", "conditions[type] podIPs[ip]"),
    ("PodTemplateSpec", "metadata>ObjectMeta spec>PodSpec"),
    ("ServiceSpec", "ports[port,protocol]"),
    ("Status", "conditions[type]"),
    ("Templated", "template>PodTemplateSpec"),
    ("Volume", "ephemeral>EphemeralVolumeSource"),
];

/// A place in an object of a built-in kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Builtin {
    /// The fields of the mapping there, or of the items of the list there.
    fields: &'static str,
    /// The keys by which the list there merges.
    keys: Option<&'static str>,
    is_object: bool,
    /// The type of the mapping there, or of the items; empty where it leads to nothing.
    of: &'static str,
    /// The object that it is in, as far as that is known.
    api_version: &'static str,
    kind: &'static str,
}

/// The root of an object.
pub(super) fn object(api_version: &str, kind: &str) -> Option<Builtin> {
    let named = |names: &'static str| names.split(' ').find(|name| *name == kind);
    let of_version = KINDS.iter().filter(|(version, ..)| *version == api_version);
    let mut found = of_version.filter_map(|(version, names, fields)| Some((version, named(names)?, fields)));
    let (api_version, kind, fields) = found.next()?;
    Some(Builtin { fields, keys: None, is_object: true, of: "", api_version, kind })
}

/// What a definition of Kubernetes' own OpenAPI document leads to.
pub(super) fn definition(name: &str) -> Option<Builtin> {
    if let Some(of) = type_of(name) {
        return Some(Builtin { fields: fields_of(of), keys: None, is_object: false, of, api_version: "", kind: "" });
    }
    let kinds = KINDS.iter().flat_map(|(version, kinds, _)| kinds.split(' ').map(move |kind| (*version, kind)));
    let (api_version, kind) = kinds.into_iter().find(|(version, kind)| definition_of_kind(version, kind) == name)?;
    object(api_version, kind)
}

impl Builtin {
    pub(super) fn field(self, name: &str) -> Option<Self> {
        if self.is_object && name == "metadata" {
            let of = "ObjectMeta";
            return Some(Self { fields: fields_of(of), keys: None, is_object: false, of, ..self });
        }
        self.fields.split(' ').find_map(|field| {
            let rest = field.strip_prefix(name)?;
            let (keys, rest) = match rest.strip_prefix('[') {
                Some(list) => list.split_once(']').map(|(keys, rest)| (Some(keys), rest))?,
                None => (None, rest),
            };
            let of = if rest.is_empty() { "" } else { rest.strip_prefix('>')? };
            Some(Self { fields: fields_of(of), keys, is_object: false, of, ..self })
        })
    }

    pub(super) fn items(self) -> Option<Self> {
        self.keys.is_some().then_some(Self { keys: None, ..self })
    }

    /// What the OpenAPI document of Kubernetes calls the type of this place, if it is not a list.
    pub(super) fn definition(self) -> Option<String> {
        if self.keys.is_some() { None } else { definition_of(self.of, self.api_version, self.kind) }
    }

    pub(super) fn merge_keys(self) -> Option<Vec<&'static str>> {
        Some(self.keys?.split(',').filter(|key| !key.is_empty()).collect())
    }
}

fn fields_of(name: &str) -> &'static str {
    TYPES.iter().find(|(of, _)| *of == name).map_or("", |(_, fields)| fields)
}

#[cfg(test)]
mod tests {
    use super::KINDS;
    use super::TYPES;

    #[test]
    fn every_type_that_a_field_leads_to_is_in_the_table() {
        let fields = KINDS.iter().map(|(_, _, fields)| fields).chain(TYPES.iter().map(|(_, fields)| fields));
        for field in fields.flat_map(|fields| fields.split(' ')) {
            let of = field.split_once('>').map(|(_, of)| of);
            assert!(of.is_none_or(|of| TYPES.iter().any(|(name, _)| *name == of)), "{field}");
        }
    }
}
