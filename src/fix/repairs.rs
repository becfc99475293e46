//! From findings to edits of the texts that are wrong.
//!
//! An edit changes the bytes of one value and nothing else of its file. What several have set is mended in all of
//! their texts or not at all, or the last one would bring it back.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::finding::Action;
use crate::finding::Finding;
use crate::fix::Built;
use crate::fix::Refused;
use crate::fix::Request;
use crate::fix::change::Change;
use crate::fix::change::Edit;
use crate::fix::change::Purpose;
use crate::fix::change::Show;
use crate::fix::kustomization::column;
use crate::fix::kustomization::line_behind;
use crate::fix::layers::Layers;
use crate::source::Span;
use crate::yaml::Files;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Style;

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
            let Some(repair) = &finding.repair else {
                let reason = "its value is put together while the target is built".to_owned();
                repairs.refused.push(refused(built, target, finding, reason));
                continue;
            };
            let spans = repair
                .spans
                .iter()
                .map(|span| (files.sources().get(span.source).path().to_owned(), span.start, span.end));
            let key = (finding.policy.clone(), spans.collect());
            if !repair.is_safe && !request.allow_unsafe {
                unsafe_ones.insert(key);
                continue;
            }
            found.entry(key).or_default().push((target, finding));
        }
    }
    repairs.unsafe_ones = unsafe_ones.len();
    for findings in found.into_values() {
        let purpose = Purpose::Repair { policy: findings[0].1.policy.clone(), shows: shows(built, &findings) };
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
    let Purpose::Repair { policy, shows } = &change.purpose else { unreachable!("waits are refused elsewhere") };
    let show = &shows[0];
    let is_it = |finding: &&Finding| finding.policy == *policy && finding.fingerprint == show.fingerprint;
    let target = &built[show.target];
    match target.findings.iter().find(is_it) {
        Some(finding) => refused(built, show.target, finding, reason),
        None => Refused {
            target: target.target.name.clone(),
            resource: target.resources[show.resource].id.clone(),
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
        let resource = built[target].resources.iter().position(|resource| resource.id == occurrence.resource)?;
        let (path, fingerprint) = (occurrence.path.clone(), finding.fingerprint.clone());
        Some(Show { target, resource, path, fingerprint })
    };
    findings.iter().filter_map(show).collect()
}

fn edits(files: &Files, built: &[Built], layers: &Layers, findings: &[(usize, &Finding)]) -> Result<Vec<Edit>, String> {
    let (target, finding) = findings[0];
    let repair = finding.repair.as_ref().ok_or("the policy knows no remedy")?;
    let sources = files.sources();
    let mut edits = Vec::new();
    for &span in &repair.spans {
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
        let mut roots = parsed.documents.iter().map(|document| parsed.tree.node(document.root));
        let node = roots.find_map(|root| at(root, span)).ok_or("its text can't be found again")?;
        let (range, text) = replacement(node, repair.action, source.text())?;
        edits.push(Edit::Replace { path: path.to_owned(), range, text });
    }
    Ok(edits)
}

/// The node that stands at a span.
fn at(root: Node<'_>, span: Span) -> Option<Node<'_>> {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let own = node.span();
        if (own.start, own.end) == (span.start, span.end) {
            return Some(node);
        }
        open.extend(node.children());
    }
    None
}

/// What is put in the place of which bytes.
fn replacement(node: Node<'_>, action: Action, text: &str) -> Result<(Range<usize>, String), String> {
    let span = node.span();
    let whole = span.start as usize..span.end as usize;
    let written = &text[whole.clone()];
    match action {
        Action::Remove => removal(node, text).map(|range| (range, String::new())),
        Action::Quote if node.kind() == Kind::Scalar && node.style() == Style::Plain => {
            Ok((whole, serde_json::Value::from(written).to_string()))
        }
        Action::Unquote if matches!(node.style(), Style::SingleQuoted | Style::DoubleQuoted) => {
            Ok((whole, node.text().to_owned()))
        }
        Action::Trim if node.kind() == Kind::Scalar && written.lines().count() == 1 => {
            Ok((whole, written.replace(node.text(), node.text().trim())))
        }
        Action::Quote | Action::Unquote | Action::Trim => Err("it is written in a way that is not edited".to_owned()),
    }
}

/// The bytes of a field, with its lines where it has lines of its own.
fn removal(node: Node<'_>, text: &str) -> Result<Range<usize>, String> {
    let key = node.key().ok_or("it is an item of a list")?;
    // What an alias stands for is written elsewhere, and what has an anchor may be needed there.
    let is_own = |node: Node<'_>| node.span().start >= key.span().end;
    if !is_own(node) || !node.children().all(is_own) || is_anchored(node, key, text) {
        return Err("it is shared by an anchor".to_owned());
    }
    let mapping = node.parent().ok_or("it is a whole document")?;
    let start = key.span().start as usize;
    let next = mapping.children().skip_while(|child| child.id() != node.id()).nth(1);
    let next = next.and_then(Node::key).map(|key| key.span().start as usize);
    if mapping.children().count() == 1 {
        return Err("nothing would be left of what it is in".to_owned());
    }
    if mapping.style() == Style::Flow {
        let before = mapping.children().take_while(|child| child.id() != node.id()).last();
        return match (next, before) {
            (Some(next), _) => Ok(start..next),
            (None, Some(before)) => Ok(before.span().end as usize..node.span().end as usize),
            (None, None) => Err("nothing would be left of what it is in".to_owned()),
        };
    }
    let own = column(text, start);
    let is_alone = text[start - own..start].bytes().all(|byte| byte == b' ');
    match (is_alone, next) {
        (true, _) => Ok(start - own..end_of(node, text)),
        // The first field of an item stands behind its dash, where the next one takes its place.
        (false, Some(next)) => Ok(start..next),
        (false, None) => Err("it shares its line with something else".to_owned()),
    }
}

/// Whether there is an anchor or an alias between a key and its value.
fn is_anchored(node: Node<'_>, key: Node<'_>, text: &str) -> bool {
    let between = text.get(key.span().end as usize..node.span().start as usize).unwrap_or("*");
    between.lines().any(|line| line.split('#').next().is_some_and(|line| line.contains(['&', '*'])))
}

/// Where the line behind a node begins.
fn end_of(node: Node<'_>, text: &str) -> usize {
    let mut last = node;
    while let Some(child) = last.children().last() {
        last = child;
    }
    let end = (last.span().end as usize).max(node.span().end as usize);
    if text[..end].ends_with('\n') { end } else { line_behind(text, end) }
}
