//! BLOOM: no positions but a slope on scores for each head (Press et al. 2022; BigScience 2022).

use std::sync::Arc;

use super::gpt_neox::split_by_head;
use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{Activation, Attention, Block, Embedding, Heads, Order, Projection, Transformer};

const KEYS: [&str; 18] = [
    "apply_residual_connection_post_layernorm",
    "attention_softmax_in_fp32",
    "bias_dropout_fusion",
    "hidden_size",
    "layer_norm_epsilon",
    "masked_softmax_fusion",
    "n_embed",
    "n_head",
    "n_inner",
    "n_layer",
    "num_attention_heads",
    "num_hidden_layers",
    "offset_alibi",
    "seq_length",
    "skip_bias_add",
    "skip_bias_add_qkv",
    "slow_but_exact",
    "vocab_size",
];

/// Slopes have no limit; windows are held to what BLOOM was trained with where the configuration does not say.
const TRAINED: usize = 2048;

struct Sizes {
    width: usize,
    heads: Heads,
    epsilon: f32,
    order: Order,
}

pub(super) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    configuration.require_known(&KEYS)?;
    let weights = weights.below(&["transformer.", ""], "word_embeddings.weight");
    let parts = Parts { configuration, weights: &weights };
    let width = configuration.size(configuration.either("n_embed", "hidden_size"))?;
    let keeps = configuration.flag_or("apply_residual_connection_post_layernorm", false)?;
    let sizes = Sizes {
        width,
        heads: parts.even_heads(configuration.either("n_head", "num_attention_heads"), width)?,
        epsilon: configuration.number_or("layer_norm_epsilon", 1e-5)? as f32,
        order: if keeps { Order::NormFirstAndKept } else { Order::NormFirst },
    };
    let n_blocks = configuration.depth(configuration.either("n_layer", "num_hidden_layers"))?;
    let vocabulary = configuration.size("vocab_size")?;
    let embedding = Embedding {
        words: parts.table("word_embeddings", (vocabulary, width))?,
        width,
        scale: 1.0,
        places: None,
        kind: None,
        norm: Some(parts.layer_norm("word_embeddings_layernorm", width, sizes.epsilon)?),
        projection: Projection::None,
    };
    let blocks = (0..n_blocks).map(|index| block(&parts, &sizes, index).map(Arc::new));
    let blocks = blocks.collect::<Result<_, _>>()?;
    let final_norm = Some(parts.layer_norm("ln_f", width, sizes.epsilon)?);
    let shape = Shape {
        family: "bloom",
        width,
        n_layers: n_blocks + 1,
        context_limit: configuration.size_or("seq_length", TRAINED)?,
        vocabulary,
        is_causal: true,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary: Vec::new(), blocks, final_norm, final_projection: None })
}

fn block(parts: &Parts<'_>, sizes: &Sizes, index: usize) -> Result<Block, ModelError> {
    let (width, heads) = (sizes.width, sizes.heads);
    let name = |part: &str| format!("h.{index}.{part}");
    let inputs = parts.affine(&name("self_attention.query_key_value"), Stored::biased(3 * width, width))?;
    let up_down = (name("mlp.dense_h_to_4h"), name("mlp.dense_4h_to_h"));
    Ok(Block {
        order: sizes.order,
        attention_norm: parts.layer_norm(&name("input_layernorm"), width, sizes.epsilon)?,
        attention: Attention {
            slopes: Some(slopes(heads.queries)),
            ..Attention::plain(
                heads,
                split_by_head(&inputs, heads).into(),
                parts.linear(&name("self_attention.dense"), Stored::biased(width, width))?,
            )
        },
        attended_norm: None,
        mlp_norm: parts.layer_norm(&name("post_attention_layernorm"), width, sizes.epsilon)?,
        mlp: parts.mlp((&up_down.0, &up_down.1), (width, 4 * width), Activation::GeluTanh)?,
        mlp_out_norm: None,
    })
}

/// 2^(−8 i / n) for n heads, n the largest power of two; every other slope of 2 n heads for those beyond.
fn slopes(heads: usize) -> Vec<f32> {
    let power = 1_usize << heads.ilog2();
    let slope = |index: usize, of: usize| libm::exp2(-8.0 * index as f64 / of as f64) as f32;
    let first = (1..=power).map(|index| slope(index, power));
    first.chain((0..heads - power).map(|index| slope(2 * index + 1, 2 * power))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_paper() {
        assert_eq!(slopes(8), [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015_625, 0.007_812_5, 0.003_906_25]);
        assert_eq!(slopes(3), [0.0625, 0.003_906_25, 0.25]);
    }
}
