//! The beats of a heart and the breaths of a chest over a whole run, to be looked at at any moment.

use rand_chacha::ChaCha8Rng;

use crate::simulate::physiology::{breath_shape, pulse_shape};
use crate::simulate::random::{lognormal, normal, uniform};
use crate::statistics::{Purpose, stream};

/// Cycles that follow each other without holes, each with a length and a size of its own.
#[derive(Debug, Clone)]
pub struct Cycles {
    /// Start in seconds, length in seconds and size of each, ascending.
    pub each: Vec<(f64, f64, f64)>,
    shape: fn(f64) -> f64,
    mean: f64,
    deviation: f64,
}

/// How cycles vary.
struct Rhythm {
    /// Seconds per cycle of this participant.
    period: f64,
    /// Deviation of the logarithm of a cycle's length in the long run.
    wander: f64,
    /// How much of the deviation stays from one cycle to the next.
    memory: f64,
    /// Deviation of the logarithm of a cycle's size.
    size: f64,
    shape: fn(f64) -> f64,
}

impl Cycles {
    /// Heart and chest of a participant in a run, over `span` seconds. The typical period is the participant's own:
    /// 0.9 s · e^(0.12 z) and 3.9 s · e^(0.15 z). Lengths wander from cycle to cycle (deviation of the logarithm 0.08
    /// and 0.15, memory 0.9 and 0.7); sizes are log-normal (0.15 and 0.35). Shapes: [`pulse_shape`], [`breath_shape`].
    #[must_use]
    pub fn of(seed: u64, (participant, run): (u32, usize), span: (f64, f64)) -> [Self; 2] {
        let mut own = stream(seed, Purpose::SimulatedPhysiology, participant, 0);
        let mut random = stream(seed, Purpose::SimulatedPhysiology, participant, run as u64 + 1);
        let heart = Rhythm {
            period: 0.9 * lognormal(&mut own, 0.12),
            wander: 0.08,
            memory: 0.9,
            size: 0.15,
            shape: pulse_shape,
        };
        let breath = Rhythm {
            period: 3.9 * lognormal(&mut own, 0.15),
            wander: 0.15,
            memory: 0.7,
            size: 0.35,
            shape: breath_shape,
        };
        [heart.over(span, &mut random), breath.over(span, &mut random)]
    }

    /// The wave at a moment, with mean 0 and variance 1 over the span; 0 outside it.
    #[must_use]
    pub fn at(&self, seconds: f64) -> f64 {
        (self.raw(seconds) - self.mean) / self.deviation
    }

    fn raw(&self, seconds: f64) -> f64 {
        let after = self.each.partition_point(|(start, ..)| *start <= seconds);
        let Some((start, length, size)) = after.checked_sub(1).map(|index| self.each[index]) else {
            return self.mean;
        };
        if seconds >= start + length { self.mean } else { size * (self.shape)((seconds - start) / length) }
    }
}

impl Rhythm {
    fn over(&self, span: (f64, f64), random: &mut ChaCha8Rng) -> Cycles {
        let step = libm::sqrt(1.0 - self.memory * self.memory) * self.wander;
        let mut deviation = normal(random) * self.wander;
        let mut start = span.0 - uniform(random) * self.period;
        let mut each = Vec::new();
        while start < span.1 {
            let length = self.period * libm::exp(deviation);
            each.push((start, length, lognormal(random, self.size)));
            start += length;
            deviation = self.memory * deviation + step * normal(random);
        }
        let mut cycles = Cycles { each, shape: self.shape, mean: 0.0, deviation: 1.0 };
        let count = libm::ceil((span.1 - span.0) / 0.02) as usize;
        let values: Vec<f64> = (0..count).map(|sample| cycles.raw(span.0 + sample as f64 * 0.02)).collect();
        let mean = values.iter().sum::<f64>() / count as f64;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count as f64;
        (cycles.mean, cycles.deviation) = (mean, variance.sqrt());
        cycles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_join_and_keep_a_participants_rate_from_run_to_run() {
        let rate = |participant, run| {
            let [heart, breath] = Cycles::of(3, (participant, run), (-8.0, 300.0));
            for cycles in [&heart, &breath] {
                for pair in cycles.each.windows(2) {
                    assert!((pair[0].0 + pair[0].1 - pair[1].0).abs() < 1e-9);
                }
                let values: Vec<f64> = (0..3000).map(|step| cycles.at(f64::from(step) * 0.1)).collect();
                let mean = values.iter().sum::<f64>() / 3000.0;
                let variance = values.iter().map(|value| value * value).sum::<f64>() / 3000.0;
                assert!(mean.abs() < 0.1 && (variance - 1.0).abs() < 0.15, "{mean} {variance}");
            }
            (heart.each.len() as f64 / 308.0, breath.each.len() as f64 / 308.0)
        };
        let (first, second) = (rate(0, 0), rate(0, 1));
        assert!((first.0 / second.0 - 1.0).abs() < 0.1 && (first.1 / second.1 - 1.0).abs() < 0.2);
        assert!((0.7..1.7).contains(&first.0) && (0.15..0.45).contains(&first.1), "{first:?}");
        for cycles in Cycles::of(3, (0, 0), (-20.0, 45.0)) {
            let values: Vec<f64> = (0..3250).map(|step| cycles.at(f64::from(step) * 0.02 - 20.0)).collect();
            let squares: f64 = values.iter().map(|value| value * value).sum();
            assert!(values.iter().sum::<f64>().abs() < 1e-6 && (squares / 3250.0 - 1.0).abs() < 1e-9);
        }
        let lengths = |run| Cycles::of(3, (0, run), (0.0, 9.0))[0].each.clone();
        assert_ne!(lengths(0), lengths(1));
    }
}
