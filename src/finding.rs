//! What a policy has found: one defect, told once however many targets show it.

use std::collections::HashMap;

use crate::diagnostic::Label;
use crate::diagnostic::Severity;
use crate::kube::ResourceId;
use crate::source::Location;
use crate::source::Sources;
use crate::source::Span;

/// One defect.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The id of the policy that found it.
    pub policy: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// A name for the defect that stays the same when lines move: 16 hexadecimal digits, and `-2`, `-3` for
    /// further ones that nothing else tells apart.
    pub fingerprint: String,
    /// The place that set the field, and what is to be said there.
    pub primary: Label,
    /// Other places that explain it: the field it collides with, the patch it came through.
    pub related: Vec<Label>,
    /// Where it shows: the first one in the order of targets, then the others.
    pub occurrences: Vec<Occurrence>,
    /// What would mend it, if the policy knows.
    pub repair: Option<Repair>,
}

/// The edits that mend a finding: all of them or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repair {
    /// Whether they can't change what was meant.
    pub is_safe: bool,
    /// What is done where; nothing where the value is put together while the target is built.
    pub edits: Vec<TextEdit>,
}

/// An edit of a text that somebody wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextEdit {
    /// Where the value is written that it is about.
    pub span: Span,
    /// What is done to it.
    pub action: Action,
    /// The field of the resource that changes; none if it is in another resource.
    pub path: Option<String>,
}

/// What can be done to a value where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// The field is removed.
    Remove,
    /// A plain scalar is put in quotes.
    Quote,
    /// The quotes of a scalar are taken away.
    Unquote,
    /// Blanks around a text are taken away.
    Trim,
    /// The field of a kustomization, whose key this is, becomes the one that has replaced it.
    Modernize,
    /// A part of a scalar's text gives way to this.
    Replace(String),
    /// A mapping gets a field, which it does not have.
    Add {
        /// Its name.
        field: String,
        /// Its value, on one line of YAML.
        value: String,
    },
}

/// One resource of one target in which a defect shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Occurrence {
    /// The name of the target.
    pub target: String,
    /// The resource as rendered.
    pub resource: ResourceId,
    /// The field within the resource.
    pub path: String,
    /// A name for the defect as it shows here, as [`Finding::fingerprint`] but without a number.
    pub fingerprint: String,
}

/// A question of a policy that could not be answered from the repository.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// The id of the policy.
    pub policy: String,
    /// The resource as rendered.
    pub resource: ResourceId,
    /// The place that the question is about.
    pub span: Span,
    /// Why there is no answer.
    pub reason: &'static str,
}

/// Joins findings that are about the same defect, and sorts what is left by place.
///
/// Two findings are the same defect when the same policy says the same of the same span, or speaks of the same
/// field there in another resource: the names of that may differ by a prefix, and the message with them.
pub fn gather(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut places: HashMap<(String, Span), Vec<usize>> = HashMap::new();
    let mut gathered: Vec<Finding> = Vec::new();
    for finding in findings {
        let key = (finding.policy.clone(), sources.written(finding.primary.span));
        let here = places.entry(key).or_default();
        let same = here.iter().find(|&&index| gathered[index].message == finding.message);
        let same = same.or_else(|| here.iter().find(|&&index| is_seen_elsewhere(&gathered[index], &finding)));
        if let Some(&index) = same {
            gathered[index].occurrences.extend(finding.occurrences);
        } else {
            here.push(gathered.len());
            gathered.push(finding);
        }
    }
    for finding in &mut gathered {
        finding.occurrences.sort();
        finding.occurrences.dedup();
    }
    gathered.sort_by_cached_key(|finding| order(finding, sources));
    let mut times: HashMap<String, usize> = HashMap::new();
    for finding in &mut gathered {
        let count = times.entry(finding.fingerprint.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            finding.fingerprint = format!("{}-{count}", finding.fingerprint);
        }
    }
    gathered
}

/// Whether a finding is what another one has found, in a resource of the same kind that it does not name yet.
fn is_seen_elsewhere(known: &Finding, finding: &Finding) -> bool {
    let Some(new) = finding.occurrences.first() else { return false };
    let is_same_resource = |other: &Occurrence| other.target == new.target && other.resource == new.resource;
    let is_same_field = |other: &Occurrence| other.path == new.path && other.resource.kind == new.resource.kind;
    known.occurrences.iter().all(|other| is_same_field(other) && !is_same_resource(other))
}

fn order(finding: &Finding, sources: &Sources) -> (Location, String, String) {
    (sources.location(finding.primary.span), finding.policy.clone(), finding.message.clone())
}
