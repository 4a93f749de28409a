//! What one layer of a language model computed for every word.

use ndarray::Array2;

use crate::LayerIndex;

/// One vector per word of a stimulus, timed words and others alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    /// Where in the language model.
    pub layer: LayerIndex,
    /// Shape (n_words, n_units).
    pub values: Array2<f32>,
}
