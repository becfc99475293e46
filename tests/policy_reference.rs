//! The examples of `docs/policy-language.md` are run: each is a policy, and its last lines are what it says of
//! the manifest at the start of the page.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "this is a test")]

use std::path::Path;
use std::sync::Arc;

use plimsoll::config::Config;
use plimsoll::discover::Discovery;
use plimsoll::discover::Target;
use plimsoll::discover::TargetKind;
use plimsoll::policy;
use plimsoll::policy::PolicyFile;
use plimsoll::policy::Selection;
use plimsoll::render;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;

/// What every policy must say, and the examples leave out.
const HEAD: &str = "summary: s\nseverity: warning\ndescription: d\nremediation: r\n";

#[test]
fn every_example_finds_what_it_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy-language.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut blocks = page.split("```").skip(1).step_by(2).map(|block| block.strip_prefix("yaml\n").unwrap());
    let manifest = blocks.next().expect("the manifest comes first");
    let mut examples = 0;
    for block in blocks {
        let (policy, expected) = block.split_at(block.find("# finds").expect("an example says what it finds"));
        assert_eq!(told(policy, manifest), expected, "{policy}");
        examples += 1;
    }
    assert!(examples > 5, "the page shows {examples} examples");
}

/// The messages of a policy about a manifest, a line each, or how much it could not know.
fn told(policy: &str, manifest: &str) -> String {
    let sources = Arc::new(Sources::in_memory());
    let file = PolicyFile::at("own/example.yaml", sources.add("example.yaml", format!("{HEAD}{policy}")));
    let (config, mut problems) = (Config::default(), Vec::new());
    let policies = policy::load_all(&[file], &sources, &config, &Selection::default(), &mut problems).unwrap();
    let target = Target { name: "example".to_owned(), kind: TargetKind::Stream(sources.add("example.yaml", manifest)) };
    let discovery = Discovery { targets: vec![target], ..Discovery::default() };
    let files = Files::new(Arc::clone(&sources));
    let report = plimsoll::check(&files, discovery, &config, &policies, render::Options::default(), problems);
    assert!(report.diagnostics.is_empty(), "{policy}: {:?}", report.diagnostics);
    if report.findings.is_empty() {
        return format!("# finds nothing, {} unknown\n", report.summary.unknown);
    }
    let lines: Vec<String> = report.findings.iter().map(|finding| format!("# finds: {}", finding.message)).collect();
    lines.join("\n") + "\n"
}
