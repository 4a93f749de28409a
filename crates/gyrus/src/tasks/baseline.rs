//! Baseline: what is explained without the language model (or by its embedding), which gains are taken over.

use gyrus_core::InMemory;
use gyrus_encoding::ridge::{self, Alphas, AtEdge, Band, Choice, FoldChoices, Mixtures, RidgeSettings};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::extract::{Extract, Reading, Training, missing};
use super::features::{self, Binning};
use super::prepare::Prepare;
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Design, Machine, TaskSummary};
use crate::store::{Arrays, Digest, Key, Store};

/// A baseline of a design: the low-level features, and layer 0 of a language model if `language_model` is there.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Index of the design.
    pub design: usize,
    /// Index of the language model whose layer 0 is a further band.
    pub language_model: Option<usize>,
    /// The task that reads layer 0, per run of the design.
    layer_0: Vec<Extract>,
    /// The task that reads off surprisal and entropy, per run of the design, where the baseline has them.
    predictions: Vec<Extract>,
    /// The tasks that clean the responses, per participant and run.
    responses: Vec<Vec<Prepare>>,
    /// The low-level baseline that layer 0 is added to.
    low_level: Option<Box<Baseline>>,
    /// The key of its result.
    pub key: Key,
}

/// The baseline as fitted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedBaseline {
    /// Names of its bands.
    pub bands: Vec<String>,
    /// Penalties and mixtures per fold and target.
    pub choices: Vec<FoldChoices>,
}

/// Rises when the same features and responses would give other scores.
const NUMERICS_VERSION: u32 = 4;
const FIT: &str = "fit.json";
const SCORES: &str = "scores.safetensors";
/// How much of the kernel layer 0 may take: never nothing, or a contextual gain would hold what layer 0 carries.
const LAYER_0_SHARES: [f64; 4] = [0.1, 0.5, 0.9, 1.0];

impl Baseline {
    pub(crate) fn low_level(
        inputs: &Inputs,
        designs: &[Design],
        design: usize,
        (prepare, extract): (&[Prepare], &[Extract]),
    ) -> Self {
        Self::new(inputs, designs, (design, None), (prepare, extract))
    }

    pub(crate) fn with_layer_0(
        inputs: &Inputs,
        designs: &[Design],
        (design, language_model): (usize, usize),
        (prepare, extract): (&[Prepare], &[Extract]),
    ) -> Self {
        let low_level = Self::low_level(inputs, designs, design, (prepare, extract));
        let mut task = Self::new(inputs, designs, (design, Some(language_model)), (prepare, extract));
        let inputs = [task.key.as_input(), low_level.key.as_input()];
        task.key = Key::new("baseline", NUMERICS_VERSION, &"with layer 0", &inputs);
        task.low_level = Some(Box::new(low_level));
        task
    }

    fn new(
        inputs: &Inputs,
        designs: &[Design],
        (design, language_model): (usize, Option<usize>),
        (prepare, extract): (&[Prepare], &[Extract]),
    ) -> Self {
        let responses = responses_of(&designs[design], prepare);
        let layer_0 = match language_model {
            Some(index) => reads_of(&designs[design], extract, index, Training::Trained),
            None => Vec::new(),
        };
        let predictions = predictions_of(&designs[design], extract);
        let mut digests = input_digests(inputs, &designs[design], &responses);
        digests.extend(predictions.iter().map(|task| task.key.as_input()));
        digests.extend(layer_0.iter().map(|task| task.key.as_input()));
        let parameters = (design_parameters(inputs, &designs[design]), language_model.is_some());
        let key = Key::new("baseline", NUMERICS_VERSION, &parameters, &digests);
        Self { design, language_model, layer_0, predictions, responses, low_level: None, key }
    }

    pub(crate) fn summary(&self, inputs: &Inputs, designs: &[Design]) -> TaskSummary {
        let of = match self.language_model {
            Some(index) => {
                format!("low-level features and layer 0 of {}", inputs.language_models[index].name)
            }
            None => "low-level features".to_owned(),
        };
        let width = self.language_model.map_or(0, |index| inputs.language_models[index].width());
        let bands = features::low_level_names(inputs).len() + usize::from(self.language_model.is_some());
        let one = FitSize::of(inputs, &designs[self.design], width);
        let memory = fit_memory(inputs, &designs[self.design], width) + (bands as u64 + 1) * one.disk();
        TaskSummary {
            kind: "baseline",
            label: of,
            memory,
            disk: (bands as u64 + 1) * one.disk(),
            operations: (2 * bands + 1) as f64 * one.operations(),
            key: self.key.clone(),
        }
    }

    /// The bands of this baseline, drift not yet projected out.
    pub(super) fn bands(&self, inputs: &Inputs, design: &Design, store: &Store) -> Result<Vec<Band>, Error> {
        let bits = |stimulus: usize| read_of(&self.predictions, stimulus)?.bits(store);
        let mut bands = features::low_level(inputs, design, &bits)?;
        if self.language_model.is_some() {
            let vectors = |stimulus: usize| layer_of(&self.layer_0, stimulus, 0, store);
            bands.push(features::band(inputs, design, Binning::of_study(inputs), "layer_0", vectors)?);
        }
        Ok(bands)
    }

    pub(crate) fn run(
        &self,
        inputs: &Inputs,
        designs: &[Design],
        store: &Store,
        machine: &Machine<'_>,
    ) -> Result<(), Error> {
        if store.find(&self.key)?.is_some() {
            return Ok(());
        }
        let design = &designs[self.design];
        let bands = self.bands(inputs, design, store)?;
        let names: Vec<String> = bands.iter().map(|band| band.name.clone()).collect();
        let targets = InMemory(stacked_responses(&self.responses, store)?);
        let matrices = features::with_drift(inputs, design, bands.clone())?;
        let mixtures = match &self.low_level {
            Some(low_level) => ridge::baseline_shares(&low_level.fitted(store)?.choices, &LAYER_0_SHARES),
            None => Mixtures::ends(bands.len()),
        };
        let settings = settings(inputs, mixtures, Choice::SharedMixture)?;
        let (fit, folds) = super::fit::scored(machine, &matrices, design, &settings, &targets)?;
        let mut arrays =
            Arrays::new().double("baseline", folds.scores).single("baseline_products", folds.products);
        for (index, name) in names.iter().enumerate() {
            let alone = features::with_drift(inputs, design, vec![bands[index].clone()])?;
            let settings = self::settings(inputs, Mixtures::Same(vec![vec![1.0]]), Choice::PerTarget)?;
            let (_, scored) = super::fit::scored(machine, &alone, design, &settings, &targets)?;
            arrays = arrays
                .double(name.clone(), scored.scores)
                .single(format!("{name}_products"), scored.products);
        }
        store
            .put(&self.key, |draft| {
                draft.add_json(FIT, &FittedBaseline { bands: names, choices: fit.choices })?;
                draft.add_arrays(SCORES, &arrays)
            })
            .map(|_| ())
    }

    pub(super) fn fitted(&self, store: &Store) -> Result<FittedBaseline, Error> {
        let stored = store.find(&self.key)?.ok_or_else(|| missing(&self.key))?;
        stored.read_json(FIT)
    }

    /// Scores per fold and target (n_folds, n_participants · n_targets) and held-out products (n_samples, n_targets)
    /// of the whole baseline (`band` = None) or of one band.
    pub(super) fn scores(
        &self,
        store: &Store,
        band: Option<&str>,
    ) -> Result<(Array2<f64>, Array2<f32>), Error> {
        let stored = store.find(&self.key)?.ok_or_else(|| missing(&self.key))?;
        let mut arrays = stored.read_arrays(SCORES)?;
        let name = band.unwrap_or("baseline");
        let damaged = |reason| stored.damaged(SCORES, reason);
        let scores = arrays.take_double(name).map_err(damaged)?;
        let products = arrays.take_single(&format!("{name}_products")).map_err(damaged)?;
        Ok((scores, products))
    }
}

pub(super) fn settings(inputs: &Inputs, mixtures: Mixtures, choice: Choice) -> Result<RidgeSettings, Error> {
    let encoding = &inputs.resolved.study.encoding;
    let grid = &encoding.alphas;
    let alphas = Alphas::logspace(grid.from, grid.to, grid.count)?;
    Ok(RidgeSettings { alphas, mixtures, choice, inner_folds: encoding.inner_folds, at_edge: AtEdge::Count })
}

/// What decides a design's matrices and their fit, apart from activations and responses.
pub(super) fn design_parameters(inputs: &Inputs, design: &Design) -> serde_json::Value {
    let study = &inputs.resolved.study;
    serde_json::json!({
        "design": design.identity(),
        "delays": study.alignment.delays,
        "binning": Binning::of_study(inputs),
        "high_pass": study.denoise.high_pass,
        "project_features": study.denoise.project_features,
        "alphas": study.encoding.alphas,
        "inner_folds": study.encoding.inner_folds,
        "baseline": features::low_level_names(inputs),
    })
}

/// Digests of what every fit reads: words, word counts, and cleaned responses.
pub(super) fn input_digests(inputs: &Inputs, design: &Design, responses: &[Vec<Prepare>]) -> Vec<Digest> {
    let words = design.runs.iter().map(|run| inputs.stimuli[run.stimulus].digest.clone());
    let counts = inputs.word_counts.iter().map(|(_, digest)| digest.clone());
    let responses = responses.iter().flatten().map(|task| task.key.as_input());
    words.chain(counts).chain(responses).collect()
}

/// The tasks that clean the responses of a design, per participant and run.
pub(super) fn responses_of(design: &Design, prepare: &[Prepare]) -> Vec<Vec<Prepare>> {
    let task = |recording: &usize| prepare.iter().find(|task| task.recording == *recording).cloned();
    design.participants.iter().map(|(_, recordings)| recordings.iter().filter_map(task).collect()).collect()
}

/// The tasks by which a copy of a language model reads the runs of a design.
pub(super) fn reads_of(
    design: &Design,
    extract: &[Extract],
    language_model: usize,
    training: Training,
) -> Vec<Extract> {
    let task = |run: &crate::plan::DesignRun| {
        let wanted = |task: &&Extract| {
            task.language_model == language_model
                && task.training == training
                && task.stimulus == run.stimulus
                && task.reading == Reading::Layers
        };
        extract.iter().find(wanted).cloned()
    };
    design.runs.iter().filter_map(task).collect()
}

/// The tasks that read off surprisal and entropy of the runs of a design.
fn predictions_of(design: &Design, extract: &[Extract]) -> Vec<Extract> {
    let task = |run: &crate::plan::DesignRun| {
        let is_wanted =
            |task: &&Extract| task.reading == Reading::Predictions && task.stimulus == run.stimulus;
        extract.iter().find(is_wanted).cloned()
    };
    design.runs.iter().filter_map(task).collect()
}

fn read_of(reads: &[Extract], stimulus: usize) -> Result<&Extract, Error> {
    let read = reads.iter().find(|task| task.stimulus == stimulus);
    read.ok_or_else(|| Error::Store {
        path: "extract".into(),
        reason: format!("no language model has read stimulus {stimulus}"),
    })
}

pub(super) fn layer_of(
    reads: &[Extract],
    stimulus: usize,
    layer: usize,
    store: &Store,
) -> Result<Array2<f32>, Error> {
    read_of(reads, stimulus)?.layer(store, layer)
}

/// Responses of all participants of a design side by side, shape (n_samples, n_participants · n_targets).
pub(super) fn stacked_responses(responses: &[Vec<Prepare>], store: &Store) -> Result<Array2<f32>, Error> {
    let mut columns = Vec::with_capacity(responses.len());
    for runs in responses {
        let runs = runs.iter().map(|task| task.responses(store)).collect::<Result<Vec<_>, _>>()?;
        let views: Vec<_> = runs.iter().map(|table| table.view()).collect();
        columns.push(ndarray::concatenate(ndarray::Axis(0), &views).unwrap_or_default());
    }
    let views: Vec<_> = columns.iter().map(|table| table.view()).collect();
    let mut stacked = ndarray::concatenate(ndarray::Axis(1), &views).unwrap_or_default();
    // A target without a score in some run has none in the design: constant responses give it NaN.
    for mut column in stacked.columns_mut() {
        if column.iter().any(|value| !value.is_finite()) {
            column.fill(0.0);
        }
    }
    Ok(stacked)
}

/// Bytes that the ridge of a fit holds at its peak: responses, features, kernels and blocks of predictions.
pub(super) fn fit_memory(inputs: &Inputs, design: &Design, width: usize) -> u64 {
    let rows = design.n_samples();
    let targets = design.participants.len() * inputs.targets.len();
    let columns = (width * 2 + 8) * inputs.resolved.study.alignment.delays.len();
    ridge::memory_needed(rows, columns, targets, inputs.resolved.study.encoding.alphas.count)
}

/// What decides how long a fit takes and how much it writes.
pub(super) struct FitSize {
    rows: usize,
    columns: usize,
    targets: usize,
    targets_of_one: usize,
    folds: usize,
    inner_folds: usize,
}

impl FitSize {
    pub(super) fn of(inputs: &Inputs, design: &Design, width: usize) -> Self {
        let study = &inputs.resolved.study;
        Self {
            rows: design.n_samples(),
            columns: (width + 4) * study.alignment.delays.len(),
            targets: design.participants.len() * inputs.targets.len(),
            targets_of_one: inputs.targets.len(),
            folds: design.folds.len(),
            inner_folds: study.encoding.inner_folds,
        }
    }

    /// Scores with those of inner folds, and held-out products.
    pub(super) fn disk(&self) -> u64 {
        (2 * 8 * self.folds * self.targets + 4 * self.rows * self.targets_of_one) as u64
    }

    /// Bytes that the refits of surrogates hold beside: predictions of all targets, as fitted and as refitted.
    pub(super) fn null_memory(&self) -> u64 {
        8 * (self.rows * self.targets) as u64
    }

    /// A kernel, then its eigendecomposition and the predictions in every inner fold.
    pub(super) fn operations(&self) -> f64 {
        let (rows, columns, targets) = (self.rows as f64, self.columns as f64, self.targets as f64);
        let per_fold = rows * rows * columns + 10.0 * rows * rows * rows + 4.0 * rows * rows * targets;
        (self.folds * (self.inner_folds + 1)) as f64 * per_fold
    }

    /// One surrogate: its kernel and a solve with known penalties in every fold.
    pub(super) fn operations_per_surrogate(&self) -> f64 {
        let (rows, columns, targets) = (self.rows as f64, self.columns as f64, self.targets as f64);
        self.folds as f64 * (rows * rows * columns + rows * rows * rows + 2.0 * rows * rows * targets)
    }
}
