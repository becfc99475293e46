//! What the ConfigMaps and Secrets of a target hold, as texts.
//!
//! What is encrypted in the repository, such as by SOPS, is a symbol: the key exists, its value does not. An object
//! that the target does not have may be made by somebody else, so its keys are symbols too.

use std::sync::Arc;

use crate::facts::runs::text::Text;
use crate::facts::runs::value::Key;
use crate::facts::runs::value::Symbol;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::decode_base64;

/// `ConfigMap` or `Secret`.
pub(super) type ObjectKind = &'static str;

pub(super) const CONFIG_MAP: ObjectKind = "ConfigMap";
pub(super) const SECRET: ObjectKind = "Secret";

/// The ConfigMap or Secret of a name that something in `namespace` means, if the target has it.
pub(super) fn find<'a>(
    around: &Surroundings<'a>,
    namespace: Option<&str>,
    kind: ObjectKind,
    name: Node<'_>,
) -> Option<&'a Resource> {
    let is_it = |other: &&Resource| other.id.kind == kind && other.id.group().is_empty() && is_near(namespace, other);
    if name.is_unknown() { None } else { around.named(name.text()).find(is_it) }
}

/// What stands for the value of a key.
pub(super) fn symbol(kind: ObjectKind, namespace: Option<&str>, name: &str, key: &str) -> Symbol {
    let namespace = namespace.map(str::to_owned);
    Symbol::Key(Arc::new(Key { kind, namespace, name: name.to_owned(), key: key.to_owned() }))
}

/// The keys of an object and their texts, in the order written. `binary` says whether bytes count, which are in a
/// mounted file and in no variable.
pub(super) fn entries<'a>(object: &'a Resource, binary: bool) -> Vec<(&'a str, Text<'a>)> {
    let mut entries: Vec<(&str, Text<'_>)> = Vec::new();
    let fields: [(&str, bool); 2] = if object.id.kind == SECRET {
        [("data", true), ("stringData", false)]
    } else {
        [("data", false), ("binaryData", true)]
    };
    for (field, encoded) in fields.into_iter().filter(|(field, _)| binary || *field != "binaryData") {
        for (key, value) in object.node().get(field).into_iter().flat_map(Node::fields) {
            let text = text(object, key.text(), value, encoded);
            match entries.iter_mut().find(|(known, _)| *known == key.text()) {
                Some(entry) => entry.1 = text,
                None => entries.push((key.text(), text)),
            }
        }
    }
    entries
}

/// The text of one key.
pub(super) fn entry<'a>(object: &'a Resource, key: &str, binary: bool) -> Option<Text<'a>> {
    let fields: &[(&str, bool)] = match (object.id.kind == SECRET, binary) {
        (true, _) => &[("stringData", false), ("data", true)],
        (false, false) => &[("data", false)],
        (false, true) => &[("data", false), ("binaryData", true)],
    };
    fields.iter().find_map(|&(field, encoded)| {
        let value = object.node().at_path(&[field, key])?;
        Some(text(object, key, value, encoded))
    })
}

fn text<'a>(object: &'a Resource, key: &str, value: Node<'a>, encoded: bool) -> Text<'a> {
    let is_encrypted = value.text().starts_with("ENC[") || object.node().get("sops").is_some();
    let hidden = || {
        let kind = if object.id.kind == SECRET { SECRET } else { CONFIG_MAP };
        Text::unknown(value, symbol(kind, object.id.namespace.as_deref(), &object.id.name, key))
    };
    if value.is_unknown() || is_encrypted {
        hidden()
    } else if encoded {
        // What is not base64 is refused by the API server.
        decode_base64(value.text()).map_or_else(hidden, |decoded| Text::decoded(value, decoded))
    } else {
        Text::written(value)
    }
}
