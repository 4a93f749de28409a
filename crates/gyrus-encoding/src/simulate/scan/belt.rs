//! What a pulse oximeter and a belt around the chest record during a run.

use super::{Experiment, ScannedRun, unit};
use crate::simulate::random::normal;
use crate::statistics::{Purpose, stream};

/// Seconds by which a pulse reaches the finger later than the brain.
const FINGER: f64 = 0.25;

/// Samples of both devices.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Samples per second.
    pub rate: f64,
    /// Seconds from the first volume to the first sample.
    pub start: f64,
    /// Pulse, breath and whether a volume began, sample by sample; counts of a 12-bit converter.
    pub samples: Vec<[u16; 3]>,
}

/// Records a run, from `start` (negative: before the first volume) to 3 s after its end.
///
/// Pulse: the heart of 0.25 s earlier; breath: the chest, and at a cough a blow of 0.2 s; both with noise of a twentieth of
/// their deviation. 2048 counts stand for 0, 400 for one deviation.
#[must_use]
pub fn recorded(
    experiment: &Experiment,
    (participant, run): (u32, usize),
    scanned: &ScannedRun,
    (rate, start): (f64, f64),
) -> Recorded {
    let interval = experiment.acquisition.interval.get();
    let end = scanned.values.nrows() as f64 * interval;
    let mut random =
        stream(experiment.seed, Purpose::SimulatedPhysiology, unit(participant, run + 1), u64::MAX);
    let count = |value: f64| libm::round(2048.0 + 400.0 * value).clamp(0.0, 4095.0) as u16;
    let samples = libm::ceil((end + 3.0 - start) * rate) as usize;
    let mut begins = vec![0; samples];
    for volume in 0..scanned.values.nrows() {
        let sample = begins.get_mut(nearest(volume as f64 * interval, (rate, start)));
        sample.into_iter().for_each(|begins| *begins = 1);
    }
    let mut sample = |index: usize| {
        let time = start + index as f64 / rate;
        let pulse = scanned.heart.at(time - FINGER) + 0.05 * normal(&mut random);
        let blow = |cough: &f64| -2.5 * libm::exp(-(time - cough) * (time - cough) / (2.0 * 0.1 * 0.1));
        let blown: f64 = scanned.coughs.iter().map(blow).sum();
        let breath = scanned.breath.at(time) + blown + 0.05 * normal(&mut random);
        [count(pulse), count(breath), begins[index]]
    };
    Recorded { rate, start, samples: (0..samples).map(&mut sample).collect() }
}

/// The sample that is taken nearest to a time; of two that are equally near the later.
fn nearest(time: f64, (rate, start): (f64, f64)) -> usize {
    libm::floor((time - start) * rate + 0.5 + 1e-6) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_samples_a_volume_begins_at_the_later() {
        let found = [0.0, 0.01, 0.0099, 0.03].map(|time| nearest(time, (50.0, -7.5)));
        assert_eq!(found, [375, 376, 375, 377]);
    }

    #[test]
    fn each_volume_begins_at_a_sample_of_its_own() {
        for interval in [1.5, 2.0, 1.49] {
            let found: Vec<usize> =
                (0..200).map(|volume| nearest(f64::from(volume) * interval, (50.0, -7.5))).collect();
            assert_eq!(found[0], 375);
            assert!(found.windows(2).all(|pair| pair[1] > pair[0]));
            for (volume, sample) in found.iter().enumerate() {
                let away = *sample as f64 / 50.0 - 7.5 - volume as f64 * interval;
                assert!(away.abs() < 0.01 + 1e-6, "{away}");
            }
        }
    }
}
