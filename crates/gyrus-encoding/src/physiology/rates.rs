//! How fast a heart beats and how much is breathed, over the whole trace.

use super::response::STEP;
use super::{Trace, smooth};

/// Half of the window over which rates are taken, in seconds.
const HALF: f64 = 3.0;

/// Heart rate in beats per minute: 60 / mean interval between the peaks within 3 s of each moment and one more on each side.
///
/// # Shapes
/// `peaks` in seconds, ascending, at least two. Returns a value every [`STEP`] from `from` to `to`.
///
/// # References
/// Chang, Cunningham and Glover (2009), NeuroImage 44:857.
#[must_use]
pub fn heart_rate(peaks: &[f64], (from, to): (f64, f64)) -> Trace {
    sampled((from, to), |time| {
        let first = peaks.partition_point(|peak| *peak < time - HALF).saturating_sub(1);
        let last = peaks.partition_point(|peak| *peak <= time + HALF).min(peaks.len() - 1);
        // Beyond the peaks, the interval at the end.
        let first = first.min(peaks.len() - 2);
        let last = last.max(first + 1);
        60.0 * (last - first) as f64 / (peaks[last] - peaks[first])
    })
}

/// Respiratory variation (RV): the standard deviation (with n) of the belt within 3 s of each moment.
///
/// # Shapes
/// Returns a value every [`STEP`] over the belt, in its unit.
///
/// # References
/// Chang, Cunningham and Glover (2009), NeuroImage 44:857.
#[must_use]
pub fn respiratory_variation(belt: &Trace) -> Trace {
    let half = (HALF * belt.rate()).round() as usize;
    let mean = belt.values().iter().sum::<f64>() / belt.values().len() as f64;
    let centred: Vec<f64> = belt.values().iter().map(|value| value - mean).collect();
    let squares: Vec<f64> = centred.iter().map(|value| value * value).collect();
    let [means, squares] = [centred, squares].map(|values| smooth::running_mean(&values, half));
    let deviations = means.iter().zip(squares).map(|(mean, square)| (square - mean * mean).max(0.0).sqrt());
    let variation = belt.with(deviations.collect());
    sampled((belt.start(), belt.end()), |time| variation.at(time))
}

/// Respiratory volume per time (RVT): (upper − lower envelope) / period.
///
/// The upper envelope is straight between the values of the belt at the peaks, the lower one between its lowest values from
/// peak to peak; the period is straight between the middles of the intervals, where it is the interval. All three keep
/// their nearest value before the first and after the last of these points.
///
/// # Shapes
/// `peaks` in seconds, ascending, at least two. Returns a value every [`STEP`] over the belt, in its unit per second.
///
/// # References
/// Birn et al. (2006), NeuroImage 31:1536.
#[must_use]
pub fn respiratory_volume_per_time(belt: &Trace, peaks: &[f64]) -> Trace {
    let upper: Vec<(f64, f64)> = peaks.iter().map(|peak| (*peak, belt.at(*peak))).collect();
    let lower: Vec<(f64, f64)> = peaks.windows(2).map(|pair| lowest(belt, pair[0], pair[1])).collect();
    let period: Vec<(f64, f64)> =
        peaks.windows(2).map(|pair| (f64::midpoint(pair[0], pair[1]), pair[1] - pair[0])).collect();
    sampled((belt.start(), belt.end()), |time| {
        (straight(&upper, time) - straight(&lower, time)) / straight(&period, time)
    })
}

/// The lowest sample between two times, with its time.
fn lowest(belt: &Trace, from: f64, to: f64) -> (f64, f64) {
    let sample =
        |time: f64| (((time - belt.start()) * belt.rate()).max(0.0) as usize).min(belt.values().len() - 1);
    let (from, to) = (sample(from), sample(to));
    let least = (from..=to).min_by(|left, right| belt.values()[*left].total_cmp(&belt.values()[*right]));
    let least = least.unwrap_or(from);
    (belt.time(least), belt.values()[least])
}

/// Straight between points, the nearest one beyond them.
pub(super) fn straight(points: &[(f64, f64)], time: f64) -> f64 {
    let next = points.partition_point(|(at, _)| *at <= time);
    match (next.checked_sub(1).map(|before| points[before]), points.get(next)) {
        (Some((_, value)), None) => value,
        (None, Some((_, value))) => *value,
        (Some((left, from)), Some((right, to))) => from + (time - left) / (right - left) * (to - from),
        (None, None) => f64::NAN,
    }
}

pub(super) fn sampled((from, to): (f64, f64), value: impl Fn(f64) -> f64) -> Trace {
    let count = (((to - from) / STEP).floor().max(0.0) as usize) + 1;
    let values = (0..count).map(|sample| value(from + sample as f64 * STEP)).collect();
    Trace::made(from, 1.0 / STEP, values)
}
