//! Mappings and scalars as kustomize's own files are read: YAML 1.1 turned into JSON, and that into Go.
//!
//! Names of fields match in any case. Of equal keys the last counts, of keys that differ in case the
//! last in byte order, because JSON objects are written with their keys sorted. Null is as good as absent.
//! The trees must have been parsed with [`Reader::Kubectl`](crate::yaml::Reader::Kubectl).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashMap;

use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// A field of a mapping under the name that it has in JSON.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// Where it is written.
    pub key: Node<'a>,
    /// The value, which may be null.
    pub value: Node<'a>,
}

/// Whether a key names a field: letters match in any case, and so do the two other characters that
/// Unicode folds to letters of the alphabet.
pub fn is_named(key: &str, name: &str) -> bool {
    let fold = |char: char| match char {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        char => char.to_ascii_lowercase(),
    };
    key == name || key.chars().map(fold).eq(name.chars().map(fold))
}

/// The value of a field of the format, unless it is null. A null behind another spelling of the name
/// empties a list or mapping and leaves a scalar as it was.
pub fn field<'a>(mapping: Node<'a>, name: &str) -> Option<Node<'a>> {
    let mut same: Vec<_> = mapping.fields().filter(|(key, _)| is_named(key.text(), name)).collect();
    same.sort_by_key(|(key, _)| key.text());
    let mut found: Option<Node<'a>> = None;
    for (index, &(key, value)) in same.iter().enumerate() {
        if same.get(index + 1).is_some_and(|(next, _)| next.text() == key.text()) {
            continue;
        }
        found = if value.is_null() { found.filter(|earlier| earlier.kind() == Kind::Scalar) } else { Some(value) };
    }
    found
}

/// The items of a field that is a list.
pub fn items<'a>(mapping: Node<'a>, name: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    field(mapping, name).into_iter().flat_map(Node::items)
}

/// The text of a field; empty where there is none.
pub fn text<'a>(mapping: Node<'a>, name: &str) -> &'a str {
    field(mapping, name).and_then(string).unwrap_or_default()
}

/// The text of a scalar that is one; a date is. None for null.
pub fn string(node: Node<'_>) -> Option<&str> {
    match node.scalar()? {
        Scalar::String(text) | Scalar::Timestamp(text) => Some(text),
        _ => None,
    }
}

/// Whether a field is true.
pub fn flag(mapping: Node<'_>, name: &str) -> bool {
    matches!(field(mapping, name).and_then(Node::scalar), Some(Scalar::Bool(true)))
}

/// The whole number in a field, 0 where there is none.
pub fn integer(mapping: Node<'_>, name: &str) -> i64 {
    field(mapping, name).and_then(whole_number).unwrap_or_default()
}

/// The fields of a mapping whose names are free, sorted by name, each once.
pub fn entries(mapping: Node<'_>) -> impl Iterator<Item = Entry<'_>> {
    let named = mapping.fields().filter_map(|(key, value)| Some((name_of(key)?, (key, value))));
    let unique: BTreeMap<_, _> = named.collect();
    unique.into_iter().map(|(name, (key, value))| Entry { name, key, value })
}

/// The text of a scalar where Go has a string and kustomize turns numbers and booleans into texts, as
/// it does in the files of `configurations`, `transformers` and `generators`.
pub fn loose_text(node: Node<'_>) -> Option<Cow<'_, str>> {
    Some(match node.scalar()? {
        Scalar::Null => Cow::Borrowed(""),
        Scalar::String(text) | Scalar::Timestamp(text) => Cow::Borrowed(text),
        Scalar::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        Scalar::Int(value) => Cow::Owned(value.to_string()),
        Scalar::Float(value) if !value.is_finite() => return None,
        Scalar::Float(value) => Cow::Owned(general(&format!("{value:e}"))),
    })
}

/// The loose text of a field; empty where there is none.
pub fn loose_field<'a>(mapping: Node<'a>, name: &str) -> Cow<'a, str> {
    field(mapping, name).and_then(loose_text).unwrap_or_default()
}

/// The whole number that a scalar is. A float without a fraction is one, because JSON does not tell.
pub(super) fn whole_number(node: Node<'_>) -> Option<i64> {
    match node.scalar()? {
        Scalar::Int(value) => value.try_into().ok(),
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked, and there is no fraction")]
        Scalar::Float(value) if value.fract() == 0.0 && (-TWO_TO_63..TWO_TO_63).contains(&value) => Some(value as i64),
        _ => None,
    }
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// The name that a key has in JSON; none for a key that JSON cannot have.
pub(super) fn name_of(key: Node<'_>) -> Option<Cow<'_, str>> {
    match key.scalar()? {
        Scalar::Null => None,
        Scalar::Int(value) if i64::try_from(value).is_err() => None,
        #[expect(clippy::cast_possible_truncation, reason = "so does the library, by mistake")]
        Scalar::Float(value) => Some(match value as f32 {
            value if value.is_nan() => Cow::Borrowed(".nan"),
            f32::INFINITY => Cow::Borrowed(".inf"),
            f32::NEG_INFINITY => Cow::Borrowed("-.inf"),
            value => Cow::Owned(general(&format!("{value:e}"))),
        }),
        _ => loose_text(key),
    }
}

/// Go's `%g` of a number that is given as `d.ddde±x`.
fn general(shortest: &str) -> String {
    let (digits, exponent) = shortest.split_once('e').expect("the format always has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a number");
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let mut digits: String = digits.chars().filter(|char| *char != '.').collect();
    let Ok(whole) = usize::try_from(exponent) else {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    };
    while digits.len() <= whole {
        digits.push('0');
    }
    if digits.len() > whole + 1 {
        digits.insert(whole + 1, '.');
    }
    sign.to_owned() + &digits
}

/// The parts of a mapping or list, keys too, that JSON has no form for: each with what is wrong.
pub(super) fn not_json(root: Node<'_>) -> Vec<(Node<'_>, String)> {
    let mut found = Vec::new();
    add_not_json(root, true, &mut found);
    found
}

/// What stands in a value that a later one of the same key replaces never comes to JSON.
fn add_not_json<'a>(node: Node<'a>, is_kept: bool, found: &mut Vec<(Node<'a>, String)>) {
    if let Some(kind) = node.missed_tag() {
        found.push((node, format!("`{}` is tagged as {kind} and is none", node.text())));
    }
    if let Some(Scalar::Float(value)) = node.scalar()
        && is_kept
        && !value.is_finite()
    {
        found.push((node, format!("`{}` is a number that JSON does not have", node.text())));
    }
    node.items().for_each(|item| add_not_json(item, is_kept, found));
    let last: HashMap<&str, Node<'a>> = node.fields().map(|(key, value)| (key.text(), value)).collect();
    for (key, value) in node.fields() {
        if key.kind() != Kind::Scalar || key.missed_tag().is_some() || is_kept && name_of(key).is_none() {
            found.push((key, "this cannot be the key of a field".to_owned()));
        }
        add_not_json(value, is_kept && last.get(key.text()) == Some(&value), found);
    }
}

#[cfg(test)]
mod tests {
    use super::entries;
    use super::field;
    use super::flag;
    use super::integer;
    use super::is_named;
    use super::loose_text;
    use super::not_json;
    use super::text;
    use crate::kustomization::tests::parsed;

    #[test]
    fn names_match_as_go_folds_them() {
        assert!(is_named("NAMEprefix", "namePrefix") && is_named("re\u{17F}ources", "resources"));
        assert!(is_named("\u{212A}ind", "kind") && !is_named("kinds", "kind"));
    }

    #[test]
    fn fields_are_read_by_type() {
        let file = parsed("a: x\nb: on\nc: 3.0\nd: null\nE: 2001-01-01\nf: 1.5\n");
        let root = file.tree.node(file.documents[0].root);
        assert_eq!((text(root, "a"), text(root, "b"), text(root, "e")), ("x", "", "2001-01-01"));
        assert!(flag(root, "b") && !flag(root, "a"));
        assert_eq!((integer(root, "c"), integer(root, "f"), integer(root, "x")), (3, 0, 0));
        assert!(field(root, "d").is_none());
    }

    #[test]
    fn keys_and_loose_texts_are_spelled_as_go_does() {
        let file = parsed("on: yes\n0x10: 1.0\n1e3: 1e6\n1.5: 0.00001\n2: a\n'2': 1e21\n1.1e-3: -123.25\n");
        let root = file.tree.node(file.documents[0].root);
        let told = entries(root).map(|entry| format!("{}={}", entry.name, loose_text(entry.value).unwrap()));
        let found: Vec<String> = told.collect();
        assert_eq!(found, ["0.0011=-123.25", "1.5=1e-05", "1000=1e+06", "16=1", "2=1e+21", "true=true"]);
    }

    #[test]
    fn what_json_cannot_say_is_found() {
        let found = |text: &str| {
            let file = parsed(text);
            not_json(file.tree.node(file.documents[0].root)).len()
        };
        assert_eq!(found("a: .inf"), 1);
        assert_eq!(found("~: a"), 1);
        assert_eq!(found("a: {18446744073709551615: b}"), 1);
        assert_eq!(found("a: !!int x"), 1);
        assert_eq!(found("a: {1: .5, true: x}"), 0);
        assert_eq!(found("a: .inf\na: 1"), 0);
        assert_eq!(found("a: {b: !!int x}\na: 1"), 1);
    }
}
