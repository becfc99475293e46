//! ConfigMaps, Secrets and claims that somebody makes from other resources, and those that every cluster has.
//!
//! Tables and their lookup, from the documentation of the operators; they judge nothing. `{}` in a pattern is the
//! name of the resource, `*` in a path stands for each item of a list.

use crate::render::Resource;
use crate::yaml::Node;

/// Where a resource says the name of what is made from it.
type NamePath = &'static [&'static str];

/// Group, kind, what is made, and where its name is; without one there it has the name of the resource.
const NAMED: &[(&str, &str, &str, NamePath)] = &[
    ("auth.googleapis.com", "SecretSync", "Secret", &[]),
    ("bitnami.com", "SealedSecret", "Secret", &["spec", "template", "metadata", "name"]),
    ("cert-manager.io", "Certificate", "Secret", &["spec", "secretName"]),
    ("cert-manager.io", "ClusterIssuer", "Secret", &["spec", "acme", "privateKeySecretRef", "name"]),
    ("cert-manager.io", "Issuer", "Secret", &["spec", "acme", "privateKeySecretRef", "name"]),
    ("core.strimzi.io", "StrimziPodSet", "Secret", &[]),
    ("external-secrets.io", "ClusterExternalSecret", "Secret", &["spec", "externalSecretName"]),
    ("external-secrets.io", "ClusterExternalSecret", "Secret", &["spec", "externalSecretSpec", "target", "name"]),
    ("external-secrets.io", "ExternalSecret", "Secret", &["spec", "target", "name"]),
    ("isindir.github.com", "SopsSecret", "Secret", &["spec", "secretTemplates", "*", "name"]),
    ("k8s.bitwarden.com", "BitwardenSecret", "Secret", &["spec", "secretName"]),
    ("kafka.strimzi.io", "KafkaUser", "Secret", &["spec", "template", "secret", "metadata", "name"]),
    ("kubernetes-client.io", "ExternalSecret", "Secret", &[]),
    ("objectbucket.io", "ObjectBucketClaim", "ConfigMap", &[]),
    ("objectbucket.io", "ObjectBucketClaim", "Secret", &[]),
    ("onepassword.com", "OnePasswordItem", "Secret", &[]),
    ("ricoberger.de", "VaultSecret", "Secret", &[]),
    ("secretgenerator.mittwald.de", "StringSecret", "Secret", &[]),
    ("secretgenerator.mittwald.de", "BasicAuth", "Secret", &[]),
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass", "Secret", &["spec", "secretObjects", "*", "secretName"]),
    ("secrets.doppler.com", "DopplerSecret", "Secret", &["spec", "managedSecret", "name"]),
    ("secrets.hashicorp.com", "VaultDynamicSecret", "Secret", &["spec", "destination", "name"]),
    ("secrets.hashicorp.com", "VaultPKISecret", "Secret", &["spec", "destination", "name"]),
    ("secrets.hashicorp.com", "VaultStaticSecret", "Secret", &["spec", "destination", "name"]),
    ("secrets.infisical.com", "InfisicalSecret", "Secret", &["spec", "managedSecretReference", "secretName"]),
    ("spv.no", "AzureKeyVaultSecret", "Secret", &["spec", "output", "secret", "name"]),
    ("trust.cert-manager.io", "Bundle", "ConfigMap", &[]),
    ("trust.cert-manager.io", "Bundle", "Secret", &[]),
    ("volsync.backube", "ReplicationDestination", "PersistentVolumeClaim", &[]),
];

/// Group, kind, what is made, and the names of it.
const MADE: &[(&str, &str, &str, &[&str])] = &[
    ("argoproj.io", "ArgoCD", "ConfigMap", &["argocd-cm", "argocd-rbac-cm", "argocd-ssh-known-hosts-cm"]),
    (
        "elasticsearch.k8s.elastic.co",
        "Elasticsearch",
        "Secret",
        &["{}-es-elastic-user", "{}-es-http-certs-public", "{}-es-http-certs-internal"],
    ),
    ("kafka.strimzi.io", "Kafka", "Secret", &["{}-cluster-ca-cert", "{}-clients-ca-cert", "{}-cluster-ca"]),
    ("kibana.k8s.elastic.co", "Kibana", "Secret", &["{}-kb-http-certs-public"]),
    ("postgresql.cnpg.io", "Cluster", "Secret", &["{}-app", "{}-superuser", "{}-ca", "{}-server", "{}-replication"]),
    ("rabbitmq.com", "RabbitmqCluster", "Secret", &["{}-default-user"]),
];

/// What a Service of OpenShift asks a certificate for.
const SERVING: [&str; 2] =
    ["service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name"];

/// Kind and name of what somebody makes from this resource.
pub(super) fn made_from(resource: &Resource) -> Vec<(&'static str, String)> {
    let id = &resource.id;
    let mut made = Vec::new();
    for (_, _, kind, path) in NAMED.iter().filter(|(group, of, _, _)| *group == id.group() && *of == id.kind) {
        let mut names = Vec::new();
        gather(resource.node(), path, &mut names);
        if names.is_empty() || path.is_empty() {
            names = vec![id.name.clone()];
        }
        made.extend(names.into_iter().map(|name| (*kind, name)));
    }
    for (_, _, kind, patterns) in MADE.iter().filter(|(group, of, _, _)| *group == id.group() && *of == id.kind) {
        made.extend(patterns.iter().map(|pattern| (*kind, pattern.replace("{}", &id.name))));
    }
    let annotations = resource.node().at_path(&["metadata", "annotations"]);
    if id.kind == "Service" {
        let names = SERVING.iter().filter_map(|key| annotations?.get(key));
        made.extend(names.map(|name| ("Secret", name.text().to_owned())));
    }
    let is_certified =
        annotations.into_iter().flat_map(Node::fields).any(|(key, _)| key.text().starts_with("cert-manager.io/"));
    if is_certified && matches!(id.kind.as_str(), "Ingress" | "Gateway") {
        let mut names = Vec::new();
        gather(resource.node(), &["spec", "tls", "*", "secretName"], &mut names);
        gather(resource.node(), &["spec", "listeners", "*", "tls", "certificateRefs", "*", "name"], &mut names);
        made.extend(names.into_iter().map(|name| ("Secret", name)));
    }
    made
}

fn gather(node: Node<'_>, path: &[&str], names: &mut Vec<String>) {
    match path {
        [] => names.extend(node.as_str().map(str::to_owned)),
        ["*", rest @ ..] => node.items().for_each(|item| gather(item, rest, names)),
        [key, rest @ ..] => {
            if let Some(value) = node.get(key) {
                gather(value, rest, names);
            }
        }
    }
}

/// Whether every cluster has this object, or a distribution that is recognised by it.
pub(super) fn is_given(kind: &str, namespace: Option<&str>, name: &str) -> bool {
    let in_system = namespace.is_none_or(|namespace| namespace.starts_with("kube-"));
    match kind {
        "ServiceAccount" => {
            matches!(name, "default" | "builder" | "deployer" | "pipeline")
                || (in_system && name.ends_with("-controller"))
        }
        "ConfigMap" => {
            matches!(name, "kube-root-ca.crt" | "openshift-service-ca.crt" | "istio-ca-root-cert")
                || (in_system
                    && matches!(
                        name,
                        "extension-apiserver-authentication"
                            | "kubeadm-config"
                            | "kube-proxy"
                            | "coredns"
                            | "cluster-info"
                    ))
        }
        "Secret" => is_token(name) || name.ends_with(".credentials.postgresql.acid.zalan.do"),
        "PriorityClass" => name.starts_with("system-") || name.starts_with("openshift-"),
        "ClusterRole" => {
            name.starts_with("system:")
                || matches!(name, "admin" | "edit" | "view" | "cluster-admin" | "self-provisioner" | "basic-user")
                || name.starts_with("system-")
                // OpenShift brings them along.
                || name.starts_with("cluster-monitoring-")
        }
        "Role" => name.starts_with("system:") || (in_system && name == "extension-apiserver-authentication-reader"),
        _ => false,
    }
}

/// Whether a Secret has the name of an account's token, as clusters once made them.
fn is_token(name: &str) -> bool {
    name.rsplit_once("-token-").is_some_and(|(_, random)| {
        random.len() == 5 && random.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Whether an object gets its data only once it is in the cluster.
pub(super) fn is_filled_later(object: &Resource) -> bool {
    let metadata = object.node().get("metadata");
    let keys = ["labels", "annotations"].into_iter().filter_map(|field| metadata?.get(field)).flat_map(Node::fields);
    let injected = |key: &str| key.contains("inject") || key.contains("reflector") || key.contains("service-account");
    let is_token = object.node().get("type").is_some_and(|kind| kind.text() == "kubernetes.io/service-account-token");
    let fields = ["data", "stringData", "binaryData"].into_iter().filter_map(|field| object.node().get(field));
    let is_empty = fields.flat_map(Node::children).next().is_none();
    is_empty || is_token || keys.into_iter().any(|(key, _)| injected(key.text()))
}

/// Whether a name is that of a claim which a StatefulSet makes from one of its templates.
pub(super) fn is_claim_of(set: &Resource, claim: &str) -> bool {
    let templates = crate::facts::mounts::claims(set);
    templates.into_iter().any(|template| {
        let number = claim.strip_prefix(template.text()).and_then(|rest| rest.strip_prefix('-'));
        let number = number.and_then(|rest| rest.strip_prefix(set.id.name.as_str())?.strip_prefix('-'));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
