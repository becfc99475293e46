//! `plimsoll check FILE…`, as a hook before a commit calls it: what has to do with these files, in its whole context.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::fs;
use std::process::Command;

use plimsoll::source::Scratch;

fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  initContainers:\n    - {{name: migrate, image: \"m:1\", \
         livenessProbe: {{exec: {{command: [\"true\"]}}}}}}\n  containers: [{{name: app, image: \"app:1\"}}]\n"
    )
}

/// One base with two pods that are wrong, and an overlay that is right.
fn repository() -> Scratch {
    let folder = Scratch::temporary().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    fs::create_dir(folder.path().join(".git")).unwrap();
    write("base/kustomization.yaml", "resources: [web.yaml, api.yaml]\n");
    write("base/web.yaml", &pod("web"));
    write("base/api.yaml", &pod("api"));
    write("overlay/kustomization.yaml", "resources: [../base]\npatches: [{path: image.yaml}]\n");
    write(
        "overlay/image.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: \"app:2\"}]}\n",
    );
    write("README.md", "# Words\n");
    folder
}

fn check(folder: &Scratch, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    let output = command.current_dir(folder.path()).arg("check").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_file_is_checked_in_the_target_that_it_feeds() {
    let (code, report, remarks) = check(&repository(), &["base/web.yaml"]);
    assert_eq!(code, 1);
    assert!(report.contains("base/web.yaml") && !report.contains("base/api.yaml"), "{report}");
    assert_eq!(remarks.trim(), "1 more finding is in other files of the same targets");
}

#[test]
fn what_others_have_written_is_not_told() {
    assert_eq!(check(&repository(), &["overlay/image.yaml"]).0, 0);
}

#[test]
fn a_kustomization_stands_for_all_that_is_built_from_it() {
    let (code, report, remarks) = check(&repository(), &["overlay/kustomization.yaml"]);
    assert_eq!((code, remarks.as_str()), (1, ""));
    assert!(report.contains("2 errors"), "{report}");
}

#[test]
fn a_folder_stands_for_all_that_is_deployed_from_it() {
    assert!(check(&repository(), &["overlay"]).1.contains("2 errors"));
    assert!(check(&repository(), &["base/web.yaml", "overlay"]).1.contains("2 errors"));
}

#[test]
fn a_file_that_feeds_nothing_is_fine_if_that_is_said() {
    assert_eq!(check(&repository(), &["--allow-empty", "README.md"]).0, 0);
    assert_eq!(check(&repository(), &["README.md"]).0, 2);
}

#[test]
fn what_a_generator_takes_is_checked_where_it_goes() {
    let repository = repository();
    let write = |path: &str, text: &str| fs::write(repository.path().join(path), text).unwrap();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  initContainers:\n    - name: prepare\n      \
               image: busybox:1.36\n      command: [sh, -e, /scripts/prepare.sh]\n      volumeMounts: [{name: scripts, mountPath: \
               /scripts}, {name: work, mountPath: /work}]\n  containers: [{name: app, image: \"app:1\"}]\n  volumes: [{name: \
               scripts, configMap: {name: scripts}}, {name: work, emptyDir: {}}]\n";
    write("base/web.yaml", pod);
    write("base/prepare.sh", "mkdir /work/a\n");
    write(
        "base/kustomization.yaml",
        "resources: [web.yaml, api.yaml]\nconfigMapGenerator: [{name: scripts, files: [prepare.sh]}]\n",
    );
    let (_, report, _) = check(&repository, &["base/prepare.sh"]);
    assert!(report.contains("non-idempotent-write") && !report.contains("init-container-probe"), "{report}");
}

#[test]
fn a_target_that_breaks_is_told_whatever_file_is_to_blame() {
    let repository = repository();
    fs::remove_file(repository.path().join("base/api.yaml")).unwrap();
    assert_eq!(check(&repository, &["overlay/image.yaml"]).0, 2);
}
