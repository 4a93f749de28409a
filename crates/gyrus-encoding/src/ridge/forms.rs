//! Sums from which squared errors and correlations of every combination of J predictions follow.

use faer::Mat;

use super::basis::PenaltyBasis;
use super::cross_validation::Errors;
use super::sums::Observed;
use crate::backend::product;

/// Of some targets, one per column.
pub(super) struct Forms {
    /// Σ p_j, J rows.
    sums: Mat<f64>,
    /// Σ p_j y, J rows.
    products: Mat<f64>,
    /// Σ p_i p_j for i ≤ j, those off the diagonal twice: J (J + 1) / 2 rows.
    squares: Mat<f64>,
}

/// The column of one target, to be filled from j = 0 on.
pub(super) struct TargetForms<'a> {
    sums: &'a mut [f64],
    products: &'a mut [f64],
    squares: &'a mut [f64],
    filled: usize,
}

impl Forms {
    pub(super) fn new(count: usize, n_targets: usize) -> Self {
        Self {
            sums: Mat::zeros(count, n_targets),
            products: Mat::zeros(count, n_targets),
            squares: Mat::zeros(count * (count + 1) / 2, n_targets),
        }
    }

    pub(super) fn of_target(&mut self, target: usize) -> TargetForms<'_> {
        TargetForms {
            sums: self.sums.col_as_slice_mut(target),
            products: self.products.col_as_slice_mut(target),
            squares: self.squares.col_as_slice_mut(target),
            filled: 0,
        }
    }

    /// Squared errors and correlations of every penalty, in the columns of `errors` from `start` on.
    pub(super) fn write(
        &self,
        basis: &PenaltyBasis,
        observed: &[Observed],
        (errors, start): (&mut Errors, usize),
    ) {
        let sums = product(basis.coefficients.transpose(), self.sums.as_ref());
        let products = product(basis.coefficients.transpose(), self.products.as_ref());
        let squares = product(basis.pairs.transpose(), self.squares.as_ref());
        for (target, observed) in observed.iter().enumerate() {
            for alpha in 0..basis.coefficients.ncols() {
                let (square, product) = (squares[(alpha, target)], products[(alpha, target)]);
                errors.squared[(alpha, start + target)] = observed.squared_error(square, product);
                errors.correlation[(alpha, start + target)] =
                    observed.correlation(sums[(alpha, target)], square, product);
            }
        }
    }
}

impl TargetForms<'_> {
    /// Prediction j: Σ p_j and Σ p_j y, and Σ p_i p_j for every i from 0 to j.
    #[inline(always)]
    pub(super) fn push(&mut self, (sum, product): (f64, f64), square: impl Fn(usize) -> f64) {
        let (j, first) = (self.filled, self.filled * (self.filled + 1) / 2);
        self.sums[j] = sum;
        self.products[j] = product;
        for i in 0..j {
            self.squares[first + i] = 2.0 * square(i);
        }
        self.squares[first + j] = square(j);
        self.filled += 1;
    }
}
