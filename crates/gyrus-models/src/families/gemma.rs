//! Gemma 2 and 3, the text part: norms around every sum, capped scores, blocks that see a window (Gemma Team 2024, 2025).

use super::Configuration;
use super::decoder::{self, Sizes, Style, View, local_blocks};
use super::rope::{DEFAULTS, Defaults, Rope};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{Activation, Rotary, Transformer};

const KEYS: [&str; 22] = [
    "_sliding_window_pattern",
    "attention_bias",
    "attn_logit_softcapping",
    "head_dim",
    "hidden_act",
    "hidden_activation",
    "hidden_size",
    "intermediate_size",
    "layer_types",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "query_pre_attn_scalar",
    "rms_norm_eps",
    "rope_local_base_freq",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "sliding_window",
    "sliding_window_pattern",
    "use_bidirectional_attention",
];

pub(super) fn build_2(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    let sizes = Sizes::of(configuration, Some(256))?;
    let rotary = Rope::of(configuration, sizes.heads.width)?.rotary(DEFAULTS)?;
    let cap = if configuration.states("attn_logit_softcapping") {
        configuration
            .value("attn_logit_softcapping")
            .map(|_| configuration.number_or("attn_logit_softcapping", 0.0))
    } else {
        Some(Ok(50.0))
    };
    let cap = cap.transpose()?;
    if cap.is_some_and(|cap| cap <= 0.0) {
        return Err(configuration.wrong("attn_logit_softcapping", "a positive number or null"));
    }
    let is_local = local_blocks(configuration, sizes.blocks, |block| block % 2 == 0)?;
    let style = Style {
        family: "gemma2",
        soft_cap: cap.map(|cap| cap as f32),
        ..style(configuration, &sizes, (vec![rotary], is_local))?
    };
    decoder::build(configuration, weights, &sizes, style)
}

pub(super) fn build_3(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require("attn_logit_softcapping", &[])?;
    let sizes = Sizes::of(configuration, Some(256))?;
    let old = configuration.count_or("_sliding_window_pattern", 6)?;
    let pattern = configuration.size_or("sliding_window_pattern", old.max(1))?;
    let is_local = local_blocks(configuration, sizes.blocks, |block| (block + 1) % pattern != 0)?;
    let style = Style {
        family: "gemma3_text",
        has_head_norms: true,
        ..style(configuration, &sizes, (rotaries(configuration, sizes.heads.width)?, is_local))?
    };
    decoder::build(configuration, weights, &sizes, style)
}

/// The positions of blocks that see everything, then those of blocks that see a window.
fn rotaries(configuration: &Configuration, head_width: usize) -> Result<Vec<Rotary>, ModelError> {
    let far = Defaults { theta: 1_000_000.0, ..DEFAULTS };
    let near = Defaults { theta: configuration.number_or("rope_local_base_freq", 10_000.0)?, ..DEFAULTS };
    if configuration.value("rope_parameters").is_none() {
        let local = Rope::local(configuration, head_width).rotary(near)?;
        return Ok(vec![Rope::of(configuration, head_width)?.rotary(far)?, local]);
    }
    let of = |kind, defaults| {
        Rope::within(configuration, ("rope_parameters", Some(kind)), head_width)?.rotary(defaults)
    };
    Ok(vec![of("full_attention", far)?, of("sliding_attention", near)?])
}

fn style(
    configuration: &Configuration,
    sizes: &Sizes,
    (rotary, is_local): (Vec<Rotary>, Vec<bool>),
) -> Result<Style, ModelError> {
    configuration.require_known(&[&KEYS[..], &["vocab_size"]].concat())?;
    configuration.require("use_bidirectional_attention", &[false.into()])?;
    let has_bias = configuration.flag_or("attention_bias", false)?;
    let window = configuration.size_or("sliding_window", 4096)?;
    let last = rotary.len() - 1;
    let view = |is_local: &bool| match is_local {
        true => View { window: Some(window), rotary: last },
        false => View { window: None, rotary: 0 },
    };
    let scalar = configuration.number_or("query_pre_attn_scalar", 256.0)?;
    if scalar <= 0.0 {
        return Err(configuration.wrong("query_pre_attn_scalar", "a positive number"));
    }
    let llama = Style::llama(configuration, sizes, rotary[0].clone())?;
    Ok(Style {
        has_input_bias: has_bias,
        has_output_bias: has_bias,
        has_offset_norms: true,
        has_outer_norms: true,
        activation: configuration.activation_or("hidden_activation", Activation::GeluTanh)?,
        embedding_scale: (sizes.width as f32).sqrt(),
        scale: (1.0 / scalar.sqrt()) as f32,
        views: is_local.iter().map(view).collect(),
        rotary,
        ..llama
    })
}
