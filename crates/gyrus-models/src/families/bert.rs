//! BERT and RoBERTa: absolute positions, norms after each sum, an encoder that sees both sides (Devlin et al. 2019;
//! Liu et al. 2019; Conneau et al. 2020).

use std::sync::Arc;

use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{
    Activation, Attention, Block, Embedding, Heads, Order, Places, Projection, Transformer,
};

const KEYS: [&str; 12] = [
    "directionality",
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "pooler_type",
    "position_embedding_type",
    "type_vocab_size",
    "vocab_size",
];

/// Where members of the family differ.
struct Member {
    family: &'static str,
    prefix: &'static str,
    /// The row of the first place in the table of positions.
    offset: usize,
}

struct Sizes {
    width: usize,
    inner: usize,
    heads: Heads,
    epsilon: f32,
    activation: Activation,
}

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    build_member(configuration, weights, &Member { family: "bert", prefix: "bert.", offset: 0 })
}

pub(super) fn build_roberta(
    configuration: &Configuration,
    weights: Weights,
) -> Result<Transformer, ModelError> {
    // Places count from the row behind the padding token's.
    let offset = configuration.count_or("pad_token_id", 1)? + 1;
    build_member(configuration, weights, &Member { family: "roberta", prefix: "roberta.", offset })
}

fn build_member(
    configuration: &Configuration,
    weights: Weights,
    member: &Member,
) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    configuration.require("position_embedding_type", &["absolute".into()])?;
    let weights = weights.below(&[member.prefix, ""], "embeddings.word_embeddings.weight");
    let parts = Parts { configuration, weights: &weights };
    let width = configuration.size("hidden_size")?;
    let sizes = Sizes {
        width,
        inner: configuration.size("intermediate_size")?,
        heads: parts.even_heads("num_attention_heads", width)?,
        epsilon: configuration.number_or("layer_norm_eps", 1e-12)? as f32,
        activation: configuration.activation_or("hidden_act", Activation::Gelu)?,
    };
    let n_blocks = configuration.depth("num_hidden_layers")?;
    let (vocabulary, rows) =
        (configuration.size("vocab_size")?, configuration.size_or("max_position_embeddings", 512)?);
    let context_limit = rows.checked_sub(member.offset).filter(|limit| *limit > 0);
    let context_limit = context_limit
        .ok_or_else(|| configuration.wrong("max_position_embeddings", "more than pad_token_id + 1"))?;
    let embedding = embedding(&parts, &sizes, (vocabulary, rows, member.offset))?;
    let blocks = (0..n_blocks).map(|index| block(&parts, &sizes, index).map(Arc::new));
    let blocks = blocks.collect::<Result<_, _>>()?;
    let shape = Shape {
        family: member.family,
        width,
        n_layers: n_blocks + 1,
        context_limit,
        vocabulary,
        is_causal: false,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary: Vec::new(), blocks, final_norm: None, final_projection: None })
}

fn embedding(
    parts: &Parts<'_>,
    sizes: &Sizes,
    (vocabulary, rows, offset): (usize, usize, usize),
) -> Result<Embedding, ModelError> {
    let width = sizes.width;
    let kinds = parts.configuration.size_or("type_vocab_size", 2)?;
    let name = |part: &str| format!("embeddings.{part}");
    let mut kind = parts.table(&name("token_type_embeddings"), (kinds, width))?;
    kind.truncate(width);
    Ok(Embedding {
        words: parts.table(&name("word_embeddings"), (vocabulary, width))?,
        width,
        scale: 1.0,
        places: Some(Places { rows: parts.table(&name("position_embeddings"), (rows, width))?, offset }),
        kind: Some(kind),
        norm: Some(parts.layer_norm(&name("LayerNorm"), width, sizes.epsilon)?),
        projection: Projection::None,
    })
}

fn block(parts: &Parts<'_>, sizes: &Sizes, index: usize) -> Result<Block, ModelError> {
    let Sizes { width, inner, heads, .. } = *sizes;
    let name = |part: &str| format!("encoder.layer.{index}.{part}");
    let map = |part: &str| (name(&format!("attention.self.{part}")), Stored::biased(width, width));
    Ok(Block {
        order: Order::NormLast,
        attention_norm: parts.layer_norm(&name("attention.output.LayerNorm"), width, sizes.epsilon)?,
        attention: Attention {
            is_causal: false,
            ..Attention::plain(
                heads,
                parts.joined(&[map("query"), map("key"), map("value")])?,
                parts.linear(&name("attention.output.dense"), Stored::biased(width, width))?,
            )
        },
        attended_norm: None,
        mlp_norm: parts.layer_norm(&name("output.LayerNorm"), width, sizes.epsilon)?,
        mlp: parts.mlp(
            (&name("intermediate.dense"), &name("output.dense")),
            (width, inner),
            sizes.activation,
        )?,
        mlp_out_norm: None,
    })
}
