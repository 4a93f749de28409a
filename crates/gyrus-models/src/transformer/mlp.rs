//! The network at every token: widen, bend, narrow.

use super::simd::wide;
use super::{Activation, Linear};

/// f(x W₁) W₂, or (f(x W_gate) ∘ x W_up) W₂ where a gate stands before the widened units (Shazeer 2020).
pub(crate) struct Mlp {
    /// To the inner units: the gate's first, where there is one.
    pub up: Linear,
    /// f.
    pub activation: Activation,
    /// Whether the first half of `up` is a gate.
    pub is_gated: bool,
    /// Back to the width of the state.
    pub down: Linear,
}

impl Mlp {
    /// Maps a block of rows.
    pub(super) fn apply(&self, rows: &[f32]) -> Vec<f32> {
        let mut inner = self.up.map(rows);
        if !self.is_gated {
            self.activation.apply(&mut inner);
            return self.down.map(&inner);
        }
        let width = self.up.outputs() / 2;
        let mut gated = vec![0.0; inner.len() / 2];
        for (both, out) in inner.chunks_exact_mut(2 * width).zip(gated.chunks_exact_mut(width)) {
            let (gate, up) = both.split_at_mut(width);
            self.activation.apply(gate);
            wide(
                #[inline(always)]
                || out.iter_mut().zip(&*gate).zip(&*up).for_each(|((out, gate), up)| *out = gate * up),
            );
        }
        self.down.map(&gated)
    }
}
