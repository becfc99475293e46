//! Where a value comes from, and who took something out, step by step. What one step is called is said here and
//! nowhere else: a line each for who asks about one field, in a few words beside each field of a whole object.

use std::collections::HashMap;

use crate::render::Away;
use crate::render::Dropped;
use crate::render::Rendered;
use crate::render::Resource;
use crate::report::Standpoint;
use crate::report::clean;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Deleted;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Via;
use crate::yaml::Writer;

/// Tells where the fields of what a build gave come from.
#[derive(Debug)]
pub struct Teller<'a> {
    pub(super) rendered: &'a Rendered,
    sources: &'a Sources,
    standpoint: Standpoint,
    /// The resources by where their name is written, and by where they start.
    known: HashMap<Span, Vec<&'a Resource>>,
}

/// One step on the way of a value into a field, or out of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Step {
    /// Where it was taken.
    span: Span,
    /// What to say at the line of the place.
    long: String,
    /// What to say in a row with others.
    short: Short,
}

/// What to say of a step where there is little room.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Short {
    /// This, and the place.
    Place(String),
    /// Just this: who wants to know more finds the place by it.
    Words(String),
    /// Nothing.
    Nothing,
}

impl Step {
    fn new(span: Span, long: impl Into<String>, short: impl Into<String>) -> Self {
        Self { span, long: long.into(), short: Short::Place(short.into()) }
    }
}

impl<'a> Teller<'a> {
    /// For what was built from `sources`, and somebody who stands at `standpoint`.
    pub fn new(rendered: &'a Rendered, sources: &'a Sources, standpoint: Standpoint) -> Self {
        let mut known: HashMap<Span, Vec<&'a Resource>> = HashMap::new();
        for resource in &rendered.resources {
            let object = resource.node();
            let first = object.fields().next().map(|(key, _)| key);
            for node in object.at_path(&["metadata", "name"]).into_iter().chain(first) {
                known.entry(node.span()).or_default().push(resource);
            }
        }
        Self { rendered, sources, standpoint, known }
    }

    /// How the value of a field came to be: who wrote it last, through what, from which pieces, over whom.
    pub(super) fn steps(&self, node: Node<'_>) -> Vec<Step> {
        let mut steps = Vec::new();
        for (index, writer) in node.writers().enumerate() {
            let (long, short) = if index == 0 { ("set here", "") } else { ("before that", "overrides") };
            steps.push(Step::new(writer.span, long, short));
            let through = writer.via.map(|via| self.through(node, via));
            if index > 0 {
                steps.extend(through.map(|step| Step { short: Short::Nothing, ..step }));
                continue;
            }
            let pieces = self.pieces(node, writer);
            // Of several vars, each is told before what it stands for.
            steps.extend(through.filter(|step| !pieces.contains(step)));
            steps.extend(pieces);
        }
        steps
    }

    /// What a value came through.
    fn through(&self, node: Node<'_>, via: &Via) -> Step {
        if via.what != "reference" {
            return Step::new(via.span, via.told("through"), format!("via {}", via.what));
        }
        let is_namespace = node.key().is_some_and(|key| key.is_text("namespace"));
        let found = self.known.get(&via.span).into_iter().flatten().find(|resource| {
            let is = if is_namespace { resource.id.namespace.as_deref() } else { Some(resource.id.name.as_str()) };
            is == Some(node.text())
        });
        let what = if is_namespace { "namespace" } else { "name" };
        let Some(Resource { id, .. }) = found else {
            let words = format!("follows the {what} of another resource");
            return Step::new(via.span, words.clone(), words);
        };
        let words = format!("follows the {what} of {}/{}", id.kind, id.name);
        Step { span: via.span, long: words.clone(), short: Short::Words(words) }
    }

    /// What a text was put together from, besides what its last writer wrote.
    fn pieces(&self, node: Node<'_>, last: Writer<'_>) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        if node.kind() != Kind::Scalar {
            return steps;
        }
        let is_reference = last.via.is_some_and(|via| via.what == "reference");
        let told = [Some(last.span), last.via.map(|via| via.span)].map(|span| span.map(|span| self.place(span)));
        for (text, span) in node.parts().into_iter().filter(|(text, span)| !text.is_empty() && *span != last.span) {
            let new = match self.rendered.account.piece(span) {
                Some(via) if via.what == "var" && !is_reference => {
                    let value = Step::new(span, "which stands for this", "which stands for");
                    vec![self.through(node, via), value]
                }
                Some(via) if via.what == "hash" => {
                    vec![Step::new(span, format!("`{text}` is a hash of the content"), "hash")]
                }
                Some(via) if via.what != "var" => {
                    vec![Step::new(span, format!("`{}` adds `{text}`", via.what), via.what)]
                }
                _ if told.contains(&Some(self.place(span))) => Vec::new(),
                _ => vec![Step::new(span, "a part of it comes from here", "+")],
            };
            for mut step in new {
                if is_reference {
                    // They are pieces of the name that is followed, and told there.
                    step.short = Short::Nothing;
                }
                if !steps.contains(&step) {
                    steps.push(step);
                }
            }
        }
        steps
    }

    /// Who took a field or an item out.
    pub(super) fn steps_out(deleted: &Deleted<'_>) -> Vec<Step> {
        let Deleted { how, span, via, was, .. } = *deleted;
        let word = how.told();
        vec![
            Step::new(span, word, word.trim_end_matches(" here").to_owned() + " by"),
            Step::new(via.span, via.told("by"), format!("via {}", via.what)),
            Step::new(was, "it was here", "was"),
        ]
    }

    /// Who took a resource out.
    pub(super) fn steps_away(dropped: &Dropped) -> Vec<Step> {
        let Dropped { how, span, via, was, .. } = dropped;
        let word = how.told();
        let by = via.as_ref().map(|via| Step::new(via.span, via.told("by"), format!("via {}", via.what)));
        let first = Step::new(*span, format!("{word} here"), format!("{word} by"));
        let last = (*how == Away::Deleted).then(|| Step::new(*was, "it was here", "was"));
        std::iter::once(first).chain(by).chain(last).collect()
    }

    /// Steps in a row, in a few words.
    pub(super) fn in_short(&self, steps: &[Step]) -> String {
        let mut told = String::new();
        let mut last = String::new();
        for step in steps {
            let place = self.place(step.span);
            let words = match &step.short {
                Short::Nothing => continue,
                Short::Words(words) => words.clone(),
                Short::Place(words) if words.is_empty() => place.clone(),
                // A generator is often what wrote the value too.
                Short::Place(words) if words.starts_with("via ") && place == last => words.clone(),
                Short::Place(words) => format!("{words} {place}"),
            };
            let belongs = ["via ", "which ", "+ "].iter().any(|start| words.starts_with(start));
            told += if told.is_empty() {
                ""
            } else if belongs {
                " "
            } else {
                ", "
            };
            told += &clean(&words);
            last = place;
        }
        told
    }

    /// Steps with a line each: the place, what was done there, and how that is written.
    pub(super) fn in_lines(&self, steps: &[Step]) -> String {
        let mut rows: Vec<(String, String)> = Vec::new();
        for step in steps {
            let row = (self.place(step.span), format!("{}: {}", step.long, self.line_of(step.span)));
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        let width = rows.iter().map(|(place, _)| place.chars().count()).max().unwrap_or(0);
        rows.iter().map(|(place, what)| format!("  {place:width$}  {}", clean(what)) + "\n").collect()
    }

    /// File and line, as they lead there from where the reader stands.
    fn place(&self, span: Span) -> String {
        let line = self.sources.location(span).line;
        let source = self.sources.get(self.sources.written(span).source);
        clean(&format!("{}:{line}", self.standpoint.path(source)))
    }

    /// The line that a span begins on, as it was written.
    fn line_of(&self, span: Span) -> String {
        let span = self.sources.written(span);
        let source = self.sources.get(span.source);
        let (line, _) = source.lines().position(source.text(), span.start);
        let range = source.lines().range(source.text(), line);
        range.map_or_else(String::new, |range| source.text()[range].trim().to_owned())
    }
}
