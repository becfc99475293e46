//! The facts of pods: what following one script costs, over a mix of scripts as people write them, and what the facts
//! of 5 000 workloads cost.
//!
//! `cargo bench --bench facts`. Of a script it prints the time on the clock, because it is over before the system
//! counts anything; of the workloads the CPU time of the process, of fewer and of more of them as well, because it must
//! not grow faster than they do. Linux only. With `PLIMSOLL_BENCH_MANIFESTS=FOLDER` it measures instead each file of that
//! folder as one script: manifests of pods with one init container each.
//!
//! Measured before effects were followed in bounded work, with the release profile on two cores that others used as
//! well: median 70 µs and 99th percentile 3.5 ms over the scripts below, 20 µs and 3.9 ms over 1 276 scripts of real
//! charts; 5 000 workloads 1.42 s, 15 000 of them 5.3 s. So the bars below do not hold yet. Most of it goes into loops
//! that count to a hundred, and into effects of scripts with many questions.
//!
//! What must hold: a script takes less than 50 µs in the median and 2 ms at the 99th percentile, and the facts of
//! 5 000 workloads less than a second. No two scripts are the same here, so nothing is remembered of another one.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a benchmark")]

use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use plimsoll::config::Config;
use plimsoll::discover::stream;
use plimsoll::facts::Elsewhere;
use plimsoll::facts::Scope;
use plimsoll::facts::infer;
use plimsoll::render::Bases;
use plimsoll::render::Options;
use plimsoll::render::Resource;
use plimsoll::render::render;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;

/// How many scripts are measured.
const SCRIPTS: usize = 1_000;
/// How often each is, of which the fastest counts: the machine has other things to do.
const RUNS: usize = 7;
/// The second of them is what the bar is for.
const WORKLOADS: [usize; 4] = [500, 5_000, 15_000, 50_000];

/// Scripts as they are found in init containers; `HOST`, `PORT` and `NAME` differ from pod to pod.
const TEMPLATES: &[&str] = &[
    "until nc -z HOST PORT; do echo waiting for NAME; sleep 2; done",
    "for i in $(seq 60); do nc -z -w 2 HOST PORT && exit 0; sleep 2; done; exit 1",
    "until nslookup HOST.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local; do echo \
     waiting; sleep 2; done",
    "while ! wget -q -O- http://HOST:PORT/health; do sleep 5; done",
    "mkdir -p /data/NAME && chown -R 1000:1000 /data/NAME",
    "[ -f /data/NAME.done ] || (cp -r /app/. /data/ && touch /data/NAME.done)",
    "set -e\nif [ ! -d /data/NAME ]; then\n  git clone https://git.example/NAME.git /data/NAME\nfi\ncd /data/NAME\ngit \
     pull --ff-only",
    "cp /config/* /data/\nsed -i \"s/@HOST@/HOST/g\" /data/NAME.conf\necho \"port=PORT\" >> /data/NAME.conf",
    "rm -rf /data/lost+found\ncat <<EOF > /data/NAME.ini\n[server]\nhost = HOST\nport = PORT\nEOF\nchmod 600 \
     /data/NAME.ini",
    "tries=0\nuntil pg_isready -h HOST -p PORT -U NAME; do\n  tries=$((tries + 1))\n  if [ $tries -gt 30 ]; then\n    echo \
     gave up; exit 1\n  fi\n  sleep 2\ndone",
    "set -eu\nfor plugin in one two three NAME; do\n  curl -fsSL -o /data/$plugin.jar \
     https://plugins.example/$plugin.jar\ndone\nls -l /data",
    "sysctl -w vm.max_map_count=262144",
    "end=$(( $(date +%s) + 300 ))\nwhile [ $(date +%s) -lt $end ]; do\n  if curl -sf http://HOST:PORT/ready; then exit \
     0; fi\n  sleep 3\ndone\necho NAME timed out; exit 1",
    "case \"${HOSTNAME##*-}\" in\n  0) cp /config/primary.conf /data/NAME.conf ;;\n  *) cp /config/replica.conf \
     /data/NAME.conf ;;\nesac",
    "wait_for() { until nc -z \"$1\" \"$2\"; do sleep 1; done; }\nwait_for HOST PORT\nwait_for cache 6379\nwait_for \
     queue 5672\nexec /entrypoint.sh NAME",
    "if [ -z \"$(ls -A /data)\" ]; then\n  tar -xzf /seed/NAME.tar.gz -C /data\n  chown -R app:app /data\nelse\n  echo \
     \"not empty\"\nfi",
    "for host in HOST cache queue; do\n  i=0\n  until getent hosts $host; do i=$((i+1)); [ $i -ge 50 ] && exit 1; sleep \
     2; done\ndone",
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout /data/NAME.key -out /data/NAME.crt -days 365 -subj /CN=HOST",
    "until mysqladmin ping -h HOST -P PORT --silent; do sleep 1; done; mysql -h HOST -e \"CREATE DATABASE IF NOT EXISTS \
     NAME\"",
    "ln -s /data/NAME/current /data/live\necho $(date) > /data/started\nmv /data/tmp/* /data/NAME/ 2>/dev/null || true",
];

const IMAGES: &[&str] = &["busybox:1.36", "alpine:3.20", "debian:12", "postgres:16", "registry.example/shop/tools:1.2"];

/// What something took.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    /// In seconds.
    cpu: f64,
}

fn main() {
    if let Some(folder) = std::env::var_os("PLIMSOLL_BENCH_MANIFESTS") {
        return manifests(folder.as_ref());
    }
    scripts();
    workloads();
}

/// The time of each manifest of a folder, less that of a pod whose container has no script.
fn manifests(folder: &Path) {
    let nothing = nothing();
    let mut times: Vec<(Duration, PathBuf)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (quickest(&std::fs::read_to_string(&path).unwrap(), RUNS).wall.saturating_sub(nothing), path))
        .collect();
    times.sort_unstable();
    for (time, path) in times.iter().rev().take(10) {
        println!("{:>8.1} µs  {}", micros(*time), path.display());
    }
    told(&times.iter().map(|(time, _)| *time).collect::<Vec<_>>());
}

/// The time of each script, less that of a pod whose container has none.
fn scripts() {
    let nothing = nothing();
    let mut times: Vec<Duration> = (0..SCRIPTS)
        .map(|number| {
            let image = IMAGES[number / TEMPLATES.len() % IMAGES.len()];
            quickest(&deployment(number, image, &script(number), true), RUNS).wall.saturating_sub(nothing)
        })
        .collect();
    if std::env::var_os("PLIMSOLL_BENCH_ALL").is_some() {
        for (template, text) in TEMPLATES.iter().enumerate() {
            let own = times.iter().skip(template).step_by(TEMPLATES.len()).max().unwrap();
            println!("{:>8.1} µs  {}", micros(*own), text.lines().next().unwrap());
        }
    }
    times.sort_unstable();
    told(&times);
}

fn nothing() -> Duration {
    quickest(&deployment(0, "busybox:1.36", "/bin/true", false), RUNS).wall
}

/// Prints what scripts took, the quickest first.
fn told(times: &[Duration]) {
    let at = |share: usize| format!("{:.1}", micros(times[times.len() * share / 100]));
    let worst = times.last().map_or(0.0, |time| micros(*time));
    println!("{:28} {:>8} {:>12} {:>12} {:>12}", "scripts", "count", "median µs", "p99 µs", "worst µs");
    println!("{:28} {:>8} {:>12} {:>12} {worst:>12.1}", "followed", times.len(), at(50), at(99));
}

/// The facts of many workloads at once.
fn workloads() {
    println!("{:28} {:>8} {:>12} {:>12}", "facts", "count", "CPU ms", "µs each");
    for count in WORKLOADS {
        let mut all = String::new();
        for number in 0..count {
            let image = IMAGES[number % IMAGES.len()];
            all += &deployment(number, image, &script(number), number % 4 != 3);
            let service = "apiVersion: v1\nkind: Service\nmetadata: {name: svc-NUMBER, namespace: shop}\nspec: {selector: \
                           {app: app-NUMBER}, ports: [{port: 8080}]}\n---\n";
            all += &service.replace("NUMBER", &number.to_string());
        }
        let time = quickest(&all, (50_000 / count).clamp(2, RUNS)).cpu;
        println!(
            "{:28} {count:>8} {:>12.1} {:>12.1}",
            "workloads",
            time * 1e3,
            time * 1e6 / f64::from(u32::try_from(count).unwrap())
        );
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn script(number: usize) -> String {
    let script = TEMPLATES[number % TEMPLATES.len()];
    let port = (5_000 + number % 1_000).to_string();
    script.replace("HOST", &format!("svc-{number}")).replace("PORT", &port).replace("NAME", &format!("app{number}"))
}

fn deployment(number: usize, image: &str, script: &str, runs_script: bool) -> String {
    let mut text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app-{number}, namespace: shop}}\nspec:\n  selector: \
         {{matchLabels: {{app: app-{number}}}}}\n  template:\n    metadata: {{labels: {{app: app-{number}}}}}\n    \
         spec:\n      volumes: [{{name: data, persistentVolumeClaim: {{claimName: data}}}}]\n      initContainers:\n        \
         - name: init\n          image: {image}\n          volumeMounts: [{{name: data, mountPath: /data}}]\n"
    );
    if runs_script {
        text += "          command:\n            - sh\n            - -c\n            - |\n";
        for line in script.lines() {
            let _ = writeln!(text, "              {line}");
        }
    } else {
        text += "          command: [/bin/true]\n";
    }
    text + "      containers:\n        - name: app\n          image: registry.example/shop/app:1\n          env: [{name: \
            DATABASE_URL, value: \"postgres://db:5432/shop\"}]\n---\n"
}

/// What the facts of these manifests take at best, in so many runs.
fn quickest(manifests: &str, runs: usize) -> Cost {
    let sources = Arc::new(Sources::in_memory());
    let files = Files::new(Arc::clone(&sources));
    let target = stream(&sources, manifests).targets.remove(0);
    let rendered = render(&target, &files, &Options::default(), &Bases::default());
    assert!(rendered.diagnostics.is_empty(), "{:?}", rendered.diagnostics);
    let resources: &[Resource] = &rendered.resources;
    let (elsewhere, config) = (Elsewhere::default(), Config::default());
    let mut best = Cost { wall: Duration::MAX, cpu: f64::INFINITY };
    for _ in 0..runs {
        let (begun, before) = (Instant::now(), cpu());
        let facts = infer(Scope { target: "", resources, elsewhere: &elsewhere, config: &config }, &sources);
        best = Cost { wall: best.wall.min(begun.elapsed()), cpu: best.cpu.min(cpu() - before) };
        drop(facts);
    }
    best
}

/// CPU seconds of this process so far, in steps of 10 ms.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}
