//! Services that operators make for their custom resources, labels of the pods they run, and kinds that
//! deploy what nobody sees here.
//!
//! Tables and their lookup: they say which names a custom resource stands for, from the operators'
//! documentation, and judge nothing. `{}` in a pattern is the name of the custom resource.

use crate::kube::ResourceId;
use crate::render::Resource;

/// Group, kind, and the names of the Services that its operator makes.
const MADE: &[(&str, &str, &[&str])] = &[
    ("acid.zalan.do", "postgresql", &["{}", "{}-repl", "{}-pooler", "{}-pooler-repl", "{}-config"]),
    ("apm.k8s.elastic.co", "ApmServer", &["{}-apm-http"]),
    ("argoproj.io", "ArgoCD", &["{}-server", "{}-repo-server", "{}-redis", "{}-dex-server", "{}-metrics"]),
    ("clickhouse.altinity.com", "ClickHouseInstallation", &["clickhouse-{}"]),
    ("databases.spotahome.com", "RedisFailover", &["rfs-{}", "rfr-{}", "rfrm-{}", "rfrs-{}"]),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", &["{}-es-http", "{}-es-internal-http", "{}-es-transport"]),
    ("flagger.app", "Canary", &["{}", "{}-canary", "{}-primary"]),
    ("grafana.integreatly.org", "Grafana", &["{}-service"]),
    ("jaegertracing.io", "Jaeger", &["{}-query", "{}-collector", "{}-collector-headless", "{}-agent"]),
    ("k8s.keycloak.org", "Keycloak", &["{}-service", "{}-discovery"]),
    ("k8s.mariadb.com", "MariaDB", &["{}", "{}-primary", "{}-secondary", "{}-internal"]),
    ("kafka.strimzi.io", "Kafka", &["{}-kafka-bootstrap", "{}-kafka-brokers", "{}-kafka-external-bootstrap"]),
    ("kafka.strimzi.io", "KafkaBridge", &["{}-bridge-service"]),
    ("kafka.strimzi.io", "KafkaConnect", &["{}-connect-api"]),
    ("kafka.strimzi.io", "KafkaMirrorMaker2", &["{}-mirrormaker2-api"]),
    ("kibana.k8s.elastic.co", "Kibana", &["{}-kb-http"]),
    ("minio.min.io", "Tenant", &["minio", "{}-console", "{}-hl"]),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity", &["{}-svc"]),
    ("monitoring.coreos.com", "Alertmanager", &["alertmanager-operated"]),
    ("monitoring.coreos.com", "Prometheus", &["prometheus-operated"]),
    ("monitoring.coreos.com", "PrometheusAgent", &["prometheus-agent-operated"]),
    ("monitoring.coreos.com", "ThanosRuler", &["thanos-ruler-operated"]),
    ("mysql.oracle.com", "InnoDBCluster", &["{}", "{}-instances"]),
    ("opentelemetry.io", "OpenTelemetryCollector", &["{}-collector", "{}-collector-headless"]),
    ("postgres-operator.crunchydata.com", "PostgresCluster", &["{}-primary", "{}-replicas", "{}-ha", "{}-pgbouncer"]),
    ("postgresql.cnpg.io", "Cluster", &["{}-rw", "{}-ro", "{}-r"]),
    ("postgresql.cnpg.io", "Pooler", &["{}"]),
    ("psmdb.percona.com", "PerconaServerMongoDB", &["{}-rs0", "{}-mongos", "{}-cfg"]),
    ("pxc.percona.com", "PerconaXtraDBCluster", &["{}-haproxy", "{}-haproxy-replicas", "{}-pxc", "{}-proxysql"]),
    ("rabbitmq.com", "RabbitmqCluster", &["{}", "{}-nodes"]),
    ("ray.io", "RayCluster", &["{}-head-svc"]),
    ("ray.io", "RayService", &["{}-serve-svc", "{}-head-svc"]),
    ("redis.redis.opstreelabs.in", "Redis", &["{}", "{}-headless", "{}-additional"]),
    ("redis.redis.opstreelabs.in", "RedisCluster", &["{}-leader", "{}-leader-headless", "{}-follower"]),
    ("redis.redis.opstreelabs.in", "RedisReplication", &["{}", "{}-headless", "{}-master", "{}-replica"]),
    ("redis.redis.opstreelabs.in", "RedisSentinel", &["{}-sentinel", "{}-sentinel-headless"]),
    ("scylla.scylladb.com", "ScyllaCluster", &["{}-client"]),
    ("serving.knative.dev", "Service", &["{}"]),
    ("solr.apache.org", "SolrCloud", &["{}-solrcloud-common", "{}-solrcloud-headless"]),
    ("vault.banzaicloud.com", "Vault", &["{}", "{}-configurer"]),
];

/// Kinds that deploy objects which are written somewhere else.
const DEPLOYERS: &[(&str, &str)] = &[
    ("argoproj.io", "Application"),
    ("argoproj.io", "ApplicationSet"),
    ("helm.cattle.io", "HelmChart"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("operators.coreos.com", "Subscription"),
];

/// Groups whose custom resources run nothing: they configure what runs already.
const SETTINGS: &[&str] = &[
    "bitnami.com",
    "cert-manager.io",
    "cilium.io",
    "crd.projectcalico.org",
    "external-secrets.io",
    "keda.sh",
    "kyverno.io",
    "networking.istio.io",
    "security.istio.io",
    "telemetry.istio.io",
    "traefik.containo.us",
    "traefik.io",
];

/// Domains of the labels that well-known operators put on the pods they run, and all below these.
const DOMAINS: &[&str] = &[
    "agones.dev",
    "altinity.com",
    "argoproj.io",
    "banzaicloud.com",
    "banzaicloud.io",
    "camel.apache.org",
    "cnpg.io",
    "confluent.io",
    "couchbase.com",
    "crossplane.io",
    "crunchydata.com",
    "datastax.com",
    "flink.apache.org",
    "gateway.envoyproxy.io",
    "gateway.networking.k8s.io",
    "hazelcast.com",
    "infinispan.org",
    "jaegertracing.io",
    "k8s.elastic.co",
    "k8s.mariadb.com",
    "k8ssandra.io",
    "knative.dev",
    "kubeflow.org",
    "kubevirt.io",
    "longhorn.io",
    "milvus.io",
    "min.io",
    "mongodb.com",
    "mysql.oracle.com",
    "oam.dev",
    "openshift.io",
    "operator.prometheus.io",
    "opster.io",
    "opstreelabs.in",
    "percona.com",
    "pingcap.com",
    "planetscale.com",
    "rabbitmq.com",
    "ray.io",
    "redis.io",
    "redislabs.com",
    "rook.io",
    "scylla",
    "serving.kserve.io",
    "sigs.k8s.io",
    "solr.apache.org",
    "sparkoperator.k8s.io",
    "spotahome.com",
    "stackgres.io",
    "strimzi.io",
    "tekton.dev",
    "volcano.sh",
    "x-k8s.io",
    "zalan.do",
    "zalando.org",
];

/// Labels without a domain that well-known operators put on the pods they run, and their values; any if none is given.
const PLAIN: &[(&str, Option<&str>)] = &[
    ("application", Some("spilo")),
    ("couchbase_cluster", None),
    ("druid_cr", None),
    ("eventlistener", None),
    ("faas_function", None),
    ("infinispan_cr", None),
    ("kafka_cr", None),
    ("notebook-name", None),
    ("redisfailovers-role", None),
    ("rook_cluster", None),
    ("spark-role", None),
    ("spilo-role", None),
    ("vault_cr", None),
];

/// Who may be in `app.kubernetes.io/managed-by` without running pods that are not written.
const DEPLOYING: [&str; 10] =
    ["argo-cd", "argocd", "flux", "helm", "kubectl", "kustomize", "pulumi", "skaffold", "terraform", "tiller"];

/// Whether a well-known operator puts this label on the pods it runs, such as `cnpg.io/cluster`. A domain
/// that nobody knows tells nothing: it may be that of whoever wrote the manifests.
pub(super) fn is_label(key: &str, value: &str) -> bool {
    if key == "app.kubernetes.io/managed-by" {
        return !DEPLOYING.contains(&value.to_ascii_lowercase().as_str());
    }
    match key.split_once('/') {
        Some((domain, _)) => DOMAINS.iter().any(|known| is_within(domain, known)),
        None => PLAIN.iter().any(|(known, only)| *known == key && only.is_none_or(|only| only == value)),
    }
}

/// Whether a domain is another one, or below it.
fn is_within(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether the operator of this resource makes a Service of this name.
pub(super) fn makes_service(id: &ResourceId, service: &str) -> bool {
    services_of(id).any(|made| made == service)
}

/// The names of the Services that the operator of this resource makes.
pub(super) fn services_of(id: &ResourceId) -> impl Iterator<Item = String> {
    let rows = MADE.iter().filter(|(group, kind, _)| *group == id.group() && *kind == id.kind);
    rows.flat_map(|(_, _, patterns)| *patterns).map(|pattern| pattern.replace("{}", &id.name))
}

/// Whether the operator of this resource makes Services.
pub(super) fn makes_services(id: &ResourceId) -> bool {
    MADE.iter().any(|(group, kind, _)| *group == id.group() && *kind == id.kind)
}

/// Whether something in the target deploys objects that are not part of it.
pub(super) fn deploys_more(resources: &[Resource]) -> bool {
    resources.iter().any(|resource| DEPLOYERS.contains(&(resource.id.group(), &resource.id.kind)))
}

/// Kinds that run nothing, in groups of which others do.
const SETTING_KINDS: &[(&str, &str)] = &[
    ("monitoring.coreos.com", "AlertmanagerConfig"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "Probe"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "ScrapeConfig"),
    ("monitoring.coreos.com", "ServiceMonitor"),
];

/// Whether pods with this label may be those that an operator runs for this resource: labels tell its
/// name, its kind or its group.
pub(super) fn may_label(id: &ResourceId, key: &str, value: &str) -> bool {
    let kind = id.kind.to_ascii_lowercase();
    let is_of_group = || {
        key.split_once('/').is_some_and(|(domain, _)| is_within(domain, id.group()) || is_within(id.group(), domain))
    };
    may_run_pods(id) && (value == id.name || value.contains(&kind) || key.contains(&kind) || is_of_group())
}

/// Whether an operator may run pods and make Services for this resource.
pub(super) fn may_run_pods(id: &ResourceId) -> bool {
    let group = id.group();
    if SETTING_KINDS.contains(&(group, &id.kind)) {
        return false;
    }
    // Kubernetes' own groups have no dot or end so; that of an operator may do so only further down.
    let built_in = !group.contains('.') || group.ends_with(".k8s.io");
    !built_in && !SETTINGS.contains(&group)
}

/// Whether the resource is of a kind that Kubernetes itself has.
pub(in crate::facts) fn is_built_in(id: &ResourceId) -> bool {
    !id.group().contains('.') || id.group().ends_with(".k8s.io")
}

#[cfg(test)]
mod tests {
    use crate::facts::operators::is_label;
    use crate::facts::operators::is_within;

    #[test]
    fn a_domain_holds_itself_and_what_is_below() {
        assert!(is_within("cnpg.io", "cnpg.io"));
        assert!(is_within("a.cnpg.io", "cnpg.io"));
        assert!(!is_within("acnpg.io", "cnpg.io"));
        assert!(!is_within("cnpg.io", "a.cnpg.io"));
    }

    #[test]
    fn only_labels_of_known_operators_are_theirs() {
        for (key, value) in [
            ("cnpg.io/cluster", "db"),
            ("elasticsearch.k8s.elastic.co/cluster-name", "search"),
            ("application", "spilo"),
            ("app.kubernetes.io/managed-by", "redis-operator"),
        ] {
            assert!(is_label(key, value), "{key}: {value}");
        }
        for (key, value) in [
            ("company.com/app", "web"),
            ("app.kubernetes.io/name", "web"),
            ("app.k8s.io/name", "web"),
            ("application", "web"),
            ("app.kubernetes.io/managed-by", "Helm"),
        ] {
            assert!(!is_label(key, value), "{key}: {value}");
        }
    }
}
