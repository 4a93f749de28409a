//! Simulated words, noise and threads for the tests.

use std::sync::Arc;

use gyrus_core::{RepetitionTime, Sampling, Seconds, Word};
use gyrus_encoding::backend::Backend;
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub fn seconds(value: f64) -> Seconds {
    Seconds::new(value).unwrap()
}

pub fn sampling(first: f64, interval: f64, count: usize) -> Sampling {
    Sampling { first: seconds(first), interval: RepetitionTime::new(seconds(interval)).unwrap(), count }
}

pub fn word(text: &str, onset: f64, offset: f64) -> Word {
    Word { text: text.to_owned(), onset: Some(seconds(onset)), offset: Some(seconds(offset)) }
}

pub fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

pub fn normal(random: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - uniform(random)).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(random)).cos()
}

pub fn noise(random: &mut ChaCha8Rng, rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_simple_fn((rows, columns), || normal(random) as f32)
}

/// AR(1) noise with unit variance.
pub fn autocorrelated(random: &mut ChaCha8Rng, count: usize, rho: f64) -> Vec<f64> {
    let mut value = normal(random);
    let step = |_| {
        value = rho * value + (1.0 - rho * rho).sqrt() * normal(random);
        value
    };
    (0..count).map(step).collect()
}

pub fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

pub fn backend(threads: usize) -> Backend {
    Backend::cpu(Arc::new(pool(threads)))
}
