//! What is said of scripts.

use std::path::Path;
use std::sync::Arc;

use plimsoll::config::Config;
use plimsoll::discover::Target;
use plimsoll::discover::TargetKind;
use plimsoll::facts::Elsewhere;
use plimsoll::facts::Facts;
use plimsoll::facts::Scope;
use plimsoll::facts::infer;
use plimsoll::render::Bases;
use plimsoll::render::Options;
use plimsoll::render::Rendered;
use plimsoll::render::render;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;
use plimsoll::yaml::Node;

use crate::happened::Shell;

/// What is said of a script's second and third run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    Same,
    Drifts,
    Fails,
    Unknown,
}

/// What is said of each script, in order.
pub(crate) fn of(scripts: &[String], shell: Shell) -> Vec<Told> {
    let sources = Arc::new(Sources::below(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());
    scripts.chunks(50).flat_map(|scripts| of_some(&sources, scripts, shell)).collect()
}

fn of_some(sources: &Arc<Sources>, scripts: &[String], shell: Shell) -> Vec<Told> {
    let mut text = String::new();
    for (number, script) in scripts.iter().enumerate() {
        let script = serde_json::to_string(&script.replace("$V", "/data")).unwrap();
        let image = shell.image();
        text.push_str(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec:\n  initContainers:\n  - name: i\n    image: \
             {image}\n    command: [sh, -c, {script}]\n    volumeMounts: [{{name: v, mountPath: /data}}]\n  \
             volumes: [{{name: v, persistentVolumeClaim: {{claimName: c}}}}]\n---\n"
        ));
    }
    let (rendered, facts) = facts(sources, &format!("made/{}.yaml", text.len()), &text);
    assert_eq!(rendered.resources.len(), scripts.len(), "{:?}", rendered.diagnostics);
    (0..scripts.len()).map(|number| of_facts(facts.of(number))).collect()
}

/// The resources in a text, and the facts about them.
pub(crate) fn facts(sources: &Arc<Sources>, name: &str, text: &str) -> (Rendered, Facts) {
    let source = sources.add(name, text);
    let files = Files::new(Arc::clone(sources));
    let target = Target { name: String::new(), kind: TargetKind::Stream(source) };
    let rendered = render(&target, &files, &Options::default(), &Bases::default());
    let (elsewhere, config) = (Elsewhere::default(), Config::default());
    let scope = Scope { target: "", resources: &rendered.resources, elsewhere: &elsewhere, config: &config };
    let facts = infer(scope, sources);
    (rendered, facts)
}

fn of_facts(facts: Node<'_>) -> Told {
    let text = |node: Node<'_>, field: &str| {
        node.get(field).filter(|node| !node.is_unknown()).map(|node| node.text().to_owned())
    };
    let rerun = facts.get("reruns").unwrap().items().next().unwrap();
    match text(rerun, "idempotent").as_deref() {
        Some("yes") => Told::Same,
        Some("no") => {
            let mut writes = facts.get("writes").into_iter().flat_map(Node::items);
            let fails = writes.any(|write| text(write, "secondRun").as_deref() == Some("fails"));
            if fails { Told::Fails } else { Told::Drifts }
        }
        _ => Told::Unknown,
    }
}
