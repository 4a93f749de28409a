//! From one vector per word to features on the sampling grid, on the clock of the stimulus.

mod baseline;
mod bins;
mod centring;
mod delays;
mod hrf;
mod lanczos;
mod series;

pub use baseline::{
    FrequencyTable, LogFrequency, log_frequency, position, speech_on, speech_onset, word_length, word_rate,
};
pub use centring::WordMean;
pub use hrf::glover;
pub use lanczos::lanczos;
pub use series::{Series, series};

use gyrus_core::{Sampling, Seconds, Word};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::EncodingError;
use delays::Grid;

/// How the words around a sample become its features. Every method is linear in the word vectors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Method {
    /// Sum over the words whose onset lies in the sample's repetition time.
    Sum,
    /// Mean over those words; 0 where there is none.
    Mean,
    /// The last of those words; 0 where there is none.
    Last,
    /// Lanczos window of `lobes` lobes at the words' mid times, sampled at the middle of the repetition time.
    Lanczos {
        /// Repetition times on each side; 3 is usual.
        lobes: u8,
    },
    /// Glover's haemodynamic response to an impulse at each onset, sampled at the start of the repetition time.
    Hrf,
}

/// How and with which delays word vectors are aligned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// How words become features.
    pub method: Method,
    /// Delays of the features behind the stimulus.
    pub delays: Vec<Seconds>,
    /// Whether the mean vector of the training words is taken away before words are added up.
    pub centre: bool,
}

/// Features of one run (or of several, stacked) and what is needed to centre them on any set of words.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    /// Shape (n_samples, n_delays · n_units), delay-major: all units of the first delay come first.
    pub values: Array2<f32>,
    /// The same alignment of a vector of ones, shape (n_samples, n_delays): with [`Method::Sum`] the word rate.
    pub ones: Array2<f32>,
}

/// Aligns one vector per word with the samples of one run.
///
/// A sample at stimulus time t (the start of its repetition time TR) and a delay d sees the words around
/// t − d, heard before the first sample or not:
///
///   sum, mean, last:  onset in \[t − d, t − d + TR)
///   lanczos:          Σ L((t + TR/2 − d − mid) / TR) · v, not renormalised
///   hrf:              Σ TR · h(t − d − onset) · v
///
/// Words without an onset are skipped. A repetition time without words is 0. Each run is aligned by itself,
/// so no delay crosses from one run into another.
///
/// # Shapes
/// | name    | shape                          | unit             |
/// |---------|--------------------------------|------------------|
/// | vectors | (n_words, n_units)             | any              |
/// | returns | (n_samples, n_delays · n_units) | that of a vector |
///
/// # Numerics
/// Sums run in f64 over words in the order of their times. An onset within 10⁻⁶ TR of a border counts as on it.
///
/// # Errors
/// - [`EncodingError::WordMismatch`] if there is not one vector per word,
/// - [`EncodingError::NonFiniteVector`] if the vector of a timed word holds NaN or infinity,
/// - [`EncodingError::NoDelay`] if `alignment` has no delay,
/// - [`EncodingError::NoLobe`] if a Lanczos window has no lobe.
pub fn features(
    vectors: ArrayView2<f32>,
    words: &[Word],
    sampling: &Sampling,
    alignment: &Alignment,
) -> Result<Aligned, EncodingError> {
    check(vectors, words, alignment)?;
    let repetition = sampling.interval.get();
    let timed = Timed::new(words, alignment.method);
    let grid = Grid::new(sampling, &alignment.delays);
    let units = vectors.ncols();
    let mut aligned = Aligned {
        values: Array2::zeros((sampling.count, alignment.delays.len() * units)),
        ones: Array2::zeros((sampling.count, alignment.delays.len())),
    };
    let mut row = vec![0.0_f64; units];
    for moment in grid.moments() {
        let weights = timed.weights(moment.time, repetition);
        let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
        add_up(&mut row, vectors, &weights);
        for &(sample, delay) in &moment.cells {
            aligned.ones[(sample, delay)] = total as f32;
            for (unit, value) in row.iter().enumerate() {
                aligned.values[(sample, delay * units + unit)] = *value as f32;
            }
        }
    }
    Ok(aligned)
}

fn check(vectors: ArrayView2<f32>, words: &[Word], alignment: &Alignment) -> Result<(), EncodingError> {
    if vectors.nrows() != words.len() {
        return Err(EncodingError::WordMismatch { vectors: vectors.nrows(), words: words.len() });
    }
    if alignment.delays.is_empty() {
        return Err(EncodingError::NoDelay);
    }
    if alignment.method == (Method::Lanczos { lobes: 0 }) {
        return Err(EncodingError::NoLobe);
    }
    let is_bad = |index: &usize| {
        words[*index].onset.is_some() && vectors.row(*index).iter().any(|value| !value.is_finite())
    };
    match (0..words.len()).find(is_bad) {
        Some(index) => Err(EncodingError::NonFiniteVector { index, text: words[index].text.clone() }),
        None => Ok(()),
    }
}

fn add_up(row: &mut [f64], vectors: ArrayView2<f32>, weights: &[(usize, f64)]) {
    row.fill(0.0);
    for (word, weight) in weights {
        for (sum, value) in row.iter_mut().zip(vectors.row(*word)) {
            *sum += weight * f64::from(*value);
        }
    }
}

/// The words that have a time, sorted by the time that a method goes by.
struct Timed {
    method: Method,
    words: Vec<(f64, usize)>,
}

impl Timed {
    fn new(words: &[Word], method: Method) -> Self {
        let time = |word: &Word| {
            let onset = word.onset?.get();
            let mid = || word.offset.map_or(onset, |offset| f64::midpoint(onset, offset.get()));
            Some(if matches!(method, Method::Lanczos { .. }) { mid() } else { onset })
        };
        let mut words: Vec<_> =
            words.iter().enumerate().filter_map(|(index, word)| Some((time(word)?, index))).collect();
        words.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { method, words }
    }

    /// Words that a sample at `time` sees and what each counts.
    fn weights(&self, time: f64, repetition: f64) -> Vec<(usize, f64)> {
        let words = &self.words;
        match self.method {
            Method::Sum => bins::sum(words, time, repetition),
            Method::Mean => bins::mean(words, time, repetition),
            Method::Last => bins::last(words, time, repetition),
            Method::Lanczos { lobes } => lanczos::weights(words, time, repetition, lobes),
            Method::Hrf => hrf::weights(words, time, repetition),
        }
    }
}
