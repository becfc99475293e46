//! How often facts about real containers are right.
//!
//! The labels are in the repository, the containers are not: each is told by a hash, and looked for in the folder
//! that `PLIMSOLL_LABELLED` names, as a Pod in `<hash>.yaml`. Without it there is nothing to compare.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "this is a test")]

use std::path::Path;
use std::sync::Arc;

use plimsoll::config::Config;
use plimsoll::discover::Target;
use plimsoll::discover::TargetKind;
use plimsoll::facts::Elsewhere;
use plimsoll::facts::Scope;
use plimsoll::facts::infer;
use plimsoll::render::Bases;
use plimsoll::render::Options;
use plimsoll::render::render;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;
use plimsoll::yaml::Node;
use plimsoll::yaml::Reader;
use plimsoll::yaml::parse;

/// The share of right answers below which this fails.
const BAR: f64 = 0.95;

#[test]
fn waits_of_real_containers_are_told_as_by_hand() {
    let Ok(folder) = std::env::var("PLIMSOLL_LABELLED") else {
        println!("skipped: PLIMSOLL_LABELLED names no folder of labelled containers");
        return;
    };
    let sources = Arc::new(Sources::below(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());
    let parsed = parse(&sources, sources.read("testdata/labels/waits.yaml").unwrap(), Reader::Kubectl);
    let labels = parsed.tree.node(parsed.documents[0].root).get("containers").unwrap();
    let texts = Arc::new(Sources::below(Path::new(&folder)).unwrap());
    let (mut all, mut right) = ([0_u32; 3], [0_u32; 3]);
    for label in labels.items() {
        let text = |field| label.get(field).map_or("", |node: Node<'_>| node.text());
        let Ok(source) = texts.read(&format!("{}.yaml", text("id"))) else {
            println!("{} is missing", text("id"));
            continue;
        };
        let expected = [text("waits"), text("bounded"), text("effective")];
        let found = told(&texts, source);
        for (index, (expected, found)) in expected.into_iter().zip(&found).enumerate() {
            // Whether it ends and works is asked of those that wait.
            if index > 0 && expected.is_empty() {
                continue;
            }
            all[index] += 1;
            right[index] += u32::from(expected == found);
        }
        if expected.iter().zip(&found).any(|(expected, found)| expected != found)
            && !(expected[0] == "no" && found[0] == "no")
        {
            println!("{} {}: {expected:?}, found {found:?}", text("id"), text("container"));
        }
    }
    for (name, (all, right)) in ["waits", "bounded", "effective"].iter().zip(all.into_iter().zip(right)) {
        println!("{name}: {right} of {all}");
        assert!(f64::from(right) >= BAR * f64::from(all), "{name}: {right} of {all}");
    }
}

/// Whether the container waits, whether all that ends, and whether all of it works.
fn told(sources: &Arc<Sources>, source: plimsoll::source::SourceId) -> [String; 3] {
    let files = Files::new(Arc::clone(sources));
    let target = Target { name: String::new(), kind: TargetKind::Stream(source) };
    let resources = render(&target, &files, &Options::default(), &Bases::default()).resources;
    let scope =
        Scope { target: "", resources: &resources, elsewhere: &Elsewhere::default(), config: &Config::default() };
    let facts = infer(scope, sources);
    let waits: Vec<Node<'_>> = facts.of(0).get("waits").into_iter().flat_map(Node::items).collect();
    let has =
        |field: &str, text: &str| waits.iter().any(|wait| wait.get(field).is_some_and(|node| node.text() == text));
    let verdict = |field: &str, order: [&str; 3], names: [&str; 3]| {
        let index = order.iter().position(|text| has(field, text));
        index.map_or("", |index| names[index]).to_owned()
    };
    [
        if waits.is_empty() { "no" } else { "yes" }.to_owned(),
        verdict("bounded", ["false", "unknown", "true"], ["no", "unknown", "yes"]),
        verdict("effective", ["no", "unknown", "yes"], ["no", "unknown", "yes"]),
    ]
}
