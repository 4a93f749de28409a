//! Held-out scores: correlation within each fold, and the products that it is the mean of.

use gyrus_core::{Fold, Folds};
use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::EncodingError;

/// Scores per fold.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldScores {
    /// r within the fold, shape (n_folds, n_targets); NaN where a side is constant.
    pub correlation: Array2<f64>,
}

impl FoldScores {
    /// Mean over folds per target; NaN if some fold has none.
    #[must_use]
    pub fn mean(&self) -> Vec<f64> {
        self.correlation.columns().into_iter().map(|fold| fold.sum() / fold.len() as f64).collect()
    }
}

/// r = Σ (p − p̄)(y − ȳ) / √(Σ (p − p̄)² Σ (y − ȳ)²) over the held-out samples of each fold.
///
/// Scores of folds are averaged, never concatenated: concatenation of folds whose means were left out biases r of
/// pure noise below 0.
///
/// # Shapes
/// `predictions` and `responses`: (n_samples, n_targets).
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if shapes differ from each other or from the folds'.
pub fn correlation(
    predictions: ArrayView2<'_, f32>,
    responses: ArrayView2<'_, f32>,
    folds: &Folds,
) -> Result<FoldScores, EncodingError> {
    check(predictions, responses, folds)?;
    let mut correlation = Array2::from_elem((folds.len(), predictions.ncols()), f64::NAN);
    for (index, fold) in folds.as_slice().iter().enumerate() {
        for target in 0..predictions.ncols() {
            let predicted = Standard::of(predictions.column(target), fold);
            let observed = Standard::of(responses.column(target), fold);
            if let (Some(predicted), Some(observed)) = (predicted, observed) {
                correlation[(index, target)] =
                    predicted.products(&observed).sum::<f64>() / fold.test.len() as f64;
            }
        }
    }
    Ok(FoldScores { correlation })
}

/// z(prediction) · z(response) of every held-out sample, both z-scored within its fold: their mean over a fold is r.
///
/// # Shapes
/// Returns (n_samples, n_targets); NaN where a sample was not held out or r is undefined.
///
/// # Errors
/// - as [`correlation`].
pub fn held_out_products(
    predictions: ArrayView2<'_, f32>,
    responses: ArrayView2<'_, f32>,
    folds: &Folds,
) -> Result<Array2<f32>, EncodingError> {
    check(predictions, responses, folds)?;
    let mut products = Array2::from_elem(predictions.raw_dim(), f32::NAN);
    for fold in folds.as_slice() {
        for target in 0..predictions.ncols() {
            let predicted = Standard::of(predictions.column(target), fold);
            let observed = Standard::of(responses.column(target), fold);
            if let (Some(predicted), Some(observed)) = (predicted, observed) {
                for (row, product) in fold.test.iter().zip(predicted.products(&observed)) {
                    products[(*row, target)] = product as f32;
                }
            }
        }
    }
    Ok(products)
}

fn check(
    predictions: ArrayView2<'_, f32>,
    responses: ArrayView2<'_, f32>,
    folds: &Folds,
) -> Result<(), EncodingError> {
    let expected = folds.timeline().n_samples();
    for found in [predictions.nrows(), responses.nrows()] {
        if found != expected {
            return Err(EncodingError::SampleMismatch { found, expected });
        }
    }
    match predictions.ncols() == responses.ncols() {
        true => Ok(()),
        false => {
            Err(EncodingError::SampleMismatch { found: predictions.ncols(), expected: responses.ncols() })
        }
    }
}

/// A series with mean 0 and variance 1 over the held-out samples of a fold.
struct Standard(Vec<f64>);

impl Standard {
    /// None where the series is constant (but for rounding) or not finite.
    fn of(series: ArrayView1<'_, f32>, fold: &Fold) -> Option<Self> {
        let values: Vec<f64> = fold.test.iter().map(|row| f64::from(series[*row])).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
        let size = values.iter().map(|value| value * value).sum::<f64>() / n;
        // f32 rounding of a constant gives a relative deviation of about 6e-8.
        let is_defined = variance.is_finite() && variance.sqrt() > 1e-6 * size.sqrt() && variance > 0.0;
        is_defined.then(|| Self(values.into_iter().map(|value| (value - mean) / variance.sqrt()).collect()))
    }

    fn products<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = f64> + 'a {
        self.0.iter().zip(&other.0).map(|(one, other)| one * other)
    }
}
