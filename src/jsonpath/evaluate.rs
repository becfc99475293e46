//! Walking a tree along a query.
//!
//! Nodes are handed to a sink as they are found, segment after segment and depth first, which
//! gives the order that RFC 9535 asks for without keeping a list per segment. A sink can say that
//! it knows enough. Recursion goes along the query, which is bounded, never along the tree.

use std::cell::RefCell;

use regex::Regex;

use crate::jsonpath::ast::Comparable;
use crate::jsonpath::ast::Logical;
use crate::jsonpath::ast::Path;
use crate::jsonpath::ast::Pattern;
use crate::jsonpath::ast::Segment;
use crate::jsonpath::ast::Selector;
use crate::jsonpath::ast::Start;
use crate::jsonpath::compare::Value;
use crate::jsonpath::compare::compare;
use crate::jsonpath::member::member;
use crate::jsonpath::pattern;
use crate::jsonpath::truth::Truth;
use crate::jsonpath::work::Stop;
use crate::jsonpath::work::Work;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// The steps that compiling a pattern found in a document counts for.
const PATTERN_STEPS: usize = 10_000;

/// Takes a node that was selected, and whether that is certain.
type Sink<'s, 'a> = &'s mut dyn FnMut(Node<'a>, bool) -> Result<(), Stop>;

/// One evaluation of one query.
pub(super) struct Evaluation<'r, 'a> {
    roots: &'r [(&'r str, Node<'a>)],
    work: &'r Work,
    /// The pattern that was last found in the document: mostly it is the same for every node.
    last_pattern: RefCell<Option<Computed>>,
}

/// A pattern that was found in the document, and its compiled form if it is one.
struct Computed {
    pattern: String,
    whole: bool,
    regex: Option<Regex>,
}

impl<'r, 'a> Evaluation<'r, 'a> {
    pub(super) fn new(roots: &'r [(&'r str, Node<'a>)], work: &'r Work) -> Self {
        Self { roots, work, last_pattern: RefCell::new(None) }
    }

    /// The node of a root, if it has one here.
    pub(super) fn root(&self, name: &str) -> Option<Node<'a>> {
        self.roots.iter().find(|(root, _)| *root == name).map(|&(_, node)| node)
    }

    /// Gives `sink` all that `segments` select below `node`.
    pub(super) fn walk(
        &self,
        mut segments: &[Segment],
        mut node: Node<'a>,
        certain: bool,
        sink: Sink<'_, 'a>,
    ) -> Result<(), Stop> {
        while let [segment, rest @ ..] = segments {
            let next = match segment.single() {
                Some(Selector::Name(name)) => member(self.work, node, name)?,
                Some(Selector::Index(index)) => self.item(node, *index)?,
                _ => return self.branch(segment, rest, node, certain, sink),
            };
            let Some(next) = next else { return Ok(()) };
            (node, segments) = (next, rest);
        }
        sink(node, certain)
    }

    /// Goes on along `rest` from all that a segment selects.
    fn branch(
        &self,
        segment: &Segment,
        rest: &[Segment],
        node: Node<'a>,
        certain: bool,
        sink: Sink<'_, 'a>,
    ) -> Result<(), Stop> {
        self.select(&segment.selectors, rest, node, certain, sink)?;
        if !segment.descendant {
            return Ok(());
        }
        let mut open = vec![node.children()];
        while let Some(siblings) = open.last_mut() {
            let Some(node) = siblings.next() else {
                open.pop();
                continue;
            };
            self.work.spend(1)?;
            if node.kind() != Kind::Scalar {
                self.select(&segment.selectors, rest, node, certain, sink)?;
                open.push(node.children());
            }
        }
        Ok(())
    }

    /// Goes on along `rest` from all that the selectors select among the children of `node`.
    fn select(
        &self,
        selectors: &[Selector],
        rest: &[Segment],
        node: Node<'a>,
        certain: bool,
        sink: Sink<'_, 'a>,
    ) -> Result<(), Stop> {
        for selector in selectors {
            match selector {
                Selector::Name(name) => {
                    if let Some(child) = member(self.work, node, name)? {
                        self.walk(rest, child, certain, sink)?;
                    }
                }
                Selector::Index(index) => {
                    if let Some(child) = self.item(node, *index)? {
                        self.walk(rest, child, certain, sink)?;
                    }
                }
                Selector::Wildcard => {
                    for child in node.children() {
                        self.work.spend(1)?;
                        self.walk(rest, child, certain, sink)?;
                    }
                }
                Selector::Slice { start, end, step } => {
                    for child in self.slice(node, *start, *end, *step)? {
                        self.walk(rest, child, certain, sink)?;
                    }
                }
                Selector::Filter(condition) => {
                    for child in node.children() {
                        self.work.spend(1)?;
                        match self.holds(condition, child)? {
                            Truth::True => self.walk(rest, child, certain, sink)?,
                            Truth::Unknown => self.walk(rest, child, false, sink)?,
                            Truth::False => {}
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn item(&self, node: Node<'a>, index: i64) -> Result<Option<Node<'a>>, Stop> {
        let Some(index) = self.place(node, index)? else { return Ok(None) };
        self.work.spend(1)?;
        let mut steps = 0;
        let item = node.items().inspect(|_| steps += 1).nth(index);
        self.work.spend(steps)?;
        Ok(item)
    }

    /// An index counted from the start of a sequence; none if it lies before the start.
    fn place(&self, node: Node<'a>, index: i64) -> Result<Option<usize>, Stop> {
        if index >= 0 {
            return Ok(usize::try_from(index).ok());
        }
        let length = node.items().count();
        self.work.spend(length)?;
        Ok(usize::try_from(index.unsigned_abs()).ok().and_then(|back| length.checked_sub(back)))
    }

    /// The items that a slice selects, in its order (RFC 9535 §2.3.4.2.2).
    fn slice(&self, node: Node<'a>, start: Option<i64>, end: Option<i64>, step: i64) -> Result<Vec<Node<'a>>, Stop> {
        let items: Vec<Node<'a>> = node.items().collect();
        self.work.spend(1 + items.len())?;
        let length = i64::try_from(items.len()).expect("a tree has fewer than 2^32 nodes");
        let from_start = |index: i64| if index >= 0 { index } else { length + index };
        let (mut at, end) = match step {
            0 => return Ok(Vec::new()),
            1.. => {
                (from_start(start.unwrap_or(0)).clamp(0, length), from_start(end.unwrap_or(length)).clamp(0, length))
            }
            // Backwards, the place before the first item must be reachable, and it has no index.
            _ => (
                start.map_or(length - 1, from_start).clamp(-1, length - 1),
                end.map_or(-1, from_start).clamp(-1, length - 1),
            ),
        };
        let mut selected = Vec::new();
        while if step > 0 { at < end } else { at > end } {
            selected.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).copied());
            at += step;
        }
        Ok(selected)
    }

    fn holds(&self, condition: &Logical, current: Node<'a>) -> Result<Truth, Stop> {
        match condition {
            Logical::Or(alternatives) => {
                let mut truth = Truth::False;
                for alternative in alternatives {
                    truth = truth.or(self.holds(alternative, current)?);
                    if truth == Truth::True {
                        break;
                    }
                }
                Ok(truth)
            }
            Logical::And(conditions) => {
                let mut truth = Truth::True;
                for condition in conditions {
                    truth = truth.and(self.holds(condition, current)?);
                    if truth == Truth::False {
                        break;
                    }
                }
                Ok(truth)
            }
            Logical::Not(condition) => Ok(self.holds(condition, current)?.not()),
            Logical::Exists(path) => self.exists(path, current),
            Logical::Compare(left, operator, right) => {
                let (left, right) = (self.value(left, current)?, self.value(right, current)?);
                compare(self.work, left, *operator, right)
            }
            Logical::Matches { text, pattern } => self.matches(text, pattern, current),
        }
    }

    /// Whether a path selects anything. That a node is there is certain even if its value is
    /// unknown; what a filter was unsure of is not.
    fn exists(&self, path: &Path, current: Node<'a>) -> Result<Truth, Stop> {
        let mut truth = Truth::False;
        self.visit(path, current, &mut |_, certain| {
            truth = if certain { Truth::True } else { Truth::Unknown };
            if certain { Err(Stop::Enough) } else { Ok(()) }
        })?;
        Ok(truth)
    }

    /// Gives `sink` all that a path in a filter selects, until it knows enough.
    fn visit(&self, path: &Path, current: Node<'a>, sink: Sink<'_, 'a>) -> Result<(), Stop> {
        let start = match &path.start {
            Start::Current => Some(current),
            Start::Root(name) => self.root(name),
        };
        let Some(start) = start else { return Ok(()) };
        match self.walk(&path.segments, start, true, sink) {
            Err(Stop::Enough) => Ok(()),
            other => other,
        }
    }

    fn value<'v>(&self, comparable: &'v Comparable, current: Node<'a>) -> Result<Value<'v>, Stop>
    where
        'a: 'v,
    {
        match comparable {
            Comparable::Literal(literal) => Ok(Value::Scalar(literal.scalar())),
            Comparable::Path(path) | Comparable::Value(path) => self.only_value(path, current),
            Comparable::Length(of) => self.length(self.value(of, current)?),
            Comparable::Count(path) => {
                let mut count = 0;
                let mut all_certain = true;
                self.visit(path, current, &mut |_, certain| {
                    count += 1;
                    all_certain &= certain;
                    Ok(())
                })?;
                Ok(if all_certain { Value::Scalar(Scalar::Int(count)) } else { Value::Unknown })
            }
        }
    }

    /// The value of the one node that a path selects; nothing if there are none or several.
    fn only_value(&self, path: &Path, current: Node<'a>) -> Result<Value<'a>, Stop> {
        let mut last = None;
        let mut count = 0;
        let mut all_certain = true;
        self.visit(path, current, &mut |node, certain| {
            last = Some(node);
            count += 1;
            all_certain &= certain;
            Ok(())
        })?;
        match last {
            _ if !all_certain => Ok(Value::Unknown),
            Some(node) if count == 1 => Value::of(self.work, node),
            _ => Ok(Value::Nothing),
        }
    }

    fn length<'v>(&self, of: Value<'v>) -> Result<Value<'v>, Stop> {
        let length = match of {
            Value::Unknown => return Ok(Value::Unknown),
            Value::Scalar(Scalar::String(text)) => {
                self.work.spend_on(text)?;
                text.chars().count()
            }
            Value::Collection(node) => {
                let length = node.children().count();
                self.work.spend(length)?;
                length
            }
            Value::Nothing | Value::Scalar(_) => return Ok(Value::Nothing),
        };
        Ok(Value::Scalar(Scalar::Int(i128::try_from(length).expect("a length fits 64 bits"))))
    }

    fn matches(&self, text: &Comparable, pattern: &Pattern, current: Node<'a>) -> Result<Truth, Stop> {
        let text = self.value(text, current)?;
        let (pattern, whole) = match pattern {
            Pattern::Literal(pattern) => {
                let regex = pattern.regex().map_err(|_| Stop::Exhausted)?;
                return self.is_match(regex, text);
            }
            Pattern::Computed { pattern, whole } => (self.value(pattern, current)?, *whole),
        };
        match (pattern, text) {
            (Value::Scalar(Scalar::String(pattern)), _) => self.matches_computed(pattern, whole, text),
            (Value::Unknown, Value::Unknown | Value::Scalar(Scalar::String(_))) => Ok(Truth::Unknown),
            _ => Ok(Truth::False),
        }
    }

    /// Matches with a pattern from the document. What is no pattern matches nothing.
    fn matches_computed(&self, pattern: &str, whole: bool, text: Value<'_>) -> Result<Truth, Stop> {
        let mut last = self.last_pattern.borrow_mut();
        let is_known = last.as_ref().is_some_and(|last| last.pattern == pattern && last.whole == whole);
        if !is_known {
            self.work.spend(PATTERN_STEPS + pattern.len())?;
            let regex = pattern::compile(pattern, whole);
            *last = Some(Computed { pattern: pattern.to_owned(), whole, regex });
        }
        match last.as_ref().and_then(|last| last.regex.as_ref()) {
            Some(regex) => self.is_match(regex, text),
            None => Ok(Truth::False),
        }
    }

    fn is_match(&self, regex: &Regex, text: Value<'_>) -> Result<Truth, Stop> {
        match text {
            Value::Unknown => Ok(Truth::Unknown),
            Value::Scalar(Scalar::String(text)) => {
                self.work.spend_on(text)?;
                Ok(regex.is_match(text).into())
            }
            _ => Ok(Truth::False),
        }
    }
}
