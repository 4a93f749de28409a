//! A few combinations of components that stand for every penalty of a long grid, within a verified bound.

use faer::Mat;

use crate::EncodingError;
use crate::backend::{Eigen, product};

/// Shrinkage curves 1 / (λ_k + α_a) ≈ Σ_j curve_kj · coefficient_ja.
#[derive(Debug, Clone)]
pub(super) struct PenaltyBasis {
    /// Shape (rank, J).
    pub(super) curves: Mat<f64>,
    /// Shape (J, n_alphas), at most 1 in size.
    pub(super) coefficients: Mat<f64>,
    /// Products of two coefficients i ≤ j, shape (J (J + 1) / 2, n_alphas).
    pub(super) pairs: Mat<f64>,
    /// Largest error of a prediction in the norm of the training responses, over all penalties: ‖δŷ‖ ≤ bound · ‖y‖.
    pub(super) bound: f64,
}

/// Largest [`PenaltyBasis::bound`] that is accepted. It is reached only by responses that lie along the worst component;
/// spread over all, errors are smaller by the root of the number of components, and what they do to a squared error is
/// smaller again by that of the number of samples: below 1e-6 of it with 832 samples and 50 penalties (with 1e-3 up to 1.1e-5). Predictions of
/// the chosen penalty are exact.
pub(super) const TOLERANCE: f64 = 3e-4;

impl PenaltyBasis {
    /// The smallest basis of which the error is bounded by [`TOLERANCE`].
    ///
    /// With w_k ≥ ‖left_k‖ the size of component k in the evaluated predictions, W_ka = w_k / (λ_k + α_a) has leading
    /// left singular vectors u_j, and curve_j = u_j / w. For orthonormal `right`, an approximation Ŵ changes the
    /// prediction at penalty a by at most ‖W_a − Ŵ_a‖₂ ‖y‖, which is computed from the residual itself.
    ///
    /// # Errors
    /// - [`EncodingError::Decomposition`] if the Gram of the curves cannot be decomposed, as where features overflow.
    pub(super) fn new(values: &[f64], sizes: &[f64], alphas: &[f64]) -> Result<Self, EncodingError> {
        let curves = Mat::from_fn(values.len(), alphas.len(), |k, a| sizes[k] / (values[k] + alphas[a]));
        let gram = product(curves.transpose(), curves.as_ref());
        let eigen = Eigen::of(&gram)?;
        let empty = || Mat::zeros(0, 0);
        let mut found = Self { curves: empty(), coefficients: empty(), pairs: empty(), bound: f64::INFINITY };
        for size in 1..=alphas.len() {
            let right = eigen.vectors.subcols(alphas.len() - size, size);
            let projected = product(curves.as_ref(), right);
            let left = &curves - product(projected.as_ref(), right.transpose());
            let error = |a: usize| left.col_as_slice(a).iter().map(|x| x * x).sum::<f64>().sqrt();
            let bound = (0..alphas.len()).map(error).fold(0.0, f64::max);
            if bound <= TOLERANCE || size == alphas.len() {
                let unweighted =
                    |k: usize, j: usize| if sizes[k] > 0.0 { projected[(k, j)] / sizes[k] } else { 0.0 };
                found.curves = Mat::from_fn(values.len(), size, unweighted);
                found.coefficients = right.transpose().to_owned();
                found.pairs = pairs(&found.coefficients);
                found.bound = bound;
                break;
            }
        }
        Ok(found)
    }

    /// J.
    pub(super) fn len(&self) -> usize {
        self.curves.ncols()
    }
}

/// Products of the entries i ≤ j of each column.
fn pairs(coefficients: &Mat<f64>) -> Mat<f64> {
    let count = coefficients.nrows();
    let mut pairs = Mat::zeros(count * (count + 1) / 2, coefficients.ncols());
    for column in 0..coefficients.ncols() {
        let of = coefficients.col_as_slice(column);
        let products = (0..count).flat_map(|j| (0..=j).map(move |i| of[i] * of[j]));
        pairs.col_as_slice_mut(column).iter_mut().zip(products).for_each(|(pair, product)| *pair = product);
    }
    pairs
}
