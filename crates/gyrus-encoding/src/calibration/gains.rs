//! Gains of features that hold nothing over a baseline that holds something.

use super::pipeline::{self, Null};
use super::simulate::{design, mixed, stream, units, without_drift};
use super::{Condition, DELAYS, Noise, SimulatedFolds, UNITS, share_of};
use crate::EncodingError;
use crate::backend::Backend;
use crate::statistics;

/// What one design gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GainOutcome {
    /// Score of the baseline, mean over targets.
    pub baseline: f64,
    /// Gain of the layer over it.
    pub gain: f64,
    /// Gain less the mean gain of surrogates of the layer.
    pub excess: f64,
    /// Share of targets whose gain has p ≤ .05.
    pub false_positives: f64,
}

/// Share of a response's variance that the baseline evokes.
const EVOKED: f64 = 0.2;
/// Shares of the layer in the joint kernel: the pure baseline, equal parts, the pure layer.
const LAYER_SHARES: [f64; 3] = [0.0, 0.5, 1.0];

/// One design with a baseline of one unit that evokes responses, and a layer of other units that do not.
///
/// # Errors
/// - as [`super::simulate_design`].
pub fn simulate_gain(
    backend: &Backend,
    (condition, targets, surrogates): (Condition, usize, usize),
    (seed, index): (u64, usize),
) -> Result<GainOutcome, EncodingError> {
    let Condition { rho, samples } = condition;
    let noise = Noise::Autoregressive(rho);
    let mut random = stream(seed, index, rho.to_bits() ^ samples as u64 ^ 2);
    let rate = units(&mut random, &noise, (1, samples));
    let layer = units(&mut random, &noise, (UNITS, samples));
    let longest = DELAYS[DELAYS.len() - 1];
    let evoked = |row: usize| {
        DELAYS.iter().map(|delay| rate[0][row + longest - delay]).sum::<f64>() / (DELAYS.len() as f64).sqrt()
    };
    let responses: Vec<Vec<f64>> = (0..targets)
        .map(|_| {
            let own = noise.series(&mut random, samples);
            own.iter().enumerate().map(|(row, own)| mixed(EVOKED, evoked(row), *own)).collect()
        })
        .collect();
    let responses = without_drift(&responses, samples)?;
    let alone = design(&[("rate", &rate)], samples, index)?;
    let both = design(&[("rate", &rate), ("layer", &layer)], samples, index)?;
    let folds = pipeline::folds(&both, (SimulatedFolds::Blocks, index))?;
    let baseline = pipeline::fit(backend, (&alone, &folds), vec![vec![1.0]], &responses)?.by_fold.mean();
    let mixtures = LAYER_SHARES.iter().map(|share| vec![1.0 - share, *share]).collect();
    let joint = pipeline::fit(backend, (&both, &folds), mixtures, &responses)?;
    let groups = vec![Some(0); targets];
    let null = Null { bands: &[1], groups: &groups, count: surrogates, seed: seed ^ index as u64 };
    let null = pipeline::refit(backend, (&both, &folds), &joint, &null)?;
    let p = |count: &u32| statistics::permutation_p(u64::from(*count), surrogates as u64);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (baseline, joint) = (mean(&baseline), mean(&joint.by_fold.mean()));
    Ok(GainOutcome {
        baseline,
        gain: joint - baseline,
        excess: joint - mean(&null.mean),
        false_positives: share_of(null.exceedances.iter().map(p), targets),
    })
}
