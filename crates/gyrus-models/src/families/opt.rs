//! OPT: learned positions from row 2 on, norms before each part or behind it (Zhang et al. 2022).

use std::sync::Arc;

use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{
    Activation, Attention, Block, Embedding, Heads, Mlp, Norm, Order, Places, Projection, Transformer,
};

const KEYS: [&str; 12] = [
    "_remove_final_layer_norm",
    "activation_function",
    "do_layer_norm_before",
    "enable_bias",
    "ffn_dim",
    "hidden_size",
    "layer_norm_elementwise_affine",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "vocab_size",
    "word_embed_proj_dim",
];

/// Rows of the table of positions that belong to no place.
const OFFSET: usize = 2;
const EPSILON: f32 = 1e-5;

struct Sizes {
    width: usize,
    inner: usize,
    heads: Heads,
    activation: Activation,
    has_bias: bool,
    has_norm_weights: bool,
    order: Order,
}

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    let weights = weights.below(&["model.decoder.", "decoder.", ""], "embed_tokens.weight");
    let parts = Parts { configuration, weights: &weights };
    let sizes = sizes(&parts)?;
    let (width, n_blocks) = (sizes.width, configuration.depth("num_hidden_layers")?);
    let (vocabulary, context_limit) =
        (configuration.size("vocab_size")?, configuration.size_or("max_position_embeddings", 2048)?);
    let narrow = configuration.size_or("word_embed_proj_dim", width)?;
    let map = |name: &str, outputs, inputs| parts.linear(name, Stored::plain(outputs, inputs));
    let is_narrow = narrow != width;
    let embedding = Embedding {
        words: parts.table("embed_tokens", (vocabulary, narrow))?,
        width: narrow,
        scale: 1.0,
        places: Some(Places {
            rows: parts.table("embed_positions", (context_limit + OFFSET, width))?,
            offset: OFFSET,
        }),
        kind: None,
        norm: None,
        projection: match is_narrow {
            true => Projection::OfTokens(map("project_in", width, narrow)?),
            false => Projection::None,
        },
    };
    let blocks = (0..n_blocks).map(|index| block(&parts, &sizes, index).map(Arc::new));
    let blocks = blocks.collect::<Result<_, _>>()?;
    let is_removed = configuration.flag_or("_remove_final_layer_norm", false)?;
    let has_norm = sizes.order == Order::NormFirst && !is_removed;
    let final_norm = has_norm.then(|| norm(&parts, &sizes, "final_layer_norm")).transpose()?;
    let final_projection = is_narrow.then(|| map("project_out", narrow, width)).transpose()?;
    let shape = Shape {
        family: "opt",
        width,
        n_layers: n_blocks + 1,
        context_limit,
        vocabulary,
        is_causal: true,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary: Vec::new(), blocks, final_norm, final_projection })
}

fn sizes(parts: &Parts<'_>) -> Result<Sizes, ModelError> {
    let configuration = parts.configuration;
    let width = configuration.size("hidden_size")?;
    let is_first = configuration.flag_or("do_layer_norm_before", true)?;
    Ok(Sizes {
        width,
        inner: configuration.size("ffn_dim")?,
        heads: parts.even_heads("num_attention_heads", width)?,
        activation: configuration.activation_or("activation_function", Activation::Relu)?,
        has_bias: configuration.flag_or("enable_bias", true)?,
        has_norm_weights: configuration.flag_or("layer_norm_elementwise_affine", true)?,
        order: if is_first { Order::NormFirst } else { Order::NormLast },
    })
}

fn norm(parts: &Parts<'_>, sizes: &Sizes, name: &str) -> Result<Norm, ModelError> {
    let width = sizes.width;
    match sizes.has_norm_weights {
        true => parts.layer_norm(name, width, EPSILON),
        false => Ok(Norm::Layer { weight: vec![1.0; width], bias: vec![0.0; width], epsilon: EPSILON }),
    }
}

fn block(parts: &Parts<'_>, sizes: &Sizes, index: usize) -> Result<Block, ModelError> {
    let Sizes { width, inner, heads, has_bias, .. } = *sizes;
    let name = |part: &str| format!("layers.{index}.{part}");
    let map = |part: &str| (name(&format!("self_attn.{part}")), Stored::with(width, width, has_bias));
    let (output, stored) = map("out_proj");
    Ok(Block {
        order: sizes.order,
        attention_norm: norm(parts, sizes, &name("self_attn_layer_norm"))?,
        attention: Attention::plain(
            heads,
            parts.joined(&[map("q_proj"), map("k_proj"), map("v_proj")])?,
            parts.linear(&output, stored)?,
        ),
        attended_norm: None,
        mlp_norm: norm(parts, sizes, &name("final_layer_norm"))?,
        mlp: Mlp {
            up: parts.linear(&name("fc1"), Stored::with(inner, width, has_bias))?,
            activation: sizes.activation,
            is_gated: false,
            down: parts.linear(&name("fc2"), Stored::with(width, inner, has_bias))?,
        },
        mlp_out_norm: None,
    })
}
