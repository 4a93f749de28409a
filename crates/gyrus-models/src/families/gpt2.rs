//! GPT-2: learned positions, norms before each part, maps stored the other way round (Radford et al. 2019).

use std::sync::Arc;

use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::{Initial, Weights};
use crate::transformer::{
    Activation, Attention, Block, Embedding, Heads, Mlp, Order, Places, Projection, Transformer,
};

const KEYS: [&str; 11] = [
    "activation_function",
    "layer_norm_epsilon",
    "n_embd",
    "n_head",
    "n_inner",
    "n_layer",
    "n_positions",
    "reorder_and_upcast_attn",
    "scale_attn_by_inverse_layer_idx",
    "scale_attn_weights",
    "vocab_size",
];

struct Sizes {
    width: usize,
    inner: usize,
    blocks: usize,
    heads: Heads,
    epsilon: f32,
}

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    let weights = weights.below(&["transformer.", ""], "wte.weight");
    let parts = Parts { configuration, weights: &weights };
    let width = configuration.size("n_embd")?;
    let sizes = Sizes {
        width,
        inner: configuration.size_or("n_inner", 4 * width)?,
        blocks: configuration.depth("n_layer")?,
        heads: parts.even_heads("n_head", width)?,
        epsilon: configuration.number_or("layer_norm_epsilon", 1e-5)? as f32,
    };
    let (vocabulary, context_limit) =
        (configuration.size("vocab_size")?, configuration.size_or("n_positions", 1024)?);
    let embedding = Embedding {
        words: parts.table("wte", (vocabulary, width))?,
        width,
        scale: 1.0,
        places: Some(Places { rows: parts.table("wpe", (context_limit, width))?, offset: 0 }),
        kind: None,
        norm: None,
        projection: Projection::None,
    };
    let blocks = (0..sizes.blocks).map(|index| block(&parts, &sizes, index).map(Arc::new));
    let blocks = blocks.collect::<Result<_, _>>()?;
    let final_norm = Some(parts.layer_norm("ln_f", width, sizes.epsilon)?);
    let shape = Shape {
        family: "gpt2",
        width,
        n_layers: sizes.blocks + 1,
        context_limit,
        vocabulary,
        is_causal: true,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary: Vec::new(), blocks, final_norm, final_projection: None })
}

fn block(parts: &Parts<'_>, sizes: &Sizes, index: usize) -> Result<Block, ModelError> {
    let Sizes { width, inner, .. } = *sizes;
    let name = |part: &str| format!("h.{index}.{part}");
    // Maps that end on the residual path start smaller with depth.
    let initial = Initial::Scaled(1.0 / (2.0 * sizes.blocks as f64).sqrt());
    let down = |inputs| Stored { initial, ..Stored::biased(width, inputs) };
    Ok(Block {
        order: Order::NormFirst,
        attention_norm: parts.layer_norm(&name("ln_1"), width, sizes.epsilon)?,
        attention: Attention {
            scale: scale(parts.configuration, sizes.heads, index)?,
            ..Attention::plain(
                sizes.heads,
                parts.transposed(&name("attn.c_attn"), Stored::biased(3 * width, width))?.into(),
                parts.transposed(&name("attn.c_proj"), down(width))?.into(),
            )
        },
        attended_norm: None,
        mlp_norm: parts.layer_norm(&name("ln_2"), width, sizes.epsilon)?,
        mlp: Mlp {
            up: parts.transposed(&name("mlp.c_fc"), Stored::biased(inner, width))?.into(),
            activation: parts.configuration.activation_or("activation_function", Activation::GeluTanh)?,
            is_gated: false,
            down: parts.transposed(&name("mlp.c_proj"), down(inner))?.into(),
        },
        mlp_out_norm: None,
    })
}

fn scale(configuration: &Configuration, heads: Heads, index: usize) -> Result<f32, ModelError> {
    let is_scaled = configuration.flag_or("scale_attn_weights", true)?;
    let by_width = if is_scaled { 1.0 / (heads.width as f32).sqrt() } else { 1.0 };
    let is_by_depth = configuration.flag_or("scale_attn_by_inverse_layer_idx", false)?;
    Ok(if is_by_depth { by_width / (index + 1) as f32 } else { by_width })
}
