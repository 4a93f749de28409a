//! Whether p values mean what they say: the whole pipeline on features and responses that know nothing of each other.

mod simulate;
mod summary;

use gyrus_core::{FoldRule, Folds, InMemory};
use ndarray::Array2;

pub use summary::{Estimate, summarise};

use crate::EncodingError;
use crate::backend::Backend;
use crate::nulls::{self, NullKind, ObservedFit, Request, Surrogates, effective_freedom};
use crate::ridge::{self, Alphas, AtEdge, Choice, FittedBlock, Mixtures, RidgeSettings};
use crate::split::Test;
use crate::{scores, statistics};

/// How strongly neighbouring samples are alike, and how many samples there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// Correlation of neighbouring samples of features and of responses.
    pub rho: f64,
    /// Samples of the run.
    pub samples: usize,
}

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Targets per design.
    pub targets: usize,
    /// Surrogates per design.
    pub surrogates: usize,
    /// How folds are made.
    pub folds: SimulatedFolds,
    /// Seed of everything.
    pub seed: u64,
}

/// How the folds of a simulation are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulatedFolds {
    /// Contiguous blocks with a gap of the longest delay plus 20 s: the default of the program.
    Blocks,
    /// Samples in random order, as a control that must fail.
    Shuffled,
}

/// What one design gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DesignOutcome {
    /// Its condition.
    pub condition: Condition,
    /// Share of targets with p ≤ .05 by refitted phase-randomised features.
    pub false_positives: f64,
    /// The same by effective degrees of freedom.
    pub by_freedom: f64,
    /// Mean score over targets; there is nothing to find. Above 0 where slow series lose their drift on both sides: what
    /// is left of them is alike from end to end, and the null is as far above 0 for the same reason.
    pub score: f64,
    /// Mean over targets of the score less the mean of its surrogates.
    pub excess: f64,
}

/// Level at which false positives are counted.
pub const LEVEL: f64 = 0.05;

const UNITS: usize = 6;
const DELAYS: [usize; 4] = [1, 2, 3, 4];
const BLOCKS: usize = 5;
/// Longest delay plus 20 s, at a repetition time of 2 s.
const GAP: usize = 14;
const INNER_FOLDS: usize = 5;

/// One design: features of independent units and responses of independent targets, all AR(1), delayed, cleaned of slow
/// drift, fitted with nested folds, scored by the mean over folds of r, and judged by refitted surrogates.
///
/// # Errors
/// - as [`ridge::fit`] and [`nulls::refit`]: a condition with too few samples for its folds.
pub fn simulate_design(
    backend: &Backend,
    calibration: &Calibration,
    (condition, index): (Condition, usize),
) -> Result<DesignOutcome, EncodingError> {
    let simulated = simulate::design(condition, calibration, index)?;
    let rule = match calibration.folds {
        SimulatedFolds::Blocks => FoldRule::Blocks { count: BLOCKS, gap: GAP },
        SimulatedFolds::Shuffled => FoldRule::Shuffled { count: BLOCKS, seed: index as u64 },
    };
    let folds = Folds::new(&simulated.design.timeline, &rule)?;
    let settings = RidgeSettings {
        alphas: Alphas::logspace(1.0, 1e6, 6)?,
        mixtures: Mixtures::Same(vec![vec![1.0]]),
        choice: Choice::PerTarget,
        inner_folds: INNER_FOLDS,
        at_edge: AtEdge::Count,
    };
    let targets = InMemory(simulated.responses);
    let mut predictions = Array2::zeros(targets.0.raw_dim());
    let mut sink = |block: FittedBlock| {
        predictions.slice_mut(ndarray::s![.., block.targets.clone()]).assign(block.predictions.get());
        Ok(())
    };
    let fit = ridge::fit(backend, &simulated.design, &folds, &settings, (&targets, &mut sink))?;
    let (predictions, responses) = (Test::declared(predictions), Test::declared(targets.0.clone()));
    let by_fold = scores::correlation(&predictions, &responses, &folds)?;
    let observed = by_fold.mean();
    let request = Request {
        design: &simulated.design,
        surrogate_bands: &[0],
        folds: &folds,
        groups: &vec![Some(0); calibration.targets],
        fits: &[ObservedFit { choices: &fit.choices, scores: &by_fold.correlation }],
    };
    let surrogates = Surrogates {
        kind: NullKind::Phase,
        count: calibration.surrogates,
        seed: calibration.seed ^ index as u64,
    };
    let null = nulls::refit(backend, &request, &targets, &surrogates)?;
    let p = null[0]
        .exceedances
        .iter()
        .map(|exceeded| statistics::permutation_p(u64::from(*exceeded), calibration.surrogates as u64));
    let by_freedom = effective_freedom(&predictions, &responses, &folds)?;
    let finite = |score: &f64| if score.is_finite() { *score } else { 0.0 };
    let mean = |scores: &[f64]| scores.iter().map(finite).sum::<f64>() / scores.len() as f64;
    Ok(DesignOutcome {
        condition,
        false_positives: share(p, observed.len()),
        by_freedom: share(by_freedom.iter().map(|of| of.p), observed.len()),
        score: mean(&observed),
        excess: mean(&observed) - mean(&null[0].mean),
    })
}

fn share(p: impl Iterator<Item = f64>, count: usize) -> f64 {
    // A p value of a grid of 1/n may miss the level by rounding.
    p.filter(|p| *p <= LEVEL + 1e-12).count() as f64 / count as f64
}
