//! Inner folds: the validation error of every mixture, penalty and target, inside the training rows of a fold.

use std::ops::Range;

use gyrus_core::{Fold, TargetBlocks};
use ndarray::Array2;

use super::blocks::{self, Stretches};
use super::by_gram;
use super::by_prediction::{FoldRows, Judge};
use super::choices::Place;
use super::components;
use super::design::weights_of;
use super::gradient;
use super::settings::{Candidates, Choice, RidgeSettings};
use super::solver::{Solver, Standardised};
use super::standardise::Prepared;
use crate::EncodingError;
use crate::backend::Backend;
use crate::split::{InnerSplit, Rows, Train};

/// What inner folds say of every penalty and target, for one mixture.
#[derive(Debug, Clone)]
pub(super) struct Errors {
    /// Squared errors, shape (n_alphas, n_targets).
    pub(super) squared: Array2<f64>,
    /// Correlations, same shape; NaN where undefined.
    pub(super) correlation: Array2<f64>,
}

/// Candidates of an outer fold, judged on its inner folds.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// All mixtures that were judged: those that were given, then those of refinement.
    pub mixtures: Vec<Vec<f64>>,
    /// Index of each target's mixture.
    pub mixture: Vec<u32>,
    /// Each target's penalty.
    pub alpha: Vec<f64>,
    /// Where it lies in the grid.
    pub place: Vec<Place>,
    /// Mean inner correlation of what each target chose.
    pub score: Vec<f64>,
}

/// Mixtures whose decompositions are held at a time.
const MIXTURES_AT_ONCE: usize = 4;
/// Blocks of targets that keep every thread busy without dividing folds.
const MANY_BLOCKS: usize = 16;

/// Chooses a mixture and a penalty per target by the squared error summed over inner folds of training rows. Each round
/// of refinement adds mixtures beside those that targets chose, down the slope of their error.
///
/// # Errors
/// - [`EncodingError::Leak`] if an inner fold has a row that is not a training row,
/// - [`EncodingError::Decomposition`] if a decomposition cannot be trusted, and if targets cannot be read.
pub fn choose_penalties(
    backend: &Backend,
    bands: &[Prepared],
    (rows, inner): (&Train<Rows<'_>>, &[Fold]),
    (settings, mixtures): (&RidgeSettings, &[Vec<f64>]),
    targets: &dyn TargetBlocks,
) -> Result<Judged, EncodingError> {
    let splits = rows.divide(inner)?;
    let bands = &components::of_fold(backend, bands, rows)?;
    let candidates = settings.candidates();
    let alphas = candidates.alphas();
    let by_gram = by_gram::suits(bands, mixtures, &splits);
    let judge = |mixtures: &[Vec<f64>]| match by_gram {
        true => by_gram::errors(backend, bands, (rows, &splits), (mixtures, alphas), targets),
        false => by_prediction(backend, bands, (rows, &splits), (mixtures, alphas), targets),
    };
    let mut best = Best::none(targets.n_targets(), &candidates);
    match settings.choice {
        Choice::PerTarget => best.consider(mixtures, &judge(mixtures)?, 0..mixtures.len()),
        Choice::SharedMixture => {
            let errors = judge(mixtures)?;
            let shared = best_for_all(&errors, &candidates);
            best.consider(mixtures, &errors, shared..shared + 1);
        }
    }
    let rounds = if settings.choice == Choice::PerTarget { settings.refinements } else { 0 };
    for round in 0..rounds {
        let added = gradient::propose(backend, bands, &splits, (&best.judged, round), targets)?;
        if added.is_empty() {
            break;
        }
        best.consider(&added, &judge(&added)?, 0..added.len());
    }
    Ok(best.judged)
}

fn by_prediction(
    backend: &Backend,
    bands: &[Prepared],
    (rows, splits): (&Train<Rows<'_>>, &[InnerSplit<'_>]),
    (mixtures, alphas): (&[Vec<f64>], &[f64]),
    targets: &dyn TargetBlocks,
) -> Result<Vec<Errors>, EncodingError> {
    bands.iter().try_for_each(|band| band.share_kernel(backend))?;
    let standardised = backend.map(splits.len(), |fold| -> Result<_, EncodingError> {
        Ok(Standardised::new(bands, &splits[fold].train, &splits[fold].validation))
    })?;
    let ranges = blocks::ranges(targets);
    let outer = Stretches::of(rows.get().indices());
    let fold_rows: Vec<FoldRows> = splits.iter().map(FoldRows::of).collect();
    // With few blocks of targets, folds are pieces of work of their own; with many, each block is read once.
    let folds_each = if ranges.len() < MANY_BLOCKS { splits.len() } else { 1 };
    let mut found = Vec::with_capacity(mixtures.len());
    for some in mixtures.chunks(MIXTURES_AT_ONCE) {
        let solvers = backend.map(some.len() * splits.len(), |piece| {
            let (mixture, fold) = (piece / splits.len(), piece % splits.len());
            Solver::new(backend, &standardised[fold], &weights_of(&some[mixture], bands))
        })?;
        let judges =
            backend.map(solvers.len(), |piece| Judge::new(&solvers[piece], alphas, targets.n_targets()))?;
        let pieces = backend.map(ranges.len() * folds_each, |piece| {
            let (block, fold) = (piece / folds_each, piece % folds_each);
            let mut block = blocks::read(targets, ranges[block].clone())?;
            blocks::centre(&mut block, &outer);
            let folds = if folds_each == 1 { 0..splits.len() } else { fold..fold + 1 };
            let of_fold = |fold: usize| -> Vec<Errors> {
                let errors =
                    |mixture: usize| judges[mixture * splits.len() + fold].errors(&fold_rows[fold], &block);
                (0..some.len()).map(errors).collect()
            };
            Ok::<_, EncodingError>(folds.map(of_fold).collect::<Vec<_>>())
        })?;
        let pieces: Vec<Vec<Errors>> = pieces.into_iter().flatten().collect();
        let of_mixture = |mixture: usize| {
            let folds = |block: &[Vec<Errors>]| Errors::total(block.iter().map(|fold| &fold[mixture]));
            Errors::beside(pieces.chunks(splits.len()).map(folds), (alphas.len(), targets.n_targets()))
        };
        found.extend((0..some.len()).map(of_mixture));
    }
    Ok(found)
}

impl Errors {
    pub(super) fn zeros(n_alphas: usize, n_targets: usize) -> Self {
        let shape = (n_alphas, n_targets);
        Self { squared: Array2::zeros(shape), correlation: Array2::zeros(shape) }
    }

    /// Over inner folds: errors are summed, correlations averaged.
    pub(super) fn total<'a>(folds: impl ExactSizeIterator<Item = &'a Self>) -> Self {
        let count = folds.len() as f64;
        let mut sum = Self::zeros(0, 0);
        for (index, fold) in folds.enumerate() {
            if index == 0 {
                sum = Self::zeros(fold.squared.nrows(), fold.squared.ncols());
            }
            sum.squared += &fold.squared;
            sum.correlation.zip_mut_with(&fold.correlation, |sum, r| *sum += r / count);
        }
        sum
    }

    /// Blocks of targets side by side.
    pub(super) fn beside(blocks: impl Iterator<Item = Self>, (n_alphas, n_targets): (usize, usize)) -> Self {
        let mut all = Self::zeros(n_alphas, n_targets);
        let mut start = 0;
        for block in blocks {
            let columns = ndarray::s![.., start..start + block.squared.ncols()];
            all.squared.slice_mut(columns).assign(&block.squared);
            all.correlation.slice_mut(columns).assign(&block.correlation);
            start += block.squared.ncols();
        }
        all
    }
}

/// The smallest error of every target so far, and what has it.
struct Best<'a> {
    candidates: &'a Candidates,
    error: Vec<f64>,
    judged: Judged,
}

impl<'a> Best<'a> {
    fn none(n_targets: usize, candidates: &'a Candidates) -> Self {
        let judged = Judged {
            mixtures: Vec::new(),
            mixture: vec![0; n_targets],
            alpha: vec![f64::NAN; n_targets],
            place: vec![Place::Inside; n_targets],
            score: vec![f64::NAN; n_targets],
        };
        Self { candidates, error: vec![f64::INFINITY; n_targets], judged }
    }

    /// Adds mixtures to those that were judged; targets take one of `eligible` if its error is smaller, and the first of all
    /// where there is no error.
    fn consider(&mut self, mixtures: &[Vec<f64>], sums: &[Errors], eligible: Range<usize>) {
        let (start, judged) = (self.judged.mixtures.len(), &mut self.judged);
        judged.mixtures.extend_from_slice(mixtures);
        for (target, least) in self.error.iter_mut().enumerate() {
            for mixture in eligible.clone() {
                let sum = &sums[mixture];
                let (alpha, error) = self.candidates.smallest(|alpha| sum.squared[(alpha, target)]);
                if error < *least || judged.alpha[target].is_nan() {
                    *least = error;
                    judged.mixture[target] = (start + mixture) as u32;
                    judged.alpha[target] = self.candidates.alphas()[alpha];
                    judged.place[target] = self.candidates.place(alpha);
                    judged.score[target] = sum.correlation[(alpha, target)];
                }
            }
        }
    }
}

/// The mixture with the best mean score over targets, each at its own penalty.
fn best_for_all(sums: &[Errors], candidates: &Candidates) -> usize {
    let mean = |sum: &Errors| {
        let chosen = |target: usize| candidates.smallest(|alpha| sum.squared[(alpha, target)]).0;
        let scores = (0..sum.squared.ncols()).map(|target| sum.correlation[(chosen(target), target)]);
        scores.filter(|score| score.is_finite()).sum::<f64>()
    };
    let mut best = (f64::NEG_INFINITY, 0);
    for (mixture, sum) in sums.iter().enumerate() {
        let score = mean(sum);
        if score > best.0 {
            best = (score, mixture);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::ridge::{Alphas, AtEdge, Mixtures};

    /// Candidates 1, 10 and 100.
    fn candidates() -> Candidates {
        let settings = RidgeSettings {
            alphas: Alphas::logspace(1.0, 100.0, 3).unwrap(),
            mixtures: Mixtures::ends(2),
            refinements: 0,
            choice: Choice::PerTarget,
            inner_folds: 2,
            at_edge: AtEdge::Count,
        };
        settings.candidates()
    }

    /// One target per column: errors, and correlations of a tenth of them.
    fn errors(squared: Array2<f64>) -> Errors {
        Errors { correlation: squared.mapv(|error| error / 10.0), squared }
    }

    #[test]
    fn errors_of_inner_folds_are_summed_and_their_correlations_averaged() {
        let folds = [errors(array![[1.0, 2.0], [3.0, 4.0]]), errors(array![[5.0, 6.0], [7.0, 9.0]])];
        let total = Errors::total(folds.iter());
        assert_eq!(total.squared, array![[6.0, 8.0], [10.0, 13.0]]);
        for (found, expected) in total.correlation.iter().zip([0.3, 0.4, 0.5, 0.65]) {
            assert!((found - expected).abs() < 1e-12);
        }
        let blocks = [errors(array![[1.0], [2.0]]), errors(array![[3.0, 4.0], [5.0, 6.0]])];
        let all = Errors::beside(blocks.iter().cloned(), (2, 3));
        assert_eq!(all.squared, array![[1.0, 3.0, 4.0], [2.0, 5.0, 6.0]]);
        assert_eq!(all.correlation, all.squared.mapv(|error| error / 10.0));
    }

    #[test]
    fn a_target_takes_the_first_of_the_smallest_errors_and_later_rounds_only_where_they_are_smaller() {
        let candidates = candidates();
        let mut best = Best::none(4, &candidates);
        let nan = f64::NAN;
        let first = [
            errors(array![[5.0, 3.0, 4.0, nan], [2.0, 6.0, 9.0, nan], [7.0, 7.0, 8.0, nan]]),
            errors(array![[2.0, 6.0, 4.0, nan], [9.0, 9.0, 3.0, nan], [9.0, 2.0, 9.0, nan]]),
        ];
        best.consider(&[vec![1.0, 0.0], vec![0.0, 1.0]], &first, 0..2);
        assert_eq!(best.judged.mixture, [0, 1, 1, 0]);
        assert_eq!(best.judged.alpha, [10.0, 100.0, 10.0, 1.0]);
        assert_eq!(best.judged.place, [Place::Inside, Place::High, Place::Inside, Place::Low]);
        assert_eq!(best.judged.score[..3], [0.2, 0.2, 0.3]);
        assert!(best.judged.score[3].is_nan());
        let later = [errors(array![[2.0, 1.0, 4.0, nan], [2.0, 1.5, 9.0, nan], [7.0, 7.0, 8.0, nan]])];
        best.consider(&[vec![0.5, 0.5]], &later, 0..1);
        assert_eq!(best.judged.mixture, [0, 2, 1, 0]);
        assert_eq!(
            (best.judged.alpha[1], best.judged.place[1], best.judged.score[1]),
            (1.0, Place::Low, 0.1)
        );
        assert_eq!(best.judged.mixtures, [vec![1.0, 0.0], vec![0.0, 1.0], vec![0.5, 0.5]]);
    }

    #[test]
    fn a_shared_mixture_has_the_best_mean_score_of_the_targets_that_have_one() {
        let scored = |squared: Array2<f64>, correlation: Array2<f64>| Errors { squared, correlation };
        let nan = f64::NAN;
        // The error chooses the penalty, the score at that penalty the mixture: .3 + .1, .2 + .4 and .5 + .1.
        let sums = [
            scored(array![[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]], array![[0.3, 0.9], [0.9, 0.1], [0.9, 0.9]]),
            scored(array![[2.0, 1.0], [1.0, 2.0], [3.0, 3.0]], array![[0.0, 0.4], [0.2, 0.0], [0.0, 0.0]]),
            scored(array![[2.0, 3.0], [3.0, 2.0], [1.0, 1.0]], array![[0.0, 0.0], [0.0, 0.0], [0.5, 0.1]]),
            scored(array![[2.0, 3.0], [3.0, 2.0], [1.0, 1.0]], array![[0.0, 0.0], [0.0, 0.0], [0.4, nan]]),
        ];
        let candidates = candidates();
        assert_eq!(best_for_all(&sums, &candidates), 1);
        assert_eq!(best_for_all(&sums[2..], &candidates), 0);
        // Of two that are as good the first.
        assert_eq!(best_for_all(&[sums[0].clone(), sums[3].clone()], &candidates), 0);
        assert_eq!(best_for_all(&[sums[3].clone(), sums[0].clone(), sums[1].clone()], &candidates), 2);
    }
}
