//! All built-in policies against what kube-apiserver 1.34, 1.35 and 1.36 said of the same objects.
//!
//! `testdata/api/verdicts.json` holds the objects, each with its verdict per version and the field
//! validation that it was sent with. What is refused must be an error here, on the field that the
//! server names, and what is accepted must be none; the exceptions are listed with their reason.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use plimsoll::config::Config;
use plimsoll::diagnostic::Severity;
use plimsoll::discover::Discovery;
use plimsoll::discover::Target;
use plimsoll::discover::TargetKind;
use plimsoll::finding::Finding;
use plimsoll::policy;
use plimsoll::policy::Selection;
use plimsoll::render;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;
use serde_json::Value;

const VERSIONS: [&str; 3] = ["1.34", "1.35", "1.36"];

/// Policies that call an error what the server accepts, because it certainly fails later.
const FAILS_LATER: [(&str, &str); 3] = [
    ("zero-job-deadline", "the Job fails with DeadlineExceeded as soon as it is created"),
    ("git-repo-volume", "the kubelet no longer mounts such a volume, so the pod never starts"),
    ("dropped-container-restart-policy", "1.34 makes an init container that never ends of a mistyped sidecar"),
];

/// Objects that were sent with lenient validation: the server warned of a field that it refuses under
/// strict validation, which is the default of `kubectl` and what policies are about.
const LENIENT: &str = "Warn";

/// Objects whose finding is on another field than the server names, and why.
const OTHER_FIELD: [(&str, &str); 1] =
    [("container limit > pod limit", "the server first derives a request from the limit, and blames the pod for that")];

struct Recorded {
    title: String,
    lenient: bool,
    object: String,
    verdicts: Value,
}

impl Recorded {
    /// What the server said against it; nothing if it accepted it.
    fn refusal(&self, version: &str) -> Option<&str> {
        self.verdicts[version].as_str().filter(|verdict| *verdict != "accepted")
    }
}

#[test]
fn what_the_server_refuses_is_an_error_on_the_same_field() {
    let recorded = recorded();
    let mut missed = Vec::new();
    for version in VERSIONS {
        let errors = errors(&recorded, version);
        for object in &recorded {
            let Some(refusal) = object.refusal(version) else { continue };
            let found = errors.get(&object.title).map_or(&[][..], Vec::as_slice);
            let elsewhere = OTHER_FIELD.iter().any(|(title, _)| *title == object.title);
            if !found.iter().any(|(_, path)| elsewhere || same_field(path, refusal)) {
                missed.push(format!("{version} {}: {refusal}\n    found {found:?}", object.title));
            }
        }
    }
    assert!(missed.is_empty(), "refused, but no policy says so there:\n{}", missed.join("\n"));
}

#[test]
fn what_the_server_accepts_is_no_error() {
    let recorded = recorded();
    let mut alarms = Vec::new();
    for version in VERSIONS {
        let mut errors = errors(&recorded, version);
        for object in recorded.iter().filter(|object| object.refusal(version).is_none() && !object.lenient) {
            let mut found = errors.remove(&object.title).unwrap_or_default();
            found.retain(|(policy, _)| !FAILS_LATER.iter().any(|(id, _)| id == policy));
            alarms.extend(found.iter().map(|found| format!("{version} {}: {found:?}", object.title)));
        }
    }
    assert!(alarms.is_empty(), "accepted, but called an error:\n{}", alarms.join("\n"));
}

#[test]
fn what_only_lenient_validation_accepts_is_an_error_all_the_same() {
    let recorded = recorded();
    let errors = errors(&recorded, "1.36");
    let lenient: Vec<_> = recorded.iter().filter(|object| object.lenient).collect();
    assert_eq!(lenient.len(), 3);
    for object in lenient {
        assert!(errors.contains_key(&object.title), "nothing was found in {}", object.title);
    }
}

#[test]
fn every_exception_is_still_needed() {
    let recorded = recorded();
    let errors: Vec<_> = VERSIONS.iter().map(|version| errors(&recorded, version)).collect();
    for (id, why) in FAILS_LATER {
        let found = errors.iter().flat_map(BTreeMap::values).flatten().any(|(policy, _)| policy == id);
        assert!(found, "{id} finds nothing any more, though {why}");
    }
    for (title, _) in OTHER_FIELD {
        assert!(recorded.iter().any(|object| object.title == title), "there is no object called {title}");
    }
}

/// Whether the path of a finding leads to what the server names, or to a part or the place of it.
fn same_field(path: &str, refusal: &str) -> bool {
    let path = path.replace("['", ".").replace("']", "");
    // The server writes some keys in brackets, and no quotes around them.
    let refusal = refusal.replace("[ephemeral-storage]", ".ephemeral-storage");
    let starts = ["spec.", "template.", "metadata."].iter().flat_map(|start| refusal.match_indices(start));
    let mut named = starts.map(|(at, _)| refusal[at..].split([':', '"']).next().unwrap_or(""));
    named.any(|field| field.starts_with(&path) || path.starts_with(field))
}

/// The errors that all policies find: id and path of each, by the title of the object.
fn errors(recorded: &[Recorded], version: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let sources = Arc::new(Sources::in_memory());
    let target = |object: &Recorded| {
        let source = sources.add(format!("{}.json", object.title), object.object.as_str());
        Target { name: object.title.clone(), kind: TargetKind::Stream(source) }
    };
    let targets = recorded.iter().map(target).collect();
    let config = Config { kubernetes: version.parse().unwrap(), ..Config::default() };
    let mut problems = Vec::new();
    let policies =
        policy::load_all(&policy::builtin(&sources), &sources, &config, &Selection::default(), &mut problems).unwrap();
    let files = Files::new(Arc::clone(&sources));
    let discovery = Discovery { targets, diagnostics: problems, ..Discovery::default() };
    let report = plimsoll::check(&files, discovery, &config, &policies, render::Options::default(), Vec::new());
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);

    let mut errors: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    for finding in report.findings.into_iter().filter(|finding| is_error(&finding)) {
        for occurrence in finding.occurrences {
            errors.entry(occurrence.target).or_default().push((finding.policy.clone(), occurrence.path));
        }
    }
    errors
}

fn recorded() -> Vec<Recorded> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/api/verdicts.json");
    #[expect(clippy::disallowed_methods, reason = "a test reads its own data")]
    let text = std::fs::read_to_string(path).unwrap();
    let objects: Vec<Value> = serde_json::from_str(&text).unwrap();
    let recorded = objects.iter().map(|object| Recorded {
        title: object["title"].as_str().unwrap().to_owned(),
        lenient: object["validation"] == LENIENT,
        object: object["object"].to_string(),
        verdicts: object["verdicts"].clone(),
    });
    recorded.collect()
}
