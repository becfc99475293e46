//! What a merge does to a mapping, and to the fields of it.

use crate::diagnostic::Diagnostic;
use crate::kube::MergePlace;
use crate::patch::strategic::directive;
use crate::patch::strategic::directive::Directive;
use crate::patch::strategic::field::Fields;
use crate::patch::strategic::field::first;
use crate::patch::strategic::merge::Change;
use crate::patch::strategic::merge::Merge;
use crate::patch::strategic::merge::Walked;
use crate::patch::strategic::rest::is_at_rest;
use crate::patch::strategic::rest::is_certain_text;
use crate::patch::strategic::scalar;
use crate::yaml::Gone;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::NodeId;
use crate::yaml::Style;
use crate::yaml::Tag;

/// One field of the target, of the patch, or of both.
struct Step<'p> {
    current: Option<NodeId>,
    /// Its key and value in the patch.
    patch: Option<(Node<'p>, Node<'p>)>,
    /// Another field of this name stands before it: kustomize does not see this one.
    is_repeated: bool,
}

impl<'a> Merge<'a> {
    /// Merges a mapping. Where there are only nulls and nothings, kustomize takes them for mappings too.
    pub(super) fn mapping(
        &mut self,
        target: Option<NodeId>,
        change: Change<'_>,
        place: Option<MergePlace<'a>>,
        addressed: &[&str],
    ) -> Walked {
        let Some(target_id) = target.filter(|&id| !self.tree.node(id).is_null()) else {
            return match change {
                Change::By(patch) if !patch.is_null() => self.new_mapping(patch, place),
                // A null of the target stays, unless it is one by having no text.
                Change::Nothing => Ok(target.filter(|&id| !self.tree.node(id).text().is_empty())),
                Change::By(_) | Change::Itself => Ok(None),
            };
        };
        match change {
            Change::Nothing => {}
            Change::By(patch) if patch.is_null() => return Ok(None),
            Change::By(patch) => {
                if self.tree.node(target_id).children().next().is_none() {
                    self.tree.set_style(target_id, patch.style());
                }
                match self.obeyed_directive(patch)? {
                    Some(Directive::Delete) => return Ok(None),
                    Some(Directive::Replace) => {
                        self.spend(patch);
                        return self.new_mapping(patch, place);
                    }
                    Some(Directive::Merge) | None => {}
                }
            }
            Change::Itself => {
                let node = self.tree.node(target_id);
                let own = directive::of_mapping(node)?;
                if let Some(key) = own.and_then(|_| first(node, directive::KEY)).map(Node::id) {
                    self.tree.detach(key);
                }
                if own == Some(Directive::Delete) {
                    return Ok(None);
                }
            }
        }
        self.fields(target_id, change, place, addressed)?;
        Ok(Some(target_id))
    }

    /// A mapping of the patch where the target has none. A directive that nobody knows is no mistake
    /// here: it stays a field.
    fn new_mapping(&mut self, patch: Node<'_>, place: Option<MergePlace<'a>>) -> Walked {
        if let Ok(Some(Directive::Delete)) = self.obeyed_directive(patch) {
            return Ok(None);
        }
        let copy = self.adopted(patch);
        self.fields(copy, Change::Itself, place, &[])?;
        self.note_directives(copy);
        Ok(Some(copy))
    }

    /// The directive of a mapping of the patch, which is then obeyed and no directive any more.
    fn obeyed_directive(&mut self, patch: Node<'_>) -> Result<Option<Directive>, Box<Diagnostic>> {
        if self.is_obeyed(patch) {
            return Ok(None);
        }
        let directive = directive::of_mapping(patch)?;
        if directive.is_some() {
            self.obey(patch);
        }
        Ok(directive)
    }

    /// Merges the fields of a mapping, one by one.
    fn fields(
        &mut self,
        mapping: NodeId,
        change: Change<'_>,
        place: Option<MergePlace<'a>>,
        addressed: &[&str],
    ) -> Result<(), Box<Diagnostic>> {
        let mut values = Vec::new();
        let mut added = Vec::new();
        let mut is_changed = false;
        for step in self.steps(mapping, change) {
            let Some(current) = step.current else {
                let Some((key, value)) = step.patch else { continue };
                let below = place.and_then(|place| place.field(key.text()));
                if let Some(new) = self.walk(None, Change::By(value), below, &[])? {
                    self.note_directive(key);
                    self.quote(new);
                    added.push((self.tree.copy(key, Some(self.via.clone())), new));
                }
                continue;
            };
            if step.is_repeated {
                values.push(current);
                continue;
            }
            let merged = self.field(current, &step, change, place, addressed)?;
            is_changed |= merged != Some(current);
            values.extend(merged);
            if merged.is_none() {
                self.mark_gone(mapping, current, &step, change);
            }
        }
        if is_changed {
            self.tree.set_fields(mapping, &values);
        }
        for (key, value) in added {
            self.tree.append_field(mapping, key, value);
        }
        Ok(())
    }

    /// Merges the value of a field that the target has.
    fn field(
        &mut self,
        current: NodeId,
        step: &Step<'_>,
        change: Change<'_>,
        place: Option<MergePlace<'a>>,
        addressed: &[&str],
    ) -> Walked {
        let node = self.tree.node(current);
        let is_unsaid = step.patch.is_none() && !matches!(change, Change::Itself);
        if is_unsaid && is_certain_text(node) {
            return Ok(Some(current));
        }
        let name = node.key().map_or("", Node::text);
        let below = place.and_then(|place| place.field(name));
        if is_unsaid && is_at_rest(node, below) {
            return Ok(Some(current));
        }
        let is_addressed = addressed.contains(&name);
        // The whole `metadata` of a patch is listed as what addresses a resource, and these two are meant.
        let addressed: &[&str] = if is_addressed && name == "metadata" { &["name", "namespace"] } else { &[] };
        let change = match (change, step.patch) {
            (Change::By(_), Some((_, value))) if is_addressed && scalar::says_the_same(value, node) => Change::Nothing,
            (Change::By(_), Some((_, value))) => Change::By(value),
            (Change::By(_) | Change::Nothing, _) => Change::Nothing,
            (Change::Itself, _) => Change::Itself,
        };
        // A list of the patch keeps its style in the place of an empty one.
        let keeps_style = node.kind() != Kind::Scalar && node.children().next().is_none();
        let Some(new) = self.walk(Some(current), change, below, addressed)? else { return Ok(None) };
        if let Some((key, _)) = step.patch {
            self.note_directive(key);
        }
        if new == current {
            self.quote(new);
        } else {
            self.settle(new, current, keeps_style);
            self.tree.succeed(current, new);
        }
        Ok(Some(new))
    }

    /// What is to be done, field by field: those of the target in their order, then the new ones.
    fn steps<'p>(&self, mapping: NodeId, change: Change<'p>) -> Vec<Step<'p>> {
        let ours = Fields::of(self.tree.node(mapping));
        let theirs = match change {
            Change::By(patch) => Some((Fields::of(patch), self.is_obeyed(patch), self.is_spent(patch))),
            Change::Nothing | Change::Itself => None,
        };
        let mut steps = Vec::with_capacity(ours.all().len());
        for (index, (key, value)) in ours.all().iter().enumerate() {
            let patch = theirs.as_ref().and_then(|(theirs, is_obeyed, is_spent)| {
                let (key, value) = theirs.all()[theirs.place(key.text())?];
                let is_over = (*is_obeyed && key.is_text(directive::KEY)) || (*is_spent && value.is_null());
                (!is_over).then_some((key, value))
            });
            steps.push(Step { current: Some(value.id()), patch, is_repeated: ours.is_repeated(index) });
        }
        let Some((theirs, is_obeyed, _)) = theirs else { return steps };
        for (index, &(key, value)) in theirs.all().iter().enumerate() {
            let is_new = !theirs.is_repeated(index) && ours.place(key.text()).is_none();
            if is_new && !(is_obeyed && key.is_text(directive::KEY)) {
                steps.push(Step { current: None, patch: Some((key, value)), is_repeated: false });
            }
        }
        steps
    }

    /// Remembers why a field is gone, if the target had it.
    fn mark_gone(&mut self, mapping: NodeId, current: NodeId, step: &Step<'_>, change: Change<'_>) {
        let by = match (change, step.patch) {
            (Change::Itself, _) => return,
            (_, Some((key, _))) => key.span(),
            (_, None) => self.patch,
        };
        let name = self.tree.node(current).key().map_or("", Node::text).to_owned();
        self.tree.mark_deleted(mapping, current, &name, Gone::Deleted, by, self.via);
    }

    /// Gives a node of the patch the style of the one it takes the place of, as kustomize does: what
    /// a scalar means depends on it.
    fn settle(&mut self, new: NodeId, old: NodeId, keeps_style: bool) {
        let (new_node, old_node) = (self.tree.node(new), self.tree.node(old));
        let (style, tag) = match (new_node.kind(), old_node.kind()) {
            (Kind::Scalar, _) => scalar::settled(new_node, old_node),
            (_, Kind::Scalar) => (Style::Block, new_node.tag()),
            _ if keeps_style => return,
            _ => (old_node.style(), new_node.tag()),
        };
        self.tree.set_style(new, style);
        self.tree.set_tag(new, tag);
    }

    /// Puts a text in quotes that YAML 1.1 takes for something else: when the next patch sets it, the
    /// quotes are kept.
    fn quote(&mut self, id: NodeId) {
        if scalar::needs_quotes(self.tree.node(id)) {
            self.tree.set_style(id, Style::DoubleQuoted);
            self.tree.set_tag(id, Tag::None);
        }
    }
}
