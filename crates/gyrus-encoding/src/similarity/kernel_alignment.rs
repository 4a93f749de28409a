//! Linear centred kernel alignment: how alike the similarities of samples are in two spaces.

use ndarray::{Array2, ArrayView2, Axis};

use super::require_finite;
use crate::EncodingError;

/// Alignment of two spaces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KernelAlignment {
    /// ‖Yᵀ X‖² / (‖Xᵀ X‖ ‖Yᵀ Y‖), 0 to 1: above 0 for spaces that have nothing in common, and near 1 where there are more
    /// columns than samples.
    pub biased: f64,
    /// The same of unbiased estimates of each term: mean 0 for independent spaces, so that it may be negative. NaN where an
    /// estimate in the denominator is not positive.
    pub unbiased: f64,
}

/// Linear centred kernel alignment of two matrices with the same samples,
///
/// CKA = H(K, L) / √(H(K, K) H(L, L)), K = X Xᵀ and L = Y Yᵀ with centred columns, H(K, L) = Σ_ij K_ij L_ij;
///
/// the unbiased one with the diagonals of K and L set to 0 and
/// H(K, L) = [tr(K L) + (1ᵀ K 1)(1ᵀ L 1) / ((n − 1)(n − 2)) − 2 (1ᵀ K L 1) / (n − 2)] / (n (n − 3)).
///
/// # Shapes
/// (n_samples, n_columns) each; columns may differ in number.
///
/// # Numerics
/// Double precision, memory of two n × n matrices.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`]: other numbers of samples.
/// - [`EncodingError::TooFewPatterns`]: fewer than four samples.
/// - [`EncodingError::NonFinite`].
/// - [`EncodingError::ConstantPattern`]: a side whose columns are all constant.
///
/// # References
/// Kornblith et al. (2019), ICML 97:3519. Song et al. (2012), J Mach Learn Res 13:1393 (the unbiased estimate).
pub fn kernel_alignment(
    x: ArrayView2<'_, f64>,
    y: ArrayView2<'_, f64>,
) -> Result<KernelAlignment, EncodingError> {
    let samples = x.nrows();
    if y.nrows() != samples {
        return Err(EncodingError::SampleMismatch { found: y.nrows(), expected: samples });
    }
    if samples < 4 {
        return Err(EncodingError::TooFewPatterns { what: "samples", found: samples, needed: 4 });
    }
    let mut kernels = [kernel(x, 0)?, kernel(y, 1)?];
    let of = |term: &dyn Fn(&Array2<f64>, &Array2<f64>) -> f64, [k, l]: &[Array2<f64>; 2]| {
        // An estimate of 0 differs from it by rounding only.
        let is_positive = |kernel: &Array2<f64>| term(kernel, kernel) > 1e-12 * (kernel * kernel).sum();
        let squared = if is_positive(k) && is_positive(l) { term(k, k) * term(l, l) } else { f64::NAN };
        term(k, l) / squared.sqrt()
    };
    let biased = of(&|k, l| (k * l).sum(), &kernels);
    kernels.iter_mut().for_each(|kernel| kernel.diag_mut().fill(0.0));
    Ok(KernelAlignment { biased, unbiased: of(&unbiased, &kernels) })
}

fn kernel(values: ArrayView2<'_, f64>, index: usize) -> Result<Array2<f64>, EncodingError> {
    require_finite(values)?;
    let mean = values.sum_axis(Axis(0)) / values.nrows() as f64;
    let centred = &values - &mean;
    let size = (&values * &values).sum();
    // Equal values differ from their mean by rounding only.
    if (&centred * &centred).sum() <= 1e-24 * size {
        return Err(EncodingError::ConstantPattern { what: "matrix", index });
    }
    Ok(centred.dot(&centred.t()))
}

/// The estimate times n (n − 3), which falls out of the ratio.
fn unbiased(k: &Array2<f64>, l: &Array2<f64>) -> f64 {
    let n = k.nrows() as f64;
    let (rows, columns) = (k.sum_axis(Axis(0)), l.sum_axis(Axis(1)));
    (k * l).sum() + rows.sum() * columns.sum() / ((n - 1.0) * (n - 2.0))
        - 2.0 * rows.dot(&columns) / (n - 2.0)
}
