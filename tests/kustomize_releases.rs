//! What `render` makes of a kustomization as one release of kustomize or the other, which one it follows, and what
//! it does with charts and with bases in other repositories.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// A fresh folder with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kustomize-releases").join(name);
    drop(fs::remove_dir_all(&folder));
    for (path, text) in [("plimsoll.yaml", "{}")].iter().chain(files) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn render(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.arg("render").args(arguments).current_dir(folder);
    command
}

/// What a command prints, or its complaint.
fn said(mut command: Command) -> Result<String, String> {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// What one kustomization beside `r.yaml` gives as each of the two releases.
fn both(name: &str, resources: &str, kustomization: &str) -> [Result<String, String>; 2] {
    let folder = folder(name, &[("r.yaml", resources), ("kustomization.yaml", kustomization)]);
    ["5.5", "5.8"].map(|version| said(render(&folder, &["--kustomize-version", version])))
}

fn config_map(name: &str, data: &str) -> String {
    format!("apiVersion: v1\ndata:\n  {data}\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}

#[test]
fn a_replacement_may_bring_its_value_since_5_8() {
    let kustomization = "\
resources: [r.yaml]
replacements:
- sourceValue: '80'
  targets:
  - select: {name: a}
    fieldPaths: [data.x]
";
    let [old, new] = both("source-value", &config_map("a", "x: one"), kustomization);
    assert!(old.unwrap_err().contains("kustomize knows this field from 5.8 on"));
    assert_eq!(new.unwrap(), config_map("a", "x: \"80\""));
}

#[test]
fn targets_of_replacements_are_patterns_since_5_8_and_see_the_namespace_as_written() {
    let resources = [config_map("web-1", "x: one"), config_map("web-2", "x: two")].join("---\n");
    let kustomization = |select: &str| {
        format!(
            "\
resources: [r.yaml]
replacements:
- source: {{name: web-1}}
  targets:
  - select: {select}
    reject: [{{name: .*-1}}]
    fieldPaths: [data.x]
"
        )
    };
    let [old, new] = both("patterns", &resources, &kustomization("{name: 'web-\\d'}"));
    assert_eq!(old.unwrap(), resources);
    assert_eq!(new.unwrap(), resources.replace("x: two", "x: web-1"));
    let [old, new] = both("namespaces", &resources, &kustomization("{name: web-2, namespace: default}"));
    assert_eq!(old.unwrap(), resources.replace("x: two", "x: web-1"));
    assert_eq!(new.unwrap(), resources);
}

/// What becomes of a text with a replacement at a path in it.
fn inside(name: &str, text: &str, path: &str) -> Result<String, String> {
    let lines = text.replace('\n', "\n    ");
    let resources = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  f: |-\n    {lines}\n");
    let kustomization = format!(
        "resources: [r.yaml]\nreplacements:\n- sourceValue: '81'\n  targets:\n  - select: {{name: a}}\n    fieldPaths: ['data.f.{path}']\n"
    );
    let [old, new] = both(name, &resources, &kustomization);
    assert!(old.is_err());
    new
}

#[test]
fn a_text_of_json_is_written_anew_with_sorted_keys() {
    let one_line = inside("json", r#"{"b": {"port": 80}, "a": "<x>"}"#, "b.port");
    assert_eq!(one_line.unwrap(), config_map("a", r#"f: '{"a":"\u003cx\u003e","b":{"port":81}}'"#));
    let lines = inside("json-lines", "{\n  \"b\": [1, {\"p\": 80}]\n}", "b.1.p");
    let expected =
        "f: |-\n    {\n      \"b\": [\n        1,\n        {\n          \"p\": 81\n        }\n      ]\n    }";
    assert_eq!(lines.unwrap(), config_map("a", expected));
}

#[test]
fn a_text_of_yaml_is_written_anew_in_its_order_and_quotes() {
    let text = "b:\n    - name: x\n      port: 80\n\n\na: 'q'\nc: {d: [1,2]}\ne: |\n  l1\n  l2";
    let expected =
        "f: |-\n    b:\n    - name: x\n      port: 81\n    a: 'q'\n    c: {d: [1, 2]}\n    e: |-\n      l1\n      l2";
    assert_eq!(inside("yaml", text, "b.[name=x].port").unwrap(), config_map("a", expected));
    let refused = inside("yaml-comments", "a: 1 # one\n", "a").unwrap_err();
    assert!(refused.contains("cannot be written anew here") && refused.contains("kustomization.yaml:6"), "{refused}");
}

#[test]
fn a_patch_that_holds_nothing_is_refused_until_5_5_only() {
    let resources = config_map("a", "x: one");
    let [old, new] = both("empty-patch", &resources, "resources: [r.yaml]\npatches: [{patch: '# later'}]\n");
    assert!(old.unwrap_err().contains("this patch changes nothing"));
    assert_eq!(new.unwrap(), resources);
}

#[test]
fn the_config_says_which_release_is_followed_unless_an_argument_does() {
    let patch = "resources: []\npatches: [{patch: 'a: b', options: {allow: true}}]\n";
    let folder = folder("config", &[("plimsoll.yaml", "kustomize: {version: \"5.5\"}"), ("kustomization.yaml", patch)]);
    let of_5_8 = |text: Result<String, String>| text.unwrap_err().contains("unknown field `allow`");
    assert!(!of_5_8(said(render(&folder, &[]))));
    assert!(of_5_8(said(render(&folder, &["--kustomize-version=5.8"]))));
    fs::write(folder.join("plimsoll.yaml"), "{}").unwrap();
    assert!(of_5_8(said(render(&folder, &[]))));
    fs::write(folder.join("plimsoll.yaml"), "kustomize: {version: '4.0'}").unwrap();
    assert!(said(render(&folder, &[])).unwrap_err().contains("plimsoll.yaml:1"));
}

const CHART: [(&str, &str); 3] = [
    ("base/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
    ("base/charts/web/values.yaml", "port: 80\nhost: a\n"),
    ("kustomization.yaml", "namespace: shop\nnamePrefix: p-\nresources: [base]\n"),
];

#[test]
fn charts_of_a_kustomization_are_not_left_out_silently() {
    let base = ("base/kustomization.yaml", "helmCharts:\n- name: web\n  releaseName: r\n");
    let complaint = said(render(&folder("chart", &[CHART.as_slice(), &[base]].concat()), &[])).unwrap_err();
    assert!(complaint.contains("chart `web` was not rendered"), "{complaint}");
    assert!(complaint.contains("base/kustomization.yaml:2:9") && complaint.contains("--allow-helm"), "{complaint}");
    let base = ("base/kustomization.yaml", "helmCharts:\n- name: far\n  repo: https://example.invalid\n");
    let folder = folder("far-chart", &[CHART.as_slice(), &[base]].concat());
    let complaint = said(render(&folder, &["--allow-helm"])).unwrap_err();
    assert!(complaint.contains("is not in this repository and is not fetched"), "{complaint}");
}

/// A program in place of helm: its arguments, folders shortened, and its input become objects.
#[cfg(unix)]
const FAKE_HELM: &str = r##"#!/bin/sh
arguments=
for argument in "$@"; do arguments="$arguments ${argument##*/}"; done
echo "# Source: web/templates/a.yaml"
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  arguments: "%s"\n  values: |\n' "$arguments"
sed 's/^/    /'
"##;

#[cfg(unix)]
fn with_fake_helm(folder: &Path) -> Command {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("bin/helm");
    fs::create_dir_all(folder.join("bin")).unwrap();
    fs::write(&program, FAKE_HELM).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = render(folder, &["--allow-helm"]);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(folder.join("bin")).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(paths).unwrap());
    command
}

#[cfg(unix)]
#[test]
fn helm_gets_the_arguments_that_kustomize_gives_it() {
    let base = "\
helmCharts:
- name: web
  releaseName: r
  valuesInline: {host: b, port: null}
  includeCRDs: true
  skipTests: true
  apiVersions: [x/v1]
  kubeVersion: '1.30'
";
    let folder = folder("helm", &[CHART.as_slice(), &[("base/kustomization.yaml", base)]].concat());
    let expected = "\
apiVersion: v1
data:
  arguments: ' template r web --namespace shop -f - --api-versions v1 --kube-version
    1.30 --include-crds --skip-tests'
  values: '{\"host\":\"b\"}'
kind: ConfigMap
metadata:
  name: p-a
";
    assert_eq!(said(with_fake_helm(&folder)).unwrap(), expected);
}

#[cfg(unix)]
#[test]
fn no_release_is_called_like_an_option() {
    let base = ("base/kustomization.yaml", "helmCharts:\n- name: web\n  releaseName: --post-renderer=./x\n");
    let folder = folder("option", &[CHART.as_slice(), &[base]].concat());
    assert!(said(with_fake_helm(&folder)).unwrap_err().contains("would be taken for an option"));
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with a base, and a folder that uses it as `reference` says.
fn repository_and_user(name: &str, base: &str, reference: &str) -> [PathBuf; 2] {
    let files = [("base/kustomization.yaml", base), ("base/a.yaml", "apiVersion: v1\nkind: A\nmetadata: {name: a}\n")];
    let repository = folder(&format!("{name}-repository"), &files);
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "one"], &["tag", "v1"]] {
        git(&repository, arguments);
    }
    let kustomization = format!("resources: ['file://{}//base{reference}']\n", repository.display());
    [repository, folder(name, &[("kustomization.yaml", &kustomization)])]
}

fn with_remote(folder: &Path) -> Command {
    let mut command = render(folder, &["--allow-remote"]);
    command.env("XDG_CACHE_HOME", folder.join("cache"));
    command
}

#[test]
fn a_base_of_another_repository_is_fetched_when_that_is_allowed() {
    let base = "resources: [a.yaml]\nnamePrefix: p-\n";
    let [repository, user] = repository_and_user("remote", base, "?ref=v1");
    let complaint = said(render(&user, &[])).unwrap_err();
    assert!(complaint.contains("is not in this repository and is not fetched"), "{complaint}");
    assert!(complaint.contains("--allow-remote"), "{complaint}");
    let expected = "apiVersion: v1\nkind: A\nmetadata:\n  name: p-a\n";
    assert_eq!(said(with_remote(&user)).unwrap(), expected);
    assert_eq!(said(with_remote(&user)).unwrap(), expected);

    // A branch that has moved is another commit.
    let kustomization = format!("resources: ['file://{}//base']\n", repository.display());
    fs::write(user.join("kustomization.yaml"), kustomization).unwrap();
    assert_eq!(said(with_remote(&user)).unwrap(), expected);
    fs::write(repository.join("base/kustomization.yaml"), "resources: [a.yaml]\nnamePrefix: q-\n").unwrap();
    git(&repository, &["commit", "-qam", "two"]);
    assert_eq!(said(with_remote(&user)).unwrap(), expected.replace("p-a", "q-a"));
    let clones = fs::read_dir(user.join("cache/plimsoll/clones")).unwrap();
    assert_eq!(clones.map(|clone| fs::read_dir(clone.unwrap().path()).unwrap().count()).sum::<usize>(), 2);
}

#[test]
fn a_clone_is_never_left_and_its_mistakes_have_a_place() {
    let [_, user] = repository_and_user("leaving", "resources: [../../leaving]\n", "");
    let complaint = said(with_remote(&user)).unwrap_err();
    assert!(complaint.contains("leads out of the repository"), "{complaint}");
    assert!(complaint.contains("leaving-repository@HEAD/base/kustomization.yaml:1:13"), "{complaint}");
    let [_, user] = repository_and_user("no-reference", "resources: []\n", "?ref=v2");
    let complaint = said(with_remote(&user)).unwrap_err();
    assert!(complaint.contains("the repository has no `v2`"), "{complaint}");
    let url = "resources: ['https://example.invalid/a.yaml']\n";
    let complaint = said(with_remote(&folder("http", &[("kustomization.yaml", url)]))).unwrap_err();
    assert!(complaint.contains("files are not fetched from elsewhere"), "{complaint}");
}
