//! One block: attention and the network at every token, in the order that a family has.

use super::linear::add;
use super::{Attention, Mlp, Norm};

/// How norms and sums follow each other; A is attention, M the network at every token, x what enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// y = x + A(norm x); out = y + M(norm y).
    NormFirst,
    /// n = norm x; y = n + A(n); m = norm y; out = m + M(m).
    NormFirstAndKept,
    /// y = norm(x + A(x)); out = norm(y + M(y)).
    NormLast,
    /// out = x + A(norm x) + M(norm' x).
    Parallel,
}

/// A block.
pub(crate) struct Block {
    /// How its parts follow each other.
    pub order: Order,
    /// The norm of attention.
    pub attention_norm: Norm,
    /// Attention.
    pub attention: Attention,
    /// A norm on what attention adds.
    pub attended_norm: Option<Norm>,
    /// The norm of the network at every token.
    pub mlp_norm: Norm,
    /// The network at every token.
    pub mlp: Mlp,
    /// A norm on what that adds.
    pub mlp_out_norm: Option<Norm>,
}

/// What a block adds to a block of rows.
pub(super) struct Parts {
    /// By attention.
    pub attention: Vec<f32>,
    /// By the network at every token.
    pub mlp: Vec<f32>,
}

impl Block {
    /// What attention reads of a block of rows.
    pub(super) fn attention_input(&self, state: &[f32]) -> Vec<f32> {
        let mut rows = state.to_vec();
        if self.order != Order::NormLast {
            self.attention_norm.apply(&mut rows);
        }
        rows
    }

    /// Changes a block of rows of the state, from what heads attended to: shape (blocks of `queries` rows, heads,
    /// queries, width of a head).
    pub(super) fn finish(&self, state: &mut [f32], attended: &[f32], queries: usize) -> Parts {
        let mut attention = self.attention.output.map(&self.gathered(attended, queries));
        if let Some(norm) = &self.attended_norm {
            norm.apply(&mut attention);
        }
        let mlp = self.combine(state, &attention);
        Parts { attention, mlp }
    }

    /// Heads side by side, shape (rows, heads · width of a head).
    fn gathered(&self, attended: &[f32], queries: usize) -> Vec<f32> {
        let heads = self.attention.heads;
        let width = heads.queries * heads.width;
        let mut gathered = vec![0.0; attended.len()];
        let blocks = attended.chunks_exact(queries * width).zip(gathered.chunks_exact_mut(queries * width));
        for (attended, gathered) in blocks {
            for (head, values) in attended.chunks_exact(queries * heads.width).enumerate() {
                for (row, values) in values.chunks_exact(heads.width).enumerate() {
                    gathered[row * width + head * heads.width..][..heads.width].copy_from_slice(values);
                }
            }
        }
        gathered
    }

    fn combine(&self, state: &mut [f32], attention: &[f32]) -> Vec<f32> {
        match self.order {
            Order::NormFirst => {
                add(state, attention);
                let mlp = self.widen(&normed(&self.mlp_norm, state));
                add(state, &mlp);
                mlp
            }
            Order::NormFirstAndKept => {
                self.attention_norm.apply(state);
                add(state, attention);
                self.mlp_norm.apply(state);
                let mlp = self.widen(state);
                add(state, &mlp);
                mlp
            }
            Order::NormLast => {
                add(state, attention);
                self.attention_norm.apply(state);
                let mlp = self.widen(state);
                add(state, &mlp);
                self.mlp_norm.apply(state);
                mlp
            }
            Order::Parallel => {
                let mlp = self.widen(&normed(&self.mlp_norm, state));
                add(state, attention);
                add(state, &mlp);
                mlp
            }
        }
    }

    fn widen(&self, rows: &[f32]) -> Vec<f32> {
        let mut mlp = self.mlp.apply(rows);
        if let Some(norm) = &self.mlp_out_norm {
            norm.apply(&mut mlp);
        }
        mlp
    }
}

fn normed(norm: &Norm, rows: &[f32]) -> Vec<f32> {
    let mut rows = rows.to_vec();
    norm.apply(&mut rows);
    rows
}
