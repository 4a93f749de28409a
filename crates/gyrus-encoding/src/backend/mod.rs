//! What kernels ask of the machine: matrix products, symmetric eigendecompositions, Cholesky factors, threads.

mod cholesky;
mod eigen;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use ndarray::ArrayView2;
use rayon::ThreadPool;
use rayon::prelude::*;

pub use cholesky::{Factor, Real, factorise};
pub use eigen::Eigen;

use crate::EncodingError;

/// The CPU with a pool of threads. Every product and decomposition runs on one thread, so that bits never depend
/// on how many there are; threads divide independent pieces of work.
#[derive(Debug, Clone)]
pub struct Backend {
    pool: Arc<ThreadPool>,
    decompositions: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Backend {
    /// The CPU.
    #[must_use]
    pub fn cpu(pool: Arc<ThreadPool>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        Self { pool, decompositions: Arc::new(AtomicU64::new(0)), stop }
    }

    /// The same, ending work with [`EncodingError::Interrupted`] once `stop` is set: before the next piece of work, so
    /// that nothing is left half done.
    #[must_use]
    pub fn stopped_by(self, stop: Arc<AtomicBool>) -> Self {
        Self { stop, ..self }
    }

    /// Threads that divide work.
    pub(crate) fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Eigendecompositions so far: how often designs were decomposed.
    #[must_use]
    pub fn decompositions(&self) -> u64 {
        self.decompositions.load(Ordering::Relaxed)
    }

    /// Eigendecomposition of a symmetric matrix, checked.
    ///
    /// # Errors
    /// - [`EncodingError::Decomposition`] if neither algorithm reconstructs the matrix,
    /// - [`EncodingError::Interrupted`] if it was asked to stop.
    pub fn eigen(&self, matrix: &Mat<f64>) -> Result<Eigen, EncodingError> {
        self.go_on()?;
        self.decompositions.fetch_add(1, Ordering::Relaxed);
        Eigen::of(matrix)
    }

    /// Results of independent pieces of work, in their order.
    pub(crate) fn map<T: Send>(
        &self,
        pieces: usize,
        work: impl Fn(usize) -> Result<T, EncodingError> + Sync,
    ) -> Result<Vec<T>, EncodingError> {
        let work = |piece: usize| self.go_on().and_then(|()| work(piece));
        self.pool.install(|| (0..pieces).into_par_iter().with_max_len(1).map(&work).collect())
    }

    fn go_on(&self) -> Result<(), EncodingError> {
        if self.stop.load(Ordering::Relaxed) { Err(EncodingError::Interrupted) } else { Ok(()) }
    }
}

/// Floating-point operations of all matrix products of this process.
static OPERATIONS: AtomicU64 = AtomicU64::new(0);

/// Floating-point operations of the matrix products of this process so far: what a kernel executed, for comparison with
/// what the machine can do.
#[must_use]
pub fn operations() -> u64 {
    OPERATIONS.load(Ordering::Relaxed)
}

/// Operations of a ridge regression, more or less: the Gram matrix of the shorter side, its eigendecomposition, and the predictions of all
/// targets by it.
#[must_use]
pub fn operations_of_fit(rows: usize, columns: usize, targets: usize) -> f64 {
    let [rows, columns, targets] = [rows, columns, targets].map(|size| size as f64);
    let side = rows.min(columns);
    rows * columns * side + 10.0 * side * side * side + 4.0 * rows * side * targets
}

/// Work as a fit has it, on one thread and on numbers that mean nothing: whoever has a clock learns from it how fast this machine is.
/// Returns its operations, counted by [`operations_of_fit`].
///
/// # Errors
/// - [`EncodingError::Decomposition`] if the machine cannot decompose a matrix.
pub fn trial(rows: usize, columns: usize, targets: usize) -> Result<f64, EncodingError> {
    let value = |row: usize, column: usize| ((row * 31 + column * 17) % 101) as f64 / 101.0 - 0.5;
    let (design, responses) = (Mat::from_fn(rows, columns, value), Mat::from_fn(rows, targets, value));
    let gram = product(design.as_ref(), design.transpose());
    let rotated = product(Eigen::of(&gram)?.vectors.transpose(), responses.as_ref());
    std::hint::black_box(product(gram.as_ref(), rotated.as_ref()));
    Ok(operations_of_fit(rows, columns, targets))
}

fn count(rows: usize, inner: usize, columns: usize) {
    OPERATIONS.fetch_add(2 * (rows * inner * columns) as u64, Ordering::Relaxed);
}

/// `left` · `right` on one thread.
pub(crate) fn product<T: Real>(left: MatRef<'_, T>, right: MatRef<'_, T>) -> Mat<T> {
    let mut out = Mat::zeros(left.nrows(), right.ncols());
    count(left.nrows(), left.ncols(), right.ncols());
    matmul(&mut out, Accum::Replace, left, right, T::ONE, Par::Seq);
    out
}

/// `out` = `left` · `right` on one thread.
pub(crate) fn product_into<T: Real>(out: MatMut<'_, T>, left: MatRef<'_, T>, right: MatRef<'_, T>) {
    count(left.nrows(), left.ncols(), right.ncols());
    matmul(out, Accum::Replace, left, right, T::ONE, Par::Seq);
}

/// `out` = L · `right` on one thread, with L the lower half of `left`; its upper half is not read.
pub(crate) fn lower_product<T: Real>(out: &mut Mat<T>, left: MatRef<'_, T>, right: MatRef<'_, T>) {
    let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    count(left.nrows(), left.ncols().div_ceil(2), right.ncols());
    triangular::matmul(out.as_mut(), full, Accum::Replace, left, lower, right, full, T::ONE, Par::Seq);
}

/// Lower half of `rows` · `rows`ᵀ on one thread; the upper half is not written.
pub(crate) fn lower_gram<T: Real>(rows: MatRef<'_, T>) -> Mat<T> {
    let mut out = Mat::zeros(rows.nrows(), rows.nrows());
    count(rows.nrows(), rows.ncols(), rows.nrows().div_ceil(2));
    let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    triangular::matmul(
        out.as_mut(),
        lower,
        Accum::Replace,
        rows,
        full,
        rows.transpose(),
        full,
        T::ONE,
        Par::Seq,
    );
    out
}

/// `out` += `scale` · `left` · `right` on one thread.
pub(crate) fn add_product<T: Real>(out: MatMut<'_, T>, left: MatRef<'_, T>, right: MatRef<'_, T>, scale: T) {
    count(left.nrows(), left.ncols(), right.ncols());
    matmul(out, Accum::Add, left, right, scale, Par::Seq);
}

/// A column-major copy.
pub(crate) fn to_mat<T: Copy>(values: ArrayView2<'_, T>) -> Mat<T> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| values[(row, column)])
}

/// The same values in double precision.
pub(crate) fn double(values: &Mat<f32>) -> Mat<f64> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| f64::from(values[(row, column)]))
}

/// The same values in single precision.
pub(crate) fn single(values: &Mat<f64>) -> Mat<f32> {
    Mat::from_fn(values.nrows(), values.ncols(), |row, column| values[(row, column)] as f32)
}

/// A backend of one thread.
#[cfg(test)]
pub(crate) fn on_one_thread() -> Backend {
    Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_has_the_threads_of_its_pool() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        assert_eq!(Backend::cpu(Arc::new(pool)).threads(), 3);
    }

    /// Every entry of a product takes as many products as sums. Other tests may multiply at the same time.
    #[test]
    fn the_operations_of_a_product_are_counted() {
        let (left, right) = (Mat::<f64>::zeros(300, 200), Mat::<f64>::zeros(200, 100));
        let before = operations();
        product(left.as_ref(), right.as_ref());
        assert!(operations() - before >= 12_000_000);
    }

    /// Seven rows of five columns: 7·5·5 for the Gram matrix, 10·5³ for its eigenvalues, 4·7·5·3 for the targets.
    #[test]
    fn a_fit_is_reckoned_on_its_shorter_side() {
        assert_eq!(operations_of_fit(7, 5, 3), 175.0 + 1250.0 + 420.0);
        assert_eq!(operations_of_fit(5, 7, 3), 175.0 + 1250.0 + 300.0);
        assert_eq!(trial(5, 7, 3).unwrap(), 1725.0);
    }
}
