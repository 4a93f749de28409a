//! How far the peaks of a trace can be trusted.

use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::smooth::median;
use super::{Trace, phase};

/// How far the peaks of a trace can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Share of the intervals between peaks that are plausible: within the bounds of the rhythm, and at most 30 % (heart) or
    /// 60 % (breath) longer or shorter than the median of the eleven around them.
    pub plausible: f64,
    /// Share of the variance of the filtered trace that a mean cycle, stretched from peak to peak, explains.
    pub explained: f64,
}

/// Parts of a cycle that have a mean each.
const PARTS: usize = 24;
/// Intervals around one whose median it is compared with, itself included.
const AROUND: usize = 11;

impl Quality {
    /// Below this share of plausible intervals, peaks are missing or invented.
    pub const LEAST_PLAUSIBLE: f64 = 0.8;
    /// Below this share of explained variance, peaks are hardly above noise.
    pub const LEAST_EXPLAINED: f64 = 0.35;

    /// Whether phases and rates from these peaks are doubtful.
    #[must_use]
    pub fn is_low(&self) -> bool {
        !(self.plausible >= Self::LEAST_PLAUSIBLE && self.explained >= Self::LEAST_EXPLAINED)
    }

    pub(super) fn of(filtered: &Trace, peaks: &[f64], limits: &Limits) -> Self {
        Self { plausible: plausible(peaks, limits), explained: explained(filtered, peaks) }
    }
}

/// The median of the intervals around each.
pub(super) fn medians(peaks: &[f64]) -> Vec<f64> {
    let intervals: Vec<f64> = peaks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let around = |index: usize| {
        let from = index.saturating_sub(AROUND / 2).min(intervals.len().saturating_sub(AROUND));
        median(intervals[from..(from + AROUND).min(intervals.len())].to_vec())
    };
    (0..intervals.len()).map(around).collect()
}

fn plausible(peaks: &[f64], limits: &Limits) -> f64 {
    let is_plausible = |(pair, typical): &(&[f64], f64)| {
        let interval = pair[1] - pair[0];
        let (shortest, longest) = limits.periods;
        (shortest..=longest).contains(&interval) && (interval / typical - 1.0).abs() <= limits.tolerance
    };
    let found = peaks.windows(2).zip(medians(peaks)).filter(is_plausible).count();
    found as f64 / peaks.len().saturating_sub(1).max(1) as f64
}

fn explained(filtered: &Trace, peaks: &[f64]) -> f64 {
    let (Some(first), Some(last)) = (peaks.first(), peaks.last()) else { return 0.0 };
    let samples: Vec<usize> = (0..filtered.values().len())
        .filter(|sample| (*first..*last).contains(&filtered.time(*sample)))
        .collect();
    let times: Vec<f64> = samples.iter().map(|sample| filtered.time(*sample)).collect();
    let part = |phase: &f64| (phase / std::f64::consts::TAU * PARTS as f64) as usize;
    let parts: Vec<usize> = phase::cardiac_phase(peaks, &times).iter().map(part).collect();
    let mut sums = [(0.0, 0.0); PARTS];
    for (sample, part) in samples.iter().zip(&parts) {
        sums[*part] = (sums[*part].0 + filtered.values()[*sample], sums[*part].1 + 1.0);
    }
    let mean = samples.iter().map(|sample| filtered.values()[*sample]).sum::<f64>() / samples.len() as f64;
    let (mut left, mut all) = (0.0, 0.0);
    for (sample, part) in samples.iter().zip(&parts) {
        let value = filtered.values()[*sample];
        let cycle = sums[*part].0 / sums[*part].1;
        left += (value - cycle) * (value - cycle);
        all += (value - mean) * (value - mean);
    }
    if all > 0.0 { 1.0 - left / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::Rhythm;
    use super::*;

    fn peaks(intervals: &[f64]) -> Vec<f64> {
        let ends = intervals.iter().scan(0.0, |time, interval| {
            *time += interval;
            Some(*time)
        });
        std::iter::once(0.0).chain(ends).collect()
    }

    #[test]
    fn an_interval_is_compared_with_the_median_of_the_eleven_around_it() {
        let found = medians(&peaks(&(1..=15).map(f64::from).collect::<Vec<_>>()));
        assert_eq!(found, [6, 6, 6, 6, 6, 6, 7, 8, 9, 10, 10, 10, 10, 10, 10].map(f64::from));
    }

    #[test]
    fn plausible_intervals_keep_to_the_rhythm_and_to_those_around() {
        let limits = Rhythm::Heart.limits();
        let mut intervals = vec![1.0; 16];
        (intervals[3], intervals[6], intervals[9], intervals[12]) = (1.25, 1.375, 0.25, 2.0);
        assert_eq!(plausible(&peaks(&intervals), &limits), 13.0 / 16.0);
        assert_eq!(plausible(&peaks(&[2.0; 8]), &limits), 0.0, "even, and too slow for a heart");
        assert_eq!(plausible(&peaks(&[0.75; 8]), &limits), 1.0);
    }

    /// Two cycles of 12 samples, 5 ± 3, one of which lies 2 above the other: 24 of 240 squares are left.
    #[test]
    fn explained_is_the_share_of_the_mean_cycle_between_the_first_and_the_last_peak() {
        let value = |sample: i32| match sample {
            6..18 => 6.0 + if sample % 2 == 0 { 3.0 } else { -3.0 },
            18..30 => 4.0 + if sample % 2 == 0 { 3.0 } else { -3.0 },
            _ => 1e3,
        };
        let trace = Trace::made(9.5 + 1.0 / 24.0, 12.0, (0..36).map(value).collect());
        let found = explained(&trace, &[10.0, 11.0, 12.0]);
        assert!((found - 0.9).abs() < 1e-12, "{found}");
        assert_eq!(explained(&trace.with(vec![2.0; 36]), &[10.0, 11.0, 12.0]), 0.0);
    }
}
