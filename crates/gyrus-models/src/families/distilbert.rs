//! DistilBERT: BERT without kinds of text, under other names (Sanh et al. 2019).

use std::sync::Arc;

use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{
    Activation, Attention, Block, Embedding, Heads, Order, Places, Projection, Transformer,
};

const KEYS: [&str; 8] = [
    "activation",
    "dim",
    "hidden_dim",
    "max_position_embeddings",
    "n_heads",
    "n_layers",
    // Decides how positions start before training, and nothing afterwards.
    "sinusoidal_pos_embds",
    "vocab_size",
];
const EPSILON: f32 = 1e-12;

struct Sizes {
    width: usize,
    inner: usize,
    heads: Heads,
    activation: Activation,
}

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    let weights = weights.below(&["distilbert.", ""], "embeddings.word_embeddings.weight");
    let parts = Parts { configuration, weights: &weights };
    let width = configuration.size("dim")?;
    let sizes = Sizes {
        width,
        inner: configuration.size("hidden_dim")?,
        heads: parts.even_heads("n_heads", width)?,
        activation: configuration.activation_or("activation", Activation::Gelu)?,
    };
    let n_blocks = configuration.depth("n_layers")?;
    let (vocabulary, context_limit) =
        (configuration.size("vocab_size")?, configuration.size_or("max_position_embeddings", 512)?);
    let places = parts.table("embeddings.position_embeddings", (context_limit, width))?;
    let embedding = Embedding {
        words: parts.table("embeddings.word_embeddings", (vocabulary, width))?,
        width,
        scale: 1.0,
        places: Some(Places { rows: places, offset: 0 }),
        kind: None,
        norm: Some(parts.layer_norm("embeddings.LayerNorm", width, EPSILON)?),
        projection: Projection::None,
    };
    let blocks = (0..n_blocks).map(|index| block(&parts, &sizes, index).map(Arc::new));
    let blocks = blocks.collect::<Result<_, _>>()?;
    let shape = Shape {
        family: "distilbert",
        width,
        n_layers: n_blocks + 1,
        context_limit,
        vocabulary,
        is_causal: false,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary: Vec::new(), blocks, final_norm: None, final_projection: None })
}

fn block(parts: &Parts<'_>, sizes: &Sizes, index: usize) -> Result<Block, ModelError> {
    let Sizes { width, inner, heads, activation } = *sizes;
    let name = |part: &str| format!("transformer.layer.{index}.{part}");
    let map = |part: &str| (name(&format!("attention.{part}")), Stored::biased(width, width));
    Ok(Block {
        order: Order::NormLast,
        attention_norm: parts.layer_norm(&name("sa_layer_norm"), width, EPSILON)?,
        attention: Attention {
            is_causal: false,
            ..Attention::plain(
                heads,
                parts.joined(&[map("q_lin"), map("k_lin"), map("v_lin")])?,
                parts.linear(&name("attention.out_lin"), Stored::biased(width, width))?,
            )
        },
        attended_norm: None,
        mlp_norm: parts.layer_norm(&name("output_layer_norm"), width, EPSILON)?,
        mlp: parts.mlp((&name("ffn.lin1"), &name("ffn.lin2")), (width, inner), activation)?,
        mlp_out_norm: None,
    })
}
