//! Llama: RMS norms, rotary positions, grouped queries, a gated MLP (Touvron et al. 2023).

use faer::Mat;
use ndarray::Array2;
use rayon::ThreadPool;
use serde_json::json;

use super::{Configuration, Network, Shape};
use crate::ModelError;
use crate::checkpoint::{Initial, Weights};
use crate::transformer::{Attention, Heads, Linear, Rotary, add, padded, rms_norm};

const KEYS: [&str; 17] = [
    "attention_bias",
    "head_dim",
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "max_position_embeddings",
    "mlp_bias",
    "num_attention_heads",
    "num_hidden_layers",
    "num_key_value_heads",
    "rms_norm_eps",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "vocab_size",
    "rope_type",
    "partial_rotary_factor",
];

struct Llama {
    shape: Shape,
    heads: Heads,
    epsilon: f32,
    embedding: Mat<f32>,
    blocks: Vec<Block>,
    norm: Vec<f32>,
    rotary: Rotary,
}

struct Block {
    attention_norm: Vec<f32>,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    mlp_norm: Vec<f32>,
    gate: Linear,
    up: Linear,
    down: Linear,
}

pub(super) fn build(
    configuration: &Configuration,
    weights: &Weights,
) -> Result<Box<dyn Network>, ModelError> {
    configuration.require_known(&KEYS)?;
    configuration.require("hidden_act", &[json!("silu")])?;
    configuration.require("attention_bias", &[json!(false)])?;
    configuration.require("mlp_bias", &[json!(false)])?;
    configuration.require("partial_rotary_factor", &[json!(1.0)])?;
    let width = configuration.size("hidden_size")?;
    let n_blocks = configuration.size("num_hidden_layers")?;
    let queries = configuration.size("num_attention_heads")?;
    let keys = configuration.size_or("num_key_value_heads", queries)?;
    let heads = Heads { queries, keys, width: configuration.size_or("head_dim", width / queries.max(1))? };
    if queries % keys != 0 {
        return Err(configuration.wrong("num_key_value_heads", "a divisor of num_attention_heads"));
    }
    let sizes = (width, configuration.size("intermediate_size")?);
    let vocabulary = configuration.size("vocab_size")?;
    let context_limit = configuration.size("max_position_embeddings")?;
    let blocks =
        (0..n_blocks).map(|index| block(weights, index, heads, sizes)).collect::<Result<Vec<_>, _>>()?;
    let per_block =
        2 * width * heads.width * (heads.queries + heads.keys) + 3 * sizes.0 * sizes.1 + 2 * width;
    let head = if configuration.nested("tie_word_embeddings", "").is_none() && weights.has("lm_head.weight") {
        1
    } else {
        0
    };
    let n_parameters = vocabulary * width * (1 + usize::from(head == 1 && is_stored(weights)))
        + n_blocks * per_block
        + width;
    Ok(Box::new(Llama {
        heads,
        epsilon: configuration.number_or("rms_norm_eps", 1e-6)? as f32,
        embedding: weights.matrix("model.embed_tokens.weight", (vocabulary, width))?,
        blocks,
        norm: weights.vector("model.norm.weight", width, Initial::Ones)?,
        rotary: Rotary::new(padded(context_limit), heads.width, theta(configuration)?),
        shape: Shape {
            family: "llama",
            width,
            n_layers: n_blocks + 1,
            context_limit,
            vocabulary,
            is_causal: true,
            n_parameters,
        },
    }))
}

fn is_stored(weights: &Weights) -> bool {
    matches!(weights, Weights::Stored { .. })
}

/// The base of rotary angles; scaled angles are refused.
fn theta(configuration: &Configuration) -> Result<f64, ModelError> {
    configuration.require("rope_scaling", &[])?;
    let kind = configuration.nested("rope_parameters", "rope_type");
    if kind.is_some_and(|kind| *kind != json!("default")) {
        return Err(
            configuration.wrong("rope_parameters", "rope_type \"default\" (scaled angles are not built in)")
        );
    }
    match configuration.nested("rope_parameters", "rope_theta").and_then(serde_json::Value::as_f64) {
        Some(theta) => Ok(theta),
        None => configuration.number_or("rope_theta", 10_000.0),
    }
}

fn block(
    weights: &Weights,
    index: usize,
    heads: Heads,
    (width, inner): (usize, usize),
) -> Result<Block, ModelError> {
    let name = |part: &str| format!("model.layers.{index}.{part}.weight");
    let linear = |part: &str, outputs: usize, inputs: usize| -> Result<Linear, ModelError> {
        Ok(Linear { weight: weights.transposed(&name(part), (outputs, inputs))?, bias: None })
    };
    let (queries, keys) = (heads.queries * heads.width, heads.keys * heads.width);
    Ok(Block {
        attention_norm: weights.vector(&name("input_layernorm"), width, Initial::Ones)?,
        query: linear("self_attn.q_proj", queries, width)?,
        key: linear("self_attn.k_proj", keys, width)?,
        value: linear("self_attn.v_proj", keys, width)?,
        output: linear("self_attn.o_proj", width, queries)?,
        mlp_norm: weights.vector(&name("post_attention_layernorm"), width, Initial::Ones)?,
        gate: linear("mlp.gate_proj", inner, width)?,
        up: linear("mlp.up_proj", inner, width)?,
        down: linear("mlp.down_proj", width, inner)?,
    })
}

impl Network for Llama {
    fn hidden_states(&self, ids: &[u32], pool: &ThreadPool) -> Vec<Array2<f32>> {
        let mut state = Array2::zeros((padded(ids.len()), self.shape.width));
        for (token, id) in ids.iter().enumerate() {
            for unit in 0..self.shape.width {
                state[(token, unit)] = self.embedding[(*id as usize, unit)];
            }
        }
        let mut states = vec![state.clone()];
        for (index, block) in self.blocks.iter().enumerate() {
            block.apply(self, ids.len(), &mut state, pool);
            let is_last = index + 1 == self.blocks.len();
            states.push(if is_last {
                rms_norm(&state, &self.norm, self.epsilon, pool)
            } else {
                state.clone()
            });
        }
        states
    }

    fn shape(&self) -> &Shape {
        &self.shape
    }
}

impl Block {
    fn apply(&self, network: &Llama, tokens: usize, state: &mut Array2<f32>, pool: &ThreadPool) {
        let normed = rms_norm(state, &self.attention_norm, network.epsilon, pool);
        let mut queries = self.query.apply(&normed, pool);
        let mut keys = self.key.apply(&normed, pool);
        let values = self.value.apply(&normed, pool);
        network.rotary.turn(&mut queries);
        network.rotary.turn(&mut keys);
        let attention = Attention {
            heads: network.heads,
            is_causal: true,
            tokens,
            queries: &queries,
            keys: &keys,
            values: &values,
        };
        add(state, &self.output.apply(&attention.attend(pool), pool));
        let normed = rms_norm(state, &self.mlp_norm, network.epsilon, pool);
        let mut gated = self.gate.apply(&normed, pool);
        let up = self.up.apply(&normed, pool);
        gated.zip_mut_with(&up, |gate, up| *gate = *gate / (1.0 + libm::expf(-*gate)) * up);
        add(state, &self.down.apply(&gated, pool));
    }
}
