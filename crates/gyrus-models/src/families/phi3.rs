//! Phi-3: Llama with fused maps and stretched rotary positions (Abdin et al. 2024).

use super::Configuration;
use super::decoder::{self, Sizes, Style, View};
use super::rope::{DEFAULTS, Rope};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::Transformer;

const KEYS: [&str; 19] = [
    "attention_bias",
    "full_attn_mod",
    "hidden_act",
    "hidden_size",
    "interpolate_factor",
    "intermediate_size",
    "lm_head_bias",
    "max_position_embeddings",
    "mlp_bias",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "original_max_position_embeddings",
    "partial_rotary_factor",
    "rms_norm_eps",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "sliding_window",
];

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&[&KEYS[..], &["vocab_size"]].concat())?;
    configuration.require("attention_bias", &[false.into()])?;
    configuration.require("mlp_bias", &[false.into()])?;
    configuration.require("full_attn_mod", &[1.into()])?;
    configuration.require("interpolate_factor", &[1.into()])?;
    let sizes = Sizes::of(configuration, None)?;
    let rotary = Rope::of(configuration, sizes.heads.width)?.rotary(DEFAULTS)?;
    let window = configuration.optional_size("sliding_window")?;
    let style = Style {
        family: "phi3",
        is_fused: true,
        views: vec![View { window, rotary: 0 }; sizes.blocks],
        ..Style::llama(configuration, &sizes, rotary)?
    };
    decoder::build(configuration, weights, &sizes, style)
}
