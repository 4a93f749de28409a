//! Simulated cohorts: what other programs read in them is what is written, and the bytes depend on settings alone.
#![allow(clippy::unwrap_used)]

mod bytes;
mod golden;
mod refused;

use std::path::{Path, PathBuf};

use gyrus::simulate::{Damage, Settings, Simulated, Size, simulate};
use gyrus::{Error, Execution, Silent};

/// The cohort of `fixtures/simulate`: a participant without physiology, one with a row too many, and a missing run.
fn small() -> Settings {
    Settings {
        participants: 3,
        size: Size::Voxels(800),
        seed: 7,
        damage: Damage { without_physio: vec![2], extra_confounds_row: vec![3], missing_runs: vec![(3, 2)] },
        ..Settings::new().unwrap()
    }
}

fn write(folder: &Path, settings: &Settings, threads: usize) -> Result<Simulated, Error> {
    let execution = Execution { threads: Some(threads), ..Execution::default() };
    simulate(folder, settings, &execution, &Silent)
}

/// All files below a folder, relative to it, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    let mut found: Vec<PathBuf> =
        found.iter().map(|path| path.strip_prefix(folder).unwrap().to_owned()).collect();
    found.sort();
    found
}
