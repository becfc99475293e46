//! Whole runs of `plimsoll render`, beside `kubectl kustomize` on the same folders where that is there.
//!
//! `cargo bench --bench kustomize`. Prints CPU seconds (user and system, of all threads) as the system counts
//! them for finished children, averaged over runs, and the peak memory. Linux only. kubectl's time grows with
//! the square of the number of resources, so it is asked about the largest roots only where
//! `PLIMSOLL_BENCH_ALL` is set: 3000 Deployments take it two minutes.
//!
//! What must hold: a root of one file takes less than 5 ms, CPU and wall; 1000 Deployments take 200 times less
//! CPU than kubectl, 3000 take 500 times less; the time for each resource does not grow; 200 overlays of one
//! base, in one process, take 200 times less than 200 runs of kubectl; and none takes more memory than kubectl.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a benchmark")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// How many overlays the one base has.
const OVERLAYS: usize = 200;
/// Runs of the program are repeated for about so many seconds of CPU, and at least once.
const ENOUGH: f64 = 0.5;

/// What one run took.
#[derive(Clone, Copy, Default)]
struct Cost {
    cpu: f64,
    wall: f64,
    megabytes: f64,
}

fn main() {
    let folder = std::env::temp_dir().join(format!("plimsoll-bench-{}", std::process::id()));
    let has_kubectl = Command::new("kubectl").args(["version", "--client"]).output().is_ok();
    let ask_all = std::env::var_os("PLIMSOLL_BENCH_ALL").is_some();
    if !has_kubectl {
        println!("kubectl is not there, so there is nothing to compare with");
    }
    println!(
        "{:34} {:>9} {:>9} {:>9} {:>9}   {:>10} {:>9}   {:>7}",
        "root", "CPU ms", "wall ms", "µs/object", "MB", "kubectl ms", "MB", "ratio"
    );
    let row = |name: &str, objects: usize, roots: &[PathBuf], ask: bool| {
        let own = plimsoll(roots);
        let other = (has_kubectl && ask).then(|| kubectl(roots));
        print_row(name, objects, own, other);
    };
    // What marks a repository, so that bases beside the overlays belong to it.
    write(&folder.join("plimsoll.yaml"), "{}\n");
    let one = folder.join("one");
    write(&one.join("kustomization.yaml"), "resources: [app.yaml]\n");
    write(&one.join("app.yaml"), &deployment(0));
    row("one file", 1, &[one], true);
    for count in [100, 1_000, 3_000, 10_000] {
        let root = deployments(&folder.join(format!("deployments-{count}")), count);
        row("Deployments", count, &[root], count <= 1_000 || ask_all && count <= 3_000);
    }
    for count in [100, 1_000, 3_000] {
        let root = applications(&folder.join(format!("applications-{count}")), count);
        row("Deployment + Service + ConfigMap", 3 * count, &[root], count == 100 || ask_all && count <= 1_000);
    }
    let roots = overlays(&folder.join("overlays"));
    row("200 overlays of 15 objects", 15 * OVERLAYS, &roots, true);
    fs::remove_dir_all(folder).unwrap();
}

#[expect(clippy::cast_precision_loss, reason = "a table for people to read")]
fn print_row(name: &str, objects: usize, own: Cost, other: Option<Cost>) {
    let name = format!("{name} ({objects})");
    let each = own.cpu * 1e6 / objects as f64;
    print!("{name:34} {:>9.1} {:>9.1} {each:>9.1} {:>9.1}", own.cpu * 1e3, own.wall * 1e3, own.megabytes);
    match other {
        Some(other) => {
            let ratio = other.cpu / own.cpu;
            println!("   {:>10.0} {:>9.1}   {ratio:>6.0}x", other.cpu * 1e3, other.megabytes);
        }
        None => println!("   {:>10} {:>9}   {:>7}", "-", "-", "-"),
    }
}

/// All roots in one process.
fn plimsoll(roots: &[PathBuf]) -> Cost {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(["render", "--verbose", "--kustomize-version=5.5"]).args(roots);
    let output = command.output().unwrap();
    let remarks = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{remarks}");
    let memory = remarks.lines().find_map(|line| line.split("peak memory ").nth(1));
    let kilobytes = memory.and_then(|memory| memory.split(' ').next()).and_then(|number| number.parse::<f64>().ok());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (before, start) = (children_cpu(), Instant::now());
    let mut runs = 0;
    while runs < 3 || runs < 100 && children_cpu() - before < ENOUGH {
        assert!(command.status().unwrap().success());
        runs += 1;
    }
    Cost {
        cpu: (children_cpu() - before) / f64::from(runs),
        wall: start.elapsed().as_secs_f64() / f64::from(runs),
        megabytes: kilobytes.unwrap_or_default() / 1024.0,
    }
}

/// One process for each root, once. The memory is that of the largest.
fn kubectl(roots: &[PathBuf]) -> Cost {
    let (before, start) = (children_cpu(), Instant::now());
    let mut megabytes = 0.0_f64;
    for root in roots {
        let mut child = Command::new("kubectl").arg("kustomize").arg(root).stdout(Stdio::null()).spawn().unwrap();
        let status = PathBuf::from(format!("/proc/{}/status", child.id()));
        let exit = loop {
            // What was read last before the end is close to the peak.
            let status = fs::read_to_string(&status).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
            megabytes = megabytes.max(peak.and_then(|peak| peak.parse().ok()).unwrap_or(0.0) / 1024.0);
            match child.try_wait().unwrap() {
                Some(exit) => break exit,
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        assert!(exit.success());
    }
    Cost { cpu: children_cpu() - before, wall: start.elapsed().as_secs_f64(), megabytes }
}

/// CPU seconds of all finished children, in steps of 10 ms.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    (ticks(13) + ticks(14)) / 100.0
}

/// One Deployment a file in a base, and an overlay that changes each in every way.
fn deployments(folder: &Path, count: usize) -> PathBuf {
    for number in 0..count {
        write(&folder.join(format!("base/app-{number}.yaml")), &deployment(number));
    }
    let files = (0..count).map(|number| format!("app-{number}.yaml"));
    write(&folder.join("base/kustomization.yaml"), &format!("resources:\n{}", list(files)));
    overlay(&folder.join("overlay"))
}

/// A Deployment that mounts a ConfigMap, and a Service, for each application.
fn applications(folder: &Path, count: usize) -> PathBuf {
    for number in 0..count {
        let volumes = format!(
            "      volumes:\n        - name: config\n          configMap:\n            name: config-{number}\n"
        );
        write(&folder.join(format!("base/app-{number}.yaml")), &(deployment(number) + &volumes));
        write(&folder.join(format!("base/service-{number}.yaml")), &service(number));
        write(&folder.join(format!("base/config-{number}.yaml")), &config(number));
    }
    let names = |number| ["app", "service", "config"].map(|what| format!("{what}-{number}.yaml"));
    let files = (0..count).flat_map(names);
    write(&folder.join("base/kustomization.yaml"), &format!("resources:\n{}", list(files)));
    overlay(&folder.join("overlay"))
}

fn overlay(folder: &Path) -> PathBuf {
    let text = "\
resources: [../base]
namePrefix: prod-
namespace: prod
labels:
  - pairs: {env: prod}
    includeSelectors: true
commonAnnotations: {team: shop}
images:
  - name: registry.example/shop/app
    newTag: \"2.0\"
replicas:
  - name: app-1
    count: 5
patches:
  - target: {kind: Deployment}
    patch: |-
      - op: add
        path: /spec/template/spec/priorityClassName
        value: high
configMapGenerator:
  - name: settings
    literals: [mode=prod]
";
    write(&folder.join("kustomization.yaml"), text);
    folder.to_owned()
}

/// Overlays that all stand on one base of fifteen objects.
fn overlays(folder: &Path) -> Vec<PathBuf> {
    for number in 0..5 {
        write(&folder.join(format!("base/app-{number}.yaml")), &deployment(number));
        write(&folder.join(format!("base/service-{number}.yaml")), &service(number));
        if number > 0 {
            write(&folder.join(format!("base/config-{number}.yaml")), &config(number));
        }
    }
    let names = |number| ["app", "service", "config"].map(|what| format!("{what}-{number}.yaml"));
    let files = (0..5).flat_map(names).filter(|name| name != "config-0.yaml");
    let generator = "configMapGenerator:\n  - name: settings\n    literals: [mode=base, level=info]\n";
    write(&folder.join("base/kustomization.yaml"), &format!("resources:\n{}{generator}", list(files)));
    (0..OVERLAYS).map(|number| one_overlay(&folder.join(format!("overlay-{number:03}")), number)).collect()
}

fn one_overlay(folder: &Path, number: usize) -> PathBuf {
    let text = format!(
        "\
resources: [../base]
namespace: team-{number}
namePrefix: t{number}-
images:
  - name: registry.example/shop/app
    newTag: \"{number}\"
replicas:
  - name: app-1
    count: 3
configMapGenerator:
  - name: settings
    behavior: merge
    literals: [mode=prod]
patches:
  - path: patch.yaml
"
    );
    write(&folder.join("kustomization.yaml"), &text);
    let patch = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-0
spec:
  template:
    spec:
      containers:
        - name: app
          resources:
            limits:
              memory: 1Gi
";
    write(&folder.join("patch.yaml"), patch);
    folder.to_owned()
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("  - {item}")).collect::<Vec<_>>().join("\n") + "\n"
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn service(number: usize) -> String {
    format!(
        "\
apiVersion: v1
kind: Service
metadata:
  name: app-{number}
  labels:
    app.kubernetes.io/name: app-{number}
spec:
  selector:
    app.kubernetes.io/name: app-{number}
  ports:
    - name: http
      port: 80
      targetPort: http
"
    )
}

fn config(number: usize) -> String {
    format!(
        "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: config-{number}
data:
  LOG_LEVEL: info
  GREETING: hello from {number}
  application.properties: |
    server.port=8080
    server.name=app-{number}
"
    )
}

fn deployment(number: usize) -> String {
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
  labels:
    app.kubernetes.io/name: app-{number}
    app.kubernetes.io/part-of: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{number}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-{number}
    spec:
      containers:
        - name: app
          image: registry.example/shop/app:1.{number}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: DATABASE_URL
              value: postgres://db:5432/shop
            - name: LOG_LEVEL
              value: info
          readinessProbe:
            httpGet:
              path: /ready
              port: http
            periodSeconds: 10
          livenessProbe:
            httpGet:
              path: /live
              port: http
            periodSeconds: 30
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
      terminationGracePeriodSeconds: 30
"
    )
}
