//! A stimulus read from start to end: windows of tokens, hidden states, one vector per word.

use std::ops::Range;

use gyrus_core::{Activations, LayerIndex, Stimulus, Word};
use ndarray::{Array2, ArrayView2, s};
use rayon::ThreadPool;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::pool::Pool;
use crate::stack::Layers;
use crate::tokenizer::Tokens;
use crate::transformer::Plan;
use crate::windows::{self, History, Scramble, Span};
use crate::{LanguageModel, ModelError, Site};

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
    /// Which sites are these layers.
    pub sites: Layers,
    /// With how much history a word is read.
    pub history: History,
    /// Whether that history is put in another order.
    pub scramble: Option<Scramble>,
}

impl Extraction {
    /// All layers at the last token of each word, with windows of `context` tokens.
    #[must_use]
    pub fn new(context: usize) -> Self {
        Self {
            context,
            pooling: Pooling::Last,
            layers: None,
            sites: Layers::default(),
            history: History::Half,
            scramble: None,
        }
    }
}

/// Tokens that are worked on at a time when windows are short.
const TOKENS: usize = 1024;

/// Vectors of words that follow one another, of one layer.
#[derive(Debug)]
pub struct WordVectors<'a> {
    /// The layer.
    pub layer: LayerIndex,
    /// Indices of the words.
    pub words: Range<usize>,
    /// Shape (n_words, width).
    pub values: ArrayView2<'a, f32>,
}

/// Reads a stimulus with a language model: one vector per word and layer.
///
/// A text longer than a window is read in several, by default advancing by half of one. In a causal language model a
/// token's vector comes from the first window that holds it, so it has at least half a window of context (or all there
/// is) and never depends on a later word. In an encoder it comes from the window in which it lies most centrally. Where
/// history is exact, counted in words or sentences, or scrambled, a window ends with the word whose vector it gives.
///
/// # Shapes
/// Returns one (n_words, width) matrix per layer, ascending; layer k is `hidden_states[k]` of transformers, unless
/// other sites are asked for.
///
/// # Errors
/// - as [`extract_to`].
pub fn extract(
    language_model: &LanguageModel,
    stimulus: &Stimulus,
    extraction: &Extraction,
    pool: &ThreadPool,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Vec<Activations>, ModelError> {
    let n_words = stimulus.words().len();
    let empty = |(layer, width)| Activations { layer, values: Array2::zeros((n_words, width)) };
    let mut all: Vec<Activations> =
        layer_widths(language_model, extraction)?.into_iter().map(empty).collect();
    let mut take = |vectors: WordVectors<'_>| {
        if let Some(activations) = all.iter_mut().find(|activations| activations.layer == vectors.layer) {
            activations.values.slice_mut(s![vectors.words, ..]).assign(&vectors.values);
        }
        Ok::<(), ModelError>(())
    };
    extract_to(language_model, stimulus, extraction, (pool, progress), &mut take)?;
    Ok(all)
}

/// The same without holding more than a few windows: `take` is handed vectors as their words are finished, each word once
/// per layer, in the order of the text.
///
/// # Errors
/// - [`ModelError::Word`] if a word is not recovered by its tokens,
/// - [`ModelError::Context`] if the window is shorter than two tokens and the special ones, or than the longest word,
///   or longer than the limit, or does not hold the history,
/// - [`ModelError::Sentences`] if history is counted in sentences and the text has no marks that end them,
/// - [`ModelError::Layer`] if a layer is not there,
/// - [`ModelError::NonFinite`] if a layer computes NaN or infinity,
/// - whatever `take` returns.
pub fn extract_to<E: From<ModelError>>(
    language_model: &LanguageModel,
    stimulus: &Stimulus,
    extraction: &Extraction,
    (pool, progress): (&ThreadPool, &(dyn Fn(f64) + Sync)),
    take: &mut dyn FnMut(WordVectors<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let (layers, sites) = wanted_layers(language_model, extraction)?;
    let tokens = language_model.words.encode(stimulus.words())?;
    let spans = windows::spans(language_model, extraction, &tokens, stimulus.words())?;
    let plan = Plan::together(extraction.context);
    let text = Text { tokens: &tokens, words: stimulus.words(), scramble: extraction.scramble };
    let reader = Reader { language_model, sites: &sites, plan, pool, text };
    let mut words = Pool::new(&tokens, extraction.pooling, sites.len());
    for group in spans.chunks(side_by_side(extraction.context)) {
        for (span, states) in group.iter().zip(reader.read(group)?) {
            let (finished, vectors) = words.take(&span.kept, &states);
            for (layer, values) in layers.iter().zip(&vectors) {
                take(WordVectors { layer: *layer, words: finished.clone(), values: values.view() })?;
            }
            progress(span.kept.end as f64 / tokens.ids.len() as f64);
        }
    }
    Ok(())
}

/// The layers that are read, ascending, each with the number of its units.
///
/// # Errors
/// - [`ModelError::Layer`] if a layer is not there.
pub fn layer_widths(
    language_model: &LanguageModel,
    extraction: &Extraction,
) -> Result<Vec<(LayerIndex, usize)>, ModelError> {
    let (layers, sites) = wanted_layers(language_model, extraction)?;
    Ok(layers.into_iter().zip(sites.iter().map(|site| language_model.width_at(*site))).collect())
}

/// Whether a stimulus can be read so: its words become tokens, and a window holds the history that each of them is given. The number
/// of the tokens, with the special ones of a window. Nothing is computed.
///
/// # Errors
/// - as [`extract`], the last two apart.
pub fn readable(
    language_model: &LanguageModel,
    stimulus: &Stimulus,
    extraction: &Extraction,
) -> Result<usize, ModelError> {
    let tokens = language_model.words.encode(stimulus.words())?;
    let spans = windows::spans(language_model, extraction, &tokens, stimulus.words())?;
    // An order that cannot be made for the first word can be made for none.
    let text = (stimulus.words(), extraction.scramble);
    if let Some(span) = spans.first() {
        windows::order(span, &tokens, text)?;
    }
    let (before, behind) = language_model.special_tokens();
    Ok(before.len() + tokens.ids.len() + behind.len())
}

/// How many windows are read at once.
pub(crate) fn side_by_side(window_tokens: usize) -> usize {
    (TOKENS / window_tokens.max(1)).max(1)
}

pub(crate) struct Reader<'a> {
    pub language_model: &'a LanguageModel,
    pub sites: &'a [Site],
    pub plan: Plan,
    pub pool: &'a ThreadPool,
    pub text: Text<'a>,
}

pub(crate) struct Text<'a> {
    pub tokens: &'a Tokens,
    pub words: &'a [Word],
    pub scramble: Option<Scramble>,
}

impl Reader<'_> {
    /// The vectors of the tokens that each span keeps, one matrix per site.
    fn read(&self, spans: &[Span]) -> Result<Vec<Vec<Array2<f32>>>, ModelError> {
        let ids = || spans.par_iter().map(|span| self.ids(span)).collect::<Result<Vec<_>, ModelError>>();
        let windows = self.pool.install(ids)?;
        let windows: Vec<&[u32]> = windows.iter().map(Vec::as_slice).collect();
        let read = self.language_model.read(&windows, self.sites, self.plan, self.pool)?;
        let kept = |(span, states): (&Span, Vec<Array2<f32>>)| {
            let first = self.language_model.words.prefix.len() + span.kept.start - span.seen.start;
            let rows = first..first + span.kept.len();
            states.into_iter().map(|state| state.slice(s![rows.clone(), ..]).to_owned()).collect()
        };
        Ok(spans.iter().zip(read).map(kept).collect())
    }

    /// The vectors of all tokens that a span reads, special ones included.
    pub(crate) fn window(&self, span: &Span) -> Result<Vec<Array2<f32>>, ModelError> {
        let ids = self.ids(span)?;
        Ok(self.language_model.read(&[&ids], self.sites, self.plan, self.pool)?.remove(0))
    }

    /// The tokens that a span reads, special ones included.
    fn ids(&self, span: &Span) -> Result<Vec<u32>, ModelError> {
        let (words, text) = (&self.language_model.words, &self.text);
        let order = windows::order(span, text.tokens, (text.words, text.scramble))?;
        let ids = order.iter().map(|token| &text.tokens.ids[*token]);
        Ok(words.prefix.iter().chain(ids).chain(&words.suffix).copied().collect())
    }
}

fn wanted_layers(
    language_model: &LanguageModel,
    extraction: &Extraction,
) -> Result<(Vec<LayerIndex>, Vec<Site>), ModelError> {
    let all = || (0..language_model.n_layers()).map(LayerIndex).collect();
    let mut layers = extraction.layers.clone().unwrap_or_else(all);
    layers.sort_unstable();
    layers.dedup();
    let site = |layer: &LayerIndex| extraction.sites.site(language_model, *layer);
    let sites = layers.iter().map(site).collect::<Result<_, _>>()?;
    Ok((layers, sites))
}
