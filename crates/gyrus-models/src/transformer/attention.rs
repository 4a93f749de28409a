//! Scaled dot-product attention, head by head, in blocks of queries that see fixed blocks of keys.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use ndarray::Array2;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::ROWS;

/// How heads share units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heads {
    /// Heads of queries.
    pub queries: usize,
    /// Heads of keys and values; each serves queries / keys heads of queries.
    pub keys: usize,
    /// Units of a head.
    pub width: usize,
}

/// Queries, keys and values of a window, shape (padded rows, heads · width).
pub(crate) struct Attention<'a> {
    /// How heads share units.
    pub heads: Heads,
    /// Whether a token sees only itself and those before it.
    pub is_causal: bool,
    /// Tokens of the window; rows behind them are padding.
    pub tokens: usize,
    /// Queries.
    pub queries: &'a Array2<f32>,
    /// Keys.
    pub keys: &'a Array2<f32>,
    /// Values.
    pub values: &'a Array2<f32>,
}

impl Attention<'_> {
    /// softmax(Q Kᵀ / √width) V, shape (padded rows, heads · width).
    pub(crate) fn attend(&self, pool: &ThreadPool) -> Array2<f32> {
        let blocks = self.queries.nrows() / ROWS;
        let pieces: Vec<(usize, usize)> =
            (0..self.heads.queries).flat_map(|head| (0..blocks).map(move |block| (head, block))).collect();
        let attended: Vec<Mat<f32>> = pool
            .install(|| pieces.par_iter().map(|(head, block)| self.attend_block(*head, *block)).collect());
        let width = self.heads.width;
        let mut out = Array2::zeros((self.queries.nrows(), self.heads.queries * width));
        for ((head, block), values) in pieces.iter().zip(attended) {
            for row in 0..ROWS {
                for unit in 0..width {
                    out[(block * ROWS + row, head * width + unit)] = values[(row, unit)];
                }
            }
        }
        out
    }

    fn attend_block(&self, head: usize, block: usize) -> Mat<f32> {
        let seen = if self.is_causal { (block + 1) * ROWS } else { self.keys.nrows() };
        let key_head = head * self.heads.keys / self.heads.queries;
        let queries = self.head(self.queries, head, block * ROWS..(block + 1) * ROWS);
        let keys = self.head(self.keys, key_head, 0..seen);
        let scale = 1.0 / (self.heads.width as f32).sqrt();
        // Transposed scores: one column per query, so that a softmax runs over contiguous numbers.
        let mut scores = Mat::zeros(seen, ROWS);
        matmul(&mut scores, Accum::Replace, keys, queries.transpose(), scale, Par::Seq);
        for query in 0..ROWS {
            let place = block * ROWS + query;
            let visible = if self.is_causal { place + 1 } else { self.tokens };
            softmax(&mut scores.col_as_slice_mut(query)[..], visible.min(seen));
        }
        let values = self.head(self.values, key_head, 0..seen);
        let mut out = Mat::zeros(ROWS, self.heads.width);
        matmul(&mut out, Accum::Replace, scores.transpose(), values, 1.0, Par::Seq);
        out
    }

    fn head<'a>(
        &self,
        states: &'a Array2<f32>,
        head: usize,
        rows: std::ops::Range<usize>,
    ) -> MatRef<'a, f32> {
        let (width, columns) = (self.heads.width, states.ncols());
        let slice = states.as_slice().unwrap_or_default();
        let all = MatRef::from_row_major_slice(slice, states.nrows(), columns);
        all.submatrix(rows.start, head * width, rows.len(), width)
    }
}

/// exp(x − max) / Σ over the first `visible` scores; 0 behind them.
fn softmax(scores: &mut [f32], visible: usize) {
    let largest = scores[..visible].iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in &mut scores[..visible] {
        *score = libm::expf(*score - largest);
        sum += *score;
    }
    scores[..visible].iter_mut().for_each(|score| *score /= sum);
    scores[visible..].fill(0.0);
}
