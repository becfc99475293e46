//! The fields of a kustomization file, of every mapping in it, and of the files that it can name for
//! its own parts, each with the releases that know it.

use crate::kustomization::Version;
use crate::kustomization::form::Field;
use crate::kustomization::form::Form;
use crate::kustomization::form::Form::Bool;
use crate::kustomization::form::Form::Fields;
use crate::kustomization::form::Form::Integer;
use crate::kustomization::form::Form::List;
use crate::kustomization::form::Form::Map;
use crate::kustomization::form::Form::Text;

const TEXTS: Form = List(&Text);
const TEXT_MAP: Form = Map(&Text);

/// A field that every release knows.
const fn field(name: &'static str, form: Form) -> Field {
    Field { name, form, since: Version::V5_5, until: Version::V5_8, is_inlined: false }
}

/// A field of a part that several mappings share.
const fn inlined(name: &'static str, form: Form) -> Field {
    Field { is_inlined: true, ..field(name, form) }
}

/// A field that came later.
const fn new(name: &'static str, form: Form) -> Field {
    Field { since: Version::V5_8, ..field(name, form) }
}

/// A field that was there before.
const fn old(name: &'static str, form: Form) -> Field {
    Field { until: Version::V5_5, ..field(name, form) }
}

/// The file itself.
pub const KUSTOMIZATION: Form = Fields(&[
    inlined("apiVersion", Text),
    inlined("kind", Text),
    field("metadata", METADATA),
    field("openapi", TEXT_MAP),
    field("namePrefix", Text),
    field("nameSuffix", Text),
    field("namespace", Text),
    field("commonLabels", TEXT_MAP),
    field("labels", List(&LABEL)),
    field("commonAnnotations", TEXT_MAP),
    field("patchesStrategicMerge", TEXTS),
    field("patchesJson6902", List(&PATCH)),
    field("patches", List(&PATCH)),
    field("images", List(&IMAGE)),
    field("imageTags", List(&IMAGE)),
    field("replacements", List(&REPLACEMENT)),
    field("replicas", List(&REPLICA)),
    field("vars", List(&VAR)),
    field("sortOptions", SORT_OPTIONS),
    field("resources", TEXTS),
    field("components", TEXTS),
    field("crds", TEXTS),
    field("bases", TEXTS),
    field("configMapGenerator", List(&CONFIG_MAP)),
    field("secretGenerator", List(&SECRET)),
    field("helmGlobals", Fields(&[field("chartHome", Text), field("configHome", Text)])),
    field("helmCharts", List(&HELM_CHART)),
    field("helmChartInflationGenerator", List(&OLD_HELM_CHART)),
    field("generatorOptions", GENERATOR_OPTIONS),
    field("configurations", TEXTS),
    field("generators", TEXTS),
    field("transformers", TEXTS),
    field("validators", TEXTS),
    field("buildMetadata", TEXTS),
]);

/// A file of `configurations`.
pub const CONFIGURATION: Form = Fields(&[
    field("namePrefix", FIELD_SPECS),
    field("nameSuffix", FIELD_SPECS),
    field("namespace", FIELD_SPECS),
    field("commonLabels", FIELD_SPECS),
    field("labels", FIELD_SPECS),
    field("templateLabels", FIELD_SPECS),
    field("commonAnnotations", FIELD_SPECS),
    field("nameReference", List(&NAME_REFERENCE)),
    field("varReference", FIELD_SPECS),
    field("images", FIELD_SPECS),
    field("replicas", FIELD_SPECS),
]);

/// A file of `crds`, as far as it matters.
pub const DEFINITIONS: Form = Map(&Fields(&[field("schema", Form::AnyMap), field("dependencies", TEXTS)]));

/// One entry of `replacements`, which a file named there holds as well.
pub const REPLACEMENT: Form = Fields(&[
    inlined("source", SOURCE),
    Field { is_inlined: true, ..new("sourceValue", Text) },
    inlined("targets", List(&REPLACEMENT_TARGET)),
    field("path", Text),
]);

/// One entry of `configMapGenerator`.
pub const CONFIG_MAP: Form = Fields(&[
    inlined("namespace", Text),
    inlined("name", Text),
    inlined("behavior", Text),
    inlined("literals", TEXTS),
    inlined("files", TEXTS),
    inlined("envs", TEXTS),
    inlined("env", Text),
    inlined("options", GENERATOR_OPTIONS),
]);

/// One entry of `secretGenerator`.
pub const SECRET: Form = Fields(&[
    inlined("namespace", Text),
    inlined("name", Text),
    inlined("behavior", Text),
    inlined("literals", TEXTS),
    inlined("files", TEXTS),
    inlined("envs", TEXTS),
    inlined("env", Text),
    inlined("options", GENERATOR_OPTIONS),
    field("type", Text),
]);

/// The object's metadata that the format allows.
pub const METADATA: Form =
    Fields(&[field("name", Text), field("namespace", Text), field("labels", TEXT_MAP), field("annotations", TEXT_MAP)]);

/// `generatorOptions`, and the options of one generator.
pub const GENERATOR_OPTIONS: Form = Fields(&[
    field("labels", TEXT_MAP),
    field("annotations", TEXT_MAP),
    field("disableNameSuffixHash", Bool),
    field("immutable", Bool),
]);

/// Which objects a patch or a replacement is for.
pub const SELECTOR: Form = Fields(&[
    inlined("group", Text),
    inlined("version", Text),
    inlined("kind", Text),
    inlined("name", Text),
    inlined("namespace", Text),
    field("annotationSelector", Text),
    field("labelSelector", Text),
]);

/// `sortOptions`.
pub const SORT_OPTIONS: Form = Fields(&[
    field("order", Text),
    field("legacySortOptions", Fields(&[field("orderFirst", TEXTS), field("orderLast", TEXTS)])),
]);

/// A list of field specs.
pub const FIELD_SPECS: Form = List(&FIELD_SPEC);

const FIELD_SPEC: Form = Fields(&[
    inlined("group", Text),
    inlined("version", Text),
    inlined("kind", Text),
    field("path", Text),
    field("create", Bool),
]);

const NAME_REFERENCE: Form = Fields(&[
    inlined("group", Text),
    inlined("version", Text),
    inlined("kind", Text),
    field("fieldSpecs", FIELD_SPECS),
]);

const LABEL: Form = Fields(&[
    field("pairs", TEXT_MAP),
    field("includeSelectors", Bool),
    field("includeTemplates", Bool),
    field("fields", FIELD_SPECS),
]);

const PATCH: Form = Fields(&[
    field("path", Text),
    field("patch", Text),
    field("target", SELECTOR),
    old("options", Map(&Bool)),
    new("options", Fields(&[field("allowNameChange", Bool), field("allowKindChange", Bool)])),
]);

const IMAGE: Form = Fields(&[
    field("name", Text),
    field("newName", Text),
    field("tagSuffix", Text),
    field("newTag", Text),
    field("digest", Text),
]);

const REPLICA: Form = Fields(&[field("name", Text), field("count", Integer)]);

const SOURCE: Form = Fields(&[
    inlined("group", Text),
    inlined("version", Text),
    inlined("kind", Text),
    inlined("name", Text),
    inlined("namespace", Text),
    field("fieldPath", Text),
    field("options", FIELD_OPTIONS),
]);

const REPLACEMENT_TARGET: Form = Fields(&[
    field("select", SELECTOR),
    field("reject", List(&SELECTOR)),
    field("fieldPaths", TEXTS),
    field("options", FIELD_OPTIONS),
]);

const FIELD_OPTIONS: Form =
    Fields(&[field("delimiter", Text), field("index", Integer), field("encoding", Text), field("create", Bool)]);

const VAR: Form =
    Fields(&[field("name", Text), field("objref", OBJECT), field("fieldref", Fields(&[field("fieldPath", Text)]))]);

const OBJECT: Form = Fields(&[
    field("apiVersion", Text),
    inlined("group", Text),
    inlined("version", Text),
    inlined("kind", Text),
    field("name", Text),
    field("namespace", Text),
]);

const HELM_CHART: Form = Fields(&[
    field("name", Text),
    field("version", Text),
    field("repo", Text),
    field("releaseName", Text),
    field("namespace", Text),
    field("additionalValuesFiles", TEXTS),
    field("valuesFile", Text),
    field("valuesInline", Form::AnyMap),
    field("valuesMerge", Text),
    field("includeCRDs", Bool),
    field("skipHooks", Bool),
    field("apiVersions", TEXTS),
    field("kubeVersion", Text),
    field("nameTemplate", Text),
    field("skipTests", Bool),
    field("debug", Bool),
    new("devel", Bool),
]);

const OLD_HELM_CHART: Form = Fields(&[
    field("chartName", Text),
    field("chartVersion", Text),
    field("chartRepoUrl", Text),
    field("chartHome", Text),
    field("chartRepoName", Text),
    field("helmBin", Text),
    field("helmHome", Text),
    field("values", Text),
    field("valuesLocal", Form::AnyMap),
    field("valuesMerge", Text),
    field("releaseName", Text),
    field("releaseNamespace", Text),
    field("extraArgs", TEXTS),
]);
