//! How often intervals hold what they are intervals of.

use gyrus_core::{RepetitionTime, Seconds};
use ndarray::{Array2, Axis};

use super::pipeline;
use super::simulate::{REPETITION_TIME, design, mixed, stream, units, without_drift};
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
    let mut people = stream(seed, 0, 3);
    let weights = Array2::from_shape_simple_fn((participants, UNITS), || 1.0 + 0.5 * normal(&mut people));
    let mut random = stream(seed, index, rho.to_bits() ^ samples as u64 ^ 4);
    let features = units(&mut random, &noise, (UNITS, samples));
    // Responses follow by the second delay.
    let lag = DELAYS[DELAYS.len() - 1] - DELAYS[1];
    let responses: Vec<Vec<f64>> = weights
        .rows()
        .into_iter()
        .map(|weights| {
            let own = noise.series(&mut random, samples);
            let size = weights.dot(&weights).sqrt();
            let evoked = |row: usize| {
                features.iter().zip(weights).map(|(unit, weight)| unit[row + lag] * weight).sum::<f64>()
                    / size
            };
            let value = |(row, own): (usize, &f64)| mixed(EVOKED, evoked(row), *own);
            own.iter().enumerate().map(value).collect()
        })
        .collect();
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

/// Whether the interval over so many people holds the mean of the population that they are drawn from; scores are
/// normal, or skewed as squares are.
#[must_use]
pub fn covers_population(participants: usize, is_skewed: bool, (seed, index): (u64, usize)) -> bool {
    let mut random = stream(seed, index, 5);
    let score = || {
        let normal = normal(&mut random);
        // Mean 0 and variance 1 both.
        if is_skewed { (normal * normal - 1.0) / std::f64::consts::SQRT_2 } else { normal }
    };
    let values: Vec<f64> = std::iter::repeat_with(score).take(participants).collect();
    let mean = |sample: &[usize]| sample.iter().map(|one| values[*one]).sum::<f64>() / sample.len() as f64;
    let interval = bootstrap_participants(participants, 1000, seed ^ index as u64, COVERAGE, mean);
    interval.low <= 0.0 && 0.0 <= interval.high
}
