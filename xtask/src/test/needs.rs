//! What a suite needs beyond Rust, told by the first part of its name, and how it is found.

use std::path::Path;

use crate::environment;
use crate::fetch;
use crate::process::{recordings, root};
use crate::web;

/// Environment variables for a suite, by its name (`package::suite`).
///
/// # Errors
/// - what it needs is not here: the reason, for people to read.
pub fn provide(suite: &str) -> Result<Vec<(String, String)>, String> {
    let folder = recordings();
    let data = std::fs::canonicalize(&folder).unwrap_or(folder);
    let mut environment = vec![("GYRUS_DATA".to_owned(), data.display().to_string())];
    let name = suite.rsplit("::").next().unwrap_or(suite);
    if name.starts_with("recordings_") {
        require_recordings(&data)?;
    }
    if name.starts_with("downloads_") {
        let language_model = fetch::minilm(&root().join("target"))?;
        let folder = language_model.parent().unwrap_or(&language_model);
        environment.push(("GYRUS_TEST_MODELS".to_owned(), folder.display().to_string()));
    }
    if name.starts_with("slurm_") {
        require_recordings(&data)?;
        debian(&["slurmctld", "slurmd", "sbatch", "munged"], &["slurm-wlm", "munge"])?;
    }
    if name.starts_with("workflow_") {
        let list = root().join("crates/gyrus-cli/tests").join(name).join("requirements.txt");
        environment.push(("GYRUS_SNAKEMAKE".to_owned(), snakemake(&list)?));
    }
    if name.starts_with("browser_") {
        environment.push(("GYRUS_CHROMIUM".to_owned(), chromium()?));
        node()?;
        let rules = web::packages()?.join("axe-core/axe.min.js");
        environment.push(("GYRUS_AXE".to_owned(), rules.display().to_string()));
    }
    Ok(environment)
}

fn require_recordings(data: &Path) -> Result<(), String> {
    for part in ["data", "models"] {
        if !data.join(part).is_dir() {
            return Err(format!("no folder {} in {}: set GYRUS_DATA", part, data.display()));
        }
    }
    Ok(())
}

/// Snakemake in an environment of its own.
fn snakemake(list: &Path) -> Result<String, String> {
    let python = environment::with_packages("snakemake", list)?;
    Ok(python.with_file_name("snakemake").display().to_string())
}

/// Programs of Debian packages, which are installed on machines that only test (`CI=true`).
fn debian(programs: &[&str], packages: &[&str]) -> Result<(), String> {
    let missing = || programs.iter().find(|program| !is_installed(program));
    if missing().is_some() && std::env::var_os("CI").is_some_and(|ci| ci == "true") {
        let apt = |words: &[&str]| {
            let mut apt = std::process::Command::new("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "-y"]).args(words);
            apt.stdout(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
        };
        let install = [&["install", "--no-install-recommends"], packages].concat();
        // Lists of packages may be missing or old.
        let _ = apt(&install) || (apt(&["update"]) && apt(&install));
    }
    match missing() {
        None => Ok(()),
        Some(program) => Err(format!("no {program}: install the packages {}", packages.join(" and "))),
    }
}

/// Node and its npm, with which the viewer in three dimensions and the rules of accessibility come.
///
/// # Errors
/// - they are not here.
pub fn node() -> Result<(), String> {
    debian(&["node", "npm"], &["nodejs", "npm"])
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([Path::new("/usr/sbin").to_owned()]);
    folders.map(|folder| folder.join(program)).any(|file| file.is_file())
}

/// Where Chromium is.
fn chromium() -> Result<String, String> {
    let names = ["chromium", "chromium-browser"];
    if !names.iter().any(|name| is_installed(name)) {
        debian(&["chromium"], &["chromium"])?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    let found = files.find(|file| file.is_file());
    Ok(found.ok_or("no chromium on the PATH: install the package chromium")?.display().to_string())
}
