//! Fields of a kustomization that others have replaced, rewritten as these: in their place, or moved into the list
//! that is there already. Comments and the style of the file stay.
//!
//! That nothing is built otherwise by it is for the proof to show: some of the old fields are applied at another step
//! than those that have replaced them.

use crate::fix::edit::Replacement;
use crate::fix::edit::find;
use crate::fix::kustomization::column;
use crate::fix::kustomization::end_of_line;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Style;

/// What is said where nothing can be done.
const OTHERWISE: &str = "it is written in a way that is not edited";

/// The edits that bring the field up to date whose key stands at a span.
///
/// # Errors
/// When there is nothing that says the same, or it can't be written there; says why.
pub(super) fn modernized(parsed: &Parsed, text: &str, key: Span) -> Result<Vec<Replacement>, String> {
    let is_it =
        |node: &Node<'_>| node.key().is_some_and(|own| (own.span().start, own.span().end) == (key.start, key.end));
    let value = find(parsed, is_it).ok_or("its text can't be found again")?;
    let mapping = value.parent().ok_or(OTHERWISE)?;
    let old = Field { text, mapping, value, key: key.start as usize..key.end as usize };
    match value.key().map_or("", Node::text) {
        "bases" => old.renamed("resources", Place::Behind, |_| Ok(Vec::new())),
        "imageTags" => old.renamed("images", Place::Behind, |_| Ok(Vec::new())),
        "patchesJson6902" => old.renamed("patches", Place::Behind, |_| Ok(Vec::new())),
        // kustomize applies these first.
        "patchesStrategicMerge" => old.renamed("patches", Place::Before, |list| as_patches(list, text)),
        "commonLabels" => old.as_labels(),
        "env" => old.as_list(),
        _ => Err("no other field says the same in a few words".to_owned()),
    }
}

/// A field that is to be replaced.
struct Field<'a> {
    text: &'a str,
    mapping: Node<'a>,
    value: Node<'a>,
    key: std::ops::Range<usize>,
}

/// Where items go in a list that has some.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Behind,
}

impl Field<'_> {
    /// The field under another name, with edits of its items; or these items in the list that has that name.
    fn renamed(
        &self,
        name: &str,
        place: Place,
        edits: impl Fn(Node<'_>) -> Result<Vec<Replacement>, String>,
    ) -> Result<Vec<Replacement>, String> {
        let list = self.value;
        if list.kind() != Kind::Sequence {
            return Err(OTHERWISE.to_owned());
        }
        let mut all = edits(list)?;
        // Of two old fields that become one the second joins the first, which is edited as well.
        let first = || self.mapping.get("patchesStrategicMerge").filter(|first| name == "patches" && *first != list);
        let Some(others) = self.mapping.get(name).or_else(first) else {
            all.push((self.key.clone(), name.to_owned()));
            return Ok(all);
        };
        let items = self.lines(list, all)?;
        self.moved(others, place, &items)
    }

    /// The labels as the one entry of a list.
    fn as_labels(&self) -> Result<Vec<Replacement>, String> {
        let own = self.value.span();
        let (start, end) = (own.start as usize, own.end as usize);
        if self.value.kind() != Kind::Mapping {
            return Err(OTHERWISE.to_owned());
        }
        let break_ = self.break_();
        let head = format!("- includeSelectors: true{break_}  pairs:");
        let is_flow = self.value.style() == Style::Flow;
        let Some(others) = self.mapping.get("labels") else {
            let mut all = vec![(self.key.clone(), "labels".to_owned())];
            if is_flow {
                all.push((start..start, "[{includeSelectors: true, pairs: ".to_owned()));
                all.push((end..end, "}]".to_owned()));
                return Ok(all);
            }
            let indent = " ".repeat(column(self.text, self.key.start));
            all[0].1 = format!("labels:{break_}{}", head.replace(break_, &format!("{break_}{indent}")));
            // The colon of the key stands behind the last word already.
            all[0].1.pop();
            let first = start - column(self.text, start);
            all.extend(indented(self.text, first..end_of_line(self.text, self.value), "  "));
            return Ok(all);
        };
        let entry = if is_flow {
            format!("{head} {}{break_}", &self.text[start..end])
        } else {
            format!("{head}{break_}{}", shifted(&self.lines(self.value, Vec::new())?, 4))
        };
        self.moved(others, Place::Behind, &entry)
    }

    /// One file as a list of files.
    fn as_list(&self) -> Result<Vec<Replacement>, String> {
        let own = self.value.span();
        let is_plain = !self.value.text().contains([',', '[', ']', '{', '}', '#']);
        if self.value.kind() != Kind::Scalar || self.mapping.get("envs").is_some() || !is_plain {
            return Err(OTHERWISE.to_owned());
        }
        let (start, end) = (own.start as usize, own.end as usize);
        Ok(vec![(self.key.clone(), "envs".to_owned()), (start..start, "[".to_owned()), (end..end, "]".to_owned())])
    }

    /// The lines of a value in block style after some edits, as they would stand at the start of a line.
    fn lines(&self, value: Node<'_>, mut edits: Vec<Replacement>) -> Result<String, String> {
        if value.style() == Style::Flow || self.mapping.style() == Style::Flow {
            return Err(OTHERWISE.to_owned());
        }
        let start = value.span().start as usize;
        let own = column(self.text, start);
        let end = end_of_line(self.text, value);
        let mut lines = self.text[start - own..end].to_owned();
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        for (range, new) in edits.into_iter().rev() {
            lines.replace_range(range.start - (start - own)..range.end - (start - own), &new);
        }
        if !lines.ends_with('\n') {
            lines.push_str(self.break_());
        }
        let strip = |line: &str| line[line.bytes().take(own).take_while(|byte| *byte == b' ').count()..].to_owned();
        Ok(lines.split_inclusive('\n').map(strip).collect())
    }

    /// These lines in a list that is there, and the field gone.
    fn moved(&self, others: Node<'_>, place: Place, lines: &str) -> Result<Vec<Replacement>, String> {
        let is_list = others.kind() == Kind::Sequence && others.style() == Style::Block;
        if !is_list || others.items().next().is_none() || self.mapping.style() == Style::Flow {
            let name = others.key().map_or("", Node::text);
            return Err(format!("`{name}` is there as well, and not as a list with a line for each item"));
        }
        let first = others.span().start as usize;
        let own = column(self.text, first);
        let at = if place == Place::Before { first - own } else { end_of_line(self.text, others) };
        let break_before = if at > 0 && !self.text[..at].ends_with('\n') { self.break_() } else { "" };
        let start = self.key.start - column(self.text, self.key.start);
        let gone = start..end_of_line(self.text, self.value);
        Ok(vec![(at..at, format!("{break_before}{}", shifted(lines, own))), (gone, String::new())])
    }

    fn break_(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }
}

/// The items of `patchesStrategicMerge` as those of `patches`: the path of a file, or a patch itself.
fn as_patches(list: Node<'_>, text: &str) -> Result<Vec<Replacement>, String> {
    let mut all = Vec::new();
    for item in list.items() {
        let is_block = matches!(item.style(), Style::Literal | Style::Folded);
        let end = item.span().end as usize;
        let start = if is_block { header(item, text).ok_or(OTHERWISE)? } else { item.span().start as usize };
        let field = if is_block || item.text().starts_with('{') { "patch" } else { "path" };
        if item.kind() != Kind::Scalar || (!is_block && text[start..end].contains('\n')) {
            return Err(OTHERWISE.to_owned());
        }
        if list.style() == Style::Flow {
            all.push((start..start, format!("{{{field}: ")));
            all.push((end..end, "}".to_owned()));
            continue;
        }
        all.push((start..start, format!("{field}: ")));
        if is_block {
            let header = text[start..].lines().next().unwrap_or_default();
            if header.bytes().any(|byte| byte.is_ascii_digit()) {
                return Err("one of its patches says how far it is indented".to_owned());
            }
            let first = start + text[start..].find('\n').map_or(0, |end| end + 1);
            all.extend(indented(text, first..end, "  "));
        }
    }
    Ok(all)
}

/// Where the `|` or `>` of an item stands, which is no part of its text.
fn header(item: Node<'_>, text: &str) -> Option<usize> {
    let dash = text[..item.span().start as usize].match_indices('-').map(|(at, _)| at);
    let at = dash.rev().find(|at| text[*at - column(text, *at)..*at].trim().is_empty())? + 1;
    let header = at + text[at..].len() - text[at..].trim_start_matches(' ').len();
    text[header..].starts_with(['|', '>']).then_some(header)
}

/// More blanks before each line of a range that is not empty.
fn indented(text: &str, range: std::ops::Range<usize>, blanks: &str) -> Vec<Replacement> {
    let mut at = range.start;
    let mut all = Vec::new();
    for line in text[range].split_inclusive('\n') {
        if !line.trim().is_empty() {
            all.push((at..at, blanks.to_owned()));
        }
        at += line.len();
    }
    all
}

/// Lines further to the right.
fn shifted(lines: &str, by: usize) -> String {
    let blanks = " ".repeat(by);
    let shift = |line: &str| if line.trim().is_empty() { line.to_owned() } else { format!("{blanks}{line}") };
    lines.split_inclusive('\n').map(shift).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::modernized;
    use crate::kustomization::Kustomization;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    fn modern(text: &str) -> String {
        let sources = Arc::new(Sources::in_memory());
        let parsed = parse(&sources, sources.add("kustomization.yaml", text), Reader::Kubectl);
        let view = Kustomization::of(&parsed).expect("a kustomization");
        let mut edits = Vec::new();
        for field in view.deprecated() {
            match modernized(&parsed, text, field.span) {
                Ok(found) => edits.extend(found),
                Err(reason) => return reason,
            }
        }
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = text.to_owned();
        for (range, new) in edits.into_iter().rev() {
            text.replace_range(range, &new);
        }
        text
    }

    #[test]
    fn a_field_is_rewritten_where_it_stands() {
        assert_eq!(
            modern("bases:\n  - ../base  # one\nnamespace: a\n"),
            "resources:\n  - ../base  # one\nnamespace: a\n"
        );
        assert_eq!(modern("bases: [../base]\n"), "resources: [../base]\n");
        assert_eq!(
            modern("patchesStrategicMerge: [a.yaml, 'b.yaml']\n"),
            "patches: [{path: a.yaml}, {path: 'b.yaml'}]\n"
        );
        assert_eq!(
            modern("patchesStrategicMerge:\n# first\n- a.yaml\n- |-\n  kind: A\n\n  spec: {}\nnamePrefix: x\n"),
            "patches:\n# first\n- path: a.yaml\n- patch: |-\n    kind: A\n\n    spec: {}\nnamePrefix: x\n"
        );
        assert_eq!(
            modern("commonLabels:\n  app: x # y\n  b: z\n"),
            "labels:\n- includeSelectors: true\n  pairs:\n    app: x # y\n    b: z\n"
        );
        assert_eq!(modern("commonLabels: {app: x}\n"), "labels: [{includeSelectors: true, pairs: {app: x}}]\n");
        assert_eq!(
            modern("configMapGenerator:\n- name: a\n  env: a.env\n"),
            "configMapGenerator:\n- name: a\n  envs: [a.env]\n"
        );
        assert_eq!(
            modern("commonLabels:\r\n  app: x\r\n"),
            "labels:\r\n- includeSelectors: true\r\n  pairs:\r\n    app: x\r\n"
        );
    }

    #[test]
    fn items_join_those_that_are_there() {
        assert_eq!(
            modern("resources:\n  - a.yaml\nbases:\n- ../base # why\n- ../other\nnamespace: b\n"),
            "resources:\n  - a.yaml\n  - ../base # why\n  - ../other\nnamespace: b\n"
        );
        assert_eq!(modern("bases:\n  - ../base\n\nresources:\n- a.yaml"), "\nresources:\n- a.yaml\n- ../base\n");
        assert_eq!(
            modern("patches:\n- path: late.yaml\npatchesStrategicMerge:\n  - |\n    kind: A\n"),
            "patches:\n- patch: |\n    kind: A\n- path: late.yaml\n"
        );
        assert_eq!(
            modern("labels:\n  - pairs: {a: b}\ncommonLabels:\n  app: x\n"),
            "labels:\n  - pairs: {a: b}\n  - includeSelectors: true\n    pairs:\n      app: x\n"
        );
    }

    #[test]
    fn two_fields_become_one() {
        assert_eq!(
            modern("patchesJson6902:\n- path: b.yaml\n  target: {kind: A}\npatchesStrategicMerge:\n  - a.yaml\n"),
            "patches:\n  - path: a.yaml\n  - path: b.yaml\n    target: {kind: A}\n"
        );
    }

    #[test]
    fn what_has_no_place_stays() {
        assert_eq!(modern("resources: [a.yaml]\nbases: [b]\n"), super::OTHERWISE);
        assert_eq!(modern("vars:\n- name: A\n"), "no other field says the same in a few words");
    }
}
