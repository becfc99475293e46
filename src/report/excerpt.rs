//! The few lines of the sources that one report shows: chosen, cut to the width, made harmless.
//!
//! Only the shown lines are read, through the index of lines, so a report at the end of a large file
//! costs as much as one at its start. Nothing is drawn here.

use std::ops::Range;

use crate::diagnostic::Label;
use crate::report::standpoint::Standpoint;
use crate::report::terminal::clean;
use crate::report::terminal::visible;
use crate::source::Source;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;

/// The most lines of one span that are shown; of a longer one it is the first line.
const MAX_SPAN_LINES: u32 = 4;

/// How narrow a cut line may get, in cells.
const MIN_CELLS: usize = 24;

/// Neighbouring lines of one file, with the labels on them.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The path of the file.
    pub(super) name: String,
    /// The number of the first line, from 1.
    pub(super) first_line: u32,
    /// The lines as they are to be shown, each with its line break.
    pub(super) text: String,
    /// The labels, with their place in `text`.
    pub(super) marks: Vec<Mark>,
}

/// A label on an excerpt.
#[derive(Debug)]
pub(super) struct Mark {
    /// The bytes of the excerpt's text.
    pub(super) range: Range<usize>,
    /// What to say there; may be empty.
    pub(super) message: String,
    /// Whether this is the place that the report is about.
    pub(super) primary: bool,
    /// The line in the file, from 1.
    pub(super) line: u32,
    /// The column in the file, from 1.
    pub(super) column: u32,
}

/// The excerpts for some labels, the one with the primary label first, then by order of mention.
///
/// A span without text to show (a file as a whole) gets no excerpt.
pub(super) fn excerpts(
    sources: &Sources,
    primary: &Label,
    related: &[Label],
    width: usize,
    standpoint: &Standpoint,
) -> Vec<Excerpt> {
    let related = related.iter().map(|label| (label, false));
    let places: Vec<Place> = std::iter::once((primary, true))
        .chain(related)
        .filter_map(|(label, main)| place(sources, label, main))
        .collect();
    let mut files: Vec<SourceId> = Vec::new();
    for place in &places {
        if !files.contains(&place.span.source) {
            files.push(place.span.source);
        }
    }
    let mut shown = Vec::new();
    for file in files {
        let mut here: Vec<&Place> = places.iter().filter(|place| place.span.source == file).collect();
        here.sort_by_key(|place| place.span.start);
        let source = sources.get(file);
        let first = shown.len();
        for group in neighbours(&here) {
            shown.push(Excerpt { name: clean(&standpoint.path(source)), ..excerpt(source, group, width) });
        }
        if let Some(main) = shown[first..].iter().position(|excerpt| excerpt.marks.iter().any(|mark| mark.primary)) {
            shown[first..=first + main].rotate_right(1);
        }
    }
    shown
}

/// A label whose span has been settled: written by hand, within the text, and not too long.
struct Place {
    span: Span,
    message: String,
    primary: bool,
    line: u32,
    column: u32,
    last_line: u32,
}

fn place(sources: &Sources, label: &Label, primary: bool) -> Option<Place> {
    let written = sources.written(label.span);
    if written == Span::whole(written.source) {
        return None;
    }
    let source = sources.get(written.source);
    let text = source.text();
    let start = text.floor_char_boundary(written.start as usize);
    let end = text.floor_char_boundary((written.end as usize).max(start));
    let mut end = start + text[start..end].trim_end().len();
    let (line, column) = source.lines().position(text, offset(start));
    let mut last_line = source.lines().position(text, offset(end)).0;
    let mut message = clean(&label.message);
    if last_line - line >= MAX_SPAN_LINES {
        message = format!("{message}{}(to line {last_line})", if message.is_empty() { "" } else { " " });
        last_line = line;
        end = source.lines().range(text, line).map_or(start, |range| range.end.max(start));
    }
    let span = Span { start: offset(start), end: offset(end), ..written };
    Some(Place { span, message, primary, line, column, last_line })
}

/// Splits places in order of lines into groups whose lines, with one line of context, touch.
fn neighbours<'p>(places: &'p [&'p Place]) -> impl Iterator<Item = &'p [&'p Place]> {
    let mut reach = 0;
    let mut starts: Vec<usize> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        if index == 0 || place.line > reach + 3 {
            starts.push(index);
        }
        reach = reach.max(place.last_line);
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([places.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| &places[start..end])
}

fn excerpt(source: &Source, places: &[&Place], width: usize) -> Excerpt {
    let (lines, text) = (source.lines(), source.text());
    let first = places.iter().map(|place| place.line).min().unwrap_or(1);
    let last = places.iter().map(|place| place.last_line).max().unwrap_or(first);
    // A blank line explains nothing, so it is no context.
    let shows_something = |line: &u32| lines.range(text, *line).is_some_and(|range| !is_blank(&text[range]));
    let first = Some(first - 1).filter(shows_something).unwrap_or(first);
    let last = Some(last + 1).filter(shows_something).unwrap_or(last);
    let cells = width.saturating_sub(last.to_string().len() + 5).max(MIN_CELLS);

    let mut shown = String::new();
    let mut ranges: Vec<Range<usize>> = vec![0..0; places.len()];
    for (number, range) in (first..=last).filter_map(|number| Some((number, lines.range(text, number)?))) {
        // A place may lie on the line break, which is not shown.
        let within = |byte: u32| (byte as usize).min(range.end) - range.start;
        let starts = places.iter().filter(|place| place.line == number).map(|place| within(place.span.start));
        let ends = places.iter().filter(|place| place.last_line == number && place.line < number);
        let anchors = starts.chain(ends.map(|place| within(place.span.end))).collect();
        let line = CutLine::new(&text[range.clone()], anchors, cells);
        for (place, mark) in places.iter().zip(&mut ranges) {
            if place.line == number {
                mark.start = shown.len() + line.place_of(within(place.span.start));
            }
            if place.last_line == number {
                mark.end = shown.len() + line.place_of(within(place.span.end));
            }
        }
        shown.push_str(&line.shown());
        shown.push('\n');
    }
    let marks = places.iter().zip(ranges).map(|(place, range)| Mark {
        range,
        message: place.message.clone(),
        primary: place.primary,
        line: place.line,
        column: place.column,
    });
    Excerpt { name: String::new(), first_line: first, marks: marks.collect(), text: shown }
}

/// Whether a line holds nothing but spaces. A long line is taken to hold something.
fn is_blank(line: &str) -> bool {
    line.len() <= MIN_CELLS * 4 && line.trim().is_empty()
}

/// A line of a file of which only the parts around its labels are shown.
struct CutLine<'t> {
    line: &'t str,
    windows: Vec<Range<usize>>,
}

const CUT: char = '…';

impl<'t> CutLine<'t> {
    /// Keeps about `cells` cells of `line`, divided between the bytes in `anchors`.
    fn new(line: &'t str, mut anchors: Vec<usize>, cells: usize) -> Self {
        if forward(line, 0, cells) == line.len() {
            return Self { line, windows: std::iter::once(0..line.len()).collect() };
        }
        if anchors.is_empty() {
            anchors.push(0);
        }
        anchors.sort_unstable();
        let share = (cells / anchors.len()).max(MIN_CELLS) - 2;
        let mut windows: Vec<Range<usize>> = Vec::new();
        for anchor in anchors {
            let start = backward(line, anchor, share / 3);
            let end = forward(line, start, share);
            match windows.last_mut() {
                Some(before) if start <= before.end => before.end = before.end.max(end),
                _ => windows.push(start..end),
            }
        }
        Self { line, windows }
    }

    /// The byte of the shown text at which `byte` of the line is, or would be if it were not cut.
    fn place_of(&self, byte: usize) -> usize {
        let mut place = 0;
        for window in &self.windows {
            if window.start > 0 {
                place += CUT.len_utf8();
            }
            if byte <= window.start {
                return place;
            }
            let end = byte.min(window.end);
            place += self.line[window.start..end].chars().map(|char| shown_char(char).len_utf8()).sum::<usize>();
            if byte <= window.end {
                return place;
            }
        }
        place
    }

    fn shown(&self) -> String {
        let mut shown = String::new();
        for window in &self.windows {
            if window.start > 0 {
                shown.push(CUT);
            }
            shown.extend(self.line[window.clone()].chars().map(shown_char));
        }
        if self.windows.last().is_some_and(|window| window.end < self.line.len()) {
            shown.push(CUT);
        }
        shown
    }
}

/// Tabs stay, because they are expanded when the line is drawn.
fn shown_char(char: char) -> char {
    if char == '\t' { char } else { visible(char) }
}

/// No less than the cells that a character takes: wide ones begin above the alphabets.
fn cells_of(char: char) -> usize {
    match char {
        '\t' => 4,
        '\u{1100}'..='\u{1fff}' | '\u{2300}'.. => 2,
        _ => 1,
    }
}

/// The byte after `from` at which `cells` cells are used up.
fn forward(line: &str, from: usize, cells: usize) -> usize {
    let mut left = cells;
    for (index, char) in line[from..].char_indices() {
        match left.checked_sub(cells_of(char)) {
            Some(rest) => left = rest,
            None => return from + index,
        }
    }
    line.len()
}

/// The byte before `from` at which `cells` cells are used up.
fn backward(line: &str, from: usize, cells: usize) -> usize {
    let mut left = cells;
    let mut start = from;
    for (index, char) in line[..from].char_indices().rev() {
        match left.checked_sub(cells_of(char)) {
            Some(rest) => (left, start) = (rest, index),
            None => return start,
        }
    }
    0
}

fn offset(index: usize) -> u32 {
    u32::try_from(index).expect("a source is shorter than 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::CutLine;
    use super::excerpts;
    use crate::diagnostic::Label;
    use crate::report::standpoint::Standpoint;
    use crate::source::Sources;
    use crate::source::Span;

    fn label(sources: &Sources, text: &str, needle: &str) -> Label {
        let source = sources.add("a.yaml", text);
        let start = u32::try_from(text.rfind(needle).unwrap()).unwrap();
        Label::new(Span { source, start, end: start + u32::try_from(needle.len()).unwrap() }, "here")
    }

    #[test]
    fn a_report_at_the_end_of_a_large_file_holds_only_its_lines() {
        let sources = Sources::in_memory();
        let text = format!("{}last: here\n", "some: line\n".repeat(400_000));
        let found = excerpts(&sources, &label(&sources, &text, "here"), &[], 100, &Standpoint::Root);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "some: line\nlast: here\n");
        assert_eq!((found[0].first_line, found[0].marks[0].line, found[0].marks[0].column), (400_000, 400_001, 7));
        assert_eq!(&found[0].text[found[0].marks[0].range.clone()], "here");
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let sources = Sources::in_memory();
        let text = format!("{}here{}", "あ".repeat(100_000), "b".repeat(100_000));
        let found = excerpts(&sources, &label(&sources, &text, "here"), &[], 60, &Standpoint::Root);
        assert_eq!(&found[0].text[found[0].marks[0].range.clone()], "here");
        assert!(found[0].text.starts_with('…') && found[0].text.ends_with("b…\n"), "{}", found[0].text);
        assert!(found[0].text.chars().count() < 60, "{}", found[0].text);
        assert_eq!(found[0].marks[0].column, 100_001);
    }

    #[test]
    fn each_label_of_a_long_line_keeps_its_surroundings() {
        let line = format!("{}A{}B{}", "x".repeat(500), "y".repeat(500), "z".repeat(500));
        let cut = CutLine::new(&line, vec![1001, 500], 80);
        let shown = cut.shown();
        for (byte, char) in [(500, "A"), (1001, "B")] {
            assert!(shown[cut.place_of(byte)..].starts_with(char), "{shown}");
        }
        assert!(shown[cut.place_of(800)..].starts_with('y') && shown[..cut.place_of(800)].ends_with('…'), "{shown}");
        assert_eq!(cut.place_of(line.len()), shown.len() - '…'.len_utf8());
    }

    #[test]
    fn a_long_span_is_shown_by_its_first_line() {
        let sources = Sources::in_memory();
        let text = "a:\n  b: 1\n  c: 2\n  d: 3\n  e: 4\n  f: 5\n";
        let label = label(&sources, text, text.trim_end());
        let found = excerpts(&sources, &label, &[], 100, &Standpoint::Root);
        assert_eq!(found[0].text, "a:\n  b: 1\n");
        assert_eq!(found[0].marks[0].message, "here (to line 6)");
    }

    #[test]
    fn a_file_as_a_whole_has_nothing_to_show() {
        let sources = Sources::in_memory();
        let source = sources.add("a.yaml", "a: 1\n");
        assert!(excerpts(&sources, &Label::new(Span::whole(source), "here"), &[], 100, &Standpoint::Root).is_empty());
    }

    #[test]
    fn a_span_beyond_the_text_is_drawn_at_its_end() {
        let sources = Sources::in_memory();
        let source = sources.add("a.yaml", "a: é");
        let beyond = Label::new(Span { source, start: 4, end: 900 }, "here");
        let found = excerpts(&sources, &beyond, &[], 100, &Standpoint::Root);
        assert_eq!(found[0].marks[0].range, 3..5);
    }
}
