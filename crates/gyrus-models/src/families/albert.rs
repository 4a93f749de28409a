//! ALBERT: BERT with narrow token vectors and blocks that share their weights (Lan et al. 2020).

use std::sync::Arc;

use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{
    Activation, Attention, Block, Embedding, Heads, Order, Places, Projection, Transformer,
};

const KEYS: [&str; 18] = [
    "down_scale_factor",
    "embedding_size",
    "gap_size",
    "hidden_act",
    "hidden_size",
    "inner_group_num",
    "intermediate_size",
    "layer_norm_eps",
    "layers_to_keep",
    "max_position_embeddings",
    "net_structure_type",
    "num_attention_heads",
    "num_hidden_groups",
    "num_hidden_layers",
    "num_memory_blocks",
    "position_embedding_type",
    "type_vocab_size",
    "vocab_size",
];

struct Sizes {
    width: usize,
    inner: usize,
    heads: Heads,
    epsilon: f32,
    activation: Activation,
}

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    configuration.require("position_embedding_type", &["absolute".into()])?;
    let weights = weights.below(&["albert.", ""], "embeddings.word_embeddings.weight");
    let parts = Parts { configuration, weights: &weights };
    let width = configuration.size("hidden_size")?;
    let sizes = Sizes {
        width,
        inner: configuration.size("intermediate_size")?,
        heads: parts.even_heads("num_attention_heads", width)?,
        epsilon: configuration.number_or("layer_norm_eps", 1e-12)? as f32,
        activation: configuration.activation_or("hidden_act", Activation::GeluTanh)?,
    };
    let (vocabulary, context_limit) =
        (configuration.size("vocab_size")?, configuration.size_or("max_position_embeddings", 512)?);
    let embedding = embedding(&parts, &sizes, (vocabulary, context_limit))?;
    let blocks = blocks(&parts, &sizes)?;
    let shape = Shape {
        family: "albert",
        width,
        n_layers: blocks.len() + 1,
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
    (vocabulary, places): (usize, usize),
) -> Result<Embedding, ModelError> {
    let narrow = parts.configuration.size_or("embedding_size", 128)?;
    let kinds = parts.configuration.size_or("type_vocab_size", 2)?;
    let name = |part: &str| format!("embeddings.{part}");
    let mut kind = parts.table(&name("token_type_embeddings"), (kinds, narrow))?;
    kind.truncate(narrow);
    let map = parts.linear("encoder.embedding_hidden_mapping_in", Stored::biased(sizes.width, narrow))?;
    Ok(Embedding {
        words: parts.table(&name("word_embeddings"), (vocabulary, narrow))?,
        width: narrow,
        scale: 1.0,
        places: Some(Places {
            rows: parts.table(&name("position_embeddings"), (places, narrow))?,
            offset: 0,
        }),
        kind: Some(kind),
        norm: Some(parts.layer_norm(&name("LayerNorm"), narrow, sizes.epsilon)?),
        projection: Projection::OfSum(map),
    })
}

/// Every position in the stack uses the blocks of its group.
fn blocks(parts: &Parts<'_>, sizes: &Sizes) -> Result<Vec<Arc<Block>>, ModelError> {
    let positions = parts.configuration.depth("num_hidden_layers")?;
    let groups = parts.configuration.size_or("num_hidden_groups", 1)?;
    let inner = parts.configuration.size_or("inner_group_num", 1)?;
    if groups > positions {
        return Err(parts.configuration.wrong("num_hidden_groups", "at most num_hidden_layers"));
    }
    let group = |group: usize| -> Result<Vec<Arc<Block>>, ModelError> {
        (0..inner).map(|index| block(parts, sizes, (group, index)).map(Arc::new)).collect()
    };
    let shared = (0..groups).map(group).collect::<Result<Vec<_>, _>>()?;
    let of = |position: usize| (position as f64 / (positions as f64 / groups as f64)) as usize;
    Ok((0..positions).flat_map(|position| shared[of(position).min(groups - 1)].iter().cloned()).collect())
}

fn block(parts: &Parts<'_>, sizes: &Sizes, (group, index): (usize, usize)) -> Result<Block, ModelError> {
    let Sizes { width, inner, heads, .. } = *sizes;
    let name = |part: &str| format!("encoder.albert_layer_groups.{group}.albert_layers.{index}.{part}");
    let map = |part: &str| (name(&format!("attention.{part}")), Stored::biased(width, width));
    Ok(Block {
        order: Order::NormLast,
        attention_norm: parts.layer_norm(&name("attention.LayerNorm"), width, sizes.epsilon)?,
        attention: Attention {
            is_causal: false,
            ..Attention::plain(
                heads,
                parts.joined(&[map("query"), map("key"), map("value")])?,
                parts.linear(&name("attention.dense"), Stored::biased(width, width))?,
            )
        },
        attended_norm: None,
        mlp_norm: parts.layer_norm(&name("full_layer_layer_norm"), width, sizes.epsilon)?,
        mlp: parts.mlp((&name("ffn"), &name("ffn_output")), (width, inner), sizes.activation)?,
        mlp_out_norm: None,
    })
}
