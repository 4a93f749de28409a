//! What of a plan is done, waiting, running or failed: the store is asked first, then the queue.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Job, Jobs, PlannedTask, Record, STAGES, logs};
use crate::store::Store;
use crate::{Error, Execution};

/// Where one stage stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageStatus {
    /// Its name.
    pub stage: String,
    /// Tasks in all.
    pub all: usize,
    /// Tasks with a result that is whole.
    pub done: usize,
    /// Results that are there and not whole, and what was found.
    pub damaged: Vec<String>,
    /// Shares that wait in the queue.
    pub pending: usize,
    /// Shares that run.
    pub running: usize,
    /// Shares that were submitted, are gone from the queue, and left tasks without a result.
    pub failed: Vec<Progressed>,
}

/// A share that ended without its results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progressed {
    /// Which.
    pub share: usize,
    /// Its log.
    pub log: PathBuf,
    /// The last line of it.
    pub said: String,
}

/// Where every stage stands; `queue` has the state of each element, such as `17_3`, as Slurm spells it.
///
/// # Errors
/// - [`Error::Unusable`] if there is no plan.
pub fn status(
    output: &Path,
    execution: &Execution,
    queue: &BTreeMap<String, String>,
) -> Result<Vec<StageStatus>, Error> {
    let record = Record::read(output)?;
    let store = Store::join(&record.store(execution))?;
    let jobs = Jobs::read(output)?;
    let mut found: Vec<StageStatus> = STAGES
        .iter()
        .map(|stage| {
            let (mut status, known) = counted(&record, &store, stage);
            let own = || jobs.0.iter().filter(|job| job.stage == *stage);
            // What was divided in another way before counts while it is in the queue.
            let newest = own().next_back().map_or(1, |job| job.of);
            let shares = record.shares(stage, newest);
            let mut jobs_of: BTreeMap<(usize, usize), Vec<&Job>> = BTreeMap::new();
            for job in own() {
                job.shares.iter().for_each(|share| jobs_of.entry((job.of, *share)).or_default().push(job));
            }
            for ((of, share), jobs) in jobs_of {
                let element = |job: &Job| format!("{}_{}", job.id, share - job.first);
                let states = || jobs.iter().filter_map(|job| queue.get(&element(job)));
                let state = states().find(|state| is_running(state)).or(states().next());
                if state.is_none() && of != newest {
                    continue;
                }
                let is_done = || {
                    let own = shares.get(share).into_iter().flatten();
                    own.into_iter().all(|task| known.contains(task.key.as_str()))
                };
                let last = jobs.last().map(|job| element(job)).unwrap_or_default();
                status.count(share, state, is_done, logs(output).join(format!("{stage}_{last}.log")));
            }
            status
        })
        .collect();
    let (mut statistics, _) = counted(&record, &store, "infer");
    if let Some(job) = jobs.0.iter().rfind(|job| job.stage == "merge") {
        let own = queue.iter().find(|(element, _)| element.split('_').next() == Some(job.id.as_str()));
        let (done, log) = (statistics.done == statistics.all, format!("merge_{}.log", job.id));
        statistics.count(0, own.map(|(_, state)| state), || done, logs(output).join(log));
    }
    found.push(statistics);
    Ok(found)
}

/// A stage with nothing in the queue, and the keys of what is done or damaged: no log says more of those.
fn counted<'a>(record: &'a Record, store: &Store, stage: &str) -> (StageStatus, BTreeSet<&'a str>) {
    let tasks: Vec<&PlannedTask> = record.stage(stage).iter().collect();
    let asked: Vec<_> = tasks.par_iter().map(|task| store.is_whole(&task.kind, &task.key)).collect();
    let (mut known, mut done, mut damaged) = (BTreeSet::new(), 0, Vec::new());
    for (task, is_whole) in tasks.iter().zip(asked) {
        if !matches!(is_whole, Ok(false)) {
            known.insert(task.key.as_str());
        }
        done += usize::from(matches!(is_whole, Ok(true)));
        damaged.extend(is_whole.err().map(|error| match error {
            Error::Store { path, reason } => format!("{}: {reason}", path.display()),
            error => error.to_string(),
        }));
    }
    let status = StageStatus {
        stage: stage.to_owned(),
        all: tasks.len(),
        done,
        damaged,
        pending: 0,
        running: 0,
        failed: Vec::new(),
    };
    (status, known)
}

/// Whether Slurm says that an element runs.
fn is_running(state: &str) -> bool {
    matches!(state, "RUNNING" | "COMPLETING")
}

impl StageStatus {
    /// Counts a share by its state in the queue, or by its results once it is gone from there.
    fn count(&mut self, share: usize, state: Option<&String>, is_done: impl Fn() -> bool, log: PathBuf) {
        match state.map(String::as_str) {
            Some(state) if is_running(state) => self.running += 1,
            Some(_) => self.pending += 1,
            None if is_done() => {}
            None => self.failed.push(Progressed { share, said: last_line(&log), log }),
        }
    }
}

fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(|| "no log was written".to_owned(), str::to_owned)
}
