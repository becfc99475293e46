//! Objects as kustomize prints them, with comments: behind every value where it comes from, and below what has
//! lost something who took it out. Without the comments it is the text of `kustomize build`, byte for byte.

use std::fmt::Write;

use crate::diagnostic::Diagnostic;
use crate::report::clean;
use crate::report::told::Teller;
use crate::yaml::Node;
use crate::yaml::emit_with_places;

/// How far origins stand from what they are the origins of.
const GAP: usize = 2;
/// Origins stand below each other, unless that would put them further right than this.
const FURTHEST: usize = 72;

/// The comments of a text.
#[derive(Default)]
struct Comments {
    /// Those at the end of lines, by where that is.
    beside: Vec<(usize, String)>,
    /// Those on lines of their own, with their indentation, by where the line before them ends.
    below: Vec<(usize, String)>,
}

impl Teller<'_> {
    /// All objects of the build, with their origins, and at the end what is not in it any more.
    ///
    /// # Errors
    /// When an object has no form that can be printed.
    pub fn all_with_origins(&self) -> Result<String, Box<Diagnostic>> {
        let objects: Result<Vec<String>, _> =
            self.rendered.resources.iter().map(|resource| self.with_origins(resource.node())).collect();
        let mut text = objects?.join("---\n");
        let mut told: Vec<String> = Vec::new();
        for dropped in self.rendered.account.dropped() {
            let name = format!("{}/{}", dropped.id.kind, dropped.id.name);
            let line = format!("# {}: {}\n", clean(&name), self.in_short(&Self::steps_away(dropped)));
            if !told.contains(&line) {
                told.push(line);
            }
        }
        text.extend(told);
        Ok(text)
    }

    /// One object, or a part of one, with its origins.
    ///
    /// # Errors
    /// As for [`Self::all_with_origins`].
    pub fn with_origins(&self, root: Node<'_>) -> Result<String, Box<Diagnostic>> {
        let (text, values) = emit_with_places(root)?;
        let mut comments = Comments::default();
        for (node, range) in values {
            if node.children().next().is_none() {
                // A block begins on the line below its header, and nothing may follow a line of its own.
                let is_block = text[range.clone()].trim_start().starts_with('|');
                let from = if is_block { range.start } else { range.end };
                let end = text[from..].find('\n').map_or(text.len(), |at| from + at);
                comments.beside.push((end, self.in_short(&self.steps(node))));
            }
            let indent = " ".repeat(indentation(&text, range.start));
            for deleted in node.deletions() {
                let steps = self.in_short(&Self::steps_out(&deleted));
                comments.below.push((range.end, format!("{indent}# {}: {steps}", clean(deleted.name))));
            }
        }
        Ok(commented(&text, &comments))
    }
}

/// How deep the lines of a collection stand that starts at `start`.
fn indentation(text: &str, start: usize) -> usize {
    let content = text[start..].find(|char: char| !char.is_whitespace()).map_or(start, |at| start + at);
    let line = text[..content].rfind('\n').map_or(0, |at| at + 1);
    if text[content..].starts_with(['{', '[']) {
        // An empty one stands behind its key.
        return text[line..content].chars().take_while(|&char| char == ' ').count() + GAP;
    }
    text[line..content].chars().count()
}

/// A text with its comments.
fn commented(text: &str, comments: &Comments) -> String {
    let mut out = String::new();
    let widths = text.lines().map(|line| line.chars().count()).filter(|&width| width <= FURTHEST);
    let column = widths.max().unwrap_or(0) + GAP;
    let (mut beside, mut below) = (comments.beside.iter().peekable(), comments.below.iter().peekable());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        let end = start + content.len();
        start += line.len();
        out.push_str(content);
        if let Some((_, comment)) = beside.next_if(|(at, _)| *at == end) {
            let gap = column.saturating_sub(content.chars().count()).max(GAP);
            write!(out, "{:gap$}# {comment}", "").expect("a text can be written to");
        }
        out.push('\n');
        // What ends before the break of its line ends with the line.
        while let Some((_, comment)) = below.next_if(|(at, _)| *at <= start) {
            out.extend([comment, "\n"]);
        }
    }
    out
}
