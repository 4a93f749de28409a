//! What a scanner adds to every run: slow drift.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;

use super::random::{normal, standardised, uniform};

/// A line and four cosines with periods from 150 s to twice the recording, random in size and phase; mean 0, variance 1.
pub(super) fn drift(random: &mut ChaCha8Rng, samples: usize, interval: f64) -> Vec<f64> {
    let length = samples as f64 * interval;
    let slope = normal(random);
    let waves: Vec<(f64, f64, f64)> = (0..4)
        .map(|_| {
            let longest = (2.0 * length).max(151.0);
            let period = 150.0 * libm::pow(longest / 150.0, uniform(random));
            (0.5 * normal(random), TAU / period, TAU * uniform(random))
        })
        .collect();
    let at = |sample: usize| {
        let time = sample as f64 * interval;
        let waves = waves.iter().map(|(size, pace, phase)| size * libm::cos(pace * time + phase));
        slope * (time / length - 0.5) + waves.sum::<f64>()
    };
    standardised(&(0..samples).map(at).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{Purpose, stream};

    #[test]
    fn drift_is_slower_than_what_a_high_pass_keeps() {
        let values = drift(&mut stream(1, Purpose::SimulatedNoise, 0, 1), 300, 2.0);
        let steps: f64 = values.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum::<f64>() / 299.0;
        let fastest = (TAU / 150.0 * 2.0).powi(2);
        assert!(steps < fastest, "mean square step {steps}, of a wave of 150 s {fastest}");
    }
}
