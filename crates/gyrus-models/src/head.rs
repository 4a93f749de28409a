//! What a causal language model expects next: scores of every token, from the last hidden state.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::ModelError;
use crate::checkpoint::{Initial, Weights};
use crate::families::Configuration;

/// Tokens that are scored at a time; products always have this shape, so that no score depends on later tokens.
pub(crate) const ROWS: usize = 32;

/// The map from hidden states to scores.
pub(crate) struct Head {
    /// Shape (vocabulary, width), row after row; that of the embedding when absent.
    own: Option<Vec<f32>>,
    soft_cap: Option<f32>,
}

/// Families that have a map of their own where the configuration does not say.
const UNTIED: [&str; 6] = ["gpt_neox", "llama", "mistral", "phi3", "qwen2", "qwen3"];
/// Names of that map; the first is everybody's, the second that of older checkpoints of GPT-NeoX.
const NAMES: [&str; 2] = ["lm_head.weight", "embed_out.weight"];

impl Head {
    /// The map of a checkpoint.
    pub(crate) fn of(
        configuration: &Configuration,
        weights: &Weights,
        (vocabulary, width): (usize, usize),
    ) -> Result<Self, ModelError> {
        let family = configuration.text("model_type").unwrap_or_default();
        let is_tied = configuration.flag_or("tie_word_embeddings", !UNTIED.contains(&family.as_str()))?;
        let name = if weights.has(NAMES[1]) && !weights.has(NAMES[0]) { NAMES[1] } else { NAMES[0] };
        let own = || weights.tensor(name, &[vocabulary, width], Initial::Normal);
        let own = if is_tied { None } else { Some(own()?) };
        let cap = match (family.as_str(), configuration.states("final_logit_softcapping")) {
            ("gemma2", false) => 30.0,
            _ => configuration.number_or("final_logit_softcapping", 0.0)?,
        };
        Ok(Self { own, soft_cap: (cap > 0.0).then_some(cap as f32) })
    }

    /// Scores of every token for [`ROWS`] hidden states: shape (rows, vocabulary), row after row.
    pub(crate) fn scores(&self, states: &[f32], embedding: &[f32]) -> Vec<f32> {
        let width = states.len() / ROWS;
        let map = self.own.as_deref().unwrap_or(embedding);
        let vocabulary = map.len() / width;
        let mut scores = vec![0.0; ROWS * vocabulary];
        let target = MatMut::from_column_major_slice_mut(&mut scores, vocabulary, ROWS);
        let map = MatRef::from_row_major_slice(map, vocabulary, width);
        let states = MatRef::from_column_major_slice(states, width, ROWS);
        matmul(target, Accum::Replace, map, states, 1.0, Par::Seq);
        if let Some(cap) = self.soft_cap {
            scores.iter_mut().for_each(|score| *score = cap * libm::tanhf(*score / cap));
        }
        scores
    }
}
