//! Any script, image and variable in a pod: inferring its facts must not panic or hang, and takes no longer than a
//! bound that does not depend on what is written.
//!
//! The input is the image, the name and value of a variable, and the script, in lines: the first three, and the rest.
#![no_main]

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use plimsoll::config::Config;
use plimsoll::discover::stream;
use plimsoll::facts::Elsewhere;
use plimsoll::facts::Scope;
use plimsoll::facts::infer;
use plimsoll::render::Bases;
use plimsoll::render::Options;
use plimsoll::render::render;
use plimsoll::source::Sources;
use plimsoll::yaml::Files;

/// A sanitizer makes everything slower, and the machine may be busy.
const LIMIT: Duration = Duration::from_secs(20);

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(4, '\n');
    let mut next = || quoted(lines.next().unwrap_or_default());
    let (image, name, value, script) = (next(), next(), next(), next());
    let manifest = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec:\n  template:\n    spec:\n      volumes: [{{name: d, \
         persistentVolumeClaim: {{claimName: d}}}}]\n      initContainers:\n        - name: a\n          image: {image}\n          \
         command: [sh, -c, {script}]\n          env: [{{name: {name}, value: {value}}}]\n          volumeMounts: [{{name: d, \
         mountPath: /data}}]\n      containers: [{{name: b, image: {image}, args: [{script}]}}]\n"
    );
    let sources = Arc::new(Sources::in_memory());
    let files = Files::new(Arc::clone(&sources));
    let (elsewhere, config) = (Elsewhere::default(), Config::default());
    for target in stream(&sources, &manifest).targets {
        let rendered = render(&target, &files, &Options::default(), &Bases::default());
        let begun = Instant::now();
        let scope = Scope { target: "", resources: &rendered.resources, elsewhere: &elsewhere, config: &config };
        drop(infer(scope, &sources));
        assert!(begun.elapsed() < LIMIT, "it takes too long");
    }
});

/// A text as YAML writes it between double quotes.
fn quoted(text: &str) -> String {
    let escaped = |letter: char| match letter {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        letter if (letter as u32) < 0x20 || letter as u32 >= 0x7F => format!("\\U{:08X}", letter as u32),
        letter => letter.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}
