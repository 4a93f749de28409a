//! Baseline: what is explained without the language model (or by its embedding), which gains are taken over.

use gyrus_encoding::backend::operations_of_fit;
use gyrus_encoding::nulls::operations_of_refit;
use gyrus_encoding::ridge::{self, Alphas, AtEdge, Band, Choice, FoldChoices, Mixtures, RidgeSettings};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::extract::{Extract, Reading, Training, missing};
use super::features::{self, Binning};
use super::prepare::Prepare;
use super::projected::Projected;
use super::responses::Responses;
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
const NUMERICS_VERSION: u32 = 6;
const FIT: &str = "fit.json";
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
        let responses = responses_of(&designs[design], prepare, &Projected::Everything);
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
        let bands =
            inputs.resolved.study.encoding.low_level().len() + usize::from(self.language_model.is_some());
        let all = inputs.targets.len();
        let one = FitSize::of(inputs, &designs[self.design], width, all);
        let memory = fit_memory(inputs, &designs[self.design], width, (all, 2 * one.disk()));
        TaskSummary {
            per_thread: 0,
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
            bands.push(features::layer_band(inputs, design, Binning::of_study(inputs), "layer_0", vectors)?);
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
        let targets = Responses::open(&self.responses, store)?;
        let matrices = features::with_drift(inputs, design, bands.clone())?;
        let mixtures = match &self.low_level {
            Some(low_level) => ridge::baseline_shares(&low_level.fitted(store)?.choices, &LAYER_0_SHARES),
            None => Mixtures::ends(bands.len()),
        };
        let settings = settings(inputs, mixtures, Choice::SharedMixture)?;
        let (fit, folds) = super::fit::scored(machine, &matrices, design, &settings, &targets)?;
        let result = |scored: super::fit::Scored| {
            Arrays::new().double("scores", scored.scores).single("products", scored.products)
        };
        store
            .put(&self.key, |draft| {
                draft.add_arrays(&scores_file(None), &result(folds))?;
                for (index, name) in names.iter().enumerate() {
                    let alone = features::with_drift(inputs, design, vec![bands[index].clone()])?;
                    let settings =
                        self::settings(inputs, Mixtures::Same(vec![vec![1.0]]), Choice::PerTarget)?;
                    let (_, scored) = super::fit::scored(machine, &alone, design, &settings, &targets)?;
                    draft.add_arrays(&scores_file(Some(name)), &result(scored))?;
                }
                draft.add_json(FIT, &FittedBaseline { bands: names, choices: fit.choices })
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
        let file = scores_file(band);
        let mut arrays = stored.read_arrays(&file)?;
        let damaged = |reason| stored.damaged(&file, reason);
        let scores = arrays.take_double("scores").map_err(damaged)?;
        let products = arrays.take_single("products").map_err(damaged)?;
        Ok((scores, products))
    }
}

/// The file of one band, or of all together.
fn scores_file(band: Option<&str>) -> String {
    band.map_or_else(|| "scores.safetensors".to_owned(), |band| format!("scores-{band}.safetensors"))
}

pub(super) fn settings(inputs: &Inputs, mixtures: Mixtures, choice: Choice) -> Result<RidgeSettings, Error> {
    let encoding = &inputs.resolved.study.encoding;
    let grid = &encoding.alphas;
    let alphas = Alphas::logspace(grid.from, grid.to, grid.count)?;
    let (refinements, inner_folds) = (0, encoding.inner_folds);
    Ok(RidgeSettings { alphas, mixtures, refinements, choice, inner_folds, at_edge: AtEdge::Count })
}

/// What decides a design's matrices and their fit, apart from activations and responses.
pub(super) fn design_parameters(inputs: &Inputs, design: &Design) -> serde_json::Value {
    let study = &inputs.resolved.study;
    serde_json::json!({
        "design": design.identity(),
        "delays": study.alignment.delays,
        "binning": Binning::of_study(inputs),
        "high_pass": study.denoise.high_pass,
        "polynomials": study.denoise.polynomials,
        "drift_by": study.denoise.drift_by,
        "project_features": study.denoise.project_features,
        "alphas": study.encoding.alphas,
        "inner_folds": study.encoding.inner_folds,
        "components": study.encoding.components,
        "baseline": inputs.resolved.study.encoding.low_level(),
    })
}

/// Digests of what every fit reads: words, word counts, and cleaned responses.
pub(super) fn input_digests(inputs: &Inputs, design: &Design, responses: &[Vec<Prepare>]) -> Vec<Digest> {
    let words = design.runs.iter().map(|run| inputs.stimuli[run.stimulus].digest.clone());
    let counts = inputs.word_counts.iter().map(|(_, digest)| digest.clone());
    let responses = responses.iter().flatten().map(|task| task.key.as_input());
    words.chain(counts).chain(responses).collect()
}

/// The tasks that clean the responses of a design, per participant and run. Where a comparison changes nothing in a
/// recording, it has the one task.
pub(super) fn responses_of(design: &Design, prepare: &[Prepare], projected: &Projected) -> Vec<Vec<Prepare>> {
    let find = |recording: usize, projected: &Projected| {
        prepare.iter().find(|task| task.recording == recording && task.projected == *projected)
    };
    let task = |recording: &usize| {
        find(*recording, projected).or_else(|| find(*recording, &Projected::Everything)).cloned()
    };
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

/// Bytes that a fit to some targets of everybody holds at its peak: features, kernels, and blocks of responses and predictions;
/// and beside them the errors of every penalty while penalties are chosen, or sums of products and the `kept` bytes of results
/// afterwards. Responses stay in the store.
pub(super) fn fit_memory(
    inputs: &Inputs,
    design: &Design,
    width: usize,
    (targets, kept): (usize, u64),
) -> u64 {
    let rows = design.n_samples();
    let sums = 8 * (rows * targets) as u64;
    let all = design.participants.len() * targets;
    let columns = (width * 2 + 8) * inputs.resolved.study.alignment.delays.len();
    let alphas = inputs.resolved.study.encoding.alphas.count;
    let blocks = ridge::memory_needed(rows, columns, all.min(TARGETS_IN_MEMORY), 0);
    let errors =
        ridge::memory_needed(rows, columns, all, alphas) - ridge::memory_needed(rows, columns, all, 0);
    blocks + (errors + kept / 2).max(sums + kept)
}

/// Targets of everybody that the ridge holds responses and predictions of at once: at most eight blocks of 1,000.
const TARGETS_IN_MEMORY: usize = 8_000;

/// Penalties of a fold and mixture that targets take, more or less.
const PENALTIES: usize = 6;

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
    pub(super) fn of(inputs: &Inputs, design: &Design, width: usize, targets: usize) -> Self {
        let study = &inputs.resolved.study;
        Self {
            rows: design.n_samples(),
            columns: (width + 4) * study.alignment.delays.len(),
            targets: design.participants.len() * targets,
            targets_of_one: targets,
            folds: design.folds.len(),
            inner_folds: study.encoding.inner_folds,
        }
    }

    /// Scores with those of inner folds, and held-out products.
    pub(super) fn disk(&self) -> u64 {
        (2 * 8 * self.folds * self.targets + 4 * self.rows * self.targets_of_one) as u64
    }

    /// Bytes that refits with the observed choices hold beside: all responses and their held-out rows.
    pub(super) fn null_responses(&self) -> u64 {
        (8 * self.rows * self.targets) as u64
    }

    /// Bytes of the features that surrogates are made from: for gains those and the ones of layer 0 once more, what a baseline makes of them and
    /// the rest; and while these are made three forms more, of up to five, of which two lie in what the fit has freed.
    pub(super) fn null_features(&self, quantities: usize) -> u64 {
        if quantities > 1 { (28 * self.rows * self.columns) as u64 } else { 0 }
    }

    /// Bytes that each thread holds for a surrogate: its features in six forms, Gram matrices in single and double precision, products with
    /// responses and solutions.
    pub(super) fn surrogate_memory(&self, quantities: usize) -> u64 {
        let columns = self.refits(quantities).iter().map(|(columns, _)| *columns).max().unwrap_or(0);
        let side = self.rows.min(columns);
        let products = if side < self.rows { 4 * side * self.targets } else { 0 };
        // Half of all targets may take one penalty.
        let solutions = 2 * side * self.targets;
        (24 * self.rows * self.columns + 28 * side * side + products + solutions) as u64
    }

    /// Columns and factors of the refits of a fold for each quantity: of the layer alone, with low-level features in four mixtures, and with
    /// layer 0 beside them.
    fn refits(&self, quantities: usize) -> Vec<(usize, usize)> {
        const MIXTURES: usize = 4;
        let of_layer = (self.columns, PENALTIES);
        let all = [of_layer, (self.columns, MIXTURES * PENALTIES), (2 * self.columns, MIXTURES * PENALTIES)];
        all.into_iter().take(quantities).collect()
    }

    /// In every fold and inner fold: a kernel, its eigendecomposition, and predictions.
    pub(super) fn operations(&self) -> f64 {
        let per_fold = operations_of_fit(self.rows, self.columns, self.targets);
        (self.folds * (self.inner_folds + 1)) as f64 * per_fold
    }

    /// What layer 0 makes of a layer: penalties by the folds and a fit of all samples, with the columns of the layer for targets. Low-level
    /// features are few beside it.
    pub(super) fn operations_of_own_parts(&self, quantities: usize) -> f64 {
        let of_gain = operations_of_fit(self.rows, self.columns, self.columns);
        quantities.saturating_sub(2) as f64 * (self.folds + 1) as f64 * of_gain
    }

    /// One surrogate of each quantity in every fold.
    pub(super) fn operations_per_surrogate(&self, quantities: usize) -> f64 {
        let training = self.rows - self.rows / self.folds.max(1);
        let of_fit = |fit| operations_of_refit(training, self.targets, fit);
        self.folds as f64 * self.refits(quantities).into_iter().map(of_fit).sum::<f64>()
    }
}
