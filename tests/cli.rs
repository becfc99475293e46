//! The program from outside: its streams and exit codes.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

fn plimsoll(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    plimsoll(arguments).output().expect("the program was built for this test")
}

#[test]
fn help_is_an_answer_and_a_typo_is_a_mistake() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(!help.stdout.is_empty() && help.stderr.is_empty());

    let typo = run(&["chek"]);
    assert_eq!(typo.status.code(), Some(2));
    assert!(typo.stdout.is_empty());
    assert!(String::from_utf8(typo.stderr).unwrap().contains("'check'"));
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let status = plimsoll(&["schema", "report"]).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn what_is_not_a_terminal_gets_no_colours() {
    for arguments in [&["--help"][..], &["schema", "config"], &["completions", "bash"]] {
        assert!(!run(arguments).stdout.contains(&0x1b), "{arguments:?}");
    }
}

/// Runs in a fresh folder that holds `files`, with `stdin` on standard input: exit code, answer, complaint.
fn run_in(name: &str, files: &[(&str, &str)], stdin: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    for (path, text) in [("plimsoll.yaml", "{}")].iter().chain(files) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = plimsoll(arguments);
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read its input may be gone already.
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

const POLICY: &str = "\
summary: a team in its label
severity: warning
description: because
remediation: remove it
preview: true
kubernetes: '>=1.29'
parameters:
  teams: {type: strings, default: [red, blue], about: teams that are gone}
match: {kinds: [Service]}
forbid: {query: $.metadata.labels.team, in: $param.teams}
cases: [{when: $.spec.ports, severity: error}]
message: this team is gone
";

#[test]
fn a_stream_of_nothing_is_a_failure_of_the_command_before_the_pipe() {
    for stdin in ["", "# nothing\n", "---\n---\n"] {
        let (code, answer, complaint) = run_in("empty-stream", &[], stdin, &["check", "-"]);
        assert_eq!((code, answer.as_str()), (Some(2), ""), "{stdin:?}");
        assert_eq!(complaint, "error: nothing came in on standard input; did the command before the pipe fail?\n");
        assert_eq!(run_in("empty-stream", &[], stdin, &["check", "-", "--allow-empty"]).0, Some(0), "{stdin:?}");
        // A program gets its answer in any case.
        let (code, answer, _) = run_in("empty-stream", &[], stdin, &["check", "-", "--format", "json"]);
        assert_eq!((code, answer.starts_with('{')), (Some(2), true), "{stdin:?}");
    }
}

#[test]
fn facts_and_graphs_of_nothing_are_no_answer() {
    for command in ["facts", "graph"] {
        let (code, answer, complaint) = run_in("nothing-to-infer", &[("notes.yaml", "a: b")], "", &[command]);
        assert_eq!((code, answer.as_str()), (Some(2), ""), "{command}");
        assert!(complaint.starts_with("error: nothing was found that is deployed"), "{complaint}");
    }
}

#[test]
fn what_was_not_asked_for_is_there_all_the_same() {
    let pod = |url: &str| {
        let spec = format!("{{containers: [{{name: a, image: a, env: [{{name: A_URL, value: '{url}'}}]}}]}}");
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: shop}}, spec: {spec}}}")
    };
    let app = pod("http://db.shop.svc:80");
    let db = "{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {ports: [{port: 80}]}}";
    let files = [
        ("app/kustomization.yaml", "resources: [app.yaml]"),
        ("app/app.yaml", &*app),
        ("db/kustomization.yaml", "resources: [db.yaml]"),
        ("db/db.yaml", db),
    ];
    let arguments = ["check", "app", "--only", "unresolved-service"];
    let (code, answer, complaint) = run_in("asked-for-a-part", &files, "", &arguments);
    assert_eq!(code, Some(0), "{answer}{complaint}");
    let (code, answer, _) = run_in("asked-for-a-part-alone", &files[..2], "", &arguments);
    assert!(answer.starts_with("warning[unresolved-service]"), "{code:?} {answer}");
}

#[test]
fn a_repository_without_resources_was_not_checked() {
    let files = [("kustomization.yaml", "kind: Kustomization\nresources: []\n")];
    let (code, _, complaint) = run_in("no-resources", &files, "", &["check"]);
    assert_eq!((code, complaint.starts_with("error: nothing to check was found")), (Some(2), true), "{complaint}");
    let (code, answer, _) = run_in("no-targets", &[], "", &["targets"]);
    assert_eq!(code, Some(0));
    assert!(answer.starts_with("nothing is deployed from here\nnot Kubernetes (1 file)\n"), "{answer}");
}

#[test]
fn a_broken_workload_is_checked_and_a_patch_that_nothing_uses_is_counted() {
    let broken = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      \
                  containers: [{name: main, iamge: a:1}]\n";
    let (code, answer, _) = run_in("broken-workload", &[("job.yaml", broken)], "", &["check", "job.yaml"]);
    assert_eq!(code, Some(1));
    assert!(answer.contains("container `main` has no image"), "{answer}");

    let files = [("app/kustomization.yaml", "configMapGenerator: [{name: a}]\n"), ("app/job-patch.yaml", broken)];
    let (code, answer, _) = run_in("unused-patch", &files, "", &["check"]);
    assert_eq!(code, Some(0));
    let counted = "(1 file); 1 file not deployed by anything (`plimsoll targets` tells which)\n";
    assert!(answer.ends_with(counted), "{answer}");
    let (code, answer, complaint) = run_in("unused-patch", &files, "", &["check", "app/job-patch.yaml"]);
    assert_eq!((code, answer.as_str()), (Some(2), ""));
    assert!(complaint.starts_with("error: nothing to check was found: nothing deploys what is here"), "{complaint}");
}

#[test]
fn paths_of_targets_lead_there_from_where_one_stands() {
    let overlay = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/repos/shop/overlays/prod");
    let output = plimsoll(&["targets"]).current_dir(overlay).output().unwrap();
    let answer = String::from_utf8(output.stdout).unwrap();
    assert!(answer.contains("\n  longer.yaml  patch\n") && answer.contains("\n  ../../base/job.yaml  "), "{answer}");
}

#[test]
fn a_version_that_is_not_known_yet_is_told() {
    let files = [("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")];
    let (code, _, remark) = run_in("future", &files, "", &["check", "--kubernetes", "1.99"]);
    assert_eq!(code, Some(0));
    assert!(remark.starts_with("Kubernetes 1.99 is not known yet"), "{remark}");
}

#[test]
fn paths_that_are_not_there_are_named() {
    for (arguments, complaint) in [
        (&["check", "nope"][..], "error: there is no file or folder `nope`\n"),
        (
            &["check", "--policies", "nope"],
            "error: folder of policies `nope` cannot be read: there is no such folder\n",
        ),
        (&["check", "--policies", "own"], "error: there is no policy in `own`; policy files end in `.yaml`\n"),
    ] {
        assert_eq!(run_in("missing", &[("own/policy.yml", "")], "", arguments).2, complaint);
    }
}

#[test]
fn a_folder_that_the_config_names_is_named_as_there() {
    let files = [("plimsoll.yaml", "policyFolders: [gone]")];
    let (code, _, complaint) = run_in("gone", &files, "", &["policies", "list"]);
    assert_eq!(code, Some(2));
    let message = "error[bad-config]: folder of policies `gone` cannot be read: there is no such folder\n";
    assert!(complaint.starts_with(message), "{complaint}");
}

#[test]
fn policies_of_the_config_are_listed_and_explained() {
    let files = [("own/team.yaml", POLICY), ("plimsoll.yaml", "policyFolders: [own]")];
    let (code, answer, complaint) = run_in("list", &files, "", &["policies", "list", "--only", "own"]);
    assert_eq!((code, complaint.as_str()), (Some(0), ""));
    assert_eq!(answer, "own\n  team  warning  a team in its label [preview]\n");
    // The folder that the config names may be named again.
    let (code, answer, complaint) = run_in("explain", &files, "", &["explain", "team", "--policies", "./own"]);
    assert_eq!((code, complaint.as_str()), (Some(0), ""));
    for line in [
        "team (own, warning, in some cases error) [preview]",
        "  >=1.29",
        "  teams (strings, [\"red\", \"blue\"] unless set): teams that are gone",
        "  policies: {team: {enabled: true}}",
    ] {
        assert!(answer.lines().any(|other| other == line), "{line}: {answer}");
    }
    let (code, _, complaint) = run_in("explain", &files, "", &["explain", "own"]);
    assert_eq!(code, Some(2));
    assert_eq!(complaint, "error: `own` is a category; try `plimsoll policies list --only own`\n");
}

#[test]
fn what_the_config_sets_is_listed() {
    let config = "policyFolders: [own]\npolicies: {team: {enabled: true, severity: note}}";
    let files = [("own/team.yaml", POLICY), ("plimsoll.yaml", config)];
    let (_, answer, _) = run_in("set", &files, "", &["policies", "list", "--only", "own"]);
    assert_eq!(answer, "own\n  team  note     a team in its label [preview, turned on]\n");
    let (_, answer, _) = run_in("set", &files, "", &["explain", "team"]);
    assert!(answer.starts_with("team (own, note) [preview, turned on]\n"), "{answer}");
}

#[test]
fn a_broken_policy_is_shown_beside_the_others() {
    let files = [("own/team.yaml", POLICY), ("own/broken.yaml", "summary: 1\n")];
    let arguments = ["policies", "list", "--only", "own", "--policies", "own"];
    let (code, answer, complaint) = run_in("broken", &files, "", &arguments);
    assert_eq!(code, Some(2));
    assert!(answer.contains("  team "), "{answer}");
    assert!(complaint.contains("\n   ╭─[own/broken.yaml:1:"), "{complaint}");
    let (code, _, complaint) = run_in("broken", &files, "", &["explain", "broken", "--policies", "own"]);
    assert_eq!(code, Some(2));
    assert!(complaint.ends_with("error: policy `broken` cannot be used; see above\n"), "{complaint}");
}

#[test]
fn policies_without_examples_fail_their_test_and_the_others_are_tested() {
    const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {team: red}}\n";
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n";
    let files = [
        ("own/a/none.yaml", POLICY),
        ("own/a/team.yaml", POLICY),
        ("own/a/team/fail.yaml", SERVICE),
        ("own/a/team/pass.yaml", POD),
    ];
    let (code, answer, complaint) = run_in("test", &files, "", &["policies", "test", "own"]);
    assert_eq!((code, complaint.as_str()), (Some(1), ""));
    assert!(answer.starts_with("none: has no examples; put pass.yaml and fail.yaml in `own/a/none`\n"), "{answer}");
    assert!(answer.contains("team: the policy was about nothing in a/team/pass.yaml\n"), "{answer}");
    assert!(!answer.contains("no problems"), "{answer}");
    assert!(answer.ends_with("1 passed, 2 failed\n"), "{answer}");
}

#[test]
fn findings_in_a_stream_are_told_of_the_files_that_its_comments_name() {
    let stream = "\
---
# Source: web/templates/job.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  activeDeadlineSeconds: 0
  template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: migrate:1}]}}
";
    let (code, answer, _) = run_in("source-comments", &[], stream, &["check", "-"]);
    assert_eq!(code, Some(1));
    let told = "at web/templates/job.yaml: rendered as `activeDeadlineSeconds: 0` in line 7 of the stream";
    assert!(answer.contains(told), "{answer}");
    let arguments = ["check", "-", "--only", "zero-job-deadline", "--format", "json"];
    let (_, answer, _) = run_in("source-comments", &[], stream, &arguments);
    assert!(answer.contains("\"file\": \"<stdin>\",\n          \"line\": 7,"), "{answer}");
}

#[test]
fn policies_that_the_config_names_lie_inside_the_repository() {
    for folder in ["..", "../..", "/etc"] {
        let config = format!("policyFolders: [\"{folder}\"]\n");
        let files =
            [("plimsoll.yaml", config.as_str()), ("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")];
        let (code, answer, _) = run_in("foreign-policies", &files, "", &["check"]);
        assert_eq!(code, Some(2), "{answer}");
        assert!(answer.contains("cannot be read"), "{answer}");
    }
}

#[test]
fn targets_tell_what_is_wrong_with_the_config() {
    let files =
        [("plimsoll.yaml", "exclud: []\n"), ("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")];
    let (code, answer, complaint) = run_in("targets-config", &files, "", &["targets"]);
    assert_eq!(code, Some(2));
    assert!(answer.contains("a.yaml") && complaint.contains("did you mean `exclude`?"), "{answer}{complaint}");
}

#[test]
fn what_cannot_be_judged_is_listed_and_so_is_a_folder_that_git_ignores() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: \"${APP}\"}}\n";
    let files = [("web.yaml", service), (".gitignore", "out/\n"), ("out/a.yaml", service)];
    let (_, _, remarks) = run_in("unknown", &files, "", &["check", "--verbose", "."]);
    assert!(remarks.contains("policy `service-without-pods` cannot judge Service web: "), "{remarks}");
    let (_, ledger, _) = run_in("unknown", &files, "", &["targets", "."]);
    assert!(ledger.contains("ignored (1 folder)\n  out/  folder by `out/` in `.gitignore`\n"), "{ledger}");
}

/// A base and what an overlay makes of it: a name with every kind of part, what follows it, and what is deleted.
const LAYERS: [(&str, &str); 3] = [
    (
        "base/kustomization.yaml",
        "\
resources: [web.yaml]
configMapGenerator:
- name: settings
  literals: [a=1]
vars:
- name: HOST
  objref: {apiVersion: v1, kind: Service, name: web}
nameSuffix: -x
",
    ),
    (
        "base/web.yaml",
        "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort}
---
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: {config.kubernetes.io/local-config: 'true'}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
  template:
    spec:
      containers:
      - name: app
        args: [--host=$(HOST)]
        envFrom: [{configMapRef: {name: settings}}]
      - name: sidecar
      volumes: [{name: tmp, emptyDir: {medium: Memory}}]
---
apiVersion: v1
kind: Service
metadata: {name: old}
",
    ),
    (
        "over/kustomization.yaml",
        "\
resources: [../base]
namePrefix: prod-
patches:
- target: {kind: Deployment}
  patch: |
    - {op: remove, path: /spec/template/spec/containers/1}
    - {op: remove, path: /spec/template/spec/volumes/0/emptyDir/medium}
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web-x}
    spec:
      strategy: {$patch: replace, type: Recreate}
- patch: |
    apiVersion: v1
    kind: Service
    metadata: {name: old-x}
    $patch: delete
",
    ),
];

fn assert_blamed(name: &str, cases: &[(&str, &str)]) {
    for (field, told) in cases {
        let (code, answer, complaint) = run_in(name, &LAYERS, "", &["blame", "over", field]);
        assert_eq!((code, answer.as_str(), complaint.as_str()), (Some(0), *told, ""), "{field}");
    }
}

#[test]
fn blame_tells_the_steps_of_a_value() {
    let cases = [
        (
            "ConfigMap/prod-settings-x-h29d89cmmt.metadata.name",
            "\
ConfigMap/prod-settings-x-h29d89cmmt.metadata.name: prod-settings-x-h29d89cmmt
  base/kustomization.yaml:3  set here: - name: settings
  base/kustomization.yaml:3  through `configMapGenerator`: - name: settings
  over/kustomization.yaml:2  `namePrefix` adds `prod-`: namePrefix: prod-
  base/kustomization.yaml:8  `nameSuffix` adds `-x`: nameSuffix: -x
  base/kustomization.yaml:3  `-h29d89cmmt` is a hash of the content: - name: settings
",
        ),
        (
            "Deployment/prod-web-x.spec.template.spec.containers.app.envFrom.0.configMapRef.name",
            "\
Deployment/prod-web-x.spec.template.spec.containers.app.envFrom.0.configMapRef.name: prod-settings-x-h29d89cmmt
  base/web.yaml:20           set here: envFrom: [{configMapRef: {name: settings}}]
  base/kustomization.yaml:3  follows the name of ConfigMap/prod-settings-x-h29d89cmmt: - name: settings
  over/kustomization.yaml:2  `namePrefix` adds `prod-`: namePrefix: prod-
  base/kustomization.yaml:8  `nameSuffix` adds `-x`: nameSuffix: -x
  base/kustomization.yaml:3  `-h29d89cmmt` is a hash of the content: - name: settings
",
        ),
        (
            "Deployment/prod-web-x.spec.template.spec.containers.app.args.0",
            "\
Deployment/prod-web-x.spec.template.spec.containers.app.args.0: --host=prod-web-x
  base/web.yaml:19           set here: args: [--host=$(HOST)]
  base/kustomization.yaml:6  through this var: - name: HOST
  base/web.yaml:3            which stands for this: metadata: {name: web}
",
        ),
    ];
    assert_blamed("blame", &cases);
}

#[test]
fn blame_tells_who_took_out_what_is_gone() {
    let cases = [
        (
            "Deployment/prod-web-x.spec.template.spec.containers.sidecar",
            "\
Deployment/prod-web-x.spec.template.spec.containers.sidecar: deleted
  over/kustomization.yaml:6  deleted here: - {op: remove, path: /spec/template/spec/containers/1}
  over/kustomization.yaml:4  by this patch: - target: {kind: Deployment}
  base/web.yaml:21           it was here: - name: sidecar
",
        ),
        (
            "Deployment/prod-web-x.spec.strategy.rollingUpdate.maxSurge",
            "\
Deployment/prod-web-x.spec.strategy.rollingUpdate.maxSurge: not in what replaced it
  over/kustomization.yaml:13  left out here: strategy: {$patch: replace, type: Recreate}
  over/kustomization.yaml:8   by this patch: - patch: |
  base/web.yaml:14            it was here: strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
",
        ),
        (
            "Service/old-x",
            "\
Service/old-x: deleted
  over/kustomization.yaml:18  deleted here: $patch: delete
  over/kustomization.yaml:14  by this patch: - patch: |
  base/web.yaml:24            it was here: apiVersion: v1
",
        ),
        (
            "Pod/prod-web-x.spec",
            "\
Pod/prod-web-x: kept out of the output
  base/web.yaml:8  kept out of the output here: metadata: {name: web, annotations: {config.kubernetes.io/local-config: 'true'}}
",
        ),
    ];
    assert_blamed("blame-gone", &cases);
    let (_, _, complaint) = run_in("blame-gone", &LAYERS, "", &["blame", "over", "Service/old"]);
    assert_eq!(complaint, "error: there is no `Service/old` here; did you mean `Service/old-x`?\n");
}

#[test]
fn origins_are_told_in_a_few_words_and_what_is_gone_on_lines_of_its_own() {
    let (_, plain, _) = run_in("origins", &LAYERS, "", &["render", "over"]);
    let (_, answer, _) = run_in("origins", &LAYERS, "", &["render", "--origins", "over"]);
    let without = answer.lines().filter(|line| !line.trim_start().starts_with('#'));
    let without: Vec<&str> = without.map(|line| line.split("  # ").next().unwrap().trim_end()).collect();
    assert_eq!(without, plain.lines().collect::<Vec<_>>());
    for told in [
        "name: prod-settings-x-h29d89cmmt  # base/kustomization.yaml:3 via configMapGenerator, namePrefix over/kustomization.yaml:2, nameSuffix base/kustomization.yaml:8, hash base/kustomization.yaml:3\n",
        "- --host=prod-web-x                   # base/web.yaml:19 via var base/kustomization.yaml:6 which stands for base/web.yaml:3\n",
        "name: prod-settings-x-h29d89cmmt  # base/web.yaml:20, follows the name of ConfigMap/prod-settings-x-h29d89cmmt\n",
        "\n    # rollingUpdate: left out by over/kustomization.yaml:13 via patch over/kustomization.yaml:8, was base/web.yaml:14\n",
        "\n      # sidecar: deleted by over/kustomization.yaml:6 via patch over/kustomization.yaml:4, was base/web.yaml:21\n",
        "\n        # medium: deleted by over/kustomization.yaml:7 via patch over/kustomization.yaml:4, was base/web.yaml:22\n",
        "\n# Service/old-x: deleted by over/kustomization.yaml:18 via patch over/kustomization.yaml:14, was base/web.yaml:24\n",
        "\n# Pod/prod-web-x: kept out of the output by base/web.yaml:8\n",
    ] {
        assert!(answer.contains(told), "{told}{answer}");
    }
}

#[test]
fn what_was_exported_from_a_cluster_is_there_and_is_no_target() {
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n  \
        - {name: a, env: [{name: DB_URL, value: 'pg://db:5432'}], envFrom: [{secretRef: {name: login}}]}\n";
    const EXPORT: &str = "apiVersion: v1\nkind: List\nitems:\n\
        - {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}}\n\
        - {apiVersion: v1, kind: Secret, metadata: {name: login, namespace: shop}, data: {}}\n";
    let config = "external: {files: [cluster.yaml]}\n";
    let files = [("web.yaml", POD), ("cluster.yaml", EXPORT), ("plimsoll.yaml", config)];
    let (_, answer, complaint) = run_in("external-files", &files, "", &["facts", "--format", "json"]);
    assert_eq!(answer.matches("\"resolved\": \"external\"").count(), 2, "{answer}{complaint}");
    let (code, _, complaint) = run_in("external-files-gone", &files[..2], "", &["facts"]);
    assert_eq!(code, Some(0), "{complaint}");
    let files = [("web.yaml", POD), ("plimsoll.yaml", config)];
    let (_, answer, complaint) = run_in("external-files-missing", &files, "", &["check"]);
    assert!((answer + &complaint).contains("file of external objects `cluster.yaml` cannot be read"));
}

/// What a pod calls is missing although another target can't be built, unless it may be a part of that.
#[test]
fn what_was_not_built_hides_only_what_may_be_in_it() {
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers:\n  \
        - {name: a, args: ['--web-url=http://web:80', '--old-url=http://pre-db:80', '--gone-url=http://gone:80']}\n";
    const SERVICES: &str = "{apiVersion: v1, kind: Service, metadata: {name: web}}\n---\n\
        {apiVersion: v1, kind: Service, metadata: {name: db}}\n";
    let resolved = |name: &str, kustomization: &str| {
        let files = [
            ("app/kustomization.yaml", "resources: [pod.yaml]\n"),
            ("app/pod.yaml", POD),
            ("broken/kustomization.yaml", kustomization),
            ("broken/services.yaml", SERVICES),
            ("circle/kustomization.yaml", "resources: [../circle]\n"),
        ];
        let (_, answer, _) = run_in(name, &files, "", &["facts", "--format", "json"]);
        let lines = answer.lines().filter_map(|line| line.trim().strip_prefix("\"resolved\": "));
        lines.map(|state| state.trim_matches(['"', ',']).to_owned()).collect::<Vec<_>>()
    };
    let known = "resources: [services.yaml]\npatches: [{path: gone.yaml}]\n";
    assert_eq!(resolved("unbuilt-known", known), ["unknown", "missing", "missing"]);
    let renamed = format!("namePrefix: pre-\n{known}");
    assert_eq!(resolved("unbuilt-renamed", &renamed), ["unknown", "unknown", "missing"]);
    let circle = "resources: [services.yaml, ../circle]\n";
    assert_eq!(resolved("unbuilt-circle", circle), ["unknown", "missing", "missing"]);
    let remote = "resources: [services.yaml, 'https://example.com/all.yaml']\n";
    assert_eq!(resolved("unbuilt-remote", remote), ["unknown"; 3]);
}
