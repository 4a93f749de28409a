//! Affine maps of rows in fixed blocks: a row's bits depend neither on threads nor on the rows that follow.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayViewMut1, Axis};
use rayon::ThreadPool;

/// Rows that are worked on at a time. Hidden states are padded to a multiple of this.
pub(crate) const ROWS: usize = 128;

/// x W + b.
pub(crate) struct Linear {
    /// Shape (inputs, outputs).
    pub weight: Mat<f32>,
    /// One per output.
    pub bias: Option<Vec<f32>>,
}

/// The smallest multiple of [`ROWS`] that holds `rows`.
pub(crate) fn padded(rows: usize) -> usize {
    rows.div_ceil(ROWS) * ROWS
}

impl Linear {
    /// Maps every row of x, shape (padded rows, inputs).
    pub(crate) fn apply(&self, input: &Array2<f32>, pool: &ThreadPool) -> Array2<f32> {
        let (inputs, outputs) = (self.weight.nrows(), self.weight.ncols());
        let mut out = Array2::<f32>::zeros((input.nrows(), outputs));
        let source = input.as_standard_layout();
        let source = source.as_slice().unwrap_or_default();
        pool.install(|| {
            out.axis_chunks_iter_mut(Axis(0), ROWS).into_par_iter().enumerate().for_each(
                |(block, mut rows)| {
                    let from = MatRef::from_row_major_slice(
                        &source[block * ROWS * inputs..][..ROWS * inputs],
                        ROWS,
                        inputs,
                    );
                    let Some(slice) = rows.as_slice_mut() else { return };
                    let to = MatMut::from_row_major_slice_mut(slice, ROWS, outputs);
                    matmul(to, Accum::Replace, from, self.weight.as_ref(), 1.0, Par::Seq);
                    if let Some(bias) = &self.bias {
                        for row in slice.chunks_mut(outputs) {
                            row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
                        }
                    }
                },
            );
        });
        out
    }
}

/// Changes every row.
pub(crate) fn map_rows(
    values: &mut Array2<f32>,
    pool: &ThreadPool,
    change: impl Fn(ArrayViewMut1<'_, f32>) + Sync,
) {
    pool.install(|| values.axis_iter_mut(Axis(0)).into_par_iter().with_min_len(ROWS).for_each(&change));
}

/// x += y.
pub(crate) fn add(sum: &mut Array2<f32>, values: &Array2<f32>) {
    *sum += values;
}
