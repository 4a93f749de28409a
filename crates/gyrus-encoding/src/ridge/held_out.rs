//! A fit whose held-out predictions, or their correlations alone, are kept of all targets.

use gyrus_core::{Folds, TargetBlocks};
use ndarray::{Array2, s};

use super::design::Design;
use super::fit::{Fit, FittedBlock, fit};
use super::settings::RidgeSettings;
use crate::EncodingError;
use crate::backend::Backend;
use crate::scores::{self, FoldScores};
use crate::split::Test;

/// What a fit chose, and all held-out predictions: (n_samples, n_targets), each row from the fold that held it out, NaN if none did.
///
/// # Errors
/// - as [`fit`].
pub fn fit_and_predict(
    backend: &Backend,
    (design, folds): (&Design, &Folds),
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<(Fit, Test<Array2<f32>>), EncodingError> {
    let mut predictions = Array2::from_elem((targets.n_samples(), targets.n_targets()), f32::NAN);
    let mut sink = |block: FittedBlock| {
        predictions.slice_mut(s![.., block.targets]).assign(block.predictions.get());
        Ok(())
    };
    let found = fit(backend, design, folds, settings, (targets, &mut sink))?;
    Ok((found, Test::declared(predictions)))
}

/// Scores of what each fold held out, as [`scores::correlation`] has them of all predictions.
///
/// # Errors
/// - as [`fit`].
pub fn held_out_correlation(
    backend: &Backend,
    (design, folds): (&Design, &Folds),
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<FoldScores, EncodingError> {
    let mut correlation = Array2::from_elem((folds.len(), targets.n_targets()), f64::NAN);
    let mut sink = |block: FittedBlock| {
        let by_fold = scores::correlation(&block.predictions, &block.responses, folds)?;
        correlation.slice_mut(s![.., block.targets]).assign(&by_fold.correlation);
        Ok(())
    };
    fit(backend, design, folds, settings, (targets, &mut sink))?;
    Ok(FoldScores { correlation })
}
