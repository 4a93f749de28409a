//! How much volumes differ from the ones before them: DVARS and displacement as fMRIPrep computes them.

use ndarray::ArrayView2;

/// DVARS, and DVARS in units of what noise alone would give; the first is NaN.
///
/// DVARS(t) = √ mean_v (y(v, t) − y(v, t − 1))² with y scaled to a median of 1000. Standardised: divided by the mean over v
/// of √(2 (1 − r₁)) · (q₇₅ − q₂₅) / 1.349, r₁ the first autocorrelation and q the quartiles (the lower of two samples).
///
/// Power et al. (2012), NeuroImage 59:2142; Nichols (2017), arXiv 1704.01469.
pub(super) fn dvars(values: ArrayView2<'_, f32>) -> (Vec<f64>, Vec<f64>) {
    let (volumes, voxels) = values.dim();
    let mut all: Vec<f32> = values.iter().copied().collect();
    let middle = all.len() / 2;
    let median = f64::from(*all.select_nth_unstable_by(middle, f32::total_cmp).1);
    let scale = 1000.0 / median;
    let mut squares = vec![0.0; volumes];
    let mut expected = 0.0;
    for column in values.columns() {
        let series: Vec<f64> = column.iter().map(|value| f64::from(*value) * scale).collect();
        for (square, pair) in squares[1..].iter_mut().zip(series.windows(2)) {
            *square += (pair[1] - pair[0]) * (pair[1] - pair[0]);
        }
        expected += difference_deviation(&series);
    }
    let dvars = |square: &f64| (square / voxels as f64).sqrt();
    let plain: Vec<f64> =
        [f64::NAN].into_iter().chain(squares.iter().skip(1).map(dvars)).take(volumes).collect();
    let standard = plain.iter().map(|value| value / (expected / voxels as f64)).collect();
    (plain, standard)
}

/// Deviation of differences that a series would have if it were Gaussian.
fn difference_deviation(series: &[f64]) -> f64 {
    let mut sorted = series.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    let deviation = (quantile(0.75) - quantile(0.25)) / 1.349;
    let mean = series.iter().sum::<f64>() / series.len() as f64;
    let centred: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let product = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(x, y)| x * y).sum::<f64>();
    let correlation = if product(0) > 0.0 { product(1) / product(0) } else { 0.0 };
    (2.0 * (1.0 - correlation)).sqrt() * deviation
}

/// Root mean square displacement from volume to volume within a sphere of 80 mm about the middle; the first is NaN.
///
/// √(R² / 5 · tr(AᵀA) + |t|²), for small rotations ω: tr(AᵀA) = 2 |Δω|². Jenkinson (1999), FMRIB TR99MJ1.
pub(super) fn root_mean_square_displacement(motion: &[[f64; 6]]) -> Vec<f64> {
    let between = |pair: &[[f64; 6]]| {
        let squared = |axes: std::ops::Range<usize>| {
            axes.map(|axis| (pair[1][axis] - pair[0][axis]) * (pair[1][axis] - pair[0][axis])).sum::<f64>()
        };
        (80.0 * 80.0 / 5.0 * 2.0 * squared(3..6) + squared(0..3)).sqrt()
    };
    [f64::NAN].into_iter().chain(motion.windows(2).map(between)).take(motion.len()).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn noise_alone_has_a_standard_dvars_of_one_and_a_spike_more() {
        let noise = |index: usize| ((index * 7919 + index * index * 104_729) % 1009) as f32 / 1009.0 - 0.5;
        let mut values = Array2::from_shape_fn((60, 200), |(row, column)| 1000.0 + noise(row * 200 + column));
        values.row_mut(30).mapv_inplace(|value| value + 5.0);
        let (plain, standard) = dvars(values.view());
        assert!(plain[0].is_nan() && standard[0].is_nan());
        assert!((plain[10] - (1f64 / 6.0).sqrt()).abs() < 0.05, "{}", plain[10]);
        assert!((0.6..1.4).contains(&standard[10]), "{}", standard[10]);
        assert!(plain[30] > 4.9 && plain[31] > 4.9);
    }

    #[test]
    fn displacement_of_a_translation_is_its_length() {
        let still = [0.0; 6];
        let found = root_mean_square_displacement(&[
            still,
            [3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.01, 0.0, 0.0],
        ]);
        assert!(found[0].is_nan() && (found[1] - 5.0).abs() < 1e-12);
        assert!((found[2] - (25.0f64 + 6400.0 / 5.0 * 2.0 * 1e-4).sqrt()).abs() < 1e-12);
    }
}
