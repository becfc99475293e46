//! When things are deployed: the sync phases and waves of Argo CD, and the hooks of Helm.
//!
//! Argo CD applies phase after phase and wave after wave, and goes on once all of the one before is healthy; it takes
//! Helm's hooks for its own unless the target has native ones (Argo CD's `sync-waves.md`, `helm.md`). Helm itself
//! awaits `pre-install` hooks before it applies anything else.

use std::fmt::Display;

use crate::facts::graph::Graph;
use crate::facts::graph::Told;
use crate::facts::graph::VertexKind;
use crate::facts::graph::Wait;
use crate::render::Resource;
use crate::yaml::Node;

/// When a resource is deployed. Turns of one target can be compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Turn {
    /// The phase.
    pub phase: Phase,
    /// The wave within the phase, or the weight of a Helm hook.
    pub wave: i64,
}

/// A phase of a sync. Hooks that are for other occasions than a deployment have none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// Before everything else.
    Before,
    /// With everything else.
    With,
    /// After everything else.
    After,
}

impl Display for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let phase = match self.phase {
            Phase::Before => "before the sync",
            Phase::With => "in the sync",
            Phase::After => "after the sync",
        };
        match (self.phase, self.wave) {
            (_, 0) => write!(f, "{phase}"),
            (Phase::With, wave) => write!(f, "wave {wave}"),
            (_, wave) => write!(f, "{phase}, wave {wave}"),
        }
    }
}

/// How the turns of one target are to be read.
pub(super) struct Turns {
    /// Whether somebody says anything about turns at all.
    are_told: bool,
    has_native_hooks: bool,
    /// Whether Argo CD is told anything.
    has_argo: bool,
}

const HOOK: &str = "argocd.argoproj.io/hook";
const WAVE: &str = "argocd.argoproj.io/sync-wave";
const HELM_HOOK: &str = "helm.sh/hook";
const HELM_WEIGHT: &str = "helm.sh/hook-weight";

impl Turns {
    pub(super) fn of(resources: &[Resource]) -> Self {
        let has = |name: &str| resources.iter().any(|resource| annotation(resource, name).is_some());
        let has_native_hooks = has(HOOK);
        let has_argo = has_native_hooks || has(WAVE);
        Self { are_told: has_argo || has(HELM_HOOK), has_native_hooks, has_argo }
    }

    /// When a resource is deployed; none if nobody says so, it can't be known, or it is for other occasions.
    pub(super) fn turn(&self, resource: &Resource) -> Option<Turn> {
        if !self.are_told {
            return None;
        }
        let number = |name: &str| match annotation(resource, name) {
            Some(wave) => wave.text().trim().parse::<i64>().ok(),
            None => Some(0),
        };
        let helm = annotation(resource, HELM_HOOK).filter(|_| !self.has_native_hooks);
        match (annotation(resource, HOOK), helm) {
            (Some(hook), _) => Some(Turn { phase: phase(hook, &NATIVE)?, wave: number(WAVE)? }),
            (None, Some(hook)) => Some(Turn { phase: phase(hook, &HELM)?, wave: number(HELM_WEIGHT)? }),
            (None, None) => Some(Turn { phase: Phase::With, wave: number(WAVE)? }),
        }
    }
}

type Phases = [(&'static str, Phase); 4];

const NATIVE: Phases =
    [("PreSync", Phase::Before), ("Sync", Phase::With), ("PostSync", Phase::After), ("Skip", Phase::With)];
const HELM: Phases = [
    ("pre-install", Phase::Before),
    ("crd-install", Phase::Before),
    ("post-install", Phase::After),
    ("post-upgrade", Phase::After),
];

/// The first phase that a list of hooks names.
fn phase(hooks: Node<'_>, phases: &Phases) -> Option<Phase> {
    let named = hooks.text().split(',').map(str::trim);
    named.filter_map(|hook| phases.iter().find(|(name, _)| *name == hook)).map(|(_, phase)| *phase).min()
}

fn annotation<'a>(resource: &'a Resource, name: &str) -> Option<Node<'a>> {
    resource.node().at_path(&["metadata", "annotations"])?.get(name).filter(|value| !value.is_unknown())
}

/// The waits for Services whose pods, and for workloads that, are only deployed once the waiting pod is ready.
pub(super) fn later_waits(graph: &Graph, turns: &Turns, selected: &[Vec<usize>], waits: &[Wait<'_>]) -> Vec<Told> {
    let is_here = |place: usize| matches!(graph.vertices[place].kind, VertexKind::Service | VertexKind::Workload);
    let mut told = Vec::new();
    for wait in waits.iter().filter(|wait| wait.holds && is_here(wait.to)) {
        let Some(own) = graph.vertices[wait.from].turn else { continue };
        let pods: Vec<_> = selected[wait.to].iter().map(|&pod| &graph.vertices[pod]).collect();
        let service = &graph.vertices[wait.to];
        let is_later = |turn: Option<Turn>| turn.is_some_and(|turn| turn > own);
        let other = if is_later(service.turn) {
            service
        } else if !pods.is_empty() && pods.iter().all(|pod| is_later(pod.turn)) {
            pods[0]
        } else {
            continue;
        };
        let other_turn = other.turn.expect("only a known turn is later");
        // Helm itself waits for its pods, before it runs what comes after, only if it is asked to.
        let is_certain = turns.has_argo || own.phase != Phase::With || other_turn.phase != Phase::After;
        let fields = vec![
            ("container", wait.container.to_owned()),
            ("service", wait.service.to_owned()),
            ("other", format!("{} `{}`", other.id.kind, other.id.name)),
            ("turn", own.to_string()),
            ("otherTurn", other_turn.to_string()),
            ("certain", if is_certain { "yes" } else { "no" }.to_owned()),
        ];
        told.push(Told { from: wait.from, span: wait.fact.span(), fields });
    }
    told
}
