//! Nested cross-validation: penalties from inner folds, predictions of what was held out.

use std::ops::Range;

use faer::Mat;
use gyrus_core::{Fold, Folds, TargetBlocks};
use ndarray::Array2;

use super::blocks::{self, Stretches};
use super::choices::{Edges, FoldChoices};
use super::components;
use super::cross_validation::choose_penalties;
use super::design::{Design, weights_of};
use super::settings::RidgeSettings;
use super::solver::{Solver, Standardised};
use super::standardise::Prepared;
use crate::EncodingError;
use crate::backend::Backend;
use crate::split::{Split, Test};

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
    pub predictions: Test<Array2<f32>>,
    /// Responses, same shape.
    pub responses: Test<Array2<f32>>,
}

/// Most blocks of targets whose predictions are held at a time.
const MOST_BLOCKS: usize = 8;
/// Responses that are held with their predictions, unless threads would wait for more: 32 MiB.
const HELD_RESPONSES: usize = 8 << 20;

/// Fits every outer fold and hands out predictions of its held-out samples, block by block.
///
/// For every fold and target w minimises ‖Zw − (y − ȳ)‖² + α‖w‖² over training rows, with Z the bands z-scored by
/// training rows and weighted by a mixture γ: K = (Σ γ_b p_b) Σ γ_b Z_b Z_bᵀ / p_b. α and γ are those with the
/// smallest squared error summed over the inner folds of the training rows. A band with [`super::Components`] is
/// reduced to those of the training rows first; inner folds share them, as they share everything that no response enters.
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
    let mut found = Fit {
        choices: Vec::with_capacity(folds.len()),
        inner_scores: Array2::zeros((folds.len(), targets.n_targets())),
        at_edge: Edges::default(),
    };
    for (index, fold) in folds.as_slice().iter().enumerate() {
        let inner = folds.inner(index, settings.inner_folds)?;
        let mixtures = settings.mixtures.of_fold(index);
        let train = Split::of(fold)?.train;
        let judged = choose_penalties(backend, &bands, (&train, &inner), (settings, mixtures), targets)?;
        found.inner_scores.row_mut(index).assign(&ndarray::ArrayView1::from(&judged.score));
        found.at_edge.count(&judged.place);
        found.choices.push(FoldChoices {
            mixtures: judged.mixtures,
            mixture: judged.mixture,
            alpha: judged.alpha,
        });
    }
    let refits = refit(backend, &bands, folds.as_slice(), &found.choices)?;
    hand_out(backend, &refits, (targets, sink))?;
    Ok(found)
}

/// An outer fold, decomposed on all its training rows for every mixture in use.
struct Refit<'a> {
    fold: &'a Fold,
    choices: &'a FoldChoices,
    train: Stretches,
    used: Vec<Used>,
}

/// A mixture that some target takes.
struct Used {
    mixture: u32,
    solver: Solver,
    /// Penalties in use with their resolvents, where that is less work than rotating all responses; else empty.
    resolvents: Vec<(f64, Mat<f32>)>,
}

fn refit<'a>(
    backend: &Backend,
    bands: &[Prepared],
    folds: &'a [Fold],
    choices: &'a [FoldChoices],
) -> Result<Vec<Refit<'a>>, EncodingError> {
    let of_fold = |(fold, choices): (&'a Fold, &'a FoldChoices)| {
        let split = Split::of(fold)?;
        let bands = components::of_fold(backend, bands, &split.train)?;
        let standardised = Standardised::new(&bands, &split.train, &split.test);
        let mut used: Vec<u32> = choices.mixture.clone();
        used.sort_unstable();
        used.dedup();
        let used = backend.map(used.len(), |index| -> Result<_, EncodingError> {
            let mixture = used[index];
            let weights = weights_of(&choices.mixtures[mixture as usize], &bands);
            let solver = Solver::new(backend, &standardised, &weights)?;
            let resolvents = resolvents(&solver, choices, mixture);
            Ok(Used { mixture, solver, resolvents })
        })?;
        Ok(Refit { fold, choices, train: Stretches::of(&fold.train), used })
    };
    folds.iter().zip(choices).map(of_fold).collect()
}

/// One resolvent per penalty that a target of this mixture takes, if they are fewer than what a rotation costs, and if
/// there are targets enough to pay for them.
fn resolvents(solver: &Solver, choices: &FoldChoices, mixture: u32) -> Vec<(f64, Mat<f32>)> {
    let of_mixture = || choices.alpha.iter().zip(&choices.mixture).filter(|(_, of)| **of == mixture);
    let mut alphas: Vec<f64> = of_mixture().map(|(alpha, _)| *alpha).collect();
    let n_targets = alphas.len();
    alphas.sort_by(f64::total_cmp);
    alphas.dedup();
    if !solver.prefers_resolvents(alphas.len(), n_targets) {
        return Vec::new();
    }
    let resolvent = |alpha: f64| (alpha, solver.resolvent(|k| 1.0 / (solver.values()[k] + alpha)));
    alphas.into_iter().map(resolvent).collect()
}

/// Predictions of all folds, a few blocks of targets at a time, in the order of the targets.
fn hand_out(
    backend: &Backend,
    refits: &[Refit<'_>],
    (targets, sink): (&dyn TargetBlocks, &mut dyn FnMut(FittedBlock) -> Result<(), EncodingError>),
) -> Result<(), EncodingError> {
    let ranges = blocks::ranges(targets);
    let block = ranges.first().map_or(1, Range::len);
    let in_memory = HELD_RESPONSES / (targets.n_samples() * block).max(1);
    let for_threads = backend.threads().div_ceil(refits.len().max(1));
    for some in ranges.chunks(in_memory.max(for_threads).clamp(1, MOST_BLOCKS)) {
        let read = backend.map(some.len(), |block| {
            let responses = targets.read(some[block].clone())?;
            let columns = blocks::columns(&responses);
            Ok::<_, EncodingError>((responses, columns))
        })?;
        let predicted = backend.map(some.len() * refits.len(), |piece| {
            let (block, fold) = (piece / refits.len(), piece % refits.len());
            Ok::<_, EncodingError>(refits[fold].predict(some[block].clone(), &read[block].1))
        })?;
        for ((range, (responses, _)), folds) in
            some.iter().zip(read).zip(predicted.chunks(refits.len().max(1)))
        {
            let mut predictions = Array2::from_elem(responses.raw_dim(), f32::NAN);
            for (refit, predicted) in refits.iter().zip(folds) {
                for (index, row) in refit.fold.test.iter().enumerate() {
                    let row = predictions.row_mut(*row);
                    row.into_iter()
                        .enumerate()
                        .for_each(|(target, value)| *value = predicted[(index, target)]);
                }
            }
            let (predictions, responses) = (Test::declared(predictions), Test::declared(responses));
            sink(FittedBlock { targets: range.clone(), predictions, responses })?;
        }
    }
    Ok(())
}

fn check(
    design: &Design,
    folds: &Folds,
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<(), EncodingError> {
    design.check()?;
    settings.mixtures.check(folds.len(), design.bands.len())?;
    let expected = design.n_samples();
    for found in [targets.n_samples(), folds.timeline().n_samples()] {
        if found != expected {
            return Err(EncodingError::SampleMismatch { found, expected });
        }
    }
    Ok(())
}

impl Refit<'_> {
    /// Predictions of the held-out rows of a block of targets, less the training mean: it is the same for all held-out
    /// samples of a fold, and a score is r.
    fn predict(&self, range: Range<usize>, block: &Mat<f32>) -> Mat<f32> {
        let mut out = Mat::zeros(self.fold.test.len(), block.ncols());
        for used in &self.used {
            let members: Vec<usize> = (0..block.ncols())
                .filter(|target| self.choices.mixture[range.start + target] == used.mixture)
                .collect();
            let alpha = |target: usize| self.choices.alpha[range.start + target];
            if used.resolvents.is_empty() {
                let alphas: Vec<f64> = members.iter().map(|target| alpha(*target)).collect();
                let predict = |some: &Mat<f32>| {
                    let mut rotated = Mat::zeros(used.solver.values().len(), some.ncols());
                    self.train.multiply(rotated.as_mut(), used.solver.rotation().as_ref(), some.as_ref());
                    used.solver.predict_each(&rotated, &alphas)
                };
                self.predict_some(block, &members, predict, &mut out);
                continue;
            }
            for (penalty, resolvent) in &used.resolvents {
                let some: Vec<usize> =
                    members.iter().copied().filter(|target| alpha(*target) == *penalty).collect();
                let predict = |some: &Mat<f32>| {
                    let mut predicted = Mat::zeros(resolvent.nrows(), some.ncols());
                    self.train.multiply(predicted.as_mut(), resolvent.as_ref(), some.as_ref());
                    predicted
                };
                self.predict_some(block, &some, predict, &mut out);
            }
        }
        out
    }

    /// Gathers some targets of a block, less their training means, and writes their predictions.
    fn predict_some(
        &self,
        block: &Mat<f32>,
        targets: &[usize],
        predict: impl Fn(&Mat<f32>) -> Mat<f32>,
        out: &mut Mat<f32>,
    ) {
        if targets.is_empty() {
            return;
        }
        let mut some = Mat::zeros(block.nrows(), targets.len());
        for (column, target) in targets.iter().enumerate() {
            some.col_as_slice_mut(column).copy_from_slice(block.col_as_slice(*target));
        }
        blocks::centre(&mut some, &self.train);
        let predicted = predict(&some);
        for (column, target) in targets.iter().enumerate() {
            out.col_as_slice_mut(*target).copy_from_slice(predicted.col_as_slice(column));
        }
    }
}
