//! Series over the held-out samples of a fold, and what makes a score of them impossible.

use gyrus_core::{Fold, Folds, NoScore};
use ndarray::{ArrayView1, ArrayView2};

use crate::EncodingError;

/// A series with mean 0 and variance 1 over the held-out samples of a fold.
pub(super) struct Standard(Vec<f64>);

/// f32 rounding of a constant gives a relative deviation of about 6e-8.
const CONSTANT: f64 = 1e-6;

impl Standard {
    /// None where the series is constant (but for rounding) or not finite.
    pub(super) fn of(series: ArrayView1<'_, f32>, fold: &Fold) -> Option<Self> {
        let values: Vec<f64> = fold.test.iter().map(|row| f64::from(series[*row])).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
        let size = values.iter().map(|value| value * value).sum::<f64>() / n;
        let is_defined = variance.is_finite() && variance.sqrt() > CONSTANT * size.sqrt();
        is_defined.then(|| Self(values.into_iter().map(|value| (value - mean) / variance.sqrt()).collect()))
    }

    pub(super) fn products<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = f64> + 'a {
        self.0.iter().zip(&other.0).map(|(one, other)| one * other)
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.0
    }
}

/// Why a target has no score, if it has none.
pub(super) fn reason(
    predicted: ArrayView1<'_, f32>,
    observed: ArrayView1<'_, f32>,
    folds: &Folds,
) -> Option<NoScore> {
    if observed.iter().any(|value| !value.is_finite()) {
        return Some(NoScore::NonFinite);
    }
    if observed.iter().all(|value| *value == 0.0) {
        return Some(NoScore::AllZero);
    }
    let whole = Fold { train: Vec::new(), test: (0..observed.len()).collect() };
    if Standard::of(observed, &whole).is_none() {
        return Some(NoScore::Constant);
    }
    let lacks = |series: ArrayView1<'_, f32>| {
        folds.as_slice().iter().any(|fold| Standard::of(series, fold).is_none())
    };
    if lacks(observed) {
        return Some(NoScore::ConstantInFold);
    }
    lacks(predicted).then_some(NoScore::ConstantPrediction)
}

pub(crate) fn check(
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
