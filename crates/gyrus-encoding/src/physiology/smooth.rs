//! Running means: the filters of peak detection.

/// The running mean over `width` seconds at `rate` samples per second, applied three times; nearly a Gaussian of deviation
/// width / 2. Near an end the mean is over the samples there are.
pub(super) fn smooth(values: &[f64], rate: f64, width: f64) -> Vec<f64> {
    let half = (width * rate / 2.0).round() as usize;
    // Sums of large numbers lose digits: a level is taken off first.
    let level = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let mut smoothed: Vec<f64> = values.iter().map(|value| value - level).collect();
    for _ in 0..3 {
        smoothed = running_mean(&smoothed, half);
    }
    smoothed.iter().map(|value| value + level).collect()
}

/// Means over `half` samples on each side.
pub(super) fn running_mean(values: &[f64], half: usize) -> Vec<f64> {
    let mut sums = vec![0.0];
    for (sample, value) in values.iter().enumerate() {
        sums.push(sums[sample] + value);
    }
    let mean = |sample: usize| {
        let (from, to) = (sample.saturating_sub(half), (sample + half + 1).min(values.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..values.len()).map(mean).collect()
}

/// The middle one of some numbers, the upper of two; NaN without one.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_the_samples_there_are() {
        let values: Vec<f64> = (0..50).map(|sample| f64::from(sample * sample % 17) + 1e6).collect();
        for half in [0, 1, 7, 60] {
            let found = running_mean(&values, half);
            for (sample, found) in found.iter().enumerate() {
                let near: Vec<f64> = (0..50)
                    .filter(|other| sample.abs_diff(*other) <= half)
                    .map(|other| values[other])
                    .collect();
                assert!((found - near.iter().sum::<f64>() / near.len() as f64).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn three_running_means_keep_a_constant_and_spread_an_impulse_by_half_their_width() {
        let mut impulse = vec![0.0; 2001];
        impulse[1000] = 1.0;
        let spread = smooth(&impulse, 100.0, 2.0);
        let variance: f64 =
            spread.iter().enumerate().map(|(at, share)| share * ((at as f64 - 1000.0) / 100.0).powi(2)).sum();
        assert!((variance.sqrt() - 1.0).abs() < 0.01, "{variance}");
        assert!(smooth(&[3.0; 20], 10.0, 1.0).iter().all(|value| (value - 3.0).abs() < 1e-12));
    }

    #[test]
    fn a_level_costs_no_digits() {
        let small: Vec<f64> = (0..2000).map(|sample| f64::from(sample * sample % 17)).collect();
        let high: Vec<f64> = small.iter().map(|value| value + 1e12).collect();
        for (small, high) in smooth(&small, 1.0, 4.0).iter().zip(smooth(&high, 1.0, 4.0)) {
            assert!((high - 1e12 - small).abs() < 1e-3, "{small} {high}");
        }
    }

    #[test]
    fn the_median_is_the_middle_one_or_the_upper_of_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![5.0, 4.0, 1.0, 2.0, 3.0]), 3.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 3.0);
        assert!(median(Vec::new()).is_nan());
    }
}
