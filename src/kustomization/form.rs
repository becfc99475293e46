//! The form that Go demands of a file of kustomize's own, and the check of a file against it.
//!
//! Unlike [`yaml::check`](crate::yaml::check), which holds our own files to ours, this one refuses what
//! kustomize refuses: names match in any case, null fits anywhere, nothing is required. It is stricter in
//! one thing, two spellings of one list, which nobody means and nobody could foresee the effect of.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::kustomization::Version;
use crate::kustomization::go;
use crate::kustomization::go::Entry;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// A list of more names than this helps nobody.
const MOST_NAMES_TOLD: usize = 14;

/// What a value must look like, if it is not null.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Anything at all.
    Any,
    /// A mapping with anything in it.
    AnyMap,
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Integer,
    /// A list of values of one form.
    List(&'static Form),
    /// A mapping with free names and values of one form.
    Map(&'static Form),
    /// A mapping with these fields and no others.
    Fields(&'static [Field]),
}

/// One field of a closed mapping.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The form of its value.
    pub form: Form,
    /// The first release that knows it so.
    pub since: Version,
    /// The last release that knows it so.
    pub until: Version,
    /// Whether it belongs to a part that Go puts in here, in which only texts do for texts.
    pub is_inlined: bool,
}

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Whose fields there are.
    pub version: Version,
    /// Whether a name that is no field is an error.
    pub refuses_unknown: bool,
    /// Whether the same key twice is an error.
    pub refuses_duplicates: bool,
    /// Whether a number or a boolean does for a text, except in inlined parts.
    pub takes_any_scalar: bool,
    /// What problems are called.
    pub code: &'static str,
}

impl Reading {
    /// The reading of a kustomization file.
    pub const fn kustomization(version: Version) -> Self {
        Self {
            version,
            refuses_unknown: true,
            refuses_duplicates: false,
            takes_any_scalar: false,
            code: "bad-kustomization",
        }
    }

    /// The reading of a file listed in `crds`.
    pub const DEFINITIONS: Self =
        Self { refuses_unknown: false, code: "bad-crds", ..Self::kustomization(Version::V5_8) };

    /// The reading of a file listed in `configurations`.
    pub const fn configuration(version: Version) -> Self {
        Self {
            version,
            refuses_unknown: true,
            refuses_duplicates: true,
            takes_any_scalar: true,
            code: "bad-configuration",
        }
    }
}

/// Everything for which kustomize refuses `root`, which must be of this form.
pub fn check(root: Node<'_>, form: Form, reading: Reading) -> Vec<Diagnostic> {
    let not_json = go::not_json(root).into_iter();
    let mut problems: Vec<Diagnostic> =
        not_json.map(|(node, what)| Diagnostic::error(reading.code, node.span(), what)).collect();
    if reading.refuses_duplicates {
        problems.extend(crate::yaml::duplicate_keys(root).into_iter().map(|(earlier, later)| {
            let (first, again) = (earlier.key().unwrap_or(earlier), later.key().unwrap_or(later));
            let what = format!("`{}` is given twice", again.text());
            Diagnostic::error(reading.code, again.span(), what).related(first.span(), "first given here")
        }));
    }
    Check { reading, problems: &mut problems }.value(root, form);
    problems.sort_by_key(|problem| problem.primary.span.start);
    problems
}

struct Check<'p> {
    reading: Reading,
    problems: &'p mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn value(&mut self, node: Node<'_>, form: Form) {
        match (form, node.kind()) {
            _ if node.is_null() => {}
            (Form::Any, _) | (Form::AnyMap, Kind::Mapping) => {}
            (Form::List(item), Kind::Sequence) => node.items().for_each(|node| self.value(node, *item)),
            (Form::Map(value), Kind::Mapping) => {
                go::entries(node).for_each(|entry| self.value(entry.value, *value));
            }
            (Form::Fields(fields), Kind::Mapping) => self.fields(node, fields),
            _ if self.scalar_fits(node, form) => {}
            _ => self.mismatch(node, form),
        }
    }

    fn fields(&mut self, node: Node<'_>, fields: &'static [Field]) {
        self.spellings(node, fields);
        let version = self.reading.version;
        for entry in go::entries(node) {
            let mut same = fields.iter().filter(|field| go::is_named(&entry.name, field.name));
            if let Some(field) = same.clone().find(|field| field.is_in(version)) {
                let reading = self.reading;
                self.reading.takes_any_scalar &= !field.is_inlined;
                self.value(entry.value, field.form);
                self.reading = reading;
            } else if self.reading.refuses_unknown {
                let what = format!("unknown field `{}`", entry.name);
                let problem = Diagnostic::error(self.reading.code, entry.key.span(), what);
                self.problems.push(match same.next() {
                    Some(other) => problem.help(other.whose()),
                    None => match help_on_name(&entry.name, fields, version) {
                        Some(help) => problem.help(help),
                        None => problem,
                    },
                });
            }
        }
    }

    /// Refuses what kustomize takes and makes a mix of: a list or mapping under two spellings of its name.
    fn spellings(&mut self, node: Node<'_>, fields: &[Field]) {
        let mut seen: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
        for entry in go::entries(node).filter(|entry| entry.value.kind() != Kind::Scalar) {
            let Some(field) = fields.iter().find(|field| go::is_named(&entry.name, field.name)) else { continue };
            if let Some(earlier) = seen.get(field.name) {
                let what = format!("`{}` is also given as `{}`, and kustomize mixes the two", entry.name, earlier.name);
                let problem = Diagnostic::error(self.reading.code, entry.key.span(), what);
                let problem = problem.related(earlier.key.span(), "the other spelling");
                self.problems.push(problem.help(format!("keep one of them, as `{}`", field.name)));
            }
            seen.insert(field.name, entry);
        }
    }

    fn scalar_fits(&self, node: Node<'_>, form: Form) -> bool {
        match (form, node.scalar()) {
            (Form::Text, Some(Scalar::String(_) | Scalar::Timestamp(_))) | (Form::Bool, Some(Scalar::Bool(_))) => true,
            (Form::Text, Some(_)) => self.reading.takes_any_scalar,
            (Form::Integer, Some(_)) => go::whole_number(node).is_some(),
            _ => false,
        }
    }

    fn mismatch(&mut self, node: Node<'_>, form: Form) {
        let expected = match form {
            Form::Any => return,
            Form::AnyMap | Form::Map(_) | Form::Fields(_) => "a mapping",
            Form::Text => "a text",
            Form::Bool => "`true` or `false`",
            Form::Integer => "a whole number",
            Form::List(_) => "a list",
        };
        let subject = match (node.key(), node.parent()) {
            (Some(key), _) => format!("`{}`", key.text()),
            (None, Some(list)) => match list.key() {
                Some(key) => format!("an item of `{}`", key.text()),
                None => "an item of this list".to_owned(),
            },
            (None, None) => "this file".to_owned(),
        };
        let problem = Diagnostic::error(self.reading.code, node.span(), format!("{subject} must be {expected}"));
        self.problems.push(match (form, node.scalar()) {
            (Form::Text, Some(_)) => problem.help(format!("put it in quotes: `\"{}\"`", node.text())),
            (Form::Bool | Form::Integer, Some(Scalar::String(text))) if is_quoted(text, form) => {
                problem.help(format!("leave the quotes out: `{text}`"))
            }
            _ => problem,
        });
    }
}

impl Field {
    const fn is_in(&self, version: Version) -> bool {
        self.since as u8 <= version as u8 && version as u8 <= self.until as u8
    }

    /// Who knows a field that others do not.
    fn whose(&self) -> String {
        if self.since > Version::V5_5 {
            format!("kustomize knows this field from {} on", self.since)
        } else {
            format!("kustomize knows this field up to {}", self.until)
        }
    }
}

/// What was meant by a name that is no field, or what could have been.
fn help_on_name(name: &str, fields: &[Field], version: Version) -> Option<String> {
    let names = || fields.iter().filter(|field| field.is_in(version)).map(|field| field.name);
    if let Some(meant) = did_you_mean(name, names()) {
        return Some(format!("did you mean `{meant}`?"));
    }
    let all: Vec<_> = names().map(|name| format!("`{name}`")).collect();
    (all.len() <= MOST_NAMES_TOLD).then(|| format!("the fields here are {}", all.join(", ")))
}

fn is_quoted(text: &str, form: Form) -> bool {
    match form {
        Form::Bool => matches!(text, "true" | "false"),
        _ => text.parse::<i64>().is_ok(),
    }
}
