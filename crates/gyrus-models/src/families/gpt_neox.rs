//! GPT-NeoX and Pythia: rotary positions on a share of each head, both parts side by side (Biderman et al. 2023).

use std::sync::Arc;

use super::parts::{Parts, Stored};
use super::rope::{Defaults, Rope};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{
    Activation, Affine, Attention, Block, Embedding, Heads, Order, Projection, Transformer,
};

const KEYS: [&str; 14] = [
    "attention_bias",
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "rope_parameters",
    "rope_scaling",
    "rotary_emb_base",
    "rotary_pct",
    "use_parallel_residual",
    "vocab_size",
];

struct Sizes {
    width: usize,
    inner: usize,
    heads: Heads,
    epsilon: f32,
    activation: Activation,
    has_bias: bool,
    order: Order,
}

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    let weights = weights.below(&["gpt_neox.", ""], "embed_in.weight");
    let parts = Parts { configuration, weights: &weights };
    let sizes = sizes(&parts)?;
    let (width, n_blocks) = (sizes.width, configuration.depth("num_hidden_layers")?);
    let vocabulary = configuration.size("vocab_size")?;
    let embedding = Embedding {
        words: parts.table("embed_in", (vocabulary, width))?,
        width,
        scale: 1.0,
        places: None,
        kind: None,
        norm: None,
        projection: Projection::None,
    };
    let defaults = Defaults {
        theta: configuration.number_or("rotary_emb_base", 10_000.0)?,
        share: configuration.number_or("rotary_pct", 0.25)?,
    };
    let rotary = vec![Rope::of(configuration, sizes.heads.width)?.rotary(defaults)?];
    let blocks = (0..n_blocks).map(|index| block(&parts, &sizes, index).map(Arc::new));
    let blocks = blocks.collect::<Result<_, _>>()?;
    let final_norm = Some(parts.layer_norm("final_layer_norm", width, sizes.epsilon)?);
    let shape = Shape {
        family: "gpt_neox",
        width,
        n_layers: n_blocks + 1,
        context_limit: configuration.size("max_position_embeddings")?,
        vocabulary,
        is_causal: true,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary, blocks, final_norm, final_projection: None })
}

fn sizes(parts: &Parts<'_>) -> Result<Sizes, ModelError> {
    let configuration = parts.configuration;
    let width = configuration.size("hidden_size")?;
    let is_parallel = configuration.flag_or("use_parallel_residual", true)?;
    Ok(Sizes {
        width,
        inner: configuration.size("intermediate_size")?,
        heads: parts.even_heads("num_attention_heads", width)?,
        epsilon: configuration.number_or("layer_norm_eps", 1e-5)? as f32,
        activation: configuration.activation_or("hidden_act", Activation::Gelu)?,
        has_bias: configuration.flag_or("attention_bias", true)?,
        order: if is_parallel { Order::Parallel } else { Order::NormFirst },
    })
}

fn block(parts: &Parts<'_>, sizes: &Sizes, index: usize) -> Result<Block, ModelError> {
    let Sizes { width, inner, heads, .. } = *sizes;
    let name = |part: &str| format!("layers.{index}.{part}");
    let inputs = Stored::with(3 * width, width, sizes.has_bias);
    let inputs = parts.affine(&name("attention.query_key_value"), inputs)?;
    let up_down = (name("mlp.dense_h_to_4h"), name("mlp.dense_4h_to_h"));
    Ok(Block {
        order: sizes.order,
        attention_norm: parts.layer_norm(&name("input_layernorm"), width, sizes.epsilon)?,
        attention: Attention {
            rotary: Some(0),
            ..Attention::plain(
                heads,
                split_by_head(&inputs, heads).into(),
                parts.linear(&name("attention.dense"), Stored::with(width, width, sizes.has_bias))?,
            )
        },
        attended_norm: None,
        mlp_norm: parts.layer_norm(&name("post_attention_layernorm"), width, sizes.epsilon)?,
        mlp: parts.mlp((&up_down.0, &up_down.1), (width, inner), sizes.activation)?,
        mlp_out_norm: None,
    })
}

/// Queries, keys and values that are stored head by head, put one behind the other.
pub(super) fn split_by_head(stored: &Affine, heads: Heads) -> Affine {
    let width = heads.width;
    stored.reordered(|output| {
        let (kind, head, unit) =
            (output / (heads.queries * width), output / width % heads.queries, output % width);
        (3 * head + kind) * width + unit
    })
}
