//! Which fields of which kinds a kustomize transformer sets or follows: the form of the rules.
//!
//! The rules that kustomize has built in stand in `default_specs` and `default_references`.

use std::borrow::Cow;

/// A field of the objects of some kinds. An empty group, version or kind stands for any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FieldSpec {
    /// The API group; the core group can't be asked for, because empty stands for any.
    pub group: Cow<'static, str>,
    /// The version within the group.
    pub version: Cow<'static, str>,
    /// The kind.
    pub kind: Cow<'static, str>,
    /// The keys that lead to the field, separated by `/`. Lists on the way are walked through.
    pub path: Cow<'static, str>,
    /// Whether the field is made where it is missing.
    pub create: bool,
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment<'a> {
    /// The key.
    pub name: Cow<'a, str>,
    /// Whether it was written with `[]` behind it: a list is expected, and is never made.
    pub is_list: bool,
}

/// Who may refer by name to the objects of a kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NameReference {
    /// The API group of what is referred to; empty for any.
    pub group: Cow<'static, str>,
    /// Its version; empty for any.
    pub version: Cow<'static, str>,
    /// Its kind; empty for any.
    pub kind: Cow<'static, str>,
    /// The fields that hold its name.
    pub referrers: Vec<FieldSpec>,
}

impl FieldSpec {
    /// A rule that spells everything out.
    pub(super) const fn new(
        group: &'static str,
        version: &'static str,
        kind: &'static str,
        path: &'static str,
        create: bool,
    ) -> Self {
        Self {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed(version),
            kind: Cow::Borrowed(kind),
            path: Cow::Borrowed(path),
            create,
        }
    }

    /// Whether it speaks of objects of this group, version and kind.
    pub fn selects(&self, group: &str, version: &str, kind: &str) -> bool {
        selects([&self.group, &self.version, &self.kind], [group, version, kind])
    }

    /// The steps of the path. A `/` behind a backslash is part of a key, one at the start means nothing.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let mut rest = Some(self.path.strip_prefix('/').unwrap_or(&self.path));
        std::iter::from_fn(move || {
            let (name, after) = first_segment(rest?);
            rest = after;
            Some(segment(name))
        })
    }
}

impl NameReference {
    /// Whether objects of this group, version and kind are what it speaks of.
    pub fn selects(&self, group: &str, version: &str, kind: &str) -> bool {
        selects([&self.group, &self.version, &self.kind], [group, version, kind])
    }
}

fn selects([group, version, kind]: [&str; 3], given: [&str; 3]) -> bool {
    let fits = |wanted: &str, given: &str| wanted.is_empty() || wanted == given;
    // Most that differ do so in the kind.
    fits(kind, given[2]) && fits(group, given[0]) && fits(version, given[1])
}

/// The key at the start of a path, and what follows its `/`.
fn first_segment(path: &str) -> (Cow<'_, str>, Option<&str>) {
    let mut name = Cow::Borrowed("");
    let mut rest = path;
    loop {
        let Some((part, after)) = rest.split_once('/') else {
            name += rest;
            return (name, None);
        };
        let Some(start) = part.strip_suffix('\\') else {
            name += part;
            return (name, Some(after));
        };
        name += start;
        name += "/";
        rest = after;
    }
}

fn segment(name: Cow<'_, str>) -> Segment<'_> {
    let Some(start) = name.strip_suffix("[]") else { return Segment { name, is_list: false } };
    let length = start.len();
    let name = match name {
        Cow::Borrowed(name) => Cow::Borrowed(&name[..length]),
        Cow::Owned(mut name) => {
            name.truncate(length);
            Cow::Owned(name)
        }
    };
    Segment { name, is_list: true }
}

#[cfg(test)]
mod tests {
    use super::FieldSpec;

    fn segments(path: &'static str) -> Vec<String> {
        let spec = FieldSpec::new("", "", "", path, false);
        spec.segments().map(|segment| format!("{}{}", segment.name, if segment.is_list { "[]" } else { "" })).collect()
    }

    #[test]
    fn a_path_splits_at_slashes_that_are_not_escaped() {
        assert_eq!(segments("spec/template/metadata"), ["spec", "template", "metadata"]);
        assert_eq!(segments("/a/b"), ["a", "b"]);
        assert_eq!(segments("//a"), ["", "a"]);
        assert_eq!(segments(r"metadata/annotations/example.com\/a\/b"), ["metadata", "annotations", "example.com/a/b"]);
        assert_eq!(segments(r"a\/"), ["a/"]);
        assert_eq!(segments(r"a\"), [r"a\"]);
        assert_eq!(segments("spec/containers[]/image"), ["spec", "containers[]", "image"]);
        assert_eq!(segments(r"a\/b[]/[]"), ["a/b[]", "[]"]);
        assert_eq!(segments(""), [""]);
        assert_eq!(segments("/"), [""]);
        assert_eq!(segments("a/"), ["a", ""]);
    }

    #[test]
    fn what_is_empty_selects_any() {
        let spec = FieldSpec::new("apps", "", "Deployment", "spec", false);
        assert!(spec.selects("apps", "v1", "Deployment"));
        assert!(!spec.selects("extensions", "v1", "Deployment"));
        assert!(!spec.selects("apps", "v1", "StatefulSet"));
    }
}
