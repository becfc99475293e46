//! What a policy can say beyond a query: each test is a policy, a manifest and the lines that are found.
//! The built-in policies have examples of their own; this is about the language, and about mistakes in it.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::sync::Arc;

use plimsoll::config::Config;
use plimsoll::discover::Discovery;
use plimsoll::discover::Target;
use plimsoll::discover::TargetKind;
use plimsoll::policy;
use plimsoll::policy::PolicyFile;
use plimsoll::policy::Selection;
use plimsoll::render;
use plimsoll::report::Report;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web, $patch: merge}}
spec:
  initContainers:
    - {name: wait, image: wait:1, ports: [{name: http, containerPort: 80}]}
  containers:
    - {name: app, image: app:1, args: [see <HERE> and <THERE>], ports: [{name: http, containerPort: 80}]}
    - {name: log, image: log:1, ports: [{name: a, containerPort: 1}, {name: a, containerPort: 2, protocol: UDP}]}
";

/// Asks a policy that is `rest` and what every policy must say.
fn ask(rest: &str, kubernetes: &str) -> Report {
    let sources = Arc::new(Sources::in_memory());
    let text = format!("summary: s\nseverity: warning\ndescription: d\nremediation: r\n{rest}");
    let file = PolicyFile::at("policies/tests/example.yaml", sources.add("example.yaml", text));
    let config = Config { kubernetes: kubernetes.parse().unwrap(), ..Config::default() };
    let mut problems = Vec::new();
    let policies = policy::load_all(&[file], &sources, &config, &Selection::default(), &mut problems).unwrap();
    let target = Target { name: "pod".to_owned(), kind: TargetKind::Stream(sources.add("pod.yaml", POD)) };
    let discovery = Discovery { targets: vec![target], ..Discovery::default() };
    let files = Files::new(Arc::clone(&sources));
    plimsoll::check(&files, discovery, &config, &policies, render::Options::default(), problems)
}

/// `line:column severity message` of every finding.
fn found(rest: &str) -> Vec<String> {
    found_in("1.36", rest)
}

fn found_in(kubernetes: &str, rest: &str) -> Vec<String> {
    let report = ask(rest, kubernetes);
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    let told = report.findings.iter().map(|finding| {
        let place = report.sources.location(finding.primary.span);
        format!("{}:{} {} {}", place.line, place.column, finding.severity, finding.message)
    });
    told.collect()
}

/// What is wrong with a policy.
fn mistakes(rest: &str) -> Vec<String> {
    ask(rest, "1.36").diagnostics.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn subjects_may_come_from_several_queries() {
    let policy = "each: ['$pod.initContainers[*]', '$pod.containers[*]']\nforbid: $.image\nmessage: '{name}'\n";
    assert_eq!(found(policy), ["6:27 warning wait", "8:26 warning app", "9:26 warning log"]);
}

#[test]
fn a_key_can_be_asked_about() {
    let policy = "forbid: {query: $..*, key: '^\\$'}\nmessage: '{key}'\n";
    assert_eq!(found(policy), ["3:50 warning $patch"]);
}

#[test]
fn a_check_may_be_about_some_versions_only() {
    let policy = "forbid:\n  - {query: $.kind, kubernetes: '<1.34'}\n  - {query: $.metadata.name, kubernetes: '>=1.34'}\n\
                  message: '{key}'\n";
    assert_eq!(found_in("1.33", policy), ["2:7 warning kind"]);
    assert_eq!(found_in("1.34", policy), ["3:18 warning name"]);
}

#[test]
fn a_case_may_look_at_the_node_that_was_found() {
    let policy = "forbid: $pod.containers[*].name\nmessage: other\n\
                  cases: [{when: {query: $found, equals: app}, severity: error, message: the app}]\n";
    assert_eq!(found(policy), ["8:14 error the app", "9:14 warning other"]);
    let elsewhere = mistakes("when: $found\nforbid: $.kind\nmessage: m\n");
    assert!(elsewhere[0].contains("found"), "{elsewhere:?}");
}

#[test]
fn a_missing_value_may_count_as_its_default() {
    let unique = |by: &str| {
        format!("each: $pod.containers[1]\nunique: {{query: '$.ports[*]', by: {by}}}\nmessage: 'again {{value}}'\n")
    };
    assert_eq!(found(&unique("$.name")), ["9:77 warning again a"]);
    assert_eq!(found(&unique("[$.name, {query: $.protocol, default: TCP}]")), Vec::<String>::new());
    assert_eq!(found(&unique("[$.name, {query: $.protocol, default: UDP}]")), ["9:77 warning again a"]);
}

#[test]
fn items_of_one_list_may_be_left_to_repeat_each_other() {
    let unique = |rest: &str| {
        format!(
            "unique: {{query: ['$pod.containers[*].ports[*]', '$pod.initContainers[*].ports[*]'], by: $.name{rest}}}\n\
             message: 'again {{value}}'\n"
        )
    };
    assert_eq!(found(&unique("")), ["6:50 warning again http", "9:77 warning again a"]);
    assert_eq!(found(&unique(", acrossLists: true")), ["6:50 warning again http"]);
}

#[test]
fn a_finding_points_at_the_part_that_matched() {
    let policy = |regex: &str| {
        format!("forbid: {{query: '$pod.containers[*].args[*]', matches: '{regex}'}}\nmessage: 'say {{match}}'\n")
    };
    assert_eq!(found(&policy("<[A-Z]+>")), ["8:44 warning say <HERE>"]);
    assert_eq!(found(&policy("and <(?<part>[A-Z]+)>")), ["8:56 warning say THERE"]);
    assert_eq!(found(&policy("^.*$")), ["8:40 warning say see <HERE> and <THERE>"]);
}

#[test]
fn the_core_group_has_a_name() {
    let policy = |kind: &str| format!("match: {{kinds: [{kind}]}}\nforbid: $.kind\nmessage: '{{value}}'\n");
    assert_eq!(found(&policy("core/Pod")), ["2:7 warning Pod"]);
    assert_eq!(found(&policy("Pod")), ["2:7 warning Pod"]);
    assert_eq!(found(&policy("apps/Pod")), Vec::<String>::new());
}

#[test]
fn what_can_have_no_effect_is_a_mistake() {
    for (rest, what) in [
        ("when: {all: [$.kind], equals: x}\nforbid: $.kind\nmessage: m", "`equals` needs a `query` beside it"),
        (
            "when: {query: $.kind, count: {min: 1}, equals: x}\nforbid: $.kind\nmessage: m",
            "`equals` does not go with `count`",
        ),
        ("forbid: {query: $.kind, default: x}\nmessage: m", "`default` has no effect here"),
        ("forbid: {query: $.kind, range: {min: a}}\nmessage: m", "`min` must be a number"),
        ("forbid: {query: $.kind, quantity: {max: 1x}}\nmessage: m", "`max` must be a quantity"),
        ("forbid: {query: $.kind, range: {}}\nmessage: m", "give it `min`, `max` or both"),
        ("forbid: {query: $.kind, in: [$.a]}\nmessage: m", "items of a list stand for themselves"),
        ("forbid: {query: $.kind, in: a}\nmessage: m", "`in` needs a list"),
        ("match: {kinds: [apps/v1/Deployment]}\nforbid: $.kind\nmessage: m", "without a version"),
        ("match: {kinds: [v1/Pod]}\nforbid: $.kind\nmessage: m", "without a version"),
        ("match: {pods: false}\nforbid: $.kind\nmessage: m", "`pods: false` says nothing"),
        ("forbid: $.kind\ncases: [{severity: note}, {severity: error}]\nmessage: m", "this case is never reached"),
        ("forbid: $.kind\nmessage: '{$param.n}'", "this policy has no parameter `n`"),
        ("forbid: '$.a[?@ == $param.n]'\nmessage: m", "this policy has no parameter `n`"),
        (
            "parameters: {n: {type: integer, default: 1, about: a}}\nforbid: $.kind\nmessage: $param.n",
            "parameter `n` is never used",
        ),
    ] {
        let report = ask(rest, "1.36");
        let messages: Vec<&str> = report.diagnostics.iter().map(|problem| problem.message.as_str()).collect();
        assert!(messages.len() == 1 && messages[0].contains(what), "{rest}\n{messages:?}");
    }
    let used = "parameters: {n: {type: string, default: Pod, about: a}}\nforbid: {query: $.kind, equals: \"$param['n']\"}\nmessage: m";
    assert_eq!(found(used).len(), 1);
}

#[test]
fn an_empty_policy_is_a_mistake() {
    let sources = Arc::new(Sources::in_memory());
    let file = PolicyFile::at("policies/tests/example.yaml", sources.add("example.yaml", ""));
    let mut problems = Vec::new();
    policy::load_all(&[file], &sources, &Config::default(), &Selection::default(), &mut problems).unwrap();
    assert_eq!(problems[0].message, "this policy file is empty");
}
