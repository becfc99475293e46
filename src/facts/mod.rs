//! What follows from the objects of a target, computed once and attached to them as nodes.
//!
//! Policies query facts like fields, and a fact's span is the text it follows from, so a finding about
//! a fact lands on that text. Facts judge nothing: whether a Service without pods is bad is a policy's
//! affair. Joins of several objects and readings of scripts belong here, never into an operator.

mod book;
mod lookup;
mod scripts;
mod operators;
mod surroundings;
mod unbuilt;
mod existence;
mod expansion;
mod services;
mod backends;
mod probe_ports;
mod mounts;
mod kept;
mod runs;
mod variables;
mod resources;
mod effects;
mod network;
mod waits;
mod needs;
mod flux;
mod graph;

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use crate::config::Config;
use crate::facts::backends::GATEWAY;
use crate::facts::book::Book;
pub use crate::facts::graph::Edge;
pub use crate::facts::graph::EdgeKind;
pub use crate::facts::graph::Graph;
pub use crate::facts::graph::Phase;
pub use crate::facts::graph::Turn;
pub use crate::facts::graph::Vertex;
pub use crate::facts::graph::VertexKind;
use crate::facts::services::Labels;
use crate::facts::surroundings::Surroundings;
use crate::kube::ResourceId;
use crate::kube::pod_path;
use crate::model::Pod;
use crate::render::Resource;
use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Tree;

/// Pods with more containers have no facts: nobody means them, and containers are compared with each other.
const MAX_CONTAINERS: usize = 500;

/// What is in `$facts`, by name, with what it says. A state that the repository does not tell is unknown.
pub const NAMES: &[(&str, &str)] = &[
    (
        "backends",
        "of an Ingress or a route: the Services it leads to, with `service`, `port`, `namespace`, `state` (`target`, \
         `elsewhere`, `external`, `operator`, `missing`), `portState` (`found`, `missing`) and `grant` (`needless`, \
         `granted`, `missing`)",
    ),
    (
        "bashisms",
        "of a pod: what its scripts take from bash that their own shell does not know, with `container`, `shell`, \
         `construct`, `effect`, `inLoop`, and in `remedies` the texts that would mend it",
    ),
    ("covers", "of a PodDisruptionBudget or NetworkPolicy for some pods: where these are, in `pods`, as for a Service"),
    (
        "deadlocks",
        "of a pod: its waits that never end because who they wait for waits for this pod, with `container`, `service` \
         and `path`",
    ),
    (
        "dependencies",
        "of a pod: what it needs from others, with `kind`, `name`, `namespace`, `container`, `place`, `evidence` \
         (`reference`, `wait` if only a wait names it, or how a host is written), `onlyWaits` (true if only waits call it), `confidence` (`certain`, `likely`, `possible`) and `resolved` (`target`, \
         `elsewhere`, `external`, `operator`, `missing`); of a Service also `port` and `portState` (`found`, \
         `target-port`, `missing`), of a ConfigMap or Secret `key` and `keyState` (`found`, `missing`)",
    ),
    (
        "dependsOn",
        "of a Flux Kustomization or HelmRelease: what it is applied after, with `kind`, `name`, `namespace`, `resolved` \
         (`target`, `elsewhere`, `external`, `missing`) and `path`, on one of each circle",
    ),
    (
        "dollars",
        "of a pod: each `$$` that becomes `$` and seems to mean two, with `container`, `place` and `meaning` (`pid`, \
         `text`)",
    ),
    (
        "dominating",
        "of a pod: the resources of which an init container needs more than all that runs for good, with `resource`, \
         `container`, `requests` and `steady`",
    ),
    (
        "filledIn",
        "of a pod: each `${NAME}` of a script that Flux fills in although the script sets the variable or the container \
         is given it, with `container`, `variable`, `set` (`script`, `env`), `defined` (`no`, or unknown) and `by`",
    ),
    (
        "governing",
        "of a StatefulSet: the Service it names, with `service` and `state` (`target`, `elsewhere`, `external`, \
         `operator`, `missing`)",
    ),
    ("grants", "of a role binding: the role it gives, with `kind`, `name` and `resolved` as for `dependencies`"),
    (
        "laterWaits",
        "of a pod: its waits for what is deployed only once this pod is ready, with `container`, `service` (the name of \
         the Service or workload), `other`, `turn`, `otherTurn` and `certain` (`yes`, or `no` if Helm has to be asked \
         to wait)",
    ),
    ("limits", "of a pod: what it may use at most, a quantity for each resource"),
    ("lowering", "of a pod: the init containers without which it would be Guaranteed, with `container`"),
    ("mounts", "of a pod: what its containers mount, with `container`, `volume` and `state` (`declared`, `missing`)"),
    (
        "networkWrites",
        "of a pod: what its init containers change in its network that they can't change again, with `container`, \
         `command`, `kept` (`pod`, or `longer` with `hostNetwork`) and `secondRun` (`fails`, `drifts`)",
    ),
    (
        "pods",
        "of a Service with a selector: where the pods are that it selects (`target`, `elsewhere`, `operator`, `cluster`, \
         `none`)",
    ),
    (
        "ports",
        "of a Service that selects pods: its ports with a named target, with `targetPort`, `protocol` and `state` \
         (`found`, `other-protocol`, `init-container`, `digits`, `missing`)",
    ),
    (
        "probePorts",
        "of a pod: the named ports of probes and hooks, with `container`, `place`, `port`, `other` and `state` \
         (`found`, `other-container`, `digits`, `missing`)",
    ),
    ("qos", "of a pod: its quality of service (`Guaranteed`, `Burstable`, `BestEffort`)"),
    ("qosWithoutInit", "of a pod: its quality of service if its ordinary init containers were not there"),
    (
        "references",
        "of a pod: each `$(NAME)` that the kubelet would expand, with `container`, `place` (`env`, `command`, `args`, \
         `probe`, `hook`), `variable` and `state` (`found`, `late`, `self`, `service`, `headless`, `external-name`, \
         `no-links`, `no-port`, `undefined`, `empty`, `verbatim`)",
    ),
    ("requests", "of a pod: what it reserves on its node, a quantity for each resource"),
    (
        "reruns",
        "of a pod: its init containers that have a kept volume, with `container` and `idempotent` (`yes`, `no`)",
    ),
    (
        "restored",
        "of a Job that is no hook: what makes it again when it is deleted, with `kind` (`Flux Kustomization`, \
         `Application`) and `name`",
    ),
    (
        "runs",
        "of a pod: what each of its containers runs, with `container`, `role` (`init`, `sidecar`, `app`), `shell` \
         (`dash`, `ash`, `bash`, `none`) and `argv`",
    ),
    ("scales", "of an autoscaler: what it scales, with `kind`, `name` and `resolved` as for `dependencies`"),
    ("selects", "of a Service: the first of the pods of the target that it selects, with `kind` and `name`"),
    (
        "subjects",
        "of a role binding: the accounts it is for, with `kind`, `name`, `namespace` and `resolved` as for `dependencies`",
    ),
    (
        "tokenReads",
        "of a pod: what its scripts read of a ServiceAccount whose token is not mounted, with `container` and `path`",
    ),
    (
        "volumeSources",
        "of a pod: the second and later sources of a volume, with `volume`, `source` and the `first` one",
    ),
    (
        "waiting",
        "of a pod: the longest wait of its init containers, with `container` and `seconds`, which is how long all of them \
         take at worst; nothing if one of them has no end",
    ),
    (
        "waits",
        "of a pod: what its containers wait for, with `container`, `role`, `method`, `host`, `namespace`, `port`, \
         `service`, `resolved` (`target`, `elsewhere`, `external`, `operator`, `missing`), `serviceKind` (`cluster`, \
         `headless`, `published`, `external-name`), `portState` (`found`, `target-port`, `missing`), `own`, `renamed`, \
         `proves` (`nothing`, `name`, `port`, `protocol`, `state`), `bounded`, `seconds`, `effective` (`yes`, `no`), \
         `reason`, `fault` (`never-waits`, `never-ends`, `inverted`), `afterwards` (`fails`, `goes-on`), `accepts` \
         (`http-errors`, `no-auth`, `udp`), `objectKind`, `object` and `objectNamespace` (of kubectl and its like), `objectState` (`target`, \
         `missing`), `redirectedBy` (the init container that sends all to a proxy which is not there yet), `fleeting` (`ttl` or `hook`: why the Job is not there for long, with `objectSeconds`), `rights` \
         (`granted`, `missing`, `no-token`), `lacks` (verbs and resource), `busy`, `unlimitedTry`, `first`, which is true once for each loop, `alone`, which is true if \
         the container does nothing else, and `netcat`, which is true if its image is known to have an `nc` that takes `-z`",
    ),
    (
        "writes",
        "of a pod: what its init containers write to volumes that are kept, with `container`, `command`, `path`, `volume`, \
         `volumeKind`, `root` (`yes` for a claim as a whole), `kept` (`pod`, `longer`), `operation`, `secondRun` (`same`, `fails`, `drifts`, \
         `corrupts`), `afterInterrupt` (`safe`, `unsafe`), `reason`, and in `remedies` the texts that would mend it",
    ),
];

/// The facts about the resources of one target.
#[derive(Debug)]
pub struct Facts {
    tree: Arc<Tree>,
    resources: Vec<NodeId>,
    /// The node of a resource that a fact is about.
    about: HashMap<NodeId, NodeId>,
    graph: Graph,
}

impl Facts {
    /// Who needs whom.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The facts about one resource of the target, by its place in the list.
    pub fn of(&self, resource: usize) -> Node<'_> {
        self.tree.node(self.resources[resource])
    }

    /// The node of the resource that a fact is about; none if `node` is no fact.
    pub fn about(&self, node: Node<'_>) -> Option<NodeId> {
        if !std::ptr::eq(node.tree(), Arc::as_ptr(&self.tree)) {
            return None;
        }
        std::iter::successors(Some(node), |node| node.parent()).find_map(|node| self.about.get(&node.id()).copied())
    }
}

/// What facts are inferred from: the resources of one target, and what else exists.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// What the target is called.
    pub target: &'a str,
    /// Its own resources.
    pub resources: &'a [Resource],
    /// What all targets have that others may refer to.
    pub elsewhere: &'a Elsewhere,
    /// What the project says exists outside of the repository.
    pub config: &'a Config,
}

/// What the targets of the repository define that another one may refer to.
#[derive(Default, Debug)]
pub struct Elsewhere {
    services: HashMap<String, Vec<Option<String>>>,
    /// Those that operators make.
    made_services: HashMap<String, Vec<Option<String>>>,
    /// Everything by kind and name, and what is made from it.
    objects: HashMap<(String, String), Vec<Option<String>>>,
    pods: Vec<(Option<String>, Labels)>,
    /// The places in `pods` by each of their labels.
    by_label: HashMap<(String, String), Vec<usize>>,
    /// The namespaces with a ReferenceGrant.
    grants: BTreeSet<String>,
    unbuilt: unbuilt::Unbuilt,
    layers: flux::Layers,
}

impl Elsewhere {
    /// Notes what the resources of a target define.
    pub fn add(&mut self, resources: &[Resource]) {
        for resource in resources {
            self.add_object(resource);
            for service in operators::services_of(&resource.id) {
                self.made_services.entry(service).or_default().push(resource.id.namespace.clone());
            }
            let ResourceId { kind, namespace, name, .. } = &resource.id;
            match (resource.id.group(), kind.as_str()) {
                ("", "Service") => self.services.entry(name.clone()).or_default().push(namespace.clone()),
                (GATEWAY, "ReferenceGrant") => self.grants.extend(namespace.clone()),
                _ => self.add_pod(resource),
            }
        }
    }

    /// Whether some target has a Service of this name that may be in this namespace.
    pub fn has_service(&self, namespace: Option<&str>, name: &str) -> bool {
        may_hold(&self.services, namespace, name)
    }

    /// Whether an operator makes a Service of this name, that may be in this namespace, for some target.
    pub(crate) fn makes_service(&self, namespace: Option<&str>, name: &str) -> bool {
        may_hold(&self.made_services, namespace, name)
    }
}

fn may_hold(names: &HashMap<String, Vec<Option<String>>>, namespace: Option<&str>, name: &str) -> bool {
    let mut namespaces = names.get(name).into_iter().flatten();
    namespaces.any(|of| ResourceId::may_share_namespace(namespace, of.as_deref()))
}

/// Infers all facts about the resources of one target.
pub fn infer(scope: Scope<'_>, sources: &Arc<Sources>) -> Facts {
    let mut book = Book::new(Arc::clone(sources));
    let mut resources = Vec::new();
    let around = &Surroundings::of(scope);
    let known = &mut needs::Known::default();
    let waits = &mut waits::Memory::default();
    for resource in scope.resources {
        let facts = book.about(resource.node());
        services::infer(around, resource, &mut book, facts);
        backends::infer(around, resource, &mut book, facts);
        if let Some(pod) = Pod::of(resource).filter(|pod| pod.containers().nth(MAX_CONTAINERS).is_none()) {
            let complete = is_complete(resource, pod);
            probe_ports::infer(pod, complete, &mut book, facts);
            mounts::infer(resource, pod, complete, &mut book, facts);
            let runs = runs::of(around, resource, pod, complete);
            runs::infer(&runs, &mut book, facts);
            variables::infer(&runs, &mut book, facts);
            resources::infer(around, resource, pod, complete, &mut book, facts);
            effects::infer(around, resource, (pod, &runs), &mut book, facts);
            waits::infer(around, resource, (pod, &runs), waits, &mut book, facts);
            needs::of_pod(around, resource, (pod, &runs), known, &mut book, facts);
            flux::infer_filled(around, resource, &runs, &mut book, facts);
            network::infer(pod, &runs, &mut book, facts);
        }
        flux::infer_order(around, resource, &mut book, facts);
        flux::infer_restored(around, resource, &mut book, facts);
        needs::of_others(around, resource, known, &mut book, facts);
        resources.push(facts);
    }
    let graph = graph::infer(around, scope.resources, &resources, &mut book);
    let (tree, about) = book.close();
    Facts { tree: Arc::new(tree), resources, about, graph }
}

/// Whether nobody adds to a pod what is not written: an operator may do so for its own kinds, and a
/// service mesh for containers whose image is `auto`.
fn is_complete(resource: &Resource, pod: Pod<'_>) -> bool {
    let known = pod_path(resource.id.group(), &resource.id.kind).is_some();
    known && !pod.containers().any(|container| container.node.get_str("image") == Some("auto"))
}

/// The facts about the manifests in a text.
#[cfg(test)]
pub(crate) fn of_text(sources: &Arc<Sources>, text: &str) -> Facts {
    let resources = resources_of(sources, text);
    infer(
        Scope { target: "", resources: &resources, elsewhere: &Elsewhere::default(), config: &Config::default() },
        sources,
    )
}

/// The resources in a text.
#[cfg(test)]
pub(crate) fn resources_of(sources: &Arc<Sources>, text: &str) -> Vec<Resource> {
    let rendered = rendered(sources, sources.add("manifests.yaml", text));
    assert!(rendered.diagnostics.is_empty(), "{:?}", rendered.diagnostics);
    rendered.resources
}

/// What the manifests in a file render to.
#[cfg(test)]
fn rendered(sources: &Arc<Sources>, source: crate::source::SourceId) -> crate::render::Rendered {
    use crate::discover::Target;
    use crate::discover::TargetKind;
    use crate::render::render;
    use crate::yaml::Files;

    let kind = TargetKind::Stream(source);
    let files = Files::new(Arc::clone(sources));
    let options = crate::render::Options::default();
    render(&Target { name: String::new(), kind }, &files, &options, &crate::render::Bases::default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::Arc;

    use crate::config::Config;
    use crate::facts::Elsewhere;
    use crate::facts::NAMES;
    use crate::facts::Scope;
    use crate::facts::infer;
    use crate::facts::rendered;
    use crate::source::Sources;
    use crate::source::files_below;

    #[test]
    fn every_fact_about_an_example_is_in_the_list_and_nothing_else() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let sources = Arc::new(Sources::below(&folder).unwrap());
        let mut examples = files_below(&folder.join("policies"), 10).unwrap();
        examples.retain(|(path, _)| path.extension().is_some_and(|ending| ending == "yaml"));
        let mut names = BTreeSet::new();
        for (_, name) in &examples {
            let resources = rendered(&sources, sources.read(name).unwrap()).resources;
            let (mut elsewhere, config) = (Elsewhere::default(), &Config::default());
            elsewhere.add_layers("", &resources);
            let facts = infer(Scope { target: "", resources: &resources, elsewhere: &elsewhere, config }, &sources);
            let facts = (0..resources.len()).flat_map(|index| facts.of(index).fields());
            names.extend(facts.map(|(key, _)| key.text().to_owned()));
        }
        // Sorted, as a set is.
        let listed: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, Vec::from_iter(&names));
    }
}
