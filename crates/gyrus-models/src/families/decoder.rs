//! The decoders that descend from Llama: RMS norms, rotary positions, grouped queries, a gated network at every token.

use std::sync::Arc;

use serde_json::Value;

use super::parts::{Parts, Stored};
use super::{Configuration, Shape};
use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{
    Activation, Attention, Block, Embedding, Heads, Linear, Mlp, Norm, Order, Projection, Rotary, Transformer,
};

/// Where a family differs from Llama.
pub(super) struct Style {
    /// Its name.
    pub family: &'static str,
    /// Whether queries, keys and values have a bias.
    pub has_input_bias: bool,
    /// Whether attention's output has one.
    pub has_output_bias: bool,
    /// Whether the network at every token has them.
    pub has_mlp_bias: bool,
    /// Whether single heads of queries and keys are normalised.
    pub has_head_norms: bool,
    /// Whether queries, keys and values are stored as one map, and gate and widening as another.
    pub is_fused: bool,
    /// Whether stored weights of norms are less by one.
    pub has_offset_norms: bool,
    /// Whether what attention and the network at every token add is normalised.
    pub has_outer_norms: bool,
    /// The nonlinearity of gates.
    pub activation: Activation,
    /// What tokens' vectors are multiplied with.
    pub embedding_scale: f32,
    /// What products of queries and keys are multiplied with.
    pub scale: f32,
    /// Where scores are capped.
    pub soft_cap: Option<f32>,
    /// Rotary positions.
    pub rotary: Vec<Rotary>,
    /// What each block sees.
    pub views: Vec<View>,
}

/// What a block sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    /// How many tokens back, the token itself included; all when absent.
    pub window: Option<usize>,
    /// Which rotary positions turn its heads.
    pub rotary: usize,
}

/// Sizes that every family of this kind states.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Units of a hidden state.
    pub width: usize,
    /// Units inside the network at every token.
    pub inner: usize,
    /// Number of blocks.
    pub blocks: usize,
    /// How heads share units.
    pub heads: Heads,
}

impl Sizes {
    /// The sizes of a configuration.
    pub(super) fn of(configuration: &Configuration, head_width: Option<usize>) -> Result<Self, ModelError> {
        let width = configuration.size("hidden_size")?;
        let queries = configuration.size("num_attention_heads")?;
        let keys = configuration.size_or("num_key_value_heads", queries)?;
        if !queries.is_multiple_of(keys) {
            return Err(configuration.wrong("num_key_value_heads", "a divisor of num_attention_heads"));
        }
        let split = head_width.unwrap_or((width / queries).max(1));
        let heads = Heads { queries, keys, width: configuration.size_or("head_dim", split)? };
        let (inner, blocks) =
            (configuration.size("intermediate_size")?, configuration.depth("num_hidden_layers")?);
        Ok(Self { width, inner, blocks, heads })
    }
}

impl Style {
    /// Llama itself.
    pub(super) fn llama(
        configuration: &Configuration,
        sizes: &Sizes,
        rotary: Rotary,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            family: "llama",
            has_input_bias: false,
            has_output_bias: false,
            has_mlp_bias: false,
            has_head_norms: false,
            is_fused: false,
            has_offset_norms: false,
            has_outer_norms: false,
            activation: configuration.activation_or("hidden_act", Activation::Silu)?,
            embedding_scale: 1.0,
            scale: 1.0 / (sizes.heads.width as f32).sqrt(),
            soft_cap: None,
            rotary: vec![rotary],
            views: vec![View { window: None, rotary: 0 }; sizes.blocks],
        })
    }
}

/// Which blocks see only a window: `layer_types`, or what the family says where there is no such key.
pub(super) fn local_blocks(
    configuration: &Configuration,
    blocks: usize,
    is_local: impl Fn(usize) -> bool,
) -> Result<Vec<bool>, ModelError> {
    let Some(listed) = configuration.value("layer_types") else {
        return Ok((0..blocks).map(is_local).collect());
    };
    let kind = |value: &Value| match value.as_str() {
        Some("sliding_attention") => Some(true),
        Some("full_attention") => Some(false),
        _ => None,
    };
    let kinds: Option<Vec<bool>> = listed.as_array().and_then(|list| list.iter().map(kind).collect());
    kinds.filter(|kinds| kinds.len() == blocks).ok_or_else(|| {
        configuration.wrong("layer_types", &format!("{blocks} times full_attention or sliding_attention"))
    })
}

/// Builds the network.
pub(super) fn build(
    configuration: &Configuration,
    weights: Weights,
    sizes: &Sizes,
    style: Style,
) -> Result<Transformer, ModelError> {
    let weights =
        weights.below(&["model.", "", "language_model.model.", "model.language_model."], "norm.weight");
    let parts = Parts { configuration, weights: &weights };
    let builder = Builder {
        parts,
        sizes: *sizes,
        style: &style,
        epsilon: configuration.number_or("rms_norm_eps", 1e-6)? as f32,
    };
    let vocabulary = configuration.size("vocab_size")?;
    let embedding = Embedding {
        words: parts.table("embed_tokens", (vocabulary, sizes.width))?,
        width: sizes.width,
        scale: style.embedding_scale,
        places: None,
        kind: None,
        norm: None,
        projection: Projection::None,
    };
    let blocks = (0..sizes.blocks).map(|index| builder.block(index).map(Arc::new));
    let blocks = blocks.collect::<Result<_, _>>()?;
    let final_norm = Some(builder.norm("norm", sizes.width)?);
    let shape = Shape {
        family: style.family,
        width: sizes.width,
        n_layers: sizes.blocks + 1,
        context_limit: configuration.size("max_position_embeddings")?,
        vocabulary,
        is_causal: true,
        n_parameters: weights.taken(),
    };
    Ok(Transformer { shape, embedding, rotary: style.rotary, blocks, final_norm, final_projection: None })
}

struct Builder<'a> {
    parts: Parts<'a>,
    sizes: Sizes,
    style: &'a Style,
    epsilon: f32,
}

impl Builder<'_> {
    fn norm(&self, name: &str, width: usize) -> Result<Norm, ModelError> {
        match self.style.has_offset_norms {
            true => self.parts.offset_norm(name, width, self.epsilon),
            false => self.parts.rms_norm(name, width, self.epsilon),
        }
    }

    fn block(&self, index: usize) -> Result<Block, ModelError> {
        let norm = |part: &str| self.norm(&format!("layers.{index}.{part}"), self.sizes.width);
        let outer = self.style.has_outer_norms;
        let (mlp_norm, attended) = match outer {
            true => ("pre_feedforward_layernorm", Some("post_attention_layernorm")),
            false => ("post_attention_layernorm", None),
        };
        Ok(Block {
            order: Order::NormFirst,
            attention_norm: norm("input_layernorm")?,
            attention: self.attention(index)?,
            attended_norm: attended.map(norm).transpose()?,
            mlp_norm: norm(mlp_norm)?,
            mlp: self.mlp(index)?,
            mlp_out_norm: outer.then(|| norm("post_feedforward_layernorm")).transpose()?,
        })
    }

    fn attention(&self, index: usize) -> Result<Attention, ModelError> {
        let (heads, view) = (self.sizes.heads, self.style.views[index]);
        let name = |part: &str| format!("layers.{index}.self_attn.{part}");
        let head_norms = || -> Result<(Norm, Norm), ModelError> {
            Ok((self.norm(&name("q_norm"), heads.width)?, self.norm(&name("k_norm"), heads.width)?))
        };
        let output = Stored::with(self.sizes.width, heads.queries * heads.width, self.style.has_output_bias);
        let output = self.parts.linear(&name("o_proj"), output)?;
        let plain = Attention::plain(heads, self.attention_inputs(name)?, output);
        Ok(Attention {
            head_norms: self.style.has_head_norms.then(head_norms).transpose()?,
            rotary: Some(view.rotary),
            scale: self.style.scale,
            soft_cap: self.style.soft_cap,
            window: view.window,
            ..plain
        })
    }

    fn attention_inputs(&self, name: impl Fn(&str) -> String) -> Result<Linear, ModelError> {
        let (heads, width, has_bias) = (self.sizes.heads, self.sizes.width, self.style.has_input_bias);
        let stored = |heads_of: usize| Stored::with(heads_of * heads.width, width, has_bias);
        if self.style.is_fused {
            return self.parts.linear(&name("qkv_proj"), stored(heads.queries + 2 * heads.keys));
        }
        let map = |part: &str, heads_of: usize| (name(part), stored(heads_of));
        self.parts.joined(&[
            map("q_proj", heads.queries),
            map("k_proj", heads.keys),
            map("v_proj", heads.keys),
        ])
    }

    fn mlp(&self, index: usize) -> Result<Mlp, ModelError> {
        let Sizes { width, inner, .. } = self.sizes;
        let name = |part: &str| format!("layers.{index}.mlp.{part}");
        let stored = |outputs, inputs| Stored::with(outputs, inputs, self.style.has_mlp_bias);
        let up = match self.style.is_fused {
            true => self.parts.linear(&name("gate_up_proj"), stored(2 * inner, width))?,
            false => {
                let map = |part: &str| (name(part), stored(inner, width));
                self.parts.joined(&[map("gate_proj"), map("up_proj")])?
            }
        };
        let down = self.parts.linear(&name("down_proj"), stored(width, inner))?;
        Ok(Mlp { up, activation: self.style.activation, is_gated: true, down })
    }
}
