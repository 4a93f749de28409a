//! `cargo xtask calibrate`: whether p values mean what they say, over at least 100 simulated designs.

use crate::process::{cargo, require};

/// Simulates designs without signal through the whole pipeline and prints rates, scores and their standard errors over
/// designs. An argument is the number of designs per condition (nine conditions).
///
/// # Errors
/// - the program does not build,
/// - false positives leave .04 to .06, or scores less the means of their nulls differ from 0 by more than 2.5 standard errors.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "gyrus-encoding", "--example", "calibrate", "--"]);
    require(command.args(arguments))
}
