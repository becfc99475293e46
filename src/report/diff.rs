//! What changes in files, as a unified diff that `patch` and `git apply` take.

use similar::TextDiff;

use crate::fix::FileChange;

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// The changes of all files, one after the other, as git writes them: paths are relative to the root of the repository
/// wherever the diff is applied.
pub fn diff(files: &[FileChange]) -> String {
    let one = |file: &FileChange| {
        let (old, new) = (quoted(&format!("a/{}", file.path)), quoted(&format!("b/{}", file.path)));
        let mut text = format!("diff --git {old} {new}\n");
        let before = file.before.as_deref().unwrap_or_else(|| {
            text.push_str("new file mode 100644\n");
            ""
        });
        let old = if file.before.is_some() { &old } else { "/dev/null" };
        let diff = TextDiff::from_lines(before, &file.after);
        text + &diff.unified_diff().context_radius(CONTEXT).header(old, &new).to_string()
    };
    files.iter().map(one).collect()
}

/// A path as git writes it: in quotes if there is something in it that would be read as something else.
fn quoted(path: &str) -> String {
    if !path.contains(|letter: char| letter.is_control() || matches!(letter, '"' | '\\')) {
        return path.to_owned();
    }
    let escaped = path.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        '\t' => "\\t".to_owned(),
        '\n' => "\\n".to_owned(),
        letter if letter.is_ascii_control() => format!("\\{:03o}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}
