//! A fast approximation to the null of a score: effective degrees of freedom of autocorrelated series.

use gyrus_core::{Fold, Folds};
use ndarray::{Array2, ArrayView1};

use crate::EncodingError;
use crate::split::Test;
use crate::statistics::normal_cdf;

/// The score of one target, judged by Bartlett's formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectiveFreedom {
    /// Mean over folds of r within the fold.
    pub score: f64,
    /// Effective number of samples of all folds together.
    pub samples: f64,
    /// score · √(samples).
    pub z: f64,
    /// One-sided p.
    pub p: f64,
}

/// Under independence Var r ≈ (1 + 2 Σ_l (1 − l/n) ρ_p(l) ρ_y(l)) / n for a fold of n samples, with ρ the
/// autocorrelations of prediction and response, pooled over folds, for lags up to half a fold. Folds that train on each
/// other are not independent: each pair of them is met twice, once from either side, which doubles the variance of
/// their mean.
///
/// # Shapes
/// `predictions` and `responses`: (n_samples, n_targets). NaN where a target has no score.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if shapes differ from each other or from the folds'.
///
/// # References
/// Bartlett (1935), J R Stat Soc 98:536; Afyouni, Smith & Nichols (2019), NeuroImage 199:609.
pub fn effective_freedom(
    predictions: &Test<Array2<f32>>,
    responses: &Test<Array2<f32>>,
    folds: &Folds,
) -> Result<Vec<EffectiveFreedom>, EncodingError> {
    let scores = crate::scores::correlation(predictions, responses, folds)?.mean();
    let count = folds.len() as f64;
    let trains_on_others = if folds.len() > 1 { 2.0 } else { 1.0 };
    let of = |(target, score): (usize, f64)| {
        let of_predicted = autocorrelation(predictions.get().column(target), folds);
        let of_observed = autocorrelation(responses.get().column(target), folds);
        let of_fold = |fold: &Fold| {
            let n = fold.test.len() as f64;
            let lags = of_predicted.iter().zip(&of_observed).enumerate();
            let sum: f64 = lags.map(|(lag, (p, y))| (1.0 - (lag + 1) as f64 / n) * p * y).sum();
            (1.0 + 2.0 * sum).max(1.0 / n) / n
        };
        let sum: f64 = folds.as_slice().iter().map(of_fold).sum();
        let variance = trains_on_others * sum / (count * count);
        let z = score / variance.sqrt();
        EffectiveFreedom { score, samples: 1.0 / variance, z, p: 1.0 - normal_cdf(z) }
    };
    Ok(scores.into_iter().enumerate().map(of).collect())
}

/// ρ(1), ρ(2), … over the held-out samples of all folds, each less its own mean.
fn autocorrelation(series: ArrayView1<'_, f32>, folds: &Folds) -> Vec<f64> {
    let shortest = folds.as_slice().iter().map(|fold| fold.test.len()).min().unwrap_or(0);
    let centred = folds.as_slice().iter().map(|fold| {
        let values: Vec<f64> = fold.test.iter().map(|row| f64::from(series[*row])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.into_iter().map(|value| value - mean).collect::<Vec<f64>>()
    });
    let centred: Vec<Vec<f64>> = centred.collect();
    let at = |lag: usize| -> f64 {
        centred.iter().map(|fold| fold.iter().zip(&fold[lag..]).map(|(a, b)| a * b).sum::<f64>()).sum()
    };
    let samples: usize = centred.iter().map(Vec::len).sum();
    let variance = at(0) / samples as f64;
    (1..=shortest / 2).map(|lag| at(lag) / (variance * (samples - lag * centred.len()) as f64)).collect()
}
