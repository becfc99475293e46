//! From the texts of a policy file to queries, tests, conditions and messages, each compiled once. What is
//! wrong with them is collected with its place. How a policy is put together of them is `load`'s affair.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::facts;
use crate::jsonpath::LazyPattern;
use crate::jsonpath::Query;
use crate::jsonpath::QueryError;
use crate::kube::VersionRange;
use crate::kube::quantity;
use crate::policy::condition::Bounds;
use crate::policy::condition::Condition;
use crate::policy::condition::Operand;
use crate::policy::condition::Test;
use crate::policy::condition::ValueTest;
use crate::policy::message::Message;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Scalar;
use crate::yaml::span_within;

/// What can be wrong with a policy file.
pub(super) const CODE: &str = "bad-policy";

/// The roots that queries of a policy may start from.
pub(super) const ROOTS: [&str; 6] = ["", "object", "pod", "job", "facts", "param"];

/// The roots that the conditions of a case may start from: also the node that was found.
pub(super) const CASE_ROOTS: [&str; 7] = ["", "object", "pod", "job", "facts", "param", "found"];

/// Compiles what the form has checked, and collects what is wrong.
pub(super) struct Compiler<'f> {
    pub(super) file: &'f Parsed,
    /// The roots that queries may start from, here.
    pub(super) roots: &'static [&'static str],
    /// The parameters that the policy has, and those that its queries use.
    pub(super) declared: Vec<&'f str>,
    pub(super) used: BTreeSet<String>,
    /// Whether the tests have read the policy before.
    pub(super) is_builtin: bool,
    pub(super) problems: Vec<Diagnostic>,
}

impl Compiler<'_> {
    pub(super) fn condition(&mut self, node: Node<'_>) -> Option<Condition> {
        if node.kind() == Kind::Scalar {
            return self.test(node).map(Condition::Some);
        }
        let mistakes = self.problems.len();
        let mut parts: Vec<Condition> = Vec::new();
        let (query, count) = (node.get("query"), node.get("count"));
        match (query, count) {
            (Some(query), Some(bounds)) => {
                self.only(node, &["query", "count", "all", "any"], "`{}` does not go with `count`");
                let bounds = self.bounds(bounds, "a number", is_number);
                parts.extend(self.query(query).map(|query| Condition::Count(query, bounds)));
            }
            (Some(_), None) => parts.extend(self.test(node).map(Condition::Some)),
            (None, _) => {
                self.only(node, &["all", "any", "not"], "`{}` needs a `query` beside it");
                let condition = node.get("not").and_then(|not| self.condition(not));
                parts.extend(condition.map(|condition| Condition::Not(Box::new(condition))));
            }
        }
        if node.get("all").is_some() {
            parts.push(Condition::All(items(node, "all").filter_map(|node| self.condition(node)).collect()));
        }
        if node.get("any").is_some() {
            parts.push(Condition::Any(items(node, "any").filter_map(|node| self.condition(node)).collect()));
        }
        if parts.is_empty() && self.problems.len() == mistakes {
            let problem = Diagnostic::error(CODE, node.span(), "this condition says nothing");
            self.problems.push(problem.help("give it a `query`, or `all`, `any` or `not`"));
        }
        if parts.len() == 1 { parts.pop() } else { Some(Condition::All(parts)) }
    }

    /// Complains about every field but these; `{}` in the complaint is its name.
    pub(super) fn only(&mut self, node: Node<'_>, names: &[&str], complaint: &str) {
        for (key, _) in node.fields().filter(|(key, _)| !names.contains(&key.text())) {
            self.complain(key, &complaint.replace("{}", key.text()));
        }
    }

    pub(super) fn complain(&mut self, node: Node<'_>, what: &str) {
        self.problems.push(Diagnostic::error(CODE, node.span(), what));
    }

    pub(super) fn test(&mut self, node: Node<'_>) -> Option<Test> {
        if node.kind() == Kind::Scalar {
            return Some(Test { query: self.query(node)?, tests: Vec::new(), default: None });
        }
        let tests = self.value_tests(node);
        let default = node.get("default").map(|default| self.operand(default));
        Some(Test { query: self.query(node.get("query")?)?, tests, default })
    }

    pub(super) fn value_tests(&mut self, node: Node<'_>) -> Vec<ValueTest> {
        let mut tests = Vec::new();
        for (key, value) in node.fields() {
            tests.push(match key.text() {
                "equals" => ValueTest::Equals(self.operand(value)),
                "in" => ValueTest::In(self.list(value)),
                "matches" => match self.regex(value) {
                    Some(regex) => ValueTest::Matches(regex),
                    None => continue,
                },
                "key" => match self.regex(value) {
                    Some(regex) => ValueTest::Key(regex),
                    None => continue,
                },
                "range" => ValueTest::Range(self.bounds(value, "a number", is_number)),
                "quantity" => ValueTest::Quantity(self.bounds(value, "a quantity such as `250m`", is_quantity)),
                "type" => ValueTest::Type(value.text().to_owned()),
                "not" => {
                    if value.kind() != Kind::Mapping {
                        self.complain(value, "beside `query`, `not` takes tests that the value must fail");
                    }
                    self.only(
                        value,
                        &VALUE_TESTS,
                        "`{}` is no test of a value; a condition of its own goes under `all`",
                    );
                    ValueTest::Not(self.value_tests(value))
                }
                _ => continue,
            });
        }
        tests
    }

    pub(super) fn bounds(&mut self, node: Node<'_>, what: &str, fits: fn(Node<'_>) -> bool) -> Bounds {
        let mut side = |key: &str| {
            let bound = node.get(key)?;
            let operand = self.operand(bound);
            if matches!(operand, Operand::Literal(..)) && !fits(bound) {
                self.complain(bound, &format!("`{key}` must be {what}, or a query for one"));
            }
            Some(operand)
        };
        let bounds = Bounds { min: side("min"), max: side("max") };
        if bounds.min.is_none() && bounds.max.is_none() {
            self.complain(node.key().unwrap_or(node), "give it `min`, `max` or both");
        }
        bounds
    }

    pub(super) fn list(&mut self, node: Node<'_>) -> Operand {
        let operand = self.operand(node);
        if matches!(operand, Operand::Literal(..)) && node.kind() != Kind::Sequence {
            self.complain(node, "`in` needs a list, or a query for one");
        }
        for item in node.items().filter(|item| item.text().starts_with('$')) {
            self.complain(item, "items of a list stand for themselves: use `any` with `equals` for several queries");
        }
        operand
    }

    /// A text that starts with `$` is a query; anything else stands for itself.
    pub(super) fn operand(&mut self, node: Node<'_>) -> Operand {
        let query = node.as_str().filter(|text| text.starts_with('$')).and_then(|_| self.query(node));
        query.map_or_else(|| Operand::Literal(Arc::clone(&self.file.tree), node.id()), Operand::Query)
    }

    pub(super) fn query(&mut self, node: Node<'_>) -> Option<Query> {
        match Query::parse(node.text(), self.roots) {
            Ok(query) => {
                self.names(node, &query);
                Some(query)
            }
            Err(error) => {
                self.query_error(node, error);
                None
            }
        }
    }

    pub(super) fn message(&mut self, node: Node<'_>) -> Option<Message> {
        let node = node.get("message")?;
        match Message::parse(node.text().trim_end(), &ROOTS) {
            Ok(message) => {
                message.queries().for_each(|query| self.names(node, query));
                Some(message)
            }
            Err(error) => {
                self.query_error(node, error);
                None
            }
        }
    }

    /// Notes which parameters a query uses, and complains about parameters and facts that there are not.
    pub(super) fn names(&mut self, node: Node<'_>, query: &Query) {
        for name in
            query.names_behind("facts").into_iter().filter(|name| facts::NAMES.iter().all(|(known, _)| known != name))
        {
            let problem = Diagnostic::error(CODE, node.span(), format!("there is no fact `{name}`"));
            let known = || facts::NAMES.iter().map(|(known, _)| *known);
            self.problems.push(problem.help(match did_you_mean(name, known()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the facts are {}", known().collect::<Vec<_>>().join(", ")),
            }));
        }
        for name in query.names_behind("param") {
            self.used.insert(name.to_owned());
            if !self.declared.contains(&name) {
                let problem = Diagnostic::error(CODE, node.span(), format!("this policy has no parameter `{name}`"));
                self.problems.push(match did_you_mean(name, self.declared.iter().copied()) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => problem.help("declare it under `parameters`"),
                });
            }
        }
    }

    pub(super) fn query_error(&mut self, node: Node<'_>, error: QueryError) {
        let mut problem = Diagnostic::error(CODE, span_within(node, error.at), error.message);
        problem.help = error.help;
        self.problems.push(problem);
    }

    pub(super) fn regex(&mut self, node: Node<'_>) -> Option<LazyPattern> {
        if self.is_builtin {
            return Some(LazyPattern::checked_before(node.text()));
        }
        LazyPattern::new(node.text())
            .map_err(|reason| self.problems.push(Diagnostic::error(CODE, node.span(), reason)))
            .ok()
    }

    pub(super) fn versions(&mut self, node: Node<'_>) -> Option<VersionRange> {
        let node = node.get("kubernetes")?;
        match node.text().parse() {
            Ok(range) => Some(range),
            Err(problem) => {
                self.problems.push(Diagnostic::error(CODE, node.span(), problem));
                None
            }
        }
    }
}

/// The names of the tests of a value.
const VALUE_TESTS: [&str; 7] = ["equals", "in", "matches", "key", "range", "quantity", "type"];

fn is_number(node: Node<'_>) -> bool {
    matches!(node.scalar(), Some(Scalar::Int(_) | Scalar::Float(_)))
}

fn is_quantity(node: Node<'_>) -> bool {
    quantity(node.text()).is_some()
}

pub(super) fn is_true(node: Node<'_>) -> bool {
    node.scalar() == Some(Scalar::Bool(true))
}

pub(super) fn items<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    node.get(key).into_iter().flat_map(Node::items)
}

pub(super) fn fields<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = (Node<'a>, Node<'a>)> + use<'a> {
    node.get(key).into_iter().flat_map(Node::fields)
}

pub(super) fn texts(list: Option<Node<'_>>) -> Vec<String> {
    list.into_iter().flat_map(Node::items).map(|item| item.text().to_owned()).collect()
}

pub(super) fn one_or_many(node: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> + use<'_> {
    let single = node.filter(|node| node.kind() != Kind::Sequence);
    single.into_iter().chain(node.into_iter().flat_map(Node::items))
}
