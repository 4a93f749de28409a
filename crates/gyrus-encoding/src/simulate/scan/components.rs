//! Principal series of many targets: what fMRIPrep calls components of CompCor.

use faer::Mat;
use ndarray::{Array2, ArrayView2};

use crate::EncodingError;
use crate::backend::{Eigen, lower_gram};

/// The leading series of a set of targets.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalSeries {
    /// Shape (n_samples, n_series), each of length 1.
    pub series: Array2<f64>,
    /// Singular values of all series, kept or not, descending.
    pub singular_values: Vec<f64>,
}

/// Left singular vectors of Y = targets, each less its projection on the columns of `removed` and divided by its
/// deviation, until they explain `share` of the variance.
///
/// # Shapes
/// `values` is (n_samples, n_targets); `removed` is (n_samples, n) with orthonormal columns.
///
/// # Errors
/// - [`EncodingError::Decomposition`] if values hold NaN or infinity.
///
/// # References
/// Behzadi et al. (2007), NeuroImage 37:90.
pub fn principal_series(
    values: ArrayView2<'_, f32>,
    removed: ArrayView2<'_, f64>,
    share: f64,
) -> Result<PrincipalSeries, EncodingError> {
    let (samples, targets) = values.dim();
    let cleaned: Vec<Vec<f64>> =
        values.columns().into_iter().map(|one| clean(&one.to_vec(), removed)).collect();
    let rows = Mat::from_fn(samples, targets, |sample, target| cleaned[target][sample]);
    let lower = lower_gram(rows.as_ref());
    let gram = Mat::from_fn(samples, samples, |row, column| lower[(row.max(column), row.min(column))]);
    let Eigen { values, vectors } = Eigen::of(&gram)?;
    let variances: Vec<f64> = values.iter().rev().map(|value| value.max(0.0)).collect();
    let total: f64 = variances.iter().sum();
    let mut explained = 0.0;
    let kept = variances.iter().take_while(|variance| {
        let is_short = explained < share * total;
        explained += **variance;
        is_short
    });
    let count = kept.count();
    Ok(PrincipalSeries {
        series: Array2::from_shape_fn((samples, count), |(row, series)| vectors[(row, samples - 1 - series)]),
        singular_values: variances.into_iter().map(f64::sqrt).collect(),
    })
}

fn clean(values: &[f32], removed: ArrayView2<'_, f64>) -> Vec<f64> {
    let mut left: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
    for column in removed.columns() {
        let along: f64 = column.iter().zip(&left).map(|(one, other)| one * other).sum();
        left.iter_mut().zip(column).for_each(|(value, one)| *value -= along * one);
    }
    let variance = left.iter().map(|value| value * value).sum::<f64>() / left.len() as f64;
    let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
    left.iter_mut().for_each(|value| *value *= scale);
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_series_as_explain_the_share_and_no_more() {
        // Three targets of one course, two of another, one of a third, all orthogonal, and one that is always 0.
        let courses = [[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0], [1.0, -1.0, -1.0, 1.0]];
        let follows = [0, 1, 0, 2, 1, 0];
        let values = Array2::from_shape_fn((4, 7), |(sample, target)| {
            follows.get(target).map_or(0.0, |course| (2.0 + target as f32) * courses[*course][sample])
        });
        let constant = Array2::from_elem((4, 1), 0.5);
        let found = |share: f64| principal_series(values.view(), constant.view(), share).unwrap();
        for (share, count) in [(0.0, 0), (0.4, 1), (0.6, 2), (0.9, 3)] {
            let found = found(share);
            assert_eq!(found.series.dim(), (4, count), "{share}");
            for (series, course) in courses.iter().enumerate().take(count) {
                let along: f64 =
                    (0..4).map(|row| found.series[(row, series)] * f64::from(course[row]) / 2.0).sum();
                assert!((along.abs() - 1.0).abs() < 1e-9, "{share} {series}: {along}");
            }
        }
        for (value, expected) in found(0.5).singular_values.iter().zip([12.0_f64, 8.0, 4.0, 0.0]) {
            assert!((value - expected.sqrt()).abs() < 1e-6, "{value}");
        }
    }

    #[test]
    fn a_series_that_all_targets_share_comes_first() {
        let wave = |sample: usize| ((sample * 37) % 19) as f32 - 9.0;
        let values = Array2::from_shape_fn((19, 30), |(sample, target)| {
            wave(sample) * (1.0 + target as f32) + ((sample * 7 + target * 5) % 11) as f32
        });
        let constant = Array2::from_elem((19, 1), 1.0 / 19f64.sqrt());
        let found = principal_series(values.view(), constant.view(), 0.5).unwrap();
        assert_eq!((found.series.ncols(), found.singular_values.len()), (1, 19));
        let length: f64 = (0..19).map(|sample| f64::from(wave(sample)).powi(2)).sum();
        let along: f64 = (0..19).map(|sample| f64::from(wave(sample)) * found.series[(sample, 0)]).sum();
        assert!(along * along / length > 0.99, "{}", along * along / length);
        let total: f64 = found.singular_values.iter().map(|value| value * value).sum();
        assert!((total - 19.0 * 30.0).abs() < 1e-6, "{total}");
    }
}
