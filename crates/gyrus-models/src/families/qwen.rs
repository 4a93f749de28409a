//! Qwen2 and Qwen3: Llama with biases of queries, keys and values, or with norms of single heads (Yang et al. 2024, 2025).

use super::Configuration;
use super::decoder::{self, Sizes, Style, View, local_blocks};
use super::rope::{DEFAULTS, Rope};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::Transformer;

const KEYS: [&str; 18] = [
    "attention_bias",
    "head_dim",
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_types",
    "max_position_embeddings",
    "max_window_layers",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "rms_norm_eps",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "sliding_window",
    "use_sliding_window",
    "vocab_size",
];

pub(super) fn build_2(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require("attention_bias", &[true.into()])?;
    let sizes = Sizes::of(configuration, None)?;
    let style = Style { family: "qwen2", has_input_bias: true, ..style(configuration, &sizes)? };
    decoder::build(configuration, weights, &sizes, style)
}

pub(super) fn build_3(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    let sizes = Sizes::of(configuration, Some(128))?;
    let has_bias = configuration.flag_or("attention_bias", false)?;
    let style = Style {
        family: "qwen3",
        has_input_bias: has_bias,
        has_output_bias: has_bias,
        has_head_norms: true,
        ..style(configuration, &sizes)?
    };
    decoder::build(configuration, weights, &sizes, style)
}

fn style(configuration: &Configuration, sizes: &Sizes) -> Result<Style, ModelError> {
    configuration.require_known(&KEYS)?;
    let rotary = Rope::of(configuration, sizes.heads.width)?.rotary(DEFAULTS)?;
    let uses = configuration.flag_or("use_sliding_window", false)?;
    let window = if uses { Some(configuration.size_or("sliding_window", 4096)?) } else { None };
    let first = configuration.count_or("max_window_layers", 28)?;
    let is_local = local_blocks(configuration, sizes.blocks, |block| window.is_some() && block >= first)?;
    let view = |is_local: &bool| View { window: window.filter(|_| *is_local), rotary: 0 };
    Ok(Style { views: is_local.iter().map(view).collect(), ..Style::llama(configuration, sizes, rotary)? })
}
