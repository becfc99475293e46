//! The report for people at a terminal: what is wrong, the lines that cause it, what to do.
//!
//! The only file that knows miette, which draws lines with labels under them. Which lines those are
//! is settled in `excerpt`; what is around them is written here, a line each, never wrapped, so that
//! it can be searched and copied.

use std::collections::BTreeSet;
use std::fmt;

use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use miette::LabeledSpan;
use miette::MietteError;
use miette::MietteSpanContents;
use miette::SourceCode;
use miette::SourceSpan;
use miette::SpanContents;

use crate::diagnostic::Label;
use crate::diagnostic::Severity;
use crate::finding::Occurrence;
use crate::report::Report;
use crate::report::Summary;
use crate::report::excerpt::Excerpt;
use crate::report::excerpt::Mark;
use crate::report::excerpt::excerpts;
use crate::report::standpoint::Standpoint;
use crate::report::terminal::Paint;
use crate::report::terminal::clean;
use crate::report::terminal::paint;
use crate::source::Sources;
use crate::source::Span;

/// How many targets or resources are named before the rest is only counted.
const MAX_NAMES: usize = 3;

/// How many related places are shown before the rest is only counted.
const MAX_RELATED: usize = 8;

/// How the terminal wants it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// The cells of a line, to which lines of manifests are cut.
    pub width: usize,
    /// Whether what is only counted here is listed elsewhere.
    pub verbose: bool,
    /// From where paths are told.
    pub standpoint: Standpoint,
}

impl Style {
    /// Without colours, for somebody at the root of the repository.
    pub fn plain(width: usize) -> Self {
        Self { color: false, width, verbose: false, standpoint: Standpoint::default() }
    }
}

/// The whole report: findings, then what could not be checked, then the summary.
pub fn human(report: &Report, style: &Style) -> String {
    let mut lines = Vec::new();
    // The same advice is worth reading once, so it stands with the first entry that gives it.
    let mut given = BTreeSet::new();
    for finding in &report.findings {
        let entry = Entry {
            severity: finding.severity,
            code: &finding.policy,
            message: &finding.message,
            help: finding.help.as_deref().filter(|help| given.insert(*help)),
            primary: &finding.primary,
            related: &finding.related,
            occurrences: &finding.occurrences,
        };
        entry.write(&mut lines, &report.sources, style);
        lines.push(String::new());
    }
    for diagnostic in &report.diagnostics {
        let entry = Entry {
            severity: diagnostic.severity,
            code: diagnostic.code,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref().filter(|help| given.insert(*help)),
            primary: &diagnostic.primary,
            related: &diagnostic.related,
            occurrences: &[],
        };
        entry.write(&mut lines, &report.sources, style);
        lines.push(String::new());
    }
    lines.push(summary_line(&report.summary, style));
    lines.push(String::new());
    lines.join("\n")
}

/// What findings and diagnostics have in common.
struct Entry<'r> {
    severity: Severity,
    code: &'r str,
    message: &'r str,
    help: Option<&'r str>,
    primary: &'r Label,
    related: &'r [Label],
    occurrences: &'r [Occurrence],
}

impl Entry<'_> {
    fn write(&self, lines: &mut Vec<String>, sources: &Sources, style: &Style) {
        let title = paint(&format!("{}[{}]", self.severity, clean(self.code)), paint_of(self.severity), style.color);
        let message = paint(&format!(": {}", clean(self.message)), Paint::Strong, style.color);
        lines.push(format!("{title}{message}"));

        let shown = self.related.len().min(MAX_RELATED);
        let (related, rest) = self.related.split_at(shown);
        // A note is there to be read once, so it names its places without showing them.
        let drawn = if self.severity == Severity::Note {
            Vec::new()
        } else {
            excerpts(sources, self.primary, related, style.width, &style.standpoint)
        };
        let is_drawn = |label: &Label| !drawn.is_empty() && !is_whole(sources, label);
        for label in std::iter::once(self.primary).chain(related).filter(|label| !is_drawn(label)) {
            lines.push(format!("  at {}", place(sources, label, &style.standpoint)));
        }
        if !drawn.is_empty() {
            lines.push(draw(drawn, self.severity, style));
        }
        if !rest.is_empty() {
            lines.push(format!("  and at {}", counted(rest.len(), "more place")));
        }
        if let Some(help) = self.help {
            let help: Vec<String> = help.trim_end().lines().map(clean).collect();
            lines.push(format!("  {} {}", paint("help:", Paint::Note, style.color), help.join("\n        ")));
        }
        if let Some(occurrences) = occurrences(self.occurrences) {
            lines.push(format!("  in {occurrences}"));
        }
    }
}

fn paint_of(severity: Severity) -> Paint {
    match severity {
        Severity::Error => Paint::Error,
        Severity::Warning => Paint::Warning,
        Severity::Note => Paint::Note,
    }
}

fn is_whole(sources: &Sources, label: &Label) -> bool {
    let written = sources.written(label.span);
    written == Span::whole(written.source)
}

/// A place in one line: `file:line:column: what is to be said there`.
fn place(sources: &Sources, label: &Label, standpoint: &Standpoint) -> String {
    let location = sources.location(label.span);
    let mut place = clean(&standpoint.path(sources.get(sources.written(label.span).source)));
    if !is_whole(sources, label) {
        place = format!("{place}:{}:{}", location.line, location.column);
    }
    if !label.message.is_empty() {
        place = format!("{place}: {}", clean(&label.message));
    }
    place
}

/// The resources and targets in which a defect shows, of which the first few are named.
fn occurrences(occurrences: &[Occurrence]) -> Option<String> {
    let resources = distinct(occurrences.iter().map(|occurrence| occurrence.resource.to_string()));
    let targets = distinct(occurrences.iter().map(|occurrence| occurrence.target.clone()));
    match (resources.as_slice(), targets.as_slice()) {
        ([], _) | (_, []) => None,
        ([resource], [target]) if target == "." => Some(format!("`{}`", clean(resource))),
        ([resource], [target]) => Some(format!("`{}` of `{}`", clean(resource), clean(target))),
        ([resource], _) => {
            Some(format!("`{}` of {}: {}", clean(resource), counted(targets.len(), "target"), names(&targets)))
        }
        (_, [target]) => {
            Some(format!("{} of `{}`: {}", counted(resources.len(), "resource"), clean(target), names(&resources)))
        }
        _ => Some(format!(
            "{} of {}: {}",
            counted(resources.len(), "resource"),
            counted(targets.len(), "target"),
            names(&targets)
        )),
    }
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn names(all: &[String]) -> String {
    let first: Vec<String> = all.iter().take(MAX_NAMES).map(|name| format!("`{}`", clean(name))).collect();
    let first = first.join(", ");
    match all.len().saturating_sub(MAX_NAMES) {
        0 => first,
        rest => format!("{first} and {rest} more"),
    }
}

/// The run in numbers, on one line without a break.
pub(super) fn counts(report: &Report) -> String {
    // Who reads a log can't ask for more words.
    summary_line(&report.summary, &Style { verbose: true, ..Style::plain(usize::MAX) }).trim().to_owned()
}

fn summary_line(summary: &Summary, style: &Style) -> String {
    let Summary { files, targets, resources, errors, warnings, notes, unchecked, unknown, suppressed, undeployed } =
        *summary;
    let found = errors.saturating_sub(unchecked);
    let mut problems: Vec<String> =
        [(found, "error", Paint::Error), (warnings, "warning", Paint::Warning), (notes, "note", Paint::Note)]
            .into_iter()
            .filter(|&(number, ..)| number > 0)
            .map(|(number, noun, color)| paint(&counted(number, noun), color, style.color))
            .collect();
    if unchecked > 0 {
        problems.push(paint(&format!("{unchecked} not checked"), Paint::Error, style.color));
    }
    let problems =
        if problems.is_empty() { paint("no problems", Paint::Good, style.color) } else { problems.join(", ") };
    let (resources, targets) = (counted(resources, "resource"), counted(targets, "target"));
    let mut line = format!("{problems} in {resources} of {targets} ({})", counted(files, "file"));
    let unknown_told = if style.verbose { "unknown" } else { "unknown (`--verbose` tells which)" };
    let undeployed_told = "not deployed by anything (`plimsoll targets` tells which)";
    let rest: Vec<String> = [
        (unknown, format!("{unknown} {unknown_told}")),
        (suppressed, format!("{suppressed} suppressed")),
        (undeployed, format!("{} {undeployed_told}", counted(undeployed, "file"))),
    ]
    .into_iter()
    .filter_map(|(number, told)| (number > 0).then_some(told))
    .collect();
    if !rest.is_empty() {
        line = format!("{line}; {}", rest.join(", "));
    }
    line
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The excerpts with their labels, as miette draws them.
fn draw(excerpts: Vec<Excerpt>, severity: Severity, style: &Style) -> String {
    let drawing = Drawing::new(excerpts);
    let mut theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let primary = match severity {
        Severity::Error => theme.styles.error,
        Severity::Warning => theme.styles.warning,
        Severity::Note => theme.styles.advice,
    };
    theme.styles.highlights =
        drawing.labels.iter().map(|label| if label.primary() { primary } else { theme.styles.help }).collect();
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_wrap_lines(false)
        .with_links(false)
        .without_syntax_highlighting()
        .with_context_lines(1);
    let mut drawn = String::new();
    handler.render_report(&mut drawn, &drawing).expect("a String takes all that is written to it");
    // The first line is the place of miette's own message, which is empty.
    drawn.split_once('\n').map_or(String::new(), |(_, rest)| rest.trim_end().to_owned())
}

/// The excerpts as one text to miette, which takes each for a part of its own file.
#[derive(Debug)]
struct Drawing {
    excerpts: Vec<Excerpt>,
    /// The byte at which each excerpt starts.
    starts: Vec<usize>,
    labels: Vec<LabeledSpan>,
}

impl Drawing {
    fn new(excerpts: Vec<Excerpt>) -> Self {
        let mut drawing = Self { excerpts: Vec::new(), starts: Vec::new(), labels: Vec::new() };
        let mut start = 0;
        for excerpt in excerpts {
            for mark in &excerpt.marks {
                let span = (start + mark.range.start, mark.range.len());
                let message = Some(mark.message.clone()).filter(|message| !message.is_empty());
                drawing.labels.push(if mark.primary {
                    LabeledSpan::new_primary_with_span(message, span)
                } else {
                    LabeledSpan::new_with_span(message, span)
                });
            }
            drawing.starts.push(start);
            start += excerpt.text.len();
            drawing.excerpts.push(excerpt);
        }
        drawing
    }
}

impl SourceCode for Drawing {
    /// Gives the whole excerpt that holds `span`; or, for no context, its place in the file.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let index = self.starts.partition_point(|&start| start <= span.offset()).checked_sub(1);
        let index = index.ok_or(MietteError::OutOfBounds)?;
        let (excerpt, start) = (&self.excerpts[index], self.starts[index]);
        let range = span.offset() - start..span.offset() - start + span.len();
        // miette asks whether labels of two excerpts can be drawn as one; they can't.
        let data = excerpt.text.get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        let contents = if before == 0 && after == 0 {
            let is_meant = |mark: &&Mark| mark.range == range;
            let marks = || excerpt.marks.iter().filter(is_meant);
            let mark = marks().find(|mark| mark.primary).or_else(|| marks().next()).ok_or(MietteError::OutOfBounds)?;
            let (line, column) = (mark.line as usize - 1, mark.column as usize - 1);
            MietteSpanContents::new_named(excerpt.name.clone(), data.as_bytes(), *span, line, column, 1)
        } else {
            let whole = SourceSpan::from((start, excerpt.text.len()));
            let lines = excerpt.text.lines().count();
            let first = excerpt.first_line as usize - 1;
            MietteSpanContents::new_named(excerpt.name.clone(), excerpt.text.as_bytes(), whole, first, 0, lines)
        };
        Ok(Box::new(contents))
    }
}

impl miette::Diagnostic for Drawing {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl std::error::Error for Drawing {}

impl fmt::Display for Drawing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
