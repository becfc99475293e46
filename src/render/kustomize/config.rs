//! What the transformers of one kustomization set and follow: kustomize's defaults, and what the files
//! of `configurations` and `crds` add to them.
//!
//! Every level merges its own into what its bases have gathered, so most of these are the defaults over
//! and over. Their lists are shared, and merging a list with itself costs nothing.

use std::sync::Arc;
use std::sync::LazyLock;

use crate::diagnostic::Diagnostic;
use crate::kube;
use crate::kube::FieldSpec;
use crate::kube::NameReference;
use crate::kustomization::Version;
use crate::kustomization::fields::CONFIGURATION;
use crate::kustomization::form;
use crate::kustomization::form::Reading;
use crate::kustomization::go;
use crate::render::kustomize::sort::order_of_kind;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::Parsed;

/// How many rules a file may have. Every one is compared with all others.
const MAX_RULES: usize = 20_000;

/// A list of rules, shared until it is added to.
pub type Specs = Arc<[FieldSpec]>;

/// The rules of one kustomization, each list sorted as kustomize sorts it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TransformerConfig {
    /// For `namePrefix`.
    pub name_prefix: Specs,
    /// For `nameSuffix`.
    pub name_suffix: Specs,
    /// For `namespace`.
    pub namespace: Specs,
    /// For `commonLabels`, and `labels` with `includeSelectors`.
    pub common_labels: Specs,
    /// For all `labels`.
    pub labels: Specs,
    /// For `labels` with `includeTemplates`.
    pub template_labels: Specs,
    /// For `commonAnnotations`.
    pub common_annotations: Specs,
    /// Where names of other objects stand.
    pub name_reference: Arc<[NameReference]>,
    /// For `vars`.
    pub var_reference: Specs,
    /// For `images`.
    pub images: Specs,
    /// For `replicas`.
    pub replicas: Specs,
}

/// Rules as they are gathered, in any order, from definitions that never ask for a field to be made.
#[derive(Default, Debug)]
pub(super) struct Rules {
    pub(super) prefixes: Vec<FieldSpec>,
    pub(super) labels: Vec<FieldSpec>,
    pub(super) annotations: Vec<FieldSpec>,
    pub(super) references: Vec<NameReference>,
}

impl From<Rules> for TransformerConfig {
    fn from(rules: Rules) -> Self {
        let gathered = Self {
            name_prefix: rules.prefixes.into(),
            common_labels: rules.labels.into(),
            common_annotations: rules.annotations.into(),
            name_reference: rules.references.into(),
            ..Self::default()
        };
        let mut config = Self::default();
        config.merge(&gathered).expect("rules that never make a field agree");
        config
    }
}

/// Two rules for the same field that disagree about making it where it is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The list they are in, as it is called in the file.
    pub list: &'static str,
    /// The rule that came second.
    pub spec: FieldSpec,
}

impl TransformerConfig {
    /// What kustomize has built in.
    pub fn default_for(version: Version) -> &'static Self {
        static V5_5: LazyLock<TransformerConfig> = LazyLock::new(|| built_in(Version::V5_5));
        static V5_8: LazyLock<TransformerConfig> = LazyLock::new(|| built_in(Version::V5_8));
        match version {
            Version::V5_5 => &V5_5,
            Version::V5_8 => &V5_8,
        }
    }

    /// What a file of `configurations` says. One without content says nothing.
    ///
    /// # Errors
    /// With everything for which kustomize refuses the file.
    pub fn from_configuration(file: &Parsed, version: Version) -> Result<Self, Vec<Diagnostic>> {
        let Some(document) = file.documents.first() else { return Ok(Self::default()) };
        let root = file.tree.node(document.root);
        let problems = form::check(root, CONFIGURATION, Reading::configuration(version));
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut config = Self::default();
        for (name, list) in config.lists_mut() {
            *list = specs(root, name).map(|(spec, _)| spec).collect();
        }
        config.name_reference = references(root).map(|(reference, _)| reference).collect();
        if config.rules() > MAX_RULES {
            let what = format!("this file has more than {MAX_RULES} rules");
            return Err(vec![Diagnostic::error("bad-configuration", root.span(), what)]);
        }
        config.sort();
        // kustomize reads a file by merging it into nothing, which is where its rules meet each other.
        let mut merged = Self::default();
        match merged.merge(&config) {
            Ok(()) => Ok(merged),
            Err(conflict) => {
                let place = conflict.place_in(root).unwrap_or(root.span());
                Err(vec![conflict.at(place)])
            }
        }
    }

    /// Adds the rules of another one. A rule is left out if one for the same field is there already that
    /// speaks of the same kinds or of some of them.
    ///
    /// # Errors
    /// When such a rule differs in `create`.
    pub fn merge(&mut self, other: &Self) -> Result<(), Conflict> {
        for ((list, ours), (_, theirs)) in self.lists_mut().into_iter().zip(other.lists()) {
            if is_quick(ours, theirs, |config| config.list(list)) {
                *ours = Arc::clone(theirs);
            } else if !theirs.is_empty() {
                let mut specs = ours.to_vec();
                merge_specs(&mut specs, theirs).map_err(|spec| Conflict { list, spec })?;
                sort_specs(&mut specs);
                *ours = specs.into();
            }
        }
        if is_quick(&self.name_reference, &other.name_reference, |config| &config.name_reference) {
            self.name_reference = Arc::clone(&other.name_reference);
        } else if !other.name_reference.is_empty() {
            let mut references = self.name_reference.to_vec();
            for theirs in other.name_reference.iter() {
                merge_reference(&mut references, theirs).map_err(|spec| Conflict { list: "nameReference", spec })?;
            }
            sort_references(&mut references);
            self.name_reference = references.into();
        }
        Ok(())
    }

    fn sort(&mut self) {
        for (_, list) in self.lists_mut() {
            let mut specs = list.to_vec();
            sort_specs(&mut specs);
            *list = specs.into();
        }
        let mut references = self.name_reference.to_vec();
        sort_references(&mut references);
        self.name_reference = references.into();
    }

    /// The lists of field specs by their names in a file, in the order in which kustomize merges them.
    fn lists(&self) -> [(&'static str, &Specs); 10] {
        [
            ("namePrefix", &self.name_prefix),
            ("nameSuffix", &self.name_suffix),
            ("namespace", &self.namespace),
            ("commonAnnotations", &self.common_annotations),
            ("commonLabels", &self.common_labels),
            ("labels", &self.labels),
            ("templateLabels", &self.template_labels),
            ("varReference", &self.var_reference),
            ("images", &self.images),
            ("replicas", &self.replicas),
        ]
    }

    fn rules(&self) -> usize {
        let references = self.name_reference.iter().map(|reference| 1 + reference.referrers.len());
        self.lists().iter().map(|(_, list)| list.len()).chain(references).sum()
    }

    fn list(&self, name: &str) -> &Specs {
        self.lists().into_iter().find(|(list, _)| *list == name).expect("the name is one of the lists").1
    }

    fn lists_mut(&mut self) -> [(&'static str, &mut Specs); 10] {
        [
            ("namePrefix", &mut self.name_prefix),
            ("nameSuffix", &mut self.name_suffix),
            ("namespace", &mut self.namespace),
            ("commonAnnotations", &mut self.common_annotations),
            ("commonLabels", &mut self.common_labels),
            ("labels", &mut self.labels),
            ("templateLabels", &mut self.template_labels),
            ("varReference", &mut self.var_reference),
            ("images", &mut self.images),
            ("replicas", &mut self.replicas),
        ]
    }
}

impl Conflict {
    /// Where the rule stands in the file that it came from, if it is this one.
    pub fn place_in(&self, root: Node<'_>) -> Option<Span> {
        let of_list = specs(root, self.list);
        let of_references = references(root).flat_map(|(_, node)| specs(node, "fieldSpecs"));
        of_list.chain(of_references).find(|(spec, _)| *spec == self.spec).map(|(_, node)| node.span())
    }

    /// What to tell at a place.
    pub fn at(&self, span: Span) -> Diagnostic {
        let (path, create) = (&self.spec.path, self.spec.create);
        let what = format!(
            "`create` is {create} for `{path}` here and {} in another rule of `{}` for that field",
            !create, self.list
        );
        Diagnostic::error("conflicting-fieldspecs", span, what)
            .help("kustomize refuses rules that disagree: give both the same `create`, also if one is kustomize's own")
    }
}

fn built_in(version: Version) -> TransformerConfig {
    let mut images = kube::image_specs();
    if version >= Version::V5_8 {
        images.extend(kube::image_volume_specs());
    }
    let mut config = TransformerConfig {
        name_prefix: kube::name_specs().into(),
        name_suffix: kube::name_specs().into(),
        namespace: kube::namespace_specs().into(),
        common_labels: kube::common_label_specs().into(),
        labels: Specs::default(),
        template_labels: kube::template_label_specs().into(),
        common_annotations: kube::common_annotation_specs().into(),
        name_reference: kube::name_references().into(),
        var_reference: kube::var_reference_specs().into(),
        images: images.into(),
        replicas: kube::replica_specs().into(),
    };
    config.sort();
    config
}

/// Whether a list only has to be taken over: it is one of kustomize's own, which agree with themselves,
/// and there is nothing else yet. A list of a user need not, so merging it again may fail.
fn is_quick<T: 'static>(
    ours: &Arc<[T]>,
    theirs: &Arc<[T]>,
    list: impl Fn(&'static TransformerConfig) -> &'static Arc<[T]>,
) -> bool {
    (ours.is_empty() || Arc::ptr_eq(ours, theirs))
        && [Version::V5_5, Version::V5_8]
            .into_iter()
            .any(|version| Arc::ptr_eq(theirs, list(TransformerConfig::default_for(version))))
}

/// Adds what is not there yet, and gives back what conflicts.
pub(super) fn merge_specs(specs: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> Result<(), FieldSpec> {
    for spec in more {
        let same = |ours: &&FieldSpec| ours.path == spec.path && spec.selects(&ours.group, &ours.version, &ours.kind);
        match specs.iter().find(same) {
            Some(ours) if ours.create != spec.create => return Err(spec.clone()),
            Some(_) => {}
            None => specs.push(spec.clone()),
        }
    }
    Ok(())
}

fn merge_reference(references: &mut Vec<NameReference>, more: &NameReference) -> Result<(), FieldSpec> {
    let is_same = |ours: &&mut NameReference| {
        (&ours.group, &ours.version, &ours.kind) == (&more.group, &more.version, &more.kind)
    };
    let Some(ours) = references.iter_mut().find(is_same) else {
        references.push(more.clone());
        return Ok(());
    };
    merge_specs(&mut ours.referrers, &more.referrers)
}

fn sort_specs(specs: &mut [FieldSpec]) {
    specs.sort_by_cached_key(|spec| order_of_kind(&spec.group, &spec.version, &spec.kind));
}

fn sort_references(references: &mut [NameReference]) {
    references.sort_by_cached_key(|to| order_of_kind(&to.group, &to.version, &to.kind));
}

/// The rules in a list of a file, each with its node.
fn specs<'a>(mapping: Node<'a>, name: &str) -> impl Iterator<Item = (FieldSpec, Node<'a>)> + use<'a> {
    go::items(mapping, name).map(|item| {
        let text = |name| go::loose_field(item, name).into_owned().into();
        let (group, version, kind, path) = (text("group"), text("version"), text("kind"), text("path"));
        (FieldSpec { group, version, kind, path, create: go::flag(item, "create") }, item)
    })
}

fn references(root: Node<'_>) -> impl Iterator<Item = (NameReference, Node<'_>)> {
    go::items(root, "nameReference").map(|item| {
        let text = |name| go::loose_field(item, name).into_owned().into();
        let (group, version, kind) = (text("group"), text("version"), text("kind"));
        let referrers = specs(item, "fieldSpecs").map(|(spec, _)| spec).collect();
        (NameReference { group, version, kind, referrers }, item)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::TransformerConfig;
    use super::merge_specs;
    use crate::diagnostic::Diagnostic;
    use crate::kustomization::Version;
    use crate::source::Sources;
    use crate::yaml::Reader;
    use crate::yaml::parse;

    fn read(text: &str) -> Result<TransformerConfig, Vec<Diagnostic>> {
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("config.yaml", text);
        let file = parse(&sources, source, Reader::Kubectl);
        TransformerConfig::from_configuration(&file, Version::V5_5)
    }

    fn messages(text: &str) -> Vec<String> {
        read(text).unwrap_err().into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn the_defaults_are_shared_and_agree_with_themselves() {
        let default = TransformerConfig::default_for(Version::V5_8);
        assert_eq!((default.images.len(), default.name_reference.len()), (6, 16));
        let mut config = TransformerConfig::default();
        config.merge(default).unwrap();
        config.merge(default).unwrap();
        assert!(Arc::ptr_eq(&config.name_reference, &default.name_reference));
        for (name, list) in default.lists() {
            let mut slowly = Vec::new();
            merge_specs(&mut slowly, list).unwrap();
            merge_specs(&mut slowly, list).unwrap();
            assert_eq!(slowly, list.to_vec(), "{name}");
        }
        for reference in default.name_reference.iter() {
            let mut slowly = Vec::new();
            merge_specs(&mut slowly, &reference.referrers).unwrap();
            assert_eq!(slowly, reference.referrers);
        }
    }

    /// The order in which kustomize's own message about a conflict lists them.
    #[test]
    fn references_are_followed_in_the_order_of_kinds() {
        let default = TransformerConfig::default_for(Version::V5_5);
        let kinds: Vec<_> = default.name_reference.iter().map(|to| to.kind.as_ref()).collect();
        let expected = "StorageClass ServiceAccount Role ClusterRole ConfigMap Secret Service PriorityClass \
                        PersistentVolume PersistentVolumeClaim Deployment StatefulSet ValidatingAdmissionPolicy \
                        IngressClass ReplicaSet ReplicationController";
        assert_eq!(kinds.join(" "), expected);
    }

    #[test]
    fn rules_are_sorted_by_kind_and_only_new_ones_are_added() {
        let mut config = TransformerConfig::default_for(Version::V5_5).clone();
        let more =
            read("images:\n- {path: spec/image, kind: Thing}\n- {path: spec/image, kind: Deployment}\n").unwrap();
        config.merge(&more).unwrap();
        config.merge(&more).unwrap();
        let kinds: Vec<_> = config.images.iter().map(|spec| spec.kind.as_ref()).collect();
        assert_eq!(kinds, ["Deployment", "Thing", "", "", "", ""]);
        assert_eq!(config.replicas, TransformerConfig::default_for(Version::V5_5).replicas);
    }

    #[test]
    fn referrers_of_one_kind_are_gathered() {
        let mut config = TransformerConfig::default_for(Version::V5_5).clone();
        let more = "nameReference:\n- kind: Secret\n  version: v1\n  fieldSpecs: [{kind: Thing, path: spec/secret}]\n";
        config.merge(&read(more).unwrap()).unwrap();
        let secret = config.name_reference.iter().find(|to| to.kind == "Secret").unwrap();
        assert_eq!(secret.referrers.last().unwrap().path, "spec/secret");
        assert_eq!(config.name_reference.len(), 16);
    }

    #[test]
    fn rules_that_disagree_conflict() {
        let wide_after_narrow = "images: [{path: a, kind: Deployment}, {path: a, create: true}]";
        assert_eq!(
            messages(wide_after_narrow),
            ["`create` is true for `a` here and false in another rule of `images` for that field"]
        );
        // Kinds that are sorted behind a rule for all kinds may disagree with it.
        let narrow_after_wide = "images: [{path: a, kind: ValidatingWebhookConfiguration}, {path: a, create: true}]";
        assert_eq!(read(narrow_after_wide).unwrap().images.len(), 2);
        // A narrow rule that came to a wide one in another file is sorted before it, and is met first again.
        let mut files = read("images: [{path: a, create: true}]").unwrap();
        files.merge(&read("images: [{path: a, kind: Pod}]").unwrap()).unwrap();
        assert!(TransformerConfig::default_for(Version::V5_5).clone().merge(&files).is_err());
        let mut config = TransformerConfig::default_for(Version::V5_5).clone();
        let conflict = config.merge(&read("namePrefix: [{path: metadata/name, create: true}]").unwrap()).unwrap_err();
        assert_eq!((conflict.list, conflict.spec.path.as_ref()), ("namePrefix", "metadata/name"));
    }

    #[test]
    fn a_file_is_read_loosely_in_its_texts_and_strictly_in_its_fields() {
        let config = read("NAMEPREFIX: [{path: 1.0, create: yes}]\nreplicas:\n").unwrap();
        assert_eq!((config.name_prefix[0].path.as_ref(), config.name_prefix[0].create), ("1", true));
        assert_eq!(messages("images: [{kind: on}]"), ["`kind` must be a text"]);
        assert_eq!(messages("prefix: []"), ["unknown field `prefix`"]);
        assert_eq!(messages("images: []\nimages: []"), ["`images` is given twice"]);
        assert_eq!(messages("images: [{create: 'true'}]"), ["`create` must be `true` or `false`"]);
        assert_eq!(messages("images: [a]"), ["an item of `images` must be a mapping"]);
        assert_eq!(read("~").unwrap(), TransformerConfig::default());
    }
}
