//! What is known by name alone: files of CI systems, values files, and the API groups of programs
//! that borrow the form of Kubernetes objects for their own settings.

use crate::discover::paths;

/// Whether a file belongs to a CI system or to Docker Compose.
pub(super) fn is_workflow(path: &str) -> bool {
    let name = paths::name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let in_github = |folder| paths::below(path, ".github").is_some_and(|path| paths::below(path, folder).is_some());
    let is_pipeline =
        [".gitlab-ci", ".travis", ".drone", "azure-pipelines", "bitbucket-pipelines", "cloudbuild"].iter().any(
            |start| stem == *start || stem.starts_with(&format!("{start}.")) || stem.starts_with(&format!("{start}-")),
        );
    let is_compose = ["docker-compose", "compose"]
        .iter()
        .any(|start| stem == *start || stem.strip_prefix(start).is_some_and(|rest| rest.starts_with(['.', '-'])));
    in_github("workflows")
        || (in_github("actions") && stem == "action")
        || paths::below(path, ".circleci").is_some()
        || name.ends_with(".gitlab-ci.yml")
        || is_pipeline
        || is_compose
}

/// Whether a file holds values of a Helm chart, by its name: `values.yaml`, `values-prod.yaml`, `prod.values.yaml`.
pub(super) fn is_values(path: &str) -> bool {
    let name = paths::name(path).to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((stem, "yaml" | "yml")) => stem.split(['-', '_', '.']).any(|word| word == "values"),
        _ => false,
    }
}

/// Whether a file holds only a part of an object, by its name: a patch, an overlay, or what a test expects to find.
/// A folder of patches says it of all that is below.
pub(super) fn is_part(path: &str) -> bool {
    let words = paths::name(path).to_ascii_lowercase();
    let mut words = words.split(|char: char| !char.is_ascii_alphabetic());
    let in_folder = paths::ancestors(path).any(|folder| matches!(paths::name(folder), "patch" | "patches"));
    in_folder || words.any(|word| matches!(word, "patch" | "patches" | "overlay" | "assert" | "expected"))
}

/// Whether an apiVersion and kind are those of a program's settings, which no cluster is given.
pub(super) fn is_setting_of_a_tool(api_version: &str, kind: &str) -> bool {
    let group = api_version.split_once('/').map_or(api_version, |(group, _)| group);
    let is_kubeconfig = api_version == "v1" && kind == "Config";
    is_kubeconfig || TOOLS.contains(&group) || group.ends_with(".config.k8s.io")
}

/// API groups whose objects are read from files by a program, and never by an API server.
const TOOLS: [&str; 17] = [
    "apiserver.k8s.io",
    "audit.k8s.io",
    "backstage.io",
    "builtin",
    "ctlptl.dev",
    "eksctl.io",
    "k0sctl.k0sproject.io",
    "k3d.io",
    "kind.sigs.k8s.io",
    "kind.x-k8s.io",
    "krew.googlecontainertools.github.com",
    "kubeadm.k8s.io",
    "kustomize.config.k8s.io",
    "plimsoll.dev",
    "skaffold",
    "testing.kyverno.io",
    "kuttl.dev",
];

#[cfg(test)]
mod tests {
    use super::is_part;
    use super::is_setting_of_a_tool;
    use super::is_values;
    use super::is_workflow;

    #[test]
    fn workflows_are_known_by_their_place_or_name() {
        for path in
            [".github/workflows/ci.yml", "x/docker-compose.dev.yaml", ".gitlab-ci.yml", ".github/actions/a/action.yml"]
        {
            assert!(is_workflow(path), "{path}");
        }
        for path in ["workflows/ci.yml", "composer.json", "a/.github/workflows/ci.yml", ".github/labels.yml"] {
            assert!(!is_workflow(path), "{path}");
        }
    }

    #[test]
    fn parts_of_objects_are_named_so() {
        for path in ["web-patch.yaml", "2.patch.yml", "app/patches/db/a.yaml", "01-assert.yaml", "job_Overlay.yaml"] {
            assert!(is_part(path), "{path}");
        }
        for path in ["web.yaml", "dispatcher.yaml", "patch-operator/web.yaml", "overlays/prod/web.yaml"] {
            assert!(!is_part(path), "{path}");
        }
    }

    #[test]
    fn values_and_settings() {
        assert!(is_values("a/values.yaml") && is_values("values-prod.yml") && is_values("prod.values.yaml"));
        assert!(!is_values("values.json") && !is_values("myvalues.yaml"));
        assert!(is_setting_of_a_tool("builtin", "PatchTransformer"));
        assert!(is_setting_of_a_tool("v1", "Config") && is_setting_of_a_tool("kubelet.config.k8s.io/v1", "X"));
        assert!(!is_setting_of_a_tool("v1", "ConfigMap") && !is_setting_of_a_tool("apps/v1", "Deployment"));
    }
}
