//! Inner folds: the validation error of every mixture, penalty and target, inside the training rows of a fold.

use faer::Mat;
use gyrus_core::{Fold, TargetBlocks};
use ndarray::Array2;

use super::TARGET_BLOCK;
use super::design::{Prepared, weights_of};
use super::settings::{Choice, RidgeSettings};
use super::solver::{Solver, Standardised};
use crate::EncodingError;
use crate::backend::Backend;

/// What one inner fold says of one mixture.
struct Validation {
    /// Squared errors, shape (n_alphas, n_targets).
    squared: Array2<f64>,
    /// Correlations, same shape; NaN where undefined.
    correlation: Array2<f64>,
}

/// Candidates of an outer fold, judged on its inner folds.
pub(super) struct Judged {
    /// Index of each target's mixture.
    pub mixture: Vec<u32>,
    /// Index of each target's penalty.
    pub alpha: Vec<usize>,
    /// Mean inner correlation of what each target chose.
    pub score: Vec<f64>,
}

/// Chooses a mixture and a penalty per target by the squared error summed over inner folds.
///
/// # Errors
/// - as [`Solver::new`], and if targets cannot be read.
pub(super) fn judge(
    backend: &Backend,
    bands: &[Prepared],
    (inner, mixtures): (&[Fold], &[Vec<f64>]),
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<Judged, EncodingError> {
    let standardised = backend.map(inner.len(), |fold| -> Result<_, EncodingError> {
        Ok(Standardised::new(bands, &inner[fold].train, &inner[fold].test))
    })?;
    let validations = backend.map(inner.len() * mixtures.len(), |piece| {
        let (mixture, fold) = (piece / inner.len(), piece % inner.len());
        let weights = weights_of(&mixtures[mixture], bands);
        let solver = Solver::new(backend, &standardised[fold], &weights)?;
        validate(&solver, &inner[fold], settings, targets)
    })?;
    let mut sums: Vec<Validation> = Vec::with_capacity(mixtures.len());
    for of_mixture in validations.chunks(inner.len()) {
        sums.push(total(of_mixture));
    }
    Ok(choose(&sums, settings.choice, targets.n_targets()))
}

fn total(folds: &[Validation]) -> Validation {
    let shape = folds[0].squared.raw_dim();
    let mut sum = Validation { squared: Array2::zeros(shape), correlation: Array2::zeros(shape) };
    for fold in folds {
        sum.squared += &fold.squared;
        sum.correlation += &(&fold.correlation / folds.len() as f64);
    }
    sum
}

fn choose(sums: &[Validation], choice: Choice, n_targets: usize) -> Judged {
    let candidates: Vec<usize> = match choice {
        Choice::PerTarget => (0..sums.len()).collect(),
        Choice::SharedMixture => vec![best_for_all(sums, n_targets)],
    };
    let mut judged = Judged { mixture: Vec::new(), alpha: Vec::new(), score: Vec::new() };
    for target in 0..n_targets {
        let mut best = (f64::INFINITY, candidates[0], 0);
        for &mixture in &candidates {
            let (alpha, error) = smallest(&sums[mixture], target);
            if error < best.0 {
                best = (error, mixture, alpha);
            }
        }
        judged.mixture.push(best.1 as u32);
        judged.alpha.push(best.2);
        judged.score.push(sums[best.1].correlation[(best.2, target)]);
    }
    judged
}

/// The mixture with the best mean score over targets, each at its own penalty.
fn best_for_all(sums: &[Validation], n_targets: usize) -> usize {
    let mean = |sum: &Validation| {
        let scores = (0..n_targets).map(|target| sum.correlation[(smallest(sum, target).0, target)]);
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

fn smallest(sum: &Validation, target: usize) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (alpha, error) in sum.squared.column(target).iter().enumerate() {
        if *error < best.1 {
            best = (alpha, *error);
        }
    }
    best
}

fn validate(
    solver: &Solver,
    fold: &Fold,
    settings: &RidgeSettings,
    targets: &dyn TargetBlocks,
) -> Result<Validation, EncodingError> {
    let alphas = settings.alphas.as_slice();
    let shape = (alphas.len(), targets.n_targets());
    let mut found = Validation { squared: Array2::zeros(shape), correlation: Array2::zeros(shape) };
    let rotates = solver.prefers_rotation(alphas.len(), targets.n_targets());
    let resolvents: Vec<Mat<f32>> =
        if rotates { Vec::new() } else { alphas.iter().map(|alpha| solver.resolvent(*alpha)).collect() };
    for start in (0..targets.n_targets()).step_by(TARGET_BLOCK) {
        let block = targets.read(start..(start + TARGET_BLOCK).min(targets.n_targets()))?;
        let (train, test) = centred(&block, &fold.train, &fold.test);
        let rotated = rotates.then(|| solver.rotate(&train));
        for (index, alpha) in alphas.iter().enumerate() {
            let predicted = match &rotated {
                Some(rotated) => solver.predict(rotated, *alpha),
                None => crate::backend::product(resolvents[index].as_ref(), train.as_ref()),
            };
            for target in 0..test.ncols() {
                let (squared, correlation) =
                    compare(predicted.col_as_slice(target), test.col_as_slice(target));
                found.squared[(index, start + target)] = squared;
                found.correlation[(index, start + target)] = correlation;
            }
        }
    }
    Ok(found)
}

/// Training and evaluation responses, both less the training mean.
pub(super) fn centred(block: &Array2<f32>, train: &[usize], evaluate: &[usize]) -> (Mat<f32>, Mat<f32>) {
    let mean = |target: usize| {
        train.iter().map(|row| f64::from(block[(*row, target)])).sum::<f64>() / train.len() as f64
    };
    let means: Vec<f32> = (0..block.ncols()).map(|target| mean(target) as f32).collect();
    let less_mean = |rows: &[usize]| {
        Mat::from_fn(rows.len(), block.ncols(), |row, target| block[(rows[row], target)] - means[target])
    };
    (less_mean(train), less_mean(evaluate))
}

/// Squared error and correlation of one prediction.
fn compare(predicted: &[f32], observed: &[f32]) -> (f64, f64) {
    let n = predicted.len() as f64;
    let (mut squared, mut sums) = (0.0, [0.0_f64; 5]);
    for (p, y) in predicted.iter().zip(observed) {
        let (p, y) = (f64::from(*p), f64::from(*y));
        squared += (p - y) * (p - y);
        for (sum, term) in sums.iter_mut().zip([p, y, p * p, y * y, p * y]) {
            *sum += term;
        }
    }
    let [p, y, pp, yy, py] = sums;
    let (vp, vy) = (pp - p * p / n, yy - y * y / n);
    let correlation = (py - p * y / n) / (vp.max(0.0) * vy.max(0.0)).sqrt();
    (squared, correlation)
}
