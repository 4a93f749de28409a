//! Tensors of a checkpoint as the parts of a network.

use super::Configuration;
use crate::ModelError;
use crate::checkpoint::{Initial, Weights};
use crate::transformer::{Activation, Affine, Heads, Linear, Mlp, Norm};

/// What families read.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    /// The configuration.
    pub configuration: &'a Configuration,
    /// The weights.
    pub weights: &'a Weights,
}

/// How an affine map is stored.
#[derive(Clone, Copy)]
pub(super) struct Stored {
    /// Outputs and inputs of the map.
    pub shape: (usize, usize),
    /// Whether there is a bias.
    pub has_bias: bool,
    /// How weights start before training.
    pub initial: Initial,
}

impl Stored {
    /// A map with a bias.
    pub(super) fn biased(outputs: usize, inputs: usize) -> Self {
        Self { shape: (outputs, inputs), has_bias: true, initial: Initial::Normal }
    }

    /// A map without.
    pub(super) fn plain(outputs: usize, inputs: usize) -> Self {
        Self { has_bias: false, ..Self::biased(outputs, inputs) }
    }

    /// A map with a bias or without.
    pub(super) fn with(outputs: usize, inputs: usize, has_bias: bool) -> Self {
        Self { has_bias, ..Self::biased(outputs, inputs) }
    }
}

impl Parts<'_> {
    /// A map stored as outputs × inputs.
    pub(super) fn affine(&self, name: &str, stored: Stored) -> Result<Affine, ModelError> {
        let (outputs, inputs) = stored.shape;
        let weight = self.weights.tensor(&format!("{name}.weight"), &[outputs, inputs], stored.initial)?;
        Ok(Affine { inputs, weight, bias: self.bias(name, stored)? })
    }

    /// A map stored as inputs × outputs, the `Conv1D` of GPT-2.
    pub(super) fn transposed(&self, name: &str, stored: Stored) -> Result<Affine, ModelError> {
        let (outputs, inputs) = stored.shape;
        let values = self.weights.tensor(&format!("{name}.weight"), &[inputs, outputs], stored.initial)?;
        let mut weight = vec![0.0; values.len()];
        for (input, row) in values.chunks_exact(outputs).enumerate() {
            row.iter().enumerate().for_each(|(output, value)| weight[output * inputs + input] = *value);
        }
        Ok(Affine { inputs, weight, bias: self.bias(name, stored)? })
    }

    fn bias(&self, name: &str, stored: Stored) -> Result<Option<Vec<f32>>, ModelError> {
        let bias = || self.weights.vector(&format!("{name}.bias"), stored.shape.0, Initial::Zeros);
        stored.has_bias.then(bias).transpose()
    }

    /// A map, ready.
    pub(super) fn linear(&self, name: &str, stored: Stored) -> Result<Linear, ModelError> {
        self.affine(name, stored).map(Linear::from)
    }

    /// Several maps of the same input as one, outputs behind each other.
    pub(super) fn joined(&self, parts: &[(String, Stored)]) -> Result<Linear, ModelError> {
        let parts = parts.iter().map(|(name, stored)| self.affine(name, *stored));
        Ok(Affine::join(parts.collect::<Result<_, _>>()?).into())
    }

    /// A table of vectors, row after row.
    pub(super) fn table(&self, name: &str, (rows, width): (usize, usize)) -> Result<Vec<f32>, ModelError> {
        self.weights.tensor(&format!("{name}.weight"), &[rows, width], Initial::Normal)
    }

    /// A norm with mean and bias.
    pub(super) fn layer_norm(&self, name: &str, width: usize, epsilon: f32) -> Result<Norm, ModelError> {
        let vector = |part, initial| self.weights.vector(&format!("{name}.{part}"), width, initial);
        let (weight, bias) = (vector("weight", Initial::Ones)?, vector("bias", Initial::Zeros)?);
        Ok(Norm::Layer { weight, bias, epsilon })
    }

    /// A norm without them.
    pub(super) fn rms_norm(&self, name: &str, width: usize, epsilon: f32) -> Result<Norm, ModelError> {
        let weight = self.weights.vector(&format!("{name}.weight"), width, Initial::Ones)?;
        Ok(Norm::Rms { weight, epsilon })
    }

    /// A norm without them whose stored weight is less by one (Gemma).
    pub(super) fn offset_norm(&self, name: &str, width: usize, epsilon: f32) -> Result<Norm, ModelError> {
        let stored = self.weights.vector(&format!("{name}.weight"), width, Initial::Zeros)?;
        Ok(Norm::Rms { weight: stored.iter().map(|weight| 1.0 + weight).collect(), epsilon })
    }

    /// A network at every token that only widens, bends and narrows, with biases.
    pub(super) fn mlp(
        &self,
        (up, down): (&str, &str),
        (width, inner): (usize, usize),
        activation: Activation,
    ) -> Result<Mlp, ModelError> {
        Ok(Mlp {
            up: self.linear(up, Stored::biased(inner, width))?,
            activation,
            is_gated: false,
            down: self.linear(down, Stored::biased(width, inner))?,
        })
    }

    /// As many heads of keys as of queries, of widths that fill the state.
    pub(super) fn even_heads(&self, key: &str, width: usize) -> Result<Heads, ModelError> {
        let queries = self.configuration.size(key)?;
        if !width.is_multiple_of(queries) {
            return Err(self.configuration.wrong(key, "a divisor of the width of a hidden state"));
        }
        Ok(Heads { queries, keys: queries, width: width / queries })
    }
}
