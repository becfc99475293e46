//! Loops with traps, run for real: what is said of them is what dash, BusyBox and bash do.
//!
//! Each is run against a port on which somebody listens, and against one on which nobody does. A small script stands in
//! for `ncat`, so that its tries can be counted. Shells that are missing are passed over, and it is said which.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a test")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use plimsoll::config::Config;
use plimsoll::discover::Target;
use plimsoll::discover::TargetKind;
use plimsoll::facts::Elsewhere;
use plimsoll::facts::Scope;
use plimsoll::facts::infer;
use plimsoll::render::Bases;
use plimsoll::render::Options;
use plimsoll::render::render;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;
use plimsoll::yaml::Node;

/// How long a loop is watched. Whatever still runs then does not end.
const PATIENCE: Duration = Duration::from_millis(1_600);

/// The loops; `PORT` stands for the port.
const LOOPS: &[&str] = &[
    "until ncat -z 127.0.0.1 PORT; do sleep 0.2; done",
    "while ! ncat -z 127.0.0.1 PORT; do sleep 0.2; done",
    "until ncat -z 127.0.0.1 PORT &>/dev/null; do sleep 0.2; done",
    "until ncat -z 127.0.0.1 PORT & do sleep 0.2; done",
    "for i in {1..4}; do ncat -z 127.0.0.1 PORT && break; sleep 0.2; done",
    "for i in 1 2 3; do ncat -z 127.0.0.1 PORT && exit 0; sleep 0.2; done; exit 1",
    "for i in 1 2 3; do ncat -z 127.0.0.1 PORT && break; sleep 0.2; done",
    "for i in $(seq 1 3); do if ncat -z 127.0.0.1 PORT; then exit 0; fi; sleep 0.2; done; exit 1",
    "while ncat -z 127.0.0.1 PORT; do sleep 0.2; done",
    "until [[ $(ncat -z 127.0.0.1 PORT && echo ok) == ok ]]; do sleep 0.2; done",
    "while [[ -z $(ncat -z 127.0.0.1 PORT && echo ok) ]]; do sleep 0.2; done",
    "until [ \"$(ncat -z 127.0.0.1 PORT && echo ok)\" == ok ]; do sleep 0.2; done",
    "until [ \"$(ncat -z 127.0.0.1 PORT && echo ok)\" = ok ]; do sleep 0.2; done",
    "until ncat -z 127.0.0.1 PORT || true; do sleep 0.2; done",
    "until ncat -z 127.0.0.1 PORT && true; do sleep 0.2; done",
    "until ! ncat -z 127.0.0.1 PORT; do sleep 0.2; done",
    "until ncat -z 127.0.0.1 PORT | cat; do sleep 0.2; done",
    "set -o noglob; until ncat -z 127.0.0.1 PORT; do sleep 0.2; done",
    "n=0; until ncat -z 127.0.0.1 PORT; do n=$((n+1)); [ $n -ge 3 ] && exit 1; sleep 0.2; done",
    "n=0; while [ $n -lt 3 ]; do ncat -z 127.0.0.1 PORT && break; n=$(expr $n + 1); sleep 0.2; done",
    "while true; do ncat -z 127.0.0.1 PORT && break; sleep 0.2; done",
    "while :; do ncat -z 127.0.0.1 PORT; if [ $? -eq 0 ]; then break; fi; sleep 0.2; done",
    "ask() { ncat -z 127.0.0.1 \"$1\"; }; until ask PORT; do sleep 0.2; done",
    "ok=; while [ -z \"$ok\" ]; do ncat -z 127.0.0.1 PORT && ok=1; sleep 0.2; done",
    "until (echo > /dev/tcp/127.0.0.1/PORT) 2>/dev/null; do sleep 0.2; done",
    "until timeout 1 bash -c '</dev/tcp/127.0.0.1/PORT' 2>/dev/null; do sleep 0.2; done",
    "until sh -c \"ncat -z 127.0.0.1 PORT\"; do sleep 0.2; done",
    "until ncat -z 127.0.0.1 PORT; [ $? -ne 1 ]; do sleep 0.2; done",
    "set -e; ncat -z 127.0.0.1 PORT || sleep 0.2; until ncat -z 127.0.0.1 PORT; do sleep 0.2; done",
];

/// The shells: how they are called here and in a manifest, and an image that has them.
const SHELLS: &[(&[&str], &str, &str)] =
    &[(&["dash"], "sh", "debian:12"), (&["busybox", "sh"], "sh", "busybox:1.36"), (&["bash"], "bash", "debian:12")];

/// How a loop went.
struct Course {
    /// The exit code, if it ended.
    code: Option<i32>,
    tries: usize,
}

#[test]
fn loops_do_what_is_said_of_them() {
    if Command::new("bash").arg("-c").arg("true").status().is_err() {
        println!("skipped: there is no bash, by which tries are counted");
        return;
    }
    let folder = std::env::temp_dir().join(format!("plimsoll-waits-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut wrong = Vec::new();
    for (call, name, image) in SHELLS {
        if Command::new(call[0]).args(&call[1..]).arg("-c").arg("true").status().is_err() {
            println!("skipped: there is no {}", call[0]);
            continue;
        }
        let courses: Vec<(Course, Course)> = std::thread::scope(|scope| {
            let folder = &folder;
            let run = move |index: usize, text: &str, port: u16| {
                let script = text.replace("PORT", &port.to_string());
                course(&folder.join(format!("{}-{index}-{port}", call[0])), call, &script)
            };
            let all: Vec<_> = LOOPS
                .iter()
                .enumerate()
                .map(|(index, text)| scope.spawn(move || (run(index, text, open), run(index, text, closed))))
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for (text, (up, down)) in LOOPS.iter().zip(courses) {
            let (found, seen) = (told(image, name, text), seen(&up, &down));
            if found != seen {
                wrong.push(format!("{}: {text}\n  is said to be `{found}`, and was `{seen}`", call[0]));
            }
        }
    }
    fs::remove_dir_all(folder).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What was seen: whether it waits, and whether that ends.
fn seen(up: &Course, down: &Course) -> String {
    let effect = match (up.code, down.code) {
        (None, Some(0)) => "inverted",
        (None, _) => "never-ends",
        (Some(_), Some(0)) if down.tries <= 1 => "never-waits",
        (Some(_), _) => "yes",
    };
    format!("{effect} {}", if down.code.is_some() { "ends" } else { "goes on" })
}

fn course(folder: &Path, call: &[&str], script: &str) -> Course {
    fs::create_dir_all(folder).unwrap();
    let (log, program) = (folder.join("tries"), folder.join("ncat"));
    let text = format!("#!/bin/bash\necho >>'{}'\nexec 2>/dev/null\n: </dev/tcp/$2/$3 || exit 1\n", log.display());
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(call[0]);
    command.args(&call[1..]).arg("-c").arg(script).env("PATH", path).current_dir(folder);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    let mut code = None;
    while code.is_none() && start.elapsed() < PATIENCE {
        code = child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1));
        std::thread::sleep(Duration::from_millis(10));
    }
    if code.is_none() {
        child.kill().unwrap();
    }
    child.wait().unwrap();
    let tries = fs::read_to_string(&log).map_or(0, |text| text.lines().count());
    Course { code, tries }
}

/// What is said of a loop, in the words of [`seen`].
fn told(image: &str, shell: &str, script: &str) -> String {
    let sources = Arc::new(Sources::in_memory());
    let script = script.replace("PORT", "80").replace('\\', "\\\\").replace('"', "\\\"");
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  initContainers:\n    - name: w\n      image: {image}\n      \
         command: [{shell}, -c, \"{script}\"]\n"
    );
    let source = sources.add("pod.yaml", manifest);
    let files = Files::new(Arc::clone(&sources));
    let target = Target { name: String::new(), kind: TargetKind::Stream(source) };
    let resources = render(&target, &files, &Options::default(), &Bases::default()).resources;
    let scope =
        Scope { target: "", resources: &resources, elsewhere: &Elsewhere::default(), config: &Config::default() };
    let facts = infer(scope, &sources);
    let Some(wait) = facts.of(0).get("waits").and_then(|waits| waits.items().next()) else {
        return "no wait".to_owned();
    };
    let text = |field| wait.get(field).map(|node: Node<'_>| node.text());
    let ends = if text("bounded") == Some("true") { "ends" } else { "goes on" };
    format!("{} {ends}", text("fault").or(text("effective")).unwrap_or("?"))
}
