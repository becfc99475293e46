//! Random trees of kustomizations: bases, overlays of them, Components, each with a few of all fields.

use std::collections::BTreeMap;

use crate::random::Random;
use crate::roots::change;
use crate::roots::object::NAMES;
use crate::roots::object::Object;
use crate::roots::object::filled;
use crate::roots::object::object;
use crate::roots::step;

/// The files of a tree by their paths.
pub(crate) type Tree = BTreeMap<String, String>;

/// The folder that is to be built.
pub(crate) const TOP: &str = "top";

/// A kustomization: where it is, and what can be found in what it builds.
struct Layer {
    path: String,
    objects: Vec<Object>,
}

/// A kustomization file that is being written, and the files beside it.
pub(crate) struct Writer<'t> {
    files: &'t mut Tree,
    path: String,
    text: String,
    /// What patches and the like can be about.
    pub(crate) objects: Vec<Object>,
}

impl Writer<'_> {
    /// Adds to the kustomization file.
    pub(crate) fn write(&mut self, text: &str) {
        self.text += text;
    }

    /// Adds a file beside it, and gives its name.
    pub(crate) fn file(&mut self, text: &str) -> String {
        let name = format!("f{}.yaml", self.files.len());
        self.files.insert(format!("{}/{name}", self.path), text.to_owned());
        name
    }

    /// Something to change, mostly one of the objects that are there.
    pub(crate) fn any(&self, random: &mut Random) -> Object {
        if self.objects.is_empty() || random.below(30) == 0 {
            return object(random);
        }
        self.objects[random.below(self.objects.len())].clone()
    }
}

/// A tree whose top is the folder `top`.
pub(crate) fn tree(random: &mut Random) -> Tree {
    let mut files = Tree::new();
    let mut layers: Vec<Layer> = Vec::new();
    let (bases, mids) = (1 + random.below(2), random.below(3));
    for index in 0..bases {
        layers.push(layer(random, &mut files, &format!("base{index}"), &[], &[]));
    }
    let mut components = Vec::new();
    for index in 0..random.below(3) {
        components.push(component(random, &mut files, &format!("part{index}"), &layers));
    }
    for index in 0..mids {
        let below: Vec<&Layer> = (0..=random.below(2)).map(|_| &layers[random.below(bases)]).collect();
        let parts: Vec<&Layer> = components.iter().filter(|_| random.below(3) == 0).collect();
        let mid = layer(random, &mut files, &format!("mid{index}"), &unique(below), &parts);
        layers.push(mid);
    }
    // Twice the same base is refused, but where the names differ.
    let number = 1 + random.below(3) / 2;
    let first = if random.below(3) == 0 { 0 } else { bases };
    let below: Vec<&Layer> = layers.iter().skip(first).take(number).collect();
    let below = if below.is_empty() { vec![&layers[0]] } else { below };
    let parts: Vec<&Layer> = components.iter().filter(|_| random.below(2) == 0).collect();
    layer(random, &mut files, TOP, &below, &parts);
    files
}

fn unique(layers: Vec<&Layer>) -> Vec<&Layer> {
    let mut kept: Vec<&Layer> = Vec::new();
    for layer in layers {
        if kept.iter().all(|other| other.path != layer.path) {
            kept.push(layer);
        }
    }
    kept
}

fn layer(random: &mut Random, files: &mut Tree, path: &str, below: &[&Layer], components: &[&Layer]) -> Layer {
    let objects = below.iter().chain(components).flat_map(|layer| layer.objects.clone()).collect();
    let mut writer = Writer { files, path: path.to_owned(), text: String::new(), objects };
    resources(random, &mut writer, below);
    if !components.is_empty() {
        writer.write("components:\n");
        components.iter().for_each(|part| writer.write(&format!("- ../{}\n", part.path)));
    }
    fields(random, &mut writer);
    if path == TOP && random.below(3) == 0 {
        let order = random.pick(&[
            "order: fifo",
            "order: fifo",
            "order: legacy",
            "{order: legacy, legacySortOptions: {orderFirst: [Service, Widget], orderLast: [Namespace]}}",
        ]);
        let order = if order.starts_with('{') { order.to_owned() } else { format!("{{{order}}}") };
        writer.write(&format!("sortOptions: {order}\n"));
    }
    finish(writer)
}

fn component(random: &mut Random, files: &mut Tree, path: &str, layers: &[Layer]) -> Layer {
    let known: Vec<Object> = layers.iter().flat_map(|layer| layer.objects.clone()).collect();
    let text = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned();
    let mut writer = Writer { files, path: path.to_owned(), text, objects: known };
    if random.below(3) == 0 {
        own_objects(random, &mut writer, 1).iter().for_each(|line| {
            writer.write(&format!("resources:\n{line}"));
        });
    }
    fields(random, &mut writer);
    finish(writer)
}

fn finish(writer: Writer<'_>) -> Layer {
    let Writer { files, path, text, objects } = writer;
    let text = if text.is_empty() { "resources: []\n".to_owned() } else { text };
    files.insert(format!("{path}/kustomization.yaml"), text);
    Layer { path, objects }
}

fn resources(random: &mut Random, writer: &mut Writer<'_>, below: &[&Layer]) {
    let mut lines: Vec<String> = below.iter().map(|layer| format!("- ../{}\n", layer.path)).collect();
    let count = if below.is_empty() { 2 + random.below(5) } else { random.below(2) };
    lines.extend(own_objects(random, writer, count));
    if random.below(4) == 0 {
        lines.reverse();
    }
    if !lines.is_empty() {
        writer.write("resources:\n");
        lines.iter().for_each(|line| writer.write(line));
    }
}

/// Writes new objects into files: each into one, all into one, or as a List.
fn own_objects(random: &mut Random, writer: &mut Writer<'_>, count: usize) -> Vec<String> {
    let mut objects: Vec<Object> = Vec::new();
    for _ in 0..count {
        let new = object(random);
        let is_there =
            |other: &Object| (other.kind, &other.name, other.namespace) == (new.kind, &new.name, new.namespace);
        if random.below(25) == 0 || !objects.iter().chain(&writer.objects).any(is_there) {
            objects.push(new);
        }
    }
    writer.objects.extend(objects.iter().cloned());
    if objects.is_empty() {
        return Vec::new();
    }
    let texts: Vec<&str> = objects.iter().map(|object| object.text.as_str()).collect();
    let texts: Vec<String> = match random.below(6) {
        0 => vec![texts.join("---\n")],
        1 => vec![format!("---\n# all of them\n{}---\n", texts.join("--- # next\n"))],
        2 => {
            let items: Vec<String> =
                texts.iter().map(|text| format!("- {}", text.trim_end().replace('\n', "\n  "))).collect();
            vec![format!("apiVersion: v1\nkind: List\nitems:\n{}\n", items.join("\n"))]
        }
        _ => texts.into_iter().map(str::to_owned).collect(),
    };
    texts.iter().map(|text| format!("- {}\n", writer.file(text))).collect()
}

/// The fields that change things, each now and then.
fn fields(random: &mut Random, writer: &mut Writer<'_>) {
    type Field = fn(&mut Random, &mut Writer<'_>);
    let fields: [(usize, Field); 26] = [
        (3, |random, writer| writer.write(&format!("namePrefix: {}\n", random.pick(&["p-", "x-", "\"\"", "web-"])))),
        (4, |random, writer| writer.write(&format!("nameSuffix: {}\n", random.pick(&["-s", "-v1", "-b"])))),
        (4, |random, writer| writer.write(&format!("namespace: {}\n", random.pick(&["ns1", "ns3", "default"])))),
        (4, labels),
        (6, |random, writer| plain(random, writer, "commonLabels:\n  app: @name\n?  more: \"true\"\n")),
        (6, |random, writer| plain(random, writer, "commonAnnotations:\n  note: \"1\"\n?  more: @name\n")),
        (6, images),
        (8, replicas),
        (4, |random, writer| generator(random, writer, "configMapGenerator")),
        (5, |random, writer| generator(random, writer, "secretGenerator")),
        (8, generator_options),
        (3, change::patches),
        (6, change::strategic),
        (8, change::json_patches),
        (6, change::replacements),
        (9, change::vars),
        (9, step::configurations),
        (14, step::crds),
        (14, step::openapi),
        (8, step::transformers),
        (10, step::generators),
        (25, |random, writer| {
            let name = random.pick(&["nginx", "busybox"]);
            writer.write(&format!("imageTags:\n- name: {name}\n  newTag: v8\n"));
        }),
        (15, |random, writer| {
            plain(random, writer, "metadata:\n  name: this\n?  annotations: {a: b}\n?  labels: {a: b}\n");
        }),
        (25, |random, writer| {
            let more = object(random);
            let name = writer.file(&more.text);
            writer.write(&format!("bases:\n- {name}\n"));
        }),
        (20, |random, writer| {
            let text = generated_files(random);
            let name = writer.file(&text);
            writer.write(&format!("transformers:\n- {name}\n"));
        }),
        (15, |random, writer| {
            let what = random.pick(&[
                "originAnnotations",
                "transformerAnnotations",
                "managedByLabel",
                "originAnnotations, transformerAnnotations",
            ]);
            writer.write(&format!("buildMetadata: [{what}]\n"));
        }),
    ];
    for (rarity, field) in fields {
        if random.below(rarity) == 0 {
            field(random, writer);
        }
    }
}

fn plain(random: &mut Random, writer: &mut Writer<'_>, template: &str) {
    let text = filled(random, template);
    writer.write(&text);
}

fn labels(random: &mut Random, writer: &mut Writer<'_>) {
    writer.write("labels:\n");
    for _ in 0..=random.below(2) {
        let template = "- pairs:\n    team: @name\n?    app: @name\n?    q: \"5\"\n?  includeSelectors: true\n?  includeTemplates: true\n\
                        ?  fields:\n  - path: spec/labels\n    create: true\n    kind: Widget\n";
        writer.write(&filled(random, template));
    }
}

fn images(random: &mut Random, writer: &mut Writer<'_>) {
    writer.write("images:\n");
    for _ in 0..=random.below(2) {
        let name = random.pick(&["nginx", "ghcr.io/acme/web", "localhost:5000/db", "busybox", "ngin.*"]);
        writer.write(&format!("- name: {name}\n"));
        writer.write(&filled(random, "?  newName: example.com/@name\n?  newTag: v9\n"));
        if random.below(8) == 0 {
            writer.write("  tagSuffix: -more\n");
        }
        if random.below(5) == 0 {
            writer.write("  digest: sha256:111111114c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3\n");
        }
    }
}

fn replicas(random: &mut Random, writer: &mut Writer<'_>) {
    let kinds = ["Deployment", "StatefulSet", "ReplicaSet"];
    let name = writer.objects.iter().find(|object| kinds.contains(&object.kind)).map(|object| object.name.clone());
    let name = match name {
        Some(name) => name,
        None if random.below(10) == 0 => random.pick(NAMES).to_owned(),
        None => return,
    };
    writer.write(&format!("replicas:\n- name: {name}\n  count: {}\n", random.below(5)));
}

fn generator(random: &mut Random, writer: &mut Writer<'_>, list: &str) {
    let kind = if list == "secretGenerator" { "Secret" } else { "ConfigMap" };
    let known = writer.objects.iter().find(|object| object.kind == kind && object.api == "v1").cloned();
    writer.write(&format!("{list}:\n"));
    let name = match &known {
        Some(known) if random.below(3) > 0 => known.name.clone(),
        _ => random.pick(NAMES).to_owned(),
    };
    writer.write(&format!("- name: {name}\n"));
    if let Some(known) = known.filter(|known| known.name == name) {
        writer.write(&format!("  behavior: {}\n", random.pick(&["merge", "merge", "replace"])));
        if let Some(namespace) = known.namespace {
            writer.write(&format!("  namespace: {namespace}\n"));
        }
    } else {
        let object = Object {
            api: "v1",
            kind: if kind == "Secret" { "Secret" } else { "ConfigMap" },
            name,
            namespace: None,
            text: String::new(),
        };
        writer.objects.push(object);
    }
    let file = writer.file("some: text\nmore: $(VAR1)\n");
    let secret = if kind == "Secret" { "?  type: kubernetes.io/tls\n" } else { "" };
    let env = writer.file("A=1\n# no\nB = x\nC\n");
    let template = format!(
        "{secret}?  literals:\n  - x=@name\n  - y=\"quoted\"\n?  - z=$(VAR1)\n?  files:\n  - named.txt={file}\n?  envs: [{env}]\n?  options:\n?    \
         disableNameSuffixHash: true\n?    labels:\n      made: here\n?    annotations:\n      note: made\n?    immutable: true\n"
    );
    let text = filled(random, &template);
    writer.write(text.strip_suffix("  options:\n").unwrap_or(&text));
}

/// Several steps in one file.
fn generated_files(random: &mut Random) -> String {
    let first = filled(
        random,
        "apiVersion: builtin\nkind: PatchStrategicMergeTransformer\nmetadata:\n  name: t\npatches: |-\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: @name}\n  data: {k: v}\n",
    );
    let second = filled(
        random,
        "---\napiVersion: builtin\nkind: ReplacementTransformer\nmetadata:\n  name: r\nreplacements:\n- source:\n    kind: ConfigMap\n    name: @name\n  targets:\n  - select:\n      kind: Service\n    fieldPaths: [metadata.labels.copied]\n    options: {create: true}\n",
    );
    let third = filled(
        random,
        "---\napiVersion: builtin\nkind: LabelTransformer\nmetadata:\n  name: l\nlabels:\n  more: @name\nfieldSpecs:\n- path: metadata/labels\n  create: true\n",
    );
    match random.below(3) {
        0 => format!("{first}{third}"),
        1 => format!("{second}{third}"),
        _ => third,
    }
}

fn generator_options(random: &mut Random, writer: &mut Writer<'_>) {
    let text = filled(
        random,
        "?  disableNameSuffixHash: true\n?  labels:\n    all: made\n?  annotations:\n    note: all\n?  immutable: true\n",
    );
    if !text.is_empty() {
        writer.write(&format!("generatorOptions:\n{text}"));
    }
}
