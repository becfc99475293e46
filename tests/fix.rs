//! `plimsoll fix` on small repositories: what it proposes, that it is what it says once it is written, and that there
//! is nothing left to do then.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a test")]

use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use plimsoll::source::Scratch;

fn cases() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fix");
    let mut cases: Vec<PathBuf> =
        all.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

/// A copy that may be written to, and is a repository of its own.
fn copy(case: &Path) -> Scratch {
    let copy = Scratch::temporary().unwrap();
    copy_below(case, copy.path());
    fs::create_dir(copy.path().join(".git")).unwrap();
    copy
}

fn copy_below(from: &Path, to: &Path) {
    for entry in from.read_dir().unwrap().map(Result::unwrap) {
        let new = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&new).unwrap();
            copy_below(&entry.path(), &new);
        } else {
            fs::copy(entry.path(), new).unwrap();
        }
    }
}

/// What a repository is for: mending what policies find, or waits.
fn arguments(case: &Path) -> Vec<&'static str> {
    match &*case.file_name().unwrap().to_string_lossy() {
        name if name.starts_with("mends-") => vec!["fix"],
        name if name.starts_with("into-a-component") => vec!["fix", "--wait-for", "all", "--into", "component"],
        _ => vec!["fix", "--wait-for", "all"],
    }
}

fn written(case: &Path) -> Vec<&'static str> {
    arguments(case).into_iter().chain(["--write"]).collect()
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_repository_has_the_proposal_beside_it() {
    for case in cases() {
        let copy = copy(&case);
        let (code, diff, remarks) = run(copy.path(), &arguments(&case));
        let mut shown = format!("{remarks}exit code {code}\n");
        let _ = write!(shown, "\n{diff}");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(case.with_file_name(""));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        settings.bind(|| insta::assert_snapshot!(name, shown));
    }
}

#[test]
fn once_written_there_is_nothing_left_to_write() {
    for case in cases() {
        let copy = copy(&case);
        run(copy.path(), &written(&case));
        let (_, diff, _) = run(copy.path(), &arguments(&case));
        assert_eq!(diff, "", "{}", case.display());
        let left = copy.path().join(".git").read_dir().unwrap().count();
        assert_eq!(left, 0, "nothing is written where nobody looks");
    }
}

#[test]
fn what_is_shown_is_what_git_applies() {
    if Command::new("git").arg("--version").output().is_err() {
        println!("skipped: there is no git here");
        return;
    }
    for case in cases() {
        let (changed, applied) = (copy(&case), copy(&case));
        let (_, diff, _) = run(changed.path(), &arguments(&case));
        run(changed.path(), &written(&case));
        if diff.is_empty() {
            continue;
        }
        let patch = applied.path().join("the.diff");
        fs::write(&patch, &diff).unwrap();
        fs::remove_dir(applied.path().join(".git")).unwrap();
        let git = Command::new("git").current_dir(applied.path()).args(["apply", "the.diff"]).output().unwrap();
        assert!(git.status.success(), "{}: {}", case.display(), String::from_utf8_lossy(&git.stderr));
        fs::remove_file(patch).unwrap();
        assert_eq!(files(changed.path()), files(applied.path()), "{}", case.display());
    }
}

/// Every file below a folder with its text, `.git` aside.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for path in at.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.extend((!path.ends_with(".git")).then_some(path));
            } else {
                found.push((path.strip_prefix(folder).unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn kubectl_builds_what_was_written_as_it_was_proved() {
    if Command::new("kubectl").arg("help").output().is_err() {
        println!("skipped: there is no kubectl here");
        return;
    }
    for case in cases() {
        let copy = copy(&case);
        run(copy.path(), &written(&case));
        let roots = files(copy.path()).into_iter().filter(|(path, _)| path.ends_with("kustomization.yaml"));
        let roots = roots.filter(|(_, text)| !text.contains("kind: Component"));
        for (root, _) in roots {
            let folder = copy.path().join(root.parent().unwrap());
            let theirs = Command::new("kubectl").arg("kustomize").arg(&folder).output().unwrap();
            let (code, ours, _) =
                run(copy.path(), &["render", "--kustomize-version", "5.5", &folder.to_string_lossy()]);
            assert!(theirs.status.success() && code == 0, "{}", folder.display());
            assert_eq!(ours, String::from_utf8_lossy(&theirs.stdout), "{}", folder.display());
        }
    }
}

#[test]
fn a_write_that_is_killed_leaves_old_files_or_new_ones() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fix/in-the-base-that-all-overlays-share");
    let (old, whole) = (files(&case), copy(&case));
    run(whole.path(), &["fix", "--wait-for", "all", "--write"]);
    let new = files(whole.path());
    for delay in 0..12 {
        let copy = copy(&case);
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.current_dir(copy.path()).args(["fix", "--wait-for", "all", "--write"]);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay * 8));
        running.kill().unwrap();
        running.wait().unwrap();
        for (path, text) in
            files(copy.path()).into_iter().filter(|(path, _)| !path.to_string_lossy().contains(".plimsoll-"))
        {
            assert!(
                old.contains(&(path.clone(), text.clone())) || new.contains(&(path.clone(), text)),
                "{}",
                path.display()
            );
        }
        let (code, _, remarks) = run(copy.path(), &["check"]);
        assert!(code < 2, "what is left can be built: {remarks}");
    }
}

/// The script of the first wait that is proposed for a pod `api` in `shop` that calls these, with a config.
fn proposed_script(calls: &[&str], config: &str) -> String {
    let folder = Scratch::temporary().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let service = |(name, port): (&str, u16)| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: {port}}}]}}\n---\n"
        )
    };
    let services: String = [("db", 5432), ("cache", 6379), ("web", 8080)].map(service).concat();
    let calls: Vec<String> = calls.iter().map(|call| format!("'{call}'")).collect();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: shop}\nspec:\n  containers:\n    - name: api\n      \
               image: registry.example/api:1.0.0\n";
    fs::write(folder.path().join("all.yaml"), format!("{services}{pod}      args: [{}]\n", calls.join(", "))).unwrap();
    fs::write(folder.path().join("plimsoll.yaml"), config).unwrap();
    let (_, json, _) = run(folder.path(), &["fix", "--wait-for", "all", "--format", "json"]);
    let proposal: serde_json::Value = serde_json::from_str(&json).unwrap();
    let text = proposal["files"][0]["text"].as_str().unwrap();
    let lines = text.lines().skip_while(|line| line.trim() != "- |").skip(1);
    let lines: Vec<&str> =
        lines.take_while(|line| !line.trim_start().starts_with("env:") && !line.contains("resources:")).collect();
    lines.join("\n") + "\n"
}

/// The shells that are here of those that scripts are written for.
fn shells() -> Vec<&'static [&'static str]> {
    let is_here = |shell: &&[&str]| {
        let is_here = Command::new(shell[0]).args(&shell[1..]).args(["-c", "true"]).status().is_ok();
        if !is_here {
            println!("skipped: there is no {}", shell[0]);
        }
        is_here
    };
    [&["busybox", "sh"][..], &["dash"]].into_iter().filter(is_here).collect()
}

/// A folder with what `nc -z -w 1 HOST PORT` does, which the BusyBox of Debian does not know.
fn stand_in() -> Option<Scratch> {
    if Command::new("bash").args(["-c", "true"]).status().is_err() {
        println!("skipped: there is no bash, which stands in for a BusyBox whose `nc` knows `-z`");
        return None;
    }
    let folder = Scratch::temporary().unwrap();
    let nc = "#!/usr/bin/env bash\nexec timeout \"$3\" bash -c \"</dev/tcp/$4/$5\" 2>/dev/null\n";
    fs::write(folder.path().join("nc"), nc).unwrap();
    fs::set_permissions(folder.path().join("nc"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    Some(folder)
}

/// Runs a script: its exit code and what it complains of.
fn outcome(shell: &[&str], script: &str, tools: &Path) -> (Option<i32>, String) {
    // BusyBox takes its own `nc` before any other of that name.
    let script = script.replace("nc -z", &format!("{}/nc -z", tools.display()));
    let output = Command::new(shell[0]).args(&shell[1..]).args(["-c", &script]).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn unused_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Short times.
const QUICK: &str = "fix: {timeoutSeconds: 6, tryTimeoutSeconds: 1, pauseSeconds: 1";

#[test]
fn the_script_waits_for_real_in_dash_and_busybox() {
    let Some(tools) = stand_in() else { return };
    let script = proposed_script(&["postgres://db:5432/shop"], &format!("{QUICK}}}\n"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().port();
    let (closed, late) = (unused_port(), unused_port());
    let opener = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1_500));
        let listener = TcpListener::bind(("127.0.0.1", late)).unwrap();
        std::thread::sleep(Duration::from_secs(8));
        drop(listener);
    });
    let outcome = |shell: &[&str], host: &str, port: u16| {
        let script = script.replace("db.shop.svc.cluster.local", host).replace("5432", &port.to_string());
        outcome(shell, &script, tools.path())
    };
    assert!(script.contains("db.shop.svc.cluster.local"), "{script}");
    std::thread::scope(|scope| {
        for shell in shells() {
            let outcome = &outcome;
            scope.spawn(move || assert_eq!(outcome(shell, "127.0.0.1", open).0, Some(0), "it listens"));
            scope.spawn(move || assert_eq!(outcome(shell, "127.0.0.1", late).0, Some(0), "it listens late"));
            for (host, port) in [("127.0.0.1", closed), ("no-such-name.invalid", open)] {
                scope.spawn(move || {
                    let (code, told) = outcome(shell, host, port);
                    assert_eq!(code, Some(1), "{host}");
                    assert!(told.contains(&format!("{host}:{port} has not answered within 6 seconds")), "{told}");
                });
            }
        }
    });
    opener.join().unwrap();
}

#[test]
fn several_waits_are_over_within_the_time_of_one() {
    let Some(tools) = stand_in() else { return };
    let script = proposed_script(&["postgres://db:5432/shop", "redis://cache:6379"], &format!("{QUICK}}}\n"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (open, closed) = (listener.local_addr().unwrap().port(), unused_port());
    let outcome = |shell: &[&str], ports: [u16; 2]| {
        let script = script.replace("db.shop.svc.cluster.local", "127.0.0.1");
        let script = script.replace("cache.shop.svc.cluster.local", "127.0.0.1");
        let script = script.replace("5432", &ports[0].to_string()).replace("6379", &ports[1].to_string());
        outcome(shell, &script, tools.path())
    };
    assert!(script.contains("cache.shop.svc.cluster.local"), "{script}");
    std::thread::scope(|scope| {
        for shell in shells() {
            let outcome = &outcome;
            scope.spawn(move || assert_eq!(outcome(shell, [open, open]).0, Some(0), "both listen"));
            for ports in [[open, closed], [closed, open], [closed, closed]] {
                scope.spawn(move || {
                    let start = Instant::now();
                    let (code, told) = outcome(shell, ports);
                    assert_eq!(code, Some(1), "{ports:?}");
                    assert!(told.contains(&format!("127.0.0.1:{closed} has not answered, and 6 seconds")), "{told}");
                    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
                });
            }
        }
    });
}

/// Answers all who come with these bytes, once they have said something.
fn answering(answers: &'static [&'static [u8]]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = [0; 1024];
            for answer in answers {
                if stream.read(&mut asked).unwrap_or(0) == 0 || stream.write_all(answer).is_err() {
                    break;
                }
            }
        }
    });
    port
}

/// Waits by the check that a config names in each of the shells, and compares how that ends for each port. A program
/// may be called by another name.
fn asks(check: &str, (host, usual): (&str, u16), cases: &[(u16, i32)], (program, name): (&str, &str)) {
    let config = format!("{QUICK}, checks: {{{host}: {check}}}}}\n");
    let script = proposed_script(&[&format!("x://{host}:{usual}/")], &config);
    let script = script.replace(&format!("{host}.shop.svc.cluster.local"), "127.0.0.1");
    let script = script.replacen(program, name, 1);
    std::thread::scope(|scope| {
        for (shell, (port, expected)) in
            shells().into_iter().flat_map(|shell| cases.iter().map(move |case| (shell, case)))
        {
            let script = script.replace(&usual.to_string(), &port.to_string());
            scope.spawn(move || {
                let (code, told) = outcome(shell, &script, Path::new(""));
                assert_eq!(code, Some(*expected), "{shell:?} {script} {told}");
            });
        }
    });
}

#[test]
fn http_is_asked_for_real() {
    let found = Command::new("sh").args(["-c", "command -v wget"]).output().unwrap();
    let wget = String::from_utf8(found.stdout).unwrap();
    if wget.is_empty() {
        println!("skipped: there is no wget");
        return;
    }
    let fine = answering(&[b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"]);
    let not_yet = answering(&[b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"]);
    let cases = [(fine, 0), (not_yet, 1), (unused_port(), 1)];
    // BusyBox takes its own, and that of Debian's, which is linked statically, breaks off.
    asks("http /ready", ("web", 8080), &cases, ("until wget", &format!("until {}", wget.trim())));
}

#[test]
fn postgres_is_asked_for_real() {
    if Command::new("pg_isready").arg("--version").output().is_err() {
        println!("skipped: there is no pg_isready");
        return;
    }
    // A server that wants no encryption, and then nobody without a password; and one that still starts.
    let fine = answering(&[b"N", b"E\0\0\0\x18SFATAL\0C28P01\0Mno\0\0\0"]);
    let starting = answering(&[b"N", b"E\0\0\0\x18SFATAL\0C57P03\0Mno\0\0\0"]);
    asks("postgres", ("db", 5432), &[(fine, 0), (starting, 1), (unused_port(), 1)], ("", ""));
}

#[test]
fn redis_is_asked_for_real() {
    if Command::new("redis-cli").arg("--version").output().is_err() {
        println!("skipped: there is no redis-cli");
        return;
    }
    let (fine, locked) = (answering(&[b"+PONG\r\n"]), answering(&[b"-NOAUTH Authentication required.\r\n"]));
    let loading = answering(&[b"-LOADING Redis is loading the dataset in memory\r\n"]);
    let cases = [(fine, 0), (locked, 0), (loading, 1), (unused_port(), 1)];
    asks("redis", ("cache", 6379), &cases, ("", ""));
}

#[test]
fn what_others_are_built_from_is_not_changed_behind_their_backs() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fix/mends-a-value-in-every-layer-that-sets-it");
    let copy = copy(&case);
    copy_below(&copy.path().join("overlay"), &{
        let other = copy.path().join("other");
        fs::create_dir(&other).unwrap();
        other
    });
    let (code, diff, remarks) = run(copy.path(), &["fix", "overlay"]);
    assert_eq!((code, diff.as_str()), (1, ""));
    assert!(remarks.contains("others are built from `base/web.yaml`, too: ask for the whole repository"), "{remarks}");
    let (_, diff, _) = run(copy.path(), &["fix"]);
    assert!(diff.contains("b/base/web.yaml"), "{diff}");
}

fn fixture(name: &str) -> Scratch {
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fix").join(name))
}

#[test]
fn a_second_run_adds_to_the_patch_of_the_first() {
    let copy = fixture("in-one-container-for-all-services");
    run(copy.path(), &["fix", "--wait-for", "db", "--write"]);
    let (code, _, remarks) = run(copy.path(), &["fix", "--wait-for", "cache", "--write"]);
    assert_eq!(code, 0, "{remarks}");
    let patch = fs::read_to_string(copy.path().join("web-waits.yaml")).unwrap();
    let place = |name: &str| patch.find(&format!("- name: {name}\n")).unwrap();
    assert!(place("wait-for-cache") < place("wait-for-db"), "{patch}");
    assert!(!copy.path().join("web-waits-2.yaml").exists());
    let (_, _, remarks) = run(copy.path(), &["fix", "--wait-for", "db,cache"]);
    assert!(remarks.contains("nothing to do"), "{remarks}");
}

#[test]
fn a_component_of_an_earlier_run_gets_more_patches() {
    let copy = fixture("into-a-component");
    let asked = |whom: &'static str| {
        ["fix", "--wait-for", whom, "--into", "component", "--component", "parts/starts", "--write"]
    };
    let (code, _, remarks) = run(copy.path(), &asked("deployment/worker"));
    assert_eq!(code, 0, "{remarks}");
    fs::remove_file(copy.path().join("shop/overlays/demo/database.yaml")).unwrap();
    fs::write(
        copy.path().join("shop/overlays/demo/kustomization.yaml"),
        "namespace: demo\nresources:\n  - ../../base\ncomponents:\n  - ../../../parts/starts\n",
    )
    .unwrap();
    let (code, _, remarks) = run(copy.path(), &asked("deployment/web"));
    assert_eq!(code, 0, "{remarks}");
    let component = fs::read_to_string(copy.path().join("parts/starts/kustomization.yaml")).unwrap();
    assert!(component.ends_with("patches:\n  - path: worker-waits.yaml\n  - path: web-waits.yaml\n"), "{component}");
}

/// Runs the program with a text on its standard input.
fn run_on(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.current_dir(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_stream_gets_patches_and_a_kustomization_that_applies_them() {
    let case = fixture("in-one-container-for-all-services");
    let text = |name: &str| fs::read_to_string(case.path().join(name)).unwrap();
    let bad = "until nslookup db; do sleep 2; done";
    let pod = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: late, namespace: shop}}\nspec:\n  template:\n    \
         spec:\n      initContainers:\n        - {{name: prepare, image: 'registry.example/prepare:1.0.0'}}\n        - {{name: wait, \
         image: 'busybox:1.30', args: [sh, -c, '{bad}']}}\n      containers:\n        - {{name: late, image: 'registry.example/late:1.0.0'}}\n"
    );
    let stream = [text("others.yaml"), text("web.yaml"), pod].join("---\n");
    let folder = Scratch::temporary().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let waits = ["fix", "--wait-for", "all", "-o", "waits", "-"];
    let (code, diff, remarks) = run_on(folder.path(), &["fix", "--wait-for", "all", "-"], &stream);
    assert_eq!(code, 1, "{remarks}");
    assert!(diff.contains("+++ b/web-waits.yaml") && diff.contains("+++ b/kustomization.yaml"), "{diff}");
    for _ in 0..2 {
        let (code, out, remarks) = run_on(folder.path(), &waits, &stream);
        assert_eq!((code, out.as_str()), (0, ""), "{remarks}");
    }
    let written = folder.path().join("waits");
    fs::write(written.join("all.yaml"), &stream).unwrap();
    let (code, ours, _) = run(folder.path(), &["render", "--kustomize-version", "5.5", "waits"]);
    assert_eq!(code, 0);
    assert_eq!(ours.matches("until nc -z -w 2").count(), 4, "{ours}");
    assert!(!ours.contains("nslookup") && ours.find("name: prepare") < ours.find("name: wait\n"), "{ours}");
    let (_, _, remarks) = run(folder.path(), &["fix", "--wait-for", "all", "waits"]);
    assert!(remarks.contains("nothing to do: all 2 workloads"), "{remarks}");
    match Command::new("kubectl").arg("kustomize").arg(written).output() {
        Ok(theirs) => assert_eq!(ours, String::from_utf8_lossy(&theirs.stdout)),
        Err(_) => println!("skipped: there is no kubectl here"),
    }
}

#[test]
fn patches_beside_a_kustomization_build_upon_it() {
    let copy = fixture("into-a-component");
    let (code, _, remarks) = run(copy.path(), &["fix", "--wait-for", "all", "-o", "patches"]);
    assert_eq!(code, 0, "{remarks}");
    let text = |path: &str| fs::read_to_string(copy.path().join("patches").join(path)).unwrap();
    assert_eq!(
        text("shop-overlays-prod/kustomization.yaml"),
        "resources:\n  - ../../shop/overlays/prod\npatches:\n  - path: web-waits.yaml\n  - path: worker-waits.yaml\n"
    );
    assert!(text("shop-overlays-demo/worker-waits.yaml").contains("namespace: demo"));
    let (_, diff, _) = run(copy.path(), &["fix", "--wait-for", "all"]);
    assert_eq!(diff, "", "all that is deployed waits");
}

#[test]
fn patches_are_not_put_inside_of_what_they_are_for() {
    for (case, folder) in
        [("in-one-container-for-all-services", "patches"), ("into-a-component", "shop/overlays/prod/patches")]
    {
        let copy = fixture(case);
        let (code, diff, remarks) = run(copy.path(), &["fix", "--wait-for", "all", "-o", folder]);
        assert_eq!((code, diff.as_str()), (1, ""), "{remarks}");
        assert!(remarks.contains("from a folder inside of a kustomization"), "{remarks}");
    }
}

#[test]
fn new_files_end_their_lines_as_the_kustomization_does() {
    let copy = fixture("in-one-container-for-all-services");
    let path = copy.path().join("kustomization.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    let (code, _, remarks) = run(copy.path(), &["fix", "--wait-for", "all", "--write"]);
    assert_eq!(code, 0, "{remarks}");
    for path in ["kustomization.yaml", "web-waits.yaml"] {
        let text = fs::read_to_string(copy.path().join(path)).unwrap();
        assert_eq!(text.matches("\r\n").count(), text.matches('\n').count(), "{path}");
    }
}

#[test]
fn no_name_becomes_a_command() {
    let folder = Scratch::temporary().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let manifests = "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: 'x$(id)'}\nspec: {selector: {app: db}, ports: [{port: 5432}]}\n---\n\
                     apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: 'x$(id)'}\nspec:\n  containers:\n    - name: api\n      \
                     image: registry.example/api:1.0.0\n      args: ['postgres://db:5432/shop']\n";
    fs::write(folder.path().join("all.yaml"), manifests).unwrap();
    let (_, diff, remarks) = run(folder.path(), &["fix", "--wait-for", "db"]);
    assert!(diff.is_empty() && remarks.contains("none that DNS could know"), "{diff}{remarks}");
}

#[test]
fn what_makes_no_sense_is_told() {
    let empty = Scratch::temporary().unwrap();
    fs::create_dir(empty.path().join(".git")).unwrap();
    for (arguments, expected) in [
        (&["fix", "--into", "base"][..], "--wait-for <WHOM>"),
        (&["fix", "--confidence", "certain"], "--wait-for <WHOM>"),
        (&["fix", "--check", "http"], "--wait-for <WHOM>"),
        (&["fix", "--containers", "each"], "--wait-for <WHOM>"),
        (&["fix", "-o", "there"], "--wait-for <WHOM>"),
        (&["fix", "--wait-for", "all", "--write", "-"], "`-o DIR` writes patches for it"),
        (&["fix", "--wait-for", "all", "--component", "c"], "for `--into component`"),
        (
            &["fix", "--wait-for", "all", "--into", "component", "--component", "../c"],
            "from the root of the repository",
        ),
        (&["fix", "-"], "nothing came in on standard input"),
        (&["fix"], "nothing was found that is deployed"),
    ] {
        let (code, _, remarks) = run(empty.path(), arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert!(remarks.contains(expected), "{remarks}");
    }
}

#[test]
fn an_overlay_with_waits_is_what_kubectl_builds() {
    let copy = copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/repos/pings"));
    let waits = &["fix", "--wait-for", "all", "--into", "overlay"];
    let (code, _, remarks) = run(copy.path(), &[&waits[..], &["--write"]].concat());
    assert_eq!(code, 0, "{remarks}");
    let kustomization = fs::read_to_string(copy.path().join("waits/kustomization.yaml")).unwrap();
    assert!(
        kustomization.contains("patches:\n  - path: pinger-waits.yaml\n  - path: poller-waits.yaml\n"),
        "{kustomization}"
    );
    let (code, ours, _) = run(copy.path(), &["render", "--kustomize-version", "5.5", "waits"]);
    assert_eq!(code, 0);
    assert_eq!(ours.matches("until nc -z -w 2 \"api.academy.svc.cluster.local\" 8080; do").count(), 2, "{ours}");
    let (_, facts, _) = run(copy.path(), &["facts", "--format", "json"]);
    let facts: serde_json::Value = serde_json::from_str(&facts).unwrap();
    let containers =
        facts["workloads"].as_array().unwrap().iter().flat_map(|pod| pod["containers"].as_array().unwrap());
    let waits: Vec<&serde_json::Value> = containers.flat_map(|one| one["waits"].as_array().unwrap()).collect();
    assert_eq!(waits.len(), 2);
    assert!(waits.iter().all(|wait| wait["bounded"] == true && wait["effective"] == "yes"), "{waits:?}");
    let (code, report, _) = run(copy.path(), &["check", "--only", "waits,containers,resources", "--fail-on", "note"]);
    assert_eq!(code, 0, "{report}");
    match Command::new("kubectl").arg("kustomize").arg(copy.path().join("waits")).output() {
        Ok(theirs) => assert_eq!(ours, String::from_utf8_lossy(&theirs.stdout)),
        Err(_) => println!("skipped: there is no kubectl here"),
    }
}
