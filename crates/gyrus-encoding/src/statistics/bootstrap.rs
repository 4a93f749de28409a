//! Intervals over participants: the bias-corrected and accelerated bootstrap.

use super::distributions::{normal_cdf, normal_quantile};
use super::stream::below;
use super::{Purpose, stream};

/// An interval for one number. NaN where it does not exist.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The interval that says nothing.
    pub const NONE: Self = Self { low: f64::NAN, high: f64::NAN };
}

/// Bootstrap interval over participants of any statistic of them.
///
/// `statistic` is given the participants of a sample (with repetition) and returns NaN where it does not
/// exist; all statistics of one study with the same `seed` see the same samples.
///
/// # References
/// Efron (1987), J Am Stat Assoc 82:171 (BCa).
pub fn bootstrap_participants(
    participants: usize,
    draws: usize,
    seed: u64,
    level: f64,
    statistic: impl Fn(&[usize]) -> f64,
) -> Interval {
    if participants < 2 {
        return Interval::NONE;
    }
    let one = |people: &[usize]| vec![statistic(people)];
    bootstrap_participants_each(participants, (draws, seed, level), one)
        .first()
        .copied()
        .unwrap_or(Interval::NONE)
}

/// The same for several statistics that share their work: the intervals of [`bootstrap_participants`], in the order of what
/// `statistics` returns, which is as many numbers for every sample.
pub fn bootstrap_participants_each(
    participants: usize,
    (draws, seed, level): (usize, u64, f64),
    statistics: impl Fn(&[usize]) -> Vec<f64>,
) -> Vec<Interval> {
    let everybody: Vec<usize> = (0..participants).collect();
    if participants < 2 {
        return statistics(&everybody).iter().map(|_| Interval::NONE).collect();
    }
    let sample = |draw: usize| -> Vec<f64> {
        let mut random = stream(seed, Purpose::Participants, 0, draw as u64);
        let drawn: Vec<usize> = everybody.iter().map(|_| below(&mut random, participants)).collect();
        statistics(&drawn)
    };
    let samples: Vec<Vec<f64>> = (0..draws).map(sample).collect();
    let without = |left_out: &usize| -> Vec<f64> {
        let rest: Vec<usize> = everybody.iter().copied().filter(|one| one != left_out).collect();
        statistics(&rest)
    };
    let jackknife: Vec<Vec<f64>> = everybody.iter().map(without).collect();
    let column = |rows: &[Vec<f64>], place: usize| -> Vec<f64> {
        rows.iter().map(|row| row.get(place).copied().unwrap_or(f64::NAN)).collect()
    };
    let interval = |(place, observed): (usize, &f64)| {
        bca(&column(&samples, place), *observed, &column(&jackknife, place), level)
    };
    statistics(&everybody).iter().enumerate().map(interval).collect()
}

/// The BCa interval from bootstrap samples, the observed value and the values without one participant each.
///
/// Samples that are NaN are left out. Where all samples are equal, the interval is that value. Ends are
/// quantiles of the samples with linear interpolation.
#[must_use]
pub fn bca(samples: &[f64], observed: f64, jackknife: &[f64], level: f64) -> Interval {
    let mut samples: Vec<f64> = samples.iter().copied().filter(|sample| !sample.is_nan()).collect();
    if samples.is_empty() || observed.is_nan() {
        return Interval::NONE;
    }
    samples.sort_by(f64::total_cmp);
    if samples[0] == samples[samples.len() - 1] {
        return Interval { low: samples[0], high: samples[0] };
    }
    let below = samples.iter().filter(|sample| **sample < observed).count();
    let at_most = samples.iter().filter(|sample| **sample <= observed).count();
    let share = (below + at_most) as f64 / (2 * samples.len()) as f64;
    let bias = normal_quantile(share);
    let acceleration = acceleration(jackknife);
    let end = |probability: f64| {
        let z = bias + normal_quantile(probability);
        quantile(&samples, normal_cdf(bias + z / (1.0 - acceleration * z)))
    };
    Interval { low: end((1.0 - level) / 2.0), high: end(f64::midpoint(1.0, level)) }
}

fn acceleration(jackknife: &[f64]) -> f64 {
    let jackknife: Vec<f64> = jackknife.iter().copied().filter(|value| value.is_finite()).collect();
    let mean = jackknife.iter().sum::<f64>() / jackknife.len() as f64;
    let squares: f64 = jackknife.iter().map(|value| (mean - value) * (mean - value)).sum();
    let cubes: f64 = jackknife.iter().map(|value| (mean - value) * (mean - value) * (mean - value)).sum();
    if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 }
}

/// The quantile of sorted values, with linear interpolation between them.
pub(crate) fn quantile(sorted: &[f64], probability: f64) -> f64 {
    if sorted.is_empty() || probability.is_nan() {
        return f64::NAN;
    }
    let place = probability.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    if low == high { low } else { low + (high - low) * (place - place.floor()) }
}
