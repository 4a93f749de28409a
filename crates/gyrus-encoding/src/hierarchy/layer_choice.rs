//! The best layer, chosen on inner folds and scored on the outer ones.

use gyrus_core::LayerIndex;
use ndarray::{ArrayView1, ArrayView2};

/// The layer of each outer fold and what it scored there.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedChoice {
    /// The layer that the inner folds of each outer fold chose; `None` where no layer had a score.
    pub layers: Vec<Option<LayerIndex>>,
    /// Mean over outer folds of the outer score at the chosen layer; NaN where a fold has none.
    pub score: f64,
}

/// The layer with the largest score, the shallowest of equals; scores that are not finite do not take part.
#[must_use]
pub fn best_layer(scores: ArrayView1<f64>) -> Option<LayerIndex> {
    let finite = (0..scores.len()).filter(|layer| scores[*layer].is_finite());
    finite.reduce(|best, layer| if scores[layer] > scores[best] { layer } else { best }).map(LayerIndex)
}

/// Chooses the layer of each outer fold by its inner scores only, and averages the outer scores at the chosen
/// layers. Choosing and scoring on the same samples would be biased upwards.
///
/// # Shapes
/// Both are (n_outer_folds, n_layers), of one target.
#[must_use]
pub fn nested_best_layer(inner: ArrayView2<f64>, outer: ArrayView2<f64>) -> NestedChoice {
    let layers: Vec<Option<LayerIndex>> = inner.outer_iter().map(best_layer).collect();
    let score = |(fold, layer): (usize, &Option<LayerIndex>)| {
        layer.and_then(|layer| outer.get((fold, layer.0)).copied()).unwrap_or(f64::NAN)
    };
    let sum: f64 = layers.iter().enumerate().map(score).sum();
    let score = sum / layers.len() as f64;
    NestedChoice { layers, score }
}
