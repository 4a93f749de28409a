//! `cargo xtask goldens`: makes the files under `fixtures/` again with the programs that made them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment;
use crate::process::{require, root};

/// Runs every script of every folder of `fixtures/` (or of those that are named) in an environment of its own.
///
/// # Errors
/// - python or a pinned package is missing, or a script fails.
pub fn run(names: &[String]) -> Result<(), String> {
    for folder in folders()? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.is_empty() && !names.contains(&name) {
            continue;
        }
        let python = environment::with_packages(&name, &folder.join("requirements.txt"))?;
        for script in scripts(&folder)? {
            eprintln!("{}", script.display());
            require(Command::new(&python).arg(&script).current_dir(&folder))?;
        }
    }
    require(Command::new("git").args(["status", "--short", "fixtures"]).current_dir(root()))
}

fn folders() -> Result<Vec<PathBuf>, String> {
    let mut folders = entries(&root().join("fixtures"))?;
    folders.retain(|folder| folder.join("requirements.txt").exists());
    Ok(folders)
}

fn scripts(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut scripts = entries(folder)?;
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    Ok(scripts)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}
