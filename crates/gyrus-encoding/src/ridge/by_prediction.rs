//! Validation errors of a block of targets from a few predictions that stand for those of every penalty.

use faer::{Mat, MatRef};

use super::basis::PenaltyBasis;
use super::blocks::Stretches;
use super::cross_validation::Errors;
use super::forms::Forms;
use super::solver::Solver;
use super::sums::{Observed, PARTS, dot, sum};
use crate::EncodingError;
use crate::backend::product_into;
use crate::split::InnerSplit;
use crate::split::sealed::Indices;
use crate::vectors::vectorised;

/// What one inner fold needs to judge every penalty for any target.
pub(super) struct Judge {
    basis: PenaltyBasis,
    /// One above another per curve of the basis: n_evaluated × n_training (resolvents), or n_evaluated × rank (to be
    /// multiplied with rotated responses).
    stack: Mat<f32>,
    /// Rotates responses first; `None` with resolvents.
    rotation: Option<Mat<f32>>,
}

/// Rows of an inner fold.
pub(super) struct FoldRows {
    train: Stretches,
    validation: Stretches,
}

impl FoldRows {
    pub(super) fn of(split: &InnerSplit<'_>) -> Self {
        Self {
            train: Stretches::of(split.train.get().indices()),
            validation: Stretches::of(split.validation.indices()),
        }
    }
}

/// Predictions of a tile of targets that stay in the second cache of a core.
const TILE_VALUES: usize = 256 * 1024;

impl Judge {
    /// # Errors
    /// - as [`PenaltyBasis::new`].
    pub(super) fn new(solver: &Solver, alphas: &[f64], n_targets: usize) -> Result<Self, EncodingError> {
        let basis = PenaltyBasis::new(solver.values(), &solver.sizes(), alphas)?;
        let rotates = solver.prefers_rotation(basis.len(), n_targets);
        let rows = solver.n_evaluated();
        let mut stack = Mat::zeros(0, 0);
        for index in 0..basis.len() {
            let curve = |k: usize| basis.curves[(k, index)];
            let matrix = if rotates { solver.shrunk(curve) } else { solver.resolvent(curve) };
            if index == 0 {
                stack = Mat::zeros(basis.len() * rows, matrix.ncols());
            }
            stack.subrows_mut(index * rows, rows).copy_from(&matrix);
        }
        let rotation = rotates.then(|| solver.rotation().clone());
        Ok(Self { basis, stack, rotation })
    }

    /// Errors of the targets of a block, of which responses may be less any constant: features are centred on the
    /// training rows, so that predictions do not depend on the mean of the training responses.
    pub(super) fn errors(&self, rows: &FoldRows, block: &Mat<f32>) -> Errors {
        let n_targets = block.ncols();
        let mut errors = Errors::zeros(self.basis.coefficients.ncols(), n_targets);
        let rotated = self.rotation.as_ref().map(|rotation| {
            let mut rotated = Mat::zeros(rotation.nrows(), n_targets);
            rows.train.multiply(rotated.as_mut(), rotation.as_ref(), block.as_ref());
            rotated
        });
        let width = (TILE_VALUES / self.stack.nrows().max(1)).clamp(32, 1000).next_multiple_of(4);
        for start in (0..n_targets).step_by(width) {
            let width = width.min(n_targets - start);
            let mut predicted = Mat::zeros(self.stack.nrows(), width);
            match &rotated {
                Some(rotated) => {
                    let rotated = rotated.subcols(start, width);
                    product_into(predicted.as_mut(), self.stack.as_ref(), rotated);
                }
                None => {
                    let block = block.subcols(start, width);
                    rows.train.multiply(predicted.as_mut(), self.stack.as_ref(), block);
                }
            }
            let block = block.subcols(start, width);
            by_basis(&self.basis, rows, (&predicted, block), (&mut errors, start));
        }
        errors
    }
}

/// Copies the validation responses of a target, and gives the mean of its training responses.
#[inline(always)]
fn observe(rows: &FoldRows, block: MatRef<'_, f32>, target: usize, out: &mut [f32]) -> f64 {
    let column = block.col(target).try_as_col_major().map_or(&[][..], |column| column.as_slice());
    rows.validation.copy(column, out);
    rows.train.mean(column)
}

fn by_basis(
    basis: &PenaltyBasis,
    rows: &FoldRows,
    (predicted, block): (&Mat<f32>, MatRef<'_, f32>),
    (errors, start): (&mut Errors, usize),
) {
    let (count, width) = (basis.len(), block.ncols());
    let samples = rows.validation.len();
    // Predictions and the response one after another, each filled up with zeros to whole vectors.
    let padded = samples.next_multiple_of(PARTS);
    let mut parts = vec![0.0; (count + 1) * padded];
    let mut forms = Forms::new(count, width);
    let mut observed = Vec::with_capacity(width);
    vectorised(
        #[inline(always)]
        || {
            for target in 0..width {
                let (y, parts) = parts.split_at_mut(padded);
                let mean = observe(rows, block, target, y);
                let of_y = Observed { count: samples as f64, sum: sum(y), squares: dot(y, y) };
                observed.push(of_y.less(mean));
                let predicted = predicted.col_as_slice(target).chunks_exact(samples);
                for (part, predicted) in parts.chunks_exact_mut(padded).zip(predicted) {
                    part[..samples].copy_from_slice(predicted);
                }
                let part = |j: usize| &parts[j * padded..(j + 1) * padded];
                let mut of_target = forms.of_target(target);
                for j in 0..count {
                    let p = part(j);
                    let sum = sum(p);
                    of_target.push(
                        (sum, dot(p, y) - mean * sum),
                        #[inline(always)]
                        |i| dot(p, part(i)),
                    );
                }
            }
        },
    );
    forms.write(basis, &observed, (errors, start));
}
