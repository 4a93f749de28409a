//! The text of the repository keeps its own rules: dependencies, sizes, headers, names and words.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod dependencies;
mod files;
mod words;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Paths of all files that git tracks or would track, relative to the workspace.
fn tracked() -> Vec<String> {
    let listed =
        Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(root()).output();
    let listed = listed.expect("git is installed");
    let paths = String::from_utf8(listed.stdout).unwrap();
    let paths: Vec<String> =
        paths.lines().map(str::to_owned).filter(|path| root().join(path).exists()).collect();
    assert!(paths.len() > 100, "git ls-files found only {} files", paths.len());
    paths
}

/// Rust files of packages: no fuzz targets, no compile-fail snippets.
fn sources() -> Vec<(String, String)> {
    let is_source = |path: &String| {
        path.ends_with(".rs")
            && (path.starts_with("crates/") || path.starts_with("xtask/"))
            && !path.contains("compile_fail")
    };
    let read = |path: String| {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        (path, text)
    };
    tracked().into_iter().filter(is_source).map(read).collect()
}
