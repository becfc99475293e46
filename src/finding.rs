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
/// Two findings are the same defect when the same policy says the same of the same span.
pub fn gather(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut places: HashMap<(String, Span, String), usize> = HashMap::new();
    let mut gathered: Vec<Finding> = Vec::new();
    for finding in findings {
        let key = (finding.policy.clone(), sources.written(finding.primary.span), finding.message.clone());
        if let Some(&index) = places.get(&key) {
            gathered[index].occurrences.extend(finding.occurrences);
        } else {
            places.insert(key, gathered.len());
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

fn order(finding: &Finding, sources: &Sources) -> (Location, String, String) {
    (sources.location(finding.primary.span), finding.policy.clone(), finding.message.clone())
}
