//! What is asked of `fix`: which waits, and where they are to be written.

use crate::config::Check;
use crate::kube::ResourceId;

/// Which waits are asked for.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Request {
    /// Whom they are for; a wait is asked for if one of them says so.
    pub choices: Vec<Choice>,
    /// How sure it must be that the Service is called.
    pub least: Confidence,
    /// The layer that they are written to.
    pub into: Into,
    /// Where patches are written if nothing is to be edited, beside a kustomization that applies them.
    pub apart: Option<Beside>,
    /// The folder of the Component, in place of what the config says.
    pub component: Option<String>,
    /// What Services are asked.
    pub checks: Checks,
    /// Whether each wait gets an init container of its own, in place of what the config says.
    pub is_each_alone: Option<bool>,
    /// The policies whose findings are mended, by id.
    pub repairs: Vec<String>,
    /// Whether also that is done which may change what was meant.
    pub allow_unsafe: bool,
}

/// Some of the waits that could be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// All of them.
    All,
    /// Those of workloads of this kind and name, `Deployment/web`.
    Workload {
        /// The kind, in any case of letters.
        kind: String,
        /// The name.
        name: String,
    },
    /// Those for the Service of this name.
    Service(String),
}

impl Choice {
    /// Reads what was typed: `all`, `KIND/NAME` of a workload, or the name of a Service, also as `Service/NAME`.
    pub fn read(text: &str) -> Self {
        match text.split_once('/') {
            None if text == "all" => Self::All,
            None => Self::Service(text.to_owned()),
            Some((kind, name)) if kind.eq_ignore_ascii_case("service") => Self::Service(name.to_owned()),
            Some((kind, name)) => Self::Workload { kind: kind.to_owned(), name: name.to_owned() },
        }
    }

    /// What was typed, in its longest form.
    pub fn told(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Workload { kind, name } => format!("{kind}/{name}"),
            Self::Service(name) => format!("Service/{name}"),
        }
    }

    /// Whether the wait of a workload for a Service is one of them.
    pub(super) fn is_for(&self, workload: &ResourceId, service: &str) -> bool {
        match self {
            Self::All => true,
            Self::Workload { kind, name } => workload.kind.eq_ignore_ascii_case(kind) && workload.name == *name,
            Self::Service(name) => name == service,
        }
    }
}

/// How sure it is that a Service is called, the surest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub enum Confidence {
    /// The text may mean something else.
    Possible,
    /// It is hardly anything else.
    #[default]
    Likely,
    /// It is nothing else.
    Certain,
}

impl Confidence {
    /// The confidence that a fact tells.
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "possible" => Some(Self::Possible),
            "likely" => Some(Self::Likely),
            "certain" => Some(Self::Certain),
            _ => None,
        }
    }
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        })
    }
}

/// What Services are asked to see whether they are there.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Checks {
    /// What the config says of each, else whether somebody listens.
    #[default]
    AsTold,
    /// The same, but by the protocol that is usual on the port where the config says nothing.
    ByPort,
    /// The same for all.
    All(Check),
}

/// Where patches are to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Beside {
    /// The path of their folder from the root.
    pub folder: String,
    /// The path back.
    pub to_root: String,
}

/// The layer of a kustomization that patches are written to.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Into {
    /// The one nearest to the manifest in which every target that uses it has the same waits.
    #[default]
    Shared,
    /// That of the target.
    Overlay,
    /// The one that takes the manifest, or none.
    Base,
    /// A Component that the targets use.
    Component,
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn what_is_typed_is_a_service_a_workload_or_all() {
        let workload = |kind: &str, name: &str| Choice::Workload { kind: kind.to_owned(), name: name.to_owned() };
        assert_eq!(Choice::read("all"), Choice::All);
        assert_eq!(Choice::read("db"), Choice::Service("db".to_owned()));
        assert_eq!(Choice::read("service/all"), Choice::Service("all".to_owned()));
        assert_eq!(Choice::read("deployment/web"), workload("deployment", "web"));
    }
}
