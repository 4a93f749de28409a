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
    let mut sample = |index: usize| {
        let time = start + index as f64 / rate;
        let pulse = scanned.heart.at(time - FINGER) + 0.05 * normal(&mut random);
        let blow = |cough: &f64| -2.5 * libm::exp(-(time - cough) * (time - cough) / (2.0 * 0.1 * 0.1));
        let blown: f64 = scanned.coughs.iter().map(blow).sum();
        let breath = scanned.breath.at(time) + blown + 0.05 * normal(&mut random);
        [
            count(pulse),
            count(breath),
            u16::from(begins(time, 1.0 / rate, interval) && time < end - 0.5 / rate),
        ]
    };
    let samples = (0..libm::ceil((end + 3.0 - start) * rate) as usize).map(&mut sample).collect();
    Recorded { rate, start, samples }
}

/// Whether the sample at `time` is the nearest to the beginning of a volume.
fn begins(time: f64, step: f64, interval: f64) -> bool {
    let volume = libm::round(time / interval);
    let since = time - volume * interval;
    volume >= 0.0 && since >= -0.5 * step && since < 0.5 * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_volume_begins_once() {
        for interval in [1.5, 2.0, 1.49] {
            let times = (0..5000).map(|index| -7.5 + f64::from(index) / 50.0);
            let found = times.filter(|time| *time < 90.0 && begins(*time, 0.02, interval)).count();
            assert_eq!(found, libm::ceil(90.0 / interval) as usize, "{interval}");
        }
    }
}
