//! `cargo xtask calibrate`: whether p values and intervals mean what they say, over many simulated data sets.

use crate::process::{cargo, require};

/// `[PART [COUNT]]`: simulates data sets without signal through the whole pipeline and prints rates, scores and coverage with
/// their standard errors over data sets. A part is one of targets, group, spectra, gains, intervals,
/// alice and depth.
///
/// # Errors
/// - the program does not build,
/// - a rate leaves its range, or what should be centred on 0 is not.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "gyrus", "--example", "calibrate", "--"]);
    require(command.args(arguments))
}
