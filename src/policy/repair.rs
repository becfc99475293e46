//! What a policy knows to do about what it has found: compiled, and turned into edits of the texts that somebody
//! wrote. How these are made, and proved, is the affair of `fix`.

use crate::finding::Action;
use crate::finding::Repair;
use crate::finding::TextEdit;
use crate::jsonpath::Exhausted;
use crate::jsonpath::Query;
use crate::jsonpath::display_path;
use crate::policy::compile::Compiler;
use crate::policy::compile::is_true;
use crate::policy::condition::Roots;
use crate::render::Resource;
use crate::yaml::Kind;
use crate::yaml::Node;

/// What is done about a finding, and whether that is safe.
#[derive(Debug)]
pub(super) struct Fix {
    deed: Deed,
    pub(super) is_safe: bool,
}

#[derive(Debug)]
enum Deed {
    /// Each value that the node found was given is edited.
    Edit(Action),
    /// The bytes that each node stands for give way to its text.
    Replace { by: Query },
    /// The mapping found gets a field with the value of the first node.
    Add { field: String, by: Query },
    /// The field found goes to the first mapping.
    Move { to: Query },
}

impl Compiler<'_> {
    /// Compiles `fix`, whose form has been checked.
    pub(super) fn fix(&mut self, node: Node<'_>) -> Option<Fix> {
        let deed = match node.get_str("do")? {
            "remove" => self.edit(node, Action::Remove),
            "quote" => self.edit(node, Action::Quote),
            "unquote" => self.edit(node, Action::Unquote),
            "trim" => self.edit(node, Action::Trim),
            "modernize" => self.edit(node, Action::Modernize),
            "replace" => Deed::Replace { by: self.part(node, "replace", "by", &[])? },
            "add" => {
                let by = self.part(node, "add", "by", &["field"])?;
                let Some(field) = node.get_str("field") else {
                    self.complain(node, "`add` needs `field`, the name of what is added");
                    return None;
                };
                Deed::Add { field: field.to_owned(), by }
            }
            "move" => Deed::Move { to: self.part(node, "move", "to", &[])? },
            _ => return None,
        };
        Some(Fix { deed, is_safe: node.get("safe").is_some_and(is_true) })
    }

    fn edit(&mut self, node: Node<'_>, action: Action) -> Deed {
        self.only(node, &["do", "safe"], "`{}` does not go with what is done");
        Deed::Edit(action)
    }

    /// The query that a deed needs; others than these fields do not go with it.
    fn part(&mut self, node: Node<'_>, deed: &str, key: &str, others: &[&str]) -> Option<Query> {
        let known = [&["do", "safe", key], others].concat();
        self.only(node, &known, "`{}` does not go with what is done");
        let Some(query) = node.get(key) else {
            self.complain(node, &format!("`{deed}` needs `{key}`, a query"));
            return None;
        };
        self.query(query)
    }
}

impl Fix {
    /// What mends a finding about a node of a resource, or about a fact that follows from it; none if nothing is
    /// known to.
    pub(super) fn repair<'a>(
        &self,
        about: Node<'a>,
        resource: &'a Resource,
        roots: &Roots<'a>,
    ) -> Result<Option<Repair>, Exhausted> {
        let path = |node: Node<'_>| Some(display_path(node, resource.node()));
        let edits = match &self.deed {
            Deed::Edit(action) => written(about, action, &path),
            Deed::Replace { by } => {
                let mut edits = Vec::new();
                for remedy in roots.select(by)? {
                    let span = remedy.node.span();
                    let action = Action::Replace(remedy.node.text().to_owned());
                    edits.push(TextEdit { span, action, path: path(about).filter(|_| about.span().contains(span)) });
                }
                if edits.is_empty() {
                    return Ok(None);
                }
                edits
            }
            Deed::Add { field, by } => {
                // What was set to nothing is a field, too.
                let value = roots.select(by)?.first().map(|selected| selected.node);
                let Some(value) = value.filter(|_| about.kind() == Kind::Mapping) else { return Ok(None) };
                added(about, field, value, &path)
            }
            Deed::Move { to } => {
                let Some(to) = roots.select(to)?.first().map(|selected| selected.node) else { return Ok(None) };
                let mut edits = written(about, &Action::Remove, &path);
                let key = about.key().map_or("", Node::text);
                let more = added(to, key, about, &path);
                if more.is_empty() {
                    edits.clear();
                }
                if !edits.is_empty() {
                    edits.extend(more);
                }
                edits
            }
        };
        Ok(Some(Repair { is_safe: self.is_safe, edits }))
    }
}

/// The edits of all that has set a value, if it is written somewhere as it is.
fn written(node: Node<'_>, action: &Action, path: &impl Fn(Node<'_>) -> Option<String>) -> Vec<TextEdit> {
    if node.composed_of().next().is_some() || node.is_unknown() {
        return Vec::new();
    }
    let edit = |span| TextEdit { span, action: action.clone(), path: path(node) };
    node.writers().map(|writer| edit(writer.span)).collect()
}

/// The edit that gives a mapping a field which it does not have.
fn added(mapping: Node<'_>, field: &str, value: Node<'_>, path: &impl Fn(Node<'_>) -> Option<String>) -> Vec<TextEdit> {
    if mapping.kind() != Kind::Mapping || mapping.is_unknown() || value.kind() != Kind::Scalar || value.is_unknown() {
        return Vec::new();
    }
    let action = Action::Add { field: field.to_owned(), value: value.text().to_owned() };
    let path = path(mapping).map(|path| if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") });
    vec![TextEdit { span: mapping.span(), action, path }]
}
