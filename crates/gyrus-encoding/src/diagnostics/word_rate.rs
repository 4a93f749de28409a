//! How much of a layer's features is word rate.

use ndarray::{ArrayView2, Axis};
use rayon::ThreadPool;

use crate::EncodingError;
use crate::denoise::{Basis, Regressors};

/// Shares of the variance of features that the word rate explains, by least squares over all samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExplainedByRate {
    /// Of the total variance: columns count by their variance.
    pub of_total: f64,
    /// Mean over columns: all count alike, as after z-scoring. Constant columns are left out.
    pub of_columns: f64,
}

/// Regresses every feature on a constant and the aligned word rate at all delays.
///
/// # Shapes
/// | name     | shape                          |
/// |----------|--------------------------------|
/// | features | (n_samples, n_features)        |
/// | rate     | (n_samples, n_delays), as [`Aligned::ones`](crate::align::Aligned::ones) |
///
/// Both are NaN where no feature varies.
///
/// # Errors
/// - as [`Basis::new`] and [`Basis::project`].
pub fn explained_by_rate(
    pool: &ThreadPool,
    features: ArrayView2<f32>,
    rate: ArrayView2<f32>,
) -> Result<ExplainedByRate, EncodingError> {
    let columns = (0..rate.ncols()).map(|delay| format!("rate_{delay}")).collect();
    let values = rate.mapv(f64::from);
    let basis = Basis::new(rate.nrows(), &[Regressors { name: "word rate".to_owned(), columns, values }])?;
    let mut left = features.to_owned();
    basis.project(pool, left.view_mut())?;
    let (mut total, mut unexplained, mut shares, mut count) = (0.0, 0.0, 0.0, 0.0);
    for (column, residual) in features.axis_iter(Axis(1)).zip(left.axis_iter(Axis(1))) {
        let n = column.len() as f64;
        let mean = column.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
        let variance: f64 =
            column.iter().map(|value| (f64::from(*value) - mean) * (f64::from(*value) - mean)).sum();
        let size: f64 = column.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
        if variance <= 1e-13 * size {
            continue;
        }
        let rest: f64 = residual.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
        total += variance;
        unexplained += rest;
        shares += 1.0 - rest / variance;
        count += 1.0;
    }
    Ok(ExplainedByRate { of_total: 1.0 - unexplained / total, of_columns: shares / count })
}
