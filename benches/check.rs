//! Whole runs of the program: its start with all policies, and `check` of many one-object files.
//!
//! `cargo bench --bench check`. Prints CPU seconds (user and system, of all threads) as the system counts
//! them for finished children, averaged over runs, and the peak memory that `--verbose` tells. Linux only.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a benchmark")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

const RUNS: u32 = 10;

fn main() {
    let folder = std::env::temp_dir().join(format!("plimsoll-bench-{}", std::process::id()));
    println!("{:28} {:>8} {:>12} {:>14}", "run", "files", "CPU ms", "peak memory");
    for files in [0, 200, 600, 2_000, 6_000, 20_000] {
        let repository = folder.join(files.to_string());
        write_repository(&repository, files);
        let name = if files == 0 { "start, nothing to check" } else { "check" };
        let (cpu, memory) = measure(&repository);
        println!("{name:28} {files:>8} {:>12.1} {memory:>14}", cpu * 1000.0);
    }
    fs::remove_dir_all(folder).unwrap();
}

/// One Deployment a file, a hundred files a folder.
fn write_repository(root: &Path, files: usize) {
    fs::create_dir_all(root).unwrap();
    fs::write(root.join("plimsoll.yaml"), "{}\n").unwrap();
    for number in 0..files {
        let folder: PathBuf = root.join(format!("team-{:03}", number / 100));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("app-{number}.yaml")), deployment(number)).unwrap();
    }
}

fn deployment(number: usize) -> String {
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
  namespace: team
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
      initContainers:
        - name: wait-for-db
          image: busybox:1.36
          command: [sh, -c, \"for i in $(seq 60); do nc -z -w 2 db 5432 && exit 0; sleep 2; done; exit 1\"]
      containers:
        - name: app
          image: registry.example/shop/app:1.{number}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: DATABASE_URL
              value: postgres://db:5432/shop
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
"
    )
}

/// CPU seconds of one run on average, and the peak memory of the last.
fn measure(repository: &Path) -> (f64, String) {
    let run = || {
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["check", "--verbose", "--allow-empty", "."])
            .current_dir(repository)
            .output()
            .unwrap();
        let remarks = String::from_utf8(output.stderr).unwrap();
        let memory = remarks.lines().find_map(|line| line.split("peak memory ").nth(1));
        memory.unwrap_or("unknown").trim().to_owned()
    };
    let memory = run();
    let before = children_cpu();
    for _ in 0..RUNS {
        run();
    }
    ((children_cpu() - before) / f64::from(RUNS), memory)
}

/// CPU seconds of all finished children, in steps of 10 ms.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    (ticks(13) + ticks(14)) / 100.0
}
