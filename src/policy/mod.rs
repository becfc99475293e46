//! Rules as data: a policy is one YAML file, and this module reads it and asks it of resources.
//!
//! The file's name is the policy's id and its folder the category. What a policy can say is the form
//! in `form`; a rule that it cannot say is a missing fact or operator, never a special case here.

mod file;
mod form;
mod condition;
mod message;
mod matching;
mod place;
mod compile;
mod load;
mod repair;
mod unread;
mod evaluate;
mod set;

pub use evaluate::Evaluated;
pub use evaluate::evaluate;
pub use evaluate::evaluate_events;
pub use file::PolicyFile;
pub use form::FORM;
pub use set::BUILTIN;
pub use set::Selection;
pub use set::builtin;
pub use set::load_all;

use std::sync::Arc;
use std::sync::OnceLock;

use crate::diagnostic::Severity;
use crate::jsonpath::Query;
use crate::kube::VersionRange;
use crate::policy::condition::Condition;
use crate::policy::condition::Test;
use crate::policy::matching::Matching;
use crate::policy::message::Message;
use crate::policy::repair::Fix;
use crate::source::Sources;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// A rule that a run may ask. What it is about is known from the start; the rest of a policy that comes with
/// Plimsoll is read when the first thing turns up that it is about, because most runs have use for few of them.
#[derive(Debug)]
pub struct Policy {
    /// The name of its file, without the ending.
    pub id: String,
    /// The name of its folder.
    pub category: String,
    matching: Matching,
    file: PolicyFile,
    sources: Arc<Sources>,
    rule: OnceLock<Rule>,
}

/// What the file of a policy says: the rule, and everything that is to be said about it.
#[derive(Debug)]
pub struct Rule {
    /// The bad pattern in a few words.
    pub summary: String,
    /// How bad its findings are, if no case says otherwise.
    pub severity: Severity,
    /// Why it is bad, what happens in the cluster.
    pub description: String,
    /// What to do about it.
    pub remediation: String,
    /// Where that is written.
    pub references: Vec<String>,
    /// The versions of Kubernetes that it is about; none for all.
    pub kubernetes: Option<VersionRange>,
    /// Whether it has to be turned on.
    pub preview: bool,
    /// Earlier ids of it.
    pub aliases: Vec<String>,
    /// What the config may set.
    pub parameters: Vec<Parameter>,
    /// The file as a whole.
    pub span: Span,
    /// The values of the parameters, as one mapping.
    values: (Arc<Tree>, NodeId),
    /// Queries for the subjects; none if the resource itself is the subject.
    each: Vec<Query>,
    when: Option<Condition>,
    checks: Vec<Check>,
    cases: Vec<Case>,
    fix: Option<Fix>,
    message: Message,
}

/// Something about a policy that the config may set.
#[derive(Debug)]
pub struct Parameter {
    /// Its name, as in `$param.name`.
    pub name: String,
    /// What its value must be: `integer`, `string`, `boolean` or `strings`.
    pub kind: String,
    /// What it is for.
    pub about: String,
}

/// What a policy asks of a subject, in the versions of Kubernetes that it is about; none for all.
#[derive(Debug)]
struct Check {
    kubernetes: Option<VersionRange>,
    question: Question,
}

#[derive(Debug)]
enum Question {
    /// Every node that passes the test is a finding.
    Forbid(Test),
    /// Every node that fails the test is a finding, and so is having no node.
    Require(Test),
    /// Every node that says the same as an earlier one is a finding.
    Unique(Unique),
}

/// Nodes that must differ, and in what.
#[derive(Debug)]
struct Unique {
    lists: Vec<Query>,
    by: Vec<Test>,
    /// Whether two items of one list may be the same.
    across_lists: bool,
}

/// Sets severity and message of a finding, if its conditions hold; the first one that does counts.
#[derive(Debug)]
struct Case {
    when: Option<Condition>,
    kubernetes: Option<VersionRange>,
    severity: Option<Severity>,
    message: Option<Message>,
    remediation: Option<String>,
}

impl Rule {
    /// Whether what it does about its findings is safe; none if it knows nothing to do.
    pub fn fixes_safely(&self) -> Option<bool> {
        self.fix.as_ref().map(|fix| fix.is_safe)
    }

    /// The values of the parameters, as one mapping.
    fn parameter_values(&self) -> Node<'_> {
        self.values.0.node(self.values.1)
    }
}
