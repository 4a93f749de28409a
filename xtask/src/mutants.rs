//! `cargo xtask mutants`: changes to the numerics that no test notices, by cargo-mutants.

use std::fs;

use crate::process::{cargo, require, root};

/// Tests that a change must fail: quick ones that say more first. Those of ridge and nulls take minutes without optimisation.
const QUICK: [&str; 5] = ["--lib", "--test", "kernels", "--test", "nulls"];
const ALL: [&str; 1] = ["--tests"];
/// Seconds after which tests of a change hang.
const PATIENCE: &str = "300";

/// `FILE…`: changes some files of `crates/gyrus-encoding/src`, one place at a time, and prints what the tests did not notice; what is
/// known of that is in docs/mutants.md. Needs `cargo install cargo-mutants`.
///
/// # Errors
/// - no file is named, or one that does not exist,
/// - cargo-mutants is missing,
/// - a change that no test notices.
pub fn run(files: &[String]) -> Result<(), String> {
    if files.is_empty() {
        return Err(
            "found no file, expected some of crates/gyrus-encoding/src, such as statistics/fdr.rs".to_owned()
        );
    }
    let source = root().join("crates/gyrus-encoding/src");
    let mut command = cargo();
    command.args(["mutants", "--package", "gyrus-encoding", "--profile", "mutants"]);
    command.args(["--timeout", PATIENCE, "--no-shuffle", "--colors", "never"]);
    for file in files {
        let path = source.join(file);
        fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        command.arg("--file").arg(format!("crates/gyrus-encoding/src/{file}"));
    }
    let is_quick = files.iter().all(|file| !file.starts_with("ridge") && !file.starts_with("nulls"));
    command.arg("--output").arg(root().join("target")).arg("--");
    require(command.args(if is_quick { &QUICK[..] } else { &ALL[..] }))
}
