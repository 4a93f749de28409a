//! Mistral: Llama with a sliding window (Jiang et al. 2023).

use super::Configuration;
use super::decoder::{self, Sizes, Style, View};
use super::rope::{DEFAULTS, Rope};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::Transformer;

const KEYS: [&str; 14] = [
    "head_dim",
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "rms_norm_eps",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "sliding_window",
    "vocab_size",
];

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    let sizes = Sizes::of(configuration, None)?;
    let rotary = Rope::of(configuration, sizes.heads.width)?.rotary(DEFAULTS)?;
    // Absent means the first release's window; later releases say null.
    let window = if configuration.states("sliding_window") {
        configuration.optional_size("sliding_window")?
    } else {
        Some(4096)
    };
    let style = Style {
        family: "mistral",
        views: vec![View { window, rotary: 0 }; sizes.blocks],
        ..Style::llama(configuration, &sizes, rotary)?
    };
    decoder::build(configuration, weights, &sizes, style)
}
