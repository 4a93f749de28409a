//! What is said of a word without a language model: rate, length, frequency, speech and position.

use std::collections::BTreeMap;

use gyrus_core::{Sampling, Seconds, Word};
use ndarray::Array2;

/// One for every word, shape (n_words, 1): aligned with [`Method::Sum`](super::Method::Sum), the word rate.
#[must_use]
pub fn word_rate(words: &[Word]) -> Array2<f32> {
    Array2::ones((words.len(), 1))
}

/// Letters and digits of every word, shape (n_words, 1).
#[must_use]
pub fn word_length(words: &[Word]) -> Array2<f32> {
    column(words, |word| word.text.chars().filter(|letter| letter.is_alphanumeric()).count() as f32)
}

/// One for every word that follows at least `pause` of silence, or nothing; 0 for others. Shape (n_words, 1).
///
/// A word without an offset is taken to last until the next one starts.
#[must_use]
pub fn speech_onset(words: &[Word], pause: Seconds) -> Array2<f32> {
    let mut silent_since = f64::NEG_INFINITY;
    column(words, |word| {
        let Some(onset) = word.onset.map(Seconds::get) else { return 0.0 };
        let follows = onset - silent_since >= pause.get();
        silent_since = word.offset.map_or(f64::INFINITY, Seconds::get);
        if follows { 1.0 } else { 0.0 }
    })
}

/// Counts of words in a language, by lower-case word.
#[derive(Debug, Clone, Default)]
pub struct FrequencyTable {
    counts: BTreeMap<String, f64>,
    smallest: f64,
}

impl FrequencyTable {
    /// A table from words and their counts (or any positive measure of frequency). Counts that are not
    /// positive and finite are left out; of a word that stands twice, counts are added.
    pub fn new<'a>(entries: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let mut counts = BTreeMap::new();
        for (word, count) in entries {
            if count > 0.0 && count.is_finite() {
                *counts.entry(word.to_lowercase()).or_insert(0.0) += count;
            }
        }
        let smallest = counts.values().copied().fold(f64::INFINITY, f64::min);
        Self { counts, smallest }
    }

    /// Number of words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether it holds no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    fn count(&self, word: &str) -> Option<f64> {
        let lower = word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
        let stem = || lower.split(['\'', '’']).next().unwrap_or_default();
        self.counts.get(&lower).or_else(|| self.counts.get(stem())).copied()
    }
}

/// Log frequency of every word, and which words the table does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct LogFrequency {
    /// Natural logarithm of the count, shape (n_words, 1).
    pub values: Array2<f32>,
    /// Indices of words that are not in the table.
    pub absent: Vec<usize>,
    /// The value that stands for them: that of half the smallest count in the table.
    pub absent_value: f64,
}

/// Natural logarithm of every word's count.
///
/// A word is looked up in lower case without punctuation around it; if it is not there, the part before its
/// first apostrophe is. A word that the table does not know gets the logarithm of half the smallest count.
/// An empty table gives 0 for every word.
#[must_use]
pub fn log_frequency(words: &[Word], table: &FrequencyTable) -> LogFrequency {
    let absent_value = if table.is_empty() { 0.0 } else { libm::log(table.smallest / 2.0) };
    let counts: Vec<Option<f64>> = words.iter().map(|word| table.count(&word.text)).collect();
    let absent = (0..words.len()).filter(|index| counts[*index].is_none()).collect();
    let logs = counts.into_iter().map(|count| count.map_or(absent_value, libm::log) as f32).collect();
    let values = Array2::from_shape_vec((words.len(), 1), logs).unwrap_or_default();
    LogFrequency { values, absent, absent_value }
}

/// Fraction of each repetition time [t − d, t − d + TR) in which some word is heard, shape
/// (n_samples, n_delays). Words without both times are skipped.
#[must_use]
pub fn speech_on(words: &[Word], sampling: &Sampling, delays: &[Seconds]) -> Array2<f32> {
    let spans = merged_spans(words);
    let repetition = sampling.interval.get();
    Array2::from_shape_fn((sampling.count, delays.len()), |(sample, delay)| {
        let from = sampling.time(sample) - delays[delay].get();
        let first = spans.partition_point(|span| span.1 <= from);
        let touched = spans[first..].iter().take_while(|span| span.0 < from + repetition);
        let covered: f64 = touched.map(|span| span.1.min(from + repetition) - span.0.max(from)).sum();
        (covered / repetition) as f32
    })
}

/// Place within the run from −1 (first sample) to 1 (last), shape (n_samples, 1).
#[must_use]
pub fn position(n_samples: usize) -> Array2<f32> {
    let last = n_samples.saturating_sub(1).max(1) as f64;
    Array2::from_shape_fn((n_samples, 1), |(sample, _)| (2.0 * sample as f64 / last - 1.0) as f32)
}

fn column(words: &[Word], value: impl FnMut(&Word) -> f32) -> Array2<f32> {
    let values = words.iter().map(value).collect();
    Array2::from_shape_vec((words.len(), 1), values).unwrap_or_default()
}

fn merged_spans(words: &[Word]) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> =
        words.iter().filter_map(|word| Some((word.onset?.get(), word.offset?.get()))).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for (onset, offset) in spans {
        match merged.last_mut() {
            Some(last) if onset <= last.1 => last.1 = last.1.max(offset),
            _ if offset > onset => merged.push((onset, offset)),
            _ => {}
        }
    }
    merged
}
