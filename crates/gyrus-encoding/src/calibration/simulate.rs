//! Features and responses without anything in common but their autocorrelation.

use gyrus_core::{RepetitionTime, Seconds, Timeline};
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Calibration, Condition, DELAYS, UNITS};
use crate::EncodingError;
use crate::denoise::{self, Basis};
use crate::ridge::{Band, Design, Scaling};

const REPETITION_TIME: f64 = 2.0;
const HIGH_PASS: f64 = 128.0;

pub(super) struct Simulated {
    pub(super) design: Design,
    /// Shape (n_samples, n_targets), drift projected out.
    pub(super) responses: Array2<f32>,
}

pub(super) fn design(
    condition: Condition,
    calibration: &Calibration,
    index: usize,
) -> Result<Simulated, EncodingError> {
    let mut random = stream(calibration.seed, index, condition);
    let Condition { rho, samples } = condition;
    let longest = DELAYS[DELAYS.len() - 1];
    let units: Vec<Vec<f64>> = (0..UNITS).map(|_| series(&mut random, samples + longest, rho)).collect();
    let features = Array2::from_shape_fn((samples, UNITS * DELAYS.len()), |(row, column)| {
        units[column % UNITS][row + longest - DELAYS[column / UNITS]] as f32
    });
    let interval = RepetitionTime::new(Seconds::new(REPETITION_TIME)?)?;
    let drift = Basis::new(samples, &[denoise::cosines(samples, interval, Seconds::new(HIGH_PASS)?)])?;
    let vectors = drift.vectors().to_owned();
    let mut responses = Array2::zeros((samples, calibration.targets));
    for mut column in responses.columns_mut() {
        let raw = ndarray::Array1::from(series(&mut random, samples, rho));
        let left = &raw - &vectors.dot(&vectors.t().dot(&raw));
        column.assign(&left.mapv(|value| value as f32));
    }
    let band = Band::new("units", features);
    let timeline = Timeline::new([(samples, format!("story {index}"))]);
    let design = Design { bands: vec![band], timeline, drift: vec![vectors], scaling: Scaling::ZScore };
    Ok(Simulated { design, responses })
}

fn stream(seed: u64, index: usize, condition: Condition) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(index as u64).to_le_bytes());
    key[16..24].copy_from_slice(&condition.rho.to_bits().to_le_bytes());
    key[24..].copy_from_slice(&(condition.samples as u64).to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// AR(1) with variance 1.
fn series(random: &mut ChaCha8Rng, count: usize, rho: f64) -> Vec<f64> {
    let mut value = normal(random);
    let step = |_| {
        value = rho * value + (1.0 - rho * rho).sqrt() * normal(random);
        value
    };
    (0..count).map(step).collect()
}

/// Box & Muller (1958), Ann Math Stat 29:610.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let mut uniform = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let radius = (-2.0 * libm::log(1.0 - uniform())).sqrt();
    radius * libm::cos(std::f64::consts::TAU * uniform())
}
