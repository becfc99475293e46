//! What we tell people about a place: one shape for syntax errors, bad config and policies, and findings.
//!
//! A diagnostic cannot be made without a place. It knows nothing of terminals or formats; see `report`.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::source::ReadError;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;

/// How bad it is. The three levels are those of SARIF and of GitHub's annotations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; changes no exit code unless asked to.
    Note,
    /// Likely broken, or broken under some circumstances.
    Warning,
    /// Refused by the API server, or certainly broken; or something that could not be checked.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A place and what is to be said about it. The message may be empty where the place says it all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What, in lower case and without a full stop.
    pub message: String,
}

impl Label {
    /// A label with a message.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// One thing to tell: what is wrong, where, why, and what to do about it.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// A name for the kind of problem, `kebab-case`, the same in every release.
    pub code: &'static str,
    /// An error means that something could not be checked: the run ends with exit code 2.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do, if that is not plain from the message.
    pub help: Option<String>,
    /// The place it is about.
    pub primary: Label,
    /// Other places that explain it.
    pub related: Vec<Label>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            help: None,
            primary: Label::new(span, ""),
            related: Vec::new(),
        }
    }

    /// A warning at `span`.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what is to be said at the primary place itself.
    #[must_use]
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Label::new(span, message));
        self
    }
}

impl From<ReadError> for Diagnostic {
    fn from(error: ReadError) -> Self {
        Self::error("unreadable-file", error.span, error.problem.to_string())
    }
}

/// Sorts diagnostics by place, and drops those that say the same of the same place again, as happens
/// when several targets read one file.
pub fn gather(mut diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let order = |problem: &Diagnostic| (sources.location(problem.primary.span), problem.code, problem.message.clone());
    diagnostics.sort_by_cached_key(order);
    diagnostics.dedup_by_key(|problem| order(problem));
    few_of_a_kind(diagnostics, sources)
}

/// How many diagnostics of one code are told of one file. More come from generated files, or from malice.
const MAX_OF_A_KIND: usize = 100;

/// Leaves out what a file has too many of, and says so; errors stay errors.
fn few_of_a_kind(diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let mut counts: HashMap<(SourceId, &'static str), usize> = HashMap::new();
    let kind = |problem: &Diagnostic| (sources.written(problem.primary.span).source, problem.code);
    for problem in &diagnostics {
        *counts.entry(kind(problem)).or_default() += 1;
    }
    let mut told: HashMap<(SourceId, &'static str), usize> = HashMap::new();
    let mut few = Vec::new();
    for problem in diagnostics {
        let (count, told) = (counts[&kind(&problem)], told.entry(kind(&problem)).or_default());
        *told += 1;
        if *told <= MAX_OF_A_KIND {
            few.push(problem);
        } else if *told == MAX_OF_A_KIND + 1 {
            let what = format!("and {} more of this kind in this file", count - MAX_OF_A_KIND);
            few.push(Diagnostic { message: what, help: None, related: Vec::new(), ..problem });
        }
    }
    few
}

/// The candidate that was most likely meant by `word`, if one is close enough to be worth naming.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, candidate)| distance <= 1 + candidate.chars().count().min(word.chars().count()) / 4)
        .min_by_key(|&(distance, candidate)| (distance, candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn a_typo_is_recognised_and_another_word_is_not() {
        let fields = ["severity", "summary", "match", "each"];
        assert_eq!(did_you_mean("severty", fields), Some("severity"));
        assert_eq!(did_you_mean("Match", fields), Some("match"));
        assert_eq!(did_you_mean("reach", fields), Some("each"));
        assert_eq!(did_you_mean("labels", fields), None);
    }
}
