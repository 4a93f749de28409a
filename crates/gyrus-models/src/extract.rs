//! A stimulus read from start to end: windows of tokens, hidden states, one vector per word.

use gyrus_core::{Activations, LayerIndex, Stimulus};
use ndarray::{Array2, s};
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};

use crate::tokenizer::Tokens;
use crate::{LanguageModel, ModelError};

/// How the vectors of a word's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The last token's.
    Last,
    /// The mean over tokens.
    Mean,
    /// The sum over tokens.
    Sum,
}

/// What is read at a time, and what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extraction {
    /// Tokens of a window, special ones included.
    pub context: usize,
    /// How the vectors of a word's tokens become one.
    pub pooling: Pooling,
    /// Which layers; all when absent.
    pub layers: Option<Vec<LayerIndex>>,
}

/// Reads a stimulus with a language model: one vector per word and layer.
///
/// A text longer than a window is read in windows that advance by half of one. In a causal language model a token's
/// vector comes from the first window that holds it, so it has at least half a window of context (or all there is) and
/// never depends on a later word. In an encoder it comes from the window in which it lies most centrally.
///
/// # Shapes
/// Returns one (n_words, width) matrix per layer, ascending; layer k is `hidden_states[k]` of transformers.
///
/// # Errors
/// - [`ModelError::Word`] if a word is not recovered by its tokens,
/// - [`ModelError::Context`] if the window is shorter than two tokens and the special ones, or than the longest word,
///   or longer than the limit,
/// - [`ModelError::Layer`] if a layer is not there,
/// - [`ModelError::NonFinite`] if a layer computes NaN or infinity.
pub fn extract(
    language_model: &LanguageModel,
    stimulus: &Stimulus,
    extraction: &Extraction,
    pool: &ThreadPool,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Vec<Activations>, ModelError> {
    let layers = wanted_layers(language_model, extraction)?;
    let tokens = language_model.words.encode(stimulus.words())?;
    let window = Window::new(language_model, extraction, &tokens)?;
    let mut vectors: Vec<Array2<f32>> =
        layers.iter().map(|_| Array2::zeros((tokens.ids.len(), language_model.width()))).collect();
    let mut start = 0;
    while start < tokens.ids.len() {
        let end = (start + window.room).min(tokens.ids.len());
        let states = language_model.hidden_states(&window.ids(&tokens.ids[start..end]), pool)?;
        let fresh = if start == 0 { 0 } else { window.fresh };
        let first = window.prefix.len() + fresh;
        for (vectors, layer) in vectors.iter_mut().zip(&layers) {
            let rows = states[layer.0].slice(s![first..window.prefix.len() + end - start, ..]);
            vectors.slice_mut(s![start + fresh..end, ..]).assign(&rows);
        }
        progress(end as f64 / tokens.ids.len() as f64);
        if end == tokens.ids.len() {
            break;
        }
        start += window.advance;
    }
    let pooled = |(layer, vectors): (&LayerIndex, &Array2<f32>)| Activations {
        layer: *layer,
        values: pool_words(vectors, &tokens, extraction.pooling),
    };
    Ok(layers.iter().zip(&vectors).map(pooled).collect())
}

fn wanted_layers(
    language_model: &LanguageModel,
    extraction: &Extraction,
) -> Result<Vec<LayerIndex>, ModelError> {
    let last = language_model.n_layers() - 1;
    let mut layers = extraction.layers.clone().unwrap_or_else(|| (0..=last).map(LayerIndex).collect());
    layers.sort_unstable();
    layers.dedup();
    match layers.iter().find(|layer| layer.0 > last) {
        Some(layer) => Err(ModelError::Layer { found: layer.0, last }),
        None => Ok(layers),
    }
}

/// How windows lie over the tokens of a text.
struct Window {
    prefix: Vec<u32>,
    suffix: Vec<u32>,
    /// Tokens of the text per window.
    room: usize,
    /// Tokens by which the next window starts later.
    advance: usize,
    /// Tokens at the start of a later window that keep their vectors from the window before.
    fresh: usize,
}

impl Window {
    fn new(
        language_model: &LanguageModel,
        extraction: &Extraction,
        tokens: &Tokens,
    ) -> Result<Self, ModelError> {
        let words = &language_model.words;
        let special = words.prefix.len() + words.suffix.len();
        let longest = tokens.words.iter().map(std::ops::Range::len).max().unwrap_or(1);
        let (least, most) = (special + (2 * longest).max(2), language_model.context_limit());
        if !(least..=most).contains(&extraction.context) {
            return Err(ModelError::Context { found: extraction.context, least, most });
        }
        let room = extraction.context - special;
        let advance = room / 2;
        let fresh = if language_model.is_causal() { room - advance } else { (room - advance) / 2 };
        Ok(Self { prefix: words.prefix.clone(), suffix: words.suffix.clone(), room, advance, fresh })
    }

    fn ids(&self, text: &[u32]) -> Vec<u32> {
        self.prefix.iter().chain(text).chain(&self.suffix).copied().collect()
    }
}

fn pool_words(vectors: &Array2<f32>, tokens: &Tokens, pooling: Pooling) -> Array2<f32> {
    let mut pooled = Array2::zeros((tokens.words.len(), vectors.ncols()));
    for (word, mut out) in tokens.words.iter().zip(pooled.rows_mut()) {
        if pooling == Pooling::Last {
            out.assign(&vectors.row(word.end - 1));
            continue;
        }
        for token in word.clone() {
            out += &vectors.row(token);
        }
        if pooling == Pooling::Mean {
            out /= word.len() as f32;
        }
    }
    pooled
}
