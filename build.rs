//! Lists the files below `policies/` with their texts, so that a policy is built in by being there.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=policies");
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the manifest is"));
    let mut files = Vec::new();
    for category in entries(&root.join("policies")) {
        files.extend(
            entries(&category).into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "yaml")),
        );
    }
    let mut code = String::from("[\n");
    for path in files {
        let name = path.strip_prefix(&root).expect("policies are below the root").to_string_lossy().replace('\\', "/");
        writeln!(code, "({name:?}, include_str!({:?})),", path.to_string_lossy()).expect("a string takes all");
    }
    code.push(']');
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join("policies.rs"), code).expect("the list of policies can be written");
}

/// The entries of a folder, sorted; none if there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
