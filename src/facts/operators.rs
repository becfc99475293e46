//! Services that operators make for their custom resources, and kinds that deploy what nobody sees here.
//!
//! A table and its lookup: it says which names a custom resource stands for, from the operators'
//! documentation, and judges nothing. `{}` in a pattern is the name of the custom resource.

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

/// Whether the operator of this resource makes a Service of this name.
pub(super) fn makes_service(id: &ResourceId, service: &str) -> bool {
    MADE.iter()
        .filter(|(group, kind, _)| *group == id.group() && *kind == id.kind)
        .flat_map(|(_, _, patterns)| *patterns)
        .any(|pattern| pattern.replace("{}", &id.name) == service)
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
/// name or its kind.
pub(super) fn may_label(id: &ResourceId, key: &str, value: &str) -> bool {
    let kind = id.kind.to_ascii_lowercase();
    may_run_pods(id) && (value == id.name || value.contains(&kind) || key.contains(&kind))
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
