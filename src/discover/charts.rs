//! Helm charts: which folders are one, and which files belong to which.

use std::collections::BTreeSet;

use crate::discover::FileKind;
use crate::discover::names;
use crate::discover::paths;
use crate::discover::walk::Found;
use crate::yaml::Files;

/// The file that makes a folder a chart.
const CHART_FILE: &str = "Chart.yaml";

/// Folders of a chart in which nothing stands for itself, not even another chart.
const OWN_FOLDERS: [&str; 3] = ["templates", "crds", "charts"];

/// The charts of a repository.
pub(super) struct Charts {
    /// Every folder with a `Chart.yaml`, charts within charts too.
    folders: BTreeSet<String>,
}

/// What a file is to the chart that it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Member<'c> {
    /// The folder of the chart that is deployed; for a file of a sub-chart that of the outermost.
    pub(super) chart: &'c str,
    /// Whether the file is one that Helm itself knows. Any other may as well be somebody else's.
    pub(super) is_own: bool,
}

impl Charts {
    /// The charts among the files of a walk.
    pub(super) fn among(files: &[Found]) -> Self {
        let chart_files = files.iter().filter(|file| file.ignored.is_none() && paths::name(&file.path) == CHART_FILE);
        Self { folders: chart_files.map(|file| paths::folder(&file.path).to_owned()).collect() }
    }

    /// The chart that `path` belongs to.
    pub(super) fn member(&self, path: &str) -> Option<Member<'_>> {
        let mut around = paths::ancestors(path).filter_map(|folder| self.folders.get(folder)).map(String::as_str);
        let mut chart = around.next()?;
        let mut is_own = is_own_file(path, chart);
        for outer in around {
            let below = paths::below(chart, outer).expect("an ancestor's folder is above");
            if is_in_own_folder(below) {
                (chart, is_own) = (outer, true);
            }
        }
        // A chart at the root shares its folder with the whole repository, so there it has but its own.
        (is_own || !chart.is_empty()).then_some(Member { chart, is_own })
    }

    /// What a file of a chart is.
    pub(super) fn file_kind(&self, path: &str) -> FileKind {
        let chart = paths::ancestors(path).find(|folder| self.folders.contains(*folder)).unwrap_or("");
        let below = paths::below(path, chart).unwrap_or(path);
        match below.split_once('/') {
            None if below == CHART_FILE => FileKind::Chart,
            Some(("templates", _)) => FileKind::Template,
            Some(("crds", _)) => FileKind::Manifest,
            Some(("ci", _)) => FileKind::Values,
            _ if names::is_values(path) => FileKind::Values,
            _ => FileKind::Other,
        }
    }

    /// Whether there is a chart in this very folder.
    pub(super) fn contains(&self, folder: &str) -> bool {
        self.folders.contains(folder)
    }

    /// The charts that can be deployed: those that are not part of another, and no libraries.
    pub(super) fn deployable<'c>(&'c self, files: &'c Files) -> impl Iterator<Item = &'c str> {
        self.folders.iter().map(String::as_str).filter(|folder| {
            let path = paths::inside(folder, CHART_FILE);
            self.member(&path).is_some_and(|member| member.chart == *folder) && !is_library(files, &path)
        })
    }
}

fn is_own_file(path: &str, chart: &str) -> bool {
    let Some(below) = paths::below(path, chart) else { return false };
    let known = below == CHART_FILE || below == "values.schema.json" || below == "requirements.yaml";
    known || is_in_own_folder(below) || !below.contains('/') && names::is_values(below)
}

fn is_in_own_folder(below: &str) -> bool {
    below.split_once('/').is_some_and(|(first, _)| OWN_FOLDERS.contains(&first))
}

/// Whether a chart only lends its templates to others. One that can't be read is taken for a chart
/// that is deployed, so that whoever renders it says what is wrong.
fn is_library(files: &Files, chart_file: &str) -> bool {
    let Ok(parsed) = files.parsed(chart_file) else { return false };
    let root = parsed.documents.first().map(|document| parsed.tree.node(document.root));
    root.is_some_and(|root| root.get("type").is_some_and(|kind| kind.text() == "library"))
}

#[cfg(test)]
mod tests {
    use super::Charts;

    fn charts(folders: &[&str]) -> Charts {
        Charts { folders: folders.iter().map(|&folder| folder.to_owned()).collect() }
    }

    #[test]
    fn a_sub_chart_belongs_to_the_outermost_and_a_neighbour_does_not() {
        let charts = charts(&["web", "web/charts/db", "web/charts/db/charts/x", "web/examples/other"]);
        let chart = |path| charts.member(path).map(|member| (member.chart, member.is_own));
        assert_eq!(chart("web/charts/db/charts/x/templates/a.yaml"), Some(("web", true)));
        assert_eq!(chart("web/examples/other/values.yaml"), Some(("web/examples/other", true)));
        assert_eq!(chart("web/ci/a.yaml"), Some(("web", false)));
        assert_eq!(chart("webs/a.yaml"), None);
    }

    #[test]
    fn a_chart_at_the_root_has_only_its_own_files() {
        let charts = charts(&[""]);
        let is_member = |path| charts.member(path).is_some();
        assert!(is_member("Chart.yaml") && is_member("templates/a.yaml") && is_member("values-prod.yaml"));
        assert!(!is_member("deploy/a.yaml") && !is_member("deploy/values.yaml") && !is_member("a.yaml"));
    }
}
