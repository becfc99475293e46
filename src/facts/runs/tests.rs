//! Containers and what they run, as examples.

use std::sync::Arc;

use crate::config::Config;
use crate::discover::Target;
use crate::discover::TargetKind;
use crate::facts::Elsewhere;
use crate::facts::Scope;
use crate::facts::of_text;
use crate::facts::resources_of;
use crate::facts::runs::Found;
use crate::facts::runs::Run;
use crate::facts::runs::Symbol;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::runs::What;
use crate::facts::runs::of;
use crate::facts::surroundings::Surroundings;
use crate::model::Pod;
use crate::render::Bases;
use crate::render::Options;
use crate::render::render;
use crate::source::Scratch;
use crate::source::Sources;
use crate::yaml::Files;
use crate::yaml::Node;

/// Objects that pods of the examples use.
const OBJECTS: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: data-tier, namespace: shop}
spec: {selector: {app: data}, ports: [{name: redis, port: 6379}, {name: dns, port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: shop}
spec: {clusterIP: None, selector: {app: data}, ports: [{port: 1}]}
---
apiVersion: v1
kind: Service
metadata: {name: far, namespace: other}
spec: {selector: {app: data}, ports: [{port: 1}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {HOST: db, PORT: "5432", NESTED: $(HOST)}
---
apiVersion: v1
kind: Secret
metadata: {name: secrets, namespace: shop}
data: {PASSWORD: aGVsbG8=, BOTH: aGVsbG8=, SEALED: "ENC[AES256_GCM,data:x,type:str]"}
stringData: {BOTH: plain}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts, namespace: shop}
data:
  wait.sh: |
    #!/bin/bash -e
    nc -z db 1
  lib.sh: |
    wait_for() { :; }
  tool.py: |
    #!/usr/bin/env python3
  env.sh: |
    #!/usr/bin/env sh
---
"#;

/// Reads the objects above and a pod of one container whose fields are given, and asks.
fn with_run(container: &str, rest_of_spec: &str, ask: impl FnOnce(&Run<'_>, &Sources)) {
    let indented = |text: &str, by: &str| {
        let lines = text.trim().lines().map(|line| [by, line, "\n"].concat());
        lines.collect::<String>()
    };
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop, labels: {{app: web}}}}\nspec:\n  \
         containers:\n  - name: c\n{}{}",
        indented(container, "    "),
        indented(rest_of_spec, "  ")
    );
    let sources = Arc::new(Sources::in_memory());
    let resources = resources_of(&sources, &format!("{OBJECTS}{pod}"));
    let (elsewhere, config) = (Elsewhere::default(), Config::default());
    let around = Surroundings::of(Scope { target: "", resources: &resources, elsewhere: &elsewhere, config: &config });
    let resource = resources.last().unwrap();
    let runs = of(&around, resource, Pod::of(resource).unwrap(), true);
    ask(&runs[0], &sources);
}

/// A symbol as the tests below write it.
fn name(symbol: &Symbol) -> String {
    match symbol {
        Symbol::Variable(name) => format!("<${name}>"),
        Symbol::Field(path) => format!("<{path}>"),
        Symbol::Key(key) => format!("<{} {} {}>", key.kind, key.name, key.key),
        Symbol::Address(service) => format!("<ip of {}>", service.name),
        Symbol::Filled(text) => format!("<{text}>"),
        Symbol::Written(_) => "<written>".to_owned(),
        Symbol::Letter(char) => format!("<{char}>"),
        Symbol::Made(number) => format!("<{number}>"),
    }
}

fn shown(value: &Value) -> String {
    value.shown(name)
}

/// The value of a variable, `-` for one that nobody here sets.
fn variable(run: &Run<'_>, variable: &str) -> String {
    run.environment.get(variable).map_or("-".to_owned(), |value| shown(&value))
}

/// The words of a container's argv.
fn argv(run: &Run<'_>) -> Vec<String> {
    run.argv.iter().flatten().map(|word| shown(&word.value())).collect()
}

/// What is run, in a line.
fn said(run: &Run<'_>, what: &What<'_>) -> String {
    match what {
        What::Script(script) => {
            let words: Vec<_> = script.zero.iter().chain(&script.arguments).map(|word| shown(&word.value())).collect();
            let flag = if script.flags.errexit { " -e" } else { "" };
            let text = shown(&script.text.value()).replace('\n', ";");
            format!("{}{flag}: {text} ({})", script.shell.name(), words.join(" "))
        }
        What::Program(invocation) => format!("program {}", argv(run)[invocation.program]),
        What::Unknown => "unknown".to_owned(),
    }
}

fn runs(container: &str, rest_of_spec: &str) -> String {
    let mut line = String::new();
    with_run(container, rest_of_spec, |run, _| line = said(run, &run.what));
    line
}

#[test]
fn variables_have_the_values_that_the_kubelet_gives_them() {
    let container = r#"
image: app
envFrom:
- configMapRef: {name: settings}
- prefix: S_
  secretRef: {name: secrets}
env:
- {name: URL, value: "http://$(HOST):$(PORT)/"}
- {name: LATE, value: "$(SOON)"}
- {name: SOON, value: a}
- {name: HOST, value: "$(HOST)-2"}
- {name: DOLLARS, value: "$$(HOST) $$"}
- {name: KEY, valueFrom: {configMapKeyRef: {name: settings, key: PORT}}}
- {name: SECRET, valueFrom: {secretKeyRef: {name: secrets, key: PASSWORD}}}
- {name: ELSEWHERE, valueFrom: {secretKeyRef: {name: other, key: token}}}
- {name: AGAIN, valueFrom: {secretKeyRef: {name: other, key: token}}}
- {name: OPTIONAL, valueFrom: {configMapKeyRef: {name: settings, key: NOPE, optional: true}}}
- {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
- {name: SPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
- {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
- {name: USES, value: "$(IP):$(KEY) $(DATA_TIER_SERVICE_HOST) $(FAR_SERVICE_HOST) $(NOBODY)"}
- {name: FLUX, value: "http://$(HOST).${SPACE:-shop}.svc:$(PORT)"}
- {name: TEMPLATE, value: "{{ .Values.host }}:80"}
- {name: EMPTY}
"#;
    let expected = [
        ("PORT", "5432"),
        ("NESTED", "$(HOST)"),
        ("S_PASSWORD", "hello"),
        ("S_BOTH", "plain"),
        ("S_SEALED", "<Secret secrets SEALED>"),
        ("URL", "http://db:5432/"),
        ("LATE", "$(SOON)"),
        ("SOON", "a"),
        ("HOST", "db-2"),
        ("DOLLARS", "$(HOST) $"),
        ("KEY", "5432"),
        ("SECRET", "hello"),
        ("ELSEWHERE", "<Secret other token>"),
        ("OPTIONAL", "-"),
        ("IP", "<status.podIP>"),
        ("SPACE", "shop"),
        ("LABEL", "web"),
        ("CPU", "<limits.cpu>"),
        ("USES", "<status.podIP>:5432 <ip of data-tier> <$FAR_SERVICE_HOST> $(NOBODY)"),
        ("FLUX", "http://db-2.<${SPACE:-shop}>.svc:5432"),
        ("TEMPLATE", "<written>"),
        ("EMPTY", ""),
        ("PATH", "-"),
    ];
    with_run(container, "", |run, _| {
        for (name, value) in expected {
            assert_eq!(variable(run, name), value, "{name}");
        }
        assert_eq!(run.environment.get("ELSEWHERE"), run.environment.get("AGAIN"));
        assert!(!run.environment.may_set("NOBODY"));
    });
}

#[test]
fn services_make_variables_only_where_the_kubelet_does() {
    let expected = [
        ("DATA_TIER_SERVICE_HOST", "<ip of data-tier>"),
        ("DATA_TIER_SERVICE_PORT", "6379"),
        ("DATA_TIER_SERVICE_PORT_DNS", "53"),
        ("DATA_TIER_PORT", "tcp://<ip of data-tier>:6379"),
        ("DATA_TIER_PORT_53_UDP", "udp://<ip of data-tier>:53"),
        ("DATA_TIER_PORT_53_UDP_ADDR", "<ip of data-tier>"),
        ("DATA_TIER_PORT_53_UDP_PROTO", "udp"),
        ("DATA_TIER_PORT_53_UDP_PORT", "53"),
        ("DATA_TIER_PORT_53_TCP", "-"),
        ("DATA_TIER_SERVICE_PORT_HTTP", "-"),
        ("HEADLESS_SERVICE_HOST", "-"),
        ("FAR_SERVICE_HOST", "-"),
        ("KUBERNETES_SERVICE_HOST", "<ip of kubernetes>"),
    ];
    with_run("image: app", "", |run, _| {
        for (name, value) in expected {
            assert_eq!(variable(run, name), value, "{name}");
        }
        // One of another target may be in this namespace.
        assert!(run.environment.may_set("FAR_SERVICE_HOST"));
    });
    with_run("image: app", "enableServiceLinks: false", |run, _| {
        assert_eq!(variable(run, "DATA_TIER_SERVICE_HOST"), "-");
        assert_eq!(variable(run, "KUBERNETES_SERVICE_PORT"), "443");
        assert!(!run.environment.may_set("FAR_SERVICE_HOST"));
    });
}

#[test]
fn a_config_map_of_somebody_else_may_set_anything() {
    with_run("image: app\nenvFrom: [{configMapRef: {name: theirs}}]\nargs: [\"$(HOST) $(date)\"]", "", |run, _| {
        assert!(run.environment.may_set("HOST"));
    });
    let script = "envFrom: [{configMapRef: {name: theirs}}]\ncommand: [sh, -c, \"nc $(HOST) 1; echo $(date)\"]";
    assert_eq!(runs(&format!("image: alpine\n{script}"), ""), "ash: nc <$HOST> 1; echo $(date) ()");
}

#[test]
fn what_is_run_follows_from_words_and_image() {
    let expected = [
        ("image: debian\ncommand: [sh, -c]\nargs: [\"a $0\", x, y]", "dash: a $0 (x y)"),
        ("image: busybox:1.28\ncommand: [sh, -ec, a]", "ash -e: a ()"),
        ("image: app\ncommand: [sh, -c, a]", "unknown: a ()"),
        ("image: app\ncommand: [/bin/bash, -c, --]\nargs: [a]", "bash: a ()"),
        ("image: app\ncommand: [timeout, '600', dash, -c, a]", "dash: a ()"),
        ("image: app\nargs: [busybox, sh, -c, a]", "ash: a ()"),
        ("image: app\nargs: [--service, db]", "unknown"),
        ("image: app", "unknown"),
        ("image: redis:7", "program docker-entrypoint.sh"),
        ("image: postgres\nargs: [-c, fsync=off]", "program docker-entrypoint.sh"),
        ("image: python:3\nargs: [main.py]", "program main.py"),
        ("image: app\ncommand: [su, app, -c, a]", "unknown: a ()"),
        ("image: alpine\ncommand: [sh, /image/script.sh]", "unknown"),
        ("image: alpine\ncommand: [sh]", "unknown"),
        ("image: groundnuty/k8s-wait-for:v2.0\nargs: [job, migrate]", "program wait_for.sh"),
    ];
    for (container, said) in expected {
        assert_eq!(runs(container, ""), said, "{container}");
    }
    with_run("image: redis:7", "", |run, _| assert_eq!(argv(run), ["docker-entrypoint.sh", "redis-server"]));
    with_run("image: redis:7\nargs: [sentinel]", "", |run, _| {
        assert_eq!(argv(run), ["docker-entrypoint.sh", "sentinel"]);
    });
}

#[test]
fn words_are_expanded_and_every_byte_knows_where_it_was_written() {
    let container = r"
image: alpine
env:
- {name: A, value: long value}
- {name: IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
command:
- sh
- -c
- |
  echo $$ $(A) $(B)
  nc '$(IP)' 1
";
    with_run(container, "", |run, sources| {
        let What::Script(script) = &run.what else { panic!("a script") };
        let text = script.text.as_str();
        assert_eq!(shown(&script.text.value()), "echo $ long value $(B)\nnc '<status.hostIP>' 1\n");
        assert_eq!(script.text.literal(), None);
        let written = |text: &Text<'_>, needle: &str| {
            let start = text.as_str().find(needle).unwrap();
            let span = text.span(start..start + needle.len()).unwrap();
            sources.get(span.source).text()[span.start as usize..span.end as usize].to_owned()
        };
        assert_eq!(written(&script.text, "echo $"), "echo $");
        assert_eq!(written(&script.text, "long"), "$(A)");
        assert_eq!(written(&script.text, "value $(B)"), "$(A) $(B)");
        assert_eq!(written(&script.text, "(B)"), "(B)");
        assert_eq!(written(&script.text, "nc"), "nc");
        assert_eq!(written(&script.text, "' 1"), "' 1");
        let start = text.find("nc '").unwrap() + 4;
        let host = text[start..].chars().next().unwrap();
        let range = start..start + host.len_utf8();
        assert_eq!(shown(&script.text.value_of(&text[range.clone()], range.clone())), "<status.hostIP>");
        let span = script.text.span(range).unwrap();
        assert_eq!(&sources.get(span.source).text()[span.start as usize..span.end as usize], "$(IP)");
    });
}

#[test]
fn letters_that_stand_for_symbols_elsewhere_stand_for_themselves() {
    let container = "image: alpine\nenv: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]\n\
                     command: [sh, -c, \"\u{100000} $(A) \u{100001}\"]";
    assert_eq!(runs(container, ""), "ash: <\u{100000}> <status.podIP> <\u{100001}> ()");
}

/// Mounts of the scripts above.
const VOLUMES: &str = r"
volumes:
- name: all
  configMap: {name: scripts, defaultMode: 0755}
- name: some
  configMap: {name: scripts, items: [{key: wait.sh, path: bin/go, mode: 0500}, {key: nope, path: gone}]}
- name: both
  projected: {sources: [{configMap: {name: scripts}}, {secret: {name: secrets}}, {downwardAPI: {items: []}}]}
- name: theirs
  configMap: {name: theirs}
- name: data
  emptyDir: {}
";

const MOUNTS: &str = r"
image: alpine
workingDir: /all
volumeMounts:
- {name: all, mountPath: /all}
- {name: all, mountPath: /etc/one.sh, subPath: lib.sh}
- {name: some, mountPath: /some/}
- {name: both, mountPath: /both}
- {name: theirs, mountPath: /theirs}
- {name: data, mountPath: /all/data}
";

#[test]
fn files_of_config_maps_and_secrets_are_found_by_their_paths() {
    let expected = [
        ("/all/wait.sh", "#!/bin/bash -e;nc -z db 1;"),
        ("/all/./lib.sh", "wait_for() { :; };"),
        ("/all/none.sh", "missing"),
        ("/all", "folder"),
        ("/all/data/wait.sh", "elsewhere"),
        ("/etc/one.sh", "wait_for() { :; };"),
        ("/some/bin/go", "#!/bin/bash -e;nc -z db 1;"),
        ("/some/bin", "folder"),
        ("/some/wait.sh", "missing"),
        ("/some/gone", "missing"),
        ("/both/PASSWORD", "hello"),
        ("/both/SEALED", "<Secret secrets SEALED>"),
        ("/both/lib.sh", "wait_for() { :; };"),
        ("/both/token", "unknown"),
        ("/theirs/x", "unknown"),
        ("/etc/passwd", "elsewhere"),
    ];
    with_run(MOUNTS, VOLUMES, |run, _| {
        for (path, said) in expected {
            let found = match run.mounted.at(path) {
                Found::File(text) => shown(&text.value()).replace('\n', ";"),
                Found::Folder => "folder".to_owned(),
                Found::Missing => "missing".to_owned(),
                Found::Unknown => "unknown".to_owned(),
                Found::Elsewhere => "elsewhere".to_owned(),
            };
            assert_eq!(found, said, "{path}");
        }
        let namespace = run.mounted.content("/var/run/secrets/kubernetes.io/serviceaccount/namespace");
        assert_eq!(namespace.map(|value| shown(&value)).as_deref(), Some("shop"));
    });
    with_run(MOUNTS, &format!("automountServiceAccountToken: false\n{}", VOLUMES.trim()), |run, _| {
        assert_eq!(run.mounted.content("/var/run/secrets/kubernetes.io/serviceaccount/namespace"), None);
    });
}

#[test]
fn mounted_scripts_are_what_is_run() {
    let expected = [
        ("[/all/wait.sh, one]", "bash -e: #!/bin/bash -e;nc -z db 1; (/all/wait.sh one)"),
        ("[./wait.sh]", "bash -e: #!/bin/bash -e;nc -z db 1; (./wait.sh)"),
        ("[sh, /all/wait.sh, one]", "ash: #!/bin/bash -e;nc -z db 1; (/all/wait.sh one)"),
        ("[sh, -e, wait.sh]", "ash -e: #!/bin/bash -e;nc -z db 1; (wait.sh)"),
        ("[timeout, '5', /etc/one.sh]", "unknown"),
        ("[/both/env.sh]", "ash: #!/usr/bin/env sh; (/both/env.sh)"),
        ("[/all/tool.py]", "program /all/tool.py"),
        ("[/all/none.sh]", "unknown"),
        ("[/theirs/x.sh]", "unknown"),
        ("[/usr/bin/nc]", "program /usr/bin/nc"),
    ];
    for (command, said) in expected {
        assert_eq!(runs(&format!("{}\ncommand: {command}", MOUNTS.trim()), VOLUMES), said, "{command}");
    }
}

#[test]
fn values_that_grow_without_end_become_symbols() {
    let doubled = |level| format!("- {{name: V{level}, value: \"$(V{0})$(V{0})\"}}\n", level - 1);
    let lines = (1..40).map(doubled).collect::<String>();
    let first = "- {name: V0, value: '0123456789'}";
    let container = format!("image: alpine\nenv:\n{first}\n{lines}command: [sh, -c, \"$(V39)\"]");
    with_run(&container, "", |run, _| {
        assert_eq!(variable(run, "V3").len(), 80);
        let length: usize = run.environment.variables().map(|(_, variable)| variable.text.as_str().len()).sum();
        assert!(length < 8 * 1024 * 1024, "{length}");
        let What::Script(script) = &run.what else { panic!("a script") };
        assert!(script.text.as_str().len() < 8 * 1024 * 1024);
    });
}

#[test]
fn facts_say_what_each_container_runs() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  initContainers:\n  - {name: i, image: \
               busybox, command: [sh, -c, a, $(IP)], env: [{name: IP, valueFrom: {fieldRef: {fieldPath: \
               status.podIP}}}]}\n  - {name: s, image: app, restartPolicy: Always}\n  containers:\n  - {name: c, image: \
               python, args: [main.py]}\n";
    let facts = of_text(&Arc::new(Sources::in_memory()), pod);
    let lines = facts.of(0).get("runs").unwrap().items().map(|run| {
        let text = |node: Node<'_>| if node.is_unknown() { "?" } else { node.text() }.to_owned();
        let fields = ["container", "role", "shell"].map(|field| text(run.get(field).unwrap()));
        let argv: Vec<_> = run.get("argv").unwrap().items().map(text).collect();
        format!("{} {}", fields.join(" "), argv.join(","))
    });
    let lines: Vec<String> = lines.collect();
    assert_eq!(lines, ["i init ash sh,-c,a,?", "s sidecar ? ", "c app none main.py"]);
}

#[test]
fn a_script_from_a_file_of_a_generator_stands_in_that_file() {
    let folder = Scratch::temporary().unwrap();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: \
               alpine\n    command: [sh, /s/wait.sh]\n    volumeMounts: [{name: v, mountPath: /s}]\n  volumes:\n  - \
               name: v\n    configMap: {name: scripts}\n";
    let kustomization = "resources: [pod.yaml]\nconfigMapGenerator: [{name: scripts, files: [wait.sh]}]\n";
    let files = [("pod.yaml", pod), ("kustomization.yaml", kustomization), ("wait.sh", "#!/bin/sh\nnc -z db 1\n")];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let sources = Arc::new(Sources::below(folder.path()).unwrap());
    let target = Target { name: String::new(), kind: TargetKind::Kustomization("kustomization.yaml".to_owned()) };
    let rendered = render(&target, &Files::new(Arc::clone(&sources)), &Options::default(), &Bases::default());
    assert!(rendered.diagnostics.is_empty(), "{:?}", rendered.diagnostics);
    let (elsewhere, config) = (Elsewhere::default(), Config::default());
    let around =
        Surroundings::of(Scope { target: "", resources: &rendered.resources, elsewhere: &elsewhere, config: &config });
    let (resource, pod) = rendered.resources.iter().find_map(|own| Some((own, Pod::of(own)?))).unwrap();
    let runs = of(&around, resource, pod, true);
    let What::Script(script) = &runs[0].what else { panic!("a script") };
    let start = script.text.as_str().find("db").unwrap();
    let place = sources.location(script.text.span(start..start + 2).unwrap());
    assert_eq!(format!("{}:{}:{}", place.file, place.line, place.column), "wait.sh:2:7");
}

#[test]
fn what_no_server_would_take_is_no_reason_to_stop() {
    let container = r#"
image: {a: b}
workingDir: [x]
envFrom: [x, {configMapRef: settings}, {secretRef: {name: [secrets]}}]
env: [x, {name: {a: b}, value: c}, {name: A, value: {b: "$(C)"}}, {name: B, valueFrom: {secretKeyRef: x}}, {name: N, value: null}]
command: [sh, {a: "$(b)"}, null, [c]]
volumeMounts: [x, {mountPath: {a: b}}, {name: [all], mountPath: ../x}, {name: all, mountPath: "", subPath: ../../y}]
livenessProbe: {exec: {command: {a: b}}}
lifecycle: {preStop: [x]}
"#;
    with_run(container, VOLUMES, |run, sources| {
        assert_eq!(said(run, &run.what), "unknown");
        assert_eq!(argv(run), ["sh", "", "", ""]);
        for word in run.argv.iter().flatten() {
            assert!(sources.location(word.span(0..5).unwrap()).line > 1);
        }
        assert_eq!(variable(run, "N"), "");
        assert!(matches!(run.mounted.at("/none/../x"), Found::Elsewhere));
    });
}
