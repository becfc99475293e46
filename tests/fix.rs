//! `plimsoll fix` on small repositories: what it proposes, that it is what it says once it is written, and that there
//! is nothing left to do then.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "this is a test")]

use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

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
    let is_about_policies = case.file_name().unwrap().to_string_lossy().starts_with("mends-");
    if is_about_policies { vec!["fix"] } else { vec!["fix", "--wait-for", "all"] }
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

/// The script of the first wait that is proposed for a folder.
fn proposed_script(folder: &Path) -> String {
    let (_, json, _) = run(folder, &["fix", "--wait-for", "all", "--format", "json"]);
    let proposal: serde_json::Value = serde_json::from_str(&json).unwrap();
    let text = proposal["files"][0]["text"].as_str().unwrap();
    let lines = text.lines().skip_while(|line| line.trim() != "- |").skip(1);
    let lines: Vec<&str> =
        lines.take_while(|line| !line.trim_start().starts_with("env:") && !line.contains("resources:")).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_script_waits_for_real_in_dash_and_busybox() {
    if Command::new("bash").args(["-c", "true"]).status().is_err() {
        println!("skipped: there is no bash, which stands in for a BusyBox whose `nc` knows `-z`");
        return;
    }
    let folder = Scratch::temporary().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {selector: {app: db}, ports: [{port: 5432}]}\n---\n\
                    apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: shop}\nspec:\n  containers:\n    - name: api\n      \
                    image: registry.example/api:1.0.0\n      args: ['postgres://db:5432/shop']\n";
    fs::write(folder.path().join("all.yaml"), manifest).unwrap();
    let config = "fix: {timeoutSeconds: 6, tryTimeoutSeconds: 1, pauseSeconds: 1}\n";
    fs::write(folder.path().join("plimsoll.yaml"), config).unwrap();
    let script = proposed_script(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().port();
    let unused = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (closed, late) = (unused(), unused());
    let opener = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1_500));
        let listener = TcpListener::bind(("127.0.0.1", late)).unwrap();
        std::thread::sleep(Duration::from_secs(8));
        drop(listener);
    });
    let tools = folder.path().join("tools");
    fs::create_dir(&tools).unwrap();
    // What `nc -z -w 1 HOST PORT` does, which the BusyBox of Debian does not know.
    let nc = "#!/usr/bin/env bash\nexec timeout \"$3\" bash -c \"</dev/tcp/$4/$5\" 2>/dev/null\n";
    fs::write(tools.join("nc"), nc).unwrap();
    fs::set_permissions(tools.join("nc"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let outcome = |shell: &[&str], host: &str, port: u16| {
        let script = script.replace("db.shop.svc.cluster.local", host).replace("5432", &port.to_string());
        // BusyBox takes its own `nc` before any other of that name.
        let script = script.replace("nc -z", &format!("{}/nc -z", tools.display()));
        let output = Command::new(shell[0]).args(&shell[1..]).args(["-c", &script]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert!(script.contains("db.shop.svc.cluster.local"), "{script}");
    std::thread::scope(|scope| {
        for shell in [&["busybox", "sh"][..], &["dash"]] {
            if Command::new(shell[0]).args(&shell[1..]).args(["-c", "true"]).status().is_err() {
                println!("skipped: there is no {}", shell[0]);
                continue;
            }
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
