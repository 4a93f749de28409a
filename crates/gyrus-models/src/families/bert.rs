//! BERT: absolute positions, token types, norms after each sum, an encoder that sees both sides (Devlin et al. 2019).

use faer::Mat;
use ndarray::Array2;
use rayon::ThreadPool;
use serde_json::json;

use super::{Configuration, Network, Shape};
use crate::ModelError;
use crate::checkpoint::{Initial, Weights};
use crate::transformer::{Attention, Heads, Linear, add, layer_norm, padded};

const KEYS: [&str; 10] = [
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "position_embedding_type",
    "type_vocab_size",
    "vocab_size",
];

struct Bert {
    shape: Shape,
    heads: Heads,
    epsilon: f32,
    words: Mat<f32>,
    positions: Mat<f32>,
    types: Mat<f32>,
    norm: Norm,
    blocks: Vec<Block>,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

struct Block {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    attention_norm: Norm,
    up: Linear,
    down: Linear,
    mlp_norm: Norm,
}

/// Tensors of checkpoints that hold more than the encoder stand below "bert.".
struct Named<'a> {
    weights: &'a Weights,
    prefix: &'static str,
}

pub(super) fn build(
    configuration: &Configuration,
    weights: &Weights,
) -> Result<Box<dyn Network>, ModelError> {
    configuration.require_known(&KEYS)?;
    configuration.require("hidden_act", &[json!("gelu")])?;
    configuration.require("position_embedding_type", &[json!("absolute")])?;
    configuration.require("is_decoder", &[json!(false)])?;
    let width = configuration.size("hidden_size")?;
    let inner = configuration.size("intermediate_size")?;
    let queries = configuration.size("num_attention_heads")?;
    if width % queries != 0 {
        return Err(configuration.wrong("num_attention_heads", "a divisor of hidden_size"));
    }
    let heads = Heads { queries, keys: queries, width: width / queries };
    let (vocabulary, n_blocks) =
        (configuration.size("vocab_size")?, configuration.size("num_hidden_layers")?);
    let (context_limit, types) =
        (configuration.size("max_position_embeddings")?, configuration.size_or("type_vocab_size", 2)?);
    let stored = matches!(weights, Weights::Stored { .. });
    let is_below = stored && !weights.has("embeddings.word_embeddings.weight");
    let named = Named { weights, prefix: if is_below { "bert." } else { "" } };
    let blocks =
        (0..n_blocks).map(|index| named.block(index, width, inner)).collect::<Result<Vec<_>, _>>()?;
    let per_block = 4 * (width * width + width) + 2 * width * inner + inner + width + 4 * width;
    Ok(Box::new(Bert {
        heads,
        epsilon: configuration.number_or("layer_norm_eps", 1e-12)? as f32,
        words: named.table("word_embeddings", (vocabulary, width))?,
        positions: named.table("position_embeddings", (context_limit, width))?,
        types: named.table("token_type_embeddings", (types, width))?,
        norm: named.norm("embeddings.LayerNorm", width)?,
        blocks,
        shape: Shape {
            family: "bert",
            width,
            n_layers: n_blocks + 1,
            context_limit,
            vocabulary,
            is_causal: false,
            n_parameters: (vocabulary + context_limit + types + 2) * width + n_blocks * per_block,
        },
    }))
}

impl Named<'_> {
    fn table(&self, name: &str, shape: (usize, usize)) -> Result<Mat<f32>, ModelError> {
        self.weights.matrix(&format!("{}embeddings.{name}.weight", self.prefix), shape)
    }

    fn norm(&self, name: &str, width: usize) -> Result<Norm, ModelError> {
        let vector = |part: &str, initial| {
            self.weights.vector(&format!("{}{name}.{part}", self.prefix), width, initial)
        };
        Ok(Norm { weight: vector("weight", Initial::Ones)?, bias: vector("bias", Initial::Zeros)? })
    }

    fn linear(&self, name: &str, (outputs, inputs): (usize, usize)) -> Result<Linear, ModelError> {
        let name = format!("{}{name}", self.prefix);
        Ok(Linear {
            weight: self.weights.transposed(&format!("{name}.weight"), (outputs, inputs))?,
            bias: Some(self.weights.vector(&format!("{name}.bias"), outputs, Initial::Zeros)?),
        })
    }

    fn block(&self, index: usize, width: usize, inner: usize) -> Result<Block, ModelError> {
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        Ok(Block {
            query: self.linear(&name("attention.self.query"), (width, width))?,
            key: self.linear(&name("attention.self.key"), (width, width))?,
            value: self.linear(&name("attention.self.value"), (width, width))?,
            output: self.linear(&name("attention.output.dense"), (width, width))?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"), width)?,
            up: self.linear(&name("intermediate.dense"), (inner, width))?,
            down: self.linear(&name("output.dense"), (width, inner))?,
            mlp_norm: self.norm(&name("output.LayerNorm"), width)?,
        })
    }
}

impl Network for Bert {
    fn hidden_states(&self, ids: &[u32], pool: &ThreadPool) -> Vec<Array2<f32>> {
        let mut sum = Array2::zeros((padded(ids.len()), self.shape.width));
        for (token, id) in ids.iter().enumerate() {
            for unit in 0..self.shape.width {
                let place = self.positions[(token, unit)];
                sum[(token, unit)] = self.words[(*id as usize, unit)] + self.types[(0, unit)] + place;
            }
        }
        let mut states = vec![self.normed(&sum, &self.norm, pool)];
        for block in &self.blocks {
            let next = block.apply(self, ids.len(), &states[states.len() - 1], pool);
            states.push(next);
        }
        states
    }

    fn shape(&self) -> &Shape {
        &self.shape
    }
}

impl Bert {
    fn normed(&self, states: &Array2<f32>, norm: &Norm, pool: &ThreadPool) -> Array2<f32> {
        layer_norm(states, (&norm.weight, &norm.bias), self.epsilon, pool)
    }
}

impl Block {
    fn apply(&self, network: &Bert, tokens: usize, state: &Array2<f32>, pool: &ThreadPool) -> Array2<f32> {
        let (queries, keys) = (self.query.apply(state, pool), self.key.apply(state, pool));
        let values = self.value.apply(state, pool);
        let attention = Attention {
            heads: network.heads,
            is_causal: false,
            tokens,
            queries: &queries,
            keys: &keys,
            values: &values,
        };
        let mut sum = self.output.apply(&attention.attend(pool), pool);
        add(&mut sum, state);
        let attended = network.normed(&sum, &self.attention_norm, pool);
        let mut inner = self.up.apply(&attended, pool);
        inner.mapv_inplace(gelu);
        let mut sum = self.down.apply(&inner, pool);
        add(&mut sum, &attended);
        network.normed(&sum, &self.mlp_norm, pool)
    }
}

/// x Φ(x) (Hendrycks & Gimpel 2016).
fn gelu(value: f32) -> f32 {
    0.5 * value * (1.0 + libm::erff(value / std::f32::consts::SQRT_2))
}
