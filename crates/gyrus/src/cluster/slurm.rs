//! Job scripts for Slurm: an array per stage, each after those that it needs, and one job that brings all together.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use gyrus_io::atomic;
use serde::{Deserialize, Serialize};

use super::{PlannedTask, Record, STAGES, logs, share};
use crate::inputs::read_bytes;
use crate::store::Store;
use crate::{Error, Execution};

/// What is asked of the cluster.
#[derive(Debug, Clone)]
pub struct SlurmRequest {
    /// The program to run.
    pub program: PathBuf,
    /// Partition; the cluster's default when absent.
    pub partition: Option<String>,
    /// Whom it is charged to.
    pub account: Option<String>,
    /// Most elements of an array that run at a time.
    pub array_limit: Option<usize>,
    /// Time limit of a job as Slurm spells it.
    pub time: String,
    /// Seconds that a share should take, more or less.
    pub share: f64,
    /// Cores of a job.
    pub threads: usize,
    /// Further lines for sbatch, such as `--qos=long`.
    pub options: Vec<String>,
    /// Elements that an array may have (MaxArraySize).
    pub most_elements: usize,
    /// Where results go, if not where the plan says.
    pub execution: Execution,
}

/// One script and what it works on.
#[derive(Debug, Clone, PartialEq)]
pub struct JobScript {
    /// Stage, or `merge`.
    pub stage: String,
    /// Shares that are run, of how many; empty for `merge`.
    pub shares: Vec<usize>,
    /// Of how many.
    pub of: usize,
    /// Its text, but for the jobs that it waits for.
    pub text: String,
    /// Stages whose jobs come first.
    pub after: Vec<String>,
    /// Seconds of its longest task that is not done on the cores of a job, more or less; 0 if all are.
    pub longest: f64,
}

impl JobScript {
    /// Whether its longest task would not end before a job with such a time limit is told to.
    #[must_use]
    pub fn is_too_long(&self, time: &str) -> bool {
        self.longest > 0.0 && seconds_of(time).is_some_and(|limit| self.longest > limit - WARNED)
    }
}

/// A job that was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Stage, or `merge`.
    pub stage: String,
    /// What Slurm calls it.
    pub id: String,
    /// The share of element 0 of its array.
    pub first: usize,
    /// Shares that it runs.
    pub shares: Vec<usize>,
    /// Of how many.
    pub of: usize,
}

/// `OUT/jobs.json`: what was submitted, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jobs(pub Vec<Job>);

impl Jobs {
    fn path(output: &Path) -> PathBuf {
        output.join("jobs.json")
    }

    /// What was submitted for an output folder so far.
    ///
    /// # Errors
    /// - [`Error::Unusable`] if the file is there and not understood.
    pub fn read(output: &Path) -> Result<Self, Error> {
        let path = Self::path(output);
        if !path.is_file() {
            return Ok(Self::default());
        }
        let expected = "what `gyrus submit` wrote; remove the file to forget those jobs".to_owned();
        serde_json::from_slice(&read_bytes(&path)?).map_err(|error| Error::Unusable {
            path,
            found: error.to_string(),
            expected,
        })
    }

    /// Adds a job.
    ///
    /// # Errors
    /// - [`Error::Write`] if the file cannot be written.
    pub fn add(&mut self, output: &Path, job: Job) -> Result<(), Error> {
        self.0.push(job);
        Ok(atomic::write(&Self::path(output), &serde_json::to_vec_pretty(self).unwrap_or_default())?)
    }
}

/// Scripts for what a plan still needs: arrays of shares, split where they are too long, then `merge`.
///
/// # Errors
/// - [`Error::Read`] if the current folder is not known.
pub fn scripts(record: &Record, output: &Path, request: &SlurmRequest) -> Result<Vec<JobScript>, Error> {
    let store = Store::join(&record.store(&request.execution))?;
    let output = std::path::absolute(output)
        .map_err(|error| Error::Read { path: output.to_owned(), reason: error.to_string() })?;
    let mut scripts = Vec::new();
    let mut needed: Vec<String> = Vec::new();
    for (place, stage) in STAGES.iter().enumerate() {
        let tasks = record.stage(stage);
        let of = share::count(&record.units(stage), request.threads, request.share);
        let shares = record.shares(stage, of);
        let longest_of: Vec<Option<f64>> =
            shares.iter().map(|share| longest_missing(share, &store)).collect();
        let missing: Vec<usize> = (0..of).filter(|index| longest_of[*index].is_some()).collect();
        let memory = largest(tasks, request) + record.open;
        // Responses and activations are made beside each other; what comes later needs both.
        let after: Vec<String> = if place < 2 { Vec::new() } else { needed.clone() };
        let mut rest = missing.as_slice();
        while let Some(first) = rest.first().copied() {
            let length = rest.iter().take_while(|index| **index < first + request.most_elements).count();
            let (some, later) = rest.split_at(length);
            rest = later;
            let longest = some.iter().filter_map(|index| longest_of[*index]).fold(0.0, f64::max);
            scripts.push(JobScript {
                stage: (*stage).to_owned(),
                shares: some.to_vec(),
                of,
                text: array(&output, request, (stage, memory), (some, first, of)),
                after: after.clone(),
                longest: longest / request.threads as f64,
            });
        }
        if !missing.is_empty() {
            needed.push((*stage).to_owned());
        }
    }
    let statistics: Vec<&PlannedTask> = record.stage("infer").iter().collect();
    scripts.push(JobScript {
        stage: "merge".to_owned(),
        shares: Vec::new(),
        of: 0,
        text: merge(&output, request, largest(record.stage("infer"), request) + record.open),
        after: needed,
        longest: longest_missing(&statistics, &store).unwrap_or(0.0) / request.threads as f64,
    });
    Ok(scripts)
}

/// Seconds on one thread of the longest of some tasks that is not done; `None` where all are.
fn longest_missing(tasks: &[&PlannedTask], store: &Store) -> Option<f64> {
    tasks.iter().filter(|task| !task.is_done(store)).map(|task| task.seconds).reduce(f64::max)
}

/// What the largest of some tasks holds on the threads of a job.
fn largest(tasks: &[PlannedTask], request: &SlurmRequest) -> u64 {
    tasks.iter().map(|task| task.memory_on(request.threads)).max().unwrap_or(0)
}

/// Seconds of a time limit as Slurm spells it: `MIN`, `MIN:SEC`, `H:MIN:SEC`, `D-H`, `D-H:MIN` or `D-H:MIN:SEC`; `None` for
/// what it takes for no limit, or does not know.
fn seconds_of(limit: &str) -> Option<f64> {
    let (days, rest) = match limit.split_once('-') {
        Some((days, rest)) => (Some(days.parse::<u32>().ok()?), rest),
        None => (None, limit),
    };
    let parts: Vec<u32> = rest.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = match (days, parts.as_slice()) {
        (Some(_), [hours]) => [*hours, 0, 0],
        (Some(_), [hours, minutes]) => [*hours, *minutes, 0],
        (None, [minutes]) => [0, *minutes, 0],
        (None, [minutes, seconds]) => [0, *minutes, *seconds],
        (_, [hours, minutes, seconds]) => [*hours, *minutes, *seconds],
        _ => return None,
    };
    let hours = 24.0 * f64::from(days.unwrap_or(0)) + f64::from(hours);
    let limit = 3600.0 * hours + 60.0 * f64::from(minutes) + f64::from(seconds);
    Some(limit).filter(|limit| *limit > 0.0)
}

/// Seconds before its time limit at which a job is told.
const WARNED: f64 = 60.0;

/// What a job's share of the machine must hold beside tasks: the program, threads' buffers, the page cache that counts.
const MARGIN: u64 = 512 << 20;

fn head(output: &Path, request: &SlurmRequest, (stage, memory): (&str, u64)) -> String {
    let mut text = "#!/bin/sh\n".to_owned();
    let mut line = |option: &str| {
        let _ = writeln!(text, "#SBATCH {option}");
    };
    line(&format!("--job-name=gyrus-{stage}"));
    line(&format!("--cpus-per-task={}", request.threads));
    line(&format!("--mem={}M", (memory + memory / 4 + MARGIN).div_ceil(1 << 20)));
    line(&format!("--time={}", request.time));
    // Tasks that are done by then stay done; the store never holds half of one.
    line(&format!("--signal=B:INT@{WARNED}"));
    line("--requeue");
    line("--open-mode=append");
    if let Some(partition) = &request.partition {
        line(&format!("--partition={partition}"));
    }
    if let Some(account) = &request.account {
        line(&format!("--account={account}"));
    }
    request.options.iter().for_each(|option| line(option));
    line(&format!("--chdir={}", escaped(output).replace("%%", "%")));
    text
}

fn array(
    output: &Path,
    request: &SlurmRequest,
    (stage, memory): (&str, u64),
    (shares, first, of): (&[usize], usize, usize),
) -> String {
    let mut text = head(output, request, (stage, memory));
    let limit = request.array_limit.map(|limit| format!("%{limit}")).unwrap_or_default();
    let elements: Vec<usize> = shares.iter().map(|share| share - first).collect();
    let _ = writeln!(text, "#SBATCH --array={}{limit}", ranges(&elements));
    let _ = writeln!(text, "#SBATCH --output={}/{stage}_%A_%a.log", escaped(&logs(output)));
    let command = format!(
        "{} task {} --stage {stage} --index $((SLURM_ARRAY_TASK_ID + {first})) --of {of} {}",
        quoted(&request.program),
        quoted(output),
        flags(request)
    );
    text + &requeued(&command, "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}")
}

/// Times that a job goes back into the queue, for whatever reason, until its time limit ends it.
const REQUEUES: usize = 3;

/// A command that is asked to stop before the time limit, and whose element then waits for another turn: what it finished stays done.
fn requeued(command: &str, element: &str) -> String {
    format!(
        "late=\n\
         trap 'kill -INT \"$work\" 2>/dev/null; late=1' INT\n\
         {command} &\n\
         work=$!\n\
         wait \"$work\"\n\
         code=$?\n\
         if [ -n \"$late\" ]; then\n\
         \x20 wait \"$work\"\n\
         \x20 code=$?\n\
         \x20 if [ \"$code\" -ne 0 ] && [ \"${{SLURM_RESTART_COUNT:-0}}\" -lt {REQUEUES} ]; then\n\
         \x20   echo \"the time limit is near: {element} goes back into the queue\" >&2\n\
         \x20   scontrol requeue \"{element}\" && sleep 60\n\
         \x20 fi\n\
         fi\n\
         exit \"$code\"\n"
    )
}

fn merge(output: &Path, request: &SlurmRequest, memory: u64) -> String {
    let mut text = head(output, request, ("merge", memory));
    let _ = writeln!(text, "#SBATCH --output={}/merge_%j.log", escaped(&logs(output)));
    let command = format!("{} merge {} {}", quoted(&request.program), quoted(output), flags(request));
    text + &requeued(&command, "${SLURM_JOB_ID}")
}

fn flags(request: &SlurmRequest) -> String {
    // Jobs start in the output folder.
    let absolute = |store: &PathBuf| std::path::absolute(store).unwrap_or_else(|_| store.clone());
    let store = request.execution.store.as_ref().map(absolute);
    let store = store.map(|store| format!(" --store {}", quoted(&store)));
    let memory = request.execution.memory.map(|memory| format!(" --memory '{memory}'"));
    let scratch =
        request.execution.scratch.as_ref().map(|scratch| format!(" --scratch {}", on_node(scratch)));
    format!(
        "--threads \"${{SLURM_CPUS_PER_TASK:-{}}}\"{}{}{}",
        request.threads,
        memory.unwrap_or_default(),
        store.unwrap_or_default(),
        scratch.unwrap_or_default()
    )
}

/// Numbers as Slurm lists them: 0-3,7.
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let run = |run: &[usize]| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    };
    runs.map(run).collect::<Vec<_>>().join(",")
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// A path as one word of a shell, which puts the node's variables into it, such as `$SLURM_TMPDIR`.
fn on_node(path: &Path) -> String {
    let text = path.display().to_string();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('`', "\\`"))
}

/// A path in a line for sbatch, which takes `%` for a pattern, and words apart at spaces.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace('\\', "\\\\").replace('%', "%%").replace(' ', "\\ ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_as_slurm_and_shells_read_them() {
        assert_eq!(ranges(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(ranges(&[4]), "4");
        assert_eq!(quoted(Path::new("/a b/it's")), "'/a b/it'\\''s'");
    }

    #[test]
    fn time_limits_as_slurm_spells_them() {
        let known = [
            ("90", 5400),
            ("2:30", 150),
            ("04:00:00", 14_400),
            ("1-2", 93_600),
            ("1-2:30", 95_400),
            ("0-0:0:5", 5),
        ];
        for (limit, seconds) in known {
            assert_eq!(seconds_of(limit), Some(f64::from(seconds)), "{limit}");
        }
        for limit in ["UNLIMITED", "0", "", "1:2:3:4", "1-", "-5"] {
            assert_eq!(seconds_of(limit), None, "{limit}");
        }
    }
}
