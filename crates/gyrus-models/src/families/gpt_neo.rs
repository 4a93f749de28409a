//! GPT-Neo: GPT-2 with blocks that see a window and products that are not scaled (Black et al. 2021).

use std::sync::Arc;

use serde_json::Value;

use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{
    Activation, Attention, Block, Embedding, Heads, Order, Places, Projection, Transformer,
};

const KEYS: [&str; 11] = [
    "activation_function",
    "attention_layers",
    "attention_types",
    "hidden_size",
    "intermediate_size",
    "layer_norm_epsilon",
    "max_position_embeddings",
    "num_heads",
    "num_layers",
    "vocab_size",
    "window_size",
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
    let weights = weights.below(&["transformer.", ""], "wte.weight");
    let parts = Parts { configuration, weights: &weights };
    let width = configuration.size("hidden_size")?;
    let sizes = Sizes {
        width,
        inner: configuration.size_or("intermediate_size", 4 * width)?,
        heads: parts.even_heads("num_heads", width)?,
        epsilon: configuration.number_or("layer_norm_epsilon", 1e-5)? as f32,
        activation: configuration.activation_or("activation_function", Activation::GeluTanh)?,
    };
    let (vocabulary, context_limit) =
        (configuration.size("vocab_size")?, configuration.size_or("max_position_embeddings", 2048)?);
    let embedding = Embedding {
        words: parts.table("wte", (vocabulary, width))?,
        width,
        scale: 1.0,
        places: Some(Places { rows: parts.table("wpe", (context_limit, width))?, offset: 0 }),
        kind: None,
        norm: None,
        projection: Projection::None,
    };
    let windows = windows(configuration)?;
    let blocks = windows.iter().enumerate();
    let blocks = blocks.map(|(index, window)| block(&parts, &sizes, (index, *window)).map(Arc::new));
    let blocks = blocks.collect::<Result<Vec<_>, _>>()?;
    let final_norm = Some(parts.layer_norm("ln_f", width, sizes.epsilon)?);
    let shape = Shape {
        family: "gpt_neo",
        width,
        n_layers: windows.len() + 1,
        context_limit,
        vocabulary,
        is_causal: true,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary: Vec::new(), blocks, final_norm, final_projection: None })
}

/// What each block sees: `attention_types` is a list of (kinds, how often).
fn windows(configuration: &Configuration) -> Result<Vec<Option<usize>>, ModelError> {
    let blocks = configuration.depth("num_layers")?;
    let window = configuration.size_or("window_size", 256)?;
    let expected = format!(
        "kinds global or local, {blocks} in all, such as [[[\"global\", \"local\"], {}]]",
        blocks / 2
    );
    let kind = |value: &Value| match value.as_str() {
        Some("global") => Some(None),
        Some("local") => Some(Some(window)),
        _ => None,
    };
    let group = |value: &Value| -> Option<Vec<Option<usize>>> {
        let kinds: Option<Vec<_>> = value.get(0)?.as_array()?.iter().map(kind).collect();
        let times = usize::try_from(value.get(1)?.as_u64()?).ok().filter(|times| *times <= blocks)?;
        Some(kinds?.repeat(times))
    };
    let Some(stated) = configuration.value("attention_types") else {
        return Ok((0..blocks).map(|block| (block % 2 == 1).then_some(window)).collect());
    };
    let groups: Option<Vec<_>> = stated.as_array().and_then(|list| list.iter().map(group).collect());
    let windows = groups.map(|groups| groups.concat()).filter(|windows| windows.len() == blocks);
    windows.ok_or_else(|| configuration.wrong("attention_types", &expected))
}

fn block(
    parts: &Parts<'_>,
    sizes: &Sizes,
    (index, window): (usize, Option<usize>),
) -> Result<Block, ModelError> {
    let width = sizes.width;
    let name = |part: &str| format!("h.{index}.{part}");
    let map = |part: &str| (name(&format!("attn.attention.{part}")), Stored::plain(width, width));
    let output = Stored::biased(width, width);
    Ok(Block {
        order: Order::NormFirst,
        attention_norm: parts.layer_norm(&name("ln_1"), width, sizes.epsilon)?,
        attention: Attention {
            scale: 1.0,
            window,
            ..Attention::plain(
                sizes.heads,
                parts.joined(&[map("q_proj"), map("k_proj"), map("v_proj")])?,
                parts.linear(&name("attn.attention.out_proj"), output)?,
            )
        },
        attended_norm: None,
        mlp_norm: parts.layer_norm(&name("ln_2"), width, sizes.epsilon)?,
        mlp: parts.mlp((&name("mlp.c_fc"), &name("mlp.c_proj")), (width, sizes.inner), sizes.activation)?,
        mlp_out_norm: None,
    })
}
