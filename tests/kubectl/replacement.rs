//! Random field paths and options of replacements, between two objects, beside what kubectl makes of them.

use std::fmt::Write;
use std::sync::Arc;

use plimsoll::diagnostic::Diagnostic;
use plimsoll::render::kustomize::replacement::Options;
use plimsoll::render::kustomize::replacement::set_targets;
use plimsoll::render::kustomize::replacement::source_value;
use plimsoll::source::Sources;
use plimsoll::source::Span;
use plimsoll::yaml::NodeId;
use plimsoll::yaml::Reader;
use plimsoll::yaml::Tree;
use plimsoll::yaml::Via;
use plimsoll::yaml::emit_all;
use plimsoll::yaml::parse;

use crate::build::Case;
use crate::build::compare;
use crate::build::number_of_cases;
use crate::random::Random;

#[test]
fn replacements_read_and_write_what_kustomize_does() {
    if crate::kubectl_is_missing() {
        return;
    }
    let mut random = Random::new(31);
    let cases: Vec<Case> = (0..number_of_cases(300)).map(|index| case(&mut random, index)).collect();
    compare("replacement", &cases);
}

fn case(random: &mut Random, index: usize) -> Case {
    let source = object(random, &format!("s{index}"));
    let target = object(random, &format!("t{index}"));
    let (from, to) = (path(random, true), path(random, false));
    let [from_options, to_options] = [0, 1].map(|side| Options {
        delimiter: random.pick(if side == 0 { &["", "", "", "", "", "-"] } else { &["", "", "", "", ":", "-", "ab"] }),
        index: if side == 0 { [0, 0, 0, 0, 1, -1][random.below(6)] } else { [0, 0, 1, -1, 2, 5][random.below(6)] },
        // Where what was made for an expression does not match it, kustomize never ends.
        create: side == 1 && random.below(2) == 0 && !to.contains(['$', '(']),
        reads_texts: side == 1 && crate::release() > plimsoll::kustomization::Version::V5_5,
    });
    let kustomization = format!(
        "resources: [r.yaml]\nreplacements:\n- source:\n    kind: A\n    name: s{index}\n    fieldPath: {from:?}\n    options: {}\n  \
         targets:\n  - select: {{kind: A, name: t{index}}}\n    fieldPaths: [{to:?}]\n    options: {}\n",
        written(&from_options),
        written(&to_options)
    );
    let ours = ours(&source, &target, (&from, &from_options), (&to, &to_options)).map_err(|problem| problem.message);
    Case {
        fields: vec![("resources", format!("- c{index}\n"))],
        files: vec![
            (format!("c{index}/kustomization.yaml"), kustomization.into_bytes()),
            (format!("c{index}/r.yaml"), format!("{source}---\n{target}").into_bytes()),
        ],
        ours,
    }
}

fn written(options: &Options<'_>) -> String {
    let Options { delimiter, index, create, .. } = options;
    format!("{{delimiter: {delimiter:?}, index: {index}, create: {create}}}")
}

fn ours(
    source: &str,
    target: &str,
    (from, from_options): (&str, &Options<'_>),
    (to, to_options): (&str, &Options<'_>),
) -> Result<String, Box<Diagnostic>> {
    let sources = Arc::new(Sources::in_memory());
    let mut tree = Tree::new(Arc::clone(&sources), Reader::Kustomize);
    let [source, target] = [source, target].map(|text| added(&mut tree, text));
    let at = Span::whole(sources.add("kustomization.yaml", ""));
    let via = Via { what: "replacement", span: at };
    let value = source_value(&mut tree, source, from, from_options, at)?;
    set_targets(&mut tree, target, to, value, to_options, at, &via)?;
    emit_all([tree.node(source), tree.node(target)])
}

fn added(tree: &mut Tree, text: &str) -> NodeId {
    let source = tree.sources().add("r.yaml", text);
    let parsed = parse(tree.sources(), source, Reader::Kustomize);
    tree.copy(parsed.tree.node(parsed.documents[0].root), None)
}

fn object(random: &mut Random, name: &str) -> String {
    let mut out = format!("apiVersion: v1\nkind: A\nmetadata: {{name: {name}}}\n");
    for key in ["a", "b", "c.d", "e/f", "list", "map"] {
        let value = value(random);
        match (key, random.below(16)) {
            (_, 0) => {}
            ("list", _) => {
                writeln!(out, "list:").unwrap();
                for item in ["x", "y", "x1"].iter().take(1 + random.below(3)) {
                    match random.below(4) {
                        0 => writeln!(out, "- {value}").unwrap(),
                        1 => writeln!(out, "- name: \"{item}\"\n  value: {value}").unwrap(),
                        _ => writeln!(out, "- name: {item}\n  value: {value}\n  more: [1, {{a: b}}]").unwrap(),
                    }
                }
            }
            ("map", _) => writeln!(out, "map:\n  a: {value}\n  c.d: {{a: 1}}\n  'n': [p, q, 'p']").unwrap(),
            _ => writeln!(out, "{key}: {value}").unwrap(),
        }
    }
    out
}

fn value(random: &mut Random) -> String {
    let values = [
        "text",
        "a-b-c",
        "a:b",
        "1",
        "'1'",
        "1.5",
        "true",
        "\"true\"",
        "2001-01-01",
        "null",
        "",
        "\"\"",
        "{a: 1}",
        "[]",
        "{}",
        "[1, 2]",
        "xaby",
        "|\n    two\n    lines-3",
        "0x1F",
        "yes",
        ">-\n    folded\n    text",
    ];
    random.pick(&values).to_owned()
}

fn path(random: &mut Random, is_source: bool) -> String {
    let starts: &[&str] = &[
        "a",
        "b",
        "c\\.d",
        "[c.d]",
        "e/f",
        "list",
        "list",
        "list.0",
        "list.1",
        "list.[name=x]",
        "list.[name=y]",
        "list.[name=x].value",
        "list.*",
        "list.[name=x.]",
        "list.[=text]",
        "list.-",
        "list.3",
        "map",
        "map.a",
        "map.[c.d].a",
        "map.c\\.d",
        "map.n.0",
        "map.n.[=p]",
        "map.n.2",
        "map.n.3",
        "map.new",
        "map.new.[name=z].value",
        "new",
        "new.0.a",
        "list.[name=new].value",
        "list.[more]",
        "list.*.value",
        "list.*.more.0",
        "list.*.new",
        "list.-1",
        "metadata.name",
        "metadata.labels.a",
        "map.*",
        "a.b",
        "list.[name=$]",
        "list.[name=(].a",
        ".a",
        "map..a",
        "map.n.[=^p$]",
        " a ",
    ];
    let usual: &[&str] = &["map.n.0", "metadata.name", "map", "list.0", "a", "b", "map.a", "list.[name=x].value"];
    let is_usual = is_source && random.below(8) > 0;
    let mut path = random.pick(if is_usual { usual } else { starts }).to_owned();
    if path == "metadata.name" && !is_source {
        path = String::from("metadata.labels.x");
    }
    if random.below(if is_source { 30 } else { 8 }) == 0 {
        path += random.pick(&[".value", ".0", ".a", ".more", ".-", ".*", ".[a=b]"]);
    }
    path
}
