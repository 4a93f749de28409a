//! Gains of features that hold nothing over a baseline that holds something.

use super::pipeline::{self, Null};
use super::simulate::{Units, design, mixed, stream, units, without_drift};
use super::{Condition, DELAYS, Noise, SimulatedFolds, UNITS, mean, share_of};
use crate::EncodingError;
use crate::backend::Backend;
use crate::statistics;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gains {
    /// What the layer holds.
    pub holds: LayerHolds,
    /// Whether surrogates choose penalties and mixtures again.
    pub again: bool,
    /// Targets per design.
    pub targets: usize,
    /// Surrogates per design.
    pub surrogates: usize,
    /// Seed of everything.
    pub seed: u64,
}

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

/// What a layer that says nothing of its own holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerHolds {
    /// Units that are as slow as the baseline, and independent of it.
    Nothing,
    /// The unit of the baseline in each of them, in most of their variance.
    Baseline,
    /// The units of a baseline of twelve, one in each of twelve, in most of their variance.
    WideBaseline,
}

/// Share of a response's variance that the baseline evokes.
const EVOKED: f64 = 0.2;
/// Share of the variance of a unit that is the baseline's, where a layer holds the baseline.
const REPEATED: f64 = 0.8;
/// Units of a wide baseline, and of a layer that repeats it.
const WIDE: usize = 12;
/// Shares of the layer in the joint kernel: the pure baseline, equal parts, the pure layer.
const LAYER_SHARES: [f64; 3] = [0.0, 0.5, 1.0];

/// One design with a baseline that evokes responses, and a layer of which nothing else does.
///
/// # Errors
/// - as [`super::simulate_design`].
pub fn simulate_gain(
    backend: &Backend,
    gains: &Gains,
    (condition, index): (Condition, usize),
) -> Result<GainOutcome, EncodingError> {
    let Condition { rho, samples } = condition;
    let Gains { holds, again, targets, surrogates, seed } = *gains;
    let noise = Noise::Autoregressive(rho);
    let mut random = stream(seed, index, rho.to_bits() ^ samples as u64 ^ 2);
    let (of_baseline, of_layer) = if holds == LayerHolds::WideBaseline { (WIDE, WIDE) } else { (1, UNITS) };
    let rate = units(&mut random, &noise, (of_baseline, samples));
    let layer = holding(holds, &rate, units(&mut random, &noise, (of_layer, samples)));
    let responses: Vec<Vec<f64>> = (0..targets)
        .map(|_| {
            let own = noise.series(&mut random, samples);
            own.iter().enumerate().map(|(row, own)| mixed(EVOKED, by_all(&rate, row), *own)).collect()
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
    let (bands, given, seed) = (&[1], &[0], seed ^ index as u64);
    let null = Null { bands, given, groups: &groups, again, count: surrogates, seed };
    let null = pipeline::refit(backend, (&both, &folds), &joint, &null)?;
    let p = |count: &u32| statistics::permutation_p(u64::from(*count), surrogates as u64);
    let (baseline, joint) = (mean(&baseline), mean(&joint.by_fold.mean()));
    Ok(GainOutcome {
        baseline,
        gain: joint - baseline,
        excess: joint - mean(&null.mean),
        false_positives: share_of(null.exceedances.iter().map(p), targets),
    })
}

/// The units of a layer, each with most of the variance of a unit of the baseline, in turn, where it holds the baseline.
fn holding(holds: LayerHolds, baseline: &Units, own: Units) -> Units {
    if holds == LayerHolds::Nothing {
        return own;
    }
    let of_unit = |(baseline, own): (&Vec<f64>, Vec<f64>)| {
        baseline.iter().zip(own).map(|(baseline, own)| mixed(REPEATED, *baseline, own)).collect()
    };
    baseline.iter().cycle().zip(own).map(of_unit).collect()
}

/// What all units evoke at a sample, of the variance of one.
fn by_all(units: &Units, row: usize) -> f64 {
    units.iter().map(|unit| evoked(unit, row)).sum::<f64>() / (units.len() as f64).sqrt()
}

/// What a series evokes by all its delays at a sample; of variance 1 if that of the series is, and its samples independent.
fn evoked(series: &[f64], row: usize) -> f64 {
    let longest = DELAYS[DELAYS.len() - 1];
    DELAYS.iter().map(|delay| series[row + longest - delay]).sum::<f64>() / (DELAYS.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delay_evokes_as_much() {
        let series = [1.0, 10.0, 100.0, 1000.0, 1e4, 1e5];
        assert_eq!((evoked(&series, 0), evoked(&series, 2)), (1111.0 / 2.0, 111_100.0 / 2.0));
        assert_eq!(by_all(&vec![series.to_vec(); 4], 0), 4.0 * 1111.0 / 2.0 / 2.0);
    }

    #[test]
    fn units_are_repeated_in_turn() {
        let (baseline, own) = (vec![vec![0.0, 2.0], vec![3.0, 0.0]], vec![vec![1.0, 0.0]; 3]);
        assert_eq!(holding(LayerHolds::Nothing, &baseline, own.clone()), own);
        let layer = holding(LayerHolds::Baseline, &baseline, own);
        let (of_own, of_baseline) = (0.2_f64.sqrt(), 0.8_f64.sqrt());
        let expected =
            [[of_own, 2.0 * of_baseline], [of_own + 3.0 * of_baseline, 0.0], [of_own, 2.0 * of_baseline]];
        for (found, expected) in layer.iter().zip(expected) {
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12));
        }
    }

    #[test]
    fn a_layer_that_holds_nothing_gains_nothing_over_a_baseline_that_holds_something() {
        let backend = crate::backend::on_one_thread();
        let condition = Condition { rho: 0.5, samples: 300 };
        let of = |again: bool| {
            let gains = Gains { holds: LayerHolds::Nothing, again, targets: 3, surrogates: 19, seed: 4 };
            simulate_gain(&backend, &gains, (condition, 2)).unwrap()
        };
        let [observed, again] = [false, true].map(of);
        assert_eq!((observed.baseline, observed.gain), (again.baseline, again.gain));
        assert_ne!(observed.excess, again.excess, "surrogates that choose score otherwise");
        for found in [observed, again] {
            assert!((0.3..0.7).contains(&found.baseline), "{found:?}");
            let is_small = found.gain.abs() < 0.1 && found.excess.abs() < 0.1;
            assert!(is_small && found.gain != found.excess && found.false_positives <= 1.0, "{found:?}");
        }
    }
}
