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
    let part = |phase: &f64| ((phase / std::f64::consts::TAU * PARTS as f64) as usize).min(PARTS - 1);
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
