//! Random kustomization files and configurations, some with something wrong: we refuse those whose form kustomize refuses.
//!
//! Only the form is compared. What kustomize complains of later (a file that isn't there, a patch that
//! matches nothing) is told from it by the words of its message.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use plimsoll::kustomization;
use plimsoll::kustomization::fields::CONFIGURATION;
use plimsoll::kustomization::fields::KUSTOMIZATION;
use plimsoll::kustomization::form::Field;
use plimsoll::kustomization::form::Form;
use plimsoll::render::kustomize::config::TransformerConfig;
use plimsoll::source::Sources;
use plimsoll::source::Span;
use plimsoll::yaml::Reader;
use plimsoll::yaml::parse;

use crate::random::BARE;
use crate::random::Random;

/// How many files are compared, each in a run of kubectl; the environment can ask for more.
const FILES: usize = 150;

/// What fits where a text is wanted. The same few names everywhere let rules meet each other.
const TEXTS: &[&str] = &[" a", " a", " a", " x", " 'on'", " \"1\"", " a b", " ''", " 2001-01-01"];

/// What kustomize says when it does not take a file for a kustomization.
const REFUSALS: [&str; 3] =
    ["invalid Kustomization", "kustomization.yaml is empty", "Failed to read kustomization file"];

#[test]
fn files_are_refused_for_their_form_as_kustomize_refuses_them() {
    compare_all(KUSTOMIZATION, ours, theirs);
}

#[test]
fn configurations_are_refused_as_kustomize_refuses_them() {
    compare_all(CONFIGURATION, our_configuration, their_configuration);
}

/// What is wrong with a file, as we say it.
type Ours = fn(&str) -> Vec<String>;
/// Whether kustomize refuses a file in a folder, and what it says.
type Theirs = fn(&str, &Path) -> (bool, String);

fn compare_all(form: Form, ours: Ours, theirs: Theirs) {
    if crate::kubectl_is_missing() {
        return;
    }
    let files = std::env::var_os("PLIMSOLL_FILES").map_or(FILES, |text| text.to_str().unwrap().parse().unwrap());
    let threads: Vec<_> = (0..2)
        .map(|thread| std::thread::spawn(move || compare((thread..files).step_by(2), form, ours, theirs)))
        .collect();
    let (mut refused, mut differences) = (0, Vec::new());
    for thread in threads {
        let (count, found) = thread.join().unwrap();
        refused += count;
        differences.extend(found);
    }
    println!("{refused} of {files} files are refused");
    assert!(refused > files / 5 && refused < files - files / 5, "{refused} of {files} refused proves little");
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.join("\n"));
}

/// How many files kustomize refuses, and those about which we differ.
fn compare(seeds: impl Iterator<Item = usize>, form: Form, ours: Ours, theirs: Theirs) -> (usize, Vec<String>) {
    let names: Vec<&str> = names_in(form).into_iter().collect();
    let (mut refused, mut differences) = (0, Vec::new());
    for seed in seeds {
        let text = file(&mut Random::new(1000 + seed as u64), form, &names);
        let folder = std::env::temp_dir().join(format!("plimsoll-form-{}-{}-{seed}", std::process::id(), names.len()));
        std::fs::create_dir_all(&folder).unwrap();
        let (ours, (theirs, words)) = (ours(&text), theirs(&text, &folder));
        std::fs::remove_dir_all(&folder).unwrap();
        if ours.is_empty() == theirs {
            differences.push(format!("seed {seed}\n{text}\nours: {ours:?}\nkustomize: {words}"));
        }
        refused += usize::from(theirs);
    }
    (refused, differences)
}

fn ours(text: &str) -> Vec<String> {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("kustomization.yaml", text);
    let parsed = parse(&sources, source, Reader::Kubectl);
    let problems = kustomization::check(&parsed, source, crate::release());
    parsed.diagnostics.iter().chain(&problems).map(|problem| problem.message.clone()).collect()
}

/// Whether kustomize refuses the form, and what it says.
fn theirs(text: &str, folder: &Path) -> (bool, String) {
    std::fs::write(folder.join("kustomization.yaml"), text).unwrap();
    let (_, words) = build(folder);
    (REFUSALS.iter().any(|refusal| words.contains(refusal)), words)
}

fn our_configuration(text: &str) -> Vec<String> {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("config.yaml", text);
    let parsed = parse(&sources, source, Reader::Kubectl);
    let mut problems = parsed.diagnostics.clone();
    match TransformerConfig::from_configuration(&parsed, crate::release()) {
        Err(more) => problems.extend(more),
        Ok(config) => {
            // First the level's own is put together, then it is merged into what there is, which is nothing.
            let (mut level, mut all) =
                (TransformerConfig::default_for(crate::release()).clone(), TransformerConfig::default());
            let merged = level.merge(&config).and_then(|()| all.merge(&level));
            problems.extend(merged.err().map(|conflict| conflict.at(Span::whole(source))));
        }
    }
    problems.into_iter().map(|problem| problem.message).collect()
}

fn their_configuration(text: &str, folder: &Path) -> (bool, String) {
    std::fs::write(folder.join("config.yaml"), text).unwrap();
    std::fs::write(folder.join("kustomization.yaml"), "resources: []\nconfigurations: [config.yaml]\n").unwrap();
    build(folder)
}

/// Whether kustomize fails, and what it says.
fn build(folder: &Path) -> (bool, String) {
    let output = crate::kustomize().arg(folder).output().unwrap();
    (!output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The names of all fields of all mappings, so that each also stands where it does not belong.
fn names_in(form: Form) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    let mut open = vec![form];
    while let Some(form) = open.pop() {
        match form {
            Form::List(inner) | Form::Map(inner) => open.push(*inner),
            Form::Fields(fields) => {
                names.extend(fields.iter().map(|field| field.name));
                open.extend(fields.iter().map(|field| field.form));
            }
            _ => {}
        }
    }
    names
}

fn file(random: &mut Random, form: Form, names: &[&str]) -> String {
    let mut out = String::new();
    if random.below(30) == 0 {
        out += random.pick(&["---\n", "# nothing\n", "--- # one\n", "---\n---\n", "%YAML 1.1\n---\n"]);
    }
    let mut writer = Writer { random, names, out };
    writer.value(form, 0);
    writer.out + "\n"
}

struct Writer<'a> {
    random: &'a mut Random,
    names: &'a [&'a str],
    out: String,
}

impl Writer<'_> {
    /// Writes a value behind its key or dash.
    fn value(&mut self, form: Form, indent: usize) {
        match form {
            _ if indent > 0 && self.random.below(60) == 0 => self.wrong(),
            Form::Fields(fields) => self.mapping(fields, indent),
            Form::Map(value) => {
                let keys = self.random.below(3);
                for _ in 0..keys {
                    let key = if self.random.below(8) == 0 { self.random.number() } else { self.bare("on") };
                    // A key that looks like something else in YAML would be another mistake.
                    let key = if key.is_empty() || key.starts_with(['[', '{', '!', '.']) { "x".into() } else { key };
                    self.field(&key, *value, indent);
                }
                self.empty(keys, " {}");
            }
            Form::List(item) => {
                let items = self.random.below(3);
                for _ in 0..items {
                    write!(self.out, "\n{:indent$}-", "").unwrap();
                    self.value(*item, indent + 2);
                }
                self.empty(items, " []");
            }
            Form::Any | Form::AnyMap => self.out += self.random.pick(&[" {}", " {a: 1}", " {1: on}", " {~: a}"]),
            Form::Text => self.out += self.random.pick(TEXTS),
            Form::Bool => self.out += self.random.pick(&[" true", " no", " ON", " false"]),
            Form::Integer => self.out += self.random.pick(&[" 1", " 0", " -1", " 0x10", " 1.0", " 1e3", " 0o7"]),
        }
    }

    fn mapping(&mut self, fields: &[Field], indent: usize) {
        let known: Vec<_> =
            fields.iter().filter(|field| field.since <= crate::release() && crate::release() <= field.until).collect();
        let mut written = self.random.below(4);
        let mut spellings = BTreeMap::new();
        for _ in 0..written {
            let field = known[self.random.below(known.len())];
            let name = match self.random.below(40) {
                0 => field.name.to_uppercase(),
                1 => field.name.to_lowercase(),
                2 => field.name.replace('s', "\u{17F}"),
                _ => field.name.to_owned(),
            };
            // Two spellings of one list are refused by us alone.
            let first = spellings.entry(field.name).or_insert_with(|| name.clone()).clone();
            let name = if matches!(field.form, Form::Text) { name } else { first };
            self.field(&name, field.form, indent);
        }
        if self.random.below(45) == 0 {
            let name = self.random.pick(self.names).to_owned();
            self.field(&name, Form::Text, indent);
            written += 1;
        }
        if indent == 0 && self.random.below(6) == 0 {
            let name = self.random.pick(&["kind", "apiVersion"]).to_owned();
            let kinds = ["Kustomization", "Component", "''", "kustomize.config.k8s.io/v1beta1", "v1"];
            let kind = self.random.pick(&[&kinds[..], &["kustomize.config.k8s.io/v1alpha1", "~"]].concat()).to_owned();
            write!(self.out, "\n{name}: {kind}").unwrap();
            written += 1;
        }
        self.empty(written, " {}");
    }

    fn field(&mut self, name: &str, form: Form, indent: usize) {
        write!(self.out, "\n{:indent$}{name}:", "").unwrap();
        self.value(form, indent + 2);
    }

    fn empty(&mut self, written: usize, sign: &str) {
        if written == 0 {
            self.out += sign;
        }
    }

    /// A value of any type.
    fn wrong(&mut self) {
        let value = match self.random.below(4) {
            0 => self.random.number(),
            1 => self.random.date(),
            _ => self.bare(""),
        };
        write!(self.out, " {value}").unwrap();
    }

    fn bare(&mut self, or: &str) -> String {
        let scalar = self.random.pick(BARE);
        // Base64 is refused by its content, and a text with a colon could become a key.
        if scalar.starts_with("!!binary") || scalar.ends_with(':') { or.to_owned() } else { scalar.to_owned() }
    }
}
