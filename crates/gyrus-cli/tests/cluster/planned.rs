//! A study with its plan, and its shares as commands.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::program::{Ran, gyrus};
use super::study::Study;

/// Stages in the order in which they can run.
pub const STAGES: [&str; 4] = ["prepare", "extract", "baseline", "fit"];

pub fn plan(study: &Study, output: &str) -> Ran {
    plan_of(&study.path("study.toml"), &study.path(output))
}

pub fn plan_of(file: &Path, output: &Path) -> Ran {
    gyrus(&[Path::new("plan"), file, Path::new("-o"), output])
}

/// A share, such as `fit` 0 of 3.
pub fn task(study: &Study, output: &str, (stage, index, of): (&str, usize, usize)) -> Ran {
    let (output, index, of) = (study.path(output), index.to_string(), of.to_string());
    let words = ["task", output.to_str().unwrap(), "--stage", stage, "--index", &index, "--of", &of];
    gyrus(&words.map(Path::new))
}

pub fn merge(study: &Study, output: &str) -> Ran {
    gyrus(&[Path::new("merge"), &study.path(output)])
}

pub fn status(study: &Study, output: &str) -> String {
    gyrus(&[Path::new("status"), &study.path(output)]).succeeded().stdout
}

/// Everything that people read of a study: all files but the store, the plan, and what says how it ran.
pub fn results(study: &Study, output: &str) -> BTreeMap<String, Vec<u8>> {
    results_in(&study.path(output))
}

pub fn results_in(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if ["store", "processors", "plan.json", "provenance.json", ".gyrus-lock"].contains(&name.as_str())
            {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}
