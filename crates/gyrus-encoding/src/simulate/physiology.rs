//! Heartbeat and breathing as a scanner sees them: pulses that are no sine waves, at a rate and size that vary.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;

use super::random::{lognormal, normal, standardised, uniform};
use crate::statistics::{Purpose, stream};

/// Blood pulse at a share `phase` of the beat, 0 to 1: a steep systolic wave and a smaller dicrotic one,
///
/// exp(8 (cos 2π(φ − 0.15) − 1)) + 0.35 exp(6 (cos 2π(φ − 0.45) − 1)).
#[must_use]
pub fn pulse_shape(phase: f64) -> f64 {
    let wave = |sharpness: f64, at: f64| libm::exp(sharpness * (libm::cos(TAU * (phase - at)) - 1.0));
    wave(8.0, 0.15) + 0.35 * wave(6.0, 0.45)
}

/// Chest at a share `phase` of the breath, 0 to 1: in during 0.35 of it (half a cosine), out exponentially, then rest.
#[must_use]
pub fn breath_shape(phase: f64) -> f64 {
    const IN: f64 = 0.35;
    if phase < IN {
        0.5 * (1.0 - libm::cos(TAU / 2.0 * phase / IN))
    } else {
        let out = (phase - IN) / (1.0 - IN);
        libm::exp(-5.0 * out) - libm::exp(-5.0) * out
    }
}

/// Pulse and breath of a participant at the times of samples, each with mean 0 and variance 1.
pub(super) struct Physiology {
    pub heart: Vec<f64>,
    pub breath: Vec<f64>,
}

/// A body's rhythm: cycles of varying length and size.
struct Rhythm {
    /// Seconds per cycle in the middle.
    period: f64,
    /// Deviation of the logarithm of the period in the long run.
    wander: f64,
    /// How much of the deviation stays from one cycle to the next.
    memory: f64,
    /// Deviation of the logarithm of a cycle's size.
    size: f64,
}

impl Physiology {
    /// `times` are in seconds from any origin, ascending.
    pub(super) fn new(seed: u64, participant: u32, times: &[f64]) -> Self {
        let mut random = stream(seed, Purpose::SimulatedPhysiology, participant, 0);
        let heart =
            Rhythm { period: 0.9 * lognormal(&mut random, 0.12), wander: 0.08, memory: 0.9, size: 0.15 };
        let breath =
            Rhythm { period: 3.9 * lognormal(&mut random, 0.15), wander: 0.15, memory: 0.7, size: 0.35 };
        let heart = heart.at(times, pulse_shape, &mut random);
        let breath = breath.at(times, breath_shape, &mut random);
        Self { heart: standardised(&heart), breath: standardised(&breath) }
    }
}

impl Rhythm {
    fn at(&self, times: &[f64], shape: fn(f64) -> f64, random: &mut ChaCha8Rng) -> Vec<f64> {
        let mut deviation = normal(random) * self.wander;
        let first = times.first().copied().unwrap_or(0.0);
        let mut start = first - uniform(random) * self.period;
        let (mut length, mut size) = (self.period, 1.0);
        let step = libm::sqrt(1.0 - self.memory * self.memory) * self.wander;
        let mut values = Vec::with_capacity(times.len());
        for time in times {
            while start + length <= *time {
                start += length;
                deviation = self.memory * deviation + step * normal(random);
                length = self.period * libm::exp(deviation);
                size = lognormal(random, self.size);
            }
            values.push(size * shape((time - start) / length));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_pulses_and_no_sine_waves() {
        let power = |shape: fn(f64) -> f64, harmonic: f64| {
            let at = |step: usize| step as f64 / 200.0;
            let part = |wave: fn(f64) -> f64| {
                (0..200).map(|step| shape(at(step)) * wave(TAU * harmonic * at(step))).sum::<f64>()
            };
            part(f64::sin).powi(2) + part(f64::cos).powi(2)
        };
        for shape in [pulse_shape, breath_shape] {
            assert!(power(shape, 2.0) > 0.05 * power(shape, 1.0), "more than one harmonic");
            assert!((0..=100).all(|step| shape(f64::from(step) / 100.0) >= 0.0));
            assert!((shape(0.0) - shape(1.0)).abs() < 1e-9, "a cycle joins the next");
        }
    }

    #[test]
    fn beats_differ_in_length_and_size() {
        let times: Vec<f64> = (0..20_000).map(|step| f64::from(step) * 0.02).collect();
        let found = Physiology::new(1, 2, &times);
        let peaks: Vec<usize> = (1..times.len() - 1)
            .filter(|at| found.heart[*at] > 1.0)
            .filter(|at| found.heart[*at] >= found.heart[at - 1] && found.heart[*at] > found.heart[at + 1])
            .collect();
        let rate = peaks.len() as f64 / 400.0;
        assert!((0.7..1.7).contains(&rate), "{rate} beats per second");
        let gaps: Vec<usize> = peaks.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().max() > gaps.iter().min(), "{gaps:?}");
        let (low, high) = peaks
            .iter()
            .map(|at| found.heart[*at])
            .fold((f64::MAX, f64::MIN), |(low, high), peak| (low.min(peak), high.max(peak)));
        assert!(high > 1.2 * low);
        assert_ne!(found.heart, Physiology::new(1, 3, &times).heart);
    }
}
