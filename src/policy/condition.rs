//! Tests of nodes and conditions made of them, three-valued: what rests on a value that can't be
//! known from the repository is unknown, and an unknown condition never fires.

use std::ops::Range;
use std::sync::Arc;

use crate::jsonpath::Exhausted;
use crate::jsonpath::FieldNames;
use crate::jsonpath::LazyPattern;
use crate::jsonpath::Query;
use crate::jsonpath::Selected;
use crate::jsonpath::Work;
use crate::kube::quantity;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tree;

/// The root of a policy's parameters.
pub(super) const PARAMETERS: &str = "param";

/// A truth value, unless the work for it had to be given up.
pub(super) type Answer = Result<Truth, Exhausted>;

/// What the roots of queries are bound to, and the work that is left for asking one policy of one resource.
pub(super) struct Roots<'a> {
    /// The first one is the subject.
    pub(super) bindings: Vec<(&'static str, Node<'a>)>,
    /// The fields below all roots but the parameters.
    pub(super) names: &'a FieldNames,
    pub(super) work: Work,
}

impl<'a> Roots<'a> {
    pub(super) fn select(&self, query: &Query) -> Result<Vec<Selected<'a>>, Exhausted> {
        if !query.may_select(self.names, PARAMETERS) {
            return Ok(Vec::new());
        }
        query.select_within(&self.bindings, &self.work)
    }

    /// Hands what a query selects to `sink` until that says `false`.
    fn visit(&self, query: &Query, sink: impl FnMut(Selected<'a>) -> bool) -> Result<(), Exhausted> {
        if !query.may_select(self.names, PARAMETERS) {
            return Ok(());
        }
        query.visit_within(&self.bindings, &self.work, sink)
    }

    /// Makes another node the subject, and gives the one before.
    pub(super) fn replace_subject(&mut self, subject: Node<'a>) -> Node<'a> {
        std::mem::replace(&mut self.bindings[0].1, subject)
    }
}

/// Kleene's three truth values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Truth {
    True,
    False,
    Unknown,
}

impl Truth {
    pub(super) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }

    /// True if all are, false if one is false.
    pub(super) fn all(truths: impl IntoIterator<Item = Answer>) -> Answer {
        let mut result = Self::True;
        for truth in truths {
            match truth? {
                Self::False => return Ok(Self::False),
                Self::Unknown => result = Self::Unknown,
                Self::True => {}
            }
        }
        Ok(result)
    }

    /// True if one is, false if all are false.
    pub(super) fn any(truths: impl IntoIterator<Item = Answer>) -> Answer {
        Ok(Self::all(truths.into_iter().map(|truth| Ok(truth?.not())))?.not())
    }
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

/// A value of the policy file, or a query for one.
#[derive(Debug)]
pub(super) enum Operand {
    Literal(Arc<Tree>, NodeId),
    Query(Query),
}

impl Operand {
    fn nodes<'a>(&'a self, roots: &Roots<'a>) -> Result<Vec<Selected<'a>>, Exhausted> {
        match self {
            Self::Literal(tree, id) => Ok(vec![Selected { node: tree.node(*id), certain: true }]),
            Self::Query(query) => roots.select(query),
        }
    }
}

/// Both bounds are inclusive; none is no bound.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) min: Option<Operand>,
    pub(super) max: Option<Operand>,
}

impl Bounds {
    /// Whether a number lies within; `read` understands the bounds.
    fn hold<'a>(&'a self, value: f64, roots: &Roots<'a>, read: fn(Node<'_>) -> Option<f64>) -> Answer {
        let side = |bound: &'a Option<Operand>, fits: fn(f64, f64) -> bool| {
            let bounds = bound.as_ref().map_or(Ok(Vec::new()), |bound| bound.nodes(roots))?;
            Truth::all(bounds.into_iter().map(|bound| {
                Ok(match read(bound.node) {
                    _ if bound.node.is_unknown() || !bound.certain => Truth::Unknown,
                    Some(bound) => fits(value, bound).into(),
                    None => Truth::False,
                })
            }))
        };
        Truth::all([side(&self.min, |value, min| value >= min), side(&self.max, |value, max| value <= max)])
    }
}

/// Something that can be asked of one node.
#[derive(Debug)]
pub(super) enum ValueTest {
    Equals(Operand),
    In(Operand),
    Matches(LazyPattern),
    Key(LazyPattern),
    Range(Bounds),
    Quantity(Bounds),
    Type(String),
    Not(Vec<ValueTest>),
}

impl ValueTest {
    fn holds<'a>(&'a self, node: Node<'a>, roots: &Roots<'a>) -> Answer {
        match self {
            Self::Not(tests) => Ok(Truth::all(tests.iter().map(|test| test.holds(node, roots)))?.not()),
            // A key is known even where its value is not.
            Self::Key(pattern) => {
                let regex = pattern.regex()?;
                Ok(node.key().is_some_and(|key| regex.is_match(key.text())).into())
            }
            // What a template fills in between quotes is still a text. Not so for `${NAME}`: Flux loses the
            // quotes before it fills it in (kustomize-controller#625).
            Self::Type(name) if !node.is_unknown() || (node.style() != Style::Plain && !node.text().contains("${")) => {
                Ok((type_name(node) == name || (name == "number" && type_name(node) == "integer")).into())
            }
            _ if node.is_unknown() => Ok(Truth::Unknown),
            Self::Equals(operand) => Truth::any(operand.nodes(roots)?.into_iter().map(|other| Ok(equal(node, other)))),
            Self::In(operand) => {
                let lists = operand.nodes(roots)?.into_iter();
                let items = lists.flat_map(|list| list.node.items().map(move |node| Selected { node, ..list }));
                Truth::any(items.map(|other| Ok(equal(node, other))))
            }
            Self::Matches(pattern) => {
                Ok((node.kind() == Kind::Scalar && pattern.regex()?.is_match(node.text())).into())
            }
            Self::Range(bounds) => number(node).map_or(Ok(Truth::False), |value| bounds.hold(value, roots, number)),
            Self::Quantity(bounds) => amount(node).map_or(Ok(Truth::False), |value| bounds.hold(value, roots, amount)),
            Self::Type(_) => Ok(Truth::Unknown),
        }
    }
}

/// A query and what its nodes must be like.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) query: Query,
    pub(super) tests: Vec<ValueTest>,
    pub(super) default: Option<Operand>,
}

impl Test {
    /// Hands each node of the query with the answer of the tests to `sink` until that says `false`.
    pub(super) fn visit<'a>(
        &'a self,
        roots: &Roots<'a>,
        mut sink: impl FnMut(Node<'a>, Truth) -> bool,
    ) -> Result<(), Exhausted> {
        let mut outcome = Ok(());
        roots.visit(&self.query, |selected| match self.answer(selected, roots) {
            Ok(truth) => sink(selected.node, truth),
            Err(exhausted) => {
                outcome = Err(exhausted);
                false
            }
        })?;
        outcome
    }

    /// The nodes of the query with an answer of the tests other than `usual`; none if it has no nodes at all.
    pub(super) fn answers_but<'a>(
        &'a self,
        usual: Truth,
        roots: &Roots<'a>,
    ) -> Result<Option<Vec<(Node<'a>, Truth)>>, Exhausted> {
        let mut answers = None;
        self.visit(roots, |node, truth| {
            let answers = answers.get_or_insert_with(Vec::new);
            if truth != usual {
                answers.push((node, truth));
            }
            true
        })?;
        Ok(answers)
    }

    fn answer<'a>(&'a self, selected: Selected<'a>, roots: &Roots<'a>) -> Answer {
        let truth = Truth::all(self.tests.iter().map(|test| test.holds(selected.node, roots)))?;
        Ok(if selected.certain || truth == Truth::False { truth } else { Truth::Unknown })
    }

    /// The part of a text that a test is about: the first match of a regular expression, or of the
    /// group `part` in it. None for a text as a whole.
    pub(super) fn part_of(&self, node: Node<'_>) -> Option<Range<usize>> {
        let regex = self.tests.iter().find_map(|test| match test {
            ValueTest::Matches(pattern) => pattern.regex().ok(),
            _ => None,
        })?;
        let found = regex.captures(node.text())?;
        let part = found.name("part").or(found.get(0))?.range();
        (part != (0..node.text().len())).then_some(part)
    }

    /// The first node of the query, or the default.
    pub(super) fn first<'a>(&'a self, roots: &Roots<'a>) -> Result<Option<Selected<'a>>, Exhausted> {
        let mut first = None;
        roots.visit(&self.query, |selected| {
            first = Some(selected);
            false
        })?;
        match &self.default {
            Some(default) if first.is_none() => Ok(default.nodes(roots)?.into_iter().next()),
            _ => Ok(first),
        }
    }

    /// The answer for a value that is missing: that of the default, if there is one.
    pub(super) fn missing<'a>(&'a self, roots: &Roots<'a>) -> Answer {
        let defaults = self.default.as_ref().map_or(Ok(Vec::new()), |default| default.nodes(roots))?;
        Truth::any(defaults.into_iter().map(|selected| self.answer(selected, roots)))
    }
}

/// Something that holds or not, or can't be known.
#[derive(Debug)]
pub(super) enum Condition {
    Some(Test),
    Count(Query, Bounds),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

impl Condition {
    pub(super) fn holds<'a>(&'a self, roots: &Roots<'a>) -> Answer {
        match self {
            Self::Some(test) => {
                let mut truth = None;
                test.visit(roots, |_, answer| {
                    truth = Some(truth.map_or(answer, |truth| answer.or(truth)));
                    answer != Truth::True
                })?;
                truth.map_or_else(|| test.missing(roots), Ok)
            }
            Self::Count(query, bounds) => {
                let selected = roots.select(query)?;
                #[expect(clippy::cast_precision_loss, reason = "a tree has fewer than 2^32 nodes")]
                let count = selected.len() as f64;
                let certain = selected.iter().all(|selected| selected.certain);
                if certain { bounds.hold(count, roots, number) } else { Ok(Truth::Unknown) }
            }
            Self::All(conditions) => Truth::all(conditions.iter().map(|condition| condition.holds(roots))),
            Self::Any(conditions) => Truth::any(conditions.iter().map(|condition| condition.holds(roots))),
            Self::Not(condition) => Ok(condition.holds(roots)?.not()),
        }
    }
}

/// Whether two scalars have the same typed value.
fn equal(node: Node<'_>, other: Selected<'_>) -> Truth {
    if !other.certain || other.node.is_unknown() {
        return Truth::Unknown;
    }
    let same = match (node.scalar(), other.node.scalar()) {
        (
            Some(Scalar::String(left) | Scalar::Timestamp(left)),
            Some(Scalar::String(right) | Scalar::Timestamp(right)),
        ) => left == right,
        (Some(left), Some(right)) => match (number(node), number(other.node)) {
            #[expect(clippy::float_cmp, reason = "equal means equal")]
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
        _ => false,
    };
    same.into()
}

fn number(node: Node<'_>) -> Option<f64> {
    match node.scalar()? {
        #[expect(clippy::cast_precision_loss, reason = "bounds of policies are far below 2^53")]
        Scalar::Int(int) => Some(int as f64),
        Scalar::Float(float) => Some(float),
        _ => None,
    }
}

fn amount(node: Node<'_>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "bounds of policies are far from that precise")]
    quantity(node.text()).map(|billionths| billionths as f64)
}

fn type_name(node: Node<'_>) -> &'static str {
    match (node.kind(), node.scalar()) {
        (Kind::Mapping, _) => "mapping",
        (Kind::Sequence, _) => "list",
        (_, Some(Scalar::Null) | None) => "null",
        (_, Some(Scalar::Bool(_))) => "boolean",
        (_, Some(Scalar::Int(_))) => "integer",
        (_, Some(Scalar::Float(_))) => "number",
        (_, Some(Scalar::String(_) | Scalar::Timestamp(_))) => "string",
    }
}
