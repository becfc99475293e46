//! How fast a text becomes a tree, beside the parser's own events, and how large the tree is.
//!
//! `cargo bench --bench yaml` prints a table. The ratio should stay below 1.3, the memory below 1.5
//! times the source, and both the same for every size.

use std::fmt::Write;
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

#[expect(clippy::print_stdout, reason = "a table is what it is for")]
fn main() {
    println!("   source   events     tree  ratio   memory     emit");
    for factor in [1, 3, 10] {
        let text = corpus(APPLICATIONS * factor);
        let megabytes = text.len() as f64 / 1e6;
        let events = best(|| {
            let options = granit_parser::options! { max_buffered_comment_events: usize::MAX };
            granit_parser::Parser::new_from_str_with_options(black_box(&text), options).filter(Result::is_ok).count()
        });
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("corpus.yaml", text.as_str());
        let tree = best(|| parse(black_box(&sources), source, Reader::Kustomize).tree.len());
        let parsed = parse(&sources, source, Reader::Kustomize);
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let roots = || parsed.documents.iter().map(|document| parsed.tree.node(document.root));
        let emit = best(|| emit_all(roots()).expect("the corpus can be written").len());
        let speed = |time: Duration| megabytes / time.as_secs_f64();
        println!(
            "{megabytes:6.2} MB {:4.0} MB/s {:4.0} MB/s {:6.2} {:7.2}x {:4.0} MB/s",
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

/// Deployments, Services and ConfigMaps as people write them, comments and blocks included.
fn corpus(applications: usize) -> String {
    let mut out = String::new();
    for index in 0..applications {
        write!(
            out,
            r#"# The web front end of shop {index}.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-{index}
  namespace: team-{team}
  labels: {{app.kubernetes.io/name: shop, app.kubernetes.io/instance: "shop-{index}"}}
  annotations:
    prometheus.io/scrape: "true"
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/instance: shop-{index}
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: shop-{index}
    spec:
      serviceAccountName: shop
      initContainers:
        - name: wait-for-db
          image: busybox:1.36
          command: ["sh", "-c", "until nc -z db-{index} 5432; do sleep 1; done"]
      containers:
        - name: web
          image: registry.example.com/shop/web:1.{index}.0
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 8080 # plain text, TLS ends at the ingress
              protocol: TCP
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {{name: shop-{index}-db, key: url}}
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
            name: shop-{index}
---
apiVersion: v1
kind: Service
metadata:
  name: shop-{index}
  namespace: team-{team}
spec:
  selector:
    app.kubernetes.io/instance: shop-{index}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-{index}
  namespace: team-{team}
data:
  currency: "EUR"
  shop.ini: |
    [server]
    listen = 0.0.0.0:8080
    workers = {replicas}

    [cache]
    size = 64M
  greeting: >-
    Welcome to shop number {index},
    we are open all day and all night.
---
"#,
            team = index % 20,
            replicas = 1 + index % 5,
        )
        .expect("writing to a String does not fail");
    }
    out
}
