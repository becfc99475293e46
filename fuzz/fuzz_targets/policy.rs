//! Any text as a policy: loading it, and asking it of a manifest if it loads, must not panic or hang.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll::config::Config;
use plimsoll::discover::stream;
use plimsoll::policy::PolicyFile;
use plimsoll::policy::Selection;
use plimsoll::policy::load_all;
use plimsoll::render::Options;
use plimsoll::report::Style;
use plimsoll::report::human;
use plimsoll::report::json;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;

const MANIFEST: &str = include_str!("../../testdata/repos/shop/apps/api.yaml");

fuzz_target!(|text: &str| {
    let sources = Arc::new(Sources::in_memory());
    let file = PolicyFile::at("fuzz/policy.yaml", sources.add("fuzz/policy.yaml", text));
    let files = Files::new(Arc::clone(&sources));
    let config = Config::default();
    let mut problems = Vec::new();
    let policies = load_all(&[file], &sources, &config, &Selection::default(), &mut problems).expect("nothing is selected");
    let report = plimsoll::check(&files, stream(&sources, MANIFEST), &config, &policies, Options::default(), problems);
    human(&report, &Style { color: true, ..Style::plain(80) });
    json(&report);
});
