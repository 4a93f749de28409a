//! Symmetric eigendecomposition in double precision that is checked before it is used.
//!
//! faer's divide-and-conquer can return wrong factors without an error on some input, so the residual
//! ‖Kz − UΛUᵀz‖ is probed on random z; where it is large, the slower QR algorithm is used.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{
    ComputeEigenvectors, SelfAdjointEvdParams, self_adjoint_evd, self_adjoint_evd_scratch,
};
use faer::{Auto, Mat, Par, Spec};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::product;
use crate::EncodingError;

/// K = U Λ Uᵀ, eigenvalues ascending.
#[derive(Debug, Clone)]
pub struct Eigen {
    /// Λ.
    pub values: Vec<f64>,
    /// U, one eigenvector per column.
    pub vectors: Mat<f64>,
}

/// Largest residual of the probes. Sound factors stay near 1e-14.
const TOLERANCE: f64 = 1e-10;
const PROBES: usize = 3;

impl Eigen {
    /// Decomposes a symmetric matrix.
    ///
    /// # Errors
    /// - [`EncodingError::Decomposition`] if neither algorithm reconstructs it, or it holds NaN or infinity.
    pub fn of(matrix: &Mat<f64>) -> Result<Self, EncodingError> {
        let fast = Self::compute(matrix, <SelfAdjointEvdParams as Auto<f64>>::auto());
        if let Some(found) = fast.filter(|found| is_sound(found.residual(matrix))) {
            return Ok(found);
        }
        let mut careful = <SelfAdjointEvdParams as Auto<f64>>::auto();
        careful.recursion_threshold = usize::MAX;
        let found = Self::compute(matrix, careful);
        let residual = found.as_ref().map_or(f64::NAN, |found| found.residual(matrix));
        found.filter(|_| is_sound(residual)).ok_or(EncodingError::Decomposition {
            size: matrix.nrows(),
            residual,
            tolerance: TOLERANCE,
        })
    }

    fn compute(matrix: &Mat<f64>, parameters: SelfAdjointEvdParams) -> Option<Self> {
        let size = matrix.nrows();
        let mut values = faer::diag::Diag::zeros(size);
        let mut vectors = Mat::zeros(size, size);
        let parameters: Spec<SelfAdjointEvdParams, f64> = parameters.into();
        let needed = self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, parameters);
        let mut memory = MemBuffer::new(needed);
        let stack = MemStack::new(&mut memory);
        let done = self_adjoint_evd(
            matrix.as_ref(),
            values.as_mut(),
            Some(vectors.as_mut()),
            Par::Seq,
            stack,
            parameters,
        );
        done.ok()?;
        Some(Self { values: values.column_vector().iter().copied().collect(), vectors })
    }

    /// ‖KZ − UΛUᵀZ‖ / (‖K‖ ‖Z‖) with random columns Z; NaN counts as infinite.
    fn residual(&self, matrix: &Mat<f64>) -> f64 {
        let size = matrix.nrows();
        let mut random = ChaCha8Rng::seed_from_u64(size as u64);
        let uniform = |_: usize, _: usize| random.next_u64() as f64 / u64::MAX as f64 - 0.5;
        let probes = {
            let mut uniform = uniform;
            let mut probes = Mat::zeros(size, PROBES);
            for column in 0..PROBES {
                for row in 0..size {
                    probes[(row, column)] = uniform(row, column);
                }
            }
            probes
        };
        let expected = product(matrix.as_ref(), probes.as_ref());
        let mut rotated = product(self.vectors.transpose(), probes.as_ref());
        for column in 0..PROBES {
            for row in 0..size {
                rotated[(row, column)] *= self.values[row];
            }
        }
        let found = product(self.vectors.as_ref(), rotated.as_ref());
        let scale = matrix.norm_l2().max(f64::MIN_POSITIVE) * probes.norm_l2().max(f64::MIN_POSITIVE);
        let residual = (&expected - &found).norm_l2() / scale;
        if residual.is_nan() { f64::INFINITY } else { residual }
    }
}

fn is_sound(residual: f64) -> bool {
    residual < TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_sound_and_what_is_wrong_or_no_number_is_not() {
        assert!(is_sound(0.0) && is_sound(1e-14));
        assert!(!is_sound(1e-6) && !is_sound(f64::INFINITY) && !is_sound(f64::NAN));
    }

    /// Every eigenvalue of 3 I is too large by 1.5: K Z − U Λ Uᵀ Z = −1.5 Z for any Z, and ‖K‖ = 3 √4.
    #[test]
    fn the_residual_is_relative_to_the_matrix_and_the_probes() {
        let identity = Mat::<f64>::identity(4, 4);
        let matrix = Mat::from_fn(4, 4, |row, column| 3.0 * identity[(row, column)]);
        let found = Eigen { values: vec![4.5; 4], vectors: identity };
        assert!((found.residual(&matrix) - 0.25).abs() < 1e-12, "{}", found.residual(&matrix));
    }

    fn gram(rows: usize, columns: usize, scale: impl Fn(usize) -> f64) -> Mat<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut features = Mat::zeros(rows, columns);
        for column in 0..columns {
            for row in 0..rows {
                features[(row, column)] = scale(column) * (random.next_u64() as f64 / u64::MAX as f64 - 0.5);
            }
        }
        product(features.as_ref(), features.transpose())
    }

    #[test]
    fn low_rank_graded_duplicated_and_constant_designs_are_reconstructed() {
        let graded = |column: usize| libm::pow(10.0, -(column as f64) / 4.0);
        for (name, matrix) in [
            ("low rank", gram(200, 20, |_| 1.0)),
            ("graded", gram(160, 80, graded)),
            ("zero", Mat::zeros(150, 150)),
            ("one column", gram(140, 1, |_| 1e10)),
        ] {
            let found = Eigen::of(&matrix).unwrap();
            assert!(found.residual(&matrix) < 1e-12, "{name}");
            assert!(found.values.is_sorted(), "{name}");
        }
    }

    #[test]
    fn wrong_factors_are_seen_and_nan_is_an_error() {
        let matrix = gram(50, 50, |_| 1.0);
        let mut found = Eigen::of(&matrix).unwrap();
        found.values[49] *= 1.001;
        assert!(found.residual(&matrix) > TOLERANCE);
        let mut broken = matrix;
        broken[(3, 3)] = f64::NAN;
        assert!(Eigen::of(&broken).is_err());
    }
}
