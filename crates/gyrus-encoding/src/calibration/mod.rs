//! Whether p values mean what they say: the whole pipeline on features and responses that know nothing of each other.

mod coverage;
mod depth;
mod gains;
mod group;
mod noise;
mod pipeline;
mod simulate;
mod summary;

pub use coverage::{Stretch, covers_population, simulate_stretch};
pub use depth::{DepthOutcome, PlantedProfile, simulate_depth};
pub use gains::{GainOutcome, Gains, LayerHolds, simulate_gain};
pub use group::{Found, Group, GroupOutcome, features_of_another_story, simulate_group};
pub use noise::Noise;
pub use summary::{Estimate, summarise};

use crate::EncodingError;
use crate::backend::Backend;
use crate::nulls::effective_freedom;
use crate::statistics;
use pipeline::Null;

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
/// - as [`crate::ridge::fit`] and [`crate::nulls::refit`]: a condition with too few samples for its folds.
pub fn simulate_design(
    backend: &Backend,
    calibration: &Calibration,
    (condition, index): (Condition, usize),
) -> Result<DesignOutcome, EncodingError> {
    let Condition { rho, samples } = condition;
    let noise = Noise::Autoregressive(rho);
    let mut random = simulate::stream(calibration.seed, index, rho.to_bits() ^ samples as u64);
    let units = simulate::units(&mut random, &noise, (UNITS, samples));
    let series: Vec<Vec<f64>> =
        (0..calibration.targets).map(|_| noise.series(&mut random, samples)).collect();
    let responses = simulate::without_drift(&series, samples)?;
    let design = simulate::design(&[("units", &units)], samples, index)?;
    let folds = pipeline::folds(&design, (calibration.folds, index))?;
    let fitted = pipeline::fit(backend, (&design, &folds), vec![vec![1.0]], &responses)?;
    let groups = vec![Some(0); calibration.targets];
    let seed = calibration.seed ^ index as u64;
    let count = calibration.surrogates;
    let null = Null { bands: &[0], given: &[], groups: &groups, again: false, count, seed };
    let null = pipeline::refit(backend, (&design, &folds), &fitted, &null)?;
    let observed = fitted.by_fold.mean();
    let p = null
        .exceedances
        .iter()
        .map(|exceeded| statistics::permutation_p(u64::from(*exceeded), calibration.surrogates as u64));
    let by_freedom = effective_freedom(&fitted.predictions, &fitted.responses, &folds)?;
    Ok(DesignOutcome {
        condition,
        false_positives: share_of(p, observed.len()),
        by_freedom: share_of(by_freedom.iter().map(|of| of.p), observed.len()),
        score: mean(&observed),
        excess: mean(&observed) - mean(&null.mean),
    })
}

/// Mean over targets; a score that is undefined counts as 0.
fn mean(scores: &[f64]) -> f64 {
    let finite = |score: &f64| if score.is_finite() { *score } else { 0.0 };
    scores.iter().map(finite).sum::<f64>() / scores.len() as f64
}

/// Share of p values at or below the level, of so many.
fn share_of(p: impl Iterator<Item = f64>, count: usize) -> f64 {
    // A p value of a grid of 1/n may miss the level by rounding.
    p.filter(|p| *p <= LEVEL + 1e-12).count() as f64 / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_score_counts_as_0() {
        assert_eq!(mean(&[1.0, f64::NAN, 4.0, f64::INFINITY]), 1.25);
        assert_eq!(share_of([0.05, 0.051, f64::NAN, 0.01].into_iter(), 8), 0.25);
    }

    /// Slow series in shuffled folds: a high score of noise, and surrogates, shuffled as well, that score as high.
    #[test]
    fn a_score_is_read_against_its_surrogates() {
        let backend = crate::backend::on_one_thread();
        let folds = SimulatedFolds::Shuffled;
        let calibration = Calibration { targets: 4, surrogates: 19, folds, seed: 5 };
        let condition = Condition { rho: 0.9, samples: 200 };
        let found = simulate_design(&backend, &calibration, (condition, 1)).unwrap();
        assert!((0.15..0.8).contains(&found.score), "{found:?}");
        assert!(found.excess.abs() < 0.15, "{found:?}");
        assert!(found.by_freedom > found.false_positives, "{found:?}");
    }
}
