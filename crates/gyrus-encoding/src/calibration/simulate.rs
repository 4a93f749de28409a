//! Designs and responses without anything in common but how slow they are.

use gyrus_core::{RepetitionTime, Seconds, Timeline};
use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{BLOCKS, DELAYS, Noise};
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

/// The drift that is taken from features and responses: that of every block that is held out, as the program does.
pub(super) fn drift(samples: usize) -> Result<Basis, EncodingError> {
    let interval = RepetitionTime::new(Seconds::new(REPETITION_TIME)?)?;
    let high_pass = Seconds::new(HIGH_PASS)?;
    let of = |count| vec![denoise::cosines(count, interval, high_pass)];
    let blocks: Vec<_> =
        (0..BLOCKS).map(|block| samples * block / BLOCKS..samples * (block + 1) / BLOCKS).collect();
    Basis::new(samples, &[denoise::by_stretch(samples, &blocks, of)])
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

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::Rng;

    use super::*;

    #[test]
    fn columns_are_units_delay_by_delay() {
        let units: Units =
            (0..2).map(|unit| (0..12).map(|row| f64::from(100 * unit + row)).collect()).collect();
        let found = design(&[("units", &units)], 8, 3).unwrap();
        let features = &found.bands[0].features;
        assert_eq!((features.dim(), found.timeline.groups()), ((8, 8), &["story 3".to_owned()][..]));
        // The first sample at a delay of one volume is the fourth of the units, which begin four volumes earlier.
        assert_eq!((features[(0, 0)], features[(0, 1)], features[(5, 0)]), (3.0, 103.0, 8.0));
        assert_eq!((features[(0, 2)], features[(0, 7)]), (2.0, 100.0));
    }

    #[test]
    fn what_is_left_of_responses_is_orthogonal_to_the_drift_of_every_block() {
        let series: Vec<Vec<f64>> =
            (0..2).map(|target| (0..400).map(|row| f64::from(row * row % 17 + target)).collect()).collect();
        let found = without_drift(&series, 400).unwrap();
        for block in 0..5 {
            for target in 0..2 {
                let of_block =
                    (80 * block..80 * (block + 1)).map(|row| (row - 80 * block, found[(row, target)]));
                let (mut sum, mut slow) = (0.0, 0.0);
                for (at, value) in of_block {
                    sum += f64::from(value);
                    slow += f64::from(value) * (std::f64::consts::PI * (at as f64 + 0.5) / 80.0).cos();
                }
                assert!(sum.abs() < 1e-3 && slow.abs() < 1e-3, "{block} {target}: {sum} {slow}");
            }
        }
        assert!((found[(7, 1)] - found[(7, 0)]).abs() < 1e-5, "a constant is nothing");
        assert!(found.iter().any(|value| value.abs() > 1.0));
    }

    #[test]
    fn streams_differ_by_seed_data_set_and_purpose_and_parts_have_their_shares() {
        let first = |seed, index, purpose| stream(seed, index, purpose).next_u64();
        let all = [first(1, 2, 3), first(2, 2, 3), first(1, 3, 3), first(1, 2, 4)];
        assert_eq!(first(1, 2, 3), all[0]);
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
        assert!((mixed(0.25, 2.0, 4.0) - (1.0 + 0.75_f64.sqrt() * 4.0)).abs() < 1e-12);
    }
}
