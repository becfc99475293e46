//! A repository that begins to be checked: what it has is known, what comes is told.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::fs;
use std::process::Command;

use plimsoll::source::Scratch;

const WEB: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
    - name: migrate
      image: migrate:1
      livenessProbe: {exec: {command: [\"true\"]}}
  containers:
    - name: web
      image: web:1
";

struct Repository(Scratch);

impl Repository {
    fn new() -> Self {
        let folder = Scratch::temporary().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        Self(folder)
    }

    fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.0.path().join(path)).unwrap();
        self
    }

    fn check(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        let output = command.current_dir(self.0.path()).arg("check").args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// What is told beside what is known: exit code and policies.
    fn news(&self) -> (i32, Vec<String>) {
        let (code, report, _) = self.check(&["--baseline", "known.json", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let policies = report["findings"].as_array().unwrap().iter();
        (code, policies.map(|finding| finding["policy"].as_str().unwrap().to_owned()).collect())
    }

    fn adopt(&self) -> &Self {
        assert_eq!(self.check(&["--write-baseline", "known.json"]).0, 0);
        self
    }
}

#[test]
fn what_is_known_is_counted_and_not_told() {
    let repository = Repository::new();
    repository.write("web.yaml", WEB);
    assert_eq!(repository.check(&[]).0, 1);
    repository.adopt();
    let (code, report, remarks) = repository.check(&["--baseline", "known.json"]);
    assert_eq!((code, remarks.as_str()), (0, ""));
    assert!(report.contains("1 suppressed"), "{report}");
}

#[test]
fn it_stays_known_when_lines_move_and_files_are_renamed_or_written_otherwise() {
    let repository = Repository::new();
    repository.write("web.yaml", WEB).adopt();
    repository.write("web.yaml", &format!("# A comment.\n\n{WEB}"));
    assert_eq!(repository.news(), (0, Vec::new()));
    repository
        .remove("web.yaml")
        .write("apps/pod.yml", &WEB.replace("metadata: {name: web}", "metadata:\n    name: 'web'"));
    assert_eq!(repository.news(), (0, Vec::new()));
    let json = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {
        "containers": [{"name": "web", "image": "web:1"}], "initContainers": [{"name": "migrate", "image": "migrate:1",
            "livenessProbe": {"exec": {"command": ["true"]}}}]}}"#;
    repository.remove("apps/pod.yml").write("pod.json", json);
    assert_eq!(repository.news(), (0, Vec::new()));
}

#[test]
fn it_stays_known_when_another_overlay_shows_it_first() {
    let repository = Repository::new();
    let overlay = |name: &str| format!("resources: [../../base]\nnamePrefix: {name}-\n");
    repository
        .write("base/kustomization.yaml", "resources: [web.yaml]\n")
        .write("base/web.yaml", WEB)
        .write("overlays/prod/kustomization.yaml", &overlay("prod"))
        .adopt()
        .write("overlays/dev/kustomization.yaml", &overlay("dev"));
    assert_eq!(repository.news(), (0, Vec::new()));
}

#[test]
fn what_is_new_is_told_even_if_it_is_of_the_same_kind() {
    let repository = Repository::new();
    repository.write("web.yaml", WEB).adopt();
    let more = "\n    - name: again\n      image: again:1\n      livenessProbe: {exec: {command: [\"true\"]}}\n";
    repository
        .write("web.yaml", &WEB.replace("\n  containers:", &format!("{more}  containers:").replace("\n\n", "\n")));
    assert_eq!(repository.news(), (1, vec!["init-container-probe".to_owned()]));
}

#[test]
fn what_is_gone_is_said() {
    let repository = Repository::new();
    let mended = WEB.replace("      livenessProbe: {exec: {command: [\"true\"]}}\n", "");
    repository.write("web.yaml", WEB).adopt().write("web.yaml", &mended);
    let (code, _, remarks) = repository.check(&["--baseline", "known.json"]);
    assert_eq!((code, remarks.trim()), (0, "1 entry is about nothing any more: write the baseline anew"));
}

#[test]
fn a_known_problem_is_shown_and_does_not_block() {
    let repository = Repository::new();
    repository.write("kustomization.yaml", "resources: [web.yaml, missing.yaml]\n").write("web.yaml", WEB);
    repository.write("other/web.yaml", &WEB.replace("      livenessProbe: {exec: {command: [\"true\"]}}\n", ""));
    assert_eq!(repository.check(&[]).0, 2);
    repository.adopt();
    let (code, report, _) = repository.check(&["--baseline", "known.json"]);
    assert_eq!(code, 0, "{report}");
    assert!(report.contains("(known)"), "{report}");
}

#[test]
fn a_baseline_that_is_none_is_an_error() {
    let repository = Repository::new();
    repository.write("web.yaml", WEB).write("known.json", "{\"version\": 2, \"findings\": [], \"problems\": []}");
    for (file, why) in [("known.json", "of version 2"), ("web.yaml", "expected value"), ("none.json", "can't be read")]
    {
        let (code, _, remarks) = repository.check(&["--baseline", file]);
        assert_eq!(code, 2);
        assert!(remarks.contains(why), "{remarks}");
    }
}
