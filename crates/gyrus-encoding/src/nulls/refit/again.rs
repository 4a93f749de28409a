//! Surrogates that choose mixtures and penalties for themselves.

use gyrus_core::{Folds, TargetBlocks};

use super::mean_over_folds;
use crate::EncodingError;
use crate::backend::Backend;
use crate::ridge::{self, Design, RidgeSettings};

/// Rounding of a score: predictions are in single precision, and which targets share a product with them is another for each surrogate.
const ROUNDING: f64 = 1e-6;

/// Mean over folds of r per target, of a design that is fitted as the observed one was; the observed score where they differ by rounding, so
/// that a tie is a tie.
///
/// # Errors
/// - as [`ridge::held_out_correlation`].
pub(super) fn score(
    backend: &Backend,
    how: (&Design, &Folds),
    settings: &RidgeSettings,
    (targets, observed): (&dyn TargetBlocks, &[f64]),
) -> Result<Vec<f64>, EncodingError> {
    let by_fold = ridge::held_out_correlation(backend, how, settings, targets)?;
    let found = mean_over_folds(&by_fold.correlation).into_iter().zip(observed);
    Ok(found.map(|(score, observed)| tied(score, *observed)).collect())
}

fn tied(score: f64, observed: f64) -> f64 {
    if (score - observed).abs() < ROUNDING { observed } else { score }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_by_rounding_ties() {
        assert_eq!([tied(0.5, 0.500_000_5), tied(-0.3, -0.300_000_5)], [0.500_000_5, -0.300_000_5]);
        assert_eq!([tied(0.5, 0.500_01), tied(-0.5, 0.5), tied(0.0, -0.1)], [0.5, -0.5, 0.0]);
        assert!(tied(f64::NAN, 0.1).is_nan());
    }
}
