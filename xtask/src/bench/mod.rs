//! `cargo xtask bench`: what studies take, seen rather than asserted.

mod cluster;
mod models;
mod page;
mod peers;
mod python;
mod volumes;

use crate::process::{Usage, cargo, require, root, watch};

/// Runs the Alice study from an empty folder and prints time and memory.
///
/// # Errors
/// - the program does not build, or the study fails.
pub fn run(arguments: &[String]) -> Result<(), String> {
    match arguments.first().map(String::as_str) {
        Some("cluster") => return cluster::run(),
        Some("models") => return models::run(&arguments[1..]),
        Some("peers") => return peers::run(&arguments[1..]),
        Some("page") => return page::run(arguments.get(1).map(String::as_str)),
        Some("python") => return python::run(),
        Some("voxels") => return volumes::run(),
        _ => {}
    }
    if let Some(unknown) = arguments.first() {
        return Err(format!(
            "found `{unknown}`, expected no argument, `cluster`, `models`, `page`, `peers`, `python` or `voxels`"
        ));
    }
    require(cargo().args(["build", "--release", "--package", "gyrus-cli"]))?;
    println!("study\twall [s]\tprocessor [s]\tpeak memory [MiB]");
    for study in ["alice/study.toml", "alice/published.toml"] {
        let usage = analyze(study)?;
        println!(
            "{study}\t{:.1}\t{:.1}\t{:.0}",
            usage.wall,
            usage.processor,
            usage.memory as f64 / 1_048_576.0
        );
    }
    Ok(())
}

fn analyze(study: &str) -> Result<Usage, String> {
    let output = root().join("target/bench").join(study.replace(['/', '.'], "-"));
    if output.exists() {
        std::fs::remove_dir_all(&output).map_err(|error| format!("{}: {error}", output.display()))?;
    }
    let mut command = std::process::Command::new(root().join("target/release/gyrus"));
    command.arg("analyze").arg(root().join("examples").join(study)).arg("-o").arg(&output);
    watch(command.args(["--threads", "2"]))
}
