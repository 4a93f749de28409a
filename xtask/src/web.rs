//! `cargo xtask web`: what the page and its tests take from npm, and the viewer in three dimensions as one script.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::{require, root};

/// Makes `target/web/viewer.js`, which the next build of the program takes in.
///
/// # Errors
/// - as [`packages`], or the script cannot be made.
pub fn run() -> Result<(), String> {
    let packages = packages()?;
    let folder = root().join("target/web");
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    let bundled = folder.join("bundled.js");
    let mut esbuild = Command::new(packages.join(".bin/esbuild"));
    esbuild.args(["viewer.js", "--bundle", "--minify", "--format=iife", "--charset=ascii"]);
    esbuild.args(["--legal-comments=none", "--log-level=warning"]).current_dir(root().join("web"));
    require(esbuild.arg(format!("--outfile={}", bundled.display())))?;
    let script = format!("{}{}", licences(&packages)?, std::fs::read_to_string(&bundled).map_err(wrong)?);
    let viewer = folder.join("viewer.js");
    // The same script keeps its time, so that nothing is built again.
    if std::fs::read_to_string(&viewer).is_ok_and(|known| known == script) {
        return Ok(());
    }
    std::fs::write(&viewer, script).map_err(wrong)
}

/// The licences of what is in the script, as a comment: whoever has a page has a copy of it.
fn licences(packages: &Path) -> Result<String, String> {
    let lock = packages.join("../package-lock.json");
    let text = std::fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let lock: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", lock.display()))?;
    let mut comment = String::new();
    for (name, package) in lock["packages"].as_object().into_iter().flatten() {
        let is_for_tests = package["dev"] == true || package["optional"] == true;
        let Some(name) = name.strip_prefix("node_modules/").filter(|_| !is_for_tests) else { continue };
        let licence = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license"]
            .iter()
            .find_map(|file| std::fs::read_to_string(packages.join(name).join(file)).ok());
        let words = licence.unwrap_or_else(|| package["license"].to_string());
        comment
            .push_str(&format!("/*! {name}\n{}\n*/\n", words.trim().replace("*/", "* /").replace('\r', "")));
    }
    Ok(comment)
}

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
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&folder);
        require(&mut npm)?;
    }
    Ok(installed)
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let time = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified());
    matches!((time(file), time(than)), (Ok(file), Ok(than)) if file >= than)
}
