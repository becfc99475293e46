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
    let script = serde_json::to_string(script).unwrap();
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  initContainers:\n  - name: i\n    image: \
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
