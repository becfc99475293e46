//! Where things are kept between runs: a folder of the user's, as the system has it.

use std::path::PathBuf;

use crate::cli::output::Failure;

/// The folder for clones of remote bases, if they may be fetched.
pub(super) fn of_clones(is_asked: bool) -> Result<Option<PathBuf>, Failure> {
    if !is_asked {
        return Ok(None);
    }
    let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || {
        let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        given("HOME").map(|home| home.join(caches))
    };
    let folder = given("XDG_CACHE_HOME").or_else(|| given("LOCALAPPDATA")).or_else(home);
    match folder.filter(|folder| folder.is_absolute()) {
        Some(folder) => Ok(Some(folder.join("plimsoll/clones"))),
        None => Err(Failure::new("remote bases need a folder to be kept in: set HOME or XDG_CACHE_HOME")),
    }
}
