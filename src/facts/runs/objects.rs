//! What the ConfigMaps and Secrets of a target hold, as texts.
//!
//! What is encrypted in the repository, such as by SOPS, is a symbol: the key exists, its value does not. An object
//! that the target does not have may be made by somebody else, so its keys are symbols too.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::runs::text::Text;
use crate::facts::runs::value::ObjectKey;
use crate::facts::runs::value::Symbol;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::nearest;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::decode_base64;

/// `ConfigMap` or `Secret`.
pub(super) type ObjectKind = &'static str;

pub(super) const CONFIG_MAP: ObjectKind = "ConfigMap";
pub(super) const SECRET: ObjectKind = "Secret";

/// The ConfigMap or Secret of a name that something in `namespace` means, if the target has it. Of several that it
/// may mean nobody knows which.
pub(super) fn find<'a>(
    around: &Surroundings<'a>,
    namespace: Option<&str>,
    kind: ObjectKind,
    name: Node<'_>,
) -> Option<&'a Resource> {
    if name.is_unknown() {
        return None;
    }
    let is_it = |other: &&Resource| other.id.kind == kind && other.id.group().is_empty();
    nearest(namespace, around.named(name.text()).filter(is_it))
}

/// What stands for the value of a key.
pub(super) fn symbol(kind: ObjectKind, namespace: Option<&str>, name: &str, key: &str) -> Symbol {
    let namespace = namespace.map(str::to_owned);
    Symbol::Key(Arc::new(ObjectKey { kind, namespace, name: name.to_owned(), key: key.to_owned() }))
}

/// The keys of an object and their texts. `binary` says whether bytes count, which are in a
/// mounted file and in no variable.
pub(super) fn entries(object: &Resource, binary: bool) -> BTreeMap<&str, Text<'_>> {
    let mut entries = BTreeMap::new();
    // What comes first counts.
    for (field, encoded) in fields(object, binary) {
        for (key, value) in object.node().get(field).into_iter().flat_map(Node::fields) {
            entries.entry(key.text()).or_insert_with(|| text(object, key.text(), value, encoded));
        }
    }
    entries
}

/// The keys of an object, those of bytes included.
pub(super) fn keys(object: &Resource) -> Vec<&str> {
    let fields = fields(object, true).into_iter().filter_map(|(field, _)| object.node().get(field));
    fields.flat_map(Node::fields).map(|(key, _)| key.text()).collect()
}

/// The text of one key.
pub(super) fn entry<'a>(object: &'a Resource, key: &str, binary: bool) -> Option<Text<'a>> {
    fields(object, binary).into_iter().find_map(|(field, encoded)| {
        let value = object.node().at_path(&[field, key])?;
        Some(text(object, key, value, encoded))
    })
}

/// The fields of an object that have keys, the one that outranks the others first, and whether they are base64.
fn fields(object: &Resource, binary: bool) -> Vec<(&'static str, bool)> {
    match (object.id.kind == SECRET, binary) {
        (true, _) => vec![("stringData", false), ("data", true)],
        (false, false) => vec![("data", false)],
        (false, true) => vec![("data", false), ("binaryData", true)],
    }
}

fn text<'a>(object: &'a Resource, key: &str, value: Node<'a>, encoded: bool) -> Text<'a> {
    let is_encrypted = value.text().starts_with("ENC[AES256_GCM,") || object.node().get("sops").is_some();
    let hidden = || {
        let kind = if object.id.kind == SECRET { SECRET } else { CONFIG_MAP };
        Text::unknown(value, symbol(kind, object.id.namespace.as_deref(), &object.id.name, key))
    };
    if is_encrypted {
        hidden()
    } else if encoded {
        // What is not base64 is refused by the API server, unless somebody fills it in.
        decode_base64(value.text()).map_or_else(hidden, |decoded| Text::decoded(value, &decoded))
    } else {
        Text::written(value)
    }
}
