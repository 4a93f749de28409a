//! `cargo xtask bench page`: page, tables and figures of a study of 100,000 voxels, 12 layers and 20 participants, written again.

use std::path::Path;
use std::process::Command;

use super::peers::python;
use crate::process::{cargo, require, root, watch};

/// Seconds, MiB and MB that may be taken.
const REACH: (f64, f64, f64) = (10.0, 1024.0, 3.0);

/// Enlarges the results of a study (`gyrus demo`, unless another folder is named), writes its report and prints time, memory and the
/// size of the page.
///
/// # Errors
/// - no Python, a program that does not build, or a study that is not of voxels.
pub fn run(study: Option<&str>) -> Result<(), String> {
    require(cargo().args(["build", "--release", "--package", "gyrus-cli"]))?;
    let program = root().join("target/release/gyrus");
    let demo = root().join("target/bench/demo");
    if study.is_none() && !demo.join("report/index.html").is_file() {
        require(Command::new(&program).arg("demo").arg(&demo))?;
    }
    let study = study.map_or(demo, |named| Path::new(named).to_owned());
    let large = root().join("target/bench/page");
    require(python().arg(root().join("benches/page/enlarge.py")).arg(study).arg(&large))?;
    let usage = watch(Command::new(&program).arg("report").arg(&large))?;
    let page = large.join("report/index.html");
    let size = std::fs::metadata(&page).map_err(|error| format!("{}: {error}", page.display()))?.len();
    println!("wall [s]\tpeak memory [MiB]\tpage [MB]");
    println!("{:.1}\t{:.0}\t{:.2}", usage.wall, usage.memory as f64 / 1_048_576.0, size as f64 / 1e6);
    println!("to reach: below {} s, {} MiB and {} MB", REACH.0, REACH.1, REACH.2);
    Ok(())
}
