//! Validation errors of a block of targets from predictions, for every penalty.

use faer::Mat;

use super::basis::PenaltyBasis;
use super::cross_validation::Errors;
use super::solver::Solver;
use super::sums::{Observed, compare, dot, sum};
use crate::EncodingError;
use crate::backend::product_into;

/// What one inner fold needs to judge every penalty for any target.
pub(super) struct Judge<'a> {
    solver: &'a Solver,
    alphas: &'a [f64],
    basis: Option<PenaltyBasis>,
    /// Either n_evaluated × n_training each (resolvents), or n_evaluated × rank each (to be multiplied with rotated
    /// responses): one per penalty, or one per curve of the basis.
    matrices: Vec<Mat<f32>>,
    rotates: bool,
}

/// How much dearer an operation outside matrix products is than one inside.
const OUTSIDE: usize = 8;

impl<'a> Judge<'a> {
    /// # Errors
    /// - as [`PenaltyBasis::new`].
    pub(super) fn new(
        solver: &'a Solver,
        alphas: &'a [f64],
        n_targets: usize,
    ) -> Result<Self, EncodingError> {
        let inner = solver.values().len();
        let is_cheaper = |size: usize| is_cheaper(size, alphas.len(), solver.n_evaluated(), inner);
        let basis = PenaltyBasis::new(solver.values(), &solver.sizes(), alphas)?;
        let basis = basis.filter(|basis| is_cheaper(basis.len()));
        let count = basis.as_ref().map_or(alphas.len(), PenaltyBasis::len);
        let rotates = solver.prefers_rotation(count, n_targets);
        let matrix = |index: usize| {
            let curve = |k: usize| match &basis {
                Some(basis) => basis.curves[(k, index)],
                None => 1.0 / (solver.values()[k] + alphas[index]),
            };
            if rotates { solver.shrunk(curve) } else { solver.resolvent(curve) }
        };
        let matrices = (0..count).map(matrix).collect();
        Ok(Self { solver, alphas, basis, matrices, rotates })
    }

    /// Errors of targets whose training and validation responses are given, both less the training mean.
    pub(super) fn errors(&self, train: &Mat<f32>, validation: &Mat<f32>) -> Errors {
        let rotated = self.rotates.then(|| self.solver.rotate(train));
        let right = rotated.as_ref().unwrap_or(train);
        match &self.basis {
            Some(basis) => self.by_basis(basis, right, validation),
            None => self.by_penalty(right, validation),
        }
    }

    fn by_penalty(&self, right: &Mat<f32>, validation: &Mat<f32>) -> Errors {
        let mut errors = Errors::zeros(self.alphas.len(), validation.ncols());
        let observed: Vec<Observed> =
            (0..validation.ncols()).map(|target| Observed::of(validation.col_as_slice(target))).collect();
        let mut predicted = Mat::zeros(validation.nrows(), validation.ncols());
        for (alpha, matrix) in self.matrices.iter().enumerate() {
            product_into(&mut predicted, matrix.as_ref(), right.as_ref());
            for (target, observed) in observed.iter().enumerate() {
                let [squared, sum, squares, products] =
                    compare(predicted.col_as_slice(target), validation.col_as_slice(target));
                errors.squared[(alpha, target)] = squared;
                errors.correlation[(alpha, target)] = observed.correlation(sum, squares, products);
            }
        }
        errors
    }

    fn by_basis(&self, basis: &PenaltyBasis, right: &Mat<f32>, validation: &Mat<f32>) -> Errors {
        let mut errors = Errors::zeros(self.alphas.len(), validation.ncols());
        let predict = |matrix: &Mat<f32>| {
            let mut predicted = Mat::zeros(validation.nrows(), validation.ncols());
            product_into(&mut predicted, matrix.as_ref(), right.as_ref());
            predicted
        };
        let parts: Vec<Mat<f32>> = self.matrices.iter().map(predict).collect();
        let mut forms = Forms::new(parts.len());
        for target in 0..validation.ncols() {
            let y = validation.col_as_slice(target);
            let observed = Observed::of(y);
            for (j, part) in parts.iter().enumerate() {
                let p = part.col_as_slice(target);
                forms.sums[j] = sum(p);
                forms.products[j] = dot(p, y);
                for (i, other) in parts[..=j].iter().enumerate() {
                    forms.set_square(i, j, dot(p, other.col_as_slice(target)));
                }
            }
            forms.write(basis, &observed, (&mut errors, target));
        }
        errors
    }
}

/// Sums from which those of every combination of J predictions follow.
pub(super) struct Forms {
    /// Σ p_j.
    pub(super) sums: Vec<f64>,
    /// Σ p_j y.
    pub(super) products: Vec<f64>,
    /// Σ p_i p_j, J × J.
    squares: Vec<f64>,
}

impl Forms {
    pub(super) fn new(count: usize) -> Self {
        Self { sums: vec![0.0; count], products: vec![0.0; count], squares: vec![0.0; count * count] }
    }

    pub(super) fn set_square(&mut self, i: usize, j: usize, value: f64) {
        let count = self.sums.len();
        self.squares[i * count + j] = value;
        self.squares[j * count + i] = value;
    }

    /// Squared error and correlation of every penalty.
    pub(super) fn write(
        &self,
        basis: &PenaltyBasis,
        observed: &Observed,
        (errors, target): (&mut Errors, usize),
    ) {
        let count = self.sums.len();
        for alpha in 0..basis.coefficients.ncols() {
            let coefficients = basis.coefficients.col_as_slice(alpha);
            let (mut sum, mut products, mut squares) = (0.0, 0.0, 0.0);
            for (j, c) in coefficients.iter().enumerate() {
                let row = &self.squares[j * count..(j + 1) * count];
                squares +=
                    c * row.iter().zip(coefficients).map(|(square, other)| square * other).sum::<f64>();
                sum += c * self.sums[j];
                products += c * self.products[j];
            }
            errors.squared[(alpha, target)] = observed.squared_error(squares, products);
            errors.correlation[(alpha, target)] = observed.correlation(sum, squares, products);
        }
    }
}

/// Whether J products and the forms of J predictions cost less than a product per penalty.
fn is_cheaper(size: usize, n_alphas: usize, evaluated: usize, inner: usize) -> bool {
    let with_basis = size * evaluated * inner
        + OUTSIDE * ((size + 1) * (size + 2) / 2 * evaluated + n_alphas * size * size);
    let without = n_alphas * evaluated * (inner + 4 * OUTSIDE);
    with_basis < without
}
