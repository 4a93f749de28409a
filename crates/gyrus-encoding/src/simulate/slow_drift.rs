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

    /// Expected: means over 20,000 drifts of the same formula in NumPy, with random numbers of its own.
    #[test]
    fn drifts_are_lines_and_waves_of_the_sizes_that_are_said() {
        let (samples, draws) = (200, 3000);
        let line = |sample: usize| (sample as f64 - 99.5) / libm::sqrt((200.0 * 200.0 - 1.0) / 12.0);
        let mut sums = [0.0; 4];
        for draw in 0..draws {
            let values = drift(&mut stream(8, Purpose::SimulatedNoise, 0, draw), samples, 3.1);
            let mean = |value: &dyn Fn(usize) -> f64| (0..samples).map(value).sum::<f64>() / samples as f64;
            assert!(values.len() == samples && mean(&|at| values[at]).abs() < 1e-9);
            assert!((mean(&|at| values[at] * values[at]) - 1.0).abs() < 1e-9);
            let steps: f64 = values.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).sum();
            let along = mean(&|at| values[at] * line(at));
            let found = [steps / 199.0, along * along, along, values[0] * values[0]];
            sums.iter_mut().zip(found).for_each(|(sum, value)| *sum += value / draws as f64);
        }
        // Relative to a wave of 150 s.
        sums[0] /= (TAU / 150.0 * 3.1) * (TAU / 150.0 * 3.1);
        for (found, (expected, near)) in
            sums.iter().zip([(0.224, 0.012), (0.304, 0.02), (0.0, 0.04), (1.68, 0.14)])
        {
            assert!((found - expected).abs() < near, "{sums:?}");
        }
    }
}
