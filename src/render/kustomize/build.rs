//! The order of a build: what is read, what is generated, what is changed, and what comes at the very end.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kube::Builtins;
use crate::kube::MergeSchema;
use crate::kustomization::Kind as FileKind;
use crate::kustomization::Kustomization;
use crate::kustomization::OpenApi;
use crate::kustomization::Version;
use crate::kustomization::go::field;
use crate::patch::too_large;
use crate::render::event::Event;
use crate::render::kustomize::Options;
use crate::render::kustomize::Result;
use crate::render::kustomize::bases;
use crate::render::kustomize::bases::Bases;
use crate::render::kustomize::called::Known;
use crate::render::kustomize::config::TransformerConfig;
use crate::render::kustomize::crds;
use crate::render::kustomize::draft::Draft;
use crate::render::kustomize::finish;
use crate::render::kustomize::folder::At;
use crate::render::kustomize::folder::Folder;
use crate::render::kustomize::folder::first_of;
use crate::render::kustomize::generate;
use crate::render::kustomize::generator::Generator;
use crate::render::kustomize::helm;
use crate::render::kustomize::images;
use crate::render::kustomize::labels;
use crate::render::kustomize::metadata;
use crate::render::kustomize::names;
use crate::render::kustomize::names::Affix;
use crate::render::kustomize::names::End;
use crate::render::kustomize::namespace;
use crate::render::kustomize::namespace::Namespace;
use crate::render::kustomize::namespace::Subjects;
use crate::render::kustomize::notes;
use crate::render::kustomize::objects;
use crate::render::kustomize::origin::Origin;
use crate::render::kustomize::patches;
use crate::render::kustomize::plugins;
use crate::render::kustomize::references;
use crate::render::kustomize::replacements;
use crate::render::kustomize::replicas;
use crate::render::kustomize::selector::text_field;
use crate::render::kustomize::set::Ids;
use crate::render::kustomize::set::Looked;
use crate::render::kustomize::set::Names;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::vars;
use crate::source::Place;
use crate::source::Span;
use crate::yaml::Files;
use crate::yaml::Node;
use crate::yaml::duplicate_keys;
use crate::yaml::emit_all;

/// How many resources a target may have. Bases that are used twice double them with every level.
const MAX_RESOURCES: usize = 50_000;

/// Builds the kustomization in a folder: everything that is in its output, in its order.
///
/// # Errors
/// With everything that is known to be wrong when the build ends early.
pub(super) fn build(
    folder: &str,
    files: &Files,
    options: Options,
    bases: &Bases,
) -> std::result::Result<Set, Vec<Diagnostic>> {
    let schema = Arc::new(MergeSchema::builtin());
    let mut build = Build {
        files,
        bases,
        options,
        schema,
        has_schema: false,
        looked: Looked::NotYet,
        building: 0,
        more: Vec::new(),
    };
    target(&mut build, folder).map_err(|problem| {
        build.more.push(*problem);
        build.more
    })
}

/// The statements of a build, in their order.
fn target(build: &mut Build<'_>, folder: &str) -> Result<Set> {
    let options = build.options;
    let folder = Folder::top(folder, build.files, options)?;
    let view = folder.checked(&mut build.more)?;
    build.choose_schema(&folder, view, true)?;
    let origin = (!metadata::asked(view).is_empty()).then(Origin::default);
    let at = At { folder: &folder, view, origin, above: None };
    let mut set = build.accumulate(build.empty(), &at)?;
    names::add_hashes(&mut set)?;
    let config = set.config.clone();
    references::follow(&mut set, &config.name_reference)?;
    vars::resolve(&mut set, &config.var_reference)?;
    finish::drop_local(&mut set);
    set.refuse_duplicates()?;
    finish::sort(&mut set, view, options.order)?;
    metadata::write(&mut set, view, options)?;
    Ok(set)
}

/// What all steps of one build share.
struct Build<'a> {
    files: &'a Files,
    bases: &'a Bases,
    options: Options,
    /// By which rules patches merge lists, from here on.
    schema: Arc<MergeSchema>,
    /// Whether a kustomization has asked for one, after which the others are not heard.
    has_schema: bool,
    /// What was asked of the built-in one so far.
    looked: Looked,
    /// Problems beside the one that ends the build.
    more: Vec<Diagnostic>,
    /// How many bases are being built for others too.
    building: usize,
}

impl Build<'_> {
    fn empty(&self) -> Set {
        Set::empty(self.files.sources(), &self.schema)
    }

    /// Takes the schema that a file asks for. Only the first one is heard, but for that of the target itself.
    fn choose_schema(&mut self, folder: &Folder<'_>, view: Kustomization<'_>, is_top: bool) -> Result<()> {
        if self.has_schema && !is_top {
            return Ok(());
        }
        match view.openapi()? {
            OpenApi::Unset => {}
            OpenApi::BuiltIn => self.has_schema = true,
            OpenApi::File(path) => {
                let file = folder.parsed(path, path.text())?;
                if let Some(problem) = file.diagnostics.first() {
                    return Err(problem.clone().into());
                }
                if let Some(document) = file.documents.first() {
                    let builtins = match self.looked {
                        Looked::NotYet => Builtins::Absent,
                        Looked::Noted => Builtins::Overriding,
                        Looked::Read => Builtins::Overridden,
                    };
                    let document = file.tree.node(document.root);
                    self.schema = Arc::new(MergeSchema::from_definitions(document, builtins)?);
                }
                self.has_schema = true;
            }
        }
        Ok(())
    }

    /// Adds to `set` what a kustomization or Component holds, and does to all of it what its file says.
    fn accumulate(&mut self, mut set: Set, at: &At<'_>) -> Result<Set> {
        set.events.extend(file_events(at));
        set.folders.insert(at.folder.path.clone());
        let (mut ids, mut asked) = (Ids::default(), Vec::new());
        let mut problems = Vec::new();
        for entry in items(at.view, "resources").chain(items(at.view, "bases")) {
            let before = set.drafts.len();
            let taken_in = self.resource(&mut set, at, entry);
            self.look(&mut set, before);
            asked.resize(set.drafts.len(), entry);
            if let Err(problem) = taken_in.and_then(|()| ids.refuse_duplicates(&set, &asked)) {
                problems.push(*problem);
            }
        }
        first_of(problems, &mut self.more)?;
        self.configure(&mut set, at)?;
        let before = set.drafts.len();
        self.generate(&mut set, at)?;
        self.look(&mut set, before);
        for component in items(at.view, "components") {
            set = self.component(set, at, component)?;
        }
        self.transform(&mut set, at)?;
        self.look(&mut set, 0);
        self.validate(&mut set, at)?;
        vars::declare(&mut set, items(at.view, "vars"))?;
        Ok(set)
    }

    /// Takes note of what kustomize has asked of its own schema by now, the resources before `from` left out.
    fn look(&mut self, set: &mut Set, from: usize) {
        set.look_at_kinds(from..set.drafts.len());
        self.looked = self.looked.max(set.looked);
    }

    /// Takes in which fields transformers change: kustomize's own rules and those of `configurations`.
    fn configure(&mut self, set: &mut Set, at: &At<'_>) -> Result<()> {
        let mut config = TransformerConfig::default_for(self.options.version).clone();
        for entry in items(at.view, "configurations") {
            let file = at.folder.parsed(entry, entry.text())?;
            if let Some(problem) = file.diagnostics.first() {
                return Err(problem.clone().into());
            }
            let more = TransformerConfig::from_configuration(&file, self.options.version)
                .or_else(|problems| first_of(problems, &mut self.more).map(|()| TransformerConfig::default()))?;
            config.merge(&more).map_err(|conflict| {
                let root = file.documents.first().map(|document| file.tree.node(document.root));
                conflict.at(root.and_then(|root| conflict.place_in(root)).unwrap_or(entry.span()))
            })?;
        }
        merge_config(set, &config, at.folder.span())?;
        for entry in items(at.view, "crds") {
            let (file, source) = (at.folder.parsed(entry, entry.text())?, at.folder.source(entry, entry.text())?);
            let more = crds::from_definitions(&file, source)
                .or_else(|problems| first_of(problems, &mut self.more).map(|()| TransformerConfig::default()))?;
            merge_config(set, &more, entry.span())?;
        }
        Ok(())
    }

    /// Adds what one entry of `resources` names: the objects of a file, or all that another kustomization gives.
    fn resource(&mut self, set: &mut Set, at: &At<'_>, entry: Node<'_>) -> Result<()> {
        match at.folder.locate_base(entry, self.bases.clones.as_ref())? {
            Place::File(path) => {
                let parsed = at.folder.parsed_at(entry, entry.text(), path, self.bases.are_for_one())?;
                for object in objects::of(&parsed)? {
                    let root = set.tree.copy(object, None);
                    let origin = at.origin.as_ref().map(|origin| origin.below(entry.text()));
                    set.drafts.push(Draft { origin, ..notes::draft_of(&mut set.tree, root) });
                }
            }
            Place::Folder(path) => {
                let mut base = self.base(at, entry, &path)?;
                set.add_all(&mut base);
                merge_config(set, &base.config, entry.span())?;
                vars::merge(&mut set.vars, &base.vars)?;
                if set.tree.is_too_large() || set.drafts.len() > MAX_RESOURCES {
                    return Err(too_large(entry.span()));
                }
            }
        }
        Ok(())
    }

    /// Builds the kustomization that an entry names, or takes it from those that were built before.
    fn base(&mut self, at: &At<'_>, entry: Node<'_>, path: &str) -> Result<Arc<Set>> {
        let is_shared = at.origin.is_none() && !self.has_schema;
        let folder = at.folder.child(entry, path)?;
        // Charts in a base get the namespace of those that use it.
        let namespace = at.namespace().filter(|_| self.options.allow_helm && self.options.version >= Version::V5_8);
        let key = namespace.map_or_else(|| path.to_owned(), |namespace| format!("{path} {namespace}"));
        let place = is_shared.then(|| self.bases.place(&key));
        let mut place = place.as_ref().and_then(|place| bases::open(place, self.building == 0));
        // Where a base leads back to a folder that uses it depends on who asks.
        let known =
            place.as_deref().and_then(|place| place.set.as_ref()).filter(|known| !folder.lies_in(&known.folders));
        if let Some(known) = known {
            return Ok(Arc::clone(known));
        }
        let view = folder.checked(&mut self.more)?;
        if view.kind() == FileKind::Component {
            let what = format!("`{}` is a Component, which belongs under `components`", entry.text());
            let problem = Diagnostic::error("component-as-resource", entry.span(), what);
            return Err(Box::new(problem.related(view.kind_span(), "it says so here")));
        }
        let origin = at.origin.as_ref().map(|origin| origin.below(entry.text()));
        self.choose_schema(&folder, view, false)?;
        let above = at.namespace().map(str::to_owned);
        self.building += usize::from(place.is_some());
        let base = Arc::new(self.accumulate(self.empty(), &At { folder: &folder, view, origin, above })?);
        self.building -= usize::from(place.is_some());
        if let Some(place) = place.as_deref_mut().filter(|_| !self.has_schema) {
            self.bases.keep(&base, place);
        }
        Ok(base)
    }

    /// Has a Component act on everything that is there so far.
    fn component(&mut self, set: Set, at: &At<'_>, entry: Node<'_>) -> Result<Set> {
        let path = match at.folder.locate_base(entry, self.bases.clones.as_ref())? {
            Place::Folder(path) => path,
            Place::File(_) => {
                let what = format!("`{}` is a file, and a Component is a folder", entry.text());
                return Err(Diagnostic::error("missing-kustomization", entry.span(), what).into());
            }
        };
        let folder = at.folder.child(entry, &path)?;
        let view = folder.checked(&mut self.more)?;
        if view.kind() != FileKind::Component {
            let what = format!("`{}` is a kustomization, which belongs under `resources`", entry.text());
            let problem = Diagnostic::error("resource-as-component", entry.span(), what);
            return Err(Box::new(problem.related(view.kind_span(), "it says `kind: Component` nowhere")));
        }
        let origin = at.origin.as_ref().map(|origin| origin.below(entry.text()));
        self.choose_schema(&folder, view, false)?;
        let above = at.namespace().map(str::to_owned);
        let mut set = self.accumulate(set, &At { folder: &folder, view, origin, above })?;
        set.refuse_duplicates()?;
        // kustomize adds all of it to nothing again. A rule for all kinds that stands behind one for a single
        // kind is lost by that.
        let config = std::mem::take(&mut set.config);
        merge_config(&mut set, &config, entry.span())?;
        Ok(set)
    }

    /// Adds what generators make, or merges it into what is there.
    fn generate(&mut self, set: &mut Set, at: &At<'_>) -> Result<()> {
        let mut names = None;
        let global = at.view.get("generatorOptions");
        for (generator, list) in [(Generator::ConfigMap, "configMapGenerator"), (Generator::Secret, "secretGenerator")]
        {
            for entry in items(at.view, list) {
                let origin = at.origin.as_ref().map(|origin| origin.of_step(&at.folder.file_path, generator.step()));
                generate::add(set, at.folder, generate::Order { generator, entry, global, origin }, &mut names)?;
            }
        }
        for chart in helm::charts(at) {
            helm::add(set, at, chart)?;
            names = None;
        }
        let steps = self.plugins(at, "generators")?;
        set.looked = set.looked.max(steps.looked);
        for draft in &steps.drafts {
            let entry = steps.object(draft);
            let Some(generator) = plugins::generator(entry)? else {
                helm::add(set, at, helm::of_step(entry))?;
                names = None;
                continue;
            };
            let origin = draft.origin.as_ref().map(|origin| origin.of_object(entry));
            generate::add(set, at.folder, generate::Order { generator, entry, global: None, origin }, &mut names)?;
        }
        Ok(())
    }

    /// Changes all resources as the file says, in the order that kustomize keeps to.
    fn transform(&mut self, set: &mut Set, at: &At<'_>) -> Result<()> {
        let config = set.config.clone();
        set.schema = Arc::clone(&self.schema);
        let mut is_patched = false;
        let mut known = Known::default();
        for item in items(at.view, "patchesStrategicMerge") {
            patches::strategic(set, &mut known, at.folder, item)?;
            is_patched = true;
        }
        if is_patched {
            done(set, at, "PatchStrategicMergeTransformer");
        }
        for entry in items(at.view, "patches") {
            patches::entry(set, &mut known, at.folder, entry)?;
            done(set, at, "PatchTransformer");
        }
        if let Some(name) = text_field(at.view.root(), "namespace") {
            let asked =
                Namespace { name: name.text(), span: name.span(), unset_only: false, subjects: Subjects::default() };
            namespace::set(set, asked, &config.namespace)?;
            done(set, at, "NamespaceTransformer");
        }
        for (name, end, specs, step) in [
            ("namePrefix", End::Front, &config.name_prefix, "PrefixTransformer"),
            ("nameSuffix", End::Back, &config.name_suffix, "SuffixTransformer"),
        ] {
            if let Some(affix) = text_field(at.view.root(), name) {
                names::add(set, Affix { end, text: affix.text(), span: affix.span() }, specs)?;
                done(set, at, step);
            }
        }
        transform_labels(set, at, &config)?;
        // Names have changed since.
        known.forget();
        for entry in items(at.view, "patchesJson6902") {
            patches::json_entry(set, &mut known, at.folder, entry, ["path", "patch"])?;
            done(set, at, "PatchJson6902Transformer");
        }
        let wanted: HashSet<&str> = items(at.view, "replicas").map(replicas::name).collect();
        let names = Names::among(set, &wanted);
        for entry in items(at.view, "replicas") {
            replicas::set(set, entry, &config.replicas, &names)?;
            done(set, at, "ReplicaCountTransformer");
        }
        for entry in items(at.view, "images").chain(items(at.view, "imageTags")) {
            images::set(set, entry, &config.images)?;
            done(set, at, "ImageTagTransformer");
        }
        if items(at.view, "replacements").next().is_some() {
            replacements::apply(set, at.folder, items(at.view, "replacements"))?;
            done(set, at, "ReplacementTransformer");
        }
        self.steps(set, at, "transformers")
    }

    /// Takes the steps of `validators`, which may complain but must not change anything.
    fn validate(&mut self, set: &mut Set, at: &At<'_>) -> Result<()> {
        let Some(first) = items(at.view, "validators").next() else { return Ok(()) };
        let text = |set: &Set| emit_all(set.drafts.iter().map(|draft| set.object(draft)));
        let before = text(set)?;
        self.steps(set, at, "validators")?;
        if text(set)? != before {
            let what = "this validator changes resources, which it must not";
            return Err(Diagnostic::error("changing-validator", first.span(), what).into());
        }
        Ok(())
    }

    /// Takes the steps that objects set up, in the order of the list.
    fn steps(&mut self, set: &mut Set, at: &At<'_>, list: &str) -> Result<()> {
        let steps = self.plugins(at, list)?;
        set.looked = set.looked.max(steps.looked);
        for draft in &steps.drafts {
            let step = steps.object(draft);
            plugins::transform(set, at, step)?;
            if let Some(origin) = &draft.origin {
                metadata::changed_by(set, &origin.of_object(step));
            }
            set.drop_empty();
        }
        Ok(())
    }

    /// The objects that a list of the file holds, or names by files and folders.
    fn plugins(&mut self, at: &At<'_>, list: &str) -> Result<Set> {
        let mut found = self.empty();
        let mut named = Vec::new();
        for item in items(at.view, list) {
            let parsed = at.folder.parse(at.folder.inline(item, "<inline object>"));
            let Ok(objects) = objects::of(&parsed) else {
                named.push(item);
                continue;
            };
            for object in objects {
                let root = found.tree.copy(object, None);
                let origin = at.origin.as_ref().map(|origin| origin.below(at.folder.file_name()));
                found.drafts.push(Draft { origin, ..Draft::new(root) });
            }
        }
        self.look(&mut found, 0);
        let mut ids = Ids::default();
        for item in named {
            let before = found.drafts.len();
            self.resource(&mut found, at, item)?;
            ids.refuse_duplicates(&found, &[])?;
            self.look(&mut found, before);
        }
        Ok(found)
    }
}

/// Sets labels and annotations.
fn transform_labels(set: &mut Set, at: &At<'_>, config: &TransformerConfig) -> Result<()> {
    for entry in items(at.view, "labels") {
        let specs = labels::specs(entry, config)?;
        let pairs = field(entry, "pairs").map(labels::pairs).unwrap_or_default();
        labels::add(set, "labels", &pairs, &specs)?;
        done(set, at, "LabelTransformer");
    }
    let common = at.view.get("commonLabels").map(labels::pairs).unwrap_or_default();
    labels::add(set, "commonLabels", &common, &config.common_labels)?;
    if !common.is_empty() || items(at.view, "labels").next().is_some() {
        done(set, at, "LabelTransformer");
    }
    let annotations = at.view.get("commonAnnotations").map(labels::pairs).unwrap_or_default();
    if !annotations.is_empty() {
        labels::add(set, "commonAnnotations", &annotations, &config.common_annotations)?;
        done(set, at, "AnnotationsTransformer");
    }
    Ok(())
}

fn merge_config(set: &mut Set, config: &TransformerConfig, place: Span) -> Result<()> {
    set.config.merge(config).map_err(|conflict| conflict.at(place).into())
}

/// Notes that a step has changed all resources, if the build is asked to say so.
fn done(set: &mut Set, at: &At<'_>, step: &str) {
    if let Some(origin) = &at.origin {
        metadata::changed_by(set, &origin.of_step(&at.folder.file_path, step));
    }
}

/// The items of a list of the file.
fn items<'a>(view: Kustomization<'a>, name: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    view.get(name).into_iter().flat_map(Node::items)
}

/// What is odd about a file as such.
fn file_events(at: &At<'_>) -> Vec<Event> {
    let resource = at.folder.id();
    let event = |name, span, fields, lost| Event { name, span, fields, via: None, lost, resource: resource.clone() };
    let deprecated = at.view.deprecated().into_iter().map(|field| {
        let fields = vec![("field", field.name.to_owned()), ("instead", field.instead.to_owned())];
        event("deprecated-field", field.span, fields, Vec::new())
    });
    let repeated = duplicate_keys(at.view.root()).into_iter().filter_map(|(earlier, later)| {
        let (first, again) = (earlier.key()?, later.key()?);
        let fields = vec![("field", again.text().to_owned())];
        Some(event("duplicate-field", again.span(), fields, vec![first.span()]))
    });
    deprecated.chain(repeated).collect()
}
