//! Nested cross-validation: penalties from inner folds, predictions of what was held out.

use std::ops::Range;

use faer::Mat;
use gyrus_core::{Fold, Folds, TargetBlocks};
use ndarray::Array2;

use super::TARGET_BLOCK;
use super::choices::{Edges, FoldChoices};
use super::cross_validation::{self, centred};
use super::design::{Design, Prepared, weights_of};
use super::settings::RidgeSettings;
use super::solver::{Solver, Standardised};
use crate::EncodingError;
use crate::backend::Backend;

/// What a fit chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per outer fold.
    pub choices: Vec<FoldChoices>,
    /// Mean inner correlation of what was chosen, shape (n_folds, n_targets).
    pub inner_scores: Array2<f64>,
    /// Penalties at the ends of the grid.
    pub at_edge: Edges,
}

/// Held-out predictions of a block of targets.
#[derive(Debug, Clone)]
pub struct FittedBlock {
    /// Which targets.
    pub targets: Range<usize>,
    /// Shape (n_samples, n_targets of the block); each row from the fold that held it out, NaN if none did.
    pub predictions: Array2<f32>,
    /// Responses, same shape.
    pub responses: Array2<f32>,
}

/// Fits every outer fold and hands out predictions of its held-out samples, block by block.
///
/// For every fold and target w minimises ‖Zw − (y − ȳ)‖² + α‖w‖² over training rows, with Z the bands z-scored by
/// training rows and weighted by a mixture γ: K = (Σ γ_b p_b) Σ γ_b Z_b Z_bᵀ / p_b. α and γ are those with the
/// smallest squared error summed over the inner folds of the training rows.
///
/// # Shapes
/// | name      | shape                  | unit |
/// |-----------|------------------------|------|
/// | features  | (n_samples, n_columns) per band | any |
/// | responses | (n_samples, n_targets) | any |
///
/// # Numerics
/// f32 products, f64 Grams and eigendecompositions, primal or dual by the smaller side. One decomposition per fold,
/// inner fold and mixture serves all targets and penalties. The same bits on any number of threads.
///
/// # Errors
/// - [`EncodingError::NonFinite`], [`EncodingError::SampleMismatch`], [`EncodingError::NoFeatures`] if the design is
///   not sound,
/// - [`EncodingError::Mixture`] if a mixture does not fit the bands,
/// - [`EncodingError::Value`] if the training rows are too few for inner folds,
/// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted.
///
/// # References
/// Hoerl & Kennard (1970), Technometrics 12:55; Dupré la Tour et al. (2022), NeuroImage 264:119728 (banded).
pub fn fit(
    backend: &Backend,
    design: &Design,
    folds: &Folds,
    settings: &RidgeSettings,
    (targets, sink): (&dyn TargetBlocks, &mut dyn FnMut(FittedBlock) -> Result<(), EncodingError>),
) -> Result<Fit, EncodingError> {
    check(design, folds, settings, targets)?;
    let bands = design.prepare();
    let mut predictions = Array2::from_elem((targets.n_samples(), targets.n_targets()), f32::NAN);
    let mut found = Fit {
        choices: Vec::with_capacity(folds.len()),
        inner_scores: Array2::zeros((folds.len(), targets.n_targets())),
        at_edge: Edges::default(),
    };
    for (index, fold) in folds.as_slice().iter().enumerate() {
        let inner = folds.inner(index, settings.inner_folds)?;
        let mixtures = settings.mixtures.of_fold(index);
        let judged = cross_validation::judge(backend, &bands, (&inner, mixtures), settings, targets)?;
        found.inner_scores.row_mut(index).assign(&ndarray::ArrayView1::from(&judged.score));
        let alphas = settings.alphas.as_slice();
        count_edges(&mut found.at_edge, &judged.alpha, alphas.len());
        let alpha = judged.alpha.iter().map(|index| alphas[*index]).collect();
        let choices = FoldChoices { mixtures: mixtures.to_vec(), mixture: judged.mixture, alpha };
        predict_fold(backend, &bands, (fold, &choices), targets, &mut predictions)?;
        found.choices.push(choices);
    }
    for start in (0..targets.n_targets()).step_by(TARGET_BLOCK) {
        let range = start..(start + TARGET_BLOCK).min(targets.n_targets());
        let responses = targets.read(range.clone())?;
        let block = predictions.slice(ndarray::s![.., range.clone()]).to_owned();
        sink(FittedBlock { targets: range, predictions: block, responses })?;
    }
    Ok(found)
}

fn check(
    design: &Design,
    folds: &Folds,
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<(), EncodingError> {
    design.check()?;
    settings.mixtures.check(folds.len(), design.bands.len())?;
    let (found, expected) = (targets.n_samples(), design.n_samples());
    if found != expected || folds.timeline().n_samples() != expected {
        return Err(EncodingError::SampleMismatch { found, expected });
    }
    Ok(())
}

fn count_edges(edges: &mut Edges, chosen: &[usize], n_alphas: usize) {
    edges.choices += chosen.len() as u64;
    if n_alphas > 1 {
        edges.low += chosen.iter().filter(|alpha| **alpha == 0).count() as u64;
        edges.high += chosen.iter().filter(|alpha| **alpha + 1 == n_alphas).count() as u64;
    }
}

/// Refits on all training rows of a fold and predicts its held-out rows.
fn predict_fold(
    backend: &Backend,
    bands: &[Prepared],
    (fold, choices): (&Fold, &FoldChoices),
    targets: &dyn TargetBlocks,
    predictions: &mut Array2<f32>,
) -> Result<(), EncodingError> {
    let standardised = Standardised::new(bands, &fold.train, &fold.test);
    let mut used: Vec<u32> = choices.mixture.clone();
    used.sort_unstable();
    used.dedup();
    let solvers = backend.map(used.len(), |index| {
        Solver::new(backend, &standardised, &weights_of(&choices.mixtures[used[index] as usize], bands))
    })?;
    let blocks: Vec<usize> = (0..targets.n_targets()).step_by(TARGET_BLOCK).collect();
    let predicted = backend.map(blocks.len(), |index| {
        let range = blocks[index]..(blocks[index] + TARGET_BLOCK).min(targets.n_targets());
        let block = targets.read(range.clone())?;
        predict_block(&solvers, &used, (fold, choices), (range, &block))
    })?;
    for (start, block) in blocks.iter().zip(predicted) {
        for target in 0..block.ncols() {
            for (index, row) in fold.test.iter().enumerate() {
                predictions[(*row, start + target)] = block[(index, target)];
            }
        }
    }
    Ok(())
}

fn predict_block(
    solvers: &[Solver],
    used: &[u32],
    (fold, choices): (&Fold, &FoldChoices),
    (range, block): (Range<usize>, &Array2<f32>),
) -> Result<Mat<f32>, EncodingError> {
    let (train, _) = centred(block, &fold.train, &[]);
    let mut out = Mat::zeros(fold.test.len(), block.ncols());
    for (solver, mixture) in solvers.iter().zip(used) {
        let members: Vec<usize> =
            (0..block.ncols()).filter(|target| choices.mixture[range.start + target] == *mixture).collect();
        if members.is_empty() {
            continue;
        }
        let responses =
            Mat::from_fn(train.nrows(), members.len(), |row, column| train[(row, members[column])]);
        let alphas: Vec<f64> = members.iter().map(|target| choices.alpha[range.start + target]).collect();
        let predicted = solver.predict_each(&solver.rotate(&responses), &alphas);
        for (column, target) in members.iter().enumerate() {
            for row in 0..out.nrows() {
                out[(row, *target)] = predicted[(row, column)];
            }
        }
    }
    // Predictions leave the training mean out: it is the same for all held-out samples of a fold, and a score is r.
    Ok(out)
}
