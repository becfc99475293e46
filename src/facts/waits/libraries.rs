//! Shell libraries of images that scripts read in, as far as they ask or ask again.
//!
//! What is here behaves as the functions of that name do, and is not what their authors wrote. A function that is
//! not here stays unknown.

/// Where the libraries of an image are, and what matters of them. `retry_while` tries twelve times, five seconds
/// apart, if nobody says otherwise.
const LIBRARIES: &[(&str, &str)] = &[(
    "/opt/bitnami/scripts/",
    r#"retry_while() { for _try in $(seq "${2:-12}"); do $1 && return 0; sleep "${3:-5}"; done; return 1; }
debug_execute() { "$@"; }
postgresql_execute() { shift 3; psql "$@"; }
postgresql_remote_execute() { psql -h "$1" -p "$2"; }
mysql_remote_execute() { mysql -h "$1" -P "$2"; }
"#,
)];

/// What stands for the library at a path.
pub(super) fn library(path: &str) -> Option<&'static str> {
    LIBRARIES.iter().find(|(folder, _)| path.starts_with(folder)).map(|(_, text)| *text)
}
