//! Recorded runs, and what is said of them.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use crate::facts::of_text;
use crate::source::Sources;
use crate::yaml::Files;
use crate::yaml::Node;

fn sources() -> Arc<Sources> {
    Arc::new(Sources::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/facts")).unwrap())
}

/// What is said of a script on a claim at `/data`: of the container, and of each write.
fn said(sources: &Arc<Sources>, script: &str, image: &str) -> (String, Vec<[String; 4]>) {
    said_as(sources, script, image, "")
}

/// The same for a user, as `securityContext` says it.
fn said_as(sources: &Arc<Sources>, script: &str, image: &str, context: &str) -> (String, Vec<[String; 4]>) {
    let script = serde_json::to_string(script).unwrap();
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  securityContext: {{{context}}}\n  initContainers:\n  - name: i\n    image: \
         {image}\n    command: [sh, -c, {script}]\n    volumeMounts: [{{name: v, mountPath: /data}}]\n  \
         volumes: [{{name: v, persistentVolumeClaim: {{claimName: c}}}}]\n"
    );
    let facts = of_text(sources, &pod);
    let facts = facts.of(0);
    let rerun = facts.get("reruns").unwrap().items().next().unwrap();
    let text = |node: Node<'_>, field: &str| node.get(field).map_or(String::new(), |node| node.text().to_owned());
    let writes = facts.get("writes").into_iter().flat_map(Node::items);
    let writes =
        writes.map(|write| ["operation", "path", "secondRun", "afterInterrupt"].map(|field| text(write, field)));
    (text(rerun, "idempotent"), writes.collect())
}

/// The worst that is said of a second run.
fn worst(writes: &[[String; 4]]) -> &str {
    let order = ["same", "unknown", "drifts", "corrupts", "fails"];
    let place = |write: &[String; 4]| order.iter().position(|name| *name == write[2]).unwrap_or(1);
    order[writes.iter().map(place).max().unwrap_or(0)]
}

#[test]
fn what_is_said_of_a_script_is_what_happened() {
    let sources = sources();
    let recorded = Files::new(Arc::clone(&sources)).parsed("writes.yaml").unwrap();
    let mut wrong = String::new();
    for run in recorded.tree.node(recorded.documents[0].root).items() {
        let field = |name| run.get(name).map_or("", Node::text);
        let (script, image) = (field("script"), field("image"));
        let (idempotent, writes) = said(&sources, script, image);
        let happened = if field("second") == "fails" || field("third") == "fails" { "fails" } else { field("second") };
        let told = if worst(&writes) == "same" { idempotent.as_str() } else { worst(&writes) };
        let fits = match field("said") {
            "" => match happened {
                "same" => told == "yes",
                "changes" => told == "drifts" || told == "corrupts",
                _ => told == "fails",
            },
            expected => told == expected,
        };
        if !fits {
            let _ = writeln!(wrong, "{image}: {script}\n    {happened} but {told} {writes:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Whether a script can run again that has a ConfigMap mounted, whole and one file of it.
fn can_run_again(script: &str) -> String {
    let script = serde_json::to_string(script).unwrap();
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  initContainers:\n  - name: i\n    image: debian\n    \
         command: [sh, -c, {script}]\n    volumeMounts:\n    - {{name: v, mountPath: /data}}\n    - {{name: c, mountPath: \
         /scripts}}\n    - {{name: c, mountPath: /etc/app.conf, subPath: app.conf}}\n  volumes:\n  - {{name: v, \
         persistentVolumeClaim: {{claimName: c}}}}\n  - {{name: c, configMap: {{name: c, defaultMode: 0o755}}}}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  app.conf: a\n  make.sh: |\n    #!/bin/sh\n    \
         mkdir /data/$1\n"
    );
    let facts = of_text(&sources(), &manifest);
    let rerun = facts.of(0).get("reruns").unwrap().items().next().unwrap();
    rerun.get("idempotent").map_or(String::new(), |node| node.text().to_owned())
}

#[test]
fn a_mounted_script_is_followed_when_it_is_called() {
    assert_eq!(can_run_again("/scripts/make.sh logs"), "no");
    assert_eq!(can_run_again("cp /scripts/make.sh /data/; /data/make.sh logs"), "no");
    assert_eq!(can_run_again("/scripts/make.sh logs || true"), "yes");
}

#[test]
fn a_file_that_is_mounted_by_itself_is_no_folder() {
    assert_eq!(can_run_again("set -e; cp /etc/app.conf /data/app.conf"), "yes");
    assert_eq!(can_run_again("set -e; cp -r /etc/app.conf /data/app.conf"), "yes");
}

#[test]
fn what_may_have_been_written_to_a_relative_path_is_not_missing() {
    let script = "cp conf/* out; sed \"s/a/$(date)/\" /data/out/a.conf > /data/a.conf";
    let (_, writes) = said(&sources(), script, "example.org/somebody/image");
    assert_eq!(worst(&writes), "unknown");
}

#[test]
fn who_is_not_root_cannot_write_over_what_is_read_only() {
    let sources = sources();
    let told = |script: &str, context: &str| said_as(&sources, script, "busybox:1.36", context).0;
    for script in [
        "cp /secrets/* /data && chmod 0400 /data/*",
        "cp /secrets/key /data/key && chmod 400 /data/key",
        "echo key > /data/key && chmod a-w /data/key",
        "cp /secrets/* /data && chmod -R u=r,go= /data",
    ] {
        assert_eq!(told(script, "runAsUser: 1000"), "no", "{script}");
        assert_eq!(told(script, "runAsNonRoot: true"), "no", "{script}");
        assert_eq!(told(script, "runAsUser: 0"), "yes", "{script}");
        assert_eq!(told(script, ""), "yes", "{script}");
    }
    for script in [
        "cp -f /secrets/* /data && chmod 0400 /data/*",
        "rm -f /data/key; cp /secrets/key /data/key; chmod 400 /data/key",
        "chmod u+w /data/key || true; cp /secrets/key /data/key; chmod 600 /data/key",
        "cp /secrets/* /data && chmod 0600 /data/*",
        "echo key > /data/.key; chmod 400 /data/.key; mv -f /data/.key /data/key",
    ] {
        assert_eq!(told(script, "runAsUser: 1000"), "yes", "{script}");
    }
}

#[test]
fn a_key_that_is_made_anew_replaces_the_old_one() {
    let sources = sources();
    let told = |script: &str| said(&sources, script, "ethereum/client-go:alltools-v1.7.3").0;
    assert_eq!(told("bootnode --genkey=/data/node.key"), "no");
    assert_eq!(told("[ -f /data/node.key ] || bootnode -genkey /data/node.key"), "yes");
    assert_eq!(told("bootnode -nodekey /data/node.key -writeaddress"), "yes");
}

#[test]
fn what_is_fetched_is_added_again_though_a_loop_asks_whether_it_is_there() {
    let sources = sources();
    let script = "n=0; while [ $n -le 90 ]; do curl -s http://x | xargs echo -n >> /data/f; if [ -s /data/f ]; then \
                  exit 0; fi; sleep 2; n=$((n+1)); done";
    assert_eq!(said(&sources, script, "alpine:3.20").0, "no");
}

#[test]
fn settings_that_are_put_into_a_file_again_are_the_same_and_lines_that_are_added_are_not() {
    let sources = sources();
    let told = |script: &str| said(&sources, script, "debian:12").0;
    let tune = "timescaledb-tune -quiet -conf-path /data/c.conf -cpus 2 -yes";
    assert_eq!(told(&format!("touch /data/c.conf; {tune}")), "yes");
    assert_eq!(
        told(&format!("touch /data/c.conf; n=$(numfmt --from=auto 1G); echo x=$n >> /data/c.conf; {tune}")),
        "no"
    );
}
