//! Which layers of a language model carry what each piece of cortex carries, how sure can we be, and does depth in
//! the network follow depth in the brain?
//!
//! [`analyze`] goes from a study file to a report: [`inputs`] opens what the study names, [`plan`] lists the tasks,
//! the [`store`] keeps what is finished, and [`results`] is the answer as data.

pub mod brain;
pub mod cluster;
pub mod compare;
pub mod demo;
pub mod extract;
pub mod init;
pub mod inputs;
pub mod plan;
pub mod power;
pub mod recipes;
pub mod report;
pub mod results;
pub mod score;
pub mod simulate;
pub mod store;
pub mod study;
pub mod surface;
pub mod tables;
pub mod tasks;
pub mod volume;

mod counted;
mod error;
mod maps;
mod outputs;
mod packed;
mod progress;
mod serve;

use std::path::{Path, PathBuf};

pub use counted::counted;
pub use error::Error;
pub use gyrus_core::{ByteSize, RepetitionTime, Seconds};
pub use gyrus_encoding::simulate::Gradient;
pub use outputs::{figures, rewrite_figure, rewrite_report};
pub use packed::Packed;
pub use progress::{Progress, Silent};
pub use serve::Server;

use plan::{Machine, Plan};
use results::Results;
use store::Store;

/// Where and how fast; flags of a command win over the study file. Nothing in here changes a number.
#[derive(Debug, Clone, Default)]
pub struct Execution {
    /// Number of threads.
    pub threads: Option<usize>,
    /// Memory that may be used.
    pub memory: Option<ByteSize>,
    /// Folder of intermediate results.
    pub store: Option<PathBuf>,
    /// A folder of this machine, in which results are written before they are moved to the store.
    pub scratch: Option<PathBuf>,
}

/// More threads than any machine has cores are a slip of the pen.
const MOST_THREADS: usize = 1024;

impl Execution {
    /// The number of threads that is asked for here, all cores when none is; what a study file says is not known here.
    ///
    /// # Errors
    /// - [`Error::Threads`] if it is 0 or above 1,024.
    pub fn thread_count(&self) -> Result<usize, Error> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let found = self.threads.unwrap_or_else(cores);
        let possible = (1..=MOST_THREADS).contains(&found);
        if possible { Ok(found) } else { Err(no_threads(found, String::new())) }
    }
}

fn no_threads(found: usize, reason: String) -> Error {
    Error::Threads { found, most: MOST_THREADS, reason }
}

/// What `check` found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The plan in words.
    pub summary: String,
    /// What readers noticed but could live with.
    pub warnings: Vec<String>,
    /// What was done as it should be, and is worth a line.
    pub notes: Vec<String>,
}

/// From a study file to tables and report in `output`; what is already in the store is not done again.
///
/// # Errors
/// - the study file or a file that it names is missing, damaged or not what it says (with file, place and remedy),
/// - a recording is too short for its folds or its confounds, or the memory budget too small (before any work),
/// - the disk is full, or the user interrupts: finished tasks are kept.
pub fn analyze(
    study: &Path,
    output: &Path,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Results, Error> {
    let inputs = inputs::open(study, progress)?;
    let plan = Plan::of(&inputs)?;
    analyze_open(&(inputs, plan), output, execution, progress)
}

fn analyze_open(
    (inputs, plan): &(inputs::Inputs, Plan),
    output: &Path,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Results, Error> {
    let execution = resolve_execution(inputs, execution, output);
    let folder = store_folder(&execution, output);
    let known = folder.is_dir().then(|| Store::open(&folder)).transpose()?;
    require_possible(inputs, plan, known.as_ref(), &execution)?;
    let machine = Machine::new(&execution, progress)?;
    let _alone = outputs::claim(output)?;
    let store = match known {
        Some(store) => store,
        None => Store::open(&folder)?,
    };
    let store = store.with_scratch(execution.scratch.as_deref())?;
    if let (done @ 1.., all) = plan.done(inputs, &store) {
        progress.note(&format!("{done} of {all} tasks are finished already"));
    }
    plan.run(inputs, &store, &machine)?;
    for damaged in store.damaged() {
        progress.note(&format!("{damaged} was damaged: it was removed and computed again"));
    }
    progress.begin("writing the report");
    let results = plan.infer.results(&store)?;
    outputs::write(inputs, plan, (&store, &machine), output)?;
    progress.advance(1.0);
    Ok(results)
}

/// Opens everything that a study names, computes nothing, and describes the plan.
///
/// # Errors
/// - as [`analyze`], as far as the inputs are concerned.
pub fn check(
    study: &Path,
    output: Option<&Path>,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Checked, Error> {
    let inputs = inputs::open(study, progress)?;
    let plan = Plan::of(&inputs)?;
    let of_study = resolve_execution(&inputs, execution, output.unwrap_or(Path::new("")));
    require_possible(&inputs, &plan, None, &of_study)?;
    let threads = Machine::new(&of_study, progress)?.pool.current_num_threads();
    let is_known =
        output.is_some() || execution.store.is_some() || inputs.resolved.study.execution.store.is_some();
    let store = of_study.store.filter(|folder| is_known && folder.is_dir());
    let store = store.map(|folder| Store::open(&folder)).transpose()?;
    let mut warnings = inputs.warnings.clone();
    warnings.extend(outputs::warnings(&inputs));
    Ok(Checked {
        summary: plan::describe(&inputs, &plan, store.as_ref(), (threads, plan::speed()?)),
        warnings,
        notes: inputs.notes.clone(),
    })
}

/// What can be known to fail before any work.
fn require_possible(
    inputs: &inputs::Inputs,
    plan: &Plan,
    store: Option<&Store>,
    execution: &Execution,
) -> Result<(), Error> {
    tasks::require_freedom(inputs, &plan.designs)?;
    let allowed = execution.memory.unwrap_or(inputs.resolved.study.execution.memory);
    plan.require_memory(inputs, store, (execution.thread_count()?, allowed))
}

fn resolve_execution(inputs: &inputs::Inputs, flags: &Execution, output: &Path) -> Execution {
    let section = &inputs.resolved.study.execution;
    let stated = section.store.as_ref().map(|store| inputs.resolved.absolute(store));
    Execution {
        threads: flags.threads.or(section.threads),
        memory: flags.memory.or(Some(section.memory)),
        store: flags.store.clone().or(stated).or_else(|| Some(output.join("store"))),
        scratch: flags.scratch.clone(),
    }
}

fn store_folder(execution: &Execution, output: &Path) -> PathBuf {
    execution.store.clone().unwrap_or_else(|| output.join("store"))
}
