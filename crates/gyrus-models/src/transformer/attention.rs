//! Scaled dot-product attention, head by head, in blocks of queries that see blocks of keys.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::rotary::Turns;
use super::simd::{exp, largest, sum, tanh, wide};
use super::{Linear, Norm};

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

/// softmax(c(s Q Kᵀ) + m j) V, with c(x) = κ tanh(x / κ) where scores are capped, and m j where keys are biased by place.
pub(crate) struct Attention {
    /// How heads share units.
    pub heads: Heads,
    /// To queries, keys and values, one behind the other.
    pub inputs: Linear,
    /// Back to the width of the state.
    pub output: Linear,
    /// Norms of single heads of queries and of keys.
    pub head_norms: Option<(Norm, Norm)>,
    /// Which of the network's rotary positions turn queries and keys.
    pub rotary: Option<usize>,
    /// s.
    pub scale: f32,
    /// κ.
    pub soft_cap: Option<f32>,
    /// How many tokens a token sees, itself included.
    pub window: Option<usize>,
    /// m of each head of queries (Press et al. 2022).
    pub slopes: Option<Vec<f32>>,
    /// Whether a token sees only itself and those before it.
    pub is_causal: bool,
}

/// Queries, keys and values of a window of tokens.
pub(super) struct Projected<'a> {
    /// Shape (padded tokens, units of queries, keys and values), row after row.
    pub values: &'a [f32],
    /// Tokens; rows behind them are padding.
    pub tokens: usize,
    /// Rows of a block of queries.
    pub block: usize,
}

impl Heads {
    /// Units of queries, keys and values together.
    pub(crate) fn units(&self) -> usize {
        (self.queries + 2 * self.keys) * self.width
    }
}

impl Attention {
    /// Causal attention with s = 1 / √(width of a head), and nothing else.
    pub(crate) fn plain(heads: Heads, inputs: Linear, output: Linear) -> Self {
        Self {
            heads,
            inputs,
            output,
            head_norms: None,
            rotary: None,
            scale: 1.0 / (heads.width as f32).sqrt(),
            soft_cap: None,
            window: None,
            slopes: None,
            is_causal: true,
        }
    }

    /// Queries, keys and values of rows of tokens at some places.
    pub(super) fn project(&self, rows: &[f32], to: &mut [f32], (places, turns): (&[usize], Option<&Turns>)) {
        self.inputs.apply(rows, to);
        let Heads { queries, keys, width } = self.heads;
        wide(
            #[inline(always)]
            || {
                for (place, values) in places.iter().zip(to.chunks_exact_mut(self.heads.units())) {
                    let (ours, rest) = values.split_at_mut(queries * width);
                    let theirs = &mut rest[..keys * width];
                    if let Some((query_norm, key_norm)) = &self.head_norms {
                        query_norm.apply(ours);
                        key_norm.apply(theirs);
                    }
                    if let Some(turns) = turns {
                        ours.chunks_exact_mut(width).for_each(|head| turns.turn(*place, head));
                        theirs.chunks_exact_mut(width).for_each(|head| turns.turn(*place, head));
                    }
                }
            },
        );
    }

    /// What one head of a block of queries attends to, shape (block, width), row after row.
    pub(super) fn attend(&self, projected: &Projected<'_>, (block, head): (usize, usize), to: &mut [f32]) {
        let Heads { queries, keys, width } = self.heads;
        let (start, rows) = (block * projected.block, projected.block);
        let all = projected.values.len() / self.heads.units();
        let last = if self.is_causal { start + rows } else { all };
        // A whole number of blocks, so that products have the same shape wherever a text ends.
        let first = self.window.map_or(0, |window| (start + 1).saturating_sub(window) / rows * rows);
        let units = MatRef::from_row_major_slice(projected.values, all, self.heads.units());
        let key_head = head * keys / queries;
        let of = |at: usize, from: usize, rows: usize| units.submatrix(from, at * width, rows, width);
        // Transposed scores: one column per query, so that a softmax runs over neighbours.
        let mut scores = Mat::zeros(last - first, rows);
        let (key, query) = (of(queries + key_head, first, last - first), of(head, start, rows));
        matmul(&mut scores, Accum::Replace, key, query.transpose(), self.scale, Par::Seq);
        for row in 0..rows {
            let seen = self.seen(start + row, projected.tokens);
            let seen = seen.start.max(first) - first..seen.end - first;
            self.weigh(scores.col_as_slice_mut(row), seen, (head, first));
        }
        let value = of(queries + keys + key_head, first, last - first);
        let target = MatMut::from_column_major_slice_mut(to, width, rows);
        matmul(target, Accum::Replace, value.transpose(), scores.as_ref(), 1.0, Par::Seq);
    }

    /// Which tokens a token sees.
    fn seen(&self, place: usize, tokens: usize) -> std::ops::Range<usize> {
        if !self.is_causal {
            return 0..tokens;
        }
        let first = self.window.map_or(0, |window| (place + 1).saturating_sub(window));
        first..place + 1
    }

    /// Scores of one query to weights that sum to 1, and to 0 outside of what it sees.
    fn weigh(&self, scores: &mut [f32], seen: std::ops::Range<usize>, (head, first): (usize, usize)) {
        scores[..seen.start].fill(0.0);
        scores[seen.end..].fill(0.0);
        let start = seen.start;
        let scores = &mut scores[seen];
        wide(
            #[inline(always)]
            || {
                if let Some(cap) = self.soft_cap {
                    scores.iter_mut().for_each(|score| *score = cap * tanh(*score / cap));
                }
                if let Some(slopes) = &self.slopes {
                    let biased = scores.iter_mut().enumerate();
                    biased.for_each(|(key, score)| *score += slopes[head] * (first + start + key) as f32);
                }
                let top = largest(scores);
                scores.iter_mut().for_each(|score| *score = exp(*score - top));
                let share = 1.0 / sum(scores, |score| score);
                scores.iter_mut().for_each(|score| *score *= share);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transformer::Affine;

    fn identity(width: usize, copies: usize) -> Linear {
        let mut weight = vec![0.0; width * width * copies];
        (0..width * copies).for_each(|output| weight[output * width + output % width] = 1.0);
        Affine { inputs: width, weight, bias: None }.into()
    }

    fn attention(is_causal: bool, window: Option<usize>) -> Attention {
        let heads = Heads { queries: 1, keys: 1, width: 4 };
        let (inputs, output) = (identity(4, 3), identity(4, 1));
        let (head_norms, rotary, soft_cap, slopes) = (None, None, None, None);
        Attention {
            heads,
            inputs,
            output,
            head_norms,
            rotary,
            scale: 0.5,
            soft_cap,
            window,
            slopes,
            is_causal,
        }
    }

    /// The defining sums, in double precision.
    fn naive(rows: &[f32], place: usize, seen: std::ops::Range<usize>) -> Vec<f64> {
        let row = |index: usize| &rows[index * 4..][..4];
        let dot = |key: usize| -> f64 {
            row(place).iter().zip(row(key)).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let weights: Vec<f64> = seen.clone().map(|key| (0.5 * dot(key)).exp()).collect();
        let total: f64 = weights.iter().sum();
        let unit = |unit: usize| {
            let weighed = seen.clone().zip(&weights).map(|(key, weight)| weight * f64::from(row(key)[unit]));
            weighed.sum::<f64>() / total
        };
        (0..4).map(unit).collect()
    }

    #[test]
    fn attention_equals_its_definition_with_windows_and_without() {
        let (tokens, block) = (21, 8);
        let rows: Vec<f32> = (0..24 * 4).map(|index| ((index * 7919) % 97) as f32 / 30.0 - 1.5).collect();
        for (is_causal, window) in
            [(true, None), (true, Some(3)), (true, Some(9)), (true, Some(100)), (false, None)]
        {
            let attention = attention(is_causal, window);
            let mut values = vec![0.0; 24 * 12];
            let places: Vec<usize> = (0..24).collect();
            attention.project(&rows, &mut values, (&places, None));
            let projected = Projected { values: &values, tokens, block };
            for place in 0..tokens {
                let mut to = vec![0.0; block * 4];
                attention.attend(&projected, (place / block, 0), &mut to);
                let first = window.map_or(0, |window: usize| (place + 1).saturating_sub(window));
                let seen = if is_causal { first..place + 1 } else { 0..tokens };
                for (found, expected) in to[place % block * 4..].iter().zip(naive(&rows, place, seen)) {
                    assert!(
                        (f64::from(*found) - expected).abs() < 1e-5,
                        "{place} {window:?}: {found} {expected}"
                    );
                }
            }
        }
    }
}
