//! Which sites of a language model stand for its layers.

use gyrus_core::LayerIndex;
use serde::{Deserialize, Serialize};

use crate::{LanguageModel, ModelError, Site};

/// What layer k is, for k from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stack {
    /// `hidden_states[k]` of transformers: what leaves block k, the last one behind the final norm.
    #[default]
    HiddenStates,
    /// What leaves block k, the last one before the final norm.
    Blocks,
    /// What attention adds in block k.
    Attention,
    /// What the network at every token adds in block k.
    Mlp,
}

/// What layer 0 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstLayer {
    /// What enters the first block: with places, where the family adds them to tokens.
    #[default]
    Embed,
    /// The token's own vector, the same wherever it stands.
    Static,
}

/// The sites that are read as layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Layers {
    /// Layer 0.
    pub first: FirstLayer,
    /// Layers from 1 on.
    pub stack: Stack,
}

impl Layers {
    /// The site of a layer.
    ///
    /// # Errors
    /// - [`ModelError::Layer`] if there is none.
    pub fn site(&self, language_model: &LanguageModel, layer: LayerIndex) -> Result<Site, ModelError> {
        let of_hidden_states = language_model.site(layer)?;
        Ok(match (layer.0, self.first, self.stack) {
            (0, FirstLayer::Embed, _) => Site::Embed,
            (0, FirstLayer::Static, _) => Site::Static,
            (_, _, Stack::HiddenStates) => of_hidden_states,
            (block, _, Stack::Blocks) => Site::Block(block),
            (block, _, Stack::Attention) => Site::Attention(block),
            (block, _, Stack::Mlp) => Site::Mlp(block),
        })
    }
}
