//! `cargo xtask web`: what the page and its tests take from npm, and the viewer in three dimensions as one script.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{require, root};

/// The packages of `web/package-lock.json`, installed where they are not there yet; none of their own scripts runs.
///
/// # Errors
/// - there is no npm, or the packages cannot be had.
pub fn packages() -> Result<PathBuf, String> {
    let folder = root().join("web");
    let installed = folder.join("node_modules");
    // npm writes this file last.
    if !is_newer(&installed.join(".package-lock.json"), &folder.join("package-lock.json")) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder);
        require(&mut npm)?;
    }
    Ok(installed)
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let time = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified());
    matches!((time(file), time(than)), (Ok(file), Ok(than)) if file >= than)
}
