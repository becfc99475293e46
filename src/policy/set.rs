//! Which policies a run asks: the built-in ones and those of the user, less what is turned off.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::policy::Policy;
use crate::policy::PolicyFile;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;

/// The policies that come with Plimsoll: path and text of each file, sorted by path.
pub const BUILTIN: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// What the command line says about which policies are asked: ids or categories.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Only these, previews too; all if empty.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
    /// These beside the others, previews too.
    pub also: Vec<String>,
}

/// The files of the policies that come with Plimsoll.
pub fn builtin(sources: &Sources) -> Vec<PolicyFile> {
    let file = |(path, text): &(&str, &str)| PolicyFile {
        is_builtin: true,
        ..PolicyFile::at(path, sources.add(*path, *text))
    };
    BUILTIN.iter().map(file).collect()
}

/// Loads what is selected and turned on. Everything that is wrong with the files, or with what is said
/// about policies that nobody has, is added to `problems`.
///
/// # Errors
/// When the selection names an id or a category that there is not: the message for the command line.
pub fn load_all(
    files: &[PolicyFile],
    sources: &Arc<Sources>,
    config: &Config,
    selection: &Selection,
    problems: &mut Vec<Diagnostic>,
) -> Result<Vec<Policy>, String> {
    let mut names: Vec<&str> = files.iter().flat_map(|file| [file.id.as_str(), file.category.as_str()]).collect();
    names.sort_unstable();
    names.dedup();
    if let Some(unknown) = selection.named().find(|name| !names.contains(&name.as_str())) {
        let meant = did_you_mean(unknown, names.iter().copied());
        let hint = meant.map_or("see `plimsoll policies list`".to_owned(), |meant| format!("did you mean `{meant}`?"));
        return Err(format!("no policy or category is called `{unknown}`; {hint}"));
    }
    settings_without_policy(files, config, problems);
    let mut seen: BTreeMap<&str, SourceId> = BTreeMap::new();
    let mut wanted = Vec::new();
    for file in files {
        if let Some(&first) = seen.get(file.id.as_str()) {
            let what = format!("two policies are called `{}`", file.id);
            let problem =
                Diagnostic::error("bad-policy", Span::whole(file.source), what).help("rename one of the files");
            problems.push(problem.related(Span::whole(first), "this is the other one"));
            continue;
        }
        seen.insert(&file.id, file.source);
        if selection.wants(file, config) {
            wanted.push(file);
        }
    }
    let mut policies = Vec::new();
    for file in wanted {
        match Policy::open(file, sources, config.policies.get(&file.id)) {
            Ok(policy) if policy.is_preview() && !selection.turns_on(&policy, config) => {}
            Ok(policy) => policies.push(policy),
            Err(mistakes) => problems.extend(mistakes),
        }
    }
    Ok(policies)
}

impl Selection {
    /// All that it names.
    fn named(&self) -> impl Iterator<Item = &String> {
        self.only.iter().chain(&self.skip).chain(&self.also)
    }

    /// Whether a policy is asked, as far as its name tells. What is named by its id is asked even if the
    /// config turns it off.
    fn wants(&self, file: &PolicyFile, config: &Config) -> bool {
        let is_among = |list: &[String]| list.iter().any(|name| *name == file.id || *name == file.category);
        let is_off = config.policies.get(&file.id).and_then(|setting| setting.enabled) == Some(false);
        let is_named = self.only.contains(&file.id) || self.also.contains(&file.id);
        (is_named || !is_off) && !is_among(&self.skip) && (self.only.is_empty() || is_among(&self.only))
    }

    /// Whether a preview is turned on, by the config or by being named.
    fn turns_on(&self, policy: &Policy, config: &Config) -> bool {
        let is_on = config.policies.get(&policy.id).and_then(|setting| setting.enabled) == Some(true);
        is_on || self.only.contains(&policy.id) || self.also.contains(&policy.id)
    }
}

fn settings_without_policy(files: &[PolicyFile], config: &Config, problems: &mut Vec<Diagnostic>) {
    for (id, setting) in &config.policies {
        if files.iter().any(|file| file.id == *id) {
            continue;
        }
        let Some(span) = setting.span else { continue };
        let problem = Diagnostic::error("bad-config", span, format!("no policy is called `{id}`"));
        problems.push(match did_you_mean(id, files.iter().map(|file| file.id.as_str())) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help("see `plimsoll policies list`"),
        });
    }
}
