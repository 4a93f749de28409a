//! A language model as a folder holds it: network, tokenizer, and the files that decide its numbers.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gyrus_core::{LayerIndex, Stimulus};
use ndarray::Array2;
use rayon::ThreadPool;

use crate::checkpoint::{self, Weights};
use crate::families::{self, Configuration};
use crate::head::Head;
use crate::tokenizer::{Tokens, Words};
use crate::transformer::{Offloaded, Plan, Shape, Sink, Transformer};
use crate::{Device, ModelError, Site};

/// A language model.
pub struct LanguageModel {
    name: String,
    network: Transformer,
    offloaded: OnceLock<Offloaded>,
    pub(crate) words: Words,
    folder: PathBuf,
    copy: Copy,
    files: Vec<PathBuf>,
}

/// Which weights a language model has.
#[derive(Clone, Copy)]
enum Copy {
    Trained,
    Untrained { seed: u64, deviation: f64 },
    Shuffled { seed: u64 },
}

impl Copy {
    fn weights(self, folder: &Path) -> Result<Weights, ModelError> {
        match self {
            Self::Trained => Weights::open(folder),
            Self::Untrained { seed, deviation } => Ok(Weights::untrained(seed, deviation)),
            Self::Shuffled { seed } => Weights::shuffled(folder, seed),
        }
    }
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
        Self::new(folder, &Configuration::open(folder)?, Copy::Trained)
    }

    /// The same network and tokenizer with the weights of its family's own initialisation, from a seed.
    ///
    /// Matrices are normal with the configuration's `initializer_range`, norms are ones, biases zeros.
    ///
    /// # Errors
    /// - as [`LanguageModel::open`], the weights apart.
    pub fn untrained(folder: &Path, seed: u64) -> Result<Self, ModelError> {
        let configuration = Configuration::open(folder)?;
        let key = configuration.either("initializer_range", "init_std");
        let deviation = configuration.number_or(key, 0.02)?;
        Self::new(folder, &configuration, Copy::Untrained { seed, deviation })
    }

    /// The same network and tokenizer with the numbers of every weight tensor in another order, from a seed.
    ///
    /// # Errors
    /// - as [`LanguageModel::open`].
    pub fn shuffled(folder: &Path, seed: u64) -> Result<Self, ModelError> {
        Self::new(folder, &Configuration::open(folder)?, Copy::Shuffled { seed })
    }

    fn new(folder: &Path, configuration: &Configuration, copy: Copy) -> Result<Self, ModelError> {
        families::require_supported(configuration)?;
        let words = Words::open(&folder.join("tokenizer.json"))?;
        let network = families::build(configuration, copy.weights(folder)?)?;
        let mut files = vec![folder.join("config.json"), folder.join("tokenizer.json")];
        files.extend(checkpoint::files(folder)?);
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { name, network, offloaded: OnceLock::new(), words, folder: folder.to_owned(), copy, files })
    }

    /// Copies the weights to a device, where every later reading runs; they stay there until the language model is
    /// dropped. Nothing happens on [`Device::Cpu`], and nothing after the first time.
    ///
    /// Activations agree with those of this processor to 1e-4 relative to the largest of a layer; their last bits may
    /// depend on the number of tokens of a window.
    ///
    /// # Errors
    /// - [`ModelError::Device`] if the build or the machine has no such device, or its memory is too small.
    pub fn offload(&self, device: Device) -> Result<(), ModelError> {
        if device != Device::Cpu && self.offloaded.get().is_none() {
            // Another thread may have been first; its copy is as good.
            let _ = self.offloaded.set(Offloaded::of(&self.network, device)?);
        }
        Ok(())
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

    /// Units of the activations of a site.
    #[must_use]
    pub fn width_at(&self, site: Site) -> usize {
        match (site, &self.network.final_projection) {
            (Site::Static, _) => self.network.embedding.width,
            (Site::FinalNorm, Some(projection)) => projection.outputs(),
            _ => self.width(),
        }
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

    /// Number of parameters that hidden states depend on (tied weights counted once).
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.shape().n_parameters
    }

    /// Every file that decides the activations.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// The site of a layer: layer k is `hidden_states[k]` of transformers.
    ///
    /// # Errors
    /// - [`ModelError::Layer`] if there is none.
    pub fn site(&self, layer: LayerIndex) -> Result<Site, ModelError> {
        let last = self.n_layers() - 1;
        match layer.0 {
            0 => Ok(Site::Embed),
            layer if layer < last => Ok(Site::Block(layer)),
            layer if layer == last => Ok(Site::FinalNorm),
            found => Err(ModelError::Layer { found, last }),
        }
    }

    /// The tokens of the words of a stimulus.
    ///
    /// # Errors
    /// - [`ModelError::Word`] if a word is not recovered by its tokens.
    pub fn tokenize(&self, stimulus: &Stimulus) -> Result<Tokens, ModelError> {
        self.words.encode(stimulus.words())
    }

    /// Special tokens before a text and behind it.
    #[must_use]
    pub fn special_tokens(&self) -> (&[u32], &[u32]) {
        (&self.words.prefix, &self.words.suffix)
    }

    /// Bytes of the weights.
    #[must_use]
    pub fn weights_memory(&self) -> u64 {
        4 * self.shape().n_parameters as u64
    }

    /// Bytes that reading a text of so many tokens in windows of at most `context` holds at its peak, beside what each thread
    /// holds: weights, every hidden state, and the widest intermediate results. Short windows are read side by side.
    #[must_use]
    pub fn memory_needed(&self, context: usize, tokens: usize) -> u64 {
        let shape = self.shape();
        let (plan, windows) = (Plan::together(context), crate::extract::side_by_side(context));
        let rows = plan.padded_together(windows, context.min(tokens)) as u64;
        // Each state once as it is taken and once cut to what is kept; queries, keys, values and the inner units of the
        // network at every token beside them.
        let states = 4 * rows * shape.width as u64 * (2 * shape.n_layers as u64 + 18);
        self.weights_memory() + states + (16 << 20)
    }

    /// Bytes that every thread holds beside: what a block of queries says of all keys of a window.
    #[must_use]
    pub fn memory_per_thread(&self, context: usize, tokens: usize) -> u64 {
        let plan = Plan::together(context);
        4 * (plan.queries() * plan.padded(context.min(tokens))) as u64
    }

    /// Hidden states of one window of token numbers, special tokens included: each (n_tokens, width).
    ///
    /// # Errors
    /// - [`ModelError::Context`] if there are more tokens than the limit, or none,
    /// - [`ModelError::Token`] if the language model knows no such token,
    /// - [`ModelError::NonFinite`] if a layer computes NaN or infinity.
    pub fn hidden_states(&self, ids: &[u32], pool: &ThreadPool) -> Result<Vec<Array2<f32>>, ModelError> {
        let sites = (0..self.n_layers()).map(|layer| self.site(LayerIndex(layer)));
        self.activations(ids, &sites.collect::<Result<Vec<_>, _>>()?, pool)
    }

    /// Activations of one window of token numbers at some sites, special tokens included: each (n_tokens, width).
    ///
    /// # Errors
    /// - as [`LanguageModel::hidden_states`],
    /// - [`ModelError::Site`] if there is no such site.
    pub fn activations(
        &self,
        ids: &[u32],
        sites: &[Site],
        pool: &ThreadPool,
    ) -> Result<Vec<Array2<f32>>, ModelError> {
        Ok(self.read(&[ids], sites, Plan::new(ids.len()), pool)?.remove(0))
    }

    /// Hidden states of several windows, as [`LanguageModel::hidden_states`] of each. Short ones go through the network
    /// together, which reads its weights once for all; last bits may depend on which. Where rotary positions depend on
    /// the length of a text, the longest window decides for all.
    ///
    /// # Errors
    /// - as [`LanguageModel::hidden_states`].
    pub fn hidden_states_of_each(
        &self,
        windows: &[Vec<u32>],
        pool: &ThreadPool,
    ) -> Result<Vec<Vec<Array2<f32>>>, ModelError> {
        let sites = (0..self.n_layers()).map(|layer| self.site(LayerIndex(layer)));
        let windows: Vec<&[u32]> = windows.iter().map(Vec::as_slice).collect();
        let longest = windows.iter().map(|ids| ids.len()).max().unwrap_or(0);
        self.read(&windows, &sites.collect::<Result<Vec<_>, _>>()?, Plan::together(longest), pool)
    }

    /// Activations of windows at some sites.
    pub(crate) fn read(
        &self,
        windows: &[&[u32]],
        sites: &[Site],
        plan: Plan,
        pool: &ThreadPool,
    ) -> Result<Vec<Vec<Array2<f32>>>, ModelError> {
        let shape = self.shape();
        for ids in windows {
            if ids.is_empty() || ids.len() > shape.context_limit {
                return Err(ModelError::Context { found: ids.len(), least: 1, most: shape.context_limit });
            }
            if let Some(id) = ids.iter().find(|id| **id as usize >= shape.vocabulary) {
                return Err(ModelError::Token { found: *id, vocabulary: shape.vocabulary });
            }
        }
        let nothing = vec![Array2::zeros((0, 0)); sites.len()];
        let mut kept = Kept { sites, taken: vec![nothing; windows.len()] };
        match self.offloaded.get() {
            _ if windows.is_empty() => {}
            None => self.network.run(windows, plan, pool, &mut kept),
            Some(offloaded) => offloaded.run(&self.network, (windows, plan), &mut kept)?,
        }
        for (site, values) in kept.taken.iter().flat_map(|taken| sites.iter().zip(taken)) {
            if values.is_empty() {
                return Err(ModelError::Site { found: *site, blocks: shape.n_layers - 1 });
            }
            if values.iter().any(|value| !value.is_finite()) {
                return Err(ModelError::NonFinite { site: *site });
            }
        }
        Ok(kept.taken)
    }

    /// The map from last hidden states to scores of tokens.
    pub(crate) fn head(&self) -> Result<Head, ModelError> {
        let embedding = &self.network.embedding;
        let shape = (embedding.words.len() / embedding.width, embedding.width);
        Head::of(&Configuration::open(&self.folder)?, &self.copy.weights(&self.folder)?, shape)
    }

    /// Vectors of tokens, row after row.
    pub(crate) fn embedding(&self) -> &[f32] {
        &self.network.embedding.words
    }

    fn shape(&self) -> &Shape {
        &self.network.shape
    }
}

/// Activations at the sites that were asked for, by window.
struct Kept<'a> {
    sites: &'a [Site],
    taken: Vec<Vec<Array2<f32>>>,
}

impl Sink for Kept<'_> {
    fn wants(&self, site: Site) -> bool {
        self.sites.contains(&site)
    }

    fn take(&mut self, site: Site, window: usize, (values, width): (&[f32], usize)) {
        let rows = values.len() / width;
        for (wanted, taken) in self.sites.iter().zip(&mut self.taken[window]) {
            if *wanted == site {
                *taken = Array2::from_shape_vec((rows, width), values.to_vec()).unwrap_or_default();
            }
        }
    }
}
