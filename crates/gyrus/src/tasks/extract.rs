//! Extract: what every layer of a language model computes for every word of a stimulus.

use gyrus_core::{Activations, LayerIndex};
use gyrus_models::{Device, Extraction, LanguageModel, WordVectors};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{reading, vectors};
use crate::Error;
use crate::inputs::{Inputs, OpenLanguageModel, Source};
use crate::plan::{Machine, TaskSummary};
use crate::store::{Arrays, Digest, Draft, Key, Store};
use crate::study::HistorySection;

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
    /// With the numbers of every trained tensor in another order, from this seed.
    Shuffled(u64),
}

/// What is read off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Activations of all layers.
    Layers,
    /// Surprisal and entropy of every word.
    Predictions,
}

impl Training {
    /// How tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trained => "trained",
            Self::Untrained(_) => "untrained",
            Self::RandomEmbedding(_) => "random_embedding",
            Self::Shuffled(_) => "shuffled",
        }
    }

    /// Its seed.
    #[must_use]
    pub fn seed(self) -> Option<u64> {
        match self {
            Self::Trained => None,
            Self::Untrained(seed) | Self::RandomEmbedding(seed) | Self::Shuffled(seed) => Some(seed),
        }
    }

    /// Whether it has the layers of the language model.
    pub(crate) fn is_layered(self) -> bool {
        !matches!(self, Self::RandomEmbedding(_))
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
    /// What is read off.
    pub reading: Reading,
    /// The key of its result.
    pub key: Key,
}

/// Rises when the same words and weights would give other activations.
const NUMERICS_VERSION: u32 = 3;
const PREDICTIONS: &str = "predictions.safetensors";

/// Where language models read.
fn device(inputs: &Inputs) -> Device {
    inputs.resolved.study.execution.device
}

impl Extract {
    pub(crate) fn new(inputs: &Inputs, language_model: usize, training: Training, stimulus: usize) -> Self {
        Self::of(inputs, (language_model, training), stimulus, Reading::Layers)
    }

    /// What the trained language model expected of every word.
    pub(crate) fn predictions(inputs: &Inputs, language_model: usize, stimulus: usize) -> Self {
        Self::of(inputs, (language_model, Training::Trained), stimulus, Reading::Predictions)
    }

    fn of(
        inputs: &Inputs,
        (language_model, training): (usize, Training),
        stimulus: usize,
        reading: Reading,
    ) -> Self {
        let open = &inputs.language_models[language_model];
        let parameters = (extraction(open), training);
        let mut digests = vec![open.digest_for(stimulus).clone(), inputs.stimuli[stimulus].digest.clone()];
        // Other devices round otherwise: what one computed is no result of another kind.
        digests.extend(device(inputs).kind().map(|kind| Digest::of(kind.as_bytes())));
        let key = match reading {
            Reading::Layers => Key::new("extract", NUMERICS_VERSION, &parameters, &digests),
            Reading::Predictions => Key::new("extract", NUMERICS_VERSION, &(parameters, reading), &digests),
        };
        Self { language_model, training, stimulus, reading, key }
    }

    pub(crate) fn summary(&self, inputs: &Inputs) -> TaskSummary {
        let open = &inputs.language_models[self.language_model];
        let stimulus = &inputs.stimuli[self.stimulus].stimulus;
        let copy = self.training.seed().map(|seed| format!(" {seed}")).unwrap_or_default();
        let what = if self.reading == Reading::Predictions { " for surprisal" } else { "" };
        let label = format!("{} ({}{copy}) reads {}{what}", open.name, self.training.name(), stimulus.name());
        let n_layers = if self.training.is_layered() { open.layers().len() } else { 1 };
        let vectors = match self.reading {
            Reading::Layers => stimulus.words().len() * open.width() * open.layers().len() * 4,
            Reading::Predictions => 0,
        };
        let one = vectors / open.layers().len().max(1);
        let (reading, per_thread) = self.reading_memory(open);
        TaskSummary {
            per_thread,
            kind: "extract",
            label,
            memory: self.vectors_memory(open, (one * n_layers) as u64) + reading,
            disk: match self.reading {
                Reading::Layers => (one * n_layers) as u64,
                Reading::Predictions => 8 * stimulus.words().len() as u64,
            },
            operations: operations(open, stimulus.words().len()),
            key: self.key.clone(),
        }
    }

    /// Bytes of vectors that are held: those of a language model are written window by window, which is in the memory of a
    /// reading.
    fn vectors_memory(&self, open: &OpenLanguageModel, all: u64) -> u64 {
        if open.network().is_some() && self.training.is_layered() { 0 } else { all }
    }

    /// Bytes beside the vectors, and those of every further thread. The trained weights are open already; those of a copy are made.
    fn reading_memory(&self, open: &OpenLanguageModel) -> (u64, u64) {
        let (all, of_thread) = open.memory_of_reading(self.stimulus);
        match (self.training, self.reading) {
            // A head of its own is as large as the embedding, which is no larger than all weights.
            (_, Reading::Predictions) => (all, of_thread),
            (Training::Trained, _) => (all.saturating_sub(open.weights_memory()), of_thread),
            // A tensor is held twice while its numbers are put in order.
            (Training::Untrained(_) | Training::Shuffled(_), _) => (all, of_thread),
            (Training::RandomEmbedding(_), _) => (0, 0),
        }
    }

    pub(crate) fn run(&self, inputs: &Inputs, store: &Store, machine: &Machine<'_>) -> Result<(), Error> {
        if store.find(&self.key)?.is_some() {
            return Ok(());
        }
        let open = &inputs.language_models[self.language_model];
        let at = |error| reading::explain(&inputs.resolved, open, self.stimulus, error);
        if self.reading == Reading::Predictions {
            let arrays = Arrays::new().single("bits", self.predict(inputs, machine).map_err(at)?);
            return store.put(&self.key, |draft| draft.add_arrays(PREDICTIONS, &arrays)).map(|_| ());
        }
        store.put(&self.key, |draft| self.read(inputs, machine, draft).map_err(at)).map(|_| ())
    }

    /// Vectors are written as they are read: those of a whole stimulus are held only where they were brought, or drawn.
    fn read(&self, inputs: &Inputs, machine: &Machine<'_>, draft: &mut Draft) -> Result<(), Error> {
        let open = &inputs.language_models[self.language_model];
        let stimulus = &inputs.stimuli[self.stimulus].stimulus;
        if let Training::RandomEmbedding(seed) = self.training {
            let values = gyrus_models::random_embeddings(stimulus, open.width(), seed);
            return vectors::write(draft, &[Activations { layer: LayerIndex(0), values }]);
        }
        let (network, folder) = match &open.source {
            Source::Checkpoint(network, folder) => (network, folder),
            Source::Brought(brought) => {
                return vectors::write(draft, &brought.activations(self.stimulus, stimulus.words().len())?);
            }
        };
        let copy = match self.training {
            Training::Untrained(seed) => Some(LanguageModel::untrained(folder, seed)?),
            Training::Shuffled(seed) => Some(LanguageModel::shuffled(folder, seed)?),
            Training::Trained | Training::RandomEmbedding(_) => None,
        };
        if copy.is_some() {
            open.require_unchanged()?;
        }
        let network = copy.as_ref().unwrap_or(network);
        network.offload(device(inputs))?;
        let settings = extraction(open);
        let layers = gyrus_models::layer_widths(network, &settings)?;
        vectors::fill(draft, (stimulus.words().len(), &layers), |file| {
            let mut take = |vectors: WordVectors<'_>| file.put(&vectors);
            let silent = |_: f64| {};
            gyrus_models::extract_to(network, stimulus, &settings, (&machine.pool, &silent), &mut take)
        })
    }

    /// Surprisal and entropy in bits, shape (n_words, 2). A word with nothing before it has the mean of the others.
    fn predict(&self, inputs: &Inputs, machine: &Machine<'_>) -> Result<Array2<f32>, Error> {
        let open = &inputs.language_models[self.language_model];
        let stimulus = &inputs.stimuli[self.stimulus].stimulus;
        let Some(network) = open.network() else { return Ok(Array2::zeros((0, 2))) };
        network.offload(device(inputs))?;
        let found = gyrus_models::predictions(network, stimulus, &extraction(open), &machine.pool)?;
        // The head was read just now.
        open.require_unchanged()?;
        let columns = [
            reading::filled(found.iter().map(|word| word.surprisal)),
            reading::filled(found.iter().map(|word| word.entropy)),
        ];
        Ok(Array2::from_shape_fn((found.len(), 2), |(word, column)| columns[column][word] as f32))
    }

    /// The vectors of one layer, from the store.
    pub(crate) fn layer(&self, store: &Store, layer: usize) -> Result<ndarray::Array2<f32>, Error> {
        let stored = store.find(&self.key)?;
        let stored = stored.ok_or_else(|| missing(&self.key))?;
        vectors::read(&stored, layer)
    }

    /// Surprisal and entropy in bits, shape (n_words, 2), from the store.
    pub(crate) fn bits(&self, store: &Store) -> Result<Array2<f32>, Error> {
        let stored = store.find(&self.key)?.ok_or_else(|| missing(&self.key))?;
        let mut arrays = stored.read_arrays(PREDICTIONS)?;
        arrays.take_single("bits").map_err(|reason| stored.damaged(PREDICTIONS, reason))
    }
}

pub(crate) fn missing(key: &Key) -> Error {
    let path = std::path::PathBuf::from(key.kind()).join(key.digest());
    Error::Store { path, reason: "a task that comes before has no result".to_owned() }
}

fn extraction(open: &OpenLanguageModel) -> Extraction {
    reading::extraction(&open.section, open.context())
}

/// Tokens that are read, repeated ones counted, times two operations per parameter.
fn operations(open: &OpenLanguageModel, words: usize) -> f64 {
    let (context, per_word) = (open.context() as f64, 1.5);
    let tokens = per_word * words as f64;
    let read = match (open.section.scramble, open.section.history) {
        // Every token is read twice, because windows overlap by half.
        (None, HistorySection::Half) => 2.0 * tokens,
        (None, HistorySection::AtLeast(least)) => tokens * context / (context - least as f64 + 1.0).max(1.0),
        (_, HistorySection::Words(count)) => words as f64 * per_word * count as f64,
        _ => words as f64 * context,
    };
    2.0 * read * (open.n_parameters() as f64 + 0.5 * context * open.width() as f64)
}
