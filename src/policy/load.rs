//! From a policy file to what it is about and its rule: checked against its form, queries and expressions
//! compiled once.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::PolicySetting;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::diagnostic::did_you_mean;
use crate::policy::Case;
use crate::policy::Check;
use crate::policy::FORM;
use crate::policy::Parameter;
use crate::policy::PolicyFile;
use crate::policy::Question;
use crate::policy::Rule;
use crate::policy::Unique;
use crate::policy::compile::CASE_ROOTS;
use crate::policy::compile::CODE;
use crate::policy::compile::Compiler;
use crate::policy::compile::ROOTS;
use crate::policy::compile::fields;
use crate::policy::compile::is_true;
use crate::policy::compile::items;
use crate::policy::compile::one_or_many;
use crate::policy::compile::texts;
use crate::policy::condition::Test;
use crate::policy::matching::Matching;
use crate::policy::message::Message;
use crate::source::Span;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Parsed;
use crate::yaml::Scalar;
use crate::yaml::Shape;
use crate::yaml::Tree;
use crate::yaml::check;

/// Reads a parsed policy file. `setting` is what the config says about the policy.
///
/// # Errors
/// Everything that is wrong with it. A policy with a mistake is not used at all.
pub(super) fn load(
    from: &PolicyFile,
    file: &Parsed,
    setting: Option<&PolicySetting>,
) -> Result<(Matching, Rule), Vec<Diagnostic>> {
    if !file.diagnostics.is_empty() {
        return Err(file.diagnostics.clone());
    }
    let [document] = file.documents.as_slice() else {
        return Err(vec![match file.documents.get(1) {
            Some(second) => {
                let span = file.tree.node(second.root).span();
                Diagnostic::error(CODE, span, "a policy file is one document, this is a second one")
            }
            None => Diagnostic::error(CODE, Span::whole(from.source), "this policy file is empty"),
        }]);
    };
    let root = file.tree.node(document.root);
    let mistakes = if from.is_builtin { Vec::new() } else { check(root, &Shape::Fields(&FORM), CODE) };
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut compiler = Compiler::new(file, root, from.is_builtin);
    let loaded = (compiler.matching(root), compiler.rule(root, setting));
    if compiler.problems.is_empty() { Ok(loaded) } else { Err(compiler.problems) }
}

/// What a policy is about that is known to be right; `file` need hold no more of it than that.
pub(super) fn matching_of(file: &Parsed) -> Matching {
    let root = file.documents.first().map(|document| file.tree.node(document.root));
    root.map(|root| Compiler::new(file, root, true).matching(root)).unwrap_or_default()
}

impl<'f> Compiler<'f> {
    fn new(file: &'f Parsed, root: Node<'f>, is_builtin: bool) -> Self {
        let declared = fields(root, "parameters").map(|(name, _)| name.text()).collect();
        Self { file, roots: &ROOTS, declared, used: BTreeSet::new(), is_builtin, problems: Vec::new() }
    }

    fn rule(&mut self, root: Node<'_>, setting: Option<&PolicySetting>) -> Rule {
        let text = |key: &str| root.get(key).map_or("", Node::text).trim_end().to_owned();
        let checks = self.checks(root);
        if checks.is_empty() {
            let span = root.get("message").and_then(Node::key).unwrap_or(root).span();
            let problem = Diagnostic::error(CODE, span, "this policy checks nothing");
            self.problems.push(problem.help("add `forbid`, `require` or `unique`"));
        }
        let parameters: Vec<Parameter> = fields(root, "parameters").map(|(key, value)| parameter(key, value)).collect();
        let values = self.values(root, setting);
        let rule = Rule {
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
            each: one_or_many(root.get("each")).filter_map(|node| self.query(node)).collect(),
            when: root.get("when").and_then(|node| self.condition(node)),
            checks,
            cases: self.cases(root, setting),
            fix: root.get("fix").and_then(|node| self.fix(node)),
            message: self.message(root).unwrap_or_else(Message::empty),
        };
        // Only now is it known which parameters are used.
        if self.problems.is_empty() {
            self.unused_parameters(root);
        }
        rule
    }

    fn checks(&mut self, root: Node<'_>) -> Vec<Check> {
        let mut checks = Vec::new();
        for (key, question) in [("forbid", Question::Forbid as fn(Test) -> Question), ("require", Question::Require)] {
            for node in one_or_many(root.get(key)) {
                let kubernetes = self.versions(node);
                if let Some(default) = node.get("default").filter(|_| key == "forbid") {
                    self.complain(
                        default.key().unwrap_or(default),
                        "`default` has no effect here: what is missing is not forbidden",
                    );
                }
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

    fn cases(&mut self, root: Node<'_>, setting: Option<&PolicySetting>) -> Vec<Case> {
        let mut always = None;
        for case in items(root, "cases") {
            if let Some(earlier) = always {
                let problem = Diagnostic::error(CODE, case.span(), "this case is never reached");
                self.problems.push(problem.related(earlier, "this one has no condition, so it always holds"));
            }
            if case.get("when").is_none() && case.get("kubernetes").is_none() {
                always = Some(case.span());
            }
        }
        items(root, "cases").map(|case| self.case(case, setting)).collect()
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

    /// What a policy is about: everything, if it does not say.
    pub(super) fn matching(&mut self, root: Node<'_>) -> Matching {
        let Some(node) = root.get("match") else { return Matching::default() };
        let mut kinds = Vec::new();
        for kind in items(node, "kinds") {
            let (group, name) = match kind.text().rsplit_once('/') {
                // The core group has no name in `apiVersion: v1`, so it is given one here.
                Some((group, name)) => (Some(if group == "core" { "" } else { group }.to_owned()), name),
                None => (None, kind.text()),
            };
            if group.as_ref().is_some_and(|group| group.contains('/') || is_version(group)) {
                self.complain(
                    kind,
                    "a kind is written with its group and without a version, as `apps/Deployment` or `core/Pod`",
                );
            }
            kinds.push((group, name.to_owned()));
        }
        if let Some(pods) = node.get("pods").filter(|pods| !is_true(*pods)) {
            self.complain(pods, "`pods: false` says nothing; leave it out");
        }
        let build = texts(node.get("build"));
        if let Some(other) = node.fields().find(|(key, _)| !build.is_empty() && key.text() != "build") {
            self.complain(other.0, "what happens in a build has no kind, labels or pods; leave this or `build` out");
        }
        Matching {
            build,
            pods: node.get("pods").is_some_and(is_true),
            kinds,
            labels: fields(node, "labels")
                .map(|(key, value)| (key.text().to_owned(), value.text().to_owned()))
                .collect(),
            namespaces: texts(node.get("namespaces")),
        }
    }

    fn unused_parameters(&mut self, root: Node<'_>) {
        for (name, _) in fields(root, "parameters") {
            if !self.used.contains(name.text()) {
                let reference = format!("$param.{}", name.text());
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

/// Whether a text looks like the version of an API, such as `v1` or `v1beta1`.
fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
}

fn severity(node: Node<'_>) -> Severity {
    match node.get("severity").map_or("", Node::text) {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Note,
    }
}
