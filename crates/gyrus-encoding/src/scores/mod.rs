//! Held-out scores: r within each fold and the products that it is the mean of, R², and scores of whole patterns.

mod explained;
mod held_out;
mod patterns;

use gyrus_core::{Folds, NoScore};
use ndarray::Array2;

pub use explained::{partition, product_measure, r_squared};
pub use patterns::{PatternScore, patterns};

use held_out::Standard;
pub(crate) use held_out::check;

use crate::EncodingError;
use crate::split::Test;

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
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<FoldScores, EncodingError> {
    let (predictions, responses) = (predictions.get().view(), responses.get().view());
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
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<Array2<f32>, EncodingError> {
    let (predictions, responses) = (predictions.get().view(), responses.get().view());
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

/// Why each target has no score; `None` where it has one.
///
/// # Errors
/// - as [`correlation`].
pub fn reasons(
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<Vec<Option<NoScore>>, EncodingError> {
    let (predictions, responses) = (predictions.get().view(), responses.get().view());
    check(predictions, responses, folds)?;
    let of = |target: usize| held_out::reason(predictions.column(target), responses.column(target), folds);
    Ok((0..responses.ncols()).map(of).collect())
}
