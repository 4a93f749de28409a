//! How unexpected every word was to a causal language model, and how open what came next.

use gyrus_core::Stimulus;
use ndarray::{Array2, Axis, s};
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::extract::{Reader, Text};
use crate::head::{Head, ROWS};
use crate::transformer::Plan;
use crate::windows::{self, Span};
use crate::{Extraction, LanguageModel, ModelError, Site};

/// What a language model expected in a word's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// −log₂ p(word | history) in bits, summed over its tokens; none where nothing stands before it.
    pub surprisal: Option<f64>,
    /// −Σ p log₂ p in bits over all tokens that its first one might have been; none where nothing stands before it.
    pub entropy: Option<f64>,
}

/// Reads a stimulus and says of every word how unexpected it was, with the history that `extraction` gives it.
///
/// # Shapes
/// Returns one prediction per word.
///
/// # Errors
/// - [`ModelError::NoPrediction`] if the language model is an encoder, which sees the word itself,
/// - as [`extract`](crate::extract), and as [`LanguageModel::open`] for the weights of the head.
pub fn predictions(
    language_model: &LanguageModel,
    stimulus: &Stimulus,
    extraction: &Extraction,
    pool: &ThreadPool,
) -> Result<Vec<Prediction>, ModelError> {
    if !language_model.is_causal() {
        return Err(ModelError::NoPrediction { family: language_model.family().to_owned() });
    }
    let head = language_model.head()?;
    let tokens = language_model.tokenize(stimulus)?;
    let spans = windows::spans(language_model, extraction, &tokens, stimulus.words())?;
    let text = Text { tokens: &tokens, words: stimulus.words(), scramble: extraction.scramble };
    let plan = Plan::new(extraction.context);
    let reader = Reader { language_model, sites: &[Site::FinalNorm], plan, pool, text };
    let mut bits: Vec<Option<(f64, f64)>> = vec![None; tokens.ids.len()];
    for span in &spans {
        let (first, states) = before(&reader, span)?;
        let found =
            judge(&head, language_model.embedding(), (&states, &tokens.ids[first..span.kept.end]), pool);
        for (token, found) in (first..span.kept.end).zip(found) {
            bits[token] = Some(found);
        }
    }
    let word = |word: &std::ops::Range<usize>| Prediction {
        surprisal: bits[word.clone()].iter().map(|bits| bits.map(|bits| bits.0)).sum(),
        entropy: bits[word.start].map(|bits| bits.1),
    };
    Ok(tokens.words.iter().map(word).collect())
}

/// The last hidden states of the tokens before those that a span keeps, and the first token that has one before it.
fn before(reader: &Reader<'_>, span: &Span) -> Result<(usize, Array2<f32>), ModelError> {
    let prefix = reader.language_model.special_tokens().0.len();
    let states = reader.window(span)?.remove(0);
    let row = prefix + span.kept.start - span.seen.start;
    let skipped = usize::from(row == 0);
    let rows = row + skipped - 1..row + span.kept.len() - 1;
    Ok((span.kept.start + skipped, states.slice(s![rows, ..]).to_owned()))
}

/// Surprisal of each token and entropy of what was expected, from the hidden states before them.
fn judge(
    head: &Head,
    embedding: &[f32],
    (states, ids): (&Array2<f32>, &[u32]),
    pool: &ThreadPool,
) -> Vec<(f64, f64)> {
    let pieces: Vec<_> = states.axis_chunks_iter(Axis(0), ROWS).zip(ids.chunks(ROWS)).collect();
    let piece = |(states, ids): (ndarray::ArrayView2<'_, f32>, &[u32])| -> Vec<(f64, f64)> {
        let mut rows: Vec<f32> = states.iter().copied().collect();
        rows.resize(ROWS * states.ncols(), 0.0);
        let scores = head.scores(&rows, embedding);
        let of_row = |(scores, id): (&[f32], &u32)| bits(scores, *id as usize);
        scores.chunks_exact(scores.len() / ROWS).zip(ids).map(of_row).collect()
    };
    pool.install(|| pieces.into_par_iter().flat_map_iter(piece).collect())
}

/// −log₂ softmax(scores) at a token, and the entropy of softmax(scores), in bits.
fn bits(scores: &[f32], id: usize) -> (f64, f64) {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weighed) = (0.0, 0.0);
    for score in scores {
        let above = f64::from(score - top);
        let share = libm::exp(above);
        sum += share;
        weighed += share * above;
    }
    let log = libm::log(sum);
    let surprisal = log - f64::from(scores[id] - top);
    (surprisal / std::f64::consts::LN_2, (log - weighed / sum) / std::f64::consts::LN_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_equal_tokens_are_two_bits() {
        let (surprisal, entropy) = bits(&[1.0; 4], 2);
        assert!((surprisal - 2.0).abs() < 1e-12 && (entropy - 2.0).abs() < 1e-12);
        // p = 1/2, 1/4, 1/4.
        let scores = [2.0_f32.ln(), 0.0, 0.0];
        let (surprisal, entropy) = bits(&scores, 0);
        assert!((surprisal - 1.0).abs() < 1e-6 && (entropy - 1.5).abs() < 1e-6);
    }
}
