//! stub
use crate::kube::*;
use crate::render::kustomize::Result;
use crate::yaml::Node;
#[derive(Clone, Debug)]
pub(super) struct TransformerConfig {
    pub name_prefix: Vec<FieldSpec>,
    pub name_suffix: Vec<FieldSpec>,
    pub namespace: Vec<FieldSpec>,
    pub common_labels: Vec<FieldSpec>,
    pub template_labels: Vec<FieldSpec>,
    pub common_annotations: Vec<FieldSpec>,
    pub name_references: Vec<NameReference>,
    pub var_reference: Vec<FieldSpec>,
    pub images: Vec<FieldSpec>,
    pub replicas: Vec<FieldSpec>,
}
impl TransformerConfig {
    pub(super) fn builtin() -> Self {
        Self {
            name_prefix: name_specs(),
            name_suffix: name_specs(),
            namespace: namespace_specs(),
            common_labels: common_label_specs(),
            template_labels: template_label_specs(),
            common_annotations: common_annotation_specs(),
            name_references: name_references(),
            var_reference: var_reference_specs(),
            images: image_specs(),
            replicas: replica_specs(),
        }
    }
    pub(super) fn merge(&mut self, _other: &Self) -> Result<()> {
        Ok(())
    }
    pub(super) fn of_labels<'a>(
        &self,
        _own: impl Iterator<Item = Node<'a>>,
        selectors: bool,
        templates: bool,
    ) -> Result<Vec<FieldSpec>> {
        if selectors {
            return Ok(self.common_labels.clone());
        }
        let mut specs = if templates { self.template_labels.clone() } else { vec![] };
        specs.push(FieldSpec { path: "metadata/labels".into(), create: true, ..FieldSpec::default() });
        Ok(specs)
    }
}
