//! `OUT/plan.json`: the tasks of a study with what they need, and the files that decided them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gyrus_io::atomic;
use serde::{Deserialize, Serialize};

use super::{STAGES, Share, share};
use crate::inputs::{Inputs, KnownFiles, read_bytes};
use crate::plan::{Plan, Task, memory_on, speed};
use crate::store::Store;
use crate::{ByteSize, Error, Execution};

/// A plan as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of gyrus that made it.
    pub version: String,
    /// The study file.
    pub study: PathBuf,
    /// Bytes that the open inputs hold beside a task.
    pub open: u64,
    /// Operations that one thread of the machine that made it does in a second, by timing a few blocks.
    pub speed: f64,
    /// Where results go.
    store: PathBuf,
    /// Stages in order, the statistics last.
    pub stages: Vec<PlannedStage>,
    /// Digests of large files, valid while size and time of change stay the same.
    pub files: KnownFiles,
}

/// The tasks of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedStage {
    /// Its name.
    pub name: String,
    /// In the order in which one machine would run them.
    pub tasks: Vec<PlannedTask>,
}

/// What is known of a task before it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedTask {
    /// What it works on.
    pub label: String,
    /// The folder of its kind in the store.
    pub kind: String,
    /// Digest of all that decides its result.
    pub key: String,
    /// Peak memory in bytes, on one thread.
    pub memory: u64,
    /// What every further thread adds.
    #[serde(default)]
    pub per_thread: u64,
    /// Bytes of its result, more or less.
    pub disk: u64,
    /// Seconds on one thread of the machine that made the plan, a rough guess.
    pub seconds: f64,
    /// Tasks of a stage with the same number need each other, in order, and stay in one share.
    pub together: usize,
}

impl PlannedTask {
    /// Peak memory in bytes.
    pub(super) fn memory_on(&self, threads: usize) -> u64 {
        memory_on(threads, (self.memory, self.per_thread))
    }

    /// Whether its result is there and not cut short.
    pub(super) fn is_done(&self, store: &Store) -> bool {
        store.is_whole(&self.kind, &self.key).unwrap_or(false)
    }
}

const PROCESSORS: &str = "processors";

impl Record {
    pub(super) fn of(inputs: &Inputs, plan: &Plan, execution: &Execution) -> Result<Self, Error> {
        let absolute = |path: &Path| {
            std::path::absolute(path)
                .map_err(|error| Error::Read { path: path.to_owned(), reason: error.to_string() })
        };
        let speed = speed()?;
        let mut stages: BTreeMap<usize, PlannedStage> = BTreeMap::new();
        for (task, summary) in plan.tasks().iter().zip(plan.summaries(inputs)) {
            let place = STAGES.iter().position(|stage| *stage == summary.kind).unwrap_or(STAGES.len());
            let stage = stages
                .entry(place)
                .or_insert_with(|| PlannedStage { name: summary.kind.to_owned(), tasks: Vec::new() });
            stage.tasks.push(PlannedTask {
                label: summary.label,
                kind: summary.key.kind().to_owned(),
                key: summary.key.digest().to_owned(),
                memory: summary.memory,
                per_thread: summary.per_thread,
                disk: summary.disk,
                seconds: summary.operations / speed,
                together: match task {
                    // A baseline with layer 0 is judged beside the one without it.
                    Task::Baseline(baseline) => baseline.design,
                    _ => stage.tasks.len(),
                },
            });
        }
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            study: absolute(&inputs.resolved.path)?,
            open: inputs.memory(),
            speed,
            store: absolute(&execution.store.clone().unwrap_or_default())?,
            stages: stages.into_values().collect(),
            files: inputs.files.clone(),
        })
    }

    /// The file of the plan of an output folder.
    #[must_use]
    pub fn path(output: &Path) -> PathBuf {
        output.join("plan.json")
    }

    pub(super) fn write(&self, output: &Path) -> Result<(), Error> {
        atomic::create_folder(output)?;
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        Ok(atomic::write(&Self::path(output), &text)?)
    }

    /// The plan of an output folder.
    ///
    /// # Errors
    /// - [`Error::Unusable`] if there is none, or it is not understood.
    pub fn read(output: &Path) -> Result<Self, Error> {
        let path = Self::path(output);
        let expected = "a plan; run `gyrus plan STUDY -o OUT` first".to_owned();
        if !path.is_file() {
            return Err(Error::Unusable { path, found: "no such file".to_owned(), expected });
        }
        let bytes = read_bytes(&path)?;
        serde_json::from_slice(&bytes).map_err(|error| Error::Unusable {
            path,
            found: error.to_string(),
            expected,
        })
    }

    /// The folder of results: the plan's, unless a flag names another.
    #[must_use]
    pub fn store(&self, execution: &Execution) -> PathBuf {
        execution.store.clone().unwrap_or_else(|| self.store.clone())
    }

    /// All tasks, in order.
    pub fn tasks(&self) -> impl Iterator<Item = &PlannedTask> {
        self.stages.iter().flat_map(|stage| &stage.tasks)
    }

    /// The tasks of a stage; none if there is no such stage.
    #[must_use]
    pub fn stage(&self, name: &str) -> &[PlannedTask] {
        self.stages.iter().find(|stage| stage.name == name).map_or(&[], |stage| &stage.tasks)
    }

    /// The tasks of a share: the same whatever is done already.
    #[must_use]
    pub fn share(&self, share: &Share) -> Vec<&PlannedTask> {
        self.shares(&share.stage, share.of).into_iter().nth(share.index).unwrap_or_default()
    }

    /// The tasks of all shares of a stage, of which there is at least one.
    #[must_use]
    pub fn shares(&self, stage: &str, of: usize) -> Vec<Vec<&PlannedTask>> {
        let of = of.max(1);
        let units = self.units(stage);
        let mut share_of = vec![0; units.len()];
        for (share, own) in share::of(&units, of).into_iter().enumerate() {
            own.into_iter().for_each(|unit| share_of[unit] = share);
        }
        let mut shares = vec![Vec::new(); of];
        self.stage(stage).iter().for_each(|task| shares[share_of[task.together]].push(task));
        shares
    }

    /// Seconds of what stays together in a stage.
    pub(super) fn units(&self, stage: &str) -> Vec<f64> {
        let tasks = self.stage(stage);
        let mut units = vec![0.0; tasks.iter().map(|task| task.together + 1).max().unwrap_or(0)];
        tasks.iter().for_each(|task| units[task.together] += task.seconds);
        units
    }

    /// Fails where a task and the open inputs need more than a flag allows.
    pub(super) fn require_memory(&self, tasks: &[&PlannedTask], execution: &Execution) -> Result<(), Error> {
        let threads = execution.thread_count()?;
        let needed = |task: &PlannedTask| task.memory_on(threads) + self.open;
        let largest = tasks.iter().max_by_key(|task| needed(task));
        match (largest, execution.memory) {
            (Some(task), Some(allowed)) if needed(task) > allowed.get() => {
                let needed = ByteSize::new(needed(task));
                let (path, task) = (self.study.clone(), format!("{} {}", task.kind, task.label));
                Err(Error::Memory { path, task, needed, allowed })
            }
            _ => Ok(()),
        }
    }

    /// Fails unless every task of some stages is in the store.
    pub(super) fn require_done(&self, output: &Path, store: &Store, stages: &[&str]) -> Result<(), Error> {
        let missing = |stage: &&&str| {
            let tasks = self.stage(stage);
            let missing: Vec<&PlannedTask> =
                tasks.iter().filter(|task| !store.has_digest(&task.kind, &task.key)).collect();
            let first = missing.first()?;
            Some(format!("{} of {} tasks of {stage}, the first {}", missing.len(), tasks.len(), first.label))
        };
        let missing: Vec<String> = stages.iter().filter_map(|stage| missing(&stage)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::Unusable {
            path: output.to_owned(),
            found: format!("no result yet of {}", missing.join("; ")),
            expected: "all of them; see `gyrus status OUT`, then run them with `gyrus submit OUT` or `gyrus task OUT`"
                .to_owned(),
        })
    }

    /// Remembers on what kind of processor tasks ran.
    pub(super) fn note_processor(&self, output: &Path) -> Result<(), Error> {
        let folder = output.join(PROCESSORS);
        atomic::create_folder(&folder)?;
        let name = crate::outputs::processor();
        let letters: String =
            name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        Ok(atomic::write(&folder.join(letters), format!("{name}\n").as_bytes())?)
    }

    /// Kinds of processors that tasks ran on.
    pub(super) fn processors(&self, output: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(output.join(PROCESSORS)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).collect();
        names.sort_unstable();
        names.iter().map(|name| name.trim().to_owned()).collect()
    }
}
