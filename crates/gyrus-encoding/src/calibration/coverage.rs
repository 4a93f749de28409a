//! How often intervals hold what they are intervals of.

use gyrus_core::{RepetitionTime, Seconds};
use ndarray::{Array2, ArrayView1, Axis};
use rand_chacha::ChaCha8Rng;

use super::pipeline;
use super::simulate::{REPETITION_TIME, Units, design, mixed, stream, units, without_drift};
use super::{Condition, DELAYS, Noise, SimulatedFolds, UNITS};
use crate::EncodingError;
use crate::backend::Backend;
use crate::scores;
use crate::simulate::random::normal;
use crate::statistics::{BlockLength, Interval, bootstrap_participants, bootstrap_stimulus};

/// One stretch of a story that the same people hear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// The group's score in it.
    pub score: f64,
    /// Its interval over blocks of the story.
    pub interval: Interval,
    /// Whether the interval is printed as unreliable.
    pub unreliable: bool,
}

/// Share of a response's variance that the features evoke.
const EVOKED: f64 = 0.15;
const COVERAGE: f64 = 0.95;
const BLOCK: f64 = 30.0;

/// The group score of features that evoke responses, with its interval over the story. The people (their weights) are
/// those of the seed, the stretch of the story and the noise are those of the index: the mean score over many
/// indices is what the interval is about.
///
/// # Errors
/// - as [`super::simulate_design`].
pub fn simulate_stretch(
    backend: &Backend,
    (condition, participants, draws): (Condition, usize, usize),
    (seed, index): (u64, usize),
) -> Result<Stretch, EncodingError> {
    let Condition { rho, samples } = condition;
    let noise = Noise::Autoregressive(rho);
    let weights = weights_of_people(participants, seed);
    let mut random = stream(seed, index, rho.to_bits() ^ samples as u64 ^ 4);
    let features = units(&mut random, &noise, (UNITS, samples));
    let responses = responses(&mut random, (&weights, &features), (&noise, samples));
    let responses = without_drift(&responses, samples)?;
    let design = design(&[("layer", &features)], samples, index)?;
    let folds = pipeline::folds(&design, (SimulatedFolds::Blocks, index))?;
    let fitted = pipeline::fit(backend, (&design, &folds), vec![vec![1.0]], &responses)?;
    let products = scores::held_out_products(&fitted.predictions, &fitted.responses, &folds)?;
    let group = products.mapv(f64::from).mean_axis(Axis(1)).unwrap_or_default().insert_axis(Axis(1));
    let length = BlockLength {
        seconds: Seconds::new(BLOCK)?,
        interval: RepetitionTime::new(Seconds::new(REPETITION_TIME)?)?,
        draws,
        seed: seed ^ index as u64,
        level: COVERAGE,
    };
    let found = bootstrap_stimulus(group.view(), &design.timeline, folds.as_slice(), &length)?;
    let of = found.first().ok_or(EncodingError::SampleMismatch { found: 0, expected: samples })?;
    Ok(Stretch { score: of.score, interval: of.interval, unreliable: of.unreliable })
}

/// Everybody hears the features alike, each with more or less of each unit: N(1, ½²), shape (n_participants, UNITS).
fn weights_of_people(participants: usize, seed: u64) -> Array2<f64> {
    let mut people = stream(seed, 0, 3);
    Array2::from_shape_simple_fn((participants, UNITS), || 1.0 + 0.5 * normal(&mut people))
}

/// A response per person, of variance 1, which follows the features by the second delay.
fn responses(
    random: &mut ChaCha8Rng,
    (weights, features): (&Array2<f64>, &Units),
    (noise, samples): (&Noise, usize),
) -> Vec<Vec<f64>> {
    let lag = DELAYS[DELAYS.len() - 1] - DELAYS[1];
    let mut of_person = |weights: ArrayView1<f64>| {
        let own = noise.series(random, samples);
        let size = weights.dot(&weights).sqrt();
        let evoked = |row: usize| {
            features.iter().zip(weights).map(|(unit, weight)| unit[row + lag] * weight).sum::<f64>() / size
        };
        own.iter().enumerate().map(|(row, own)| mixed(EVOKED, evoked(row), *own)).collect()
    };
    weights.rows().into_iter().map(&mut of_person).collect()
}

/// Whether the interval over so many people holds the mean of the population that they are drawn from; scores are
/// normal, or skewed as squares are.
#[must_use]
pub fn covers_population(participants: usize, is_skewed: bool, (seed, index): (u64, usize)) -> bool {
    let mut random = stream(seed, index, 5);
    let values: Vec<f64> =
        std::iter::repeat_with(|| score(&mut random, is_skewed)).take(participants).collect();
    let mean = |sample: &[usize]| sample.iter().map(|one| values[*one]).sum::<f64>() / sample.len() as f64;
    let interval = bootstrap_participants(participants, 1000, seed ^ index as u64, COVERAGE, mean);
    interval.low <= 0.0 && 0.0 <= interval.high
}

/// The score of a person, of mean 0 and variance 1.
fn score(random: &mut ChaCha8Rng, is_skewed: bool) -> f64 {
    let normal = normal(random);
    if is_skewed { (normal * normal - 1.0) / std::f64::consts::SQRT_2 } else { normal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::pearson;

    /// r of what is evoked with the response is √.15, at the lag of the second delay and only there.
    #[test]
    fn responses_hold_the_features_as_much_and_as_late_as_was_asked() {
        let (noise, samples) = (Noise::Autoregressive(0.0), 20_000);
        let weights = ndarray::array![[3.0, 0.0, 0.0, 0.0, 0.0, 4.0], [1.0, -2.0, 1.0, 1.0, 1.0, 1.0]];
        let mut random = stream(1, 2, 3);
        let features = units(&mut random, &noise, (UNITS, samples));
        let found = responses(&mut random, (&weights, &features), (&noise, samples));
        assert_eq!(found.len(), 2);
        for (response, weights) in found.iter().zip(weights.rows()) {
            let r = |delay: usize| {
                let at = |row: usize| -> f64 {
                    features.iter().zip(weights).map(|(unit, weight)| unit[row + 4 - delay] * weight).sum()
                };
                pearson(&(0..samples).map(at).collect::<Vec<_>>(), response).unwrap()
            };
            assert!((r(2) - EVOKED.sqrt()).abs() < 0.02 && r(1).abs() < 0.03 && r(3).abs() < 0.03);
            let power = response.iter().map(|value| value * value).sum::<f64>() / samples as f64;
            assert!((power - 1.0).abs() < 0.05, "{power}");
        }
        assert!(pearson(&found[0], &found[1]).unwrap() < 0.2, "each has noise of its own");
    }

    fn moments(values: &[f64]) -> [f64; 3] {
        let mean = |of: &dyn Fn(f64) -> f64| {
            values.iter().map(|value| of(*value)).sum::<f64>() / values.len() as f64
        };
        let first = mean(&|value| value);
        [first, mean(&|value| (value - first).powi(2)), mean(&|value| (value - first).powi(3))]
    }

    #[test]
    fn people_and_scores_have_their_moments() {
        let [mean, variance, _] = moments(&weights_of_people(5000, 2).iter().copied().collect::<Vec<_>>());
        assert!((mean - 1.0).abs() < 0.02 && (variance - 0.25).abs() < 0.01, "{mean} {variance}");
        assert_eq!(weights_of_people(3, 2), weights_of_people(3, 2));
        // Of χ² with one degree of freedom the third standardised moment is √8.
        for (is_skewed, skewness) in [(false, 0.0), (true, 8.0_f64.sqrt())] {
            let mut random = stream(4, 0, 5);
            let all: Vec<f64> = (0..100_000).map(|_| score(&mut random, is_skewed)).collect();
            let [mean, variance, third] = moments(&all);
            assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.05, "{is_skewed}: {mean} {variance}");
            assert!((third - skewness).abs() < 0.3, "{is_skewed}: {third}");
        }
    }

    /// Few people: an interval of 95 % that is too narrow, but one that holds the truth most of the time.
    #[test]
    fn the_mean_of_the_population_is_inside_more_often_than_not_and_not_always() {
        let inside = (0..200).filter(|index| covers_population(5, false, (3, *index))).count();
        assert!((130..190).contains(&inside), "{inside} of 200");
    }

    #[test]
    fn a_stretch_has_a_score_in_its_interval_and_says_when_it_is_short() {
        let backend = crate::backend::on_one_thread();
        let of = |samples| {
            let condition = Condition { rho: 0.5, samples };
            simulate_stretch(&backend, (condition, 2, 50), (3, 1)).unwrap()
        };
        let (short, long) = (of(180), of(500));
        assert!(short.unreliable && !long.unreliable);
        let Interval { low, high, .. } = long.interval;
        assert!(0.1 < long.score && low < long.score && long.score < high && high < 0.6, "{long:?}");
        assert!(of(181).score != short.score, "other samples, other noise");
    }
}
