//! Designs and responses without anything in common but how slow they are.

use gyrus_core::{RepetitionTime, Seconds, Timeline};
use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{DELAYS, Noise};
use crate::EncodingError;
use crate::denoise::{self, Basis};
use crate::ridge::{Band, Design, Scaling};

/// Seconds between samples.
pub(super) const REPETITION_TIME: f64 = 2.0;
const HIGH_PASS: f64 = 128.0;

/// Units of a band over time, from the longest delay before the first sample on.
pub(super) type Units = Vec<Vec<f64>>;

/// Independent units that are alike in how slow they are.
pub(super) fn units(random: &mut ChaCha8Rng, noise: &Noise, (count, samples): (usize, usize)) -> Units {
    (0..count).map(|_| noise.series(random, samples + longest())).collect()
}

fn longest() -> usize {
    DELAYS[DELAYS.len() - 1]
}

/// A design of one run whose bands are delayed units.
///
/// # Errors
/// - as [`Basis::new`].
pub(super) fn design(
    bands: &[(&str, &Units)],
    samples: usize,
    story: usize,
) -> Result<Design, EncodingError> {
    let of = |(name, units): &(&str, &Units)| {
        let delayed = |(row, column): (usize, usize)| {
            units[column % units.len()][row + longest() - DELAYS[column / units.len()]] as f32
        };
        Band::new(*name, Array2::from_shape_fn((samples, units.len() * DELAYS.len()), delayed))
    };
    Ok(Design {
        bands: bands.iter().map(of).collect(),
        timeline: Timeline::new([(samples, format!("story {story}"))]),
        drift: vec![drift(samples)?.vectors().to_owned()],
        scaling: Scaling::ZScore,
    })
}

/// The drift that is taken from features and responses.
pub(super) fn drift(samples: usize) -> Result<Basis, EncodingError> {
    let interval = RepetitionTime::new(Seconds::new(REPETITION_TIME)?)?;
    Basis::new(samples, &[denoise::cosines(samples, interval, Seconds::new(HIGH_PASS)?)])
}

/// Responses with their drift projected out, shape (n_samples, n_targets).
///
/// # Errors
/// - as [`Basis::new`].
pub(super) fn without_drift(series: &[Vec<f64>], samples: usize) -> Result<Array2<f32>, EncodingError> {
    let basis = drift(samples)?;
    let vectors = basis.vectors();
    let mut responses = Array2::zeros((samples, series.len()));
    for (mut column, series) in responses.columns_mut().into_iter().zip(series) {
        let raw = Array1::from(series[..samples].to_vec());
        let left = &raw - &vectors.dot(&vectors.t().dot(&raw));
        column.assign(&left.mapv(|value| value as f32));
    }
    Ok(responses)
}

/// Two independent parts of variance 1, of which the first has this share of the variance.
pub(super) fn mixed(share: f64, first: f64, other: f64) -> f64 {
    share.sqrt() * first + (1.0 - share).sqrt() * other
}

/// Random numbers of one data set of one simulation.
pub(super) fn stream(seed: u64, index: usize, purpose: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(index as u64).to_le_bytes());
    key[16..24].copy_from_slice(&purpose.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}
