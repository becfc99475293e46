//! What changes in files, as a unified diff that `patch` and `git apply` take.

use similar::TextDiff;

use crate::fix::FileChange;

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// The changes of all files, one after the other.
pub fn diff(files: &[FileChange]) -> String {
    let one = |file: &FileChange| {
        let before = file.before.as_deref().unwrap_or("");
        let old = if file.before.is_some() { format!("a/{}", file.path) } else { "/dev/null".to_owned() };
        let diff = TextDiff::from_lines(before, &file.after);
        diff.unified_diff().context_radius(CONTEXT).header(&old, &format!("b/{}", file.path)).to_string()
    };
    files.iter().map(one).collect()
}
