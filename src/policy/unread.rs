//! Policies that need not be read yet. Those that come with Plimsoll are known to be right and most runs have use
//! for few of them, so only what they are about is read at the start.

use std::ops::Range;
use std::sync::Arc;
use std::sync::OnceLock;

use memchr::memmem;

use crate::config::PolicySetting;
use crate::diagnostic::Diagnostic;
use crate::policy::Policy;
use crate::policy::PolicyFile;
use crate::policy::Rule;
use crate::policy::load::load;
use crate::policy::load::matching_of;
use crate::source::Sources;
use crate::yaml::Reader;
use crate::yaml::parse;
use crate::yaml::parse_lines;

impl Policy {
    /// Reads a policy, or as little of it as will do for now. `setting` is what the config says about it.
    ///
    /// # Errors
    /// Everything that is wrong with it. A policy with a mistake is not used at all.
    pub(super) fn open(
        file: &PolicyFile,
        sources: &Arc<Sources>,
        setting: Option<&PolicySetting>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let text = sources.get(file.source).text();
        // A setting may be wrong, and whether a policy is a preview must be known.
        let can_wait = file.is_builtin && setting.is_none() && field(text, "\npreview:").is_none();
        let (matching, rule) = if can_wait {
            let lines = field(text, "\nmatch:").unwrap_or_default();
            (matching_of(&parse_lines(sources, file.source, lines, Reader::Kubectl)), OnceLock::new())
        } else {
            let (matching, rule) = load(file, &parse(sources, file.source, Reader::Kubectl), setting)?;
            (matching, OnceLock::from(rule))
        };
        let (id, category) = (file.id.clone(), file.category.clone());
        Ok(Self { id, category, matching, file: file.clone(), sources: Arc::clone(sources), rule })
    }

    /// Whether it has to be turned on. One that is not read yet is no preview.
    pub(super) fn is_preview(&self) -> bool {
        self.rule.get().is_some_and(|rule| rule.preview)
    }

    /// What its file says.
    pub fn rule(&self) -> &Rule {
        self.rule.get_or_init(|| {
            let parsed = parse(&self.sources, self.file.source, Reader::Kubectl);
            let (_, rule) =
                load(&self.file, &parsed, None).expect("the tests have read the policies that are built in");
            rule
        })
    }
}

/// The lines of a field of a policy, in a file as we write them: nothing but a field starts a line with a letter.
fn field(text: &str, start: &str) -> Option<Range<usize>> {
    let start = memmem::find(text.as_bytes(), start.as_bytes())? + 1;
    let is_field = |at: &usize| text[*at..].starts_with(|char: char| char.is_ascii_alphabetic());
    let next = text[start..].match_indices('\n').map(|(end, _)| start + end + 1).find(is_field);
    Some(start..next.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Policy;
    use super::load;
    use crate::policy::builtin;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    #[test]
    fn a_policy_that_waits_knows_what_it_is_about() {
        let sources = Arc::new(Sources::in_memory());
        for file in builtin(&sources) {
            let policy = Policy::open(&file, &sources, None).unwrap();
            let (matching, rule) = load(&file, &parse(&sources, file.source, Reader::Kubectl), None).unwrap();
            assert_eq!(policy.matching, matching, "{}", policy.id);
            assert_eq!(policy.is_preview(), rule.preview, "{}", policy.id);
            assert_eq!(policy.rule().span, rule.span, "{}", policy.id);
        }
    }
}
