//! Manifests that nobody builds from: which of them are deployed together.
//!
//! The config draws lines first. For the rest, seen as a tree of folders from the root down: a folder
//! in which no resource id occurs in two files is one target, with all below it. In any other folder
//! its own files are one target, or one each if an id occurs in two of them, and each folder in it
//! is looked at in the same way.

use std::collections::BTreeSet;
use std::collections::HashSet;

use crate::config::TargetSetting;
use crate::diagnostic::Diagnostic;
use crate::discover::paths;
use crate::kube::ResourceId;

/// A manifest that no kustomization and no chart takes.
#[derive(Clone, Copy)]
pub(super) struct Loose<'m> {
    pub(super) path: &'m str,
    /// The resources in it, each id once.
    pub(super) ids: &'m [ResourceId],
    /// Whether it makes a target without being named in the config: no patch does.
    pub(super) stands_alone: bool,
}

/// Manifests that are deployed together.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Group<'m> {
    pub(super) name: String,
    /// Sorted.
    pub(super) files: Vec<&'m str>,
}

/// Groups the manifests, which are sorted by path.
pub(super) fn group<'m>(
    loose: &[Loose<'m>],
    settings: &[TargetSetting],
    problems: &mut Vec<Diagnostic>,
) -> Vec<Group<'m>> {
    let mut groups = Vec::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for setting in settings {
        let matches = |path: &str| setting.files.matched_path_or_any_parents(path, false).is_ignore();
        let files: Vec<&str> =
            loose.iter().map(|file| file.path).filter(|path| !taken.contains(path) && matches(path)).collect();
        if files.is_empty() {
            problems.push(
                Diagnostic::error(
                    "empty-target",
                    setting.span,
                    format!("no file is left for target `{}`", setting.name),
                )
                .help("only manifests that no kustomization, chart or earlier target takes can be named here"),
            );
            continue;
        }
        taken.extend(&files);
        groups.push(Group { name: setting.name.clone(), files });
    }
    let rest: Vec<_> = loose.iter().copied().filter(|file| file.stands_alone && !taken.contains(file.path)).collect();
    by_folder(&rest, &mut groups);
    groups
}

fn by_folder<'m>(loose: &[Loose<'m>], groups: &mut Vec<Group<'m>>) {
    // Folders still to be looked at, each with all files below it. Deep trees must not use the stack.
    let mut open = vec![("", loose.to_vec())];
    while let Some((folder, files)) = open.pop() {
        if files.is_empty() {
            continue;
        }
        if !repeats_an_id(&files) {
            groups.push(all(folder, &files));
            continue;
        }
        let (own, below): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| paths::folder(file.path) == folder);
        if repeats_an_id(&own) {
            groups.extend(own.iter().map(|file| all(file.path, &[*file])));
        } else if !own.is_empty() {
            groups.push(all(folder, &own));
        }
        open.extend(split(folder, &below));
    }
}

/// The folders right in `folder`, each with the files below it, which are sorted by path.
fn split<'m>(folder: &str, files: &[Loose<'m>]) -> Vec<(&'m str, Vec<Loose<'m>>)> {
    let start = if folder.is_empty() { 0 } else { folder.len() + 1 };
    let child = |path: &'m str| {
        let length = path[start..].find('/').expect("the files right in the folder are left out");
        &path[..start + length]
    };
    let chunks = files.chunk_by(|a, b| child(a.path) == child(b.path));
    chunks.map(|chunk| (child(chunk[0].path), chunk.to_vec())).collect()
}

fn all<'m>(name: &str, files: &[Loose<'m>]) -> Group<'m> {
    let files = files.iter().map(|file| file.path).collect();
    Group { name: paths::shown(name).to_owned(), files }
}

/// Whether two files hold the same resource; a version of its API doesn't make it another one.
fn repeats_an_id(files: &[Loose<'_>]) -> bool {
    let mut seen = HashSet::new();
    files.iter().any(|file| {
        let own: HashSet<_> =
            file.ids.iter().map(|id| (id.group(), &id.kind, id.namespace.as_deref(), &id.name)).collect();
        own.into_iter().any(|id| !seen.insert(id))
    })
}

#[cfg(test)]
mod tests {
    use super::Loose;
    use super::group;
    use crate::kube::ResourceId;

    /// The groups as `name: files`, of files given as a path and the names of the ConfigMaps in it.
    fn names(files: &[(&str, &str)]) -> Vec<String> {
        let id = |name: &str| ResourceId {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: None,
            name: name.to_owned(),
        };
        let ids: Vec<Vec<_>> = files.iter().map(|(_, names)| names.split(' ').map(id).collect()).collect();
        let loose: Vec<_> =
            files.iter().zip(&ids).map(|((path, _), ids)| Loose { path, ids, stands_alone: true }).collect();
        let groups = group(&loose, &[], &mut Vec::new());
        let mut names: Vec<_> =
            groups.iter().map(|group| format!("{}: {}", group.name, group.files.join(" "))).collect();
        names.sort();
        names
    }

    #[test]
    fn the_largest_folder_without_repetition_is_one_target() {
        assert_eq!(names(&[("a/x.yaml", "1"), ("b/y.yaml", "2")]), [".: a/x.yaml b/y.yaml"]);
        assert_eq!(
            names(&[("dev/a/x.yaml", "1"), ("dev/y.yaml", "2"), ("prod/x.yaml", "1"), ("z.yaml", "3")]),
            [".: z.yaml", "dev: dev/a/x.yaml dev/y.yaml", "prod: prod/x.yaml"]
        );
    }

    #[test]
    fn files_of_one_folder_that_repeat_each_other_are_targets_by_themselves() {
        assert_eq!(
            names(&[("a/x.yaml", "1"), ("a/y.yaml", "1"), ("b/z.yaml", "2")]),
            ["a/x.yaml: a/x.yaml", "a/y.yaml: a/y.yaml", "b: b/z.yaml"]
        );
    }

    #[test]
    fn a_file_that_repeats_itself_is_still_one_target() {
        assert_eq!(names(&[("a.yaml", "1 1"), ("b.yaml", "2")]), [".: a.yaml b.yaml"]);
    }

    #[test]
    fn a_folder_is_not_mixed_with_one_whose_name_begins_alike() {
        assert_eq!(
            names(&[("a-b/x.yaml", "1"), ("a/x.yaml", "1"), ("a/y.yaml", "2")]),
            ["a-b: a-b/x.yaml", "a: a/x.yaml a/y.yaml"]
        );
    }
}
