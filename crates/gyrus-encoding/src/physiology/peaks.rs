//! Peaks of a pulse, an electrocardiogram or a breathing trace.

use super::beats::chain;
use super::limits::{Limits, Rhythm};
use super::quality::{Quality, medians};
use super::smooth::{median, smooth};
use super::trace::Trace;
use crate::EncodingError;

/// Peaks of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Peaks {
    /// Times in seconds on the clock of the run, ascending, at least three.
    pub times: Vec<f64>,
    /// How far they can be trusted.
    pub quality: Quality,
}

/// Finds the peaks of a trace: one per beat or breath, always at the same place of its wave.
///
/// x, with missing samples filled in and averaged down to at least 100 (heart) or 25 (breath) samples per second, becomes
/// z = b / √S(b²), b = S(x) − S'(x), with S three running means of 0.05 s or 0.4 s (noise), S' of 1.5 s or 10 s (wander of the
/// baseline) and S of the squares of 5 s or 20 s (changing amplitude; at least a fifth of its median). A heart trace whose
/// z is skewed downwards is turned over. The typical period T is the first lag from 0.33 s to 1.8 s (1.4 s to 12 s) at which the
/// autocorrelation of z has a local maximum of at least 0.8 of the largest one. Among the local maxima of z, the chain with
/// the largest Σ strength − Σ ln²(interval / T) is taken, strength = height / median height of a period's largest, at most
/// 1.5; once with T for the whole trace, and once with the median of the eleven intervals around. Times are refined by a
/// parabola through three samples.
///
/// # Numerics
/// f64; no random number.
///
/// # Errors
/// - [`EncodingError::Recording`] if no two samples differ, or fewer than three peaks are found.
///
/// # References
/// Ellis (2007), J New Music Res 36:51 (the chain, for beats of music).
pub fn find_peaks(trace: &Trace, rhythm: Rhythm) -> Result<Peaks, EncodingError> {
    let limits = rhythm.limits();
    let filtered = filtered(trace, rhythm)?;
    let candidates = candidates(&filtered);
    let typical = period(&filtered, &limits);
    let candidates = strengths(candidates, typical);
    let taken =
        |chosen: Vec<usize>| -> Vec<f64> { chosen.into_iter().map(|index| candidates[index].0).collect() };
    let rough = taken(chain(&candidates, |_| typical));
    let around = medians(&rough);
    let local = |time: f64| {
        let interval = rough.partition_point(|peak| *peak <= time).saturating_sub(1);
        around.get(interval.min(around.len().saturating_sub(1))).copied().unwrap_or(typical)
    };
    let times = taken(chain(&candidates, local));
    if times.len() < 3 {
        let found = format!("{} peaks in {:.1} s", times.len(), trace.end() - trace.start());
        return Err(EncodingError::Recording { found, expected: "at least three" });
    }
    let quality = Quality::of(&filtered, &times, &limits);
    Ok(Peaks { times, quality })
}

/// A trace ready for phases and volumes: missing samples filled in, averaged down to at least 100 (heart) or 25 (breath) samples per
/// second, without noise (three running means of 0.05 s or 0.4 s). A breathing trace also loses the wander of its baseline (three
/// running means of 20 s), and is set to mean 0 and deviation 1.
///
/// # Errors
/// - [`EncodingError::Recording`] if no two samples differ.
pub fn prepared(trace: &Trace, rhythm: Rhythm) -> Result<Trace, EncodingError> {
    /// Slower than any breath.
    const WANDER: f64 = 20.0;
    let limits = rhythm.limits();
    let reduced = trace.filled()?.reduced(limits.rate);
    let fine = smooth(reduced.values(), reduced.rate(), limits.fine);
    if rhythm == Rhythm::Heart {
        return Ok(reduced.with(fine));
    }
    let wander = smooth(reduced.values(), reduced.rate(), WANDER);
    let steady: Vec<f64> = fine.iter().zip(&wander).map(|(value, wander)| value - wander).collect();
    let n = steady.len() as f64;
    let mean = steady.iter().sum::<f64>() / n;
    let deviation = (steady.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt();
    if deviation == 0.0 {
        return Err(EncodingError::Recording {
            found: "a straight line".to_owned(),
            expected: "values that differ",
        });
    }
    Ok(reduced.with(steady.iter().map(|value| (value - mean) / deviation).collect()))
}

fn filtered(trace: &Trace, rhythm: Rhythm) -> Result<Trace, EncodingError> {
    /// A stretch without signal is not blown up to one.
    const LEAST_GAIN: f64 = 0.2;
    let limits = rhythm.limits();
    let reduced = trace.filled()?.reduced(limits.rate);
    let [fine, coarse] =
        [limits.fine, limits.coarse].map(|width| smooth(reduced.values(), reduced.rate(), width));
    let band: Vec<f64> = fine.iter().zip(&coarse).map(|(fine, coarse)| fine - coarse).collect();
    let squares: Vec<f64> = band.iter().map(|value| value * value).collect();
    let sizes: Vec<f64> =
        smooth(&squares, reduced.rate(), limits.gain).iter().map(|square| square.max(0.0).sqrt()).collect();
    let least = LEAST_GAIN * median(sizes.clone());
    let scaled: Vec<f64> =
        band.iter().zip(&sizes).map(|(value, size)| value / size.max(least).max(f64::MIN_POSITIVE)).collect();
    let skew: f64 = scaled.iter().map(|value| value * value * value).sum();
    let sign = if rhythm == Rhythm::Heart && skew < 0.0 { -1.0 } else { 1.0 };
    Ok(reduced.with(scaled.iter().map(|value| sign * value).collect()))
}

/// Local maxima above 0: time and height, by the parabola through three samples.
fn candidates(filtered: &Trace) -> Vec<(f64, f64)> {
    let of = |(index, around): (usize, &[f64])| {
        let [before, here, after] = *around else { return None };
        if here <= 0.0 || here <= before || here < after {
            return None;
        }
        let bend = before - 2.0 * here + after;
        let shift = 0.5 * (before - after) / bend;
        Some((filtered.time(index + 1) + shift / filtered.rate(), here - 0.25 * (before - after) * shift))
    };
    filtered.values().windows(3).enumerate().filter_map(of).collect()
}

/// Heights as shares of the median over the largest of each one and a half periods.
fn strengths(candidates: Vec<(f64, f64)>, typical: f64) -> Vec<(f64, f64)> {
    const MOST: f64 = 1.5;
    let mut largest: Vec<f64> = Vec::new();
    let mut stretch = None;
    for (time, height) in &candidates {
        let of = (time / (1.5 * typical)).floor();
        match largest.last_mut().filter(|_| stretch == Some(of)) {
            Some(largest) => *largest = largest.max(*height),
            None => largest.push(*height),
        }
        stretch = Some(of);
    }
    let usual = median(largest);
    candidates.into_iter().map(|(time, height)| (time, (height / usual).min(MOST))).collect()
}

/// Seconds per cycle by the autocorrelation.
fn period(filtered: &Trace, limits: &Limits) -> f64 {
    const NEARLY: f64 = 0.8;
    let values = filtered.values();
    let lag = |seconds: f64| (seconds * filtered.rate()).round() as usize;
    let (first, last) =
        (lag(limits.periods.0).max(1), lag(limits.periods.1).min(values.len().saturating_sub(1)));
    // Divided by the number of pairs, or long lags would lose.
    let correlation = |lag: usize| {
        let pairs = values.iter().zip(values.get(lag..).unwrap_or_default());
        pairs.map(|(left, right)| left * right).sum::<f64>() / values.len().saturating_sub(lag).max(1) as f64
    };
    let found: Vec<f64> = (first..=last.max(first)).map(correlation).collect();
    let is_maximum = |index: &usize| {
        *index > 0
            && *index + 1 < found.len()
            && found[*index] >= found[index - 1]
            && found[*index] > found[index + 1]
    };
    let maxima: Vec<usize> = (0..found.len()).filter(is_maximum).collect();
    let largest = maxima.iter().map(|index| found[*index]).fold(0.0, f64::max);
    let chosen = maxima.into_iter().find(|index| found[*index] > 0.0 && found[*index] >= NEARLY * largest);
    chosen.map_or(f64::midpoint(limits.periods.0, limits.periods.1), |index| {
        (first + index) as f64 / filtered.rate()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: &[(f64, f64)], expected: &[(f64, f64)]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            let apart = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
            assert!(apart < 1e-12, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn a_parabola_has_its_peak_where_it_is_and_two_equal_samples_have_it_between_them() {
        let height = |sample: i32| 5.0 - 0.7 * (1.0 + 0.5 * f64::from(sample) - 3.3).powi(2);
        close(&candidates(&Trace::made(1.0, 2.0, (0..11).map(height).collect())), &[(3.3, 5.0)]);
        let level = Trace::made(10.0, 4.0, vec![0.0, 1.0, 2.0, 2.0, 1.0, 0.0, -3.0, -1.0, -2.0]);
        close(&candidates(&level), &[(10.0 + 2.5 / 4.0, 2.125)]);
    }

    #[test]
    fn a_strength_is_a_share_of_the_median_over_the_largest_of_each_one_and_a_half_periods() {
        let heights = [(0.5, 1.0), (1.0, 4.0), (2.5, 2.0), (3.2, 6.0), (5.0, 1.0), (7.0, 3.0), (8.0, 2.0)];
        let shares = [(0.5, 0.25), (1.0, 1.0), (2.5, 0.5), (3.2, 1.5), (5.0, 0.25), (7.0, 0.75), (8.0, 0.5)];
        close(&strengths(heights.to_vec(), 2.0), &shares);
    }

    /// Waves of heights 2, 1, 2, 1, 2 every 20 samples: Σ of products over pairs is 8 / 80 at lag 20 and 9 / 60 at lag 40.
    #[test]
    fn the_period_is_the_lag_at_which_the_mean_product_peaks_and_not_that_of_every_other_wave() {
        let wave = |sample: i32| {
            (0..5).fold(0.0, |sum, wave| {
                let height = if wave % 2 == 0 { 2.0 } else { 1.0 };
                sum + height * (-f64::from(sample - 10 - 20 * wave).powi(2) / 18.0).exp()
            })
        };
        let waves = Trace::made(0.0, 10.0, (0..100).map(wave).collect());
        let limits = Limits { periods: (0.1, 5.0), ..Rhythm::Breath.limits() };
        assert_eq!(period(&waves, &limits), 4.0);
    }

    #[test]
    fn a_sinusoid_of_any_size_is_filtered_to_the_same_size_and_a_stretch_without_signal_is_not() {
        for size in [1.0, 30.0] {
            // 150 s of signal, then 80 s of a thousandth of it.
            let value = |sample: i32| {
                let time = f64::from(sample) / 100.0;
                (if time < 150.0 { size } else { 1e-3 * size }) * (7.5 * time).sin()
            };
            let trace = Trace::made(0.0, 100.0, (0..23_000).map(value).collect());
            let filtered = filtered(&trace, Rhythm::Heart).unwrap();
            let most =
                |from: usize, to: usize| filtered.values()[from..to].iter().copied().fold(0.0, f64::max);
            let (loud, quiet) = (most(3_000, 12_000), most(18_000, 21_000));
            assert!((loud - 2.0_f64.sqrt()).abs() < 0.01, "{loud}");
            // Divided by a fifth of size / √2.
            let expected = 1e-3 * 2.0_f64.sqrt() / 0.2;
            assert!((quiet / expected - 1.0).abs() < 0.01, "{quiet} {expected}");
        }
    }
}
