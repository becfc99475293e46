//! From findings to edits of the texts that are wrong.
//!
//! An edit changes the bytes of one value and nothing else of its file. What several have set is mended in all of
//! their texts or not at all, or the last one would bring it back.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::finding::Action;
use crate::finding::Finding;
use crate::finding::TextEdit;
use crate::fix::Built;
use crate::fix::Refused;
use crate::fix::Request;
use crate::fix::change::Change;
use crate::fix::change::Edit;
use crate::fix::change::Purpose;
use crate::fix::change::Show;
use crate::fix::edit::replacement;
use crate::fix::layers::Layers;
use crate::fix::modern::modernized;
use crate::source::Span;
use crate::yaml::Files;

/// What findings lead to.
pub(super) struct Repairs {
    pub(super) changes: Vec<Change>,
    pub(super) refused: Vec<Refused>,
    /// How many are left because they are not safe.
    pub(super) unsafe_ones: usize,
}

/// A policy, and where the values are written that it complains of: the same in every target.
type Defect = (String, Vec<(String, u32, u32)>);

/// The edits for all findings of the policies that were asked for.
pub(super) fn of(files: &Files, built: &[Built], layers: &Layers, request: &Request) -> Repairs {
    let mut found: BTreeMap<Defect, Vec<(usize, &Finding)>> = BTreeMap::new();
    let mut repairs = Repairs { changes: Vec::new(), refused: Vec::new(), unsafe_ones: 0 };
    let mut unsafe_ones = BTreeSet::new();
    for (target, one) in built.iter().enumerate() {
        for finding in one.findings.iter().filter(|finding| request.repairs.contains(&finding.policy)) {
            let Some(repair) = &finding.repair else { continue };
            if repair.edits.is_empty() {
                let reason = "its value is put together while the target is built".to_owned();
                repairs.refused.push(refused(built, target, finding, reason));
                continue;
            }
            let path = |span: Span| files.sources().get(span.source).path().to_owned();
            let places = repair.edits.iter().map(|TextEdit { span, .. }| (path(*span), span.start, span.end));
            let key = (finding.policy.clone(), places.collect());
            if !repair.is_safe && !request.allow_unsafe {
                unsafe_ones.insert(key);
                continue;
            }
            found.entry(key).or_default().push((target, finding));
        }
    }
    repairs.unsafe_ones = unsafe_ones.len();
    for findings in found.into_values() {
        let (policy, shows) = (findings[0].1.policy.clone(), shows(built, &findings));
        let edits_of = findings[0].1.repair.iter().flat_map(|repair| &repair.edits);
        let elsewhere = edits_of.filter(|edit| edit.path.is_none()).map(|edit| edit.span).collect();
        let purpose = Purpose::Repair { policy, shows, elsewhere };
        let change = Change { edits: Vec::new(), purpose };
        match edits(files, built, layers, &findings) {
            Ok(edits) => repairs.changes.push(Change { edits, ..change }),
            Err(reason) => {
                let (target, finding) = findings[0];
                repairs.refused.push(refused(built, target, finding, reason));
            }
        }
    }
    repairs
}

/// What is said of a finding that was not mended after all.
pub(super) fn refusal(files: &Files, built: &[Built], change: &Change, reason: String) -> Refused {
    let Purpose::Repair { policy, shows, .. } = &change.purpose else { unreachable!("waits are refused elsewhere") };
    let show = &shows[0];
    let is_it = |finding: &&Finding| finding.policy == *policy && finding.fingerprint == show.fingerprint;
    let target = &built[show.target];
    match target.findings.iter().find(is_it) {
        Some(finding) => refused(built, show.target, finding, reason),
        None => Refused {
            target: target.target.name.clone(),
            resource: show.id.clone(),
            deed: format!("`{policy}`"),
            reason,
            span: Span::whole(files.sources().add_named(change.edits[0].file())),
        },
    }
}

fn refused(built: &[Built], target: usize, finding: &Finding, reason: String) -> Refused {
    Refused {
        target: built[target].target.name.clone(),
        resource: finding.occurrences[0].resource.clone(),
        deed: format!("`{}`", finding.policy),
        reason,
        span: finding.primary.span,
    }
}

fn shows(built: &[Built], findings: &[(usize, &Finding)]) -> Vec<Show> {
    let show = |&(target, finding): &(usize, &Finding)| {
        let occurrence = finding.occurrences.first()?;
        let id = occurrence.resource.clone();
        let resource = built[target].resources.iter().position(|resource| resource.id == id);
        let paths = finding.repair.iter().flat_map(|repair| &repair.edits).filter_map(|edit| edit.path.clone());
        Some(Show { target, resource, id, paths: paths.collect(), fingerprint: finding.fingerprint.clone() })
    };
    findings.iter().filter_map(show).collect()
}

fn edits(files: &Files, built: &[Built], layers: &Layers, findings: &[(usize, &Finding)]) -> Result<Vec<Edit>, String> {
    let (target, finding) = findings[0];
    let repair = finding.repair.as_ref().ok_or("the policy knows no remedy")?;
    let sources = files.sources();
    let mut edits = Vec::new();
    for edit in &repair.edits {
        let span = edit.span;
        let source = sources.get(span.source);
        let path = source.path();
        if sources.written(span) != span || !source.is_below_root() {
            return Err("it is made from something else, which is not edited".to_owned());
        }
        if !layers.is_built_from(target, &built[target], path) {
            return Err(format!("`{path}` can't be edited in place"));
        }
        if layers.is_used_beside(path) {
            return Err(format!(
                "others are built from `{path}`, too: ask for the whole repository, or for all of them"
            ));
        }
        let parsed = files.parsed(path).map_err(|_| format!("`{path}` can't be read"))?;
        let found = match edit.action {
            Action::Modernize => modernized(&parsed, source.text(), span)?,
            _ => vec![replacement(&parsed, source, edit)?],
        };
        edits.extend(found.into_iter().map(|(range, text)| Edit::Replace { path: path.to_owned(), range, text }));
    }
    Ok(edits)
}
