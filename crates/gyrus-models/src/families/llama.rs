//! Llama 1 to 3 (Touvron et al. 2023; Dubey et al. 2024).

use super::Configuration;
use super::decoder::{self, Sizes, Style};
use super::rope::{DEFAULTS, Rope};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::Transformer;

const KEYS: [&str; 15] = [
    "attention_bias",
    "head_dim",
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "max_position_embeddings",
    "mlp_bias",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "rms_norm_eps",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "vocab_size",
];

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    let sizes = Sizes::of(configuration, None)?;
    let rotary = Rope::of(configuration, sizes.heads.width)?.rotary(DEFAULTS)?;
    let has_bias = configuration.flag_or("attention_bias", false)?;
    let style = Style {
        has_input_bias: has_bias,
        has_output_bias: has_bias,
        has_mlp_bias: configuration.flag_or("mlp_bias", false)?,
        ..Style::llama(configuration, &sizes, rotary)?
    };
    decoder::build(configuration, weights, &sizes, style)
}
