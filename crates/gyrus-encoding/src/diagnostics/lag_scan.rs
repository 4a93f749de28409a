//! Correlation of the word rate with responses over lags: a wrong clock shows as a peak at an impossible lag.

use gyrus_core::{Sampling, Seconds, Word};
use ndarray::{Array2, ArrayView2};

use crate::EncodingError;
use crate::align::{Alignment, Method, features, word_rate};
use crate::statistics::pearson;

/// Lags of a haemodynamic peak in seconds; a mean correlation that is largest outside them speaks against the clock.
pub const PLAUSIBLE_LAGS: std::ops::RangeInclusive<f64> = 2.0..=9.0;

/// Correlations at each lag.
#[derive(Debug, Clone, PartialEq)]
pub struct LagScan {
    /// The lags, in the order given.
    pub lags: Vec<Seconds>,
    /// Shape (n_lags, n_targets); NaN for a target without values. Not held out: a look at timing, not a score.
    pub correlations: Array2<f64>,
    /// Mean over targets at each lag; NaN if none has values.
    pub mean: Vec<f64>,
    /// The lag with the largest mean.
    pub peak: Option<Seconds>,
}

impl LagScan {
    /// Whether the peak lies where a haemodynamic response can: from 2 s to 9 s.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        self.peak.is_some_and(|peak| PLAUSIBLE_LAGS.contains(&peak.get()))
    }
}

/// Correlates cleaned responses of one run with the number of words that started `lag` before each sample.
///
/// # Shapes
/// `responses` is (n_samples, n_targets).
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if `responses` does not have the samples of `sampling`,
/// - [`EncodingError::NoDelay`] if there is no lag.
pub fn lag_scan(
    words: &[Word],
    sampling: &Sampling,
    responses: ArrayView2<f32>,
    lags: &[Seconds],
) -> Result<LagScan, EncodingError> {
    if responses.nrows() != sampling.count {
        return Err(EncodingError::SampleMismatch { found: responses.nrows(), expected: sampling.count });
    }
    let alignment = Alignment { method: Method::Sum, delays: lags.to_vec(), centre: false };
    let rate = features(word_rate(words).view(), words, sampling, &alignment)?.values;
    let column = |table: ArrayView2<f32>, index: usize| -> Vec<f64> {
        table.column(index).iter().map(|value| f64::from(*value)).collect()
    };
    let rates: Vec<Vec<f64>> = (0..lags.len()).map(|lag| column(rate.view(), lag)).collect();
    let targets: Vec<Vec<f64>> = (0..responses.ncols()).map(|target| column(responses, target)).collect();
    let correlations = Array2::from_shape_fn((lags.len(), targets.len()), |(lag, target)| {
        pearson(&rates[lag], &targets[target]).unwrap_or(f64::NAN)
    });
    let mean: Vec<f64> = correlations.outer_iter().map(|row| finite_mean(row.iter().copied())).collect();
    let finite = (0..mean.len()).filter(|lag| mean[*lag].is_finite());
    let peak =
        finite.reduce(|best, lag| if mean[lag] > mean[best] { lag } else { best }).map(|lag| lags[lag]);
    Ok(LagScan { lags: lags.to_vec(), correlations, mean, peak })
}

fn finite_mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) =
        values.filter(|value| value.is_finite()).fold((0.0, 0.0), |(s, n), value| (s + value, n + 1.0));
    sum / count
}
