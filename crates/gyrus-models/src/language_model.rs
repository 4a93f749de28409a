//! A language model as a folder holds it: network, tokenizer, and the files that decide its numbers.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use rayon::ThreadPool;

use crate::ModelError;
use crate::checkpoint::{self, Weights};
use crate::families::{self, Configuration, Network, Shape};
use crate::tokenizer::Words;

/// A language model.
pub struct LanguageModel {
    name: String,
    network: Box<dyn Network>,
    pub(crate) words: Words,
    files: Vec<PathBuf>,
}

impl std::fmt::Debug for LanguageModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LanguageModel")
            .field("name", &self.name)
            .field("shape", self.shape())
            .finish_non_exhaustive()
    }
}

impl LanguageModel {
    /// Opens a folder in Hugging Face layout: config.json, tokenizer.json, model.safetensors (or an index of parts).
    ///
    /// # Errors
    /// - [`ModelError::Read`] if a file is missing,
    /// - [`ModelError::Architecture`], [`ModelError::Configuration`] if the network is not built in,
    /// - [`ModelError::Damaged`], [`ModelError::Tensor`] if a file is damaged or belongs to another configuration.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let configuration = Configuration::open(folder)?;
        let words = Words::open(&folder.join("tokenizer.json"))?;
        Self::new(folder, &configuration, words, &Weights::open(folder)?)
    }

    /// The same network and tokenizer with the weights of its family's own initialisation, from a seed.
    ///
    /// Matrices are normal with the configuration's `initializer_range`, norms are ones, biases zeros.
    ///
    /// # Errors
    /// - as [`LanguageModel::open`], the weights apart.
    pub fn untrained(folder: &Path, seed: u64) -> Result<Self, ModelError> {
        let configuration = Configuration::open(folder)?;
        let words = Words::open(&folder.join("tokenizer.json"))?;
        let deviation = configuration.number_or("initializer_range", 0.02)?;
        Self::new(folder, &configuration, words, &Weights::Untrained { seed, deviation })
    }

    fn new(
        folder: &Path,
        configuration: &Configuration,
        words: Words,
        weights: &Weights,
    ) -> Result<Self, ModelError> {
        let network = families::build(configuration, weights)?;
        let mut files = vec![folder.join("config.json"), folder.join("tokenizer.json")];
        files.extend(checkpoint::files(folder)?);
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { name, network, words, files })
    }

    /// The folder's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The family, such as "llama".
    #[must_use]
    pub fn family(&self) -> &str {
        self.shape().family
    }

    /// Number of hidden states: the embedding and one per block.
    #[must_use]
    pub fn n_layers(&self) -> usize {
        self.shape().n_layers
    }

    /// Units of a hidden state.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shape().width
    }

    /// Most tokens of a window.
    #[must_use]
    pub fn context_limit(&self) -> usize {
        self.shape().context_limit
    }

    /// Whether a token sees only those before it.
    #[must_use]
    pub fn is_causal(&self) -> bool {
        self.shape().is_causal
    }

    /// Number of parameters of the network (tied weights counted once).
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.shape().n_parameters
    }

    /// Every file that decides the activations.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Bytes that reading a window of tokens holds at its peak: weights (twice while they are read), every hidden
    /// state, and the widest intermediate results.
    #[must_use]
    pub fn memory_needed(&self, window_tokens: usize) -> u64 {
        let shape = self.shape();
        let rows = crate::transformer::padded(window_tokens) as u64;
        let states = 4 * rows * shape.width as u64 * (shape.n_layers as u64 + 16);
        8 * shape.n_parameters as u64 + states + 4 * rows * rows * 4 + (16 << 20)
    }

    /// Hidden states of one window of token numbers, special tokens included: each (n_tokens, width).
    ///
    /// # Errors
    /// - [`ModelError::Context`] if there are more tokens than the limit, or none,
    /// - [`ModelError::NonFinite`] if a layer computes NaN or infinity.
    pub fn hidden_states(&self, ids: &[u32], pool: &ThreadPool) -> Result<Vec<Array2<f32>>, ModelError> {
        let shape = self.shape();
        let is_known = ids.iter().all(|id| (*id as usize) < shape.vocabulary);
        if ids.is_empty() || ids.len() > shape.context_limit || !is_known {
            return Err(ModelError::Context { found: ids.len(), least: 1, most: shape.context_limit });
        }
        let states = self.network.hidden_states(ids, pool);
        for (layer, state) in states.iter().enumerate() {
            if state.rows().into_iter().take(ids.len()).any(|row| row.iter().any(|value| !value.is_finite()))
            {
                return Err(ModelError::NonFinite { layer });
            }
        }
        Ok(states)
    }

    fn shape(&self) -> &Shape {
        self.network.shape()
    }
}
