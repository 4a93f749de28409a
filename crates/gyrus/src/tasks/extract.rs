//! Extract: what every layer of a language model computes for every word of a stimulus.

use gyrus_core::{Activations, LayerIndex};
use gyrus_models::{Extraction, LanguageModel, ModelError, Pooling};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::inputs::Inputs;
use crate::plan::{Machine, TaskSummary};
use crate::store::{Arrays, Key, Store};
use crate::study::PoolingChoice;

/// Which copy of a language model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Training {
    /// As it was published.
    Trained,
    /// Initialised from this seed and never trained.
    Untrained(u64),
    /// A random vector per word, from this seed.
    RandomEmbedding(u64),
}

impl Training {
    /// How tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trained => "trained",
            Self::Untrained(_) => "untrained",
            Self::RandomEmbedding(_) => "random_embedding",
        }
    }

    /// Its seed.
    #[must_use]
    pub fn seed(self) -> Option<u64> {
        match self {
            Self::Trained => None,
            Self::Untrained(seed) | Self::RandomEmbedding(seed) => Some(seed),
        }
    }
}

/// One language model (or copy) reads one stimulus.
#[derive(Debug, Clone)]
pub struct Extract {
    /// Index of the language model.
    pub language_model: usize,
    /// Which copy.
    pub training: Training,
    /// Index of the stimulus.
    pub stimulus: usize,
    /// The key of its result.
    pub key: Key,
}

/// Rises when the same words and weights would give other activations.
const NUMERICS_VERSION: u32 = 2;
const FILE: &str = "activations.safetensors";

impl Extract {
    pub(crate) fn new(inputs: &Inputs, language_model: usize, training: Training, stimulus: usize) -> Self {
        let open = &inputs.language_models[language_model];
        let parameters = (extraction(inputs, language_model), training);
        let digests = [open.digest.clone(), inputs.stimuli[stimulus].digest.clone()];
        let key = Key::new("extract", NUMERICS_VERSION, &parameters, &digests);
        Self { language_model, training, stimulus, key }
    }

    pub(crate) fn summary(&self, inputs: &Inputs) -> TaskSummary {
        let open = &inputs.language_models[self.language_model];
        let stimulus = &inputs.stimuli[self.stimulus].stimulus;
        let copy = self.training.seed().map(|seed| format!(" {seed}")).unwrap_or_default();
        let label = format!("{} ({}{copy}) reads {}", open.name, self.training.name(), stimulus.name());
        let vectors = stimulus.words().len() * open.network.width() * open.network.n_layers() * 4;
        let window = open.section.context.unwrap_or_else(|| open.network.context_limit());
        let weights = open.network.weights_memory();
        let reading = open.network.memory_needed(window);
        // Vectors are held once as activations, once as arrays and once as the bytes of the file. The trained
        // weights are open already; those of an untrained copy are made.
        let memory = 3 * vectors as u64
            + match self.training {
                Training::Trained => reading.saturating_sub(weights),
                Training::Untrained(_) => reading,
                Training::RandomEmbedding(_) => 0,
            };
        let stored =
            if self.layers_stored(inputs) == 1 { vectors / open.network.n_layers() } else { vectors };
        // Every token is read twice, because windows overlap by half, and costs two operations per parameter.
        let tokens = 1.5 * stimulus.words().len() as f64;
        TaskSummary {
            kind: "extract",
            label,
            memory,
            disk: stored as u64,
            operations: 2.0
                * tokens
                * (2.0 * open.network.n_parameters() as f64 + (window * open.network.width()) as f64),
            key: self.key.clone(),
        }
    }

    fn layers_stored(&self, inputs: &Inputs) -> usize {
        match self.training {
            Training::RandomEmbedding(_) => 1,
            _ => inputs.language_models[self.language_model].network.n_layers(),
        }
    }

    pub(crate) fn run(&self, inputs: &Inputs, store: &Store, machine: &Machine<'_>) -> Result<(), Error> {
        if store.find(&self.key)?.is_some() {
            return Ok(());
        }
        let activations = self.compute(inputs, machine).map_err(|error| self.explain(inputs, error))?;
        let add = |arrays: Arrays, layer: Activations| arrays.single(layer_name(layer.layer.0), layer.values);
        let arrays = activations.into_iter().fold(Arrays::new(), add);
        store.put(&self.key, |draft| draft.add_arrays(FILE, &arrays)).map(|_| ())
    }

    fn compute(&self, inputs: &Inputs, machine: &Machine<'_>) -> Result<Vec<Activations>, Error> {
        let open = &inputs.language_models[self.language_model];
        let stimulus = &inputs.stimuli[self.stimulus].stimulus;
        let settings = extraction(inputs, self.language_model);
        let silent = |_: f64| {};
        match self.training {
            Training::Trained => {
                Ok(gyrus_models::extract(&open.network, stimulus, &settings, &machine.pool, &silent)?)
            }
            Training::Untrained(seed) => {
                let folder = inputs.resolved.absolute(&open.section.path);
                let untrained = LanguageModel::untrained(&folder, seed)?;
                Ok(gyrus_models::extract(&untrained, stimulus, &settings, &machine.pool, &silent)?)
            }
            Training::RandomEmbedding(seed) => {
                let values = gyrus_models::random_embeddings(stimulus, open.network.width(), seed);
                Ok(vec![Activations { layer: LayerIndex(0), values }])
            }
        }
    }

    /// Names the key or file that an error of reading is about.
    fn explain(&self, inputs: &Inputs, error: Error) -> Error {
        let resolved = &inputs.resolved;
        match error {
            Error::LanguageModel(ModelError::Context { found, least, most }) => {
                let expected = format!("from {least} to {most} tokens, two of the longest word included");
                resolved.setting("language_model.context", found.to_string(), expected)
            }
            error @ Error::LanguageModel(ModelError::Word { .. }) => {
                error.at(resolved.absolute(&resolved.study.stimulus[self.stimulus].words))
            }
            error @ Error::LanguageModel(ModelError::NonFinite { .. }) => {
                error.at(resolved.absolute(&inputs.language_models[self.language_model].section.path))
            }
            error => error,
        }
    }

    /// The vectors of one layer, from the store.
    pub(crate) fn layer(&self, store: &Store, layer: usize) -> Result<ndarray::Array2<f32>, Error> {
        let stored = store.find(&self.key)?;
        let stored = stored.ok_or_else(|| missing(&self.key))?;
        let mut arrays = stored.read_arrays(FILE)?;
        arrays.take_single(&layer_name(layer)).map_err(|reason| stored.damaged(FILE, reason))
    }
}

pub(crate) fn missing(key: &Key) -> Error {
    let path = std::path::PathBuf::from(key.kind()).join(key.digest());
    Error::Store { path, reason: "a task that comes before has no result".to_owned() }
}

fn layer_name(layer: usize) -> String {
    format!("layer_{layer}")
}

fn extraction(inputs: &Inputs, language_model: usize) -> Extraction {
    let open = &inputs.language_models[language_model];
    let pooling = match open.section.pooling {
        PoolingChoice::Last => Pooling::Last,
        PoolingChoice::Mean => Pooling::Mean,
        PoolingChoice::Sum => Pooling::Sum,
    };
    let context = open.section.context.unwrap_or_else(|| open.network.context_limit());
    Extraction { pooling, ..Extraction::new(context) }
}
