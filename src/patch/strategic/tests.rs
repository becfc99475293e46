//! Merges by example. What they give was observed with `kubectl kustomize`; `tests/kubectl/` compares
//! random ones.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use super::MergeEvent;
use super::Merged;
use super::Oddity;
use super::strategic_merge;
use crate::diagnostic::Diagnostic;
use crate::kube::MergeSchema;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Gone;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Reader;
use crate::yaml::Tree;
use crate::yaml::Via;
use crate::yaml::emit;
use crate::yaml::parse;

/// A base with patches applied to it one after the other.
struct Case {
    sources: Arc<Sources>,
    tree: Tree,
    root: NodeId,
    last: Result<Merged, Box<Diagnostic>>,
}

impl Case {
    fn new(base: &str, patches: &[&str]) -> Self {
        let sources = Arc::new(Sources::in_memory());
        let read = |name: &str, text: &str| parse(&sources, sources.add(name, text), Reader::Kustomize);
        let base = read("base.yaml", base);
        let mut tree = Tree::new(Arc::clone(&sources), Reader::Kustomize);
        let root = tree.copy(base.tree.node(base.documents[0].root), None);
        let via = Via { what: "patch", span: Span::whole(sources.add("kustomization.yaml", "patches: []\n")) };
        let mut last = Ok(Merged { deleted: false, events: Vec::new() });
        for (index, patch) in patches.iter().enumerate() {
            let patch = read(&format!("patch{index}.yaml"), patch);
            let node = patch.tree.node(patch.documents[0].root);
            last = strategic_merge(&mut tree, root, node, &via, &MergeSchema::builtin());
        }
        Self { sources, tree, root, last }
    }

    fn node(&self, path: &[&str]) -> Node<'_> {
        path.iter().fold(self.tree.node(self.root), |node, part| match part.parse::<usize>() {
            Ok(index) => node.items().nth(index).unwrap(),
            Err(_) => node.get(part).unwrap(),
        })
    }

    fn place(&self, span: Span) -> String {
        let location = self.sources.location(span);
        format!("{}:{}:{}", location.file, location.line, location.column)
    }

    fn events(&self) -> Vec<(Oddity, &str, String, usize)> {
        let told = |event: &'_ MergeEvent| (event.oddity, event.field.clone(), event.span, event.concerned.len());
        let events = self.last.as_ref().unwrap().events.iter().map(told);
        let events = events.map(|(oddity, field, span, concerned)| {
            let text = self.sources.get(span.source).text();
            (oddity, &text[span.start as usize..span.end as usize], field, concerned)
        });
        events.collect()
    }
}

/// What a Deployment whose pod has `base` has after patches of the pod.
fn pod(base: &str, patches: &[&str]) -> String {
    let whole = |pod: &str| {
        let pod = pod.trim().replace('\n', "\n      ");
        format!("apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      {pod}\n")
    };
    let patches: Vec<String> = patches.iter().map(|patch| whole(patch)).collect();
    let patches: Vec<&str> = patches.iter().map(String::as_str).collect();
    shown(&Case::new(&whole(base), &patches), &["spec", "template", "spec"])
}

/// What the mapping `spec` of an object without schema is after patches of it.
fn spec(base: &str, patches: &[&str]) -> String {
    let whole = |spec: &str| format!("apiVersion: example.com/v1\nkind: Thing\nspec: {spec}\n");
    let patches: Vec<String> = patches.iter().map(|patch| whole(patch)).collect();
    let patches: Vec<&str> = patches.iter().map(String::as_str).collect();
    shown(&Case::new(&whole(base), &patches), &["spec"])
}

fn shown(case: &Case, path: &[&str]) -> String {
    match &case.last {
        Ok(_) => emit(case.node(path)).unwrap(),
        Err(problem) => format!("{}: {}", problem.code, problem.message),
    }
}

#[test]
fn items_of_the_patch_come_first_and_the_rest_follows() {
    let base = "initContainers: [{name: a, image: one}, {name: b}]";
    let merged = pod(base, &["initContainers: [{name: c}, {name: b, image: two}]"]);
    assert_eq!(merged, "initContainers:\n- name: c\n- image: two\n  name: b\n- image: one\n  name: a\n");
}

#[test]
fn several_keys_put_what_is_new_first_and_keep_the_rest_in_its_order() {
    let base = "containers: [{name: a, ports: [{containerPort: 1, protocol: TCP}, {containerPort: 1, protocol: UDP}]}]";
    let patch = "containers: [{name: a, ports: [{containerPort: 1, protocol: UDP, name: x}, {containerPort: 2, protocol: TCP}]}]";
    assert_eq!(
        pod(base, &[patch]),
        "containers:\n- name: a\n  ports:\n  - containerPort: 2\n    protocol: TCP\n  - containerPort: 1\n    protocol: TCP\n  \
         - containerPort: 1\n    name: x\n    protocol: UDP\n"
    );
}

#[test]
fn a_port_without_protocol_is_lost_where_others_have_one() {
    let base = "containers: [{name: a, ports: [{containerPort: 1, protocol: TCP}, {containerPort: 1, protocol: UDP}]}]";
    let merged = pod(base, &["containers: [{name: a, ports: [{containerPort: 1, name: x}]}]"]);
    assert!(!merged.contains("name: x"), "{merged}");
}

#[test]
fn nulls_delete_or_go_or_stay() {
    assert_eq!(spec("{a: 1, b: 2}", &["{a: null, c: null}"]), "b: 2\n");
    assert_eq!(spec("{a: null, b: , c: {d: ~, e: }}", &["{q: 1}"]), "a: null\nc:\n  d: null\nq: 1\n");
    assert_eq!(
        spec("{a: 1}", &["{b: {c: null, d: {e: null}, l: [{f: null}]}}"]),
        "a: 1\nb:\n  d: {}\n  l:\n  - f: null\n"
    );
}

#[test]
fn directives_are_obeyed_where_kustomize_looks_for_them() {
    assert_eq!(spec("{a: {b: 1, c: 2}}", &["{a: {$patch: replace, d: 3}}"]), "a:\n  d: 3\n");
    assert_eq!(spec("{a: {b: 1}, c: 2}", &["{a: {$patch: delete}}"]), "c: 2\n");
    assert_eq!(spec("{a: {b: 1}}", &["{a: {$patch: merge, c: 2}}"]), "a:\n  b: 1\n  c: 2\n");
    assert_eq!(
        spec("{a: 1}", &["{b: {c: {$patch: delete}, d: {$patch: replace, e: 1}}}"]),
        "a: 1\nb:\n  d:\n    e: 1\n"
    );
    assert_eq!(
        spec("{a: {b: 1}}", &["{a: {$patch: drop}}"]),
        "patch-directive: unknown patch directive `$patch: drop`"
    );
    // Where there is nothing yet, it doesn't ask what the directive says.
    assert_eq!(spec("{}", &["{a: {$patch: drop}}"]), "a:\n  $patch: drop\n");
    // And at the top it forgets what it has replaced.
    let case = Case::new("kind: A\na: 1\n", &["kind: A\n$patch: replace\nb: 1\n"]);
    assert_eq!(shown(&case, &[]), "a: 1\nkind: A\n");
    assert!(Case::new("kind: A\n", &["kind: A\n$patch: delete\n"]).last.unwrap().deleted);
}

#[test]
fn directives_in_lists_are_for_the_list_or_the_item() {
    let base = "containers: [{name: a, image: one}, {name: b}]";
    assert_eq!(pod(base, &["containers: [{name: a, $patch: delete}]"]), "containers:\n- name: b\n");
    assert_eq!(pod(base, &["containers: [{$patch: replace}, {name: c}]"]), "containers:\n- name: c\n");
    assert_eq!(pod(base, &["containers: [{$patch: delete}]"]), "{}\n");
    let both = "containers:\n- image: one\n  name: a\n- name: b\n";
    assert_eq!(pod(base, &["containers: [{name: a, $patch: replace, image: two}]"]), both);
    assert_eq!(pod(base, &["containers: []"]), both);
    assert_eq!(pod("containers: [{name: a}]", &["containers: [{name: a, $patch: delete}]"]), "containers: []\n");
}

#[test]
fn plain_values_are_a_set_and_lists_without_schema_are_replaced() {
    let object = |finalizers: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{finalizers: {finalizers}}}\n");
    let case = Case::new(&object("[a, b]"), &[&object("[c, b, c]")]);
    assert_eq!(shown(&case, &["metadata"]), "finalizers:\n- c\n- b\n- a\n");
    assert_eq!(spec("{containers: [{name: a}]}", &["{containers: [{name: b}]}"]), "containers:\n- name: b\n");
    // An object within an object has the schema of its own kind.
    let inner = |port: &str| format!("{{it: {{apiVersion: v1, kind: Service, spec: {{ports: [{port}]}}}}}}");
    let merged = spec(&inner("{port: 1}"), &[&inner("{port: 2}")]);
    assert!(merged.contains("- port: 2\n    - port: 1\n"), "{merged}");
}

#[test]
fn a_scalar_takes_the_style_of_the_one_before() {
    assert_eq!(spec("{a: \"1\", b: x, c: 'x'}", &["{a: 2, b: \"3\", c: true}"]), "a: \"2\"\nb: \"3\"\nc: \"true\"\n");
    assert_eq!(spec("{a: !!str \"1\", b: x}", &["{a: 2, b: !!float 1}"]), "a: 2\nb: 1\n");
    // The first patch, which says nothing of it, puts what YAML 1.1 knows as a boolean in quotes.
    assert_eq!(spec("{a: on}", &["{a: 1}"]), "a: 1\n");
    assert_eq!(spec("{a: on}", &["{b: 1}", "{a: 1}"]), "a: \"1\"\nb: 1\n");
}

#[test]
fn what_kustomize_refuses_is_refused_with_both_places() {
    let case = Case::new("kind: A\na:\n  b: {c: 1}\n", &["kind: A\na:\n  b: 2\n"]);
    let problem = case.last.as_ref().unwrap_err();
    assert_eq!(problem.message, "`b` is a plain value in this patch and a mapping in what it patches");
    assert_eq!(case.place(problem.primary.span), "patch0.yaml:3:3");
    assert_eq!(case.place(problem.related[0].span), "base.yaml:3:3");
    let mixed = pod("containers: [{name: a}, b]", &["containers: [{name: a}]"]);
    assert_eq!(mixed, "patch-list-item: this item is no mapping, and kustomize merges the list by `name`");
}

#[test]
fn every_field_knows_its_writers() {
    let base = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: one\n    tty: true\n";
    let patch = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: two\n    stdin: true\n    tty: null\n";
    let case = Case::new(base, &[patch]);
    let places =
        |path: &[&str]| -> Vec<String> { case.node(path).writers().map(|writer| case.place(writer.span)).collect() };
    assert_eq!(places(&["kind"]), ["base.yaml:2:7"]);
    let container = ["spec", "containers", "0"];
    assert_eq!(places(&[&container[..], &["name"]].concat()), ["base.yaml:5:11"]);
    assert_eq!(places(&[&container[..], &["image"]].concat()), ["patch0.yaml:6:12", "base.yaml:6:12"]);
    assert_eq!(places(&[&container[..], &["stdin"]].concat()), ["patch0.yaml:7:12"]);
    let gone = case.node(&container).deleted("tty").unwrap();
    assert_eq!(case.place(gone.span), "patch0.yaml:8:5");
}

#[test]
fn a_deleted_item_leaves_a_mark_at_its_list() {
    let object = |items: &str| format!("apiVersion: v1\nkind: Pod\nspec: {{containers: [{items}]}}\n");
    let case = Case::new(&object("{name: a}, {name: b}"), &[&object("{name: a, $patch: delete}")]);
    assert!(case.node(&["spec", "containers"]).deleted("a").is_some());
    assert!(case.node(&["spec", "containers"]).deleted("b").is_none());
}

#[test]
fn what_is_not_in_a_replacement_leaves_a_mark() {
    let object = |spec: &str| format!("apiVersion: v1\nkind: Pod\nspec: {spec}\n");
    let base = object(
        "{containers: [{name: a, args: [x, y]}, {name: b}], volumes: [{name: v}], securityContext: {runAsUser: 1, runAsGroup: 2}}",
    );
    let patch = object(
        "{containers: [{name: a, args: [y]}], volumes: [{$patch: replace}, {name: w}], securityContext: {$patch: replace, runAsUser: 3}}",
    );
    let case = Case::new(&base, &[&patch]);
    let gone = |path: &[&str]| -> Vec<(&str, Gone)> {
        case.node(path).deletions().into_iter().map(|gone| (gone.name, gone.how)).collect()
    };
    assert_eq!(gone(&["spec", "containers"]), []);
    assert_eq!(gone(&["spec", "containers", "0", "args"]), [("x", Gone::Replaced)]);
    assert_eq!(gone(&["spec", "volumes"]), [("v", Gone::Replaced)]);
    assert_eq!(gone(&["spec", "securityContext"]), [("runAsGroup", Gone::Replaced)]);
}

#[test]
fn what_was_not_meant_is_told() {
    let object = |spec: &str| format!("apiVersion: v1\nkind: Pod\nspec: {{{spec}}}\n");
    for (base, patch, expected) in [
        ("a: 1", "$retainKeys: [a]", (Oddity::LeakedDirective, "$retainKeys", "$retainKeys", 0)),
        (
            "containers: [{name: a}, {name: b}]",
            "containers: [{image: x}]",
            (Oddity::ItemWithoutKey, "{image: x}", "containers", 2),
        ),
        (
            "initContainers: [{name: a}, {name: b}]",
            "initContainers: [{name: new}, {name: b}]",
            (Oddity::Reordered, "[{name: new}, {name: b}]", "initContainers", 2),
        ),
        (
            "containers: [{name: a, ports: [{containerPort: 1, protocol: TCP}, {containerPort: 1, protocol: UDP}]}]",
            "containers: [{name: a, ports: [{containerPort: 1, name: x}]}]",
            (Oddity::ItemDropped, "{containerPort: 1, name: x}", "ports", 0),
        ),
    ] {
        let case = Case::new(&object(base), &[&object(patch)]);
        let (oddity, text, field, concerned) = expected;
        assert_eq!(case.events(), [(oddity, text, field.to_owned(), concerned)], "{patch}");
    }
    let case = Case::new("kind: A\nitems: [{name: a}, {name: b}]\n", &["kind: A\nitems: [{name: a}]\n"]);
    assert_eq!(case.events(), [(Oddity::ListReplaced, "[{name: a}]", "items".to_owned(), 1)]);
    let harmless = Case::new(&object("containers: [{name: a}]"), &[&object("containers: [{name: a, tty: true}]")]);
    assert_eq!(harmless.events(), []);
}

#[test]
fn long_lists_and_mappings_take_no_longer_per_item() {
    let object = |items: usize, value: &str| {
        let mut text = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n".to_owned();
        for index in 0..items {
            writeln!(text, "  - {{name: n{index}, value: {value}}}").unwrap();
        }
        text += "data:\n";
        for index in 0..items {
            writeln!(text, "  k{index}: {value}").unwrap();
        }
        text
    };
    let time = |items: usize| {
        let (base, patch) = (object(items, "a"), object(items, "b"));
        let start = Instant::now();
        let case = Case::new(&base, &[&patch]);
        assert!(case.last.is_ok());
        start.elapsed()
    };
    let few = time(200);
    assert!(time(4_000) < few * 200, "twenty times the items take more than 200 times as long");
}

#[test]
fn a_long_list_with_an_odd_item_is_refused() {
    let items = "{name: a}, ".repeat(2_001);
    let merged = pod(&format!("containers: [{items}{{}}]"), &["a: 1"]);
    assert!(merged.starts_with("patch-list-too-long"), "{merged}");
}

#[test]
fn what_is_nested_deeply_is_merged() {
    let nested = |inner: &str| format!("kind: A\na: {}{inner}{}\n", "{a: ".repeat(190), "}".repeat(190));
    let case =
        Case::new(&nested("1"), &[&nested("2"), &format!("kind: A\nb: {}1{}\n", "{a: ".repeat(190), "}".repeat(190))]);
    assert!(case.last.is_ok());
}
