//! Fit: one layer against all responses of a design: its score, its gains, and their nulls.

use std::ops::Range;

use gyrus_core::TargetBlocks;
use gyrus_encoding::nulls::{self, NullKind as SurrogateKind, NullScores, Surrogates};
use gyrus_encoding::ridge::{
    self, Band, Choice, Edges, Fit as RidgeFit, FittedBlock, Mixtures, RidgeSettings,
};
use gyrus_encoding::scores;
use ndarray::{Array2, s};
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::baseline::{self, Baseline, layer_of};
use super::extract::{Extract, Training};
use super::features::{self, Binning};
use super::fit_result::{EDGES, FitResult, RANGES, scores_file, with_null};
use super::forecast_window::ForecastWindow;
use super::prepare::Prepare;
use super::projected::Projected;
use super::responses::Responses;
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Design, Machine, TaskSummary};
use crate::store::{Arrays, Key, Store};
use crate::study::NullKind;

/// What planning a fit needs to know.
pub struct Known<'a> {
    /// The study.
    pub inputs: &'a Inputs,
    /// Its designs.
    pub designs: &'a [Design],
    /// Tasks that clean responses.
    pub prepare: &'a [Prepare],
    /// Tasks that read stimuli.
    pub extract: &'a [Extract],
    /// Baselines.
    pub baselines: &'a [Baseline],
}

/// What a fit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitKind {
    /// The main job: score, gains and their nulls.
    Main,
    /// An untrained or shuffled copy, or random vectors: score and gain over the low-level baseline.
    Control,
    /// Another way to bring words onto volumes: score only.
    Alignment,
    /// Responses with some source of noise left in: score only.
    Noise,
    /// With a further band of words around each word: score only.
    Forecast,
}

/// One layer of one copy of a language model in one design.
#[derive(Debug, Clone)]
pub struct Fit {
    /// What it is for.
    pub kind: FitKind,
    /// Index of the design.
    pub design: usize,
    /// Index of the language model.
    pub language_model: usize,
    /// Which copy.
    pub training: Training,
    /// Which layer.
    pub layer: usize,
    /// How words are brought onto volumes.
    pub binning: Binning,
    /// What is projected out of the responses.
    pub projected: Projected,
    /// Which words stand in a further band.
    pub window: Option<ForecastWindow>,
    reads: Vec<Extract>,
    responses: Vec<Vec<Prepare>>,
    low_level: Baseline,
    with_layer_0: Option<Baseline>,
    /// The key of all of it.
    pub key: Key,
    /// The keys of its parts, each of which is a task: blocks of targets in order, divided by the study alone.
    parts: Vec<Key>,
}

/// What sets fits of one layer apart.
struct How {
    kind: FitKind,
    binning: Binning,
    projected: Projected,
    window: Option<ForecastWindow>,
}

impl How {
    fn of_study(inputs: &Inputs, kind: FitKind) -> Self {
        let binning = Binning::of_study(inputs);
        Self { kind, binning, projected: Projected::Everything, window: None }
    }
}

/// Held-out scores of one encoding model.
pub(super) struct Scored {
    /// Shape (n_folds, n_participants · n_targets): r within the fold.
    pub scores: Array2<f64>,
    /// Shape (n_samples, n_targets): mean over participants of the products whose mean over a fold is r.
    pub products: Array2<f32>,
}

/// Which quantity of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Held-out correlation of the layer alone.
    Score,
    /// With the low-level baseline.
    Gain,
    /// With the baseline that holds layer 0.
    Contextual,
}

/// Rises when the same features and responses would give other scores.
const NUMERICS_VERSION: u32 = 10;
/// Operations of a common machine's thread in a minute. How a fit is divided must not depend on the machine.
const OPERATIONS_PER_MINUTE: f64 = 60.0 * 4e10;
/// How much of the kernel the layer may take, from nothing (pure baseline) to all (pure layer).
const SHARES: [f64; 5] = [0.0, 0.1, 0.5, 0.9, 1.0];

impl Quantity {
    pub(super) const ALL: [Self; 3] = [Self::Score, Self::Gain, Self::Contextual];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Gain => "gain",
            Self::Contextual => "contextual",
        }
    }
}

impl Fit {
    pub(crate) fn trained(known: &Known<'_>, design: usize, language_model: usize, layer: usize) -> Self {
        let how = How::of_study(known.inputs, FitKind::Main);
        Self::new(known, (design, language_model), (Training::Trained, layer), how)
    }

    /// A copy with all layers of the language model.
    pub(crate) fn control(known: &Known<'_>, of: (usize, usize), layer: usize, copy: Training) -> Self {
        Self::new(known, of, (copy, layer), How::of_study(known.inputs, FitKind::Control))
    }

    pub(crate) fn random_embedding(known: &Known<'_>, design: usize, language_model: usize) -> Self {
        let copy = (Training::RandomEmbedding(0), 0);
        Self::new(known, (design, language_model), copy, How::of_study(known.inputs, FitKind::Control))
    }

    /// Other ways to bring words onto volumes, responses with noise left in, and layers with words around each word.
    pub(crate) fn compared(
        known: &Known<'_>,
        design: usize,
        language_model: usize,
        layer: usize,
    ) -> Vec<Self> {
        let alignments = Binning::compared(known.inputs)
            .into_iter()
            .map(|binning| How { binning, ..How::of_study(known.inputs, FitKind::Alignment) });
        let noise = Projected::compared(known.inputs)
            .into_iter()
            .map(|projected| How { projected, ..How::of_study(known.inputs, FitKind::Noise) });
        let is_forecast = known.inputs.forecast_layers.get(language_model) == Some(&layer);
        let windows = if is_forecast { ForecastWindow::of_study(known.inputs) } else { Vec::new() };
        let forecast = windows
            .into_iter()
            .map(|window| How { window: Some(window), ..How::of_study(known.inputs, FitKind::Forecast) });
        let fit = |how| Self::new(known, (design, language_model), (Training::Trained, layer), how);
        alignments.chain(noise).chain(forecast).map(fit).collect()
    }

    fn new(
        known: &Known<'_>,
        (design, language_model): (usize, usize),
        (training, layer): (Training, usize),
        How { kind, binning, projected, window }: How,
    ) -> Self {
        let inputs = known.inputs;
        let of_design = &known.designs[design];
        let reads = baseline::reads_of(of_design, known.extract, language_model, training);
        let responses = baseline::responses_of(of_design, known.prepare, &projected);
        let find = |of: Option<usize>| {
            known.baselines.iter().find(|task| task.design == design && task.language_model == of).cloned()
        };
        let with_layer_0 = (kind == FitKind::Main && layer > 0).then(|| find(Some(language_model))).flatten();
        let low_level = find(None).unwrap_or_else(|| {
            Baseline::low_level(inputs, known.designs, design, (known.prepare, known.extract))
        });
        let mut digests = vec![low_level.key.as_input()];
        digests.extend(with_layer_0.iter().map(|task| task.key.as_input()));
        digests.extend(reads.iter().map(|task| task.key.as_input()));
        if kind == FitKind::Noise {
            digests.extend(responses.iter().flatten().map(|task| task.key.as_input()));
        }
        let statistics = &inputs.resolved.study.statistics;
        let how = (statistics.surrogates, statistics.null, statistics.seed, statistics.choose_again);
        let null = (kind == FitKind::Main).then_some(how);
        let at_once = target_ranges(inputs).first().map_or(0, Range::len);
        let parameters =
            (baseline::design_parameters(inputs, of_design), layer, kind, binning, null, at_once, window);
        let key = Key::new("fit", NUMERICS_VERSION, &parameters, &digests);
        let mut fit = Self {
            kind,
            design,
            language_model,
            training,
            layer,
            binning,
            projected,
            window,
            reads,
            responses,
            low_level,
            with_layer_0,
            key,
            parts: Vec::new(),
        };
        fit.parts = fit.divided(inputs, of_design);
        fit
    }

    /// The keys of its parts. A fit of one part has its own key.
    fn divided(&self, inputs: &Inputs, design: &Design) -> Vec<Key> {
        let ranges = target_ranges(inputs);
        let (blocks, at_once) = (ranges.len(), ranges.first().map_or(0, Range::len));
        let of_block = self.operations(inputs, design, at_once);
        let most = inputs.resolved.study.execution.task_minutes * OPERATIONS_PER_MINUTE;
        let at_most = ((most / of_block) as usize).max(1);
        match blocks.div_ceil(at_most) {
            0 | 1 => vec![self.key.clone()],
            parts => {
                let part = |part: usize| {
                    Key::new("fit", NUMERICS_VERSION, &("part", part, parts), &[self.key.as_input()])
                };
                (0..parts).map(part).collect()
            }
        }
    }

    /// How many tasks it is.
    pub(crate) fn n_parts(&self) -> usize {
        self.parts.len()
    }

    /// The targets of each block of a part.
    fn ranges(&self, inputs: &Inputs, part: usize) -> Vec<Range<usize>> {
        let mut blocks = target_ranges(inputs);
        let (all, parts) = (blocks.len(), self.parts.len());
        blocks.drain(part * all / parts..(part + 1) * all / parts).collect()
    }

    fn size(&self, inputs: &Inputs, design: &Design, targets: usize) -> baseline::FitSize {
        baseline::FitSize::of(inputs, design, self.width(inputs), targets)
    }

    /// Columns of its features before delays.
    fn width(&self, inputs: &Inputs) -> usize {
        let width = inputs.language_models[self.language_model].width();
        width * (1 + self.window.map_or(0, ForecastWindow::words))
    }

    fn n_surrogates(&self, inputs: &Inputs) -> usize {
        if self.kind == FitKind::Main { inputs.resolved.study.statistics.surrogates } else { 0 }
    }

    /// Operations of a block of targets: every block has kernels and decompositions of its own.
    fn operations(&self, inputs: &Inputs, design: &Design, targets: usize) -> f64 {
        let (size, quantities) = (self.size(inputs, design, targets), self.quantities().len());
        let fits = quantities as f64 * size.operations();
        match self.n_surrogates(inputs) {
            0 => fits,
            count => {
                let again = inputs.resolved.study.statistics.choose_again;
                let of_one = if again { fits } else { size.operations_per_surrogate(quantities) };
                fits + size.operations_of_own_parts(quantities) + count as f64 * of_one
            }
        }
    }

    pub(crate) fn summary(&self, inputs: &Inputs, designs: &[Design], part: usize) -> TaskSummary {
        let open = &inputs.language_models[self.language_model];
        let copy = self.training.seed().map(|seed| format!(" {seed}")).unwrap_or_default();
        let compared = match (self.kind, self.window) {
            (FitKind::Noise, _) => format!(", {} left in", self.projected.left_in()),
            (_, Some(window)) => format!(", with windows ({})", window.name()),
            _ => String::new(),
        };
        let label = format!(
            "{} ({}{copy}), layer {}, {}{compared}",
            open.name,
            self.training.name(),
            self.layer,
            self.binning.name()
        );
        let ranges = self.ranges(inputs, part);
        let label = match self.parts.len() {
            1 => label,
            parts => format!("{label}, part {} of {parts}", part + 1),
        };
        let design = &designs[self.design];
        let (own, at_once) =
            (ranges.iter().map(Range::len).sum::<usize>(), ranges.iter().map(Range::len).max().unwrap_or(0));
        let (size, block) = (self.size(inputs, design, own), self.size(inputs, design, at_once));
        let quantities = self.quantities().len() as u64;
        let (surrogates, people) = (self.n_surrogates(inputs), design.participants.len());
        // Group sums as computed, as stored and as bytes, and beside them every participant's scores.
        let null = |targets: usize| (8 * surrogates * targets) as u64;
        let nulls = 3 * null(at_once) + null(at_once * people);
        // Exceedances, null means and normal excess of everybody.
        let of_people = if surrogates > 0 { (20 * people * own) as u64 } else { 0 };
        let features = block.null_features(self.quantities().len());
        let (refits, per_thread) = match (surrogates, inputs.resolved.study.statistics.choose_again) {
            (0, _) => (0, 0),
            // One after the other, each as the fit, with the results of the observed ones beside it.
            (_, true) => (features + quantities * block.disk(), 0),
            (_, false) => {
                (features + block.null_responses(), block.surrogate_memory(self.quantities().len()))
            }
        };
        let kept = 3 * quantities * block.disk() / 2;
        let width = self.width(inputs);
        let memory = baseline::fit_memory(inputs, design, width, (at_once, kept))
            + quantities * nulls
            + refits
            + per_thread;
        TaskSummary {
            per_thread,
            kind: "fit",
            label,
            memory,
            disk: quantities * (size.disk() + null(own) + of_people),
            operations: ranges.iter().map(|range| self.operations(inputs, design, range.len())).sum(),
            key: self.parts[part].clone(),
        }
    }

    /// Fits the targets of a part.
    pub(crate) fn run(
        &self,
        part: usize,
        (inputs, designs): (&Inputs, &[Design]),
        store: &Store,
        machine: &Machine<'_>,
    ) -> Result<(), Error> {
        let key = &self.parts[part];
        if store.find(key)?.is_some() {
            return Ok(());
        }
        let design = &designs[self.design];
        let responses = Responses::open(&self.responses, store)?;
        let vectors = |stimulus: usize| self.vectors(stimulus, store);
        let layer = features::layer_band(inputs, design, self.binning, "layer", vectors)?;
        let bands = self.bands(inputs, design, layer, store)?;
        let mut work = Work { fit: self, inputs, design, machine, bands, asked: Vec::new() };
        for quantity in self.quantities() {
            let asked = work.ask(quantity, store)?;
            work.asked.push(asked);
        }
        let ranges = self.ranges(inputs, part);
        let mut edges = (0, 0, 0);
        store
            .put(key, |draft| {
                for (index, range) in ranges.iter().enumerate() {
                    let (arrays, found) = work.block(&responses.of_targets(range.clone()))?;
                    edges = (edges.0 + found.low, edges.1 + found.high, edges.2 + found.choices);
                    draft.add_arrays(&scores_file(index), &arrays)?;
                }
                draft.add_json(EDGES, &edges)?;
                draft.add_json(RANGES, &ranges)
            })
            .map(|_| ())
    }

    /// Bands of all quantities: those of the widest baseline, or words around each word, then the layer.
    fn bands(
        &self,
        inputs: &Inputs,
        design: &Design,
        layer: Band,
        store: &Store,
    ) -> Result<ridge::Design, Error> {
        let mut bands = match (self.kind, &self.with_layer_0) {
            (FitKind::Forecast, _) => self.around(inputs, design, store)?.into_iter().collect(),
            (FitKind::Alignment | FitKind::Noise, _) => Vec::new(),
            (_, Some(baseline)) => baseline.bands(inputs, design, store)?,
            (_, None) => self.low_level.bands(inputs, design, store)?,
        };
        bands.push(layer);
        features::with_drift(inputs, design, bands)
    }

    /// The band of words around each word.
    fn around(&self, inputs: &Inputs, design: &Design, store: &Store) -> Result<Option<Band>, Error> {
        let band = |window: ForecastWindow| {
            let vectors = |stimulus: usize| {
                let text = inputs.stimuli[stimulus].stimulus.name();
                Ok(window.vectors(&self.vectors(stimulus, store)?, text))
            };
            features::layer_band(inputs, design, self.binning, "words around", vectors)
        };
        self.window.map(band).transpose()
    }

    fn quantities(&self) -> Vec<Quantity> {
        match self.kind {
            FitKind::Alignment | FitKind::Noise | FitKind::Forecast => vec![Quantity::Score],
            FitKind::Control => vec![Quantity::Score, Quantity::Gain],
            FitKind::Main if self.with_layer_0.is_some() => Quantity::ALL.to_vec(),
            FitKind::Main => vec![Quantity::Score, Quantity::Gain],
        }
    }

    pub(super) fn baseline_of(&self, quantity: Quantity) -> Option<&Baseline> {
        match quantity {
            Quantity::Score => None,
            Quantity::Gain => Some(&self.low_level),
            Quantity::Contextual => self.with_layer_0.as_ref(),
        }
    }

    /// The word vectors of this layer for a stimulus.
    pub(super) fn vectors(&self, stimulus: usize, store: &Store) -> Result<Array2<f32>, Error> {
        layer_of(&self.reads, stimulus, self.layer, store)
    }

    pub(super) fn open(&self, store: &Store) -> Result<FitResult, Error> {
        FitResult::open(&self.parts, store)
    }
}

/// Columns of responses, of all participants together, that are fitted at a time.
const COLUMNS_AT_ONCE: usize = 16_384;
/// Responses of them: who was recorded for hours has fewer columns at a time.
const RESPONSES_AT_ONCE: usize = COLUMNS_AT_ONCE * 4096;

/// The targets that are fitted at a time: the same for everybody, and decided by the study alone.
pub(super) fn target_ranges(inputs: &Inputs) -> Vec<Range<usize>> {
    let people = inputs.resolved.participants().len().max(1);
    let columns = COLUMNS_AT_ONCE.min(RESPONSES_AT_ONCE / inputs.most_samples().max(1));
    let at_once = (columns / people).max(64);
    let end = |start: usize| (start + at_once).min(inputs.targets.len());
    (0..inputs.targets.len()).step_by(at_once).map(|start| start..end(start)).collect()
}

/// What the parts of a running fit share.
struct Work<'a> {
    fit: &'a Fit,
    inputs: &'a Inputs,
    design: &'a Design,
    machine: &'a Machine<'a>,
    bands: ridge::Design,
    asked: Vec<Asked>,
}

impl Work<'_> {
    /// Fits and refits some targets of everybody.
    fn block(&self, targets: &Responses) -> Result<(Arrays, Edges), Error> {
        let mut edges = Edges::default();
        let mut fitted = Vec::new();
        for Asked { quantity, settings, .. } in &self.asked {
            let (fit, scored) = self::scored(self.machine, &self.bands, self.design, settings, targets)?;
            edges.low += fit.at_edge.low;
            edges.high += fit.at_edge.high;
            edges.choices += fit.at_edge.choices;
            fitted.push((*quantity, fit, scored));
        }
        let mut arrays = Arrays::new();
        if self.fit.kind == FitKind::Main {
            for ((quantity, ..), null) in fitted.iter().zip(self.nulls(&fitted, targets)?) {
                arrays = with_null(arrays, *quantity, null);
            }
        }
        for (quantity, fit, scored) in fitted {
            let name = quantity.name();
            arrays = arrays
                .double(format!("{name}_inner"), fit.inner_scores)
                .double(name, scored.scores)
                .single(format!("{name}_products"), scored.products);
        }
        Ok((arrays, edges))
    }

    /// What a quantity is asked for: the bands of its baseline, and what targets choose from.
    fn ask(&self, quantity: Quantity, store: &Store) -> Result<Asked, Error> {
        let layer = self.bands.bands.len() - 1;
        let both = SHARES.map(|share| vec![1.0 - share, share]).to_vec();
        let (mixtures, n_baseline) = match self.fit.baseline_of(quantity) {
            None if self.fit.kind == FitKind::Forecast => (Mixtures::Same(both), 1),
            None => (Mixtures::Same(vec![vec![1.0]]), 0),
            Some(baseline) => {
                let fitted = baseline.fitted(store)?;
                (ridge::baseline_shares(&fitted.choices, &SHARES), fitted.bands.len())
            }
        };
        let positions: Vec<usize> = (0..n_baseline).chain([layer]).collect();
        let (own, placed) = (mixtures.clone(), mixtures.placed(&positions, layer + 1));
        let settings = baseline::settings(self.inputs, placed, Choice::PerTarget)?;
        Ok(Asked { quantity, n_baseline, settings, own })
    }

    /// Surrogates of the layer, and for gains of what the bands of their baseline do not predict of it.
    fn nulls(
        &self,
        fitted: &[(Quantity, RidgeFit, Scored)],
        targets: &Responses,
    ) -> Result<Vec<NullScores>, Error> {
        let statistics = &self.inputs.resolved.study.statistics;
        let kind = match statistics.null {
            NullKind::Phase => SurrogateKind::Phase,
            NullKind::Shift => SurrogateKind::Shift,
        };
        let surrogates = Surrogates { kind, count: statistics.surrogates, seed: statistics.seed };
        let n_targets = targets.n_targets() / self.design.participants.len().max(1);
        let groups: Vec<Option<usize>> =
            (0..targets.n_targets()).map(|target| Some(target % n_targets)).collect();
        let mut nulls = Vec::new();
        for ((_, fit, scored), asked) in fitted.iter().zip(&self.asked) {
            let (design, choices) = asked.alone(&self.bands, &fit.choices);
            let own = asked.settings_alone();
            let request = nulls::Request {
                design: &design,
                surrogate_bands: &[asked.n_baseline],
                given: &(0..asked.n_baseline).collect::<Vec<_>>(),
                folds: &self.design.folds,
                groups: &groups,
                fit: nulls::ObservedFit { choices: &choices, scores: &scored.scores },
                again: statistics.choose_again.then_some(&own),
            };
            nulls.push(nulls::refit(&self.machine.backend, &request, targets, &surrogates)?);
        }
        Ok(nulls)
    }
}

/// Fits, and scores what was held out.
pub(super) fn scored(
    machine: &Machine<'_>,
    bands: &ridge::Design,
    design: &Design,
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<(RidgeFit, Scored), Error> {
    let n_participants = design.participants.len();
    let n_targets = targets.n_targets() / n_participants.max(1);
    let mut scores = Array2::from_elem((design.folds.len(), targets.n_targets()), f64::NAN);
    let mut sums = Array2::<f64>::zeros((design.n_samples(), n_targets));
    let mut counts = vec![0_u32; n_targets];
    let mut sink = |block: FittedBlock| {
        let folds = scores::correlation(&block.predictions, &block.responses, &design.folds)?;
        let products = scores::held_out_products(&block.predictions, &block.responses, &design.folds)?;
        scores.slice_mut(s![.., block.targets.clone()]).assign(&folds.correlation);
        for (column, target) in block.targets.clone().enumerate() {
            if folds.correlation.column(column).iter().all(|r| r.is_finite()) {
                let mut sum = sums.column_mut(target % n_targets);
                sum += &products.column(column).mapv(f64::from);
                counts[target % n_targets] += 1;
            }
        }
        Ok(())
    };
    let fit = ridge::fit(&machine.backend, bands, &design.folds, settings, (targets, &mut sink))?;
    let mut products = Array2::zeros(sums.raw_dim());
    for ((sample, target), product) in products.indexed_iter_mut() {
        *product = (sums[(sample, target)] / f64::from(counts[target])) as f32;
    }
    Ok((fit, Scored { scores, products }))
}
