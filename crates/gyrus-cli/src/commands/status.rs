//! `gyrus status`: what of a plan is done, from the store; what waits or runs, from one question to Slurm.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

use gyrus::Execution;
use gyrus::cluster::Jobs;

use crate::Failure;
use crate::printer::print;

/// Arguments of `gyrus status`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the results, where `gyrus plan` wrote its plan
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Folder of intermediate results, if not where the plan says
    #[arg(long)]
    store: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let execution = Execution { store: arguments.store.clone(), ..Execution::default() };
    let jobs = Jobs::read(&arguments.output)?;
    let queue = if jobs.0.is_empty() { BTreeMap::new() } else { queue()? };
    let stages = gyrus::cluster::status(&arguments.output, &execution, &queue)?;
    let mut text = format!(
        "{:10}{:>8}{:>8}{:>10}{:>10}{:>8}\n",
        "stage", "tasks", "done", "pending", "running", "failed"
    );
    for stage in &stages {
        let _ = writeln!(
            text,
            "{:10}{:>8}{:>8}{:>10}{:>10}{:>8}",
            stage.stage,
            stage.all,
            stage.done,
            stage.pending,
            stage.running,
            stage.failed.len()
        );
    }
    for stage in &stages {
        for damaged in &stage.damaged {
            let _ = writeln!(text, "{}: a damaged result: {damaged}", stage.stage);
        }
        for failed in &stage.failed {
            let (stage, share) = (&stage.stage, failed.share);
            let _ = writeln!(text, "{stage} {share}: {} ({})", failed.said, failed.log.display());
        }
    }
    if stages.iter().any(|stage| !(stage.failed.is_empty() && stage.damaged.is_empty())) {
        let _ = writeln!(text, "`gyrus submit` hands in again what has no result.");
    }
    print(text)
}

/// The state of every element in the queue, `17_3` to `RUNNING`.
///
/// # Errors
/// - Slurm does not answer: what waits or runs could not be told from what failed.
pub(super) fn queue() -> Result<BTreeMap<String, String>, Failure> {
    let wrong = |reason: String| {
        Failure::Input(format!(
            "squeue: found {reason}, expected the jobs of this user; run this where Slurm's commands are, and when its controller answers"
        ))
    };
    let asked = Command::new("squeue").args(["--noheader", "--array", "--me", "--format=%F_%K %T"]).output();
    let answer = asked.map_err(|error| wrong(error.to_string()))?;
    if !answer.status.success() {
        return Err(wrong(format!("`{}`", String::from_utf8_lossy(&answer.stderr).trim())));
    }
    let lines = String::from_utf8_lossy(&answer.stdout);
    let element = |line: &str| {
        let (element, state) = line.trim().split_once(' ')?;
        Some((element.to_owned(), state.trim().to_owned()))
    };
    Ok(lines.lines().filter_map(element).collect())
}
