//! Random numbers for simulations: uniform, normal, log-normal, waiting times.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Uniform in [0, 1) with 53 bits.
pub(super) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Standard normal (Box & Muller 1958).
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(1.0 - uniform(random)));
    radius * libm::cos(std::f64::consts::TAU * uniform(random))
}

/// exp(deviation · z), z standard normal: median 1.
pub(super) fn lognormal(random: &mut ChaCha8Rng, deviation: f64) -> f64 {
    libm::exp(deviation * normal(random))
}

/// Time until the next of events that come at random, with this mean.
pub(super) fn waiting(random: &mut ChaCha8Rng, mean: f64) -> f64 {
    -mean * libm::log(1.0 - uniform(random))
}

/// Values with mean 0 and mean square 1; all zeros stay as they are.
pub(super) fn standardised(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let deviation = libm::sqrt(
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64,
    );
    let scale = if deviation > 0.0 { 1.0 / deviation } else { 0.0 };
    values.iter().map(|value| (value - mean) * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standardised_values_have_mean_zero_and_mean_square_one() {
        let found = standardised(&[1.0, 2.0, 3.0, 6.0]);
        for (value, expected) in found.iter().zip([-2.0, -1.0, 0.0, 3.0]) {
            assert!((value - expected / 3.5_f64.sqrt()).abs() < 1e-15, "{found:?}");
        }
        assert_eq!((found.len(), standardised(&[4.0; 3])), (4, vec![0.0; 3]));
    }
}
