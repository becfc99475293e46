//! Random objects of many kinds, which name each other: written from templates in which `@word` is a
//! choice and a line behind `?` may be missing, with all that is below it.

use crate::random::Random;

/// Few names, so that objects meet.
pub(crate) const NAMES: &[&str] = &["a", "b", "web", "db", "a-b"];
const NAMESPACES: &[&str] = &["default", "ns1", "ns2"];
const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.20",
    "nginx@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3",
    "ghcr.io/acme/web:v1",
    "localhost:5000/db",
    "localhost:5000/db:latest",
    "busybox:1.36@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3",
];
const SCALARS: &[&str] = &[
    "yes",
    "\"1\"",
    "'a: b'",
    "plain text",
    "\"\"",
    "1.2.3.4",
    "\"true\"",
    "x=y",
    "$(VAR1)",
    "\"$(VAR2)/x\"",
    "$$(VAR1)",
];
const ODD_SCALARS: &[&str] = &["1", "true", "1.50", "null", "0x1f", "2001-01-01", "1e3", "~", "\"\\u00e9\""];

/// What is known of an object without reading it.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) api: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) namespace: Option<&'static str>,
    pub(crate) text: String,
}

/// The kinds with their API version and what follows `metadata`; `%` is a line for a pod.
const KINDS: &[(&str, &str, &str)] = &[
    ("v1", "ConfigMap", "data:\n  key: @scalar\n?  other: |\n    line one\n    line $(VAR1)\n?immutable: true\n"),
    ("v1", "Secret", "type: Opaque\n?data:\n  key: YWJj\n?stringData:\n  other: @scalar\n"),
    ("v1", "ServiceAccount", "?secrets:\n- name: @name\n?imagePullSecrets:\n- name: @name\n"),
    (
        "v1",
        "Service",
        "spec:\n?  selector:\n    app: @name\n  ports:\n  - port: 80\n?    name: http\n?    protocol: TCP\n?    targetPort: 8080\n\
         ?  - port: 80\n    protocol: UDP\n?  type: ClusterIP\n",
    ),
    (
        "apps/v1",
        "Deployment",
        "spec:\n?  replicas: @number\n?  selector:\n    matchLabels:\n      app: @name\n  template:\n?    metadata:\n?      labels:\n        \
         app: @name\n?      annotations:\n        note: @scalar\n    spec:\n      %\n",
    ),
    (
        "apps/v1",
        "StatefulSet",
        "spec:\n?  serviceName: @name\n?  replicas: @number\n  selector:\n    matchLabels:\n      app: @name\n  template:\n    \
         metadata:\n      labels:\n        app: @name\n    spec:\n      %\n?  volumeClaimTemplates:\n  - metadata:\n      name: \
         data\n?      labels:\n        app: @name\n    spec:\n      storageClassName: @name\n",
    ),
    ("apps/v1", "DaemonSet", "spec:\n  template:\n    spec:\n      %\n"),
    ("apps/v1", "ReplicaSet", "spec:\n?  replicas: @number\n  template:\n    spec:\n      %\n"),
    (
        "v1",
        "ReplicationController",
        "spec:\n?  replicas: @number\n?  selector: {app: @name}\n  template:\n    spec:\n      %\n",
    ),
    ("v1", "PodTemplate", "template:\n  spec:\n    %\n"),
    (
        "v1",
        "ConfigMap",
        "data:\n  key: |-\n    a: $(VAR1)\n    b: @name\n?  folded: >\n    one\n    two\n?binaryData:\n  raw: AAEC\n",
    ),
    ("v1", "Endpoints", "?subsets:\n- addresses: [{ip: 1.2.3.4}]\n  ports: [{port: 80}]\n"),
    (
        "networking.k8s.io/v1",
        "IngressClass",
        "spec:\n  controller: example.com/a\n?  parameters: {kind: ConfigMap, name: @name, namespace: @namespace}\n",
    ),
    ("v1", "LimitRange", "spec:\n  limits: [{type: Container}]\n"),
    ("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "spec:\n  source:\n    persistentVolumeClaimName: @name\n"),
    ("batch/v1", "Job", "spec:\n  template:\n    spec:\n      %\n"),
    (
        "batch/v1",
        "CronJob",
        "spec:\n  schedule: \"* * * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          %\n",
    ),
    ("v1", "Pod", "spec:\n  %\n"),
    (
        "networking.k8s.io/v1",
        "Ingress",
        "spec:\n?  ingressClassName: @name\n?  tls:\n  - secretName: @name\n    hosts: [a.example]\n  rules:\n  - host: $(VAR1).example\n    \
         http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          service:\n            name: @name\n            \
         port:\n              number: 80\n",
    ),
    (
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "spec:\n  maxReplicas: @number\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: @workload\n    name: @name\n",
    ),
    (
        "v1",
        "PersistentVolumeClaim",
        "spec:\n?  volumeName: @name\n?  storageClassName: @name\n  accessModes: [ReadWriteOnce]\n",
    ),
    (
        "v1",
        "PersistentVolume",
        "spec:\n  storageClassName: @name\n?  claimRef:\n    name: @name\n?    namespace: @namespace\n",
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "Role",
        "rules:\n- apiGroups: [\"\"]\n  resources: [secrets]\n?  resourceNames: [@name, @name]\n  verbs: [get]\n",
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRole",
        "rules:\n- apiGroups: [\"\"]\n  resources: [configmaps]\n?  resourceNames: [@name]\n  verbs: [get]\n",
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: @role\n  name: @name\nsubjects:\n- kind: ServiceAccount\n  name: \
         @account\n?  namespace: @namespace\n?- kind: ServiceAccount\n  name: @account\n  namespace: @namespace\n?- kind: User\n  name: @name\n",
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: @name\nsubjects:\n- kind: ServiceAccount\n  name: \
         @account\n?  namespace: @namespace\n",
    ),
    ("policy/v1", "PodDisruptionBudget", "spec:\n  minAvailable: 1\n  selector:\n    matchLabels:\n      app: @name\n"),
    (
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "spec:\n  podSelector:\n    matchLabels:\n      app: @name\n?  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          app: @name\n",
    ),
    ("v1", "Namespace", "?spec: {}\n"),
    ("storage.k8s.io/v1", "StorageClass", "provisioner: example.com/disk\n"),
    ("scheduling.k8s.io/v1", "PriorityClass", "value: @number\n"),
    (
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "spec:\n  group: example.com\n?  conversion:\n    strategy: Webhook\n    webhook:\n      clientConfig:\n        service:\n          name: \
         @name\n          namespace: @namespace\n",
    ),
    (
        "apiregistration.k8s.io/v1",
        "APIService",
        "spec:\n  group: example.com\n  service:\n    name: @name\n    namespace: @namespace\n",
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "webhooks:\n- name: one.example.com\n  clientConfig:\n    service:\n      name: @name\n      namespace: @namespace\n?- name: \
         two.example.com\n  clientConfig:\n    service:\n      name: @name\n?      namespace: @namespace\n",
    ),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        "webhooks:\n- name: one.example.com\n  clientConfig:\n    service:\n      name: @name\n      namespace: @namespace\n",
    ),
    (
        "example.com/v1",
        "Widget",
        "spec:\n?  image: @image\n?  configRef:\n    name: @name\n?  refs:\n  - name: @name\n    kind: ConfigMap\n  - name: @name\n    kind: Secret\n\
         ?  parts:\n  - name: one\n    size: @number\n  - name: two\n    size: @number\n?  text: @scalar\n?  replicas: @number\n?  template:\n    \
         metadata:\n      labels:\n        app: @name\n",
    ),
    (
        "example.com/v1",
        "Gadget",
        "?spec:\n  selector: {app: @name}\n?  widgetName: @name\n?data: [1, 2.50, yes, null, {a: b}]\n",
    ),
];

const POD: &str = "?serviceAccountName: @account
?priorityClassName: @name
?imagePullSecrets:
- name: @name
?finalizers: [a, b]
?initContainers:
- name: init
  image: @image
?  command: [sh, -c, 'echo $(VAR1) $$(VAR2)']
containers:
- name: app
  image: @image
?  args: ['--to=$(VAR1)', plain]
?  ports:
  - containerPort: 8080
?    protocol: TCP
?  - containerPort: 8080
    protocol: UDP
?  env:
  - name: ONE
    value: @scalar
?  - name: TWO
    valueFrom:
      configMapKeyRef:
        name: @name
        key: key
?  - name: THREE
    valueFrom:
      secretKeyRef:
        name: @name
        key: key
?  envFrom:
  - configMapRef:
      name: @name
?  - secretRef:
      name: @name
?  volumeMounts:
  - name: data
    mountPath: /data
?- name: side
  image: @image
?volumes:
- name: data
  configMap:
    name: @name
?- name: more
  secret:
    secretName: @name
?- name: claim
  persistentVolumeClaim:
    claimName: @name
?- name: all
  projected:
    sources:
    - configMap:
        name: @name
    - secret:
        name: @name
";

/// A new object.
pub(crate) fn object(random: &mut Random) -> Object {
    let (api, kind, rest) = KINDS[random.below(KINDS.len())];
    let name = random.pick(NAMES).to_owned();
    let namespace = (random.below(3) == 0).then(|| random.pick(NAMESPACES));
    let mut text = format!("apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n");
    if let Some(namespace) = namespace {
        text += &format!("  namespace: {namespace}\n");
    }
    text += &filled(
        random,
        "?  labels:\n    app: @name\n?    tier: @scalar\n?  annotations:\n    note: @scalar\n?    odd: @odd\n",
    );
    if text.contains("    note:") && random.below(20) == 0 {
        text += "    config.kubernetes.io/local-config: 'true'\n";
    }
    if text.contains("    note:") && random.below(15) == 0 {
        // What hash an object of another kind would have is not known; see `hash.rs`.
        let notes = if matches!(kind, "ConfigMap" | "Secret") { NOTES } else { &NOTES[1..] };
        text += &format!("    {}\n", random.pick(notes));
    }
    if random.below(10) == 0 {
        text += &filled(random, METADATA);
    }
    text += &filled(random, rest);
    if random.below(15) == 0 {
        text += "status: {}\n";
    }
    if random.below(8) == 0 {
        text = dressed(random, &text);
    }
    Object { api, kind, name, namespace, text }
}

/// Annotations that mean something to kustomize.
const NOTES: &[&str] = &[
    "internal.config.kubernetes.io/needsHashSuffix: enabled",
    "kustomize.config.k8s.io/needs-hash: 'true'",
    "kustomize.config.k8s.io/behavior: merge",
    "config.kubernetes.io/index: '1'",
    "config.kubernetes.io/path: a.yaml",
    "internal.config.kubernetes.io/index: '0'",
    "config.k8s.io/id: '1'",
];

/// What else stands in `metadata`.
const METADATA: &str = "?  creationTimestamp: null
?  finalizers: [a, b]
?  ownerReferences:
  - {apiVersion: v1, kind: ConfigMap, name: @name, uid: x}
?  generateName: x-
?  uid: @odd
";

/// The same object written in another way: with comments, anchors or other line ends.
fn dressed(random: &mut Random, text: &str) -> String {
    match random.below(6) {
        0 => text.replace('\n', "\r\n"),
        1 => text.replacen("    app: ", "    same: *app\n    app: ", 1).replacen("  name: ", "  name: &app ", 1),
        2 => text.replace("name: a\n", "name: \"a\"\n").replace("kind: ", "kind:   "),
        _ => {
            let mut out = String::new();
            for line in text.lines() {
                let indent = &line[..line.len() - line.trim_start().len()];
                match random.below(8) {
                    0 => out += &format!("{indent}# above\n{line}\n"),
                    1 => out += &format!("{line} # beside\n"),
                    2 => out += &format!("\n{line}\n"),
                    _ => out += &format!("{line}\n"),
                }
            }
            out
        }
    }
}

/// The kinds of all objects.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(_, kind, _)| *kind)
}

/// A template with its choices made.
pub(crate) fn filled(random: &mut Random, template: &str) -> String {
    let mut out = String::new();
    let mut skipped: Option<(usize, bool)> = None;
    for line in template.lines() {
        let (is_optional, line) = line.strip_prefix('?').map_or((false, line), |line| (true, line));
        let indent = line.len() - line.trim_start().len();
        let is_item = line.trim_start().starts_with("- ");
        if let Some((above, is_after_item)) = skipped {
            let is_below = indent > above || indent == above && is_item && !is_after_item;
            if is_below {
                continue;
            }
            skipped = None;
        }
        if is_optional && random.below(5) < 2 {
            skipped = Some((indent, is_item));
        } else if line.trim() == "%" {
            for line in filled(random, POD).lines() {
                out += &format!("{}{line}\n", " ".repeat(indent));
            }
        } else {
            out += &chosen(random, line);
            out.push('\n');
        }
    }
    out
}

/// A line with each `@word` replaced.
fn chosen(random: &mut Random, line: &str) -> String {
    let mut parts = line.split('@');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(part.len());
        let (word, rest) = part.split_at(end);
        match word {
            "name" => out += random.pick(NAMES),
            "account" => out += random.pick(&["a", "b", "web", "default"]),
            "namespace" => out += random.pick(NAMESPACES),
            "image" => out += random.pick(IMAGES),
            "number" => out += random.pick(&["1", "2", "3", "0"]),
            "workload" => out += random.pick(&["Deployment", "StatefulSet"]),
            "role" => out += random.pick(&["Role", "ClusterRole"]),
            "scalar" => out += random.pick(SCALARS),
            "odd" => out += random.pick(ODD_SCALARS),
            _ => out += &format!("@{word}"),
        }
        out += rest;
    }
    out
}
