//! Where in a beat and in a breath each volume is taken.

use std::f64::consts::{PI, TAU};

use super::Trace;

/// Cardiac phase: φ(t) = 2π (t − t₁) / (t₂ − t₁) between the peaks that flank t.
///
/// Before the first and after the last peak, cycles go on with the mean of the (at most twenty) nearest intervals.
///
/// # Shapes
/// `peaks` in seconds, ascending, at least two; returns one phase in [0, 2π) per time.
///
/// # References
/// Glover et al. (2000), Magn Reson Med 44:162.
#[must_use]
pub fn cardiac_phase(peaks: &[f64], times: &[f64]) -> Vec<f64> {
    const NEAREST: usize = 20;
    let last = peaks.len().saturating_sub(1);
    let ends = NEAREST.min(last);
    let (Some(first), Some(final_)) = (peaks.first(), peaks.last()) else { return vec![0.0; times.len()] };
    let before = (peaks[ends] - first) / ends.max(1) as f64;
    let after = (final_ - peaks[last - ends]) / ends.max(1) as f64;
    let share = |time: f64| {
        let next = peaks.partition_point(|peak| *peak <= time);
        let cycles = match next {
            0 => (time - first) / before,
            next if next > last => (time - final_) / after,
            next => (time - peaks[next - 1]) / (peaks[next] - peaks[next - 1]),
        };
        cycles - cycles.floor()
    };
    // A share just below 1 may round to 2π.
    times.iter().map(|time| TAU * share(*time)).map(|phase| if phase < TAU { phase } else { 0.0 }).collect()
}

/// Bins of the histogram of amplitudes.
const BINS: usize = 100;
/// Share of the samples beyond either end of the histogram, which count to its first and last bin.
const BEYOND: f64 = 0.005;
/// Seconds on each side over which the slope is taken.
const SLOPE: f64 = 0.5;

/// Respiratory phase: φ(t) = π · Σ_{b ≤ bin(r(t))} H(b) / Σ_b H(b) · sign(dr/dt).
///
/// H counts the samples of the belt in 100 equal bins between its 0.5 % and 99.5 % quantiles; what lies beyond is in the first and the
/// last bin, so that a cough does not squeeze all breaths into a few bins. The slope is that of the straight line through
/// the samples within 0.5 s; 0 counts as rising. r between samples is straight, and beyond the ends the nearest sample.
///
/// # Shapes
/// Returns one phase in [−π, π] per time; `belt` has no missing sample.
///
/// # References
/// Glover et al. (2000), Magn Reson Med 44:162.
#[must_use]
pub fn respiratory_phase(belt: &Trace, times: &[f64]) -> Vec<f64> {
    let mut sorted = belt.values().to_vec();
    sorted.sort_by(f64::total_cmp);
    let beyond = (BEYOND * sorted.len() as f64) as usize;
    let (low, high) = (sorted[beyond], sorted[sorted.len() - 1 - beyond]);
    let bin = |value: f64| match high > low {
        true => (((value - low) / (high - low) * BINS as f64).max(0.0) as usize).min(BINS - 1),
        false => 0,
    };
    let mut counts = [0_u64; BINS];
    belt.values().iter().for_each(|value| counts[bin(*value)] += 1);
    let mut sum = 0;
    let up_to = counts.map(|count| {
        sum += count;
        sum as f64 / belt.values().len() as f64
    });
    let phase = |time: &f64| {
        let size = PI * up_to[bin(belt.at(*time))];
        if slope(belt, *time) < 0.0 { -size } else { size }
    };
    times.iter().map(phase).collect()
}

/// The slope of the straight line through the samples around a time, times a positive number.
fn slope(belt: &Trace, time: f64) -> f64 {
    let last = belt.values().len() - 1;
    let sample = |seconds: f64| ((seconds - belt.start()) * belt.rate()).clamp(0.0, last as f64);
    // A hair wider, so that rounding of times decides nothing.
    let (from, to) =
        (sample(time - SLOPE - 1e-6).ceil() as usize, sample(time + SLOPE + 1e-6).floor() as usize);
    let to = to.max(from);
    let middle = f64::midpoint(from as f64, to as f64);
    (from..=to).map(|sample| (sample as f64 - middle) * belt.values()[sample]).sum()
}
