//! From a policy file to a policy: checked against its form, queries and expressions compiled once.

use std::sync::Arc;

use crate::config::PolicySetting;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::diagnostic::did_you_mean;
use crate::jsonpath::LazyPattern;
use crate::jsonpath::Query;
use crate::jsonpath::QueryError;
use crate::kube::VersionRange;
use crate::policy::Case;
use crate::policy::Check;
use crate::policy::FORM;
use crate::policy::Parameter;
use crate::policy::Policy;
use crate::policy::Question;
use crate::policy::Unique;
use crate::policy::condition::Bounds;
use crate::policy::condition::Condition;
use crate::policy::condition::Operand;
use crate::policy::condition::Test;
use crate::policy::condition::ValueTest;
use crate::policy::matching::Matching;
use crate::policy::message::Message;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Parsed;
use crate::yaml::Scalar;
use crate::yaml::Shape;
use crate::yaml::Tree;
use crate::yaml::check;
use crate::yaml::span_within;

/// What can be wrong with a policy file.
const CODE: &str = "bad-policy";

/// The roots that queries of a policy may start from.
const ROOTS: [&str; 6] = ["", "object", "pod", "job", "facts", "param"];

/// The roots that the conditions of a case may start from: also the node that was found.
const CASE_ROOTS: [&str; 7] = ["", "object", "pod", "job", "facts", "param", "found"];

/// Reads a parsed policy file. `setting` is what the config says about the policy.
///
/// # Errors
/// Everything that is wrong with it. A policy with a mistake is not used at all.
pub fn load(
    id: &str,
    category: &str,
    file: &Parsed,
    setting: Option<&PolicySetting>,
) -> Result<Policy, Vec<Diagnostic>> {
    if !file.diagnostics.is_empty() {
        return Err(file.diagnostics.clone());
    }
    let [document] = file.documents.as_slice() else {
        let span = file.documents.get(1).map(|second| file.tree.node(second.root).span());
        let span = span.or_else(|| file.comments.first().map(|comment| comment.span));
        let problem = span.map(|span| Diagnostic::error(CODE, span, "a policy file is one document"));
        return Err(problem.into_iter().collect());
    };
    let root = file.tree.node(document.root);
    let mistakes = check(root, &Shape::Fields(&FORM), CODE);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut loader = Loader { file, roots: &ROOTS, problems: Vec::new() };
    let policy = loader.policy(id, category, root, setting);
    if loader.problems.is_empty() { Ok(policy) } else { Err(loader.problems) }
}

/// Compiles what the form has checked, and collects what is wrong.
struct Loader<'f> {
    file: &'f Parsed,
    /// The roots that queries may start from, here.
    roots: &'static [&'static str],
    problems: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn policy(&mut self, id: &str, category: &str, root: Node<'_>, setting: Option<&PolicySetting>) -> Policy {
        let text = |key: &str| root.get(key).map_or("", Node::text).trim_end().to_owned();
        let checks = self.checks(root);
        if checks.is_empty() {
            let span = root.get("message").and_then(Node::key).unwrap_or(root).span();
            let problem = Diagnostic::error(CODE, span, "this policy checks nothing");
            self.problems.push(problem.help("add `forbid`, `require` or `unique`"));
        }
        let parameters: Vec<Parameter> = fields(root, "parameters").map(|(key, value)| parameter(key, value)).collect();
        let values = self.values(root, setting);
        self.unused_parameters(root);
        Policy {
            id: id.to_owned(),
            category: category.to_owned(),
            summary: text("summary"),
            severity: setting.and_then(|setting| setting.severity).unwrap_or_else(|| severity(root)),
            description: text("description"),
            remediation: text("remediation"),
            references: texts(root.get("references")),
            kubernetes: self.versions(root),
            preview: root.get("preview").is_some_and(is_true),
            aliases: texts(root.get("aliases")),
            parameters,
            span: root.span(),
            values,
            matching: root.get("match").map_or_else(Matching::default, matching),
            each: one_or_many(root.get("each")).filter_map(|node| self.query(node)).collect(),
            when: root.get("when").and_then(|node| self.condition(node)),
            checks,
            cases: items(root, "cases").map(|case| self.case(case, setting)).collect(),
            message: self.message(root).unwrap_or_else(Message::empty),
        }
    }

    fn checks(&mut self, root: Node<'_>) -> Vec<Check> {
        let mut checks = Vec::new();
        for (key, question) in [("forbid", Question::Forbid as fn(Test) -> Question), ("require", Question::Require)] {
            for node in one_or_many(root.get(key)) {
                let kubernetes = self.versions(node);
                checks.extend(self.test(node).map(|test| Check { kubernetes, question: question(test) }));
            }
        }
        for node in one_or_many(root.get("unique")) {
            let lists = one_or_many(node.get("query")).filter_map(|query| self.query(query)).collect();
            let by = one_or_many(node.get("by")).filter_map(|by| self.test(by)).collect();
            let across_lists = node.get("acrossLists").is_some_and(is_true);
            let question = Question::Unique(Unique { lists, by, across_lists });
            checks.push(Check { kubernetes: None, question });
        }
        checks
    }

    fn case(&mut self, case: Node<'_>, setting: Option<&PolicySetting>) -> Case {
        self.roots = &CASE_ROOTS;
        let when = case.get("when").and_then(|node| self.condition(node));
        self.roots = &ROOTS;
        Case {
            when,
            kubernetes: self.versions(case),
            // What the config says about a policy holds for its cases too.
            severity: case
                .get("severity")
                .filter(|_| setting.is_none_or(|setting| setting.severity.is_none()))
                .map(|_| severity(case)),
            message: self.message(case),
            remediation: case.get("remediation").map(|node| node.text().trim_end().to_owned()),
        }
    }

    fn condition(&mut self, node: Node<'_>) -> Option<Condition> {
        if node.kind() == Kind::Scalar {
            return self.test(node).map(Condition::Some);
        }
        let mut parts: Vec<Condition> = Vec::new();
        if let (Some(query), Some(bounds)) = (node.get("query"), node.get("count")) {
            let bounds = self.bounds(bounds);
            parts.extend(self.query(query).map(|query| Condition::Count(query, bounds)));
        } else if node.get("query").is_some() {
            parts.extend(self.test(node).map(Condition::Some));
        } else if let Some(condition) = node.get("not").and_then(|not| self.condition(not)) {
            parts.push(Condition::Not(Box::new(condition)));
        }
        if node.get("all").is_some() {
            parts.push(Condition::All(items(node, "all").filter_map(|node| self.condition(node)).collect()));
        }
        if node.get("any").is_some() {
            parts.push(Condition::Any(items(node, "any").filter_map(|node| self.condition(node)).collect()));
        }
        if parts.is_empty() && self.problems.is_empty() {
            let problem = Diagnostic::error(CODE, node.span(), "this condition says nothing");
            self.problems.push(problem.help("give it a `query`, or `all`, `any` or `not`"));
        }
        if parts.len() == 1 { parts.pop() } else { Some(Condition::All(parts)) }
    }

    fn test(&mut self, node: Node<'_>) -> Option<Test> {
        if node.kind() == Kind::Scalar {
            return Some(Test { query: self.query(node)?, tests: Vec::new(), default: None });
        }
        let tests = self.value_tests(node);
        let default = node.get("default").map(|default| self.operand(default));
        Some(Test { query: self.query(node.get("query")?)?, tests, default })
    }

    fn value_tests(&mut self, node: Node<'_>) -> Vec<ValueTest> {
        let mut tests = Vec::new();
        for (key, value) in node.fields() {
            tests.push(match key.text() {
                "equals" => ValueTest::Equals(self.operand(value)),
                "in" => ValueTest::In(self.operand(value)),
                "matches" => match self.regex(value) {
                    Some(regex) => ValueTest::Matches(regex),
                    None => continue,
                },
                "key" => match self.regex(value) {
                    Some(regex) => ValueTest::Key(regex),
                    None => continue,
                },
                "range" => ValueTest::Range(self.bounds(value)),
                "quantity" => ValueTest::Quantity(self.bounds(value)),
                "type" => ValueTest::Type(value.text().to_owned()),
                "not" => ValueTest::Not(self.value_tests(value)),
                _ => continue,
            });
        }
        tests
    }

    fn bounds(&mut self, node: Node<'_>) -> Bounds {
        let mut side = |key: &str| node.get(key).map(|bound| self.operand(bound));
        Bounds { min: side("min"), max: side("max") }
    }

    /// A text that starts with `$` is a query; anything else stands for itself.
    fn operand(&mut self, node: Node<'_>) -> Operand {
        let query = node.as_str().filter(|text| text.starts_with('$')).and_then(|_| self.query(node));
        query.map_or_else(|| Operand::Literal(Arc::clone(&self.file.tree), node.id()), Operand::Query)
    }

    fn query(&mut self, node: Node<'_>) -> Option<Query> {
        match Query::parse(node.text(), self.roots) {
            Ok(query) => Some(query),
            Err(error) => {
                self.query_error(node, error);
                None
            }
        }
    }

    fn message(&mut self, node: Node<'_>) -> Option<Message> {
        let node = node.get("message")?;
        match Message::parse(node.text().trim_end(), &ROOTS) {
            Ok(message) => Some(message),
            Err(error) => {
                self.query_error(node, error);
                None
            }
        }
    }

    fn query_error(&mut self, node: Node<'_>, error: QueryError) {
        let mut problem = Diagnostic::error(CODE, span_within(node, error.at), error.message);
        problem.help = error.help;
        self.problems.push(problem);
    }

    fn regex(&mut self, node: Node<'_>) -> Option<LazyPattern> {
        LazyPattern::new(node.text())
            .map_err(|reason| self.problems.push(Diagnostic::error(CODE, node.span(), reason)))
            .ok()
    }

    fn versions(&mut self, node: Node<'_>) -> Option<VersionRange> {
        let node = node.get("kubernetes")?;
        match node.text().parse() {
            Ok(range) => Some(range),
            Err(problem) => {
                self.problems.push(Diagnostic::error(CODE, node.span(), problem));
                None
            }
        }
    }

    /// The values of the parameters: those of the config, where it gives one of the right type, else
    /// the defaults.
    fn values(&mut self, root: Node<'_>, setting: Option<&PolicySetting>) -> (Arc<Tree>, NodeId) {
        let mut tree = Tree::new(Arc::clone(self.file.tree.sources()), self.file.tree.reader());
        let values = tree.mapping(root.span());
        for (name, parameter) in fields(root, "parameters") {
            let kind = parameter.get("type").map_or("", Node::text);
            let Some(default) = parameter.get("default") else { continue };
            self.parameter_type(name.text(), kind, default);
            let given = setting.and_then(|setting| setting.parameters.get(name.text()));
            if let Some(given) = given {
                self.parameter_type(name.text(), kind, given.node());
            }
            let value = tree.copy(given.map_or(default, |given| given.node()), None);
            let key = tree.copy(name, None);
            tree.append_field(values, key, value);
        }
        for (name, given) in setting.into_iter().flat_map(|setting| &setting.parameters) {
            if root.at_path(&["parameters", name]).is_none() {
                let place = given.node().key().unwrap_or(given.node()).span();
                let problem = Diagnostic::error("bad-config", place, format!("this policy has no parameter `{name}`"));
                let names = fields(root, "parameters").map(|(key, _)| key.text());
                self.problems.push(match did_you_mean(name, names) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => problem,
                });
            }
        }
        (Arc::new(tree), values)
    }

    fn parameter_type(&mut self, name: &str, kind: &str, value: Node<'_>) {
        let fits = |node: Node<'_>, kind: &str| match node.scalar() {
            Some(Scalar::Int(_)) => kind == "integer",
            Some(Scalar::Bool(_)) => kind == "boolean",
            Some(Scalar::String(_)) => kind == "string",
            _ => false,
        };
        let fits = match kind {
            "strings" => value.kind() == Kind::Sequence && value.items().all(|item| fits(item, "string")),
            kind => fits(value, kind),
        };
        if !fits {
            let expected = if kind == "strings" { "a list of texts".to_owned() } else { format!("of type {kind}") };
            self.problems.push(Diagnostic::error(CODE, value.span(), format!("parameter `{name}` must be {expected}")));
        }
    }

    fn unused_parameters(&mut self, root: Node<'_>) {
        for (name, _) in fields(root, "parameters") {
            let reference = format!("$param.{}", name.text());
            let used = root.descendants().any(|node| node.text().contains(&reference));
            if !used {
                let problem =
                    Diagnostic::error(CODE, name.span(), format!("parameter `{}` is never used", name.text()));
                self.problems.push(problem.help(format!("use it as `{reference}`, or remove it")));
            }
        }
    }
}

fn parameter(name: Node<'_>, value: Node<'_>) -> Parameter {
    let text = |key: &str| value.get(key).map_or("", Node::text).trim_end().to_owned();
    Parameter { name: name.text().to_owned(), kind: text("type"), about: text("about") }
}

fn matching(node: Node<'_>) -> Matching {
    let kinds = items(node, "kinds").map(|kind| match kind.text().rsplit_once('/') {
        // The core group has no name in `apiVersion: v1`, so it is given one here.
        Some((group, kind)) => (Some(if group == "core" { "" } else { group }.to_owned()), kind.to_owned()),
        None => (None, kind.text().to_owned()),
    });
    Matching {
        pods: node.get("pods").is_some_and(is_true),
        kinds: kinds.collect(),
        labels: fields(node, "labels").map(|(key, value)| (key.text().to_owned(), value.text().to_owned())).collect(),
        namespaces: texts(node.get("namespaces")),
    }
}

fn severity(node: Node<'_>) -> Severity {
    match node.get("severity").map_or("", Node::text) {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Note,
    }
}

fn is_true(node: Node<'_>) -> bool {
    node.scalar() == Some(Scalar::Bool(true))
}

fn items<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    node.get(key).into_iter().flat_map(Node::items)
}

fn fields<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = (Node<'a>, Node<'a>)> + use<'a> {
    node.get(key).into_iter().flat_map(Node::fields)
}

fn texts(list: Option<Node<'_>>) -> Vec<String> {
    list.into_iter().flat_map(Node::items).map(|item| item.text().to_owned()).collect()
}

fn one_or_many(node: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> + use<'_> {
    let single = node.filter(|node| node.kind() != Kind::Sequence);
    single.into_iter().chain(node.into_iter().flat_map(Node::items))
}
