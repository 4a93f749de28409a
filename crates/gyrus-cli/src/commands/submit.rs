//! `gyrus submit`: what a plan still needs, as arrays of Slurm jobs that wait for each other.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gyrus::Execution;
use gyrus::cluster::{Job, JobScript, Jobs, Record, SlurmRequest};

use super::ExecutionFlags;
use super::status::queue;
use crate::Failure;
use crate::printer::{print, say};

/// Arguments of `gyrus submit`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the results, where `gyrus plan` wrote its plan; all nodes must see it
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Partition [default: the cluster's]
    #[arg(long)]
    partition: Option<String>,
    /// Whom the jobs are charged to
    #[arg(long)]
    account: Option<String>,
    /// Most elements of an array that run at a time
    #[arg(long, value_name = "COUNT")]
    array_limit: Option<usize>,
    /// Time limit of a job, as Slurm spells it
    #[arg(long, default_value = "04:00:00")]
    time: String,
    /// How long a share should take, a rough guess; 0 for a job per task
    #[arg(long, value_name = "MINUTES", default_value_t = 30.0)]
    share_minutes: f64,
    /// A further option of sbatch, such as --sbatch=--qos=long; may be given again
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    /// Print the scripts and submit nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let record = Record::read(&arguments.output)?;
    let flags = arguments.execution.into_execution();
    let execution = Execution { threads: flags.threads.or(Some(1)), ..flags };
    let program = std::env::current_exe()
        .map_err(|error| Failure::Internal(format!("where the program is: {error}")))?;
    let request = SlurmRequest {
        program,
        partition: arguments.partition,
        account: arguments.account,
        array_limit: arguments.array_limit,
        time: arguments.time,
        share: 60.0 * arguments.share_minutes,
        threads: execution.thread_count()?,
        options: arguments.sbatch,
        most_elements: most_elements(),
        execution,
    };
    let scripts = gyrus::cluster::scripts(&record, &arguments.output, &request)?;
    let too_long = scripts.iter().filter(|script| script.is_too_long(&request.time)).collect::<Vec<_>>();
    for stage in too_long.chunk_by(|left, right| left.stage == right.stage) {
        warn(&stage[0].stage, stage.iter().map(|script| script.longest).fold(0.0, f64::max), &request);
    }
    if arguments.dry_run {
        return print(scripts.iter().map(shown).collect::<Vec<_>>().join("\n"));
    }
    let logs = arguments.output.join("logs");
    std::fs::create_dir_all(&logs)
        .map_err(|error| Failure::from(gyrus::Error::Write { path: logs, reason: error.to_string() }))?;
    submit(&arguments.output, &scripts)
}

fn warn(stage: &str, seconds: f64, request: &SlurmRequest) {
    let length = match seconds / 60.0 {
        minutes if minutes < 1.0 => "less than a minute".to_owned(),
        minutes => format!("about {minutes:.0} minutes"),
    };
    say(format_args!(
        "warning: the longest task of {stage} takes {length} with --threads {}, and jobs are told to end a minute before --time {}: give them more of either",
        request.threads, request.time
    ));
}

fn shown(script: &JobScript) -> String {
    let after = match script.after.as_slice() {
        [] => String::new(),
        stages => format!("# after all jobs of {}\n", stages.join(", ")),
    };
    format!("{after}{}", script.text)
}

fn submit(output: &Path, scripts: &[JobScript]) -> Result<(), Failure> {
    let mut jobs = Jobs::read(output)?;
    warn_of_queued(&jobs);
    let mut submitted: Vec<(String, String)> = Vec::new();
    for script in scripts {
        let waits = submitted.iter().filter(|(stage, _)| script.after.contains(stage));
        let ids: Vec<&str> = waits.map(|(_, id)| id.as_str()).collect();
        let id = sbatch(script, &ids)?;
        say(format_args!("{}: job {id}, {}", script.stage, elements(script)));
        let first = script.shares.first().copied().unwrap_or(0);
        let (stage, shares, of) = (script.stage.clone(), script.shares.clone(), script.of);
        jobs.add(output, Job { stage: stage.clone(), id: id.clone(), first, shares, of })?;
        submitted.push((stage, id));
    }
    print(format_args!("gyrus status {}\n", output.display()))
}

/// Says that what was submitted before still waits or runs: its work would be done twice.
fn warn_of_queued(jobs: &Jobs) {
    if jobs.0.is_empty() {
        return;
    }
    let is_own = |element: &&String| {
        let id = element.split('_').next();
        jobs.0.iter().any(|job| id == Some(job.id.as_str()))
    };
    // Where Slurm does not answer, sbatch says so.
    match queue().unwrap_or_default().keys().filter(is_own).count() {
        0 => {}
        count => say(format_args!(
            "warning: {count} shares of an earlier `gyrus submit` wait or run: what they do is done twice, unless you `scancel` them"
        )),
    }
}

fn elements(script: &JobScript) -> String {
    match script.shares.len() {
        0 => "statistics and report".to_owned(),
        1 => "1 share".to_owned(),
        count => format!("{count} of {} shares", script.of),
    }
}

/// Hands a script to sbatch and returns the number of the job.
fn sbatch(script: &JobScript, after: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new("sbatch");
    command.args(["--parsable", "--kill-on-invalid-dep=yes"]);
    if !after.is_empty() {
        command.arg(format!("--dependency=afterok:{}", after.join(":")));
    }
    let wrong = |reason: String| {
        Failure::Input(format!(
            "sbatch: found {reason}, expected the number of a job; run this where Slurm's commands are, or look at the scripts with --dry-run"
        ))
    };
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| wrong(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // What sbatch did not read, it complains about.
        let _ = stdin.write_all(script.text.as_bytes());
    }
    let ended = child.wait_with_output().map_err(|error| wrong(error.to_string()))?;
    let said = String::from_utf8_lossy(&ended.stdout);
    // With several clusters the number is followed by the name of one.
    let id = said.trim().split(';').next().unwrap_or_default().to_owned();
    if ended.status.success() && !id.is_empty() {
        return Ok(id);
    }
    Err(wrong(format!("`{}`", String::from_utf8_lossy(&ended.stderr).trim())))
}

/// Elements that an array may have, as the cluster says.
fn most_elements() -> usize {
    /// Slurm's own default is 1001, of which 1001 itself is no index.
    const DEFAULT: usize = 1000;
    let Ok(asked) = Command::new("scontrol").args(["show", "config"]).output() else { return DEFAULT };
    let text = String::from_utf8_lossy(&asked.stdout);
    let line = text.lines().find(|line| line.starts_with("MaxArraySize"));
    let size = line.and_then(|line| line.split('=').nth(1)?.trim().parse::<usize>().ok());
    size.map_or(DEFAULT, |size| size.saturating_sub(1).max(1))
}
