//! How fast a text becomes a tree, beside the parser's own events, and how large the tree is.
//!
//! `cargo bench --bench yaml` prints a table; `cargo bench --bench yaml -- FILE…` measures texts of your own
//! beside it. The ratio should stay below 1.3, and neither column depends on the size. A node takes 28
//! bytes, and a key that is written before its value is none. A block of indented text is copied. So the memory
//! depends on what is written: short manifests have 22 bytes for each node and take 1.36 times their own size,
//! ten small services 0.84 times, the manifests of kube-prometheus 0.68 times, those of Argo CD 0.57 times.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use plimsoll::source::Sources;
use plimsoll::yaml::Reader;
use plimsoll::yaml::emit_all;
use plimsoll::yaml::parse;

/// Applications in the smallest text, each of three documents.
const APPLICATIONS: usize = 300;
/// The best of so many runs counts: what disturbs a run only makes it slower.
const RUNS: usize = 7;

#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a table for people to read")]
fn main() {
    println!("   source   events     tree  ratio   memory     emit");
    let given = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let given = given.map(|path| {
        std::io::read_to_string(std::fs::File::open(path).expect("the file is there")).expect("it is text")
    });
    let short = [1, 3, 10].map(|factor| corpus(APPLICATIONS * factor));
    let mixed = [1, 3, 10].map(|factor| corpus(APPLICATIONS * factor / 6) + &definitions(30 * factor));
    for text in short.into_iter().chain(mixed).chain(given) {
        let megabytes = text.len() as f64 / 1e6;
        let events = best(|| {
            let options = granit_parser::options! { max_buffered_comment_events: usize::MAX };
            granit_parser::Parser::new_from_str_with_options(black_box(&text), options).flatten().count()
        });
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("corpus.yaml", text.as_str());
        let tree = best(|| parse(black_box(&sources), source, Reader::Kustomize).tree.len());
        let parsed = parse(&sources, source, Reader::Kustomize);
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let bytes_per_node = text.len() as f64 / parsed.tree.len() as f64;
        let roots = || parsed.documents.iter().map(|document| parsed.tree.node(document.root));
        let emit = best(|| emit_all(roots()).expect("the corpus can be written").len());
        let speed = |time: Duration| megabytes / time.as_secs_f64();
        println!(
            "{megabytes:6.2} MB {:4.0} MB/s {:4.0} MB/s {:6.2} {:7.2}x {:4.0} MB/s {bytes_per_node:6.1} B/node",
            speed(events),
            speed(tree),
            tree.as_secs_f64() / events.as_secs_f64(),
            parsed.tree.memory() as f64 / text.len() as f64,
            speed(emit),
        );
    }
}

fn best(mut run: impl FnMut() -> usize) -> Duration {
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    });
    times.min().expect("there is more than one run")
}

fn corpus(applications: usize) -> String {
    let numbered = |index: usize| {
        let text = TEMPLATE.replace("INDEX", &index.to_string());
        text.replace("TEAM", &(index % 20).to_string()).replace("REPLICAS", &(1 + index % 5).to_string())
    };
    (0..applications).map(numbered).collect()
}

/// CustomResourceDefinitions: few names, and long descriptions of them.
fn definitions(count: usize) -> String {
    let fields: String = (0..40).map(|index| FIELD.replace("INDEX", &index.to_string())).collect();
    (0..count).map(|index| DEFINITION.replace("INDEX", &index.to_string()) + &fields).collect()
}

const DEFINITION: &str = "\
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: thingINDEXs.example.org
spec:
  group: example.org
  scope: Namespaced
  names: {kind: ThingINDEX, plural: thingINDEXs}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
";

const FIELD: &str = "\
            settingINDEX:
              description: |-
                How long the controller keeps what it has made for this object once nobody asks for it
                any more. The default is an hour, and zero keeps it for good. What was made before the
                setting was changed is kept as long as it was said then.
              type: string
";

/// A Deployment, a Service and a ConfigMap as people write them, comments and blocks included.
const TEMPLATE: &str = r#"# The web front end of shop INDEX.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-INDEX
  namespace: team-TEAM
  labels: {app.kubernetes.io/name: shop, app.kubernetes.io/instance: "shop-INDEX"}
  annotations:
    prometheus.io/scrape: "true"
spec:
  replicas: REPLICAS
  selector:
    matchLabels:
      app.kubernetes.io/instance: shop-INDEX
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: shop-INDEX
    spec:
      serviceAccountName: shop
      initContainers:
        - name: wait-for-db
          image: busybox:1.36
          command: ["sh", "-c", "until nc -z db-INDEX 5432; do sleep 1; done"]
      containers:
        - name: web
          image: registry.example.com/shop/web:1.INDEX.0
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 8080 # plain text, TLS ends at the ingress
              protocol: TCP
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {name: shop-INDEX-db, key: url}
            - name: LOG_LEVEL
              value: 'info'
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 10
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          volumeMounts:
            - name: config
              mountPath: /etc/shop
              readOnly: true
      volumes:
        - name: config
          configMap:
            name: shop-INDEX
---
apiVersion: v1
kind: Service
metadata:
  name: shop-INDEX
  namespace: team-TEAM
spec:
  selector:
    app.kubernetes.io/instance: shop-INDEX
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-INDEX
  namespace: team-TEAM
data:
  currency: "EUR"
  shop.ini: |
    [server]
    listen = 0.0.0.0:8080
    workers = REPLICAS

    [cache]
    size = 64M
  greeting: >-
    Welcome to shop number INDEX,
    we are open all day and all night.
---
"#;
