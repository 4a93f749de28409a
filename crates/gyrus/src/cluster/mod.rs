//! The same plan on many machines: written down once, worked off in shares, brought together at the end.
//!
//! A plan is the list of tasks that [`crate::analyze`] would run. [`plan`] writes it to `OUT/plan.json`; [`task`] does any
//! share of a stage, on any machine that sees the same folders; [`status`] says what is done; [`merge`] refuses an
//! incomplete study, or does what is left on one machine: statistics and report. Nodes never wait for each other and need
//! no locks: a task's result appears whole under the digest of what decides it, so that two machines that do the same
//! task end in one valid result.

mod course;
mod record;
mod share;
mod slurm;
mod status;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use course::{Course, Site, course};
pub use record::{PlannedStage, PlannedTask, Record};
pub use slurm::{Job, JobScript, Jobs, SlurmRequest, scripts};
pub use status::{Progressed, StageStatus, status};

use crate::inputs::{self, Inputs};
use crate::plan::{Machine, Plan, Task};
use crate::results::Results;
use crate::store::Store;
use crate::{Error, Execution, Progress};

/// The stages that machines share, in order; the statistics after them need everything.
pub const STAGES: [&str; 4] = ["prepare", "extract", "baseline", "fit"];

/// One part of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// One of [`STAGES`].
    pub stage: String,
    /// Which part, from 0.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

/// Opens everything that a study names and writes its plan to `output`; computes nothing.
///
/// # Errors
/// - as [`crate::check`],
/// - [`Error::Write`] if `output` cannot be written.
pub fn plan(
    study: &Path,
    output: &Path,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Record, Error> {
    execution.thread_count()?;
    let inputs = inputs::open(study, progress)?;
    let plan = Plan::of(&inputs)?;
    let record = Record::of(&inputs, &plan, &crate::resolve_execution(&inputs, execution, output))?;
    record.write(output)?;
    Ok(record)
}

/// Does the share of a stage that the store does not have yet, and returns how many tasks that were.
///
/// # Errors
/// - [`Error::Unusable`] if there is no plan, the study or its files have changed since it was made, or an earlier stage is
///   not done,
/// - whatever a task returns; finished tasks stay in the store.
pub fn task(
    output: &Path,
    share: &Share,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<usize, Error> {
    execution.thread_count()?;
    let record = Record::read(output)?;
    let place = STAGES.iter().position(|stage| *stage == share.stage);
    let (Some(place), true) = (place, share.index < share.of) else {
        let found = format!("share {} of {} of the stage `{}`", share.index, share.of, share.stage);
        let expected = format!("an index below the number of shares, of one of {}", STAGES.join(", "));
        return Err(Error::Unusable { path: output.to_owned(), found, expected });
    };
    let store = Store::join(&record.store(execution))?.with_scratch(execution.scratch.as_deref())?;
    // Responses and activations need no other stage; what follows needs all that comes before.
    record.require_done(output, &store, &STAGES[..if place < 2 { 0 } else { place }])?;
    let missing: Vec<&PlannedTask> =
        record.share(share).into_iter().filter(|task| !task.is_done(&store)).collect();
    if missing.is_empty() {
        return Ok(0);
    }
    record.require_memory(&missing, execution)?;
    let (inputs, plan) = open(output, &record, progress)?;
    let keys: BTreeSet<&str> = missing.iter().map(|task| task.key.as_str()).collect();
    let is_mine = |task: &Task<'_>| keys.contains(task.summary(&inputs, &plan).key.digest());
    let mine: Vec<Task<'_>> = plan.tasks().into_iter().filter(is_mine).collect();
    let machine = Machine::new(execution, progress)?;
    record.note_processor(output)?;
    machine.each(&share.stage, &mine, |task| task.run(&inputs, &plan, &store, &machine))?;
    Ok(mine.len())
}

/// Statistics and report of a study whose shared stages are done.
///
/// # Errors
/// - [`Error::Unusable`] with what is missing, or what has changed since the plan was made,
/// - as [`crate::analyze`].
pub fn merge(output: &Path, execution: &Execution, progress: &dyn Progress) -> Result<Results, Error> {
    let record = Record::read(output)?;
    let store = Store::join(&record.store(execution))?;
    record.require_done(output, &store, &STAGES)?;
    if let several @ 2.. = record.processors(output).len() {
        progress.note(&format!(
            "tasks ran on {several} types of processor ({}): numbers may differ in the last digits from those of one",
            record.processors(output).join("; ")
        ));
    }
    let opened = open(output, &record, progress)?;
    let execution = Execution { store: Some(record.store(execution)), ..execution.clone() };
    crate::analyze_open(&opened, output, &execution, progress)
}

/// The study of a plan, if it still gives the same plan.
fn open(output: &Path, record: &Record, progress: &dyn Progress) -> Result<(Inputs, Plan), Error> {
    let inputs = inputs::open_known(&record.study, &record.files, progress)?;
    let plan = Plan::of(&inputs)?;
    let now: Vec<String> = plan.summaries(&inputs).iter().map(|task| task.key.digest().to_owned()).collect();
    let planned: Vec<&String> = record.tasks().map(|task| &task.key).collect();
    let differ = planned.len() != now.len() || planned.iter().zip(&now).any(|(planned, now)| *planned != now);
    if differ {
        return Err(Error::Unusable {
            path: record.study.clone(),
            found:
                "a study that has changed since its plan was made, in the file itself or in one that it names"
                    .to_owned(),
            expected: format!(
                "the study of {}; undo the change, or run `gyrus plan` again: tasks that it does not touch stay done",
                Record::path(output).display()
            ),
        });
    }
    Ok((inputs, plan))
}

/// Where the output of jobs goes.
pub(crate) fn logs(output: &Path) -> PathBuf {
    output.join("logs")
}
