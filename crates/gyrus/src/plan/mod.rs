//! The order of stages, written here and nowhere else: prepare, extract, baseline, fit, infer.
//!
//! A plan is a list of tasks whose keys follow from the content of the inputs alone, so it can be printed,
//! divided over machines, or run here, before anything is computed.

mod describe;
mod designs;
mod speed;
mod task;

pub(crate) use describe::describe;
pub use designs::{Design, DesignRun, Member};
pub(crate) use speed::speed;
pub use task::Task;

use crate::inputs::{Inputs, OpenLanguageModel};
use crate::store::{Key, Store};
use crate::study::BaselineFeature;
use crate::tasks::{Baseline, Extract, Fit, Infer, Prepare, Training};
use crate::{Error, Execution, Progress};

/// Everything that a study needs done, in order.
pub struct Plan {
    /// People who heard the same runs.
    pub designs: Vec<Design>,
    /// One per usable recording.
    pub prepare: Vec<Prepare>,
    /// One per language model (and copy) and stimulus.
    pub extract: Vec<Extract>,
    /// What gains are taken over: one per design, and one per design and language model with its layer 0.
    pub baselines: Vec<Baseline>,
    /// One per design, language model (and copy), layer and alignment.
    pub fits: Vec<Fit>,
    /// One.
    pub infer: Infer,
}

/// What a plan shows of a task before it runs.
#[derive(Debug, Clone)]
pub struct TaskSummary {
    /// What kind of task.
    pub kind: &'static str,
    /// What it works on.
    pub label: String,
    /// Peak memory in bytes, on one thread.
    pub memory: u64,
    /// What every further thread adds.
    pub per_thread: u64,
    /// Size of its result in bytes, more or less.
    pub disk: u64,
    /// Floating-point operations, more or less.
    pub operations: f64,
    /// Its key.
    pub key: Key,
}

impl TaskSummary {
    /// Peak memory in bytes.
    #[must_use]
    pub fn memory_on(&self, threads: usize) -> u64 {
        memory_on(threads, (self.memory, self.per_thread))
    }
}

/// Peak memory of a task that holds so much on one thread, and so much more on each further one.
pub(crate) fn memory_on(threads: usize, (memory, per_thread): (u64, u64)) -> u64 {
    memory + per_thread * (threads.max(1) as u64 - 1)
}

impl Plan {
    /// Plans a study.
    ///
    /// # Errors
    /// - [`Error::Folds`] if a recording is too short for its folds.
    pub fn of(inputs: &Inputs) -> Result<Self, Error> {
        let designs = designs::group(inputs)?;
        let prepare: Vec<Prepare> = Prepare::all(inputs, &designs);
        let extract = plan_extract(inputs);
        let baselines = plan_baselines(inputs, &designs, &prepare, &extract);
        let fits = plan_fits(inputs, &designs, &prepare, &extract, &baselines);
        let infer = Infer::new(inputs, &prepare, &baselines, &fits);
        Ok(Self { designs, prepare, extract, baselines, fits, infer })
    }

    /// The tasks in the order in which they run.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task<'_>> {
        let prepare = self.prepare.iter().map(Task::Prepare);
        let extract = self.extract.iter().map(Task::Extract);
        let baselines = self.baselines.iter().map(Task::Baseline);
        let fits = self.fits.iter().flat_map(|fit| (0..fit.n_parts()).map(move |part| Task::Fit(fit, part)));
        prepare.chain(extract).chain(baselines).chain(fits).chain([Task::Infer(&self.infer)]).collect()
    }

    /// What they need, in the same order.
    #[must_use]
    pub fn summaries(&self, inputs: &Inputs) -> Vec<TaskSummary> {
        self.tasks().iter().map(|task| task.summary(inputs, self)).collect()
    }

    /// Fails before any work if a task that `store` does not have and the open inputs would need more memory than is allowed.
    ///
    /// # Errors
    /// - [`Error::Memory`] with what the largest task and the inputs need.
    pub fn require_memory(
        &self,
        inputs: &Inputs,
        store: Option<&Store>,
        (threads, allowed): (usize, gyrus_core::ByteSize),
    ) -> Result<(), Error> {
        let is_left = |task: &TaskSummary| store.is_none_or(|store| !store.has(&task.key));
        let largest =
            self.summaries(inputs).into_iter().filter(is_left).max_by_key(|task| task.memory_on(threads));
        match largest {
            Some(task) if task.memory_on(threads) + inputs.memory() > allowed.get() => {
                let needed = gyrus_core::ByteSize::new(task.memory_on(threads) + inputs.memory());
                let (path, task) = (inputs.resolved.path.clone(), format!("{} {}", task.kind, task.label));
                Err(Error::Memory { path, task, needed, allowed })
            }
            _ => Ok(()),
        }
    }

    /// How many tasks the store has already, of how many.
    #[must_use]
    pub fn done(&self, inputs: &Inputs, store: &Store) -> (usize, usize) {
        let summaries = self.summaries(inputs);
        (summaries.iter().filter(|task| store.has(&task.key)).count(), summaries.len())
    }

    /// Runs what the store does not have yet.
    ///
    /// # Errors
    /// - whatever a task returns; finished tasks stay in the store,
    /// - [`Error::Interrupted`] if the user asked to stop.
    pub fn run(&self, inputs: &Inputs, store: &Store, machine: &Machine<'_>) -> Result<(), Error> {
        let tasks = self.tasks();
        for stage in
            tasks.chunk_by(|left, right| std::mem::discriminant(left) == std::mem::discriminant(right))
        {
            machine.each(stage_name(&stage[0]), stage, |task| task.run(inputs, self, store, machine))?;
        }
        Ok(())
    }
}

fn stage_name(task: &Task<'_>) -> &'static str {
    match task {
        Task::Prepare(_) => "cleaning responses",
        Task::Extract(_) => "reading with the language models",
        Task::Baseline(_) => "fitting baselines",
        Task::Fit(..) => "fitting layers",
        Task::Infer(_) => "statistics",
    }
}

/// What tasks run on: threads, progress, and the wish to stop.
pub struct Machine<'a> {
    /// The pool that every kernel is handed.
    pub backend: gyrus_encoding::backend::Backend,
    /// The same pool, for language models.
    pub pool: std::sync::Arc<rayon::ThreadPool>,
    /// Where progress goes.
    pub progress: &'a dyn Progress,
}

impl<'a> Machine<'a> {
    /// A machine with the threads of an execution.
    ///
    /// # Errors
    /// - [`Error::Threads`] if none or too many are asked for, or the system starts no more.
    pub fn new(execution: &Execution, progress: &'a dyn Progress) -> Result<Self, Error> {
        let threads = execution.thread_count()?;
        let named = |index: usize| format!("gyrus-{index}");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(named).build();
        let pool = pool.map_err(|error| crate::no_threads(threads, format!(" ({error})")))?;
        let pool = std::sync::Arc::new(pool);
        let mut backend = gyrus_encoding::backend::Backend::cpu(pool.clone());
        if let Some(stop) = progress.stop() {
            backend = backend.stopped_by(stop);
        }
        Ok(Self { backend, pool, progress })
    }

    pub(crate) fn each<T>(
        &self,
        stage: &str,
        tasks: &[T],
        run: impl Fn(&T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.progress.begin(stage);
        for (done, task) in tasks.iter().enumerate() {
            if self.progress.is_interrupted() {
                return Err(Error::Interrupted);
            }
            run(task)?;
            self.progress.advance((done + 1) as f64 / tasks.len() as f64);
        }
        Ok(())
    }
}

fn plan_extract(inputs: &Inputs) -> Vec<Extract> {
    let mut tasks = Vec::new();
    for (language_model, open) in inputs.language_models.iter().enumerate() {
        let variants = [Training::Trained, Training::RandomEmbedding(0)];
        for training in variants.into_iter().chain(copies(open)) {
            for stimulus in 0..inputs.stimuli.len() {
                tasks.push(Extract::new(inputs, language_model, training, stimulus));
            }
        }
    }
    if let Some(language_model) = inputs.predicting() {
        let stimuli = 0..inputs.stimuli.len();
        tasks.extend(stimuli.map(|stimulus| Extract::predictions(inputs, language_model, stimulus)));
    }
    tasks
}

/// Copies of a language model that have its layers.
fn copies(open: &OpenLanguageModel) -> impl Iterator<Item = Training> {
    let untrained = (0..open.untrained_seeds()).map(Training::Untrained);
    untrained.chain((0..open.section.shuffled_seeds as u64).map(Training::Shuffled))
}

fn plan_baselines(
    inputs: &Inputs,
    designs: &[Design],
    prepare: &[Prepare],
    extract: &[Extract],
) -> Vec<Baseline> {
    let mut tasks = Vec::new();
    let with_layer_0 = inputs.resolved.study.encoding.baseline.contains(&BaselineFeature::Layer0);
    for design in 0..designs.len() {
        tasks.push(Baseline::low_level(inputs, designs, design, (prepare, extract)));
        for (language_model, open) in inputs.language_models.iter().enumerate() {
            if with_layer_0 && open.has_layer_0() {
                let of = (design, language_model);
                tasks.push(Baseline::with_layer_0(inputs, designs, of, (prepare, extract)));
            }
        }
    }
    tasks
}

fn plan_fits(
    inputs: &Inputs,
    designs: &[Design],
    prepare: &[Prepare],
    extract: &[Extract],
    baselines: &[Baseline],
) -> Vec<Fit> {
    let known = crate::tasks::Known { inputs, designs, prepare, extract, baselines };
    let mut tasks = Vec::new();
    for design in 0..designs.len() {
        for (language_model, open) in inputs.language_models.iter().enumerate() {
            tasks.push(Fit::random_embedding(&known, design, language_model));
            for layer in open.fitted_layers() {
                tasks.push(Fit::trained(&known, design, language_model, layer));
                tasks.extend(Fit::compared(&known, design, language_model, layer));
                for copy in copies(open) {
                    tasks.push(Fit::control(&known, (design, language_model), layer, copy));
                }
            }
        }
    }
    tasks
}
